package oauth_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// Processes that share an account renew it once, and where refresh tokens are
// good for one use none of them loses it.
func TestProcessesRenewOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), newLeasedMemory()
		e.oneTime = true
		signIn(t, newClient(t, personConfig(e), cache), e)
		e.set(func(e *fakeAuthority) { e.before = func(url.Values) { time.Sleep(2 * time.Second) } })
		for round := range 3 {
			time.Sleep(2 * time.Hour)
			before := e.tokenCalls("refresh_token")
			var wg sync.WaitGroup
			for range 8 {
				c := newClient(t, personConfig(e), cache)
				for range 5 {
					wg.Go(func() {
						if _, err := c.Token(t.Context()); err != nil {
							t.Errorf("round %d: %v", round, err)
						}
					})
				}
			}
			wg.Wait()
			if n := e.tokenCalls("refresh_token") - before; n != 1 {
				t.Errorf("round %d: %d renewals, want 1", round, n)
			}
		}
	})
}

// A process that finds a good token takes no lock.
func TestNoLockForAGoodToken(t *testing.T) {
	e, cache := newFakeAuthority(t), newLeasedMemory()
	signIn(t, newClient(t, personConfig(e), cache), e)
	cache.lease.fail(errors.New("the disk is full"))
	c := newClient(t, personConfig(e), cache)
	mustToken(t, c)
	if _, _, err := c.SignedIn(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNobodySignedInTakesNoLock(t *testing.T) {
	e, cache := newFakeAuthority(t), newLeasedMemory()
	_, err := newClient(t, personConfig(e), cache).Token(t.Context())
	if !errors.Is(err, mailbox.ErrSignInNeeded) || cache.lease.taken != 0 {
		t.Errorf("%v, and the lock was taken %d times", err, cache.lease.taken)
	}
}

func TestWaitingForTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), newLeasedMemory()
		cache.lease.time = 24 * time.Hour
		c := newClient(t, personConfig(e), cache)
		signIn(t, c, e)
		first := mustToken(t, c)
		unlock, err := cache.Lock(t.Context()) // somebody else
		if err != nil {
			t.Fatal(err)
		}
		// The old token serves, and nobody waits for more than a moment, the
		// first to ask neither.
		time.Sleep(56 * time.Minute)
		for range 5 {
			begin := time.Now()
			if mustToken(t, c).Value() != first.Value() {
				t.Fatal("not the old token")
			}
			if waited := time.Since(begin); waited > 300*time.Millisecond {
				t.Errorf("waited %v although the old token serves", waited)
			}
		}
		// Without one the wait ends with the context.
		time.Sleep(10 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begin := time.Now()
		_, err = c.Token(ctx)
		if waited := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) || waited != 3*time.Second {
			t.Errorf("%v after %v, want the context's end", err, waited)
		}
		// A caller without one is told in the end that others do not finish.
		_, err = c.Token(t.Context())
		if !errors.Is(err, mailbox.ErrBusy) || errors.Is(err, mailbox.ErrSignInNeeded) || mailbox.Hint(err) == "" {
			t.Errorf("%v (hint %q), want one that Is ErrBusy", err, mailbox.Hint(err))
		}
		if n := e.tokenCalls("refresh_token"); n != 0 {
			t.Errorf("%d renewals without the lock", n)
		}
		unlock()
		if mustToken(t, c).Value() == first.Value() {
			t.Error("the old token, which has expired")
		}
	})
}

// Where the lock cannot be had nothing is risked: the old token serves, and
// then the error says why.
func TestLockThatCannotBeHad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged logBuffer
		e, cache := newFakeAuthority(t), newLeasedMemory()
		e.oneTime = true
		cfg := personConfig(e)
		cfg.Logger = logged.logger()
		c := newClient(t, cfg, cache)
		signIn(t, c, e)
		first := mustToken(t, c)
		full := errors.New("the disk is full")
		cache.lease.fail(full)
		time.Sleep(56 * time.Minute)
		if mustToken(t, c).Value() != first.Value() || !strings.Contains(logged.String(), "disk is full") {
			t.Errorf("not the old token, or no warning: %s", logged.String())
		}
		time.Sleep(time.Hour)
		_, err := c.Token(t.Context())
		if !errors.Is(err, full) || errors.Is(err, mailbox.ErrSignInNeeded) || !strings.Contains(err.Error(), "locked") {
			t.Errorf("got %v", err)
		}
		if n := e.tokenCalls("refresh_token"); n != 0 {
			t.Errorf("%d renewals without the lock", n)
		}
		cache.lease.fail(nil)
		mustToken(t, c)
	})
}

// An application in its own right has nothing to lose.
func TestApplicationWithoutTheLock(t *testing.T) {
	var logged logBuffer
	e, cache := newFakeAuthority(t), newLeasedMemory()
	e.secret = "the right one"
	cfg := appConfig(e, oauth.ClientSecret)
	cfg.Secret, cfg.Logger = oauth.Secret(e.secret), logged.logger()
	cache.lease.fail(errors.New("the disk is full"))
	mustToken(t, newClient(t, cfg, cache))
	if !strings.Contains(logged.String(), "disk is full") {
		t.Errorf("no warning: %s", logged.String())
	}
}

// Nor does it wait for ever for a holder that is suspended.
func TestApplicationWaitsForTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), newLeasedMemory()
		e.secret = "the right one"
		cfg := appConfig(e, oauth.ClientSecret)
		cfg.Secret = oauth.Secret(e.secret)
		unlock, err := cache.Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		begin := time.Now()
		mustToken(t, newClient(t, cfg, cache))
		if waited := time.Since(begin); waited > 15*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
}

