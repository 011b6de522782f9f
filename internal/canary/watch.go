package canary

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Watch gathers the secrets of a test and what was said. It is an io.Writer, so
// that a logger can write to it. It is safe for concurrent use.
type Watch struct {
	mu      sync.Mutex
	secrets map[string]string // by value: its kind
	texts   map[string]*strings.Builder
}

// New returns a watch that knows no secret yet.
func New() *Watch { return &Watch{secrets: map[string]string{}, texts: map[string]*strings.Builder{}} }

// Format prints no secret, whatever the verb.
func (w *Watch) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("watch")) }

// Secret adds a secret of this kind.
func (w *Watch) Secret(kind, value string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secrets[value] = kind
}

// Said adds a text in which no secret may be. Texts of the same place are
// searched as one.
func (w *Watch) Said(where, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.texts[where] == nil {
		w.texts[where] = new(strings.Builder)
	}
	w.texts[where].WriteString(text)
	w.texts[where].WriteByte('\n')
}

// Write implements io.Writer: what a logger writes is said in the log.
func (w *Watch) Write(text []byte) (int, error) {
	w.Said("the log", string(text))
	return len(text), nil
}

// Print says a value in every way in which a program prints one, and of an
// error its hint, too.
func (w *Watch) Print(where string, values ...any) {
	for _, v := range values {
		var text strings.Builder
		fmt.Fprintf(&text, "%v\n%+v\n%#v\n%s\n%q\n%x\n", v, v, v, v, v, v)
		out, err := json.Marshal(v)
		fmt.Fprintf(&text, "%s %v\n", out, err)
		slog.New(slog.NewJSONHandler(&text, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&text, nil)).Info("x", "v", v)
		var advised interface{ Hint() string }
		if err, ok := v.(error); ok && errors.As(err, &advised) {
			text.WriteString(advised.Hint())
		}
		w.Said(where, text.String())
	}
}

// Files adds the files below a folder, their names too, but for those that
// mayHold says may hold a secret. It may be nil.
func (w *Watch) Files(dir string, mayHold func(path string) bool) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || mayHold != nil && mayHold(path) {
			return err
		}
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		w.Said("the file "+path, path+"\n"+string(content))
		return err
	})
}

// Found tells what secrets were said, and where.
func (w *Watch) Found() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	scan := NewScan(w.secrets)
	var found []string
	for where, text := range w.texts {
		for _, what := range scan.In([]byte(text.String())) {
			found = append(found, what+" in "+where)
		}
	}
	return found
}

// judge is the part of testing.TB that is used.
type judge interface {
	Helper()
	Errorf(format string, args ...any)
}

// Judge fails the test where a secret was said, and where there were fewer
// secrets or texts than the test meant to have.
func (w *Watch) Judge(t testing.TB, secrets, texts int) {
	t.Helper()
	w.judge(t, secrets, texts)
}

func (w *Watch) judge(t judge, secrets, texts int) {
	t.Helper()
	for _, found := range w.Found() {
		t.Errorf("a secret is found: %s", found)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.secrets) < secrets || len(w.texts) < texts {
		t.Errorf("the search proves little: %d secrets in %d places, at least %d in %d are meant", len(w.secrets), len(w.texts), secrets, texts)
	}
	for value, kind := range w.secrets {
		if len(value) < shortest {
			t.Errorf("the %s is too short to be looked for", kind)
		}
	}
}
