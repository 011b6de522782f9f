package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/exconn/exconn/mailbox"
)

// Cache keeps what a Client must remember between processes: one blob, for one
// account. It holds refresh tokens, so whoever implements it encrypts it. It
// must be safe for concurrent use, and what is underneath may be shared by
// other Clients and other processes. A Cache that several use at once should
// be a Locker too.
type Cache interface {
	// Load returns the blob, or nil where there is none. An error that Is
	// ErrCorruptCache means that there was one, and that it is lost: the
	// Client goes on as if there were none, and writes a warning.
	Load(ctx context.Context) ([]byte, error)
	// Save keeps the blob in place of whatever is there, a corrupt one too. A
	// nil blob deletes it. It is for a sign-in and a sign-out, which are
	// newer than anything else.
	Save(ctx context.Context, blob []byte) error
	// Swap keeps blob, never nil, in place of old, in one step: where another
	// blob than old is there by now it keeps nothing, and its error Is
	// ErrCacheChanged. An old of nil means that there is none, or a corrupt
	// one. It is for renewals, which must not undo what another process has
	// done meanwhile.
	Swap(ctx context.Context, old, blob []byte) error
}

// Locker is what a Cache may be besides: a lock on its blob, across all Caches
// of the same blob in this process and others. A Client holds it from before it
// reads the refresh token until the next one is kept, so that nobody else
// redeems the same one. It is a lease: when its holder dies the lock must lapse
// by itself, within a few seconds if it can be had, because others wait.
//
// A holder that was suspended for longer than the lease may go on after another
// has taken the lock. Nothing is lost by it, see Swap, as long as the server
// lets a refresh token be used again; where it does not, one of the two is
// refused, and finds what the other has kept.
type Locker interface {
	// Lock waits for the lock until ctx ends. The lock is held until unlock,
	// which is called once, or until the process ends; ctx's end does not
	// give it back. It is held for less than HoldTime. An error means that the
	// lock cannot be had; one that Is mailbox.ErrBusy, or the context's, that
	// somebody else has it.
	Lock(ctx context.Context) (unlock func(), err error)
}

// HoldTime is more than a Client ever holds a Locker's lock, unless it is
// suspended.
const HoldTime = renewalTimeout + saveTimeout + successorTimeout

// The errors that a Cache returns or wraps.
var (
	// ErrCorruptCache: the blob is there but cannot be read. A wrong key is no
	// corruption: that is another error, because the blob is not lost.
	ErrCorruptCache = errors.New("the kept sign-in is damaged")
	// ErrCacheChanged: somebody else has written since.
	ErrCacheChanged = errors.New("the kept sign-in has been changed meanwhile")
)

// Account is who has signed in.
type Account struct {
	// Username is the user principal name, as a rule the mail address.
	Username string `json:"username"`
	// HomeAccountID is MSAL's identity of the account: object id and tenant.
	HomeAccountID string `json:"home_account_id"`
	// TenantID is the tenant that issued the tokens; empty with AD FS.
	TenantID string `json:"tenant_id,omitempty"`
	// Name is the display name.
	Name string `json:"name,omitempty"`
}

// keptVersion is the version of the blob's form that this code writes.
const keptVersion = 1

// kept is the blob: MSAL's own cache, and beside it what that does not tell.
// Fields may be added without a new version: an older program drops them.
type kept struct {
	Version int      `json:"version"`
	Account *Account `json:"account,omitempty"`
	// SignedIn tells one sign-in of an account from the next.
	SignedIn time.Time `json:"signed_in,omitzero"`
	// Renewed is when the server last gave a refresh token, and Lapses when
	// that one ends, where the server has said so.
	Renewed time.Time `json:"renewed,omitzero"`
	Lapses  time.Time `json:"lapses,omitzero"`
	// Claims are those that the next sign-in must bring along, because a
	// renewal with them was refused.
	Claims string          `json:"claims,omitempty"`
	Tokens json.RawMessage `json:"tokens"`
}

// Format writes no token, whatever the verb.
func (k kept) Format(f fmt.State, _ rune) { writeRedacted(f, redacted) }

func (k kept) marshal() ([]byte, error) {
	k.Version = keptVersion
	return json.Marshal(k)
}

// note takes over what the server has said of its refresh token.
func (k *kept) note(g granted) {
	if g.at.IsZero() {
		return
	}
	k.Renewed, k.Lapses = g.at.UTC().Truncate(time.Second), time.Time{}
	if g.lifetime > 0 {
		k.Lapses = k.Renewed.Add(g.lifetime)
	}
}

// loaded is what load has found.
type loaded struct {
	kept
	// raw is the blob that kept was read from.
	raw []byte
	// stored is what the Cache holds: raw, but where that could not be saved.
	stored []byte
}

// unsaved is what could not be written.
type unsaved struct {
	kept
	raw []byte
	// base is what it was made from; see supersedes.
	base loaded
}

