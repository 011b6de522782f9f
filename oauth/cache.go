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
// account. It holds refresh tokens, so whoever implements it encrypts it. The
// Client calls it from one goroutine at a time, but several processes may
// share what is underneath.
type Cache interface {
	// Load returns the blob, or nil where there is none. An error that Is
	// ErrCorruptCache means that there was one, and that it is lost: the
	// Client goes on as if there were none, and writes a warning.
	Load(ctx context.Context) ([]byte, error)
	// Save keeps the blob in place of the one before. A nil blob deletes it.
	Save(ctx context.Context, blob []byte) error
}

// ErrCorruptCache is what a Cache returns (or wraps) where the blob is there
// but cannot be read. A wrong key is no corruption: that is another error,
// because the blob is not lost.
var ErrCorruptCache = errors.New("the kept sign-in is damaged")

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

// kept is the blob: MSAL's own cache, and beside it who signed in and when,
// which MSAL's does not tell.
type kept struct {
	Version  int             `json:"version"`
	Account  *Account        `json:"account,omitempty"`
	SignedIn time.Time       `json:"signed_in,omitzero"`
	Tokens   json.RawMessage `json:"tokens"`
}

// Format writes no token, whatever the verb.
func (k kept) Format(f fmt.State, _ rune) { writeRedacted(f, redacted) }

func (k kept) marshal() ([]byte, error) {
	k.Version = keptVersion
	return json.Marshal(k)
}

// load reads the Cache. It returns the raw blob too, by which a change by
// another process is noticed. A damaged blob counts as none.
func (c *Client) load(ctx context.Context, op string) (kept, []byte, error) {
	raw, err := c.cache.Load(ctx)
	switch {
	case errors.Is(err, ErrCorruptCache):
		c.warnDamaged(ctx)
		return kept{}, nil, nil
	case err != nil:
		return kept{}, nil, &Error{Op: op, reason: fmt.Sprintf("cannot read the kept sign-in: %v", err), cause: err}
	}
	if c.unsaved != nil {
		// A renewal that could not be kept is newer than what is there, unless
		// another process has written since.
		if bytes.Equal(raw, c.unsavedOver) {
			raw = c.unsaved
		} else {
			c.unsaved, c.unsavedOver = nil, nil
		}
	}
	if len(raw) == 0 {
		return kept{}, nil, nil
	}
	var k kept
	if json.Unmarshal(raw, &k) != nil || k.Version < 1 {
		c.warnDamaged(ctx)
		return kept{}, raw, nil
	}
	if k.Version > keptVersion {
		return kept{}, raw, &Error{Op: op, kind: mailbox.ErrUnsupported,
			reason: fmt.Sprintf("the kept sign-in is of a newer version (%d) than this program knows (%d)", k.Version, keptVersion),
			hint:   "use the newer program, or sign in again: exconn connection sign-in"}
	}
	return k, raw, nil
}

func (c *Client) warnDamaged(ctx context.Context) {
	c.log.WarnContext(ctx, "the kept sign-in cannot be read; it counts as none", "client_id", c.cfg.ClientID)
}

// save writes the Cache. over is the raw blob that k replaces.
func (c *Client) save(ctx context.Context, k kept, over []byte) error {
	blob, err := k.marshal()
	if err != nil {
		return errors.New("the identity library's cache is not JSON")
	}
	if err := c.cache.Save(ctx, blob); err != nil {
		c.unsaved, c.unsavedOver = blob, over
		return err
	}
	c.unsaved, c.unsavedOver = nil, nil
	return nil
}
