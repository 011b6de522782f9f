package entra

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// adfsTokenRequest is a request to the token endpoint by a registered client,
// which has proved itself if it has to.
type adfsTokenRequest struct {
	form   url.Values
	client ADFSClient
}

// token is the token endpoint (RFC 6749 section 3.2).
func (a *ADFS) token(c *call) {
	form, e := postedForm(c)
	if kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); e == nil && (err != nil || kind != "application/x-www-form-urlencoded") {
		e = msisMissing("grant_type")
	}
	var answer *adfsAnswer
	if e == nil {
		answer, e = a.grant(c, form)
	}
	if e != nil {
		a.refuseJSON(c, e)
		return
	}
	writeJSON(c.w, http.StatusOK, answer)
}

func (a *ADFS) grant(c *call, form url.Values) (*adfsAnswer, *msisError) {
	grantType := form.Get("grant_type")
	var redeem func(*call, adfsTokenRequest) (*adfsAnswer, *msisError)
	switch grantType {
	case "authorization_code":
		redeem = a.redeemCode
	case "refresh_token":
		redeem = a.redeemRefresh
	case deviceGrantType, deviceGrantShort: // AD FS's description lists both
		redeem = a.redeemDevice
	case "client_credentials":
		redeem = a.clientCredentials
	case "":
		return nil, msisMissing("grant_type")
	default:
		return nil, msis(9611, "unsupported_grant_type", "The grant type '%s' is not offered.", grantType)
	}
	t, e := a.authenticate(c, form)
	if e != nil {
		return nil, e
	}
	answer, e := redeem(c, t)
	if e == nil {
		a.opts.Logger.Info("token issued", "grant", grantType, "client_id", t.client.ClientID, "audience", answer.Resource, "correlation_id", c.correlation)
	}
	return answer, e
}

func unknownClient() *msisError {
	return msis(9607, "invalid_client", "The 'client_id' parameter in the request is not valid. No client is registered with it.")
}

func unprovenClient() *msisError {
	return msis(9622, "invalid_client", "The client could not be authenticated. Check its secret or certificate.")
}

// authenticate finds the client and judges what proves it. A native application
// has nothing to prove; that one which sends a secret is refused is our
// strictness.
func (a *ADFS) authenticate(c *call, form url.Values) (adfsTokenRequest, *msisError) {
	t := adfsTokenRequest{form: form}
	creds, bad := readCredentials(c.r, form)
	if bad != nil {
		return t, msis(0, "invalid_request", "%s", bad.Message)
	}
	if creds.clientID == "" {
		return t, msisMissing("client_id")
	}
	var ok bool
	if t.client, ok = a.Client(creds.clientID); !ok {
		return t, unknownClient()
	}
	switch {
	case !t.client.Server && !creds.any():
		return t, nil
	case !t.client.Server:
	case creds.assertion != "" && a.assertionHolds(c, t.client, creds.assertion):
		return t, nil
	case creds.secret != "" && slices.ContainsFunc(t.client.Secrets, func(s Secret) bool { return s.is(creds.secret) }):
		return t, nil
	}
	return t, unprovenClient()
}

