package entra

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// accessToken holds the claims of an access token in version 1.0, which is what
// Entra issues for Exchange whatever endpoint it was asked at.
type accessToken struct {
	Audience   string   `json:"aud"`
	Issuer     string   `json:"iss"`
	IssuedAt   int64    `json:"iat"`
	NotBefore  int64    `json:"nbf"`
	Expires    int64    `json:"exp"`
	AppID      string   `json:"appid"`
	AppACR     string   `json:"appidacr"`
	Methods    []string `json:"amr,omitempty"`
	IDType     string   `json:"idtyp"`
	Name       string   `json:"name,omitempty"`
	ObjectID   string   `json:"oid"`
	Roles      []string `json:"roles,omitempty"`
	Scopes     string   `json:"scp,omitempty"`
	Subject    string   `json:"sub"`
	TenantID   string   `json:"tid"`
	UniqueName string   `json:"unique_name,omitempty"`
	UPN        string   `json:"upn,omitempty"`
	ID         string   `json:"uti"`
	Version    string   `json:"ver"`
	// Capabilities are the client's, as it told them with the request.
	Capabilities []string `json:"xms_cc,omitempty"`
	Contexts     []string `json:"acrs,omitempty"`
}

// accessToken returns the claims that all access tokens of a tenant share.
func (s *Server) accessToken(c *call, tenantID string) accessToken {
	return accessToken{
		Issuer:   c.issuers + "/" + tenantID + "/",
		IssuedAt: c.now.Unix(), NotBefore: c.now.Unix(), Expires: c.now.Add(s.opts.TokenLifetime).Unix(),
		TenantID: tenantID, ID: numberedID(s.dir.nextSerial()), Version: "1.0",
	}
}

// idToken holds the claims of an id token in version 2.0.
type idToken struct {
	Audience  string `json:"aud"`
	Issuer    string `json:"iss"`
	IssuedAt  int64  `json:"iat"`
	NotBefore int64  `json:"nbf"`
	Expires   int64  `json:"exp"`
	Email     string `json:"email,omitempty"`
	Name      string `json:"name,omitempty"`
	Nonce     string `json:"nonce,omitempty"`
	ObjectID  string `json:"oid,omitempty"`
	Username  string `json:"preferred_username,omitempty"`
	Subject   string `json:"sub"`
	TenantID  string `json:"tid"`
	ID        string `json:"uti"`
	Version   string `json:"ver"`
}

// tokenAnswer is the answer of the token endpoint (RFC 6749 section 5.1).
type tokenAnswer struct {
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    int64  `json:"expires_in"`     // seconds
	ExtExpiresIn int64  `json:"ext_expires_in"` // seconds
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	ClientInfo   string `json:"client_info,omitempty"`

	// audience is for the log.
	audience string
}

func (s *Server) newAnswer(audience, token string) *tokenAnswer {
	seconds := int64(s.opts.TokenLifetime / time.Second)
	return &tokenAnswer{TokenType: "Bearer", ExpiresIn: seconds, ExtExpiresIn: seconds, AccessToken: token, audience: audience}
}

// userGrant is what a user has let an application have.
type userGrant struct {
	app      Application
	account  account
	realm    realm
	platform Platform
	// acr is how the application proved itself: "0" not at all.
	acr    string
	scopes scopes
	nonce  string
	// started is when the user signed in.
	started time.Time
	device  bool // by device code
	strong  bool // with a second factor
	// contexts are the authentication contexts of the sign-in.
	contexts []string
}

