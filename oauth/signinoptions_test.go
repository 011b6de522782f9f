package oauth_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

func authorizeQuery(t *testing.T, a *oauth.Attempt) url.Values {
	t.Helper()
	u, err := url.Parse(a.URL())
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func TestSignInForAnotherResource(t *testing.T) {
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true, Scopes: graph})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if got := authorizeQuery(t, a).Get("scope"); got != graphScope+" openid profile offline_access" {
		t.Errorf("the sign-in asks for %q", got)
	}
	if _, err := a.Paste(t.Context(), e.authorize(a.URL())); err != nil {
		t.Fatal(err)
	}
	if got := audienceOf(t, sourceToken(t, c.For(graph))); got != "https://graph.microsoft.com" || e.tokenCalls("refresh_token") != 0 {
		t.Errorf("a token for %s, and %d renewals for it", got, e.tokenCalls("refresh_token"))
	}
	if got := audienceOf(t, mustToken(t, c)); got != oauth.ExchangeOnline {
		t.Errorf("the Config's own token is for %s", got)
	}
}

func TestSignInByAnotherRedirect(t *testing.T) {
	const ours = "https://crm.example.com/Sign/callback"
	e := newFakeAuthority(t)
	c := newClient(t, personConfig(e), &memory{})
	for _, mode := range []string{"query", "form_post", "fragment"} {
		a, err := c.BeginSignIn(t.Context(), oauth.SignInOptions{PasteOnly: true, RedirectURI: ours, ResponseMode: mode})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		q := authorizeQuery(t, a)
		if q.Get("redirect_uri") != ours || a.RedirectURI() != ours || q.Get("response_mode") != mode || strings.Contains(q.Get("state"), ".") {
			t.Errorf("%s: %v", mode, q)
		}
		// The answer is brought by the web server that got it.
		if _, err := a.Paste(t.Context(), ours+"?code="+e.authorize(a.URL())+"&state="+q.Get("state")); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

func TestSignInOptionsThatCannotBe(t *testing.T) {
	c := newClient(t, personConfig(newFakeAuthority(t)), &memory{})
	for field, opts := range map[string]oauth.SignInOptions{
		"ResponseMode": {ResponseMode: "web_message"},
		"RedirectURI":  {RedirectURI: "http://crm.example.com/"},
		"Claims":       {Claims: `["access_token"]`},
	} {
		_, err := c.BeginSignIn(t.Context(), opts)
		var bad *oauth.FieldError
		if !errors.As(err, &bad) || bad.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// An account that the caller does not want leaves no trace, and ends the
// attempt.
func TestSignInOfTheWrongAccount(t *testing.T) {
	e, cache := newFakeAuthority(t), &memory{}
	c := newClient(t, personConfig(e), cache)
	signIn(t, c, e)
	before, first := cache.get(), mustToken(t, c)
	e.set(func(e *fakeAuthority) { e.user = "berta@example.com" })
	unwanted := errors.New("invited is anna@example.com")
	opts := oauth.SignInOptions{PasteOnly: true, Check: func(a oauth.Account) error {
		if a.Username != "anna@example.com" {
			return unwanted
		}
		return nil
	}}
	a, err := c.BeginSignIn(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	_, err = a.Paste(t.Context(), e.authorize(a.URL()))
	if !errors.Is(err, unwanted) || !errors.Is(err, mailbox.ErrSignInNeeded) || !strings.Contains(err.Error()+mailbox.Hint(err), "berta@example.com") {
		t.Errorf("got %v (hint %q)", err, mailbox.Hint(err))
	}
	if _, waited := a.Wait(t.Context()); !errors.Is(waited, unwanted) {
		t.Errorf("the attempt has not ended by it: %v", waited)
	}
	if string(cache.get()) != string(before) || mustToken(t, c).Value() != first.Value() {
		t.Error("the account that was there has gone")
	}
	e.checkNoSecrets(t, "the error", err.Error())
	e.set(func(e *fakeAuthority) { e.user = "anna@example.com" })
	again, err := c.BeginSignIn(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := again.Paste(t.Context(), e.authorize(again.URL())); err != nil {
		t.Error(err)
	}
}
