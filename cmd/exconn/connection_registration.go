package main

import (
	"bytes"
	"errors"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/oauth"
)

// registrationFlags are those of an application's registration.
var registrationFlags = []string{"client-id", "account-type", "cloud", "authority-url", "client-secret-file", "certificate-file", "certificate-password-file"}

// certificatePasswordEnv may hold the password of a .pfx.
const certificatePasswordEnv = "EXCONN_CERTIFICATE_PASSWORD"

// fillRegistration reads the flags of a registration: which application signs
// in where, and what it proves itself with.
func (s system) fillRegistration(c *cli.Context, d *connection.Draft, ask *asker) error {
	for _, other := range loginFlags {
		if c.IsSet(other) {
			return usagef("leave it out, or choose one of these", "--%s goes with --auth basic, ntlm or kerberos alone", other)
		}
	}
	if c.IsSet("client-id") {
		d.Auth.ClientID = strings.TrimSpace(c.String("client-id"))
	}
	ask.line("Application (client) ID", "", &d.Auth.ClientID)
	if c.IsSet("cloud") {
		d.SetCloud(connection.Cloud(strings.ToLower(strings.TrimSpace(c.String("cloud")))))
	}
	if c.IsSet("authority-url") {
		d.Auth.AuthorityURL = strings.TrimSpace(c.String("authority-url"))
		if oauth.IsADFS(d.Auth.AuthorityURL) {
			// It knows neither; what is kept is from before.
			d.Auth.AccountType, d.Auth.Cloud = "", ""
		}
	}
	if c.IsSet("account-type") {
		d.Auth.AccountType = strings.TrimSpace(c.String("account-type"))
	}
	if d.Auth.AuthorityURL == "" {
		usual := connection.DefaultAccountType
		if d.Auth.Method.AppOnly() {
			usual = ""
		}
		ask.line("Supported account type (organizations, common, a tenant id or a domain)", usual, &d.Auth.AccountType)
	}
	return s.fillProof(c, d, ask)
}

// fillProof reads what the application proves itself with, by its method.
func (s system) fillProof(c *cli.Context, d *connection.Draft, ask *asker) error {
	method := d.Auth.Method
	if c.IsSet("client-secret-file") && !method.TakesSecret() {
		return misplaced("client-secret-file", method)
	}
	for _, flag := range []string{"certificate-file", "certificate-password-file"} {
		if c.IsSet(flag) && !method.TakesCertificate() {
			return misplaced(flag, method)
		}
	}
	switch {
	case c.IsSet("client-secret-file") && c.IsSet("certificate-file"):
		return usagef("give one of them", "--client-secret-file and --certificate-file stand in place of each other")
	case c.IsSet("certificate-file"):
		return s.certificate(c, d, ask)
	case c.IsSet("certificate-password-file"):
		return usagef("give the file too", "--certificate-password-file goes with --certificate-file")
	case method.TakesSecret():
		return s.secret(c, "client-secret-file", "Client secret", &d.Secrets.ClientSecret, ask)
	}
	return nil
}

func misplaced(flag string, method oauth.Method) error {
	hint := "leave it out: a public client has no secret; or choose --auth web, client-secret or client-certificate"
	switch method {
	case oauth.ClientSecret:
		hint = "use --client-secret-file, or --auth client-certificate"
	case oauth.ClientCertificate:
		hint = "use --certificate-file, or --auth client-secret"
	}
	return usagef(hint, "--%s has no place beside --auth %s", flag, method)
}

// certificate reads a certificate's file, and the password of a .pfx from a
// file, the environment or a person.
func (s system) certificate(c *cli.Context, d *connection.Draft, ask *asker) error {
	content, err := s.readFile(c.String("certificate-file"), "--certificate-file")
	if err != nil {
		return err
	}
	d.Secrets.Certificate = content
	password := &d.Secrets.CertificatePassword
	if c.IsSet("certificate-password-file") {
		*password, err = s.readFile(c.String("certificate-password-file"), "--certificate-password-file")
		*password = bytes.TrimRight(*password, "\r\n")
		return err
	}
	if s.getenv != nil {
		*password = oauth.Secret(s.getenv(certificatePasswordEnv))
	}
	var refused *oauth.CertificateError
	if _, err := oauth.ReadCertificate(content, *password); !errors.As(err, &refused) || !refused.NeedsPassword || len(*password) > 0 {
		return nil
	}
	if ask == nil { // a change asks for nothing else
		ask = newAsker(s)
	}
	ask.secret("Password of the certificate's file", password)
	return ask.failed()
}
