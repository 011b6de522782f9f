package entra

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

func appForm(pairs ...string) url.Values {
	return with(url.Values{"grant_type": {"client_credentials"}, "client_id": {daemonApp}, "scope": {exchange + "/.default"}}, pairs...)
}

func TestClientSecret(t *testing.T) {
	f := newFixture(t, Options{})
	a := f.tokens(contosoID, appForm("client_secret", string(webSecret)))
	if a.RefreshToken != "" || a.IDToken != "" || a.ExpiresIn != 3600 {
		t.Errorf("%+v", a)
	}
	c := f.verify(a.AccessToken)
	if c.IDType != AppToken || c.Audience != exchange || c.AppID != daemonApp || c.TenantID != contosoID || c.UPN != "" ||
		!slices.Equal(c.Roles, []string{"full_access_as_app"}) || len(c.Scopes) != 0 || !isUUID(c.ObjectID) || c.ObjectID == daemonApp {
		t.Errorf("claims %+v", c)
	}
	if !c.HasRole("Full_Access_As_App") {
		t.Error("HasRole is wrong")
	}
	if raw := f.claims(a.AccessToken); raw["appidacr"] != "1" || raw["scp"] != nil || raw["upn"] != nil {
		t.Errorf("claims %v", raw)
	}
	// Libraries add the scopes of OpenID Connect.
	f.tokens(contosoID, appForm("client_secret", string(webSecret), "scope", exchange+"/.default openid offline_access profile"))

	f.token(contosoID, appForm()).wantError(t, 7000218, "invalid_client")
	f.token(contosoID, appForm("client_secret", "wrong")).wantError(t, 7000215, "invalid_client")
	f.token(contosoID, appForm("client_secret", string(expiredSecret))).wantError(t, 7000222, "invalid_client")
	for _, scope := range []string{exchange + "/full_access_as_app", exchange, ".default", exchange + "/.default " + graphURI + "/.default", "openid"} {
		f.token(contosoID, appForm("client_secret", string(webSecret), "scope", scope)).wantError(t, 1002012, "invalid_scope")
	}
	f.token(contosoID, appForm("client_secret", string(webSecret), "scope", "")).wantError(t, 900144, "invalid_request")
	f.token(contosoID, appForm("client_secret", string(webSecret), "scope", "https://unknown.example/.default")).wantError(t, 500011, "invalid_resource")

	f.clock.advance(time.Second)
	if err := f.dir.ExpireSecret(daemonApp, webSecret, f.clock.Now()); err != nil {
		t.Fatal(err)
	}
	f.token(contosoID, appForm("client_secret", string(webSecret))).wantError(t, 7000222, "invalid_client")
	if err := f.dir.AddSecret(daemonApp, ClientSecret{Value: "Canary-New"}); err != nil {
		t.Fatal(err)
	}
	f.tokens(contosoID, appForm("client_secret", "Canary-New"))
	if err := f.dir.ExpireSecret(daemonApp, "never", f.clock.Now()); err == nil {
		t.Error("a secret that is not there expired")
	}
}

func TestAppOnlyTenants(t *testing.T) {
	f := newFixture(t, Options{})
	f.token("organizations", appForm("client_secret", string(webSecret))).wantError(t, 50194, "invalid_request")
	f.token(fabrikamID, appForm("client_secret", string(webSecret))).wantError(t, 700016, "unauthorized_client")

	multi := appForm("client_id", multiApp, "client_secret", string(webSecret))
	for _, shared := range []string{"organizations", "common"} {
		f.token(shared, multi).wantError(t, 50059, "invalid_request")
	}
	f.token(fabrikamID, multi).wantError(t, 700016, "unauthorized_client")
	// At home it has a service principal, but nobody has consented.
	if c := f.verify(f.tokens(contosoID, multi).AccessToken); c.Roles != nil {
		t.Errorf("roles %v without consent", c.Roles)
	}
	if err := f.dir.GrantAdminConsent(multiApp, "fabrikam.example"); err != nil {
		t.Fatal(err)
	}
	c := f.verify(f.tokens(fabrikamID, multi).AccessToken)
	if c.TenantID != fabrikamID || !c.HasRole("full_access_as_app") {
		t.Errorf("claims %+v", c)
	}
	// The resource of Contoso's own server is not Fabrikam's.
	f.tokens(contosoID, with(multi, "scope", hybrid+"/.default"))
	f.token(fabrikamID, with(multi, "scope", hybrid+"/.default")).wantError(t, 500011, "invalid_resource")
}

// assertion signs a client assertion; change alters it first.
func (f *fixture) assertion(alg jose.SignatureAlgorithm, key *rsa.PrivateKey, headers map[jose.HeaderKey]any, change func(*jwt.Claims)) string {
	f.t.Helper()
	opts := &jose.SignerOptions{}
	for k, v := range headers {
		opts.WithHeader(k, v)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, opts)
	if err != nil {
		f.t.Fatal(err)
	}
	now := f.clock.Now()
	c := jwt.Claims{
		Issuer: daemonApp, Subject: daemonApp, ID: newUUID(), Audience: jwt.Audience{f.url(contosoID, "/oauth2/v2.0/token")},
		NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(10 * time.Minute)),
	}
	if change != nil {
		change(&c)
	}
	s, err := jwt.Signed(signer).Claims(c).Serialize()
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

func certForm(assertion string) url.Values {
	return appForm("client_assertion", assertion, "client_assertion_type", assertionType)
}

