package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
)

// loginFlags are those of an account of an Exchange Server.
var loginFlags = append([]string{"username", "password-file"}, kerberosFlags...)

// kerberosFlags are those that Kerberos alone knows.
var kerberosFlags = []string{"keytab-file", "credential-cache", "krb5-conf", "spn"}

// setLogin makes a draft prove itself by a user name. What Kerberos alone knows
// does not stay with another kind.
func setLogin(d *connection.Draft, kind connection.LoginKind) {
	d.Auth, d.Profile.AuthName = nil, ""
	switch {
	case d.Profile.Login == nil:
		d.Profile.Login = &connection.Login{Kind: kind}
	case d.Profile.Login.Kind != kind:
		d.Profile.Login = &connection.Login{Kind: kind, Username: d.Profile.Login.Username}
	}
}

// fillLogin reads the flags of a user name and what proves it.
func (s system) fillLogin(c *cli.Context, d *connection.Draft, ask *asker) error {
	login := d.Profile.Login
	for _, other := range registrationFlags {
		if c.IsSet(other) {
			return usagef("leave it out, or choose another --auth", "--%s has no place beside --auth %s", other, login.Kind)
		}
	}
	if c.IsSet("username") {
		login.Username = c.String("username")
	}
	ask.line("User name", "", &login.Username)
	if login.Kind == connection.Kerberos {
		return s.fillKerberos(c, d, ask)
	}
	for _, other := range kerberosFlags {
		if c.IsSet(other) {
			return usagef("leave it out, or choose --auth kerberos", "--%s goes with --auth kerberos alone", other)
		}
	}
	return s.secret(c, "password-file", "Password", &d.Secrets.Password, ask)
}

// fillKerberos reads the flags of Kerberos. Of password, keytab and credential
// cache the one given takes the place of the one kept.
func (s system) fillKerberos(c *cli.Context, d *connection.Draft, ask *asker) error {
	login := d.Profile.Login
	proofs := 0
	for _, flag := range []string{"password-file", "keytab-file", "credential-cache"} {
		if c.IsSet(flag) {
			proofs++
		}
	}
	if proofs > 1 {
		return usagef("give one of them", "--password-file, --keytab-file and --credential-cache stand in place of each other")
	}
	if proofs == 1 {
		login.KeytabFile = strings.TrimSpace(c.String("keytab-file"))
		login.CredentialCache = strings.TrimSpace(c.String("credential-cache"))
	}
	if c.IsSet("krb5-conf") {
		login.Krb5Conf = strings.TrimSpace(c.String("krb5-conf"))
	}
	if c.IsSet("spn") {
		login.SPN = strings.TrimSpace(c.String("spn"))
	}
	if login.KeytabFile != "" || login.CredentialCache != "" {
		return nil
	}
	return s.secret(c, "password-file", "Password", &d.Secrets.Password, ask)
}
