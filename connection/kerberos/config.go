package kerberos

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/go-krb5/krb5/config"
)

// maxFile bounds the files that are read, in bytes.
const maxFile = 4 << 20

// loadConfig reads a krb5.conf; an empty path means the system's, which need
// not exist.
func loadConfig(path string) (*config.Config, error) {
	optional := path == ""
	if optional {
		// The variable may list several files; the first is enough here.
		if list := filepath.SplitList(os.Getenv("KRB5_CONFIG")); len(list) > 0 {
			path = list[0]
		} else if runtime.GOOS != "windows" {
			path = "/etc/krb5.conf"
		}
	}
	text, err := readFile(path)
	if optional && (path == "" || errors.Is(err, os.ErrNotExist)) {
		cfg := config.New()
		cfg.LibDefaults.DNSLookupKDC = true
		cfg.LibDefaults.UDPPreferenceLimit = 1 // TCP: tickets of Active Directory are long
		return cfg, nil
	}
	if err != nil {
		return nil, fileError("the Kerberos configuration", path, err, "give the path of a krb5.conf that this user can read")
	}
	cfg, err := config.NewFromString(string(text))
	// What the module does not know, such as include, it leaves out.
	if err != nil && !errors.As(err, new(config.UnsupportedDirective)) || cfg == nil {
		return nil, fileError("the Kerberos configuration", path, err, "mend the file; its form is described in krb5.conf(5)")
	}
	if !strings.Contains(string(text), "dns_lookup_kdc") {
		cfg.LibDefaults.DNSLookupKDC = true // as MIT's libraries do
	}
	return cfg, nil
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, errors.New("the file is too large")
	}
	return os.ReadFile(path)
}

// fileError says that a file cannot be used.
func fileError(what, path string, err error, hint string) *Error {
	problem := "cannot be used"
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err // without the path once more
		}
		problem += ": " + clip(err.Error())
	}
	return &Error{Problem: what + " " + path + " " + problem, kind: invalid, hint: hint, Err: err}
}