func TestClientCertificate(t *testing.T) {
	f := newFixture(t, Options{})
	sum1, sum256 := sha1.Sum(f.cert.Raw), sha256.Sum256(f.cert.Raw)
	for name, headers := range map[string]map[jose.HeaderKey]any{
		"x5t#S256":             {"x5t#S256": base64.RawURLEncoding.EncodeToString(sum256[:])},
		"x5t#S256, plain":      {"x5t#S256": base64.StdEncoding.EncodeToString(sum256[:])},
		"x5t":                  {"x5t": base64.RawURLEncoding.EncodeToString(sum1[:])},
		"kid as the portal's":  {"kid": hex.EncodeToString(sum1[:])},
		"kid beside the right": {"kid": "anything", "x5t": base64.RawURLEncoding.EncodeToString(sum1[:])},
	} {
		for _, alg := range []jose.SignatureAlgorithm{jose.RS256, jose.PS256} {
			a := f.token(contosoID, certForm(f.assertion(alg, f.key, headers, nil)))
			if a.Error != "" {
				t.Errorf("%s by %s: %s", name, alg, a.Description)
				continue
			}
			if c := f.claims(a.AccessToken); c["appidacr"] != "2" {
				t.Errorf("%s: appidacr %v", name, c["appidacr"])
			}
		}
	}
	x5t := map[jose.HeaderKey]any{"x5t#S256": base64.RawURLEncoding.EncodeToString(sum256[:])}
	// The tenant's other names are good audiences too.
	for _, aud := range []string{f.url(contosoID, "/v2.0"), f.url(contosoID, "/"), f.url("contoso.example", "/oauth2/v2.0/token")} {
		f.tokens("contoso.example", certForm(f.assertion(jose.RS256, f.key, x5t, func(c *jwt.Claims) { c.Audience = jwt.Audience{aud} })))
	}
	// It serves a code as well as an application.
	if err := f.dir.AddCertificate(webApp, f.cert); err != nil {
		t.Fatal(err)
	}
	signed := f.assertion(jose.PS256, f.key, x5t, func(c *jwt.Claims) { c.Issuer, c.Subject = webApp, webApp })
	f.tokens(contosoID, redeem(f.code(request("client_id", webApp, "redirect_uri", webBack)), "client_id", webApp, "redirect_uri", webBack,
		"client_assertion", signed, "client_assertion_type", assertionType))
}

func TestRefusedAssertions(t *testing.T) {
	f := newFixture(t, Options{})
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	x5t := func(raw []byte) map[jose.HeaderKey]any {
		sum := sha256.Sum256(raw)
		return map[jose.HeaderKey]any{"x5t#S256": base64.RawURLEncoding.EncodeToString(sum[:])}
	}
	good := x5t(f.cert.Raw)
	now := f.clock.Now()
	for name, tc := range map[string]struct {
		assertion string
		code      int
	}{
		"not a JWT":      {"x.y.z", 50027},
		"unknown key":    {f.assertion(jose.RS256, f.key, x5t([]byte("other")), nil), 700027},
		"no key named":   {f.assertion(jose.RS256, f.key, nil, nil), 700027},
		"wrong key":      {f.assertion(jose.RS256, other, good, nil), 700027},
		"not its own":    {f.assertion(jose.RS256, f.key, good, func(c *jwt.Claims) { c.Issuer, c.Subject = webApp, webApp }), 700021},
		"two subjects":   {f.assertion(jose.RS256, f.key, good, func(c *jwt.Claims) { c.Subject = webApp }), 50048},
		"other audience": {f.assertion(jose.RS256, f.key, good, func(c *jwt.Claims) { c.Audience = jwt.Audience{"https://login.example/token"} }), 700023},
		"other tenant":   {f.assertion(jose.RS256, f.key, good, func(c *jwt.Claims) { c.Audience = jwt.Audience{f.url(fabrikamID, "/oauth2/v2.0/token")} }), 700023},
		"expired":        {f.assertion(jose.RS256, f.key, good, func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(now.Add(-2 * clockSkew)) }), 700024},
		"without expiry": {f.assertion(jose.RS256, f.key, good, func(c *jwt.Claims) { c.Expiry = nil }), 700024},
		"not yet":        {f.assertion(jose.RS256, f.key, good, func(c *jwt.Claims) { c.NotBefore = jwt.NewNumericDate(now.Add(2 * clockSkew)) }), 700024},
		"without id":     {f.assertion(jose.RS256, f.key, good, func(c *jwt.Claims) { c.ID = "" }), 50027},
	} {
		t.Run(name, func(t *testing.T) {
			f.token(contosoID, certForm(tc.assertion)).wantError(t, tc.code, "invalid_client")
		})
	}

	once := f.assertion(jose.RS256, f.key, good, nil)
	f.tokens(contosoID, certForm(once))
	f.token(contosoID, certForm(once)).wantError(t, 50013, "invalid_client")

	// Anybody can write HS256 with the public certificate for a secret.
	hmac, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: f.cert.Raw}, (&jose.SignerOptions{}).WithHeader("x5t#S256", good["x5t#S256"]))
	if err != nil {
		t.Fatal(err)
	}
	forged, err := jwt.Signed(hmac).Claims(jwt.Claims{Issuer: daemonApp, Subject: daemonApp}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	f.token(contosoID, certForm(forged)).wantError(t, 50027, "invalid_client")

	old := newCertificate(t, f.key, now.Add(-48*time.Hour), now.Add(-24*time.Hour))
	if err := f.dir.AddCertificate(daemonApp, old); err != nil {
		t.Fatal(err)
	}
	f.token(contosoID, certForm(f.assertion(jose.RS256, f.key, x5t(old.Raw), nil))).wantError(t, 700027, "invalid_client")
}
