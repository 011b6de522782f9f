package oauth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

func TestTokenBeforeSignIn(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	_, err := c.Token(t.Context())
	if !errors.Is(err, mailbox.ErrSignInNeeded) {
		t.Fatalf("got %v, want one that Is ErrSignInNeeded", err)
	}
	if hint := mailbox.Hint(err); !strings.Contains(hint, "exconn connection sign-in") {
		t.Errorf("the hint %q names no command", hint)
	}
	if n := e.tokenCalls(""); n != 0 {
		t.Errorf("%d token requests without anybody signed in", n)
	}
	if _, ok, err := c.SignedIn(t.Context()); ok || err != nil {
		t.Errorf("Account: %v, %v; want none", ok, err)
	}
}

func TestTokenIsServedFromMemory(t *testing.T) {
	e, cache := newFakeAuthority(t), &memory{}
	c := newClient(t, personConfig(e), cache)
	account := signIn(t, c, e)
	want := oauth.Account{Username: "anna@example.com", HomeAccountID: "oid-anna@example.com." + tenant, TenantID: tenant, Name: "Anna Ahrens"}
	if account != want {
		t.Errorf("signed in as %+v, want %+v", account, want)
	}
	first, loads := mustToken(t, c), cache.loads
	for range 100 {
		if got := mustToken(t, c); got.Value() != first.Value() {
			t.Fatal("the token changed although it is fresh")
		}
	}
	if cache.loads != loads {
		t.Errorf("%d reads of the cache for tokens that are in memory", cache.loads-loads)
	}
	if n := e.tokenCalls(""); n != 1 {
		t.Errorf("%d token requests, want the redemption alone", n)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = c.Token(t.Context()) }); n > 1 {
		t.Errorf("%v allocations for a token from memory", n)
	}
}

func TestAnotherProcessFindsTheSignIn(t *testing.T) {
	e, cache := newFakeAuthority(t), &memory{}
	signIn(t, newClient(t, personConfig(e), cache), e)

	second := newClient(t, personConfig(e), cache)
	in, ok, err := second.SignedIn(t.Context())
	if err != nil || !ok || in.Account.Username != "anna@example.com" {
		t.Fatalf("SignedIn: %+v, %v, %v", in, ok, err)
	}
	if mustToken(t, second).IsZero() {
		t.Error("no token")
	}
	if n := e.tokenCalls("refresh_token"); n != 0 {
		t.Errorf("%d renewals of a token that is fresh in the cache", n)
	}
}

func TestRenewalIsOneFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), &memory{}
		e.oneTime = true
		c := newClient(t, personConfig(e), cache)
		signIn(t, c, e)
		time.Sleep(2 * time.Hour)
		// The server takes its time, so that all callers wait together.
		e.before = func(url.Values) { time.Sleep(time.Second) }
		var wg sync.WaitGroup
		tokens := make([]string, 50)
		for i := range tokens {
			wg.Go(func() {
				token, err := c.Token(t.Context())
				if err != nil {
					t.Error(err)
				}
				tokens[i] = token.Value()
			})
		}
		wg.Wait()
		for _, token := range tokens {
			if token == "" || token != tokens[0] {
				t.Fatal("the callers did not all get the one new token")
			}
		}
		if n := e.tokenCalls("refresh_token"); n != 1 {
			t.Errorf("%d renewals for 50 callers, want 1", n)
		}
	})
}

func TestRenewalComesAheadOfExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeAuthority(t)
		c := newClient(t, personConfig(e), &memory{})
		signIn(t, c, e)
		first := mustToken(t, c)
		time.Sleep(54 * time.Minute)
		if mustToken(t, c).Value() != first.Value() {
			t.Error("renewed more than five minutes ahead")
		}
		time.Sleep(62 * time.Second)
		second := mustToken(t, c)
		if second.Value() == first.Value() {
			t.Error("not renewed within the last five minutes")
		}
		if left := time.Until(second.Expires); left < 59*time.Minute {
			t.Errorf("the new token lasts %v", left)
		}
	})
}

