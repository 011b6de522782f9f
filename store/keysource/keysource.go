// Package keysource obtains the master key of a data directory.
//
// The source is chosen when the data directory is made, and remembered in it
// (FileName); it is never changed silently, and no source falls back to
// another. The usual steps:
//
//  1. Create, once, when the data directory is made: the sources file and
//     keyring make a random key, the others take the one that they are given.
//  2. Load, at every start.
//  3. BeginRotation, when another key is to take its place.
//
// Keys and passphrases that are read are overwritten once they are used up,
// where they lie in byte slices. What is given as a string cannot be: the
// variable of Env, the keyring's entry; nor can copies that a library has made.
//
// The package leaves to others what is done with the key; see store.NewKeys.
package keysource

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
)

// Source is a way to keep a master key.
type Source string

// The sources.
const (
	// File keeps the key in master.key, readable by its owner alone, in the
	// data directory. Whoever can read the directory can read the secrets.
	File Source = "file"
	// Keyring keeps the key in the keyring of the operating system's user.
	Keyring Source = "keyring"
	// Credential reads the key from $CREDENTIALS_DIRECTORY/exconn-master-key,
	// which systemd makes (LoadCredentialEncrypted=).
	Credential Source = "systemd-credential"
	// Env reads the key from EXCONN_MASTER_KEY.
	Env Source = "env"
	// Passphrase derives the key from a passphrase, read from the file that
	// EXCONN_PASSPHRASE_FILE names or asked for.
	Passphrase Source = "passphrase"
)

// Sources lists the sources, the default first.
func Sources() []Source { return []Source{File, Keyring, Credential, Env, Passphrase} }

// Parse returns the source of this name. The error Is mailbox.ErrInvalid and
// names what is allowed.
func Parse(name string) (Source, error) {
	var names []string
	for _, s := range Sources() {
		if name == string(s) {
			return s, nil
		}
		names = append(names, string(s))
	}
	return "", &Error{Problem: fmt.Sprintf("there is no key source %q; allowed are %s", name, strings.Join(names, ", ")), invalid: true}
}

// FileName is the file in the data directory that remembers the source.
const FileName = "key-source.json"

// Options are what the sources need of their surroundings. The zero value
// means those of the process, without a prompt.
type Options struct {
	// Getenv is os.Getenv where it is nil.
	Getenv func(string) string
	// Prompt asks a person for the passphrase; twice, to compare, where
	// confirm is set. What it returns is wiped. Nil means that nobody can be
	// asked.
	Prompt func(ctx context.Context, question string, confirm bool) ([]byte, error)
	// Keyring is the operating system's where it is nil.
	Keyring KeyringService
}

func (o *Options) getenv(name string) string {
	if o != nil && o.Getenv != nil {
		return o.Getenv(name)
	}
	return os.Getenv(name)
}

// Key is a master key and where it came from. It prints as its origin alone.
type Key struct {
	// master is a function because package fmt prints the content of anything
	// else where Key lies in an unexported field.
	master func() []byte
	source Source
	origin store.Origin
	// next is the key of a rotation that has not been finished; nil without.
	next func() []byte
}

// Master returns a copy of the key, for store.NewKeys.
func (k Key) Master() []byte { return slices.Clone(k.master()) }

// Pending returns a copy of the key that an unfinished rotation leads to, or
// nothing: the store may have been sealed with it already.
func (k Key) Pending() [][]byte {
	if k.next == nil {
		return nil
	}
	return [][]byte{slices.Clone(k.next())}
}

// withNext returns the key with that of an unfinished rotation.
func (k Key) withNext(next []byte) Key {
	k.next = func() []byte { return next }
	return k
}

// Source returns the key's source.
func (k Key) Source() Source { return k.source }

// Origin says where the key came from and what to do where it is the wrong one.
func (k Key) Origin() store.Origin { return k.origin }

// String returns where the key came from.
func (k Key) String() string { return "master key from " + k.origin.Name }

// Format prints what String returns, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// MarshalJSON writes what String returns.
func (k Key) MarshalJSON() ([]byte, error) { return json.Marshal(k.String()) }

// record is the content of FileName.
type record struct {
	Version int    `json:"version"`
	Source  Source `json:"source"`
	// KeyringUser is the name of the keyring's entry.
	KeyringUser string `json:"keyring_user,omitempty"`
	// KDF is how the passphrase becomes the key.
	KDF *kdf `json:"kdf,omitempty"`
	// The same of the key that an unfinished rotation leads to.
	NextKeyringUser string `json:"next_keyring_user,omitempty"`
	NextKDF         *kdf   `json:"next_kdf,omitempty"`
	// RetiredKeyringUser is an entry that is yet to be deleted.
	RetiredKeyringUser string `json:"retired_keyring_user,omitempty"`
}

