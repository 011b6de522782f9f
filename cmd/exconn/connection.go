package main

import (
	"github.com/urfave/cli/v2"
)

// nameFlag names a connection where the command is about connections.
var nameFlag = &cli.StringFlag{Name: "name", Aliases: []string{"connection", "c"}, Usage: "`NAME` of the connection"}

func (s system) connection() *cli.Command {
	profile := []cli.Flag{
		&cli.StringFlag{Name: "exchange-type", Usage: "`online|server`: Exchange Online (Microsoft 365), or an Exchange Server"},
		&cli.StringFlag{Name: "protocol", Usage: "`ews`; graph and smtp come later"},
		&cli.StringFlag{Name: "ews-url", Usage: "`URL` of Exchange.asmx; where left out, Exchange Online's own, or what Autodiscover says of --username at an Exchange Server"},
		&cli.StringFlag{Name: "client-id", Usage: "application (client) `ID` of the registration"},
		&cli.StringFlag{Name: "account-type", Usage: "supported account `TYPE`: common, organizations, a tenant id or a domain"},
		&cli.StringFlag{Name: "authority-url", Usage: "`URL` of the authority, for AD FS and national clouds; computed from the account type where left out"},
		&cli.StringFlag{Name: "auth", Usage: "`pkce|client-secret|client-certificate|basic|ntlm|kerberos`: the way in; the last three are for an account of an Exchange Server"},
		&cli.StringFlag{Name: "auth-name", Usage: "`NAME` of an authentication object that another connection made, to share it"},
		&cli.StringFlag{Name: "client-secret-file", Usage: "`FILE` that holds the client secret (- is standard input)"},
		&cli.StringFlag{Name: "certificate-file", Usage: "PEM `FILE` with the certificate and its unencrypted RSA key"},
		&cli.StringFlag{Name: "username", Usage: "`USER` of an Exchange Server: address or DOMAIN\\user; with kerberos user@REALM"},
		&cli.StringFlag{Name: "password-file", Usage: "`FILE` that holds the password (- is standard input)"},
		&cli.StringFlag{Name: "keytab-file", Usage: "kerberos: `FILE` with the user's keys, in place of a password"},
		&cli.StringFlag{Name: "credential-cache", Usage: "kerberos: `FILE` that kinit fills, in place of a password; default for the usual one"},
		&cli.StringFlag{Name: "krb5-conf", Usage: "kerberos: `FILE` with the configuration; the system's where left out"},
		&cli.StringFlag{Name: "spn", Usage: "kerberos: `NAME` of the service that tickets are for; HTTP/ and the EWS URL's host where left out"},
		&cli.StringFlag{Name: "crm-url", Usage: "`URL` of the CRM, https://server/install, whose web server shows the callback page"},
		&cli.StringSliceFlag{Name: "allow-mailbox", Usage: "`ADDRESS|DOMAIN|*` that the connection may act for, repeatable; the signed-in account alone where left out"},
		&cli.StringFlag{Name: "impersonation", Usage: "`auto|always|never`: the ExchangeImpersonation header"},
		&cli.StringFlag{Name: "ca-file", Usage: "PEM `FILE` of certificate authorities to trust besides the system's"},
		&cli.StringFlag{Name: "proxy", Usage: "`URL` of a proxy; none for none"},
		&cli.IntFlag{Name: "max-request-mb", Usage: "`MIB` that the server takes in one request, where its admin has changed that; 64 where left out, enough for a file of 47 MiB"},
		&cli.BoolFlag{Name: "insecure-http", Usage: "allow an http EWS URL to another machine: everything can then be read on the way"},
	}
	keySource := &cli.StringFlag{Name: "key-source", Usage: "`file|keyring|systemd-credential|env|passphrase`: where the master key is, chosen when the data directory is made"}
	return &cli.Command{
		Name:  "connection",
		Usage: "make, change and test connections, and sign in",
		Subcommands: []*cli.Command{
			{Name: "new", Usage: "make a connection", Action: s.connectionNew, Flags: local(append(profile, nameFlag, keySource)...)},
			{Name: "list", Usage: "list connections and their state", Action: s.connectionList, Flags: local()},
			{Name: "show", Usage: "show a connection, without its secrets", Action: s.connectionShow, Flags: local(nameFlag)},
			{Name: "edit", Usage: "change the parts of a connection that are given", Action: s.connectionEdit, Flags: local(append(profile, nameFlag)...)},
			{Name: "delete", Usage: "delete a connection with its tokens and secrets", Action: s.connectionDelete, Flags: local(nameFlag,
				&cli.BoolFlag{Name: "yes", Usage: "do not ask"},
			)},
			{Name: "test", Usage: "check one after the other what must work", Action: s.connectionTest, Flags: local(nameFlag, mailboxFlag, traceFlag)},
			{Name: "sign-in", Usage: "sign in by browser", Action: s.connectionSignIn, Flags: local(nameFlag,
				&cli.BoolFlag{Name: "paste", Usage: "read the code, or the whole address that the browser came back to, from standard input"},
				&cli.BoolFlag{Name: "no-browser", Usage: "print the address instead of opening a browser"},
				&cli.IntFlag{Name: "listen-port", Usage: "`PORT` on this machine that the browser comes back to; a free one where left out"},
				&cli.StringFlag{Name: "login-hint", Usage: "`ADDRESS` to fill in on the sign-in page"},
				&cli.DurationFlag{Name: "timeout", Usage: "how long to wait for the browser", Value: defaultSignInTime},
			)},
			{Name: "sign-out", Usage: "forget who has signed in, and the tokens", Action: s.connectionSignOut, Flags: local(nameFlag)},
		},
	}
}
