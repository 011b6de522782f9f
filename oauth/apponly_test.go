package oauth_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

func appConfig(e *fakeAuthority, method oauth.Method) oauth.Config {
	return oauth.Config{
		Authority: authority, ClientID: clientID, Method: method,
		Scopes:     oauth.EWSScopes(method, ""),
		HTTPClient: &http.Client{Transport: e},
	}
}

func TestClientSecret(t *testing.T) {
	e, cache := newFakeAuthority(t), &memory{}
	e.secret = "s3cret~canary.of-forty-characters_long"
	cfg := appConfig(e, oauth.ClientSecret)
	cfg.Secret = oauth.Secret(e.secret)
	c := newClient(t, cfg, cache)
	token := mustToken(t, c)
	claims, err := oauth.Inspect(token.Value())
	if err != nil || claims.Kind != oauth.AppOnly {
		t.Errorf("the token is %+v, %v; want an app-only one", claims, err)
	}
	if mustToken(t, newClient(t, cfg, cache)).Value() != token.Value() {
		t.Error("another process did not find the token in the cache")
	}
	if n := e.tokenCalls("client_credentials"); n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
	c.Invalidate(token)
	if mustToken(t, c).Value() == token.Value() {
		t.Error("a refused token was handed out again")
	}
	if _, ok, err := c.SignedIn(t.Context()); ok || err != nil {
		t.Errorf("Account: %v, %v; want none", ok, err)
	}
	if strings.Contains(string(cache.get()), e.secret) {
		t.Error("the cache holds the client secret")
	}
}

func TestWrongClientSecret(t *testing.T) {
	e := newFakeAuthority(t)
	e.secret = "the right one"
	cfg := appConfig(e, oauth.ClientSecret)
	cfg.Secret = oauth.Secret("the-wrong-canary-secret")
	_, err := newClient(t, cfg, &memory{}).Token(t.Context())
	if !errors.Is(err, mailbox.ErrSignInNeeded) || mailbox.Code(err) != "AADSTS7000215" {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(mailbox.Hint(err), "Certificates & secrets") {
		t.Errorf("hint %q", mailbox.Hint(err))
	}
	e.checkNoSecrets(t, "the error", err.Error()+mailbox.Hint(err))
}

func TestClientCertificate(t *testing.T) {
	cert, pem := testCertificate(t)
	e := newFakeAuthority(t)
	e.certificate = cert
	cfg := appConfig(e, oauth.ClientCertificate)
	var err error
	if cfg.Certificate, err = oauth.ParseCertificate(pem); err != nil {
		t.Fatal(err)
	}
	if mustToken(t, newClient(t, cfg, &memory{})).IsZero() {
		t.Error("no token")
	}

	other, _ := testCertificate(t)
	e.set(func(e *fakeAuthority) { e.certificate = other })
	_, err = newClient(t, cfg, &memory{}).Token(t.Context())
	if mailbox.Code(err) != "AADSTS700027" || !errors.Is(err, mailbox.ErrSignInNeeded) {
		t.Errorf("a certificate that is not registered: %v", err)
	}
	e.checkNoSecrets(t, "the error", err.Error())
}

func TestAppOnlyIgnoresACorruptCache(t *testing.T) {
	for _, blob := range []string{"garbage", `{"version":1,"tokens":{"AccessToken":"no"}}`} {
		e := newFakeAuthority(t)
		e.secret = "the right one"
		cfg := appConfig(e, oauth.ClientSecret)
		cfg.Secret = oauth.Secret(e.secret)
		cache := &memory{blob: []byte(blob)}
		mustToken(t, newClient(t, cfg, cache))
		calls := e.tokenCalls("")
		mustToken(t, newClient(t, cfg, cache))
		if e.tokenCalls("") != calls {
			t.Errorf("%q was not replaced by a good blob", blob)
		}
	}
}

func TestAppOnlyHasNobodyToSignIn(t *testing.T) {
	e := newFakeAuthority(t)
	cfg := appConfig(e, oauth.ClientSecret)
	cfg.Secret = oauth.Secret("secret")
	_, err := newClient(t, cfg, &memory{}).BeginSignIn(t.Context(), oauth.SignInOptions{})
	if !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), "client-secret") {
		t.Errorf("got %v", err)
	}
}