// assertionHolds judges a JWT signed by one of the client's certificates (RFC
// 7523 section 3). AD FS takes RS256 with the certificate's SHA-1 thumbprint
// alone, and tells no reason.
func (a *ADFS) assertionHolds(c *call, cl ADFSClient, assertion string) bool {
	parsed, err := jwt.ParseSigned(assertion, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil || len(parsed.Headers) != 1 || parsed.Headers[0].ExtraHeaders["x5t"] == nil {
		return false
	}
	cert := findCertificate(cl.Certificates, parsed.Headers[0])
	if cert == nil || c.now.Before(cert.NotBefore) || c.now.After(cert.NotAfter) {
		return false
	}
	public, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok {
		return false
	}
	var claims jwt.Claims
	if parsed.Claims(public, &claims) != nil {
		return false
	}
	endpoint := a.at(c, "/oauth2/token")
	return claims.Issuer == claims.Subject && strings.EqualFold(claims.Issuer, cl.ClientID) &&
		(claims.Audience.Contains(endpoint) || claims.Audience.Contains(endpoint+"/")) &&
		claims.ID != "" && claims.Expiry != nil && !c.now.After(claims.Expiry.Time().Add(clockSkew)) &&
		(claims.NotBefore == nil || !c.now.Before(claims.NotBefore.Time().Add(-clockSkew)))
}

// redeemCode exchanges an authorization code (RFC 6749 section 4.1.3). A code
// is spent by the first try, a failed one included (observed).
func (a *ADFS) redeemCode(c *call, t adfsTokenRequest) (*adfsAnswer, *msisError) {
	for _, name := range []string{"code", "redirect_uri"} {
		if t.form.Get(name) == "" {
			return nil, msisMissing(name)
		}
	}
	value := t.form.Get("code")
	a.mu.Lock()
	cd, ok := a.codes.get(value, c.now)
	mine := ok && cd.req.client.ClientID == t.client.ClientID
	if mine {
		a.codes.remove(value)
	}
	a.mu.Unlock()
	switch {
	case !mine:
		return nil, msis(9612, "invalid_grant", "The authorization code received in 'code' parameter is not valid.")
	case t.form.Get("redirect_uri") != cd.req.uri:
		return nil, msis(9609, "invalid_request", "The 'redirect_uri' parameter is not valid: it is not the one of the authorization request.")
	case !verifies(cd.req.challenge, cd.req.challenged, t.form.Get("code_verifier")):
		return nil, msis(9720, "invalid_grant", "The 'code_verifier' parameter does not match the code_challenge of the authorization request.")
	}
	acc, e := a.stillGood(cd.upn, cd.epoch)
	if e != nil {
		return nil, e
	}
	// A client may repeat what it asked for, as MSAL does.
	if t.form.Get("scope") != "" || t.form.Get("resource") != "" {
		again, e := a.wish(t.client, t.form.Get("resource"), t.form.Get("scope"))
		if e != nil {
			return nil, e
		}
		if again.resource != userinfoResource && again.resource != cd.req.wish.resource {
			return nil, msis(9602, "invalid_resource", "The code was issued for the resource '%s', not for '%s'.", cd.req.wish.resource, again.resource)
		}
	}
	g := adfsGrant{client: t.client, account: acc, wish: cd.req.wish, nonce: cd.req.nonce, started: cd.started, kmsi: cd.req.kmsi}
	return a.userTokens(c, g, true)
}

// verifies compares the PKCE verifier with the challenge (RFC 7636 section 4.6).
// A verifier without a challenge is refused too (RFC 9700 section 4.8).
func verifies(challenge, method, verifier string) bool {
	if method == "S256" && verifier != "" {
		sum := sha256.Sum256([]byte(verifier))
		verifier = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return same(verifier, challenge)
}

// adfsRefresh is a refresh token that has been issued.
type adfsRefresh struct {
	clientID, upn    string
	epoch            epoch
	resource         string
	scopes           []string
	kmsi             bool
	started, expires time.Time
}

// redeemRefresh exchanges a refresh token (RFC 6749 section 6), for the resource
// of the sign-in or another that the client is permitted. The token stays good
// until it expires; a new one comes only to those who are kept signed in.
func (a *ADFS) redeemRefresh(c *call, t adfsTokenRequest) (*adfsAnswer, *msisError) {
	value := t.form.Get("refresh_token")
	if value == "" {
		return nil, msisMissing("refresh_token")
	}
	a.mu.Lock()
	rt, ok := a.refresh.get(value, c.now)
	a.mu.Unlock()
	if !ok || rt.clientID != t.client.ClientID {
		return nil, badRefresh()
	}
	if !c.now.Before(rt.expires) {
		e := msis(9615, "invalid_grant", "The refresh token received in 'refresh_token' parameter has expired.")
		e.status = http.StatusUnauthorized // so Microsoft's page on AD FS scenarios
		return nil, e
	}
	acc, e := a.stillGood(rt.upn, rt.epoch)
	if e != nil {
		return nil, e
	}
	scope, resource := t.form.Get("scope"), t.form.Get("resource")
	if !strings.Contains(scope, "/") && resource == "" {
		resource = rt.resource
	}
	if scope == "" {
		scope = strings.Join(rt.scopes, " ")
	}
	wish, e := a.wish(t.client, resource, scope)
	if e != nil {
		return nil, e
	}
	if !wish.api.permits(acc.User) {
		return nil, msis(5007, "access_denied", "The caller authorization failed for caller identity %s for relying party trust %s.", a.windowsName(acc.User), wish.resource)
	}
	return a.userTokens(c, adfsGrant{client: t.client, account: acc, wish: wish, started: rt.started, kmsi: rt.kmsi}, rt.kmsi)
}

func badRefresh() *msisError {
	return msis(9614, "invalid_grant", "The refresh token received in 'refresh_token' parameter is not valid.")
}

// stillGood judges what was issued to a user against the account as it is now.
// AD FS's number for an account that has changed since is not known.
func (a *ADFS) stillGood(upn string, issued epoch) (account, *msisError) {
	acc, ok := a.account(upn)
	if !ok || acc.Disabled || acc.epoch() != issued {
		return account{}, msis(9614, "invalid_grant", "The account was disabled or removed, or has a new password, since the sign-in. Sign in again.")
	}
	return acc, nil
}

// clientCredentials gives a server application a token for itself (RFC 6749
// section 4.4).
func (a *ADFS) clientCredentials(c *call, t adfsTokenRequest) (*adfsAnswer, *msisError) {
	if !t.client.Server {
		return nil, msis(9611, "unauthorized_client", "The client is not allowed to use the grant type 'client_credentials'.")
	}
	w, e := a.wish(t.client, t.form.Get("resource"), t.form.Get("scope"))
	if e != nil {
		return nil, e
	}
	token := a.accessToken(c, adfsGrant{client: t.client, wish: w, started: c.now})
	signed, e := a.sign(token)
	if e != nil {
		return nil, e
	}
	return a.newAnswer(w, signed), nil
}
