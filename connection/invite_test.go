package connection

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox"
)

// clocked returns a book over the fixture's store whose clock the test moves.
func clocked(t *testing.T, f *fixture) (b *Book, ahead *time.Duration) {
	t.Helper()
	ahead = new(time.Duration)
	start := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	b, err := NewBook(f.store, &BookOptions{Logger: testLogger(f.log), Now: func() time.Time { return start.Add(*ahead) }})
	if err != nil {
		t.Fatal(err)
	}
	return b, ahead
}

// shared makes two connections of one authentication object, and one of
// another.
func shared(t *testing.T, f *fixture) {
	t.Helper()
	d := pkceDraft("crm")
	d.Profile.AllowMailboxes = []string{"contoso.example"}
	f.create(t, d)
	f.create(t, Draft{Profile: Profile{Name: "second", ExchangeType: Online, AuthName: "crm", AllowMailboxes: []string{"*"}}})
	f.create(t, pkceDraft("other"))
}

func invitees(addresses ...string) (list []Invitee) {
	for _, a := range addresses {
		list = append(list, Invitee{Address: a})
	}
	return list
}

func TestInvite(t *testing.T) {
	f := newFixture(t)
	shared(t, f)
	b, ahead := clocked(t, f)
	made, err := b.Invite(t.Context(), InviteOptions{Auth: "CRM", Connection: "crm", Users: []Invitee{
		{Address: " Anna@Contoso.example "}, {Address: benUPN, SignInName: "b.keller@contoso.example"},
	}})
	if err != nil || len(made) != 2 {
		t.Fatal(made, err)
	}
	anna, ben := made[0], made[1]
	if anna.Auth != "crm" || anna.Connection != "crm" || anna.User != annaUPN || ben.SignInName != "b.keller@contoso.example" ||
		anna.State != InvitationOpen || anna.Expires.Sub(anna.Created) != DefaultInvitationTime {
		t.Errorf("the invitations are %+v and %+v", anna.Invitation, ben.Invitation)
	}
	link, other := anna.Link("https://crm.example.com/exconn"), ben.Link("https://crm.example.com/exconn")
	secret, found := strings.CutPrefix(link, "https://crm.example.com/exconn/invite/")
	if !found || len(secret) != 43 || link == other {
		t.Errorf("the links are %s and %s", link, other)
	}

	// What is kept is sealed, and holds neither the secret nor its hash beside
	// it; what is printed holds none either.
	text, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %s %v %s", anna, anna, anna, anna, made, text)
	if !strings.Contains(printed, annaUPN) || strings.Contains(printed, secret) {
		t.Errorf("an invitation is printed as %s", printed)
	}
	for key, value := range f.raw(t, invitationsBucket) {
		if strings.Contains(key+value, secret) || strings.Contains(value, annaUPN) {
			t.Errorf("a thief of the file reads %q: %q", key, value)
		}
	}

	// A newer one takes the older one's place; others' stay.
	*ahead = time.Hour
	again, err := b.Invite(t.Context(), InviteOptions{Auth: "crm", Connection: "second", Users: invitees(annaUPN), Valid: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	for secret, want := range map[string]InvitationState{anna.secret: InvitationWithdrawn, again[0].secret: InvitationOpen, ben.secret: InvitationOpen} {
		if i, found, err := b.invitation(t.Context(), invitationKey(secret)); err != nil || !found || i.State != want {
			t.Errorf("the invitation of %s is %s (%t, %v), want %s", i.User, i.State, found, err, want)
		}
	}
	list, err := b.Invitations(t.Context(), "crm")
	if err != nil || len(list) != 2 || list[0].User != annaUPN || list[0].Connection != "second" || list[0].State != InvitationOpen || list[1].User != benUPN {
		t.Errorf("Invitations: %+v, %v", list, err)
	}

	// It lapses.
	*ahead = 3 * time.Hour
	list, err = b.Invitations(t.Context(), "")
	if err != nil || len(list) != 2 || list[0].State != InvitationLapsed {
		t.Errorf("Invitations: %+v, %v", list, err)
	}
	if was, err := b.Withdraw(t.Context(), "crm", annaUPN); err != nil || was {
		t.Errorf("a lapsed invitation was withdrawn: %t, %v", was, err)
	}
	if was, err := b.Withdraw(t.Context(), "crm", strings.ToUpper(benUPN)); err != nil || !was {
		t.Errorf("Withdraw: %t, %v", was, err)
	}
	if list, err = b.Invitations(t.Context(), "crm"); err != nil || list[1].State != InvitationWithdrawn || !list[1].Withdrawn.Equal(b.now()) {
		t.Errorf("Invitations: %+v, %v", list, err)
	}

	// All that is long over is forgotten when somebody is invited.
	*ahead = keepInvitations + DefaultInvitationTime + time.Second
	if _, err := b.Invite(t.Context(), InviteOptions{Auth: "other", Users: invitees("c@example.com")}); err != nil {
		t.Fatal(err)
	}
	if left := f.raw(t, invitationsBucket); len(left) != 1 {
		t.Errorf("%d invitations are left, want the new one", len(left))
	}
}

func TestInviteRefuses(t *testing.T) {
	f := newFixture(t)
	shared(t, f)
	f.create(t, secretDraft("app"))
	f.create(t, pkceDraft("lonely"))
	if _, err := f.Delete(t.Context(), "lonely", DeleteOptions{KeepAuth: true}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		opts  InviteOptions
		is    error
		says  string
		hints string
	}{
		"unknown object":            {InviteOptions{Auth: "crn", Users: invitees(annaUPN)}, ErrUnknown, `"crn"`, "crm"},
		"no person":                 {InviteOptions{Auth: "app", Users: invitees(annaUPN)}, mailbox.ErrInvalid, "client-secret", ""},
		"several connections":       {InviteOptions{Auth: "crm", Users: invitees(annaUPN)}, mailbox.ErrInvalid, "crm, second", ""},
		"another's connection":      {InviteOptions{Auth: "crm", Connection: "other", Users: invitees(annaUPN)}, mailbox.ErrInvalid, "does not use", ""},
		"no connection":             {InviteOptions{Auth: "lonely", Users: invitees(annaUPN)}, mailbox.ErrInvalid, "no connection uses it", ""},
		"outside the fence":         {InviteOptions{Auth: "crm", Connection: "crm", Users: invitees(annaUPN, "x@example.com")}, mailbox.ErrFenced, "x@example.com", "--allow-mailbox"},
		"nobody":                    {InviteOptions{Auth: "crm", Connection: "crm"}, mailbox.ErrInvalid, "nobody", ""},
		"no address":                {InviteOptions{Auth: "crm", Connection: "crm", Users: invitees("anna")}, mailbox.ErrInvalid, "no @", ""},
		"markup for an address":     {InviteOptions{Auth: "crm", Connection: "crm", Users: invitees(`<b>@contoso.example`)}, mailbox.ErrInvalid, "character", ""},
		"twice":                     {InviteOptions{Auth: "crm", Connection: "crm", Users: invitees(annaUPN, "ANNA@contoso.example")}, mailbox.ErrInvalid, "twice", ""},
		"a sign-in name that is no": {InviteOptions{Auth: "crm", Connection: "crm", Users: []Invitee{{Address: annaUPN, SignInName: "CONTOSO\\anna"}}}, mailbox.ErrInvalid, "sign_in_name", ""},
		"for ever":                  {InviteOptions{Auth: "crm", Connection: "crm", Users: invitees(annaUPN), Valid: MaxInvitationTime + 1}, mailbox.ErrInvalid, "2160 hours", ""},
		"for no time":               {InviteOptions{Auth: "crm", Connection: "crm", Users: invitees(annaUPN), Valid: -1}, mailbox.ErrInvalid, "valid", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.Invite(t.Context(), c.opts)
			wantErr(t, err, c.is, c.says, c.hints)
		})
	}
	if left := f.raw(t, invitationsBucket); len(left) != 0 {
		t.Errorf("%d invitations were made", len(left))
	}
}

func TestInvitationsGoWithTheirObject(t *testing.T) {
	f := newFixture(t)
	shared(t, f)
	for _, o := range []InviteOptions{{Auth: "crm", Connection: "second", Users: invitees(annaUPN, benUPN)}, {Auth: "other", Users: invitees(annaUPN)}} {
		if _, err := f.Invite(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"crm", "second"} {
		if _, err := f.Delete(t.Context(), name, DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := f.Invitations(t.Context(), "")
	if err != nil || len(list) != 1 || list[0].Auth != "other" {
		t.Errorf("Invitations: %+v, %v", list, err)
	}
	_, err = f.Invitations(t.Context(), "crm")
	wantErr(t, err, ErrUnknown, "crm", "")
	_, err = f.Withdraw(t.Context(), "crm", annaUPN)
	wantErr(t, err, ErrUnknown, "crm", "")
}

// A connection may be deleted while others use its authentication object.
func TestInvitationToADeletedConnection(t *testing.T) {
	f := newFixture(t)
	shared(t, f)
	made, err := f.Invite(t.Context(), InviteOptions{Auth: "crm", Connection: "second", Users: invitees(annaUPN)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Delete(t.Context(), "second", DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if i, found, err := f.invitation(t.Context(), invitationKey(made[0].secret)); err != nil || !found || i.State != InvitationWithdrawn {
		t.Errorf("the invitation is %+v, %t, %v", i, found, err)
	}
}

// A damaged invitation is none; the others are unharmed.
func TestDamagedInvitation(t *testing.T) {
	f := newFixture(t)
	shared(t, f)
	made, err := f.Invite(t.Context(), InviteOptions{Auth: "crm", Connection: "crm", Users: invitees(annaUPN, benUPN)})
	if err != nil {
		t.Fatal(err)
	}
	f.putRaw(t, invitationsBucket, invitationKey(made[0].secret), "noise noise noise noise noise noise noise noise noise")
	if _, found, err := f.invitation(t.Context(), invitationKey(made[0].secret)); found || err != nil {
		t.Errorf("a damaged invitation is found: %v", err)
	}
	list, err := f.Invitations(t.Context(), "crm")
	if err != nil || len(list) != 1 || list[0].User != benUPN {
		t.Errorf("Invitations: %+v, %v", list, err)
	}
	if _, err := f.Invite(t.Context(), InviteOptions{Auth: "crm", Connection: "crm", Users: invitees(annaUPN)}); err != nil {
		t.Errorf("nobody can be invited any more: %v", err)
	}
}

func TestParseInvitationURL(t *testing.T) {
	for given, want := range map[string]string{
		"https://CRM.example.com/Exconn/":  "https://crm.example.com/Exconn",
		" https://crm.example.com ":        "https://crm.example.com",
		"http://localhost:8080/a/b":        "http://localhost:8080/a/b",
		"https://crm.example.com:8443/a//": "https://crm.example.com:8443/a",
	} {
		if got, err := ParseInvitationURL(given); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", given, got, err, want)
		}
	}
	for _, given := range []string{
		"", "crm.example.com", "http://crm.example.com", "http://127.0.0.1:8080", "ftp://crm.example.com", "https://", "https://u:p@crm.example.com",
		"https://crm.example.com/?a=b", "https://crm.example.com/#a", "https://crm.example.com/a//b", "https://crm.example.com/a%2Fb", "https://*.example.com",
		"https://crm.example.com/" + strings.Repeat("a", 250), "https://bücher.example",
	} {
		got, err := ParseInvitationURL(given)
		if !errors.Is(err, mailbox.ErrInvalid) || !strings.HasPrefix(err.Error(), "base_url") {
			t.Errorf("%s: %q, %v", given, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "u:p") {
			t.Errorf("the error repeats a password: %v", err)
		}
	}
}