// Create makes or takes a key by source and remembers the source in dir, which
// must exist. Where another process has done so at the same time, its key is
// returned, as Load does.
func Create(ctx context.Context, dir string, source Source, opts *Options) (Key, error) {
	if _, err := Parse(string(source)); err != nil {
		return Key{}, err
	}
	rec := record{Version: 1, Source: source}
	var key Key
	var err error
	switch source {
	case File:
		err = createKeyFile(dir)
	case Keyring:
		err = createKeyringEntry(&rec, opts)
	case Passphrase:
		rec.KDF, err = newKDF()
		if err == nil {
			key, err = rec.passphraseKey(ctx, opts, true)
		}
	case Credential, Env:
		// What is not there must be told before the source is remembered.
		key, err = rec.load(ctx, dir, opts)
	}
	if err != nil {
		return Key{}, err
	}
	text, err := json.MarshalIndent(rec, "", "  ")
	if err != nil {
		return Key{}, err
	}
	created, err := createExclusively(filepath.Join(dir, FileName), append(text, '\n'))
	if err != nil {
		return Key{}, &Error{Problem: "the key source cannot be remembered", Err: err,
			Cure: "give this user the right to write to " + dir + ", or name another directory with --data-dir"}
	}
	if !created || key.master == nil {
		return Load(ctx, dir, source, opts)
	}
	return key, nil
}

// Load obtains the key from the source that dir remembers. want is the source
// that was asked for, or empty; where it is another one, the error Is
// mailbox.ErrInvalid. Where dir remembers none, the error Is fs.ErrNotExist.
func Load(ctx context.Context, dir string, want Source, opts *Options) (Key, error) {
	rec, err := readRecord(dir)
	if err != nil {
		return Key{}, err
	}
	if want != "" && want != rec.Source {
		return Key{}, &Error{
			Problem: fmt.Sprintf("the data directory %s was made with the key source %s, not %s", dir, rec.Source, want),
			Cure:    fmt.Sprintf("leave --key-source out, or make another data directory with --data-dir and --key-source %s", want),
			invalid: true,
		}
	}
	return rec.load(ctx, dir, opts)
}

// Remembered returns the source that dir remembers. Where it remembers none,
// the error Is fs.ErrNotExist.
func Remembered(dir string) (Source, error) {
	rec, err := readRecord(dir)
	return rec.Source, err
}

func readRecord(dir string) (record, error) {
	path := filepath.Join(dir, FileName)
	text, err := os.ReadFile(path)
	if err != nil {
		return record{}, &Error{Problem: "the key source cannot be read", Err: err,
			Cure: "give this user the right to read " + dir + ", or name another directory with --data-dir"}
	}
	var rec record
	err = json.Unmarshal(text, &rec)
	if err == nil {
		_, err = Parse(string(rec.Source))
	}
	if err == nil && rec.Version != 1 {
		err = fmt.Errorf("its version %d is not known to this exconn", rec.Version)
	}
	if err != nil {
		return record{}, &Error{Problem: path + " cannot be understood", Err: err, Cure: "put back a backup of " + path}
	}
	return rec, nil
}

func (rec *record) load(ctx context.Context, dir string, opts *Options) (Key, error) {
	switch rec.Source {
	case File:
		return keyFromFile(dir)
	case Keyring:
		return rec.keyFromKeyring(opts)
	case Credential:
		return keyFromCredential(opts)
	case Env:
		return keyFromEnv(opts)
	case Passphrase:
		return rec.passphraseKey(ctx, opts, false)
	}
	return Key{}, fmt.Errorf("unknown key source %q", rec.Source)
}

func newKey(source Source, master []byte, origin store.Origin) Key {
	return Key{master: func() []byte { return master }, source: source, origin: origin}
}

func randomKey() []byte {
	key := make([]byte, store.MasterKeySize)
	// Never fails: see the documentation of crypto/rand.
	_, _ = rand.Read(key)
	return key
}

// createExclusively writes a file of mode 0600 whole or not at all, and
// reports false where there is one already.
func createExclusively(path string, content []byte) (created bool, err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(content)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return false, err
	}
	// A link, unlike a rename, does not replace a file.
	err = os.Link(tmp.Name(), path)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrExist):
		return false, nil
	}
	// Some file systems have no links; there, two processes that make the
	// directory at the same instant could race.
	if _, statErr := os.Lstat(path); statErr == nil {
		return false, nil
	}
	return true, os.Rename(tmp.Name(), path)
}

// Error says why there is no master key. It names the source and the cure.
type Error struct {
	Problem string
	Cure    string
	// Err is the cause beneath; it may be nil.
	Err     error
	invalid bool
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Problem
	}
	return e.Problem + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports true for mailbox.ErrInvalid where the input is at fault.
func (e *Error) Is(target error) bool { return e.invalid && target == mailbox.ErrInvalid }

// Hint returns Cure.
func (e *Error) Hint() string { return e.Cure }
