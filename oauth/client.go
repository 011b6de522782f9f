package oauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
	"golang.org/x/sync/singleflight"

	"github.com/exconn/exconn/mailbox"
)

// Client holds one account of one application: who has signed in, and a token
// that is fresh. It is safe for concurrent use and must not be copied. Two
// Clients must not share a Cache's blob in one process; two processes may.
type Client struct {
	cfg     Config
	cache   Cache
	log     *slog.Logger
	wire    *wire
	session *session
	person  public.Client       // for PKCE
	app     confidential.Client // for the others

	// current is the token in memory; nil where there is none.
	current atomic.Pointer[held]
	flight  singleflight.Group

	// mu guards the two below.
	mu sync.Mutex
	// refused is the value of a token that a server has refused.
	refused string
	// lull ends the time after a failed renewal in which no other is tried
	// while the old token serves.
	lull time.Time

	// gate is held while the cache or the session is in use: a channel, so
	// that waiting for it ends with the context. It guards the three below.
	gate chan struct{}
	// unsaved is a blob that could not be written, over what it was to be
	// written; see load.
	unsaved, unsavedOver []byte
	// failure is the last refusal by the server; see holdOff.
	failure failure
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
	c := &Client{
		cfg:     cfg,
		cache:   cache,
		log:     cfg.Logger,
		wire:    newWire(cfg.HTTPClient),
		session: &session{},
		gate:    make(chan struct{}, 1),
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.cfg.Secret = append(Secret(nil), cfg.Secret...)
	c.cfg.Scopes = append([]string(nil), cfg.Scopes...)
	var err error
	if cfg.Method.AppOnly() {
		c.app, err = newConfidential(c.cfg, c.wire, c.session)
	} else {
		c.person, err = newPublic(c.cfg, c.wire, c.session)
	}
	if err != nil {
		return nil, fmt.Errorf("oauth: %w", fromMSAL(context.Background(), "", err))
	}
	return c, nil
}

// Method returns the way in.
func (c *Client) Method() Method { return c.cfg.Method }

// Account returns who has signed in, from the Cache and without asking a
// server; false where nobody has, or where the method is app-only.
func (c *Client) Account(ctx context.Context) (Account, bool, error) {
	if err := c.enter(ctx, "account"); err != nil {
		return Account{}, false, err
	}
	defer c.leave()
	k, _, err := c.load(ctx, "account")
	if err != nil || k.Account == nil {
		return Account{}, false, err
	}
	return *k.Account, true, nil
}

// SignOut forgets the account and its tokens, here and in the Cache. It tells
// no server: Entra offers no way to revoke one application's refresh token,
// and an access token stays good until it expires. Another process that holds
// one in memory uses it until then.
func (c *Client) SignOut(ctx context.Context) error {
	if err := c.enter(ctx, "sign-out"); err != nil {
		return err
	}
	defer c.leave()
	c.reset(nil)
	if err := c.cache.Save(ctx, nil); err != nil {
		return &Error{Op: "sign-out", reason: fmt.Sprintf("cannot delete the kept sign-in: %v", err), cause: err}
	}
	return nil
}

// reset puts h in place of all that is in memory; nil for nothing. The gate
// must be held.
func (c *Client) reset(h *held) {
	c.unsaved, c.unsavedOver = nil, nil
	c.failure = failure{}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused, c.lull = "", time.Time{}
	c.current.Store(h)
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
