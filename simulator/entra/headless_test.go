package entra

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// SignIn types a password, so that it has to be careful whom it tells.
func TestSignInIsCareful(t *testing.T) {
	told := make(chan string, 1)
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told <- r.URL.String() }))
	defer thief.Close()
	const fields = `<input id="account" name="a" /><input id="password" name="p" /><button id="sign-in" type="submit" name="b" value="1">x</button>`
	answers := map[string]struct {
		serve func(w http.ResponseWriter, r *http.Request)
		want  string
	}{
		"/elsewhere": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `<html><form action="%s/take">%s</form></html>`, thief.URL, fields)
		}, "would send the password"},
		"/loop":    {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Location", "/loop"); w.WriteHeader(302) }, "no end"},
		"/nowhere": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(302) }, "without an address"},
		"/again": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `<html><form action="/again">%s</form></html>`, fields)
		}, "HTTP 200"},
		"/markup":   {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `<html><`) }, "cannot be read"},
		"/no-forms": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, "HTTP 503"},
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answers[r.URL.Path].serve(w, r) }))
	defer s.Close()
	for path, tc := range answers {
		u, err := SignIn(context.Background(), s.Client(), s.URL+path+"?state=Canary-State", anna, annaPassword, true)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, %v; want %q", path, u, err, tc.want)
		}
		if err != nil && strings.Contains(err.Error(), "Canary") {
			t.Errorf("%s: the error tells too much: %v", path, err)
		}
	}
	select {
	case u := <-told:
		t.Errorf("another server was asked for %s", u)
	default:
	}
}

func TestSignInFails(t *testing.T) {
	f := newFixture(t, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := SignIn(ctx, f.client, f.authorizeURL(contosoID, request()), anna, annaPassword, true); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := SignIn(context.Background(), f.client, "https://x/%zz?state=Canary", anna, annaPassword, true); err == nil || strings.Contains(err.Error(), "Canary") {
		t.Errorf("a URL that is none: %v", err)
	}
	// A client that does not know the server's certificate gets nowhere.
	if _, err := SignIn(context.Background(), &http.Client{}, f.authorizeURL(contosoID, request("state", "Canary")), anna, annaPassword, true); err == nil || strings.Contains(err.Error(), "Canary") {
		t.Errorf("an unknown certificate: %v", err)
	}
}

// The application may be served by the same host as the sign-in.
func TestRedirectToTheSameHost(t *testing.T) {
	f := newFixture(t, Options{})
	back := f.http.URL + "/install/custompages/oauth/callback.html"
	if err := f.dir.AddRedirect(publicApp, Redirect{back, Public}); err != nil {
		t.Fatal(err)
	}
	u, err := SignIn(context.Background(), f.client, f.authorizeURL(contosoID, request("redirect_uri", back)), anna, annaPassword, true)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(u.String(), back+"?") || u.Query().Get("code") == "" {
		t.Errorf("goes to %s", u)
	}
}
