package entra

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Control is what a conditional access policy does.
type Control string

// The controls.
const (
	// Block lets nobody in: AADSTS53003.
	Block Control = "block"
	// BlockDeviceCode lets nobody in by device code, and refuses to renew what
	// came of one: AADSTS53003.
	BlockDeviceCode Control = "block device code"
	// RequireMFA wants a second factor: AADSTS50076. The pages ask for it, or
	// have it set up (User.NoSecondFactor); what was issued without one, or
	// before Policy.Since, is not renewed.
	RequireMFA Control = "require mfa"
	// RequireRegistration wants a second factor to be set up from a place where
	// nobody may: AADSTS50079.
	RequireRegistration Control = "require mfa registration"
	// RequireManagedDevice wants a device that is managed by the organisation,
	// which none is here: AADSTS530003.
	RequireManagedDevice Control = "require managed device"
	// SignInFrequency ends a sign-in when it is as old as Policy.MaxAge:
	// AADSTS70043.
	SignInFrequency Control = "sign-in frequency"
)

// Policy is a conditional access policy. It holds for users: what an
// application does as itself it does not touch.
type Policy struct {
	// Name tells it from others; setting one of the same name replaces it.
	Name string
	// Users are user principal names, and Applications client ids; nil means
	// all.
	Users, Applications []string
	Control             Control
	// Since is when RequireMFA began.
	Since time.Time
	// MaxAge is how long SignInFrequency lets a sign-in live.
	MaxAge time.Duration
}

// SetPolicy adds a policy or replaces the one of its name. It counts from the
// next request on.
func (d *Directory) SetPolicy(p Policy) error {
	switch p.Control {
	case Block, BlockDeviceCode, RequireMFA, RequireRegistration, RequireManagedDevice:
	case SignInFrequency:
		if p.MaxAge <= 0 {
			return fmt.Errorf("set policy %s: the sign-in frequency needs a MaxAge", p.Name)
		}
	default:
		return fmt.Errorf("set policy %s: there is no control %q", p.Name, p.Control)
	}
	p.Users, p.Applications = slices.Clone(p.Users), slices.Clone(p.Applications)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dropPolicy(p.Name)
	d.policies = append(d.policies, p)
	d.keep(keepPolicy+p.Name, &p)
	return nil
}

// RemovePolicy removes a policy.
func (d *Directory) RemovePolicy(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.dropPolicy(name) {
		return fmt.Errorf("there is no policy %q", name)
	}
	d.keep(keepPolicy+name, nil)
	return nil
}

func (d *Directory) dropPolicy(name string) bool {
	before := len(d.policies)
	d.policies = slices.DeleteFunc(slices.Clone(d.policies), func(p Policy) bool { return p.Name == name })
	return len(d.policies) < before
}

func (p Policy) holds(upn, clientID string) bool {
	names := func(list []string, name string) bool { return list == nil || containsFold(list, name) }
	return names(p.Users, upn) && names(p.Applications, clientID)
}

// attempt is what a policy judges.
type attempt struct {
	upn, clientID string
	device        bool // by device code
	// started is when the user signed in at the pages; zero for now.
	started time.Time
	strong  bool // with a second factor
}

// barred returns why a policy, or the application's assignment, stands against a
// sign-in or its renewal.
func (d *Directory) barred(c *call, at attempt) *Error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if app := d.apps[strings.ToLower(at.clientID)]; app != nil && app.Assigned != nil && !containsFold(app.Assigned, at.upn) {
		return fail(50105, "invalid_grant", "The account '%s' is not assigned to the application '%s' (%s), which only those may use who are.", at.upn, app.ClientID, app.Name)
	}
	for _, p := range d.policies {
		if p.holds(at.upn, at.clientID) {
			if e := p.judge(c, at); e != nil {
				return e
			}
		}
	}
	return nil
}

// judge uses the sub-errors by which MSAL tells what may help: message_only
// nothing that the user can do, additional_action another device, basic_action
// a sign-in at the pages.
func (p Policy) judge(c *call, at attempt) *Error {
	renewal := !at.started.IsZero()
	switch p.Control {
	case Block:
		return p.fail(53003, "message_only", "A conditional access policy blocks the access; no token may be issued.")
	case BlockDeviceCode:
		if at.device {
			return p.fail(53003, "message_only", "A conditional access policy blocks sign-ins by device code; no token may be issued.")
		}
	case RequireManagedDevice:
		return p.fail(530003, "additional_action", "The organisation wants a device that it manages.")
	case RequireRegistration:
		return p.fail(50079, "basic_action", "The organisation wants a second factor, and the account has none set up.")
	case RequireMFA:
		if renewal && (!at.strong || at.started.Before(p.Since)) {
			return p.fail(50076, "basic_action", "The organisation wants a second factor for '%s'. Sign in again.", at.clientID)
		}
	case SignInFrequency:
		if renewal && !c.now.Before(at.started.Add(p.MaxAge)) {
			e := fail(70043, "invalid_grant", "The refresh token has expired by the sign-in frequency of a conditional access policy: the sign-in was at %s, and %d seconds are allowed. Sign in again.", at.started.UTC().Format(time.RFC3339), int(p.MaxAge/time.Second))
			e.SubError = "bad_token"
			return e
		}
	}
	return nil
}

// fail makes the refusal, with the claims that a client repeats when it sends
// the user to the pages.
func (p Policy) fail(aadsts int, sub, format string, args ...any) *Error {
	e := fail(aadsts, "invalid_grant", format, args...)
	e.SubError = sub
	e.Claims = `{"access_token":{"capolids":{"essential":true,"values":["` + derivedUUID("policy", p.Name) + `"]}}}`
	return e
}

// barredHere judges a sign-in at the pages and, where a policy stands against
// it, says so. Entra does not go back to the client then: the user is left with
// the page, and a program that waits for a device code hears of it.
func (s *Server) barredHere(c *call, req authRequest, a account) bool {
	e := s.dir.barred(c, attempt{upn: a.UPN, clientID: req.app.ClientID, device: req.device != ""})
	switch {
	case e == nil:
		return false
	case req.device != "":
		s.answerError(c, req, e)
	case req.prompt == "none":
		silent := *e
		silent.OAuth = "interaction_required"
		s.answerError(c, req, &silent)
	default:
		s.errorPage(c, e)
	}
	return true
}

// SetUserConsent lets the users of a tenant consent for themselves, as they may
// at first, or leaves that to admins: AADSTS90094.
func (d *Directory) SetUserConsent(tenant string, allowed bool) error {
	t, ok := d.Tenant(tenant)
	if !ok {
		return fmt.Errorf("there is no tenant %q", tenant)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.adminsAlone[t.ID] = !allowed
	d.keep(keepUserConsent+strings.ToLower(t.ID), allowed)
	return nil
}

func (d *Directory) mayConsent(u User) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return u.Admin || !d.adminsAlone[u.Tenant]
}
