package connection

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/exconn/exconn/mailbox"
)

const (
	// keepPoll is how often Keep looks for accounts that are new, and for what
	// is due.
	keepPoll = time.Minute
	// keepBegin is the time over which the first look at accounts is spread.
	keepBegin = 5 * time.Second
	// keepJitter is the most that a renewal is moved forward, so that the
	// accounts of one morning do not renew in one second for ever.
	keepJitter = 10 * time.Minute
	// keepBackoff and keepBackoffMax are the first and the longest wait after a
	// failure that passes by itself.
	keepBackoff    = time.Minute
	keepBackoffMax = time.Hour
	// keepRefused is the wait after one that does not: an admin may mend it, or
	// a person may sign in, which is noticed at once.
	keepRefused = 6 * time.Hour
)

// KeepOptions of Book.Keep. The zero value means defaults.
type KeepOptions struct {
	// UseEvery is how often a sign-in is used at least. Zero means 7 days.
	UseEvery time.Duration
	// Renewed, unless it is nil, is called after each attempt, by several
	// goroutines at once.
	Renewed func(Renewal)
}

// Keep renews the tokens of every account ahead of their end, so that nobody
// waits for it and a failure is known before it matters, and uses every sign-in
// often enough for it not to lapse. It begins with each account within a few
// seconds of noticing it and spreads the renewals over time. After a failure it
// waits, longer each time; one failure does not stop the others. Accounts that
// come, change or go meanwhile are noticed.
//
// It returns ctx's error when ctx ends, after everything that it has started
// has ended.
func (b *Book) Keep(ctx context.Context, opts KeepOptions) error {
	k := &keeper{opts: opts, list: b.Auths, links: b.newLinks, renewOne: b.renew, now: b.now, log: b.log, accounts: map[string]*keptAccount{}}
	return k.run(ctx)
}

// keeper is what Keep remembers.
type keeper struct {
	opts KeepOptions
	// list, links, renewOne, now and log are the book's.
	list     func(context.Context) ([]AuthEntry, error)
	links    func() *openLinks
	renewOne func(context.Context, AuthEntry, *Renewal, dueness)
	now      func() time.Time
	log      *slog.Logger

	mu       sync.Mutex
	accounts map[string]*keptAccount // by accountKey
}

// keptAccount is an account with its plan.
type keptAccount struct {
	auth   AuthEntry
	user   string
	status Status
	// next is when it is due, failures how often it has failed in a row.
	next     time.Time
	failures int
	running  bool
}

// run is Keep.
func (k *keeper) run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, renewAtOnce)
	for {
		links := k.links()
		for _, a := range k.due(ctx) {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			running.Go(func() {
				defer func() { <-slots }()
				k.renew(ctx, a, links)
			})
		}
		timer := time.NewTimer(k.wait())
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// due reads the book and returns what is to be done now, marked as running.
func (k *keeper) due(ctx context.Context) (list []*keptAccount) {
	entries, err := k.list(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		// The others are served, if there are any.
		k.log.WarnContext(ctx, "cannot read all authentication objects", "error", err)
		if len(entries) == 0 {
			return nil
		}
	}
	now := k.now()
	seen := map[string]bool{}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, entry := range entries {
		for _, a := range entry.Accounts {
			if skipReason(entry, a) != "" {
				continue
			}
			key := accountKey(entry.Auth.Name, a.User)
			seen[key] = true
			if plan := k.update(key, entry, a, now); !plan.running && !now.Before(plan.next) {
				plan.running = true
				list = append(list, plan)
			}
		}
	}
	for key, a := range k.accounts {
		if !seen[key] && !a.running {
			delete(k.accounts, key)
		}
	}
	return list
}

// update brings an account's plan up to what the book says. k.mu is held.
func (k *keeper) update(key string, entry AuthEntry, a AccountEntry, now time.Time) *keptAccount {
	plan := k.accounts[key]
	if plan == nil {
		plan = &keptAccount{auth: entry, user: a.User, status: a.Status, next: now.Add(rand.N(keepBegin))}
		k.accounts[key] = plan
	}
	if plan.running {
		return plan
	}
	// A new sign-in, secret or way in may mend what has failed.
	if !plan.status.SignedIn.Equal(a.Status.SignedIn) || !plan.auth.Auth.Updated.Equal(entry.Auth.Updated) || plan.failures > 0 && a.Status.State.good() && !plan.status.State.good() {
		plan.next, plan.failures = now, 0
	}
	plan.auth, plan.status = entry, a.Status
	return plan
}

// renew is one attempt.
func (k *keeper) renew(ctx context.Context, a *keptAccount, links *openLinks) {
	r := Renewal{Auth: a.auth.Auth.Name, User: a.user, Status: a.status}
	k.renewOne(ctx, a.auth, &r, dueness{useEvery: k.opts.UseEvery, ahead: renewAhead + keepJitter, links: links})
	if ctx.Err() == nil && k.opts.Renewed != nil {
		k.opts.Renewed(r)
	}
	now := k.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	a.running, a.status = false, r.Status
	a.failures, a.next = plan(r, a.failures, k.opts.UseEvery, now, rand.N[time.Duration])
}

// plan returns when the next attempt is due.
func plan(r Renewal, failures int, useEvery time.Duration, now time.Time, random func(time.Duration) time.Duration) (int, time.Time) {
	if r.Err != nil {
		failures++
		return failures, now.Add(backoff(r, failures, random))
	}
	if useEvery <= 0 {
		useEvery = defaultUseEvery
	}
	left := r.Expires.Sub(now)
	// Ahead of the end, but not at once again where the whole life is short.
	wait := max(left-renewAhead, left/2, keepPoll)
	wait -= random(min(keepJitter, wait/2))
	return 0, now.Add(min(wait, useEvery))
}

// backoff is the wait after so many failures in a row.
func backoff(r Renewal, failures int, random func(time.Duration) time.Duration) time.Duration {
	if r.NeedsPerson() {
		return keepRefused + random(keepJitter)
	}
	wait := keepBackoff
	for range min(failures-1, 10) {
		wait = min(2*wait, keepBackoffMax)
	}
	wait += random(wait / 4)
	if asked, ok := mailbox.RetryAfter(r.Err); ok {
		wait = max(wait, min(asked, keepBackoffMax))
	}
	return wait
}

// wait is how long nothing is due.
func (k *keeper) wait() time.Duration {
	now := k.now()
	wait := keepPoll
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, a := range k.accounts {
		if !a.running {
			wait = min(wait, a.next.Sub(now))
		}
	}
	return max(wait, time.Second)
}
