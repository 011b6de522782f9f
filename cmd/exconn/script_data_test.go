package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"github.com/rogpeppe/go-internal/testscript"
	"go.etcd.io/bbolt"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/internal/canary"
	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/datadir"
)

// hold opens the database as another program would that works on it.
func (r *scriptRun) hold(ts *testscript.TestScript, args []string) {
	if len(args) != 0 || r.held != nil {
		ts.Fatalf("usage: hold, once")
	}
	db, err := bbolt.Open(filepath.Join(ts.Getenv("EXCONN_DATA_DIR"), datadir.DatabaseName), 0o600, &bbolt.Options{Timeout: 5 * time.Second})
	ts.Check(err)
	r.held = db.Close
}

func (r *scriptRun) release(ts *testscript.TestScript, _ []string) {
	if r.held == nil {
		ts.Fatalf("nothing is held")
	}
	ts.Check(r.held())
	r.held = nil
}

// damage spoils a record: by noise, which does not even decrypt, or by a
// nonsense that does.
func (r *scriptRun) damage(ts *testscript.TestScript, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: damage tokens|profile NAME noise|nonsense")
	}
	bucket := map[string]string{"tokens": "tokens", "profile": "connections"}[args[0]]
	spoilt := []byte(`{"half":`)
	dir, err := datadir.Open(context.Background(), ts.Getenv("EXCONN_DATA_DIR"), datadir.Options{Sealed: connection.SealedBuckets()})
	ts.Check(err)
	ts.Check(dir.Store.Update(context.Background(), func(tx store.Tx) error {
		// It must be there to be damaged.
		if _, err := tx.Get(bucket, args[1]); err != nil {
			return err
		}
		return tx.Put(bucket, args[1], spoilt)
	}))
	if args[2] == "nonsense" {
		return
	}
	db, err := bbolt.Open(filepath.Join(dir.Path, datadir.DatabaseName), 0o600, &bbolt.Options{Timeout: 5 * time.Second})
	ts.Check(err)
	ts.Check(db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		if b == nil {
			return errors.New("the database is not laid out as this test believes")
		}
		return b.Put([]byte(args[1]), []byte("noise noise noise noise noise noise noise noise"))
	}))
	ts.Check(db.Close())
}

// newKey writes a master key in the form of the file and of the environment.
func (r *scriptRun) newKey(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: newkey FILE")
	}
	key := make([]byte, store.MasterKeySize)
	_, err := rand.Read(key)
	ts.Check(err)
	text := base64.StdEncoding.EncodeToString(key)
	r.canary(canaryMasterKey, string(key))
	r.canary(canaryMasterKey, text)
	path := ts.MkAbs(args[0])
	ts.Check(errors.Join(os.RemoveAll(path), os.WriteFile(path, []byte(text+"\n"), 0o600)))
	ts.Setenv("NEWKEY", text)
}

// identity writes what age-keygen writes.
func (r *scriptRun) identity(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: identity FILE")
	}
	identity, err := age.GenerateX25519Identity()
	ts.Check(err)
	r.canary(canaryIdentity, identity.String())
	text := "# public key: " + identity.Recipient().String() + "\n" + identity.String() + "\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
	ts.Setenv("RECIPIENT", identity.Recipient().String())
}

// gatherTokens adds the tokens that the data directory keeps by now to the
// secrets. Directories that cannot be opened have none to tell.
func (r *scriptRun) gatherTokens(ts *testscript.TestScript) {
	path := ts.Getenv("EXCONN_DATA_DIR")
	if r.held != nil {
		return
	}
	if text, err := os.ReadFile(filepath.Join(path, "master.key")); err == nil {
		if key, err := base64.StdEncoding.DecodeString(string(text)); err == nil {
			r.canary(canaryMasterKey, string(key))
			r.canary(canaryMasterKey, base64.StdEncoding.EncodeToString(key))
		}
	} else {
		return // the other sources of the key are not for this test to ask
	}
	dir, err := datadir.Open(context.Background(), path, datadir.Options{Sealed: connection.SealedBuckets()})
	if err != nil {
		return
	}
	// Damaged records, which some scripts make, hold no token.
	_ = dir.Store.View(context.Background(), func(tx store.Tx) error {
		return tx.ForEach("tokens", "", func(_ string, value []byte) error {
			for secret, kind := range canary.Tokens(value) {
				r.canary(kind, secret)
			}
			return nil
		})
	})
}
