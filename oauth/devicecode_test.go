package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator/entra"
)

// devicePolls counts the polls that go to a pretend Entra, and may answer one
// in its place.
type devicePolls struct {
	base http.RoundTripper
	mu   sync.Mutex
	at   []time.Time
	// instead answers the nth poll, if it wants to.
	instead func(n int) (*http.Response, error)
}

func (p *devicePolls) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		return p.base.RoundTrip(r)
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(strings.NewReader(string(text)))
	form, err := url.ParseQuery(string(text))
	if err != nil || form.Get("device_code") == "" {
		return p.base.RoundTrip(r)
	}
	p.mu.Lock()
	p.at = append(p.at, time.Now())
	n := len(p.at)
	p.mu.Unlock()
	if p.instead != nil {
		if answer, err := p.instead(n); answer != nil || err != nil {
			return answer, err
		}
	}
	return p.base.RoundTrip(r)
}

// device is a client with the method device-code of the pretend Entra, which
// minds that it is asked too often.
func device(t *testing.T, change func(*entra.Application, *entra.Directory)) (*oauth.Client, *entra.Directory, *http.Client, *devicePolls) {
	t.Helper()
	dir := entra.NewDirectory()
	app := publicApp("http://localhost")
	app.ClientID, app.Tenant, app.Name = clientID, tenant, "exconn"
	_, err := dir.AddTenant(entra.Tenant{ID: tenant, Name: "Contoso", Domains: []string{"contoso.example"}})
	if err == nil {
		_, err = dir.AddUser(entra.User{Tenant: tenant, UPN: "anna@contoso.example", Name: "Anna Ahrens", Password: password})
	}
	if change != nil {
		change(&app, dir)
	}
	if err == nil {
		_, err = dir.AddApplication(app)
	}
	if err != nil {
		t.Fatal(err)
	}
	hc := inMemory(entra.New(dir, &entra.Options{BaseURL: realmURL, SlowDown: true}))
	polls := &devicePolls{base: hc.Transport}
	cfg := entraConfig(&http.Client{Transport: polls})
	cfg.Method = oauth.DeviceCode
	return newClient(t, cfg, &memory{}), dir, hc, polls
}

func begin(t *testing.T, c *oauth.Client, opts oauth.SignInOptions) *oauth.DeviceAttempt {
	t.Helper()
	d, err := c.BeginDeviceSignIn(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// typed is the person at the other machine.
func typed(t *testing.T, hc *http.Client, d *oauth.DeviceAttempt, consent bool) {
	t.Helper()
	if err := entra.SignInDevice(t.Context(), hc, d.VerificationURI(), d.UserCode(), "anna@contoso.example", password, consent); err != nil {
		t.Error(err)
	}
}

func TestDeviceCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, hc, polls := device(t, nil)
		d := begin(t, c, oauth.SignInOptions{})
		if len(d.UserCode()) != 9 || !strings.HasPrefix(d.VerificationURI(), realmURL+"/") || time.Until(d.Expires()) != 15*time.Minute {
			t.Errorf("code %q at %s until %v", d.UserCode(), d.VerificationURI(), d.Expires())
		}
		if printed := fmt.Sprintf("%v %+v", d, *d); strings.Contains(printed, d.UserCode()) {
			t.Errorf("it prints its code: %s", printed)
		}
		go func() {
			time.Sleep(12 * time.Second)
			typed(t, hc, d, true)
		}()
		account, err := d.Wait(t.Context())
		if err != nil || account.Username != "anna@contoso.example" || account.Name != "Anna Ahrens" || account.TenantID != tenant {
			t.Fatalf("%+v, %v", account, err)
		}
		if len(polls.at) != 3 {
			t.Errorf("%d polls in 15 s, want one every 5 s", len(polls.at))
		}
		claims, err := oauth.Inspect(mustToken(t, c).Value())
		if err != nil || claims.Audience != oauth.ExchangeOnline || claims.Kind != oauth.Delegated {
			t.Errorf("claims %+v, %v", claims, err)
		}
		c.Invalidate(mustToken(t, c))
		mustToken(t, c) // by the refresh token
	})
}

func TestDeviceCodeRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change     func(*entra.Application, *entra.Directory)
		consent    bool
		nobody     bool
		code, says string
		hint       string
	}{
		"declined": {code: "AADSTS65004", says: "declined", hint: "begin again"},
		"nobody":   {nobody: true, code: "AADSTS70020", says: "the code has expired before anybody signed in", hint: "type the code in time"},
		"conditional access": {consent: true, code: "AADSTS53003", says: "conditional access", hint: "blocked in many organizations",
			change: func(_ *entra.Application, dir *entra.Directory) {
				if err := dir.SetPolicy(entra.Policy{Name: "no codes", Control: entra.BlockDeviceCode}); err != nil {
					t.Error(err)
				}
			}},
		"no public client": {consent: true, code: "AADSTS7000218", says: "secret", hint: `set "Allow public client flows" to Yes`,
			change: func(app *entra.Application, _ *entra.Directory) { app.AllowPublicClient = false }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _, hc, _ := device(t, test.change)
				d := begin(t, c, oauth.SignInOptions{})
				if !test.nobody {
					go func() {
						time.Sleep(time.Second)
						// A refusal by the page is the page's to tell.
						_ = entra.SignInDevice(t.Context(), hc, d.VerificationURI(), d.UserCode(), "anna@contoso.example", password, test.consent)
					}()
				}
				_, err := d.Wait(t.Context())
				var e *oauth.Error
				if !errors.As(err, &e) || !strings.Contains(err.Error(), test.says) || !strings.Contains(e.Hint(), test.hint) {
					t.Fatalf("%v (hint %q), want %q and %q", err, mailbox.Hint(err), test.says, test.hint)
				}
				// The clock of whoever waits may be ahead of the server's.
				if e.AADSTS != test.code && !(test.nobody && e.OAuth == "expired_token") {
					t.Errorf("the code is %s, want %s", e.Code(), test.code)
				}
				if _, signedIn, err := c.SignedIn(t.Context()); signedIn || err != nil {
					t.Errorf("somebody has signed in all the same: %v", err)
				}
			})
		})
	}
}

// The server sets the pace, and a network that fails is borne with.
func TestDeviceCodePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, hc, polls := device(t, nil)
		polls.instead = func(n int) (*http.Response, error) {
			switch n {
			case 1:
				return refusal(400, "slow_down", 70016, "too often"), nil
			case 2:
				return nil, errors.New("the cable is out")
			}
			return nil, nil
		}
		d := begin(t, c, oauth.SignInOptions{})
		typed(t, hc, d, true)
		start := time.Now()
		if _, err := d.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		var waits []string
		for _, at := range polls.at {
			waits = append(waits, at.Sub(start).Round(time.Second).String())
			start = at
		}
		if got := strings.Join(waits, " "); got != "5s 10s 20s" {
			t.Errorf("the pauses between the polls are %s", got)
		}
	})
}

func TestDeviceCodeGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, _, _ := device(t, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := begin(t, c, oauth.SignInOptions{}).Wait(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, mailbox.ErrSignInNeeded) || mailbox.Hint(err) == "" {
			t.Errorf("after the time that was given: %v", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		if _, err = begin(t, c, oauth.SignInOptions{}).Wait(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, mailbox.ErrSignInNeeded) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestDeviceCodeOfTheWrongAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, hc, _ := device(t, nil)
		wrong := errors.New("ben was to sign in")
		d := begin(t, c, oauth.SignInOptions{Check: func(oauth.Account) error { return wrong }})
		typed(t, hc, d, true)
		if _, err := d.Wait(t.Context()); !errors.Is(err, wrong) {
			t.Errorf("got %v", err)
		}
		if _, signedIn, err := c.SignedIn(t.Context()); signedIn || err != nil {
			t.Errorf("it was kept: %v", err)
		}
	})
}

// Each way in knows which of the two it is.
func TestDeviceCodeIsItsOwnWay(t *testing.T) {
	e := newFakeAuthority(t)
	if _, err := newClient(t, personConfig(e), &memory{}).BeginDeviceSignIn(t.Context(), oauth.SignInOptions{}); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("pkce: %v", err)
	}
	cfg := personConfig(e)
	cfg.Method = oauth.DeviceCode
	if _, err := newClient(t, cfg, &memory{}).BeginSignIn(t.Context(), oauth.SignInOptions{}); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("device-code: %v", err)
	}
}