func TestShortLivedTokenIsNotRenewedAtEveryCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeAuthority(t)
		e.lifetime = time.Minute
		c := newClient(t, personConfig(e), &memory{})
		signIn(t, c, e)
		for range 10 {
			mustToken(t, c)
		}
		if n := e.tokenCalls("refresh_token"); n != 0 {
			t.Errorf("%d renewals of a token of a minute, just got", n)
		}
		time.Sleep(45 * time.Second)
		mustToken(t, c)
		if n := e.tokenCalls("refresh_token"); n != 1 {
			t.Errorf("%d renewals towards its end, want 1", n)
		}
	})
}

func TestOldTokenServesWhileRenewalFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged logBuffer
		e := newFakeAuthority(t)
		cfg := personConfig(e)
		cfg.Logger = logged.logger()
		c := newClient(t, cfg, &memory{})
		signIn(t, c, e)
		first := mustToken(t, c)
		e.set(func(e *fakeAuthority) {
			e.refuse = func(url.Values) *http.Response { return textAnswer(503, "<html>busy</html>") }
		})
		time.Sleep(56 * time.Minute)
		for range 20 {
			if mustToken(t, c).Value() != first.Value() {
				t.Fatal("got another token from a server that is down")
			}
		}
		if n := e.tokenCalls("refresh_token"); n != 1 {
			t.Errorf("%d renewals tried in one moment, want 1", n)
		}
		if !strings.Contains(logged.String(), "could not be renewed") {
			t.Errorf("no warning was written: %s", logged.String())
		}
		time.Sleep(10 * time.Minute)
		_, err := c.Token(t.Context())
		if !errors.Is(err, mailbox.ErrBusy) && !errors.Is(err, mailbox.ErrUnavailable) {
			t.Errorf("after the old token's end: %v, want one that is transient", err)
		}
		if errors.Is(err, mailbox.ErrSignInNeeded) {
			t.Error("a server that is down is no reason to sign in")
		}
		e.set(func(e *fakeAuthority) { e.refuse = nil })
		if mustToken(t, c).Value() == first.Value() {
			t.Error("not renewed after the server has come back")
		}
	})
}

func TestSlowRenewalDoesNotHoldUpTheOldToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeAuthority(t)
		c := newClient(t, personConfig(e), &memory{})
		signIn(t, c, e)
		first := mustToken(t, c)
		time.Sleep(56 * time.Minute)
		e.before = func(url.Values) { time.Sleep(40 * time.Second) }
		begin := time.Now()
		if mustToken(t, c).Value() != first.Value() {
			t.Error("not the old token")
		}
		if waited := time.Since(begin); waited > 10*time.Second {
			t.Errorf("waited %v for a renewal although the old token serves", waited)
		}
		time.Sleep(time.Minute)
		if mustToken(t, c).Value() == first.Value() {
			t.Error("the slow renewal was lost")
		}
		if n := e.tokenCalls("refresh_token"); n != 1 {
			t.Errorf("%d renewals, want 1", n)
		}
	})
}

func TestCancelledCallerLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeAuthority(t)
		e.oneTime = true
		c := newClient(t, personConfig(e), &memory{})
		signIn(t, c, e)
		time.Sleep(2 * time.Hour)
		e.before = func(url.Values) { time.Sleep(2 * time.Second) }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Token(ctx); !errors.Is(err, ctx.Err()) {
			t.Fatalf("got %v, want one that Is the context's", err)
		}
		// The server has answered meanwhile, and taken the refresh token back.
		time.Sleep(5 * time.Second)
		mustToken(t, c)
		if n := e.tokenCalls("refresh_token"); n != 1 {
			t.Errorf("%d renewals, want the one that was under way", n)
		}
	})
}

func TestRevokedSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newFakeAuthority(t)
		c := newClient(t, personConfig(e), &memory{})
		signIn(t, c, e)
		e.revoke()
		time.Sleep(2 * time.Hour)
		for range 5 {
			_, err := c.Token(t.Context())
			if !errors.Is(err, mailbox.ErrSignInNeeded) {
				t.Fatalf("got %v, want one that Is ErrSignInNeeded", err)
			}
			if code := mailbox.Code(err); code != "AADSTS50173" {
				t.Errorf("code %q", code)
			}
			if id := mailbox.RequestID(err); id != "c0ffee00-1111-2222-3333-444444444444" {
				t.Errorf("correlation id %q", id)
			}
			if !strings.Contains(err.Error(), "AADSTS50173") || !strings.Contains(err.Error(), "revoked") {
				t.Errorf("the error says neither code nor cause: %v", err)
			}
		}
		if n := e.tokenCalls("refresh_token"); n != 1 {
			t.Errorf("%d renewals with a refresh token that is dead, want 1", n)
		}
		signIn(t, c, e)
		mustToken(t, c)
	})
}

func TestAnotherProcessHasRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), &memory{}
		e.oneTime = true
		one, two := newClient(t, personConfig(e), cache), newClient(t, personConfig(e), cache)
		signIn(t, one, e)
		mustToken(t, two)
		time.Sleep(2 * time.Hour)
		renewed := mustToken(t, one)
		if mustToken(t, two).Value() != renewed.Value() {
			t.Error("the second did not find what the first had renewed")
		}
		if n := e.tokenCalls("refresh_token"); n != 1 {
			t.Errorf("%d renewals, want 1", n)
		}
	})
}

func TestAnotherProcessRenewsAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), &memory{}
		e.oneTime = true
		one, two := newClient(t, personConfig(e), cache), newClient(t, personConfig(e), cache)
		signIn(t, one, e)
		time.Sleep(2 * time.Hour)
		// The second has read the cache and is about to redeem when the first
		// redeems the same refresh token.
		raced := false
		e.before = func(form url.Values) {
			if !raced {
				raced = true
				mustToken(t, one)
			}
		}
		mustToken(t, two)
		if !raced {
			t.Fatal("no renewal was tried")
		}
		if got, want := e.tokenCalls("refresh_token"), 2; got != want {
			t.Errorf("%d renewals, want %d: one that won and one that lost", got, want)
		}
	})
}

// slowCache takes its time to keep something.
type slowCache struct {
	*memory
	takes time.Duration
}

func (c slowCache) Swap(ctx context.Context, old, blob []byte) error {
	time.Sleep(c.takes)
	return c.memory.Swap(ctx, old, blob)
}

