package connection

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
)

const (
	// defaultUseEvery is how often a sign-in is used at least: far oftener than
	// Entra's 90 days, so that weeks of failures in a row lose nothing.
	defaultUseEvery = 7 * 24 * time.Hour
	// renewAhead is how long before its end an access token is renewed by
	// whoever renews ahead of need. Package oauth does it five minutes ahead,
	// when somebody asks.
	renewAhead = 20 * time.Minute
	// renewAtOnce is how many accounts are renewed at the same time.
	renewAtOnce = 4
)

// RenewOptions say what Book.Renew renews. The zero value means what is due of
// all authentication objects.
type RenewOptions struct {
	// Auth names one authentication object. Empty means all.
	Auth string
	// All renews what is not due, too.
	All bool
	// UseEvery is how often a sign-in is used at least. Zero means 7 days.
	UseEvery time.Duration
}

// Renewal is what has become of one account.
type Renewal struct {
	Auth string
	// User is that of AccountEntry.
	User string
	// Renewed reports that the server has given new tokens. Where it is false
	// without an error, nothing was due.
	Renewed bool
	// Skipped says why nothing was tried; otherwise it is empty.
	Skipped string
	// Expires is when the access token ends that the account now has.
	Expires time.Time
	// Status is how things stand now.
	Status Status
	// Err is why there is no token, or why it could not be renewed. It Is
	// mailbox.ErrSignInNeeded where a person has to sign in, or somebody has to
	// give a new secret or certificate.
	Err error
}

// Renew renews the tokens of every account that is due: whose access token ends
// soon or has ended, or whose sign-in has not been used for a while and would
// lapse some day. One failure does not stop the others; it is in the account's
// Renewal, and in its state. The accounts of an object that no connection uses
// are skipped, since nobody says how the authority is reached.
//
// An error means that nothing could be begun: an *UnknownError, or that of the
// store. Where some objects cannot be read, the others are renewed, and the
// error says so.
func (b *Book) Renew(ctx context.Context, opts RenewOptions) ([]Renewal, error) {
	var entries []AuthEntry
	var unreadable error
	if opts.Auth == "" {
		if entries, unreadable = b.Auths(ctx); unreadable != nil && len(entries) == 0 {
			return nil, unreadable
		}
	} else {
		entry, err := b.Auth(ctx, opts.Auth)
		if err != nil {
			return nil, err
		}
		entries = []AuthEntry{entry}
	}
	due := dueness{force: opts.All, useEvery: opts.UseEvery, ahead: renewAhead, links: b.newLinks()}
	var list []*Renewal
	var wait sync.WaitGroup
	slots := make(chan struct{}, renewAtOnce)
	for _, entry := range entries {
		for _, a := range entry.Accounts {
			r := &Renewal{Auth: entry.Auth.Name, User: a.User, Status: a.Status}
			list = append(list, r)
			if r.Skipped = skipReason(entry, a); r.Skipped != "" {
				b.look(ctx, entry.Auth, a.User)
				continue
			}
			slots <- struct{}{}
			wait.Go(func() {
				defer func() { <-slots }()
				b.renew(ctx, entry, r, due)
			})
		}
	}
	wait.Wait()
	// Of an object with users' accounts, its own is often nobody's.
	list = slices.DeleteFunc(list, func(r *Renewal) bool { return r.Skipped == errNobody.Error() && r.User == "" && hasUsers(list, r.Auth) })
	done := make([]Renewal, 0, len(list))
	for _, r := range list {
		done = append(done, *r)
	}
	return done, unreadable
}

func hasUsers(list []*Renewal, auth string) bool {
	return slices.ContainsFunc(list, func(r *Renewal) bool { return r.Auth == auth && r.User != "" })
}

// skipReason says why an account cannot be renewed at all, or "".
func skipReason(entry AuthEntry, a AccountEntry) string {
	switch {
	case len(entry.UsedBy) == 0:
		return "no connection uses it"
	case !entry.Auth.Method.AppOnly() && a.Status.Username == "" && a.Status.State == NeedsSignIn && a.Status.Code == "":
		return errNobody.Error()
	}
	return ""
}

// dueness says when a renewal is due.
type dueness struct {
	force    bool
	useEvery time.Duration
	ahead    time.Duration
	links    *openLinks
}

