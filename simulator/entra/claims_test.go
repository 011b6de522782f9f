package entra

import (
	"slices"
	"strings"
	"testing"
)

func TestClientCapabilities(t *testing.T) {
	f := newFixture(t, Options{})
	const cp1 = `{"access_token":{"xms_cc":{"values":["cp1"]}}}`
	a := f.tokens(contosoID, redeem(f.code(request()), "claims", cp1))
	if c := f.verify(a.AccessToken); !slices.Equal(c.Capabilities, []string{"cp1"}) {
		t.Errorf("claims %+v", c)
	}
	b := f.tokens(contosoID, refreshForm(a.RefreshToken))
	if c := f.verify(b.AccessToken); len(c.Capabilities) > 0 {
		t.Errorf("capabilities %v of a client that told none", c.Capabilities)
	}
	app := f.tokens(contosoID, appForm("client_secret", string(webSecret), "claims", cp1))
	if c := f.verify(app.AccessToken); !slices.Equal(c.Capabilities, []string{"cp1"}) {
		t.Errorf("claims %+v", c)
	}
}

// The way through a claims challenge: the token is revoked, the refresh token
// with it, and a sign-in with the challenge's claims brings a token that holds.
func TestClaimsChallengeAfterRevocation(t *testing.T) {
	f := newFixture(t, Options{})
	a := f.annasTokens()
	if err := f.dir.RevokeTokens(anna); err != nil {
		t.Fatal(err)
	}
	const challenge = `{"access_token":{"nbf":{"essential":true,"value":"1790000000"},"xms_cc":{"values":["cp1"]}}}`
	f.token(contosoID, refreshForm(a.RefreshToken, "claims", challenge)).wantError(t, 50173, "invalid_grant")
	b := f.tokens(contosoID, redeem(f.code(request("claims", challenge)), "claims", challenge))
	f.verify(b.AccessToken)
	f.tokens(contosoID, refreshForm(b.RefreshToken, "claims", challenge))
}

func TestAuthenticationContext(t *testing.T) {
	f := newFixture(t, Options{})
	const c1 = `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`
	a := f.annasTokens()
	refused := f.token(contosoID, refreshForm(a.RefreshToken, "claims", c1))
	refused.wantError(t, 50076, "invalid_grant")
	if refused.SubError != "basic_action" || refused.Claims != c1 {
		t.Errorf("suberror %q, claims %s", refused.SubError, refused.Claims)
	}
	b := f.tokens(contosoID, redeem(f.code(request("claims", refused.Claims))))
	for range 2 { // it lives on in the refresh token
		if c := f.verify(b.AccessToken); !slices.Equal(c.Contexts, []string{"c1"}) {
			t.Errorf("claims %+v", c)
		}
		b = f.tokens(contosoID, refreshForm(b.RefreshToken, "claims", c1))
	}
}

func TestClaimsThatAreNone(t *testing.T) {
	f := newFixture(t, Options{})
	a := f.annasTokens()
	for _, claims := range []string{"c1", `["access_token"]`, `{"access_token":{"xms_cc":{"values":"cp1"}}}`} {
		f.token(contosoID, refreshForm(a.RefreshToken, "claims", claims)).wantError(t, 90023, "invalid_request")
		if q := f.signIn(contosoID, request("claims", claims), anna, annaPassword); q.Get("error") != "invalid_request" || !strings.HasPrefix(q.Get("error_description"), "AADSTS90023:") {
			t.Errorf("%s: %v", claims, q)
		}
	}
	// What asks for nothing is no error.
	f.tokens(contosoID, refreshForm(a.RefreshToken, "claims", `{"access_token":{"nbf":null,"xms_cc":null},"id_token":{"auth_time":{"essential":true}}}`))
}

func FuzzClaims(f *testing.F) {
	for _, seed := range []string{"", `{}`, `{"access_token":null}`, `{"access_token":{"acrs":null}}`, `{"access_token":{"acrs":{"value":7}}}`, `{"access_token":{"xms_cc":{"values":["cp1"]}}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, parameter string) {
		asked, e := parseClaims(parameter)
		if e != nil && (asked.capabilities != nil || asked.contexts != nil) {
			t.Errorf("%q is refused and yet read as %+v", parameter, asked)
		}
	})
}
