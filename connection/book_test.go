package connection

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

func names(entries []Entry) (out []string) {
	for _, e := range entries {
		out = append(out, e.Profile.Name)
	}
	return out
}

func TestCreateGetList(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"sales", "Board", "archive"} {
		f.create(t, basicDraft(name))
	}
	list, err := f.List(t.Context())
	if diff := cmp.Diff([]string{"archive", "Board", "sales"}, names(list)); diff != "" || err != nil {
		t.Errorf("List: %v (-want +got):\n%s", err, diff)
	}
	e, err := f.Get(t.Context(), "BOARD")
	if err != nil || e.Profile.Name != "Board" || e.Profile.Login.Kind != Basic || e.Profile.Created.IsZero() {
		t.Errorf("Get: %+v, %v", e, err)
	}
	if e.Status.State != Ready || e.Status.String() != "ready" || e.Status.Username != "svc@example.com" {
		t.Errorf("the status is %+v", e.Status)
	}
}

func TestDoubledName(t *testing.T) {
	f := newFixture(t)
	f.create(t, basicDraft("sales"))
	before := f.raw(t, connectionsBucket)
	for _, d := range []Draft{basicDraft("sales"), pkceDraft("SALES")} {
		_, err := f.Create(t.Context(), d)
		wantErr(t, err, ErrExists, "exists already", "exconn connection edit --name")
		wantErr(t, err, mailbox.ErrInvalid, "", "")
	}
	if diff := cmp.Diff(before, f.raw(t, connectionsBucket)); diff != "" {
		t.Errorf("a refused connection has changed the kept one:\n%s", diff)
	}
	if auths := f.raw(t, authsBucket); len(auths) != 0 {
		t.Errorf("a refused connection has left %v", auths)
	}
}

