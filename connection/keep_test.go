package connection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// pretend is a book of accounts whose tokens last for an hour, for a keeper in
// a bubble of synctest, where nothing real may be waited for.
type pretend struct {
	mu       sync.Mutex
	entries  []AuthEntry
	expires  map[string]time.Time
	renewed  map[string][]time.Time
	tried    map[string][]time.Time
	fail     map[string]error
	atOnce   int
	mostOnce int
}

func newPretend(accounts ...string) *pretend {
	p := &pretend{expires: map[string]time.Time{}, renewed: map[string][]time.Time{}, tried: map[string][]time.Time{}, fail: map[string]error{}}
	for _, name := range accounts {
		p.add(name)
	}
	return p
}

func (p *pretend) add(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.entries = append(p.entries, AuthEntry{
		Auth: Auth{Name: name, Method: oauth.ClientSecret}, UsedBy: []string{name}, Accounts: []AccountEntry{{Status: Status{State: Ready}}},
	})
}

// change changes an account's entry as somebody else would in the store.
func (p *pretend) change(name string, how func(*AuthEntry)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed(name, how)
}

func (p *pretend) changed(name string, how func(*AuthEntry)) {
	for i := range p.entries {
		if e := &p.entries[i]; e.Auth.Name == name {
			e.Accounts = slices.Clone(e.Accounts)
			how(e)
		}
	}
}

func (p *pretend) failing(name string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail[name] = err
}

func (p *pretend) list(context.Context) ([]AuthEntry, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.entries), nil
}

// renew takes a second, as a server may.
func (p *pretend) renew(ctx context.Context, e AuthEntry, r *Renewal, due dueness) {
	p.mu.Lock()
	p.atOnce++
	p.mostOnce = max(p.mostOnce, p.atOnce)
	p.mu.Unlock()
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.atOnce--
	now, name := time.Now(), e.Auth.Name
	p.tried[name] = append(p.tried[name], now)
	if r.Err = p.fail[name]; r.Err != nil {
		if r.NeedsPerson() {
			r.Status.State = NeedsSignIn
			p.changed(name, func(e *AuthEntry) { e.Accounts[0].Status.State = NeedsSignIn })
		}
		return
	}
	if p.expires[name].Sub(now) <= due.ahead {
		p.expires[name] = now.Add(time.Hour)
		p.renewed[name] = append(p.renewed[name], now)
		r.Renewed = true
	}
	r.Expires = p.expires[name]
}

// run keeps for so long.
func (p *pretend) run(t *testing.T, opts KeepOptions, during time.Duration, meanwhile func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), during)
	defer cancel()
	k := &keeper{opts: opts, list: p.list, links: func() *openLinks { return nil }, renewOne: p.renew, now: time.Now, log: slog.New(slog.DiscardHandler), accounts: map[string]*keptAccount{}}
	done := make(chan error)
	go func() { done <- k.run(ctx) }()
	if meanwhile != nil {
		meanwhile()
	}
	if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Keep: %v", err)
	}
	if p.atOnce != 0 {
		t.Errorf("%d renewals run on", p.atOnce)
	}
}

func TestKeepRenewsAheadAndSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var names []string
		for i := range 30 {
			names = append(names, fmt.Sprintf("a%d", i))
		}
		p := newPretend(names...)
		var mu sync.Mutex
		told := 0
		p.run(t, KeepOptions{Renewed: func(Renewal) { mu.Lock(); told++; mu.Unlock() }}, 24*time.Hour, nil)
		seconds := map[int64]int{}
		for _, name := range names {
			times := p.renewed[name]
			// Each is good for an hour and renewed 20 to 30 minutes ahead.
			if len(times) < 34 || len(times) > 50 {
				t.Errorf("%s was renewed %d times in a day", name, len(times))
			}
			for i := 1; i < len(times); i++ {
				if life := times[i].Sub(times[i-1]); life > 41*time.Minute || life < 29*time.Minute {
					t.Errorf("%s was renewed %v after the last time", name, life)
				}
			}
			seconds[times[len(times)-1].Unix()/60]++
		}
		if len(seconds) < 10 {
			t.Errorf("the last renewals of 30 accounts fall into %d minutes", len(seconds))
		}
		if p.mostOnce > renewAtOnce {
			t.Errorf("%d at once", p.mostOnce)
		}
		if told < 30*34 {
			t.Errorf("%d were told", told)
		}
	})
}

func TestKeepGoesOnAfterFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPretend("good", "busy", "revoked")
		p.failing("busy", &oauth.FieldError{Field: "x"}) // says nothing of the account
		p.failing("revoked", mailbox.ErrSignInNeeded)
		p.run(t, KeepOptions{}, 12*time.Hour, func() {
			time.Sleep(5 * time.Hour)
			p.failing("busy", nil)
			// A new sign-in is noticed within two minutes.
			p.failing("revoked", nil)
			p.change("revoked", func(e *AuthEntry) { e.Accounts[0].Status = Status{State: Ready, SignedIn: time.Now()} })
		})
		if n := len(p.renewed["good"]); n < 17 {
			t.Errorf("the good one was renewed %d times", n)
		}
		// 1, 2, 4, … minutes, then each hour.
		tried := p.tried["busy"]
		for i, want := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour} {
			if wait := tried[i+1].Sub(tried[i]); wait < want || wait > want*5/4+3*time.Second {
				t.Errorf("wait %d was %v, want %v", i+1, wait, want)
			}
		}
		if len(p.renewed["busy"]) == 0 {
			t.Error("the busy one was given up")
		}
		first := p.tried["revoked"][0]
		if again := p.tried["revoked"][1].Sub(first); again < 4*time.Hour || again > 5*time.Hour+2*time.Minute {
			t.Errorf("the revoked one was tried again after %v", again)
		}
		if len(p.renewed["revoked"]) == 0 {
			t.Error("the new sign-in was not noticed")
		}
	})
}

func TestKeepNoticesWhatComesAndGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPretend("first")
		p.run(t, KeepOptions{}, 3*time.Hour, func() {
			time.Sleep(time.Hour)
			p.add("second")
			p.change("first", func(e *AuthEntry) { e.UsedBy = nil })
			time.Sleep(2 * time.Minute)
			p.mu.Lock()
			defer p.mu.Unlock()
			if len(p.renewed["second"]) != 1 {
				t.Errorf("the second was renewed %d times", len(p.renewed["second"]))
			}
			p.tried["first"] = nil
		})
		if n := len(p.tried["first"]); n != 0 {
			t.Errorf("the first, which nobody uses any more, was tried %d times", n)
		}
	})
}

func TestKeepUsesSignInsWhoseTokensLastLong(t *testing.T) {
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	most := func(d time.Duration) time.Duration { return d - 1 }
	none := func(time.Duration) time.Duration { return 0 }
	for _, random := range []func(time.Duration) time.Duration{most, none} {
		_, next := plan(Renewal{Expires: now.AddDate(1, 0, 0)}, 0, 48*time.Hour, now, random)
		if wait := next.Sub(now); wait > 48*time.Hour {
			t.Errorf("the wait is %v", wait)
		}
		// A token that lasts for a minute is not renewed in a hot loop.
		_, next = plan(Renewal{Expires: now.Add(time.Minute)}, 0, 0, now, random)
		if wait := next.Sub(now); wait < 30*time.Second {
			t.Errorf("the wait is %v", wait)
		}
	}
}

// With the real book and a real server, once.
func TestKeepTheRealThing(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.app("daemon"))
	ctx, cancel := context.WithCancel(t.Context())
	var got []Renewal
	err := f.Keep(ctx, KeepOptions{Renewed: func(r Renewal) {
		got = append(got, r)
		cancel()
	}})
	if !errors.Is(err, context.Canceled) || len(got) != 1 || !got[0].Renewed || got[0].Err != nil || got[0].Status.State != Ready {
		t.Errorf("%v, %+v", err, got)
	}
}
