package simulator

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// overTheWire sends a request over https.
func overTheWire(t *testing.T, s *Simulator, user string, request any) (*http.Response, []byte, error) {
	t.Helper()
	var body bytes.Buffer
	if err := soap.WriteEnvelope(&body, nil, request); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.EWSURL(Server), &body)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(user, string(s.Password(user)))
	r.Header.Set("X-AnchorMailbox", user)
	client := s.HTTPClient()
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return answer, content, err
}

func TestFaults(t *testing.T) {
	s := start(t, nil)
	const anna, ben = "anna@contoso.example", "ben@contoso.example"
	try := func(user string) (int, string, error) {
		answer, content, err := overTheWire(t, s, user, getInbox())
		if answer == nil {
			return 0, "", err
		}
		return answer.StatusCode, string(content), err
	}
	remove := s.Fail(Fault{Operation: "GetFolder", Mailbox: anna, Skip: 1, Times: 2, Status: 503,
		Header: http.Header{"retry-after": {"30"}, "Content-Type": {"text/html"}}, Body: []byte("<html>busy</html>")})
	for i, want := range []int{200, 503, 503, 200} {
		if got, _, err := try(anna); got != want || err != nil {
			t.Errorf("request %d: HTTP %d, %v, want %d", i, got, err, want)
		}
		if got, _, err := try(ben); got != 200 || err != nil {
			t.Errorf("another mailbox: HTTP %d, %v", got, err)
		}
	}
	remove()

	remove = s.Fail(Fault{Truncate: 100})
	if status, content, err := try(anna); status != 200 || len(content) != 100 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("truncated: HTTP %d, %d bytes, %v", status, len(content), err)
	}
	remove()

	remove = s.Fail(Fault{Reset: true})
	if _, _, err := try(anna); err == nil {
		t.Error("reset: there was an answer")
	}
	remove()

	remove = s.Fail(Fault{Body: []byte("<a>"), Repeat: true})
	if _, content, _ := try(anna); len(content) != 1<<20 {
		t.Errorf("an answer without an end has %d bytes", len(content))
	}
	remove()

	remove = s.Fail(Fault{Delay: time.Microsecond})
	if status, content, err := try(anna); status != 200 || err != nil || !strings.Contains(content, "Inbox") {
		t.Errorf("delayed: HTTP %d, %v", status, err)
	}
	remove()
	if status, _, err := try(anna); status != 200 || err != nil {
		t.Errorf("without faults: HTTP %d, %v", status, err)
	}
}

// A send whose answer is lost has happened.
func TestLostAnswers(t *testing.T) {
	s := start(t, nil)
	send := func() (*http.Response, error) {
		answer, _, err := overTheWire(t, s, "anna@contoso.example", &wsdl.CreateItem{
			MessageDisposition: wsdl.Ptr(wsdl.DispositionSendAndSaveCopy),
			Items:              &wsdl.ItemList{Items: []any{message("Once", "ben@contoso.example")}}})
		return answer, err
	}
	remove := s.Fail(Fault{Operation: "CreateItem", Reset: true, Execute: true})
	if _, err := send(); err == nil {
		t.Error("the answer was not lost")
	}
	remove()
	remove = s.Fail(Fault{Operation: "CreateItem", Status: 502, Body: []byte("bad gateway"), Execute: true})
	if answer, err := send(); err != nil || answer.StatusCode != 502 {
		t.Errorf("the answer was not replaced: %v", err)
	}
	remove()
	remove = s.Fail(Fault{Operation: "CreateItem", Status: 503})
	if answer, err := send(); err != nil || answer.StatusCode != 503 {
		t.Errorf("the answer was not replaced: %v", err)
	}
	remove()
	if n := len(actor(t, s, "ben").ids(named("inbox"))); n != 2 {
		t.Errorf("%d of two messages that were carried out arrived", n)
	}
}

func TestServicePage(t *testing.T) {
	s := start(t, nil)
	client := s.HTTPClient()
	defer client.CloseIdleConnections()
	answer, err := client.Get(s.EWSURL(Server))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusUnauthorized || len(answer.Header.Values("WWW-Authenticate")) != 4 || answer.ProtoMajor != 1 {
		t.Errorf("HTTP/%d %d %q", answer.ProtoMajor, answer.StatusCode, answer.Header.Values("WWW-Authenticate"))
	}
	if !strings.HasSuffix(s.EWSURL(Online), ewsserver.Path) {
		t.Errorf("the address is %s", s.EWSURL(Online))
	}
}

// Close does not wait for a request that hangs, and leaves nothing behind.
func TestCloseEndsWhatHangs(t *testing.T) {
	s := start(t, nil)
	s.Fail(Fault{Delay: time.Hour})
	ended := make(chan error)
	go func() {
		_, _, err := overTheWire(t, s, "anna@contoso.example", getInbox())
		ended <- err
	}()
	for reached := false; !reached; time.Sleep(time.Millisecond) {
		s.faults.mu.Lock()
		reached = s.faults.list[0].seen > 0
		s.faults.mu.Unlock()
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := <-ended; err == nil {
		t.Error("the request that hung was answered")
	}
}
