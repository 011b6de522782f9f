package connection

import (
	"path/filepath"
	"strings"
)

// validate checks a login.
func (l *Login) validate(found *problems) {
	oneOf(found, "login", l.Kind, LoginKinds()...)
	if problem := l.usernameProblem(); problem != "" {
		found.add("username", l.Username, "%s", problem)
	}
	if l.Kind == Kerberos {
		if l.KeytabFile != "" && l.CredentialCache != "" {
			found.add("credential_cache", l.CredentialCache, "is given beside keytab_file; one of the two is enough")
		}
		if problem := spnProblem(l.SPN); problem != "" {
			found.add("spn", l.SPN, "%s", problem)
		}
		return
	}
	for _, f := range []struct{ field, given string }{
		{"keytab_file", l.KeytabFile}, {"credential_cache", l.CredentialCache}, {"krb5_conf", l.Krb5Conf}, {"spn", l.SPN},
	} {
		if f.given != "" {
			found.add(f.field, f.given, "is for Kerberos alone; leave it out")
		}
	}
}

func (l *Login) usernameProblem() string {
	name := l.Username
	switch {
	case name == "" && l.Kind == Kerberos:
		return "is missing; write it as user@REALM, where REALM is the Active Directory domain's full name"
	case name == "":
		return "is missing; write it as anna@example.com or DOMAIN\\anna"
	case strings.Contains(name, ":") && l.Kind == Basic:
		return "contains a colon, which Basic authentication cannot carry (RFC 7617)"
	case strings.Contains(name, `\`) && l.Kind == Kerberos:
		return "is not of Kerberos' form; write it as user@REALM, where REALM is the Active Directory domain's full name"
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "contains a control character"
	}
	return ""
}

// spnProblem wants service/host.
func spnProblem(spn string) string {
	if spn == "" {
		return ""
	}
	service, host, found := strings.Cut(spn, "/")
	if !found || service == "" || host == "" || strings.ContainsAny(host, `/\@: `) {
		return "is not of the form HTTP/mail.example.com"
	}
	return ""
}

// withPaths returns the login with its paths made absolute, so that it does not
// depend on where a command runs.
func (l Login) withPaths() (*Login, error) {
	for _, path := range []*string{&l.KeytabFile, &l.CredentialCache, &l.Krb5Conf} {
		// A cache may be named by its kind, as in FILE:/path or KEYRING:name.
		kind, _, named := strings.Cut(*path, ":")
		if *path == "" || *path == DefaultCache && path == &l.CredentialCache || named && len(kind) > 1 && path == &l.CredentialCache {
			continue
		}
		full, err := filepath.Abs(*path)
		if err != nil {
			return nil, err
		}
		*path = full
	}
	return &l, nil
}
