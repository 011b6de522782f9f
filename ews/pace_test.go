package ews_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// impatient is a budget that waits for next to nothing.
func impatient() *mailbox.Budget {
	return mailbox.NewBudget(&mailbox.BudgetOptions{MinWait: time.Millisecond, MaxWait: time.Millisecond, Patience: time.Minute, Attempts: 3})
}

// failingFirst answers the first n requests of an operation by fail, and the others
// with success.
func failingFirst(operation string, n int32, fail func(http.ResponseWriter)) func(http.ResponseWriter, *http.Request, string) {
	var seen atomic.Int32
	return func(w http.ResponseWriter, _ *http.Request, op string) {
		if op == operation && seen.Add(1) <= n {
			fail(w)
			return
		}
		respond(w, http.StatusOK, canned(op))
	}
}

func TestWithABudgetWhatIsSafeIsRepeated(t *testing.T) {
	status := func(code int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(code) }
	}
	busyFault := func(w http.ResponseWriter) {
		respond(w, http.StatusInternalServerError, fault("ErrorServerBusy", "busy", backOff("0")))
	}
	refusal := func(operation, code string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { respond(w, http.StatusOK, failure(operation, code, "no", "")) }
	}
	cut := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "1000")
		w.Header().Set("Content-Type", "text/xml")
		_, _ = w.Write([]byte("<s:Envelope"))
		panic(http.ErrAbortHandler)
	}
	const reading, writing = "FindItem", "CreateItem"
	for name, each := range map[string]struct {
		operation string
		fail      func(http.ResponseWriter)
		times     int32
		want      int // requests of the operation
		err       error
	}{
		"read, 503":                 {reading, status(503), 2, 3, nil},
		"read, busy fault":          {reading, busyFault, 1, 2, nil},
		"read, busy message":        {reading, refusal(reading, "ErrorServerBusy"), 1, 2, nil},
		"read, store away":          {reading, refusal(reading, "ErrorMailboxStoreUnavailable"), 1, 2, nil},
		"read, cut off":             {reading, cut, 1, 2, nil},
		"read, always busy":         {reading, status(503), 99, 3, mailbox.ErrBusy},
		"read, message always busy": {reading, refusal(reading, "ErrorServerBusy"), 99, 3, mailbox.ErrBusy},
		"read, not found":           {reading, refusal(reading, "ErrorItemNotFound"), 99, 1, mailbox.ErrNotFound},
		"read, 502":                 {reading, status(502), 99, 1, mailbox.ErrUnavailable},
		"write, 503":                {writing, status(503), 1, 2, nil},
		"write, busy fault":         {writing, busyFault, 1, 2, nil},
		"write, busy message":       {writing, refusal(writing, "ErrorServerBusy"), 1, 2, nil},
		"write, cut off":            {writing, cut, 99, 1, mailbox.ErrUnavailable},
		"write, timeout":            {writing, refusal(writing, "ErrorTimeoutExpired"), 99, 1, mailbox.ErrBusy},
		"write, 504":                {writing, status(504), 99, 1, mailbox.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, failingFirst(each.operation, each.times, each.fail))
			m := s.ews(&ews.Options{Budget: impatient(), Account: "svc"}).Mailbox("anna@contoso.example", ews.Own)
			var err error
			if each.operation == reading {
				for _, e := range m.Backfill().Messages(t.Context(), mailbox.Query{}) {
					err = e
				}
			} else {
				_, err = m.SaveDraft(t.Context(), mailbox.Outgoing{Subject: "x"})
			}
			if each.err == nil && err != nil || each.err != nil && !errors.Is(err, each.err) {
				t.Errorf("%v, want %v", err, each.err)
			}
			if n := strings.Count(s.operations(), each.operation); n != each.want {
				t.Errorf("%d requests, want %d", n, each.want)
			}
		})
	}
}

func TestABudgetRefusesToWaitTooLong(t *testing.T) {
	s := newStub(t, failingFirst("FindFolder", 1, func(w http.ResponseWriter) {
		respond(w, http.StatusInternalServerError, fault("ErrorServerBusy", "busy", backOff("3600000")))
	}))
	m := s.ews(&ews.Options{Budget: impatient(), Account: "svc"}).Mailbox("anna@contoso.example", ews.Own)
	for _, requests := range []int{1, 1} {
		_, err := m.Folders(t.Context())
		var e *ews.Error
		if !errors.As(err, &e) || !errors.Is(err, mailbox.ErrBusy) || e.RetryAfter() < time.Minute {
			t.Errorf("%v", err)
		}
		if n := len(s.taken()); n != requests {
			t.Errorf("%d requests, want %d", n, requests)
		}
	}
}

