package entra

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The cookies of AD FS's pages, of which the second has AD FS's name.
const (
	adfsBrowserCookie = "adfs_browser"
	adfsSessionCookie = "MSISAuth"
)

// adfsRequest is an authorization request that was found to be in order.
type adfsRequest struct {
	client                ADFSClient
	uri, mode             string
	state, nonce          string
	prompt, loginHint     string
	challenge, challenged string // the PKCE challenge and its method
	wish                  adfsWish
	kmsi                  bool
	// device is the device code that waits for the answer; empty for a redirect.
	device string
}

// adfsFlow is a sign-in on its way through the pages.
type adfsFlow struct {
	req           adfsRequest
	browser, csrf string
	// confirmed: the user knows the program whose device code it is.
	confirmed bool
}

// adfsCode is an authorization code that has been issued.
type adfsCode struct {
	req     adfsRequest
	upn     string
	epoch   epoch
	started time.Time
	issued  time.Time
}

// challengePlain is what AD FS takes besides S256 (RFC 7636 section 4.1).
var challengePlain = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// authorize is the authorization endpoint (RFC 6749 section 3.1).
func (a *ADFS) authorize(c *call) {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodPost {
		c.w.Header().Set("Allow", "GET, POST")
		http.Error(c.w, "GET or POST", http.StatusMethodNotAllowed)
		return
	}
	if c.r.ParseForm() != nil {
		a.refusePage(c, msisUnreadable())
		return
	}
	v := c.r.Form
	if e := msisDuplicated(v); e != nil {
		a.refusePage(c, e)
		return
	}
	req, e := a.recipient(v)
	if e != nil {
		a.refusePage(c, e)
		return
	}
	if e := a.details(&req, v); e != nil {
		a.answerError(c, req, e)
		return
	}
	a.begin(c, req)
}

// recipient reads what must be right before anything may be sent anywhere.
func (a *ADFS) recipient(v url.Values) (adfsRequest, *msisError) {
	req := adfsRequest{uri: v.Get("redirect_uri"), state: v.Get("state"), mode: "query"}
	var ok bool
	if req.client, ok = a.Client(v.Get("client_id")); !ok {
		return req, msis(9223, "unauthorized_client", "Received invalid OAuth authorization request. No client is registered with the received 'client_id': '%s'.", v.Get("client_id"))
	}
	switch {
	case req.uri == "":
		return req, msis(9221, "invalid_request", "Received invalid OAuth authorization request. The 'redirect_uri' parameter is empty.")
	case !slices.Contains(req.client.Redirects, req.uri):
		return req, msis(9224, "invalid_request", "Received invalid OAuth authorization request. The received 'redirect_uri' is not registered for the client '%s': '%s'.", req.client.ClientID, req.uri)
	}
	return req, nil
}

// details reads the rest, whose errors go back to the client.
func (a *ADFS) details(req *adfsRequest, v url.Values) *msisError {
	switch mode := v.Get("response_mode"); mode {
	case "", "query", "fragment", "form_post":
		if mode != "" {
			req.mode = mode
		}
	default:
		return msis(0, "invalid_request", "The response_mode '%s' is not known.", mode)
	}
	switch t := v.Get("response_type"); t {
	case "code":
	case "":
		return msisMissing("response_type")
	default:
		// AD FS has the implicit flow; nothing here uses it.
		return msis(0, "unsupported_response_type", "The response_type '%s' is not offered; use 'code'.", t)
	}
	req.challenge, req.challenged = v.Get("code_challenge"), v.Get("code_challenge_method")
	switch {
	case req.challenge == "" && req.challenged == "":
	case req.challenge == "":
		return msisMissing("code_challenge")
	case req.challenged == "S256" && challengePattern.MatchString(req.challenge):
	case (req.challenged == "plain" || req.challenged == "") && challengePlain.MatchString(req.challenge):
		req.challenged = "plain"
	default:
		return msis(0, "invalid_request", "The code_challenge does not fit the code_challenge_method '%s'.", req.challenged)
	}
	req.nonce, req.loginHint = v.Get("nonce"), v.Get("login_hint")
	switch req.prompt = v.Get("prompt"); req.prompt {
	case "", "none", "login":
	default:
		// Microsoft's page on the flows: these two are the only valid ones.
		return msis(0, "invalid_request", "The value '%s' of 'prompt' is not known.", req.prompt)
	}
	if kmsi := v.Get("kmsi"); kmsi != "" {
		req.kmsi, _ = strconv.ParseBool(kmsi)
		req.kmsi = req.kmsi && a.opts.EnableKMSI
	}
	var e *msisError
	req.wish, e = a.wish(req.client, v.Get("resource"), v.Get("scope"))
	return e
}

