package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/exconn/exconn/simulator"
)

type scriptRunKey struct{}

// scriptRun is one script while it runs.
type scriptRun struct {
	suite *scriptSuite
	name  string
	work  string
	// secrets is a folder whose files hold a secret each, and nothing else;
	// it is not searched for them.
	secrets string

	sim     *simulator.Simulator // nil without a world
	ahead   atomic.Int64         // of the simulator's clock, in nanoseconds
	traffic atomic.Int64         // EWS requests, and grants and refusals of the sign-in server
	mended  []func()             // take faults out again

	held func() error // lets go of the database

	mu       sync.Mutex
	outputs  map[string]string // what commands wrote, by what they were
	lastOut  [2]string         // stdout and stderr of the last one
	canaries map[string]string // secrets, with their kinds
}

// setup prepares a script's environment.
func (s *scriptSuite) setup(env *testscript.Env) error {
	r := &scriptRun{
		suite: s, name: filepath.Base(env.WorkDir), work: env.WorkDir, secrets: filepath.Join(env.WorkDir, ".secrets"),
		outputs: map[string]string{}, canaries: map[string]string{},
	}
	if err := os.MkdirAll(r.secrets, 0o700); err != nil {
		return err
	}
	env.Values[scriptRunKey{}] = r
	env.Vars = append(env.Vars,
		"EXCONN_DATA_DIR="+filepath.Join(env.WorkDir, "data"),
		"SECRETS="+r.secrets,
		"TZ=Europe/Berlin",
		"IN_10_DAYS="+time.Now().UTC().AddDate(0, 0, 10).Format(time.DateOnly),
		"SystemRoot="+os.Getenv("SystemRoot"), // Windows has no network without it
	)
	if os.Getenv("GORACE") == "" {
		// Under the race detector a process waits a second before it ends.
		env.Vars = append(env.Vars, "GORACE=atexit_sleep_ms=10")
	}
	env.Defer(r.end)
	return nil
}

// end ends what the script has left running, and looks for secrets in all that
// it has left behind.
func (r *scriptRun) end() {
	if r.held != nil {
		_ = r.held() // the file goes with the directory
	}
	var problems []string
	if r.sim != nil {
		if err := r.sim.Close(); err != nil {
			problems = append(problems, fmt.Sprintf("%s: closing the simulator: %v", r.name, err))
		}
	}
	found, places, kinds, err := r.search()
	if err != nil {
		problems = append(problems, fmt.Sprintf("%s: the search for secrets failed: %v", r.name, err))
	}
	r.suite.mu.Lock()
	defer r.suite.mu.Unlock()
	r.suite.scripts++
	r.suite.places += places
	if r.suite.canaries == nil {
		r.suite.canaries = map[string]int{}
	}
	for kind, n := range kinds {
		r.suite.canaries[kind] += n
	}
	r.suite.found = append(append(r.suite.found, problems...), found...)
}

// canary adds a secret that must be found nowhere.
func (r *scriptRun) canary(kind, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.canaries[value] = kind
}

// keep keeps what a command wrote, to be searched at the end.
func (r *scriptRun) keep(what, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outputs[fmt.Sprintf("%s, output %d: %s", r.name, len(r.outputs)+1, what)] = text
	for _, link := range invitationLink.FindAllStringSubmatch(text, -1) {
		r.canaries[link[1]] = canaryInvitation
	}
}

// within and nowhere look through the files of a folder.
func (r *scriptRun) within(ts *testscript.TestScript, args []string) {
	if len(r.matching(ts, args)) == 0 {
		ts.Fatalf("no file in %s matches %s", args[0], args[1])
	}
}

func (r *scriptRun) nowhere(ts *testscript.TestScript, args []string) {
	if files := r.matching(ts, args); len(files) > 0 {
		ts.Fatalf("%s matches %s", strings.Join(files, ", "), args[1])
	}
}

func (r *scriptRun) matching(ts *testscript.TestScript, args []string) (files []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: within DIR PATTERN")
	}
	pattern := compile(ts, args[1])
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(entries) == 0 {
		ts.Fatalf("%s is empty", args[0])
	}
	for _, e := range entries {
		if e.Type().IsRegular() && pattern.MatchString(ts.ReadFile(filepath.Join(args[0], e.Name()))) {
			files = append(files, e.Name())
		}
	}
	return files
}

// scriptPatience is how long something may take that happens by itself.
const scriptPatience = 30 * time.Second

func (r *scriptRun) waitFor(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: waitfor FILE PATTERN")
	}
	pattern, path := compile(ts, args[1]), ts.MkAbs(args[0])
	var text []byte
	for deadline := time.Now().Add(scriptPatience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		text, _ = os.ReadFile(path) // it may not be there yet
		if pattern.Match(text) {
			return
		}
	}
	ts.Fatalf("%s does not come to match %s: %s", args[0], args[1], text)
}

// contextOfScript ends what would keep a script waiting for ever.
func contextOfScript() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), scriptPatience)
}
