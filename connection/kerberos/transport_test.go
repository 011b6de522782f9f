package kerberos

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exconn/exconn/internal/gsstest"
	"github.com/exconn/exconn/mailbox"
)

// site is a web server that signs in by SPNEGO, judged by MIT's GSSAPI, which
// insists on the channel binding.
type site struct {
	*httptest.Server
	acceptor *gsstest.Acceptor

	mu          sync.Mutex
	application []byte // of the channel binding
	certificate tls.Certificate
	log         []string
	problems    []string
	offers      string
}

func startSite(t *testing.T, k *gsstest.KDC) *site {
	t.Helper()
	s := &site{acceptor: gsstest.Start(t, k.Env()...), offers: "Negotiate"}
	s.Server = httptest.NewUnstartedServer(s)
	s.EnableHTTP2 = true // which the client must not take up
	s.StartTLS()
	t.Cleanup(s.Close)
	s.certificate = s.TLS.Certificates[0]
	s.TLS.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return &tls.Config{Certificates: []tls.Certificate{s.certificate}}, nil
	}
	s.application = endPoint(s.Certificate().Raw)
	return s
}

func endPoint(raw []byte) []byte {
	sum := sha256.Sum256(raw)
	return append([]byte("tls-server-end-point:"), sum[:]...)
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	refuse := func(what string) {
		s.log = append(s.log, what)
		w.Header().Set("WWW-Authenticate", s.offers)
		w.WriteHeader(http.StatusUnauthorized)
	}
	text, negotiate := strings.CutPrefix(r.Header.Get("Authorization"), "Negotiate ")
	switch {
	case r.ProtoMajor != 1:
		refuse("HTTP/2")
		return
	case !negotiate && len(body) > 0:
		refuse("BODY")
		return
	case !negotiate:
		refuse("asked")
		return
	}
	token, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		refuse("no base64")
		return
	}
	answer, err := s.acceptor.Step(fmt.Sprintf("%s %d", r.RemoteAddr, len(s.log)), gsstest.SPNEGO, token, s.application)
	if err != nil || !answer.Complete {
		s.problems = append(s.problems, fmt.Sprint(answer.Problem, err))
		refuse("refused")
		return
	}
	s.log = append(s.log, "request")
	// IIS sends its own token with the answer, which proves the server.
	w.Header().Set("WWW-Authenticate", "Negotiate "+base64.StdEncoding.EncodeToString(answer.Reply))
	_, _ = fmt.Fprintf(w, "%s sends %s", answer.User, body)
}

func (s *site) seen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := strings.Join(s.log, " ")
	s.log = nil
	return log
}

// base returns a transport to which every host is the site.
func (s *site) base() *http.Transport {
	base := s.Client().Transport.(*http.Transport).Clone()
	base.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
	}
	return base
}

func (s *site) transport(t *testing.T, tickets Tickets, spn string) *Transport {
	t.Helper()
	tr := NewTransport(s.base(), tickets, spn)
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

const siteURL = "https://EXAMPLE.com/EWS/Exchange.asmx"

func post(ctx context.Context, tr http.RoundTripper, url string, body io.Reader) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return 0, "", err
	}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode, string(text), err
}

func mustPost(t *testing.T, tr http.RoundTripper, s *site) {
	t.Helper()
	status, text, err := post(t.Context(), tr, siteURL, strings.NewReader("body"))
	if err != nil || status != http.StatusOK || text != user+" sends body" {
		t.Fatalf("HTTP %d %q %v; the server says %q", status, text, err, s.problems)
	}
}

func TestSignIn(t *testing.T) {
	k := startKDC(t)
	for _, c := range []struct {
		name    string
		login   func(t *testing.T) *Login
		tickets int // that the KDC gives out
	}{
		{"password", func(*testing.T) *Login { return NewLogin(Options{Username: user, ConfigFile: k.Config}, password) }, 2},
		{"realm as people write it", func(*testing.T) *Login {
			return NewLogin(Options{Username: "anna@exconn.test", ConfigFile: k.Config}, password)
		}, 2},
		{"default realm", func(*testing.T) *Login { return NewLogin(Options{Username: "anna", ConfigFile: k.Config}, password) }, 2},
		{"keytab", func(*testing.T) *Login {
			return NewLogin(Options{Username: user, KeytabFile: k.UserKeys, ConfigFile: k.Config}, "")
		}, 2},
		{"credential cache", func(t *testing.T) *Login {
			return NewLogin(Options{CacheFile: k.Kinit(t), ConfigFile: k.Config}, "")
		}, 2},
		{"the environment's cache", func(t *testing.T) *Login {
			t.Setenv("KRB5CCNAME", "FILE:"+k.Kinit(t))
			t.Setenv("KRB5_CONFIG", k.Config)
			return NewLogin(Options{Username: user}, "")
		}, 2},
		{"service ticket in the cache", func(t *testing.T) *Login {
			return NewLogin(Options{CacheFile: k.Kinit(t, "-S", service), ConfigFile: k.Config}, "")
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := startSite(t, k)
			before := k.Issued(t)
			tr := s.transport(t, c.login(t), "")
			for range 3 {
				mustPost(t, tr, s)
			}
			if got := s.seen(); got != "asked request request request" {
				t.Errorf("the server saw %q", got)
			}
			if got := k.Issued(t) - before; got != c.tickets {
				t.Errorf("the KDC gave out %d tickets, want %d", got, c.tickets)
			}
		})
	}
}

