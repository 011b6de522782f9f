package simulator

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/simulator/journal"
	"github.com/exconn/exconn/wsdl"
)

// dump writes down all that a state should remember, in the words of its
// records.
func dump(t *testing.T, st *state) map[string]string {
	t.Helper()
	st.mu.RLock()
	defer st.mu.RUnlock()
	out := map[string]string{}
	put := func(key string, record any) {
		b, err := encode(record)
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		out[key] = readable(b)
	}
	for _, c := range st.transit.queue {
		r := c.record()
		r.Files = nil
		put(fmt.Sprintf("under way %d", c.number), r)
	}
	for _, mb := range st.mailboxes {
		mb.open()
		put(mb.address, mb.record())
		put(mb.address+" hierarchy", logOf(&mb.hierarchy))
		for _, f := range mb.folders {
			name := fmt.Sprintf("%s %s %x", mb.address, f.name, ownPart(f.raw)[10:14])
			put(name, f.record())
			put(name+" log", logOf(&f.log))
			var order []string
			for i, it := range f.items {
				order = append(order, it.raw)
				r := it.record()
				r.Files = nil
				put(fmt.Sprintf("%s item %d", name, i), r)
				for j, a := range it.files {
					put(fmt.Sprintf("%s item %d file %d", name, i, j), &fileRecord{a.tail, a.value})
				}
			}
			out[name+" order"] = fmt.Sprintf("%x", order)
		}
	}
	return out
}

func logOf(l *changeLog) *logRecord {
	r := &logRecord{}
	for _, e := range l.entries {
		r.Kinds, r.IDs = append(r.Kinds, string(e.kind)), append(r.IDs, e.id)
	}
	return r
}

// readable keeps words, and writes the rest in hexadecimal.
func readable(b []byte) string {
	var out strings.Builder
	for _, c := range b {
		if c >= ' ' && c < 0x7f {
			out.WriteByte(c)
		} else {
			out.WriteString("." + hex.EncodeToString([]byte{c}))
		}
	}
	return out.String()
}

// remembers holds a closed simulator against what its file makes of it.
func remembers(t *testing.T, opts Options, before map[string]string) {
	t.Helper()
	opts.Record, opts.CADir = nil, "" // some tests spoil the folder
	s, err := New(&opts)
	if err != nil {
		t.Fatalf("opening the state file again: %v", err)
	}
	defer s.Close() //nolint:errcheck // nothing was served
	after := dump(t, s.state)
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if before[key] != after[key] {
			t.Errorf("the state file has another %s:\n%s", key, cmp.Diff(before[key], after[key]))
			return
		}
	}
	for key := range after {
		if _, ok := before[key]; !ok {
			t.Errorf("the state file has a %s, which was not there", key)
		}
	}
}

func TestAStateFileThatIsNone(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good")
	for range 2 {
		s, err := New(&Options{Seed: 7, State: good})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	old, err := journal.Open(filepath.Join(dir, "old"), "exconn simulator state 0")
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	another, err := os.ReadFile(filepath.Join(dir, "old"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"a text":          {[]byte(strings.Repeat("Dear all,\nthis is no state file.\n", 50)), journal.ErrForeign},
		"another format":  {another, journal.ErrForeign},
		"a flipped byte":  {flipped(content, len(content)/2), journal.ErrDamaged},
		"a missing piece": {slices.Delete(slices.Clone(content), 500, 600), journal.ErrDamaged},
	} {
		path := filepath.Join(dir, "bad")
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := New(&Options{State: path})
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if kept, err := os.ReadFile(path); err != nil || !bytes.Equal(kept, c.content) {
			t.Errorf("%s: the file was changed (%v)", name, err)
		}
	}
	if _, err := New(&Options{State: good, Seed: 8}); err == nil || !strings.Contains(err.Error(), "seed 7, not 8") {
		t.Errorf("another seed: %v", err)
	}
	first, err := New(&Options{State: good})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close() //nolint:errcheck // nothing was served
	if _, err := New(&Options{State: good}); !errors.Is(err, journal.ErrInUse) {
		t.Errorf("a file in use: %v", err)
	}
}

func flipped(b []byte, at int) []byte {
	b = slices.Clone(b)
	b[at] ^= 0x20
	return b
}

// TestARestart lets one client's data outlive the simulator: the client goes on
// where it was, with its sync states, its change keys and its password.
func TestARestart(t *testing.T) {
	opts := Options{Seed: 7, Now: newClock(noon).Now, State: filepath.Join(t.TempDir(), "state")}
	s := started(t, opts)
	anna, inbox, seen := user(t, s, "anna"), named("inbox"), newMirror()
	seen.sync(anna, inbox, 512)
	kept := anna.ids(inbox)[0]
	anna.status(anna.send(message("Before", "ben@contoso.example")), "NoError")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	again := started(t, opts)
	if again.Password("anna@contoso.example") != s.Password("anna@contoso.example") {
		t.Error("the password is another one")
	}
	if !bytes.Equal(again.CAPEM(), s.CAPEM()) {
		t.Error("the certificate authority is another one")
	}
	anna = user(t, again, "anna")
	if changes := seen.sync(anna, inbox, 512); len(changes) != 0 {
		t.Errorf("a client that had everything is told of %d changes", len(changes))
	}
	ben := user(t, again, "ben")
	if all := subjects(ben.list(inbox)); !slices.Contains(all, "Before") {
		t.Errorf("what was sent before the restart is not there: %q", all)
	}
	ben.status(ben.send(message("After", "anna@contoso.example")), "NoError")
	if changes := seen.sync(anna, inbox, 512); len(changes) != 1 || str(changes[0].Item.Message, "Subject") != "After" {
		t.Errorf("what came after the restart: %v", changes)
	}
	status, _ := anna.update(kept, &wsdl.MessageType{Subject: text("Changed")}, "", "item:Subject")
	anna.status(status, "NoError")
}

func started(t *testing.T, opts Options) *Simulator {
	t.Helper()
	opts.Record = keepEnvelopes(t)
	s, err := New(&opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() }) //nolint:errcheck // most are closed by then
	return s
}
