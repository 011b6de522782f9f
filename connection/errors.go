package connection

import (
	"errors"
	"fmt"
	"strings"

	"github.com/exconn/exconn/mailbox"
)

// The errors of a Book that a caller can act on.
var (
	// ErrExists: the name is taken. It goes with mailbox.ErrInvalid.
	ErrExists = errors.New("exists already")
	// ErrUnknown: there is nothing of this name. It goes with
	// mailbox.ErrInvalid.
	ErrUnknown = errors.New("unknown name")
)

// ExistsError says that a name is taken. It Is ErrExists and
// mailbox.ErrInvalid.
type ExistsError struct {
	// Kind is "connection" or "authentication object".
	Kind, Name string
}

func (e *ExistsError) Error() string { return fmt.Sprintf("the %s %q exists already", e.Kind, e.Name) }

// Is reports true for ErrExists and mailbox.ErrInvalid.
func (e *ExistsError) Is(target error) bool {
	return target == ErrExists || target == mailbox.ErrInvalid
}

// Hint says what to do.
func (e *ExistsError) Hint() string {
	if e.Kind == kindConnection {
		return "choose another name, or change that one: " + command("edit", e.Name, "")
	}
	return "choose another name, or share that one"
}

// UnknownError says that there is nothing of a name. It Is ErrUnknown and
// mailbox.ErrInvalid.
type UnknownError struct {
	// Kind is "connection" or "authentication object".
	Kind, Name string
	// Near are up to three names that may have been meant.
	Near []string
}

func (e *UnknownError) Error() string { return fmt.Sprintf("there is no %s %q", e.Kind, e.Name) }

// Is reports true for ErrUnknown and mailbox.ErrInvalid.
func (e *UnknownError) Is(target error) bool {
	return target == ErrUnknown || target == mailbox.ErrInvalid
}

// Hint names what may have been meant.
func (e *UnknownError) Hint() string {
	if len(e.Near) == 0 {
		if e.Kind == kindConnection {
			return "see all names with: exconn connection list"
		}
		return "see all names with: exconn auth list"
	}
	return "did you mean " + strings.Join(e.Near, " or ") + "?"
}

const (
	kindConnection = "connection"
	kindAuth       = "authentication object"
)

// RecordError says that a kept record cannot be understood. The others are
// unharmed.
type RecordError struct {
	Kind, Name string
	Err        error
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("the kept %s %q cannot be understood: %v", e.Kind, e.Name, e.Err)
}

// Unwrap returns the cause.
func (e *RecordError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *RecordError) Hint() string {
	if e.Kind == kindConnection {
		return "it is damaged, or was written by a newer exconn; to make it anew, first: " + command("delete", e.Name, "")
	}
	return "it is damaged, or was written by a newer exconn: use the newer exconn, or put back a backup"
}

// near returns up to three of names that name may stand for, the likeliest
// first.
func near(name string, names []string) []string {
	var out []string
	name = lower(name)
	for distance := range 3 {
		for _, n := range names {
			l := lower(n)
			close := editDistance(name, l) == distance
			if distance == 2 {
				// A part of a longer name is as good as two slips.
				close = close || editDistance(name, l) > 2 && len(name) > 2 && (strings.Contains(l, name) || strings.Contains(name, l) && len(l) > 2)
			}
			if close && distance < max(len(name), len(l)) && len(out) < 3 {
				out = append(out, n)
			}
		}
	}
	return out
}

// editDistance is how many bytes must be inserted, deleted or replaced to get
// from a to b (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