// The other process has redeemed the refresh token, and not yet kept the next.
func TestAnotherProcessKeepsItsRenewalLater(t *testing.T) {
	for _, code := range []int{54005, 70000} {
		synctest.Test(t, func(t *testing.T) {
			e, cache := newFakeAuthority(t), &memory{}
			e.oneTime, e.spent = true, code
			one, two := newClient(t, personConfig(e), slowCache{cache, time.Second}), newClient(t, personConfig(e), cache)
			signIn(t, one, e)
			time.Sleep(2 * time.Hour)
			redeemed := make(chan struct{})
			go func() {
				defer close(redeemed)
				if _, err := one.Token(t.Context()); err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait() // it sleeps now, on its way to the cache
			mustToken(t, two)
			<-redeemed
			if got, want := e.tokenCalls("refresh_token"), 2; got != want {
				t.Errorf("AADSTS%d: %d renewals, want %d: one that won and one that lost", code, got, want)
			}
		})
	}
}

func TestInvalidate(t *testing.T) {
	e, cache := newFakeAuthority(t), &memory{}
	c := newClient(t, personConfig(e), cache)
	signIn(t, c, e)
	first := mustToken(t, c)
	c.Invalidate(first)
	second := mustToken(t, c)
	if second.Value() == first.Value() {
		t.Fatal("a refused token was handed out again, from the cache")
	}
	c.Invalidate(first) // by a slower request
	if mustToken(t, c).Value() != second.Value() {
		t.Error("an old refusal ended the new token")
	}
	if n := e.tokenCalls("refresh_token"); n != 1 {
		t.Errorf("%d renewals, want 1", n)
	}
	c.Invalidate(oauth.Token{})
	e.revoke()
	c.Invalidate(second)
	if _, err := c.Token(t.Context()); !errors.Is(err, mailbox.ErrSignInNeeded) {
		t.Errorf("a refused token that cannot be renewed: %v, want ErrSignInNeeded", err)
	}
}

func TestCorruptCache(t *testing.T) {
	for name, blob := range map[string]string{
		"not JSON":            "\x00\x01garbage with a SECRET-IN-THE-BLOB",
		"another JSON":        `{"hello":"SECRET-IN-THE-BLOB"}`,
		"cut off":             `{"version":1,"account":{"username":"a`,
		"tokens of odd shape": `{"version":1,"account":{"username":"a","home_account_id":"b"},"tokens":{"AccessToken":"SECRET-IN-THE-BLOB"}}`,
		"tokens no object":    `{"version":1,"account":{"username":"a","home_account_id":"b"},"tokens":[1]}`,
	} {
		t.Run(name, func(t *testing.T) {
			var logged logBuffer
			e, cache := newFakeAuthority(t), &memory{blob: []byte(blob)}
			cfg := personConfig(e)
			cfg.Logger = logged.logger()
			c := newClient(t, cfg, cache)
			_, err := c.Token(t.Context())
			if !errors.Is(err, mailbox.ErrSignInNeeded) {
				t.Fatalf("got %v, want one that Is ErrSignInNeeded", err)
			}
			if strings.Contains(err.Error()+logged.String(), "SECRET-IN-THE-BLOB") {
				t.Error("the blob is quoted")
			}
			if !strings.Contains(logged.String(), "level=WARN") {
				t.Errorf("no warning: %s", logged.String())
			}
			signIn(t, c, e)
			mustToken(t, newClient(t, cfg, cache))
		})
	}
}

func TestCorruptAndUnreadableCacheDiffer(t *testing.T) {
	e := newFakeAuthority(t)
	cache := &memory{loadErr: fmt.Errorf("record tokens/a: %w", oauth.ErrCorruptCache)}
	c := newClient(t, personConfig(e), cache)
	if _, err := c.Token(t.Context()); !errors.Is(err, mailbox.ErrSignInNeeded) {
		t.Errorf("a lost blob: %v, want ErrSignInNeeded", err)
	}
	cache.loadErr = fmt.Errorf("the database is in use: %w", mailbox.ErrBusy)
	_, err := c.Token(t.Context())
	if !errors.Is(err, mailbox.ErrBusy) || errors.Is(err, mailbox.ErrSignInNeeded) {
		t.Errorf("a store in use: %v, want ErrBusy and no sign-in", err)
	}
	if _, _, err := c.SignedIn(t.Context()); !errors.Is(err, mailbox.ErrBusy) {
		t.Errorf("Account with a store in use: %v", err)
	}
}

func TestCacheOfANewerProgram(t *testing.T) {
	cache := &memory{blob: []byte(`{"version":99,"tokens":{}}`)}
	_, err := newClient(t, personConfig(newFakeAuthority(t)), cache).Token(t.Context())
	if !errors.Is(err, mailbox.ErrUnsupported) || !strings.Contains(err.Error(), "newer") {
		t.Errorf("got %v", err)
	}
}

func TestRenewalThatCannotBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged logBuffer
		e, cache := newFakeAuthority(t), &memory{}
		e.oneTime = true
		cfg := personConfig(e)
		cfg.Logger = logged.logger()
		c := newClient(t, cfg, cache)
		signIn(t, c, e)
		before := cache.get()
		cache.failSaves(errors.New("disk full"))
		time.Sleep(2 * time.Hour)
		mustToken(t, c)
		if !strings.Contains(logged.String(), "could not be kept") {
			t.Errorf("no warning: %s", logged.String())
		}
		if !bytes.Equal(cache.get(), before) {
			t.Fatal("the cache has changed")
		}
		cache.failSaves(nil)
		time.Sleep(2 * time.Hour)
		// The refresh token in the cache is used up; the one in memory is not.
		mustToken(t, c)
		time.Sleep(2 * time.Hour)
		mustToken(t, newClient(t, cfg, cache))
	})
}

