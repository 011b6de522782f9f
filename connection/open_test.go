package connection

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

func (f *fixture) open(t *testing.T, name string) *Connection {
	t.Helper()
	return openIn(t, f.Book, name)
}

func openIn(t *testing.T, b *Book, name string) *Connection {
	t.Helper()
	c, err := b.Open(t.Context(), name, OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// list makes one request in a mailbox.
func list(t *testing.T, c *Connection, address string) error {
	t.Helper()
	m, err := c.Mailbox(t.Context(), address)
	if err != nil {
		return err
	}
	for _, err := range m.Messages(t.Context(), mailbox.Query{Limit: 1}) {
		return err
	}
	return nil
}

func wantCalls(t *testing.T, w *world, want ...call) {
	t.Helper()
	got := w.seen()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(call{})); diff != "" {
		t.Errorf("what the server saw (-want +got):\n%s", diff)
	}
}

func TestBasicConnection(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.basic("crm"))
	c := f.open(t, "crm")
	if err := errors.Join(list(t, c, ""), list(t, c, benUPN), list(t, c, " Anna@Contoso.example ")); err != nil {
		t.Fatal(err)
	}
	wantCalls(t, w,
		call{anchor: annaUPN, user: annaUPN},
		call{anchor: benUPN, impersonated: benUPN, user: annaUPN},
		call{anchor: "Anna@Contoso.example", user: annaUPN})
	if _, err := f.BeginSignIn(t.Context(), "crm", SignInOptions{}); !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), "nobody signs in") {
		t.Errorf("BeginSignIn: %v", err)
	}
	if _, err := f.SignOut(t.Context(), "crm", ""); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("SignOut: %v", err)
	}
}

func TestWrongPassword(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	d := w.basic("crm")
	d.Secrets.Password = oauth.Secret("CANARY-wrong")
	f.create(t, d)
	err := list(t, f.open(t, "crm"), benUPN)
	wantErr(t, err, mailbox.ErrSignInNeeded, `connection "crm": FindItem for ben@contoso.example`, "exconn connection edit --name crm --password-file FILE")
	if strings.Contains(err.Error(), "CANARY") {
		t.Errorf("%v holds the password", err)
	}
	// Mended while the process runs.
	if _, err := f.Update(t.Context(), "crm", func(d *Draft) error { d.Secrets.Password = oauth.Secret(basicPass); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := list(t, f.open(t, "crm"), benUPN); err != nil {
		t.Errorf("with the right password: %v", err)
	}
}

func TestFenceSendsNothing(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.basic("basic"))
	f.create(t, w.app("app"))
	f.create(t, w.pkce("own"))
	if _, err := w.signIn(t, f.Book, "own", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	for name, outside := range map[string]string{"basic": "carl@contoso.example", "app": "anna@elsewhere.example", "own": benUPN} {
		_, err := f.open(t, name).Mailbox(t.Context(), outside)
		wantErr(t, err, mailbox.ErrFenced, outside, "exconn connection edit --name "+name)
	}
	c := f.open(t, "basic")
	m, err := c.Mailbox(t.Context(), benUPN)
	if err != nil {
		t.Fatal(err)
	}
	msg := mailbox.Outgoing{From: &mailbox.Person{Address: "boss@contoso.example"}, To: []mailbox.Person{{Address: "x@elsewhere.example"}}, Text: "x"}
	_, sendErr := m.Send(t.Context(), msg)
	_, draftErr := m.SaveDraft(t.Context(), msg)
	for what, err := range map[string]error{"Send": sendErr, "SaveDraft": draftErr} {
		if !errors.Is(err, mailbox.ErrFenced) {
			t.Errorf("%s in the name of somebody outside the fence: %v", what, err)
		}
	}
	wantCalls(t, w)
	// Recipients are anybody's; this server does not know the operation, but
	// it was asked.
	msg.From.Address = annaUPN
	if _, err := m.Send(t.Context(), msg); errors.Is(err, mailbox.ErrFenced) || len(w.seen()) == 0 {
		t.Errorf("Send in the name of somebody inside the fence to somebody outside: %v", err)
	}
}

func TestBadAddress(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.app("crm"))
	c := f.open(t, "crm")
	for _, bad := range []string{"anna", "Anna <anna@contoso.example>", "anna@contoso.example\r\nX: y"} {
		_, err := c.Mailbox(t.Context(), bad)
		wantErr(t, err, mailbox.ErrInvalid, "anna@example.com", "")
	}
	_, err := c.Mailbox(t.Context(), "")
	wantErr(t, err, mailbox.ErrInvalid, "no mailbox of its own", "")
	wantCalls(t, w)
}

func TestApplication(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.app("crm"))
	c := f.open(t, "crm")
	if err := errors.Join(list(t, c, annaUPN), list(t, c, benUPN)); err != nil {
		t.Fatal(err)
	}
	wantCalls(t, w, call{anchor: annaUPN, impersonated: annaUPN, user: daemon}, call{anchor: benUPN, impersonated: benUPN, user: daemon})
	if _, err := f.BeginSignIn(t.Context(), "crm", SignInOptions{}); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("BeginSignIn for an application: %v", err)
	}
}

