package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/exconn/exconn/simulator"
)

// transcript is what a command has written so far.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *transcript) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *transcript) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// machine is one on which the command is used, with a data directory of its
// own. What is said there and shown in its browser is searched for secrets when
// the test ends.
type machine struct {
	t     *testing.T
	suite *browserSuite
	dir   string
	watch *secretWatch
}

func (s *browserSuite) machine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, suite: s, dir: filepath.Join(t.TempDir(), "data"), watch: newSecretWatch()}
	for _, account := range s.sim.Accounts() {
		m.watch.secret("the password of "+account.Address, string(account.Password))
	}
	t.Cleanup(func() { m.watch.judge(t) })
	return m
}

// invocation is a command that runs, or has run.
type invocation struct {
	m        *machine
	args     []string
	in       *io.PipeWriter
	out, err *transcript
	opened   chan string   // what the browser is told to open
	done     chan struct{} // closed at its end
	code     exitCode      // known then
	// interrupt is Ctrl-C.
	interrupt func()
}

// start starts a command.
func (m *machine) start(args ...string) *invocation {
	m.t.Helper()
	stdin, in := io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	i := &invocation{
		m: m, args: args, in: in, out: &transcript{}, err: &transcript{},
		opened: make(chan string, 1), done: make(chan struct{}), interrupt: cancel,
	}
	go func() {
		defer close(i.done)
		browse := func(url string) error { i.opened <- url; return nil }
		i.code = exitCode(run(ctx, append(append([]string{"exconn"}, args...), "--data-dir", m.dir), system{in: stdin, out: i.out, err: i.err, browse: browse}))
		_ = stdin.Close()
	}()
	m.t.Cleanup(func() { // a test that has failed leaves it waiting
		cancel()
		_ = in.Close()
		<-i.done
		m.watch.said("stdout of exconn "+strings.Join(args, " "), i.out.String())
		m.watch.said("stderr of exconn "+strings.Join(args, " "), i.err.String())
	})
	return i
}

// wait waits for the command's end.
func (i *invocation) wait() exitCode {
	i.m.t.Helper()
	eventually(i.m.t, "the end of exconn "+strings.Join(i.args, " "), func() (bool, error) {
		select {
		case <-i.done:
			return true, nil
		default:
			return false, fmt.Errorf("so far: %s", i.err.String())
		}
	})
	return i.code
}

// ends asserts how the command ends, and what it says then.
func (i *invocation) ends(want exitCode, says ...string) {
	t := i.m.t
	t.Helper()
	if code := i.wait(); code != want {
		t.Fatalf("exconn %s ended with %d, not %d: %s", strings.Join(i.args, " "), code, want, i.err.String())
	}
	for _, words := range says {
		if !strings.Contains(i.err.String(), words) {
			t.Errorf("exconn %s does not say %q: %s", strings.Join(i.args, " "), words, i.err.String())
		}
	}
}

// run runs a command that must succeed, and returns its lines of JSON.
func (m *machine) run(args ...string) []map[string]any {
	m.t.Helper()
	i := m.start(append(args, "--json")...)
	i.ends(exitDone)
	var list []map[string]any
	decoder := json.NewDecoder(strings.NewReader(i.out.String()))
	for decoder.More() {
		var object map[string]any
		if err := decoder.Decode(&object); err != nil {
			m.t.Fatalf("exconn %s: %v in %s", strings.Join(args, " "), err, i.out.String())
		}
		list = append(list, object)
	}
	return list
}

// connect makes a connection to the pretend Exchange Server, of which people
// sign in.
func (m *machine) connect(more ...string) map[string]any {
	m.t.Helper()
	sim := m.suite.sim
	list := m.run(append([]string{"connection", "new", "--name", "contoso", "--exchange-type", "server", "--ews-url", sim.EWSURL(simulator.Server),
		"--auth", "pkce", "--client-id", sim.Applications().Server.ClientID, "--authority-url", sim.AuthorityURL(simulator.Server),
		"--allow-mailbox", "contoso.example", "--ca-file", m.suite.caFile}, more...)...)
	if len(list) != 1 {
		m.t.Fatalf("connection new printed %d objects", len(list))
	}
	// What one test's person agreed to must not spare another's the question.
	for _, account := range sim.Accounts() {
		if account.Password == "" {
			continue
		}
		if err := sim.Directory().RevokeConsent(sim.Applications().Server.ClientID, account.Address); err != nil {
			m.t.Fatal(err)
		}
	}
	return list[0]
}

// signIn starts a sign-in and returns it with the page that the browser is to
// open.
func (m *machine) signIn(more ...string) (*invocation, string) {
	m.t.Helper()
	i := m.start(append([]string{"connection", "sign-in"}, more...)...)
	var page string
	eventually(m.t, "the address of the sign-in page", func() (bool, error) {
		select {
		case page = <-i.opened:
			return true, nil
		case <-i.done:
			return false, fmt.Errorf("the command ended with %d: %s", i.code, i.err.String())
		default:
			return false, nil
		}
	})
	return i, page
}

var printedAddress = regexp.MustCompile(`Sign in at:\n  (https://\S+)\n`)

// signInByPaste starts a sign-in that opens no browser here.
func (m *machine) signInByPaste(more ...string) (*invocation, string) {
	m.t.Helper()
	i := m.start(append([]string{"connection", "sign-in", "--paste"}, more...)...)
	var page string
	eventually(m.t, "the address of the sign-in page", func() (bool, error) {
		found := printedAddress.FindStringSubmatch(i.err.String())
		if found == nil {
			return false, fmt.Errorf("so far: %s", i.err.String())
		}
		page = found[1]
		return true, nil
	})
	return i, page
}

// paste types a line.
func (i *invocation) paste(line string) {
	i.m.t.Helper()
	if _, err := io.WriteString(i.in, line+"\n"); err != nil {
		i.m.t.Fatalf("the command does not read what is pasted: %v", err)
	}
}

// status is the connection's, as "connection show" tells it.
func (m *machine) status() map[string]any {
	m.t.Helper()
	shown := m.run("connection", "show")
	if len(shown) != 1 {
		m.t.Fatalf("connection show printed %d objects", len(shown))
	}
	status, ok := shown[0]["status"].(map[string]any)
	if !ok {
		m.t.Fatalf("connection show tells no status: %v", shown[0])
	}
	return status
}

// signedIn asserts that somebody is signed in, and that what is kept for them
// is among the secrets that are looked for.
func (m *machine) signedIn(account string) {
	m.t.Helper()
	if s := m.status(); s["state"] != "signed_in" || s["username"] != account {
		m.t.Errorf("the status is %v, want signed_in as %s", s, account)
	}
	m.watch.tokens(m.t, m.dir)
}

// signedOut asserts that nobody is signed in.
func (m *machine) signedOut() {
	m.t.Helper()
	if s := m.status(); s["state"] != "needs_sign_in" || s["username"] != nil {
		m.t.Errorf("the status is %v, want needs_sign_in", s)
	}
}

// listenerOf returns the address of the waiting program: from the redirect URI,
// or from what the CRM's page reads in the state.
func listenerOf(t *testing.T, page string) string {
	t.Helper()
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if back, err := url.Parse(q.Get("redirect_uri")); err == nil && back.Hostname() == "localhost" {
		return back.String()
	}
	_, port, _ := strings.Cut(q.Get("state"), ".")
	if n, err := strconv.Atoi(port); err != nil || n < 1024 {
		t.Fatalf("the state %q names no port", q.Get("state"))
	}
	return "http://localhost:" + port + "/"
}
