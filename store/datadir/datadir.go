// Package datadir opens a data directory: the place where one installation of
// exconn keeps everything.
//
//	exconn.db        the records; secrets in it are sealed (packages bolt, store)
//	key-source.json  where the master key is (package keysource)
//	master.key       the master key itself, where the source is "file"
//	master.key.next  the next one, while RotateKey is at work
//
// Open does what it takes to get from a path to a sealed store: it finds the
// key source, obtains the key and checks that the key is the right one.
package datadir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/keysource"
)

// DatabaseName is the file that holds the records.
const DatabaseName = "exconn.db"

// Options say how a data directory is opened.
type Options struct {
	// Create makes the directory where there is none. Without it the error
	// of Open Is ErrNone then.
	Create bool
	// KeySource is the source that was asked for. Empty means the one that
	// the directory remembers; for a new directory, keysource.File.
	KeySource keysource.Source
	// Keys are what the key sources need; nil means the process's own
	// environment and nobody to ask.
	Keys *keysource.Options
	// Sealed names the buckets whose records are sealed.
	Sealed []string
	// Wait is how long a transaction waits for another process. Zero means
	// bolt.DefaultWait.
	Wait time.Duration
}

// Dir is an open data directory. It holds no file open.
type Dir struct {
	// Path is the directory.
	Path string
	// Store is the sealed store in it.
	Store *store.SealedStore
	// KeySource is where its master key is kept.
	KeySource keysource.Source
	// Created is true where this Open has made it.
	Created bool
	// Rotating is true where a rotation of the master key was begun and not
	// finished. All works as before, and RotateKey finishes it.
	Rotating bool
}

// ErrNone says that there is no data directory at the path.
var ErrNone = errors.New("no data directory")

// Open opens the data directory at path. Errors are those of bolt, keysource
// (*keysource.Error), store (*store.KeyError), an *AccessError, and ErrNone.
func Open(ctx context.Context, path string, opts Options) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, &AccessError{Path: path, Err: err}
	}
	key, created, err := obtainKey(ctx, path, opts)
	if err != nil {
		return nil, err
	}
	sealed, err := sealedStore(path, key, opts, func(s store.Store) store.Store { return s })
	if err != nil {
		return nil, err
	}
	dir := &Dir{Path: path, Store: sealed, KeySource: key.Source(), Created: created, Rotating: len(key.Pending()) > 0}
	if opts.Create {
		err = dir.Store.Init(ctx)
	} else {
		err = dir.Store.Check(ctx)
	}
	if err != nil {
		return nil, err
	}
	return dir, nil
}

func obtainKey(ctx context.Context, path string, opts Options) (key keysource.Key, created bool, err error) {
	// What is in the way is told as what it is, before anything in it is missed.
	switch info, err := os.Stat(path); {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return key, false, &AccessError{Path: path, Err: err}
	case err == nil && !info.IsDir():
		return key, false, &AccessError{Path: path, Err: errors.New("it is a file")}
	}
	_, err = keysource.Remembered(path)
	if err == nil {
		key, err = keysource.Load(ctx, path, opts.KeySource, opts.Keys)
		return key, false, err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return key, false, err
	}
	db := filepath.Join(path, DatabaseName)
	if _, statErr := os.Stat(db); statErr == nil {
		return key, false, &keysource.Error{
			Problem: fmt.Sprintf("%s holds a database, but %s is missing, so that its master key cannot be found", path, keysource.FileName),
			Cure:    "put back " + filepath.Join(path, keysource.FileName) + " from the backup that was made with it",
		}
	}
	if !opts.Create {
		return key, false, &NoneError{Path: path}
	}
	source := opts.KeySource
	if source == "" {
		source = keysource.File
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return key, false, &AccessError{Path: path, Err: err}
	}
	key, err = keysource.Create(ctx, path, source, opts.Keys)
	return key, true, err
}

// Notices returns what a person should be told after the directory was made:
// where the master key is, and what that means. Afterwards there is one only
// where a rotation of the key is to be finished.
func (d *Dir) Notices() []string {
	if d.Rotating {
		return []string{`a rotation of the master key was interrupted; finish it with "exconn key rotate"`}
	}
	if !d.Created {
		return nil
	}
	made := fmt.Sprintf("made the data directory %s with the key source %s", d.Path, d.KeySource)
	switch d.KeySource {
	case keysource.File:
		return []string{
			made,
			fmt.Sprintf("the master key is in %s, readable by this user alone: whoever can read that file and the database can read the secrets; "+
				"back the two up together, and keep the backup as safe as the secrets", filepath.Join(d.Path, keysource.KeyFileName)),
		}
	case keysource.Keyring:
		return []string{made, "the master key is in this user's keyring: a backup of the data directory is of no use without it"}
	}
	return []string{made, "keep the master key or passphrase safe: without it the secrets in the data directory cannot be read"}
}

// NoneError says that there is no data directory. It Is ErrNone and
// mailbox.ErrInvalid.
type NoneError struct{ Path string }

func (e *NoneError) Error() string {
	return fmt.Sprintf("there is no data directory at %s", e.Path)
}

// Is reports true for ErrNone and mailbox.ErrInvalid.
func (e *NoneError) Is(target error) bool {
	return target == ErrNone || target == mailbox.ErrInvalid
}

// Hint says how one is made.
func (e *NoneError) Hint() string {
	return `make a connection first ("exconn connection new" creates the directory), or name another with --data-dir`
}

// AccessError says that the directory cannot be opened or made.
type AccessError struct {
	Path string
	Err  error
}

func (e *AccessError) Error() string {
	cause := e.Err
	var pe *fs.PathError
	if errors.As(cause, &pe) {
		cause = fmt.Errorf("%s: %w", pe.Path, pe.Err)
		if pe.Path == e.Path {
			cause = pe.Err
		}
	}
	return fmt.Sprintf("the data directory %s cannot be opened or made: %v", e.Path, cause)
}

// Unwrap returns the operating system's error.
func (e *AccessError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *AccessError) Hint() string {
	return "give this user the right to write there, or name another directory with --data-dir (or EXCONN_DATA_DIR)"
}
