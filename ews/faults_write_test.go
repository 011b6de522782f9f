package ews_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// written is what a write told of itself.
type written struct {
	what string
	sent mailbox.Sent
	err  error
}

// effects counts messages by subject.
func (s *spoilt) effects(m *ews.Mailbox, folder mailbox.FolderRef) map[string]int {
	s.t.Helper()
	n := map[string]int{}
	for _, msg := range s.list(m, mailbox.Query{Folder: folder}) {
		n[msg.Subject]++
	}
	return n
}

// judge holds what a write told against what it did: a success was done once, a
// refusal not at all, and of an unknown outcome nobody says more than once.
func (w written) judge(t *testing.T, done int) {
	t.Helper()
	unknown := errors.Is(w.err, mailbox.ErrOutcomeUnknown)
	if w.err != nil {
		typed(t, w.what, w.err)
	}
	switch {
	case done > 1:
		t.Errorf("%s: done %d times: %v", w.what, done, w.err)
	case w.err == nil && done != 1:
		t.Errorf("%s: a success that was done %d times", w.what, done)
	case w.err != nil && !unknown && done != 0:
		t.Errorf("%s: a failure that was done: %v", w.what, w.err)
	case unknown && w.sent.Outcome != mailbox.Unknown && w.sent != (mailbox.Sent{}):
		t.Errorf("%s: the outcome is unknown, and told as %q", w.what, w.sent.Outcome)
	}
}

// A connection that breaks in a write leaves a result, an error after which
// nothing was done, or an unknown outcome; never a double effect. The requests
// and the answers of all of its calls are cut, with a budget that repeats what
// it may and without.
func TestWritesCutAnywhere(t *testing.T) {
	const anna, ben = "anna@contoso.example", "ben@contoso.example"
	for _, each := range []struct {
		name     string
		how      breakage
		request  bool
		budget   bool
		operator string // whose answer is cut; "" for all
	}{
		{"CreateItem reset", byReset, false, false, "CreateItem"},
		{"CreateItem half-closed, with a budget", byEnd, false, true, "CreateItem"},
		{"SendItem reset", byReset, false, false, "SendItem"},
		{"SendItem half-closed, with a budget", byEnd, false, true, "SendItem"},
		{"any answer reset, with a budget", byReset, false, true, ""},
		{"any request reset", byReset, true, false, ""},
		{"any request half-closed, with a budget", byEnd, true, true, ""},
	} {
		t.Run(each.name, func(t *testing.T) {
			s := newSpoilt(t)
			var opts ews.Options
			if each.budget {
				opts.Budget = impatient()
			}
			m := s.through(anna, &opts)
			var drafts, sent []written
			for n := 0; ; n++ {
				switch {
				case each.operator == "" || n > 600:
					n += 22
				case each.budget:
					n += 4
				}
				cut := func() {
					if each.operator != "" {
						s.spoil(each.operator, n, each.how)
					} else {
						s.proxy.cut(each.request, n, each.how)
					}
				}
				fired := false
				if each.operator != "SendItem" {
					w := written{what: fmt.Sprintf("draft %d", n)}
					ctx, cancel := context.WithTimeout(t.Context(), limit)
					cut()
					w.sent, w.err = m.SaveDraft(ctx, mailbox.Outgoing{Subject: w.what, Text: "x", To: to(ben)})
					cancel()
					fired = s.relent()
					drafts = append(drafts, w)
				}
				if each.operator != "CreateItem" {
					w := written{what: fmt.Sprintf("send %d", n)}
					ctx, cancel := context.WithTimeout(t.Context(), limit)
					cut()
					w.sent, w.err = m.Send(ctx, mailbox.Outgoing{Subject: w.what, Text: "x", To: to(ben)})
					cancel()
					fired = s.relent() || fired
					sent = append(sent, w)
				}
				if !fired {
					break
				}
			}
			if n := len(drafts) + len(sent); n < 50 {
				t.Errorf("%d writes alone", n)
			}
			own := s.of(anna)
			kept := s.effects(own, mailbox.Drafts)
			got, copies := s.effects(s.of(ben), mailbox.Inbox), s.effects(own, mailbox.SentItems)
			unknown := 0
			for _, w := range append(drafts[:len(drafts):len(drafts)], sent...) {
				if errors.Is(w.err, mailbox.ErrOutcomeUnknown) {
					unknown++
				}
			}
			if each.operator != "" && unknown < 100 || unknown == 0 {
				t.Errorf("of %d and %d writes %d had an unknown outcome", len(drafts), len(sent), unknown)
			}
			for _, w := range drafts {
				w.judge(t, kept[w.what])
			}
			for _, w := range sent {
				w.judge(t, got[w.what])
				if copies[w.what] != got[w.what] {
					t.Errorf("%s: %d came, and %d copies were kept", w.what, got[w.what], copies[w.what])
				}
				if got[w.what] > 0 && kept[w.what] > 0 {
					t.Errorf("%s: it was sent, and its draft is there still", w.what)
				}
			}
		})
	}
}
