package ntlm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/exconn/exconn/mailbox"
)

// post sends a body that can be opened again, and reads the answer whole.
func post(ctx context.Context, tr http.RoundTripper, url, body string) (*http.Response, string, error) {
	return send(ctx, tr, url, strings.NewReader(body))
}

func send(ctx context.Context, tr http.RoundTripper, url string, body io.Reader) (*http.Response, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return nil, "", err
	}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		return nil, "", err
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return resp, string(text), err
}

func mustPost(t *testing.T, tr http.RoundTripper, s *server, body string) *http.Response {
	t.Helper()
	resp, text, err := post(t.Context(), tr, s.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || text != "echo "+body {
		t.Fatalf("HTTP %d %.60q (%s)", resp.StatusCode, text, s.refusal)
	}
	return resp
}

func TestSignsInOnceAConnection(t *testing.T) {
	for _, secure := range []bool{false, true} {
		for _, user := range []string{`CONTOSO\anna`, "anna@contoso.com", "anna"} {
			s := serve(t, secure)
			tr := s.transport(t, user, "Pässword")
			for i := range 5 {
				resp := mustPost(t, tr, s, fmt.Sprint("request ", i))
				if got := resp.Header.Get("X-User"); !strings.HasSuffix(got, user) {
					t.Errorf("signed in as %q, want %q", got, user)
				}
			}
			if got, want := s.seen(), "negotiate authenticate request request request request request"; got != want || s.conns != 1 {
				t.Errorf("tls %v: the server saw %q on %d connections, want %q on one", secure, got, s.conns, want)
			}
		}
	}
}

// Many at once: nobody gets a half-open handshake or another's connection, and
// no request reaches the server without belonging to somebody.
func TestConcurrentRequests(t *testing.T) {
	s := serve(t, true)
	tr := s.transport(t, `CONTOSO\anna`, "Pässword")
	const callers, each = 24, 15
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			for i := range each {
				body := strings.Repeat(fmt.Sprint(caller, "-", i, " "), 1+i*200)
				resp, text, err := post(t.Context(), tr, s.URL, body)
				if err != nil || resp.StatusCode != http.StatusOK || text != "echo "+body {
					t.Errorf("%v %v %.40q", resp, err, text)
				}
			}
		})
	}
	group.Wait()
	log := s.seen()
	if got := strings.Count(log, "request"); got != callers*each || len(s.bodies) != callers*each {
		t.Errorf("%d requests were let in, want %d", got, callers*each)
	}
	// On a slow machine net/http gives a connection up now and then.
	if n := strings.Count(log, "negotiate"); n > s.conns || n > 2*callers || s.unasked != 0 || strings.Contains(log, "stranger") || strings.Contains(log, "BODY") {
		t.Errorf("%d handshakes on %d connections for %d callers, %d requests of nobody", n, s.conns, callers, s.unasked)
	}
}

// The handshake's first leg carries no body; a body of any kind arrives whole,
// once.
func TestBodies(t *testing.T) {
	s := serve(t, true)
	tr := s.transport(t, `CONTOSO\anna`, "Pässword")
	large := strings.Repeat("0123456789abcdef", 1<<16)
	mustPost(t, tr, s, large)
	for range 2 {
		// What cannot be opened again goes behind a handshake of its own.
		resp, text, err := send(t.Context(), tr, s.URL, io.MultiReader(strings.NewReader("stream "), strings.NewReader(large)))
		if err != nil || resp.StatusCode != 200 || text != "echo stream "+large {
			t.Errorf("%v %v", resp, err)
		}
	}
	resp, text, err := send(t.Context(), tr, s.URL, nil)
	if err != nil || resp.StatusCode != 200 || text != "echo " {
		t.Errorf("%v %q %v", resp, text, err)
	}
	if got, want := s.seen(), "negotiate authenticate request negotiate authenticate request negotiate authenticate request request"; got != want || len(s.bodies) != 4 {
		t.Errorf("the server saw %q, want %q", got, want)
	}
}

func TestWrongPassword(t *testing.T) {
	s := serve(t, true)
	tr := s.transport(t, `CONTOSO\anna`, "wrong")
	for range 2 {
		resp, _, err := post(t.Context(), tr, s.URL, "body")
		if err != nil || resp.StatusCode != http.StatusUnauthorized || s.refusal != "wrong password" {
			t.Errorf("%v, %v (%s); want the server's 401", resp, err, s.refusal)
		}
		// One attempt alone: accounts are locked after a few.
		if got := s.seen(); got != "negotiate authenticate" {
			t.Errorf("the server saw %q", got)
		}
	}
}

