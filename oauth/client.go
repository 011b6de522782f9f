package oauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/exconn/exconn/mailbox"
)

// Client holds one account of one application: who has signed in, and fresh
// tokens for the resources that are asked for. It is safe for concurrent use
// and must not be copied. Clients may share a Cache's blob, in one process or
// in several, where the Cache is a Locker.
type Client struct {
	cfg     Config
	cache   Cache
	locker  Locker // nil where the Cache is none
	log     *slog.Logger
	wire    *wire
	session *session
	msal    library

	// main is the source for cfg.Scopes.
	main *Source

	// mu guards the two below.
	mu sync.Mutex
	// sources are all that For has returned, by their scopes.
	sources map[string]*Source
	// unsaved is what could not be written; nil where there is none.
	unsaved *unsaved

	// gate is held while the session is in use: a channel, so that waiting for
	// it ends with the context. asking is held from a request that renews until
	// its answer has been kept.
	gate, asking chan struct{}
}

// New returns a client for one account, which it finds in cache. It does no
// I/O and starts nothing. Its errors name the fields of cfg that cannot be
// used, each a *FieldError.
func New(cfg Config, cache Cache) (*Client, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cache == nil {
		return nil, &FieldError{Field: "Cache", Problem: "is missing"}
	}
	w := newWire(cfg.HTTPClient)
	c := &Client{
		cfg:     cfg,
		cache:   cache,
		log:     cfg.Logger,
		wire:    w,
		session: newSession(w),
		sources: map[string]*Source{},
		gate:    make(chan struct{}, 1),
		asking:  make(chan struct{}, 1),
	}
	c.locker, _ = cache.(Locker)
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.cfg.Secret = append(Secret(nil), cfg.Secret...)
	c.cfg.Scopes = append([]string(nil), cfg.Scopes...)
	c.main = c.For(c.cfg.Scopes)
	var err error
	if c.msal, err = newLibrary(c.cfg, c.session); err != nil {
		return nil, fmt.Errorf("oauth: %w", fromMSAL(context.Background(), "", err))
	}
	return c, nil
}

// Method returns the way in.
func (c *Client) Method() Method { return c.cfg.Method }

// For returns the source of the account's tokens for one resource: the same
// one for the same scopes, in whatever order. A person's refresh token is good
// for every resource that was consented to, so that one sign-in serves them
// all. Empty scopes mean Config.Scopes. It does no I/O; scopes that the server
// does not know, or of more than one resource, are refused with the token.
func (c *Client) For(scopes []string) *Source {
	scopes = resourceScopes(scopes)
	if len(scopes) == 0 {
		return c.main
	}
	sorted := slices.Sorted(slices.Values(scopes))
	key := strings.ToLower(strings.Join(slices.Compact(sorted), " "))
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.sources[key]
	if s == nil {
		s = &Source{client: c, scopes: scopes}
		c.sources[key] = s
	}
	return s
}

// Token returns a token for Config.Scopes; see Source.Token.
func (c *Client) Token(ctx context.Context) (Token, error) { return c.main.Token(ctx) }

// Invalidate is Source.Invalidate for Config.Scopes.
func (c *Client) Invalidate(t Token) { c.main.Invalidate(t) }

// Challenge is Source.Challenge for Config.Scopes.
func (c *Client) Challenge(t Token, claims string) { c.main.Challenge(t, claims) }

// Refresh is Source.Refresh for Config.Scopes.
func (c *Client) Refresh(ctx context.Context) error { return c.main.Refresh(ctx) }

// SignOut forgets the account and its tokens, here and in the Cache. It tells
// no server: Entra offers no way to revoke one application's refresh token,
// and an access token stays good until it expires. Another process that holds
// one in memory uses it until then.
func (c *Client) SignOut(ctx context.Context) error {
	if err := c.enter(ctx, "sign-out"); err != nil {
		return err
	}
	defer c.leave()
	c.reset()
	if err := c.cache.Save(ctx, nil); err != nil {
		return &Error{Op: "sign-out", reason: fmt.Sprintf("cannot delete the kept sign-in: %v", err), cause: err}
	}
	return nil
}

// Settle waits until no answer of the server's is outstanding, or until ctx ends,
// which is its only error. A renewal goes on without those who asked for it, so
// a process that is about to end calls Settle, lest the next refresh token is
// lost with it.
func (c *Client) Settle(ctx context.Context) error {
	select {
	case c.asking <- struct{}{}:
		<-c.asking
		return nil
	case <-ctx.Done():
		return ended(ctx, "token", "stopped while a renewal is under way")
	}
}

// reset forgets all that is in memory. The gate must be held.
func (c *Client) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unsaved = nil
	for _, s := range c.sources {
		s.set(nil)
	}
}

// enter takes the gate.
func (c *Client) enter(ctx context.Context, op string) error {
	select {
	case c.gate <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ended(ctx, op, "stopped while waiting for another use of the same account")
	}
}

// leave gives the gate back.
func (c *Client) leave() { <-c.gate }

// String names the client by its application and method.
func (c *Client) String() string {
	if c == nil {
		return "no client"
	}
	return fmt.Sprintf("oauth client %s (%s) at %s", c.cfg.ClientID, c.cfg.Method, c.cfg.Authority)
}

// Format writes String whatever the verb.
func (c *Client) Format(f fmt.State, _ rune) { writeRedacted(f, c.String()) }

// LogValue is String.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// asError returns err's *Error, or nil.
func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// signInNeeded is what Token says where nobody has signed in.
func signInNeeded() *Error {
	return &Error{Op: "token", reason: "nobody has signed in", kind: mailbox.ErrSignInNeeded, hint: "sign in: exconn connection sign-in"}
}
