package entra

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// claims reads a JWT as a stranger would: by the keys that discovery names.
func (f *fixture) claims(token string) map[string]any {
	f.t.Helper()
	var keys jose.JSONWebKeySet
	f.getJSON(f.url("common", "/discovery/v2.0/keys"), &keys)
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		f.t.Fatal(err)
	}
	found := keys.Key(parsed.Headers[0].KeyID)
	if len(found) != 1 || !found[0].IsPublic() {
		f.t.Fatalf("%d keys for kid %q", len(found), parsed.Headers[0].KeyID)
	}
	var c map[string]any
	if err := parsed.Claims(found[0], &c); err != nil {
		f.t.Fatal(err)
	}
	return c
}

func TestCodeForTokens(t *testing.T) {
	f := newFixture(t, Options{TokenLifetime: 30 * time.Minute})
	user, _ := f.dir.User(anna)
	a := f.tokens(contosoID, redeem(f.code(request()), "client_info", "1"))
	if a.TokenType != "Bearer" || a.ExpiresIn != 1800 || a.Scope != ews || a.RefreshToken == "" {
		t.Errorf("type %s, expires in %d, scope %q, refresh token of %d letters", a.TokenType, a.ExpiresIn, a.Scope, len(a.RefreshToken))
	}
	if !strings.Contains(a.header.Get("Cache-Control"), "no-store") || !isUUID(a.header.Get("x-ms-request-id")) {
		t.Errorf("headers %v", a.header)
	}

	now := float64(f.clock.Now().Unix())
	access := f.claims(a.AccessToken)
	for name, want := range map[string]any{
		"aud": exchange, "iss": f.url(contosoID, "/"), "tid": contosoID, "appid": publicApp, "appidacr": "0", "oid": user.ID,
		"upn": anna, "scp": "EWS.AccessAsUser.All", "idtyp": "user", "ver": "1.0", "iat": now, "nbf": now, "exp": now + 1800, "roles": nil,
	} {
		if access[name] != want {
			t.Errorf("access token: %s is %v, want %v", name, access[name], want)
		}
	}
	id := f.claims(a.IDToken)
	for name, want := range map[string]any{
		"aud": publicApp, "iss": f.url(contosoID, "/v2.0"), "tid": contosoID, "oid": user.ID, "preferred_username": anna, "name": "Anna Ax",
		"email": anna, "nonce": "n-1", "ver": "2.0", "exp": now + 1800,
	} {
		if id[name] != want {
			t.Errorf("id token: %s is %v, want %v", name, id[name], want)
		}
	}
	if id["sub"] == "" || id["sub"] == access["sub"] || id["sub"] == user.ID {
		t.Errorf("the subject %v is not pairwise", id["sub"])
	}
	raw, err := base64.RawURLEncoding.DecodeString(a.ClientInfo)
	if err != nil {
		t.Fatal(err)
	}
	var info map[string]string
	if err := json.Unmarshal(raw, &info); err != nil || info["uid"] != user.ID || info["utid"] != contosoID {
		t.Errorf("client_info %s, %v", raw, err)
	}

	c := f.verify(a.AccessToken)
	if c.Audience != exchange || c.TenantID != contosoID || c.AppID != publicApp || c.UPN != anna || c.ObjectID != user.ID ||
		c.IDType != UserToken || !slices.Equal(c.Scopes, []string{"EWS.AccessAsUser.All"}) || c.Roles != nil || c.Expires.Unix() != int64(now)+1800 {
		t.Errorf("claims %+v", c)
	}
	if !c.HasScope("ews.accessasuser.all") || c.HasScope("SMTP.Send") {
		t.Error("HasScope is wrong")
	}
}

