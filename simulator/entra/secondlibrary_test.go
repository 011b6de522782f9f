package entra

import (
	"context"
	"errors"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// The second judge: x/oauth2 with go-oidc, which know nothing of Microsoft and
// hold the server to the standards alone.

const oidcNonce = "nonce-of-the-second-library"

// oidcClient is an application as that library sees it.
func oidcClient(t *testing.T, f *fixture, clientID, secret, redirect string) (context.Context, *oidc.Provider, *oauth2.Config) {
	t.Helper()
	ctx := oidc.ClientContext(context.Background(), f.client)
	provider, err := oidc.NewProvider(ctx, f.url(contosoID, "/v2.0"))
	if err != nil {
		t.Fatal(err)
	}
	return ctx, provider, &oauth2.Config{
		ClientID: clientID, ClientSecret: secret, RedirectURL: redirect, Endpoint: provider.Endpoint(),
		Scopes: []string{oidc.ScopeOpenID, "profile", "email", oidc.ScopeOfflineAccess, ews},
	}
}

// wantIDToken verifies by the published keys what the answer says of the user.
func wantIDToken(t *testing.T, ctx context.Context, provider *oidc.Provider, cfg *oauth2.Config, answer *oauth2.Token, nonce string) {
	t.Helper()
	raw, _ := answer.Extra("id_token").(string)
	id, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: cfg.ClientID}).Verify(ctx, raw)
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Username string `json:"preferred_username"`
		Name     string `json:"name"`
		Email    string `json:"email"`
		TenantID string `json:"tid"`
	}
	if err := id.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if id.Nonce != nonce || claims.Username != anna || claims.Name != "Anna Ax" || claims.Email != anna || claims.TenantID != contosoID {
		t.Errorf("nonce %q, claims %+v", id.Nonce, claims)
	}
	if _, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: webApp + "x"}).Verify(ctx, raw); err == nil {
		t.Error("the id token holds for another client")
	}
	head, tail, _ := strings.Cut(raw, ".")
	if _, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: cfg.ClientID}).Verify(ctx, head+"."+strings.Replace(tail, tail[5:9], "AAAA", 1)); err == nil {
		t.Error("a changed id token holds")
	}
}

// wantOAuthError checks what the library made of a refusal.
func wantOAuthError(t *testing.T, err error, code, aadsts string) {
	t.Helper()
	var re *oauth2.RetrieveError
	if !errors.As(err, &re) || re.ErrorCode != code || !strings.HasPrefix(re.ErrorDescription, aadsts+":") {
		t.Errorf("%v; want %s %s", err, code, aadsts)
	}
}

func TestSecondLibraryCode(t *testing.T) {
	for name, c := range map[string]struct{ id, secret, redirect string }{
		"public": {publicApp, "", "http://localhost:4711/"},
		"web":    {webApp, string(webSecret), webBack},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, Options{Now: time.Now})
			ctx, provider, cfg := oidcClient(t, f, c.id, c.secret, c.redirect)
			pkce := oauth2.GenerateVerifier()
			address := cfg.AuthCodeURL("state-2", oidc.Nonce(oidcNonce), oauth2.S256ChallengeOption(pkce))
			back, err := SignIn(ctx, f.client, address, anna, annaPassword, true)
			if err != nil {
				t.Fatal(err)
			}
			if back.Query().Get("state") != "state-2" {
				t.Errorf("state %q", back.Query().Get("state"))
			}
			code := back.Query().Get("code")
			_, err = cfg.Exchange(ctx, code, oauth2.VerifierOption(oauth2.GenerateVerifier()))
			wantOAuthError(t, err, "invalid_grant", "AADSTS501481")
			answer, err := cfg.Exchange(ctx, code, oauth2.VerifierOption(pkce))
			if err != nil {
				t.Fatal(err)
			}
			wantIDToken(t, ctx, provider, cfg, answer, oidcNonce)
			if got := f.verify(answer.AccessToken); got.UPN != anna || got.Audience != exchange || !got.HasScope("EWS.AccessAsUser.All") {
				t.Errorf("claims %+v", got)
			}
			if left := time.Until(answer.Expiry); answer.Type() != "Bearer" || left <= 0 || left > time.Hour {
				t.Errorf("%s for %s", answer.Type(), left)
			}

			// The library's own renewal sends no scope, which Entra wants.
			old := *answer
			old.Expiry = time.Unix(1, 0)
			_, err = cfg.TokenSource(ctx, &old).Token()
			wantOAuthError(t, err, "invalid_request", "AADSTS900144")
			renewed, err := cfg.Exchange(ctx, "", oauth2.SetAuthURLParam("grant_type", "refresh_token"),
				oauth2.SetAuthURLParam("refresh_token", answer.RefreshToken), oauth2.SetAuthURLParam("scope", strings.Join(cfg.Scopes, " ")))
			if err != nil {
				t.Fatal(err)
			}
			if renewed.AccessToken == answer.AccessToken || renewed.RefreshToken == "" {
				t.Error("nothing new")
			}
			f.verify(renewed.AccessToken)
			wantIDToken(t, ctx, provider, cfg, renewed, "")
		})
	}
}

