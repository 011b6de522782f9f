package entra

import (
	"context"
	"crypto/x509"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// MSAL knows AD FS by the authority https://host/adfs.

func (f *adfsFixture) msalPublic() public.Client {
	f.t.Helper()
	client, err := public.New(nativeClient, public.WithAuthority(f.url("")), public.WithInstanceDiscovery(false), public.WithHTTPClient(f.client))
	f.must(err)
	return client
}

// msalSignIn signs Anna in at the pages as MSAL has it, and redeems the code.
func (f *adfsFixture) msalSignIn(client public.Client, more ...string) (public.AuthResult, error) {
	f.t.Helper()
	ctx := context.Background()
	address, err := client.AuthCodeURL(ctx, nativeClient, nativeBack, []string{adfsScope, "offline_access", "openid", "profile"})
	f.must(err)
	u, err := url.Parse(address)
	f.must(err)
	u.RawQuery = with(u.Query(), append([]string{"state", "s-1", "code_challenge", challenge(verifier), "code_challenge_method", "S256"}, more...)...).Encode()
	back, err := SignIn(ctx, f.client, u.String(), anna, annaPassword, true)
	f.must(err)
	return client.AcquireTokenByAuthCode(ctx, back.Query().Get("code"), nativeBack, []string{adfsScope}, public.WithChallenge(verifier))
}

func TestADFSWithMSALPublic(t *testing.T) {
	ctx := context.Background()
	f := newADFSFixture(t, ADFSOptions{Now: time.Now, TokenLifetime: time.Minute, EnableKMSI: true})
	client := f.msalPublic()
	res, err := f.msalSignIn(client, "kmsi", "true")
	f.must(err)
	if res.Account.PreferredUsername != anna || res.Account.HomeAccountID == "" || !slices.Contains(res.GrantedScopes, adfsScope) {
		t.Errorf("account %+v, scopes %v", res.Account, res.GrantedScopes)
	}
	for range 2 { // each renewal leaves a refresh token for the next
		again, err := client.AcquireTokenSilent(ctx, []string{adfsScope}, public.WithSilentAccount(res.Account))
		f.must(err)
		if again.AccessToken == res.AccessToken {
			t.Error("the token was not renewed")
		}
		if c := f.verify(again.AccessToken); c.Audience != mailServer || c.UPN != anna {
			t.Errorf("claims %+v", c)
		}
	}
	f.must(f.dir.ResetPassword(anna, otherPassword))
	if _, err := client.AcquireTokenSilent(ctx, []string{adfsScope}, public.WithSilentAccount(res.Account)); err == nil || !strings.Contains(err.Error(), "MSIS9614") {
		t.Errorf("after the new password: %v", err)
	}
}

// Answers as some have seen them end a sign-in: MSAL takes the permissions that
// lack the resource for others than those that it asked for.
func TestADFSWithMSALBareScopes(t *testing.T) {
	f := newADFSFixture(t, ADFSOptions{Now: time.Now, BareScopes: true})
	if _, err := f.msalSignIn(f.msalPublic()); err == nil || !strings.Contains(err.Error(), "declined scopes") {
		t.Errorf("bare scopes: %v", err)
	}
}

func TestADFSWithMSALDevice(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	f := newADFSFixture(t, ADFSOptions{Now: time.Now})
	for _, consent := range []bool{true, false} {
		waiting, err := f.msalPublic().AcquireTokenByDeviceCode(ctx, []string{adfsScope})
		f.must(err)
		f.must(SignInDevice(ctx, f.client, waiting.Result.VerificationURL, waiting.Result.UserCode, anna, annaPassword, consent))
		res, err := waiting.AuthenticationResult(ctx)
		switch {
		case !consent && (err == nil || !strings.Contains(err.Error(), "access_denied")):
			t.Errorf("declined: %v", err)
		case !consent:
		case err != nil:
			t.Error(err)
		default:
			f.wantClaims(res.AccessToken, mailServer, anna, "EWS.AccessAsUser.All", "openid", "profile", "user_impersonation")
		}
	}
}

func TestADFSWithMSALConfidential(t *testing.T) {
	ctx := context.Background()
	f := newADFSFixture(t, ADFSOptions{Now: time.Now})
	key, err := oneKey()
	f.must(err)
	secret, err := confidential.NewCredFromSecret(string(webSecret))
	f.must(err)
	cert, err := confidential.NewCredFromCert([]*x509.Certificate{f.cert}, key)
	f.must(err)
	wrong, err := confidential.NewCredFromSecret("wrong")
	f.must(err)
	for name, cred := range map[string]confidential.Credential{"secret": secret, "certificate": cert, "wrong": wrong} {
		client, err := confidential.New(f.url(""), serverClient, cred, confidential.WithInstanceDiscovery(false), confidential.WithHTTPClient(f.client))
		f.must(err)
		app, err := client.AcquireTokenByCredential(ctx, []string{mailServer + "/.default"})
		if name == "wrong" {
			if err == nil || !strings.Contains(err.Error(), "MSIS9622") {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		f.must(err)
		if c := f.verify(app.AccessToken); c.IDType != AppToken || c.Audience != mailServer || c.AppID != serverClient {
			t.Errorf("%s in its own right: %+v", name, c)
		}
		// For a person.
		code := f.code(adfsAsk("client_id", serverClient, "redirect_uri", webBack))
		res, err := client.AcquireTokenByAuthCode(ctx, code, webBack, []string{adfsScope}, confidential.WithChallenge(verifier))
		f.must(err)
		f.wantClaims(res.AccessToken, mailServer, anna, "openid", "profile", "email", "EWS.AccessAsUser.All", "user_impersonation")
	}
}

// x/oauth2 with go-oidc hold AD FS to the standards.
func (f *adfsFixture) oidc(clientID, secret, redirect string) (context.Context, *oidc.Provider, *oauth2.Config) {
	f.t.Helper()
	ctx := oidc.ClientContext(context.Background(), f.client)
	provider, err := oidc.NewProvider(ctx, f.url(""))
	f.must(err)
	return ctx, provider, &oauth2.Config{
		ClientID: clientID, ClientSecret: secret, RedirectURL: redirect, Endpoint: provider.Endpoint(),
		Scopes: []string{oidc.ScopeOpenID, "profile", "email", adfsScope},
	}
}

func TestADFSWithOIDC(t *testing.T) {
	for name, c := range map[string]struct{ id, secret, redirect string }{
		"native": {nativeClient, "", nativeBack},
		"server": {serverClient, string(webSecret), webBack},
	} {
		t.Run(name, func(t *testing.T) {
			f := newADFSFixture(t, ADFSOptions{Now: time.Now})
			ctx, provider, cfg := f.oidc(c.id, c.secret, c.redirect)
			pkce := oauth2.GenerateVerifier()
			back, err := SignIn(ctx, f.client, cfg.AuthCodeURL("state-2", oidc.Nonce(oidcNonce), oauth2.S256ChallengeOption(pkce)), anna, annaPassword, true)
			f.must(err)
			answer, err := cfg.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(pkce))
			f.must(err)
			id := f.verifyID(ctx, provider, cfg, answer)
			if id.Nonce != oidcNonce {
				t.Errorf("nonce %q", id.Nonce)
			}
			// The library's own renewal, which AD FS takes.
			old := *answer
			old.Expiry = time.Unix(1, 0)
			renewed, err := cfg.TokenSource(ctx, &old).Token()
			f.must(err)
			if renewed.AccessToken == answer.AccessToken || renewed.RefreshToken != answer.RefreshToken {
				t.Error("not renewed by the one refresh token")
			}
			f.wantClaims(renewed.AccessToken, mailServer, anna, "openid", "profile", "email", "EWS.AccessAsUser.All", "user_impersonation")

			// UserInfo is for who asks for no other resource.
			if _, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(answer)); err == nil {
				t.Error("userinfo for a token of the mail server")
			}
			cfg.Scopes = []string{oidc.ScopeOpenID}
			back, err = SignIn(ctx, f.client, cfg.AuthCodeURL("state-3"), anna, annaPassword, true)
			f.must(err)
			signIn, err := cfg.Exchange(ctx, back.Query().Get("code"))
			f.must(err)
			info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(signIn))
			if err != nil || info.Subject != id.Subject {
				t.Errorf("userinfo %+v, %v; want the subject %s", info, err, id.Subject)
			}
		})
	}
}