func TestScopesDecideWhatIsIssued(t *testing.T) {
	f := newFixture(t, Options{})
	for name, tc := range map[string]struct {
		scope             string
		audience, granted string
		answered          string
		refresh, id       bool
	}{
		"resource alone":      {ews, exchange, "EWS.AccessAsUser.All", ews, false, false},
		"offline":             {ews + " offline_access", exchange, "EWS.AccessAsUser.All", ews, true, false},
		"openid":              {ews + " openid", exchange, "EWS.AccessAsUser.All", ews, false, true},
		"other spelling":      {strings.ToLower(ews), exchange, "EWS.AccessAsUser.All", ews, false, false},
		"the office.com name": {"https://outlook.office.com/EWS.AccessAsUser.All", "https://outlook.office.com", "EWS.AccessAsUser.All", "https://outlook.office.com/EWS.AccessAsUser.All", false, false},
		"hybrid":              {hybrid + "/EWS.AccessAsUser.All", hybrid, "EWS.AccessAsUser.All", hybrid + "/EWS.AccessAsUser.All", false, false},
		"a slash too many":    {exchange + "//EWS.AccessAsUser.All", exchange + "/", "EWS.AccessAsUser.All", exchange + "//EWS.AccessAsUser.All", false, false},
		"default":             {exchange + "/.default offline_access", exchange, "EWS.AccessAsUser.All SMTP.Send", ews + " " + exchange + "/SMTP.Send " + exchange + "/.default", true, false},
		"graph by short name": {"User.Read openid", graphURI, "openid User.Read", "openid User.Read", false, true},
		"sign-in alone":       {"openid profile", graphURI, "openid profile", "openid profile", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			if err := f.dir.RevokeConsent(publicApp, anna); err != nil {
				t.Fatal(err)
			}
			a := f.tokens(contosoID, redeem(f.code(request("scope", tc.scope)), "scope", tc.scope))
			c := f.verify(a.AccessToken)
			if c.Audience != tc.audience || strings.Join(c.Scopes, " ") != tc.granted || a.Scope != tc.answered {
				t.Errorf("audience %s, scp %v, scope %q", c.Audience, c.Scopes, a.Scope)
			}
			if (a.RefreshToken != "") != tc.refresh || (a.IDToken != "") != tc.id {
				t.Errorf("refresh token: %t, id token: %t", a.RefreshToken != "", a.IDToken != "")
			}
			// The scope may be left out at the token endpoint.
			a = f.tokens(contosoID, redeem(f.code(request("scope", tc.scope)), "scope", ""))
			if c := f.verify(a.AccessToken); c.Audience != tc.audience {
				t.Errorf("without scope: audience %s", c.Audience)
			}
		})
	}
}

func TestConsentForSeveralResourcesATokenForOne(t *testing.T) {
	f := newFixture(t, Options{})
	both := ews + " " + graphURI + "/User.Read"
	code := f.code(request("scope", both))
	f.token(contosoID, redeem(code, "scope", both)).wantError(t, 28000, "invalid_scope")
	a := f.tokens(contosoID, redeem(code, "scope", graphURI+"/User.Read"))
	if c := f.verify(a.AccessToken); c.Audience != graphURI {
		t.Errorf("audience %s", c.Audience)
	}
	a = f.tokens(contosoID, redeem(f.code(request("scope", both)), "scope", ""))
	if c := f.verify(a.AccessToken); c.Audience != exchange {
		t.Errorf("audience %s, want that of the first resource", c.Audience)
	}
}