func TestUnknownName(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"Sales", "sales-eu", "board", "x"} {
		f.create(t, basicDraft(name))
	}
	for name, near := range map[string]string{
		"sale": "did you mean Sales or sales-eu?", "slaes": "did you mean Sales?", "boardroom": "did you mean board?", "sales-us": "did you mean Sales or sales-eu?",
		"eu": "exconn connection list", "y": "exconn connection list", "": "exconn connection list", strings.Repeat("x", 5000): "",
	} {
		_, err := f.Get(t.Context(), name)
		wantErr(t, err, ErrUnknown, fmt.Sprintf("no connection %q", name), near)
		wantErr(t, err, mailbox.ErrInvalid, "", "")
	}
	for what, err := range map[string]error{
		"Update": second(f.Update(t.Context(), "sale", func(*Draft) error { return errors.New("must not be called") })),
		"Delete": second(f.Delete(t.Context(), "sale", DeleteOptions{})),
		"Open":   second(f.Open(t.Context(), "sale", OpenOptions{})),
		"Status": second(f.Status(t.Context(), "sale")),
	} {
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v, want ErrUnknown", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestSharedAuth(t *testing.T) {
	f := newFixture(t)
	f.create(t, secretDraft("one"))
	shared := Draft{Profile: Profile{Name: "two", ExchangeType: Online, AuthName: "ONE", AllowMailboxes: []string{"example.com"}}}
	two := f.create(t, shared)
	if two.Auth == nil || two.Auth.Name != "one" || two.Profile.AuthName != "one" {
		t.Fatalf("the second connection has %+v", two.Auth)
	}
	if got, err := f.Auth(t.Context(), "one"); err != nil || strings.Join(got.UsedBy, " ") != "one two" {
		t.Errorf("used by %v, %v", got.UsedBy, err)
	}
	shared.Profile.Name, shared.Profile.AuthName = "three", "oen"
	_, err := f.Create(t.Context(), shared)
	wantErr(t, err, ErrUnknown, `no authentication object "oen"`, "did you mean one?")
	shared.Profile.AuthName, shared.Secrets.ClientSecret = "one", oauth.Secret("other")
	_, err = f.Create(t.Context(), shared)
	wantErr(t, err, mailbox.ErrInvalid, "is shared as it is", "")

	// A change by one holds for the other, and must fit it.
	_, err = f.Update(t.Context(), "one", func(d *Draft) error {
		d.Auth.Method, d.Secrets.ClientSecret = oauth.PKCE, nil
		d.Auth.AccountType = "common"
		d.Profile.CRMURL = "https://crm.example.com/crm"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.Get(t.Context(), "two")
	if err != nil || e.Auth.Method != oauth.PKCE || e.Auth.AccountType != "common" {
		t.Errorf("the other connection has %+v (%v)", e.Auth, err)
	}
	_, err = f.Update(t.Context(), "two", func(d *Draft) error {
		d.Auth.Method, d.Auth.AccountType, d.Secrets.ClientSecret = oauth.ClientSecret, "example.com", oauth.Secret("s")
		return nil
	})
	wantErr(t, err, mailbox.ErrInvalid, `shared with the connection "one", which the change does not fit: crm_url`, "")

	done, err := f.Delete(t.Context(), "one", DeleteOptions{})
	if err != nil || done.Auth != "" || strings.Join(done.KeptFor, " ") != "two" {
		t.Errorf("Delete of the first: %+v, %v", done, err)
	}
	if _, err := f.Get(t.Context(), "two"); err != nil {
		t.Errorf("the second after the first was deleted: %v", err)
	}
	done, err = f.Delete(t.Context(), "two", DeleteOptions{})
	if err != nil || done.Auth != "one" || len(done.KeptFor) != 0 {
		t.Errorf("Delete of the second: %+v, %v", done, err)
	}
}

func TestUpdate(t *testing.T) {
	f := newFixture(t)
	created := f.create(t, secretDraft("x"))
	secretsBefore := f.raw(t, secretsBucket)
	e, err := f.Update(t.Context(), "X", func(d *Draft) error {
		if len(d.Secrets.ClientSecret) != 0 {
			t.Error("the draft holds the kept secret")
		}
		d.Profile.AllowMailboxes = []string{"Example.com"}
		d.Profile.Impersonation = Never
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if e.Profile.Impersonation != Never || e.Profile.AllowMailboxes[0] != "@example.com" || !e.Profile.Created.Equal(created.Profile.Created) {
		t.Errorf("after Update: %+v", e.Profile)
	}
	if diff := cmp.Diff(secretsBefore, f.raw(t, secretsBucket)); diff != "" {
		t.Errorf("the kept secret was changed:\n%s", diff)
	}
	boom := errors.New("boom")
	for what, c := range map[string]struct {
		change func(*Draft) error
		want   error
	}{
		"change's error": {func(d *Draft) error { d.Profile.Impersonation = Auto; return boom }, boom},
		"rename":         {func(d *Draft) error { d.Profile.Name = "y"; return nil }, mailbox.ErrInvalid},
		"invalid":        {func(d *Draft) error { d.Profile.EWSURL = "http://x.example/EWS"; return nil }, mailbox.ErrInvalid},
		"graph":          {func(d *Draft) error { d.Profile.Protocol = Graph; return nil }, mailbox.ErrInvalid},
		"secret lost":    {func(d *Draft) error { d.Auth.Method = oauth.ClientCertificate; return nil }, mailbox.ErrInvalid},
		"no such auth":   {func(d *Draft) error { d.Profile.AuthName = "nobody"; return nil }, ErrUnknown},
	} {
		before := f.raw(t, connectionsBucket)
		if _, err := f.Update(t.Context(), "x", c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
		if diff := cmp.Diff(before, f.raw(t, connectionsBucket)); diff != "" {
			t.Errorf("%s has changed the profile:\n%s", what, diff)
		}
	}
}

// A connection can change how it proves itself; what the old way needed goes.
func TestUpdateWayIn(t *testing.T) {
	f := newFixture(t)
	f.create(t, secretDraft("other"))
	f.create(t, basicDraft("x"))
	_, err := f.Update(t.Context(), "x", func(d *Draft) error {
		d.Profile.Login, d.Auth = nil, &Auth{Name: "other", ClientID: "another"}
		return nil
	})
	wantErr(t, err, ErrExists, `the authentication object "other" exists already`, "")
	e, err := f.Update(t.Context(), "x", func(d *Draft) error {
		d.Profile.Login, d.Auth = nil, &Auth{ClientID: "app"}
		return nil
	})
	if err != nil || e.Auth == nil || e.Auth.Name != "x" || e.Status.State != NeedsSignIn {
		t.Fatalf("from login to pkce: %+v, %v", e, err)
	}
	if secrets := f.raw(t, secretsBucket); len(secrets) != 1 {
		t.Errorf("the password stays: %d secrets", len(secrets))
	}
	f.putRaw(t, accountsBucket, "x/", `{"username":"old@example.com"}`)
	e, err = f.Update(t.Context(), "x", func(d *Draft) error {
		d.Profile.AuthName, d.Profile.AllowMailboxes, d.Profile.ExchangeType = "other", []string{"*"}, Online
		return nil
	})
	if err != nil || e.Auth.Name != "other" {
		t.Fatalf("to a shared authentication object: %+v, %v", e, err)
	}
	if accounts := f.raw(t, accountsBucket); len(accounts) != 0 {
		t.Errorf("the account of an object that nothing uses stays: %v", accounts)
	}
	if auths := f.raw(t, authsBucket); len(auths) != 1 {
		t.Errorf("the unused authentication object stays: %v", auths)
	}
	if _, err = f.Update(t.Context(), "x", func(d *Draft) error {
		*d = basicDraft("x")
		return nil
	}); err != nil {
		t.Fatalf("back to the login: %v", err)
	}
	if secrets := f.raw(t, secretsBucket); len(secrets) != 2 {
		t.Errorf("%d secrets, want the password and the other connection's client secret", len(secrets))
	}
}

// Whatever a kept sign-in was made with, a change of it makes the sign-in
// useless; other changes leave it alone.
func TestUpdateForgetsSignIn(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*Draft)
		forgets bool
	}{
		"client id":   {func(d *Draft) { d.Auth.ClientID = "other" }, true},
		"authority":   {func(d *Draft) { d.Auth.AccountType = "common" }, true},
		"resource":    {func(d *Draft) { d.Profile.EWSURL = "https://outlook.office.com/EWS/Exchange.asmx" }, false},
		"fence":       {func(d *Draft) { d.Profile.AllowMailboxes = []string{"*"} }, false},
		"ca, proxy":   {func(d *Draft) { d.Profile.Proxy = "http://proxy:3128" }, false},
		"account url": {func(d *Draft) { d.Auth.AuthorityURL = "https://login.microsoftonline.com/organizations" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.create(t, pkceDraft("x"))
			if err := f.store.Update(t.Context(), func(tx store.Tx) error { return tx.Put(tokensBucket, "x/", []byte("blob")) }); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Update(t.Context(), "x", func(d *Draft) error { c.change(d); return nil }); err != nil {
				t.Fatal(err)
			}
			if kept := len(f.raw(t, tokensBucket)) == 1; kept == c.forgets {
				t.Errorf("the tokens are kept: %v, want %v", kept, !c.forgets)
			}
		})
	}
}

func TestDeleteLeavesNothing(t *testing.T) {
	f := newFixture(t)
	for _, d := range []Draft{basicDraft("a"), pkceDraft("b"), secretDraft("c"), certificateDraft(t, "d")} {
		f.create(t, d)
		if d.Auth != nil {
			f.putRaw(t, tokensBucket, d.Profile.Name+"/", "tokens")
			f.putRaw(t, accountsBucket, d.Profile.Name+"/", "{}")
		}
		if _, err := f.Delete(t.Context(), d.Profile.Name, DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, bucket := range []string{connectionsBucket, authsBucket, accountsBucket, secretsBucket, tokensBucket} {
		if left := f.raw(t, bucket); len(left) != 0 {
			t.Errorf("%s still holds %v", bucket, left)
		}
	}
}

func TestDamagedRecords(t *testing.T) {
	f := newFixture(t)
	f.create(t, basicDraft("good"))
	f.create(t, basicDraft("bad"))
	f.create(t, pkceDraft("orphan"))
	f.putRaw(t, connectionsBucket, "bad", "{not JSON")
	f.putRaw(t, authsBucket, "orphan", "{not JSON")
	list, err := f.List(t.Context())
	if diff := cmp.Diff([]string{"good"}, names(list)); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
	var damaged *RecordError
	if !errors.As(err, &damaged) || !strings.Contains(err.Error(), `"bad"`) || !strings.Contains(err.Error(), `"orphan"`) {
		t.Errorf("List: %v, want the two damaged records named", err)
	}
	_, err = f.Get(t.Context(), "bad")
	if !errors.As(err, &damaged) || !strings.Contains(mailbox.Hint(err), "exconn connection delete --name bad") {
		t.Errorf("Get: %v, hint %q", err, mailbox.Hint(err))
	}
	if _, err := f.Delete(t.Context(), "bad", DeleteOptions{}); err != nil {
		t.Errorf("Delete of a damaged connection: %v", err)
	}
	f.create(t, basicDraft("bad"))
}

// A damaged password is one that has to be given again; nothing else is lost.
func TestDamagedSecret(t *testing.T) {
	f := newFixture(t)
	f.create(t, basicDraft("x"))
	f.create(t, secretDraft("y"))
	f.putRaw(t, secretsBucket, passwordKey("x"), "no sealed record at all, but text")
	e, err := f.Get(t.Context(), "x")
	if err != nil || e.Status.State != NeedsSignIn || !strings.Contains(e.Status.String(), "password is missing or damaged") {
		t.Errorf("the status is %+v (%v)", e.Status, err)
	}
	_, err = f.Open(t.Context(), "x", OpenOptions{})
	wantErr(t, err, mailbox.ErrSignInNeeded, "the password is missing or damaged", "--password-file")
	if _, err := f.Open(t.Context(), "y", OpenOptions{}); err != nil {
		t.Errorf("the other connection: %v", err)
	}
	_, err = f.Update(t.Context(), "x", func(d *Draft) error { d.Secrets.Password = oauth.Secret("anew"); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Open(t.Context(), "x", OpenOptions{}); err != nil {
		t.Errorf("after the password was given again: %v", err)
	}
}

func TestWrongMasterKey(t *testing.T) {
	f := newFixture(t)
	f.create(t, basicDraft("x"))
	keys, err := store.NewKeys(bytes.Repeat([]byte{8}, store.MasterKeySize), store.Origin{Name: "file k", Cure: "put it back"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewBook(store.Sealed(f.inner, keys, SealedBuckets()...), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, getErr := b.Get(t.Context(), "x")
	_, listErr := b.List(t.Context())
	_, createErr := b.Create(t.Context(), basicDraft("y"))
	for what, err := range map[string]error{"Get": getErr, "List": listErr, "Create": createErr} {
		var wrong *store.KeyError
		if !errors.As(err, &wrong) || mailbox.Hint(err) != "put it back" {
			t.Errorf("%s: %v, want a *store.KeyError with its cure", what, err)
		}
	}
}

func TestStoreMustSeal(t *testing.T) {
	f := newFixture(t)
	keys, err := store.NewKeys(make([]byte, store.MasterKeySize), store.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewBook(store.Sealed(f.inner, keys, "secrets"), nil); err == nil || !strings.Contains(err.Error(), "tokens") {
		t.Errorf("a store that does not seal the tokens: %v", err)
	}
}

func TestConcurrentCreate(t *testing.T) {
	f := newFixture(t)
	var group sync.WaitGroup
	var mu sync.Mutex
	created, refused := 0, 0
	for range 8 {
		group.Go(func() {
			_, err := f.Create(context.Background(), pkceDraft("x"))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				created++
			case errors.Is(err, ErrExists):
				refused++
			default:
				t.Errorf("Create: %v", err)
			}
		})
	}
	group.Wait()
	if created != 1 || refused != 7 {
		t.Errorf("%d created and %d refused, want 1 and 7", created, refused)
	}
}

func TestCAFileBecomesAbsolute(t *testing.T) {
	path := newAuthority(t).file(t)
	t.Chdir(filepath.Dir(path))
	d := basicDraft("x")
	d.Profile.CAFile = filepath.Base(path)
	e := newFixture(t).create(t, d)
	if e.Profile.CAFile != path {
		t.Errorf("the CA file is %q, want %q", e.Profile.CAFile, path)
	}
}
