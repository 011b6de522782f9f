package oauth_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

func TestPaste(t *testing.T) {
	type call struct {
		e *fakeAuthority
		a *oauth.Attempt
	}
	for name, text := range map[string]func(call) string{
		"code":               func(c call) string { return c.e.authorize(c.a.URL()) },
		"code with breaks":   func(c call) string { s := c.e.authorize(c.a.URL()); return " " + s[:20] + "\r\n  " + s[20:] + "\n" },
		"address, query":     func(c call) string { return callbackOf(crmPage+"?", c.e.authorize(c.a.URL()), c.a.State()) },
		"address, fragment":  func(c call) string { return callbackOf(crmPage+"#", c.e.authorize(c.a.URL()), c.a.State()) },
		"address, localhost": func(c call) string { return callbackOf("http://localhost:1/?", c.e.authorize(c.a.URL()), c.a.State()) },
		"in quotes":          func(c call) string { return `"` + callbackOf(crmPage+"#", c.e.authorize(c.a.URL()), c.a.State()) + `"` },
		"parameters alone":   func(c call) string { return callbackOf("", c.e.authorize(c.a.URL()), c.a.State()) },
		"with a hash":        func(c call) string { return callbackOf("#", c.e.authorize(c.a.URL()), c.a.State()) },
		"without a state":    func(c call) string { return crmPage + "#code=" + url.QueryEscape(c.e.authorize(c.a.URL())) },
	} {
		t.Run(name, func(t *testing.T) {
			e := newFakeAuthority(t)
			cfg := personConfig(e)
			cfg.RedirectURI = crmPage
			c := newClient(t, cfg, &memory{})
			a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			if a.ListenAddress() != "" || strings.Contains(a.State(), ".") {
				t.Errorf("paste alone, but the state %q names a port", a.State())
			}
			account, err := a.Paste(t.Context(), text(call{e, a}))
			if err != nil || account.Username != "anna@example.com" {
				t.Fatalf("Paste: %+v, %v", account, err)
			}
			if waited, err := a.Wait(t.Context()); err != nil || waited != account {
				t.Errorf("Wait: %+v, %v", waited, err)
			}
		})
	}
}

func callbackOf(prefix, code, state string) string {
	return prefix + url.Values{"code": {code}, "state": {state}}.Encode()
}

func TestPasteOfSomethingElse(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	a := attempt(t, c)
	code := e.authorize(a.URL())
	for name, test := range map[string]struct {
		text string
		want error
		says string
	}{
		"nothing":            {"  \n", mailbox.ErrInvalid, "nothing"},
		"words":              {"schöner Tag", mailbox.ErrInvalid, "no code"},
		"address, no code":   {crmPage, mailbox.ErrInvalid, "no code"},
		"too much":           {strings.Repeat("a", 100<<10), mailbox.ErrInvalid, "too long"},
		"foreign state":      {callbackOf(crmPage+"#", code, "of-another"), mailbox.ErrSignInNeeded, "another sign-in"},
		"foreign refusal":    {crmPage + "#error=access_denied&state=of-another", mailbox.ErrSignInNeeded, "another sign-in"},
		"a code of no avail": {"0.NotACodeThatTheServerKnows", mailbox.ErrSignInNeeded, "AADSTS54005"},
	} {
		_, err := a.Paste(t.Context(), test.text)
		if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, want it to say %q", name, err, test.says)
		}
		if err != nil {
			e.checkNoSecrets(t, name, err.Error())
		}
	}
	// None of it has ended the attempt; Wait hears of the paste that fits.
	done := make(chan error, 1)
	go func() {
		_, err := a.Wait(t.Context())
		done <- err
	}()
	if _, err := a.Paste(t.Context(), code); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("Wait: %v", err)
	}
}

func TestPastedRefusalEndsTheAttempt(t *testing.T) {
	e := newFakeAuthority(t)
	a := attempt(t, newClient(t, personConfig(e), &memory{}))
	_, err := a.Paste(t.Context(), crmPage+"#error=access_denied&error_description=AADSTS65004%3a+declined&state="+a.State())
	if mailbox.Code(err) != "AADSTS65004" {
		t.Errorf("Paste: %v", err)
	}
	if _, waited := a.Wait(t.Context()); !errors.Is(waited, err) {
		t.Errorf("Wait: %v", waited)
	}
}
