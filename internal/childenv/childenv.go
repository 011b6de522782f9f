// Package childenv makes the environment of programs that this one starts: the
// few variables that a program needs to run at all, and none that may hold a
// secret of ours. It is an allow-list, since nobody can know what the names of
// all secrets are.
package childenv

import (
	"os"
	"runtime"
	"slices"
	"strings"
)

// unix are the variables that are handed on, and those that begin with LC_.
var unix = []string{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR"}

// windows are those that programs there cannot do without; their names do not
// depend on case.
var windows = []string{
	"PATH", "PATHEXT", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "TEMP", "TMP", "USERPROFILE", "USERNAME", "COMPUTERNAME",
	"APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "LANG", "TZ",
}

// Environ returns what a child process may know of this one's environment. It
// is never nil, which to os/exec would mean everything. With more come further
// variables by name, for what only some programs need; a name that begins with
// EXCONN_ is not handed on even so.
func Environ(more ...string) []string {
	return from(os.Environ(), runtime.GOOS == "windows", more)
}

func from(environ []string, isWindows bool, more []string) []string {
	allowed := slices.Concat(unix, more)
	if isWindows {
		allowed = slices.Concat(windows, more)
	}
	same := func(a, b string) bool { return a == b || isWindows && strings.EqualFold(a, b) }
	out := []string{}
	for _, pair := range environ {
		name, _, ok := strings.Cut(pair, "=")
		if !ok || name == "" || strings.HasPrefix(strings.ToUpper(name), "EXCONN_") {
			continue
		}
		if strings.HasPrefix(name, "LC_") || slices.ContainsFunc(allowed, func(a string) bool { return same(a, name) }) {
			out = append(out, pair)
		}
	}
	return out
}
