package keysource

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/exconn/exconn/store"
)

// minPassphrase is the least number of characters of a new passphrase.
const minPassphrase = 12

// kdf is how a passphrase becomes a key: Argon2id (RFC 9106).
type kdf struct {
	Name string `json:"name"`
	Salt []byte `json:"salt"`
	// Time is the number of passes, Memory is in KiB, Threads are lanes.
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory_kib"`
	Threads uint8  `json:"threads"`
}

// newKDF has the second recommended parameters of RFC 9106 section 4, those
// for machines that cannot spare 2 GiB.
func newKDF() (*kdf, error) {
	k := &kdf{Name: "argon2id", Salt: make([]byte, 16), Time: 3, Memory: 64 << 10, Threads: 4}
	_, err := rand.Read(k.Salt)
	return k, err
}

// check keeps a damaged file from costing hours or all memory.
func (k *kdf) check() error {
	switch {
	case k == nil:
		return errors.New("the parameters of the passphrase are missing")
	case k.Name != "argon2id":
		return fmt.Errorf("the derivation %q is not known", k.Name)
	case len(k.Salt) < 8, k.Time < 1, k.Time > 100, k.Memory < 8<<10, k.Memory > 4<<20, k.Threads < 1:
		return errors.New("the parameters of the passphrase are out of bounds")
	}
	return nil
}

func (rec *record) passphraseKey(ctx context.Context, opts *Options, isNew bool) (Key, error) {
	if err := rec.KDF.check(); err != nil {
		return Key{}, &Error{Problem: FileName + " is damaged", Err: err, Cure: "put back a backup of " + FileName}
	}
	given, from, err := askPassphrase(ctx, opts, isNew)
	if err != nil {
		return Key{}, err
	}
	defer clear(given)
	phrase, err := checkPassphrase(given, from, isNew)
	if err != nil {
		return Key{}, err
	}
	defer clear(phrase) // it may be another slice than given
	key := newKey(Passphrase, rec.KDF.derive(phrase), store.Origin{
		Name: "the passphrase (" + from + ")",
		Cure: "give the passphrase with which this data directory was made, or the one that it was last rotated to",
	})
	if rec.NextKDF == nil {
		return key, nil
	}
	if err := rec.NextKDF.check(); err != nil {
		return Key{}, &Error{Problem: FileName + " is damaged", Err: err, Cure: "put back a backup of " + FileName}
	}
	// The phrase may be the former one or the next: the store tells.
	return key.withNext(rec.NextKDF.derive(phrase)), nil
}

func (k *kdf) derive(phrase []byte) []byte {
	return argon2.IDKey(phrase, k.Salt, k.Time, k.Memory, k.Threads, store.MasterKeySize)
}

// checkPassphrase returns the phrase in the form that keys are derived from.
func checkPassphrase(phrase []byte, from string, isNew bool) ([]byte, error) {
	// The same phrase typed on two systems can differ in how accents are
	// composed.
	phrase = norm.NFC.Bytes(phrase)
	switch {
	case len(phrase) == 0:
		return nil, &Error{Problem: "the passphrase from " + from + " is empty", invalid: true,
			Cure: "write the passphrase into the file's first line, or type it"}
	case isNew && utf8.RuneCount(phrase) < minPassphrase:
		return nil, &Error{Problem: fmt.Sprintf("the passphrase from %s is shorter than %d characters", from, minPassphrase),
			Cure: "choose a longer one, such as six random words", invalid: true}
	}
	return phrase, nil
}

// askPassphrase reads the passphrase from the file that the environment names,
// or asks a person. from says which, in words for people.
func askPassphrase(ctx context.Context, opts *Options, confirm bool) (phrase []byte, from string, err error) {
	if path := opts.getenv(PassphraseFileEnv); path != "" {
		text, err := readPrivate(path)
		if errors.Is(err, fs.ErrNotExist) {
			err = &Error{Problem: fmt.Sprintf("there is no passphrase file %s, which %s names", path, PassphraseFileEnv), invalid: true,
				Cure: fmt.Sprintf("set %s to the path of the file that holds the passphrase (mode 0600)", PassphraseFileEnv)}
		}
		return bytes.TrimRight(text, "\r\n"), "file " + path, err
	}
	if opts == nil || opts.Prompt == nil {
		return nil, "", &Error{
			Problem: "the key source is passphrase, but there is nobody to ask",
			Cure:    fmt.Sprintf("set %s to the path of a file that holds the passphrase (mode 0600)", PassphraseFileEnv),
			invalid: true,
		}
	}
	phrase, err = opts.Prompt(ctx, "Passphrase of the data directory", confirm)
	if err != nil {
		return nil, "", &Error{Problem: "the passphrase was not given", Err: err}
	}
	return phrase, "typed in", nil
}
