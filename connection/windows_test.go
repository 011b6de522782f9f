package connection

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exconn/exconn/internal/gsstest"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// windows is the EWS endpoint of a world behind a sign-in by NTLM or Kerberos,
// which the system's GSSAPI judges, channel binding included.
type windows struct {
	*httptest.Server
	world    *world
	acceptor *gsstest.Acceptor
	mech     gsstest.Mech
	scheme   string
	binding  []byte

	mu      sync.Mutex
	offered []string // Authorization schemes that came
	text    string   // all of the headers' content
}

type windowsConn struct{ user string }

type windowsConnKey struct{}

func newWindows(t *testing.T, w *world, mech gsstest.Mech, scheme string, env ...string) *windows {
	t.Helper()
	s := &windows{world: w, mech: mech, scheme: scheme, acceptor: gsstest.Start(t, env...)}
	s.Server = httptest.NewUnstartedServer(s)
	ca := newAuthority(t)
	der, key := ca.leaf(t, time.Now().Add(time.Hour), "127.0.0.1")
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: der, PrivateKey: key}}}
	sum := sha256.Sum256(der[0])
	s.binding = append([]byte("tls-server-end-point:"), sum[:]...)
	s.Config.ErrorLog = quiet()
	s.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, windowsConnKey{}, new(windowsConn))
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	w.caFile = ca.file(t)
	return s
}

func (s *windows) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, _ := r.Context().Value(windowsConnKey{}).(*windowsConn)
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	s.mu.Lock()
	s.offered = append(s.offered, scheme)
	s.text += text + "\n"
	s.mu.Unlock()
	challenge := s.scheme
	if token, err := base64.StdEncoding.DecodeString(text); err == nil && scheme == s.scheme && len(token) > 0 {
		answer, err := s.acceptor.Step(r.RemoteAddr, s.mech, token, s.binding)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		if conn.user = answer.User; !answer.Complete && len(answer.Reply) > 0 {
			challenge += " " + base64.StdEncoding.EncodeToString(answer.Reply)
		}
	}
	if conn.user == "" {
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	inner := r.Clone(r.Context())
	inner.SetBasicAuth(conn.user, basicPass)
	s.world.serveEWS(w, inner)
}

// draft is of a connection by this login.
func (s *windows) draft(name string, login Login) Draft {
	d := basicDraft(name)
	d.Profile.EWSURL, d.Profile.CAFile, d.Profile.Login = s.URL+"/EWS/Exchange.asmx", s.world.caFile, &login
	d.Profile.AllowMailboxes = []string{annaUPN, benUPN}
	d.Secrets.Password = oauth.Secret(basicPass)
	return d
}

func (s *windows) seen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := strings.Join(s.offered, " ")
	s.offered = nil
	return seen
}

