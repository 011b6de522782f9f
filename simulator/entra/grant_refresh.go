package entra

import (
	"time"
)

// refreshToken is one that has been issued. It is kept for a while after its
// time, so that a late client hears the right reason.
type refreshToken struct {
	clientID string
	upn      string
	epoch    epoch
	platform Platform
	oidc     []string
	// asked is what a request without a scope of its own is for.
	asked []wantedScope
	// started is when the user signed in; issued is when this token was made.
	started, issued, expires time.Time
	used                     bool
	device                   bool // came of a device code
	strong                   bool // the sign-in had a second factor
	contexts                 []string
}

// afterlife is how long an expired refresh token is remembered.
const afterlife = 30 * 24 * time.Hour

// redeemRefreshToken exchanges a refresh token (RFC 6749 section 6). Each use
// returns a new one; the old one lives on unless OneTimeRefreshTokens is set.
func (s *Server) redeemRefreshToken(c *call, t tokenRequest) (*tokenAnswer, *Error) {
	for _, name := range []string{"refresh_token", "scope"} {
		if t.form.Get(name) == "" {
			return nil, missing(name)
		}
	}
	value := t.form.Get("refresh_token")
	s.mu.Lock()
	rt, ok := s.refresh.get(value, c.now)
	s.mu.Unlock()
	if !ok {
		return nil, malformedGrant()
	}
	if rt.clientID != t.app.ClientID {
		return nil, fail(70000, "invalid_grant", "The refresh token was issued to another client.")
	}
	acr, e := s.authenticateFor(c, t, rt.platform)
	if e != nil {
		return nil, e
	}
	if !c.now.Before(rt.expires) {
		return nil, expiredRefreshToken(rt)
	}
	if rt.used && s.opts.OneTimeRefreshTokens {
		return nil, spentRefreshToken()
	}
	a, e := s.stillGood(rt.upn, rt.epoch, rt.platform)
	if e != nil {
		return nil, e
	}
	if c.realm.tenant != nil && c.realm.tenant.ID != a.Tenant {
		return nil, fail(50020, "invalid_grant", "The account '%s' does not belong to the tenant '%s', in which the application '%s' (%s) is used.", a.UPN, c.realm.tenant.Name, t.app.ClientID, t.app.Name)
	}
	wanted, e := s.dir.parseScopes(t.form.Get("scope"))
	if e != nil {
		return nil, e
	}
	wanted.oidc = rt.oidc
	if len(wanted.wanted) == 0 {
		wanted.wanted = rt.asked
	}
	if _, e := wanted.check(s.dir, t.app, a.Tenant); e != nil {
		if e.AADSTS == 650053 {
			// That one is for the page; here the scope is not valid, whyever.
			return nil, badScope(t.form.Get("scope"))
		}
		return nil, e
	}
	if e := s.dir.barred(c, attempt{upn: a.UPN, clientID: t.app.ClientID, device: rt.device, started: rt.started, strong: rt.strong}); e != nil {
		return nil, e
	}
	g := userGrant{app: t.app, account: a, realm: c.realm, platform: rt.platform, acr: acr, scopes: wanted, started: rt.started, device: rt.device, contexts: rt.contexts, strong: rt.strong}
	answer, e := s.userTokens(c, t, g)
	if e != nil {
		return nil, e
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if rt, ok := s.refresh.get(value, c.now); !ok || (rt.used && s.opts.OneTimeRefreshTokens) {
		return nil, spentRefreshToken()
	}
	rt.used = true
	s.refresh.change(value, rt)
	if s.opts.OneTimeRefreshTokens {
		s.keepToken(value, rt)
	}
	s.keepRefreshToken(c, g, answer)
	return answer, nil
}

// spentRefreshToken has no counterpart in Entra, which lets a refresh token be
// used again; the number is that of a code which is redeemed twice.
func spentRefreshToken() *Error {
	return fail(54005, "invalid_grant", "The refresh token was already redeemed; use the one that was returned with its tokens.")
}

func expiredRefreshToken(rt refreshToken) *Error {
	issued := rt.issued.Format(time.RFC3339)
	if rt.platform == SPA {
		return fail(700084, "invalid_grant", "A single-page application's refresh tokens end %s after the sign-in, which was at %s. Sign in again.", spaLifetime, rt.started.Format(time.RFC3339))
	}
	return fail(700082, "invalid_grant", "The refresh token was issued at %s and has not been used for %s, so that it has expired. Sign in again.", issued, rt.expires.Sub(rt.issued))
}

// stillGood judges what was issued to a user against the account as it is now.
func (s *Server) stillGood(upn string, issued epoch, p Platform) (account, *Error) {
	a, ok := s.dir.account(upn)
	if !ok {
		return account{}, fail(50034, "invalid_grant", "The account %s is no longer in the directory.", upn)
	}
	if a.Disabled {
		return account{}, disabledError()
	}
	// A new password voids what a public client holds; a confidential client's
	// tokens survive it (Entra's page on refresh tokens).
	if a.revoked != issued.revoked || (p != Web && a.passwords != issued.passwords) {
		e := fail(50173, "invalid_grant", "What the user granted has been revoked: by an administrator, by the user, or by a new password. Sign in again.")
		e.SubError = "bad_token"
		return account{}, e
	}
	return a, nil
}

// keepRefreshToken remembers the refresh token of an answer, if it has one. The
// caller holds the mutex.
func (s *Server) keepRefreshToken(c *call, g userGrant, answer *tokenAnswer) {
	if answer.RefreshToken == "" {
		return
	}
	rt := refreshToken{
		clientID: g.app.ClientID, upn: g.account.UPN, epoch: g.account.epoch(), platform: g.platform,
		oidc: g.scopes.oidc, asked: g.scopes.wanted, device: g.device, strong: g.strong, contexts: g.contexts,
		started: g.started, issued: c.now, expires: c.now.Add(s.opts.RefreshLifetime),
	}
	if g.platform == SPA {
		rt.expires = g.started.Add(spaLifetime)
	}
	s.refresh.put(answer.RefreshToken, rt, c.now, rt.expires.Add(afterlife))
	s.keepToken(answer.RefreshToken, rt)
}
