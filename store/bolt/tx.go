package bolt

import (
	"bytes"

	"go.etcd.io/bbolt"

	"github.com/exconn/exconn/store"
)

// tx is a store.Tx. A nil inner is the state of a file that does not exist.
type tx struct {
	path  string
	inner *bbolt.Tx
	write bool
	done  bool
}

func (t *tx) check(bucket, key string, write bool) error {
	switch {
	case t.done:
		return store.ErrTxDone
	case write && !t.write:
		return store.ErrReadOnly
	}
	return store.CheckNames(bucket, key)
}

func (t *tx) bucket(name string) *bbolt.Bucket {
	if t.inner == nil {
		return nil
	}
	return t.inner.Bucket([]byte(name))
}

func (t *tx) Get(bucket, key string) (value []byte, err error) {
	if err := t.check(bucket, key, false); err != nil {
		return nil, err
	}
	err = guard(t.path, func() error {
		if b := t.bucket(bucket); b != nil {
			// What bbolt returns is valid in the transaction only.
			value = bytes.Clone(b.Get([]byte(key)))
		}
		return nil
	})
	if err == nil && value == nil {
		err = store.NoRecord(bucket, key)
	}
	return value, err
}

func (t *tx) Put(bucket, key string, value []byte) error {
	if err := t.check(bucket, key, true); err != nil {
		return err
	}
	return guard(t.path, func() error {
		b, err := t.inner.CreateBucketIfNotExists([]byte(bucket))
		if err != nil {
			return err
		}
		// bbolt keeps the slice until the commit, and a nil one would read
		// back as no record.
		return b.Put([]byte(key), append([]byte{}, value...))
	})
}

func (t *tx) Delete(bucket, key string) error {
	if err := t.check(bucket, key, true); err != nil {
		return err
	}
	return guard(t.path, func() error {
		if b := t.bucket(bucket); b != nil {
			return b.Delete([]byte(key))
		}
		return nil
	})
}

func (t *tx) ForEach(bucket, prefix string, fn func(key string, value []byte) error) error {
	seek := prefix
	for {
		// The bucket has a key only where the walk has one; any will do here.
		if err := t.check(bucket, "-", false); err != nil {
			return err
		}
		key, value, err := t.next(bucket, seek, prefix)
		if err != nil || key == "" {
			return err
		}
		if err := fn(key, value); err != nil {
			return err
		}
		// Seeking anew, to the least key beyond this one, lets fn write.
		seek = key + "\x00"
	}
}

// next returns the first record at or behind seek that has the prefix; an
// empty key means that there is none.
func (t *tx) next(bucket, seek, prefix string) (key string, value []byte, err error) {
	err = guard(t.path, func() error {
		b := t.bucket(bucket)
		if b == nil {
			return nil
		}
		k, v := b.Cursor().Seek([]byte(seek))
		if k != nil && bytes.HasPrefix(k, []byte(prefix)) {
			key, value = string(k), bytes.Clone(v)
		}
		return nil
	})
	return key, value, err
}