// begin asks somebody to sign in, unless the browser knows who did.
func (a *ADFS) begin(c *call, req adfsRequest) {
	acc, since, signedIn := a.sessionAccount(c)
	if signedIn && req.loginHint != "" && !strings.EqualFold(req.loginHint, acc.UPN) {
		signedIn = false
	}
	switch {
	case req.prompt == "none" && !signedIn:
		a.answerError(c, req, msis(0, "interaction_required", "Nobody is signed in, and the request forbids to ask (prompt=none)."))
	case signedIn && req.prompt != "login" && req.device == "":
		a.issueCode(c, req, acc, since)
	default:
		id, f := a.newFlow(c, req)
		if req.device != "" {
			a.confirmPage(c, id, f)
			return
		}
		a.signInPage(c, id, f, req.loginHint, nil)
	}
}

func (a *ADFS) newFlow(c *call, req adfsRequest) (string, adfsFlow) {
	browser := cookieOf(c, adfsBrowserCookie)
	if browser == "" {
		browser = newToken()
		a.setCookie(c, adfsBrowserCookie, browser, 0)
	}
	id, f := newToken(), adfsFlow{req: req, browser: browser, csrf: newToken()}
	a.mu.Lock()
	a.flows.put(id, f, c.now, c.now.Add(flowLifetime))
	a.mu.Unlock()
	return id, f
}

func cookieOf(c *call, name string) string {
	ck, err := c.r.Cookie(name)
	if err != nil {
		return ""
	}
	return ck.Value
}

func (a *ADFS) setCookie(c *call, name, value string, lifetime int) {
	http.SetCookie(c.w, &http.Cookie{
		Name: name, Value: value, Path: "/adfs", MaxAge: lifetime, HttpOnly: true,
		Secure: strings.HasPrefix(c.base, "https:"), SameSite: http.SameSiteLaxMode,
	})
}

// sessionAccount returns who is signed in in this browser, and since when.
func (a *ADFS) sessionAccount(c *call) (account, time.Time, bool) {
	a.mu.Lock()
	ses, ok := a.sessions.get(cookieOf(c, adfsSessionCookie), c.now)
	a.mu.Unlock()
	if !ok {
		return account{}, time.Time{}, false
	}
	acc, ok := a.account(ses.upn)
	return acc, ses.started, ok && !acc.Disabled && acc.epoch() == ses.epoch
}

func adfsForm(path, id string, f adfsFlow) form {
	return form{Action: "/adfs" + path, Flow: id, CSRF: f.csrf}
}

func (a *ADFS) signInPage(c *call, id string, f adfsFlow, name string, e *msisError) {
	directory := "Work or school account"
	if t, ok := a.dir.Tenant(a.opts.Tenant); ok {
		directory = t.Name
	}
	c.show(http.StatusOK, "signin.html", "Sign in", func(fr frame) any {
		return struct {
			frame
			Form           form
			App, Directory string
			Account        string
			Problem        *problem
		}{frame: fr, Form: adfsForm("/login", id, f), App: f.req.client.Name, Directory: directory, Account: name, Problem: a.problem(c, e)}
	})
}

// submitted reads a posted form and finds the flow that it belongs to.
func (a *ADFS) submitted(c *call) (string, adfsFlow, *msisError) {
	if c.r.Method != http.MethodPost {
		c.w.Header().Set("Allow", "POST")
		return "", adfsFlow{}, msis(0, "invalid_request", "This page takes a form by POST.")
	}
	if c.r.ParseForm() != nil {
		return "", adfsFlow{}, msisUnreadable()
	}
	if e := msisDuplicated(c.r.PostForm); e != nil {
		return "", adfsFlow{}, e
	}
	id := c.r.PostForm.Get("flow")
	a.mu.Lock()
	f, ok := a.flows.get(id, c.now)
	a.mu.Unlock()
	if !ok {
		return "", adfsFlow{}, msis(0, "invalid_request", "The sign-in took too long or was finished before. Go back to the application and start again.")
	}
	if !same(cookieOf(c, adfsBrowserCookie), f.browser) || !same(c.r.PostForm.Get("csrf"), f.csrf) {
		return "", adfsFlow{}, msis(0, "invalid_request", "A cookie or a form field is missing or belongs to another sign-in. Go back to the application and start again.")
	}
	return id, f, nil
}

