package keysource

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
)

var (
	rawKey    = bytes.Repeat([]byte{0xA7}, store.MasterKeySize)
	base64Key = base64.StdEncoding.EncodeToString(rawKey)
)

// env makes Options with these variables and nothing else.
func env(pairs ...string) *Options {
	return &Options{
		Keyring: &fakeKeyring{},
		Getenv: func(name string) string {
			for i := 0; i+1 < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		},
	}
}

type fakeKeyring struct {
	entries map[string]string
	err     error
}

func (k *fakeKeyring) Get(service, user string) (string, error) {
	v, ok := k.entries[service+"/"+user]
	if !ok && k.err == nil {
		return "", keyring.ErrNotFound
	}
	return v, k.err
}

func (k *fakeKeyring) Set(service, user, secret string) error {
	if k.entries == nil {
		k.entries = map[string]string{}
	}
	k.entries[service+"/"+user] = secret
	return k.err
}

func (k *fakeKeyring) Delete(service, user string) error {
	delete(k.entries, service+"/"+user)
	return k.err
}

// check creates a key, loads it again, and compares.
func check(t *testing.T, source Source, opts *Options) Key {
	t.Helper()
	dir := t.TempDir()
	created, err := Create(t.Context(), dir, source, opts)
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	for _, want := range []Source{"", source} {
		loaded, err := Load(t.Context(), dir, want, opts)
		if err != nil {
			t.Fatalf("Load: %v", err)
		}
		if !bytes.Equal(created.Master(), loaded.Master()) || loaded.Source() != source {
			t.Errorf("Load returns another key, or the source %s", loaded.Source())
		}
	}
	if got, err := Remembered(dir); err != nil || got != source {
		t.Errorf("Remembered: %q, %v", got, err)
	}
	if o := created.Origin(); o.Name == "" || o.Cure == "" {
		t.Errorf("the origin %+v lacks name or cure", o)
	}
	return created
}

func TestFile(t *testing.T) {
	a, b := check(t, File, env()), check(t, File, env())
	if bytes.Equal(a.Master(), b.Master()) {
		t.Error("two data directories have the same key")
	}
	path := strings.TrimPrefix(a.Origin().Name, "file ")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(path) != KeyFileName || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the key is in %s with mode %v, want master.key with 0600", path, info.Mode())
	}
}

func TestKeyring(t *testing.T) {
	k := &fakeKeyring{}
	opts := env()
	opts.Keyring = k
	a, b := check(t, Keyring, opts), check(t, Keyring, opts)
	if bytes.Equal(a.Master(), b.Master()) || len(k.entries) != 2 {
		t.Errorf("two data directories share an entry of the keyring (%d entries)", len(k.entries))
	}
	dir := t.TempDir()
	if _, err := Create(t.Context(), dir, Keyring, opts); err != nil {
		t.Fatal(err)
	}
	clear(k.entries)
	wantError(t, second(Load(t.Context(), dir, "", opts)), "is missing", "backup of the keyring")
	k.err = errors.New("no session bus")
	wantError(t, second(Load(t.Context(), dir, "", opts)), "no session bus", "another key source")
	wantError(t, second(Create(t.Context(), t.TempDir(), Keyring, opts)), "no session bus", "another key source")
}

func TestEnv(t *testing.T) {
	for _, text := range []string{base64Key, base64.RawURLEncoding.EncodeToString(rawKey), " " + base64Key + "\n"} {
		if k := check(t, Env, env(EnvName, text)); !bytes.Equal(k.Master(), rawKey) {
			t.Errorf("%q gives another key", text)
		}
	}
	for name, c := range map[string]struct{ value, problem string }{
		"missing": {"", "is not set"},
		"short":   {base64.StdEncoding.EncodeToString(rawKey[:16]), "16 bytes"},
		"text":    {"not a key, but CANARY text", "is not 32 bytes in base64"},
	} {
		t.Run(name, func(t *testing.T) {
			err := second(Create(t.Context(), t.TempDir(), Env, env(EnvName, c.value)))
			wantError(t, err, c.problem, "openssl rand")
			if !errors.Is(err, mailbox.ErrInvalid) || strings.Contains(err.Error(), "CANARY") {
				t.Errorf("%v: want ErrInvalid, and nothing of the value", err)
			}
		})
	}
}

