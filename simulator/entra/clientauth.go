package entra

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// assertionType is the client_assertion_type of RFC 7523 section 2.2.
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// credentials are what a client sends to prove who it is.
type credentials struct {
	clientID  string
	secret    string
	assertion string
}

func (cr credentials) any() bool { return cr.secret != "" || cr.assertion != "" }

// readCredentials takes them from the form or from the Authorization header
// (RFC 6749 section 2.3.1), but not from both.
func readCredentials(r *http.Request, form url.Values) (credentials, *Error) {
	cr := credentials{clientID: form.Get("client_id"), secret: form.Get("client_secret"), assertion: form.Get("client_assertion")}
	if cr.assertion != "" && form.Get("client_assertion_type") != assertionType {
		return cr, fail(50027, "invalid_client", "The value of 'client_assertion_type' must be '%s'.", assertionType)
	}
	if cr.assertion != "" && cr.secret != "" {
		return cr, severalProofs()
	}
	user, password, ok := r.BasicAuth()
	if !ok {
		return cr, nil
	}
	id, err := url.QueryUnescape(user)
	if err != nil {
		return cr, fail(90004, "invalid_request", "The client id in the Authorization header is not form-encoded.")
	}
	secret, err := url.QueryUnescape(password)
	if err != nil {
		return cr, fail(90004, "invalid_request", "The client secret in the Authorization header is not form-encoded.")
	}
	if cr.any() || (cr.clientID != "" && !strings.EqualFold(cr.clientID, id)) {
		return cr, severalProofs()
	}
	return credentials{clientID: id, secret: secret}, nil
}

// severalProofs: RFC 6749 section 2.3 allows one a request. Entra's number for
// it is not documented; this is its general one for a request that cannot be.
func severalProofs() *Error {
	return fail(90023, "invalid_request", "The request uses more than one method of client authentication, or names two clients.")
}

// authenticate judges the credentials of a confidential client and returns how
// it proved itself, as the claim appidacr says it: "1" by secret, "2" by
// certificate.
func (s *Server) authenticate(c *call, t tokenRequest) (string, *Error) {
	switch {
	case t.creds.assertion != "":
		return "2", s.checkAssertion(c, t)
	case t.creds.secret != "":
		return "1", checkSecret(c, t)
	}
	return "", fail(7000218, "invalid_client", "The client is confidential, and the request must carry 'client_assertion' or 'client_secret'.")
}

func checkSecret(c *call, t tokenRequest) *Error {
	expired := false
	for _, s := range t.app.Secrets {
		if !s.Value.is(t.creds.secret) {
			continue
		}
		if s.Expires.IsZero() || c.now.Before(s.Expires) {
			return nil
		}
		expired = true
	}
	if expired {
		return fail(7000222, "invalid_client", "This client secret of the application '%s' has expired. Make a new one, or use a certificate.", t.app.ClientID)
	}
	return fail(7000215, "invalid_client", "The client secret is not one of the application '%s'. Send the secret's value, not its id.", t.app.ClientID)
}

// checkAssertion judges a JWT signed by one of the application's certificates
// (RFC 7523 section 3, and Entra's page on certificate credentials).
func (s *Server) checkAssertion(c *call, t tokenRequest) *Error {
	parsed, err := jwt.ParseSigned(t.creds.assertion, []jose.SignatureAlgorithm{jose.RS256, jose.PS256})
	if err != nil || len(parsed.Headers) != 1 {
		return fail(50027, "invalid_client", "The client assertion is not a JWT signed by RS256 or PS256.")
	}
	cert := findCertificate(t.app.Certificates, parsed.Headers[0])
	if cert == nil {
		return fail(700027, "invalid_client", "The client assertion is signed by a certificate that is not registered for the application.")
	}
	public, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		return fail(700027, "invalid_client", "The client assertion's signature cannot be checked: the registered certificate %s has no RSA key.", thumbprint(cert))
	}
	var claims jwt.Claims
	if err := parsed.Claims(public, &claims); err != nil {
		return fail(700027, "invalid_client", "The client assertion's signature is not by the key of the registered certificate %s.", thumbprint(cert))
	}
	if c.now.Before(cert.NotBefore) || c.now.After(cert.NotAfter) {
		return fail(700027, "invalid_client", "The client assertion is signed by the certificate %s, which is valid from %s to %s only.", thumbprint(cert), cert.NotBefore.UTC().Format(time.RFC3339), cert.NotAfter.UTC().Format(time.RFC3339))
	}
	if claims.Issuer != claims.Subject {
		return fail(50048, "invalid_client", "The client assertion's 'sub' and 'iss' differ.")
	}
	if !strings.EqualFold(claims.Issuer, t.app.ClientID) {
		return fail(700021, "invalid_client", "The client assertion is of another application than the one that 'client_id' names.")
	}
	if !s.isAudience(c, claims.Audience) {
		return fail(700023, "invalid_client", "The client assertion's 'aud' is not this tenant's token endpoint.")
	}
	if claims.Expiry == nil || c.now.After(claims.Expiry.Time().Add(clockSkew)) ||
		(claims.NotBefore != nil && c.now.Before(claims.NotBefore.Time().Add(-clockSkew))) {
		return fail(700024, "invalid_client", "The client assertion has expired or is not valid yet. It is %s here.", c.now.Format(time.RFC3339))
	}
	return s.spendAssertion(c, t.app, claims)
}

