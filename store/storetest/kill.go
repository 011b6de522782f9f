package storetest

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/store"
)

// childEnv names the directory to a process that RunKill has started.
const childEnv = "EXCONN_STORETEST_DIR"

// The writer keeps, in every update, the three in step: the counter, the
// number of rows, and the newest row.
const (
	killBucket = "kill"
	killCount  = "count"
	killRows   = "rows"
)

// RunKill starts the calling test again as a process of its own, which writes
// to the store that open returns for a directory; kills it amid its updates,
// several times; and checks after each kill that every update which was
// acknowledged is there, and that none is there in part. The caller's test
// must do nothing before RunKill.
func RunKill(t *testing.T, open func(dir string) (store.Store, error)) {
	if dir := os.Getenv(childEnv); dir != "" {
		t.Fatalf("the writer ended: %v", write(dir, open))
	}
	dir := t.TempDir()
	for round, wait := range []time.Duration{30, 1, 12, 5, 47} {
		acknowledged := runAndKill(t, dir, wait*time.Millisecond)
		s, err := open(dir)
		if err != nil {
			t.Fatalf("round %d: opening after the kill: %v", round, err)
		}
		if err := s.View(t.Context(), func(tx store.Tx) error { return inStep(tx, acknowledged) }); err != nil {
			t.Fatalf("round %d: after the kill: %v", round, err)
		}
	}
}

// runAndKill lets the writer write at least ten updates and some while more,
// kills it, and returns the last count that it has acknowledged.
func runAndKill(t *testing.T, dir string, while time.Duration) uint64 {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var last uint64
	var talk strings.Builder
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); {
		count, err := strconv.ParseUint(lines.Text(), 10, 64)
		if err != nil {
			fmt.Fprintln(&talk, lines.Text())
			continue
		}
		last = count
		if n++; n == 10 {
			// The pipe still holds what was acknowledged before the kill, so
			// the scan goes on to its end.
			time.AfterFunc(while, func() { _ = cmd.Process.Kill() })
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Exited() && talk.Len() > 0 {
		t.Fatalf("the writer was not killed: %v\n%s", err, talk.String())
	}
	return last
}

func write(dir string, open func(dir string) (store.Store, error)) error {
	s, err := open(dir)
	if err != nil {
		return err
	}
	for {
		var count uint64
		err := s.Update(context.Background(), func(tx store.Tx) error {
			if err := inStep(tx, 0); err != nil {
				return err
			}
			n, err := counter(tx)
			if err != nil {
				return err
			}
			count = n + 1
			value := binary.BigEndian.AppendUint64(nil, count)
			return errors.Join(
				tx.Put(killBucket, killCount, value),
				// Rows of several pages, and of different sizes, so that the
				// kill has a chance to fall between the parts of a write.
				tx.Put(killRows, fmt.Sprintf("%08d", count), append(value, make([]byte, 5000*(count%7))...)))
		})
		if err != nil {
			return err
		}
		// Unbuffered, so that what was printed was acknowledged.
		if _, err := io.WriteString(os.Stdout, strconv.FormatUint(count, 10)+"\n"); err != nil {
			return err
		}
	}
}

func counter(tx store.Tx) (uint64, error) {
	v, err := tx.Get(killBucket, killCount)
	switch {
	case errors.Is(err, store.ErrNoRecord):
		return 0, nil
	case err != nil:
		return 0, err
	case len(v) != 8:
		return 0, fmt.Errorf("the counter has %d bytes", len(v))
	}
	return binary.BigEndian.Uint64(v), nil
}

// inStep checks the writer's invariants.
func inStep(tx store.Tx, acknowledged uint64) error {
	count, err := counter(tx)
	if err != nil {
		return err
	}
	if count < acknowledged {
		return fmt.Errorf("update %d was acknowledged, but the counter is %d", acknowledged, count)
	}
	var rows uint64
	err = tx.ForEach(killRows, "", func(key string, value []byte) error {
		rows++
		if want := fmt.Sprintf("%08d", rows); key != want {
			return fmt.Errorf("row %q follows where %q should", key, want)
		}
		if len(value) < 8 || binary.BigEndian.Uint64(value) != rows {
			return fmt.Errorf("row %q does not hold its number", key)
		}
		return nil
	})
	if err == nil && rows != count {
		err = fmt.Errorf("the counter is %d, but there are %d rows", count, rows)
	}
	return err
}
