package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/exconn/exconn/mailbox/timezone"
)

// systemZone finds the IANA id of this machine's zone, which Go does not tell,
// by the link that Unix systems keep. It is "" where there is none.
func systemZone() string {
	target, err := filepath.EvalSymlinks("/etc/localtime")
	if err != nil {
		return ""
	}
	_, name, ok := strings.Cut(filepath.ToSlash(target), "zoneinfo/")
	if !ok {
		if content, err := os.ReadFile("/etc/timezone"); err == nil {
			name = strings.TrimSpace(string(content))
		}
	}
	if zone, ok := timezone.IANA(name); ok {
		return zone
	}
	return ""
}
