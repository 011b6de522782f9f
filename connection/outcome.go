package connection

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
)

// noteOutcome keeps what the server said of an account: why there is no token,
// or nil where there is one; and tells of it where the state has changed. It
// writes only what is new. It reports whether the book now says that all is
// well.
func (b *Book) noteOutcome(ctx context.Context, auth Auth, user, scopes string, refused error) (settled bool, err error) {
	o := outcome{book: b, auth: auth, user: user, scopes: scopes, err: refused}
	err = b.store.View(ctx, func(tx store.Tx) (err error) {
		_, err = o.apply(tx)
		return err
	})
	if err != nil || !o.news && !o.again {
		return o.proven, err
	}
	var told *announcement
	err = b.store.Update(ctx, func(tx store.Tx) error {
		if err := unchanged(tx, auth); err != nil {
			return err
		}
		a, err := o.apply(tx)
		if err != nil || !o.news && !o.again {
			return err
		}
		if err := putRecord(tx, accountsBucket, accountKey(auth.Name, user), a); err != nil {
			return err
		}
		told, err = b.announce(tx, auth, user, o.proven)
		return err
	})
	if err == nil {
		b.tell(told)
	}
	return o.proven && err == nil, err
}

// outcome is how a token was got (err is nil) or not.
type outcome struct {
	book *Book
	auth Auth
	user string
	// scopes are those that the token is for, as a scopesKey.
	scopes string
	err    error
	// news is set by apply where the account's record says otherwise, proven
	// where there is a token that the server has given since it last said no,
	// and again where something is to be told once more.
	news, proven, again bool
}

// apply returns the account's record as it should be.
func (o *outcome) apply(tx store.Tx) (account, error) {
	a, err := getAccount(tx, o.auth.Name, o.user)
	if err != nil {
		return a, err
	}
	o.news, o.proven, o.again = false, false, a.Untold.due(o.book.now())
	mark, err := tokensMark(tx, accountKey(o.auth.Name, o.user))
	if err != nil {
		return a, err
	}
	if o.err != nil {
		o.refused(&a, mark)
		return a, nil
	}
	if o.granted(&a, mark); o.news || !o.proven {
		return a, nil
	}
	// Something may end soon, or not any more.
	status, err := o.book.accountStatusIn(tx, o.auth, o.user)
	_, o.news = change(a.Announced, status.State, true)
	return a, err
}

// granted is apply where there is a token.
func (o *outcome) granted(a *account, mark string) {
	others := a.RefusedScopes != "" && a.RefusedScopes != o.scopes
	if o.proven = a.RefusedTokens != mark && !others; !o.proven {
		// New tokens for another resource prove nothing of the refused one's, of
		// which an old token may still serve.
		o.news = others && a.RefusedTokens != mark
		a.RefusedTokens = mark
		return
	}
	a.RefusedTokens = ""
	if o.news = a.Reason != ""; o.news {
		a.forgive(o.book.now())
	}
}

// refused is apply where there is none.
func (o *outcome) refused(a *account, mark string) {
	state, code, scopes := refusalState(o.err), mailbox.Code(o.err), ""
	if oneResource(o.err) {
		scopes = o.scopes
	}
	// Where nothing is kept, that tells by itself that somebody has to sign in:
	// no server has said so. And a refusal of all tells more than one of some.
	nobody := code == "" && mark == noTokens
	known := a.State != "" && a.RefusedTokens == mark
	if nobody || known && (a.State == state && a.Code == code && a.RefusedScopes == scopes || a.RefusedScopes == "" && scopes != "") {
		return
	}
	o.news = true
	if a.State != state {
		a.Since = o.book.now().UTC().Truncate(time.Second)
	}
	a.State, a.Reason, a.Code, a.Hint = state, o.err.Error(), code, mailbox.Hint(o.err)
	a.RefusedTokens, a.RefusedScopes = mark, scopes
}

// forgive forgets that the server said no.
func (a *account) forgive(now time.Time) {
	a.State, a.Reason, a.Code, a.Hint, a.RefusedScopes, a.Since = "", "", "", "", "", now.UTC().Truncate(time.Second)
}

// noTokens is the tokensMark of none.
const noTokens = "none"

// tokensMark tells one content of an account's tokens from another, and nothing
// of it.
func tokensMark(tx store.Tx, key string) (string, error) {
	blob, err := tx.Get(tokensBucket, key)
	var damaged *store.DamagedError
	switch {
	case errors.Is(err, store.ErrNoRecord), errors.As(err, &damaged):
		return noTokens, nil
	case err != nil:
		return "", err
	}
	sum := sha256.Sum256(blob)
	return hex.EncodeToString(sum[:8]), nil
}