func TestRefusedCodes(t *testing.T) {
	f := newFixture(t, Options{})
	for name, tc := range map[string]struct {
		change []string
		code   int
		oauth  string
	}{
		"no grant type":       {[]string{"grant_type", ""}, 900144, "invalid_request"},
		"password":            {[]string{"grant_type", "password"}, 70003, "unsupported_grant_type"},
		"no client":           {[]string{"client_id", ""}, 900144, "invalid_request"},
		"no code":             {[]string{"code", ""}, 900144, "invalid_request"},
		"no redirect":         {[]string{"redirect_uri", ""}, 900144, "invalid_request"},
		"unknown client":      {[]string{"client_id", newUUID()}, 700016, "unauthorized_client"},
		"another client":      {[]string{"client_id", multiApp}, 70000, "invalid_grant"},
		"garbage":             {[]string{"code", "garbage"}, 9002313, "invalid_grant"},
		"another port":        {[]string{"redirect_uri", "http://localhost:4712/"}, 500112, "invalid_client"},
		"wrong verifier":      {[]string{"code_verifier", strings.Repeat("x", 43)}, 501481, "invalid_grant"},
		"the challenge":       {[]string{"code_verifier", challenge(verifier)}, 501481, "invalid_grant"},
		"no verifier":         {[]string{"code_verifier", ""}, 50148, "invalid_grant"},
		"a secret":            {[]string{"client_secret", "x"}, 700025, "invalid_client"},
		"more than issued":    {[]string{"scope", exchange + "/SMTP.Send"}, 70000, "invalid_grant"},
		"a resource":          {[]string{"resource", exchange}, 901002, "invalid_request"},
		"malformed scope":     {[]string{"scope", "/"}, 70011, "invalid_scope"},
		"assertion, no type":  {[]string{"client_assertion", "x"}, 50027, "invalid_client"},
		"secret and password": {[]string{"client_secret", "x", "client_assertion", "y", "client_assertion_type", assertionType}, 90023, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			code := f.code(request())
			f.token(contosoID, redeem(code, tc.change...)).wantError(t, tc.code, tc.oauth)
			// A refusal leaves the code to its owner.
			f.tokens(contosoID, redeem(code))
		})
	}
	t.Run("another tenant", func(t *testing.T) {
		f.token(fabrikamID, redeem(f.code(request()))).wantError(t, 700016, "unauthorized_client")
	})
	t.Run("JSON", func(t *testing.T) {
		f.token(contosoID, redeem(f.code(request())), "Content-Type", "application/json").wantError(t, 900144, "invalid_request")
	})
	t.Run("in the URL", func(t *testing.T) {
		resp, err := f.client.Post(f.url(contosoID, "/oauth2/v2.0/token?"+redeem(f.code(request())).Encode()), "application/x-www-form-urlencoded", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("HTTP %d", resp.StatusCode)
		}
	})
}

func TestVerifierWithoutChallenge(t *testing.T) {
	f := newFixture(t, Options{})
	code := f.code(request("code_challenge", "", "code_challenge_method", ""))
	f.token(contosoID, redeem(code)).wantError(t, 501481, "invalid_grant")
}

