package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/exconn/exconn/mailbox"
)

// A command that was told to end has not met a busy server, even where the
// error says both: a script would try it again.
func TestCancelledIsNotBusy(t *testing.T) {
	for _, err := range []error{
		context.Canceled,
		fmt.Errorf("%w: %w", mailbox.ErrUnavailable, context.Canceled),
		fmt.Errorf("%w: %w", mailbox.ErrBusy, context.Canceled),
	} {
		if got := codeFor(err); got != exitFailed {
			t.Errorf("%v ends with %d, want %d", err, got, exitFailed)
		}
	}
	unknown := fmt.Errorf("%w: %w", mailbox.ErrOutcomeUnknown, context.Canceled)
	if got := codeFor(unknown); got != exitPartly {
		t.Errorf("%v ends with %d, want %d", unknown, got, exitPartly)
	}
}
