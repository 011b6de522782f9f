package mailbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// BudgetOptions limit a Budget. Zero values mean the defaults.
type BudgetOptions struct {
	// Connection, Account and Mailbox are the most calls at a time: through
	// the whole connection (default 64), charged to one account (default 20;
	// Exchange admits 27, of which others use some), and for one mailbox
	// (default 4, what Microsoft Graph admits too).
	Connection, Account, Mailbox int
	// MinWait and MaxWait bound the wait after a busy answer that names none.
	// It begins with MinWait (default 1 s) and doubles up to MaxWait (default
	// 5 min). A wait that the server names is kept whatever its length.
	MinWait, MaxWait time.Duration
	// Attempts is how often Do makes a call at most (default 4).
	Attempts int
	// Patience is the longest that Do waits for a busy server, in all
	// attempts together. Zero means 2 minutes; what would take longer fails
	// at once with ErrBusy.
	Patience time.Duration
}

// Scope is what a busy answer concerns.
type Scope int

// The scopes.
const (
	// AccountScope: the calls charged to one account.
	AccountScope Scope = iota
	// MailboxScope: one mailbox, whoever acts for it.
	MailboxScope
	// ConnectionScope: the whole server.
	ConnectionScope
)

// Charge says on whose account a call goes.
type Charge struct {
	// Mailbox is the address that the call is for.
	Mailbox string
	// Account is whom the server charges it to: who signs in or, with
	// impersonation, the mailbox. Empty means that only the other two limits
	// hold.
	Account string
	// Backfill calls wait behind all others, and never take the last place
	// of several.
	Backfill bool
}

// Budget keeps the calls of all who share it within what a server bears. It
// waits, so that clients need not: they report, by the errors that they return,
// that the server is busy.
//
// Each of the three scopes has a limit of calls at a time. A busy answer halves
// the limit of the scope that it concerns and closes it for as long as the
// server asks; zero, which Exchange sends when it does not know, counts as
// nothing said, and then the wait grows from one busy answer to the next, with
// jitter. Good answers raise the limit again, one place at a time.
//
// A Budget is safe for concurrent use and runs no goroutine of its own.
type Budget struct {
	opts BudgetOptions

	mu    sync.Mutex
	gates map[gateKey]*gate
	// waiting are those who wait, in order of their coming: live ones, and
	// backfill.
	waiting [2][]*waiter
	timer   *time.Timer // wakes the first of the waiting; nil while nobody waits for a time
	jitter  func() float64
}

type gateKey struct {
	scope Scope
	name  string
}

// NewBudget returns a budget. A nil opts means the defaults.
func NewBudget(opts *BudgetOptions) *Budget {
	b := &Budget{gates: map[gateKey]*gate{}, jitter: rand.Float64}
	if opts != nil {
		b.opts = *opts
	}
	o := &b.opts
	for _, each := range []struct {
		n        *int
		fallback int
	}{{&o.Connection, 64}, {&o.Account, 20}, {&o.Mailbox, 4}, {&o.Attempts, 4}} {
		if *each.n <= 0 {
			*each.n = each.fallback
		}
	}
	for _, each := range []struct {
		d        *time.Duration
		fallback time.Duration
	}{{&o.MinWait, time.Second}, {&o.MaxWait, 5 * time.Minute}, {&o.Patience, 2 * time.Minute}} {
		if *each.d <= 0 {
			*each.d = each.fallback
		}
	}
	return b
}

// BusyError says that the budget did not make a call, because the server asked
// to wait for longer than the caller would. It Is ErrBusy.
type BusyError struct {
	// Wait is how long the server wants to be left alone.
	Wait time.Duration
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("the server is busy and asked to be left alone for another %s", e.Wait.Round(time.Second))
}

// Is reports true for ErrBusy.
func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// RetryAfter returns how long to wait.
func (e *BusyError) RetryAfter() time.Duration { return e.Wait }

// Hint says what to do.
func (e *BusyError) Hint() string { return "try again later" }

// Do makes a call within the budget: it waits for its turn, calls, and learns
// from the error. Where the error is one that repeat knows to be safe to
// repeat, it does so, within Attempts and Patience. The error is the call's
// last, a *BusyError where none was made, or ctx's while it waited.
func (b *Budget) Do(ctx context.Context, c Charge, call func(context.Context) error, repeat func(error) bool) error {
	deadline := time.Now().Add(b.opts.Patience)
	var last error
	for attempt := 1; ; attempt++ {
		p, err := b.acquire(ctx, c, deadline)
		if err != nil {
			if busy := (*BusyError)(nil); last != nil && errors.As(err, &busy) {
				return last // says more
			}
			return err
		}
		last = call(ctx)
		p.Done(last)
		if last == nil || attempt >= b.opts.Attempts || ctx.Err() != nil || repeat == nil || !repeat(last) {
			return last
		}
	}
}

// Permit is the right to make one call.
type Permit struct {
	b       *Budget
	charge  Charge
	granted time.Time
	once    sync.Once
}