// The holder of the lock has redeemed the refresh token and is suspended for
// longer than its lease before it keeps the next one.
func TestHolderSuspendedBeforeItKeeps(t *testing.T) {
	for name, oneTime := range map[string]bool{"refresh tokens for one use": true, "for many": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, cache := newFakeAuthority(t), newLeasedMemory()
				e.oneTime, e.spent, cache.lease.time = oneTime, 54005, 10*time.Second
				sleeper := suspended{cache, make(chan struct{})}
				one, two := newClient(t, personConfig(e), sleeper), newClient(t, personConfig(e), cache)
				signIn(t, one, e)
				time.Sleep(2 * time.Hour)
				done := make(chan oauth.Token)
				go func() {
					token, err := one.Token(t.Context())
					if err != nil {
						t.Error(err)
					}
					done <- token
				}()
				synctest.Wait() // it has its answer now
				begin := time.Now()
				theirs, err := two.Token(t.Context())
				if oneTime {
					// Honest, though not the end: what the other got may yet come.
					if !errors.Is(err, mailbox.ErrSignInNeeded) || time.Since(begin) > 20*time.Second {
						t.Fatalf("%v after %v, want ErrSignInNeeded", err, time.Since(begin))
					}
				} else if err != nil {
					t.Fatal(err)
				}
				between := cache.get()
				close(sleeper.resume)
				ours := <-done
				if ours.IsZero() {
					t.Fatal("the suspended process has no token")
				}
				if oneTime {
					if got := mustToken(t, two); got.Value() != ours.Value() {
						t.Error("the sign-in that was saved late is not used")
					}
				} else if mustToken(t, two).Value() != theirs.Value() || string(cache.get()) != string(between) {
					t.Error("a blob that is as good was overwritten")
				}
				// And so it goes on for both.
				for _, c := range []*oauth.Client{two, one} {
					time.Sleep(2 * time.Hour)
					mustToken(t, c)
				}
			})
		})
	}
}

// While the holder was suspended, another has got a token from a server that
// gave it no new refresh token, although the old one is used up: what the holder
// has is newer by the server's word.
func TestSuspendedHolderHasTheNewerRefreshToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), newLeasedMemory()
		cache.lease.time = 10 * time.Second
		sleeper := suspended{cache, make(chan struct{})}
		one, two := newClient(t, personConfig(e), sleeper), newClient(t, personConfig(e), cache)
		signIn(t, one, e)
		time.Sleep(2 * time.Hour)
		done := make(chan struct{})
		go func() {
			defer close(done)
			if _, err := one.Token(t.Context()); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		e.set(func(e *fakeAuthority) { e.sameRefreshToken = true })
		mustToken(t, two)
		old := cache.get()
		// From now on the first refresh token is dead.
		e.set(func(e *fakeAuthority) {
			for token := range e.refresh {
				if strings.Contains(string(old), token) {
					delete(e.refresh, token)
				}
			}
			e.sameRefreshToken = false
		})
		close(sleeper.resume)
		<-done
		time.Sleep(2 * time.Hour)
		mustToken(t, newClient(t, personConfig(e), cache))
	})
}

// A person signs in, or out, while a renewal is under way elsewhere: that is
// newer, and the renewal gives way.
func TestSignInDuringARenewal(t *testing.T) {
	for _, out := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			e, cache := newFakeAuthority(t), newLeasedMemory()
			one, two := newClient(t, personConfig(e), cache), newClient(t, personConfig(e), cache)
			signIn(t, one, e)
			time.Sleep(2 * time.Hour)
			e.set(func(e *fakeAuthority) {
				e.before = func(form url.Values) {
					if form.Get("grant_type") == "refresh_token" {
						time.Sleep(time.Minute / 2)
					}
				}
			})
			type result struct {
				token oauth.Token
				err   error
			}
			done := make(chan result)
			go func() {
				token, err := one.Token(t.Context())
				done <- result{token, err}
			}()
			synctest.Wait()
			if out {
				if err := two.SignOut(t.Context()); err != nil {
					t.Fatal(err)
				}
			} else {
				e.set(func(e *fakeAuthority) { e.user = "berta@example.com" })
				signIn(t, two, e)
			}
			after := cache.get()
			r := <-done
			if string(cache.get()) != string(after) {
				t.Error("the renewal has undone what came after it")
			}
			switch {
			case out && !errors.Is(r.err, mailbox.ErrSignInNeeded):
				t.Errorf("signed out: %v, want ErrSignInNeeded", r.err)
			case !out && (r.err != nil || r.token.Value() != mustToken(t, two).Value()):
				t.Errorf("%v, or a token of the account that was there before", r.err)
			}
		})
	}
}

// A refusal that is kept beside the dead refresh token does not hide the new
// one that comes late.
func TestSaveThatFailsUnderTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), newLeasedMemory()
		e.oneTime = true
		one, two := newClient(t, personConfig(e), cache), newClient(t, personConfig(e), cache)
		signIn(t, one, e)
		time.Sleep(2 * time.Hour)
		cache.failSaves(errors.New("disk full"))
		first := mustToken(t, one)
		cache.failSaves(nil)
		// The other process has the old blob alone, and is refused.
		if _, err := two.Token(t.Context()); !errors.Is(err, mailbox.ErrSignInNeeded) {
			t.Errorf("got %v, want one that Is ErrSignInNeeded", err)
		}
		// This one has what the server gave, and brings it into order.
		if err := one.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if mustToken(t, one).Value() == first.Value() {
			t.Error("not refreshed")
		}
		mustToken(t, two)
	})
}
