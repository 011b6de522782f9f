package connection

import (
	"context"
	"errors"
	"fmt"

	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// tokenCache is the oauth.Cache of one connection: a sealed record.
type tokenCache struct {
	store      *store.SealedStore
	connection string
	// auth is what the tokens belong to.
	auth Auth
}

// Load implements oauth.Cache.
func (c *tokenCache) Load(ctx context.Context) (blob []byte, err error) {
	err = c.store.View(ctx, func(tx store.Tx) error {
		blob, err = tx.Get(tokensBucket, recordKey(c.connection))
		return err
	})
	var damaged *store.DamagedError
	switch {
	case errors.Is(err, store.ErrNoRecord):
		return nil, nil
	case errors.As(err, &damaged):
		return nil, fmt.Errorf("%w: %w", oauth.ErrCorruptCache, damaged)
	}
	return blob, err
}

// Save implements oauth.Cache.
func (c *tokenCache) Save(ctx context.Context, blob []byte) error {
	return c.store.Update(ctx, func(tx store.Tx) error {
		if blob == nil {
			return tx.Delete(tokensBucket, recordKey(c.connection))
		}
		// A renewal that began before the connection was deleted or changed
		// must not leave tokens behind.
		p, err := getProfile(tx, c.connection)
		if err != nil {
			return err
		}
		auth, err := profileAuth(tx, p)
		if err != nil {
			return err
		}
		if auth == nil || !sameRegistration(*auth, c.auth) {
			return fmt.Errorf("the connection %q has been changed meanwhile", c.connection)
		}
		return tx.Put(tokensBucket, recordKey(c.connection), blob)
	})
}
