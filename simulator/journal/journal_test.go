package journal

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

const kind = "test 1"

func open(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := Open(path, kind)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// content is all records, by shelf and key.
func content(t *testing.T, j *Journal) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, shelf := range j.Shelves() {
		err := j.Shelf(shelf, "", func(key string, value []byte) error {
			all[shelf+"/"+key] = string(value)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// written makes a file by random commits, and returns its path and, by the
// length of the file, what it held then.
func written(t *testing.T, commits int) (string, map[int64]map[string]string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	r := rand.New(rand.NewPCG(1, 2))
	model, moments := map[string]string{}, map[int64]map[string]string{}
	size, _ := j.Size()
	moments[size] = map[string]string{}
	for n := range commits {
		var changes []Change
		for range 1 + r.IntN(4) {
			c := Change{Shelf: fmt.Sprint("shelf", r.IntN(3)), Key: fmt.Sprint("key", r.IntN(5))}
			delete(model, c.Shelf+"/"+c.Key)
			if r.IntN(3) > 0 {
				c.Value = bytes.Repeat([]byte{byte(n)}, r.IntN(60))
				model[c.Shelf+"/"+c.Key] = string(c.Value)
			}
			changes = append(changes, c)
		}
		if err := j.Commit(changes); err != nil {
			t.Fatal(err)
		}
		size, _ := j.Size()
		moments[size] = maps.Clone(model)
	}
	if got := content(t, j); !maps.Equal(got, model) {
		t.Fatalf("the journal holds %v, want %v", got, model)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return path, moments
}

// TestAFileThatEndsAnywhere: whatever the length to which a file came, all
// commits that were complete then are there, and nothing of the next one.
func TestAFileThatEndsAnywhere(t *testing.T) {
	path, moments := written(t, 12)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for length := range len(whole) + 1 {
		if then, ok := moments[int64(length)]; ok {
			want = then
		}
		if err := os.WriteFile(path, whole[:length], 0o600); err != nil {
			t.Fatal(err)
		}
		j := open(t, path)
		if got := content(t, j); !maps.Equal(got, want) {
			t.Fatalf("cut to %d bytes it holds %v, want %v", length, got, want)
		}
		if length%7 != 0 { // writing takes long
			if err := j.file.Close(); err != nil {
				t.Fatal(err)
			}
			if err := j.unlock(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		// What comes next must not lie behind the rest of a commit.
		if err := j.Commit([]Change{{"shelf0", "next", []byte("next")}}); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		j = open(t, path)
		if value, ok, err := j.Get("shelf0", "next"); string(value) != "next" || !ok || err != nil {
			t.Fatalf("cut to %d bytes it loses what comes next: %q, %t, %v", length, value, ok, err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDamageIsRefused flips a bit in every byte of a file.
func TestDamageIsRefused(t *testing.T) {
	path, _ := written(t, 20)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 1 << (at % 8)
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := Open(path, kind)
		if err == nil {
			t.Errorf("a flipped bit in byte %d is not noticed", at)
			j.Close() //nolint:errcheck // the test has failed
		} else if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrForeign) {
			t.Errorf("byte %d: %v", at, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, damaged) {
			t.Fatalf("byte %d: what was refused was changed (%v)", at, err)
		}
	}
}

func TestWhatIsNoJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for name, c := range map[string]string{"a short text": "Hello", "a long text": string(bytes.Repeat([]byte("Hello, world. "), 20))} {
		if err := os.WriteFile(path, []byte(c), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, kind); !errors.Is(err, ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, "test 2"); !errors.Is(err, ErrForeign) {
		t.Errorf("another kind: %v", err)
	}
	if _, err := Open(filepath.Join(path, "below"), kind); err == nil {
		t.Error("a path below a file can be opened")
	}
}

func TestOneProcessAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	first := open(t, path)
	if _, err := Open(path, kind); !errors.Is(err, ErrInUse) {
		t.Errorf("the second: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := first.Commit([]Change{{"a", "b", nil}}); err == nil {
		t.Error("a closed journal takes a commit")
	}
	second := open(t, path)
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestThePastIsDropped: a record that was written a thousand times takes the
// room of one when the file is opened again.
func TestThePastIsDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j := open(t, path)
	for n := range 400 {
		err := j.Commit([]Change{{"often", "one", bytes.Repeat([]byte{byte(n)}, 8<<10)}, {"gone", fmt.Sprint(n), []byte("x")}, {"gone", fmt.Sprint(n - 1), nil}, {"once", fmt.Sprint(n), []byte{}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := content(t, j)
	before, _ := j.Size()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, path)
	after, live := j.Size()
	if after > before/10 || live > after {
		t.Errorf("%d bytes before, %d after, %d of them alive", before, after, live)
	}
	if got := content(t, j); !maps.Equal(got, want) {
		t.Error("it holds something else than before")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j = open(t, path); !maps.Equal(content(t, j), want) {
		t.Error("it holds something else when it is opened again")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// FuzzOpen opens whatever follows a good beginning. It must end, and what it
// takes must be readable.
func FuzzOpen(f *testing.F) {
	j := &Journal{kind: kind}
	start := j.preamble()
	j.end = int64(len(start))
	frame, err := j.frame([]Change{{"shelf", "key", []byte("value")}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(frame)
	f.Add(frame[:len(frame)-1])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, rest []byte) {
		path := filepath.Join(t.TempDir(), "journal")
		if err := os.WriteFile(path, append(bytes.Clone(start), rest...), 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := Open(path, kind)
		if err != nil {
			return
		}
		content(t, j)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
