package datadir

import (
	"bytes"
	"encoding/base64"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/exconn/exconn/internal/canary"
	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/keysource"
)

// TestNoSecretLiesAround: whatever the key source, neither a secret nor a master
// key, present or former, is in a file that is not there for it, in an error, or
// in what is printed; and a rotation leaves nothing of the former key.
func TestNoSecretLiesAround(t *testing.T) {
	const secret = "Canary+/%&\" 0123456789"
	given := func(source keysource.Source, fill byte) string {
		if source == keysource.Passphrase {
			return "six random words and the byte " + string('a'+rune(fill%16))
		}
		return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill, 0x5A, 0xA5, 0x3C}, store.MasterKeySize/4))
	}
	for _, source := range keysource.Sources() {
		t.Run(string(source), func(t *testing.T) {
			watch, dir, ring := canary.New(), t.TempDir(), memoryRing{}
			watch.Secret("secret", secret)
			// The credentials' directory is systemd's, and no part of ours.
			credentials := t.TempDir()
			optionsFor := func(text string) Options {
				opts := rotateOptions(source, text, ring)
				if source == keysource.Credential {
					path := filepath.Join(credentials, keysource.CredentialName)
					if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
					opts = rotateOptions(source, credentials, ring)
				}
				return opts
			}
			secretKey := func(watch *canary.Watch, kind string, opts Options) {
				key, err := keysource.Load(t.Context(), dir, source, opts.Keys)
				if err != nil {
					t.Fatal(err)
				}
				master := key.Master()
				watch.Secret(kind, string(master))
				watch.Secret(kind, base64.StdEncoding.EncodeToString(master))
				watch.Print("what is printed", key, opts.KeySource)
			}
			former, next, stray := given(source, 0xC1), given(source, 0xD2), given(source, 0xE3)
			for _, text := range []string{former, next, stray} {
				watch.Secret("what a key source is given", text)
			}
			opts := optionsFor(former)
			opts.Create = true
			d, err := Open(t.Context(), dir, opts)
			if err != nil {
				t.Fatal(err)
			}
			put := func(tx store.Tx) error { return tx.Put("secrets", "k", []byte(secret)) }
			if err := d.Store.Update(t.Context(), put); err != nil {
				t.Fatal(err)
			}
			watch.Print("what is printed", d, d.Store, d.Notices())
			gone := canary.New()
			secretKey(watch, "former master key", opts)
			secretKey(gone, "former master key", opts)

			var newKey []byte
			if source.TakesNewKey() {
				newKey = []byte(next)
				// A new key that is none, and a passphrase that is too short.
				_, err := RotateKey(t.Context(), dir, []byte(next)[:9], optionsFor(former))
				if err == nil {
					t.Error("half a key is taken for a whole one")
				}
				watch.Print("an error", err)
			}
			done, err := RotateKey(t.Context(), dir, newKey, optionsFor(former))
			if err != nil {
				t.Fatal(err)
			}
			watch.Print("what is printed", done)
			// Of the former key nothing is left, in no file at all.
			if err := gone.Files(dir, nil); err != nil {
				t.Fatal(err)
			}
			gone.Judge(t, 2, 2)
			secretKey(watch, "present master key", optionsFor(next))

			// Wrong keys, and a damaged record.
			if source.TakesNewKey() {
				_, err := Open(t.Context(), dir, optionsFor(stray))
				var wrong *store.KeyError
				if !errors.As(err, &wrong) {
					t.Errorf("a stray key: %v", err)
				}
				watch.Print("an error", err)
			}
			d, err = Open(t.Context(), dir, optionsFor(next))
			if err != nil {
				t.Fatal(err)
			}
			err = d.Store.View(t.Context(), func(tx store.Tx) error {
				value, err := tx.Get("secrets", "k")
				if string(value) != secret {
					t.Errorf("the secret is lost: %v", err)
				}
				return err
			})
			watch.Print("an error", err)
			slog.New(slog.NewTextHandler(watch, nil)).Info("x", "dir", d, "store", d.Store)
			err = watch.Files(dir, func(path string) bool { return filepath.Base(path) == keysource.KeyFileName })
			if err != nil {
				t.Fatal(err)
			}
			watch.Judge(t, 6, 4)
		})
	}
}

// memoryRing is a keyring in memory.
type memoryRing map[string]string

func (r memoryRing) Get(service, user string) (string, error) {
	text, ok := r[service+"/"+user]
	if !ok {
		return "", keyring.ErrNotFound
	}
	return text, nil
}

func (r memoryRing) Set(service, user, secret string) error {
	r[service+"/"+user] = secret
	return nil
}

func (r memoryRing) Delete(service, user string) error {
	delete(r, service+"/"+user)
	return nil
}
