package datadir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/bolt"
	"github.com/exconn/exconn/store/keysource"
)

// Rotation is what RotateKey has done.
type Rotation struct {
	store.Rotated
	// KeySource is where the new key is.
	KeySource keysource.Source
	// Resumed is true where an earlier rotation was gone on with.
	Resumed bool
	// Advice says what a person must still do; it may be empty.
	Advice string
}

// RotateKey puts a new master key in the place of the present one and seals
// every secret anew. given is the new key or passphrase where the key source
// takes one (keysource.Source.TakesNewKey). It may be killed at any point: the
// directory then opens as before, and RotateKey finishes the job. opts.Create is
// not looked at.
//
// The order is: the next key is written beside the present one; all records are
// sealed anew in one transaction; the former key is wiped.
func RotateKey(ctx context.Context, path string, given []byte, opts Options) (*Rotation, error) {
	return rotateKey(ctx, path, given, opts, func(s store.Store) store.Store { return s }, func(string) {})
}

// rotateKey tells a test how far it has got, by reached and by what beneath
// makes of the database.
func rotateKey(ctx context.Context, path string, given []byte, opts Options, beneath func(store.Store) store.Store, reached func(step string)) (*Rotation, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, &AccessError{Path: path, Err: err}
	}
	opts.Create = false
	key, _, err := obtainKey(ctx, path, opts)
	if err != nil {
		return nil, err
	}
	sealed, err := sealedStore(path, key, opts, beneath)
	if err != nil {
		return nil, err
	}
	var rotation *keysource.Rotation
	begin := func() (keys store.Keys, err error) {
		if rotation, err = keysource.BeginRotation(ctx, path, given, opts.Keys); err != nil {
			return keys, err
		}
		reached("next key written")
		return newKeys(rotation.Key)
	}
	finish := func() error {
		reached("sealed anew")
		return rotation.Finish()
	}
	done, err := sealed.Rotate(ctx, begin, finish)
	var wrong *store.KeyError
	if errors.As(err, &wrong) {
		return nil, fmt.Errorf("the master key is not rotated: %w", err)
	}
	if err != nil {
		return nil, err
	}
	reached("finished")
	return &Rotation{Rotated: done, KeySource: key.Source(), Resumed: rotation.Resumed, Advice: rotation.Advice}, nil
}

func newKeys(key keysource.Key) (store.Keys, error) {
	master := key.Master()
	defer clear(master)
	pending := key.Pending()
	for _, p := range pending {
		defer clear(p)
	}
	return store.NewKeys(master, key.Origin(), pending...)
}

// sealedStore is the store of the directory, sealed with key.
func sealedStore(path string, key keysource.Key, opts Options, beneath func(store.Store) store.Store) (*store.SealedStore, error) {
	keys, err := newKeys(key)
	if err != nil {
		return nil, err
	}
	db := bolt.At(filepath.Join(path, DatabaseName), &bolt.Options{Wait: opts.Wait})
	sealed := store.Sealed(beneath(db), keys, opts.Sealed...)
	if !key.Source().TakesNewKey() {
		// The key that exconn keeps itself can be had again, without a
		// question, where another process has rotated it.
		sealed.OnChangedKey(func(ctx context.Context) (store.Keys, error) {
			key, err := keysource.Load(ctx, path, "", opts.Keys)
			if err != nil {
				return store.Keys{}, err
			}
			return newKeys(key)
		})
	}
	return sealed, nil
}

// SourceOf returns the key source of the data directory at path. The error Is
// ErrNone where there is no such directory.
func SourceOf(path string) (keysource.Source, error) {
	source, err := keysource.Remembered(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", &NoneError{Path: path}
	}
	return source, err
}
