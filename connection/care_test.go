package connection

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exconn/exconn/connection/alert"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator/entra"
	"github.com/exconn/exconn/store"
)

// ears is a webhook's other end.
type ears struct {
	*httptest.Server
	mu     sync.Mutex
	events []alert.Event
}

func newEars(t *testing.T) *ears {
	e := &ears{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var event alert.Event
		if err = errors.Join(err, json.Unmarshal(body, &event)); err != nil {
			t.Error(err)
		}
		if r.Header.Get(alert.SignatureHeader) == "" {
			t.Error("the event is not signed")
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		e.events = append(e.events, event)
	}))
	t.Cleanup(func() {
		e.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return e
}

// alerts has a draft's events sent here.
func (e *ears) alerts(a *Alerts) {
	a.URL, a.Key = oauth.Secret(e.URL+"/secret-path"), oauth.Secret("CANARY-alert/+key")
}

// heard returns what has come so far, and forgets it.
func (e *ears) heard(t *testing.T, books ...*Book) []alert.Event {
	t.Helper()
	for _, b := range books {
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	events := e.events
	e.events = nil
	return events
}

// hears checks that these changes have been told and no others, such as
// "failure signed_in needs_sign_in AADSTS50173".
func (e *ears) hears(t *testing.T, b *Book, want ...string) []alert.Event {
	t.Helper()
	events := e.heard(t, b)
	var got []string
	for _, event := range events {
		got = append(got, strings.TrimSpace(strings.Join([]string{string(event.Kind), event.OldState, event.NewState, event.Code}, " ")))
	}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Fatalf("heard %q, want %q", got, want)
	}
	return events
}

func TestAFailureIsToldOnceByWhoeverFindsOut(t *testing.T) {
	w, f, e := newWorld(t), newFixture(t), newEars(t)
	d := w.pkce("crm", "contoso.example")
	d.ChangeAlerts = e.alerts
	f.create(t, d)
	f.create(t, w.sharing("reports", "crm", "contoso.example"))
	if _, err := w.signIn(t, f.Book, "crm", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	e.hears(t, f.Book)
	f.dropAccessTokens(t)
	if err := w.dir.RevokeSessions(annaUPN); err != nil {
		t.Fatal(err)
	}
	// Several processes find out at the same time.
	var books []*Book
	var wait sync.WaitGroup
	for range 6 {
		b := f.reopen(t)
		books = append(books, b)
		c := openIn(t, b, "reports")
		wait.Go(func() { wantErr(t, list(t, c, annaUPN), mailbox.ErrSignInNeeded, "AADSTS50173", "") })
	}
	wait.Wait()
	events := e.heard(t, books...)
	if len(events) != 1 {
		t.Fatalf("%d were told", len(events))
	}
	got := events[0]
	if got.Kind != alert.Failure || got.Auth != "crm" || strings.Join(got.Connections, " ") != "crm reports" || got.NewState != "needs_sign_in" ||
		got.Code != "AADSTS50173" || got.Reason == "" || got.Hint == "" || got.Since.IsZero() || got.ID == "" {
		t.Errorf("%+v", got)
	}
	before, err := f.Status(t.Context(), "crm")
	if err != nil || before.State != NeedsSignIn || before.Code != "AADSTS50173" || before.Since.IsZero() || before.Hint == "" {
		t.Errorf("%+v, %v", before, err)
	}

	if _, err := w.signIn(t, f.Book, "crm", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	e.hears(t, f.Book, "recovery needs_sign_in signed_in")
	if err := list(t, openIn(t, f.reopen(t), "crm"), annaUPN); err != nil {
		t.Fatal(err)
	}
	e.hears(t, f.Book)
	if s, err := f.Status(t.Context(), "crm"); err != nil || s.State != SignedIn || s.Reason != "" || s.Expires == nil || s.Renewed.IsZero() {
		t.Errorf("%+v, %v", s, err)
	}
}

// A token from before the refusal that still serves, in another process, proves
// nothing.
func TestAnOldTokenIsNoRecovery(t *testing.T) {
	w, f, e := newWorld(t), newFixture(t), newEars(t)
	d := w.pkce("crm", "contoso.example")
	d.ChangeAlerts = e.alerts
	f.create(t, d)
	if _, err := w.signIn(t, f.Book, "crm", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	if err := w.dir.RevokeSessions(annaUPN); err != nil {
		t.Fatal(err)
	}
	b := f.reopen(t)
	if r, err := b.Renew(t.Context(), RenewOptions{All: true}); err != nil || len(r) != 1 || !r[0].NeedsPerson() || r[0].Status.State != NeedsSignIn {
		t.Fatalf("%+v, %v", r, err)
	}
	e.hears(t, b, "failure signed_in needs_sign_in AADSTS50173")
	for range 2 {
		b := f.reopen(t)
		if _, err := openIn(t, b, "crm").Token(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		e.hears(t, b)
	}
	if s, err := f.Status(t.Context(), "crm"); err != nil || s.State != NeedsSignIn {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestANewSecretRecoversWithItsFirstToken(t *testing.T) {
	w, f, e := newWorld(t), newFixture(t), newEars(t)
	d := w.app("daemon")
	d.Secrets.ClientSecret = oauth.Secret("wrong")
	d.ChangeAlerts = e.alerts
	f.create(t, d)
	wantErr(t, list(t, f.open(t, "daemon"), annaUPN), mailbox.ErrSignInNeeded, "AADSTS7000215", "")
	e.hears(t, f.Book, "failure ready needs_sign_in AADSTS7000215")
	set := func(secret string) {
		t.Helper()
		_, err := f.Update(t.Context(), "daemon", func(d *Draft) error {
			d.Secrets.ClientSecret = oauth.Secret(secret)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	set("wrong, too")
	if s, err := f.Status(t.Context(), "daemon"); err != nil || s.State != Ready || s.Since.IsZero() {
		t.Errorf("%+v, %v", s, err)
	}
	wantErr(t, list(t, f.open(t, "daemon"), annaUPN), mailbox.ErrSignInNeeded, "AADSTS7000215", "")
	e.hears(t, f.Book)
	set(appSecret)
	e.hears(t, f.Book)
	if err := list(t, f.open(t, "daemon"), annaUPN); err != nil {
		t.Fatal(err)
	}
	e.hears(t, f.Book, "recovery needs_sign_in ready")
}

func TestWhatAnAdminRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		refuse func(*world) error
		code   string
	}{
		"conditional access": {func(w *world) error {
			return w.dir.SetPolicy(entra.Policy{Name: "block", Control: entra.Block})
		}, "AADSTS53003"},
		"the account is disabled": {func(w *world) error { return w.dir.DisableUser(annaUPN) }, "AADSTS50057"},
		"consent is withdrawn":    {func(w *world) error { return w.dir.RevokeConsent(appID, annaUPN) }, "AADSTS65001"},
	} {
		t.Run(name, func(t *testing.T) {
			w, f, e := newWorld(t), newFixture(t), newEars(t)
			d := w.pkce("crm", "contoso.example")
			d.ChangeAlerts = e.alerts
			f.create(t, d)
			if _, err := w.signIn(t, f.Book, "crm", annaUPN, true); err != nil {
				t.Fatal(err)
			}
			if err := c.refuse(w); err != nil {
				t.Fatal(err)
			}
			r, err := f.Renew(t.Context(), RenewOptions{All: true})
			if err != nil || len(r) != 1 || !r[0].NeedsPerson() {
				t.Fatalf("%+v, %v", r, err)
			}
			e.hears(t, f.Book, "failure signed_in refused "+c.code)
			if s, err := f.Status(t.Context(), "crm"); err != nil || s.State != Refused || s.Code != c.code || s.Hint == "" || !strings.HasPrefix(s.String(), "refused: ") {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
}

// One registration, two uses, of which one is not permitted.
func TestARefusalOfOneResourceIsNotOfTheOthers(t *testing.T) {
	w, f, e := newWorld(t), newFixture(t), newEars(t)
	f.create(t, w.pkce("crm", "contoso.example"))
	d := w.sharing("smtp", "crm", "contoso.example")
	d.Profile.EWSURL, d.Profile.Protocol = "", SMTP
	f.create(t, d)
	if _, err := f.ChangeAlerts(t.Context(), e.alerts); err != nil {
		t.Fatal(err)
	}
	if _, err := w.signIn(t, f.Book, "crm", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	stands := func(name string, want State) Status {
		t.Helper()
		s, err := f.Status(t.Context(), name)
		if err != nil || s.State != want {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
		return s
	}
	for _, told := range []int{1, 0} {
		b := f.reopen(t)
		r, err := b.Renew(t.Context(), RenewOptions{All: true})
		if err != nil || len(r) != 1 || !r[0].NeedsPerson() {
			t.Fatalf("%+v, %v", r, err)
		}
		if err := list(t, openIn(t, b, "crm"), annaUPN); err != nil {
			t.Fatal(err)
		}
		stands("crm", SignedIn)
		if s := stands("smtp", Refused); s.Code == "" || s.Hint == "" {
			t.Errorf("%+v", s)
		}
		events := e.heard(t, b)
		if len(events) != told {
			t.Errorf("%d were told, not %d", len(events), told)
		}
		for _, event := range events {
			if event.Kind != alert.Failure || strings.Join(event.Connections, " ") != "smtp" {
				t.Errorf("%+v", event)
			}
		}
	}
	// Without the connection, the refusal is of nothing.
	if _, err := f.Delete(t.Context(), "smtp", DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if entry, err := f.Auth(t.Context(), "crm"); err != nil || entry.Accounts[0].Status.State != SignedIn {
		t.Errorf("%+v, %v", entry, err)
	}
}

func TestWhatEndsSoonIsToldOnce(t *testing.T) {
	w, f, e := newWorld(t), newFixture(t), newEars(t)
	d := w.app("daemon")
	d.Auth.SecretExpires = time.Now().Add(10 * 24 * time.Hour).UTC().Truncate(time.Second)
	f.create(t, d)
	if _, err := f.ChangeAlerts(t.Context(), e.alerts); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		b := f.reopen(t)
		if err := list(t, openIn(t, b, "daemon"), annaUPN); err != nil {
			t.Fatal(err)
		}
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	events := e.hears(t, f.Book, "warning ready expiring")
	if got := events[0].Expires; got == nil || got.What != "client_secret" || !got.At.Equal(d.Auth.SecretExpires) {
		t.Errorf("%+v", events[0])
	}
	_, err := f.Update(t.Context(), "daemon", func(d *Draft) error {
		d.Auth.SecretExpires = time.Now().AddDate(1, 0, 0).UTC().Truncate(time.Second)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b := f.reopen(t)
	if err := list(t, openIn(t, b, "daemon"), annaUPN); err != nil {
		t.Fatal(err)
	}
	e.hears(t, b, "recovery expiring ready")
}

func TestACertificateTellsItsOwnEnd(t *testing.T) {
	f := newFixture(t)
	e := f.create(t, certificateDraft(t, "cert"))
	if s := e.Status; s.State != Ready || s.Expires == nil || s.Expires.What != "certificate" || !s.Expires.At.Equal(e.Auth.CertificateExpires) {
		t.Errorf("%+v", s)
	}
	// As an older exconn has kept it, without the date.
	var older map[string]any
	if err := json.Unmarshal([]byte(f.raw(t, authsBucket)["cert"]), &older); err != nil {
		t.Fatal(err)
	}
	delete(older, "certificate_expires")
	text, err := json.Marshal(older)
	if err != nil {
		t.Fatal(err)
	}
	f.putRaw(t, authsBucket, "cert", string(text))
	b, err := NewBook(f.store, &BookOptions{Now: func() time.Time { return e.Auth.CertificateExpires.Add(time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := b.Status(t.Context(), "cert"); err != nil || s.State != NeedsSignIn || !s.Since.Equal(e.Auth.CertificateExpires) || !strings.Contains(s.Reason, "the certificate ended") || !strings.Contains(s.Hint, "--certificate-file") {
		t.Errorf("%+v, %v", s, err)
	}
	// A secret has no end of its own, and the certificate is gone.
	entry, err := f.Update(t.Context(), "cert", func(d *Draft) error {
		d.Auth.Method, d.Secrets.ClientSecret = oauth.ClientSecret, oauth.Secret("secret")
		return nil
	})
	if err != nil || !entry.Auth.CertificateExpires.IsZero() || entry.Status.Expires != nil {
		t.Errorf("%+v, %v", entry.Status, err)
	}
}

func TestAlertsAreKeptSealedAndGoWithTheConnection(t *testing.T) {
	f := newFixture(t)
	d := basicDraft("crm")
	d.ChangeAlerts = func(a *Alerts) {
		*a = Alerts{Command: []string{"tell", "admin"}, URL: oauth.Secret("https://hooks.example.com/CANARY-path"), Key: oauth.Secret("CANARY-key")}
	}
	var kept Alerts
	d.ChangeAlerts(&kept)
	marshalled, err := json.Marshal(kept)
	if text := fmt.Sprintf("%v %+v %#v %s %s %v", kept, kept, &kept, kept, marshalled, err); strings.Contains(text, "CANARY") || !strings.Contains(text, "hooks.example.com") {
		t.Errorf("printed is %s", text)
	}
	e := f.create(t, d)
	if e.Alerts.URL != "https://hooks.example.com" || !e.Alerts.Signed || len(e.Alerts.Command) != 2 {
		t.Errorf("%+v", e.Alerts)
	}
	if raw := f.raw(t, secretsBucket)[alertsKey("crm")]; raw == "" || strings.Contains(raw, "CANARY") {
		t.Errorf("kept is %q", raw)
	}
	// One part is changed, the others stay.
	e, err = f.Update(t.Context(), "crm", func(d *Draft) error {
		d.ChangeAlerts = func(a *Alerts) { a.Command = nil }
		return nil
	})
	if err != nil || e.Alerts.IsZero() || len(e.Alerts.Command) != 0 || !e.Alerts.Signed {
		t.Errorf("%+v, %v", e.Alerts, err)
	}
	// Damaged, they keep nobody from anything.
	f.putRaw(t, secretsBucket, alertsKey("crm"), "noise")
	if e, err := f.Get(t.Context(), "crm"); err != nil || !e.Alerts.IsZero() {
		t.Errorf("%+v, %v", e.Alerts, err)
	}
	if _, err := f.Delete(t.Context(), "crm", DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if raw := f.raw(t, secretsBucket); len(raw) != 0 {
		t.Errorf("left is %v", raw)
	}
}

func TestAlertsThatCannotBe(t *testing.T) {
	f := newFixture(t)
	for want, set := range map[string]func(*Alerts){
		"on_failure_url: the address must begin with https://":     func(a *Alerts) { a.URL = oauth.Secret("http://hooks.example.com/CANARY") },
		"on_failure_command: the command names no program":         func(a *Alerts) { a.Command = []string{""} },
		"on_failure_key: signs what goes to an address, and there": func(a *Alerts) { a.Key = oauth.Secret("CANARY") },
	} {
		d := basicDraft("crm")
		d.ChangeAlerts = set
		_, err := f.Create(t.Context(), d)
		wantErr(t, err, mailbox.ErrInvalid, want, "")
		if strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%v", err)
		}
		_, err = f.ChangeAlerts(t.Context(), set)
		wantErr(t, err, mailbox.ErrInvalid, want, "")
	}
	if _, err := f.Get(t.Context(), "crm"); !errors.Is(err, ErrUnknown) {
		t.Errorf("it was kept: %v", err)
	}
}

func TestTestAlertsReachesEverybodyOnce(t *testing.T) {
	f, e := newFixture(t), newEars(t)
	for _, name := range []string{"crm", "reports"} {
		d := basicDraft(name)
		d.ChangeAlerts = e.alerts
		f.create(t, d)
	}
	if _, err := f.ChangeAlerts(t.Context(), func(a *Alerts) { a.Command = []string{"/nowhere/tell"} }); err != nil {
		t.Fatal(err)
	}
	told, err := f.TestAlerts(t.Context(), "crm", "reports")
	if len(told) != 1 || err == nil || !strings.Contains(err.Error(), "the command tell cannot be started") {
		t.Errorf("%q, %v", told, err)
	}
	if events := e.heard(t, f.Book); len(events) != 1 || events[0].Kind != alert.Test {
		t.Errorf("%+v", events)
	}
	if _, err := f.TestAlerts(t.Context(), "none"); !errors.Is(err, ErrUnknown) {
		t.Errorf("%v", err)
	}
}

// setRenewed makes it so long ago that a sign-in was used.
func (f *fixture) setRenewed(t *testing.T, ago time.Duration) {
	t.Helper()
	err := f.store.Update(t.Context(), func(tx store.Tx) error {
		return tx.ForEach(tokensBucket, "", func(key string, blob []byte) error {
			var kept map[string]json.RawMessage
			if err := json.Unmarshal(blob, &kept); err != nil {
				return err
			}
			at, err := json.Marshal(time.Now().Add(-ago).UTC())
			if err != nil {
				return err
			}
			kept["renewed"], kept["signed_in"] = at, at
			if blob, err = json.Marshal(kept); err != nil {
				return err
			}
			return tx.Put(tokensBucket, key, blob)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRenewUsesWhatWouldLapse(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm", "contoso.example"))
	d := w.app("daemon")
	f.create(t, d)
	f.create(t, basicDraft("basic"))
	if _, err := w.signIn(t, f.Book, "crm", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	renew := func(opts RenewOptions) map[string]Renewal {
		t.Helper()
		list, err := f.reopen(t).Renew(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		byAuth := map[string]Renewal{}
		for _, r := range list {
			byAuth[r.Auth] = r
			if r.Err != nil || r.Skipped != "" || r.Expires.Before(time.Now()) {
				t.Errorf("%+v", r)
			}
		}
		if len(list) != 2 {
			t.Errorf("%+v", list)
		}
		return byAuth
	}
	// The application has no token yet.
	if got := renew(RenewOptions{}); got["crm"].Renewed || !got["daemon"].Renewed {
		t.Errorf("%+v", got)
	}
	if got := renew(RenewOptions{}); got["crm"].Renewed || got["daemon"].Renewed {
		t.Errorf("%+v", got)
	}
	f.setRenewed(t, 8*24*time.Hour)
	if got := renew(RenewOptions{UseEvery: 9 * 24 * time.Hour}); got["crm"].Renewed {
		t.Errorf("%+v", got)
	}
	got := renew(RenewOptions{})["crm"]
	if !got.Renewed || time.Since(got.Status.Renewed) > time.Hour {
		t.Errorf("%+v", got)
	}
	f.setRenewed(t, 80*24*time.Hour)
	if s, err := f.Status(t.Context(), "crm"); err != nil || s.State != Expiring || s.Expires.What != "sign_in" || !strings.Contains(s.Hint, "auth renew") {
		t.Errorf("%+v, %v", s, err)
	}
	if got := renew(RenewOptions{})["crm"]; !got.Renewed || got.Status.State != SignedIn {
		t.Errorf("%+v", got)
	}
	if got := renew(RenewOptions{All: true}); !got["crm"].Renewed || !got["daemon"].Renewed {
		t.Errorf("%+v", got)
	}
}

func TestRenewGoesOnAfterAFailure(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm", "contoso.example"))
	f.create(t, w.pkce("nobody", "contoso.example"))
	gone := w.app("gone")
	gone.Auth.AuthorityURL = "https://127.0.0.1:1/contoso.example"
	f.create(t, gone)
	f.create(t, w.app("daemon"))
	for _, user := range []string{annaUPN, benUPN} {
		if _, err := w.signInFor(t, f.Book, "crm", SignInOptions{User: user}, user, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.dir.RevokeSessions(annaUPN); err != nil {
		t.Fatal(err)
	}
	list, err := f.Renew(t.Context(), RenewOptions{All: true})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Renewal{}
	for _, r := range list {
		got[r.Auth+" "+r.User] = r
	}
	if len(got) != 5 || got["crm "+annaUPN].Status.Code != "AADSTS50173" || !got["crm "+benUPN].Renewed || !got["daemon "].Renewed ||
		got["nobody "].Skipped == "" || !errors.Is(got["gone "].Err, mailbox.ErrUnavailable) || got["gone "].NeedsPerson() || got["gone "].Status.State != Ready {
		t.Errorf("%+v", got)
	}
	entry, err := f.Get(t.Context(), "crm")
	if err != nil || entry.Status.State != NeedsSignIn || entry.Status.Users != 2 {
		t.Errorf("%+v, %v", entry.Status, err)
	}
	if _, err := f.Renew(t.Context(), RenewOptions{Auth: "none"}); !errors.Is(err, ErrUnknown) {
		t.Errorf("%v", err)
	}
}

// What could not be told is told later, by another process if need be, under
// the same id and not for ever.
func TestWhatWasNotToldIsToldLater(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	var mu sync.Mutex
	var ids []string
	var answer int
	var end context.CancelFunc
	ears := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var event alert.Event
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		ids = append(ids, event.ID)
		rw.WriteHeader(answer)
		if answer != http.StatusOK {
			end() // the process, before it can try again
		}
	}))
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	defer ears.Close()
	d := w.pkce("crm", "contoso.example")
	d.ChangeAlerts = func(a *Alerts) { a.URL = oauth.Secret(ears.URL) }
	f.create(t, d)
	if _, err := w.signIn(t, f.Book, "crm", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	if err := w.dir.RevokeSessions(annaUPN); err != nil {
		t.Fatal(err)
	}
	// process is one that looks at the account so much later; it returns the
	// ids of what was told.
	process := func(later time.Duration, code int) []string {
		t.Helper()
		b, err := NewBook(f.store, &BookOptions{Now: func() time.Time { return time.Now().Add(later) }})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		mu.Lock()
		ids, answer, end = nil, code, cancel
		mu.Unlock()
		if _, err := b.Renew(t.Context(), RenewOptions{All: true}); err != nil {
			t.Fatal(err)
		}
		_ = b.Flush(ctx) // which ends early where nobody listens
		mu.Lock()
		defer mu.Unlock()
		return ids
	}
	first := process(0, http.StatusServiceUnavailable)
	if len(first) != 1 {
		t.Fatalf("told %q", first)
	}
	for _, c := range []struct {
		later time.Duration
		code  int
		told  int
	}{
		{time.Minute, http.StatusServiceUnavailable, 0},
		{6 * time.Minute, http.StatusServiceUnavailable, 1},
		{7 * time.Minute, http.StatusOK, 0},
		{12 * time.Minute, http.StatusOK, 1},
		{time.Hour, http.StatusOK, 0},
	} {
		told := process(c.later, c.code)
		if len(told) != c.told || c.told == 1 && told[0] != first[0] {
			t.Errorf("after %v: told %q", c.later, told)
		}
	}
}

func TestItIsNotTriedForEver(t *testing.T) {
	now := time.Now()
	for u, want := range map[*untold]bool{
		nil:                                    false,
		{Tries: 1, Tried: now}:                 false,
		{Tries: 1, Tried: now.Add(-time.Hour)}: true,
		{Tries: untoldTries, Tried: now.Add(-time.Hour)}: false,
	} {
		if got := u.due(now); got != want {
			t.Errorf("%+v: %v", u, got)
		}
	}
}
