package simulator

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// harm is what effects have done to a tenant.
type harm struct {
	// ahead is how far the clock of its Exchange is ahead, in nanoseconds.
	ahead atomic.Int64
	// denied holds, by account or client id in lower case, the addresses that
	// may no longer be impersonated; "" stands for all. Guarded by state.mu.
	denied map[string]map[string]bool
}

// skew is how far the clock of the tenant's Exchange is ahead of Entra's.
func (t *tenant) skew() time.Duration { return time.Duration(t.harm.ahead.Load()) }

// denies tells whether somebody has lost the right to impersonate a mailbox.
func (t *tenant) denies(p principal, address string) bool {
	for _, name := range []string{p.account, p.app} {
		if d := t.harm.denied[name]; name != "" && (d[""] || d[address]) {
			return true
		}
	}
	return false
}

// AdvanceClock sets the clock of mailboxes and tokens forward: tokens expire,
// subscriptions end, automatic replies begin. Heartbeats and time limits of
// streams go by the real clock. No state file keeps it.
func (s *Simulator) AdvanceClock(by time.Duration) error {
	if by <= 0 {
		return fmt.Errorf("simulator: the clock goes forward alone, not by %s", by)
	}
	s.ahead.Add(int64(by))
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.wake()
	return nil
}

// Now is the time by the simulator's clock.
func (s *Simulator) Now() time.Time { return s.opts.Now() }

// SkewClock sets the clock of a tenant's Exchange ahead of Entra's, or behind
// it where the duration is negative: tokens are judged by it, and the Date of
// answers tells it. Zero sets it right. The times in mailboxes stay.
func (s *Simulator) SkewClock(t Tenant, by time.Duration) error {
	tenant := s.tenants[t]
	if tenant == nil {
		return fmt.Errorf("simulator: there is no tenant %q", t)
	}
	tenant.harm.ahead.Store(int64(by))
	return nil
}

// LoseSyncStates makes all sync states of a mailbox invalid that were given out
// so far, as when it is restored from a backup; an empty address means all
// mailboxes.
func (s *Simulator) LoseSyncStates(address string) error {
	return s.eachMailbox(address, func(mb *mbox) { mb.lostStates++ })
}

// DisableEWS closes a mailbox to EWS (Set-CASMailbox -EwsEnabled $false), or
// opens it again.
func (s *Simulator) DisableEWS(address string, disabled bool) error {
	if address == "" {
		return errors.New("simulator: EWS is closed for a mailbox, and none is named")
	}
	return s.eachMailbox(address, func(mb *mbox) { mb.ewsDisabled = disabled })
}

// TakeImpersonation takes away from an account, or from an application by its
// client id, the right to impersonate a mailbox; an empty address means all
// mailboxes. It lasts until the simulator ends; no state file keeps it.
func (s *Simulator) TakeImpersonation(account, address string) error {
	kind, err := s.tenantOf(account)
	if err != nil {
		return err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if address != "" && s.state.byAddress[lower(address)] == nil {
		return noMailbox(address)
	}
	h := &s.tenants[kind].harm
	if h.denied == nil {
		h.denied = map[string]map[string]bool{}
	}
	if h.denied[lower(account)] == nil {
		h.denied[lower(account)] = map[string]bool{}
	}
	h.denied[lower(account)][lower(address)] = true
	return nil
}

// TakeFolderRights takes away from an account what it may do in another's
// mailbox: in the one folder, named as distinguished folders are, or where the
// name is empty everywhere, with full access and the right to send.
func (s *Simulator) TakeFolderRights(account, address, folder string) error {
	account = lower(account)
	var problem error
	err := s.eachMailbox(address, func(mb *mbox) {
		if folder == "" {
			for _, f := range mb.all() {
				delete(f.rights, account)
				s.state.keepFolder(f)
			}
			delete(mb.fullAccess, account)
			delete(mb.sendAs, account)
			delete(mb.sendOnBehalf, account)
			return
		}
		f := mb.known(lower(folder))
		if f == nil {
			problem = fmt.Errorf("simulator: %s has no folder that is known as %q", address, folder)
			return
		}
		delete(f.rights, account)
		s.state.keepFolder(f)
	})
	return errors.Join(err, problem)
}

// RevokeTokens voids all tokens of an account, or of an application by its
// client id: Exchange refuses the access tokens at once, Entra the refresh
// tokens.
func (s *Simulator) RevokeTokens(account string) error {
	return prefixed(s.directory.RevokeTokens(account))
}

// ExpireTokens lets the access tokens of an account, or of an application by
// its client id, expire ahead of their time. Refresh tokens live on.
func (s *Simulator) ExpireTokens(account string) error {
	return prefixed(s.directory.ExpireTokens(account))
}

func prefixed(err error) error {
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	return nil
}

// eachMailbox changes a mailbox, or all where the address is empty.
func (s *Simulator) eachMailbox(address string, change func(*mbox)) error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if address != "" {
		mb := s.state.byAddress[lower(address)]
		if mb == nil {
			return noMailbox(address)
		}
		change(mb)
		s.state.keep(mb)
		return nil
	}
	for _, mb := range s.state.mailboxes {
		change(mb)
		s.state.keep(mb)
	}
	return nil
}

func noMailbox(address string) error {
	return fmt.Errorf("simulator: nobody here has the address %q", address)
}

// tenantOf is the tenant of an account or an application.
func (s *Simulator) tenantOf(account string) (Tenant, error) {
	for _, app := range []Application{s.apps.Server, s.apps.Online, s.apps.AppOnly, s.apps.Scoped, s.apps.Unlisted} {
		if lower(app.ClientID) == lower(account) {
			return app.Tenant, nil
		}
	}
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	if mb := s.state.byAddress[lower(account)]; mb != nil {
		return mb.tenant.kind, nil
	}
	return "", fmt.Errorf("simulator: there is no account and no application %q", account)
}