func TestSignOut(t *testing.T) {
	e, cache := newFakeAuthority(t), &memory{}
	c := newClient(t, personConfig(e), cache)
	signIn(t, c, e)
	if err := c.SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if cache.get() != nil {
		t.Error("the cache still holds a blob")
	}
	if _, err := c.Token(t.Context()); !errors.Is(err, mailbox.ErrSignInNeeded) {
		t.Errorf("after sign-out: %v", err)
	}
	if _, ok, _ := c.SignedIn(t.Context()); ok {
		t.Error("the account is still there")
	}
	if err := c.SignOut(t.Context()); err != nil {
		t.Errorf("signing out twice: %v", err)
	}
	cache.failSaves(errors.New("disk full"))
	if err := c.SignOut(t.Context()); err == nil {
		t.Error("a sign-out that was not kept counts as done")
	}
}

func TestNewSignInReplacesTheOldAccount(t *testing.T) {
	e, cache := newFakeAuthority(t), &memory{}
	c := newClient(t, personConfig(e), cache)
	signIn(t, c, e)
	e.set(func(e *fakeAuthority) { e.user = "berta@example.com" })
	signIn(t, c, e)
	if in, _, _ := c.SignedIn(t.Context()); in.Account.Username != "berta@example.com" {
		t.Errorf("the account is %+v", in.Account)
	}
	if strings.Contains(string(cache.get()), "anna") {
		t.Error("the cache still holds the old account's tokens")
	}
}

func TestGrantedOtherPermissions(t *testing.T) {
	e := newFakeAuthority(t)
	cfg := personConfig(e)
	c := newClient(t, cfg, &memory{})
	e.refuse = func(url.Values) *http.Response {
		return jsonAnswer(200, map[string]any{"token_type": "Bearer", "scope": "https://graph.microsoft.com/User.Read", "expires_in": 3600,
			"access_token": "a.b.c", "id_token": jwt(map[string]any{"aud": clientID, "sub": "s"})})
	}
	a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	_, err = a.Paste(t.Context(), e.authorize(a.URL()))
	if !errors.Is(err, mailbox.ErrSignInNeeded) || !strings.Contains(err.Error(), "other permissions") {
		t.Errorf("got %v", err)
	}
}

func TestIssuerOfAnotherHost(t *testing.T) {
	e := newFakeAuthority(t)
	cfg := personConfig(e)
	cfg.HTTPClient = &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return jsonAnswer(200, map[string]any{"issuer": "https://evil.example/x", "authorization_endpoint": "https://login.test/a", "token_endpoint": "https://login.test/t"}), nil
	})}
	_, err := newClient(t, cfg, &memory{}).BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true})
	if !errors.Is(err, mailbox.ErrInvalid) || mailbox.Hint(err) == "" {
		t.Errorf("got %v (hint %q)", err, mailbox.Hint(err))
	}
}

func TestRefreshTokenMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged logBuffer
		e := newFakeAuthority(t)
		e.noRefreshToken = true
		cfg := personConfig(e)
		cfg.Logger = logged.logger()
		c := newClient(t, cfg, &memory{})
		signIn(t, c, e)
		if !strings.Contains(logged.String(), "no refresh token") {
			t.Errorf("no warning: %s", logged.String())
		}
		mustToken(t, c)
		time.Sleep(2 * time.Hour)
		if _, err := c.Token(t.Context()); !errors.Is(err, mailbox.ErrSignInNeeded) {
			t.Errorf("got %v, want one that Is ErrSignInNeeded", err)
		}
	})
}

func BenchmarkTokenFromMemory(b *testing.B) {
	e := newFakeAuthority(b)
	e.secret = "secret"
	c, err := oauth.New(oauth.Config{Authority: authority, ClientID: clientID, Method: oauth.ClientSecret, Secret: oauth.Secret("secret"),
		Scopes: oauth.EWSScopes(oauth.ClientSecret, ""), HTTPClient: &http.Client{Transport: e}}, &memory{})
	if err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	for b.Loop() {
		if _, err := c.Token(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
