package connection

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/entra"
)

const (
	annaUPN = "anna@contoso.example"
	benUPN  = "ben@contoso.example"
	appID   = "aaaaaaaa-0000-4000-8000-000000000001"
	daemon  = "aaaaaaaa-0000-4000-8000-000000000002"
)

// The secrets of the tests; none may ever be seen anywhere.
const (
	annaPassword = "CANARY-anna/+pass=word"
	appSecret    = "CANARY-app~secret/+="
	basicPass    = "CANARY-basic pass&word"
)

// world is an identity server and an EWS endpoint that believes its tokens,
// both under https with an authority of their own.
type world struct {
	dir      *entra.Directory
	entra    *entra.Server
	identity *httptest.Server
	ews      *httptest.Server
	caFile   string
	browser  *http.Client

	// renewals counts the requests for tokens.
	renewals atomic.Int64
	// slow, if set, is called ahead of each answer with a token.
	slow atomic.Pointer[func()]

	mu       sync.Mutex
	calls    []call
	tokens   []string // all tokens that were seen
	refusing bool     // 401 to everything
}

// call is what the EWS endpoint saw.
type call struct{ anchor, impersonated, user string }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{dir: entra.NewDirectory()}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(second(w.dir.AddTenant(entra.Tenant{Name: "Contoso", Domains: []string{"contoso.example"}})))
	for _, upn := range []string{annaUPN, benUPN} {
		must(second(w.dir.AddUser(entra.User{Tenant: "contoso.example", UPN: upn, Name: strings.ToUpper(upn[:1]) + upn[1:4], Password: annaPassword})))
	}
	must(second(w.dir.AddApplication(entra.Application{
		ClientID: appID, Name: "exconn", Tenant: "contoso.example", MultiTenant: true, AllowPublicClient: true,
		Redirects: []entra.Redirect{{URI: "http://localhost", Platform: entra.Public}},
		Delegated: []entra.Permission{{Resource: oauth.ExchangeOnline, Scope: "EWS.AccessAsUser.All"}},
	})))
	must(second(w.dir.AddApplication(entra.Application{
		ClientID: daemon, Name: "daemon", Tenant: "contoso.example", AdminConsented: true,
		Secrets:  []entra.ClientSecret{{Value: appSecret}},
		AppRoles: []entra.AppRole{{Resource: oauth.ExchangeOnline, Role: "full_access_as_app"}},
	})))
	w.entra = entra.New(w.dir, nil)
	ca := newAuthority(t)
	start := func(h http.Handler) *httptest.Server {
		der, key := ca.leaf(t, time.Now().Add(time.Hour), "127.0.0.1", "localhost")
		s := httptest.NewUnstartedServer(h)
		s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: der, PrivateKey: key}}}
		s.Config.ErrorLog = quiet()
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	w.identity = start(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/token") {
			w.renewals.Add(1)
			if wait := w.slow.Load(); wait != nil {
				(*wait)()
			}
		}
		w.entra.ServeHTTP(rw, r)
	}))
	w.ews = start(http.HandlerFunc(w.serveEWS))
	w.caFile = ca.file(t)
	base, err := newTransport(Profile{CAFile: w.caFile})
	must(err)
	t.Cleanup(base.CloseIdleConnections)
	w.browser = &http.Client{Transport: base}
	return w
}

func (w *world) endpoint() string { return w.ews.URL + "/EWS/Exchange.asmx" }

