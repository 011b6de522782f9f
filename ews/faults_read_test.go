package ews_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/soap"
)

// typed fails the test where an error of the network is not what callers are
// promised: an *ews.Error over one of package soap, a sentinel, a request id and
// advice.
func typed(t *testing.T, what string, err error) {
	t.Helper()
	var (
		e         *ews.Error
		transport *soap.TransportError
		response  *soap.ResponseError
		status    *soap.HTTPError
		notSOAP   *soap.NotSOAPError
	)
	switch {
	case !errors.As(err, &e):
		t.Errorf("%s: %T: %v", what, err, err)
	case errors.Is(err, context.DeadlineExceeded):
		t.Errorf("%s: it hung: %v", what, err)
	case !errors.As(err, &transport) && !errors.As(err, &response) && !errors.As(err, &status) && !errors.As(err, &notSOAP):
		t.Errorf("%s: it is none of package soap: %v", what, err)
	case !errors.Is(err, mailbox.ErrUnavailable):
		t.Errorf("%s: not unavailable: %v", what, err)
	case mailbox.RequestID(err) == "" || mailbox.Hint(err) == "":
		t.Errorf("%s: request %q, hint %q: %v", what, mailbox.RequestID(err), mailbox.Hint(err), err)
	}
}

// headEnd is behind the header and the first elements of an answer, in bytes.
const headEnd = 520

// cutPoints are places in an answer: those of its header and first elements, so
// far from each other, then some more.
func cutPoints(step int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for n := 0; yield(n); {
			if n += step; n > headEnd {
				n += 367
			}
		}
	}
}

// read is a call that changes nothing. It returns what can be compared.
type read struct {
	operation string
	do        func(ctx context.Context, m *ews.Mailbox) (any, error)
}

// readings are reads of the four kinds that answers have.
func readings(t *testing.T, m *ews.Mailbox) []read {
	t.Helper()
	draft, err := m.SaveDraft(t.Context(), mailbox.Outgoing{
		Subject: "what is read", HTML: strings.Repeat("<p>Grüße &amp; more</p>", 100), To: to("ben@contoso.example"),
	})
	if err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat([]byte("0123456789abcdef"), 2000)
	attached, err := m.Attach(t.Context(), draft.ID, file("numbers.txt", string(content)))
	if err != nil {
		t.Fatal(err)
	}
	return []read{
		{"FindItem", func(ctx context.Context, m *ews.Mailbox) (any, error) {
			var list []mailbox.Message
			for msg, err := range m.Messages(ctx, mailbox.Query{}) {
				if err != nil {
					return nil, err
				}
				list = append(list, msg)
			}
			return list, nil
		}},
		{"GetItem", func(ctx context.Context, m *ews.Mailbox) (any, error) { return m.Message(ctx, draft.ID) }},
		{"SyncFolderItems", func(ctx context.Context, m *ews.Mailbox) (any, error) {
			changes, err := m.SyncFolderItems(ctx, ews.SyncItems{})
			return changes.Changes, err
		}},
		{"GetAttachment", func(ctx context.Context, m *ews.Mailbox) (any, error) {
			var b bytes.Buffer
			_, err := m.Attachment(ctx, attached.ID, &b)
			if !bytes.HasPrefix(content, b.Bytes()) {
				return nil, errors.New("what came is not the beginning of the file")
			}
			return b.String(), err
		}},
	}
}

// An answer that is cut anywhere is a typed error or, where nothing was missing,
// the whole result; never a part of it, never a wait.
func TestReadsCutAnywhere(t *testing.T) {
	for _, each := range []struct {
		how    breakage
		zipped bool
	}{{byReset, false}, {byEnd, false}, {byEnd, true}} {
		t.Run(fmt.Sprintf("%v zipped %v", each.how, each.zipped), func(t *testing.T) {
			t.Parallel()
			s := newSpoilt(t)
			s.zipped = each.zipped
			m := s.through("anna@contoso.example", nil)
			for i, r := range readings(t, m) {
				whole, err := r.do(t.Context(), m)
				if err != nil {
					t.Fatal(err)
				}
				// The header is much the same whatever is read.
				step, failed := 1, 0
				if i > 0 || each.zipped {
					step = 7
				}
				for n := range cutPoints(step) {
					what := fmt.Sprintf("%s cut at %d", r.operation, n)
					ctx, cancel := context.WithTimeout(t.Context(), limit)
					s.spoil(r.operation, n, each.how)
					got, err := r.do(ctx, m)
					cancel()
					fired := s.relent()
					switch {
					case err != nil:
						failed++
						typed(t, what, err)
					case !reflect.DeepEqual(got, whole):
						t.Errorf("%s: a part was taken for the whole", what)
					}
					if !fired || t.Failed() {
						if n < headEnd {
							t.Errorf("the answer ended at %d", n)
						}
						break
					}
				}
				if failed < headEnd/step {
					t.Errorf("%s: %d cuts did harm", r.operation, failed)
				}
			}
		})
	}
}

// With a budget a read that was cut is made again, except where content went to
// a writer already.
func TestReadsCutAreMadeAgain(t *testing.T) {
	s := newSpoilt(t)
	m := s.through("anna@contoso.example", &ews.Options{Budget: impatient()})
	for i, r := range readings(t, m) {
		whole, err := r.do(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < 5000; n += 97 {
			how := []breakage{byReset, byEnd}[(n+i)%2]
			what := fmt.Sprintf("%s cut at %d by %v", r.operation, n, how)
			s.spoil(r.operation, n, how)
			got, err := r.do(t.Context(), m)
			s.relent()
			switch {
			case err != nil && r.operation == "GetAttachment" && n > 300:
				typed(t, what, err)
			case err != nil:
				t.Errorf("%s: %v", what, err)
			case !reflect.DeepEqual(got, whole):
				t.Errorf("%s: a part was taken for the whole", what)
			}
			if t.Failed() {
				return
			}
		}
	}
}

// An answer that comes byte by byte is a result.
func TestReadsDrip(t *testing.T) {
	s := newSpoilt(t)
	m := s.through("anna@contoso.example", nil)
	for _, r := range readings(t, m) {
		whole, err := r.do(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		s.proxy.mu.Lock()
		s.drip = true
		s.proxy.mu.Unlock()
		got, err := r.do(t.Context(), m)
		s.proxy.mu.Lock()
		s.drip = false
		s.proxy.mu.Unlock()
		if err != nil || !reflect.DeepEqual(got, whole) {
			t.Errorf("%s: %v", r.operation, err)
		}
	}
}
