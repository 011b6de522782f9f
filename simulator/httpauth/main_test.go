package httpauth

import (
	"crypto/sha256"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/exconn/exconn/internal/gsstest"
	"github.com/exconn/exconn/simulator/entra"
)

// shared is the KDC of the tests.
var shared gsstest.Shared

func TestMain(m *testing.M) { goleak.VerifyTestMain(shared.Main(m)) }

func startKDC(t *testing.T) *gsstest.KDC {
	t.Helper()
	return shared.Start(t)
}

// passwords are those of the people at contoso.example. Not all clients know what
// to do with more than ASCII.
var passwords = map[string]string{"anna": "Pässword 1", "ben": "Password-1"}

func accounts(user, domain string) (Account, bool) {
	name, upn := strings.CutSuffix(strings.ToLower(user), "@contoso.example")
	here := upn || domain == "" || strings.EqualFold(domain, "CONTOSO") || strings.EqualFold(domain, "contoso.example")
	password, known := passwords[name]
	return Account{Name: name + "@contoso.example", Password: entra.Secret(password)}, known && here
}

// site is a web server behind an Authenticator. It tells who has signed in, and
// echoes what was sent.
type site struct {
	*httptest.Server
	auth *Authenticator

	mu       sync.Mutex
	refusals []string
	requests int
}

func serve(t *testing.T, secure bool, change func(*Options)) *site {
	t.Helper()
	opts := Options{
		Schemes: Schemes(), Accounts: accounts, Realm: "contoso.example",
		Names: Names{Domain: "CONTOSO", Computer: "EX1", DNSDomain: "contoso.example", DNSComputer: "ex1.contoso.example"},
	}
	if change != nil {
		change(&opts)
	}
	s := &site{auth: New(opts)}
	s.Server = httptest.NewUnstartedServer(s.auth.Wrap(http.HandlerFunc(s.answer)))
	s.Config.ConnContext = ConnContext
	if secure {
		s.StartTLS()
		s.auth.SetCertificate(s.Certificate())
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func (s *site) answer(w http.ResponseWriter, r *http.Request) {
	user, refusal := Of(r)
	s.mu.Lock()
	s.requests++
	if refusal != nil && !refusal.Continues {
		s.refusals = append(s.refusals, refusal.Reason)
	}
	s.mu.Unlock()
	if user == nil {
		var challenges []string
		if refusal != nil {
			challenges = refusal.Challenges
		}
		w.Header()["Www-Authenticate"] = challenges
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("X-User", user.Name)
	w.Header().Set("X-Mechanism", user.Mechanism)
	body, _ := io.ReadAll(r.Body) // whole, before an answer begins
	_, _ = w.Write(body)
}

// seen returns the reasons of the refusals since the last call, without those of
// requests that came without credentials.
func (s *site) seen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var told []string
	for _, reason := range s.refusals {
		if reason != "no credentials" {
			told = append(told, reason)
		}
	}
	s.refusals = nil
	return strings.Join(told, "\n")
}

func (s *site) port(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// endPoint is the application data of the channel binding. The certificate of
// httptest is signed with SHA-256.
func (s *site) endPoint() []byte {
	sum := sha256.Sum256(s.Certificate().Raw)
	return append([]byte("tls-server-end-point:"), sum[:]...)
}

// client returns a client that trusts the site.
func (s *site) client() *http.Client {
	tr := &http.Transport{TLSClientConfig: &tls.Config{}}
	if base, ok := s.Client().Transport.(*http.Transport); ok && base.TLSClientConfig != nil {
		tr.TLSClientConfig.RootCAs = base.TLSClientConfig.RootCAs
	}
	return &http.Client{Transport: tr}
}
