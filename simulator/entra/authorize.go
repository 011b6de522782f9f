package entra

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// authRequest is an authorization request that was found to be in order.
type authRequest struct {
	realm    realm
	app      Application
	redirect Redirect
	// uri is the redirect URI as it was sent, with the port of the moment.
	uri  string
	mode string // "query", "fragment" or "form_post"
	// state and nonce are the client's own; challenge is its PKCE challenge.
	state, nonce, challenge string
	prompt, loginHint       string
	scopes                  scopes
	// keys are what somebody has to have consented to.
	keys []string
	// contexts are the authentication contexts that were asked for. Who signs
	// in at the pages is taken to have met them.
	contexts []string
	// device is the device code that waits for the answer; empty for a redirect.
	device string
	// strong is whether the sign-in had a second factor.
	strong bool
	// forTenant is true for an admin's consent for the whole tenant.
	forTenant bool
}

// challengePattern is a base64url SHA-256 sum (RFC 7636 section 4.2).
var challengePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// authorize is the authorization endpoint (RFC 6749 section 3.1). It takes the
// request by GET or, as OpenID Connect Core 3.1.2.1 wants, by a posted form.
func (s *Server) authorize(c *call) {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodPost {
		c.w.Header().Set("Allow", "GET, POST")
		s.errorPage(c, wrongMethod("GET, POST", c.r.Method))
		return
	}
	if err := c.r.ParseForm(); err != nil {
		s.errorPage(c, fail(90004, "invalid_request", "The request cannot be read as a form."))
		return
	}
	if e := duplicated(c.r.Form); e != nil {
		s.errorPage(c, e)
		return
	}
	req, e := s.recipient(c.realm, c.r.Form)
	if e != nil {
		// Who sent this, or whereto it wants to go, is not certain: a redirect
		// would hand the answer to a stranger (RFC 6749 section 4.1.2.1).
		s.errorPage(c, e)
		return
	}
	if e := s.details(&req, c.r.Form); e != nil {
		s.answerError(c, req, e)
		return
	}
	s.begin(c, req)
}

// duplicated refuses a parameter that was sent twice (RFC 6749 section 3.1).
func duplicated(v url.Values) *Error {
	for name, values := range v {
		if len(values) > 1 {
			return fail(9000411, "invalid_request", "The request has the parameter '%s' more than once.", name)
		}
	}
	return nil
}

// recipient reads what must be right before anything may be sent anywhere: the
// client, its redirect URI and, as Entra has it, the response type and the PKCE
// method.
func (s *Server) recipient(rm realm, v url.Values) (authRequest, *Error) {
	req := authRequest{realm: rm, uri: v.Get("redirect_uri"), state: v.Get("state"), mode: "query"}
	id := v.Get("client_id")
	if id == "" {
		return req, missing("client_id")
	}
	var e *Error
	if req.app, e = s.application(rm, id); e != nil {
		return req, e
	}
	if req.redirect, e = req.app.redirect(req.uri); e != nil {
		return req, e
	}
	if v.Get("response_type") == "" {
		return req, missing("response_type")
	}
	// Entra accepts "plain", which RFC 7636 section 4.2 leaves to clients that
	// cannot hash and which protects from nobody who can read the request. It is
	// refused here; the number is our guess at what Entra has for a method that
	// it does not know. A challenge without a method counts as plain (section
	// 4.3).
	method := v.Get("code_challenge_method")
	if method != "S256" && (method != "" || v.Get("code_challenge") != "") {
		return req, fail(50149, "invalid_request", "The code_challenge_method '%s' is not accepted; use S256.", method)
	}
	return req, nil
}

// application finds an application and checks that it may be used in a realm.
func (s *Server) application(rm realm, clientID string) (Application, *Error) {
	app, ok := s.dir.Application(clientID)
	if !ok || (rm.tenant != nil && app.Tenant != rm.tenant.ID && !app.MultiTenant) {
		where := rm.name
		if rm.tenant != nil {
			where = rm.tenant.Name
		}
		return Application{}, fail(700016, "unauthorized_client", "The directory '%[2]s' has no application with the identifier '%[1]s'. Either the client id or the tenant is wrong, or nobody there has let the application in yet.", clientID, where)
	}
	if rm.tenant == nil && !app.MultiTenant {
		return Application{}, fail(50194, "invalid_request", "The application '%s' (%s) is registered for a single tenant and cannot be used by way of /%s. Name the tenant in the address, or make the application multi-tenant.", app.ClientID, app.Name, rm.name)
	}
	if app.Disabled {
		return Application{}, fail(7000112, "unauthorized_client", "The application '%s' (%s) is disabled.", app.ClientID, app.Name)
	}
	return app, nil
}

