package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/entra"
	"github.com/exconn/exconn/simulator/httpauth"
)

// signInFlags say how the pretend Exchange Server has its people sign in.
func signInFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "schemes", Usage: "how the Exchange Server's people sign in besides tokens: a `LIST` of negotiate, ntlm, basic, in the order in which they are offered, or none", Value: "negotiate,ntlm,basic"},
		&cli.StringFlag{Name: "extended-protection", Usage: "whether NTLM and Kerberos must be bound to the TLS connection: none, allow or require", Value: string(httpauth.ProtectionAllow)},
		&cli.StringFlag{Name: "adfs", Usage: "how the Exchange Server's AD FS is set up: a `LIST` of default (the server sends people there to sign in, and not to Entra), kmsi (people are kept signed in), bare-scopes (token answers name permissions without the resource)"},
		&cli.StringFlag{Name: "external-host", Usage: "the `HOST` in the Exchange Server's external address, such as mail.contoso.example, for whose tokens it is registered too"},
		&cli.StringFlag{Name: "cloud", Usage: "the `CLOUD` that Exchange Online is in: global, gcc-high, dod or china", Value: string(entra.Global)},
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

// readFederation puts the flags about AD FS and the cloud into the options.
func readFederation(c *cli.Context, opts *simulator.Options) error {
	for name := range strings.SplitSeq(c.String("adfs"), ",") {
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "":
		case "default":
			opts.Federation.Default = true
		case "kmsi":
			opts.Federation.EnableKMSI = true
		case "bare-scopes":
			opts.Federation.BareScopes = true
		default:
			return usagef("give some of default, kmsi and bare-scopes, with commas between", "--adfs: there is no %q", name)
		}
	}
	opts.ExternalHost = c.String("external-host")
	if strings.ContainsAny(opts.ExternalHost, "/@ ") {
		return usagef("give the host alone, such as mail.contoso.example", "--external-host: %q is no host", opts.ExternalHost)
	}
	opts.Cloud = entra.Cloud(strings.ToLower(c.String("cloud")))
	if !slices.Contains(entra.Clouds(), opts.Cloud) {
		return usagef("give global, gcc-high, dod or china", "--cloud: there is no %q", c.String("cloud"))
	}
	return nil
}

// offers are the ways to sign in to the Exchange Server, as it offers them.
func offers(sim *simulator.Simulator) []string {
	list := []string{"Bearer"}
	for _, s := range sim.ServerSchemes() {
		list = append(list, string(s))
	}
	return list
}
