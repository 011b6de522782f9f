package connection

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// OpenOptions say how a connection is opened. The zero value means defaults.
type OpenOptions struct {
	// EWS is handed to the EWS client: user agent, support trace, bounds.
	EWS *ews.Options
}

// Connection is an open connection. It is safe for concurrent use. Close it.
type Connection struct {
	book  *Book
	entry Entry
	link  *link
	opts  OpenOptions
	// own acts as the connection's own account or login.
	own *actor

	// mu guards users: who acts as the users that have signed in for
	// themselves.
	mu    sync.Mutex
	users map[string]*actor
}

// Mailbox is what a connection offers for a mailbox.
type Mailbox interface {
	mailbox.Reader
	mailbox.Writer
	mailbox.Sender
	mailbox.Drafter
	mailbox.Replier
	mailbox.Responder
	mailbox.Recurring
	mailbox.Scheduler
	mailbox.RoomFinder
	mailbox.AutoReplier
	mailbox.DelegateKeeper
	mailbox.FolderWriter
	mailbox.RuleKeeper
	mailbox.ContactBook
	mailbox.Directory
	mailbox.DistributionLists
	mailbox.TaskList
	// Address is the mailbox's address.
	Address() string
	// Access says how the mailbox is reached: "own", "impersonated" or
	// "shared".
	Access() string
}

// Open opens a connection. It asks no server, but reads the store and the CA
// file. Errors are *UnknownError, FieldErrors, *SignInError where a secret is
// missing, and those of the store.
func (b *Book) Open(ctx context.Context, name string, opts OpenOptions) (*Connection, error) {
	entry, l, err := b.linkTo(ctx, name)
	if err != nil {
		return nil, err
	}
	c := &Connection{book: b, entry: entry, link: l, opts: opts, users: map[string]*actor{}}
	if c.own, err = c.newActor(""); err != nil {
		return nil, err
	}
	return c, nil
}

// Profile returns the connection's profile as it was when it was opened.
func (c *Connection) Profile() Profile { return c.entry.Profile }

// String names the connection; it holds secrets, which are not printed.
func (c *Connection) String() string { return fmt.Sprintf("connection %q", c.entry.Profile.Name) }

// Format prints what String returns, whatever the verb.
func (c *Connection) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// Close closes idle network connections. Where the identity server is about to
// answer it waits for that first, for 20 s at most. Mailboxes of the connection
// can still be used; they open new ones.
func (c *Connection) Close() error {
	c.book.settle(c.entry)
	c.link.closeIdle()
	return nil
}

// OwnAddress returns the address of the account that the connection signs in
// with, or "" where it has none: an application, a DOMAIN\user, users who each
// sign in for themselves, or nobody yet.
func (c *Connection) OwnAddress(ctx context.Context) (string, error) {
	username := c.entry.Status.Username
	if c.entry.Auth != nil && !c.entry.Auth.Method.AppOnly() {
		// Somebody else may have signed in since.
		status, err := c.book.accountStatus(ctx, *c.entry.Auth, "")
		if err != nil {
			return "", err
		}
		username = status.Username
	}
	if addressProblem(username) != "" {
		return "", nil
	}
	return username, nil
}

// Mailbox returns the mailbox of an address, after the fence has admitted it
// (*FencedError otherwise; nothing is sent then). An empty address means the
// account's own. Where tokens are used it obtains one, since its kind decides
// how the mailbox is reached.
//
// A user who has signed in for himself acts in his own mailbox. Else it is the
// connection's own account that acts: an application's token impersonates; an
// Exchange Server account impersonates others than itself; an account of
// Exchange Online reaches its own mailbox, and others as shared with it.
func (c *Connection) Mailbox(ctx context.Context, address string) (Mailbox, error) {
	if err := c.entry.Profile.supported(); err != nil {
		return nil, err
	}
	address = strings.TrimSpace(address)
	actor, own, err := c.actorFor(ctx, address)
	if err != nil {
		return nil, err
	}
	if address == "" && own == "" {
		return nil, c.noOwn(ctx)
	}
	if address == "" {
		address = own
	}
	if problem := addressProblem(address); problem != "" {
		return nil, FieldErrors{{Field: "mailbox", Given: address, Problem: problem + "; give an address such as anna@example.com"}}
	}
	f := fence{connection: c.entry.Profile.Name, entries: c.entry.Profile.AllowMailboxes, own: own}
	if len(f.entries) == 0 && own == "" {
		// Whose mailbox is allowed is not known before somebody signs in.
		return nil, c.nobodyFor(ctx, address)
	}
	if err := f.check(address); err != nil {
		return nil, err
	}
	kind := oauth.Delegated
	if actor.signer.tokens != nil {
		token, err := actor.signer.tokens.Token(ctx)
		if err != nil {
			return nil, actor.explain(err)
		}
		kind = kindOf(token, c.entry.Auth.Method)
	}
	return &fenced{as: actor, fence: f, inner: actor.ews.Mailbox(address, accessFor(c.entry.Profile, kind, own, address))}, nil
}

// noOwn is the error where the account's own mailbox is asked for, and there
// is none.
func (c *Connection) noOwn(ctx context.Context) error {
	users, err := c.countUsers(ctx)
	switch {
	case err != nil:
		return err
	case users > 0:
		return FieldErrors{{Field: "mailbox", Problem: fmt.Sprintf("is missing; %d users have signed in to this connection for themselves, so say whose: --mailbox ADDRESS", users)}}
	case c.entry.Auth != nil && !c.entry.Auth.Method.AppOnly():
		return c.own.signInError(errNobody)
	}
	return FieldErrors{{Field: "mailbox", Problem: "is missing; this connection has no mailbox of its own, so say which one: --mailbox ADDRESS"}}
}

// nobodyFor is the error where nobody has signed in who may act in the mailbox
// of an address.
func (c *Connection) nobodyFor(ctx context.Context, address string) error {
	users, err := c.countUsers(ctx)
	switch {
	case err != nil:
		return err
	case users == 0:
		return c.noOwn(ctx)
	}
	e := c.own.signInError(errNobody)
	e.User = lower(address)
	return e
}

// countUsers returns how many users have signed in for themselves.
func (c *Connection) countUsers(ctx context.Context) (n int, err error) {
	if c.entry.Auth == nil {
		return 0, nil
	}
	err = c.book.store.View(ctx, func(tx store.Tx) error {
		users, err := usersOf(tx, c.entry.Auth.Name)
		n = len(users) - 1
		return err
	})
	return n, err
}

var errNobody = errors.New("nobody has signed in")
