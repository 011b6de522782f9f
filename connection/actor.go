package connection

import (
	"context"
	"net/http"
	"net/url"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// actor is who makes the requests of an open connection: its own account or
// login, or a user who has signed in for himself.
type actor struct {
	c      *Connection
	user   string
	signer *signer
	// ews is nil where the protocol is another one.
	ews *ews.Client
}

// newActor returns who acts as a user's account, or as the connection's own.
func (c *Connection) newActor(user string) (*actor, error) {
	p, l := c.entry.Profile, c.link
	a := &actor{c: c, user: user, signer: &signer{base: l.signing(), profile: p, login: l.login}}
	if p.Login != nil {
		a.signer.accepted = func() { c.book.noteLogin(p, nil) }
		a.signer.refused.Store(c.entry.loginDoubted)
	}
	if c.entry.Auth != nil {
		tokens, err := c.book.watch(c.entry, l, user)
		if err != nil {
			return nil, err
		}
		a.signer.tokens = tokens
	}
	if p.Protocol != EWS {
		return a, nil
	}
	origin, err := url.Parse(p.EWSURL)
	if err != nil {
		return nil, FieldErrors{{Field: "ews_url", Given: withoutUser(p.EWSURL), Problem: "is not a URL"}}
	}
	a.signer.origin = origin
	hc := &http.Client{
		Transport: a.signer,
		// A POST that is redirected is reported, with its Location; it is not
		// repeated elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	opts := l.ewsOptions(c.opts.EWS, c.entry)
	if user != "" {
		opts.Account = user
	}
	a.ews = ews.NewClient(hc, p.EWSURL, opts)
	return a, nil
}

// watch returns the tokens of an account for a connection, whose outcomes are
// noted in the book.
func (b *Book) watch(entry Entry, l *link, user string) (*watchedTokens, error) {
	open, err := b.account(entry, l, user)
	if err != nil {
		return nil, err
	}
	scopes := l.oauth().Scopes
	return &watchedTokens{refreshable: open.client.For(scopes), book: b, auth: *entry.Auth, user: user, scopes: scopesKey(scopes)}, nil
}

// actorFor returns who acts in the mailbox of an address, and whose own mailbox
// is which: the user's who has signed in for it, or else the connection's own.
func (c *Connection) actorFor(ctx context.Context, address string) (a *actor, own string, err error) {
	if auth := c.entry.Auth; auth != nil && !auth.Method.AppOnly() && addressProblem(address) == "" {
		var who account
		err := c.book.store.View(ctx, func(tx store.Tx) (err error) {
			who, err = getAccount(tx, auth.Name, address)
			return err
		})
		if err != nil {
			return nil, "", err
		}
		if who.Username != "" {
			a, err := c.as(lower(address))
			return a, address, err
		}
	}
	own, err = c.OwnAddress(ctx)
	return c.own, own, err
}

// as returns who acts as a user.
func (c *Connection) as(user string) (*actor, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.users[user]; a != nil {
		return a, nil
	}
	a, err := c.newActor(user)
	if err == nil {
		c.users[user] = a
	}
	return a, err
}

// accountStatus reads how things stand with an account.
func (b *Book) accountStatus(ctx context.Context, auth Auth, user string) (status Status, err error) {
	err = b.store.View(ctx, func(tx store.Tx) error {
		status, err = b.accountStatusIn(tx, auth, user)
		return err
	})
	return status, err
}

// Token returns an access token of a user's account, or of the connection's own
// where user is empty, for the connection's protocol.
func (c *Connection) Token(ctx context.Context, user string) (oauth.Token, error) {
	a := c.own
	if user != "" && c.entry.Auth != nil {
		var err error
		if a, err = c.as(lower(user)); err != nil {
			return oauth.Token{}, err
		}
	}
	if a.signer.tokens == nil {
		return oauth.Token{}, FieldErrors{{Field: "name", Given: c.entry.Profile.Name, Problem: "has no tokens; it signs in by user name and password"}}
	}
	token, err := a.signer.tokens.Token(ctx)
	return token, a.explain(err)
}
