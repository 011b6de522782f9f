package main

import (
	"slices"

	"github.com/urfave/cli/v2"
)

// nameFlag names a connection where the command is about connections.
var nameFlag = &cli.StringFlag{Name: "name", Aliases: []string{"connection", "c"}, Usage: "`NAME` of the connection"}

// userFlag names a CRM user who signs in for himself.
var userFlag = &cli.StringFlag{Name: "user", Usage: "`ADDRESS` of the CRM user whose own sign-in it is, where each user signs in; the connection's own account where left out"}

func (s system) connection() *cli.Command {
	profile := []cli.Flag{
		&cli.StringFlag{Name: "exchange-type", Usage: "`online|server`: Exchange Online (Microsoft 365), or an Exchange Server"},
		&cli.StringFlag{Name: "protocol", Usage: "`ews|smtp|graph`; for smtp and graph this version signs in and checks the token, sending and reading come later"},
		&cli.StringFlag{Name: "ews-url", Usage: "`URL` of Exchange.asmx; where left out, Exchange Online's own, or what Autodiscover says of --username at an Exchange Server"},
		&cli.StringFlag{Name: "client-id", Usage: "application (client) `ID` of the registration"},
		&cli.StringFlag{Name: "account-type", Usage: "supported account `TYPE`: common, organizations, a tenant id or a domain"},
		&cli.StringFlag{Name: "cloud", Usage: "`global|gcc-high|dod|china`: Microsoft's cloud that the tenant is in; global where left out"},
		&cli.StringFlag{Name: "authority-url", Usage: "`URL` of the authority, for AD FS (https://host/adfs); computed from the cloud and the account type where left out"},
		&cli.StringFlag{Name: "resource", Usage: "`URI` that tokens are for, where it is not the server's own address: its service principal name in Entra, or its identifier at AD FS"},
		&cli.StringFlag{Name: "auth", Usage: "`pkce|web|device-code|client-secret|client-certificate|basic|ntlm|kerberos`: the way in; the last three are for an account of an Exchange Server"},
		&cli.StringFlag{Name: "auth-name", Usage: "`NAME` of an authentication object that another connection made, to share it"},
		&cli.StringFlag{Name: "client-secret-file", Usage: "`FILE` that holds the client secret (- is standard input)"},
		&cli.StringFlag{Name: "certificate-file", Usage: "`FILE` with the certificate and its RSA key: .pfx, or PEM with the key unencrypted"},
		&cli.StringFlag{Name: "certificate-password-file", Usage: "`FILE` that holds the password of a .pfx (- is standard input); it can also be in " + certificatePasswordEnv},
		&cli.StringFlag{Name: "username", Usage: "`USER` of an Exchange Server: address or DOMAIN\\user; with kerberos user@REALM"},
		&cli.StringFlag{Name: "password-file", Usage: "`FILE` that holds the password (- is standard input)"},
		&cli.StringFlag{Name: "keytab-file", Usage: "kerberos: `FILE` with the user's keys, in place of a password"},
		&cli.StringFlag{Name: "credential-cache", Usage: "kerberos: `FILE` that kinit fills, in place of a password; default for the usual one"},
		&cli.StringFlag{Name: "krb5-conf", Usage: "kerberos: `FILE` with the configuration; the system's where left out"},
		&cli.StringFlag{Name: "spn", Usage: "kerberos: `NAME` of the service that tickets are for; HTTP/ and the EWS URL's host where left out"},
		&cli.StringFlag{Name: "crm-url", Usage: "`URL` of the CRM, https://server/install, whose web server shows the callback page"},
		&cli.StringFlag{Name: "redirect-uri", Usage: "`URI` that is registered, whole and letter by letter, where it is another address than the callback page's: such as https://crm.example.com/admin/smtp_oauth_microsoft/token"},
		&cli.StringFlag{Name: "smtp-host", Usage: "smtp: `HOST` that takes mail; Exchange Online's own where left out"},
		&cli.IntFlag{Name: "smtp-port", Usage: "smtp: `PORT`; 587 where left out"},
		&cli.StringFlag{Name: "smtp-security", Usage: "smtp: `auto|starttls|tls`; tls at port 587 means that STARTTLS is required, as guides write it"},
		&cli.StringFlag{Name: "sender", Usage: "smtp: `ADDRESS` that mail is sent from; whoever has signed in where left out"},
		&cli.StringSliceFlag{Name: "allow-mailbox", Usage: "`ADDRESS|DOMAIN|*` that the connection may act for, repeatable; the signed-in account alone where left out"},
		&cli.StringFlag{Name: "impersonation", Usage: "`auto|always|never`: the ExchangeImpersonation header"},
		&cli.StringFlag{Name: "ca-file", Usage: "PEM `FILE` of certificate authorities to trust besides the system's"},
		&cli.StringFlag{Name: "proxy", Usage: "`URL` of a proxy; none for none"},
		&cli.IntFlag{Name: "max-request-mb", Usage: "`MIB` that the server takes in one request, where its admin has changed that; 64 where left out, enough for a file of 47 MiB"},
		&cli.BoolFlag{Name: "insecure-http", Usage: "allow an http EWS URL to another machine: everything can then be read on the way"},
	}
	profile = slices.Clip(append(append(profile, secretExpiresFlag), alertFlags...))
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
				&cli.BoolFlag{Name: "keep-auth", Usage: "keep the authentication object with its sign-ins for another connection (--auth-name)"},
			)},
			{Name: "test", Usage: "check one after the other what must work", Action: s.connectionTest, Flags: local(nameFlag, mailboxFlag, traceFlag)},
			{Name: "sign-in", Usage: "sign in by browser, or by a code for a browser elsewhere", Action: s.connectionSignIn, Flags: local(nameFlag,
				&cli.BoolFlag{Name: "paste", Usage: "read the code, or the whole address that the browser came back to, from standard input"},
				&cli.BoolFlag{Name: "no-browser", Usage: "print the address instead of opening a browser"},
				&cli.IntFlag{Name: "listen-port", Usage: "`PORT` on this machine that the browser comes back to; a free one where left out"},
				&cli.StringFlag{Name: "login-hint", Usage: "`ADDRESS` to fill in on the sign-in page"},
				userFlag,
				&cli.DurationFlag{Name: "timeout", Usage: "how long to wait for the browser", Value: defaultSignInTime},
			)},
			{Name: "sign-out", Usage: "forget who has signed in, and the tokens", Action: s.connectionSignOut, Flags: local(nameFlag, userFlag)},
			s.connectionExport(),
			s.connectionImport(keySource),
		},
	}
}