func TestNotOffered(t *testing.T) {
	for header, want := range map[string]string{
		"Basic realm=x": "the server does not offer NTLM, but Basic",
		"":              "the server does not offer NTLM (HTTP 401 without a scheme)",
	} {
		s := serve(t, false)
		s.hook = func(s *server, _ *serverConn, w http.ResponseWriter, _ *http.Request) bool {
			s.note("asked")
			if header != "" {
				w.Header().Set("WWW-Authenticate", header)
			}
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		_, _, err := post(t.Context(), s.transport(t, "anna", "CANARY"), s.URL, "body")
		var not *NotOfferedError
		if !errors.As(err, &not) || err.Error() != want || !errors.Is(err, mailbox.ErrSignInNeeded) || !strings.Contains(mailbox.Hint(err), "Set-WebServicesVirtualDirectory") {
			t.Errorf("%v, want %q", err, want)
		}
		if got := s.seen(); got != "asked" {
			t.Errorf("the server was asked: %q", got)
		}
	}
}

// Where IIS has Negotiate as its one provider, that takes NTLM messages.
func TestNegotiateTakesNTLM(t *testing.T) {
	s := serve(t, true)
	s.scheme = "Negotiate"
	tr := s.transport(t, `CONTOSO\anna`, "Pässword")
	mustPost(t, tr, s, "one")
	mustPost(t, tr, s, "two")
	if got, want := s.seen(), "other negotiate authenticate request request"; got != want || s.conns != 1 {
		t.Errorf("the server saw %q on %d connections, want %q on one", got, s.conns, want)
	}
}

// A server that lets everybody in gets the request itself; one that is too
// busy is not pressed.
func TestAnswersWithoutChallenge(t *testing.T) {
	for status, want := range map[int]string{200: "0 4", 500: "0 4", 302: "0 4", 503: "0", 429: "0"} {
		s := serve(t, false)
		var lengths []string
		s.hook = func(_ *server, _ *serverConn, w http.ResponseWriter, r *http.Request) bool {
			lengths = append(lengths, fmt.Sprint(r.ContentLength))
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(status)
			return true
		}
		resp, _, err := post(t.Context(), s.transport(t, "anna", "x"), s.URL, "body")
		if err != nil || resp.StatusCode != status || resp.Header.Get("Retry-After") != "30" {
			t.Errorf("%d: %v, %v", status, resp, err)
		}
		if got := strings.Join(lengths, " "); got != want {
			t.Errorf("%d: bodies of length %s were sent, want %s", status, got, want)
		}
	}
}

// hangUp closes the network connection without an answer.
func hangUp(w http.ResponseWriter) {
	if nc, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = nc.Close()
	}
}

