package ews_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// reset breaks the connection after the request was read.
func reset(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

func TestSendOutcome(t *testing.T) {
	tests := []struct {
		name    string
		fails   string // the operation that fails
		how     func(w http.ResponseWriter)
		unknown bool
		is      error
		// operations are those that the server saw.
		operations string
	}{
		{
			name: "sent", operations: "CreateItem CreateAttachment CreateAttachment GetItem SendItem",
		},
		{
			name: "reset", fails: "SendItem", how: reset,
			unknown: true, is: mailbox.ErrUnavailable, operations: "CreateItem CreateAttachment CreateAttachment GetItem SendItem",
		},
		{
			name: "502", fails: "SendItem", how: func(w http.ResponseWriter) { plain(w, 502, "") },
			unknown: true, is: mailbox.ErrUnavailable, operations: "CreateItem CreateAttachment CreateAttachment GetItem SendItem",
		},
		{
			name: "504", fails: "SendItem", how: func(w http.ResponseWriter) { plain(w, 504, "") },
			unknown: true, is: mailbox.ErrUnavailable, operations: "CreateItem CreateAttachment CreateAttachment GetItem SendItem",
		},
		{
			name: "error page", fails: "SendItem", how: func(w http.ResponseWriter) { plain(w, 200, aspPage) },
			unknown: true, is: mailbox.ErrBusy, operations: "CreateItem CreateAttachment CreateAttachment GetItem SendItem",
		},
		{
			name: "truncated", fails: "SendItem", how: func(w http.ResponseWriter) { respond(w, 200, canned("SendItem")[:300]) },
			unknown: true, is: mailbox.ErrUnavailable, operations: "CreateItem CreateAttachment CreateAttachment GetItem SendItem",
		},
		{
			name: "internal error", fails: "SendItem", how: func(w http.ResponseWriter) {
				respond(w, 200, failure("SendItem", "ErrorInternalServerError", "", ""))
			},
			unknown: true, is: mailbox.ErrUnavailable, operations: "CreateItem CreateAttachment CreateAttachment GetItem SendItem",
		},
		{
			name: "busy", fails: "SendItem", how: func(w http.ResponseWriter) { plain(w, 503, "") },
			is: mailbox.ErrBusy, operations: "CreateItem CreateAttachment CreateAttachment GetItem SendItem DeleteItem",
		},
		{
			name: "busy by fault", fails: "SendItem", how: func(w http.ResponseWriter) { respond(w, 500, fault("ErrorServerBusy", "", backOff("1000"))) },
			is: mailbox.ErrBusy, operations: "CreateItem CreateAttachment CreateAttachment GetItem SendItem DeleteItem",
		},
		{
			name: "no right to send as", fails: "SendItem", how: func(w http.ResponseWriter) {
				respond(w, 200, failure("SendItem", "ErrorSendAsDenied", "", ""))
			},
			is: mailbox.ErrAccessDenied, operations: "CreateItem CreateAttachment CreateAttachment GetItem SendItem DeleteItem",
		},
		{
			name: "an attachment is refused", fails: "CreateAttachment", how: func(w http.ResponseWriter) {
				respond(w, 200, failure("CreateAttachment", "ErrorAttachmentSizeLimitExceeded", "", ""))
			},
			is: mailbox.ErrInvalid, operations: "CreateItem CreateAttachment DeleteItem",
		},
		{
			name: "reset before there is a draft", fails: "CreateItem", how: reset,
			is: mailbox.ErrUnavailable, operations: "CreateItem",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStub(t, func(w http.ResponseWriter, _ *http.Request, operation string) {
				if operation == tt.fails {
					tt.how(w)
					return
				}
				respond(w, 200, canned(operation))
			})
			sent, err := s.own().Send(t.Context(), everything())
			if got := s.operations(); got != tt.operations {
				t.Errorf("operations %q, want %q", got, tt.operations)
			}
			if tt.fails == "" {
				if err != nil {
					t.Fatal(err)
				}
				want := mailbox.Sent{ID: "AAMkDraft+/==", InternetMessageID: "<one@contoso.example>", ConversationID: "AAQkConv=", Outcome: mailbox.Confirmed, OperationID: "op-1"}
				if sent != want {
					t.Errorf("got %+v, want %+v", sent, want)
				}
				return
			}
			if errors.Is(err, mailbox.ErrOutcomeUnknown) != tt.unknown || !errors.Is(err, tt.is) {
				t.Errorf("got %v; outcome unknown: %t", err, errors.Is(err, mailbox.ErrOutcomeUnknown))
			}
			switch {
			case !tt.unknown:
				if sent != (mailbox.Sent{}) {
					t.Errorf("got %+v though nothing was sent", sent)
				}
			case sent.Outcome != mailbox.Unknown || sent.InternetMessageID == "" || sent.ID == "" || sent.OperationID != "op-1":
				t.Errorf("got %+v", sent)
			case !strings.Contains(mailbox.Hint(err), "do not repeat"):
				t.Errorf("hint %q", mailbox.Hint(err))
			}
		})
	}
}

