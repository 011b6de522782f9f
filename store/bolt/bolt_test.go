package bolt

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/storetest"
)

func temp(t *testing.T) *Store {
	return At(filepath.Join(t.TempDir(), "exconn.db"), nil)
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return temp(t) })
}

func TestKill(t *testing.T) {
	storetest.RunKill(t, func(dir string) (store.Store, error) {
		return At(filepath.Join(dir, "exconn.db"), nil), nil
	})
}

func fill(t *testing.T, s store.Store) {
	t.Helper()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		for _, key := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
			if err := tx.Put("b", key, make([]byte, 2000)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(s store.Store) error {
	return s.View(context.Background(), func(tx store.Tx) error {
		return tx.ForEach("b", "", func(string, []byte) error { return nil })
	})
}

func write(s store.Store) error {
	return s.Update(context.Background(), func(tx store.Tx) error {
		return tx.Put("b", "new", make([]byte, 3000))
	})
}

func TestFileMode(t *testing.T) {
	s := temp(t)
	fill(t, s)
	info, err := os.Stat(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, want 0600", info.Mode().Perm())
	}
}

// Two Stores lock the file against each other as two processes do.
func TestInUse(t *testing.T) {
	holder := temp(t)
	fill(t, holder)
	other := At(holder.Path(), &Options{Wait: 20 * time.Millisecond})
	inUse := func(what string, err error) {
		t.Helper()
		var e *InUseError
		if !errors.As(err, &e) || !errors.Is(err, mailbox.ErrBusy) {
			t.Fatalf("%s: %v, want an *InUseError that Is ErrBusy", what, err)
		}
		if !strings.Contains(err.Error(), holder.Path()) || mailbox.Hint(err) == "" {
			t.Errorf("%s: %q, hint %q: want the file and a cure", what, err, mailbox.Hint(err))
		}
	}
	err := holder.Update(t.Context(), func(store.Tx) error {
		inUse("Update during an Update", write(other))
		inUse("View during an Update", read(other))
		ctx, cancel := context.WithCancel(t.Context())
		patient := At(holder.Path(), &Options{Wait: time.Hour})
		time.AfterFunc(5*time.Millisecond, cancel)
		if err := patient.View(ctx, func(store.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled wait: %v, want context.Canceled", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = holder.View(t.Context(), func(store.Tx) error {
		inUse("Update during a View", write(other))
		if err := read(other); err != nil {
			t.Errorf("View during a View: %v, want both to read", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := write(other); err != nil {
		t.Errorf("Update after the holder has finished: %v", err)
	}
}

func TestWaitsForItsTurn(t *testing.T) {
	holder := temp(t)
	fill(t, holder)
	started, result := make(chan struct{}), make(chan error, 1)
	err := holder.Update(t.Context(), func(store.Tx) error {
		go func() {
			close(started)
			result <- write(At(holder.Path(), &Options{Wait: time.Minute}))
		}()
		<-started
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-result; err != nil {
		t.Errorf("the waiting Update: %v", err)
	}
}

// A transaction inside another one of the same store must not hang.
func TestNestedTransaction(t *testing.T) {
	s := At(filepath.Join(t.TempDir(), "exconn.db"), &Options{Wait: 20 * time.Millisecond})
	err := s.Update(t.Context(), func(store.Tx) error { return write(s) })
	if !errors.Is(err, mailbox.ErrBusy) {
		t.Errorf("nested Update: %v, want ErrBusy", err)
	}
}

func TestDamagedFile(t *testing.T) {
	for name, damage := range map[string]func(data []byte) []byte{
		"text":        func([]byte) []byte { return []byte("this is no database\n") },
		"long text":   func(d []byte) []byte { return []byte(strings.Repeat("no database ", len(d)/12)) },
		"one page":    func(d []byte) []byte { return d[:4096] },
		"cut short":   func(d []byte) []byte { return d[:3*4096] },
		"zeros":       func(d []byte) []byte { return make([]byte, len(d)) },
		"pages wiped": func(d []byte) []byte { return append(d[:2*4096:2*4096], make([]byte, len(d)-2*4096)...) },
		"pages overwritten": func(d []byte) []byte {
			return append(d[:2*4096:2*4096], strings.Repeat("\xff", len(d)-2*4096)...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := At(filepath.Join(t.TempDir(), "exconn.db"), &Options{Wait: time.Second})
			fill(t, s)
			data, err := os.ReadFile(s.Path())
			if err != nil {
				t.Fatal(err)
			}
			damaged := damage(data)
			if err := os.WriteFile(s.Path(), damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			// Twice, to see that the first left no lock behind.
			for range 2 {
				for what, err := range map[string]error{"View": read(s), "Update": write(s)} {
					var e *DamagedError
					if !errors.As(err, &e) {
						t.Fatalf("%s: %v, want a *DamagedError", what, err)
					}
					if !strings.Contains(err.Error(), s.Path()) || !strings.Contains(e.Hint(), "backup") {
						t.Errorf("%s: %q, hint %q: want the file and a cure", what, err, e.Hint())
					}
				}
			}
			if now, err := os.ReadFile(s.Path()); err != nil || string(now) != string(damaged) {
				t.Errorf("the damaged file was changed (%v)", err)
			}
		})
	}
}

func TestEmptyFileIsAnEmptyStore(t *testing.T) {
	s := temp(t)
	if err := os.WriteFile(s.Path(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(read(s), write(s), read(s)); err != nil {
		t.Error(err)
	}
}

func TestNoDirectory(t *testing.T) {
	s := At(filepath.Join(t.TempDir(), "missing", "exconn.db"), nil)
	if err := read(s); err != nil {
		t.Errorf("View of what does not exist: %v, want an empty store", err)
	}
	wantAccessError(t, write(s), s.Path(), "create the directory")
}

func TestPathIsADirectory(t *testing.T) {
	s := At(t.TempDir(), nil)
	wantAccessError(t, write(s), s.Path(), "--data-dir")
	wantAccessError(t, read(s), s.Path(), "--data-dir")
}

// Root may write anywhere, so the refusals are put in.
func TestNotWritable(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EACCES, syscall.EROFS} {
		s := temp(t)
		fill(t, s)
		s.openFile = func(name string, flag int, mode os.FileMode) (*os.File, error) {
			if flag&(os.O_WRONLY|os.O_RDWR) != 0 {
				return nil, &fs.PathError{Op: "open", Path: name, Err: errno}
			}
			return os.OpenFile(name, flag, mode)
		}
		if err := read(s); err != nil {
			t.Errorf("View of a file that can only be read: %v", err)
		}
		err := write(s)
		wantAccessError(t, err, s.Path(), "--data-dir")
		if !errors.Is(err, errno) {
			t.Errorf("%v does not wrap %v", err, errno)
		}
	}
}

func wantAccessError(t *testing.T, err error, path, hint string) {
	t.Helper()
	var e *AccessError
	if !errors.As(err, &e) {
		t.Fatalf("%v, want an *AccessError", err)
	}
	if strings.Count(err.Error(), path) != 1 || !strings.Contains(e.Hint(), hint) {
		t.Errorf("%q, hint %q: want the path once and %q", err, e.Hint(), hint)
	}
}
