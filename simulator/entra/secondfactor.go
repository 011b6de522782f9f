package entra

import (
	"net/http"
)

// wantsFactor tells whether a policy wants a second factor of a user.
func (d *Directory) wantsFactor(upn, clientID string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, p := range d.policies {
		if p.Control == RequireMFA && p.holds(upn, clientID) {
			return true
		}
	}
	return false
}

// factorPage asks for the second factor: a request that the user approves on a
// phone, which is two buttons here. Who has none is asked to set one up.
func (s *Server) factorPage(c *call, id string, f flow, u User) {
	title := "Approve sign in request"
	if u.NoSecondFactor {
		title = "More information required"
	}
	c.show(http.StatusOK, "factor.html", title, func(fr frame) any {
		return struct {
			frame
			Form         form
			App, Account string
			SetUp        bool
		}{fr, c.form("/factor", id, f), f.req.app.Name, u.UPN, u.NoSecondFactor}
	})
}

// factor takes the answer of factorPage. A user who declines is left with the
// page; the program waits in vain, as with Entra.
func (s *Server) factor(c *call) {
	id, f, e := s.submitted(c)
	if e == nil && !f.waits {
		e = fail(50058, "invalid_request", "Nobody has signed in yet. Go back to the application and start again.")
	}
	if e != nil {
		s.errorPage(c, e)
		return
	}
	a, ok := s.dir.account(f.upn)
	if !ok || a.Disabled {
		s.errorPage(c, disabledError())
		return
	}
	if c.r.PostForm.Get("factor") != "approve" {
		s.endFlow(id, c.now)
		if a.NoSecondFactor {
			s.errorPage(c, fail(50079, "interaction_required", "The organisation wants a second factor, and the account has none set up."))
			return
		}
		s.errorPage(c, fail(500121, "access_denied", "Authentication failed during the request for the second factor: it was declined."))
		return
	}
	if a.NoSecondFactor {
		if err := s.dir.SetSecondFactor(a.UPN, true); err != nil {
			s.errorPage(c, broken(err))
			return
		}
	}
	f.req.strong, f.waits = true, false
	s.mu.Lock()
	s.flows.change(id, f)
	if ses, ok := s.sessions.get(cookieOf(c, sessionCookie), c.now); ok && ses.upn == a.UPN {
		ses.strong, ses.started = true, c.now
		s.sessions.change(cookieOf(c, sessionCookie), ses)
	}
	s.mu.Unlock()
	s.afterSignIn(c, id, f, a)
}
