package store

import (
	"context"
	"errors"
	"fmt"
)

// Store is a place for records. It is safe for concurrent use.
type Store interface {
	// View calls fn with a transaction that reads one state of the store. fn
	// must not start another transaction of the same store. The error is
	// fn's, or the store's where the state could not be read.
	View(ctx context.Context, fn func(Tx) error) error
	// Update calls fn with a transaction that reads and writes. When fn
	// returns nil and ctx is not done, the writes take effect together, and
	// are durable when Update returns nil. Otherwise nothing is written. fn
	// must not start another transaction of the same store.
	Update(ctx context.Context, fn func(Tx) error) error
}

// Tx is a transaction. It is valid until the function that was given it
// returns, and must not be used by two goroutines at once. Bucket and key must
// not be empty; a bucket needs no creation.
type Tx interface {
	// Get returns a copy of the value, or an error that Is ErrNoRecord.
	Get(bucket, key string) ([]byte, error)
	// Put writes the record, in place of one of the same key. The value is
	// copied; it may be empty. In a View the error Is ErrReadOnly.
	Put(bucket, key string, value []byte) error
	// Delete removes the record; that there is none is no error. In a View
	// the error Is ErrReadOnly.
	Delete(bucket, key string) error
	// ForEach calls fn with each record of the bucket whose key begins with
	// prefix, in the byte order of the keys, and stops at fn's first error,
	// which it returns. fn may write; a record put behind the present one is
	// not met, one put ahead of it is. The value is a copy.
	ForEach(bucket, prefix string, fn func(key string, value []byte) error) error
}

// The errors that a caller of a transaction can act on.
var (
	// ErrNoRecord: there is no record of this key.
	ErrNoRecord = errors.New("no such record")
	// ErrReadOnly: a write was tried in a View.
	ErrReadOnly = errors.New("the transaction is read-only")
	// ErrTxDone: the transaction was used after it had ended.
	ErrTxDone = errors.New("the transaction has ended")
	// ErrBadName: a bucket or key is empty, or longer than MaxName.
	ErrBadName = errors.New("bad bucket or key")
)

// MaxName is the most bytes that a bucket or a key may have.
const MaxName = 1024

// CheckNames returns an error that Is ErrBadName where no record can have this
// bucket and key. It is for those who write a store.
func CheckNames(bucket, key string) error {
	switch {
	case bucket == "":
		return fmt.Errorf("%w: the bucket is empty", ErrBadName)
	case key == "":
		return fmt.Errorf("%w: the key is empty (bucket %q)", ErrBadName, bucket)
	case len(bucket) > MaxName, len(key) > MaxName:
		return fmt.Errorf("%w: longer than %d bytes (bucket %.40q, key %.40q)", ErrBadName, MaxName, bucket, key)
	}
	return nil
}

// NoRecord returns the error of a Get that found nothing. It is for those who
// write a store.
func NoRecord(bucket, key string) error {
	return &noRecordError{bucket: bucket, key: key}
}

// noRecordError puts off the formatting, since most callers only ask errors.Is.
type noRecordError struct{ bucket, key string }

func (e *noRecordError) Error() string {
	return fmt.Sprintf("bucket %q has no record %q", e.bucket, e.key)
}

func (e *noRecordError) Is(target error) bool { return target == ErrNoRecord }