func TestOtherServiceName(t *testing.T) {
	k := startKDC(t)
	s := startSite(t, k)
	login := NewLogin(Options{Username: user, ConfigFile: k.Config}, password)
	mustPost(t, s.transport(t, login, gsstest.OtherService), s)
	// The host of the URL would not do.
	_, _, err := post(t.Context(), s.transport(t, login, ""), "https://127.0.0.1/", strings.NewReader("body"))
	var e *Error
	if !errors.As(err, &e) || e.Code() != "KDC_ERR_S_PRINCIPAL_UNKNOWN" || !strings.Contains(e.Hint(), "setspn -S HTTP/127.0.0.1 ") {
		t.Errorf("%v (%s), want the unknown service", err, mailbox.Hint(err))
	}
}

// Many at once take one ticket, and bodies arrive once.
func TestConcurrentRequests(t *testing.T) {
	k := startKDC(t)
	s := startSite(t, k)
	tr := s.transport(t, NewLogin(Options{Username: user, ConfigFile: k.Config}, password), "")
	before := k.Issued(t)
	const callers, each = 16, 6
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			for i := range each {
				body := strings.Repeat(fmt.Sprint(caller, "-", i, " "), 1+i*200)
				status, text, err := post(t.Context(), tr, siteURL, strings.NewReader(body))
				if err != nil || status != http.StatusOK || text != user+" sends "+body {
					t.Errorf("HTTP %d %.60q %v", status, text, err)
				}
			}
		})
	}
	group.Wait()
	if got := strings.Count(s.seen(), "request"); got != callers*each {
		t.Errorf("%d requests were let in, want %d; %q", got, callers*each, s.problems)
	}
	if got := k.Issued(t) - before; got != 2 {
		t.Errorf("the KDC gave out %d tickets, want 2", got)
	}
}

func TestWrongBinding(t *testing.T) {
	k := startKDC(t)
	s := startSite(t, k)
	s.application = []byte("tls-server-end-point:another")
	tr := s.transport(t, NewLogin(Options{Username: user, ConfigFile: k.Config}, password), "")
	status, _, err := post(t.Context(), tr, siteURL, strings.NewReader("body"))
	if err != nil || status != http.StatusUnauthorized || len(s.problems) != 2 || !strings.Contains(s.problems[0], "channel binding") {
		t.Errorf("HTTP %d %v; the server says %q, want two refusals for the channel binding", status, err, s.problems)
	}
	// What cannot be opened again is not sent twice.
	_ = s.seen()
	if status, _, err = post(t.Context(), tr, siteURL, io.MultiReader(strings.NewReader("stream"))); err != nil || status != http.StatusUnauthorized || s.seen() != "refused" {
		t.Errorf("HTTP %d %v", status, err)
	}
}

// A server whose certificate has been renewed, or that shares its name with
// another, is signed in to by its own.
func TestCertificateChanges(t *testing.T) {
	k := startKDC(t)
	s := startSite(t, k)
	base := s.base()
	base.TLSClientConfig.InsecureSkipVerify = true // the second certificate is nobody's
	tr := NewTransport(base, NewLogin(Options{Username: user, ConfigFile: k.Config}, password), "")
	defer tr.CloseIdleConnections()
	mustPost(t, tr, s)
	before := k.Issued(t)
	second := selfSigned(t)
	s.mu.Lock()
	s.certificate, s.application = second, endPoint(second.Certificate[0])
	s.mu.Unlock()
	tr.CloseIdleConnections()
	mustPost(t, tr, s)
	mustPost(t, tr, s)
	if got, want := s.seen(), "asked request refused request request"; got != want {
		t.Errorf("the server saw %q, want %q", got, want)
	}
	if got := k.Issued(t) - before; got != 0 {
		t.Errorf("%d tickets were fetched for nothing", got)
	}
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// fakeTickets notes what it was asked for.
type fakeTickets struct {
	mu      sync.Mutex
	targets []Target
	err     error
	again   error // where the last token was refused
}

func (f *fakeTickets) Token(_ context.Context, target Target) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.targets = append(f.targets, target)
	if target.Refused && f.again != nil {
		return nil, f.again
	}
	return []byte("token"), f.err
}