// load reads the Cache. A damaged blob counts as none.
func (c *Client) load(ctx context.Context, op string) (loaded, error) {
	stored, err := c.cache.Load(ctx)
	switch {
	case errors.Is(err, ErrCorruptCache):
		c.warnDamaged(ctx)
		return loaded{}, nil
	case err != nil:
		return loaded{}, &Error{Op: op, reason: fmt.Sprintf("cannot read the kept sign-in: %v", err), cause: err}
	}
	l := loaded{raw: stored, stored: stored}
	if l.kept, err = c.parse(ctx, op, stored); err != nil {
		return l, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if u := c.unsaved; u != nil {
		// A renewal that could not be kept is newer than what is there, unless
		// somebody else has written since.
		if bytes.Equal(stored, u.base.stored) || supersedes(u.kept, u.base.kept, l.kept) {
			l.kept, l.raw = u.kept, u.raw
		} else {
			c.unsaved = nil
		}
	}
	return l, nil
}

// parse reads a blob.
func (c *Client) parse(ctx context.Context, op string, raw []byte) (kept, error) {
	if len(raw) == 0 {
		return kept{}, nil
	}
	var k kept
	if json.Unmarshal(raw, &k) != nil || k.Version < 1 {
		c.warnDamaged(ctx)
		return kept{}, nil
	}
	if k.Version > keptVersion {
		return kept{}, &Error{Op: op, kind: mailbox.ErrUnsupported,
			reason: fmt.Sprintf("the kept sign-in is of a newer version (%d) than this program knows (%d)", k.Version, keptVersion),
			hint:   "use the newer program, or sign in again: exconn connection sign-in"}
	}
	return k, nil
}

func (c *Client) warnDamaged(ctx context.Context) {
	c.log.WarnContext(ctx, "the kept sign-in cannot be read; it counts as none", "client_id", c.cfg.ClientID)
}

// swapTries is how often keep tries again where others write all the time.
const swapTries = 5

// keep writes what a renewal has changed in place of what it was made from.
//
// Somebody else may have written since. With a Locker that means that our lease
// has lapsed because this process was suspended, or that a person has signed in
// or out, which takes no lock. What is there by then stays, unless it still
// holds the very refresh token that we have redeemed, in the same sign-in, and
// the server has given us another for it:
//
//   - Somebody has renewed too, and the server lets a refresh token be used
//     again (Entra). There are two new ones, both good. Theirs stays, and our
//     access token serves as well.
//   - Somebody has renewed too, and the server takes each refresh token once.
//     Then one of us has been refused. If it was us, there is nothing to keep.
//     If it was the other, they have written nothing, or at most what their
//     refusal has taught them (kept.Claims), beside the refresh token that is
//     dead: ours takes its place.
//   - Somebody has got an access token from a server that gave no new refresh
//     token. Ours is the newer by the server's word: it takes their place, and
//     their access token is got again when it is wanted.
//   - A person has signed in or out. That stays, and our tokens are of the
//     account that was there before: errSuperseded.
func (c *Client) keep(ctx context.Context, k kept, base loaded) error {
	blob, err := k.marshal()
	if err != nil {
		return errors.New("the identity library's cache is not JSON")
	}
	old := base.stored
	for range swapTries {
		err = c.cache.Swap(ctx, old, blob)
		if !errors.Is(err, ErrCacheChanged) {
			break
		}
		var theirs kept
		if old, err = c.cache.Load(ctx); err != nil && !errors.Is(err, ErrCorruptCache) {
			break
		}
		if theirs, err = c.parse(ctx, "token", old); err != nil {
			break
		}
		if !supersedes(k, base.kept, theirs) {
			c.setUnsaved(nil)
			if !sameSignIn(base.kept, theirs) {
				return errSuperseded
			}
			return nil
		}
		err = ErrCacheChanged
	}
	if err != nil {
		base.stored = old
		c.setUnsaved(&unsaved{kept: k, raw: blob, base: base})
		return err
	}
	c.setUnsaved(nil)
	return nil
}

func (c *Client) setUnsaved(u *unsaved) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unsaved = u
}

// errSuperseded: a person has signed in or out while a renewal was under way.
var errSuperseded = errors.New("another sign-in has taken the place of the one that was renewed")

// supersedes reports whether ours, which was made from base by a renewal, is
// newer than theirs although that was written later; see keep.
func supersedes(ours, base, theirs kept) bool {
	redeemed := refreshToken(base.Tokens)
	return redeemed != "" && sameSignIn(base, theirs) &&
		refreshToken(theirs.Tokens) == redeemed && refreshToken(ours.Tokens) != redeemed
}

// sameSignIn reports whether both came from the same sign-in. An application in
// its own right has none: then they are the same.
func sameSignIn(a, b kept) bool {
	if a.Account == nil || b.Account == nil {
		return a.Account == b.Account
	}
	return a.Account.HomeAccountID == b.Account.HomeAccountID && a.SignedIn.Equal(b.SignedIn)
}

// refreshToken returns the refresh token in MSAL's cache, or "". There is one at
// most, because the cache is of one account of one application.
func refreshToken(tokens []byte) string {
	var parts struct {
		RefreshToken map[string]struct {
			Secret string `json:"secret"`
		} `json:"RefreshToken"`
	}
	if json.Unmarshal(tokens, &parts) != nil {
		return ""
	}
	var secret string
	for _, t := range parts.RefreshToken {
		secret = max(secret, t.Secret)
	}
	return secret
}

// hasRefreshToken reports whether MSAL's cache holds a refresh token.
func hasRefreshToken(tokens []byte) bool { return refreshToken(tokens) != "" }
