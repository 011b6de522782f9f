package entra

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// deviceGrantType is the grant_type of RFC 8628 section 3.4.
const deviceGrantType = "urn:ietf:params:oauth:grant-type:device_code"

// deviceGrantShort is what MSAL for Go v1.10.1 sends instead (observed), and
// Entra takes.
const deviceGrantShort = "device_code"

const (
	deviceLifetime = 15 * time.Minute
	// deviceInterval is how long a client waits between two polls.
	deviceInterval = 5 * time.Second
)

// deviceGrant is a sign-in that a program without a browser waits for.
type deviceGrant struct {
	req      authRequest
	userCode string
	expires  time.Time
	// state is "" while nobody has decided.
	state deviceState
	// upn and epoch are those of the user who said yes.
	upn    string
	epoch  epoch
	strong bool
	// refused is why the user could not say yes, for the client to hear.
	refused *Error
	// polled is when the client last asked, and interval how long it has to
	// wait, which only counts where Options.SlowDown is set.
	polled   time.Time
	interval time.Duration
}

type deviceState string

const (
	devicePending  deviceState = ""
	deviceApproved deviceState = "approved"
	deviceDeclined deviceState = "declined"
	deviceRefused  deviceState = "refused"
	deviceRedeemed deviceState = "redeemed"
)

// deviceAnswer is the answer of the device authorization endpoint (RFC 8628
// section 3.2). Entra does not send verification_uri_complete.
type deviceAnswer struct {
	UserCode        string `json:"user_code"`
	DeviceCode      string `json:"device_code"`
	VerificationURI string `json:"verification_uri"`
	ExpiresIn       int    `json:"expires_in"` // seconds
	Interval        int    `json:"interval"`   // seconds
	Message         string `json:"message"`
}

// deviceCode is the device authorization endpoint (RFC 8628 section 3.1).
func (s *Server) deviceCode(c *call) {
	if c.r.Method != http.MethodPost {
		c.w.Header().Set("Allow", "POST")
		s.errorJSON(c, wrongMethod("POST", c.r.Method))
		return
	}
	answer, e := s.beginDevice(c)
	if e != nil {
		s.errorJSON(c, e)
		return
	}
	writeJSON(c.w, http.StatusOK, answer)
}

func (s *Server) beginDevice(c *call) (*deviceAnswer, *Error) {
	if err := c.r.ParseForm(); err != nil {
		return nil, fail(90004, "invalid_request", "The request cannot be read as a form.")
	}
	form := c.r.PostForm
	if e := duplicated(form); e != nil {
		return nil, e
	}
	for _, name := range []string{"client_id", "scope"} {
		if strings.TrimSpace(form.Get(name)) == "" {
			return nil, missing(name)
		}
	}
	req := authRequest{realm: c.realm}
	var e *Error
	if req.app, e = s.application(c.realm, form.Get("client_id")); e != nil {
		return nil, e
	}
	if req.scopes, e = s.dir.parseScopes(form.Get("scope")); e != nil {
		return nil, e
	}
	if req.keys, e = req.scopes.check(s.dir, req.app, c.realm.tenantID()); e != nil {
		return nil, e
	}
	req.device = newToken()
	g := deviceGrant{req: req, userCode: newUserCode(), expires: c.now.Add(deviceLifetime), interval: deviceInterval}
	s.mu.Lock()
	s.devices.put(req.device, g, c.now, g.expires.Add(deviceLifetime))
	s.userCodes.put(g.userCode, req.device, c.now, g.expires)
	s.mu.Unlock()
	s.opts.Logger.Info("device code issued", "client_id", req.app.ClientID, "correlation_id", c.correlation)
	uri := c.base + "/common/oauth2/deviceauth"
	return &deviceAnswer{
		UserCode: g.userCode, DeviceCode: req.device, VerificationURI: uri,
		ExpiresIn: int(deviceLifetime / time.Second), Interval: int(deviceInterval / time.Second),
		Message: fmt.Sprintf("Open %s in a browser and enter the code %s to sign in.", uri, g.userCode),
	}, nil
}

// newUserCode returns nine letters, which are hard to mistake for one another
// and spell no words (RFC 8628 section 6.1).
func newUserCode() string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	code := make([]byte, 0, 9)
	for len(code) < cap(code) {
		var b [1]byte
		// rand.Read never returns an error: it ends the program instead.
		_, _ = rand.Read(b[:])
		if int(b[0]) < 256-256%len(letters) { // else some letters were likelier
			code = append(code, letters[int(b[0])%len(letters)])
		}
	}
	return string(code)
}

// plainUserCode is a user code as it was issued, however it was typed.
func plainUserCode(typed string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(typed))
}

