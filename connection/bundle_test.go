package connection

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

const (
	exportPhrase = "six rändom words are enough"
	// cheapWork makes scrypt fast, which the tests do not try.
	cheapWork = 4
)

func byPhrase() ExportOptions {
	return ExportOptions{Passphrase: oauth.Secret(exportPhrase), workFactor: cheapWork}
}

func withPhrase(phrase string) BundleKeys {
	return BundleKeys{Passphrase: func() (oauth.Secret, error) { return oauth.Secret(phrase), nil }}
}

// manyConnections fills a book with a connection of each kind, two of which
// share an authentication object.
func manyConnections(t *testing.T, f *fixture) []string {
	t.Helper()
	kerberos := loginDraft(Kerberos)
	kerberos.Profile.Name, kerberos.Profile.Login.KeytabFile, kerberos.Secrets = "keytab", "/etc/exconn.keytab", Secrets{}
	drafts := []Draft{
		basicDraft("Board"), kerberos, pkceDraft("person"), secretDraft("app"), certificateDraft(t, "cert"),
		{Profile: Profile{Name: "second", ExchangeType: Online, AuthName: "app", AllowMailboxes: []string{"*"}}},
	}
	var names []string
	for _, d := range drafts {
		names = append(names, f.create(t, d).Profile.Name)
	}
	err := f.store.Update(t.Context(), func(tx store.Tx) error {
		return putAlerts(tx, "board", Alerts{Command: []string{"/usr/bin/tell"}, URL: oauth.Secret("https://hooks.example.com/CANARY-address"), Key: oauth.Secret("CANARY signs it")})
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// signedIn keeps a sign-in as a real one does.
func signedIn(t *testing.T, f *fixture, auth, user, tokens string) {
	t.Helper()
	err := f.store.Update(t.Context(), func(tx store.Tx) error {
		who := account{Account: oauth.Account{Username: "anna@example.com", HomeAccountID: "id"}, SignedIn: f.now()}
		return errors.Join(putRecord(tx, accountsBucket, accountKey(auth, user), who), tx.Put(tokensBucket, accountKey(auth, user), []byte(tokens)))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// content is all that a book keeps, secrets opened, without times.
func content(t *testing.T, f *fixture) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := f.store.View(t.Context(), func(tx store.Tx) error {
		for _, bucket := range []string{connectionsBucket, authsBucket, accountsBucket, secretsBucket, tokensBucket} {
			err := tx.ForEach(bucket, "", func(key string, value []byte) error {
				var fields map[string]any
				if json.Unmarshal(value, &fields) == nil {
					delete(fields, "created")
					delete(fields, "updated")
					delete(fields, "signed_in")
					value, _ = json.Marshal(fields)
				}
				all[bucket+"/"+key] = string(value)
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func export(t *testing.T, f *fixture, opts ExportOptions, names ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := f.Export(t.Context(), &out, names, opts); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func open(t *testing.T, text []byte, keys BundleKeys) *Bundle {
	t.Helper()
	bundle, err := OpenBundle(bytes.NewReader(text), keys)
	if err != nil {
		t.Fatal(err)
	}
	return bundle
}

// What is exported and imported is the same, by every kind of key.
func TestExportImport(t *testing.T) {
	from := newFixture(t)
	names := manyConnections(t, from)
	signedIn(t, from, "person", "", "tokens of the only one")
	signedIn(t, from, "person", "anna@example.com", "tokens of anna")
	want := content(t, from)

	usual, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		opts ExportOptions
		keys BundleKeys
	}{
		"recipient":  {ExportOptions{Recipients: []string{usual.Recipient().String()}}, BundleKeys{Identities: []byte("# made today\n" + usual.String() + "\n")}},
		"one of two": {ExportOptions{Recipients: []string{other.Recipient().String(), usual.Recipient().String()}}, BundleKeys{Identities: []byte(usual.String())}},
		"hybrid":     {ExportOptions{Recipients: []string{hybrid.Recipient().String()}}, BundleKeys{Identities: []byte(hybrid.String())}},
		"passphrase": {byPhrase(), withPhrase(exportPhrase)},
		// Typed where ä is composed of two code points.
		"composed": {byPhrase(), withPhrase(strings.Replace(exportPhrase, "ä", "a\u0308", 1))},
	} {
		t.Run(name, func(t *testing.T) {
			c.opts.WithSignIns = true
			text := export(t, from, c.opts, append(names, "BOARD")...)
			bundle := open(t, text, c.keys)
			if !bundle.Sealed() || len(bundle.Connections()) != len(names) || bundle.SignIns() != 2 {
				t.Errorf("the bundle holds %d connections and %d sign-ins", len(bundle.Connections()), bundle.SignIns())
			}
			to := newFixture(t)
			done, err := to.Import(t.Context(), bundle, ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, content(t, to)); diff != "" {
				t.Errorf("another content (-exported +imported):\n%s", diff)
			}
			for _, i := range done {
				if i.Replaced || i.Profile.Created.IsZero() || i.Status.State == NeedsSignIn {
					t.Errorf("%s: replaced %v, made %v, %v", i.Profile.Name, i.Replaced, i.Profile.Created, i.Status)
				}
			}
			// In binary form, as the age command writes it, it opens as well.
			var binary bytes.Buffer
			if _, err := binary.ReadFrom(armor.NewReader(bytes.NewReader(text))); err != nil {
				t.Fatal(err)
			}
			open(t, binary.Bytes(), c.keys)
			bundle.Wipe()
			if len(bundle.Connections()) != 0 {
				t.Error("the wiped bundle has connections")
			}
		})
	}
}

// Tokens are in an export only where they were asked for, and never those of
// an application, which needs none.
func TestExportWithoutSignIns(t *testing.T) {
	f := newFixture(t)
	names := manyConnections(t, f)
	signedIn(t, f, "person", "", "tokens of a person")
	signedIn(t, f, "app", "", "tokens of an application")
	for with, want := range map[bool]int{false: 0, true: 1} {
		opts := byPhrase()
		opts.WithSignIns = with
		bundle := open(t, export(t, f, opts, names...), withPhrase(exportPhrase))
		if bundle.SignIns() != want {
			t.Errorf("with sign-ins %v there are %d", with, bundle.SignIns())
		}
	}
}

// An export without secrets is readable, and lacks them alone.
func TestExportWithoutSecrets(t *testing.T) {
	from, to := newFixture(t), newFixture(t)
	names := manyConnections(t, from)
	web := secretDraft("web")
	web.Auth.Method, web.Auth.AccountType = oauth.Web, ""
	names = append(names, from.create(t, web).Profile.Name)
	text := export(t, from, ExportOptions{WithoutSecrets: true}, names...)
	if !bytes.Contains(text, []byte(`"exchange_type": "online"`)) || bytes.Contains(text, []byte("secrets")) || bytes.Contains(text, []byte("pass word")) || bytes.Contains(text, []byte("hooks")) {
		t.Errorf("the plain export is\n%s", text)
	}
	bundle := open(t, text, BundleKeys{})
	if bundle.Sealed() {
		t.Error("it counts as encrypted")
	}
	done, err := to.Import(t.Context(), bundle, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range done {
		if needs := i.Profile.Name != "keytab"; needs != (i.Status.State == NeedsSignIn) {
			t.Errorf("%s: %v", i.Profile.Name, i.Status)
		}
	}
	want := content(t, from)
	for key := range want {
		if strings.HasPrefix(key, secretsBucket) {
			delete(want, key)
		}
	}
	if diff := cmp.Diff(want, content(t, to)); diff != "" {
		t.Errorf("another content (-exported +imported):\n%s", diff)
	}
	// Over what is there, it leaves the secrets that are there.
	before := content(t, from)
	if _, err := from.Import(t.Context(), open(t, text, BundleKeys{}), ImportOptions{Replace: true}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, content(t, from)); diff != "" {
		t.Errorf("the import has changed (-before +after):\n%s", diff)
	}
}

func TestExportRefused(t *testing.T) {
	f := newFixture(t)
	manyConnections(t, f)
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	key, pq := identity.Recipient().String(), hybrid.Recipient().String()
	for name, c := range map[string]struct {
		names      []string
		opts       ExportOptions
		text, hint string
	}{
		"no key":            {[]string{"app"}, ExportOptions{}, "always encrypted", "age1"},
		"both":              {[]string{"app"}, ExportOptions{Recipients: []string{key}, Passphrase: oauth.Secret(exportPhrase)}, "either", "one of the two"},
		"short phrase":      {[]string{"app"}, ExportOptions{Passphrase: oauth.Secret("elf lettern")}, "shorter than 12", "six random words"},
		"no recipient":      {[]string{"app"}, ExportOptions{Recipients: []string{"age1nonsense"}}, "age1nonsense", "age-keygen"},
		"half a recipient":  {[]string{"app"}, ExportOptions{Recipients: []string{key[:40]}}, "no public key", "whole"},
		"a private key":     {[]string{"app"}, ExportOptions{Recipients: []string{identity.String()}}, "private key", "known to others"},
		"mixed":             {[]string{"app"}, ExportOptions{Recipients: []string{key, pq}}, "post-quantum", "other recipients"},
		"unknown":           {[]string{"ap"}, byPhrase(), "no connection", "did you mean app?"},
		"none":              {nil, byPhrase(), "no connection", ""},
		"plain with phrase": {[]string{"app"}, ExportOptions{WithoutSecrets: true, Passphrase: oauth.Secret(exportPhrase)}, "not encrypted", "leave out"},
		"plain sign-ins":    {[]string{"app"}, ExportOptions{WithoutSecrets: true, WithSignIns: true}, "holds no sign-ins", "leave out"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			_, err := f.Export(t.Context(), &out, c.names, c.opts)
			wantErr(t, err, mailbox.ErrInvalid, c.text, c.hint)
			if strings.Contains(fmt.Sprint(err, mailbox.Hint(err)), identity.String()) || out.Len() > 0 {
				t.Errorf("%v; %d bytes were written", err, out.Len())
			}
		})
	}
	// A secret that cannot be read must not be missing silently.
	f.putRaw(t, secretsBucket, clientSecretKey("app"), "nonsense")
	var out bytes.Buffer
	_, err = f.Export(t.Context(), &out, []string{"second"}, byPhrase())
	var lost *store.DamagedError
	if !errors.As(err, &lost) || !strings.Contains(err.Error(), "not be complete") || out.Len() > 0 {
		t.Errorf("with a damaged secret: %v, %d bytes", err, out.Len())
	}
	if _, err := f.Export(t.Context(), errWriter{}, []string{"Board"}, byPhrase()); !errors.Is(err, errNoSpace) {
		t.Errorf("a full disk: %v", err)
	}
}

var errNoSpace = errors.New("no space left")

type errWriter struct{}

func (errWriter) Write([]byte) (int, error) { return 0, errNoSpace }

// seal encrypts any content as an export is.
func sealText(t *testing.T, text string) string {
	t.Helper()
	sealer, err := newBundleSealer(nil, oauth.Secret(exportPhrase), cheapWork)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := sealer.seal(&out, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestOpenRefused(t *testing.T) {
	f := newFixture(t)
	manyConnections(t, f)
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	byKey := string(export(t, f, ExportOptions{Recipients: []string{identity.Recipient().String()}}, "app"))
	phrase := string(export(t, f, byPhrase(), "app"))
	plain := string(export(t, f, ExportOptions{WithoutSecrets: true}, "app"))
	const head = `{"format":"exconn connections","version":1,`
	const one = `"connections":[{"name":"x","exchange_type":"online","auth":"x"}],"auths":[{"name":"x"}]`
	keys := withPhrase(exportPhrase)
	for name, c := range map[string]struct {
		text       string
		keys       BundleKeys
		want, hint string
	}{
		"wrong passphrase":   {phrase, withPhrase("another passphrase"), "not that of the export", "exported with"},
		"no passphrase":      {phrase, BundleKeys{}, "by a passphrase, and none", "--passphrase-file"},
		"empty passphrase":   {phrase, withPhrase(""), "is empty", ""},
		"key for phrase":     {phrase, BundleKeys{Identities: []byte(identity.String())}, "by a passphrase, and none", "--passphrase-file"},
		"wrong key":          {byKey, BundleKeys{Identities: []byte(other.String())}, "other keys", "age-keygen -y"},
		"no key":             {byKey, keys, "to a key, and none", "--identity-file"},
		"a recipient":        {byKey, BundleKeys{Identities: []byte(identity.Recipient().String())}, "no private key", "AGE-SECRET-KEY"},
		"nothing":            {"", keys, "neither encrypted by age nor JSON", "exconn connection export"},
		"a picture":          {"\x89PNG\r\n", keys, "neither encrypted by age nor JSON", "exconn connection export"},
		"another JSON":       {`{"name":"app"}`, keys, `"format" is not`, "exconn connection export"},
		"half JSON":          {plain[:len(plain)/2], keys, "not JSON", "exconn connection export"},
		"JSON and more":      {plain + "{}", keys, "not JSON", ""},
		"another age file":   {sealText(t, "a letter"), keys, "not JSON", "exconn connection export"},
		"cut off":            {phrase[:len(phrase)-200], keys, "broken or incomplete", "copy the file again"},
		"newer":              {`{"format":"exconn connections","version":2}`, keys, "newer exconn: it has the version 2", "newer one"},
		"newer, encrypted":   {sealText(t, `{"format":"exconn connections","version":9,"other":1}`), keys, "newer exconn: it has the version 9", "newer one"},
		"newer field":        {head + `"colour":1,` + one + `}`, keys, `the field "colour"`, "newer one"},
		"newer profile":      {head + `"connections":[{"name":"x","telepathy":true}]}`, keys, `the field "telepathy"`, "newer one"},
		"no version":         {`{"format":"exconn connections"}`, keys, "version is missing", "export again"},
		"a wrong type":       {head + `"connections":[{"name":7}]}`, keys, `connections.name`, "export again"},
		"a wrong time":       {head + `"exported":"yesterday",` + one + `}`, keys, "cannot be understood", "export again"},
		"no connection":      {head + `"connections":[]}`, keys, "no connection in it", "export again"},
		"no name":            {head + `"connections":[{"name":"../x"}]}`, keys, "no proper name", ""},
		"twice":              {head + `"connections":[{"name":"x"},{"name":"X"}]}`, keys, "in it twice", ""},
		"auth twice":         {head + `"auths":[{"name":"x"},{"name":"X"}],"connections":[{"name":"x"}]}`, keys, "in it twice", ""},
		"auth missing":       {head + `"connections":[{"name":"x","auth":"y"}]}`, keys, "not in it", ""},
		"secret in clear":    {head + one + `,"secrets":[{"auth":"x","kind":"client-secret","value":"Q0FOQVJZ"}]}`, keys, "not encrypted", "known to others"},
		"sign-in in clear":   {head + one + `,"sign_ins":[{"auth":"x","account":{},"tokens":"Q0FOQVJZ"}]}`, keys, "not encrypted", "known to others"},
		"stray secret":       {sealText(t, head+one+`,"secrets":[{"auth":"y","kind":"client-secret","value":"Q0FOQVJZ"}]}`), keys, "belongs to nothing", ""},
		"secret of a key":    {sealText(t, head+one+`,"secrets":[{"auth":"x","kind":"a/b","value":"Q0FOQVJZ"}]}`), keys, "belongs to nothing", ""},
		"secret of two":      {sealText(t, head+one+`,"secrets":[{"auth":"x","connection":"x","kind":"a","value":"Q0FOQVJZ"}]}`), keys, "belongs to nothing", ""},
		"stray sign-in":      {sealText(t, head+one+`,"sign_ins":[{"auth":"y","account":{},"tokens":"Q0FOQVJZ"}]}`), keys, "belongs to nothing", ""},
		"sign-in of nobody":  {sealText(t, head+one+`,"sign_ins":[{"auth":"x","user":"a/b","account":{},"tokens":"Q0FOQVJZ"}]}`), keys, "belongs to nothing", ""},
		"age, but not whole": {"age-encryption.org/v1\n-> X25519", keys, "head cannot be understood", "copy the file again"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := OpenBundle(strings.NewReader(c.text), c.keys)
			wantErr(t, err, mailbox.ErrInvalid, c.want, c.hint)
			for _, secret := range []string{"CANARY", "Q0FOQVJZ", exportPhrase, "client secret"} {
				if strings.Contains(err.Error()+mailbox.Hint(err), secret) {
					t.Errorf("%v tells a secret", err)
				}
			}
		})
	}
	interrupted := errors.New("interrupted")
	ask := BundleKeys{Passphrase: func() (oauth.Secret, error) { return nil, interrupted }}
	if _, err := OpenBundle(strings.NewReader(phrase), ask); !errors.Is(err, interrupted) {
		t.Errorf("the error of the prompt is lost: %v", err)
	}
}

// Whatever bit of an export is changed on the way, it is noticed.
func TestEveryDamageIsNoticed(t *testing.T) {
	f := newFixture(t)
	manyConnections(t, f)
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	keys := BundleKeys{Identities: []byte(identity.String())}
	armored := export(t, f, ExportOptions{Recipients: []string{identity.Recipient().String()}}, "app")
	var binary bytes.Buffer
	if _, err := binary.ReadFrom(armor.NewReader(bytes.NewReader(armored))); err != nil {
		t.Fatal(err)
	}
	text := binary.Bytes()
	open(t, text, keys)
	for i := range text {
		damaged := bytes.Clone(text)
		damaged[i] ^= 0x10
		_, err := OpenBundle(bytes.NewReader(damaged), keys)
		var told *BundleError
		if !errors.As(err, &told) {
			t.Fatalf("byte %d of %d changed: %v", i, len(text), err)
		}
		if _, err := OpenBundle(bytes.NewReader(text[:i]), keys); !errors.As(err, &told) {
			t.Fatalf("cut off after %d of %d bytes: %v", i, len(text), err)
		}
	}
}

// Neither the file nor anything printed tells a secret.
func TestExportTellsNoSecret(t *testing.T) {
	f := newFixture(t)
	names := manyConnections(t, f)
	signedIn(t, f, "person", "", "CANARY tokens")
	var printed strings.Builder
	opts := byPhrase()
	opts.WithSignIns = true
	text := export(t, f, opts, names...)
	bundle := open(t, text, withPhrase(exportPhrase))
	in, err := newImport(bundle, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{bundle, *bundle, bundle.data, &bundle.data, bundle.data.Secrets, bundle.data.SignIns, opts, withPhrase(exportPhrase), in, *in, in.drafts} {
		fmt.Fprintf(&printed, "%v\n%+v\n%#v\n%s\n", v, v, v, v)
		slog.New(slog.NewJSONHandler(&printed, nil)).Info("x", "v", fmt.Sprintf("%+v", v))
	}
	out, err := json.Marshal([]any{bundle, *bundle})
	fmt.Fprintf(&printed, "%s %v", out, err)
	slog.New(slog.NewJSONHandler(&printed, nil)).Info("x", "v", bundle, "w", *bundle)
	secrets := []string{"CANARY tokens", "pass word", "client secret", exportPhrase, "PRIVATE KEY"}
	for _, s := range bundle.data.Secrets {
		secrets = append(secrets, string(s.Value))
	}
	if len(secrets) < 8 {
		t.Errorf("only %d secrets were in play", len(secrets))
	}
	for where, text := range map[string]string{"the export": string(text), "what was printed": printed.String()} {
		for _, secret := range secrets {
			for _, form := range forms(secret) {
				if strings.Contains(text, form) {
					t.Errorf("%s holds %.40q", where, form)
				}
			}
		}
	}
}

// FuzzOpenBundle: whatever a file holds, it opens or is refused in words. No
// passphrase is tried, which would only be slow.
func FuzzOpenBundle(f *testing.F) {
	const content = `{"format":"exconn connections","version":1,"connections":[{"name":"x","exchange_type":"online","auth":"x"}],"auths":[{"name":"x"}]}`
	// The same in each of the fuzzer's processes.
	identity, err := age.ParseX25519Identity("AGE-SECRET-KEY-1HTHPZ03N5PXXCUKUH69J6XGQ9KM30P34FE3RA9NVNPFCYFWKPZLQFTFKPR")
	if err != nil {
		f.Fatal(err)
	}
	sealer, err := newBundleSealer([]string{identity.Recipient().String()}, nil, 0)
	if err != nil {
		f.Fatal(err)
	}
	var sealed strings.Builder
	if err := sealer.seal(&sealed, []byte(content)); err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		content, sealed.String(), "\ufeff{}", armor.Header + "\nAAAA\n-----END AGE ENCRYPTED FILE-----\n",
		"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 4\nAAAA\n--- AAAA\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		bundle, err := OpenBundle(strings.NewReader(text), BundleKeys{Identities: oauth.Secret(identity.String())})
		var told *BundleError
		if err != nil && !errors.As(err, &told) {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil {
			return
		}
		if err := bundle.Validate(ImportOptions{}); err == nil && len(bundle.Connections()) == 0 {
			t.Errorf("%q is an export of nothing", text)
		}
	})
}