func TestContentThatWasWrittenIsNotWrittenAgain(t *testing.T) {
	s := newStub(t, failingFirst("GetAttachment", 1, func(w http.ResponseWriter) {
		whole := canned("GetAttachment")
		w.Header().Set("Content-Type", "text/xml")
		_, _ = w.Write([]byte(whole[:strings.Index(whole, "aGVsbG8=")+4]))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	m := s.ews(&ews.Options{Budget: impatient()}).Mailbox("anna@contoso.example", ews.Own)
	var b strings.Builder
	_, err := m.Attachment(t.Context(), "AAMkAtt=", &b)
	if err == nil || len(s.taken()) != 1 {
		t.Errorf("%d requests, %v, %q", len(s.taken()), err, b.String())
	}
}

// oldServer answers as a server of those numbers, and refuses schema versions
// that it does not know.
func oldServer(code string, refused ...wsdl.ServerVersion) func(http.ResponseWriter, *http.Request, string) {
	old := func(s string) string {
		return strings.Replace(s, `MajorVersion="15" MinorVersion="2" MajorBuildNumber="1544" MinorBuildNumber="4" Version="V2017_07_11"`,
			`MajorVersion="14" MinorVersion="3" MajorBuildNumber="123" MinorBuildNumber="4" Version="Exchange2010_SP2"`, 1)
	}
	var n atomic.Int32
	return func(w http.ResponseWriter, r *http.Request, operation string) {
		if int(n.Add(1)) <= len(refused) {
			f := fault(code, "not that one", "")
			header := envelope("")
			header = header[strings.Index(header, "<s:Header>") : strings.Index(header, "</s:Header>")+len("</s:Header>")]
			respond(w, http.StatusInternalServerError, old(strings.Replace(f, "<s:Body>", header+"<s:Body>", 1)))
			return
		}
		respond(w, http.StatusOK, old(canned(operation)))
	}
}

func TestAnOldServerIsMetAtItsVersion(t *testing.T) {
	for _, code := range []string{"ErrorInvalidServerVersion", "ErrorSchemaValidation"} {
		t.Run(code, func(t *testing.T) {
			s := newStub(t, oldServer(code, wsdl.ServerVersionExchange2013_SP1))
			versions := ews.NewVersions()
			for range 2 {
				// The second client shares what the first has learned.
				m := s.ews(&ews.Options{Versions: versions}).Mailbox("anna@contoso.example", ews.Own)
				if _, err := m.Folders(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			var asked []string
			for _, r := range s.taken() {
				_, rest, _ := strings.Cut(r.body, `Version="Exchange`)
				version, _, _ := strings.Cut(rest, `"`)
				asked = append(asked, version)
			}
			if got := strings.Join(asked, " "); !strings.HasPrefix(got, "2013_SP1 2010_SP2 2010_SP2") || strings.Count(got, "2013") != 1 {
				t.Errorf("asked for %s", got)
			}
		})
	}
}

func TestAnOperationThatTheServerLacksIsNotSent(t *testing.T) {
	s := newStub(t, oldServer(""))
	m := s.own()
	if _, err := m.Folders(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := len(s.taken())
	_, err := m.Service().MarkAllItemsAsReadContext(t.Context(), &wsdl.MarkAllItemsAsRead{})
	if !errors.Is(err, mailbox.ErrUnsupported) || len(s.taken()) != before {
		t.Fatalf("%v, %d requests more", err, len(s.taken())-before)
	}
	for _, part := range []string{"14.3.123.4", "Exchange 2010 SP2", "Exchange 2013", "MarkAllItemsAsRead"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("it does not say %q: %v", part, err)
		}
	}
	// What the server has is sent.
	if _, err := m.SubscribeStreaming(t.Context(), ews.Subscribe{}); errors.Is(err, mailbox.ErrUnsupported) {
		t.Error(err)
	}
}

func TestReleases(t *testing.T) {
	for want, v := range map[string]ews.ServerVersion{
		"an Exchange older than 2007": {Major: 6, Minor: 5},
		"Exchange 2007 SP1":           {Major: 8, Minor: 3},
		"Exchange 2010 SP2":           {Major: 14, Minor: 3},
		"Exchange 2013":               {Major: 15, Minor: 0, MajorBuild: 775},
		"Exchange 2013 SP1":           {Major: 15, Minor: 0, MajorBuild: 1497},
		"Exchange 2016":               {Major: 15, Minor: 20},
	} {
		if got := v.Release(); got != want {
			t.Errorf("%v is %s, want %s", v, got, want)
		}
	}
}
