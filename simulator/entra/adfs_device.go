package entra

import (
	"net/http"
	"net/url"
	"time"
)

// adfsDevice is a sign-in that a program without a browser waits for.
type adfsDevice struct {
	req      adfsRequest
	userCode string
	expires  time.Time
	state    deviceState
	// upn, epoch and started are those of the user who signed in.
	upn     string
	epoch   epoch
	started time.Time
	refused *msisError
	// polled and interval are as in deviceGrant.
	polled   time.Time
	interval time.Duration
}

// adfsDeviceAnswer is the answer of the device authorization endpoint, which in
// AD FS has the page's address with the code in it, and the older name of the
// address too.
type adfsDeviceAnswer struct {
	deviceAnswer
	VerificationComplete string `json:"verification_uri_complete"`
	VerificationURL      string `json:"verification_url"`
}

// deviceCode is the device authorization endpoint (RFC 8628 section 3.1).
func (a *ADFS) deviceCode(c *call) {
	form, e := postedForm(c)
	if e != nil {
		a.refuseJSON(c, e)
		return
	}
	req := adfsRequest{}
	var ok bool
	if req.client, ok = a.Client(form.Get("client_id")); !ok {
		a.refuseJSON(c, unknownClient())
		return
	}
	if req.wish, e = a.wish(req.client, form.Get("resource"), form.Get("scope")); e != nil {
		a.refuseJSON(c, e)
		return
	}
	req.device = newToken()
	g := adfsDevice{req: req, userCode: newUserCode(), expires: c.now.Add(deviceLifetime), interval: deviceInterval}
	a.mu.Lock()
	a.devices.put(req.device, g, c.now, g.expires.Add(deviceLifetime))
	a.userCodes.put(g.userCode, req.device, c.now, g.expires)
	a.mu.Unlock()
	uri := a.at(c, "/oauth2/deviceauth")
	writeJSON(c.w, http.StatusOK, adfsDeviceAnswer{
		deviceAnswer: deviceAnswer{
			UserCode: g.userCode, DeviceCode: req.device, VerificationURI: uri,
			ExpiresIn: int(deviceLifetime / time.Second), Interval: int(deviceInterval / time.Second),
			Message: "Open " + uri + " in a browser and enter the code " + g.userCode + " to sign in.",
		},
		VerificationComplete: uri + "?" + url.Values{"user_code": {g.userCode}, "client-request-id": {c.correlation}}.Encode(),
		VerificationURL:      uri,
	})
}

// postedForm reads the form of a request by a program.
func postedForm(c *call) (url.Values, *msisError) {
	if c.r.Method != http.MethodPost {
		c.w.Header().Set("Allow", "POST")
		e := msis(0, "invalid_request", "This endpoint takes POST, not %s.", c.r.Method)
		e.status = http.StatusMethodNotAllowed
		return nil, e
	}
	if c.r.ParseForm() != nil {
		return nil, msisUnreadable()
	}
	return c.r.PostForm, msisDuplicated(c.r.PostForm)
}

// deviceAuth is the page on which the user types the code, which an address may
// bring along.
func (a *ADFS) deviceAuth(c *call) {
	switch c.r.Method {
	case http.MethodGet, http.MethodHead:
		a.userCodePage(c, c.r.URL.Query().Get("user_code"), nil)
		return
	case http.MethodPost:
	default:
		c.w.Header().Set("Allow", "GET, POST")
		http.Error(c.w, "GET or POST", http.StatusMethodNotAllowed)
		return
	}
	if c.r.ParseForm() != nil {
		a.refusePage(c, msisUnreadable())
		return
	}
	typed := c.r.PostForm.Get("code")
	a.mu.Lock()
	device, ok := a.userCodes.get(plainUserCode(typed), c.now)
	g, found := a.devices.get(device, c.now)
	a.mu.Unlock()
	if !ok || !found || g.state != devicePending {
		e := msis(0, "invalid_grant", "That code is not one that is waited for. Look at it again, or start again in the application.")
		a.logRefusal(c, e)
		a.userCodePage(c, typed, e)
		return
	}
	a.begin(c, g.req)
}

func (a *ADFS) userCodePage(c *call, typed string, e *msisError) {
	c.show(http.StatusOK, "usercode.html", "Enter the code", func(fr frame) any {
		return struct {
			frame
			Action, Code string
			Problem      *problem
		}{fr, "/adfs/oauth2/deviceauth", typed, a.problem(c, e)}
	})
}

