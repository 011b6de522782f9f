package main

import (
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/exconn/exconn/simulator/entra"
)

// What an admin of the pretend Entra does.

// policy sets a conditional access policy, or removes it.
func (r *scriptRun) policy(ts *testscript.TestScript, args []string) {
	const usage = "usage: policy block|device-code|mfa|mfa-registration|managed-device|frequency=DURATION [off]"
	if len(args) == 0 || len(args) > 2 || len(args) == 2 && args[1] != "off" {
		ts.Fatalf(usage)
	}
	directory := r.needWorld(ts).Directory()
	name, text, _ := strings.Cut(args[0], "=")
	if len(args) == 2 {
		ts.Check(directory.RemovePolicy(name))
		return
	}
	p := entra.Policy{Name: name}
	switch name {
	case "block":
		p.Control = entra.Block
	case "device-code":
		p.Control = entra.BlockDeviceCode
	case "mfa":
		p.Control, p.Since = entra.RequireMFA, time.Now().Add(time.Duration(r.ahead.Load()))
	case "mfa-registration":
		p.Control = entra.RequireRegistration
	case "managed-device":
		p.Control = entra.RequireManagedDevice
	case "frequency":
		d, err := time.ParseDuration(text)
		ts.Check(err)
		p.Control, p.MaxAge = entra.SignInFrequency, d
	default:
		ts.Fatalf(usage)
	}
	ts.Check(directory.SetPolicy(p))
}

// consent changes who may consent to applications, and who has.
func (r *scriptRun) consent(ts *testscript.TestScript, args []string) {
	const usage = "usage: consent users|admins fabrikam.example | consent grant|revoke APP"
	if len(args) != 2 {
		ts.Fatalf(usage)
	}
	directory := r.needWorld(ts).Directory()
	var err error
	switch args[0] {
	case "users", "admins":
		err = directory.SetUserConsent(args[1], args[0] == "users")
	case "grant", "revoke":
		app, ok := directory.Application(args[1])
		if !ok {
			ts.Fatalf("there is no application %s", args[1])
		}
		if args[0] == "grant" {
			err = directory.GrantAdminConsent(app.ClientID, app.Tenant)
		} else {
			err = directory.RevokeAdminConsent(app.ClientID, app.Tenant)
		}
	default:
		ts.Fatalf(usage)
	}
	ts.Check(err)
}

// app changes who may use an application.
func (r *scriptRun) app(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: app disable|enable APP | app assign APP [ADDRESS...]")
	}
	directory := r.needWorld(ts).Directory()
	switch args[0] {
	case "disable", "enable":
		ts.Check(directory.EnableApplication(args[1], args[0] == "enable"))
	case "assign":
		ts.Check(directory.Assign(args[1], args[2:]))
	default:
		ts.Fatalf("an application cannot be %sd", args[0])
	}
}
