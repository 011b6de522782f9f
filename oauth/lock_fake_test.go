package oauth_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/exconn/exconn/mailbox"
)

// leasedMemory is a Cache with a lease, for several Clients that stand for
// processes.
type leasedMemory struct {
	*memory
	lease *lease
}

// lease is a lock that lapses after a time.
type lease struct {
	mu sync.Mutex
	// time is how long a lease lasts that is not given back; an hour if zero.
	time  time.Duration
	owner int
	until time.Time
	err   error // that it cannot be had

	taken int
}

func newLeasedMemory() leasedMemory { return leasedMemory{&memory{}, &lease{}} }

func (m leasedMemory) Lock(ctx context.Context) (func(), error) {
	for {
		owner, err := m.lease.try()
		if err != nil {
			return nil, err
		}
		if owner > 0 {
			return func() { m.lease.giveBack(owner) }, nil
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return nil, errors.Join(mailbox.ErrBusy, ctx.Err())
		}
	}
}

func (l *lease) try() (owner int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return 0, l.err
	}
	if time.Now().Before(l.until) {
		return 0, nil
	}
	lasts := l.time
	if lasts == 0 {
		lasts = time.Hour
	}
	l.taken++
	l.owner, l.until = l.taken, time.Now().Add(lasts)
	return l.owner, nil
}

func (l *lease) giveBack(owner int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.owner == owner {
		l.until = time.Time{}
	}
}

func (l *lease) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}

// suspended is a Cache whose process is suspended when it is about to keep
// something, until resume is closed.
type suspended struct {
	leasedMemory
	resume chan struct{}
}

func (s suspended) Swap(ctx context.Context, old, blob []byte) error {
	<-s.resume
	return s.memory.Swap(ctx, old, blob)
}
