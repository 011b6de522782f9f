package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/exconn/exconn/internal/canary"
)

// The kinds of secrets, besides those of tokens.
const (
	canaryPassword     = "password"
	canaryClientSecret = "client secret"
	canaryKey          = "certificate's key"
	canaryCode         = "authorization code"
	canaryMasterKey    = "master key"
	canaryIdentity     = "private key of age"
	canaryInvitation   = "link of an invitation"
)

// invitationLink finds the secret of a link.
var invitationLink = regexp.MustCompile(`/invite/([\w-]{43})`)

// mayHold tells where a link of an invitation belongs: where it is made, for
// those who are to be sent it, and on the page that it leads to.
func mayHold(where, found string) bool {
	return strings.HasPrefix(found, canaryInvitation) && (strings.HasSuffix(where, ".csv") ||
		strings.Contains(where, "stdout of exconn auth invite") || strings.Contains(where, "the pages of an invitation"))
}

// writeKey puts a certificate with its key among the secrets. What must not be
// found is the key: its private numbers, however they are wrapped.
func (r *scriptRun) writeKey(ts *testscript.TestScript, name string, text []byte) {
	ts.Check(os.WriteFile(filepath.Join(r.secrets, name), text, 0o600))
	secrets, err := canary.PrivateNumbers(text)
	ts.Check(err)
	for _, s := range secrets {
		r.canary(canaryKey, s)
	}
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
	scan := canary.NewScan(r.canaries)
	for where, text := range r.outputs {
		places++
		for _, kind := range scan.In([]byte(text)) {
			if !mayHold(where, kind) {
				found = append(found, "a secret is found: "+kind+" in "+where)
			}
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
		for _, kind := range scan.In(content) {
			name, _ := filepath.Rel(r.work, path)
			if mayHold(name, kind) {
				continue
			}
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
		case strings.HasPrefix(name, "password-"), strings.HasSuffix(name, ".password"), strings.Contains(name, "phrase"):
			r.canaries[value] = canaryPassword
		case strings.HasPrefix(name, "secret-"):
			r.canaries[value] = canaryClientSecret
		case strings.HasSuffix(name, ".pem") && bytes.Contains(text, []byte("PRIVATE KEY")):
			numbers, err := canary.PrivateNumbers(text)
			for _, n := range numbers {
				r.canaries[n] = canaryKey
			}
			return err
		}
		return nil
	})
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
	const link = "https://crm.example/exconn/invite/0123456789-0123456789-0123456789-0123456789"
	r.keep("stdout of exconn auth invite --user x", link)
	r.keep("stderr of exconn auth accept", "GET "+link)
	found, places, kinds, err := r.search()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(found, "\n")
	for _, where := range []string{"file data/exconn.db", "file trace/0001.txt", "file .tmp/left", "output 1: stderr of exconn", "output 3: stderr of exconn auth accept"} {
		if !strings.Contains(filepath.ToSlash(text), where) {
			t.Errorf("nothing is found in %s:\n%s", where, text)
		}
	}
	for _, where := range []string{".secrets", "master.key", "out.txt", "output 2"} {
		if strings.Contains(text, where) {
			t.Errorf("something is found in %s:\n%s", where, text)
		}
	}
	if places != 7 || kinds[canaryInvitation] != 1 || kinds[canaryPassword] != 1 || kinds[canaryCode] != 1 {
		t.Errorf("%d places were searched for %v", places, kinds)
	}
}