// A connection may be lost between two requests or two legs: then another is
// signed in, and the request arrives once.
func TestLostConnections(t *testing.T) {
	t.Run("between requests", func(t *testing.T) {
		s := serve(t, true)
		tr := s.transport(t, `CONTOSO\anna`, "Pässword")
		for range 5 {
			mustPost(t, tr, s, "body")
			s.CloseClientConnections()
			// A request sent before the news arrives is lost, here as with
			// any HTTP client.
			for last := tr.idle[0]; last.ready(); {
				runtime.Gosched()
			}
		}
		if s.unasked != 0 || len(s.bodies) != 5 {
			t.Errorf("%d requests came without credentials, %d with", s.unasked, len(s.bodies))
		}
	})
	t.Run("the answer closes the connection", func(t *testing.T) {
		s := serve(t, true)
		s.hook = func(_ *server, _ *serverConn, w http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.Header.Get("Authorization"), "TlRMTVNTUAAB") {
				w.Header().Set("Connection", "close")
			}
			return false
		}
		tr := s.transport(t, `CONTOSO\anna`, "Pässword")
		for range 5 {
			mustPost(t, tr, s, "body")
		}
		if s.unasked != 0 || s.conns != 5 {
			t.Errorf("%d requests without credentials on %d connections", s.unasked, s.conns)
		}
	})
	t.Run("between the legs, once", func(t *testing.T) {
		s := serve(t, true)
		var once atomic.Bool
		s.hook = func(_ *server, _ *serverConn, w http.ResponseWriter, _ *http.Request) bool {
			if once.CompareAndSwap(false, true) {
				w.Header().Set("Connection", "close")
			}
			return false
		}
		mustPost(t, s.transport(t, `CONTOSO\anna`, "Pässword"), s, "body")
		if got, want := s.seen(), "negotiate negotiate authenticate request"; got != want {
			t.Errorf("the server saw %q, want %q", got, want)
		}
	})
	t.Run("between the legs, always", func(t *testing.T) {
		s := serve(t, true)
		s.hook = func(_ *server, _ *serverConn, w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Connection", "close")
			return false
		}
		_, _, err := post(t.Context(), s.transport(t, `CONTOSO\anna`, "Pässword"), s.URL, "body")
		if !errors.As(err, new(*LostConnectionError)) || !errors.Is(err, mailbox.ErrUnavailable) || !strings.Contains(mailbox.Hint(err), "load balancer") {
			t.Errorf("%v, want a *LostConnectionError", err)
		}
		// No proof of the password went to a connection that had not asked.
		if got := s.seen(); strings.Contains(got, "authenticate") {
			t.Errorf("the server saw %q", got)
		}
	})
	t.Run("after the request was read", func(t *testing.T) {
		s := serve(t, true)
		tr := s.transport(t, `CONTOSO\anna`, "Pässword")
		mustPost(t, tr, s, "body")
		var hung int
		s.hook = func(_ *server, _ *serverConn, w http.ResponseWriter, _ *http.Request) bool {
			hung++
			// HTTP/1.1, so the connection can be taken over.
			hangUp(w)
			return true
		}
		if _, _, err := post(t.Context(), tr, s.URL, "body"); err == nil || errors.As(err, new(*LostConnectionError)) || hung != 1 {
			t.Errorf("%v after %d requests; a request that may have been executed is not repeated", err, hung)
		}
	})
}

// A server that has forgotten the user, or asks for each request, is answered
// on the same connection.
func TestServerForgets(t *testing.T) {
	s := serve(t, true)
	s.hook = func(_ *server, c *serverConn, _ http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") == "" {
			c.user = ""
		}
		return false
	}
	tr := s.transport(t, `CONTOSO\anna`, "Pässword")
	mustPost(t, tr, s, "one")
	mustPost(t, tr, s, "two")
	if got, want := s.seen(), "negotiate authenticate request stranger negotiate authenticate request"; got != want || s.conns != 1 {
		t.Errorf("the server saw %q on %d connections, want %q on one", got, s.conns, want)
	}
	if strings.Join(s.bodies, " ") != "one two" {
		t.Errorf("bodies %q", s.bodies)
	}
}

// An answer that is not read to its end costs its connection, and nothing else.
func TestAnswerNotRead(t *testing.T) {
	s := serve(t, true)
	tr := s.transport(t, `CONTOSO\anna`, "Pässword")
	for range 3 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, strings.NewReader(strings.Repeat("x", 1<<20)))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusOK {
			t.Fatal(resp.Status)
		}
		_ = resp.Body.Close()
		_ = resp.Body.Close() // twice is once
	}
	mustPost(t, tr, s, "body")
	if s.unasked != 0 {
		t.Errorf("%d requests without credentials", s.unasked)
	}
}

func TestBadChallengeFromServer(t *testing.T) {
	for _, value := range []string{"NTLM !!!", "NTLM TlRMTVNTUAACAAAA", "NTLM " + strings.Repeat("QUFB", 5000)} {
		s := serve(t, false)
		s.hook = func(s *server, _ *serverConn, w http.ResponseWriter, _ *http.Request) bool {
			s.note("asked")
			w.Header().Set("WWW-Authenticate", value)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		_, _, err := post(t.Context(), s.transport(t, "anna", "x"), s.URL, "body")
		if !errors.As(err, new(*ChallengeError)) || len(err.Error()) > 200 {
			t.Errorf("%.20s: %v, want a *ChallengeError", value, err)
		}
		if got := s.seen(); got != "asked" {
			t.Errorf("%.20s: the server saw %q", value, got)
		}
	}
}

// Somebody in between, with a certificate of his own that the client trusts,
// cannot pass the sign-in on to the server: that is what the channel binding
// is for.
func TestManInTheMiddle(t *testing.T) {
	s := serve(t, true)
	inner := s.base()
	inner.MaxConnsPerHost, inner.ForceAttemptHTTP2 = 1, false
	defer inner.CloseIdleConnections()
	middle := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := r.Clone(r.Context())
		out.RequestURI, out.URL.Scheme, out.URL.Host = "", "https", strings.TrimPrefix(s.URL, "https://")
		resp, err := inner.RoundTrip(out)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		for name, values := range resp.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	}))
	defer middle.Close()
	certificate := selfSigned(t)
	middle.TLS.Certificates[0] = certificate
	base := s.base()
	base.TLSClientConfig.InsecureSkipVerify = true
	tr := NewTransport(base, NewCredentials(`CONTOSO\anna`, "Pässword"))
	defer tr.CloseIdleConnections()
	resp, _, err := post(t.Context(), tr, middle.URL, "body")
	if err != nil || resp.StatusCode != http.StatusUnauthorized || s.refusal != "wrong channel binding" {
		t.Errorf("%v, %v; the server says %q, want: wrong channel binding", resp, err, s.refusal)
	}
}