// userTokens makes the tokens of a grant. The refresh token among them counts
// only once keepRefreshToken has been called.
func (s *Server) userTokens(c *call, t tokenRequest, g userGrant) (*tokenAnswer, *Error) {
	resource, e := g.scopes.oneResource(s.dir.cloud)
	if e != nil {
		return nil, e
	}
	u := g.account.User
	res, ok := s.dir.resource(u.Tenant, resource)
	if !ok {
		return nil, unknownResource(resource)
	}
	// As in Entra the token carries all that was consented to for the
	// resource, be it asked for this time or not.
	granted := s.dir.granted(g.app, u, res)
	for _, w := range g.scopes.wanted {
		if w.name != defaultScope && !containsFold(granted, w.name) {
			return nil, consentRequired("invalid_grant", g.app)
		}
	}
	if len(g.scopes.wanted) > 0 && len(granted) == 0 {
		return nil, consentRequired("invalid_grant", g.app)
	}

	token := s.accessToken(c, u.Tenant)
	token.Audience = resource
	token.AppID, token.AppACR = g.app.ClientID, g.acr
	token.IDType = UserToken
	token.ObjectID, token.Subject = u.ID, pairwise(res.AppID, u.ID)
	token.Methods = []string{"pwd"}
	if g.strong {
		token.Methods = append(token.Methods, "mfa")
	}
	token.Name, token.UPN, token.UniqueName = u.Name, u.UPN, u.UPN
	claimed := granted
	if res.AppID == GraphAppID {
		// The OpenID Connect scopes are permissions of Graph.
		claimed = append(withoutOffline(g.scopes.oidc), granted...)
	}
	token.Scopes = strings.Join(claimed, " ")
	asked, e := parseClaims(t.form.Get("claims"))
	if e != nil {
		return nil, e
	}
	if e := token.grantClaims(asked, g.contexts); e != nil {
		return nil, e
	}
	signed, e := s.sign(token)
	if e != nil {
		return nil, e
	}

	answer := s.newAnswer(resource, signed)
	answer.Scope = answeredScope(g.scopes, resource, res, granted)
	if g.scopes.has("offline_access") {
		answer.RefreshToken = newToken()
	}
	if g.scopes.has("openid") {
		if answer.IDToken, e = s.idToken(c, g); e != nil {
			return nil, e
		}
	}
	if t.form.Get("client_info") == "1" {
		info, err := json.Marshal(map[string]string{"uid": u.ID, "utid": u.Tenant})
		if err != nil {
			return nil, broken(err)
		}
		answer.ClientInfo = base64.RawURLEncoding.EncodeToString(info)
	}
	return answer, nil
}

// answeredScope writes what was granted in the client's own spelling of the
// resource, because clients compare it with what they asked for.
func answeredScope(asked scopes, resource string, res Resource, granted []string) string {
	short := res.AppID == GraphAppID && (len(asked.wanted) == 0 || asked.wanted[0].short)
	var names []string
	if short {
		names = withoutOffline(asked.oidc)
	}
	for _, g := range granted {
		names = append(names, wantedScope{resource, g, short}.String())
	}
	for _, w := range asked.wanted {
		if w.name == defaultScope {
			names = append(names, w.String())
		}
	}
	return strings.Join(names, " ")
}

// withoutOffline drops offline_access, which is answered by a refresh token and
// not by a scope.
func withoutOffline(oidc []string) []string {
	var kept []string
	for _, o := range oidc {
		if o != "offline_access" {
			kept = append(kept, o)
		}
	}
	return kept
}

func (s *Server) idToken(c *call, g userGrant) (string, *Error) {
	u := g.account.User
	t := idToken{
		Audience: g.app.ClientID, Issuer: c.issuer(u.Tenant),
		IssuedAt: c.now.Unix(), NotBefore: c.now.Unix(), Expires: c.now.Add(s.opts.TokenLifetime).Unix(),
		Nonce: g.nonce, Subject: pairwise(g.app.ClientID, u.ID), TenantID: u.Tenant, ID: newToken()[:22], Version: "2.0",
	}
	if g.scopes.has("profile") {
		t.Name, t.ObjectID, t.Username = u.Name, u.ID, u.UPN
	}
	if g.scopes.has("email") {
		t.Email = u.UPN
	}
	return s.sign(t)
}

// pairwise is a user's sub: one for each audience, so that two of them cannot
// compare notes (OpenID Connect Core section 8.1).
func pairwise(audience, userID string) string {
	sum := sha256.Sum256([]byte(audience + "\x00" + userID))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
