package connection

import (
	"strings"
	"testing"

	"github.com/exconn/exconn/connection/alert"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// A password that the server does not take any more is told once, whoever finds
// out and however often, and so is that a new one works.
func TestARefusedLoginIsTold(t *testing.T) {
	w, f, e := newWorld(t), newFixture(t), newEars(t)
	d := w.basic("crm")
	d.ChangeAlerts = e.alerts
	f.create(t, d)
	c := f.open(t, "crm")
	if err := list(t, c, ""); err != nil {
		t.Fatal(err)
	}
	e.hears(t, f.Book)

	w.refuse(true)
	other := f.reopen(t)
	for _, c := range []*Connection{c, c, openIn(t, other, "crm")} {
		wantErr(t, list(t, c, ""), mailbox.ErrSignInNeeded, "The token is expired", "--password-file FILE")
	}
	e.hears(t, f.Book, "failure ready needs_sign_in")
	e.hears(t, other)
	s, err := f.Status(t.Context(), "crm")
	if err != nil || s.State != NeedsSignIn || s.Since.IsZero() || !strings.Contains(s.Reason, "The token is expired") || strings.Contains(s.Reason, `"crm"`) ||
		!strings.Contains(s.Hint, "exconn connection edit --name crm --password-file FILE") {
		t.Errorf("the status is %+v, %v", s, err)
	}

	// A new password is not known to be wrong, nor to be right.
	if _, err := f.Update(t.Context(), "crm", func(d *Draft) error { d.Secrets.Password = oauth.Secret(basicPass); return nil }); err != nil {
		t.Fatal(err)
	}
	if s, err := f.Status(t.Context(), "crm"); err != nil || s.State != Ready || s.Reason != "" {
		t.Errorf("with a new password: %+v, %v", s, err)
	}
	e.hears(t, f.Book)
	w.refuse(false)
	for range 2 {
		if err := list(t, f.open(t, "crm"), ""); err != nil {
			t.Fatal(err)
		}
	}
	events := e.hears(t, f.Book, "recovery needs_sign_in ready")
	if len(events) == 1 && (events[0].Kind != alert.Recovery || events[0].Auth != "" || strings.Join(events[0].Connections, " ") != "crm") {
		t.Errorf("the event is %+v", events[0])
	}

	// One process that goes on: it takes back by itself what it has said.
	w.refuse(true)
	c = f.open(t, "crm")
	wantErr(t, list(t, c, ""), mailbox.ErrSignInNeeded, "", "")
	w.refuse(false)
	if err := list(t, c, ""); err != nil {
		t.Fatal(err)
	}
	if s, err := f.Status(t.Context(), "crm"); err != nil || s.State != Ready {
		t.Errorf("after a call that succeeded: %+v, %v", s, err)
	}
	e.heard(t, f.Book)

	// Nothing outlives the connection, or a login that was given up.
	if _, err := f.Delete(t.Context(), "crm", DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if left := f.raw(t, accountsBucket); len(left) != 0 {
		t.Errorf("left is %v", left)
	}
}

// A login that is changed while the server refuses the former one is not blamed.
func TestARefusalOfAFormerLogin(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.basic("crm"))
	w.refuse(true)
	c := f.open(t, "crm")
	if _, err := f.Update(t.Context(), "crm", func(d *Draft) error { d.Profile.Login.Username = benUPN; return nil }); err != nil {
		t.Fatal(err)
	}
	wantErr(t, list(t, c, annaUPN), mailbox.ErrSignInNeeded, "", "")
	if s, err := f.Status(t.Context(), "crm"); err != nil || s.State != Ready {
		t.Errorf("the status is %+v, %v", s, err)
	}
	d := w.pkce("crm")
	_, err := f.Update(t.Context(), "crm", func(now *Draft) error {
		now.Profile.Login, now.Profile.ExchangeType, now.Auth = nil, Online, d.Auth
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if left := f.raw(t, accountsBucket); len(left) != 0 {
		t.Errorf("left is %v", left)
	}
}