func TestNTLMConnection(t *testing.T) {
	if plugins, _ := filepath.Glob("/usr/lib/*/gssntlmssp/gssntlmssp.so"); len(plugins) == 0 {
		gsstest.Need(t, "gss-ntlmssp is missing")
	}
	users := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(users, []byte("CONTOSO:anna:"+basicPass+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w, f := newWorld(t), newFixture(t)
	s := newWindows(t, w, gsstest.NTLM, "NTLM", "NTLM_USER_FILE="+users)
	f.create(t, s.draft("crm", Login{Kind: NTLM, Username: `CONTOSO\anna`}))
	c := f.open(t, "crm")
	if err := errors.Join(list(t, c, annaUPN), list(t, c, benUPN)); err != nil {
		t.Fatal(err)
	}
	wantCalls(t, w,
		call{anchor: annaUPN, impersonated: annaUPN, user: `CONTOSO\anna`},
		call{anchor: benUPN, impersonated: benUPN, user: `CONTOSO\anna`})
	if got := s.seen(); got != "NTLM NTLM " {
		t.Errorf("the server saw %q, want one handshake and then nothing", got)
	}
	checks, err := c.Test(t.Context(), benUPN)
	if err != nil || !strings.Contains(checks[0].Detail, "with NTLM") || !strings.Contains(checks[1].Detail, "offers NTLM") {
		t.Errorf("%v %+v", err, checks)
	}

	// A wrong password, and a server without NTLM.
	_, err = f.Update(t.Context(), "crm", func(d *Draft) error { d.Secrets.Password = oauth.Secret("wrong"); return nil })
	if err != nil {
		t.Fatal(err)
	}
	wantErr(t, list(t, f.open(t, "crm"), annaUPN), mailbox.ErrSignInNeeded, "401", `Exchange does not accept the password of CONTOSO\anna`)
	s.mu.Lock()
	s.scheme = "Bearer"
	s.mu.Unlock()
	wantErr(t, list(t, f.open(t, "crm"), annaUPN), mailbox.ErrSignInNeeded, "does not offer NTLM, but Bearer", "Set-WebServicesVirtualDirectory -WindowsAuthentication")
}

func TestKerberosConnection(t *testing.T) {
	k := gsstest.StartKDC(t)
	t.Cleanup(k.Stop)
	w, f := newWorld(t), newFixture(t)
	s := newWindows(t, w, gsstest.SPNEGO, "Negotiate", k.Env()...)
	login := Login{Kind: Kerberos, Username: gsstest.User, Krb5Conf: k.Config, SPN: gsstest.Service}
	byPassword := s.draft("password", login)
	byPassword.Secrets.Password = oauth.Secret(gsstest.Password)
	byKeytab := s.draft("keytab", login)
	byKeytab.Profile.Login.KeytabFile, byKeytab.Secrets = k.UserKeys, Secrets{}
	byCache := s.draft("cache", login)
	byCache.Profile.Login.CredentialCache, byCache.Secrets = k.Kinit(t), Secrets{}
	for _, d := range []Draft{byPassword, byKeytab, byCache} {
		name := d.Profile.Name
		if e := f.create(t, d); e.Status.State != Ready {
			t.Errorf("%s: %+v", name, e.Status)
		}
		c := f.open(t, name)
		if err := list(t, c, benUPN); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantCalls(t, w, call{anchor: benUPN, impersonated: benUPN, user: gsstest.User})
		checks, err := c.Test(t.Context(), benUPN)
		if err != nil || !strings.Contains(checks[0].Detail, "has a ticket for "+gsstest.Service) {
			t.Errorf("%s: %v %+v", name, err, checks)
		}
		w.seen()
	}

	// The service is not registered.
	_, err := f.Update(t.Context(), "keytab", func(d *Draft) error { d.Profile.Login.SPN = ""; return nil })
	if err != nil {
		t.Fatal(err)
	}
	c := f.open(t, "keytab")
	wantErr(t, list(t, c, benUPN), mailbox.ErrSignInNeeded, "knows no service HTTP/127.0.0.1", "setspn -S HTTP/127.0.0.1")
	checks, err := c.Test(t.Context(), benUPN)
	if err == nil || checks[0].OK || checks[0].Code != "KDC_ERR_S_PRINCIPAL_UNKNOWN" || len(checks) != 2 {
		t.Errorf("%+v", checks)
	}

	// A password in place of a keytab, wrong at that; then a keytab again,
	// with which the password is forgotten.
	_, err = f.Update(t.Context(), "keytab", func(d *Draft) error {
		d.Profile.Login.KeytabFile, d.Secrets.Password = "", oauth.Secret("wrong")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wantErr(t, list(t, f.open(t, "keytab"), benUPN), mailbox.ErrSignInNeeded, "is wrong", "exconn connection edit --name keytab --password-file FILE")
	_, err = f.Update(t.Context(), "keytab", func(d *Draft) error {
		d.Profile.Login.KeytabFile = filepath.Join(t.TempDir(), "missing")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, kept := f.raw(t, secretsBucket)[passwordKey("keytab")]; kept {
		t.Error("the password is kept beside the keytab")
	}
	wantErr(t, list(t, f.open(t, "keytab"), benUPN), mailbox.ErrInvalid, "no such file", "keytab file that this user can read")
}
