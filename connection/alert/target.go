package alert

import (
	"context"
	"errors"
)

// Target is where events go. It is safe for concurrent use.
type Target interface {
	// Deliver delivers e once. It ends with ctx, and by itself within the
	// target's own time limit. The error Is ErrPermanent where another attempt
	// is of no use.
	Deliver(ctx context.Context, e Event) error
	// ID is the same for two values that deliver to the same place. It is not
	// for people, and tells no secret.
	ID() string
	// String names the target for people and logs, without any secret.
	String() string
}

// ErrPermanent marks the error of a delivery that another attempt would not
// mend.
var ErrPermanent = errors.New("trying again is of no use")

// permanent marks err.
type permanent struct{ error }

func (p permanent) Is(target error) bool { return target == ErrPermanent }
func (p permanent) Unwrap() error        { return p.error }
