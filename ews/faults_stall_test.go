package ews_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/soap"
)

// A server that says nothing any more does not hold a call for longer than the
// client's bound: not before its answer, not in its header, not in its body.
func TestStallsEnd(t *testing.T) {
	s := newSpoilt(t)
	m := s.through("anna@contoso.example", &ews.Options{Stall: 20 * time.Millisecond})
	patient := s.through("anna@contoso.example", nil)
	for _, r := range readings(t, patient) {
		for _, n := range []int{0, 1, 50, 300, 900, 4000} {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			s.spoil(r.operation, n, byStall)
			_, err := r.do(ctx, m)
			cancel()
			var stalled *soap.StalledError
			if !s.relent() {
				continue // the answer is shorter
			}
			what := fmt.Sprintf("%s stalled at %d", r.operation, n)
			if !errors.As(err, &stalled) {
				t.Errorf("%s: %v", what, err)
			}
			typed(t, what, err)
		}
	}
}

// Of a write that stands still nobody knows the outcome.
func TestStalledSend(t *testing.T) {
	s := newSpoilt(t)
	m := s.through("anna@contoso.example", &ews.Options{Stall: 250 * time.Millisecond})
	s.spoil("SendItem", 0, byStall)
	sent, err := m.Send(t.Context(), mailbox.Outgoing{Subject: "stalled", To: to("ben@contoso.example")})
	if !s.relent() || !errors.Is(err, mailbox.ErrOutcomeUnknown) || sent.Outcome != mailbox.Unknown || sent.ID == "" || sent.InternetMessageID == "" {
		t.Errorf("%+v, %v", sent, err)
	}
	typed(t, "send", err)
	if n := s.count(s.of("ben@contoso.example"), mailbox.Inbox, "stalled"); n != 1 {
		t.Errorf("%d came", n)
	}
}
