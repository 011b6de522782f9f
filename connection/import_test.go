package connection

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// exportOf is the bundle of all connections of a book of its own.
func exportOf(t *testing.T, fill func(f *fixture) []string) *Bundle {
	t.Helper()
	f := newFixture(t)
	names := fill(f)
	opts := byPhrase()
	opts.WithSignIns = true
	return open(t, export(t, f, opts, names...), withPhrase(exportPhrase))
}

// What is there is named, all at once, and nothing is changed; other names or
// --replace bring the import in.
func TestImportOverWhatIsThere(t *testing.T) {
	bundle := exportOf(t, func(f *fixture) []string {
		f.create(t, basicDraft("Board"))
		f.create(t, secretDraft("app"))
		return []string{"board", "app"}
	})
	there := func() *fixture {
		f := newFixture(t)
		d := basicDraft("board")
		d.Secrets.Password = oauth.Secret("the old password")
		f.create(t, d)
		d = secretDraft("APP")
		d.Secrets.ClientSecret = oauth.Secret("the old secret")
		f.create(t, d)
		f.create(t, Draft{Profile: Profile{Name: "sharer", ExchangeType: Online, AuthName: "app", AllowMailboxes: []string{"*"}}})
		signedIn(t, f, "app", "", "tokens by the old secret")
		return f
	}
	f := there()
	before := content(t, f)
	_, err := f.Import(t.Context(), bundle, ImportOptions{})
	wantErr(t, err, ErrExists, `authentication object "app", connection "Board", connection "app"`, "--rename OLD=NEW")
	wantErr(t, err, mailbox.ErrInvalid, "", "--replace")
	if diff := cmp.Diff(before, content(t, f)); diff != "" {
		t.Errorf("a refused import has changed (-before +after):\n%s", diff)
	}

	done, err := f.Import(t.Context(), bundle, ImportOptions{Rename: map[string]string{"BOARD": "board2", "app": "app2"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := names([]Entry{done[0].Entry, done[1].Entry}); done[0].Replaced || strings.Join(got, " ") != "board2 app2" || done[1].Auth.Name != "app2" {
		t.Errorf("the renamed are %v, with the authentication object %s", got, done[1].Auth.Name)
	}
	after := content(t, f)
	for key, was := range before {
		if after[key] != was {
			t.Errorf("%s has changed", key)
		}
	}
	if after[secretsBucket+"/"+clientSecretKey("app2")] != "client secret" || after[secretsBucket+"/"+passwordKey("board2")] != "pass word" {
		t.Errorf("the secrets have not been renamed: %v", after)
	}

	f = there()
	done, err = f.Import(t.Context(), bundle, ImportOptions{Replace: true})
	if err != nil || !done[0].Replaced || !done[1].Replaced {
		t.Fatalf("%v, %+v", err, done)
	}
	after = content(t, f)
	if after[secretsBucket+"/"+clientSecretKey("app")] != "client secret" || after[secretsBucket+"/"+passwordKey("board")] != "pass word" {
		t.Errorf("the secrets have not been replaced: %v", after)
	}
	if _, ok := after[tokensBucket+"/"+accountKey("app", "")]; ok {
		t.Error("tokens that were got by the former secret are still there")
	}
	if e, err := f.Get(t.Context(), "sharer"); err != nil || e.Auth.Name != "app" {
		t.Errorf("the connection that shares: %+v, %v", e, err)
	}
}

// An authentication object that is there already, the same, is shared: two
// exports of connections that share one can both be imported.
func TestImportSharesTheSame(t *testing.T) {
	from, to := newFixture(t), newFixture(t)
	manyConnections(t, from)
	for _, name := range []string{"app", "second"} {
		if _, err := to.Import(t.Context(), open(t, export(t, from, byPhrase(), name), withPhrase(exportPhrase)), ImportOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	shared, err := to.Auth(t.Context(), "app")
	if err != nil || strings.Join(shared.UsedBy, " ") != "app second" {
		t.Errorf("it is shared by %v, %v", shared.UsedBy, err)
	}
	// With another secret it is another.
	_, err = to.Update(t.Context(), "app", func(d *Draft) error {
		d.Secrets.ClientSecret = oauth.Secret("renewed meanwhile")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	again := open(t, export(t, from, byPhrase(), "second"), withPhrase(exportPhrase))
	_, err = to.Import(t.Context(), again, ImportOptions{Rename: map[string]string{"second": "third"}})
	wantErr(t, err, ErrExists, `of the export exists already: authentication object "app"`, "--rename")
	// A damaged one is none: the import heals it.
	to.putRaw(t, secretsBucket, clientSecretKey("app"), "nonsense")
	if _, err := to.Import(t.Context(), again, ImportOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	if content(t, to)[secretsBucket+"/"+clientSecretKey("app")] != "client secret" {
		t.Error("the damaged secret was not replaced")
	}
}

// What does not fit those who share an authentication object is refused.
func TestImportMustFitThoseWhoShare(t *testing.T) {
	bundle := exportOf(t, func(f *fixture) []string { f.create(t, secretDraft("corp")); return []string{"corp"} })
	f := newFixture(t)
	f.create(t, pkceDraft("corp"))
	// Without a fence it may act for whoever has signed in, and an application
	// is nobody.
	f.create(t, Draft{Profile: Profile{Name: "mine", ExchangeType: Online, AuthName: "corp"}})
	before := content(t, f)
	_, err := f.Import(t.Context(), bundle, ImportOptions{Replace: true})
	wantErr(t, err, mailbox.ErrInvalid, `shared with the connection "mine"`, "--rename corp=NEW")
	if diff := cmp.Diff(before, content(t, f)); diff != "" {
		t.Errorf("a refused import has changed (-before +after):\n%s", diff)
	}
}

// A connection that is replaced leaves no authentication object behind that
// nothing uses.
func TestImportDropsWhatNothingUses(t *testing.T) {
	bundle := exportOf(t, func(f *fixture) []string { f.create(t, basicDraft("sales")); return []string{"sales"} })
	f := newFixture(t)
	f.create(t, secretDraft("sales"))
	if _, err := f.Import(t.Context(), bundle, ImportOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	for key := range content(t, f) {
		if strings.HasPrefix(key, authsBucket) || strings.Contains(key, "client-secret") {
			t.Errorf("%s is left behind", key)
		}
	}
}

// Sign-ins that are there are named as all else is.
func TestImportSignIns(t *testing.T) {
	bundle := exportOf(t, func(f *fixture) []string {
		f.create(t, pkceDraft("person"))
		signedIn(t, f, "person", "anna@example.com", "new tokens")
		return []string{"person"}
	})
	f := newFixture(t)
	f.create(t, pkceDraft("person"))
	signedIn(t, f, "person", "anna@example.com", "old tokens")
	_, err := f.Import(t.Context(), bundle, ImportOptions{Rename: map[string]string{}})
	wantErr(t, err, ErrExists, `sign-in "person/anna@example.com"`, "--replace")
	if _, err := f.Import(t.Context(), bundle, ImportOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	if got := content(t, f)[tokensBucket+"/"+accountKey("person", "anna@example.com")]; got != "new tokens" {
		t.Errorf("the tokens are %q", got)
	}
}

// Each connection is validated as a new one.
func TestImportValidates(t *testing.T) {
	const head = `{"format":"exconn connections","version":1,`
	for name, c := range map[string]struct{ text, want, hint string }{
		"plain http": {head + `"connections":[{"name":"x","exchange_type":"server","ews_url":"http://mail.example.com/EWS/Exchange.asmx","login":{"kind":"basic","username":"a@example.com"}}]}`,
			`connection "x", ews_url`, "mend"},
		"several": {head + `"connections":[{"name":"x","exchange_type":"server","login":{"kind":"basic","username":"a@example.com"}},{"name":"y","exchange_type":"moon","login":{"kind":"basic","username":"a@example.com"}}]}`,
			`connection "y", exchange_type "moon"`, "mend"},
		"no CA file": {head + `"connections":[{"name":"x","exchange_type":"server","ews_url":"https://m/EWS","ca_file":"/no/such/ca.pem","login":{"kind":"basic","username":"a@example.com"}}]}`,
			`ca_file "/no/such/ca.pem"`, "--ca-file"},
		"no fence": {head + `"connections":[{"name":"x","exchange_type":"online","auth":"x"}],"auths":[{"name":"x","client_id":"app","account_type":"example.com","method":"client-secret"}]}`,
			`allow_mailboxes`, "mend"},
	} {
		t.Run(name, func(t *testing.T) {
			bundle := open(t, []byte(c.text), BundleKeys{})
			wantErr(t, bundle.Validate(ImportOptions{}), mailbox.ErrInvalid, c.want, c.hint)
			f := newFixture(t)
			_, err := f.Import(t.Context(), bundle, ImportOptions{})
			wantErr(t, err, mailbox.ErrInvalid, c.want, c.hint)
			if len(content(t, f)) != 0 {
				t.Error("something of it was kept")
			}
		})
	}
	// Encrypted, it must bring its secrets.
	sealed := sealText(t, head+`"connections":[{"name":"x","exchange_type":"online","auth":"x","allow_mailboxes":["*"]}],"auths":[{"name":"x","client_id":"app","account_type":"example.com","method":"client-secret"}]}`)
	wantErr(t, open(t, []byte(sealed), withPhrase(exportPhrase)).Validate(ImportOptions{}), mailbox.ErrInvalid, "client_secret: is missing", "")
	// Whom it tells of a failure is a program that would run here.
	for alerts, want := range map[string]string{`"eyJjb21tYW5kIjpbIiJdfQ=="`: "on_failure_command", `"bm9uc2Vuc2U="`: "whom to tell"} {
		sealed := sealText(t, head+`"connections":[{"name":"x","exchange_type":"server","ews_url":"https://m/EWS","login":{"kind":"kerberos","username":"a@EXAMPLE.COM","keytab_file":"/k"},"allow_mailboxes":["*"]}],`+
			`"secrets":[{"connection":"x","kind":"alerts","value":`+alerts+`}]}`)
		wantErr(t, open(t, []byte(sealed), withPhrase(exportPhrase)).Validate(ImportOptions{}), mailbox.ErrInvalid, want, "")
	}
	// A CA file that lies elsewhere here.
	from, to := newFixture(t), newFixture(t)
	d := basicDraft("x")
	d.Profile.CAFile = newAuthority(t).file(t)
	from.create(t, d)
	here := newAuthority(t).file(t)
	done, err := to.Import(t.Context(), open(t, export(t, from, byPhrase(), "x"), withPhrase(exportPhrase)), ImportOptions{CAFile: here})
	if err != nil || done[0].Profile.CAFile != here {
		t.Errorf("%v, %+v", err, done)
	}
}

func TestRenameRefused(t *testing.T) {
	bundle := exportOf(t, func(f *fixture) []string { return manyConnections(t, f) })
	for name, c := range map[string]struct {
		rename     map[string]string
		want, hint string
	}{
		"unknown":   {map[string]string{"sales": "x"}, `no connection "sales"`, "Board, keytab, person"},
		"no name":   {map[string]string{"app": "a/b"}, `"a/b"`, "letters"},
		"collision": {map[string]string{"person": "board"}, `the connection "board"`, "other names"},
		"auths":     {map[string]string{"person": "cert", "cert": "other", "app": "cert"}, `"cert"`, "other names"},
	} {
		t.Run(name, func(t *testing.T) {
			wantErr(t, bundle.Validate(ImportOptions{Rename: c.rename}), mailbox.ErrInvalid, c.want, c.hint)
		})
	}
	// Two may change their names with each other.
	f := newFixture(t)
	if _, err := f.Import(t.Context(), bundle, ImportOptions{Rename: map[string]string{"person": "cert", "cert": "person"}}); err != nil {
		t.Fatal(err)
	}
	if e, err := f.Get(t.Context(), "person"); err != nil || e.Auth.Method != oauth.ClientCertificate || e.Status.State != Ready {
		t.Errorf("%+v, %v", e, err)
	}
}

// All or nothing, whichever write fails.
func TestImportIsAtomic(t *testing.T) {
	bundle := exportOf(t, func(f *fixture) []string {
		names := manyConnections(t, f)
		signedIn(t, f, "person", "", "tokens")
		return names
	})
	f := newFixture(t)
	f.create(t, basicDraft("Board"))
	f.create(t, pkceDraft("app"))
	before := content(t, f)
	keys, err := store.NewKeys([]byte(strings.Repeat("\x07", store.MasterKeySize)), store.Origin{Name: "a test"})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 1000 {
		failing := &failingStore{Store: f.inner, after: n}
		book, err := NewBook(store.Sealed(failing, keys, SealedBuckets()...), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = book.Import(t.Context(), bundle, ImportOptions{Replace: true})
		if err == nil {
			if n < 15 {
				t.Errorf("the import writes only %d times", n)
			}
			if got := content(t, f); len(got) <= len(before) {
				t.Errorf("the import has brought nothing: %v", got)
			}
			return
		}
		if !errors.Is(err, errNoSpace) {
			t.Fatalf("write %d: %v", n, err)
		}
		if diff := cmp.Diff(before, content(t, f)); diff != "" {
			t.Fatalf("failing at write %d has changed (-before +after):\n%s", n, diff)
		}
	}
	t.Error("the import does not end")
}

// failingStore fails at the write after so many.
type failingStore struct {
	store.Store
	after int
}

func (s *failingStore) Update(ctx context.Context, fn func(store.Tx) error) error {
	return s.Store.Update(ctx, func(tx store.Tx) error { return fn(&failingTx{Tx: tx, store: s}) })
}

type failingTx struct {
	store.Tx
	store *failingStore
}

func (t *failingTx) Put(bucket, key string, value []byte) error {
	if t.store.after == 0 {
		return errNoSpace
	}
	t.store.after--
	return t.Tx.Put(bucket, key, value)
}

func (t *failingTx) Delete(bucket, key string) error {
	if t.store.after == 0 {
		return errNoSpace
	}
	t.store.after--
	return t.Tx.Delete(bucket, key)
}