// details reads the rest, whose errors go back to the client.
func (s *Server) details(req *authRequest, v url.Values) *Error {
	switch mode := v.Get("response_mode"); mode {
	case "", "query", "fragment", "form_post":
		if mode != "" {
			req.mode = mode
		}
	default:
		return fail(70007, "unsupported_response_mode", "A code cannot be returned by the response_mode '%s'.", mode)
	}
	switch t := v.Get("response_type"); t {
	case "code":
	case "id_token", "code id_token", "id_token code":
		return fail(700054, "unsupported_response_type", "The application may not ask for an id_token at this endpoint; use response_type 'code'.")
	default:
		return fail(70005, "unsupported_response_type", "The application may not use the response_type '%s'; use 'code'.", t)
	}

	req.challenge = v.Get("code_challenge")
	switch {
	case req.challenge == "" && v.Get("code_challenge_method") != "":
		return missing("code_challenge")
	case req.challenge == "" && (req.redirect.Platform == SPA || s.opts.RequirePKCE):
		return fail(9002325, "invalid_request", "This request needs PKCE (Proof Key for Code Exchange): send a code_challenge.")
	case req.challenge != "" && !challengePattern.MatchString(req.challenge):
		return fail(501491, "invalid_request", "The code_challenge must be the base64url form of a SHA-256 sum, 43 letters long.")
	}

	req.nonce = v.Get("nonce")
	req.loginHint = v.Get("login_hint")
	switch req.prompt = v.Get("prompt"); req.prompt {
	case "", "none", "login", "select_account", "consent":
	default:
		return fail(90023, "invalid_request", "The value '%s' of 'prompt' is not known.", req.prompt)
	}

	if strings.TrimSpace(v.Get("scope")) == "" {
		return missing("scope")
	}
	asked, e := parseClaims(v.Get("claims"))
	if e != nil {
		return e
	}
	req.contexts = asked.contexts
	if req.scopes, e = s.dir.parseScopes(v.Get("scope")); e != nil {
		return e
	}
	req.keys, e = req.scopes.check(s.dir, req.app, req.realm.tenantID())
	return e
}

// code is an authorization code that has been issued. It is kept for a while
// after its time, so that a late client hears the right reason.
type code struct {
	req      authRequest
	upn      string
	epoch    epoch
	issued   time.Time
	redeemed bool
}

// epoch is the state of a user's account when something was issued for it.
type epoch struct{ passwords, revoked int }

func (a account) epoch() epoch { return epoch{a.passwords, a.revoked} }

// issueCode sends the client its code.
func (s *Server) issueCode(c *call, req authRequest, a account) {
	if s.barredHere(c, req, a) {
		return
	}
	if req.device != "" {
		s.decideDevice(c, req.device, func(g *deviceGrant) { g.state, g.upn, g.epoch, g.strong = deviceApproved, a.UPN, a.epoch(), req.strong })
		return
	}
	value := newToken()
	s.mu.Lock()
	s.codes.put(value, code{req: req, upn: a.UPN, epoch: a.epoch(), issued: c.now}, c.now, c.now.Add(6*codeLifetime))
	s.mu.Unlock()
	s.opts.Logger.Info("code issued", "client_id", req.app.ClientID, "user", a.UPN, "correlation_id", c.correlation)
	s.answer(c, req, url.Values{"code": {value}, "session_state": {newUUID()}})
}

// answerError sends an error to the client's redirect URI.
func (s *Server) answerError(c *call, req authRequest, e *Error) {
	s.logRefusal(c, e)
	if req.device != "" {
		s.decideDevice(c, req.device, func(g *deviceGrant) {
			if g.state = deviceDeclined; e.AADSTS != 65004 {
				g.state, g.refused = deviceRefused, e
			}
		})
		return
	}
	v := url.Values{"error": {e.OAuth}, "error_description": {c.description(e)}, "error_uri": {c.errorURI(e)}}
	if e.SubError != "" {
		v.Set("error_subcode", e.SubError)
	}
	if e.Claims != "" {
		v.Set("claims", e.Claims)
	}
	s.answer(c, req, v)
}

// answer sends the browser back to the client in the way that it asked for
// (OAuth 2.0 Multiple Response Type Encoding Practices; Form Post Response Mode).
func (s *Server) answer(c *call, req authRequest, v url.Values) {
	if req.state != "" {
		v.Set("state", req.state)
	}
	if req.mode == "form_post" {
		c.formPost(req.uri, v)
		return
	}
	u, err := url.Parse(req.uri)
	if err != nil {
		s.errorPage(c, fail(90102, "invalid_request", "The redirect_uri is not an absolute URI."))
		return
	}
	if isHTTP(u) && u.Path == "" {
		// Entra returns a redirect URI without a path with a slash after it.
		u.Path = "/"
	}
	c.redirect(answerURL(u, req.mode, v))
}

// answerURL is a redirect URI with an answer, as a response mode has it.
func answerURL(u *url.URL, mode string, v url.Values) string {
	switch target := u.String(); {
	case mode == "fragment":
		return target + "#" + v.Encode()
	case u.RawQuery != "":
		return target + "&" + v.Encode()
	default:
		return target + "?" + v.Encode()
	}
}

// redirect sends the browser to another address.
func (c *call) redirect(target string) {
	c.w.Header().Set("Referrer-Policy", "no-referrer")
	c.w.Header().Set("Location", target)
	c.w.WriteHeader(http.StatusFound)
}
