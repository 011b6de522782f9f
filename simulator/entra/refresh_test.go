package entra

import (
	"net/url"
	"testing"
	"time"
)

func refreshForm(token string, pairs ...string) url.Values {
	return with(url.Values{"grant_type": {"refresh_token"}, "client_id": {publicApp}, "refresh_token": {token}, "scope": {allScope}}, pairs...)
}

func TestRefresh(t *testing.T) {
	f := newFixture(t, Options{})
	first := f.tokens(contosoID, redeem(f.code(request())))
	second := f.tokens(contosoID, refreshForm(first.RefreshToken, "client_info", "1"))
	if second.RefreshToken == "" || second.RefreshToken == first.RefreshToken || second.IDToken == "" || second.ClientInfo == "" {
		t.Errorf("the second answer: %+v", second)
	}
	if c := f.verify(second.AccessToken); c.UPN != anna || c.Audience != exchange {
		t.Errorf("claims %+v", c)
	}
	if c := f.claims(second.IDToken); c["nonce"] != nil {
		t.Errorf("the nonce came again: %v", c["nonce"])
	}
	// The old one lives on.
	f.tokens(contosoID, refreshForm(first.RefreshToken))
	// The tenant may be left open, where the application is for all.
	q := f.signIn("organizations", request("client_id", multiApp), anna, annaPassword)
	a := f.tokens("organizations", redeem(q.Get("code"), "client_id", multiApp))
	f.tokens("organizations", refreshForm(a.RefreshToken, "client_id", multiApp))
	f.tokens(contosoID, refreshForm(a.RefreshToken, "client_id", multiApp))
	f.token(fabrikamID, refreshForm(a.RefreshToken, "client_id", multiApp)).wantError(t, 50020, "invalid_grant")
}

func TestRefreshForAnotherResource(t *testing.T) {
	f := newFixture(t, Options{})
	a := f.tokens(contosoID, redeem(f.code(request())))
	graph := refreshForm(a.RefreshToken, "scope", graphURI+"/User.Read")
	f.token(contosoID, graph).wantError(t, 65001, "invalid_grant")
	f.code(request("scope", graphURI+"/User.Read"))
	b := f.tokens(contosoID, graph)
	if c := f.verify(b.AccessToken); c.Audience != graphURI {
		t.Errorf("audience %s", c.Audience)
	}
	f.token(contosoID, refreshForm(a.RefreshToken, "scope", ews+" "+graphURI+"/User.Read")).wantError(t, 28000, "invalid_scope")
	f.token(contosoID, refreshForm(a.RefreshToken, "scope", "https://unknown.example/X")).wantError(t, 500011, "invalid_resource")
	f.token(contosoID, refreshForm(a.RefreshToken, "scope", exchange+"/Unknown")).wantError(t, 70011, "invalid_scope")
	// The OpenID Connect scopes alone: what it was issued for.
	if c := f.verify(f.tokens(contosoID, refreshForm(a.RefreshToken, "scope", "openid offline_access")).AccessToken); c.Audience != exchange {
		t.Errorf("audience %s", c.Audience)
	}
}

func TestRefusedRefreshTokens(t *testing.T) {
	f := newFixture(t, Options{})
	a := f.tokens(contosoID, redeem(f.code(request())))
	for name, tc := range map[string]struct {
		change []string
		code   int
		oauth  string
	}{
		"no token":        {[]string{"refresh_token", ""}, 900144, "invalid_request"},
		"no scope":        {[]string{"scope", ""}, 900144, "invalid_request"},
		"garbage":         {[]string{"refresh_token", "garbage"}, 9002313, "invalid_grant"},
		"an access token": {[]string{"refresh_token", a.AccessToken}, 9002313, "invalid_grant"},
		"another client":  {[]string{"client_id", multiApp}, 70000, "invalid_grant"},
		"a secret":        {[]string{"client_secret", "x"}, 700025, "invalid_client"},
	} {
		t.Run(name, func(t *testing.T) {
			f.token(contosoID, refreshForm(a.RefreshToken, tc.change...)).wantError(t, tc.code, tc.oauth)
		})
	}
	f.token(contosoID, refreshForm(a.RefreshToken), "Origin", spaOrigin).wantError(t, 9002326, "invalid_request")
}

func TestRefreshTokenExpiresUnused(t *testing.T) {
	f := newFixture(t, Options{})
	a := f.tokens(contosoID, redeem(f.code(request())))
	f.clock.advance(89 * 24 * time.Hour)
	b := f.tokens(contosoID, refreshForm(a.RefreshToken))
	f.clock.advance(2 * 24 * time.Hour)
	f.token(contosoID, refreshForm(a.RefreshToken)).wantError(t, 700082, "invalid_grant")
	f.tokens(contosoID, refreshForm(b.RefreshToken))

	f = newFixture(t, Options{RefreshLifetime: time.Minute})
	a = f.tokens(contosoID, redeem(f.code(request())))
	f.clock.advance(time.Minute)
	f.token(contosoID, refreshForm(a.RefreshToken)).wantError(t, 700082, "invalid_grant")
}

func TestRevocation(t *testing.T) {
	f := newFixture(t, Options{})
	webForm := func(token string) url.Values {
		return refreshForm(token, "client_id", webApp, "client_secret", string(webSecret))
	}
	start := func() (public, web string) {
		t.Helper()
		public = f.tokens(contosoID, redeem(f.code(request()))).RefreshToken
		q := f.signIn(contosoID, request("client_id", webApp, "redirect_uri", webBack), anna, annaPassword)
		web = f.tokens(contosoID, redeem(q.Get("code"), "client_id", webApp, "redirect_uri", webBack, "client_secret", string(webSecret))).RefreshToken
		return public, web
	}

	public, web := start()
	if err := f.dir.ResetPassword(anna, annaPassword); err != nil {
		t.Fatal(err)
	}
	a := f.token(contosoID, refreshForm(public))
	a.wantError(t, 50173, "invalid_grant")
	if a.SubError != "bad_token" {
		t.Errorf("suberror %q", a.SubError)
	}
	f.token(contosoID, refreshForm(web, "client_id", webApp)).wantError(t, 7000218, "invalid_client")
	f.tokens(contosoID, webForm(web)) // a confidential client's lives on

	public, web = start()
	if err := f.dir.RevokeSessions(anna); err != nil {
		t.Fatal(err)
	}
	f.token(contosoID, refreshForm(public)).wantError(t, 50173, "invalid_grant")
	f.token(contosoID, webForm(web)).wantError(t, 50173, "invalid_grant")

	public, web = start()
	if err := f.dir.DisableUser(anna); err != nil {
		t.Fatal(err)
	}
	f.token(contosoID, refreshForm(public)).wantError(t, 50057, "invalid_grant")
	if err := f.dir.EnableUser(anna); err != nil {
		t.Fatal(err)
	}
	f.tokens(contosoID, refreshForm(public))

	if err := f.dir.RevokeAdminConsent(webApp, contosoID); err != nil {
		t.Fatal(err)
	}
	f.token(contosoID, webForm(web)).wantError(t, 65001, "invalid_grant")
}

func TestOneTimeRefreshTokens(t *testing.T) {
	f := newFixture(t, Options{OneTimeRefreshTokens: true})
	a := f.tokens(contosoID, redeem(f.code(request())))
	b := f.tokens(contosoID, refreshForm(a.RefreshToken))
	f.token(contosoID, refreshForm(a.RefreshToken)).wantError(t, 54005, "invalid_grant")
	f.tokens(contosoID, refreshForm(b.RefreshToken))
}