func TestCredential(t *testing.T) {
	credentials := t.TempDir()
	opts := env("CREDENTIALS_DIRECTORY", credentials)
	path := filepath.Join(credentials, CredentialName)
	for name, content := range map[string][]byte{"raw": rawKey, "base64": []byte(base64Key + "\n")} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, content, 0o440); err != nil {
				t.Fatal(err)
			}
			if k := check(t, Credential, opts); !bytes.Equal(k.Master(), rawKey) {
				t.Error("another key")
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		})
	}
	wantError(t, second(Create(t.Context(), t.TempDir(), Credential, opts)), CredentialName, "LoadCredentialEncrypted")
	wantError(t, second(Create(t.Context(), t.TempDir(), Credential, env())), "CREDENTIALS_DIRECTORY", "LoadCredentialEncrypted")
	if err := os.WriteFile(path, []byte("short"), 0o400); err != nil {
		t.Fatal(err)
	}
	wantError(t, second(Create(t.Context(), t.TempDir(), Credential, opts)), "no master key", "openssl rand")
}

func TestPassphrase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "phrase")
	if err := os.WriteFile(file, []byte("six r\u00e4ndom words are enough\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	byFile, err := Create(t.Context(), dir, Passphrase, env(PassphraseFileEnv, file))
	if err != nil {
		t.Fatal(err)
	}
	// The same phrase, typed where ä is composed of two code points.
	var confirmed []bool
	typed := env()
	typed.Prompt = func(_ context.Context, _ string, confirm bool) ([]byte, error) {
		confirmed = append(confirmed, confirm)
		return []byte("six ra\u0308ndom words are enough"), nil
	}
	byPrompt, err := Load(t.Context(), dir, "", typed)
	if err != nil || !bytes.Equal(byFile.Master(), byPrompt.Master()) {
		t.Errorf("the typed phrase gives another key (%v)", err)
	}
	other, err := Create(t.Context(), t.TempDir(), Passphrase, typed)
	if err != nil || bytes.Equal(other.Master(), byFile.Master()) {
		t.Errorf("two data directories derive the same key from one phrase (%v)", err)
	}
	if fmt.Sprint(confirmed) != "[false true]" {
		t.Errorf("confirmation was asked for %v, want for the new phrase alone", confirmed)
	}
}

func TestPassphraseProblems(t *testing.T) {
	write := func(text string, mode os.FileMode) string {
		path := filepath.Join(t.TempDir(), "phrase")
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	refusing := env()
	refusing.Prompt = func(context.Context, string, bool) ([]byte, error) { return nil, errors.New("interrupted") }
	for name, c := range map[string]struct {
		opts          *Options
		problem, cure string
	}{
		"nobody to ask": {env(), "nobody to ask", PassphraseFileEnv},
		"not given":     {refusing, "interrupted", ""},
		"no file":       {env(PassphraseFileEnv, "/no/such/file"), "/no/such/file", ""},
		"empty":         {env(PassphraseFileEnv, write("\n", 0o600)), "is empty", ""},
		"short":         {env(PassphraseFileEnv, write("short", 0o600)), "shorter than 12", "six random words"},
		"readable":      {env(PassphraseFileEnv, write("long enough a phrase", 0o644)), "can be read by others", "chmod 600"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			wantError(t, second(Create(t.Context(), dir, Passphrase, c.opts)), c.problem, c.cure)
			if _, err := Remembered(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a failed Create has remembered the source (%v)", err)
			}
		})
	}
}

func TestDamagedParameters(t *testing.T) {
	dir := t.TempDir()
	for _, kdf := range []string{
		`null`,
		`{"name":"scrypt","salt":"AAAAAAAAAAAAAAAA","time":3,"memory_kib":65536,"threads":4}`,
		`{"name":"argon2id","salt":"","time":3,"memory_kib":65536,"threads":4}`,
		`{"name":"argon2id","salt":"AAAAAAAAAAAAAAAA","time":3,"memory_kib":4294967295,"threads":4}`,
		`{"name":"argon2id","salt":"AAAAAAAAAAAAAAAA","time":0,"memory_kib":65536,"threads":4}`,
	} {
		text := `{"version":1,"source":"passphrase","kdf":` + kdf + `}`
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		wantError(t, second(Load(t.Context(), dir, "", env())), FileName+" is damaged", "backup")
	}
}

func TestAnotherSourceIsRefused(t *testing.T) {
	dir := t.TempDir()
	if _, err := Create(t.Context(), dir, File, env()); err != nil {
		t.Fatal(err)
	}
	err := second(Load(t.Context(), dir, Env, env(EnvName, base64Key)))
	wantError(t, err, "was made with the key source file, not env", "--data-dir")
	if !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("%v is not ErrInvalid", err)
	}
	// Create does not replace what is there.
	err = second(Create(t.Context(), dir, Env, env(EnvName, base64Key)))
	wantError(t, err, "was made with the key source file, not env", "--data-dir")
}

