package oauth_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/exconn/exconn/oauth"
)

func TestSignedIn(t *testing.T) {
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		prepare func(*fakeAuthority)
		// renewed and lapses are counted from the sign-in; the renewal is an
		// hour after it, if the authority gives a refresh token then.
		renewed, lapses time.Duration
	}{
		"90 days by default":     {func(*fakeAuthority) {}, 2 * time.Hour, 2*time.Hour + 90*day},
		"told by the server":     {func(e *fakeAuthority) { e.lapse = day }, 2 * time.Hour, 2*time.Hour + day},
		"not given again":        {func(e *fakeAuthority) { e.sameRefreshToken = true }, 0, 90 * day},
		"no refresh token given": {func(e *fakeAuthority) { e.noRefreshToken = true }, 0, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, cache := newFakeAuthority(t), &memory{}
				test.prepare(e)
				c := newClient(t, personConfig(e), cache)
				if _, ok, err := c.SignedIn(t.Context()); ok || err != nil {
					t.Fatalf("before the sign-in: %v, %v", ok, err)
				}
				since := time.Now().UTC()
				signIn(t, c, e)
				time.Sleep(2 * time.Hour)
				_, _ = c.Token(t.Context())
				in, ok, err := newClient(t, personConfig(e), cache).SignedIn(t.Context())
				if err != nil || !ok || in.Account.Username != "anna@example.com" {
					t.Fatalf("%+v, %v, %v", in, ok, err)
				}
				for what, c := range map[string]struct {
					got  time.Time
					want time.Duration
				}{"since": {in.Since, 0}, "renewed": {in.Renewed, test.renewed}, "lapses": {in.Lapses, test.lapses}} {
					if d := c.got.Sub(since); d < c.want-time.Second || d > c.want+time.Second {
						t.Errorf("%s is %v after the sign-in, want %v", what, d, c.want)
					}
				}
			})
		})
	}
}

// A blob of a program that did not note it tells by its last access token.
func TestSignedInByAnOlderProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, cache := newFakeAuthority(t), &memory{}
		c := newClient(t, personConfig(e), cache)
		signIn(t, c, e)
		time.Sleep(2 * time.Hour)
		mustToken(t, c)
		want, _, err := c.SignedIn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var blob map[string]json.RawMessage
		if err := json.Unmarshal(cache.blob, &blob); err != nil {
			t.Fatal(err)
		}
		if blob["renewed"] == nil {
			t.Fatal("the blob does not note the renewal")
		}
		delete(blob, "renewed")
		if cache.blob, err = json.Marshal(blob); err != nil {
			t.Fatal(err)
		}
		second := newClient(t, personConfig(e), cache)
		in, ok, err := second.SignedIn(t.Context())
		if err != nil || !ok || in.Renewed.Sub(want.Renewed).Abs() > time.Second || in.Lapses.Sub(want.Lapses).Abs() > time.Second {
			t.Errorf("%+v, %v, %v; want %+v", in, ok, err, want)
		}
		mustToken(t, second)
	})
}

func TestSignedInAtADFS(t *testing.T) {
	e, cache := newFakeAuthority(t), &memory{}
	signIn(t, newClient(t, personConfig(e), cache), e)
	cfg := personConfig(e)
	cfg.Authority = "https://sts.example.com/adfs"
	in, ok, err := newClient(t, cfg, cache).SignedIn(t.Context())
	if err != nil || !ok || in.Renewed.IsZero() || !in.Lapses.IsZero() {
		t.Errorf("%+v, %v, %v; when it lapses is not known", in, ok, err)
	}
}

func TestSignedInOfAnApplication(t *testing.T) {
	e := newFakeAuthority(t)
	e.secret = "the right one"
	cfg := appConfig(e, oauth.ClientSecret)
	cfg.Secret = oauth.Secret(e.secret)
	c := newClient(t, cfg, &memory{})
	mustToken(t, c)
	if _, ok, err := c.SignedIn(t.Context()); ok || err != nil {
		t.Errorf("%v, %v; an application does not sign in", ok, err)
	}
}
