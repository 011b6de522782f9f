package connection

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
)

// AuthEntry is an authentication object as the book knows it. It holds no
// secrets.
type AuthEntry struct {
	Auth Auth
	// UsedBy names the connections that share it.
	UsedBy []string
	// Accounts are its own account and those of its users.
	Accounts []AccountEntry
}

// Auth returns an authentication object. An unknown name is an *UnknownError.
func (b *Book) Auth(ctx context.Context, name string) (entry AuthEntry, err error) {
	err = b.store.View(ctx, func(tx store.Tx) error {
		auth, err := getAuth(tx, name)
		if err != nil {
			return err
		}
		entry, err = b.completeAuth(tx, auth)
		return err
	})
	return entry, err
}

// Auths returns all authentication objects in the order of their names. Where
// some cannot be read, the others are returned with the errors of those,
// joined.
func (b *Book) Auths(ctx context.Context) ([]AuthEntry, error) {
	var entries []AuthEntry
	var unreadable []error
	err := b.store.View(ctx, func(tx store.Tx) error {
		return tx.ForEach(authsBucket, "", func(key string, value []byte) error {
			var auth Auth
			if err := json.Unmarshal(value, &auth); err != nil {
				unreadable = append(unreadable, &RecordError{Kind: kindAuth, Name: key, Err: err})
				return nil
			}
			entry, err := b.completeAuth(tx, auth)
			if err != nil {
				return err
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

func (b *Book) completeAuth(tx store.Tx, auth Auth) (entry AuthEntry, err error) {
	entry.Auth = auth
	if entry.UsedBy, err = sharers(tx, auth.Name); err != nil {
		return entry, err
	}
	entry.Accounts, err = b.accountsOf(tx, auth)
	return entry, err
}

// DeleteAuth removes an authentication object with its secrets, accounts,
// tokens and invitations. One that connections use is an *InUseError, and stays.
func (b *Book) DeleteAuth(ctx context.Context, name string) error {
	err := b.store.Update(ctx, func(tx store.Tx) error {
		if _, err := getAuth(tx, name); err != nil {
			return err
		}
		usedBy, err := dropAuth(tx, name)
		if err == nil && len(usedBy) > 0 {
			err = &InUseError{Auth: name, UsedBy: usedBy}
		}
		return err
	})
	if err == nil {
		b.closeAccounts(name)
	}
	return err
}

// InUseError says that connections use an authentication object. It Is
// mailbox.ErrInvalid.
type InUseError struct {
	Auth   string
	UsedBy []string
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("the authentication object %q is in use by %s", e.Auth, strings.Join(e.UsedBy, ", "))
}

// Is reports true for mailbox.ErrInvalid.
func (e *InUseError) Is(target error) bool { return target == mailbox.ErrInvalid }

// Hint says what to do.
func (e *InUseError) Hint() string {
	return "delete the connections first, or give them another one: " + command("delete", e.UsedBy[0], "")
}

// dropAuth removes an authentication object with its secrets and accounts,
// unless connections use it, which are returned then.
func dropAuth(tx store.Tx, name string) (usedBy []string, err error) {
	if usedBy, err = sharers(tx, name); err != nil || len(usedBy) > 0 {
		return usedBy, err
	}
	return nil, errors.Join(
		tx.Delete(authsBucket, recordKey(name)),
		tx.Delete(secretsBucket, clientSecretKey(name)),
		tx.Delete(secretsBucket, certificateKey(name)),
		forgetAccounts(tx, name),
		forgetInvitations(tx, name),
	)
}
