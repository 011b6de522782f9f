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

// Delete removes a connection with its account, its tokens and its password,
// and, where no other connection shares it, its authentication object with its
// secrets. It works on a connection whose record is damaged, too.
func (b *Book) Delete(ctx context.Context, name string) (done Deleted, err error) {
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
		} {
			if err := tx.Delete(record[0], record[1]); err != nil {
				return err
			}
		}
		if err := forgetAccount(tx, name); err != nil {
			return err
		}
		if p.AuthName == "" {
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
	return done, nil
}

// dropAuth removes an authentication object with its secrets, unless
// connections use it, which are returned then.
func dropAuth(tx store.Tx, name string) (keptFor []string, err error) {
	if keptFor, err = sharers(tx, name); err != nil || len(keptFor) > 0 {
		return keptFor, err
	}
	return nil, errors.Join(
		tx.Delete(authsBucket, recordKey(name)),
		tx.Delete(secretsBucket, clientSecretKey(name)),
		tx.Delete(secretsBucket, certificateKey(name)),
	)
}

// forgetAccount removes who has signed in, and the tokens.
func forgetAccount(tx store.Tx, connection string) error {
	return errors.Join(
		tx.Delete(accountsBucket, recordKey(connection)),
		tx.Delete(tokensBucket, recordKey(connection)),
	)
}
