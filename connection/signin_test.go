package connection

import (
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator/entra"
)

func base64URL(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func TestSignIn(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm", "contoso.example"))
	before := f.open(t, "crm")
	_, err := before.Mailbox(t.Context(), "")
	wantErr(t, err, mailbox.ErrSignInNeeded, "nobody has signed in", "exconn connection sign-in --name crm")
	wantErr(t, list(t, before, annaUPN), mailbox.ErrSignInNeeded, "nobody has signed in", "exconn connection sign-in --name crm")

	status, err := w.signIn(t, f.Book, "crm", annaUPN, true)
	if err != nil {
		t.Fatal(err)
	}
	if status.State != SignedIn || status.Username != annaUPN || status.Name != "Anna" || status.SignedIn.IsZero() || status.Reason != "" {
		t.Errorf("the status is %+v", status)
	}
	// The connection that was open before, and one in another process.
	for _, c := range []*Connection{before, openIn(t, f.reopen(t), "crm")} {
		if own, err := c.OwnAddress(t.Context()); err != nil || own != annaUPN {
			t.Errorf("OwnAddress: %q, %v", own, err)
		}
		if err := errors.Join(list(t, c, ""), list(t, c, benUPN)); err != nil {
			t.Fatal(err)
		}
		// Exchange Online: own, and shared without the header.
		wantCalls(t, w, call{anchor: annaUPN, user: annaUPN}, call{anchor: benUPN, user: annaUPN})
	}
	if s, err := f.Status(t.Context(), "crm"); err != nil || s.String() != "signed in as "+annaUPN {
		t.Errorf("Status: %v, %v", s, err)
	}
}

// An Exchange Server's service account impersonates by its role, with a
// delegated token too.
func TestHybridImpersonates(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	resource := w.ews.URL
	if _, err := w.dir.AddResource(entra.Resource{AppID: entra.ExchangeOnlineAppID, Identifiers: []string{resource}}); err != nil {
		t.Fatal(err)
	}
	d := w.pkce("crm", "contoso.example")
	d.Profile.ExchangeType = Server
	f.create(t, d)
	if _, err := w.signIn(t, f.Book, "crm", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	c := f.open(t, "crm")
	if err := errors.Join(list(t, c, annaUPN), list(t, c, benUPN)); err != nil {
		t.Fatal(err)
	}
	wantCalls(t, w, call{anchor: annaUPN, user: annaUPN}, call{anchor: benUPN, impersonated: benUPN, user: annaUPN})
}

func TestConsentRefused(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm"))
	_, err := w.signIn(t, f.Book, "crm", annaUPN, false)
	wantErr(t, err, mailbox.ErrSignInNeeded, "AADSTS65004", "")
	if s, err := f.Status(t.Context(), "crm"); err != nil || s.State != NeedsSignIn {
		t.Errorf("Status: %+v, %v", s, err)
	}
}

func TestPaste(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm"))
	s, err := f.BeginSignIn(t.Context(), "crm", SignInOptions{SignInOptions: oauth.SignInOptions{PasteOnly: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	back, err := entra.SignIn(t.Context(), w.browser, s.URL(), annaUPN, annaPassword, true)
	if err != nil {
		t.Fatal(err)
	}
	foreign := *back
	q := foreign.Query()
	q.Set("state", "another")
	foreign.RawQuery = q.Encode()
	_, err = s.Paste(t.Context(), foreign.String())
	wantErr(t, err, mailbox.ErrSignInNeeded, "state does not match", "")
	status, err := s.Paste(t.Context(), back.String())
	if err != nil || status.Username != annaUPN {
		t.Fatalf("Paste: %+v, %v", status, err)
	}
	if _, err := s.Paste(t.Context(), back.String()); err == nil {
		t.Error("the same address was taken twice")
	}
}

func TestRedirectToTheCRM(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	d := w.pkce("crm")
	d.Profile.CRMURL = "https://CRM.example.com/Sage/"
	f.create(t, d)
	s, err := f.BeginSignIn(t.Context(), "crm", SignInOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	u, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	const want = "https://crm.example.com/sage/custompages/oauth/callback.html"
	if q := u.Query(); q.Get("redirect_uri") != want || q.Get("response_mode") != "fragment" || s.RedirectURI() != want {
		t.Errorf("the sign-in goes by %s", s.URL())
	}
}

func TestCorruptTokenCache(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm"))
	f.create(t, w.pkce("other"))
	for _, name := range []string{"crm", "other"} {
		if _, err := w.signIn(t, f.Book, name, annaUPN, true); err != nil {
			t.Fatal(err)
		}
	}
	profiles := f.raw(t, connectionsBucket)
	for what, blob := range map[string]func() string{
		"not sealed": func() string { return "a text in place of a sealed record" },
		"truncated":  func() string { return f.raw(t, tokensBucket)["crm/"][:100] },
		"another's":  func() string { return f.raw(t, tokensBucket)["other/"] },
	} {
		f.putRaw(t, tokensBucket, "crm/", blob())
		// A process that has no token in memory.
		b := f.reopen(t)
		status, err := b.Status(t.Context(), "crm")
		if err != nil || status.State != NeedsSignIn || !strings.Contains(status.Reason, "damaged") {
			t.Errorf("%s: the status is %+v (%v)", what, status, err)
		}
		wantErr(t, list(t, openIn(t, b, "crm"), annaUPN), mailbox.ErrSignInNeeded, "", "exconn connection sign-in --name crm")
		if err := list(t, openIn(t, b, "other"), annaUPN); err != nil {
			t.Errorf("%s: the other connection: %v", what, err)
		}
		status, err = w.signIn(t, b, "crm", annaUPN, true)
		if err != nil || status.State != SignedIn {
			t.Errorf("%s: signing in again: %+v, %v", what, status, err)
		}
		if err := list(t, openIn(t, b, "crm"), annaUPN); err != nil {
			t.Errorf("%s: after signing in again: %v", what, err)
		}
	}
	if got := f.raw(t, connectionsBucket); len(got) != 2 || got["crm"] != profiles["crm"] {
		t.Error("the profiles were changed")
	}
}

func TestRevokedSignIn(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm"))
	if _, err := w.signIn(t, f.Book, "crm", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	if err := w.dir.RevokeSessions(annaUPN); err != nil {
		t.Fatal(err)
	}
	w.refuse(true)
	c := f.open(t, "crm")
	err := list(t, c, "")
	wantErr(t, err, mailbox.ErrSignInNeeded, "no other token could be got", "")
	if !strings.Contains(err.Error(), "AADSTS") || !strings.Contains(err.Error(), "The token is expired") || mailbox.Code(err) == "" {
		t.Errorf("%v (code %q): want the refusals of both servers", err, mailbox.Code(err))
	}
	status, err := f.Status(t.Context(), "crm")
	if err != nil || status.State != NeedsSignIn || !strings.HasPrefix(status.Code, "AADSTS") || status.Username != annaUPN {
		t.Errorf("the status is %+v (%v), want the refusal noted", status, err)
	}
	w.refuse(false)
	if status, err = w.signIn(t, f.Book, "crm", annaUPN, true); err != nil || status.State != SignedIn {
		t.Errorf("signing in again: %+v, %v", status, err)
	}
	if err := list(t, c, ""); err != nil {
		t.Errorf("after signing in again: %v", err)
	}
}

func TestExchangeRefusesAGoodToken(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm"))
	f.create(t, w.app("app"))
	if _, err := w.signIn(t, f.Book, "crm", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	w.refuse(true)
	wantErr(t, list(t, f.open(t, "crm"), ""), mailbox.ErrSignInNeeded, "The token is expired", "EWS.AccessAsUser.All")
	wantErr(t, list(t, f.open(t, "app"), benUPN), mailbox.ErrSignInNeeded, "The token is expired", "full_access_as_app")
}

func TestSignOut(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm"))
	if was, err := f.SignOut(t.Context(), "crm", ""); err != nil || was {
		t.Errorf("SignOut of nobody: %v, %v", was, err)
	}
	if _, err := w.signIn(t, f.Book, "crm", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	c := f.open(t, "crm")
	if err := list(t, c, ""); err != nil {
		t.Fatal(err)
	}
	if was, err := f.SignOut(t.Context(), "crm", ""); err != nil || !was {
		t.Errorf("SignOut: %v, %v", was, err)
	}
	if len(f.raw(t, tokensBucket))+len(f.raw(t, accountsBucket)) != 0 {
		t.Error("tokens or account stay")
	}
	wantErr(t, list(t, c, ""), mailbox.ErrSignInNeeded, "nobody has signed in", "sign-in --name crm")
}

// A connection that is deleted while somebody signs in must not come back in
// parts.
func TestDeletedWhileSigningIn(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm"))
	s, err := f.BeginSignIn(t.Context(), "crm", SignInOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	back, err := entra.SignIn(t.Context(), w.browser, s.URL(), annaUPN, annaPassword, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Delete(t.Context(), "crm", DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	w.visit(t, back)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := s.Wait(ctx); err == nil {
		t.Error("the sign-in to a deleted connection succeeded")
	}
	for _, bucket := range []string{tokensBucket, accountsBucket, connectionsBucket} {
		if left := f.raw(t, bucket); len(left) != 0 {
			t.Errorf("%s holds %d records", bucket, len(left))
		}
	}
}

func TestSomebodyElseSignsIn(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm"))
	for _, upn := range []string{annaUPN, benUPN} {
		status, err := w.signIn(t, f.Book, "crm", upn, true)
		if err != nil || status.Username != upn {
			t.Fatalf("%+v, %v", status, err)
		}
	}
	c := f.open(t, "crm")
	if err := list(t, c, benUPN); err != nil {
		t.Error(err)
	}
	// The fence follows the account.
	if err := list(t, c, annaUPN); !errors.Is(err, mailbox.ErrFenced) {
		t.Errorf("the mailbox of who signed in before: %v, want ErrFenced", err)
	}
	wantCalls(t, w, call{anchor: benUPN, user: benUPN})
}
