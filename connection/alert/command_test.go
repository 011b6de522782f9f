package alert

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var failure = Event{
	ID: "0123456789abcdef", Time: time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC), Kind: Failure,
	Auth: "crm", User: "anna@example.com", Connections: []string{"crm", "crm-smtp"}, OldState: "signed_in", NewState: "needs_sign_in",
	Since: time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC), Reason: "the kept sign-in was revoked", Code: "AADSTS50173", Hint: "sign in again",
}

func TestTheProgramReadsTheEventAndKnowsNoSecretOfOurs(t *testing.T) {
	t.Setenv("EXCONN_MASTER_KEY", "planted-key")
	t.Setenv("PGPASSWORD", "planted-password")
	file := filepath.Join(t.TempDir(), "seen")
	if err := self(t, "record", file).Deliver(t.Context(), failure); err != nil {
		t.Fatal(err)
	}
	seen, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	line, environ, _ := strings.Cut(string(seen), "\n")
	var got Event
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != failure.ID || got.User != failure.User || got.Code != failure.Code || got.NewState != "needs_sign_in" || len(got.Connections) != 2 {
		t.Errorf("%s", line)
	}
	if strings.Contains(environ, "planted") || strings.Contains(environ, "EXCONN") {
		t.Errorf("the environment holds\n%s", environ)
	}
	if !strings.Contains(strings.ToUpper(environ), "PATH=") {
		t.Errorf("no PATH in\n%s", environ)
	}
}

func TestAFailureSaysWhatWasPrintedWithoutSecrets(t *testing.T) {
	err := self(t, "fail", "smtp login bob with Zm9vYmFyYmF6cXV1eDEyMzQ1Njc4 refused\x1b[2J").Deliver(t.Context(), failure)
	if err == nil || errors.Is(err, ErrPermanent) {
		t.Fatalf("%v", err)
	}
	text := err.Error()
	if !strings.Contains(text, "exit status 3") || !strings.Contains(text, "smtp login bob with […] refused") || strings.Contains(text, "\x1b") {
		t.Errorf("%s", text)
	}
	if strings.Contains(text, childMark) {
		t.Errorf("the arguments are in %s", text)
	}
}

func TestMuchOutputIsCut(t *testing.T) {
	err := self(t, "chatter", "the last words").Deliver(t.Context(), failure)
	if err == nil || !strings.Contains(err.Error(), "the last words") || len(err.Error()) > 2*maxOutput {
		t.Errorf("%v", err)
	}
}

func TestTheBeginningOfACutOutputIsNotHalfASecret(t *testing.T) {
	var printed tail
	_, _ = printed.Write([]byte(strings.Repeat("s3cret", 200)))
	_, _ = printed.Write([]byte(strings.Repeat("s3cret", 200)))
	if got := printed.bytes(); len(got) != 0 {
		t.Errorf("%q", got)
	}
	_, _ = printed.Write([]byte("s3cret\nfailed"))
	if got := output(printed.bytes()); got != "failed" {
		t.Errorf("%q", got)
	}
}

func TestAProgramThatIsNotThere(t *testing.T) {
	err := (&Command{Args: []string{filepath.Join(t.TempDir(), "none")}}).Deliver(t.Context(), failure)
	if !errors.Is(err, ErrPermanent) {
		t.Errorf("%v", err)
	}
}

// waitForPID reads the id of the process that "hang" has started.
func waitForPID(t *testing.T, file string) int {
	t.Helper()
	for {
		if text, err := os.ReadFile(file); err == nil {
			pid, err := strconv.Atoi(string(text))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
		select {
		case <-t.Context().Done():
			t.Fatal("no process")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// gone waits until a process has ended; one whose parent has not asked yet
// counts as ended.
func gone(t *testing.T, pid int) {
	t.Helper()
	for range 1000 {
		process, err := os.FindProcess(pid)
		if err != nil || process.Signal(syscall.Signal(0)) != nil || zombie(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("the process %d still runs", pid)
}

func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return runtime.GOOS == "linux" && err == nil && strings.Contains(string(stat), ") Z ")
}

func TestAProgramThatHangsEndsWithItsWholeGroup(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error, 1)
	go func() { done <- self(t, "hang", file).Deliver(ctx, failure) }()
	pid := waitForPID(t, file)
	why := errors.New("enough")
	cancel(why)
	if err := <-done; !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
	gone(t, pid)
}

func TestWhatAProgramLeavesBehindEnds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	if err := self(t, "leave", file).Deliver(t.Context(), failure); err != nil {
		t.Errorf("%v, though the program itself has ended well", err)
	}
	gone(t, waitForPID(t, file))
}
