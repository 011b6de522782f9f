package entra

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"net/url"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// A CRM's own server: a redirect of the platform Web and a certificate instead
// of a secret, through the whole life of a sign-in.
func TestWebServerWithCertificate(t *testing.T) {
	f := newFixture(t, Options{})
	const back = "https://crm.example/admin/smtp_oauth_microsoft/token"
	if err := f.dir.AddRedirect(webApp, Redirect{back, Web}); err != nil {
		t.Fatal(err)
	}
	if err := f.dir.AddCertificate(webApp, f.cert); err != nil {
		t.Fatal(err)
	}
	asWebApp := func(c *jwt.Claims) { c.Issuer, c.Subject = webApp, webApp }
	prove := func() []string {
		return []string{"client_assertion_type", assertionType, "client_assertion", f.assertion(jose.RS256, f.key, thumbprintHeader(f.cert), asWebApp)}
	}
	code := f.code(request("client_id", webApp, "redirect_uri", back, "code_challenge", "", "code_challenge_method", ""))
	form := redeem(code, "client_id", webApp, "redirect_uri", back, "code_verifier", "")
	f.token(contosoID, form).wantError(t, 7000218, "invalid_client")
	f.token(contosoID, with(form, "client_secret", "guessed")).wantError(t, 7000215, "invalid_client")
	f.token(contosoID, with(form, prove()...), "Origin", "https://crm.example").wantError(t, 9002326, "invalid_request")
	a := f.tokens(contosoID, with(form, prove()...))
	if c := f.verify(a.AccessToken); c.UPN != anna {
		t.Errorf("claims %+v", c)
	}

	refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {webApp}, "refresh_token": {a.RefreshToken}, "scope": {ews}}
	f.token(contosoID, refresh).wantError(t, 7000218, "invalid_client")
	f.tokens(contosoID, with(refresh, prove()...))
	// How it proves itself may change from one time to the next.
	f.tokens(contosoID, with(refresh, "client_secret", string(webSecret)))

	stranger := newCertificate(t, f.key, f.clock.Now().Add(-time.Hour), f.clock.Now().Add(2*time.Hour))
	other := f.assertion(jose.RS256, f.key, thumbprintHeader(stranger), asWebApp)
	f.token(contosoID, with(refresh, "client_assertion_type", assertionType, "client_assertion", other)).wantError(t, 700027, "invalid_client")
	if err := f.dir.RemoveCertificate(webApp, f.cert); err != nil {
		t.Fatal(err)
	}
	f.token(contosoID, with(refresh, prove()...)).wantError(t, 700027, "invalid_client")
	if err := f.dir.RemoveCertificate(webApp, &x509.Certificate{}); err == nil {
		t.Error("a certificate that was never registered was removed")
	}
}

// The secret expires between the sign-in and the renewal; a new one saves it.
func TestWebServerSecretExpires(t *testing.T) {
	f := newFixture(t, Options{})
	code := f.code(request("client_id", webApp, "redirect_uri", webBack))
	a := f.tokens(contosoID, redeem(code, "client_id", webApp, "redirect_uri", webBack, "client_secret", string(webSecret)))
	if err := f.dir.ExpireSecret(webApp, webSecret, f.clock.Now().Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {webApp}, "refresh_token": {a.RefreshToken}, "scope": {ews}, "client_secret": {string(webSecret)}}
	f.clock.advance(24*time.Hour - time.Second)
	f.tokens(contosoID, refresh)
	f.clock.advance(time.Second)
	f.token(contosoID, refresh).wantError(t, 7000222, "invalid_client")
	if err := f.dir.AddSecret(webApp, ClientSecret{Value: "Canary-New~Secret-4v"}); err != nil {
		t.Fatal(err)
	}
	f.tokens(contosoID, with(refresh, "client_secret", "Canary-New~Secret-4v"))
}

func thumbprintHeader(cert *x509.Certificate) map[jose.HeaderKey]any {
	sum := sha256.Sum256(cert.Raw)
	return map[jose.HeaderKey]any{"x5t#S256": base64.RawURLEncoding.EncodeToString(sum[:])}
}
