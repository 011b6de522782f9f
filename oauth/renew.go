package oauth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/exconn/exconn/mailbox"
)

const (
	// renewalMargin is how long before its end a token is renewed. It is also
	// MSAL's: within it MSAL does not hand out a token of its cache.
	renewalMargin = 5 * time.Minute
	// saveTimeout is how long an answer may take to be kept: it is worth
	// more than the context of whoever asked for it.
	saveTimeout = 15 * time.Second
	// appLockTimeout is how long an application in its own right waits for the
	// lock.
	appLockTimeout = 10 * time.Second
	// successorTimeout is how long another process may take from its answer
	// to keeping it; successorPoll is how often that is looked for.
	successorTimeout = 5 * time.Second
	successorPoll    = 50 * time.Millisecond
)

// acquire gets a token: from the Cache where that holds a good one, and
// otherwise from the server, under the lock. The gate must be held.
func (s *Source) acquire(ctx context.Context, f *flight) (*held, error) {
	c := s.client
	before, err := c.load(ctx, "token")
	if err != nil {
		return nil, err
	}
	if err := s.repeats(before.kept); err != nil {
		return nil, err
	}
	if !f.refresh {
		if h := s.fromCache(ctx, before.kept); h != nil {
			return h, nil
		}
	}
	if !c.cfg.Method.AppOnly() && before.Account == nil {
		return nil, signInNeeded()
	}
	unlock, err := s.lock(ctx, f)
	if err != nil {
		return nil, err
	}
	defer unlock()
	now := before
	if c.locker != nil {
		// Another process may have renewed while we waited.
		if now, err = c.load(ctx, "token"); err != nil {
			return nil, err
		}
		if !f.refresh || renewedSince(before.kept, now.kept) {
			if h := s.fromCache(ctx, now.kept); h != nil {
				return h, nil
			}
		}
	}
	h, err := s.acquireFrom(ctx, now, f.refresh)
	if errors.Is(err, errSuperseded) {
		if now, err = c.load(ctx, "token"); err != nil {
			return nil, err
		}
		h, err = s.acquireFrom(ctx, now, false)
	}
	if e := asError(err); e != nil && e.OAuth == "invalid_grant" {
		if next, ok := c.successor(ctx, now, e); ok {
			now = next
			h, err = s.acquireFrom(ctx, now, false)
		}
	}
	if errors.Is(err, errSuperseded) {
		// Once more, while we renewed what took its place.
		err = &Error{Op: "token", kind: mailbox.ErrBusy, reason: err.Error(), cause: err, hint: "try again"}
	}
	c.noteClaims(ctx, now, asError(err))
	s.remember(now.kept, err)
	return h, err
}

// repeats returns the refusal that would only be repeated for what k holds.
func (s *Source) repeats(k kept) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure.err != nil && time.Now().Before(s.failure.until) && bytes.Equal(k.Tokens, s.failure.tokens) {
		return s.failure.err
	}
	return nil
}

// remember keeps err if it is a refusal of what k holds.
func (s *Source) remember(k kept, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = failure{}
	if e := asError(err); e != nil && e.Code() != "" && (errors.Is(e, mailbox.ErrSignInNeeded) || errors.Is(e, mailbox.ErrInvalid)) {
		s.failure = failure{tokens: k.Tokens, err: err, until: time.Now().Add(lull)}
	}
}

// lock takes the lock, if there is one. While another process has it, callers
// with a good old token need not wait.
//
// Where it cannot be had nothing is renewed, and the old token serves as long
// as it lasts: two who redeem the same refresh token may lose the sign-in, and
// an error that passes is better than a person who must come. An application
// in its own right has no refresh token to lose, and goes on without.
func (s *Source) lock(ctx context.Context, f *flight) (unlock func(), err error) {
	c := s.client
	if c.locker == nil {
		return func() {}, nil
	}
	timer := time.AfterFunc(lockPatience, f.isLate)
	defer timer.Stop()
	wait := ctx
	if c.cfg.Method.AppOnly() {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, appLockTimeout)
		defer cancel()
	}
	unlock, err = c.locker.Lock(wait)
	switch {
	case err == nil:
		return unlock, nil
	case ctx.Err() == nil && c.cfg.Method.AppOnly():
		c.log.WarnContext(ctx, "the lock on the kept tokens cannot be had; the token is renewed without",
			"client_id", c.cfg.ClientID, "error", err)
		return func() {}, nil
	case ctx.Err() != nil, errors.Is(err, mailbox.ErrBusy):
		return nil, &Error{Op: "token", kind: mailbox.ErrBusy, cause: err,
			reason: fmt.Sprintf("another process is using the same sign-in and does not finish: %v", err),
			hint:   "try again in a minute"}
	}
	return nil, &Error{Op: "token", cause: err,
		reason: fmt.Sprintf("the kept sign-in cannot be locked against other processes, and renewing it all the same might lose it: %v", err)}
}

