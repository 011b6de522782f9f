package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sync/semaphore"

	"github.com/exconn/exconn/store"
)

// DefaultWait is how long a transaction waits for the file by default.
const DefaultWait = 5 * time.Second

// readers is how many Views of one Store may run at once.
const readers = 64

// Options of a Store. The zero value means defaults.
type Options struct {
	// Wait is how long a transaction waits for others to let go of the
	// file, in this process or another. Zero means DefaultWait.
	Wait time.Duration
}

// Store is a store.Store in one file.
type Store struct {
	path string
	wait time.Duration
	// turn orders the transactions of this process, which would otherwise
	// poll the file lock against each other: one unit a View, all an Update.
	turn *semaphore.Weighted
	// openFile is os.OpenFile but in tests.
	openFile func(string, int, os.FileMode) (*os.File, error)
}

// At returns a store in the file at path. It does no I/O: the first Update
// creates the file with mode 0600, in a directory that must exist; until then
// the store is empty. A nil opts means defaults.
//
// Errors of transactions are *InUseError, *AccessError, *DamagedError and
// those of the caller's function and ctx.
func At(path string, opts *Options) *Store {
	s := &Store{path: path, wait: DefaultWait, turn: semaphore.NewWeighted(readers), openFile: os.OpenFile}
	if opts != nil && opts.Wait > 0 {
		s.wait = opts.Wait
	}
	return s
}

// Path returns the path of the file.
func (s *Store) Path() string { return s.path }

// View implements store.Store.
func (s *Store) View(ctx context.Context, fn func(store.Tx) error) error {
	return s.transact(ctx, false, fn)
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	return s.transact(ctx, true, fn)
}

func (s *Store) transact(ctx context.Context, write bool, fn func(store.Tx) error) error {
	deadline := time.Now().Add(s.wait)
	release, err := s.takeTurn(ctx, write)
	if err != nil {
		return err
	}
	defer release()
	if !write && s.unborn() {
		return finish(ctx, fn, &tx{path: s.path})
	}
	db, err := s.open(ctx, write, deadline)
	if err != nil {
		return err
	}
	defer db.close()
	if err := db.begin(write); err != nil {
		return err
	}
	if err := finish(ctx, fn, &tx{path: s.path, inner: db.tx, write: write}); err != nil {
		return err
	}
	if !write {
		return nil
	}
	return db.commit()
}

// finish runs fn and turns a ctx that ended meanwhile into an error, so that
// nothing is committed after the caller has given up.
func finish(ctx context.Context, fn func(store.Tx) error, t *tx) error {
	defer func() { t.done = true }()
	if err := fn(t); err != nil {
		return err
	}
	return ctx.Err()
}

func (s *Store) takeTurn(ctx context.Context, write bool) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	units := int64(1)
	if write {
		units = readers
	}
	waiting, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	if s.turn.Acquire(waiting, units) != nil {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, &InUseError{Path: s.path, Waited: s.wait}
	}
	return func() { s.turn.Release(units) }, nil
}

// unborn reports whether nothing was ever committed: there is no file, or one
// whose creation has not got further than its name.
func (s *Store) unborn() bool {
	info, err := os.Stat(s.path)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return info.Mode().IsRegular() && info.Size() == 0
}

// open opens the file, trying for the lock until deadline.
func (s *Store) open(ctx context.Context, write bool, deadline time.Time) (*handle, error) {
	created := write && s.unborn()
	for pause := time.Millisecond; ; pause = min(2*pause, 25*time.Millisecond) {
		h := &handle{path: s.path}
		err := h.open(s.openFile, write)
		switch {
		case err == nil && created:
			// The file is durable only when its name is.
			syncDir(filepath.Dir(s.path))
			return h, nil
		case err == nil:
			return h, nil
		case !errors.Is(err, berrors.ErrTimeout):
			return nil, s.classify(err, write)
		case !time.Now().Before(deadline):
			return nil, &InUseError{Path: s.path, Waited: s.wait}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case <-timer.C:
		}
	}
}

func (s *Store) classify(err error, write bool) error {
	var damaged *DamagedError
	var path *fs.PathError
	var errno syscall.Errno
	switch {
	case errors.As(err, &damaged):
		return damaged
	case errors.As(err, &path), errors.As(err, &errno):
		return &AccessError{Path: s.path, Write: write, Err: err}
	}
	if info, statErr := os.Stat(s.path); statErr == nil && !info.Mode().IsRegular() {
		return &AccessError{Path: s.path, Write: write, Err: errors.New("it is not a regular file")}
	}
	// What is left are bbolt's own words about the content.
	return &DamagedError{Path: s.path, Reason: err.Error()}
}

// handle is the file, open for one transaction.
type handle struct {
	path string
	file *os.File
	db   *bbolt.DB
	tx   *bbolt.Tx
	// broken is set when bbolt gave up half-way, so that its own locks may
	// still be held and closing it could wait for ever.
	broken bool
}

func (h *handle) open(openFile func(string, int, os.FileMode) (*os.File, error), write bool) error {
	err := guard(h.path, func() (err error) {
		h.db, err = bbolt.Open(h.path, 0o600, &bbolt.Options{
			// Any timeout but zero: one try, and the caller waits, because
			// bbolt's own waiting knows no ctx.
			Timeout:      time.Nanosecond,
			ReadOnly:     !write,
			FreelistType: bbolt.FreelistMapType,
			NoStatistics: true,
			OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
				f, err := openFile(name, flag, mode)
				h.file = f
				return f, err
			},
		})
		return err
	})
	if err != nil && h.file != nil {
		h.abandon()
	}
	return err
}

// abandon lets go of a file that bbolt cannot be trusted to close, or has
// closed already. Its memory map is left to the end of the process.
func (h *handle) abandon() {
	unlock(h.file)
	_ = h.file.Close()
}

func (h *handle) begin(write bool) error {
	err := guard(h.path, func() (err error) {
		h.tx, err = h.db.Begin(write)
		return err
	})
	h.broken = err != nil
	return err
}

func (h *handle) commit() error {
	err := guard(h.path, h.tx.Commit)
	var damaged *DamagedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &damaged):
		h.broken = true
		return err
	}
	return &AccessError{Path: h.path, Write: true, Err: err}
}

// close rolls back what was not committed and lets go of the file.
func (h *handle) close() {
	if h.tx != nil && !h.broken {
		err := guard(h.path, h.tx.Rollback)
		h.broken = err != nil && !errors.Is(err, berrors.ErrTxClosed)
	}
	if h.broken || guard(h.path, h.db.Close) != nil {
		h.abandon()
	}
}

// guard turns a panic of bbolt, which it uses to report damaged pages, and a
// fault in the memory-mapped file, which is how a file cut short appears, into
// a *DamagedError. It must not be put around the caller's function.
func guard(path string, f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = &DamagedError{Path: path, Reason: fmt.Sprint(p)}
		}
	}()
	return f()
}
