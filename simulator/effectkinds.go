package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// effectKinds are those that change the world. Where account, mailbox or tenant
// is left out, it is that of the request.
var effectKinds = []faultKind{
	{FaultKind: FaultKind{"lose-sync-states", "mailbox", "the mailbox's sync states are invalid from now on"}, effect: true, read: func(f *fields, out *Fault) {
		at := f.target()
		out.Effect = func(s *Simulator, k Strike) error { return s.LoseSyncStates(at.of(k)) }
	}},
	{FaultKind: FaultKind{"lose-subscriptions", "mailbox", "the subscriptions to the mailbox are gone"}, effect: true, read: func(f *fields, out *Fault) {
		at := f.target()
		out.Effect = func(s *Simulator, k Strike) error { s.DropSubscriptions(at.of(k)); return nil }
	}},
	{FaultKind: FaultKind{"break-streams", "", "all open streams of events break off, and the subscriptions live on"}, effect: true, read: func(_ *fields, out *Fault) {
		out.Effect = func(s *Simulator, _ Strike) error { s.BreakStreams(); return nil }
	}},
	{FaultKind: FaultKind{"expire-tokens", "account", "the account's access tokens expire at once; its refresh tokens live on"}, effect: true, read: func(f *fields, out *Fault) {
		whose := f.account()
		out.Effect = func(s *Simulator, k Strike) error { return s.ExpireTokens(cmp.Or(whose, k.Account)) }
	}},
	{FaultKind: FaultKind{"revoke-tokens", "account", "the account's access and refresh tokens are void"}, effect: true, read: func(f *fields, out *Fault) {
		whose := f.account()
		out.Effect = func(s *Simulator, k Strike) error { return s.RevokeTokens(cmp.Or(whose, k.Account)) }
	}},
	{FaultKind: FaultKind{"skew-clock", "by, tenant", "the clock of Exchange is ahead of Entra's by so much, or behind where by is negative"}, effect: true, read: func(f *fields, out *Fault) {
		by := f.duration("by", -maxSkew, 0)
		if !f.has("by") || by > maxSkew {
			f.wrong("by", `must be there, a duration such as "2h" or "-10m"`)
		}
		whose := f.word("tenant", string(Server), string(Online))
		if f.bare && whose == "" {
			f.wrong("tenant", "must be there, one of %s, %s", Server, Online)
		}
		out.Effect = func(s *Simulator, k Strike) error { return s.SkewClock(cmp.Or(Tenant(whose), k.Tenant), by) }
	}},
	{FaultKind: FaultKind{"advance-clock", "by", "the clock of mailboxes and tokens goes forward by so much"}, effect: true, read: func(f *fields, out *Fault) {
		by := f.duration("by", 1, 0)
		if !f.has("by") || by > maxSkew {
			f.wrong("by", `must be there, a duration such as "2h"`)
		}
		out.Effect = func(s *Simulator, _ Strike) error { return s.AdvanceClock(by) }
	}},
	{FaultKind: FaultKind{"take-impersonation", "account, mailbox", "the account may no longer impersonate the mailbox"}, effect: true, read: func(f *fields, out *Fault) {
		whose, at := f.account(), f.target()
		out.Effect = func(s *Simulator, k Strike) error { return s.TakeImpersonation(cmp.Or(whose, k.Account), at.of(k)) }
	}},
	{FaultKind: FaultKind{"take-folder-rights", "account, mailbox, folder", "the account has no rights any more to that folder of the mailbox, or to anything in it"}, effect: true, read: func(f *fields, out *Fault) {
		whose, at, folder := f.account(), f.target(), f.text("folder")
		out.Effect = func(s *Simulator, k Strike) error {
			return s.TakeFolderRights(cmp.Or(whose, k.Account), at.of(k), folder)
		}
	}},
	{FaultKind: FaultKind{"disable-ews", "mailbox", "EWS is switched off for the mailbox"}, effect: true, read: func(f *fields, out *Fault) {
		at := f.target()
		out.Effect = func(s *Simulator, k Strike) error { return s.DisableEWS(at.of(k), true) }
	}},
	{FaultKind: FaultKind{"deliver", "to, from, subject, text", "a message arrives; where to is left out, in the mailbox of the request"}, effect: true, read: func(f *fields, out *Fault) {
		l := Letter{From: f.text("from"), To: f.texts("to"), Subject: f.text("subject"), Text: f.text("text")}
		if f.bare && len(l.To) == 0 {
			f.wrong("to", "must be there, an address or a list of addresses")
		}
		out.Effect = func(s *Simulator, k Strike) error {
			l := l
			if len(l.To) == 0 {
				l.To = []string{k.Mailbox}
			}
			_, err := s.Deliver(l)
			return err
		}
	}},
}

// maxSkew bounds how far clocks go.
const maxSkew = 10 * 365 * 24 * time.Hour

// everyMailbox is how a script says that a thing concerns all mailboxes.
const everyMailbox = "*"

// aim is the mailbox that an effect is for.
type aim string

// of returns the address, or "" for all mailboxes.
func (a aim) of(k Strike) string {
	switch a {
	case "":
		return k.Mailbox
	case everyMailbox:
		return ""
	}
	return string(a)
}

// target reads whose mailbox an effect is for.
func (f *fields) target() aim {
	a := f.text("mailbox")
	if f.bare && a == "" {
		f.wrong("mailbox", "must be there: an address, or %q for all", everyMailbox)
	}
	return aim(a)
}

// account reads whose rights or tokens an effect is for.
func (f *fields) account() string {
	a := f.text("account")
	if f.bare && a == "" {
		f.wrong("account", "must be there: the address of an account, or the client id of an application")
	}
	return a
}

// ParseEffect reads an effect that is to be had at once: an object with kind
// and the fields of that kind. A mistake in it is a *ScriptError.
func ParseEffect(text []byte) (Effect, error) {
	document, err := locate(text)
	if err != nil {
		return nil, err
	}
	f := document.fields("the effect")
	f.bare = true
	var out Fault
	f.kind(&out)
	if f.problem == nil && out.Effect == nil {
		f.wrong("kind", "%s needs a request that it befalls; put it among the faults", out.Kind)
	}
	f.done()
	if f.problem != nil {
		return nil, f.problem
	}
	return out.Effect, nil
}

// Do has an effect at once.
func (s *Simulator) Do(e Effect) error {
	if e == nil {
		return errors.New("simulator: there is no effect")
	}
	if err := e(s, Strike{}); err != nil {
		return fmt.Errorf("having an effect: %w", err)
	}
	return nil
}
