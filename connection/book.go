package connection

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/exconn/exconn/connection/alert"
	"github.com/exconn/exconn/store"
)

// Book keeps connections in a store. It is safe for concurrent use, by several
// processes on one store too.
type Book struct {
	store *store.SealedStore
	log   *slog.Logger
	now   func() time.Time
	// dataDir and alerts are for telling of changes of state; see announce.
	dataDir string
	alerts  *alert.Sender

	// mu guards what one process has open: of each connection its link, and of
	// each account a client, by the key of openAccount.
	mu       sync.Mutex
	links    map[string]*link
	accounts map[string]*openAccount
}

// BookOptions of a Book. The zero value means defaults.
type BookOptions struct {
	// Logger gets warnings, of package oauth too. Nil means none are written.
	Logger *slog.Logger
	// Now is time.Now where it is nil.
	Now func() time.Time
	// DataDir is what alerts call the place where the connections are kept.
	DataDir string
}

// NewBook returns a book over a store that seals SealedBuckets. It does no
// I/O. A nil opts means defaults.
func NewBook(s *store.SealedStore, opts *BookOptions) (*Book, error) {
	for _, bucket := range SealedBuckets() {
		if !s.Seals(bucket) {
			return nil, fmt.Errorf("connection: the store does not seal the bucket %q", bucket)
		}
	}
	b := &Book{store: s, log: slog.New(slog.DiscardHandler), now: time.Now, links: map[string]*link{}, accounts: map[string]*openAccount{}}
	if opts != nil && opts.Logger != nil {
		b.log = opts.Logger
	}
	if opts != nil && opts.Now != nil {
		b.now = opts.Now
	}
	if opts != nil {
		b.dataDir = opts.DataDir
	}
	b.alerts = alert.NewSender(b.log)
	return b, nil
}

// Entry is a connection as the book knows it. It holds no secrets.
type Entry struct {
	Profile Profile `json:"profile"`
	// Auth is nil for a connection with a Login.
	Auth   *Auth  `json:"auth,omitempty"`
	Status Status `json:"status"`
	// Accounts are those of Auth: its own first, then those of users.
	Accounts []AccountEntry `json:"accounts,omitempty"`
	// loginDoubted: see account.doubted.
	loginDoubted bool
	// Alerts is who is told when the sign-in fails, besides those whom
	// Book.Alerts names for all.
	Alerts AlertsShown `json:"alerts,omitzero"`
}

// Authority returns the URL of the authority, or "" with a Login.
func (e Entry) Authority() string {
	if e.Auth == nil {
		return ""
	}
	return e.Auth.Authority()
}

// Scopes returns the scopes that a token is asked for, or nil with a Login.
func (e Entry) Scopes() []string {
	if e.Auth == nil {
		return nil
	}
	// Whatever is wrong with the URL was refused when the profile was kept.
	scopes, _ := e.Profile.Scopes(*e.Auth)
	return scopes
}

// RedirectURIs returns what has to be registered, exactly so, with the
// application: nil where nobody signs in by browser.
func (e Entry) RedirectURIs() []string {
	if e.Auth == nil || !e.Auth.Method.ByBrowser() {
		return nil
	}
	if uri, err := e.Profile.Redirect(*e.Auth); err == nil && uri != "" {
		return []string{uri}
	}
	return []string{LoopbackRedirectURI}
}

// Get returns a connection. An unknown name is an *UnknownError, which names
// those that may have been meant.
func (b *Book) Get(ctx context.Context, name string) (entry Entry, err error) {
	err = b.store.View(ctx, func(tx store.Tx) error {
		entry, err = b.getEntry(tx, name)
		return err
	})
	return entry, err
}

func (b *Book) getEntry(tx store.Tx, name string) (Entry, error) {
	p, err := getProfile(tx, name)
	if err != nil {
		return Entry{}, err
	}
	return b.completeEntry(tx, p)
}

// linkEntry is getEntry for a link, and for who uses it: of the accounts it
// tells the own one's Status alone, because there may be thousands.
func (b *Book) linkEntry(tx store.Tx, name string) (entry Entry, err error) {
	if entry.Profile, err = getProfile(tx, name); err != nil {
		return entry, err
	}
	if entry.Auth, err = profileAuth(tx, entry.Profile); err != nil {
		return entry, err
	}
	if entry.Auth == nil {
		entry.Status, entry.loginDoubted, err = loginStatus(tx, entry.Profile)
		return entry, err
	}
	entry.Status, err = b.accountStatusIn(tx, *entry.Auth, "")
	return entry, err
}

func (b *Book) completeEntry(tx store.Tx, p Profile) (Entry, error) {
	auth, err := profileAuth(tx, p)
	if err != nil {
		return Entry{Profile: p}, err
	}
	entry := Entry{Profile: p, Auth: auth}
	alerts, err := getAlerts(tx, p.Name)
	if err != nil {
		return entry, err
	}
	entry.Alerts = alerts.shown()
	if auth == nil {
		entry.Status, entry.loginDoubted, err = loginStatus(tx, p)
		return entry, err
	}
	if entry.Accounts, err = b.accountsOf(tx, *auth); err != nil {
		return entry, err
	}
	// An account may be refused for another connection's resource alone.
	scopes, _ := p.Scopes(*auth) // what is wrong with it was refused before
	accounts := slices.Clone(entry.Accounts)
	for i := range accounts {
		accounts[i].Status = accounts[i].Status.forScopes(scopesKey(scopes))
	}
	entry.Status = statusOf(accounts)
	return entry, nil
}

// List returns all connections in the order of their names. Where some cannot
// be read, the others are returned with the errors of those, joined.
func (b *Book) List(ctx context.Context) ([]Entry, error) {
	var entries []Entry
	var unreadable []error
	err := b.store.View(ctx, func(tx store.Tx) error {
		return tx.ForEach(connectionsBucket, "", func(key string, value []byte) error {
			var p Profile
			if err := json.Unmarshal(value, &p); err != nil {
				unreadable = append(unreadable, &RecordError{Kind: kindConnection, Name: key, Err: err})
				return nil
			}
			entry, err := b.completeEntry(tx, p)
			var keyError *store.KeyError
			switch {
			case errors.As(err, &keyError):
				return err
			case err != nil:
				unreadable = append(unreadable, err)
				return nil
			}
			entries = append(entries, entry)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return entries, errors.Join(unreadable...)
}

// Format prints nothing of what a book holds, whatever the verb.
func (b *Book) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("book of connections")) }
