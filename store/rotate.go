package store

import (
	"context"
	"errors"
	"fmt"
)

// Rotated is what a rotation of the master key has done.
type Rotated struct {
	// Records is how many were sealed anew. It is zero where an earlier
	// rotation to the same key had got that far.
	Records int
	// Damaged are the records that no key opens. They are left as they are.
	Damaged []*DamagedError
}

// Rotate seals all records anew. It calls begin for the next keys, which must
// be kept durably by then; seals everything with them; and calls finish, which
// may give up the present key. begin and finish run while no other transaction
// does, so that two rotations cannot mix.
//
// All records change in one transaction: whoever is killed leaves a store that
// the present key opens, or one that the next key opens, and never one that
// needs both. Where the next key is that of the store already, finish alone is
// left to do. Another process that still has the former keys is refused with a
// *KeyError, or reloads them; see OnChangedKey.
//
// The former records remain in the free space of the file until it is used
// again, sealed with the former key: where that key has leaked, the secrets
// must be renewed too.
func (s *SealedStore) Rotate(ctx context.Context, begin func() (Keys, error), finish func() error) (Rotated, error) {
	var done Rotated
	var next Keys
	err := s.inner.Update(ctx, func(inner Tx) error {
		var err error
		if next, err = begin(); err != nil {
			return err
		}
		if sealedWith(inner, next) {
			return nil
		}
		t := &sealedTx{inner: inner, store: s, keys: s.keys.Load()}
		if err := t.checkKey(); err != nil {
			return err
		}
		for _, bucket := range s.buckets {
			if err := t.reseal(bucket, next, &done); err != nil {
				return err
			}
		}
		return inner.Put(checkBucket, checkKey, seal(next.current, checkBucket, checkKey, []byte(checkValue)))
	})
	if err != nil {
		return Rotated{}, err
	}
	s.keys.Store(&next)
	return done, s.inner.Update(ctx, func(inner Tx) error {
		if !sealedWith(inner, next) {
			return nil // another rotation has come after this one
		}
		return finish()
	})
}

// sealedWith reports whether the store's key is the current one of keys.
func sealedWith(inner Tx, keys Keys) bool {
	check, err := inner.Get(checkBucket, checkKey)
	return err == nil && namedKey(keys, check) == keys.current
}

// namedKey is the key that the check record was sealed with, where it is one of
// keys and the record is not damaged.
func namedKey(keys Keys, check []byte) *recordKey {
	if _, err := unseal(keys, checkBucket, checkKey, check); err != nil {
		return nil
	}
	return keys.find(keyID(check[1:sealHeader]))
}

func (t *sealedTx) reseal(bucket string, next Keys, done *Rotated) error {
	return t.inner.ForEach(bucket, "", func(key string, sealed []byte) error {
		value, err := unseal(*t.keys, bucket, key, sealed)
		if err != nil {
			done.Damaged = append(done.Damaged, &DamagedError{Bucket: bucket, Key: key, Reason: err.Error()})
			return nil
		}
		defer clear(value)
		done.Records++
		if err := t.inner.Put(bucket, key, seal(next.current, bucket, key, value)); err != nil {
			return fmt.Errorf("sealing %s/%s anew: %w", bucket, key, err)
		}
		return nil
	})
}

// OnChangedKey lets the store call reload where another process has rotated the
// master key, and go on with the keys that it returns. It must be called before
// the store is used.
func (s *SealedStore) OnChangedKey(reload func(context.Context) (Keys, error)) { s.reload = reload }

var errChangedKey = errors.New("the master key has changed")

// transact runs fn in a transaction of begin's. What the keys are is looked at
// before fn is called, so that fn runs once however often they change.
func (s *SealedStore) transact(ctx context.Context, begin func(context.Context, func(Tx) error) error, fn func(Tx) error) error {
	mayReload := s.reload != nil
	for {
		err := begin(ctx, func(inner Tx) error {
			t := &sealedTx{inner: inner, store: s, keys: s.keys.Load()}
			if mayReload && t.changed() {
				return errChangedKey
			}
			return fn(t)
		})
		if !errors.Is(err, errChangedKey) {
			return err
		}
		mayReload = false
		// Where the keys cannot be had, fn learns what is wrong with those at
		// hand.
		if keys, err := s.reload(ctx); err == nil {
			s.keys.Store(&keys)
		}
	}
}

// changed reports whether the check record names a key that is not at hand.
func (t *sealedTx) changed() bool {
	check, err := t.inner.Get(checkBucket, checkKey)
	return err == nil && len(check) >= sealHeader && t.keys.find(keyID(check[1:sealHeader])) == nil
}
