package oauth

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/exconn/exconn/mailbox"
)

const (
	// renewalMargin is how long before its end a token is renewed. It is also
	// MSAL's: within it MSAL does not hand out a token of its cache.
	renewalMargin = 5 * time.Minute
	// renewalTimeout ends a renewal that gets no answer.
	renewalTimeout = 60 * time.Second
	// patience is how long a caller waits for a renewal while the old token
	// is still good.
	patience = 5 * time.Second
	// lull is how long after a failed renewal the old token serves without
	// another attempt, and how long a refusal stands for the same blob.
	lull = 30 * time.Second
	// successorTimeout is how long another process may take from its answer
	// to keeping it; successorPoll is how often that is looked for.
	successorTimeout = 5 * time.Second
	successorPoll    = 50 * time.Millisecond
)

// held is a token in memory.
type held struct {
	token   Token
	renewAt time.Time
}

// failure is a refusal that would only be repeated: the server does not take
// what this blob holds.
type failure struct {
	blob  []byte
	err   error
	until time.Time
}

// Token returns an access token that is good for some minutes at least. One
// in memory costs well under a microsecond. Otherwise it reads the Cache and
// asks the server, once for all who wait. Where a renewal fails while the old
// token is still good, that one is returned, and a warning is written.
//
// The error Is mailbox.ErrSignInNeeded where nobody has signed in or the
// server refuses what is kept, and mailbox.ErrUnavailable or ErrBusy where the
// same call may work later.
func (c *Client) Token(ctx context.Context) (Token, error) {
	if h := c.current.Load(); h != nil && time.Now().Before(h.renewAt) {
		return h.token, nil
	}
	// A flight that began before an Invalidate may bring the refused token
	// once; the next one does not.
	for range 2 {
		t, err := c.renew(ctx)
		if err != nil || !c.isRefused(t) {
			return t, err
		}
	}
	return Token{}, &Error{Op: "token", reason: "the token was refused, and renewing it brings the same one", kind: mailbox.ErrSignInNeeded}
}

// Invalidate says that a server has refused t with 401 although it has not
// expired. The next Token renews. A token that is not the current one is
// ignored, so that many refusals of one token lead to one renewal.
func (c *Client) Invalidate(t Token) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.current.Load()
	if h == nil || t.IsZero() || h.token.Value() != t.Value() {
		return
	}
	c.refused = t.Value()
	c.current.Store(nil)
}

func (c *Client) isRefused(t Token) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused != "" && t.Value() == c.refused
}

// renew gets a new token, in one flight for all callers. The flight does not
// end with the caller's context: with refresh tokens that are good for one
// use, an answer that nobody reads is a sign-in lost.
func (c *Client) renew(ctx context.Context) (Token, error) {
	old, ok := c.usable()
	if ok && c.inLull() {
		return old, nil
	}
	if ctx.Err() != nil {
		return Token{}, ended(ctx, "token", "stopped before asking for a token")
	}
	detached := context.WithoutCancel(ctx)
	result := c.flight.DoChan("token", func() (any, error) {
		ctx, cancel := context.WithTimeout(detached, renewalTimeout)
		defer cancel()
		return c.renewNow(ctx)
	})
	var tired <-chan time.Time
	if ok {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		tired = timer.C
	}
	select {
	case r := <-result:
		if r.Err != nil {
			// Within the flight the old token may have been refused, so ask
			// again whether it serves.
			if old, ok = c.usable(); ok {
				return old, nil
			}
			return Token{}, r.Err
		}
		return r.Val.(Token), nil
	case <-tired:
		return old, nil
	case <-ctx.Done():
		return Token{}, ended(ctx, "token", "stopped while waiting for a token")
	}
}

// usable returns the token in memory if it has not expired.
func (c *Client) usable() (Token, bool) {
	h := c.current.Load()
	if h == nil || !time.Now().Before(h.token.Expires) {
		return Token{}, false
	}
	return h.token, true
}

func (c *Client) inLull() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Before(c.lull)
}

// renewNow is one flight.
func (c *Client) renewNow(ctx context.Context) (Token, error) {
	if err := c.enter(ctx, "token"); err != nil {
		return Token{}, err
	}
	defer c.leave()
	if h := c.current.Load(); h != nil && time.Now().Before(h.renewAt) {
		return h.token, nil // by the flight before, or by a sign-in
	}
	h, err := c.acquire(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.lull = time.Now().Add(lull)
		if old, ok := c.usable(); ok {
			c.log.WarnContext(ctx, "the token could not be renewed; the old one still serves",
				"client_id", c.cfg.ClientID, "expires", old.Expires, "error", err, "hint", mailbox.Hint(err))
		}
		return Token{}, err
	}
	c.lull = time.Time{}
	if h.token.Value() != c.refused {
		c.refused = ""
		c.current.Store(h)
	}
	return h.token, nil
}

