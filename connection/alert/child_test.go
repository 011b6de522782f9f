package alert

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// childMark is the first argument of this test's own binary as a child.
const childMark = "alert-test-child"

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == childMark {
		os.Exit(child(os.Args[2], os.Args[3:]))
	}
	goleak.VerifyTestMain(m)
}

// child is a program that a Command runs.
func child(what string, args []string) int {
	switch what {
	case "record": // FILE: its input and environment
		in, err := io.ReadAll(os.Stdin)
		if err != nil {
			return 9
		}
		text := string(in) + strings.Join(os.Environ(), "\n")
		if os.WriteFile(args[0], []byte(text), 0o600) != nil {
			return 9
		}
	case "fail": // TEXT: printed, then failure, without reading anything
		fmt.Println(args[0])
		return 3
	case "chatter": // TEXT: ends what is much output
		for range 1000 {
			fmt.Println(strings.Repeat("x", 100))
		}
		fmt.Fprintln(os.Stderr, args[0])
		return 1
	case "hang": // FILE: gets the process id of a child of its own, which hangs as well
		self, err := os.Executable()
		if err != nil {
			return 9
		}
		grandchild := exec.Command(self, childMark, "sleep")
		grandchild.Stdout = os.Stdout // holds the pipe
		if grandchild.Start() != nil {
			return 9
		}
		if os.WriteFile(args[0]+".new", fmt.Append(nil, grandchild.Process.Pid), 0o600) != nil || os.Rename(args[0]+".new", args[0]) != nil {
			return 9
		}
		time.Sleep(time.Hour)
	case "leave": // like hang, but ends well itself
		go child("hang", args)
		for range 1000 {
			if _, err := os.Stat(args[0]); err == nil {
				return 0
			}
			time.Sleep(10 * time.Millisecond)
		}
		return 9
	case "sleep":
		time.Sleep(time.Hour)
	}
	return 0
}

// self is a Command that runs child.
func self(t *testing.T, args ...string) *Command {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &Command{Args: append([]string{path, childMark}, args...)}
}
