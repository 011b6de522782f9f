package datadir

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/store"
	"github.com/exconn/exconn/store/keysource"
)

const rotateRecords = 4

// The keys and phrases of the sources that are given them.
var (
	formerGiven = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xA1}, store.MasterKeySize))
	nextGiven   = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xB2}, store.MasterKeySize))
)

// rotateOptions are those of a process whose environment holds this key, or whose
// person types this passphrase, or whose credentials are in this directory.
func rotateOptions(source keysource.Source, given string, ring ...keysource.KeyringService) Options {
	keys := &keysource.Options{
		Getenv: func(name string) string {
			switch {
			case name == keysource.EnvName:
				return given
			case name == "CREDENTIALS_DIRECTORY":
				return given
			}
			return ""
		},
		Prompt: func(context.Context, string, bool) ([]byte, error) { return []byte(given), nil },
	}
	if len(ring) > 0 {
		keys.Keyring = ring[0]
	}
	return Options{KeySource: source, Sealed: []string{"secrets", "tokens"}, Keys: keys}
}

// fillRotated makes a data directory with secrets.
func fillRotated(t *testing.T, dir string, opts Options) {
	t.Helper()
	opts.Create = true
	d, err := Open(t.Context(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Store.Update(t.Context(), func(tx store.Tx) error {
		var errs []error
		for i := range rotateRecords {
			errs = append(errs, tx.Put([]string{"secrets", "tokens"}[i%2], fmt.Sprint("record ", i), fmt.Append(nil, "secret ", i)))
		}
		return errors.Join(append(errs, tx.Put("profiles", "plain", []byte("profile")))...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// readRotated opens the directory, reads all that fillRotated has written, and
// writes a little.
func readRotated(ctx context.Context, dir string, opts Options) (*Dir, error) {
	d, err := Open(ctx, dir, opts)
	if err != nil {
		return nil, err
	}
	return d, d.Store.Update(ctx, func(tx store.Tx) error {
		for i := range rotateRecords {
			bucket, key := []string{"secrets", "tokens"}[i%2], fmt.Sprint("record ", i)
			value, err := tx.Get(bucket, key)
			if err == nil && string(value) != fmt.Sprint("secret ", i) {
				err = fmt.Errorf("%s holds %q", key, value)
			}
			if err = errors.Join(err, tx.Put(bucket, key, value)); err != nil {
				return err
			}
		}
		value, err := tx.Get("profiles", "plain")
		if string(value) != "profile" {
			err = errors.Join(err, fmt.Errorf("the profile is %q", value))
		}
		return err
	})
}

// countingStore tells of every write, and of the end of every update before it
// is committed.
type countingStore struct {
	store.Store
	reached func(string)
}

type countingTx struct {
	store.Tx
	writes  int
	reached func(string)
}

func (s countingStore) Update(ctx context.Context, fn func(store.Tx) error) error {
	return s.Store.Update(ctx, func(tx store.Tx) error {
		counting := &countingTx{Tx: tx, reached: s.reached}
		err := fn(counting)
		if counting.writes > 0 {
			s.reached("before the commit")
		}
		return err
	})
}

func (t *countingTx) Put(bucket, key string, value []byte) error {
	t.writes++
	t.reached(fmt.Sprint("write ", t.writes))
	return t.Tx.Put(bucket, key, value)
}

func rotateSteps() []string {
	steps := []string{"next key written"}
	for i := range rotateRecords + 1 { // and the check record
		steps = append(steps, fmt.Sprint("write ", i+1))
	}
	return append(steps, "before the commit", "sealed anew", "finished")
}

const (
	killDirEnv    = "EXCONN_ROTATE_DIR"
	killSourceEnv = "EXCONN_ROTATE_SOURCE"
	killStepEnv   = "EXCONN_ROTATE_STEP"
)

func rotationGiven(source keysource.Source) []byte {
	if source.TakesNewKey() {
		return []byte(nextGiven)
	}
	return nil
}

// TestRotateKilled kills a rotation at every step; what is left must open with
// what is there, and a second rotation must finish the job.
func TestRotateKilled(t *testing.T) {
	if dir := os.Getenv(killDirEnv); dir != "" {
		dieInRotation(dir, keysource.Source(os.Getenv(killSourceEnv)), os.Getenv(killStepEnv))
		t.Fatal("the rotation was not killed")
	}
	for _, source := range []keysource.Source{keysource.File, keysource.Env, keysource.Passphrase} {
		for _, step := range rotateSteps() {
			t.Run(string(source)+"/"+step, func(t *testing.T) {
				dir := t.TempDir()
				former := rotateOptions(source, formerGiven)
				next := rotateOptions(source, nextGiven)
				fillRotated(t, dir, former)
				cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRotateKilled$", "-test.count=1")
				cmd.Env = append(os.Environ(), killDirEnv+"="+dir, killSourceEnv+"="+string(source), killStepEnv+"="+step)
				out, err := cmd.CombinedOutput()
				var exit *exec.ExitError
				if !errors.As(err, &exit) || bytes.Contains(out, []byte("FAIL")) {
					t.Fatalf("the rotation was not killed: %v\n%s", err, out)
				}
				sealedAnew := step == "sealed anew" || step == "finished"
				_, formerErr := readRotated(t.Context(), dir, former)
				_, nextErr := readRotated(t.Context(), dir, next)
				var wrong *store.KeyError
				switch {
				case source == keysource.File && formerErr != nil:
					t.Errorf("it does not open: %v", formerErr)
				case source == keysource.File:
				case sealedAnew && (nextErr != nil || !errors.As(formerErr, &wrong)),
					!sealedAnew && (formerErr != nil || !errors.As(nextErr, &wrong)):
					t.Errorf("with the former key: %v; with the next: %v", formerErr, nextErr)
				}
				if step != "finished" {
					if _, err := RotateKey(t.Context(), dir, rotationGiven(source), former); err != nil {
						t.Fatalf("rotating again: %v", err)
					}
				}
				d, err := readRotated(t.Context(), dir, next)
				if err != nil || d.Rotating {
					t.Fatalf("after the second rotation: %v", err)
				}
				if _, err := os.Stat(filepath.Join(dir, "master.key.next")); err == nil {
					t.Error("the next key is still beside the present one")
				}
			})
		}
	}
}

// dieInRotation kills this process when the rotation has reached a step.
func dieInRotation(dir string, source keysource.Source, at string) {
	reached := func(step string) {
		if step == at {
			if self, err := os.FindProcess(os.Getpid()); err == nil && self.Kill() == nil {
				select {} // until it is dead
			}
		}
	}
	_, err := rotateKey(context.Background(), dir, rotationGiven(source), rotateOptions(source, formerGiven),
		func(s store.Store) store.Store { return countingStore{s, reached} }, reached)
	fmt.Println("FAIL: the rotation has ended:", err)
}

// TestRotateFileAmidWipe looks at the moment when the former key is wiped and
// the next one is not yet in its place.
func TestRotateFileAmidWipe(t *testing.T) {
	for _, wiped := range []int{0, 1, 20, 45} {
		dir := t.TempDir()
		opts := rotateOptions("", "")
		fillRotated(t, dir, opts)
		reached := errors.New("reached")
		_, err := rotateKey(t.Context(), dir, nil, opts, func(s store.Store) store.Store { return &secondFails{Store: s, err: reached} }, func(string) {})
		if !errors.Is(err, reached) {
			t.Fatal(err)
		}
		path := filepath.Join(dir, keysource.KeyFileName)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		copy(text, strings.Repeat("#", wiped))
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := readRotated(t.Context(), dir, opts)
		if err != nil {
			t.Fatalf("%d bytes wiped: %v", wiped, err)
		}
		if notices := strings.Join(d.Notices(), "\n"); !strings.Contains(notices, "exconn key rotate") {
			t.Errorf("nobody is told of the unfinished rotation: %q", notices)
		}
		r, err := RotateKey(t.Context(), dir, nil, opts)
		if err != nil || !r.Resumed || r.Records != 0 {
			t.Fatalf("%d bytes wiped: rotating again: %+v, %v; want it finished and nothing sealed anew", wiped, r, err)
		}
		if d, err = readRotated(t.Context(), dir, opts); err != nil || d.Rotating || len(d.Notices()) > 0 {
			t.Errorf("%d bytes wiped: at the end: %v, %v", wiped, d, err)
		}
	}
}

// secondFails fails its second update before it is begun.
type secondFails struct {
	store.Store
	updates int
	err     error
}

func (s *secondFails) Update(ctx context.Context, fn func(store.Tx) error) error {
	if s.updates++; s.updates == 2 {
		return s.err
	}
	return s.Store.Update(ctx, fn)
}

// failingKeyring fails from its nth call on; n counts down.
type failingKeyring struct {
	entries map[string]string
	left    int
}

var errKeyring = errors.New("the keyring is locked")

func (k *failingKeyring) call() error {
	if k.left--; k.left < 0 {
		return errKeyring
	}
	return nil
}

func (k *failingKeyring) Get(service, user string) (string, error) {
	if err := k.call(); err != nil {
		return "", err
	}
	v, ok := k.entries[service+"/"+user]
	if !ok {
		return "", keyring.ErrNotFound
	}
	return v, nil
}

func (k *failingKeyring) Set(service, user, secret string) error {
	if err := k.call(); err != nil {
		return err
	}
	k.entries[service+"/"+user] = secret
	return nil
}

func (k *failingKeyring) Delete(service, user string) error {
	if err := k.call(); err != nil {
		return err
	}
	delete(k.entries, service+"/"+user)
	return nil
}

// TestRotateKeyringFails lets the keyring fail at each of its calls.
func TestRotateKeyringFails(t *testing.T) {
	for calls := 0; ; calls++ {
		dir := t.TempDir()
		ring := &failingKeyring{entries: map[string]string{}, left: 100}
		opts := rotateOptions(keysource.Keyring, "", ring)
		fillRotated(t, dir, opts)
		before := fmt.Sprint(ring.entries)
		ring.left = calls
		_, failed := RotateKey(t.Context(), dir, nil, opts)
		ring.left = 100
		if failed != nil && !errors.Is(failed, errKeyring) {
			t.Fatalf("call %d: %v", calls, failed)
		}
		if _, err := readRotated(t.Context(), dir, opts); err != nil {
			t.Fatalf("call %d has failed: it does not open: %v", calls, err)
		}
		if failed != nil {
			if _, err := RotateKey(t.Context(), dir, nil, opts); err != nil {
				t.Fatalf("call %d has failed: rotating again: %v", calls, err)
			}
		}
		d, err := readRotated(t.Context(), dir, opts)
		if err != nil || d.Rotating || len(ring.entries) != 1 || fmt.Sprint(ring.entries) == before {
			t.Fatalf("call %d has failed: at the end %v, %d entries; want a new one alone", calls, err, len(ring.entries))
		}
		if failed == nil {
			if calls < 3 {
				t.Errorf("the keyring was called %d times; nothing was put to the test", calls)
			}
			return
		}
	}
}

// TestRotateUnderOthers rotates while another process has the directory open
// with the former key.
func TestRotateUnderOthers(t *testing.T) {
	dir := t.TempDir()
	opts := rotateOptions("", "")
	fillRotated(t, dir, opts)
	other, err := readRotated(t.Context(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	former, err := os.ReadFile(filepath.Join(dir, keysource.KeyFileName))
	if err != nil {
		t.Fatal(err)
	}
	r, err := RotateKey(t.Context(), dir, nil, opts)
	if err != nil || r.Records != rotateRecords || r.Resumed || r.KeySource != keysource.File || r.Advice == "" {
		t.Fatalf("%+v, %v", r, err)
	}
	calls := 0
	err = other.Store.Update(t.Context(), func(tx store.Tx) error {
		calls++
		if v, err := tx.Get("secrets", "record 0"); err != nil || string(v) != "secret 0" {
			t.Errorf("the other process reads %q, %v", v, err)
		}
		return tx.Put("tokens", "renewed", []byte("token"))
	})
	if err != nil || calls != 1 {
		t.Fatalf("the other process writes: %v, its function called %d times", err, calls)
	}
	d, err := readRotated(t.Context(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Store.View(t.Context(), func(tx store.Tx) error {
		v, err := tx.Get("tokens", "renewed")
		if string(v) != "token" {
			t.Errorf("what the other process wrote reads %q", v)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err != nil || bytes.Contains(text, bytes.TrimSpace(former)) {
			t.Errorf("%s holds the former key (%v)", file, err)
		}
	}
}

// TestRotateStaleWriter: where the key cannot be had again, a process that still
// has the former one is refused and writes nothing under it.
func TestRotateStaleWriter(t *testing.T) {
	dir := t.TempDir()
	former, next := rotateOptions(keysource.Env, formerGiven), rotateOptions(keysource.Env, nextGiven)
	fillRotated(t, dir, former)
	other, err := readRotated(t.Context(), dir, former)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := RotateKey(t.Context(), dir, []byte(nextGiven+"\n"), former); err != nil {
		t.Fatal(err)
	}
	var wrong *store.KeyError
	err = other.Store.Update(t.Context(), func(tx store.Tx) error { return tx.Put("tokens", "x", []byte("y")) })
	if !errors.As(err, &wrong) {
		t.Errorf("writing with the former key: %v, want a *store.KeyError", err)
	}
	if _, err := readRotated(t.Context(), dir, next); err != nil {
		t.Error(err)
	}
}

// TestRotateConcurrently lets several rotate at once: each succeeds or says why
// not, and the secrets remain.
func TestRotateConcurrently(t *testing.T) {
	dir := t.TempDir()
	opts := rotateOptions("", "")
	fillRotated(t, dir, opts)
	results := make(chan error)
	for range 6 {
		go func() {
			_, err := RotateKey(context.Background(), dir, nil, opts)
			results <- err
		}()
	}
	succeeded := 0
	for range 6 {
		err := <-results
		var wrong *store.KeyError
		switch {
		case err == nil:
			succeeded++
		case !errors.As(err, &wrong) && !errors.Is(err, mailbox.ErrBusy):
			t.Errorf("a rotation beside others: %v", err)
		}
	}
	if succeeded == 0 {
		t.Error("none has succeeded")
	}
	if _, err := readRotated(t.Context(), dir, opts); err != nil {
		t.Error(err)
	}
}

// TestRotateCredential: systemd hands over the former credential, and after the
// rotation the next one.
func TestRotateCredential(t *testing.T) {
	dir := t.TempDir()
	handedOver := func(key string) Options {
		credentials := t.TempDir()
		if err := os.WriteFile(filepath.Join(credentials, keysource.CredentialName), []byte(key), 0o400); err != nil {
			t.Fatal(err)
		}
		return rotateOptions(keysource.Credential, credentials)
	}
	raw := strings.Repeat("k", store.MasterKeySize)
	former, next := handedOver(formerGiven), handedOver(raw)
	fillRotated(t, dir, former)
	r, err := RotateKey(t.Context(), dir, []byte(raw), former)
	if err != nil || !strings.Contains(r.Advice, keysource.CredentialName) {
		t.Fatalf("%+v, %v; want it done, and what to change", r, err)
	}
	var wrong *store.KeyError
	if _, err := readRotated(t.Context(), dir, former); !errors.As(err, &wrong) {
		t.Errorf("with the former credential: %v, want a *store.KeyError", err)
	}
	if _, err := readRotated(t.Context(), dir, next); err != nil {
		t.Errorf("with the next credential: %v", err)
	}
}

func TestRotateRefusals(t *testing.T) {
	byEnv, byFile := t.TempDir(), t.TempDir()
	env, file := rotateOptions(keysource.Env, formerGiven), rotateOptions("", "")
	fillRotated(t, byEnv, env)
	fillRotated(t, byFile, file)
	for name, c := range map[string]struct {
		dir, given string
		opts       Options
		want, hint string
	}{
		"no new key":       {byEnv, "", env, "must be given", "--new-key-file"},
		"no key at all":    {byEnv, "CANARY no key", env, "is none", "openssl rand"},
		"key for the file": {byFile, nextGiven, file, "makes its keys itself", "leave the new key out"},
		"no directory":     {filepath.Join(byFile, "none"), "", file, "no data directory", "connection new"},
		"the wrong key":    {byEnv, nextGiven, rotateOptions(keysource.Env, base64.StdEncoding.EncodeToString(make([]byte, 32))), "wrong master key", "EXCONN_MASTER_KEY"},
	} {
		_, err := RotateKey(t.Context(), c.dir, []byte(c.given), c.opts)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(mailbox.Hint(err), c.hint) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v, hint %q", name, err, mailbox.Hint(err))
		}
	}
	for dir, opts := range map[string]Options{byEnv: env, byFile: file} {
		if _, err := readRotated(t.Context(), dir, opts); err != nil {
			t.Errorf("after a refused rotation: %v", err)
		}
	}
}