// deviceAuth is the page on which the user types the code. It is the same for
// all tenants: which one it is, the code tells.
func (s *Server) deviceAuth(c *call) {
	switch c.r.Method {
	case http.MethodGet, http.MethodHead:
		s.userCodePage(c, "", nil)
		return
	case http.MethodPost:
	default:
		c.w.Header().Set("Allow", "GET, POST")
		s.errorPage(c, wrongMethod("GET, POST", c.r.Method))
		return
	}
	if err := c.r.ParseForm(); err != nil {
		s.errorPage(c, fail(90004, "invalid_request", "The request cannot be read as a form."))
		return
	}
	typed := c.r.PostForm.Get("code")
	s.mu.Lock()
	device, ok := s.userCodes.get(plainUserCode(typed), c.now)
	g, found := s.devices.get(device, c.now)
	s.mu.Unlock()
	if !ok || !found || g.state != devicePending {
		e := fail(70018, "bad_verification_code", "That code is not one that is waited for: it is mistyped, used, or older than %s. Look at it again, or start again in the application.", deviceLifetime)
		s.logRefusal(c, e)
		s.userCodePage(c, typed, e)
		return
	}
	s.begin(c, g.req)
}

// decideDevice records what became of a sign-in, if nothing has yet, and shows
// the user that the rest happens where the program runs.
func (s *Server) decideDevice(c *call, device string, decide func(*deviceGrant)) {
	s.mu.Lock()
	g, ok := s.devices.get(device, c.now)
	late := !ok || g.state != devicePending || !c.now.Before(g.expires)
	if !late {
		decide(&g)
		s.devices.change(device, g)
		s.userCodes.remove(g.userCode)
	}
	s.mu.Unlock()
	if late {
		s.errorPage(c, fail(70019, "expired_token", "The code has expired or was used before. Start again in the application."))
		return
	}
	if g.refused != nil {
		// The browser is told by what Entra shows; the program by its next poll.
		s.errorPage(c, g.refused)
		return
	}
	s.deviceDonePage(c, g)
}

// redeemDeviceCode answers a poll (RFC 8628 section 3.5). The names of the
// errors are Entra's, which has authorization_declined where the RFC has
// access_denied, and bad_verification_code for a code that it does not know.
func (s *Server) redeemDeviceCode(c *call, t tokenRequest) (*tokenAnswer, *Error) {
	value := t.form.Get("device_code")
	if value == "" {
		return nil, missing("device_code")
	}
	acr, platform, e := s.authenticateDevice(c, t)
	if e != nil {
		return nil, e
	}
	g, e := s.poll(c, t, value)
	if e != nil {
		return nil, e
	}
	a, e := s.stillGood(g.upn, g.epoch, platform)
	if e != nil {
		return nil, e
	}
	if e := s.dir.barred(c, attempt{upn: a.UPN, clientID: t.app.ClientID, device: true, started: c.now, strong: g.strong}); e != nil {
		return nil, e
	}
	wanted := g.req.scopes
	if len(wanted.wanted) > 0 {
		wanted.wanted = firstResource(wanted.wanted)
	}
	grant := userGrant{app: t.app, account: a, realm: c.realm, platform: platform, acr: acr, scopes: wanted, started: c.now, device: true, strong: g.strong}
	answer, e := s.userTokens(c, t, grant)
	if e != nil {
		return nil, e
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, ok := s.devices.get(value, c.now); !ok || g.state != deviceApproved {
		return nil, spentDeviceCode()
	}
	g.state = deviceRedeemed
	s.devices.change(value, g)
	s.keepRefreshToken(c, grant, answer)
	return answer, nil
}

// authenticateDevice judges the client: no redirect tells its platform, so that
// the registration's "Allow public client flows" decides.
func (s *Server) authenticateDevice(c *call, t tokenRequest) (acr string, p Platform, e *Error) {
	if t.creds.any() || !t.app.AllowPublicClient {
		acr, e = s.authenticate(c, t)
		return acr, Web, e
	}
	return "0", Public, nil
}

// poll returns the grant if the user has said yes.
func (s *Server) poll(c *call, t tokenRequest, value string) (deviceGrant, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.devices.get(value, c.now)
	if !ok || g.req.app.ClientID != t.app.ClientID || g.req.realm.tenantID() != c.realm.tenantID() {
		return g, fail(70018, "bad_verification_code", "The device_code is not one that was issued to this application by way of '%s'.", c.realm.name)
	}
	early := c.now.Before(g.polled.Add(g.interval))
	g.polled = c.now
	if early && s.opts.SlowDown && g.state == devicePending {
		g.interval += deviceInterval // RFC 8628 section 3.5
	}
	s.devices.change(value, g)
	switch {
	case g.state == deviceApproved && c.now.Before(g.expires):
		return g, nil
	case g.state == deviceDeclined:
		// The number is that of the same refusal on the page; which one Entra
		// sends here is not documented.
		return g, fail(65004, "authorization_declined", "The user declined.")
	case g.state == deviceRefused:
		return g, g.refused
	case g.state == deviceRedeemed:
		return g, spentDeviceCode()
	case !c.now.Before(g.expires):
		return g, fail(70020, "expired_token", "The device_code is not valid any more: it has expired. Start again.")
	case early && s.opts.SlowDown:
		return g, fail(70016, "slow_down", "The application asks too often; from now on wait %d seconds between two polls.", int(g.interval/time.Second))
	}
	return g, fail(70016, "authorization_pending", "Nobody has signed in with the code yet. Go on polling.")
}

// spentDeviceCode: a device code is good for one answer (RFC 8628 section 5.2);
// the number is that of an authorization code that is redeemed twice.
func spentDeviceCode() *Error {
	return fail(54005, "invalid_grant", "The device_code has been redeemed already.")
}
