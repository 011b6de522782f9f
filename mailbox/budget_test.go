package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// busy is a busy answer.
type busy struct {
	after time.Duration
	scope Scope
}

func (b busy) Error() string             { return fmt.Sprintf("busy for %s", b.after) }
func (b busy) Is(target error) bool      { return target == ErrBusy }
func (b busy) RetryAfter() time.Duration { return b.after }
func (b busy) BusyScope() Scope          { return b.scope }

// steady is a budget without jitter.
func steady(opts BudgetOptions) *Budget {
	b := NewBudget(&opts)
	b.jitter = func() float64 { return 0 }
	return b
}

func acquire(t *testing.T, b *Budget, c Charge) *Permit {
	t.Helper()
	p, err := b.Acquire(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// queue starts calls that wait, and returns a function that lists those whose
// turn has come.
func queue(t *testing.T, b *Budget, charges ...Charge) func() []int {
	var mu sync.Mutex
	var turns []int
	for i, c := range charges {
		go func() {
			if _, err := b.Acquire(t.Context(), c); err == nil {
				mu.Lock()
				defer mu.Unlock()
				turns = append(turns, i)
			}
		}()
		synctest.Wait()
	}
	return func() []int {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(turns)
	}
}

func TestBudgetLimitsEachScope(t *testing.T) {
	anna := Charge{Mailbox: "anna", Account: "svc"}
	for name, each := range map[string]struct {
		opts BudgetOptions
		more Charge // waits, since its scope is full
		free Charge // does not
	}{
		"connection": {BudgetOptions{Connection: 1}, Charge{Mailbox: "ben", Account: "other"}, Charge{}},
		"account":    {BudgetOptions{Account: 1}, Charge{Mailbox: "ben", Account: "svc"}, Charge{Mailbox: "anna", Account: "other"}},
		"mailbox":    {BudgetOptions{Mailbox: 1}, Charge{Mailbox: "anna", Account: "other"}, Charge{Mailbox: "ben", Account: "svc"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := steady(each.opts)
				p := acquire(t, b, anna)
				if each.free != (Charge{}) {
					acquire(t, b, each.free).Done(nil)
				}
				turns := queue(t, b, each.more)
				if len(turns()) != 0 {
					t.Fatal("it had a turn beyond the limit")
				}
				p.Done(nil)
				p.Done(nil) // does nothing
				if len(turns()) != 1 {
					t.Fatal("the place was not passed on")
				}
				if len(b.gates) > 3 {
					t.Errorf("%d gates are kept", len(b.gates))
				}
			})
		})
	}
}

func TestBudgetKeepsTheWaitThatTheServerNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := steady(BudgetOptions{Patience: time.Hour})
		start := time.Now()
		calls := 0
		err := b.Do(t.Context(), Charge{Account: "svc"}, func(context.Context) error {
			if calls++; calls == 1 {
				return busy{after: 300 * time.Second}
			}
			return nil
		}, func(err error) bool { return errors.Is(err, ErrBusy) })
		if err != nil || calls != 2 || time.Since(start) != 300*time.Second {
			t.Errorf("%v after %d calls and %s", err, calls, time.Since(start))
		}
	})
}

func TestBudgetTakesZeroForUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := steady(BudgetOptions{MinWait: 4 * time.Second, MaxWait: 10 * time.Second, Attempts: 5})
		var at []time.Duration
		start := time.Now()
		err := b.Do(t.Context(), Charge{Account: "svc"}, func(context.Context) error {
			at = append(at, time.Since(start))
			return busy{}
		}, func(error) bool { return true })
		// The lower half of each wait is certain, the upper one is jitter: 4,
		// 8, 10, 10 seconds.
		want := []time.Duration{0, 2 * time.Second, 6 * time.Second, 11 * time.Second, 16 * time.Second}
		if !errors.Is(err, ErrBusy) || !slices.Equal(at, want) {
			t.Errorf("%v; calls at %v, want %v", err, at, want)
		}
	})
}

func TestBudgetDoesNotWaitBeyondPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := steady(BudgetOptions{Patience: time.Minute})
		start := time.Now()
		first := busy{after: 5 * time.Minute}
		do := func() error {
			return b.Do(t.Context(), Charge{Account: "svc"}, func(context.Context) error { return first }, func(error) bool { return true })
		}
		if err := do(); err != error(first) {
			t.Errorf("the first: %v", err)
		}
		var own *BusyError
		if err := do(); !errors.As(err, &own) || own.Wait != 5*time.Minute || !errors.Is(err, ErrBusy) {
			t.Errorf("the second: %v", err)
		}
		if d, ok := RetryAfter(own); !ok || d != 5*time.Minute || Hint(own) == "" || own.Error() == "" {
			t.Errorf("it says too little: %v", own)
		}
		if time.Since(start) != 0 {
			t.Errorf("it waited %s", time.Since(start))
		}
	})
}

func TestBudgetRepeatsOnlyWhatItMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := steady(BudgetOptions{})
		for _, repeat := range []func(error) bool{nil, func(error) bool { return false }} {
			calls := 0
			err := b.Do(t.Context(), Charge{Account: "svc"}, func(context.Context) error { calls++; return busy{} }, repeat)
			if calls != 1 || !errors.Is(err, ErrBusy) {
				t.Errorf("%d calls, %v", calls, err)
			}
		}
	})
}

func TestBudgetScopesOfABusyAnswer(t *testing.T) {
	anna := Charge{Mailbox: "anna", Account: "svc"}
	for name, each := range map[string]struct {
		err     error
		open    []Charge
		closed  []Charge
		charged Charge
	}{
		"mailbox": {err: busy{scope: MailboxScope}, charged: anna, open: []Charge{{Mailbox: "ben", Account: "svc"}}, closed: []Charge{{Mailbox: "anna"}}},
		"account": {err: busy{}, charged: anna, open: []Charge{{Mailbox: "anna", Account: "other"}}, closed: []Charge{{Mailbox: "ben", Account: "svc"}}},
		"server":  {err: busy{scope: ConnectionScope}, charged: anna, closed: []Charge{{}, {Mailbox: "ben", Account: "other"}}},
		"nobody":  {err: busy{}, charged: Charge{}, closed: []Charge{{Mailbox: "ben"}}},
		"plain":   {err: fmt.Errorf("wrapped: %w", ErrBusy), charged: anna, open: []Charge{{Account: "other"}}, closed: []Charge{{Account: "svc"}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := steady(BudgetOptions{})
				b.Report(each.charged, each.err)
				for _, c := range each.open {
					if n := len(queue(t, b, c)()); n != 1 {
						t.Errorf("%+v has to wait", c)
					}
				}
				for _, c := range each.closed {
					b := steady(BudgetOptions{})
					b.Report(each.charged, each.err)
					turns := queue(t, b, c)
					if n := len(turns()); n != 0 {
						t.Errorf("%+v does not wait", c)
					}
					time.Sleep(time.Second)
					if n := len(turns()); n != 1 {
						t.Errorf("%+v waits for ever", c)
					}
				}
			})
		})
	}
}

func TestBudgetLearnsDownwardAndUpward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := steady(BudgetOptions{Account: 16, Mailbox: 100})
		svc := Charge{Account: "svc"}
		limit := func() int {
			if g := b.gates[gateKey{AccountScope, "svc"}]; g != nil {
				return g.limit
			}
			return 16 // forgotten, since it is as new
		}
		// Sixteen calls are refused at once: that is one piece of news.
		var permits []*Permit
		for range 16 {
			permits = append(permits, acquire(t, b, svc))
		}
		time.Sleep(time.Second)
		for _, p := range permits {
			p.Done(busy{})
		}
		if limit() != 8 {
			t.Fatalf("the limit is %d after one refusal", limit())
		}
		for _, want := range []int{4, 2, 1, 1} {
			p := acquire(t, b, svc)
			time.Sleep(time.Second)
			p.Done(busy{})
			if limit() != want {
				t.Fatalf("the limit is %d, want %d", limit(), want)
			}
		}
		calls := 0
		for want := 2; want <= 16; want++ {
			for limit() < want {
				p := acquire(t, b, svc)
				p.Done(nil)
				if calls++; calls > 1000 {
					t.Fatalf("the limit stays at %d", limit())
				}
			}
		}
		if len(b.gates) != 0 {
			t.Errorf("%d gates are kept though all is well", len(b.gates))
		}
	})
}

func TestBudgetNoNewsIsNoGoodNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := steady(BudgetOptions{Account: 2})
		svc := Charge{Account: "svc"}
		b.Report(svc, busy{})
		for range 100 {
			for _, err := range []error{ErrUnavailable, context.Canceled, &BusyError{Wait: time.Hour}} {
				acquire(t, b, svc).Done(err)
			}
		}
		if limit := b.gate(gateKey{AccountScope, "svc"}).limit; limit != 1 {
			t.Errorf("the limit recovered to %d", limit)
		}
		time.Sleep(2 * forgotten)
		acquire(t, b, Charge{}).Done(nil)
		if len(b.gates) != 0 {
			t.Error("an old busy answer is remembered for ever")
		}
	})
}

func TestBudgetPrefersWhatIsLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := steady(BudgetOptions{Account: 3})
		live, later := Charge{Account: "svc"}, Charge{Account: "svc", Backfill: true}
		first := acquire(t, b, later)
		second := acquire(t, b, later)
		turns := queue(t, b, later)
		if len(turns()) != 0 {
			t.Fatal("backfill took the last place")
		}
		third := acquire(t, b, live)
		more := queue(t, b, live)
		third.Done(nil)
		if len(more()) != 1 || len(turns()) != 0 {
			t.Fatal("backfill went before what is live")
		}
		first.Done(nil)
		second.Done(nil)
		if len(turns()) != 1 {
			t.Fatal("backfill never has its turn")
		}
	})
}

func TestBudgetGivesUpAWaitWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := steady(BudgetOptions{Connection: 1})
		p := acquire(t, b, Charge{})
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() {
			_, err := b.Acquire(ctx, Charge{})
			failed <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("waiting ended with %v", err)
		}
		p.Done(nil)
		acquire(t, b, Charge{}).Done(nil)
		if _, err := b.Acquire(ctx, Charge{}); !errors.Is(err, context.Canceled) {
			t.Errorf("with a done context: %v", err)
		}
		if err := b.Pause(ctx, 1, ErrBusy); !errors.Is(err, context.Canceled) {
			t.Errorf("pausing: %v", err)
		}
	})
}

func TestBudgetPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := steady(BudgetOptions{MinWait: 2 * time.Second, MaxWait: 6 * time.Second})
		for failures, want := range []time.Duration{0: 0, 1: time.Second, 2: 2 * time.Second, 3: 3 * time.Second, 9: 3 * time.Second} {
			if want == 0 {
				continue
			}
			start := time.Now()
			if err := b.Pause(t.Context(), failures, ErrUnavailable); err != nil || time.Since(start) != want {
				t.Errorf("after %d failures: %v, %s, want %s", failures, err, time.Since(start), want)
			}
		}
		start := time.Now()
		if err := b.Pause(t.Context(), 1, busy{after: time.Minute}); err != nil || time.Since(start) != time.Minute {
			t.Errorf("asked for a minute: %v, %s", err, time.Since(start))
		}
	})
}

// Whatever happens, no limit is exceeded, nobody waits for ever, and in the end
// all places are free.
func TestBudgetHoldsItsLimits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		opts := BudgetOptions{
			Connection: rapid.IntRange(1, 6).Draw(rt, "connection"),
			Account:    rapid.IntRange(1, 4).Draw(rt, "account"),
			Mailbox:    rapid.IntRange(1, 3).Draw(rt, "mailbox"),
			Patience:   24 * time.Hour,
		}
		type job struct {
			charge Charge
			takes  time.Duration
			ends   error
			starts time.Duration
		}
		jobs := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) job {
			return job{
				Charge{
					Mailbox:  rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "mailbox"),
					Account:  rapid.SampledFrom([]string{"", "x", "y"}).Draw(rt, "account"),
					Backfill: rapid.Bool().Draw(rt, "backfill"),
				},
				time.Duration(rapid.IntRange(0, 20).Draw(rt, "takes")) * time.Second,
				rapid.SampledFrom([]error{nil, nil, nil, ErrNotFound, ErrUnavailable, busy{}, busy{after: 30 * time.Second}, busy{scope: MailboxScope}, busy{scope: ConnectionScope}}).Draw(rt, "ends"),
				time.Duration(rapid.IntRange(0, 30).Draw(rt, "starts")) * time.Second,
			}
		}), 1, 40).Draw(rt, "jobs")
		synctest.Test(t, func(*testing.T) {
			b := NewBudget(&opts)
			var mu sync.Mutex
			running := map[string]int{}
			count := func(c Charge, d int) {
				mu.Lock()
				defer mu.Unlock()
				for key, most := range map[string]int{"": opts.Connection, "account " + c.Account: opts.Account, "mailbox " + c.Mailbox: opts.Mailbox} {
					if key == "account " {
						continue
					}
					if running[key] += d; running[key] > most {
						rt.Errorf("%d calls at a time for %q, which admits %d", running[key], key, most)
					}
				}
			}
			var all sync.WaitGroup
			done := 0
			for _, j := range jobs {
				all.Go(func() {
					time.Sleep(j.starts)
					attempts := 0
					err := b.Do(context.Background(), j.charge, func(context.Context) error {
						count(j.charge, 1)
						time.Sleep(j.takes)
						count(j.charge, -1)
						attempts++
						return j.ends
					}, func(err error) bool { return errors.Is(err, ErrBusy) })
					mu.Lock()
					defer mu.Unlock()
					done++
					if err != j.ends || attempts > 4 {
						rt.Errorf("%d attempts, %v", attempts, err)
					}
				})
			}
			all.Wait()
			if done != len(jobs) {
				rt.Errorf("%d of %d calls came to an end", done, len(jobs))
			}
			for k, g := range b.gates {
				if g.inUse != 0 {
					rt.Errorf("%d places of %v are never given back", g.inUse, k)
				}
			}
			if len(b.waiting[0])+len(b.waiting[1]) != 0 || b.timer != nil {
				rt.Error("something is left waiting")
			}
		})
	})
}
