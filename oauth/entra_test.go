package oauth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator/entra"
)

const (
	realmURL = "https://entra.test"
	password = "correct-horse-canary"
)

// inMemory serves requests by a handler, without a network.
func inMemory(h http.Handler) *http.Client {
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		r = r.Clone(r.Context())
		r.RequestURI = r.URL.RequestURI()
		if r.Host == "" {
			r.Host = r.URL.Host
		}
		if r.Body == nil {
			r.Body = http.NoBody
		}
		h.ServeHTTP(w, r)
		return w.Result(), nil
	})}
}

// directory is a tenant with one person, a public client and a confidential
// one, judged by the pretend Entra, which knows nothing of this package.
func directory(t *testing.T, app entra.Application) (*entra.Directory, *http.Client) {
	t.Helper()
	dir := entra.NewDirectory()
	_, err := dir.AddTenant(entra.Tenant{ID: tenant, Name: "Contoso", Domains: []string{"contoso.example"}})
	if err == nil {
		_, err = dir.AddUser(entra.User{Tenant: tenant, UPN: "anna@contoso.example", Name: "Anna Ahrens", Password: password})
	}
	if err == nil {
		app.ClientID, app.Tenant, app.Name = clientID, tenant, "exconn"
		_, err = dir.AddApplication(app)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir, inMemory(entra.New(dir, &entra.Options{BaseURL: realmURL, OneTimeRefreshTokens: true}))
}

func publicApp(redirect string) entra.Application {
	return entra.Application{
		Redirects:         []entra.Redirect{{URI: redirect, Platform: entra.Public}},
		AllowPublicClient: true,
		Delegated:         []entra.Permission{{Resource: oauth.ExchangeOnline, Scope: "EWS.AccessAsUser.All"}},
	}
}

func entraConfig(hc *http.Client) oauth.Config {
	return oauth.Config{Authority: realmURL + "/" + tenant, ClientID: clientID, Method: oauth.PKCE,
		Scopes: oauth.EWSScopes(oauth.PKCE, ""), HTTPClient: hc}
}

func TestEntraLoopback(t *testing.T) {
	_, hc := directory(t, publicApp("http://localhost/"))
	cache := &memory{}
	c := newClient(t, entraConfig(hc), cache)
	a := attempt(t, c)
	back, err := entra.SignIn(t.Context(), hc, a.URL(), "anna@contoso.example", password, true)
	if err != nil {
		t.Fatal(err)
	}
	if status, page := visit(t, back.String()); status != 200 || !strings.Contains(page, `data-outcome="success"`) {
		t.Fatalf("%d %s", status, page)
	}
	account, err := a.Wait(t.Context())
	if err != nil || account.Username != "anna@contoso.example" || account.TenantID != tenant || account.Name != "Anna Ahrens" {
		t.Fatalf("%+v, %v", account, err)
	}
	first := mustToken(t, c)
	claims, err := oauth.Inspect(first.Value())
	if err != nil || claims.Kind != oauth.Delegated || claims.Audience != oauth.ExchangeOnline || strings.Join(claims.Scopes, " ") != "EWS.AccessAsUser.All" {
		t.Errorf("claims %+v, %v", claims, err)
	}
	for range 3 {
		c.Invalidate(mustToken(t, c)) // each refresh token is good for one use
	}
	if mustToken(t, newClient(t, entraConfig(hc), cache)).IsZero() {
		t.Error("another process finds no token")
	}
}

func TestEntraPage(t *testing.T) {
	_, hc := directory(t, publicApp(crmPage))
	cfg := entraConfig(hc)
	cfg.RedirectURI = crmPage
	a := attempt(t, newClient(t, cfg, &memory{}))
	back, err := entra.SignIn(t.Context(), hc, a.URL(), "anna@contoso.example", password, true)
	if err != nil {
		t.Fatal(err)
	}
	if back.RawQuery != "" || back.Fragment == "" {
		t.Fatalf("the answer is not in the fragment of %s", back.Redacted())
	}
	answer, err := url.ParseQuery(back.EscapedFragment())
	if err != nil {
		t.Fatal(err)
	}
	// What the page does on a click.
	_, port, _ := strings.Cut(answer.Get("state"), ".")
	status, page := visit(t, "http://localhost:"+port+"/?"+url.Values{"code": answer["code"], "state": answer["state"]}.Encode())
	if status != 200 || !strings.Contains(page, `data-outcome="success"`) {
		t.Fatalf("%d %s", status, page)
	}
	if _, err := a.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	// And once more, by paste of the whole address.
	again := attempt(t, newClient(t, cfg, &memory{}))
	if back, err = entra.SignIn(t.Context(), hc, again.URL(), "anna@contoso.example", password, true); err != nil {
		t.Fatal(err)
	}
	if _, err := again.Paste(t.Context(), back.String()); err != nil {
		t.Error(err)
	}
}

func TestEntraRefusedConsent(t *testing.T) {
	_, hc := directory(t, publicApp("http://localhost/"))
	a := attempt(t, newClient(t, entraConfig(hc), &memory{}))
	back, err := entra.SignIn(t.Context(), hc, a.URL(), "anna@contoso.example", password, false)
	if err != nil {
		t.Fatal(err)
	}
	_, page := visit(t, back.String())
	_, err = a.Wait(t.Context())
	if mailbox.Code(err) != "AADSTS65004" || mailbox.RequestID(err) == "" || !strings.Contains(page, mailbox.RequestID(err)) {
		t.Errorf("%v; page %s", err, page)
	}
}

func TestEntraRevocations(t *testing.T) {
	for name, test := range map[string]struct {
		revoke func(*entra.Directory) error
		code   string
	}{
		"sessions": {func(d *entra.Directory) error { return d.RevokeSessions("anna@contoso.example") }, "AADSTS50173"},
		"password": {func(d *entra.Directory) error { return d.ResetPassword("anna@contoso.example", "another") }, "AADSTS50173"},
		"disabled": {func(d *entra.Directory) error { return d.DisableUser("anna@contoso.example") }, "AADSTS50057"},
		"90 days":  {func(*entra.Directory) error { time.Sleep(91 * 24 * time.Hour); return nil }, "AADSTS700082"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir, hc := directory(t, publicApp("http://localhost/"))
				c := newClient(t, entraConfig(hc), &memory{})
				a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true})
				if err != nil {
					t.Fatal(err)
				}
				defer a.Close()
				back, err := entra.SignIn(t.Context(), hc, a.URL(), "anna@contoso.example", password, true)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := a.Paste(t.Context(), back.String()); err != nil {
					t.Fatal(err)
				}
				mustToken(t, c)
				time.Sleep(2 * time.Second)
				if err := test.revoke(dir); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Hour)
				_, err = c.Token(t.Context())
				if !errors.Is(err, mailbox.ErrSignInNeeded) || mailbox.Code(err) != test.code || mailbox.Hint(err) == "" {
					t.Errorf("got %v, want %s", err, test.code)
				}
			})
		})
	}
}

