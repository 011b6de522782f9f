package connection

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// fakeTokens hands out "token-1", "token-2" … and goes on to the next when one
// is invalidated.
type fakeTokens struct {
	mu          sync.Mutex
	n           int
	stuck       bool // renewing brings the same token
	invalidated []string
	claims      []string // of the challenges
	err         error    // of all calls
	renewalErr  error    // of calls after an Invalidate
}

func (f *fakeTokens) Token(context.Context) (oauth.Token, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return oauth.Token{}, f.err
	}
	if len(f.invalidated) > 0 && f.renewalErr != nil {
		return oauth.Token{}, f.renewalErr
	}
	return oauth.NewToken("token-"+string(rune('1'+f.n)), time.Now().Add(time.Hour)), nil
}

func (f *fakeTokens) Invalidate(t oauth.Token) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.invalidated = append(f.invalidated, t.Value())
	if !f.stuck {
		f.n++
	}
}

func (f *fakeTokens) Challenge(t oauth.Token, claims string) {
	f.mu.Lock()
	f.claims = append(f.claims, claims)
	f.mu.Unlock()
	f.Invalidate(t)
}

// seen is what a server was asked.
type seen struct {
	mu   sync.Mutex
	auth []string
	body []string
}

func (s *seen) note(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.auth = append(s.auth, r.Header.Get("Authorization"))
	s.body = append(s.body, string(body))
	return r.Header.Get("Authorization")
}

func (s *seen) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.auth, ", ") + " | " + strings.Join(s.body, ", ")
}

// newSigner returns a client that signs for the server.
func newSigner(t *testing.T, server *httptest.Server, p Profile, login *basicLogin, tokens tokenSource) (*http.Client, *signer) {
	t.Helper()
	origin, err := url.Parse(server.URL + "/EWS/Exchange.asmx")
	if err != nil {
		t.Fatal(err)
	}
	p.Name = "crm"
	base := server.Client().Transport.(*http.Transport).Clone()
	t.Cleanup(base.CloseIdleConnections)
	s := &signer{base: base, origin: origin, profile: p, login: login, tokens: tokens}
	return &http.Client{Transport: s}, s
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func post(t *testing.T, hc *http.Client, target, body string) (int, error) {
	t.Helper()
	resp, err := hc.Post(target, "text/xml", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, resp.Body.Close()
}

func TestBasic(t *testing.T) {
	var saw seen
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		saw.note(r)
		w.WriteHeader(http.StatusUnauthorized)
	})
	hc, _ := newSigner(t, server, Profile{}, newBasicLogin(`CORP\jörg`, oauth.Secret("pässword:1")), nil)
	status, err := post(t, hc, server.URL+"/EWS/Exchange.asmx", "body")
	if err != nil || status != http.StatusUnauthorized {
		t.Fatalf("%d, %v", status, err)
	}
	// Once: a repeated wrong password locks the account.
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(`CORP\jörg:pässword:1`)) + " | body"
	if saw.all() != want {
		t.Errorf("the server saw %q, want %q", saw.all(), want)
	}
}

func TestBearerRetriesOnce(t *testing.T) {
	for _, c := range []struct {
		name   string
		tokens *fakeTokens
		accept string
		status int
		want   string
	}{
		{"first token good", &fakeTokens{}, "token-1", 200, "Bearer token-1 | body"},
		{"second token good", &fakeTokens{}, "token-2", 200, "Bearer token-1, Bearer token-2 | body, body"},
		{"none good", &fakeTokens{}, "token-9", 401, "Bearer token-1, Bearer token-2 | body, body"},
		{"same token again", &fakeTokens{stuck: true}, "token-9", 401, "Bearer token-1 | body"},
		{"no renewal", &fakeTokens{renewalErr: mailbox.ErrSignInNeeded}, "token-9", 401, "Bearer token-1 | body"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var saw seen
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if saw.note(r) != "Bearer "+c.accept {
					w.WriteHeader(http.StatusUnauthorized)
				}
			})
			hc, s := newSigner(t, server, Profile{}, nil, c.tokens)
			status, err := post(t, hc, server.URL+"/EWS/Exchange.asmx", "body")
			if err != nil || status != c.status || saw.all() != c.want {
				t.Errorf("HTTP %d (%v) after %q, want HTTP %d after %q", status, err, saw.all(), c.status, c.want)
			}
			if got := s.renewal.Load(); (got != nil) != (c.tokens.renewalErr != nil) {
				t.Errorf("the failed renewal is noted: %v", got)
			}
		})
	}
}

// A refusal that says what the next token must hold is passed on, and the
// request repeated once.
func TestClaimsChallenge(t *testing.T) {
	const claims = `{"access_token":{"nbf":{"essential":true,"value":"1790000000"}}}`
	for name, c := range map[string]struct {
		challenge string
		want      string
	}{
		"challenge":      {`Bearer realm="", authorization_uri="https://login.test/x", error="insufficient_claims", claims="` + base64.StdEncoding.EncodeToString([]byte(claims)) + `"`, claims},
		"no claims":      {`Bearer realm="", error="insufficient_claims"`, ""},
		"another reason": {`Bearer error="invalid_token"`, ""},
	} {
		var saw seen
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if saw.note(r) != "Bearer token-2" {
				w.Header().Set("WWW-Authenticate", c.challenge)
				w.WriteHeader(http.StatusUnauthorized)
			}
		})
		tokens := &fakeTokens{}
		hc, _ := newSigner(t, server, Profile{}, nil, tokens)
		status, err := post(t, hc, server.URL+"/EWS/Exchange.asmx", "body")
		if err != nil || status != 200 || strings.Join(tokens.claims, " ") != c.want || len(tokens.invalidated) != 1 {
			t.Errorf("%s: HTTP %d, %v; claims %q, %d refused", name, status, err, tokens.claims, len(tokens.invalidated))
		}
	}
}

