package ews_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
)

// bytesOf is an upload of so many bytes, which tells its size or not.
func bytesOf(name string, size, announced int64) mailbox.Upload {
	return mailbox.Upload{Name: name, Size: announced, Open: func() (io.ReadCloser, error) {
		z := zeros(size)
		return io.NopCloser(&z), nil
	}}
}

// A file beyond the limit is refused before anything is sent, and the error
// says which it is, what it makes, and what can be done.
func TestFileTooLarge(t *testing.T) {
	const limit = 64 << 20
	for name, send := range map[string]func(m *ews.Mailbox, u mailbox.Upload) error{
		"send": func(m *ews.Mailbox, u mailbox.Upload) error {
			_, err := m.Send(t.Context(), mailbox.Outgoing{To: to("ben@contoso.example"), Attachments: []mailbox.Upload{file("small", "x"), u}})
			return err
		},
		"draft": func(m *ews.Mailbox, u mailbox.Upload) error {
			_, err := m.SaveDraft(t.Context(), mailbox.Outgoing{Attachments: []mailbox.Upload{u}})
			return err
		},
		"reply": func(m *ews.Mailbox, u mailbox.Upload) error {
			_, err := m.Reply(t.Context(), "AAMkOne=", mailbox.Reply{Attachments: []mailbox.Upload{u}})
			return err
		},
		"attach": func(m *ews.Mailbox, u mailbox.Upload) error {
			_, err := m.Attach(t.Context(), "AAMkOne=", u)
			return err
		},
	} {
		s := newStub(t, nil)
		err := send(s.own(), bytesOf("film.mp4", 60_000_000, 60_000_000))
		var large *ews.FileTooLargeError
		if !errors.As(err, &large) || !errors.Is(err, mailbox.ErrInvalid) || errors.Is(err, mailbox.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if large.Name != "film.mp4" || large.Size != 60_000_000 || large.Limit != limit || large.Request <= 80_000_000 || large.Request > 80_003_000 {
			t.Errorf("%s: %+v", name, large)
		}
		for _, part := range []string{`"film.mp4"`, "60000000 bytes", fmt.Sprint(limit), "anna@contoso.example"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q is not in %v", name, part, err)
			}
		}
		for _, part := range []string{"48.0 MiB", "maxAllowedContentLength", "maxReceivedMessageSize", `FrontEnd\HttpProxy\ews`, "this client's limit"} {
			if !strings.Contains(mailbox.Hint(err), part) {
				t.Errorf("%s: %q is not in the hint %s", name, part, mailbox.Hint(err))
			}
		}
		if len(s.taken()) != 0 {
			t.Errorf("%s: %s was sent", name, s.operations())
		}
	}
}

// To the byte: the longest file that fits goes through, one byte group more
// does not.
func TestFileThatJustFits(t *testing.T) {
	longest := 0
	s := newStub(t, func(w http.ResponseWriter, r *http.Request, operation string) {
		longest = max(longest, int(r.ContentLength))
		respond(w, 200, canned(operation))
	})
	const most = 9999
	if _, err := s.own().Attach(t.Context(), "AAMkOne=", bytesOf("a", most, most)); err != nil {
		t.Fatal(err)
	}
	m := s.ews(&ews.Options{MaxRequest: int64(longest)}).Mailbox("anna@contoso.example", ews.Own)
	if _, err := m.Attach(t.Context(), "AAMkOne=", bytesOf("a", most, most)); err != nil {
		t.Errorf("what fits: %v", err)
	}
	_, err := m.Attach(t.Context(), "AAMkOne=", bytesOf("a", most+1, most+1))
	var large *ews.FileTooLargeError
	if !errors.As(err, &large) || large.Request != int64(longest)+4 || len(s.taken()) != 2 {
		t.Errorf("%+v after %s", err, s.operations())
	}
}

