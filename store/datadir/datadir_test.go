package datadir

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/bolt"
	"github.com/exconn/exconn/store/keysource"
)

var sealed = []string{"secrets"}

func open(t *testing.T, path string, o Options) (*Dir, error) {
	t.Helper()
	o.Sealed = sealed
	return Open(t.Context(), path, o)
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "dir")
	d, err := open(t, path, Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	notices := strings.Join(d.Notices(), "\n")
	if !d.Created || d.KeySource != keysource.File || !strings.Contains(notices, filepath.Join(path, "master.key")) {
		t.Errorf("created %v, source %s, notices %q: want a new directory whose notices name the key file", d.Created, d.KeySource, notices)
	}
	put := func(d *Dir, value string) {
		t.Helper()
		if err := d.Store.Update(t.Context(), func(tx store.Tx) error { return tx.Put("secrets", "k", []byte(value)) }); err != nil {
			t.Fatal(err)
		}
	}
	put(d, "v")
	for _, o := range []Options{{}, {Create: true}, {KeySource: keysource.File}} {
		again, err := open(t, path, o)
		if err != nil {
			t.Fatal(err)
		}
		if again.Created || len(again.Notices()) != 0 {
			t.Errorf("opening again says that the directory is new: %v", again.Notices())
		}
		put(again, "v")
	}
}

func TestNoDirectory(t *testing.T) {
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "missing")} {
		_, err := open(t, path, Options{})
		if !errors.Is(err, ErrNone) || !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), path) || mailbox.Hint(err) == "" {
			t.Errorf("%v, hint %q: want ErrNone, the path and a hint", err, mailbox.Hint(err))
		}
		files, _ := os.ReadDir(path)
		if len(files) != 0 {
			t.Errorf("opening without Create has made %v", files)
		}
	}
}

func TestCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := open(t, filepath.Join(file, "dir"), Options{Create: true})
	if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(mailbox.Hint(err), "--data-dir") {
		t.Errorf("%v, hint %q: want the path and --data-dir", err, mailbox.Hint(err))
	}
}

func TestUnknownSource(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dir")
	_, err := open(t, path, Options{Create: true, KeySource: "vault"})
	if !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), `"vault"`) {
		t.Errorf("%v, want ErrInvalid that names the source", err)
	}
}

func TestWrongMasterKey(t *testing.T) {
	path := t.TempDir()
	if _, err := open(t, path, Options{Create: true}); err != nil {
		t.Fatal(err)
	}
	// A new directory knows its key before it holds a secret.
	other := base64.StdEncoding.EncodeToString(make([]byte, 32))
	if err := os.WriteFile(filepath.Join(path, "master.key"), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := open(t, path, Options{})
	var wrong *store.KeyError
	if !errors.As(err, &wrong) {
		t.Fatalf("%v, want a *store.KeyError", err)
	}
	if !strings.Contains(err.Error(), filepath.Join(path, "master.key")) || !strings.Contains(mailbox.Hint(err), "backup") {
		t.Errorf("%v, hint %q: want the key file and its cure", err, mailbox.Hint(err))
	}
}

func TestSourceFileLost(t *testing.T) {
	path := t.TempDir()
	if _, err := open(t, path, Options{Create: true}); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(path, keysource.FileName)); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(path, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = open(t, path, Options{Create: true, KeySource: keysource.Env})
	if err == nil || !strings.Contains(err.Error(), keysource.FileName) || !strings.Contains(mailbox.Hint(err), "backup") {
		t.Errorf("%v, hint %q: want the lost file and its cure", err, mailbox.Hint(err))
	}
	if after, err := os.ReadFile(filepath.Join(path, "master.key")); err != nil || string(after) != string(before) {
		t.Errorf("the key file was changed (%v)", err)
	}
}

// What an interrupted Open has left is made good by the next one.
func TestInterruptedCreation(t *testing.T) {
	path := t.TempDir()
	if _, err := keysource.Create(t.Context(), path, keysource.File, nil); err != nil {
		t.Fatal(err)
	}
	d, err := open(t, path, Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Store.Init(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestDamagedDatabase(t *testing.T) {
	path := t.TempDir()
	if _, err := open(t, path, Options{Create: true}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, DatabaseName), []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := open(t, path, Options{})
	var damaged *bolt.DamagedError
	if !errors.As(err, &damaged) {
		t.Errorf("%v, want a *bolt.DamagedError", err)
	}
}

// A file where the directory should be, or above it, is named as what it is,
// and left alone.
func TestFileInThePlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("untouched"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "below")} {
		for _, create := range []bool{true, false} {
			_, err := open(t, path, Options{Create: create})
			var access *AccessError
			if !errors.As(err, &access) || !strings.Contains(err.Error(), path) || !strings.Contains(mailbox.Hint(err), "--data-dir") {
				t.Errorf("%s, create %t: %v, hint %q", path, create, err, mailbox.Hint(err))
			}
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "untouched" {
		t.Errorf("the file was changed to %q (%v)", text, err)
	}
}