// spendAssertion refuses an assertion that was used before. RFC 7523 section 3
// allows that; Entra does not tell whether it does so, nor with which number.
func (s *Server) spendAssertion(c *call, app Application, claims jwt.Claims) *Error {
	if claims.ID == "" {
		return fail(50027, "invalid_client", "The client assertion has no 'jti' claim.")
	}
	key := app.ClientID + "/" + claims.ID
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, used := s.jtis.get(key, c.now); used {
		return fail(50013, "invalid_client", "The client assertion was used before. Make a new one for each request.")
	}
	s.jtis.put(key, struct{}{}, c.now, claims.Expiry.Time().Add(clockSkew+time.Second))
	return nil
}

// isAudience accepts the token endpoint or the issuer, by whichever name the
// tenant was called.
func (s *Server) isAudience(c *call, audience jwt.Audience) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(c.r.URL.Path, "/"), "/")
	for _, name := range []string{first, c.realm.name} {
		for _, end := range []string{"/oauth2/v2.0/token", "/v2.0", "/"} {
			if audience.Contains(c.base + "/" + name + end) {
				return true
			}
		}
	}
	return false
}

// findCertificate looks up what the header says: x5t#S256, x5t or kid. Some
// libraries write the thumbprints by base64url (RFC 7515 section 4.1.7), others
// by plain base64, and the kid in hex; Entra takes all of them.
func findCertificate(certs []*x509.Certificate, h jose.Header) *x509.Certificate {
	for _, cert := range certs {
		sum1, sum256 := sha1.Sum(cert.Raw), sha256.Sum256(cert.Raw)
		if text, ok := h.ExtraHeaders["x5t#S256"].(string); ok {
			if isThumbprint(text, sum256[:]) {
				return cert
			}
			continue
		}
		if text, ok := h.ExtraHeaders["x5t"].(string); ok {
			if isThumbprint(text, sum1[:]) {
				return cert
			}
			continue
		}
		if h.KeyID != "" && (isThumbprint(h.KeyID, sum1[:]) || isThumbprint(h.KeyID, sum256[:])) {
			return cert
		}
	}
	return nil
}

func isThumbprint(text string, sum []byte) bool {
	if strings.EqualFold(text, hex.EncodeToString(sum)) {
		return true
	}
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	got, err := base64.RawStdEncoding.DecodeString(plain)
	return err == nil && bytes.Equal(got, sum)
}

// thumbprint names a certificate as the portal does.
func thumbprint(cert *x509.Certificate) string {
	sum := sha1.Sum(cert.Raw)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// authenticateFor judges a client that redeems what a user was given, by the
// platform of the redirect that it was given to. It returns appidacr.
func (s *Server) authenticateFor(c *call, t tokenRequest, p Platform) (string, *Error) {
	origin := c.r.Header.Get("Origin")
	switch {
	case p == SPA && origin == "":
		return "", fail(9002327, "invalid_request", "The redirect is registered for a single-page application: only a script in a browser can redeem what it was given (there is no Origin header).")
	case p != SPA && origin != "":
		return "", fail(9002326, "invalid_request", "A script in a browser (Origin '%s') can redeem only what was given to a redirect that is registered for a single-page application.", origin)
	case p == Web:
		return s.authenticate(c, t)
	case t.creds.any():
		return "", fail(700025, "invalid_client", "The client is public and must not send 'client_assertion' or 'client_secret'.")
	}
	return "0", nil
}