// verifyID verifies by the published keys what an answer says of Anna.
func (f *adfsFixture) verifyID(ctx context.Context, provider *oidc.Provider, cfg *oauth2.Config, answer *oauth2.Token) *oidc.IDToken {
	f.t.Helper()
	raw, _ := answer.Extra("id_token").(string)
	id, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: cfg.ClientID}).Verify(ctx, raw)
	f.must(err)
	var claims struct {
		UPN   string `json:"upn"`
		Name  string `json:"unique_name"`
		Email string `json:"email"`
	}
	f.must(id.Claims(&claims))
	if claims.UPN != anna || claims.Name != `CONTOSO\anna` || claims.Email != anna {
		f.t.Errorf("claims %+v", claims)
	}
	return id
}

func TestADFSDeviceWithOIDC(t *testing.T) {
	f := newADFSFixture(t, ADFSOptions{Now: time.Now})
	ctx, provider, cfg := f.oidc(nativeClient, "", "")
	waiting, err := cfg.DeviceAuth(ctx)
	f.must(err)
	f.must(SignInDevice(ctx, f.client, waiting.VerificationURIComplete, waiting.UserCode, anna, annaPassword, true))
	waiting.Interval = 1 // the library waits before its first poll
	answer, err := cfg.DeviceAccessToken(ctx, waiting)
	f.must(err)
	f.verifyID(ctx, provider, cfg, answer)
}