// A body that cannot be opened again is not sent twice, nor sent in part.
func TestBearerWithoutGetBody(t *testing.T) {
	var saw seen
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		saw.note(r)
		w.WriteHeader(http.StatusUnauthorized)
	})
	tokens := &fakeTokens{}
	hc, _ := newSigner(t, server, Profile{}, nil, tokens)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/EWS/Exchange.asmx", io.MultiReader(strings.NewReader("stream")))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := hc.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if saw.all() != "Bearer token-1 | stream" || len(tokens.invalidated) != 1 {
		t.Errorf("the server saw %q, and %v were invalidated", saw.all(), tokens.invalidated)
	}
}

func TestTokenErrorSendsNothing(t *testing.T) {
	var saw seen
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { saw.note(r) })
	hc, _ := newSigner(t, server, Profile{}, nil, &fakeTokens{err: mailbox.ErrSignInNeeded})
	_, err := post(t, hc, server.URL+"/EWS/Exchange.asmx", "body")
	if !errors.Is(err, mailbox.ErrSignInNeeded) || saw.all() != " | " {
		t.Errorf("%v, and the server saw %q; want ErrSignInNeeded and nothing", err, saw.all())
	}
}

// Credentials go to the connection's own origin alone, even where an HTTP
// client follows redirects.
func TestNoCredentialsElsewhere(t *testing.T) {
	var elsewhere seen
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) { elsewhere.note(r) })
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/EWS/Exchange.asmx", http.StatusTemporaryRedirect)
	})
	for name, client := range map[string]func() *http.Client{
		"basic": func() *http.Client {
			hc, _ := newSigner(t, server, Profile{}, newBasicLogin("anna", oauth.Secret("CANARY")), nil)
			return hc
		},
		"bearer": func() *http.Client { hc, _ := newSigner(t, server, Profile{}, nil, &fakeTokens{}); return hc },
	} {
		for what, target := range map[string]string{
			"redirect":     server.URL + "/EWS/Exchange.asmx",
			"another port": other.URL + "/EWS/Exchange.asmx",
			"another name": strings.Replace(server.URL, "127.0.0.1", "localhost", 1) + "/EWS/Exchange.asmx",
			"https":        strings.Replace(server.URL, "http://", "https://", 1) + "/EWS/Exchange.asmx",
		} {
			_, err := post(t, client(), target, "body")
			var oe *OriginError
			if !errors.As(err, &oe) || !errors.Is(err, mailbox.ErrUnavailable) || !strings.Contains(oe.Hint(), "--ews-url") {
				t.Errorf("%s, %s: %v, want an *OriginError", name, what, err)
			}
			if err != nil && strings.Contains(err.Error(), "CANARY") {
				t.Errorf("%v holds the password", err)
			}
		}
	}
	if elsewhere.all() != " | " {
		t.Errorf("the other server saw %q", elsewhere.all())
	}
}

func TestNoCredentialsOverPlainHTTP(t *testing.T) {
	var sent []string
	base := roundTripper(func(req *http.Request) (*http.Response, error) {
		sent = append(sent, req.URL.String())
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	})
	for target, allowed := range map[string]bool{
		"http://mail.example.com/EWS":    false,
		"http://localhost.example/EWS":   false,
		"http://127.0.0.1.example/EWS":   false,
		"http://localhost/EWS":           true,
		"http://[::1]/EWS":               true,
		"https://mail.example.com/EWS":   true,
		"https://MAIL.example.com:443/x": true,
	} {
		for _, insecure := range []bool{false, true} {
			sent = nil
			origin, err := url.Parse(target)
			if err != nil {
				t.Fatal(err)
			}
			s := &signer{base: base, origin: origin, profile: Profile{InsecureHTTP: insecure}, login: newBasicLogin("u", oauth.Secret("p"))}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader("body"))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := s.RoundTrip(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			if ok := err == nil && len(sent) == 1; ok != (allowed || insecure) {
				t.Errorf("%s, insecure %v: %v", target, insecure, err)
			}
			if err != nil && !strings.Contains(err.Error(), "plain http") {
				t.Errorf("%v does not say why", err)
			}
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// The caller's request is not changed: it may be logged or sent again.
func TestRequestIsNotChanged(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	hc, s := newSigner(t, server, Profile{}, nil, &fakeTokens{})
	defer hc.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/EWS/Exchange.asmx", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if got := req.Header.Get("Authorization"); got != "" {
		t.Errorf("the caller's request carries %q", got)
	}
}

// A refused request must leave the network connection fit for the repeat.
func TestRepeatUsesTheSameConnection(t *testing.T) {
	var mu sync.Mutex
	from := map[string]bool{}
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		from[r.RemoteAddr] = true
		if r.Header.Get("Authorization") == "Bearer token-1" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, strings.Repeat("an error page ", 1000))
		}
	})
	hc, _ := newSigner(t, server, Profile{}, nil, &fakeTokens{})
	for range 5 {
		if status, err := post(t, hc, server.URL+"/EWS/Exchange.asmx", "body"); err != nil || status != 200 {
			t.Fatalf("%d, %v", status, err)
		}
	}
	if len(from) != 1 {
		t.Errorf("%d network connections for 6 requests, want 1", len(from))
	}
}
