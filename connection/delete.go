package connection

import (
	"context"
	"errors"

	"github.com/exconn/exconn/store"
)

// Deleted says what a Delete has removed.
type Deleted struct {
	Name string `json:"name"`
	// Auth is the authentication object that went too; empty where there was
	// none, or where others share it.
	Auth string `json:"auth,omitempty"`
	// KeptFor are the connections for which the authentication object stays.
	KeptFor []string `json:"auth_kept_for,omitempty"`
}

// DeleteOptions say what a Delete removes. The zero value means all.
type DeleteOptions struct {
	// KeepAuth keeps the authentication object with its sign-ins for another
	// connection to use.
	KeepAuth bool
}

// Delete removes a connection with its password and, where no other connection
// shares it, its authentication object with its secrets, accounts and tokens.
// It works on a connection whose record is damaged, too.
func (b *Book) Delete(ctx context.Context, name string, opts DeleteOptions) (done Deleted, err error) {
	err = b.store.Update(ctx, func(tx store.Tx) error {
		p, err := getProfile(tx, name)
		var damaged *RecordError
		if errors.As(err, &damaged) {
			// What it was called in full, and its authentication object,
			// nobody can tell any more.
			p, err = Profile{Name: name}, nil
		}
		if err != nil {
			return err
		}
		done = Deleted{Name: p.Name}
		for _, record := range [][2]string{
			{connectionsBucket, recordKey(name)},
			{secretsBucket, passwordKey(name)},
			{accountsBucket, accountKey(loginAuth(name).Name, "")},
			{secretsBucket, alertsKey(name)},
		} {
			if err := tx.Delete(record[0], record[1]); err != nil {
				return err
			}
		}
		if p.AuthName == "" || opts.KeepAuth {
			return nil
		}
		done.KeptFor, err = dropAuth(tx, p.AuthName)
		if len(done.KeptFor) == 0 {
			done.Auth = p.AuthName
		}
		return err
	})
	if err != nil {
		return Deleted{}, err
	}
	b.unlink(name)
	if done.Auth != "" {
		b.closeAccounts(done.Auth)
	}
	return done, nil
}