func TestWithoutKerberos(t *testing.T) {
	for header, want := range map[string]string{
		"NTLM": "the server does not offer Kerberos (Negotiate), but NTLM",
		"":     "the server does not offer Kerberos (HTTP 401 without a scheme)",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if header != "" {
				w.Header().Set("WWW-Authenticate", header)
			}
			w.WriteHeader(http.StatusUnauthorized)
		}))
		defer server.Close()
		tickets := new(fakeTickets)
		tr := NewTransport(&http.Transport{}, tickets, "")
		defer tr.CloseIdleConnections()
		_, _, err := post(t.Context(), tr, server.URL, strings.NewReader("body"))
		if !errors.As(err, new(*NotOfferedError)) || err.Error() != want || !errors.Is(err, mailbox.ErrSignInNeeded) || !strings.Contains(mailbox.Hint(err), "Set-WebServicesVirtualDirectory") {
			t.Errorf("%v, want %q", err, want)
		}
		if len(tickets.targets) != 0 {
			t.Errorf("a token was made for nothing: %v", tickets.targets)
		}
	}
}

// A server that lets everybody in gets the request itself; one that is too
// busy is not pressed.
func TestAnswersWithoutChallenge(t *testing.T) {
	for status, want := range map[int]string{200: "0 4", 500: "0 4", 503: "0", 429: "0"} {
		var lengths []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			lengths = append(lengths, fmt.Sprint(r.ContentLength))
			w.WriteHeader(status)
		}))
		defer server.Close()
		tr := NewTransport(&http.Transport{}, new(fakeTickets), "")
		defer tr.CloseIdleConnections()
		got, _, err := post(t.Context(), tr, server.URL, strings.NewReader("body"))
		if err != nil || got != status || strings.Join(lengths, " ") != want {
			t.Errorf("%d: HTTP %d %v, bodies of length %q, want %s", status, got, err, lengths, want)
		}
	}
}

// The second attempt asks for a new ticket, the third is not made; and an error
// of the tickets keeps the request at home.
func TestRefusedToken(t *testing.T) {
	var requests int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.Header().Set("WWW-Authenticate", "Negotiate")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	tickets := new(fakeTickets)
	tr := NewTransport(&http.Transport{}, tickets, "HTTP/a")
	defer tr.CloseIdleConnections()
	status, _, err := post(t.Context(), tr, server.URL, strings.NewReader("body"))
	if err != nil || status != http.StatusUnauthorized || requests != 3 {
		t.Errorf("HTTP %d %v after %d requests, want the 401 after 3", status, err, requests)
	}
	want := []Target{{SPN: "HTTP/a"}, {SPN: "HTTP/a", Refused: true}}
	if len(tickets.targets) != 2 || tickets.targets[0] != want[0] || tickets.targets[1] != want[1] {
		t.Errorf("tokens for %+v, want %+v", tickets.targets, want)
	}
	// No new ticket: the server's answer stands.
	tickets.again = errors.New("no new ticket")
	status, _, err = post(t.Context(), tr, server.URL, strings.NewReader("body"))
	if err != nil || status != http.StatusUnauthorized || requests != 4 {
		t.Errorf("HTTP %d %v after %d requests, want the 401 after one more", status, err, requests)
	}
	tickets.err = errors.New("no ticket")
	if _, _, err := post(t.Context(), tr, server.URL, strings.NewReader("body")); !errors.Is(err, tickets.err) || requests != 4 {
		t.Errorf("%v after %d requests", err, requests)
	}
}

// TestSiteAcceptsCurl judges the test's own server by a client that others
// wrote.
func TestSiteAcceptsCurl(t *testing.T) {
	version, err := exec.Command("curl", "--version").Output()
	if err != nil || !strings.Contains(string(version), "SPNEGO") {
		gsstest.Need(t, "curl with SPNEGO is missing")
	}
	k := startKDC(t)
	s := startSite(t, k)
	s.mu.Lock()
	s.application = nil // Debian 12's curl sends no channel binding
	s.mu.Unlock()
	cmd := exec.Command("curl", "-sk", "--http1.1", "--negotiate", "-u", ":", "-d", "body", "--connect-to", "::"+s.Listener.Addr().String(), siteURL)
	cmd.Env = append(k.Env(), "KRB5CCNAME="+k.Kinit(t))
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != user+" sends body" {
		t.Errorf("%v %q; the server says %q", err, out, s.problems)
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	login := NewLogin(Options{Username: user}, "CANARY")
	tr := NewTransport(&http.Transport{}, login, "")
	for _, v := range []any{login, tr} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		shown := fmt.Sprintf("%v %+v %#v %s %q %x %s", v, v, v, v, v, v, text)
		for _, part := range []string{"CANARY", fmt.Sprintf("%x", "CANARY"), "sessionkey"} {
			if strings.Contains(shown, part) {
				t.Errorf("%T shows %s: %s", v, part, shown)
			}
		}
	}
	if got := fmt.Sprintf("%v", login); got != user {
		t.Errorf("a login prints as %q", got)
	}
}
