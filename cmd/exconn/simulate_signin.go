package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/httpauth"
)

// signInFlags say how the pretend Exchange Server has its people sign in.
func signInFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "schemes", Usage: "how the Exchange Server's people sign in besides tokens: a `LIST` of negotiate, ntlm, basic, in the order in which they are offered, or none", Value: "negotiate,ntlm,basic"},
		&cli.StringFlag{Name: "extended-protection", Usage: "whether NTLM and Kerberos must be bound to the TLS connection: none, allow or require", Value: string(httpauth.ProtectionAllow)},
		&cli.StringFlag{Name: "keytab-file", Usage: "the `FILE` with the keys of the Exchange Server's service, with which it takes Kerberos: anna@REALM is anna@contoso.example"},
	}
}

// readSignIn reads them.
func readSignIn(c *cli.Context) (simulator.SignInOptions, error) {
	opts := simulator.SignInOptions{Schemes: []httpauth.Scheme{}, KeytabFile: c.String("keytab-file")}
	if list := c.String("schemes"); !strings.EqualFold(list, "none") {
		for name := range strings.SplitSeq(list, ",") {
			scheme, err := httpauth.ParseScheme(strings.TrimSpace(name))
			if err != nil {
				return opts, usagef("give some of negotiate, ntlm and basic, with commas between, or none", "--schemes %s: %v", list, err)
			}
			opts.Schemes = append(opts.Schemes, scheme)
		}
	}
	var err error
	if opts.ExtendedProtection, err = httpauth.ParseProtection(c.String("extended-protection")); err != nil {
		return opts, usagef("give none, allow or require", "--extended-protection: %v", err)
	}
	if opts.KeytabFile != "" {
		if _, err := httpauth.ReadKeytab(opts.KeytabFile); err != nil {
			return opts, usagef("make it with ktpass or ktadd, for the service HTTP/HOST", "--keytab-file: %v", err)
		}
	}
	return opts, nil
}

// offers are the ways to sign in to the Exchange Server, as it offers them.
func offers(sim *simulator.Simulator) []string {
	list := []string{"Bearer"}
	for _, s := range sim.ServerSchemes() {
		list = append(list, string(s))
	}
	return list
}