// successor looks for another blob than the one whose refresh token was
// refused. If what the server says fits a token that somebody else has
// redeemed, it waits for the other to keep what it got.
//
// Without a Locker that is the rule where processes share an account and the
// server takes each refresh token once. With one it still happens where the
// lock's holder was suspended for longer than its lease: it may be about to
// keep the next refresh token. If it died between the server's answer and
// keeping it, nothing comes, and the sign-in is lost.
func (c *Client) successor(ctx context.Context, old loaded, refused *Error) (loaded, bool) {
	var patience time.Duration
	switch refused.AADSTS {
	case "AADSTS54005", "AADSTS70000", "AADSTS70008", "":
		patience = successorTimeout
	}
	for begin := time.Now(); ; {
		next, err := c.load(ctx, "token")
		switch {
		case err != nil:
			return loaded{}, false
		case !bytes.Equal(old.raw, next.raw):
			return next, true
		case time.Since(begin) >= patience:
			return loaded{}, false
		}
		select {
		case <-ctx.Done():
			return loaded{}, false
		case <-time.After(successorPoll):
		}
	}
}

// fromCache returns the good token that k holds, or nil where the server has to
// be asked.
func (s *Source) fromCache(ctx context.Context, k kept) *held {
	c := s.client
	if !c.cfg.Method.AppOnly() && k.Account == nil {
		return nil
	}
	refused, _ := s.doubts()
	c.session.begin(withoutToken(k.Tokens, refused))
	c.session.line.reset(true)
	result, err := s.ask(ctx, k, "")
	if err != nil || c.session.line.wasWanted() {
		return nil
	}
	return hold(result)
}

// acquireFrom has MSAL get a token from what l holds, by the refresh token or
// the application's proof unless there is a good access token, and keeps what
// has changed. With anew a good one does not count.
func (s *Source) acquireFrom(ctx context.Context, l loaded, anew bool) (*held, error) {
	c := s.client
	if !c.cfg.Method.AppOnly() && l.Account == nil {
		return nil, signInNeeded()
	}
	c.asking <- struct{}{} // Settle holds it for a moment alone
	defer func() { <-c.asking }()
	refused, claims := s.doubts()
	tokens := withoutToken(l.Tokens, refused)
	if anew {
		if h := s.fromCache(ctx, l.kept); h != nil {
			tokens = withoutToken(tokens, h.token.Value())
		}
	}
	c.session.begin(tokens)
	result, err := s.ask(ctx, l.kept, claims)
	if errors.Is(err, errUnreadable) {
		c.warnDamaged(ctx)
		if c.cfg.Method.AppOnly() {
			// Nothing is lost with it: an application's cache holds access
			// tokens alone.
			c.session.begin(nil)
			result, err = s.ask(ctx, l.kept, claims)
		}
	}
	if err != nil && result.AccessToken == "" {
		return nil, s.refusal(ctx, claims, err)
	}
	if err != nil {
		// MSAL has renewed ahead of need at the server's wish, which failed,
		// and returns the good token that it had.
		c.log.WarnContext(ctx, "the token could not be renewed ahead of time", "client_id", c.cfg.ClientID, "error", fromMSAL(ctx, "token", err))
	}
	if changed := c.session.changed(); changed != nil {
		k := l.kept
		k.Tokens, k.Claims = changed, ""
		k.note(c.session.line.gave())
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
		defer cancel()
		switch err := c.keep(ctx, k, l); {
		case errors.Is(err, errSuperseded):
			return nil, err
		case err != nil:
			// The token is good, and load remembers what could not be kept.
			c.log.WarnContext(ctx, "the renewed sign-in could not be kept; it is tried again at the next renewal",
				"client_id", c.cfg.ClientID, "error", err)
		}
	}
	return hold(result), nil
}

// refusal makes an error of MSAL's.
func (s *Source) refusal(ctx context.Context, claims string, err error) *Error {
	e := fromMSAL(ctx, "token", err)
	if errors.Is(e, errUnreadable) {
		e.hint = cureSignIn
	}
	if e.Claims == "" && errors.Is(e, mailbox.ErrSignInNeeded) {
		e.Claims = claims
	}
	return e
}

// noteClaims keeps what the server wants of a person, for the next sign-in.
func (c *Client) noteClaims(ctx context.Context, l loaded, e *Error) {
	if e == nil || e.Claims == "" || e.Claims == l.Claims || l.Account == nil {
		return
	}
	k := l.kept
	k.Claims = e.Claims
	if err := c.keep(ctx, k, l); err != nil && !errors.Is(err, errSuperseded) {
		c.log.WarnContext(ctx, "what the server wants of the next sign-in could not be kept", "client_id", c.cfg.ClientID, "error", err)
	}
}

// ask has MSAL produce a token from its session.
func (s *Source) ask(ctx context.Context, k kept, claims string) (public.AuthResult, error) {
	c := s.client
	if c.cfg.Method.AppOnly() {
		return c.msal.byCredential(ctx, s.scopes, claims)
	}
	return c.msal.silent(ctx, s.scopes, k.Account.HomeAccountID, claims)
}

// hold decides when a token is renewed.
func hold(result public.AuthResult) *held {
	now := time.Now()
	renewAt := result.ExpiresOn.Add(-renewalMargin)
	if life := result.ExpiresOn.Sub(now); result.Metadata.TokenSource == public.TokenSourceIdentityProvider && life < 2*renewalMargin {
		// A fresh token of a short life would be renewed at every call.
		renewAt = now.Add(life / 2)
	}
	if on := result.Metadata.RefreshOn; on.After(now) && on.Before(renewAt) {
		renewAt = on // Entra's refresh_in, for tokens of a day
	}
	return &held{token: NewToken(result.AccessToken, result.ExpiresOn), renewAt: renewAt}
}
