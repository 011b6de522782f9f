package connection

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
)

const (
	// leaseTime is how long a lease outlives its holder: what others wait for
	// when a process is killed while it renews a token.
	leaseTime = 6 * time.Second
	// leaseBeat is how often a holder extends its lease.
	leaseBeat = leaseTime / 3
	// leasePoll is how often a lease that somebody else has is looked at.
	leasePoll = 100 * time.Millisecond
	// leaseWrite bounds one write of a lease.
	leaseWrite = 5 * time.Second
)

// lease is the kept record of who renews an account's tokens just now, in
// whichever process. It is in the store and not a lock of the file system's, so
// that it holds wherever the store is.
type lease struct {
	// Owner is random, and different for each time that a lease is taken.
	Owner string    `json:"owner"`
	Until time.Time `json:"until"`
}

// free reports whether a lease is nobody's any more. One that lasts for longer
// than any does was written before the clock was set back.
func (l lease) free(now time.Time) bool {
	return !now.Before(l.Until) || l.Until.After(now.Add(leaseTime))
}

// heldLease is a lease that this process has.
type heldLease struct {
	book  *Book
	key   string
	owner string

	over    chan struct{}
	beating sync.WaitGroup
}

// takeLease waits for the lease of a key until ctx ends, and keeps it until
// release. The error Is mailbox.ErrBusy where somebody else has it.
func (b *Book) takeLease(ctx context.Context, key string) (*heldLease, error) {
	h := &heldLease{book: b, key: key, owner: rand.Text(), over: make(chan struct{})}
	poll := time.NewTicker(leasePoll)
	defer poll.Stop()
	for {
		free, err := b.leaseIsFree(ctx, key)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("another process is renewing the same sign-in: %w: %w", mailbox.ErrBusy, context.Cause(ctx))
		}
		if err != nil {
			return nil, err
		}
		if free {
			taken, err := h.take(ctx)
			if err != nil {
				return nil, err
			}
			if taken {
				h.beating.Go(h.beat)
				return h, nil
			}
		}
		select {
		case <-poll.C:
		case <-ctx.Done(): // told of above
		}
	}
}

// leaseIsFree looks without writing, since whoever waits looks often.
func (b *Book) leaseIsFree(ctx context.Context, key string) (free bool, err error) {
	err = b.store.View(ctx, func(tx store.Tx) error {
		l, err := getLease(tx, key)
		free = l.free(b.now())
		return err
	})
	return free, err
}

// getLease returns the zero lease, which is free, where there is none or a
// damaged one.
func getLease(tx store.Tx, key string) (l lease, err error) {
	text, err := tx.Get(leasesBucket, key)
	if errors.Is(err, store.ErrNoRecord) {
		return lease{}, nil
	}
	if err != nil || json.Unmarshal(text, &l) != nil {
		return lease{}, err
	}
	return l, nil
}

// take writes the lease unless somebody else has it. For an owner that has it
// already it extends it.
func (h *heldLease) take(ctx context.Context) (taken bool, err error) {
	err = h.book.store.Update(ctx, func(tx store.Tx) error {
		l, err := getLease(tx, h.key)
		now := h.book.now()
		if err != nil || l.Owner != h.owner && !l.free(now) {
			return err
		}
		taken = true
		return putRecord(tx, leasesBucket, h.key, lease{Owner: h.owner, Until: now.Add(leaseTime)})
	})
	return taken && err == nil, err
}

// beat extends the lease until it is given back. That it cannot be is for the
// next beat to mend; a lease that another has taken meanwhile is lost, which
// the holder finds when it keeps what it has got.
func (h *heldLease) beat() {
	tick := time.NewTicker(leaseBeat)
	defer tick.Stop()
	for {
		select {
		case <-h.over:
			return
		case <-tick.C:
			ctx, cancel := context.WithTimeout(context.Background(), leaseWrite)
			taken, err := h.take(ctx)
			cancel()
			if err == nil && !taken {
				return
			}
		}
	}
}

// release gives the lease back.
func (h *heldLease) release() {
	close(h.over)
	h.beating.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), leaseWrite)
	defer cancel()
	err := h.book.store.Update(ctx, func(tx store.Tx) error {
		l, err := getLease(tx, h.key)
		if err != nil || l.Owner != h.owner {
			return err
		}
		return tx.Delete(leasesBucket, h.key)
	})
	if err != nil {
		h.book.log.WarnContext(ctx, "a lease could not be given back; it ends by itself", "after", leaseTime, "error", err)
	}
}
