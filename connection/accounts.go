package connection

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// Sign-ins belong to authentication objects, not to connections: those that
// share an object share its sign-ins. An account of an object is known by its
// user: the address of the CRM user for whom somebody has signed in, or "" for
// the object's own account, which is the application itself, a service
// account, or the only person there is.

// AccountEntry is an account of an authentication object.
type AccountEntry struct {
	// User is the address of the CRM user whose account it is, in lower case.
	// Empty means the object's own account.
	User   string `json:"user,omitempty"`
	Status Status `json:"status"`
}

// account is the kept record of who has signed in.
type account struct {
	oauth.Account
	SignedIn time.Time `json:"signed_in,omitzero"`
	// State is NeedsSignIn or Refused where the server has said so, and
	// otherwise empty: then the state follows from what else is kept. Reason,
	// Code, Hint and Since are those of Status.
	State  State     `json:"state,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Code   string    `json:"code,omitempty"`
	Hint   string    `json:"hint,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	// Announced is the state that was last told to whoever wants to know; empty
	// means a good one.
	Announced State `json:"announced,omitempty"`
	// RefusedTokens tells which tokens were kept when the server said no; see
	// tokensMark. As long as they are the same, a token from among them that
	// has not expired yet proves nothing.
	RefusedTokens string `json:"refused_tokens,omitempty"`
	// RefusedScopes are those for which the server said no, as a scopesKey,
	// where it has said nothing of others; empty otherwise.
	RefusedScopes string `json:"refused_scopes,omitempty"`
	// Untold is nil where the last change has been told.
	Untold *untold `json:"untold,omitempty"`
}

// accountKey is the key of an account in accountsBucket, tokensBucket and
// leasesBucket. No name of an object holds a slash.
func accountKey(auth, user string) string { return recordKey(auth) + "/" + lower(user) }

// userOf returns the user of an accountKey.
func userOf(key string) string {
	_, user, _ := strings.Cut(key, "/")
	return user
}

func getAccount(tx store.Tx, auth, user string) (account, error) {
	a, err := getRecord[account](tx, accountsBucket, "account", accountKey(auth, user))
	var damaged *RecordError
	if errors.Is(err, store.ErrNoRecord) || errors.As(err, &damaged) {
		// The tokens tell who it is; this is only for show.
		return account{}, nil
	}
	return a, err
}

// accountsOf returns the accounts of an object, its own first and the others
// in the order of their users. The own one is there even where nobody has
// signed in.
func (b *Book) accountsOf(tx store.Tx, auth Auth) ([]AccountEntry, error) {
	users, err := usersOf(tx, auth.Name)
	if err != nil {
		return nil, err
	}
	var list []AccountEntry
	for _, user := range users {
		status, err := b.accountStatusIn(tx, auth, user)
		if err != nil {
			return nil, err
		}
		list = append(list, AccountEntry{User: user, Status: status})
	}
	return list, nil
}

// usersOf returns the users of an object's accounts in their order, after "",
// which stands for its own. It finds all that have tokens; see tokenCache.Save.
func usersOf(tx store.Tx, auth string) ([]string, error) {
	users := []string{""}
	err := tx.ForEach(accountsBucket, accountKey(auth, ""), func(key string, _ []byte) error {
		if user := userOf(key); user != "" {
			users = append(users, user)
		}
		return nil
	})
	return users, err
}

// forgetAccount removes who has signed in, and the tokens.
func forgetAccount(tx store.Tx, auth, user string) error {
	key := accountKey(auth, user)
	return errors.Join(tx.Delete(accountsBucket, key), tx.Delete(tokensBucket, key))
}

// forgetAccounts removes all accounts of an object. Leases stay: they are of
// renewals that run, and end by themselves.
func forgetAccounts(tx store.Tx, auth string) error {
	users, err := usersOf(tx, auth)
	if err != nil {
		return err
	}
	for _, user := range users {
		if err := forgetAccount(tx, auth, user); err != nil {
			return err
		}
	}
	return nil
}

// keepAccount keeps who has signed in. The tokens are kept already.
func (b *Book) keepAccount(ctx context.Context, auth Auth, user string, who oauth.Account) (status Status, err error) {
	now := b.now().UTC().Truncate(time.Second)
	var told *announcement
	err = b.store.Update(ctx, func(tx store.Tx) error {
		if err := unchanged(tx, auth); err != nil {
			return err
		}
		before, err := getAccount(tx, auth.Name, user)
		if err != nil {
			return err
		}
		a := account{Account: who, SignedIn: now, Announced: before.Announced, Untold: before.Untold}
		if err := putRecord(tx, accountsBucket, accountKey(auth.Name, user), a); err != nil {
			return err
		}
		if told, err = b.announce(tx, auth, user, true); err != nil {
			return err
		}
		status, err = b.accountStatusIn(tx, auth, user)
		return err
	})
	if err != nil {
		return Status{}, fmt.Errorf("the sign-in succeeded, but cannot be kept: %w", err)
	}
	b.tell(told)
	return status, nil
}

// unchanged refuses to go on for an authentication object that was deleted or
// changed meanwhile: what is written must not outlive what it belongs to.
func unchanged(tx store.Tx, auth Auth) error {
	now, err := getAuth(tx, auth.Name)
	if err != nil {
		return err
	}
	if !sameRegistration(now, auth) {
		return fmt.Errorf("the authentication object %q has been changed meanwhile", auth.Name)
	}
	return nil
}

// WrongAccountError says that another account has signed in than the one
// wanted; nothing of it was kept. It Is mailbox.ErrSignInNeeded.
type WrongAccountError struct {
	// Wanted is the user for whom somebody was to sign in, SignedIn who did.
	Wanted, SignedIn string
}

func (e *WrongAccountError) Error() string {
	return fmt.Sprintf("%s has signed in, but %s was to", e.SignedIn, e.Wanted)
}

// Is reports true for mailbox.ErrSignInNeeded.
func (e *WrongAccountError) Is(target error) bool { return target == mailbox.ErrSignInNeeded }

// Hint says what to do.
func (e *WrongAccountError) Hint() string {
	return "sign in again as " + e.Wanted + "; on the sign-in page, choose \"Use another account\" where it offers the other one"
}

// checkAccount returns the check of who signs in for a user; nil where anybody
// may. Somebody is the user by the sign-in name, by one of names, or by being
// who has signed in for the user before (people are renamed).
func (b *Book) checkAccount(auth Auth, user string, names []string) func(oauth.Account) error {
	if user == "" {
		return nil
	}
	return func(who oauth.Account) error {
		for _, name := range append([]string{user}, names...) {
			if lower(name) == lower(who.Username) {
				return nil
			}
		}
		var before account
		// The check is part of a sign-in that has come back, which nobody
		// breaks off.
		err := b.store.View(context.Background(), func(tx store.Tx) (err error) {
			before, err = getAccount(tx, auth.Name, user)
			return err
		})
		if err != nil {
			return err
		}
		if before.HomeAccountID != "" && before.HomeAccountID == who.HomeAccountID {
			return nil
		}
		return &WrongAccountError{Wanted: user, SignedIn: who.Username}
	}
}