func (d dueness) unused() time.Duration {
	if d.useEvery <= 0 {
		return defaultUseEvery
	}
	return d.useEvery
}

// openLinks are the links of one round of renewals: a connection's is looked up
// once, however many accounts there are.
type openLinks struct {
	book *Book
	mu   sync.Mutex
	list map[string]openLink
}

type openLink struct {
	entry Entry
	link  *link
	err   error
}

// Format prints nothing of what a link holds.
func (l *openLinks) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("links")) }

func (b *Book) newLinks() *openLinks { return &openLinks{book: b, list: map[string]openLink{}} }

func (l *openLinks) to(ctx context.Context, name string) (Entry, *link, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, ok := l.list[name]
	if !ok {
		found.entry, found.link, found.err = l.book.linkTo(ctx, name)
		l.list[name] = found
	}
	return found.entry, found.link, found.err
}

// renew brings one account's tokens up to date, and fills in r.
func (b *Book) renew(ctx context.Context, entry AuthEntry, r *Renewal, due dueness) {
	before := b.blob(ctx, entry.Auth, r.User)
	used := false
	for _, source := range b.sources(ctx, entry, r, due.links) {
		expires, err := b.renewSource(ctx, source, r.Status, due, &used)
		if err != nil {
			r.Err = err
			if refusalState(err) != "" {
				break // the others would hear the same
			}
			continue
		}
		if r.Expires.IsZero() || expires.Before(r.Expires) {
			r.Expires = expires
		}
	}
	b.look(ctx, entry.Auth, r.User)
	if status, err := b.accountStatus(ctx, entry.Auth, r.User); err == nil {
		r.Status = status
	}
	after := b.blob(ctx, entry.Auth, r.User)
	r.Renewed = r.Err == nil && after != nil && !bytes.Equal(before, after)
}

// renewSource renews the tokens for one resource where that is due. used is set
// once the refresh token has been used, which is good for all resources.
func (b *Book) renewSource(ctx context.Context, source *watchedTokens, status Status, due dueness, used *bool) (time.Time, error) {
	now := b.now()
	// A token that was got long ago is in the cache for its lifetime, and
	// proves nothing of a sign-in that was refused since.
	stale := !*used && (!status.Renewed.IsZero() && now.Sub(status.Renewed) >= due.unused() || !status.State.good())
	if due.force || stale {
		*used = true
		if err := source.Refresh(ctx); err != nil {
			return time.Time{}, err
		}
	}
	token, err := source.Token(ctx)
	if err == nil && token.Expires.Sub(now) <= due.ahead && !due.force && !stale {
		// A token whose whole life is short is always near its end.
		if err = source.Refresh(ctx); err == nil {
			token, err = source.Token(ctx)
		}
	}
	return token.Expires, err
}

// sources returns the tokens of an account for each resource that connections
// use it for. Where there are none at all, r says why.
func (b *Book) sources(ctx context.Context, entry AuthEntry, r *Renewal, links *openLinks) []*watchedTokens {
	var list []*watchedTokens
	var seen []refreshable
	var failed error
	for _, name := range entry.UsedBy {
		e, l, err := links.to(ctx, name)
		if err == nil && (e.Auth == nil || recordKey(e.Auth.Name) != recordKey(entry.Auth.Name)) {
			continue // it was changed a moment ago
		}
		var source *watchedTokens
		if err == nil {
			source, err = b.watch(e, l, r.User)
		}
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		if !slices.Contains(seen, source.refreshable) {
			seen = append(seen, source.refreshable)
			list = append(list, source)
		}
	}
	if len(list) == 0 {
		r.Err = failed
		if failed == nil {
			r.Skipped = "no connection uses it"
		}
	}
	return list
}

// blob is what is kept of an account's tokens; nil where there is nothing that
// can be read. It is compared, and not looked into.
func (b *Book) blob(ctx context.Context, auth Auth, user string) (blob []byte) {
	_ = b.store.View(ctx, func(tx store.Tx) (err error) { // whoever needs it, meets the error
		blob, err = tx.Get(tokensBucket, accountKey(auth.Name, user))
		return err
	})
	return blob
}

// NeedsPerson reports that the account does not come right by itself.
func (r Renewal) NeedsPerson() bool {
	return r.Err != nil && (errors.Is(r.Err, mailbox.ErrSignInNeeded) || refusalState(r.Err) != "")
}
