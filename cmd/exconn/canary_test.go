package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/exconn/exconn/simulator"
)

// The kinds of secrets, besides those of tokens.
const (
	canaryPassword     = "password"
	canaryClientSecret = "client secret"
	canaryKey          = "certificate's key"
	canaryCode         = "authorization code"
	canaryMasterKey    = "master key"
)

// writeKey puts a certificate with its key among the secrets. What must not be
// found is the key: its private numbers, however they are wrapped.
func (r *scriptRun) writeKey(ts *testscript.TestScript, name string, text []byte) {
	ts.Check(os.WriteFile(filepath.Join(r.secrets, name), text, 0o600))
	secrets, err := privateNumbers(text)
	ts.Check(err)
	for _, s := range secrets {
		r.canary(canaryKey, s)
	}
}

func privateNumbers(text []byte) ([]string, error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue
		}
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		switch key := key.(type) {
		case *rsa.PrivateKey:
			list := []string{string(key.D.Bytes())}
			for _, prime := range key.Primes {
				list = append(list, string(prime.Bytes()))
			}
			return list, nil
		case *ecdsa.PrivateKey:
			number, err := key.Bytes()
			return []string{string(number)}, err
		}
		return nil, fmt.Errorf("keys of the kind %T are not known here", key)
	}
	return nil, errors.New("there is no key")
}

// search looks for the script's secrets in everything that it wrote: the output
// of commands, and every file but those that are there to hold a secret.
func (r *scriptRun) search() (found []string, places int, kinds map[string]int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.gatherFiles(); err != nil {
		return nil, 0, nil, err
	}
	kinds = map[string]int{}
	for _, kind := range r.canaries {
		kinds[kind]++
	}
	scan := newCanaryScan(r.canaries)
	for where, text := range r.outputs {
		places++
		for _, kind := range scan.in([]byte(text)) {
			found = append(found, "a secret is found: "+kind+" in "+where)
		}
	}
	err = filepath.WalkDir(r.work, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path == r.secrets:
			return fs.SkipDir
		case !entry.Type().IsRegular(), entry.Name() == "master.key":
			return nil
		}
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a browser left behind tidies up
		}
		if err != nil {
			return err
		}
		places++
		for _, kind := range scan.in(content) {
			name, _ := filepath.Rel(r.work, path)
			found = append(found, fmt.Sprintf("a secret is found: %s in %s, file %s", kind, r.name, name))
		}
		return nil
	})
	return found, places, kinds, err
}

// gatherFiles adds what the folder of secrets holds by now: the codes that the
// browser brought, and what "exconn simulate" has put there.
func (r *scriptRun) gatherFiles() error {
	return filepath.WalkDir(r.secrets, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		value := strings.TrimRight(string(text), "\r\n")
		switch name := entry.Name(); {
		case strings.HasPrefix(name, "code-"):
			r.canaries[value] = canaryCode
		case strings.HasPrefix(name, "password-"), name == "passphrase":
			r.canaries[value] = canaryPassword
		case strings.HasPrefix(name, "secret-"):
			r.canaries[value] = canaryClientSecret
		case strings.HasSuffix(name, ".pem") && bytes.Contains(text, []byte("PRIVATE KEY")):
			numbers, err := privateNumbers(text)
			for _, n := range numbers {
				r.canaries[n] = canaryKey
			}
			return err
		}
		return nil
	})
}

// canaryScan finds secrets in all their spellings.
type canaryScan struct {
	needles map[string]string // spelling to what it is
}

func newCanaryScan(canaries map[string]string) *canaryScan {
	s := &canaryScan{needles: map[string]string{}}
	for value, kind := range canaries {
		for _, part := range partsOf(value) {
			for how, needle := range canarySpellings(part) {
				// Short ones are found everywhere.
				if len(needle) >= 10 {
					s.needles[needle] = kind + " (" + how + ")"
				}
			}
		}
	}
	return s
}

// partsOf are a secret and, of a token in three parts, the two that tell
// something.
func partsOf(value string) []string {
	parts := strings.Split(value, ".")
	if len(parts) == 3 && len(value) > 200 {
		return append([]string{value}, parts[1:]...)
	}
	return []string{value}
}

