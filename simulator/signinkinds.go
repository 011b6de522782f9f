package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/simulator/entra"
)

// signInKinds are effects on what Entra lets people and applications do. A state
// file keeps them.
var signInKinds = []faultKind{
	{FaultKind: FaultKind{"account-state", "account, state", "the account is disabled, enabled, locked, unlocked, or password-expired, or has no-second-factor; enabled does not undo the others"}, effect: true, read: func(f *fields, out *Fault) {
		whose, state := f.account(), choice(f, "state", accountStates)
		out.Effect = func(s *Simulator, k Strike) error {
			return prefixed(accountStates[state](s.directory, cmp.Or(whose, k.Account)))
		}
	}},
	{FaultKind: FaultKind{"application-state", "application, state", "the application of that client id is disabled or enabled, its secrets-expired, an admin's consent to it withdrawn or granted"}, effect: true, read: func(f *fields, out *Fault) {
		app, state := f.text("application"), choice(f, "state", applicationStates)
		if app == "" {
			f.wrong("application", "must be there: a client id")
		}
		out.Effect = func(s *Simulator, _ Strike) error { return s.setApplication(app, state) }
	}},
	{FaultKind: FaultKind{"conditional-access", "account, control, max_age", `a policy for the account ("*" is everyone): block, block-device-code, require-mfa, require-registration, require-managed-device, sign-in-frequency (with max_age), or none, which ends those that are for this account`}, effect: true, read: func(f *fields, out *Fault) {
		whose, control := f.account(), choice(f, "control", controls)
		age := f.duration("max_age", 1, 0)
		if (control == "sign-in-frequency") != (age > 0) {
			f.wrong("max_age", `goes with the control sign-in-frequency, and must be there then, such as "1h"`)
		}
		out.Effect = func(s *Simulator, k Strike) error { return s.setPolicy(cmp.Or(whose, k.Account), control, age) }
	}},
	{FaultKind: FaultKind{"user-consent", "tenant, allowed", "the people of the tenant may consent to applications themselves (allowed is true), or only admins may"}, effect: true, read: func(f *fields, out *Fault) {
		whose, allowed := f.word("tenant", string(Server), string(Online)), f.flag("allowed")
		if f.bare && whose == "" {
			f.wrong("tenant", "must be there, one of %s, %s", Server, Online)
		}
		out.Effect = func(s *Simulator, k Strike) error {
			t := s.tenants[cmp.Or(Tenant(whose), k.Tenant)]
			if t == nil {
				return errors.New("simulator: the request is at no tenant's")
			}
			return prefixed(s.directory.SetUserConsent(t.id, allowed))
		}
	}},
}

var accountStates = map[string]func(*entra.Directory, string) error{
	"disabled":         (*entra.Directory).DisableUser,
	"enabled":          (*entra.Directory).EnableUser,
	"locked":           func(d *entra.Directory, upn string) error { return d.LockUser(upn, true) },
	"unlocked":         func(d *entra.Directory, upn string) error { return d.LockUser(upn, false) },
	"password-expired": (*entra.Directory).ExpirePassword,
	"no-second-factor": func(d *entra.Directory, upn string) error { return d.SetSecondFactor(upn, false) },
}

var applicationStates = map[string]func(*entra.Directory, entra.Application, time.Time) error{
	"disabled": func(d *entra.Directory, a entra.Application, _ time.Time) error {
		return d.EnableApplication(a.ClientID, false)
	},
	"enabled": func(d *entra.Directory, a entra.Application, _ time.Time) error {
		return d.EnableApplication(a.ClientID, true)
	},
	"secrets-expired": func(d *entra.Directory, a entra.Application, now time.Time) error {
		for _, secret := range a.Secrets {
			if err := d.ExpireSecret(a.ClientID, secret.Value, now); err != nil {
				return err
			}
		}
		return nil
	},
	"consent-withdrawn": func(d *entra.Directory, a entra.Application, _ time.Time) error {
		return d.RevokeAdminConsent(a.ClientID, a.Tenant)
	},
	"consent-granted": func(d *entra.Directory, a entra.Application, _ time.Time) error {
		return d.GrantAdminConsent(a.ClientID, a.Tenant)
	},
}

// controls are those of conditional access, by the names that scripts have; ""
// ends the others.
var controls = map[string]entra.Control{
	"block": entra.Block, "block-device-code": entra.BlockDeviceCode, "require-mfa": entra.RequireMFA,
	"require-registration": entra.RequireRegistration, "require-managed-device": entra.RequireManagedDevice,
	"sign-in-frequency": entra.SignInFrequency, "none": "",
}

// choice reads a field that has to be one of some words.
func choice[V any](f *fields, name string, among map[string]V) string {
	words := slices.Sorted(maps.Keys(among))
	word := f.word(name, words...)
	if word == "" && f.problem == nil {
		f.wrong(name, "must be there, one of %s", strings.Join(words, ", "))
	}
	return word
}

func (s *Simulator) setApplication(clientID, state string) error {
	app, ok := s.directory.Application(clientID)
	if !ok {
		return fmt.Errorf("simulator: there is no application with client id %q", clientID)
	}
	return prefixed(applicationStates[state](s.directory, app, s.opts.Now()))
}

func (s *Simulator) setPolicy(account, control string, age time.Duration) error {
	p := entra.Policy{Control: controls[control], Since: s.opts.Now(), MaxAge: age}
	if account != everyMailbox {
		if _, ok := s.directory.User(account); !ok {
			return fmt.Errorf("simulator: there is no user %q", account)
		}
		p.Users = []string{account}
	}
	name := func(c entra.Control) string { return string(c) + " for " + lower(account) }
	if p.Control != "" {
		p.Name = name(p.Control)
		return prefixed(s.directory.SetPolicy(p))
	}
	for _, c := range controls {
		// One that was not set cannot be removed, which is no mistake.
		_ = s.directory.RemovePolicy(name(c))
	}
	return nil
}
