package ews_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// A success that lacks what makes it one names the call by which the server's
// admin finds it, and of a write it is an unknown outcome: it took effect, and
// must not be made again.
func TestAnswersThatLackSomething(t *testing.T) {
	for name, each := range map[string]struct {
		do    func(m *ews.Mailbox) error
		write bool
	}{
		"GetItem": {func(m *ews.Mailbox) error { _, err := m.Message(t.Context(), "AAMkOne="); return err }, false},
		"MIME":    {func(m *ews.Mailbox) error { return m.MIME(t.Context(), "AAMkOne=", io.Discard) }, false},
		"FindItem": {func(m *ews.Mailbox) error {
			for _, err := range m.Messages(t.Context(), mailbox.Query{}) {
				return err
			}
			return nil
		}, false},
		"FindFolder":      {func(m *ews.Mailbox) error { _, err := m.Folders(t.Context()); return err }, false},
		"GetAttachment":   {func(m *ews.Mailbox) error { _, err := m.Attachment(t.Context(), "AAMkAtt=", io.Discard); return err }, false},
		"SyncFolderItems": {func(m *ews.Mailbox) error { _, err := m.SyncFolderItems(t.Context(), ews.SyncItems{}); return err }, false},
		"CreateItem":      {func(m *ews.Mailbox) error { _, err := m.SaveDraft(t.Context(), mailbox.Outgoing{}); return err }, true},
		"CreateItem of an event": {func(m *ews.Mailbox) error {
			_, err := m.CreateEvent(t.Context(), mailbox.NewEvent{Subject: "x", Start: time.Unix(0, 0), End: time.Unix(3600, 0)})
			return err
		}, true},
		"CreateAttachment": {func(m *ews.Mailbox) error { _, err := m.Attach(t.Context(), "AAMkOne=", file("a", "x")); return err }, true},
	} {
		s := newStub(t, func(w http.ResponseWriter, _ *http.Request, operation string) {
			respond(w, 200, success(operation, ""))
		})
		err := each.do(s.own())
		if !errors.Is(err, mailbox.ErrUnavailable) || errors.Is(err, mailbox.ErrOutcomeUnknown) != each.write {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, part := range []string{"lacks", "11111111-2222-3333-4444-555555555555", "EX01", "anna@contoso.example"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q is not in %v", name, part, err)
			}
		}
		if mailbox.RequestID(err) == "" || mailbox.Hint(err) == "" {
			t.Errorf("%s: request %q, hint %q", name, mailbox.RequestID(err), mailbox.Hint(err))
		}
		if len(s.taken()) != 1 {
			t.Errorf("%s: %s", name, s.operations())
		}
	}
	// So is an answer with another number of messages than was asked for.
	s := newStub(t, func(w http.ResponseWriter, _ *http.Request, operation string) {
		respond(w, 200, envelope("<m:"+operation+"Response><m:ResponseMessages/></m:"+operation+"Response>"))
	})
	if _, err := s.own().SaveDraft(t.Context(), mailbox.Outgoing{}); !errors.Is(err, mailbox.ErrOutcomeUnknown) {
		t.Errorf("no message at all: %v", err)
	}
	if _, err := s.own().Message(t.Context(), "AAMkOne="); !errors.Is(err, mailbox.ErrUnavailable) || mailbox.Hint(err) == "" {
		t.Errorf("no message at all: %v", err)
	}
}