func (w *world) serveEWS(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	defer w.mu.Unlock()
	user, pass, basic := r.BasicAuth()
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	claims, err := w.entra.Verify(token)
	switch {
	case basic:
		if pass != basicPass {
			user = ""
		}
	case bearer && err == nil:
		user = claims.UPN
		if user == "" {
			user = claims.AppID
		}
	}
	if bearer {
		w.tokens = append(w.tokens, token)
	}
	if user == "" || w.refusing {
		rw.Header().Add("WWW-Authenticate", `Bearer client_id="00000002-0000-0ff1-ce00-000000000000"`)
		rw.Header().Add("WWW-Authenticate", `Basic realm="x"`)
		rw.Header().Set("X-Ms-Diagnostics", `2000003;reason="The token is expired.";error_category="invalid_token"`)
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	c := call{anchor: r.Header.Get("X-AnchorMailbox"), user: user}
	if _, after, ok := strings.Cut(string(body), "ConnectingSID"); ok {
		_, after, _ = strings.Cut(after, "SmtpAddress")
		_, after, _ = strings.Cut(after, ">")
		c.impersonated, _, _ = strings.Cut(after, "<")
	}
	w.calls = append(w.calls, c)
	rw.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = io.WriteString(rw, `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>`+
		`<m:FindItemResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">`+
		`<m:ResponseMessages><m:FindItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>`+
		`<m:RootFolder IndexedPagingOffset="0" TotalItemsInView="0" IncludesLastItemInRange="true"><t:Items/></m:RootFolder>`+
		`</m:FindItemResponseMessage></m:ResponseMessages></m:FindItemResponse></s:Body></s:Envelope>`)
}

// seen returns the calls so far and forgets them.
func (w *world) seen() []call {
	w.mu.Lock()
	defer w.mu.Unlock()
	calls := w.calls
	w.calls = nil
	return calls
}

func (w *world) refuse(yes bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refusing = yes
}

// Drafts of connections to this world.

func (w *world) pkce(name string, fence ...string) Draft {
	d := pkceDraft(name)
	d.Profile.EWSURL, d.Profile.CAFile, d.Profile.AllowMailboxes = w.endpoint(), w.caFile, fence
	d.Auth.ClientID, d.Auth.AuthorityURL = appID, w.identity.URL+"/contoso.example"
	return d
}

func (w *world) app(name string) Draft {
	d := secretDraft(name)
	d.Profile.EWSURL, d.Profile.CAFile, d.Profile.AllowMailboxes = w.endpoint(), w.caFile, []string{"contoso.example"}
	d.Auth.ClientID, d.Auth.AuthorityURL, d.Auth.AccountType = daemon, w.identity.URL+"/contoso.example", ""
	d.Secrets.ClientSecret = oauth.Secret(appSecret + "\n")
	return d
}

func (w *world) basic(name string) Draft {
	d := basicDraft(name)
	d.Profile.EWSURL, d.Profile.CAFile, d.Profile.Login = w.endpoint(), w.caFile, &Login{Username: annaUPN}
	d.Profile.AllowMailboxes = []string{annaUPN, benUPN}
	d.Secrets.Password = oauth.Secret(basicPass + "\r\n")
	return d
}

// signIn signs a person in, or lets them refuse, as a browser would.
func (w *world) signIn(t *testing.T, b *Book, name, upn string, consent bool) (Status, error) {
	t.Helper()
	return w.signInFor(t, b, name, SignInOptions{}, upn, consent)
}

func (w *world) signInFor(t *testing.T, b *Book, name string, opts SignInOptions, upn string, consent bool) (Status, error) {
	t.Helper()
	s, err := b.BeginSignIn(t.Context(), name, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	back, err := entra.SignIn(t.Context(), w.browser, s.URL(), upn, annaPassword, consent)
	if err != nil {
		t.Fatal(err)
	}
	w.visit(t, back)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return s.Wait(ctx)
}

// visit opens the loopback address that the browser was sent to.
func (w *world) visit(t *testing.T, u *url.URL) {
	t.Helper()
	local := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: local}).Get(u.String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}

// simulate starts the simulator, and returns it with the file of its
// certificate authority.
func simulate(t *testing.T, opts simulator.Options) (sim *simulator.Simulator, caFile string) {
	t.Helper()
	opts.Seed = 7
	sim, err := simulator.New(&opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	if caFile, err = sim.CAFile(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	return sim, caFile
}
