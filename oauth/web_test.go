package oauth_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/exconn/exconn/custompages"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator/entra"
)

// crmAddress is an address of a CRM, which knows nothing of exconn. Its case
// counts.
const crmAddress = "https://crm.example.com/Admin/smtp_oauth_microsoft/token"

func webApp(redirect string) entra.Application {
	app := publicApp(redirect)
	app.AllowPublicClient = false
	app.Redirects[0].Platform = entra.Web
	app.Secrets = []entra.ClientSecret{{Value: "web-secret-canary"}}
	return app
}

func webSignIn(t *testing.T, app entra.Application, change func(*oauth.Config)) (*oauth.Client, *oauth.Attempt, func() *url.URL) {
	t.Helper()
	_, hc := directory(t, app)
	cfg := entraConfig(hc)
	cfg.Method, cfg.Secret = oauth.Web, oauth.Secret("web-secret-canary")
	cfg.RedirectURI = app.Redirects[0].URI
	if change != nil {
		change(&cfg)
	}
	c := newClient(t, cfg, &memory{})
	a := attempt(t, c)
	return c, a, func() *url.URL {
		t.Helper()
		back, err := entra.SignIn(t.Context(), hc, a.URL(), "anna@contoso.example", password, true)
		if err != nil {
			t.Fatal(err)
		}
		return back
	}
}

// The CRM's own page gets the answer as such pages do, and somebody brings it.
func TestWebByPaste(t *testing.T) {
	c, a, goThere := webSignIn(t, webApp(crmAddress), nil)
	if a.RedirectURI() != crmAddress || a.ListenAddress() != "" || a.ShowsCode() {
		t.Errorf("redirect %s, listener %q", a.RedirectURI(), a.ListenAddress())
	}
	back := goThere()
	if q := back.Query(); back.Scheme+"://"+back.Host+back.Path != crmAddress || q.Get("code") == "" || strings.Contains(q.Get("state"), ".") {
		t.Fatalf("the browser comes back to %s", back.Redacted())
	}
	if account, err := a.Paste(t.Context(), back.String()); err != nil || account.Username != "anna@contoso.example" {
		t.Fatalf("%+v, %v", account, err)
	}
	for range 3 { // by refresh tokens of one use, each with the secret
		c.Invalidate(mustToken(t, c))
	}
	claims, err := oauth.Inspect(mustToken(t, c).Value())
	if err != nil || claims.Kind != oauth.Delegated || claims.Username != "anna@contoso.example" {
		t.Errorf("claims %+v, %v", claims, err)
	}
}

// A redirect to this machine is answered here, at its own path and port.
func TestWebByListener(t *testing.T) {
	for _, redirect := range []string{"http://localhost/crm/token", "http://localhost"} {
		c, a, goThere := webSignIn(t, webApp(redirect), nil)
		if u, err := url.Parse(a.RedirectURI()); err != nil || "http://localhost"+u.Path != redirect {
			t.Errorf("%s became %s", redirect, a.RedirectURI())
		}
		if a.ListenAddress() == "" || !a.ShowsCode() {
			t.Fatalf("%s: nobody listens", redirect)
		}
		if status, page := visit(t, goThere().String()); status != 200 || !strings.Contains(page, `data-outcome="success"`) {
			t.Fatalf("%s: %d %s", redirect, status, page)
		}
		if _, err := a.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		mustToken(t, c)
	}
}

func TestWebByCertificate(t *testing.T) {
	cert, text := testCertificate(t)
	app := webApp(crmAddress)
	app.Secrets, app.Certificates = nil, append(app.Certificates, cert)
	c, a, goThere := webSignIn(t, app, func(cfg *oauth.Config) {
		var err error
		cfg.Secret = nil
		if cfg.Certificate, err = oauth.ParseCertificate(text); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := a.Paste(t.Context(), goThere().String()); err != nil {
		t.Fatal(err)
	}
	c.Invalidate(mustToken(t, c))
	mustToken(t, c)
}

func TestWebRefused(t *testing.T) {
	_, a, goThere := webSignIn(t, webApp(crmAddress), func(cfg *oauth.Config) { cfg.Secret = oauth.Secret("another-secret") })
	_, err := a.Paste(t.Context(), goThere().String())
	var e *oauth.Error
	if !errors.As(err, &e) || e.AADSTS != "AADSTS7000215" || !errors.Is(err, mailbox.ErrSignInNeeded) || strings.Contains(err.Error(), "another-secret") {
		t.Errorf("a wrong secret: %v", err)
	}
}

func TestWebNeedsOneProof(t *testing.T) {
	_, text := testCertificate(t)
	certificate, err := oauth.ParseCertificate(text)
	if err != nil {
		t.Fatal(err)
	}
	good := oauth.Config{Authority: authority, ClientID: clientID, Method: oauth.Web, Scopes: []string{ewsScope}, Secret: oauth.Secret("s3cret")}
	none, both := good, good
	none.Secret, both.Certificate = nil, certificate
	for name, cfg := range map[string]oauth.Config{"none": none, "both": both} {
		if _, err := oauth.New(cfg, &memory{}); !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), "one of the two") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Our callback page on a web server of this machine is still a page: it hands
// the answer on, in a fragment.
func TestCallbackPageOnThisMachine(t *testing.T) {
	e := newFakeAuthority(t)
	cfg := personConfig(e)
	cfg.RedirectURI = "http://localhost/crm/custompages/oauth/callback.html"
	a, err := newClient(t, cfg, &memory{}).BeginSignIn(t.Context(), oauth.SignInOptions{Pages: custompages.OAuth()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	u, err := url.Parse(a.URL())
	if err != nil {
		t.Fatal(err)
	}
	if q := u.Query(); q.Get("response_mode") != "fragment" || q.Get("redirect_uri") != cfg.RedirectURI || !strings.Contains(q.Get("state"), ".") || a.ListenAddress() == "" {
		t.Errorf("%v, listener %q", q, a.ListenAddress())
	}
}

// A web application answers a claims challenge, too; and another process, which
// knows nothing of it, goes on.
func TestWebChallenge(t *testing.T) {
	e, cache := newFakeAuthority(t), newLeasedMemory()
	e.oneTime = true
	cfg := personConfig(e)
	cfg.Method, cfg.Secret = oauth.Web, oauth.Secret("web-secret-canary")
	c := newClient(t, cfg, cache)
	signIn(t, c, e)
	first := mustToken(t, c)
	c.Challenge(first, nbfClaims)
	second := mustToken(t, c)
	if second.Value() == first.Value() || !hasClaim(t, e.lastClaims(), "nbf") || !hasClaim(t, e.lastClaims(), "xms_cc") {
		t.Errorf("the renewal asked for %s", e.lastClaims())
	}
	if mustToken(t, c).Value() != second.Value() {
		t.Error("the token is renewed without need")
	}
	for range 2 {
		other := mustToken(t, newClient(t, cfg, cache))
		if other.Value() == first.Value() {
			t.Error("another process has the token that was refused")
		}
	}
	if n := e.tokenCalls("refresh_token"); n > 2 {
		t.Errorf("%d renewals", n)
	}
}
