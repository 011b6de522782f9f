package entra

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// A national cloud's server calls itself by the cloud's name. MSAL knows the
// name and goes on; a library that knows nothing of Microsoft does not.
func TestIssuersOfAnotherCloud(t *testing.T) {
	f := newFixture(t, Options{Now: time.Now, Issuers: GCCHigh.Login()})
	var doc map[string]any
	f.getJSON(f.url(contosoID, "/v2.0/.well-known/openid-configuration"), &doc)
	if doc["issuer"] != "https://login.microsoftonline.us/"+contosoID+"/v2.0" || !strings.HasPrefix(doc["token_endpoint"].(string), f.http.URL) {
		t.Errorf("%v", doc)
	}
	secret, err := confidential.NewCredFromSecret(string(webSecret))
	if err != nil {
		t.Fatal(err)
	}
	client, err := confidential.New(f.url(contosoID, ""), daemonApp, secret, confidential.WithInstanceDiscovery(false), confidential.WithHTTPClient(f.client))
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.AcquireTokenByCredential(context.Background(), []string{exchange + "/.default"})
	if err != nil {
		t.Fatal(err)
	}
	f.verify(res.AccessToken)
	if iss := f.claims(res.AccessToken)["iss"]; iss != "https://login.microsoftonline.us/"+contosoID+"/" {
		t.Errorf("iss %v", iss)
	}
	if _, err := oidc.NewProvider(oidc.ClientContext(context.Background(), f.client), f.url(contosoID, "/v2.0")); err == nil {
		t.Error("go-oidc takes another's name")
	}
}

func TestNamesOfClouds(t *testing.T) {
	for _, cloud := range Clouds() {
		d := NewDirectoryIn(cloud)
		for _, other := range Clouds() {
			for _, ident := range append(other.Exchange(), other.Graph()) {
				if _, ok := d.resource("", ident); ok != (other == cloud) {
					t.Errorf("%s knows %s: %t", cloud, ident, ok)
				}
			}
		}
	}
	if Cloud("moon").Graph() != Global.Graph() {
		t.Error("an unknown cloud")
	}
}

// UserInfo is Graph's: it wants a token for Graph.
func TestUserInfo(t *testing.T) {
	f := newFixture(t, Options{Now: time.Now})
	ctx, provider, cfg := oidcClient(t, f, publicApp, "", "http://localhost:4711/")
	signIn := func(scopes ...string) *oauth2.Token {
		t.Helper()
		cfg.Scopes = scopes
		pkce := oauth2.GenerateVerifier()
		back, err := SignIn(ctx, f.client, cfg.AuthCodeURL("s", oauth2.S256ChallengeOption(pkce)), anna, annaPassword, true)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := cfg.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(pkce))
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	graph := signIn("openid", "profile", "email")
	raw, _ := graph.Extra("id_token").(string)
	id, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: publicApp}).Verify(ctx, raw)
	if err != nil {
		t.Fatal(err)
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(graph))
	if err != nil || info.Subject != id.Subject || info.Email != anna {
		t.Errorf("%+v, %v; want the subject %s", info, err, id.Subject)
	}
	if _, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(signIn("openid", ews))); err == nil || !strings.Contains(err.Error(), "InvalidAuthenticationToken") {
		t.Errorf("a token for Exchange: %v", err)
	}
	if _, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(signIn(graphURI+"/User.Read"))); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("without openid: %v", err)
	}
	resp, err := f.client.PostForm(f.http.URL+userinfoPath, url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("without a token: HTTP %d", resp.StatusCode)
	}
}
