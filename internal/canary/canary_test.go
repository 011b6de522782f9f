package canary

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func keyPEM(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("what is public")})
	return append(certificate, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...)
}

// TestScan shows that a scan finds what it looks for, in every form, and
// nothing else.
func TestScan(t *testing.T) {
	const canary = `Canary+/%&"é 0123456789ABCDEF`
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	token := strings.Repeat("header", 20) + "." + strings.Repeat("payload0", 20) + "." + strings.Repeat("signature", 20)
	secrets := map[string]string{canary: "password", token: "token"}
	var numbers []string
	for _, key := range []any{rsaKey, ecKey} {
		found, err := PrivateNumbers(keyPEM(t, key))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range found {
			secrets[n] = "key"
		}
		numbers = append(numbers, found...)
	}
	scan := NewScan(secrets)
	object, err := json.Marshal(map[string]string{"password": canary})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"as it is":              "the password " + canary + " is wrong",
		"in a form":             url.Values{"password": {canary}}.Encode(),
		"in a path":             "/" + url.PathEscape(canary),
		"in a header":           "Basic " + base64.StdEncoding.EncodeToString([]byte("user:"+canary)),
		"in base64, one before": "x " + base64.StdEncoding.EncodeToString([]byte("1"+canary+"more")),
		"in base64, two before": base64.StdEncoding.EncodeToString([]byte("12" + canary + "more")),
		"in base64url":          base64.RawURLEncoding.EncodeToString([]byte("1234" + canary + "\xff\xfe")),
		"in base64 by lines":    strings.Join(strings.SplitAfter(base64.StdEncoding.EncodeToString([]byte("12345"+canary)), "A"), "\r\n"),
		"in hexadecimal":        hex.EncodeToString([]byte("x" + canary)),
		"in JSON":               string(object),
		"in a log":              fmt.Sprintf("password=%q", canary),
		"in HTML":               "<b>" + html.EscapeString(canary) + "</b>",
		"as bytes":              fmt.Sprintf("%v", []byte("x"+canary+"y")),
		"in Go's syntax":        fmt.Sprintf("%#v", []byte("x"+canary+"y")),
		"a key in PEM":          string(keyPEM(t, rsaKey)),
		"another key in PEM":    string(keyPEM(t, ecKey)),
		"a key in DER":          numbers[1],
		"a token":               "Bearer " + token,
		"a token's payload":     strings.Repeat("payload0", 20),
		"a token's signature":   "…" + strings.Repeat("signature", 20),
	} {
		if len(scan.In([]byte(text))) == 0 {
			t.Errorf("%s: it is not found in %.80s", name, text)
		}
	}
	certificate := keyPEM(t, rsaKey)
	certificate = certificate[:bytes.Index(certificate, []byte("-----BEGIN PRIVATE KEY"))]
	for name, text := range map[string]string{
		"nothing":               "all is well",
		"the head of the words": "Canary",
		"a certificate":         string(certificate),
		"a token's header":      strings.Repeat("header", 20) + ".",
	} {
		if found := scan.In([]byte(text)); len(found) > 0 {
			t.Errorf("%s: %v is found", name, found)
		}
	}
}

func TestNoKey(t *testing.T) {
	for _, text := range []string{"", "no PEM", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if _, err := PrivateNumbers([]byte(text)); err == nil {
			t.Errorf("%q has a key", text)
		}
	}
}

type loose struct {
	inner string
	bytes []byte
}

type leakyError struct{ hint string }

func (e leakyError) Error() string { return "failed" }
func (e leakyError) Hint() string  { return e.hint }

