package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
)

// The check record tells a wrong master key from a damaged record: it is
// written with the first sealed record and opens with the right key.
const (
	checkBucket = "sealing"
	checkKey    = "check"
	checkValue  = "exconn"
)

// SealedStore is a Store whose chosen buckets are encrypted; see Sealed.
type SealedStore struct {
	inner   Store
	keys    atomic.Pointer[Keys]
	buckets []string
	reload  func(context.Context) (Keys, error)
}

// Sealed returns a store that keeps the records of the named buckets sealed in
// inner, and all others as they are. It does no I/O. The bucket "sealing" is
// for its own use.
//
// The errors that it adds: *KeyError, where the keys are not those of the
// store, and *DamagedError, for one record that does not open. A ForEach
// passes damaged records over and returns their errors, joined, after the
// last record, so that one bad record does not hide the others.
func Sealed(inner Store, keys Keys, buckets ...string) *SealedStore {
	s := &SealedStore{inner: inner, buckets: slices.Clone(buckets)}
	s.keys.Store(&keys)
	return s
}

// Seals reports whether records of this bucket are kept sealed.
func (s *SealedStore) Seals(bucket string) bool {
	return slices.Contains(s.buckets, bucket)
}

// Init writes the check record where there is none yet, so that a store knows
// its key before it holds its first secret, and returns a *KeyError where the
// keys are not those of the store.
func (s *SealedStore) Init(ctx context.Context) error {
	return s.Update(ctx, func(t Tx) error { return t.(*sealedTx).ensureKey() })
}

// Check returns a *KeyError where the keys are not those of the store. A store
// that holds no sealed record yet accepts any key.
func (s *SealedStore) Check(ctx context.Context) error {
	return s.View(ctx, func(t Tx) error { return t.(*sealedTx).checkKey() })
}

// View implements Store.
func (s *SealedStore) View(ctx context.Context, fn func(Tx) error) error {
	return s.transact(ctx, s.inner.View, fn)
}

// Update implements Store.
func (s *SealedStore) Update(ctx context.Context, fn func(Tx) error) error {
	return s.transact(ctx, s.inner.Update, fn)
}

type sealedTx struct {
	inner Tx
	store *SealedStore
	// keys are those of this transaction, though others come meanwhile.
	keys *Keys
	// sealing is what this transaction seals with; nil until it is known.
	sealing *recordKey
}

func (t *sealedTx) Get(bucket, key string) ([]byte, error) {
	v, err := t.inner.Get(bucket, key)
	if err != nil || !t.store.Seals(bucket) {
		return v, err
	}
	return t.open(bucket, key, v)
}

func (t *sealedTx) Put(bucket, key string, value []byte) error {
	if !t.store.Seals(bucket) {
		return t.inner.Put(bucket, key, value)
	}
	if err := CheckNames(bucket, key); err != nil {
		return err
	}
	// A record under a second master key would leave a store that no one key
	// opens.
	if err := t.ensureKey(); err != nil {
		return err
	}
	return t.inner.Put(bucket, key, seal(t.sealing, bucket, key, value))
}

func (t *sealedTx) Delete(bucket, key string) error { return t.inner.Delete(bucket, key) }

func (t *sealedTx) ForEach(bucket, prefix string, fn func(key string, value []byte) error) error {
	if !t.store.Seals(bucket) {
		return t.inner.ForEach(bucket, prefix, fn)
	}
	var damaged []error
	err := t.inner.ForEach(bucket, prefix, func(key string, sealed []byte) error {
		value, err := t.open(bucket, key, sealed)
		var d *DamagedError
		if errors.As(err, &d) {
			damaged = append(damaged, err)
			return nil
		}
		if err != nil {
			return err
		}
		return fn(key, value)
	})
	if err != nil {
		return err
	}
	return errors.Join(damaged...)
}

func (t *sealedTx) open(bucket, key string, sealed []byte) ([]byte, error) {
	value, err := unseal(*t.keys, bucket, key, sealed)
	if err == nil {
		return value, nil
	}
	var unknown *unknownKeyError
	if errors.As(err, &unknown) {
		if err := t.checkKey(); err != nil {
			return nil, err
		}
	}
	return nil, &DamagedError{Bucket: bucket, Key: key, Reason: err.Error()}
}

// ensureKey finds the key to seal with: the one that the check record names,
// which another process may have rotated since the last transaction. It writes
// the check record where there is none.
func (t *sealedTx) ensureKey() error {
	if t.sealing != nil {
		return nil
	}
	sealing := t.keys.current
	check, err := t.inner.Get(checkBucket, checkKey)
	switch {
	case errors.Is(err, ErrNoRecord):
		err = t.inner.Put(checkBucket, checkKey, seal(sealing, checkBucket, checkKey, []byte(checkValue)))
	case err == nil:
		err = t.checkKey()
		if named := namedKey(*t.keys, check); named != nil {
			sealing = named
		}
	}
	if err == nil {
		t.sealing = sealing
	}
	return err
}

// checkKey returns a *KeyError where no key of ours belongs to the store.
func (t *sealedTx) checkKey() error {
	sealed, err := t.inner.Get(checkBucket, checkKey)
	if errors.Is(err, ErrNoRecord) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := unseal(*t.keys, checkBucket, checkKey, sealed); err == nil || t.opensAny() {
		return nil
	}
	wrong := &KeyError{Origin: t.keys.origin, Have: t.keys.current.id.String()}
	if len(sealed) >= sealHeader {
		wrong.Want = keyID(sealed[1:sealHeader]).String()
	}
	return wrong
}

// opensAny reports whether any sealed record opens, which proves the key where
// the check record itself is damaged.
func (t *sealedTx) opensAny() bool {
	found := errors.New("found")
	for _, bucket := range t.store.buckets {
		err := t.inner.ForEach(bucket, "", func(key string, sealed []byte) error {
			if _, err := unseal(*t.keys, bucket, key, sealed); err == nil {
				return found
			}
			return nil
		})
		if errors.Is(err, found) {
			return true
		}
	}
	return false
}

// KeyError says that the master key is not the one that the store was sealed
// with. Nothing is lost: the right key opens it.
type KeyError struct {
	Origin Origin
	// Have and Want are the ids of the key at hand and of the store's own;
	// ids are derived from the keys and reveal nothing of them. Want is
	// empty where it cannot be told.
	Have, Want string
}

// Error names the source of the key and the two key ids.
func (e *KeyError) Error() string {
	if e.Want == "" {
		return fmt.Sprintf("wrong master key: the one from %s (id %s) does not open the stored secrets", e.Origin.Name, e.Have)
	}
	return fmt.Sprintf("wrong master key: the one from %s has the id %s, but the stored secrets were sealed with key %s",
		e.Origin.Name, e.Have, e.Want)
}

// Hint returns the cure that belongs to the key's source.
func (e *KeyError) Hint() string { return e.Origin.Cure }

// DamagedError says that one sealed record does not open although the master
// key is right. The other records are unharmed.
type DamagedError struct {
	Bucket, Key string
	Reason      string
}

// Error names the record.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("the sealed record %q in bucket %q is damaged: %s", e.Key, e.Bucket, e.Reason)
}

// Hint says what is lost.
func (e *DamagedError) Hint() string {
	return "only this record is lost: enter the secret again, or sign in again, to replace it"
}