func TestWrongClientSecret(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	d := w.app("crm")
	d.Secrets.ClientSecret = oauth.Secret("CANARY-wrong")
	f.create(t, d)
	err := list(t, f.open(t, "crm"), annaUPN)
	wantErr(t, err, mailbox.ErrSignInNeeded, "AADSTS7000215", "secret")
	if mailbox.Code(err) != "AADSTS7000215" || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("code %q of %v", mailbox.Code(err), err)
	}
	status, err := f.Status(t.Context(), "crm")
	if err != nil || status.State != NeedsSignIn || status.Code != "AADSTS7000215" || status.Since.IsZero() {
		t.Errorf("the status is %+v (%v), want the refusal noted", status, err)
	}
	if _, err := f.Update(t.Context(), "crm", func(d *Draft) error { d.Secrets.ClientSecret = oauth.Secret(appSecret); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := list(t, f.open(t, "crm"), annaUPN); err != nil {
		t.Errorf("with the right secret: %v", err)
	}
	if status, err := f.Status(t.Context(), "crm"); err != nil || status.State != Ready {
		t.Errorf("the status afterwards is %+v (%v)", status, err)
	}
}

func TestUnknownAuthority(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	d := w.app("crm")
	d.Profile.CAFile = ""
	f.create(t, d)
	wantErr(t, list(t, f.open(t, "crm"), annaUPN), mailbox.ErrUnavailable, "", "--ca-file FILE")
	b := w.basic("basic")
	b.Profile.CAFile = ""
	f.create(t, b)
	wantErr(t, list(t, f.open(t, "basic"), annaUPN), mailbox.ErrUnavailable, "not trusted here", "exconn connection edit --name basic --ca-file FILE")
}

func TestLinkIsShared(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.app("crm"))
	one, two := f.open(t, "crm"), f.open(t, "CRM")
	if one.link != two.link {
		t.Error("two openings of one connection have token clients of their own")
	}
	if _, err := f.Update(t.Context(), "crm", func(d *Draft) error { d.Profile.AllowMailboxes = []string{"*"}; return nil }); err != nil {
		t.Fatal(err)
	}
	if three := f.open(t, "crm"); three.link != one.link || three.Profile().AllowMailboxes[0] != "*" {
		t.Error("a change of the fence has made a new token client, or was not seen")
	}
	if _, err := f.Update(t.Context(), "crm", func(d *Draft) error { d.Secrets.ClientSecret = oauth.Secret("other"); return nil }); err != nil {
		t.Fatal(err)
	}
	if four := f.open(t, "crm"); four.link == one.link {
		t.Error("a new secret is not used")
	}
}

func TestConnectionChecks(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.basic("basic"))
	f.create(t, w.app("app"))
	f.create(t, w.pkce("person"))
	if _, err := w.signIn(t, f.Book, "person", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, address string
		details       map[string]string
	}{
		{"basic", "", map[string]string{"sign_in": "user anna@contoso.example", "server": "offers Bearer, Basic", "mailbox": "anna@contoso.example opens (own)"}},
		{"app", benUPN, map[string]string{"sign_in": "application", "token": "app-only, roles full_access_as_app", "mailbox": "ben@contoso.example opens (impersonated)"}},
		{"person", "", map[string]string{"sign_in": "signed in as anna@contoso.example", "token": "delegated, scopes EWS.AccessAsUser.All", "mailbox": "(own)"}},
	} {
		checks, err := f.open(t, c.name).Test(t.Context(), c.address)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		got := map[string]string{}
		for _, check := range checks {
			got[check.Name] = check.Detail
			if !check.OK {
				t.Errorf("%s: %+v", c.name, check)
			}
		}
		for name, detail := range c.details {
			if !strings.Contains(got[name], detail) {
				t.Errorf("%s: the check %s says %q, want %q", c.name, name, got[name], detail)
			}
		}
	}
}