// acquire reads the Cache and gets a token from MSAL, which redeems the
// refresh token (or the application's proof) unless the cache holds a good
// access token. The gate must be held.
func (c *Client) acquire(ctx context.Context) (*held, error) {
	k, raw, err := c.load(ctx, "token")
	if err != nil {
		return nil, err
	}
	if c.failure.err != nil && time.Now().Before(c.failure.until) && bytes.Equal(raw, c.failure.blob) {
		return nil, c.failure.err
	}
	h, err := c.acquireFrom(ctx, k, raw)
	if e := asError(err); e != nil && e.OAuth == "invalid_grant" {
		if again, rawAgain, ok := c.successor(ctx, raw, e); ok {
			raw = rawAgain
			h, err = c.acquireFrom(ctx, again, rawAgain)
		}
	}
	c.failure = failure{}
	if e := asError(err); e != nil && e.Code() != "" && (errors.Is(e, mailbox.ErrSignInNeeded) || errors.Is(e, mailbox.ErrInvalid)) {
		c.failure = failure{blob: raw, err: err, until: time.Now().Add(lull)}
	}
	return h, err
}

// successor looks for another blob than the one whose refresh token was
// refused: where those are good for one use, another process may have used it.
// If what the server says fits that, it waits for the other to keep what it got.
func (c *Client) successor(ctx context.Context, raw []byte, refused *Error) (kept, []byte, bool) {
	var patience time.Duration
	switch refused.AADSTS {
	case "AADSTS54005", "AADSTS70000", "AADSTS70008", "":
		patience = successorTimeout
	}
	for waited := time.Duration(0); ; waited += successorPoll {
		k, again, err := c.load(ctx, "token")
		switch {
		case err != nil:
			return kept{}, nil, false
		case !bytes.Equal(raw, again):
			return k, again, true
		case waited >= patience:
			return kept{}, nil, false
		}
		select {
		case <-ctx.Done():
			return kept{}, nil, false
		case <-time.After(successorPoll):
		}
	}
}

// acquireFrom gets a token from what k holds, and keeps what MSAL changes.
func (c *Client) acquireFrom(ctx context.Context, k kept, raw []byte) (*held, error) {
	if !c.cfg.Method.AppOnly() && k.Account == nil {
		return nil, signInNeeded()
	}
	c.mu.Lock()
	refused := c.refused
	c.mu.Unlock()
	c.session.begin(withoutToken(k.Tokens, refused))
	result, err := c.ask(ctx, k)
	if err != nil && result.AccessToken == "" {
		e := fromMSAL(ctx, "token", err)
		if errors.Is(e, errUnreadable) {
			c.warnDamaged(ctx)
			e.hint = cureSignIn
		}
		return nil, e
	}
	if err != nil {
		// MSAL has renewed ahead of need at the server's wish, which failed,
		// and returns the good token that it had.
		c.log.WarnContext(ctx, "the token could not be renewed ahead of time", "client_id", c.cfg.ClientID, "error", fromMSAL(ctx, "token", err))
	}
	if tokens := c.session.changed(); tokens != nil {
		k.Tokens = tokens
		if err := c.save(ctx, k, raw); err != nil {
			// The token is good, and load remembers what could not be kept.
			c.log.WarnContext(ctx, "the renewed sign-in could not be kept; it is tried again at the next renewal",
				"client_id", c.cfg.ClientID, "error", err)
		}
	}
	return hold(result), nil
}

// ask has MSAL produce a token from its session.
func (c *Client) ask(ctx context.Context, k kept) (public.AuthResult, error) {
	scopes := resourceScopes(c.cfg.Scopes)
	if !c.cfg.Method.AppOnly() {
		// MSAL looks the account up by this id alone.
		account := public.Account{HomeAccountID: k.Account.HomeAccountID}
		return c.person.AcquireTokenSilent(ctx, scopes, public.WithSilentAccount(account))
	}
	result, err := c.app.AcquireTokenByCredential(ctx, scopes)
	if errors.Is(err, errUnreadable) {
		// Nothing is lost with it: an application's cache holds access tokens
		// alone.
		c.warnDamaged(ctx)
		c.session.begin(nil)
		result, err = c.app.AcquireTokenByCredential(ctx, scopes)
	}
	return result, err
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