// TestWatch plants a secret in each place that a watch looks at.
func TestWatch(t *testing.T) {
	const planted = "Planted-0123456789"
	for name, plant := range map[string]func(w *Watch) error{
		"a text":  func(w *Watch) error { w.Said("there", "x "+planted); return nil },
		"a log":   func(w *Watch) error { slog.New(slog.NewTextHandler(w, nil)).Info("x", "y", planted); return nil },
		"a value": func(w *Watch) error { w.Print("there", &loose{inner: planted}); return nil },
		"bytes":   func(w *Watch) error { w.Print("there", loose{bytes: []byte(planted)}); return nil },
		"a hint":  func(w *Watch) error { w.Print("there", leakyError{planted}); return nil },
		"wrapped": func(w *Watch) error { w.Print("there", errors.Join(errors.New(planted))); return nil },
		"a file": func(w *Watch) error {
			dir := t.TempDir()
			return errors.Join(os.WriteFile(filepath.Join(dir, "trace"), []byte("\x00"+planted), 0o600), w.Files(dir, nil))
		},
		"a file's name": func(w *Watch) error {
			dir := t.TempDir()
			return errors.Join(os.WriteFile(filepath.Join(dir, planted), nil, 0o600), w.Files(dir, nil))
		},
	} {
		w := New()
		w.Secret("canary", planted)
		if err := plant(w); err != nil {
			t.Fatal(err)
		}
		if len(w.Found()) == 0 {
			t.Errorf("%s: it is not found", name)
		}
		judged := &fakeTB{TB: t}
		w.Judge(judged, 1, 1)
		if judged.errors == 0 {
			t.Errorf("%s: the judge lets it pass", name)
		}
		if printed := fmt.Sprintf("%v %+v %#v", w, w, w); strings.Contains(printed, planted) {
			t.Errorf("%s: the watch itself prints it", name)
		}
	}
}

// TestJudge: a search that cannot find anything does not pass.
func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		fill func(w *Watch) error
		want int
	}{
		"clean": {func(w *Watch) error {
			w.Secret("canary", "Planted-0123456789")
			w.Said("there", "all is well")
			return nil
		}, 0},
		"no secret": {func(w *Watch) error { w.Said("there", "all is well"); return nil }, 1},
		"no text":   {func(w *Watch) error { w.Secret("canary", "Planted-0123456789"); return nil }, 1},
		"too short": {func(w *Watch) error { w.Secret("canary", "short"); w.Said("there", "all is well"); return nil }, 1},
		"its own file": {func(w *Watch) error {
			dir := t.TempDir()
			w.Secret("canary", "Planted-0123456789")
			w.Said("there", "all is well")
			err := os.WriteFile(filepath.Join(dir, "master.key"), []byte("Planted-0123456789"), 0o600)
			return errors.Join(err, w.Files(dir, func(path string) bool { return filepath.Base(path) == "master.key" }))
		}, 0},
	} {
		w := New()
		if err := c.fill(w); err != nil {
			t.Fatal(err)
		}
		judged := &fakeTB{TB: t}
		w.Judge(judged, 1, 1)
		if judged.errors != c.want {
			t.Errorf("%s: %d failures, want %d", name, judged.errors, c.want)
		}
	}
}

// fakeTB counts failures in place of failing.
type fakeTB struct {
	testing.TB
	errors int
}

func (f *fakeTB) Helper()               {}
func (f *fakeTB) Errorf(string, ...any) { f.errors++ }

type fakeTests struct {
	code int
	run  func()
}

func (m fakeTests) Run() int { m.run(); return m.code }

// TestSuite: a secret that any test has said fails all of them.
func TestSuite(t *testing.T) {
	const planted = "Planted-0123456789"
	for name, c := range map[string]struct {
		code int
		said string
		want int
	}{
		"clean":   {0, "all is well", 0},
		"planted": {0, "x" + planted, 1},
		"failed":  {2, "all is well", 2},
		"both":    {2, planted, 2},
	} {
		w := New()
		s := &Suite{Watch: w, M: fakeTests{c.code, func() { w.Secret("canary", planted); w.Said("there", c.said) }}}
		if got := s.Run(); got != c.want {
			t.Errorf("%s: the code is %d, not %d", name, got, c.want)
		}
	}
}

func TestTokens(t *testing.T) {
	got := Tokens([]byte(`{"version":1,"tokens":{"AccessToken":{"a":{"secret":"one","home":"x"}},"RefreshToken":{"b":{"secret":"two"},"c":{"secret":""}},"Other":{"d":{"secret":"three"}}}}`))
	if fmt.Sprint(got) != "map[one:AccessToken three: two:RefreshToken]" {
		t.Errorf("the tokens are %v", got)
	}
	if got := Tokens([]byte("nonsense")); len(got) != 0 {
		t.Errorf("nonsense holds %v", got)
	}
}