// TestEntraRegistrations meets the registrations that admins get wrong.
func TestEntraRegistrations(t *testing.T) {
	web := publicApp("")
	web.Redirects = []entra.Redirect{{URI: "http://localhost/", Platform: entra.Web}}
	spa := publicApp("")
	spa.Redirects = []entra.Redirect{{URI: "http://localhost/", Platform: entra.SPA}}
	for code, app := range map[string]entra.Application{"AADSTS7000218": web, "AADSTS9002327": spa} {
		_, hc := directory(t, app)
		a := attempt(t, newClient(t, entraConfig(hc), &memory{}))
		back, err := entra.SignIn(t.Context(), hc, a.URL(), "anna@contoso.example", password, true)
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.Paste(t.Context(), back.String())
		if mailbox.Code(err) != code || !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(mailbox.Hint(err), "Mobile and desktop") {
			t.Errorf("%s: %v (hint %q)", code, err, mailbox.Hint(err))
		}
	}
}

func TestEntraAppOnly(t *testing.T) {
	cert, pem := testCertificate(t)
	parsed, err := oauth.ParseCertificate(pem)
	if err != nil {
		t.Fatal(err)
	}
	app := entra.Application{
		Secrets:        []entra.ClientSecret{{Value: "the-right-secret"}, {Value: "the-old-secret", Expires: time.Now().Add(-time.Hour)}},
		AppRoles:       []entra.AppRole{{Resource: oauth.ExchangeOnline, Role: "full_access_as_app"}},
		AdminConsented: true,
	}
	app.Certificates = append(app.Certificates, cert)
	_, hc := directory(t, app)
	for name, test := range map[string]struct {
		secret string
		cert   *oauth.Certificate
		code   string
	}{
		"secret":         {"the-right-secret", nil, ""},
		"certificate":    {"", parsed, ""},
		"wrong secret":   {"the-wrong-secret", nil, "AADSTS7000215"},
		"expired secret": {"the-old-secret", nil, "AADSTS7000222"},
	} {
		cfg := entraConfig(hc)
		cfg.Method, cfg.Secret = oauth.ClientSecret, oauth.Secret(test.secret)
		if test.cert != nil {
			cfg.Method, cfg.Secret, cfg.Certificate = oauth.ClientCertificate, nil, test.cert
		}
		cfg.Scopes = oauth.EWSScopes(cfg.Method, "")
		token, err := newClient(t, cfg, &memory{}).Token(t.Context())
		if mailbox.Code(err) != test.code || (test.code == "") != (err == nil) {
			t.Errorf("%s: %v, want code %q", name, err, test.code)
			continue
		}
		if err != nil {
			continue
		}
		if claims, err := oauth.Inspect(token.Value()); err != nil || claims.Kind != oauth.AppOnly || strings.Join(claims.Roles, " ") != "full_access_as_app" {
			t.Errorf("%s: claims %+v, %v", name, claims, err)
		}
	}
}
