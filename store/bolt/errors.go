package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/exconn/exconn/mailbox"
)

// InUseError says that the file stayed locked for as long as the store may
// wait. It Is mailbox.ErrBusy.
type InUseError struct {
	Path string
	// Waited is how long the transaction waited.
	Waited time.Duration
}

// Error names the file.
func (e *InUseError) Error() string {
	return fmt.Sprintf("the database %s is in use (waited %s for it)", e.Path, e.Waited)
}

// Is reports true for mailbox.ErrBusy.
func (e *InUseError) Is(target error) bool { return target == mailbox.ErrBusy }

// Hint says what to do.
func (e *InUseError) Hint() string {
	return fmt.Sprintf("another exconn works on %s; let it finish or stop it, then try again", filepath.Dir(e.Path))
}

// AccessError says that the operating system does not let the file be opened
// or written.
type AccessError struct {
	Path string
	// Write tells whether the file was wanted for writing.
	Write bool
	Err   error
}

// Error names the file and the cause.
func (e *AccessError) Error() string {
	verb := "read"
	if e.Write {
		verb = "written"
	}
	return fmt.Sprintf("the database %s cannot be %s: %v", e.Path, verb, cause(e.Err))
}

// Unwrap returns the operating system's error.
func (e *AccessError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *AccessError) Hint() string {
	dir := filepath.Dir(e.Path)
	switch {
	case errors.Is(e.Err, fs.ErrNotExist):
		return fmt.Sprintf("create the directory %s, or name another with --data-dir", dir)
	case errors.Is(e.Err, fs.ErrPermission):
		return fmt.Sprintf("run exconn as the owner of %s, give this user the right to write there, or name another directory with --data-dir", dir)
	}
	return fmt.Sprintf("mend %s, or name another directory with --data-dir", dir)
}

// cause leaves out the path, which the message names already.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// DamagedError says that the file is not a sound database: cut short,
// overwritten, or no database at all.
type DamagedError struct {
	Path   string
	Reason string
}

// Error names the file and what is wrong with it.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("the database %s is damaged or is no exconn database: %s", e.Path, e.Reason)
}

// Hint says what to do.
func (e *DamagedError) Hint() string {
	return fmt.Sprintf("put back a backup of %s; without one, move the file away and create the connections anew", e.Path)
}
