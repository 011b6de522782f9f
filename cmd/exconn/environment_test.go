package main

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/exconn/exconn/store/keysource"
)

// TestTakeSecrets: a program that is started inherits no master key, and the
// command itself still has it.
func TestTakeSecrets(t *testing.T) {
	t.Setenv(keysource.EnvName, "a master key")
	t.Setenv("EXCONN_DATA_DIR", "a directory")
	getenv := takeSecrets()
	if got := getenv(keysource.EnvName); got != "a master key" {
		t.Errorf("the command itself reads %q", got)
	}
	if got := getenv("EXCONN_DATA_DIR"); got != "a directory" {
		t.Errorf("what is no secret reads %q", got)
	}
	command := exec.CommandContext(t.Context(), "env")
	if runtime.GOOS == "windows" {
		command = exec.CommandContext(t.Context(), "cmd", "/c", "set")
	}
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "EXCONN_DATA_DIR=a directory") {
		t.Errorf("the child's environment is not seen, so the search proves nothing:\n%s", out)
	}
	if strings.Contains(string(out), keysource.EnvName) {
		t.Error("a child inherits the master key")
	}
}
