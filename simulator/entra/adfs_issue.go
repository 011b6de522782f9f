package entra

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// adfsAccess holds the claims of an access token of AD FS. Exchange reads the
// user from upn.
type adfsAccess struct {
	Audience   string `json:"aud"`
	Issuer     string `json:"iss"`
	IssuedAt   int64  `json:"iat"`
	NotBefore  int64  `json:"nbf"`
	Expires    int64  `json:"exp"`
	UPN        string `json:"upn,omitempty"`
	UniqueName string `json:"unique_name,omitempty"`
	AppType    string `json:"apptype"`
	AppID      string `json:"appid"`
	AuthMethod string `json:"authmethod,omitempty"`
	AuthTime   string `json:"auth_time"`
	Version    string `json:"ver"`
	Scopes     string `json:"scp,omitempty"`
	ID         string `json:"jti"`
}

// adfsID holds the claims of an id token of AD FS.
type adfsID struct {
	Audience   string `json:"aud"`
	Issuer     string `json:"iss"`
	IssuedAt   int64  `json:"iat"`
	NotBefore  int64  `json:"nbf"`
	Expires    int64  `json:"exp"`
	AuthTime   int64  `json:"auth_time"`
	Nonce      string `json:"nonce,omitempty"`
	Subject    string `json:"sub"`
	UPN        string `json:"upn"`
	UniqueName string `json:"unique_name"`
	Email      string `json:"email,omitempty"`
	SessionID  string `json:"sid"`
	AppType    string `json:"apptype"`
	AppID      string `json:"appid"`
	Version    string `json:"ver"`
	Scopes     string `json:"scp,omitempty"`
}

// byPasswordMethod is authmethod of somebody who typed a password.
const byPasswordMethod = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

// adfsAnswer is the answer of the token endpoint (RFC 6749 section 5.1).
type adfsAnswer struct {
	AccessToken    string `json:"access_token"`
	TokenType      string `json:"token_type"` // in lower case, as AD FS writes it
	ExpiresIn      int64  `json:"expires_in"` // seconds
	Resource       string `json:"resource"`
	RefreshToken   string `json:"refresh_token,omitempty"`
	RefreshExpires int64  `json:"refresh_token_expires_in,omitempty"` // seconds
	Scope          string `json:"scope,omitempty"`
	IDToken        string `json:"id_token,omitempty"`
}

func (a *ADFS) newAnswer(w adfsWish, token string) *adfsAnswer {
	return &adfsAnswer{
		AccessToken: token, TokenType: "bearer", ExpiresIn: int64(a.opts.TokenLifetime / time.Second),
		Resource: w.resource, Scope: strings.Join(w.answered, " "),
	}
}

// adfsGrant is what a client has got: by a user's sign-in or, without an
// account, in its own right.
type adfsGrant struct {
	client  ADFSClient
	account account
	wish    adfsWish
	nonce   string
	started time.Time
	kmsi    bool
}

func (g adfsGrant) appType() string {
	if g.client.Server {
		return "Confidential"
	}
	return "Public"
}

func (a *ADFS) accessToken(c *call, g adfsGrant) adfsAccess {
	t := adfsAccess{
		Audience: g.wish.resource, Issuer: a.accessIssuer(c),
		IssuedAt: c.now.Unix(), NotBefore: c.now.Unix(), Expires: c.now.Add(a.opts.TokenLifetime).Unix(),
		AppType: g.appType(), AppID: g.client.ClientID, AuthTime: g.started.UTC().Format("2006-01-02T15:04:05.000Z"), Version: "1.0",
		ID: numberedID(a.dir.nextSerial()),
	}
	if g.account.UPN == "" {
		return t
	}
	t.UPN, t.UniqueName, t.AuthMethod = g.account.UPN, a.windowsName(g.account.User), byPasswordMethod
	scopes := slices.Clone(g.wish.scopes)
	for _, issued := range g.wish.api.Issues {
		if !containsFold(scopes, issued) {
			scopes = append(scopes, issued)
		}
	}
	t.Scopes = strings.Join(scopes, " ")
	return t
}

