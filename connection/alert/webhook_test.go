package alert

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
)

// receiver is a webhook's other end.
type receiver struct {
	*httptest.Server
	got chan *http.Request
	// bodies in the order of got.
	bodies chan string
}

func newReceiver(t *testing.T, answer func(http.ResponseWriter)) *receiver {
	r := &receiver{got: make(chan *http.Request, 10), bodies: make(chan string, 10)}
	r.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		r.got <- req
		r.bodies <- string(body)
		answer(w)
	}))
	t.Cleanup(r.Close)
	return r
}

func status(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { w.WriteHeader(code) }
}

func (r *receiver) webhook(key string) *Webhook {
	return &Webhook{URL: r.URL + "/services/T0/secret-path?token=secret-query", Key: []byte(key), HTTPClient: r.Client()}
}

func TestTheWebhookGetsTheEventSigned(t *testing.T) {
	r := newReceiver(t, status(http.StatusNoContent))
	if err := r.webhook("shared key").Deliver(t.Context(), failure); err != nil {
		t.Fatal(err)
	}
	req, body := <-r.got, <-r.bodies
	if req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json" || req.URL.Query().Get("token") != "secret-query" {
		t.Errorf("%s %s %v", req.Method, req.URL, req.Header)
	}
	mac := hmac.New(sha256.New, []byte("shared key"))
	mac.Write([]byte(body))
	if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); req.Header.Get(SignatureHeader) != want {
		t.Errorf("signature %q, want %q", req.Header.Get(SignatureHeader), want)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if got["event"] != "failure" || got["new_state"] != "needs_sign_in" || got["code"] != "AADSTS50173" || !strings.Contains(got["text"].(string), "anna@example.com") {
		t.Errorf("%s", body)
	}
	if _, there := got["expires"]; there {
		t.Errorf("%s", body)
	}
}

func TestWithoutAKeyNothingIsSigned(t *testing.T) {
	r := newReceiver(t, status(http.StatusOK))
	if err := r.webhook("").Deliver(t.Context(), failure); err != nil {
		t.Fatal(err)
	}
	if req := <-r.got; req.Header.Get(SignatureHeader) != "" {
		t.Errorf("%v", req.Header)
	}
}

func TestWhatTheAnswerMeans(t *testing.T) {
	for code, want := range map[int]error{
		200: nil, 202: nil, 299: nil,
		400: ErrPermanent, 401: ErrPermanent, 404: ErrPermanent, 410: ErrPermanent,
		408: errAgain, 425: errAgain, 429: errAgain, 500: errAgain, 503: errAgain,
	} {
		r := newReceiver(t, status(code))
		err := r.webhook("k").Deliver(t.Context(), failure)
		if got := kindOf(err); got != want {
			t.Errorf("%d: %v (%v), want %v", code, got, err, want)
		}
		noSecret(t, err)
	}
}

var errAgain = errors.New("another attempt may help")

func kindOf(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrPermanent):
		return ErrPermanent
	}
	return errAgain
}

func noSecret(t *testing.T, err error) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), "secret") {
		t.Errorf("the error tells a secret: %v", err)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	elsewhere := newReceiver(t, status(http.StatusOK))
	r := newReceiver(t, func(w http.ResponseWriter) {
		w.Header().Set("Location", elsewhere.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	err := r.webhook("k").Deliver(t.Context(), failure)
	if !errors.Is(err, ErrPermanent) || !strings.Contains(err.Error(), "redirect") {
		t.Errorf("%v", err)
	}
	if len(elsewhere.got) != 0 {
		t.Error("the event went elsewhere")
	}
}

func TestAnEndlessAnswerIsNotRead(t *testing.T) {
	ended := make(chan struct{})
	r := newReceiver(t, func(w http.ResponseWriter) {
		defer close(ended)
		for {
			if _, err := io.WriteString(w, strings.Repeat("x", 4096)); err != nil {
				return
			}
		}
	})
	if err := r.webhook("k").Deliver(t.Context(), failure); err != nil {
		t.Error(err)
	}
	<-ended
}

func TestAServerThatNobodyTrustsGetsNothing(t *testing.T) {
	r := newReceiver(t, status(http.StatusOK))
	w := r.webhook("k")
	w.HTTPClient = nil
	err := w.Deliver(t.Context(), failure)
	if kindOf(err) != errAgain || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("%v", err)
	}
	noSecret(t, err)
	if len(r.got) != 0 {
		t.Error("the event was sent")
	}
}

func TestAPostEndsWithItsContext(t *testing.T) {
	held := make(chan struct{})
	r := newReceiver(t, func(http.ResponseWriter) { <-held })
	defer close(held)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	go func() {
		<-r.got
		cancel(why)
	}()
	if err := r.webhook("k").Deliver(ctx, failure); !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
}

func TestCheckURL(t *testing.T) {
	for _, good := range []string{
		"https://alerts.example.com", "https://alerts.example.com:8443/a/b?c=d", "http://localhost:8080/x", "http://127.0.0.1/x", "http://[::1]:9/x",
	} {
		if err := CheckURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"":                             "not a URL",
		"alerts.example.com":           "not a URL",
		"https://":                     "not a URL",
		"https://:443/x":               "not a URL",
		"http://alerts.example.com":    "https://",
		"http://localhost.evil.com":    "https://",
		"ftp://alerts.example.com/":    "https://",
		"https://bob:secret@a.example": "password",
		"https://a.example/x#y":        "fragment",
		"https://a.example/" + strings.Repeat("x", 3000): "longer",
	} {
		err := CheckURL(bad)
		if err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, mailbox.ErrInvalid) {
			t.Errorf("%.40s: %v, want %q", bad, err, want)
		}
		noSecret(t, err)
	}
}

func TestATargetPrintsNoSecret(t *testing.T) {
	w := &Webhook{URL: "https://hooks.example.com/services/secret", Key: []byte("secret")}
	c := &Command{Args: []string{"/usr/bin/tell", "secret"}}
	for _, target := range []Target{w, c} {
		for _, text := range []string{fmt.Sprint(target), fmt.Sprintf("%+v %#v %s %q", target, target, target, target), target.ID()} {
			if strings.Contains(text, "secret") {
				t.Errorf("%s", text)
			}
		}
	}
	if w.String() != "the webhook at https://hooks.example.com" || c.String() != "the command tell" {
		t.Errorf("%s, %s", w, c)
	}
}