// The draft is sent in the version that was read back, not in an older one.
func TestSendNamesTheVersion(t *testing.T) {
	s := newStub(t, nil)
	if _, err := s.own().Send(t.Context(), everything()); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.taken() {
		if r.operation == "SendItem" && !strings.Contains(r.body, `Id="AAMkDraft+/==" ChangeKey="CK2"`) {
			t.Errorf("sent\n%s", r.body)
		}
	}
}

func TestSendCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := newStub(t, func(w http.ResponseWriter, r *http.Request, operation string) {
		if operation == "SendItem" {
			cancel()
			<-r.Context().Done()
			return
		}
		respond(w, 200, canned(operation))
	})
	sent, err := s.own().Send(ctx, everything())
	if !errors.Is(err, context.Canceled) || !errors.Is(err, mailbox.ErrOutcomeUnknown) || sent.Outcome != mailbox.Unknown {
		t.Errorf("got %+v, %v", sent, err)
	}
}

func TestSendRefusesBadInput(t *testing.T) {
	ben := []mailbox.Person{{Address: "ben@contoso.example"}}
	tests := map[string]mailbox.Outgoing{
		"no recipient":             {Subject: "x"},
		"a name alone":             {To: []mailbox.Person{{Name: "Ben"}}},
		"a nameless attachment":    {To: ben, Attachments: []mailbox.Upload{file("", "x")}},
		"an attachment of nothing": {To: ben, Attachments: []mailbox.Upload{{Name: "a"}}},
		"an image without an id":   {To: ben, Attachments: []mailbox.Upload{{Name: "a", Open: file("a", "").Open, Inline: true}}},
	}
	for name, out := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, nil)
			_, err := s.own().Send(t.Context(), out)
			if !errors.Is(err, mailbox.ErrInvalid) || len(s.taken()) != 0 {
				t.Errorf("got %v after %q", err, s.operations())
			}
		})
	}
}

// A file beyond the limit is refused here already.
func TestSendTooLarge(t *testing.T) {
	s := newStub(t, nil)
	m := s.ews(&ews.Options{MaxRequest: 10_000}).Mailbox("anna@contoso.example", ews.Own)
	_, err := m.Send(t.Context(), mailbox.Outgoing{To: to("ben@contoso.example"), Attachments: []mailbox.Upload{file("a", strings.Repeat("x", 9000))}})
	if !errors.Is(err, mailbox.ErrInvalid) || errors.Is(err, mailbox.ErrOutcomeUnknown) || !strings.Contains(mailbox.Hint(err), "at most 4428 bytes") {
		t.Errorf("got %v\nhint %s", err, mailbox.Hint(err))
	}
	if got := s.operations(); got != "" {
		t.Errorf("operations %s", got)
	}
}
