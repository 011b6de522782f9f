package entra

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
)

// redeemCode exchanges an authorization code (RFC 6749 section 4.1.3, RFC 7636
// section 4.5).
func (s *Server) redeemCode(c *call, t tokenRequest) (*tokenAnswer, *Error) {
	for _, name := range []string{"code", "redirect_uri"} {
		if t.form.Get(name) == "" {
			return nil, missing(name)
		}
	}
	value := t.form.Get("code")
	s.mu.Lock()
	cd, ok := s.codes.get(value, c.now)
	s.mu.Unlock()
	if !ok {
		return nil, malformedGrant()
	}
	if cd.req.app.ClientID != t.app.ClientID {
		// Not documented; a grant that is not this client's is as good as none.
		return nil, fail(70000, "invalid_grant", "The authorization code was issued to another client.")
	}
	acr, e := s.authenticateFor(c, t, cd.req.redirect.Platform)
	if e != nil {
		return nil, e
	}
	if e := s.checkCode(c, t, cd); e != nil {
		return nil, e
	}
	a, e := s.stillGood(cd.upn, cd.epoch, cd.req.redirect.Platform)
	if e != nil {
		return nil, e
	}
	if e := s.dir.barred(c, attempt{upn: a.UPN, clientID: t.app.ClientID, started: cd.issued, strong: cd.req.strong}); e != nil {
		return nil, e
	}
	wanted, e := s.codeScopes(t.form.Get("scope"), cd.req.scopes)
	if e != nil {
		return nil, e
	}
	g := userGrant{app: t.app, account: a, realm: c.realm, platform: cd.req.redirect.Platform, acr: acr, scopes: wanted, nonce: cd.req.nonce, started: c.now, contexts: cd.req.contexts, strong: cd.req.strong}
	answer, e := s.userTokens(c, t, g)
	if e != nil {
		return nil, e
	}
	// Last of all, and by one of several at once: whoever gets the tokens has
	// used the code up.
	s.mu.Lock()
	defer s.mu.Unlock()
	if cd, ok := s.codes.get(value, c.now); !ok || cd.redeemed {
		return nil, alreadyRedeemed()
	}
	cd.redeemed = true
	s.codes.change(value, cd)
	s.keepRefreshToken(c, g, answer)
	return answer, nil
}

func malformedGrant() *Error {
	return fail(9002313, "invalid_grant", "The code or token in the request is not one that this server issued.")
}

func alreadyRedeemed() *Error {
	return fail(54005, "invalid_grant", "The authorization code has been redeemed already. Use the refresh token that came of it, or sign in again.")
}

// checkCode judges a code against the request that redeems it.
func (s *Server) checkCode(c *call, t tokenRequest, cd code) *Error {
	switch {
	case cd.redeemed:
		return alreadyRedeemed()
	case !c.now.Before(cd.issued.Add(codeLifetime)):
		return fail(70008, "invalid_grant", "The authorization code has expired. Sign in again.")
	case cd.req.realm.tenantID() != c.realm.tenantID():
		return fail(700005, "invalid_grant", "The authorization code was issued by way of '%s' and has to be redeemed there.", cd.req.realm.name)
	case t.form.Get("redirect_uri") != cd.req.uri:
		return fail(500112, "invalid_client", "The redirect_uri '%s' is not the one that the authorization code was requested with, '%s'.", t.form.Get("redirect_uri"), cd.req.uri)
	}
	return checkVerifier(cd.req.challenge, t.form.Get("code_verifier"))
}

// checkVerifier compares the PKCE verifier with the challenge (RFC 7636
// section 4.6).
func checkVerifier(challenge, verifier string) *Error {
	switch {
	case challenge == "" && verifier == "":
		return nil
	case verifier == "":
		return fail(50148, "invalid_grant", "The authorization request had a code_challenge, so that a code_verifier is needed.")
	}
	// A verifier without a challenge fails here too: somebody may have taken
	// the challenge out of the request on its way (RFC 9700 section 4.8).
	sum := sha256.Sum256([]byte(verifier))
	if !same(base64.RawURLEncoding.EncodeToString(sum[:]), challenge) {
		return fail(501481, "invalid_grant", "The code_verifier is not the one that the code_challenge was made from.")
	}
	return nil
}

// codeScopes returns what a token is asked for: the scope parameter, which may
// be left out and must not go beyond what the code was issued for. The OpenID
// Connect scopes among it are those of the authorization request: libraries
// add them at the token endpoint whether they were granted or not.
func (s *Server) codeScopes(parameter string, issued scopes) (scopes, *Error) {
	wanted, e := s.dir.parseScopes(parameter)
	if e != nil {
		return scopes{}, e
	}
	wanted.oidc = issued.oidc
	if len(wanted.wanted) == 0 {
		wanted.wanted = firstResource(issued.wanted)
		return wanted, nil
	}
	for _, w := range wanted.wanted {
		if !slices.ContainsFunc(issued.wanted, func(i wantedScope) bool {
			return strings.EqualFold(i.resource, w.resource) && (strings.EqualFold(i.name, w.name) || i.name == defaultScope)
		}) {
			return scopes{}, fail(70000, "invalid_grant", "The authorization code was not issued for the scope %s. Sign in again and ask for it.", w)
		}
	}
	return wanted, nil
}

// firstResource keeps the scopes of the resource that was named first: consent
// may be asked for several at once, a token is for one.
func firstResource(all []wantedScope) []wantedScope {
	var kept []wantedScope
	for _, w := range all {
		if w.resource == all[0].resource {
			kept = append(kept, w)
		}
	}
	return kept
}
