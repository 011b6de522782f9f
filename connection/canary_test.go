package connection

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/exconn/exconn/internal/canary"
	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/bolt"
)

// watch holds what all tests of this package log, what errors say and what
// their database files hold against the secrets that they use.
var watch = canary.New()

func TestMain(m *testing.M) {
	for _, secret := range []string{annaPassword, basicPass, appSecret} {
		watch.Secret("a password or client secret", secret)
	}
	goleak.VerifyTestMain(&canary.Suite{M: m, Watch: watch, Secrets: 60, Texts: 200})
}

// watchFixture gives the watch all that a test has left behind.
func watchFixture(t *testing.T, f *fixture) {
	watch.Said("the log of "+t.Name(), f.log.String())
	file, err := os.ReadFile(f.inner.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return // the test has kept nothing
	}
	if err != nil {
		t.Error(err)
	}
	watch.Said("the database of "+t.Name(), string(file))
	// Some tests spoil records, or the whole file: what then cannot be read
	// was not written in the clear either.
	_ = f.store.View(context.Background(), func(tx store.Tx) error {
		_ = tx.ForEach(tokensBucket, "", func(_ string, blob []byte) error {
			for token, kind := range canary.Tokens(blob) {
				if len(token) >= 20 { // a real one, not a test's word
					watch.Secret(kind, token)
				}
			}
			return nil
		})
		return tx.ForEach(secretsBucket, "", func(_ string, secret []byte) error {
			if bytes.Contains(secret, []byte("PRIVATE KEY")) {
				numbers, err := canary.PrivateNumbers(secret)
				for _, n := range numbers {
					watch.Secret("a certificate's key", n)
				}
				return err
			}
			return nil
		})
	})
}

// What is planted is found where the tests of this package look.
func TestTheWatchSees(t *testing.T) {
	planted := canary.New()
	planted.Secret("password", basicPass)
	planted.Print("an error", &FieldError{Field: "password", Given: basicPass, Problem: "is wrong"})
	testLogger(planted).Debug("planted", "password", basicPass)
	// A database in which a record lies in the clear.
	db := bolt.At(filepath.Join(t.TempDir(), "exconn.db"), nil)
	err := db.Update(t.Context(), func(tx store.Tx) error { return tx.Put(secretsBucket, "x", []byte(basicPass)) })
	if err != nil {
		t.Fatal(err)
	}
	if err := planted.Files(filepath.Dir(db.Path()), nil); err != nil {
		t.Fatal(err)
	}
	if found := planted.Found(); len(found) < 3 {
		t.Errorf("of a secret in an error, a log and a database is found %v", found)
	}
}