func TestSecondLibraryDeviceCode(t *testing.T) {
	f := deviceFixture(t, Options{Now: time.Now})
	ctx, provider, cfg := oidcClient(t, f, deviceApp, "", "")
	waiting, err := cfg.DeviceAuth(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := SignInDevice(ctx, f.client, waiting.VerificationURI, waiting.UserCode, anna, annaPassword, true); err != nil {
		t.Fatal(err)
	}
	waiting.Interval = 1 // the library waits before its first poll
	answer, err := cfg.DeviceAccessToken(ctx, waiting)
	if err != nil {
		t.Fatal(err)
	}
	wantIDToken(t, ctx, provider, cfg, answer, "")
	if got := f.verify(answer.AccessToken); got.UPN != anna || got.AppID != deviceApp {
		t.Errorf("claims %+v", got)
	}

	declined, err := cfg.DeviceAuth(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := SignInDevice(ctx, f.client, declined.VerificationURI, declined.UserCode, anna, annaPassword, false); err != nil {
		t.Fatal(err)
	}
	declined.Interval = 1
	_, err = cfg.DeviceAccessToken(ctx, declined)
	wantOAuthError(t, err, "authorization_declined", "AADSTS65004")
}

func TestSecondLibraryClientCredentials(t *testing.T) {
	for name, style := range map[string]oauth2.AuthStyle{"in the form": oauth2.AuthStyleInParams, "in the header": oauth2.AuthStyleInHeader, "as it finds out": oauth2.AuthStyleAutoDetect} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, Options{Now: time.Now})
			ctx, provider, _ := oidcClient(t, f, daemonApp, "", "")
			cfg := clientcredentials.Config{
				ClientID: daemonApp, ClientSecret: string(webSecret), TokenURL: provider.Endpoint().TokenURL, Scopes: []string{exchange + "/.default"}, AuthStyle: style,
			}
			answer, err := cfg.Token(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.verify(answer.AccessToken); got.IDType != AppToken || !got.HasRole("full_access_as_app") || answer.RefreshToken != "" {
				t.Errorf("claims %+v", got)
			}
			cfg.ClientSecret = string(expiredSecret)
			_, err = cfg.Token(ctx)
			wantOAuthError(t, err, "invalid_client", "AADSTS7000222")
		})
	}
}

// Sign-out as the discovery document says, and single sign-on before it.
func TestSecondLibraryLogout(t *testing.T) {
	f := newFixture(t, Options{Now: time.Now})
	ctx, provider, cfg := oidcClient(t, f, publicApp, "", "http://localhost:4711/")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	f.client.Jar = jar
	pkce := oauth2.S256ChallengeOption(oauth2.GenerateVerifier())
	if _, err := SignIn(ctx, f.client, cfg.AuthCodeURL("1", pkce), anna, annaPassword, true); err != nil {
		t.Fatal(err)
	}
	silent := func() url.Values {
		back, err := SignIn(ctx, f.client, cfg.AuthCodeURL("2", pkce, oauth2.SetAuthURLParam("prompt", "none")), "", "", true)
		if err != nil {
			t.Fatal(err)
		}
		return back.Query()
	}
	if q := silent(); q.Get("code") == "" {
		t.Errorf("no single sign-on: %v", q)
	}
	var more struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&more); err != nil {
		t.Fatal(err)
	}
	resp, err := f.client.Get(more.EndSession)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if q := silent(); q.Get("error") != "login_required" {
		t.Errorf("after the sign-out: %v", q)
	}
}
