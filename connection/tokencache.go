package connection

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// tokenCache is the oauth.Cache of one account: a sealed record.
type tokenCache struct {
	book *Book
	// auth is what the tokens belong to.
	auth Auth
	user string
}

func (c *tokenCache) key() string { return accountKey(c.auth.Name, c.user) }

// Load implements oauth.Cache.
func (c *tokenCache) Load(ctx context.Context) (blob []byte, err error) {
	err = c.book.store.View(ctx, func(tx store.Tx) error {
		blob, err = tx.Get(tokensBucket, c.key())
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
	return c.book.store.Update(ctx, func(tx store.Tx) error {
		if blob == nil {
			return tx.Delete(tokensBucket, c.key())
		}
		return c.put(tx, blob)
	})
}

// Swap implements oauth.Cache.
func (c *tokenCache) Swap(ctx context.Context, old, blob []byte) error {
	return c.book.store.Update(ctx, func(tx store.Tx) error {
		now, err := tx.Get(tokensBucket, c.key())
		var damaged *store.DamagedError
		switch {
		case errors.Is(err, store.ErrNoRecord), errors.As(err, &damaged):
			now = nil
		case err != nil:
			return err
		}
		if !bytes.Equal(now, old) {
			return oauth.ErrCacheChanged
		}
		return c.put(tx, blob)
	})
}

func (c *tokenCache) put(tx store.Tx, blob []byte) error {
	// A renewal that began before the object was deleted or changed must not
	// leave tokens behind.
	if err := unchanged(tx, c.auth); err != nil {
		return err
	}
	// Nor may tokens be there of which accountsOf does not know.
	known, err := has(tx, accountsBucket, c.key())
	if err == nil && !known && c.user != "" {
		err = putRecord(tx, accountsBucket, c.key(), account{})
	}
	if err != nil {
		return err
	}
	return tx.Put(tokensBucket, c.key(), blob)
}

var _ oauth.Locker = (*tokenCache)(nil)

// Lock implements oauth.Locker.
func (c *tokenCache) Lock(ctx context.Context) (unlock func(), err error) {
	held, err := c.book.takeLease(ctx, c.key())
	if err != nil {
		return nil, err
	}
	return held.release, nil
}
