package alert

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/exconn/exconn/internal/childenv"
)

const (
	// commandTime is how long a program may run.
	commandTime = 30 * time.Second
	// commandGrace is how long its output is waited for once it has ended or
	// been ended: a process that it has left behind may hold it open.
	commandGrace = 2 * time.Second
	// maxOutput is how much of what it prints is kept, from the end.
	maxOutput = 1 << 10
)

// Command delivers events to a program, which reads the JSON of one event from
// its standard input and says by its exit code whether it has done its work: 0
// for yes. No shell is involved. The program gets a cleaned environment without
// any variable of exconn's, and 30 seconds; then it is ended with the processes
// that it has started and that are still in its group. What it prints is not
// data: the end of it goes into the error where it fails, in one line and
// without what looks like a secret.
type Command struct {
	// Args is the program and its arguments; see ParseCommand. They can be
	// seen by every user of the machine while the program runs, and are no
	// place for secrets. A program without a directory is searched in PATH.
	Args []string
}

// Deliver implements Target.
func (c *Command) Deliver(ctx context.Context, e Event) error {
	if err := CheckCommand(c.Args); err != nil {
		return permanent{err}
	}
	body, err := json.Marshal(e)
	if err != nil {
		return permanent{fmt.Errorf("cannot encode the event: %w", err)}
	}
	limited, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	cmd := exec.CommandContext(limited, c.Args[0], c.Args[1:]...)
	cmd.Env = childenv.Environ()
	cmd.Stdin = bytes.NewReader(append(body, '\n'))
	var printed tail
	// One writer for both, so that the order is kept and one goroutine writes.
	cmd.Stdout, cmd.Stderr = &printed, &printed
	cmd.WaitDelay = commandGrace
	group := newGroup(cmd)
	defer group.close()
	cmd.Cancel = group.kill
	if err := cmd.Start(); err != nil {
		// A path, and words of the system: no secret.
		return permanent{fmt.Errorf("%s cannot be started: %w", c, err)}
	}
	group.started()
	err = cmd.Wait()
	if err != nil {
		// What it has left behind, and holds its output open, would otherwise be
		// there once more after each event.
		_ = group.kill() // there may be nobody left
	}
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // the program itself has said that all is well
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s was stopped: %w", c, context.Cause(ctx))
	case limited.Err() != nil:
		return c.failed(fmt.Sprintf("did not end within %v and was stopped", commandTime), &printed)
	}
	return c.failed("failed: "+err.Error(), &printed)
}

func (c *Command) failed(how string, printed *tail) error {
	if text := output(printed.bytes()); text != "" {
		return fmt.Errorf("%s %s; it printed: %s", c, how, text)
	}
	return fmt.Errorf("%s %s", c, how)
}

// ID implements Target.
func (c *Command) ID() string {
	sum := sha256.Sum256([]byte(strings.Join(c.Args, "\x00")))
	return "command " + hex.EncodeToString(sum[:])
}

// String names the program, without its arguments.
func (c *Command) String() string {
	if len(c.Args) == 0 {
		return "no command"
	}
	return "the command " + oneLine(filepath.Base(c.Args[0]))
}

// Format writes String, whatever the verb.
func (c *Command) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// tail keeps the end of what is written to it.
type tail struct {
	kept []byte
	cut  bool
}

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p[max(0, len(p)-maxOutput):]...)
	if over := len(t.kept) - maxOutput; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
		t.cut = true
	}
	return len(p), nil
}

// bytes returns what was kept. Where the beginning is missing, so is the rest
// of its first word: half a secret does not look like one.
func (t *tail) bytes() []byte {
	if !t.cut {
		return t.kept
	}
	if i := bytes.IndexAny(t.kept, " \t\r\n"); i >= 0 {
		return t.kept[i:]
	}
	return nil
}