// A file that does not tell its size is cut off at the limit: the server has
// half an envelope, and nothing has happened.
func TestFileOfUnknownSizeTooLarge(t *testing.T) {
	x := newExchange(t)
	anna := x.limited(t, 1<<20)
	_, err := anna.Send(t.Context(), mailbox.Outgoing{Subject: "endless", To: to("ben@contoso.example"), Attachments: []mailbox.Upload{bytesOf("tape", 2<<20, -1)}})
	var large *ews.FileTooLargeError
	if !errors.As(err, &large) || !errors.Is(err, mailbox.ErrInvalid) || large.Name != "tape" || large.Size >= 0 || large.Limit != 1<<20 {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(err.Error(), `the file "tape" makes a request of more than 1048576 bytes`) || !strings.Contains(mailbox.Hint(err), "at most 783360 bytes") {
		t.Errorf("%v\nhint %s", err, mailbox.Hint(err))
	}
	for _, folder := range []mailbox.FolderRef{mailbox.Drafts, mailbox.SentItems} {
		if n := x.count(anna, folder, "endless"); n != 0 {
			t.Errorf("%d in %s", n, folder)
		}
	}
	if n := x.count(x.of("ben@contoso.example"), mailbox.Inbox, "endless"); n != 0 {
		t.Errorf("%d were sent", n)
	}
}

// limited is Anna's mailbox by a client with a limit of a request.
func (x exchange) limited(t *testing.T, limit int64) *ews.Mailbox {
	t.Helper()
	const anna = "anna@contoso.example"
	return ews.NewClient(basic{x.http(), anna, string(x.Password(anna))}, x.EWSURL(simulator.Server), &ews.Options{MaxRequest: limit}).Mailbox(anna, ews.Own)
}

// The server's own limit is told as what it is, by both of the ways in which
// Exchange refuses.
func TestServerRefusesTheSize(t *testing.T) {
	x := newExchangeWith(t, func(o *simulator.Options) { o.MaxRequest, o.Record = 2<<20, nil })
	anna := x.limited(t, 1<<30)
	for announced, status := range map[int64]string{3 << 20: "404", -1: "413"} {
		draft, err := anna.SaveDraft(t.Context(), mailbox.Outgoing{Subject: "refused"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = anna.Attach(t.Context(), draft.ID, bytesOf("film.mp4", 3<<20, announced))
		var e *ews.Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		if e.HTTPStatus == 0 {
			// The server hung up before it could be heard.
			t.Logf("the answer was lost: %v", err)
			continue
		}
		var large *ews.FileTooLargeError
		if !errors.As(err, &large) || large.Limit != 0 || !errors.Is(err, mailbox.ErrInvalid) || errors.Is(err, mailbox.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", status, err)
		}
		for _, part := range []string{`"film.mp4"`, "too large for the server", "HTTP " + status} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q is not in %v", part, err)
			}
		}
		if !strings.Contains(mailbox.Hint(err), "maxAllowedContentLength") || mailbox.RequestID(err) == "" {
			t.Errorf("hint %q, request %q", mailbox.Hint(err), mailbox.RequestID(err))
		}
	}
	// A 404 to a short request is the URL's.
	s := newStub(t, func(w http.ResponseWriter, _ *http.Request, _ string) { plain(w, 404, "") })
	_, err := s.own().Attach(t.Context(), "AAMkOne=", file("a", "x"))
	if errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(mailbox.Hint(err), "EWS URL") {
		t.Errorf("%v\nhint %s", err, mailbox.Hint(err))
	}
}

// Exchange's codes for a size name the file.
func TestSizeCodesNameTheFile(t *testing.T) {
	for _, code := range []string{"ErrorMessageSizeExceeded", "ErrorAttachmentSizeLimitExceeded"} {
		s := newStub(t, func(w http.ResponseWriter, _ *http.Request, operation string) {
			if operation == "CreateAttachment" {
				respond(w, 200, failure(operation, code, "Too large.", ""))
				return
			}
			respond(w, 200, canned(operation))
		})
		_, err := s.own().Send(t.Context(), mailbox.Outgoing{To: to("ben@contoso.example"), Attachments: []mailbox.Upload{file("offer.pdf", "12345")}})
		if mailbox.Code(err) != code || !strings.Contains(err.Error(), `"offer.pdf" of 5 bytes: Too large.`) || !strings.Contains(mailbox.Hint(err), "MaxSendSize") {
			t.Errorf("%v\nhint %s", err, mailbox.Hint(err))
		}
	}
}

// A message given as MIME has the same limit.
func TestImportTooLarge(t *testing.T) {
	s := newStub(t, nil)
	m := s.ews(&ews.Options{MaxRequest: 1 << 20}).Mailbox("anna@contoso.example", ews.Own)
	_, err := m.ImportMIME(t.Context(), ews.Import{Size: 1 << 20, Open: func() (io.ReadCloser, error) { return nil, errors.New("opened") }})
	if !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), "the message of 1048576 bytes makes a request of") || len(s.taken()) != 0 {
		t.Errorf("%v after %s", err, s.operations())
	}
}
