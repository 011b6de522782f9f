package ews_test

import (
	"testing"

	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/envelopes"
)

// keepEnvelopes keeps what is sent and answered, to be held against Exchange's
// schema.
func keepEnvelopes(t *testing.T) func(simulator.Recorded) {
	kept := envelopes.OfTest(t)
	return func(r simulator.Recorded) {
		if !r.Spoilt {
			kept.Exchange(t.Name(), r.Operation, r.Request, r.Response)
		}
	}
}
