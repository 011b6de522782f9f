package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/exconn/exconn/simulator/entra"
)

var signInPage = regexp.MustCompile(`^  (https://\S+)$`)

// paste signs in with a browser on another machine: it reads the address of the
// page from the command, and types what the browser came back with.
func (r *scriptRun) paste(ts *testscript.TestScript, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: paste N ACCOUNT url|code|late|TEXT [FLAG...]")
	}
	line := append([]string{"exconn", "connection", "sign-in", "--paste"}, args[3:]...)
	r.converse(ts, args[0], line, func(said string) (string, error) {
		page := signInPage.FindStringSubmatch(said)
		if page == nil {
			return "", nil
		}
		return r.pasted(args[1], args[2], page[1])
	})
}

// converse runs a command that a person talks with, and expects an exit code.
// For each line that the command says, answer returns what is typed; "" is
// nothing.
func (r *scriptRun) converse(ts *testscript.TestScript, exit string, line []string, answer func(said string) (string, error)) {
	want, err := strconv.Atoi(exit)
	ts.Check(err)
	self, err := exec.LookPath("exconn")
	ts.Check(err)
	command := exec.Command(self, line[1:]...)
	command.Dir = r.work
	for _, name := range []string{"EXCONN_DATA_DIR", "TZ", "GORACE", "HOME", "TMPDIR", "PATH"} {
		command.Env = append(command.Env, name+"="+ts.Getenv(name))
	}
	stdin, err := command.StdinPipe()
	ts.Check(err)
	talk, err := command.StderrPipe()
	ts.Check(err)
	var stdout, stderr strings.Builder
	command.Stdout = &stdout
	ts.Check(command.Start())
	said := bufio.NewScanner(io.TeeReader(talk, &stderr))
	for said.Scan() {
		text, err := answer(said.Text())
		if err == nil && text != "" {
			_, err = fmt.Fprintln(stdin, text)
		}
		if err != nil {
			_ = command.Process.Kill()
			_ = command.Wait()
			ts.Fatalf("nothing to answer: %v", err)
		}
	}
	ts.Check(said.Err())
	_ = stdin.Close() // it may have ended already
	_ = command.Wait()
	fmt.Fprint(ts.Stdout(), stdout.String())
	fmt.Fprint(ts.Stderr(), stderr.String())
	r.note(ts, line, stdout.String(), stderr.String())
	code := command.ProcessState.ExitCode()
	if code != want {
		ts.Fatalf("the exit code is %d, not %d:\n%s", code, want, stderr.String())
	}
	if problem := badManners(line, exitCode(code), stdout.String(), stderr.String(), true); problem != "" {
		ts.Fatalf("%s:\n%s", problem, stderr.String())
	}
}

// pasted is what a person copies out of the browser.
func (r *scriptRun) pasted(account, what, page string) (string, error) {
	if what != "url" && what != "code" && what != "late" {
		return what, nil
	}
	user, _ := r.sim.Directory().User(account)
	client := r.sim.HTTPClient()
	defer client.CloseIdleConnections()
	ctx, cancel := contextOfScript()
	defer cancel()
	back, err := entra.SignIn(ctx, client, page, account, user.Password, true)
	if err != nil {
		return "", err
	}
	if err := keepCode(r.secrets, back); err != nil {
		return "", err
	}
	switch what {
	case "late": // the server's clock goes on
		r.ahead.Add(int64(20 * time.Minute))
		return back.String(), nil
	case "url":
		return back.String(), nil
	}
	code, err := os.ReadFile(filepath.Join(r.secrets, "code"))
	return string(code), err
}
