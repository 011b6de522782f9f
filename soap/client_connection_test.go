package soap

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The connection breaks within the answer.
func TestBrokenAnswer(t *testing.T) {
	_, err := call(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", textXML)
		w.Header().Set("Content-Length", "100000")
		w.Write(fixture(t, "finditem.xml")[:500])
	}, nil)
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Problem != Truncated || !MayHaveReached(err) {
		t.Errorf("got %v", err)
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	c := NewClient(nil, "http://user:swordfish@"+address+"/", nil)
	meta, err := c.Do(t.Context(), &Call{Operation: "X"})
	var te *TransportError
	if !errors.As(err, &te) {
		t.Fatalf("got %v", err)
	}
	if te.Sent || MayHaveReached(err) || te.Host != address || te.RequestID() == "" || meta.ClientRequestID != te.RequestID() || te.RetryAfter() != 0 {
		t.Errorf("got %+v", te)
	}
	if strings.Contains(err.Error(), "swordfish") {
		t.Errorf("shows %v", err)
	}
}

// A certificate of an authority that nobody named, a host that it is not for,
// a server without TLS: nothing was sent, and the hint says what to mend.
func TestTLS(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer200(w, textXML, envelope("<x/>")) })
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it notes each refusal
	s.StartTLS()
	defer s.Close()
	plain := httptest.NewServer(h)
	defer plain.Close()
	trusting := s.Client()
	defer trusting.CloseIdleConnections()
	for name, tt := range map[string]struct {
		hc   *http.Client
		url  string
		hint string
	}{
		"unknown authority": {&http.Client{Transport: &http.Transport{}}, s.URL, "CA file"},
		"another host":      {trusting, strings.Replace(s.URL, "127.0.0.1", "localhost", 1), "another host"},
		"no TLS":            {trusting, strings.Replace(plain.URL, "http:", "https:", 1), "does not speak TLS"},
	} {
		_, err := NewClient(tt.hc, tt.url, nil).Do(t.Context(), &Call{Operation: "X"})
		var te *TransportError
		if !errors.As(err, &te) || MayHaveReached(err) || !strings.Contains(te.Hint(), tt.hint) {
			t.Errorf("%s: %v; hint %q", name, err, te.Hint())
		}
	}
	if _, err := NewClient(trusting, s.URL, nil).Do(t.Context(), &Call{Operation: "X"}); err != nil {
		t.Errorf("the right one: %v", err)
	}
}

// What fails before the connection, such as signing in, has not reached the
// server.
func TestHTTPClientFails(t *testing.T) {
	cause := errors.New("sign-in needed")
	c := NewClient(doer(func(*http.Request) (*http.Response, error) { return nil, cause }), "https://example.com/", nil)
	_, err := c.Do(t.Context(), &Call{Operation: "X"})
	if !errors.Is(err, cause) || MayHaveReached(err) {
		t.Errorf("got %v", err)
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// A connection that breaks after the request leaves the outcome open.
func TestBrokenConnection(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			conn.Close()
		}
	}, nil)
	_, err := c.Do(t.Context(), &Call{Operation: "X", Request: &testFindItem{}})
	var te *TransportError
	if !errors.As(err, &te) || !te.Sent || !MayHaveReached(err) {
		t.Errorf("got %v", err)
	}
}

func TestBadEndpoint(t *testing.T) {
	for _, endpoint := range []string{"http://us er:swordfish@x/", "://", "http://[::1"} {
		_, err := NewClient(nil, endpoint, nil).Do(t.Context(), &Call{Operation: "X"})
		var re *RequestError
		if !errors.As(err, &re) || MayHaveReached(err) || strings.Contains(err.Error(), "swordfish") {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}

// A cancelled call returns at once, whether the server has begun to answer or
// not.
func TestCancel(t *testing.T) {
	for _, begun := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			if begun {
				w.Header().Set("Content-Type", textXML)
				io.WriteString(w, `<s:Envelope xmlns:s="`+EnvelopeNS+`">`)
				http.NewResponseController(w).Flush()
			}
			cancel()
			<-r.Context().Done()
		}, nil)
		_, err := c.Do(ctx, &Call{Operation: "X"})
		var te *TransportError
		if !errors.As(err, &te) || !errors.Is(err, context.Canceled) || !MayHaveReached(err) {
			t.Errorf("answer begun %v: got %v", begun, err)
		}
		cancel()
	}
}
