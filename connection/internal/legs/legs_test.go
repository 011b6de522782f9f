package legs

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestOffered(t *testing.T) {
	for _, c := range []struct {
		header  []string
		names   string
		message string
	}{
		{nil, "", ""},
		{[]string{"Negotiate", "NTLM"}, "Negotiate NTLM", ""},
		{[]string{"NTLM abc=", `Basic realm="x"`}, "NTLM Basic", "abc="},
		{[]string{`Negotiate, ntlm abc==, Basic realm="a, b"`}, "Negotiate ntlm Basic", "abc=="},
		{[]string{"\x1b[31mred", strings.Repeat("long", 30) + " x"}, "", ""},
	} {
		names, message := Offered(http.Header{"Www-Authenticate": c.header}, "NTLM")
		if got := strings.Join(names, " "); got != c.names || message != c.message {
			t.Errorf("%q: %q with %q, want %q with %q", c.header, got, message, c.names, c.message)
		}
	}
	if names := (Schemes{"Negotiate"}); !names.Has("negotiate") || names.Has("NTLM") {
		t.Error("the case of a scheme's name matters")
	}
}

func TestRequestIsSentAgain(t *testing.T) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://a/", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "of the caller")
	r := Of(req)
	defer r.Close()
	for _, value := range []string{"", "NTLM x", ""} {
		whole, err := r.Whole(value)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(whole.Body)
		if err != nil || string(body) != "body" || whole.Header.Get("Authorization") != value {
			t.Errorf("%q: %q with %v", value, body, whole.Header)
		}
	}
	bare := r.Bare("x")
	if bare.Body != http.NoBody || bare.ContentLength != 0 || len(req.Header) != 1 {
		t.Errorf("%v; the caller's header is %v", bare, req.Header)
	}
	req.GetBody = func() (io.ReadCloser, error) { return nil, errors.New("the file is gone") }
	if _, err := r.Whole(""); err == nil || !strings.Contains(err.Error(), "the file is gone") {
		t.Errorf("%v, want the cause", err)
	}
}

// TestUnusedBodyIsClosed, as every RoundTripper owes.
func TestUnusedBodyIsClosed(t *testing.T) {
	for _, use := range []bool{false, true} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://a/", nil)
		if err != nil {
			t.Fatal(err)
		}
		b := &body{Reader: strings.NewReader("x")}
		req.Body = b
		r := Of(req)
		if use {
			if _, err := r.Whole(""); err != nil {
				t.Fatal(err)
			}
		}
		if r.Close(); b.closed == use || r.Repeatable() {
			t.Errorf("used %v: closed %v, repeatable %v", use, b.closed, r.Repeatable())
		}
	}
}

type body struct {
	io.Reader
	closed bool
}

func (b *body) Close() error { b.closed = true; return nil }

func TestHTTP1(t *testing.T) {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.CloseIdleConnections()
	one := HTTP1(base)
	if one.Protocols.HTTP2() || one.DialContext == nil || one.TLSClientConfig != nil && slices.Contains(one.TLSClientConfig.NextProtos, "h2") {
		t.Errorf("%v still speaks HTTP/2", one.Protocols)
	}
}
