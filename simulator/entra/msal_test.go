package entra

import (
	"context"
	"crypto/x509"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
)

// MSAL, Microsoft's own library, is the outside judge: what it accepts from
// Entra it has to accept from here.

func TestMSALPublicClient(t *testing.T) {
	ctx := context.Background()
	for _, tenant := range []string{contosoID, "contoso.example", "organizations"} {
		t.Run(tenant, func(t *testing.T) {
			// MSAL keeps a token that has five minutes and more to live.
			f := newFixture(t, Options{Now: time.Now, TokenLifetime: time.Minute})
			user, _ := f.dir.User(anna)
			client, err := public.New(multiApp, public.WithAuthority(f.url(tenant, "")), public.WithInstanceDiscovery(false), public.WithHTTPClient(f.client))
			if err != nil {
				t.Fatal(err)
			}
			const back = "http://localhost:4711/"
			address, err := client.AuthCodeURL(ctx, multiApp, back, []string{ews, "offline_access", "openid", "profile"})
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			u.RawQuery = with(u.Query(), "state", "s-1", "code_challenge", challenge(verifier), "code_challenge_method", "S256").Encode()
			answer, err := SignIn(ctx, f.client, u.String(), anna, annaPassword, true)
			if err != nil {
				t.Fatal(err)
			}
			res, err := client.AcquireTokenByAuthCode(ctx, answer.Query().Get("code"), back, []string{ews}, public.WithChallenge(verifier))
			if err != nil {
				t.Fatal(err)
			}
			if res.Account.HomeAccountID != user.ID+"."+contosoID || res.Account.PreferredUsername != anna || res.IDToken.Name != "Anna Ax" ||
				!slices.Contains(res.GrantedScopes, ews) {
				t.Errorf("account %+v, scopes %v", res.Account, res.GrantedScopes)
			}
			first := f.verify(res.AccessToken)
			if first.Audience != exchange || first.UPN != anna {
				t.Errorf("claims %+v", first)
			}

			accounts, err := client.Accounts(ctx)
			if err != nil || len(accounts) != 1 {
				t.Fatalf("%d accounts, %v", len(accounts), err)
			}
			again, err := client.AcquireTokenSilent(ctx, []string{ews}, public.WithSilentAccount(accounts[0]))
			if err != nil {
				t.Fatal(err)
			}
			if again.AccessToken == res.AccessToken || again.Metadata.TokenSource != public.TokenSourceIdentityProvider {
				t.Error("the token was not renewed by the refresh token")
			}
			f.verify(again.AccessToken)

			if err := f.dir.RevokeSessions(anna); err != nil {
				t.Fatal(err)
			}
			if _, err := client.AcquireTokenSilent(ctx, []string{ews}, public.WithSilentAccount(accounts[0])); err == nil || !strings.Contains(err.Error(), "AADSTS50173") {
				t.Errorf("after the revocation: %v", err)
			}
		})
	}
}

func TestMSALConfidentialClient(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t, Options{Now: time.Now})
	secret, err := confidential.NewCredFromSecret(string(webSecret))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := confidential.NewCredFromCert([]*x509.Certificate{f.cert}, f.key)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := confidential.NewCredFromSecret("wrong")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		cred confidential.Credential
		acr  string
	}{"secret": {secret, "1"}, "certificate": {cert, "2"}} {
		for range 2 {
			// Two clients, each with an empty cache.
			client, err := confidential.New(f.url(contosoID, ""), daemonApp, tc.cred, confidential.WithInstanceDiscovery(false), confidential.WithHTTPClient(f.client))
			if err != nil {
				t.Fatal(err)
			}
			res, err := client.AcquireTokenByCredential(ctx, []string{exchange + "/.default"})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if c := f.verify(res.AccessToken); c.IDType != AppToken || !c.HasRole("full_access_as_app") {
				t.Errorf("%s: claims %+v", name, c)
			}
			if raw := f.claims(res.AccessToken); raw["appidacr"] != tc.acr {
				t.Errorf("%s: appidacr %v", name, raw["appidacr"])
			}
		}
	}
	client, err := confidential.New(f.url(contosoID, ""), daemonApp, wrong, confidential.WithInstanceDiscovery(false), confidential.WithHTTPClient(f.client))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.AcquireTokenByCredential(ctx, []string{exchange + "/.default"}); err == nil || !strings.Contains(err.Error(), "AADSTS7000215") {
		t.Errorf("a wrong secret: %v", err)
	}
}

// A web server that signs users in: code, secret and refresh by MSAL.
func TestMSALWebServer(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t, Options{Now: time.Now, TokenLifetime: time.Minute, OneTimeRefreshTokens: true})
	secret, err := confidential.NewCredFromSecret(string(webSecret))
	if err != nil {
		t.Fatal(err)
	}
	client, err := confidential.New(f.url(contosoID, ""), webApp, secret, confidential.WithInstanceDiscovery(false), confidential.WithHTTPClient(f.client))
	if err != nil {
		t.Fatal(err)
	}
	answer := f.signIn(contosoID, request("client_id", webApp, "redirect_uri", webBack), anna, annaPassword)
	res, err := client.AcquireTokenByAuthCode(ctx, answer.Get("code"), webBack, []string{ews}, confidential.WithChallenge(verifier))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		again, err := client.AcquireTokenSilent(ctx, []string{ews}, confidential.WithSilentAccount(res.Account))
		if err != nil {
			t.Fatal(err)
		}
		if c := f.verify(again.AccessToken); c.UPN != anna {
			t.Errorf("claims %+v", c)
		}
	}
}
