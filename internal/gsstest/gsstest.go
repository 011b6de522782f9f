// Package gsstest lets tests have their tokens judged by the system's own
// GSSAPI libraries (MIT Kerberos, gss-ntlmssp), which share no code and no
// misunderstanding with ours.
package gsstest

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

//go:embed acceptor.py
var script string

// python is the system's, which has python3-gssapi; another that comes first
// in the path may not.
const python = "/usr/bin/python3"

// Mech is a mechanism of the acceptor.
type Mech string

// The mechanisms.
const (
	NTLM   Mech = "ntlm"
	SPNEGO Mech = "spnego"
)

// Acceptor is a process that accepts security contexts. It is safe for
// concurrent use.
type Acceptor struct {
	mu      sync.Mutex
	in      io.Writer
	answers *bufio.Scanner
}

// Need ends a test that lacks a part of the system: in CI it fails, because
// there everything is installed; elsewhere it is skipped, with the reason.
func Need(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s: make deps installs it", what)
	}
	t.Skipf("%s: make deps installs it", what)
}

// Start starts an acceptor with variables added to its environment. It ends
// with the test.
func Start(t testing.TB, env ...string) *Acceptor {
	t.Helper()
	if out, err := exec.Command(python, "-c", "import gssapi").CombinedOutput(); err != nil {
		Need(t, "python3-gssapi is missing: "+strings.TrimSpace(string(out)))
	}
	cmd := exec.Command(python, "-c", script)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the acceptor: %v", err)
		}
	})
	answers := bufio.NewScanner(out)
	answers.Buffer(nil, 1<<20)
	return &Acceptor{in: in, answers: answers}
}

// Answer is the result of a step.
type Answer struct {
	Reply    []byte `json:"reply"`
	Complete bool   `json:"complete"`
	// User is who has signed in, once the context is complete.
	User string `json:"user"`
	// Problem is why the token was refused.
	Problem string `json:"error"`
}

// Step hands the next token of the context named id to the acceptor.
// application is the application data of the channel bindings that it insists
// on; nil means none.
func (a *Acceptor) Step(id string, mech Mech, token, application []byte) (Answer, error) {
	request, err := json.Marshal(struct {
		ID          string `json:"id"`
		Mech        Mech   `json:"mech"`
		Token       []byte `json:"token"`
		Application []byte `json:"application"`
	}{id, mech, token, application})
	if err != nil {
		return Answer{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, err := a.in.Write(append(request, '\n')); err != nil {
		return Answer{}, err
	}
	if !a.answers.Scan() {
		return Answer{}, errors.Join(errors.New("the acceptor has ended"), a.answers.Err())
	}
	var answer Answer
	err = json.Unmarshal(a.answers.Bytes(), &answer)
	// gss-ntlmssp counts the end of its string in.
	answer.User = strings.TrimRight(answer.User, "\x00")
	return answer, err
}
