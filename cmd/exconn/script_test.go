package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/exconn/exconn/simulator/envelopes"
)

// The scripts in testdata/script use the command as its users do: as a process
// of its own, with files, an environment and exit codes. Each has a directory
// ($WORK) and, where it says "world", a pretend Exchange to itself.
//
// Besides testscript's own commands they have those of scriptCommands.

// TestMain makes this binary the commands that scripts start, too: exconn
// itself, and what it starts to open a browser, by its names on Linux and on
// macOS.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"exconn": main, "xdg-open": headlessBrowser, "open": headlessBrowser, "alert-hook": alertHook})
}

const scriptDir = "testdata/script"

func TestScripts(t *testing.T) {
	suite := &scriptSuite{envelopes: envelopes.OfTest(t)}
	// The group ends when its parallel scripts have.
	t.Run("script", func(t *testing.T) {
		testscript.Run(t, testscript.Params{
			Dir: scriptDir, Setup: suite.setup, Cmds: scriptCommands(), RequireUniqueNames: true,
		})
	})
	suite.judge(t)
}

// scriptCommands are the commands of scripts, besides those of testscript.
func scriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	all := map[string]func(*testscript.TestScript, bool, []string){}
	for name, do := range map[string]func(*scriptRun, *testscript.TestScript, []string){
		// exits N [-nohint] PROGRAM ARG...: runs it, and expects this exit
		// code and the manners that every command has.
		"exits": (*scriptRun).exits,
		// line PATH=VALUE...: a line of JSON on stdout has all of these;
		// PATH~PATTERN by regular expression, PATH- where it must be absent.
		"line": (*scriptRun).line,
		// noline PATH=VALUE...: none has.
		"noline": (*scriptRun).noline,
		// lines N: stdout has so many lines.
		"lines": (*scriptRun).lines,
		// field VARIABLE PATH [PATH=VALUE...]: puts a field of the first such
		// line into a variable.
		"field": (*scriptRun).field,
		// within DIR PATTERN, nowhere DIR PATTERN: a file in there matches, or
		// none does.
		"within":  (*scriptRun).within,
		"nowhere": (*scriptRun).nowhere,

		// world [OPTION...]: starts the pretend Exchange; see its options.
		"world": (*scriptRun).world,
		// connect KIND [FLAG...]: makes a connection; see connectFlags.
		"connect": (*scriptRun).connect,
		// clock DURATION: moves the clock of the pretend Exchange on.
		"clock": (*scriptRun).clock,
		// account revoke|reset|disable|no-factor|lock|expire-password ADDRESS, and secret expire.
		"account": (*scriptRun).account,
		"secret":  (*scriptRun).secret,
		// webredirect URI: registers it for the web application.
		"webredirect": (*scriptRun).webRedirect,
		// websecret expire: the web application's secret; there is a new one.
		"websecret": (*scriptRun).webSecret,
		// mailonly: registers an application that may only send, by Graph.
		"mailonly": (*scriptRun).mailOnly,
		// multitenant: registers an application for every organization.
		"multitenant": (*scriptRun).multiTenant,
		// pfx modern|legacy|open FILE [PASSWORD]: writes a .pfx with a
		// registered certificate.
		"pfx": (*scriptRun).pfx,
		// redirect URI: registers it.
		"redirect": (*scriptRun).redirect,
		// deliver ADDRESS SUBJECT [NAME=CONTENT...]: brings a mail with
		// attachments, under names that no file could have.
		"deliver": (*scriptRun).deliver,
		// fault [FLAG...]: makes EWS requests go wrong; see the flags there.
		// mend ends all faults.
		"fault": (*scriptRun).fault,
		"mend":  (*scriptRun).mend,
		// requests: counts EWS requests and sign-ins from here on;
		// requests N: there have been so many.
		"requests": (*scriptRun).countRequests,

		// browsed PATTERN...: what the browser saw of the last sign-in.
		"browsed": (*scriptRun).browsed,
		// paste N ACCOUNT url|code|late|TEXT [FLAG...]: signs in by paste, and
		// expects this exit code. With late 20 minutes go by before the address
		// is pasted.
		"paste": (*scriptRun).paste,
		// bycode N ACCOUNT accept|decline|nobody|late [FLAG...]: signs in by
		// device code, and expects this exit code. With late 20 minutes go by
		// at the server.
		"bycode": (*scriptRun).byCode,

		// invited LINK look|cancel|ACCOUNT PATTERN...: what a person does with
		// the link of an invitation, and sees in the end.
		"invited": (*scriptRun).invited,
		// freeport VARIABLE: a port that nobody listens on.
		"freeport": (*scriptRun).freePort,

		// hold and release: another process has the database.
		"hold":    (*scriptRun).hold,
		"release": (*scriptRun).release,
		// damage tokens|profile NAME noise|nonsense: spoils a record.
		"damage": (*scriptRun).damage,
		// newkey FILE: writes a master key that belongs to nothing.
		"newkey": (*scriptRun).newKey,
		// identity FILE: writes a private key of age, and puts its public part
		// into $RECIPIENT.
		"identity": (*scriptRun).identity,
		// policy block|device-code|mfa|mfa-registration|managed-device|frequency=DURATION [off]:
		// a conditional access policy for everyone.
		"policy": (*scriptRun).policy,
		// consent users|admins DOMAIN: who may consent to applications.
		// consent grant|revoke APP: an admin's consent to one.
		"consent": (*scriptRun).consent,
		// app disable|enable APP, app assign APP [ADDRESS...]: who may use one.
		"app": (*scriptRun).app,
		// waitfor FILE PATTERN: waits until a file holds it.
		"waitfor": (*scriptRun).waitFor,
	} {
		all[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			if neg {
				ts.Fatalf("unsupported: ! %s", name)
			}
			run, ok := ts.Value(scriptRunKey{}).(*scriptRun)
			if !ok {
				ts.Fatalf("the script has not been set up")
			}
			do(run, ts, args)
		}
	}
	return all
}

// scriptSuite gathers over all scripts which secrets there were, where they
// were looked for, and where they were found.
type scriptSuite struct {
	envelopes *envelopes.Keeper // what goes to and fro, to be held against Exchange's schema

	mu       sync.Mutex
	scripts  int
	canaries map[string]int // by kind
	places   int            // files and outputs that were searched
	found    []string       // and what went wrong with the search
}

// judge fails the test where a secret was found, or none was looked for.
func (s *scriptSuite) judge(t *testing.T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, place := range s.found {
		t.Error(place)
	}
	all, err := filepath.Glob(filepath.Join(scriptDir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if s.scripts < len(all) {
		return // only some were asked for, and not all kinds can be expected
	}
	var kinds []string
	for _, kind := range []string{canaryPassword, canaryClientSecret, canaryKey, canaryCode, canaryMasterKey, canaryIdentity, canaryInvitation, "AccessToken", "RefreshToken", "IdToken"} {
		if s.canaries[kind] == 0 {
			t.Errorf("no secret of the kind %q was looked for", kind)
		}
		kinds = append(kinds, fmt.Sprintf("%d of %s", s.canaries[kind], kind))
	}
	if s.places < 10*s.scripts {
		t.Errorf("only %d files and outputs of %d scripts were searched", s.places, s.scripts)
	}
	t.Logf("looked through %d files and outputs for secrets: %s", s.places, strings.Join(kinds, ", "))
}