// Acquire waits until a call may be made. The permit is to be given back by
// Done. The error is ctx's.
func (b *Budget) Acquire(ctx context.Context, c Charge) (*Permit, error) {
	return b.acquire(ctx, c, time.Time{})
}

// Done gives the permit back and learns from the error of its call, which may
// be nil. Further calls of it do nothing.
func (p *Permit) Done(err error) {
	p.once.Do(func() {
		p.b.mu.Lock()
		defer p.b.mu.Unlock()
		for _, k := range p.charge.keys() {
			p.b.gate(k).inUse--
		}
		p.b.learn(p.charge, p.granted, err)
		p.b.dispatch()
	})
}

// Report tells the budget of an error that came by another way than a permit,
// such as one of many in the answer to a batch.
func (b *Budget) Report(c Charge, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.learn(c, time.Now(), err)
	b.dispatch()
}

// Pause waits before something that has failed so many times in a row (1 and
// up) is tried anew: as long as err asks for, or else for a time that grows. It
// is for connections that stay open, which hold no permit. The error is ctx's.
func (b *Budget) Pause(ctx context.Context, failures int, err error) error {
	b.mu.Lock()
	wait := b.wait(failures, err)
	b.mu.Unlock()
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wait is how long to wait after the given number of failures in a row.
func (b *Budget) wait(failures int, err error) time.Duration {
	if asked, ok := RetryAfter(err); ok {
		// All who were refused would come back at the same instant.
		return asked + time.Duration(b.jitter()*float64(min(asked/10, 10*time.Second)))
	}
	wait := b.opts.MinWait
	for range failures - 1 {
		if wait >= b.opts.MaxWait {
			break
		}
		wait *= 2
	}
	wait = min(wait, b.opts.MaxWait)
	return wait/2 + time.Duration(b.jitter()*float64(wait/2))
}

// waiter is a call that waits for its turn.
type waiter struct {
	charge   Charge
	deadline time.Time // zero means none
	ready    chan turn // buffered
}

// turn is what a waiter waits for.
type turn struct {
	permit *Permit
	err    error
}

func (c Charge) class() int {
	if c.Backfill {
		return 1
	}
	return 0
}

// keys are the gates that a call goes through.
func (c Charge) keys() []gateKey {
	keys := []gateKey{{ConnectionScope, ""}}
	if c.Account != "" {
		keys = append(keys, gateKey{AccountScope, c.Account})
	}
	if c.Mailbox != "" {
		keys = append(keys, gateKey{MailboxScope, c.Mailbox})
	}
	return keys
}

func (b *Budget) acquire(ctx context.Context, c Charge, deadline time.Time) (*Permit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &waiter{charge: c, deadline: deadline, ready: make(chan turn, 1)}
	b.mu.Lock()
	b.waiting[c.class()] = append(b.waiting[c.class()], w)
	b.dispatch()
	b.mu.Unlock()
	select {
	case t := <-w.ready:
		return t.permit, t.err
	case <-ctx.Done():
	}
	b.mu.Lock()
	list := &b.waiting[c.class()]
	*list = slices.DeleteFunc(*list, func(other *waiter) bool { return other == w })
	b.dispatch()
	b.mu.Unlock()
	select {
	case t := <-w.ready:
		// The turn came at the same moment.
		if t.permit != nil {
			t.permit.Done(ctx.Err())
		}
	default:
	}
	return nil, ctx.Err()
}

// dispatch gives turns to all who can have one, live calls first, and sets the
// timer for the next who could. b.mu is held.
func (b *Budget) dispatch() {
	now := time.Now()
	var next time.Time
	for class := range b.waiting {
		b.waiting[class] = slices.DeleteFunc(b.waiting[class], func(w *waiter) bool {
			opens, free := b.admits(w.charge, now)
			switch {
			case opens.After(now) && !w.deadline.IsZero() && opens.After(w.deadline):
				w.ready <- turn{err: &BusyError{Wait: opens.Sub(now)}}
			case opens.After(now):
				if next.IsZero() || opens.Before(next) {
					next = opens
				}
				return false
			case free:
				for _, k := range w.charge.keys() {
					b.gate(k).inUse++
				}
				w.ready <- turn{permit: &Permit{b: b, charge: w.charge, granted: now}}
			default:
				return false
			}
			return true
		})
	}
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if !next.IsZero() {
		b.timer = time.AfterFunc(next.Sub(now), func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.dispatch()
		})
	}
	b.prune(now)
}

// admits tells when all gates of a call are open, and whether each has a place
// for it.
func (b *Budget) admits(c Charge, now time.Time) (opens time.Time, free bool) {
	free = true
	for _, k := range c.keys() {
		g := b.gate(k)
		if g.until.After(opens) {
			opens = g.until
		}
		limit := g.limit
		if c.Backfill && limit > 1 {
			limit-- // one place is for what is live
		}
		free = free && g.inUse < limit
	}
	return opens, free
}
