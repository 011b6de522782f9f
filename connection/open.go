package connection

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// OpenOptions say how a connection is opened. The zero value means defaults.
type OpenOptions struct {
	// EWS is handed to the EWS client: user agent, support trace, bounds.
	EWS *ews.Options
}

// Connection is an open connection. It is safe for concurrent use. Close it.
type Connection struct {
	book   *Book
	entry  Entry
	link   *link
	signer *signer
	ews    *ews.Client
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
// file. Errors are *UnknownError, *UnsupportedError, FieldErrors, *SignInError
// where a secret is missing, and those of the store.
func (b *Book) Open(ctx context.Context, name string, opts OpenOptions) (*Connection, error) {
	entry, l, err := b.linkTo(ctx, name)
	if err != nil {
		return nil, err
	}
	origin, err := url.Parse(entry.Profile.EWSURL)
	if err != nil {
		return nil, FieldErrors{{Field: "ews_url", Given: withoutUser(entry.Profile.EWSURL), Problem: "is not a URL"}}
	}
	c := &Connection{book: b, entry: entry, link: l}
	c.signer = &signer{base: l.signing(), origin: origin, profile: entry.Profile, login: l.login}
	if l.client != nil {
		tokens := &watchedTokens{client: l.client, connection: c}
		tokens.refused.Store(entry.Status.State == NeedsSignIn)
		c.signer.tokens = tokens
	}
	hc := &http.Client{
		Transport: c.signer,
		// A POST that is redirected is reported, with its Location; it is not
		// repeated elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.ews = ews.NewClient(hc, entry.Profile.EWSURL, l.ewsOptions(opts.EWS, entry))
	return c, nil
}

// Entry returns what the book knew of the connection when it was opened.
func (c *Connection) Entry() Entry { return c.entry }

// String names the connection; it holds secrets, which are not printed.
func (c *Connection) String() string { return fmt.Sprintf("connection %q", c.entry.Profile.Name) }

// Format prints what String returns, whatever the verb.
func (c *Connection) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// Close closes idle network connections. Mailboxes of the connection can still
// be used; they open new ones.
func (c *Connection) Close() error {
	c.link.closeIdle()
	return nil
}

// OwnAddress returns the address of the account that the connection signs in
// with, or "" where it has none: an application, a DOMAIN\user, or nobody yet.
func (c *Connection) OwnAddress(ctx context.Context) (string, error) {
	username := c.entry.Status.Username
	if c.entry.Auth != nil && !c.entry.Auth.Method.AppOnly() {
		// Somebody else may have signed in since.
		status, err := c.book.Status(ctx, c.entry.Profile.Name)
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
// By default an application's token impersonates; an Exchange Server account
// impersonates others than itself; an account of Exchange Online reaches its
// own mailbox, and others as shared with it.
func (c *Connection) Mailbox(ctx context.Context, address string) (Mailbox, error) {
	own, err := c.OwnAddress(ctx)
	if err != nil {
		return nil, err
	}
	address = strings.TrimSpace(address)
	if address == "" && own == "" {
		return nil, c.noOwn()
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
		return nil, c.noOwn()
	}
	if err := f.check(address); err != nil {
		return nil, err
	}
	kind := oauth.Delegated
	if c.link.client != nil {
		token, err := c.signer.tokens.Token(ctx)
		if err != nil {
			return nil, c.explain(err)
		}
		kind = kindOf(token, c.entry.Auth.Method)
	}
	return &fenced{c: c, fence: f, inner: c.ews.Mailbox(address, accessFor(c.entry.Profile, kind, own, address))}, nil
}

// noOwn is the error where the account's own mailbox is asked for, and there
// is none.
func (c *Connection) noOwn() error {
	if c.entry.Auth != nil && !c.entry.Auth.Method.AppOnly() {
		return c.signInError(errNobody)
	}
	return FieldErrors{{Field: "mailbox", Problem: "is missing; this connection has no mailbox of its own, so say which one: --mailbox ADDRESS"}}
}

var errNobody = errors.New("nobody has signed in")