// login takes the account and password from the sign-in page. AD FS does not
// tell a wrong name from a wrong password or a disabled account.
func (a *ADFS) login(c *call) {
	id, f, e := a.submitted(c)
	if e == nil && f.req.device != "" && !f.confirmed {
		e = msis(0, "invalid_request", "Confirm first which application signs in.")
	}
	if e != nil {
		a.refusePage(c, e)
		return
	}
	name := strings.TrimSpace(c.r.PostForm.Get("account"))
	acc, ok := a.account(name)
	if !ok || !acc.Password.is(c.r.PostForm.Get("password")) || acc.Disabled {
		e := msis(0, "access_denied", "The user name or the password is wrong.")
		a.logRefusal(c, e)
		a.signInPage(c, id, f, name, e)
		return
	}
	ses := newToken()
	a.mu.Lock()
	_, current := a.flows.get(id, c.now)
	a.flows.remove(id)
	a.sessions.put(ses, session{upn: acc.UPN, epoch: acc.epoch(), started: c.now}, c.now, c.now.Add(adfsSSO))
	a.mu.Unlock()
	if !current { // the form was sent twice
		a.refusePage(c, msis(0, "invalid_request", "This sign-in was finished before. Go back to the application and start again."))
		return
	}
	a.setCookie(c, adfsSessionCookie, ses, 0)
	a.issueCode(c, f.req, acc, c.now)
}

// permits tells whether a Web API's access control policy lets a user in. Here
// it is the users of the registration whom it names.
func (api *WebAPI) permits(u User) bool { return api.Users == nil || containsFold(api.Users, u.UPN) }

// issueCode sends the client its code.
func (a *ADFS) issueCode(c *call, req adfsRequest, acc account, started time.Time) {
	if !req.wish.api.permits(acc.User) {
		// AD FS keeps the user on its page.
		e := msis(5007, "access_denied", "The caller authorization failed for caller identity %s for relying party trust %s.", a.windowsName(acc.User), req.wish.resource)
		if req.device != "" {
			a.decideDevice(c, req.device, func(g *adfsDevice) { g.state, g.refused = deviceRefused, e })
			return
		}
		a.refusePage(c, e)
		return
	}
	if req.device != "" {
		a.decideDevice(c, req.device, func(g *adfsDevice) {
			g.state, g.upn, g.epoch, g.started = deviceApproved, acc.UPN, acc.epoch(), started
		})
		return
	}
	value := newToken()
	a.mu.Lock()
	a.codes.put(value, adfsCode{req: req, upn: acc.UPN, epoch: acc.epoch(), started: started, issued: c.now}, c.now, c.now.Add(codeLifetime))
	a.mu.Unlock()
	a.opts.Logger.Info("code issued", "client_id", req.client.ClientID, "user", acc.UPN, "correlation_id", c.correlation)
	v := url.Values{"code": {value}}
	if req.wish.has("openid") {
		v.Set("session_state", newUUID())
	}
	a.answer(c, req, v)
}

// answerError sends an error to the client's redirect URI.
func (a *ADFS) answerError(c *call, req adfsRequest, e *msisError) {
	a.logRefusal(c, e)
	a.answer(c, req, url.Values{"error": {e.oauth}, "error_description": {e.Error()}})
}

// answer sends the browser back to the client. AD FS adds the correlation id.
func (a *ADFS) answer(c *call, req adfsRequest, v url.Values) {
	if req.state != "" {
		v.Set("state", req.state)
	}
	v.Set("client-request-id", c.correlation)
	if req.mode == "form_post" {
		c.formPost(req.uri, v)
		return
	}
	u, err := url.Parse(req.uri)
	if err != nil {
		a.refusePage(c, msis(9224, "invalid_request", "The redirect_uri is not a URI."))
		return
	}
	c.redirect(answerURL(u, req.mode, v))
}

// logout ends the browser's session. It goes back only to a URI that is
// registered for the client whose id token comes as id_token_hint (OpenID
// Connect RP-Initiated Logout 1.0).
func (a *ADFS) logout(c *call) {
	if c.r.ParseForm() != nil {
		a.refusePage(c, msisUnreadable())
		return
	}
	if value := cookieOf(c, adfsSessionCookie); value != "" {
		a.mu.Lock()
		a.sessions.remove(value)
		a.mu.Unlock()
		a.setCookie(c, adfsSessionCookie, "", -1)
	}
	back := c.r.Form.Get("post_logout_redirect_uri")
	cl, ok := a.hinted(c.r.Form.Get("id_token_hint"))
	u, err := url.Parse(back)
	if back == "" || err != nil || !ok || !slices.Contains(cl.Redirects, back) {
		c.show(http.StatusOK, "signedout.html", "Sign out", func(fr frame) any { return fr })
		return
	}
	v := url.Values{}
	if state := c.r.Form.Get("state"); state != "" {
		v.Set("state", state)
	}
	if len(v) == 0 {
		c.redirect(back)
		return
	}
	c.redirect(answerURL(u, "query", v))
}