// userTokens makes the tokens of a user's grant.
func (a *ADFS) userTokens(c *call, g adfsGrant, renewable bool) (*adfsAnswer, *msisError) {
	signed, e := a.sign(a.accessToken(c, g))
	if e != nil {
		return nil, e
	}
	answer := a.newAnswer(g.wish, signed)
	if g.wish.has("openid") {
		if answer.IDToken, e = a.idToken(c, g); e != nil {
			return nil, e
		}
	}
	if !renewable {
		return answer, nil
	}
	lifetime := a.opts.RefreshLifetime
	if g.kmsi && !g.client.Server {
		lifetime = adfsDeviceUsage
	}
	answer.RefreshToken, answer.RefreshExpires = newToken(), int64(lifetime/time.Second)
	rt := adfsRefresh{
		clientID: g.client.ClientID, upn: g.account.UPN, epoch: g.account.epoch(), resource: g.wish.resource,
		scopes: g.wish.scopes, kmsi: g.kmsi && !g.client.Server, started: g.started, expires: c.now.Add(lifetime),
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refresh.put(answer.RefreshToken, rt, c.now, rt.expires.Add(afterlife))
	a.keepRefresh(answer.RefreshToken, rt)
	return answer, nil
}

func (a *ADFS) idToken(c *call, g adfsGrant) (string, *msisError) {
	u := g.account.User
	t := adfsID{
		Audience: g.client.ClientID, Issuer: a.at(c, ""),
		IssuedAt: c.now.Unix(), NotBefore: c.now.Unix(), Expires: c.now.Add(a.opts.TokenLifetime).Unix(),
		AuthTime: g.started.Unix(), Nonce: g.nonce, Subject: pairwise(g.client.ClientID, u.ID),
		UPN: u.UPN, UniqueName: a.windowsName(u), SessionID: sidOf(u), AppType: g.appType(), AppID: g.client.ClientID,
		Version: "1.0", Scopes: strings.Join(g.wish.scopes, " "),
	}
	if g.wish.has("email") {
		t.Email = u.UPN
	}
	return a.sign(t)
}

// sidOf is the security identifier of a user's Windows account.
func sidOf(u User) string {
	sum := sha256.Sum256([]byte(u.ID))
	return fmt.Sprintf("S-1-5-21-%d-%d-%d-%d", uint(sum[0])<<16|uint(sum[1]), uint(sum[2])<<16|uint(sum[3]), uint(sum[4])<<16|uint(sum[5]), 1000+uint(sum[6]))
}

func (a *ADFS) sign(claims any) (string, *msisError) {
	k, err := a.key()
	if err != nil {
		return "", msisBroken(err)
	}
	t, err := jwt.Signed(k.signer).Claims(claims).Serialize()
	if err != nil {
		return "", msisBroken(err)
	}
	return t, nil
}

// Verify is as Server.Verify, for an access token of this ADFS.
func (a *ADFS) Verify(token string) (Claims, error) { return a.VerifyAt(token, a.opts.Now()) }

// VerifyAt is Verify for a resource whose clock shows another time. The claims'
// TenantID is that of ADFSOptions.Tenant: AD FS's tokens name none.
func (a *ADFS) VerifyAt(token string, now time.Time) (Claims, error) {
	k, err := a.key()
	if err != nil {
		return Claims{}, err
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return Claims{}, fmt.Errorf("%w: it is not a signed JWT", ErrTokenInvalid)
	}
	var t adfsAccess
	if err := parsed.Claims(&k.private.PublicKey, &t); err != nil {
		return Claims{}, fmt.Errorf("%w: the signature is not by this server's key", ErrTokenInvalid)
	}
	// An id token is signed by the same key, but by another issuer.
	if !strings.HasSuffix(t.Issuer, "/adfs/services/trust") || t.AppID == "" {
		return Claims{}, fmt.Errorf("%w: it is not an access token", ErrTokenInvalid)
	}
	if now.Before(time.Unix(t.NotBefore, 0).Add(-clockSkew)) {
		return Claims{}, fmt.Errorf("%w: it is not valid yet", ErrTokenInvalid)
	}
	expires := time.Unix(t.Expires, 0)
	if !now.Before(expires) {
		return Claims{}, fmt.Errorf("%w at %s", ErrTokenExpired, expires.UTC().Format(time.RFC3339))
	}
	if err := a.dir.notVoid(accessToken{ID: t.ID, UPN: t.UPN, AppID: t.AppID}); err != nil {
		return Claims{}, err
	}
	c := Claims{Audience: t.Audience, AppID: t.AppID, UPN: t.UPN, Scopes: strings.Fields(t.Scopes), IDType: UserToken, Expires: expires}
	if c.UPN == "" {
		c.IDType = AppToken
	} else if acc, ok := a.dir.account(c.UPN); ok {
		c.ObjectID = acc.ID
	}
	if tenant, ok := a.dir.Tenant(a.opts.Tenant); ok {
		c.TenantID = tenant.ID
	}
	return c, nil
}

// hinted finds the client that an id token was issued to, however long ago.
func (a *ADFS) hinted(idToken string) (ADFSClient, bool) {
	k, err := a.key()
	if err != nil {
		return ADFSClient{}, false
	}
	parsed, err := jwt.ParseSigned(idToken, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return ADFSClient{}, false
	}
	var t adfsID
	if parsed.Claims(&k.private.PublicKey, &t) != nil || t.Subject == "" {
		return ADFSClient{}, false
	}
	return a.Client(t.Audience)
}

// userinfo tells who signed in (OpenID Connect Core section 5.3). AD FS tells
// the subject alone, to who has a token for its own resource.
func (a *ADFS) userinfo(c *call) {
	scheme, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	claims, err := a.VerifyAt(strings.TrimSpace(token), c.now)
	if !strings.EqualFold(scheme, "Bearer") || err != nil || claims.Audience != userinfoResource || claims.UPN == "" {
		c.w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		http.Error(c.w, "", http.StatusUnauthorized)
		return
	}
	writeJSON(c.w, http.StatusOK, map[string]string{"sub": pairwise(claims.AppID, claims.ObjectID)})
}

// openIDConfiguration serves the discovery document, as AD FS writes it.
func (a *ADFS) openIDConfiguration(c *call) {
	if !adfsGetOnly(c) {
		return
	}
	writeJSON(c.w, http.StatusOK, map[string]any{
		"issuer":                                           a.at(c, ""),
		"authorization_endpoint":                           a.at(c, "/oauth2/authorize/"),
		"token_endpoint":                                   a.at(c, "/oauth2/token/"),
		"jwks_uri":                                         a.at(c, "/discovery/keys"),
		"userinfo_endpoint":                                a.at(c, "/userinfo"),
		"end_session_endpoint":                             a.at(c, "/oauth2/logout"),
		"device_authorization_endpoint":                    a.at(c, "/oauth2/devicecode"),
		"access_token_issuer":                              a.accessIssuer(c),
		"token_endpoint_auth_methods_supported":            []string{"client_secret_post", "client_secret_basic", "private_key_jwt"},
		"response_types_supported":                         []string{"code"},
		"response_modes_supported":                         []string{"query", "fragment", "form_post"},
		"grant_types_supported":                            []string{"authorization_code", "refresh_token", "client_credentials", deviceGrantType, deviceGrantShort},
		"subject_types_supported":                          []string{"pairwise"},
		"scopes_supported":                                 a.scopesSupported(),
		"id_token_signing_alg_values_supported":            []string{"RS256"},
		"token_endpoint_auth_signing_alg_values_supported": []string{"RS256"},
		"claims_supported":                                 []string{"aud", "iss", "iat", "exp", "auth_time", "nonce", "sub", "upn", "unique_name", "sid", "nbf"},
		"microsoft_multi_refresh_token":                    true,
		"frontchannel_logout_supported":                    false,
	})
}

// scopesSupported are the permissions that any client was permitted.
func (a *ADFS) scopesSupported() []string {
	names := []string{"openid", "profile", "email"}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, scopes := range a.permits {
		names = append(names, scopes...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// keys serves the public keys by which tokens are verified (RFC 7517).
func (a *ADFS) keys(c *call) {
	if !adfsGetOnly(c) {
		return
	}
	k, err := a.key()
	if err != nil {
		a.refuseJSON(c, msisBroken(err))
		return
	}
	writeJSON(c.w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{k.public}})
}

func adfsGetOnly(c *call) bool {
	c.w.Header().Set("Access-Control-Allow-Origin", "*")
	if c.r.Method == http.MethodGet || c.r.Method == http.MethodHead {
		return true
	}
	c.w.Header().Set("Allow", "GET, HEAD")
	http.Error(c.w, "GET", http.StatusMethodNotAllowed)
	return false
}
