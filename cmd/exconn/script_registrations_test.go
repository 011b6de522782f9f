package main

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/exconn/exconn/internal/canary"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/simulator/entra"
)

// What an admin of registrations does, besides what the world has already.

// webRedirect registers a redirect URI for the web application.
func (r *scriptRun) webRedirect(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: webredirect URI")
	}
	sim := r.needWorld(ts)
	ts.Check(sim.Directory().AddRedirect(sim.Applications().Web.ClientID, entra.Redirect{URI: args[0], Platform: entra.Web}))
}

// webSecret lets the web application's secret expire, and makes a new one.
func (r *scriptRun) webSecret(ts *testscript.TestScript, args []string) {
	if len(args) != 1 || args[0] != "expire" {
		ts.Fatalf("usage: websecret expire")
	}
	sim := r.needWorld(ts)
	web := sim.Applications().Web
	ts.Check(sim.Directory().ExpireSecret(web.ClientID, web.Secret, time.Now().Add(-time.Hour)))
	fresh := entra.Secret("Fresh" + awkward + rand.Text())
	ts.Check(sim.Directory().AddSecret(web.ClientID, entra.ClientSecret{Value: fresh}))
	r.writeSecret(ts, canaryClientSecret, "new-web-secret", string(fresh))
}

// mailOnly registers an application that may send mail by Graph and nothing
// else.
func (r *scriptRun) mailOnly(ts *testscript.TestScript, _ []string) {
	const tenant = "fabrikam.example"
	secret := entra.Secret("Mail" + awkward + rand.Text())
	app, err := r.needWorld(ts).Directory().AddApplication(entra.Application{
		Name: "Outbound mail", Tenant: tenant, Secrets: []entra.ClientSecret{{Value: secret}}, AdminConsented: true,
		AppRoles: []entra.AppRole{{Resource: "https://graph.microsoft.com", Role: "Mail.Send"}},
	})
	ts.Check(err)
	r.writeSecret(ts, canaryClientSecret, "mail-secret", string(secret))
	ts.Setenv("MAIL_APP", app.ClientID)
}

// multiTenant registers a public client at contoso for the people of every
// organization.
func (r *scriptRun) multiTenant(ts *testscript.TestScript, _ []string) {
	const exchange = "https://outlook.office365.com"
	app, err := r.needWorld(ts).Directory().AddApplication(entra.Application{
		Name: "A CRM for everybody", Tenant: "contoso.example", MultiTenant: true, AllowPublicClient: true,
		Redirects: []entra.Redirect{{URI: "http://localhost", Platform: entra.Public}},
		Delegated: []entra.Permission{{Resource: exchange, Scope: "EWS.AccessAsUser.All"}, {Resource: exchange, Scope: "SMTP.Send"}},
	})
	ts.Check(err)
	ts.Setenv("MULTI_APP", app.ClientID)
}

// pfx writes a .pfx with a certificate that is registered, and its password
// beside it.
func (r *scriptRun) pfx(ts *testscript.TestScript, args []string) {
	encoders := map[string]*pkcs12.Encoder{"modern": pkcs12.Modern2023, "legacy": pkcs12.LegacyRC2, "open": pkcs12.Passwordless}
	if len(args) < 2 || len(args) > 3 || encoders[args[0]] == nil {
		ts.Fatalf("usage: pfx modern|legacy|open FILE [PASSWORD]")
	}
	certificate, text, err := simulator.NewClientCertificate("pfx "+args[1], time.Now())
	ts.Check(err)
	ts.Check(r.needWorld(ts).AddCertificate(certificate))
	numbers, err := canary.PrivateNumbers(text)
	ts.Check(err)
	for _, n := range numbers {
		r.canary(canaryKey, n)
	}
	var key crypto.PrivateKey
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
			ts.Check(err)
		}
	}
	password := ""
	if len(args) == 3 {
		password = args[2]
		r.writeSecret(ts, canaryPassword, args[1]+".password", password)
	}
	content, err := encoders[args[0]].Encode(key, certificate, nil, password)
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(r.secrets, args[1]), content, 0o600))
}
