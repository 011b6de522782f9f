package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/exconn/exconn/simulator"
)

// simulating runs "exconn simulate" with these flags until the test ends, and
// returns what it prints.
func simulating(t *testing.T, flags ...string) simulation {
	t.Helper()
	out, in := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	var talk bytes.Buffer
	ended := make(chan exitCode)
	args := append([]string{"exconn", "simulate", "--dir", filepath.Join(t.TempDir(), "sim"), "--empty", "--json",
		"--login-port", "0", "--server-port", "0", "--online-port", "0"}, flags...)
	go func() {
		code := exitCode(run(ctx, args, system{in: strings.NewReader(""), out: in, err: &talk}))
		in.Close()
		ended <- code
	}()
	t.Cleanup(func() {
		cancel()
		out.Close()
		if code := <-ended; code != exitDone {
			t.Errorf("exconn simulate ended with %d: %s", code, talk.String())
		}
	})
	var facts simulation
	if err := json.NewDecoder(out).Decode(&facts); err != nil {
		t.Fatalf("exconn simulate printed nothing: %v", err)
	}
	return facts
}

// The control address lets in whoever has read the header file, and the script
// of --faults is in force.
func TestSimulateWithFaultsAndControl(t *testing.T) {
	script := filepath.Join(t.TempDir(), "faults.json")
	if err := os.WriteFile(script, []byte(`{"faults": [{"name": "always", "kind": "http-503", "match": {"operation": "GetFolder"}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	facts := simulating(t, "--faults", script, "--control", "127.0.0.1:0")
	if facts.Control == nil {
		t.Fatal("nothing is said of the control address")
	}
	info, err := os.Stat(facts.Control.HeaderFile)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("others can read the header file: %o", mode)
	}
	content, err := os.ReadFile(facts.Control.HeaderFile)
	if err != nil {
		t.Fatal(err)
	}
	name, value, _ := strings.Cut(strings.TrimSpace(string(content)), ": ")
	ask := func(method, path, body string, header bool) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, facts.Control.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if header {
			r.Header.Set(name, value)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	defer http.DefaultClient.CloseIdleConnections()
	if status, _ := ask("GET", "/faults", "", false); status != http.StatusUnauthorized {
		t.Errorf("without the header: HTTP %d", status)
	}
	if status, text := ask("GET", "/faults", "", true); status != 200 || !strings.Contains(text, `"name":"always"`) {
		t.Errorf("HTTP %d: %s", status, text)
	}
	if status, text := ask("POST", "/effects", `{"kind": "deliver", "to": "anna@contoso.example", "subject": "Hello"}`, true); status != 200 {
		t.Errorf("HTTP %d: %s", status, text)
	}
}

func TestSimulateRefuses(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(bad, []byte("{\"faults\": [\n{\"kind\": \"bang\"}]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, flags := range map[string][]string{
		bad + `:2: fault 1: kind: "bang" is none of`:             {"--faults", bad},
		"reading a fault script":                                 {"--faults", filepath.Join(dir, "none.json")},
		"--control 0.0.0.0:0 is no address of loopback":          {"--control", "0.0.0.0:0"},
		"--control :8444 is no address of loopback":              {"--control", ":8444"},
		"--control 8444: ":                                       {"--control", "8444"},
		"--control exchange.example:1 is no address of loopback": {"--control", "exchange.example:1"},
	} {
		var out, talk bytes.Buffer
		args := append([]string{"exconn", "simulate", "--dir", filepath.Join(dir, "sim"), "--empty",
			"--login-port", "0", "--server-port", "0", "--online-port", "0"}, flags...)
		code := exitCode(run(t.Context(), args, system{in: strings.NewReader(""), out: &out, err: &talk}))
		if code != exitUsage || !strings.Contains(talk.String(), want) || !strings.Contains(talk.String(), "hint: ") || out.Len() > 0 {
			t.Errorf("%v: exit code %d\n%swant %s", flags, code, talk.String(), want)
		}
	}
}

func TestSimulateHelpTellsOfFaults(t *testing.T) {
	var out, talk bytes.Buffer
	if code := run(t.Context(), []string{"exconn", "simulate", "--help"}, system{in: strings.NewReader(""), out: &out, err: &talk}); code != 0 {
		t.Fatalf("exit code %d: %s", code, talk.String())
	}
	for _, k := range simulator.FaultKinds() {
		if !strings.Contains(out.String(), k.Name) || !strings.Contains(out.String(), k.Does) {
			t.Errorf("the help does not tell of %s", k.Name)
		}
	}
	for _, word := range []string{"POST /effects", "control-header.txt", "GET /strikes"} {
		if !strings.Contains(out.String(), word) {
			t.Errorf("the help does not tell of %s", word)
		}
	}
}