// confirmPage asks whether the user knows the program; AD FS does so before the
// sign-in.
func (a *ADFS) confirmPage(c *call, id string, f adfsFlow) {
	c.show(http.StatusOK, "deviceconfirm.html", "Is this yours?", func(fr frame) any {
		return struct {
			frame
			Form         form
			App, Account string
		}{fr, adfsForm("/confirm", id, f), f.req.client.Name, ""}
	})
}

// confirm takes the answer of confirmPage.
func (a *ADFS) confirm(c *call) {
	id, f, e := a.submitted(c)
	if e == nil && f.req.device == "" {
		e = msis(0, "invalid_request", "There is nothing to confirm.")
	}
	if e != nil {
		a.refusePage(c, e)
		return
	}
	if c.r.PostForm.Get("consent") != "accept" {
		a.mu.Lock()
		a.flows.remove(id)
		a.mu.Unlock()
		a.decideDevice(c, f.req.device, func(g *adfsDevice) { g.state = deviceDeclined })
		return
	}
	if acc, since, ok := a.sessionAccount(c); ok {
		a.mu.Lock()
		a.flows.remove(id)
		a.mu.Unlock()
		a.issueCode(c, f.req, acc, since)
		return
	}
	f.confirmed = true
	a.mu.Lock()
	a.flows.change(id, f)
	a.mu.Unlock()
	a.signInPage(c, id, f, "", nil)
}

// decideDevice records what became of a sign-in, if nothing has yet.
func (a *ADFS) decideDevice(c *call, device string, decide func(*adfsDevice)) {
	a.mu.Lock()
	g, ok := a.devices.get(device, c.now)
	late := !ok || g.state != devicePending || !c.now.Before(g.expires)
	if !late {
		decide(&g)
		a.devices.change(device, g)
		a.userCodes.remove(g.userCode)
	}
	a.mu.Unlock()
	switch {
	case late:
		a.refusePage(c, msis(0, "expired_token", "The code has expired or was used before. Start again in the application."))
	case g.refused != nil:
		a.refusePage(c, g.refused)
	default:
		c.show(http.StatusOK, "devicedone.html", "Done here", func(fr frame) any {
			return struct {
				frame
				App      string
				Declined bool
			}{fr, g.req.client.Name, g.state == deviceDeclined}
		})
	}
}

// redeemDevice answers a poll. The names of the errors are those of RFC 8628
// section 3.5, on which AD FS's description of itself rests.
func (a *ADFS) redeemDevice(c *call, t adfsTokenRequest) (*adfsAnswer, *msisError) {
	value := t.form.Get("device_code")
	if value == "" {
		return nil, msisMissing("device_code")
	}
	a.mu.Lock()
	g, ok := a.devices.get(value, c.now)
	early := c.now.Before(g.polled.Add(g.interval))
	g.polled = c.now
	if early && a.opts.SlowDown && g.state == devicePending {
		g.interval += deviceInterval
	}
	approved := ok && g.req.client.ClientID == t.client.ClientID && g.state == deviceApproved && c.now.Before(g.expires)
	if approved {
		g.state = deviceRedeemed
	}
	a.devices.change(value, g)
	a.mu.Unlock()
	switch {
	case approved:
	case !ok || g.req.client.ClientID != t.client.ClientID:
		return nil, msis(0, "invalid_grant", "The device_code is not one that was issued to this client.")
	case g.state == deviceDeclined:
		return nil, msis(0, "access_denied", "The user declined.")
	case g.state == deviceRefused:
		return nil, msis(g.refused.number, "access_denied", "%s", g.refused.message)
	case g.state == deviceRedeemed:
		return nil, msis(0, "invalid_grant", "The device_code has been redeemed already.")
	case !c.now.Before(g.expires):
		return nil, msis(0, "expired_token", "The device_code has expired. Start again.")
	case early && a.opts.SlowDown:
		return nil, msis(0, "slow_down", "The client asks too often; from now on wait %d seconds between two polls.", int(g.interval/time.Second))
	default:
		return nil, msis(0, "authorization_pending", "Nobody has signed in with the code yet. Go on polling.")
	}
	acc, e := a.stillGood(g.upn, g.epoch)
	if e != nil {
		return nil, e
	}
	return a.userTokens(c, adfsGrant{client: t.client, account: acc, wish: g.req.wish, started: g.started}, true)
}