func TestCodeIsForOneUse(t *testing.T) {
	f := newFixture(t, Options{})
	code := f.code(request())
	f.tokens(contosoID, redeem(code))
	f.token(contosoID, redeem(code)).wantError(t, 54005, "invalid_grant")

	// Of many at once, one wins.
	code = f.code(request())
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 8 {
		wg.Go(func() {
			resp, err := f.client.PostForm(f.url(contosoID, "/oauth2/v2.0/token"), redeem(code))
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			if resp.StatusCode == http.StatusOK {
				won++
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d of 8 redeemed the code", won)
	}
}

func TestCodeExpires(t *testing.T) {
	f := newFixture(t, Options{})
	code := f.code(request())
	f.clock.advance(codeLifetime - time.Second)
	f.tokens(contosoID, redeem(code))
	code = f.code(request())
	f.clock.advance(codeLifetime)
	f.token(contosoID, redeem(code)).wantError(t, 70008, "invalid_grant")
}

func TestCodeOfAChangedUser(t *testing.T) {
	f := newFixture(t, Options{})
	code := f.code(request())
	if err := f.dir.RevokeSessions(anna); err != nil {
		t.Fatal(err)
	}
	f.token(contosoID, redeem(code)).wantError(t, 50173, "invalid_grant")
	code = f.code(request())
	if err := f.dir.RevokeConsent(publicApp, anna); err != nil {
		t.Fatal(err)
	}
	a := f.token(contosoID, redeem(code))
	a.wantError(t, 65001, "invalid_grant")
	if a.SubError != "consent_required" {
		t.Errorf("suberror %q", a.SubError)
	}
	code = f.code(request())
	if err := f.dir.DisableUser(anna); err != nil {
		t.Fatal(err)
	}
	f.token(contosoID, redeem(code)).wantError(t, 50057, "invalid_grant")
}

func TestPlatforms(t *testing.T) {
	f := newFixture(t, Options{})
	web := request("client_id", webApp, "redirect_uri", webBack)
	webForm := func(pairs ...string) url.Values {
		return with(redeem(f.code(web), "client_id", webApp, "redirect_uri", webBack), pairs...)
	}
	f.token(contosoID, webForm()).wantError(t, 7000218, "invalid_client")
	f.token(contosoID, webForm("client_secret", "wrong")).wantError(t, 7000215, "invalid_client")
	f.token(contosoID, webForm("client_secret", string(expiredSecret))).wantError(t, 7000222, "invalid_client")
	f.token(contosoID, webForm("client_secret", string(webSecret)), "Origin", "https://crm.example").wantError(t, 9002326, "invalid_request")
	a := f.tokens(contosoID, webForm("client_secret", string(webSecret)))
	if c := f.claims(a.AccessToken); c["appidacr"] != "1" {
		t.Errorf("appidacr %v", c["appidacr"])
	}

	// The same registration has a desktop redirect too: the redirect decides.
	desktop := request("client_id", webApp, "redirect_uri", "http://localhost:4711/both")
	f.tokens(contosoID, redeem(f.code(desktop), "client_id", webApp, "redirect_uri", "http://localhost:4711/both"))

	spa := request("client_id", spaApp, "redirect_uri", spaBack)
	spaForm := func() url.Values { return redeem(f.code(spa), "client_id", spaApp, "redirect_uri", spaBack) }
	f.token(contosoID, spaForm()).wantError(t, 9002327, "invalid_request")
	a = f.tokens(contosoID, spaForm(), "Origin", spaOrigin)
	if a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Error("the script may not read the answer")
	}
	refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {spaApp}, "refresh_token": {a.RefreshToken}, "scope": {allScope}}
	f.token(contosoID, refresh).wantError(t, 9002327, "invalid_request")

	// A single-page application's refresh tokens end 24 h after the sign-in,
	// however often they are renewed.
	f.clock.advance(23 * time.Hour)
	a = f.tokens(contosoID, refresh, "Origin", spaOrigin)
	f.clock.advance(2 * time.Hour)
	refresh.Set("refresh_token", a.RefreshToken)
	f.token(contosoID, refresh, "Origin", spaOrigin).wantError(t, 700084, "invalid_grant")
}

func TestBasicAuthorization(t *testing.T) {
	f := newFixture(t, Options{})
	web := request("client_id", webApp, "redirect_uri", webBack)
	form := func() url.Values { return redeem(f.code(web), "client_id", "", "redirect_uri", webBack) }
	basic := func(id, secret string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))
	}
	f.tokens(contosoID, form(), "Authorization", basic(webApp, string(webSecret)))
	a := f.token(contosoID, form(), "Authorization", basic(webApp, "wrong"))
	a.wantError(t, 7000215, "invalid_client")
	if a.header.Get("WWW-Authenticate") == "" {
		t.Error("no WWW-Authenticate")
	}
	f.token(contosoID, with(form(), "client_id", publicApp), "Authorization", basic(webApp, string(webSecret))).wantError(t, 90023, "invalid_request")
	f.token(contosoID, with(form(), "client_secret", string(webSecret)), "Authorization", basic(webApp, string(webSecret))).wantError(t, 90023, "invalid_request")
}

func TestErrorAnswer(t *testing.T) {
	f := newFixture(t, Options{})
	const id = "0f0f0f0f-1111-4222-8333-444444444444"
	a := f.token(contosoID, redeem("garbage"), "client-request-id", id)
	a.wantError(t, 9002313, "invalid_grant")
	want := fmt.Sprintf("AADSTS9002313: The code or token in the request is not one that this server issued. Trace ID: %s Correlation ID: %s Timestamp: %s", a.TraceID, id, a.Timestamp)
	if a.Description != want {
		t.Errorf("description %q, want %q", a.Description, want)
	}
	if a.CorrelationID != id || a.header.Get("client-request-id") != id || !isUUID(a.TraceID) || a.header.Get("x-ms-request-id") != a.TraceID ||
		a.ErrorURI != f.http.URL+"/error?code=9002313" {
		t.Errorf("%+v", a)
	}
	if at, err := time.Parse("2006-01-02 15:04:05Z", a.Timestamp); err != nil || f.clock.Now().UTC().Truncate(time.Second) != at {
		t.Errorf("timestamp %q, %v", a.Timestamp, err)
	}
	// What is not a UUID is not repeated.
	a = f.token(contosoID, redeem("garbage"), "client-request-id", "<x>")
	if !isUUID(a.CorrelationID) {
		t.Errorf("correlation id %q", a.CorrelationID)
	}
}

func TestHugeFormIsRefused(t *testing.T) {
	f := newFixture(t, Options{})
	f.token(contosoID, redeem(strings.Repeat("x", maxBody))).wantError(t, 90004, "invalid_request")
}