// All goes through a proxy, by CONNECT.
func TestThroughAProxy(t *testing.T) {
	s := serve(t, true)
	proxy, tunnels := newProxy(t)
	base := s.base()
	base.Proxy = http.ProxyURL(proxy)
	tr := NewTransport(base, NewCredentials(`CONTOSO\anna`, "Pässword"))
	defer tr.CloseIdleConnections()
	mustPost(t, tr, s, "one")
	mustPost(t, tr, s, "two")
	if got := tunnels.Load(); got != 1 {
		t.Errorf("%d tunnels, want 1", got)
	}
}

func TestContextEndsTheHandshake(t *testing.T) {
	s := serve(t, true)
	ctx, cancel := context.WithCancel(t.Context())
	s.hook = func(_ *server, _ *serverConn, _ http.ResponseWriter, r *http.Request) bool {
		cancel()
		<-r.Context().Done()
		return true
	}
	_, _, err := post(ctx, s.transport(t, "anna", "x"), s.URL, "body")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}

func TestUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	tr := NewTransport(&http.Transport{}, NewCredentials("anna", "CANARY"))
	_, _, err = post(t.Context(), tr, "http://"+listener.Addr().String(), "body")
	var op *net.OpError
	if !errors.As(err, &op) || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("%v, want the dialler's error", err)
	}
}

// The caller's request is left as it was, and his body closed.
func TestRequestIsLeftAlone(t *testing.T) {
	s := serve(t, false)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	var closed atomic.Int32
	req.Body = &counted{Reader: strings.NewReader("body"), closed: &closed}
	resp, err := s.transport(t, "anna", "Pässword").RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if len(req.Header) != 0 || closed.Load() == 0 {
		t.Errorf("header %v, body closed %d times", req.Header, closed.Load())
	}
}

type counted struct {
	io.Reader
	closed *atomic.Int32
}

func (c *counted) Close() error { c.closed.Add(1); return nil }

func TestCredentialsDoNotShow(t *testing.T) {
	creds := NewCredentials(`CONTOSO\anna`, "CANARY")
	tr := NewTransport(&http.Transport{}, creds)
	for _, v := range []any{creds, &creds, tr} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s %q %x", v, v, v, v, v, v), string(text)} {
			if strings.Contains(shown, "CANARY") || strings.Contains(shown, fmt.Sprintf("%x", "CANARY")) {
				t.Errorf("%T shows its password: %s", v, shown)
			}
		}
	}
	if got := fmt.Sprintf("%v", creds); got != `CONTOSO\anna` {
		t.Errorf("credentials print as %q", got)
	}
}

// TestServerAcceptsCurl judges the test's own server by a client that others
// wrote.
func TestServerAcceptsCurl(t *testing.T) {
	version, err := exec.Command("curl", "--version").Output()
	if err != nil || !strings.Contains(string(version), "NTLM") {
		need(t, "curl with NTLM is missing")
	}
	s := serve(t, false, func(s *server) {
		// Debian 12's curl sends neither a MIC nor a channel binding.
		s.lax = true
		s.passwords = map[string]string{`CONTOSO\anna`: "Password"}
	})
	for password, want := range map[string]string{"Password": "200", "other": "401"} {
		out, err := exec.Command("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--ntlm", "-u", `CONTOSO\anna:`+password, "-d", "body", s.URL).CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%s: %s (%v, %s), want %s", password, out, err, s.refusal, want)
		}
	}
}
