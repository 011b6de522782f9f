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

// graph asks for a second resource.
var graph = []string{graphScope, "offline_access"}

func audienceOf(t *testing.T, token oauth.Token) string {
	t.Helper()
	claims, err := oauth.Inspect(token.Value())
	if err != nil {
		t.Fatal(err)
	}
	return claims.Audience
}

func sourceToken(t *testing.T, s *oauth.Source) oauth.Token {
	t.Helper()
	token, err := s.Token(t.Context())
	if err != nil {
		t.Fatalf("Token: %v", err)
	}
	return token
}

func TestOneSourcePerResource(t *testing.T) {
	c := newClient(t, personConfig(newFakeAuthority(t)), &memory{})
	if c.For(graph) != c.For([]string{"openid", strings.ToUpper(graphScope)}) {
		t.Error("two sources for the same scopes")
	}
	if c.For([]string{graphScope, ewsScope}) != c.For([]string{ewsScope, graphScope, ewsScope}) {
		t.Error("the order of the scopes makes a difference")
	}
	if c.For(nil) != c.For(oauth.EWSScopes(oauth.PKCE, "")) {
		t.Error("no scopes are not those of the Config")
	}
	if c.For(graph) == c.For(nil) {
		t.Error("one source for two resources")
	}
}

func TestOneSignInServesTwoResources(t *testing.T) {
	e, cache := newFakeAuthority(t), &memory{}
	e.oneTime = true
	c := newClient(t, personConfig(e), cache)
	signIn(t, c, e)
	ews, other := mustToken(t, c), sourceToken(t, c.For(graph))
	if audienceOf(t, ews) != oauth.ExchangeOnline || audienceOf(t, other) != "https://graph.microsoft.com" {
		t.Errorf("the tokens are for %s and %s", audienceOf(t, ews), audienceOf(t, other))
	}
	// Another process finds both.
	second := newClient(t, personConfig(e), cache)
	if mustToken(t, second).Value() != ews.Value() || sourceToken(t, second.For(graph)).Value() != other.Value() {
		t.Error("another process does not find both tokens")
	}
	if n := e.tokenCalls("refresh_token"); n != 1 {
		t.Errorf("%d renewals, want 1 for the second resource", n)
	}
	// A refusal of one does not touch the other.
	c.For(graph).Invalidate(ews)
	c.For(graph).Invalidate(other)
	if mustToken(t, c).Value() != ews.Value() {
		t.Error("a refused token of one resource ended the other's")
	}
	if sourceToken(t, c.For(graph)).Value() == other.Value() {
		t.Error("the refused token came again")
	}
	if err := c.SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.For(graph).Token(t.Context()); !errors.Is(err, mailbox.ErrSignInNeeded) {
		t.Errorf("after the sign-out: %v", err)
	}
}

func TestApplicationWithTwoResources(t *testing.T) {
	e := newFakeAuthority(t)
	e.secret = "the right one"
	cfg := appConfig(e, oauth.ClientSecret)
	cfg.Secret = oauth.Secret(e.secret)
	c := newClient(t, cfg, newLeasedMemory())
	other := c.For([]string{"https://graph.microsoft.com/.default"})
	for range 3 {
		if audienceOf(t, mustToken(t, c)) != oauth.ExchangeOnline || audienceOf(t, sourceToken(t, other)) != "https://graph.microsoft.com" {
			t.Fatal("a token is for the wrong resource")
		}
	}
	if n := e.tokenCalls(""); n != 2 {
		t.Errorf("%d token requests, want 2", n)
	}
}

// Whatever goes on, a token in memory is handed out.
func TestTokenFromMemoryTakesNoLock(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), newLeasedMemory())
	signIn(t, c, e)
	other := c.For(graph)
	sourceToken(t, other)
	release := c.HoldEverything()
	got := make(chan error, 1)
	go func() {
		_, err := c.Token(t.Context())
		_, again := other.Token(t.Context())
		got <- errors.Join(err, again)
	}()
	select {
	case err := <-got:
		release()
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		release()
		<-got
		t.Error("it waited for a lock")
	}
}