func TestKeyFileProblems(t *testing.T) {
	for name, c := range map[string]struct {
		damage        func(path string) error
		problem, cure string
	}{
		"missing": {os.Remove, "is missing", "from the backup"},
		"short": {func(p string) error { return os.WriteFile(p, []byte(base64Key[:20]), 0o600) },
			"is damaged", "from the backup"},
		"empty": {func(p string) error { return os.WriteFile(p, nil, 0o600) }, "is damaged", "from the backup"},
		"group": {func(p string) error { return os.Chmod(p, 0o640) }, "can be read by others (mode 0640)", "chmod 600 "},
		"all":   {func(p string) error { return os.Chmod(p, 0o604) }, "can be read by others (mode 0604)", "chmod 600 "},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if _, err := Create(t.Context(), dir, File, env()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, KeyFileName)
			if err := c.damage(path); err != nil {
				t.Fatal(err)
			}
			err := second(Load(t.Context(), dir, "", env(EnvName, base64Key)))
			wantError(t, err, c.problem, c.cure)
			if !strings.Contains(err.Error(), path) {
				t.Errorf("%v does not name %s", err, path)
			}
		})
	}
}

func TestDamagedSourceFile(t *testing.T) {
	for _, text := range []string{"", "{", `{"version":1,"source":"hsm"}`, `{"version":2,"source":"file"}`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		wantError(t, second(Load(t.Context(), dir, "", env())), FileName+" cannot be understood", "backup")
	}
}

func TestParse(t *testing.T) {
	for _, s := range Sources() {
		if got, err := Parse(string(s)); err != nil || got != s {
			t.Errorf("Parse(%q): %q, %v", s, got, err)
		}
	}
	_, err := Parse("tpm")
	if !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), `"tpm"`) || !strings.Contains(err.Error(), "systemd-credential") {
		t.Errorf("Parse of an unknown source: %v", err)
	}
}

// Several processes may make the same directory at once; all must end up with
// the same key.
func TestCreateRace(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	got := map[string]bool{}
	var group sync.WaitGroup
	for range 12 {
		group.Go(func() {
			k, err := Create(context.Background(), dir, File, env())
			if err != nil {
				t.Errorf("Create: %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			got[string(k.Master())] = true
		})
	}
	group.Wait()
	if len(got) != 1 {
		t.Errorf("%d different keys", len(got))
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Errorf("the directory holds %v (%v), want the two files alone", files, err)
	}
}

func TestKeyDoesNotPrint(t *testing.T) {
	k, err := Create(t.Context(), t.TempDir(), Env, env(EnvName, base64Key))
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%v %+v %#v %s %q %x %v %#v", k, k, k, k, k, k, &k, struct{ K Key }{k})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		hidden := struct{ k Key }{k}
		text += fmt.Sprintf(verb, hidden) + fmt.Sprintf(verb, &hidden)
	}
	out, err := json.Marshal(struct{ K Key }{k})
	text += string(out)
	if err != nil || strings.Count(text, EnvName) < 9 {
		t.Errorf("%s (%v): want the origin", text, err)
	}
	for _, bad := range []string{base64Key, "a7a7", "167 167", "0xa7, 0xa7", `\xa7`} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in %s", bad, text)
		}
	}
}

func second(_ Key, err error) error { return err }

func wantError(t *testing.T, err error, problem, cure string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), problem) || !strings.Contains(mailbox.Hint(err), cure) {
		t.Errorf("error %v, hint %q: want %q and the cure %q", err, mailbox.Hint(err), problem, cure)
	}
}
