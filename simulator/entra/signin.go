package entra

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"time"
)

// The cookies. Neither says anything by itself.
const (
	// browserCookie ties the pages of one sign-in to one browser, so that
	// nobody can make another's browser finish a sign-in of theirs.
	browserCookie = "entra_browser"
	// sessionCookie remembers who signed in: single sign-on.
	sessionCookie = "entra_session"
)

// flow is a sign-in on its way through the pages.
type flow struct {
	req     authRequest
	browser string
	// csrf is repeated by every form of the flow.
	csrf string
	// upn is who has signed in within this flow; empty before that.
	upn string
	// waits: the second factor is asked for.
	waits bool
}

// session is a browser in which somebody has signed in.
type session struct {
	upn     string
	epoch   epoch
	started time.Time
	strong  bool // with a second factor
}

// begin decides what an authorization request still needs: somebody to sign
// in, their consent, or nothing.
func (s *Server) begin(c *call, req authRequest) {
	a, ses, signedIn := s.sessionAccount(c)
	weak := s.tooWeak(c, req, a, ses)
	if signedIn && weak != nil && weak.AADSTS == 70043 {
		signedIn = false
	}
	req.strong = signedIn && ses.strong && weak == nil
	if signedIn && s.mayUse(req, a.User) != nil {
		signedIn = false
	}
	if signedIn && req.loginHint != "" && !strings.EqualFold(req.loginHint, a.UPN) {
		signedIn = false
	}
	if req.prompt == "none" {
		switch {
		case !signedIn:
			s.answerError(c, req, fail(50058, "login_required", "Nobody is signed in, and the request forbids to ask (prompt=none)."))
		case weak != nil:
			silent := *weak
			silent.OAuth = "interaction_required"
			s.answerError(c, req, &silent)
		case !s.dir.consented(req.app, a.User, req.keys):
			s.answerError(c, req, consentRequired("consent_required", req.app))
		default:
			s.issueCode(c, req, a)
		}
		return
	}
	id, f := s.newFlow(c, req)
	if !signedIn || req.prompt == "login" || req.prompt == "select_account" {
		s.signInPage(c, id, f, req.loginHint, nil)
		return
	}
	s.afterSignIn(c, id, f, a)
}

// newFlow starts a flow in the browser that asks.
func (s *Server) newFlow(c *call, req authRequest) (string, flow) {
	browser := ""
	if ck, err := c.r.Cookie(browserCookie); err == nil {
		browser = ck.Value
	}
	if browser == "" {
		browser = newToken()
		s.setCookie(c, browserCookie, browser, 0)
	}
	id, f := newToken(), flow{req: req, browser: browser, csrf: newToken()}
	s.mu.Lock()
	s.flows.put(id, f, c.now, c.now.Add(flowLifetime))
	s.mu.Unlock()
	return id, f
}

// setCookie sets a cookie for as long as the browser runs or, where lifetime is
// negative, deletes it.
func (s *Server) setCookie(c *call, name, value string, lifetime int) {
	http.SetCookie(c.w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: lifetime, HttpOnly: true,
		Secure: strings.HasPrefix(c.base, "https:"), SameSite: http.SameSiteLaxMode,
	})
}

// tooWeak tells why a policy wants more of the user than the session has: a new
// sign-in, or a second factor.
func (s *Server) tooWeak(c *call, req authRequest, a account, ses session) *Error {
	e := s.dir.barred(c, attempt{upn: a.UPN, clientID: req.app.ClientID, device: req.device != "", started: ses.started, strong: ses.strong})
	if e != nil && (e.AADSTS == 50076 || e.AADSTS == 70043) {
		return e
	}
	return nil
}

// sessionAccount returns who is signed in in this browser, and how.
func (s *Server) sessionAccount(c *call) (account, session, bool) {
	s.mu.Lock()
	ses, ok := s.sessions.get(cookieOf(c, sessionCookie), c.now)
	s.mu.Unlock()
	if !ok {
		return account{}, session{}, false
	}
	a, ok := s.dir.account(ses.upn)
	if !ok || a.Disabled || a.epoch() != ses.epoch {
		return account{}, session{}, false
	}
	return a, ses, true
}

