package ews_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/exconn/exconn/simulator"
)

// keepEnvelopes writes all envelopes to the folder that the environment variable
// EXCONN_TEST_ENVELOPES names, to be held against Exchange's schema.
func keepEnvelopes(t *testing.T) func(simulator.Recorded) {
	dir := os.Getenv("EXCONN_TEST_ENVELOPES")
	if dir == "" {
		return nil
	}
	var n atomic.Int32
	return func(r simulator.Recorded) {
		name := fmt.Sprintf("%s-%04d-%s", strings.ReplaceAll(t.Name(), "/", "-"), n.Add(1), r.Operation)
		for part, content := range map[string][]byte{"request": r.Request, "response": r.Response} {
			if err := os.WriteFile(filepath.Join(dir, name+"-"+part+".xml"), content, 0o600); err != nil {
				t.Error(err)
			}
		}
	}
}