func TestFailedChecks(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	run := func(d Draft, address string) (map[string]Check, error) {
		f.create(t, d)
		checks, err := f.open(t, d.Profile.Name).Test(t.Context(), address)
		byName := map[string]Check{}
		for _, c := range checks {
			byName[c.Name] = c
		}
		return byName, err
	}
	checks, err := run(w.pkce("nobody"), "")
	if !errors.Is(err, mailbox.ErrSignInNeeded) || checks["sign_in"].OK || !checks["server"].OK || !strings.Contains(checks["sign_in"].Hint, "sign-in --name nobody") {
		t.Errorf("nobody signed in: %v, %+v", err, checks)
	}
	if _, ok := checks["mailbox"]; ok {
		t.Error("the mailbox was tried without a sign-in")
	}
	d := w.app("noaddress")
	checks, err = run(d, "")
	if !errors.Is(err, mailbox.ErrInvalid) || !checks["token"].OK || checks["mailbox"].OK {
		t.Errorf("no address: %v, %+v", err, checks)
	}
	d = w.app("wrongpath")
	d.Profile.EWSURL = w.identity.URL + "/EWS/Nothing.asmx"
	checks, err = run(d, benUPN)
	if !errors.Is(err, mailbox.ErrUnavailable) || !strings.Contains(checks["server"].Hint, "/EWS/Exchange.asmx") {
		t.Errorf("a path that does not exist: %v, %+v", err, checks["server"])
	}
	d = w.app("down")
	d.Profile.EWSURL = "https://127.0.0.1:1/EWS/Exchange.asmx"
	checks, err = run(d, benUPN)
	if !errors.Is(err, mailbox.ErrUnavailable) || !strings.Contains(checks["server"].Detail, "cannot be reached") {
		t.Errorf("a server that is down: %v, %+v", err, checks["server"])
	}
}

func TestTokenCheck(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("person"))
	f.create(t, w.app("app"))
	for _, c := range []struct {
		name, claims, says string
		ok                 bool
	}{
		{"person", `{"aud":"https://outlook.office365.com","scp":"EWS.AccessAsUser.All"}`, "delegated", true},
		{"person", `{"aud":"https://outlook.office365.com/","scp":"EWS.AccessAsUser.All"}`, "delegated", true},
		{"person", `{"aud":"00000002-0000-0ff1-ce00-000000000000","scp":"EWS.AccessAsUser.All"}`, "delegated", true},
		{"person", `{"aud":"https://outlook.office.com","scp":"EWS.AccessAsUser.All"}`, "delegated", true},
		{"person", `{"aud":"https://graph.microsoft.com","scp":"EWS.AccessAsUser.All"}`, "the token is for graph.microsoft.com; EWS needs Office 365 Exchange Online > EWS.AccessAsUser.All", false},
		{"person", `{"aud":"https://outlook.office365.com","scp":"Mail.Send"}`, "has not the scope EWS.AccessAsUser.All", false},
		{"person", `{"aud":"https://outlook.office365.com","idtyp":"app"}`, "is app-only", false},
		{"app", `{"aud":"https://outlook.office365.com","idtyp":"app"}`, "RBAC for Applications", true},
		{"app", `{"aud":"https://outlook.office365.com","scp":"EWS.AccessAsUser.All"}`, "is delegated", false},
	} {
		token := oauth.NewToken("e30."+base64URL(c.claims)+".c2ln", time.Now())
		check := f.open(t, c.name).testToken(token)
		if check.OK != c.ok || !strings.Contains(check.Detail, c.says) {
			t.Errorf("%s: %+v, want ok %v and %q", c.claims, check, c.ok, c.says)
		}
	}
	if check := f.open(t, "person").testToken(oauth.NewToken("opaque", time.Now())); !check.OK {
		t.Errorf("a token that is no JWT: %+v", check)
	}
}