// mayUse tells whether a user may sign in to the request's tenant. Where it
// names none, the application is for all.
func (s *Server) mayUse(req authRequest, u User) *Error {
	if req.realm.tenant != nil && u.Tenant != req.realm.tenant.ID {
		return fail(50020, "invalid_request", "The account '%s' does not belong to the tenant '%s', in which the application '%s' (%s) is used. Sign in with an account of that tenant.", u.UPN, req.realm.tenant.Name, req.app.ClientID, req.app.Name)
	}
	return nil
}

// submitted reads a posted form and finds the flow that it belongs to.
func (s *Server) submitted(c *call) (string, flow, *Error) {
	if c.r.Method != http.MethodPost {
		c.w.Header().Set("Allow", "POST")
		return "", flow{}, wrongMethod("POST", c.r.Method)
	}
	if err := c.r.ParseForm(); err != nil {
		return "", flow{}, fail(90004, "invalid_request", "The request cannot be read as a form.")
	}
	if e := duplicated(c.r.PostForm); e != nil {
		return "", flow{}, e
	}
	id := c.r.PostForm.Get("flow")
	s.mu.Lock()
	f, ok := s.flows.get(id, c.now)
	s.mu.Unlock()
	if !ok {
		return "", flow{}, fail(50089, "invalid_request", "Authentication failed because the sign-in took too long or was finished before. Go back to the application and start again.")
	}
	browser := ""
	if ck, err := c.r.Cookie(browserCookie); err == nil {
		browser = ck.Value
	}
	if !same(browser, f.browser) || !same(c.r.PostForm.Get("csrf"), f.csrf) {
		return "", flow{}, fail(165000, "invalid_request", "A cookie or a form field is missing or belongs to another sign-in. Go back to the application and start again.")
	}
	return id, f, nil
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// login takes the account and password from the sign-in page.
func (s *Server) login(c *call) {
	id, f, e := s.submitted(c)
	if e != nil {
		s.errorPage(c, e)
		return
	}
	name := strings.TrimSpace(c.r.PostForm.Get("account"))
	a, e := s.checkPassword(f.req, name, c.r.PostForm.Get("password"))
	if e != nil {
		s.logRefusal(c, e)
		s.signInPage(c, id, f, name, e)
		return
	}
	ses := newToken()
	s.mu.Lock()
	s.sessions.put(ses, session{upn: a.UPN, epoch: a.epoch(), started: c.now}, c.now, c.now.Add(sessionLifetime))
	s.mu.Unlock()
	s.setCookie(c, sessionCookie, ses, 0)
	f.req.strong = false // that was another session
	s.afterSignIn(c, id, f, a)
}

func (s *Server) checkPassword(req authRequest, name, password string) (account, *Error) {
	if name == "" {
		return account{}, fail(90013, "invalid_request", "Enter the account that you sign in with.")
	}
	a, ok := s.dir.account(name)
	if !ok {
		where := "any directory"
		if req.realm.tenant != nil {
			where = "the " + req.realm.tenant.Name + " directory"
		}
		return account{}, fail(50034, "invalid_grant", "The account %s does not exist in %s.", name, where)
	}
	if a.Locked {
		return account{}, fail(50053, "invalid_grant", "The account is locked, because somebody tried too often with a wrong password.")
	}
	if !a.Password.is(password) {
		return account{}, fail(50126, "invalid_grant", "The account or the password is wrong.")
	}
	if a.Disabled {
		return account{}, disabledError()
	}
	if a.PasswordExpired {
		return account{}, fail(50055, "invalid_grant", "The password has expired.")
	}
	if e := s.mayUse(req, a.User); e != nil {
		return account{}, e
	}
	return a, nil
}

func disabledError() *Error {
	return fail(50057, "invalid_grant", "The account is disabled.")
}

// afterSignIn asks for the second factor and for consent where they are needed,
// else ends the flow.
func (s *Server) afterSignIn(c *call, id string, f flow, a account) {
	if s.barredHere(c, f.req, a) {
		s.endFlow(id, c.now)
		return
	}
	if !f.req.strong && s.dir.wantsFactor(a.UPN, f.req.app.ClientID) {
		f.upn, f.waits = a.UPN, true
		s.mu.Lock()
		s.flows.change(id, f)
		s.mu.Unlock()
		s.factorPage(c, id, f, a.User)
		return
	}
	agreed := f.req.prompt != "consent" && s.dir.consented(f.req.app, a.User, f.req.keys)
	if agreed && f.req.device == "" {
		if s.endFlow(id, c.now) {
			s.issueCode(c, f.req, a)
		} else {
			s.errorPage(c, fail(50089, "invalid_request", "This sign-in was finished before. Go back to the application and start again."))
		}
		return
	}
	if !agreed && (!s.dir.mayConsent(a.User) || f.req.forTenant && !a.Admin) {
		s.endFlow(id, c.now)
		s.answerError(c, f.req, adminNeeded(f.req.app))
		return
	}
	f.upn, f.waits = a.UPN, false
	s.mu.Lock()
	s.flows.change(id, f)
	s.mu.Unlock()
	if agreed {
		s.deviceConfirmPage(c, id, f, a.User)
		return
	}
	s.consentPage(c, id, f, a.User)
}

// endFlow reports whether the caller is the one who ended it: a form that is
// sent twice must not issue two codes.
func (s *Server) endFlow(id string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.flows.get(id, now)
	s.flows.remove(id)
	return ok
}

// consent takes the answer from the consent page.
func (s *Server) consent(c *call) {
	id, f, e := s.submitted(c)
	if e == nil && (f.upn == "" || f.waits) {
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
	answer := c.r.PostForm.Get("consent")
	if answer != "accept" && answer != "cancel" {
		s.errorPage(c, fail(90013, "invalid_request", "Choose Accept or Cancel."))
		return
	}
	if !s.endFlow(id, c.now) {
		s.errorPage(c, fail(50089, "invalid_request", "This sign-in was finished before. Go back to the application and start again."))
		return
	}
	if answer == "cancel" && f.req.forTenant {
		s.answerError(c, f.req, fail(65004, "consent_required", "The administrator declined to consent."))
		return
	}
	if answer == "cancel" {
		s.answerError(c, f.req, fail(65004, "access_denied", "User declined to consent to the permissions that the application asked for."))
		return
	}
	if f.req.forTenant {
		s.consentedForTenant(c, f.req, a)
		return
	}
	s.dir.addConsent(f.req.app.ClientID, a.ID, f.req.keys)
	s.issueCode(c, f.req, a)
}

func consentRequired(oauth string, app Application) *Error {
	e := fail(65001, oauth, "Neither the user nor an administrator has consented to what the application '%s' (%s) asks for. Sign in again, so that the user can.", app.ClientID, app.Name)
	e.SubError = "consent_required"
	return e
}

// logout ends the browser's session (OpenID Connect RP-Initiated Logout 1.0).
// It goes back to the client only by a URI that some application of the realm
// has registered.
func (s *Server) logout(c *call) {
	if err := c.r.ParseForm(); err != nil {
		s.errorPage(c, fail(50061, "invalid_request", "The request to sign out cannot be read."))
		return
	}
	if ck, err := c.r.Cookie(sessionCookie); err == nil {
		s.mu.Lock()
		s.sessions.remove(ck.Value)
		s.mu.Unlock()
		s.setCookie(c, sessionCookie, "", -1)
	}
	back := c.r.Form.Get("post_logout_redirect_uri")
	if back != "" && s.dir.knowsRedirect(c.realm.tenantID(), back) {
		s.answer(c, authRequest{uri: back, mode: "query", state: c.r.Form.Get("state")}, map[string][]string{})
		return
	}
	s.signedOutPage(c)
}

// knowsRedirect reports whether an application of the tenant, or of any where
// tenantID is empty, has registered the URI.
func (d *Directory) knowsRedirect(tenantID, uri string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, a := range d.apps {
		if tenantID != "" && a.Tenant != tenantID && !a.MultiTenant {
			continue
		}
		if _, e := a.redirect(uri); e == nil {
			return true
		}
	}
	return false
}