// A thousand callers for two resources cause one token request each, and where
// refresh tokens are good for one use the sign-in is not lost by it.
func TestOneRenewalPerResource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), newLeasedMemory()
		e.oneTime = true
		c := newClient(t, personConfig(e), cache)
		signIn(t, c, e)
		sources := []*oauth.Source{c.For(nil), c.For(graph)}
		sourceToken(t, sources[1])
		for range 3 {
			time.Sleep(2 * time.Hour)
			before := e.tokenCalls("refresh_token")
			e.set(func(e *fakeAuthority) { e.before = func(url.Values) { time.Sleep(time.Second) } })
			var wg sync.WaitGroup
			var mu sync.Mutex
			seen := []map[string]bool{{}, {}}
			for i := range 1000 {
				wg.Go(func() {
					token, err := sources[i%2].Token(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					defer mu.Unlock()
					seen[i%2][token.Value()] = true
				})
			}
			wg.Wait()
			if len(seen[0]) != 1 || len(seen[1]) != 1 {
				t.Fatalf("%d and %d different tokens, want one each", len(seen[0]), len(seen[1]))
			}
			if n := e.tokenCalls("refresh_token") - before; n != 2 {
				t.Errorf("%d renewals for two resources, want 2", n)
			}
		}
	})
}

func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), newLeasedMemory()
		e.oneTime = true
		one, two := newClient(t, personConfig(e), cache), newClient(t, personConfig(e), cache)
		signIn(t, one, e)
		first := mustToken(t, one)
		mustToken(t, two)
		time.Sleep(time.Minute)
		e.set(func(e *fakeAuthority) { e.before = func(url.Values) { time.Sleep(time.Second) } })
		var wg sync.WaitGroup
		for range 20 {
			for _, c := range []*oauth.Client{one, two} {
				wg.Go(func() {
					if err := c.Refresh(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		if n := e.tokenCalls("refresh_token"); n != 1 {
			t.Errorf("%d renewals for all who asked at once in two processes, want 1", n)
		}
		renewed := mustToken(t, one)
		if renewed.Value() == first.Value() || mustToken(t, two).Value() != renewed.Value() {
			t.Error("the two do not both have the new token")
		}
		in, ok, err := one.SignedIn(t.Context())
		if err != nil || !ok || in.Renewed.Before(in.Since.Add(time.Minute)) {
			t.Errorf("%+v, %v, %v", in, ok, err)
		}
		// A failure leaves the old token in force.
		e.revoke()
		if err := one.Refresh(t.Context()); !errors.Is(err, mailbox.ErrSignInNeeded) {
			t.Errorf("got %v, want one that Is ErrSignInNeeded", err)
		}
		if mustToken(t, one).Value() != renewed.Value() {
			t.Error("the good token is gone")
		}
	})
}

func TestRefreshOfAnApplication(t *testing.T) {
	e := newFakeAuthority(t)
	e.secret = "the right one"
	cfg := appConfig(e, oauth.ClientSecret)
	cfg.Secret = oauth.Secret(e.secret)
	c := newClient(t, cfg, newLeasedMemory())
	first := mustToken(t, c)
	if err := c.Refresh(t.Context()); err != nil || mustToken(t, c).Value() == first.Value() {
		t.Errorf("not refreshed: %v", err)
	}
}

func TestRefreshBeforeSignIn(t *testing.T) {
	c := newClient(t, personConfig(newFakeAuthority(t)), newLeasedMemory())
	if err := c.Refresh(t.Context()); !errors.Is(err, mailbox.ErrSignInNeeded) {
		t.Errorf("got %v, want one that Is ErrSignInNeeded", err)
	}
}

// A process that ends waits for what the server is about to give.
func TestSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), newLeasedMemory()
		e.oneTime = true
		c := newClient(t, personConfig(e), cache)
		signIn(t, c, e)
		begin := time.Now()
		if err := c.Settle(t.Context()); err != nil || time.Since(begin) > 0 {
			t.Errorf("with nothing to wait for: %v after %v", err, time.Since(begin))
		}
		time.Sleep(56 * time.Minute)
		e.set(func(e *fakeAuthority) { e.before = func(url.Values) { time.Sleep(20 * time.Second) } })
		mustToken(t, c) // the old one, while the renewal takes its time
		before := cache.get()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Settle(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's end", err)
		}
		if err := c.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if string(cache.get()) == string(before) {
			t.Error("the renewal has not been kept yet")
		}
		// One that waits for the lock has nothing to lose.
		time.Sleep(2 * time.Hour)
		unlock, err := cache.Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = c.Token(t.Context()) }()
		synctest.Wait()
		begin = time.Now()
		if err := c.Settle(t.Context()); err != nil || time.Since(begin) > 0 {
			t.Errorf("while another has the lock: %v after %v", err, time.Since(begin))
		}
		unlock()
		mustToken(t, c)
	})
}
