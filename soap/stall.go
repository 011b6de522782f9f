package soap

import (
	"context"
	"errors"
	"io"
	"time"
)

// DefaultStall is how long a call may stand still where Options name no time.
// Exchange cuts a batch after a minute, and takes longer only for operations
// upon whole folders.
const DefaultStall = 5 * time.Minute

// watchdog ends a call in which nothing moves: no byte of the request is taken,
// and none of the answer comes. A bound of the whole call could not tell a slow
// line, over which a large file takes its time, from a dead one.
type watchdog struct {
	silent time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

// watch returns the context for a call, and what ends it after silence. A
// silent of zero or less means that nothing does.
func watch(ctx context.Context, silent time.Duration) (context.Context, *watchdog) {
	if silent <= 0 {
		return ctx, nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watchdog{silent: silent, cancel: cancel}
	w.timer = time.AfterFunc(silent, func() { cancel(&StalledError{After: silent}) })
	return ctx, w
}

// alive says that something has moved. The request may be sent by another
// goroutine than the one that reads the answer, and even after the call.
func (w *watchdog) alive() {
	if w != nil && w.timer.Stop() {
		w.timer.Reset(w.silent)
	}
}

// attend returns r with each of its bytes taken as a sign of life. It stands
// before decompression, which can hold much back.
func (w *watchdog) attend(r io.Reader) io.Reader {
	if w == nil {
		return r
	}
	return &attended{r: r, w: w}
}

type attended struct {
	r io.Reader
	w *watchdog
}

func (a *attended) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if n > 0 {
		a.w.alive()
	}
	return n, err
}

func (w *watchdog) stop() {
	if w != nil {
		w.timer.Stop()
		w.cancel(nil)
	}
}

// explainStall replaces the cancellation of a call that stood still by its
// reason.
func explainStall(ctx context.Context, err error) error {
	var (
		stalled *StalledError
		broken  *TransportError
	)
	if errors.As(context.Cause(ctx), &stalled) && errors.As(err, &broken) {
		told := *broken
		told.Err = stalled
		return &told
	}
	return err
}