// canarySpellings are the ways in which a secret may stand somewhere.
func canarySpellings(value string) map[string]string {
	all := map[string]string{
		"as it is":         value,
		"in a query":       url.QueryEscape(value),
		"in a path":        url.PathEscape(value),
		"in a URL, lower":  strings.ToLower(url.QueryEscape(value)),
		"in hexadecimal":   hex.EncodeToString([]byte(value)),
		"in HTML":          html.EscapeString(value),
		"quoted by Go":     strings.Trim(fmt.Sprintf("%q", value), `"`),
		"printed as bytes": strings.Trim(fmt.Sprint([]byte(value)), "[]"),
	}
	if encoded, err := json.Marshal(value); err == nil {
		all["in JSON"] = strings.Trim(string(encoded), `"`)
	}
	var escaped bytes.Buffer
	if xml.EscapeText(&escaped, []byte(value)) == nil {
		all["in XML"] = escaped.String()
	}
	for name, encoding := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "base64url": base64.URLEncoding} {
		for lead := range 3 {
			// Of the first and the last group some bits belong to what is
			// around it: only the groups between are the secret's own.
			text := encoding.EncodeToString(append(make([]byte, lead), value...))
			from := 4 * ((lead + 2) / 3)
			if to := (lead + len(value)) / 3 * 4; to > from {
				all[fmt.Sprintf("in %s at %d", name, lead)] = text[from:to]
			}
		}
	}
	return all
}

// in returns what is found, each once.
func (s *canaryScan) in(text []byte) []string {
	// PEM and MIME break base64 into lines.
	joined := bytes.NewBuffer(nil)
	for _, b := range text {
		if b != '\r' && b != '\n' {
			joined.WriteByte(b)
		}
	}
	var found []string
	for needle, what := range s.needles {
		if bytes.Contains(text, []byte(needle)) || bytes.Contains(joined.Bytes(), []byte(needle)) {
			found = append(found, what)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// TestCanaryScan shows that the search finds what it looks for.
func TestCanaryScan(t *testing.T) {
	const canary = "Canary" + awkward + "0123456789ABCDEF"
	_, key, err := simulator.NewClientCertificate("canary", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	numbers, err := privateNumbers(key)
	if err != nil {
		t.Fatal(err)
	}
	token := strings.Repeat("header", 20) + "." + strings.Repeat("payload0", 20) + "." + strings.Repeat("signature", 20)
	canaries := map[string]string{canary: canaryPassword, token: "AccessToken"}
	for _, n := range numbers {
		canaries[n] = canaryKey
	}
	scan := newCanaryScan(canaries)
	json, err := json.Marshal(map[string]string{"password": canary})
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
		"in JSON":               string(json),
		"in a log":              fmt.Sprintf("password=%q", canary),
		"in HTML":               "<b>" + html.EscapeString(canary) + "</b>",
		"as bytes":              fmt.Sprintf("%v", []byte("x"+canary+"y")),
		"a key in PEM":          string(key),
		"a key in DER":          numbers[1],
		"a token":               "Bearer " + token,
		"a token's payload":     strings.Repeat("payload0", 20),
		"a token's signature":   "…" + strings.Repeat("signature", 20),
	} {
		if len(scan.in([]byte(text))) == 0 {
			t.Errorf("%s: it is not found in %.80s", name, text)
		}
	}
	certificateAlone := string(key[:bytes.Index(key, []byte("-----BEGIN PRIVATE KEY"))])
	for name, text := range map[string]string{
		"nothing":               "all is well",
		"the head of the words": "Canary",
		"a certificate":         certificateAlone,
		"a token's header":      strings.Repeat("header", 20) + ".",
	} {
		if found := scan.in([]byte(text)); len(found) > 0 {
			t.Errorf("%s: %v is found", name, found)
		}
	}
}

// TestScriptSearch shows that the search of a script's directory sees its files
// and its outputs, and passes over those that are to hold secrets.
func TestScriptSearch(t *testing.T) {
	work := t.TempDir()
	r := &scriptRun{
		name: "planted", work: work, secrets: filepath.Join(work, ".secrets"),
		outputs: map[string]string{}, canaries: map[string]string{"Planted-0123456789": canaryPassword},
	}
	for path, text := range map[string]string{
		".secrets/password": "Planted-0123456789\n", "data/master.key": "Planted-0123456789", "data/exconn.db": "\x00Planted-0123456789\x00",
		"trace/0001.txt": "Basic " + base64.StdEncoding.EncodeToString([]byte("me:Planted-0123456789")), "out.txt": "nothing",
		".secrets/code-1": "a-code-out-of-a-redirect", ".tmp/left": "code=a-code-out-of-a-redirect",
	} {
		path = filepath.Join(work, filepath.FromSlash(path))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	r.keep("stderr of exconn", "password Planted-0123456789")
	found, places, kinds, err := r.search()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(found, "\n")
	for _, where := range []string{"file data/exconn.db", "file trace/0001.txt", "file .tmp/left", "output 1: stderr of exconn"} {
		if !strings.Contains(filepath.ToSlash(text), where) {
			t.Errorf("nothing is found in %s:\n%s", where, text)
		}
	}
	for _, where := range []string{".secrets", "master.key", "out.txt"} {
		if strings.Contains(text, where) {
			t.Errorf("something is found in %s:\n%s", where, text)
		}
	}
	if places != 5 || kinds[canaryPassword] != 1 || kinds[canaryCode] != 1 {
		t.Errorf("%d places were searched for %v", places, kinds)
	}
}
