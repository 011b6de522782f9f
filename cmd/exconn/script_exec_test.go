package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// exits runs a program, most often exconn, and holds its exit code and its
// manners against what they must be.
func (r *scriptRun) exits(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits N [-nohint] PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	args = args[1:]
	hint := args[0] != "-nohint"
	if !hint {
		args = args[1:]
	}
	program := args[0]
	if program == "exconn" {
		// Scripts may leave it nothing in its own PATH.
		program, err = exec.LookPath(program)
		ts.Check(err)
	}
	r.keepWaited(ts)
	code := 0
	if err := ts.Exec(program, args[1:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s does not run: %v", args[0], err)
		}
		code = exit.ExitCode()
	}
	stdout, stderr := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	r.note(ts, args, stdout, stderr)
	if code != want {
		ts.Fatalf("the exit code is %d, not %d", code, want)
	}
	if args[0] == "exconn" {
		if problem := badManners(args, exitCode(code), stdout, stderr, hint); problem != "" {
			ts.Fatalf("%s", problem)
		}
	}
}

// note keeps what a command wrote and what secrets it has made.
func (r *scriptRun) note(ts *testscript.TestScript, args []string, stdout, stderr string) {
	r.lastOut = [2]string{stdout, stderr}
	r.keep("stdout of "+strings.Join(args, " "), stdout)
	r.keep("stderr of "+strings.Join(args, " "), stderr)
	r.gatherTokens(ts)
}

// keepWaited keeps what programs in the background have written that the script
// has waited for since the last command.
func (r *scriptRun) keepWaited(ts *testscript.TestScript) {
	for i, name := range []string{"stdout", "stderr"} {
		if text := ts.ReadFile(name); text != r.lastOut[i] {
			r.keep(name+" of what was waited for", text)
		}
	}
}

// badManners says what is wrong with how a command has ended, whichever it
// was: with --json, stdout holds objects in snake_case and nothing else; an
// error is said once, on stderr, with what to do about it; and no control
// character reaches the terminal.
func badManners(args []string, code exitCode, stdout, stderr string, wantHint bool) string {
	asJSON := wantsJSON(args)
	if asJSON {
		for i, line := range nonEmptyLines(stdout) {
			var object map[string]any
			if err := json.Unmarshal([]byte(line), &object); err != nil {
				return fmt.Sprintf("line %d of stdout is no JSON object: %v", i+1, err)
			}
			if key := notSnakeCase(object); key != "" {
				return fmt.Sprintf("line %d of stdout has the key %q", i+1, key)
			}
		}
	}
	if !slices.Contains(args, "--mime") {
		if strings.ContainsFunc(stdout+stderr, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }) {
			return "there is a control character in the output"
		}
	}
	said := regexp.MustCompile(`(?m)^exconn: error: (.*)\n(?:exconn: hint: .)?`).FindAllStringSubmatch(stderr, -1)
	hinted := strings.Contains(stderr, "\nexconn: hint: ")
	if asJSON {
		said = nil
		for _, line := range nonEmptyLines(stderr) {
			var e errorLine
			decoder := json.NewDecoder(strings.NewReader(line))
			decoder.DisallowUnknownFields()
			if decoder.Decode(&e) == nil && e.Error != "" {
				said, hinted = append(said, []string{line, e.Error}), e.Hint != ""
			}
		}
	}
	switch {
	case code == exitDone && len(said) > 0:
		return "it says an error and ends well"
	case code != exitDone && len(said) != 1:
		return fmt.Sprintf("it ends badly and says %d errors", len(said))
	case code != exitDone && wantHint && !hinted:
		return "it does not say what to do about it"
	case code != exitDone && !wantHint && hinted:
		return "there is a hint after all; expect one"
	}
	return ""
}

func nonEmptyLines(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
}

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func notSnakeCase(v any) string {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if !snakeCase.MatchString(key) {
				return key
			}
			if bad := notSnakeCase(inner); bad != "" {
				return bad
			}
		}
	case []any:
		for _, inner := range v {
			if bad := notSnakeCase(inner); bad != "" {
				return bad
			}
		}
	}
	return ""
}

// line, noline, lines and field look at the JSON that the last command wrote.

func (r *scriptRun) line(ts *testscript.TestScript, args []string) {
	if len(jsonLines(ts, args)) == 0 {
		ts.Fatalf("no line of stdout has %s", strings.Join(args, " "))
	}
}

func (r *scriptRun) noline(ts *testscript.TestScript, args []string) {
	if found := jsonLines(ts, args); len(found) > 0 {
		ts.Fatalf("%d lines of stdout have %s", len(found), strings.Join(args, " "))
	}
}

func (r *scriptRun) lines(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: lines N")
	}
	if n := len(nonEmptyLines(ts.ReadFile("stdout"))); strconv.Itoa(n) != args[0] {
		ts.Fatalf("stdout has %d lines, not %s", n, args[0])
	}
}

func (r *scriptRun) field(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: field VARIABLE PATH [PATH=VALUE...]")
	}
	found := jsonLines(ts, args[2:])
	if len(found) == 0 {
		ts.Fatalf("no line of stdout has %s", strings.Join(args[2:], " "))
	}
	value, ok := jsonAt(found[0], args[1])
	if !ok {
		ts.Fatalf("the line has no %s", args[1])
	}
	ts.Setenv(args[0], value)
}

// jsonLines returns the lines of stdout that fit all conditions.
func jsonLines(ts *testscript.TestScript, conditions []string) []any {
	var list []any
	for _, line := range nonEmptyLines(ts.ReadFile("stdout")) {
		decoder := json.NewDecoder(bytes.NewReader([]byte(line)))
		decoder.UseNumber()
		var object any
		ts.Check(decoder.Decode(&object))
		if !slices.ContainsFunc(conditions, func(c string) bool { return !fits(ts, object, c) }) {
			list = append(list, object)
		}
	}
	return list
}

var condition = regexp.MustCompile(`(?s)^([a-z0-9_.]+)(?:([=~])(.*)|(-))$`)

func fits(ts *testscript.TestScript, object any, text string) bool {
	c := condition.FindStringSubmatch(text)
	if c == nil {
		ts.Fatalf("%q is no condition: write PATH=VALUE, PATH~PATTERN or PATH-", text)
	}
	value, ok := jsonAt(object, c[1])
	switch {
	case c[4] == "-":
		return !ok
	case c[2] == "~":
		return ok && compile(ts, c[3]).MatchString(value)
	}
	return ok && value == c[3]
}

func compile(ts *testscript.TestScript, pattern string) *regexp.Regexp {
	re, err := regexp.Compile(pattern)
	ts.Check(err)
	return re
}

// jsonAt returns what is at a path such as "to.0.address".
func jsonAt(v any, path string) (string, bool) {
	for name := range strings.SplitSeq(path, ".") {
		switch inner := v.(type) {
		case map[string]any:
			value, ok := inner[name]
			if !ok {
				return "", false
			}
			v = value
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(inner) {
				return "", false
			}
			v = inner[i]
		default:
			return "", false
		}
	}
	return fmt.Sprint(v), true
}
