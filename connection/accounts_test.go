package connection

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
)

// sharing is a draft of a second connection on the same authentication object.
func (w *world) sharing(name, auth string, fence ...string) Draft {
	d := w.pkce(name, fence...)
	d.Auth, d.Profile.AuthName = nil, auth
	return d
}

// dropAccessTokens makes all kept access tokens vanish, as time does.
func (f *fixture) dropAccessTokens(t *testing.T) {
	t.Helper()
	err := f.store.Update(t.Context(), func(tx store.Tx) error {
		return tx.ForEach(tokensBucket, "", func(key string, blob []byte) error {
			var kept, tokens map[string]json.RawMessage
			if err := errors.Join(json.Unmarshal(blob, &kept), json.Unmarshal(kept["tokens"], &tokens)); err != nil {
				return err
			}
			delete(tokens, "AccessToken")
			var err error
			if kept["tokens"], err = json.Marshal(tokens); err != nil {
				return err
			}
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

func TestConnectionsShareASignIn(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm"))
	f.create(t, w.sharing("reports", "crm"))
	if _, err := w.signIn(t, f.Book, "reports", annaUPN, true); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"crm", "reports"} {
		if status, err := f.Status(t.Context(), name); err != nil || status.Username != annaUPN {
			t.Errorf("%s: %+v, %v", name, status, err)
		}
	}

	// A process that begins with an expired token, and many callers.
	f.dropAccessTokens(t)
	before := w.renewals.Load()
	book := f.reopen(t)
	one, two := openIn(t, book, "crm"), openIn(t, book, "reports")
	var all sync.WaitGroup
	for i := range 1000 {
		c := one
		if i%2 == 1 {
			c = two
		}
		all.Go(func() {
			if _, err := c.Token(t.Context(), ""); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := w.renewals.Load() - before; n != 1 {
		t.Errorf("1,000 callers on two connections caused %d renewals, want one", n)
	}

	// Signing out of one is signing out of the object.
	if was, err := book.SignOut(t.Context(), "crm", ""); err != nil || !was {
		t.Fatalf("SignOut: %v, %v", was, err)
	}
	_, err := two.Token(t.Context(), "")
	wantErr(t, err, mailbox.ErrSignInNeeded, "nobody has signed in", "exconn connection sign-in --name reports")
}

// Where each user signs in, each acts in his own mailbox with his own token.
func TestUsersSignInForThemselves(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm"))
	for _, upn := range []string{annaUPN, benUPN} {
		status, err := w.signInFor(t, f.Book, "crm", SignInOptions{User: strings.ToUpper(upn)}, upn, true)
		if err != nil || status.Username != upn {
			t.Fatalf("%+v, %v", status, err)
		}
	}
	e, err := f.Get(t.Context(), "crm")
	if err != nil || e.Status.State != SignedIn || e.Status.Users != 2 || e.Status.String() != "2 users have signed in" || len(e.Accounts) != 3 {
		t.Fatalf("the connection is %+v (%v)", e, err)
	}
	c := f.open(t, "crm")
	if err := errors.Join(list(t, c, annaUPN), list(t, c, benUPN)); err != nil {
		t.Fatal(err)
	}
	wantCalls(t, w, call{anchor: annaUPN, user: annaUPN}, call{anchor: benUPN, user: benUPN})

	// Nobody else's mailbox, and none without a name.
	wantErr(t, list(t, c, "eve@contoso.example"), mailbox.ErrSignInNeeded, "user eve@contoso.example: nobody has signed in", "exconn connection sign-in --name crm --user eve@contoso.example")
	wantErr(t, list(t, c, ""), mailbox.ErrInvalid, "2 users have signed in", "")

	// One user's loss is nobody else's.
	if was, err := f.SignOut(t.Context(), "crm", benUPN); err != nil || !was {
		t.Fatalf("SignOut: %v, %v", was, err)
	}
	wantErr(t, list(t, c, benUPN), mailbox.ErrSignInNeeded, "nobody has signed in", "")
	if err := list(t, c, annaUPN); err != nil {
		t.Error(err)
	}
	if err := w.dir.RevokeSessions(annaUPN); err != nil {
		t.Fatal(err)
	}
	w.refuse(true)
	wantErr(t, list(t, c, annaUPN), mailbox.ErrSignInNeeded, annaUPN, "")
	e, err = f.Get(t.Context(), "crm")
	if err != nil || e.Status.State != NeedsSignIn || !strings.Contains(e.Status.Reason, "1 of 1 users have to sign in") {
		t.Errorf("the connection is %+v (%v)", e.Status, err)
	}
}

func TestWrongAccountSignsIn(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm"))
	_, err := w.signInFor(t, f.Book, "crm", SignInOptions{User: annaUPN}, benUPN, true)
	wantErr(t, err, mailbox.ErrSignInNeeded, benUPN+" has signed in, but "+annaUPN+" was to", "sign in again as "+annaUPN)
	var wrong *WrongAccountError
	if !errors.As(err, &wrong) {
		t.Errorf("%T is no *WrongAccountError", err)
	}
	if left := len(f.raw(t, tokensBucket)) + len(f.raw(t, accountsBucket)); left != 0 {
		t.Errorf("%d records of the wrong account are kept", left)
	}
	// The address of a mailbox need not be the name that its user signs in with.
	_, err = w.signInFor(t, f.Book, "crm", SignInOptions{User: "b.enders@contoso.example", SignInNames: []string{benUPN}}, benUPN, true)
	if err != nil {
		t.Fatal(err)
	}
	// Then he is known, by whatever name.
	if _, err = w.signInFor(t, f.Book, "crm", SignInOptions{User: "b.enders@contoso.example"}, benUPN, true); err != nil {
		t.Error(err)
	}
}

func TestDeleteAuth(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm"))
	if _, err := w.signInFor(t, f.Book, "crm", SignInOptions{User: annaUPN}, annaUPN, true); err != nil {
		t.Fatal(err)
	}
	wantErr(t, f.DeleteAuth(t.Context(), "crm"), mailbox.ErrInvalid, `"crm" is in use by crm`, "exconn connection delete --name crm")
	if _, err := f.Delete(t.Context(), "crm", DeleteOptions{KeepAuth: true}); err != nil {
		t.Fatal(err)
	}
	e, err := f.Auth(t.Context(), "crm")
	if err != nil || len(e.UsedBy) != 0 || len(e.Accounts) != 2 || e.Accounts[1].Status.Username != annaUPN {
		t.Fatalf("the object is %+v, %v", e, err)
	}
	// Another connection takes it over with its sign-ins.
	f.create(t, w.sharing("new", "crm"))
	if err := list(t, f.open(t, "new"), annaUPN); err != nil {
		t.Error(err)
	}
	if _, err := f.Delete(t.Context(), "new", DeleteOptions{KeepAuth: true}); err != nil {
		t.Fatal(err)
	}
	if err := f.DeleteAuth(t.Context(), "CRM"); err != nil {
		t.Fatal(err)
	}
	for _, bucket := range []string{authsBucket, accountsBucket, tokensBucket, secretsBucket} {
		if left := f.raw(t, bucket); len(left) != 0 {
			t.Errorf("%s still holds %v", bucket, left)
		}
	}
	wantErr(t, f.DeleteAuth(t.Context(), "crm"), ErrUnknown, "no authentication object", "")
}

// What was kept by connection is found again, whoever has signed in to which.
func TestOldSignInsAreTakenOver(t *testing.T) {
	w, f := newWorld(t), newFixture(t)
	f.create(t, w.pkce("crm"))
	f.create(t, w.sharing("two", "crm"))
	f.create(t, w.sharing("three", "crm"))
	kept := map[string]string{"crm": annaUPN, "two": benUPN, "three": annaUPN}
	for name, upn := range kept {
		if _, err := w.signIn(t, f.Book, name, upn, true); err != nil {
			t.Fatal(err)
		}
		err := f.store.Update(t.Context(), func(tx store.Tx) error {
			for _, bucket := range []string{tokensBucket, accountsBucket} {
				v, err := tx.Get(bucket, "crm/")
				if err := errors.Join(err, tx.Delete(bucket, "crm/"), tx.Put(bucket, "old "+name, v)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err := f.store.Update(t.Context(), func(tx store.Tx) error {
		for name := range kept {
			for _, bucket := range []string{tokensBucket, accountsBucket} {
				v, err := tx.Get(bucket, "old "+name)
				if err := errors.Join(err, tx.Delete(bucket, "old "+name), tx.Put(bucket, name, v)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	book := f.reopen(t)
	for _, name := range []string{"crm", "two", "three"} {
		c := openIn(t, book, name)
		if err := list(t, c, kept[name]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	e, err := book.Auth(t.Context(), "crm")
	if err != nil || len(e.Accounts) != 2 || e.Accounts[0].Status.Username != annaUPN || e.Accounts[1].User != benUPN || e.Accounts[1].Status.Username != benUPN {
		t.Errorf("the accounts are %+v (%v)", e.Accounts, err)
	}
	if left := f.raw(t, tokensBucket); len(left) != 2 {
		t.Errorf("%d sign-ins are kept, want two", len(left))
	}
}