func TestADFSClientCredentialsWithOIDC(t *testing.T) {
	for name, style := range map[string]oauth2.AuthStyle{"in the form": oauth2.AuthStyleInParams, "in the header": oauth2.AuthStyleInHeader, "as it finds out": oauth2.AuthStyleAutoDetect} {
		f := newADFSFixture(t, ADFSOptions{Now: time.Now})
		ctx, provider, _ := f.oidc(serverClient, "", "")
		cfg := clientcredentials.Config{
			ClientID: serverClient, ClientSecret: string(webSecret), TokenURL: provider.Endpoint().TokenURL,
			EndpointParams: url.Values{"resource": {mailServer}}, AuthStyle: style,
		}
		answer, err := cfg.Token(ctx)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := f.verify(answer.AccessToken); got.IDType != AppToken || got.Audience != mailServer {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Sign-out goes back only to where the client's id token says that it belongs.
func TestADFSLogoutWithOIDC(t *testing.T) {
	f := newADFSFixture(t, ADFSOptions{Now: time.Now})
	jar, err := cookiejar.New(nil)
	f.must(err)
	f.client.Jar = jar
	ctx, provider, cfg := f.oidc(nativeClient, "", nativeBack)
	pkce := oauth2.GenerateVerifier()
	back, err := SignIn(ctx, f.client, cfg.AuthCodeURL("1", oauth2.S256ChallengeOption(pkce)), anna, annaPassword, true)
	f.must(err)
	answer, err := cfg.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(pkce))
	f.must(err)
	var more struct {
		EndSession string `json:"end_session_endpoint"`
	}
	f.must(provider.Claims(&more))
	hint, _ := answer.Extra("id_token").(string)
	for name, tc := range map[string]struct {
		query url.Values
		to    string
	}{
		"registered":  {url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {nativeBack}, "state": {"s"}}, nativeBack + "?state=s"},
		"no state":    {url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {nativeBack}}, nativeBack},
		"not so":      {url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {"https://thief.example/"}}, ""},
		"no hint":     {url.Values{"post_logout_redirect_uri": {nativeBack}}, ""},
		"forged hint": {url.Values{"id_token_hint": {hint + "x"}, "post_logout_redirect_uri": {nativeBack}}, ""},
		"nothing":     {url.Values{}, ""},
	} {
		resp, err := f.client.Get(more.EndSession + "?" + tc.query.Encode())
		f.must(err)
		resp.Body.Close()
		if got := resp.Header.Get("Location"); got != tc.to {
			t.Errorf("%s: goes to %q, want %q", name, got, tc.to)
		}
	}
	silent, err := SignIn(ctx, f.client, cfg.AuthCodeURL("2", oauth2.SetAuthURLParam("prompt", "none")), "", "", true)
	f.must(err)
	if silent.Query().Get("error") != "interaction_required" {
		t.Errorf("still signed in: %v", silent)
	}
}
