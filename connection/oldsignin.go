package connection

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/exconn/exconn/store"
)

// hasOldSignIn reports whether there is something for takeOver.
func hasOldSignIn(tx store.Tx, entry Entry) (bool, error) {
	if entry.Auth == nil {
		return false, nil
	}
	return has(tx, tokensBucket, recordKey(entry.Profile.Name))
}

// takeOver moves a sign-in that was kept by connection, as exconn did before
// sign-ins belonged to authentication objects, to the object: as its own
// account, or where that is somebody else already, as the one of the user who
// has signed in.
func (b *Book) takeOver(ctx context.Context, entry Entry) error {
	old := recordKey(entry.Profile.Name)
	return b.store.Update(ctx, func(tx store.Tx) error {
		blob, err := tx.Get(tokensBucket, old)
		if errors.Is(err, store.ErrNoRecord) {
			return nil // another process was faster
		}
		if err != nil {
			return err
		}
		var who account
		if text, err := tx.Get(accountsBucket, old); err == nil && json.Unmarshal(text, &who) != nil {
			who = account{}
		}
		own, err := getAccount(tx, entry.Auth.Name, "")
		if err != nil {
			return err
		}
		taken, err := has(tx, tokensBucket, accountKey(entry.Auth.Name, ""))
		if err != nil {
			return err
		}
		user := ""
		if taken && own.HomeAccountID != who.HomeAccountID {
			user = lower(who.Username)
		}
		err = errors.Join(tx.Delete(accountsBucket, old), tx.Delete(tokensBucket, old))
		if err != nil || taken && user == "" {
			return err
		}
		return errors.Join(
			putRecord(tx, accountsBucket, accountKey(entry.Auth.Name, user), who),
			tx.Put(tokensBucket, accountKey(entry.Auth.Name, user), blob),
		)
	})
}
