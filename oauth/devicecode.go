package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/exconn/exconn/mailbox"
)

// DeviceAttempt is a sign-in by device code in progress (RFC 8628): a person
// opens VerificationURI in a browser on any machine and types UserCode, while
// Wait asks the server whether that has happened. It starts nothing and needs
// no Close.
type DeviceAttempt struct {
	client  *Client
	source  *Source
	session *session
	polls   *poller
	accept  func(Account) error
	// code is behind a pointer because it holds the device code, a secret, and
	// fmt follows no pointer inside a struct; see Token.
	code *public.DeviceCode
}

// BeginDeviceSignIn asks the server for a code, for the method device-code. Of
// the options it uses Scopes, Claims and Check. The account that the Client
// had, if any, stays until the new sign-in has succeeded.
//
// Microsoft advises organizations to block this way in by conditional access,
// because a stranger can send his own code to somebody who then signs in for
// him; many do, and the refusal comes only when the person has signed in.
func (c *Client) BeginDeviceSignIn(ctx context.Context, opts SignInOptions) (*DeviceAttempt, error) {
	if c.cfg.Method != DeviceCode {
		return nil, &Error{Op: "sign-in", kind: mailbox.ErrInvalid, reason: fmt.Sprintf("the method %s does not sign in by device code", c.cfg.Method)}
	}
	if err := opts.validate(); err != nil {
		return nil, err
	}
	if opts.Claims == "" {
		if k, err := c.load(ctx, "sign-in"); err == nil {
			opts.Claims = k.Claims
		}
	}
	d := &DeviceAttempt{client: c, source: c.For(opts.Scopes), session: newSession(c.wire), accept: opts.Check}
	d.polls = &poller{line: d.session.line}
	msal, err := newLibraryOver(c.cfg, d.session, d.polls)
	if err != nil {
		return nil, fromMSAL(ctx, "sign-in", err)
	}
	var options []public.AcquireByDeviceCodeOption
	if opts.Claims != "" {
		options = append(options, public.WithClaims(opts.Claims))
	}
	d.session.begin(nil)
	code, err := msal.public.AcquireTokenByDeviceCode(ctx, d.source.scopes, options...)
	if err != nil {
		return nil, deviceError(fromMSAL(ctx, "sign-in", err))
	}
	d.code = &code
	if !showable(d.UserCode()) || !isHTTPS(d.VerificationURI()) {
		return nil, &Error{Op: "sign-in", kind: mailbox.ErrUnavailable, reason: "the sign-in server's answer holds no code and address to show", hint: "check the authority URL"}
	}
	d.polls.pace(time.Duration(d.code.Result.Interval) * time.Second)
	return d, nil
}

// UserCode returns the code to type, some nine letters. It is good for this
// attempt alone; whoever types it and signs in lets this program in.
func (d *DeviceAttempt) UserCode() string { return d.code.Result.UserCode }

// VerificationURI returns the address of the page to type it on.
func (d *DeviceAttempt) VerificationURI() string { return d.code.Result.VerificationURL }

// Expires returns when the code stops being good, 15 minutes from the start as
// a rule.
func (d *DeviceAttempt) Expires() time.Time { return d.code.Result.ExpiresOn }

// Wait asks the server until somebody has signed in or refused, the code has
// expired or ctx ends, at the pace that the server wants (every 5 s as a rule).
// Call it once.
func (d *DeviceAttempt) Wait(ctx context.Context) (Account, error) {
	result, err := d.code.AuthenticationResult(ctx)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		e := ended(ctx, "sign-in", "nobody has finished the sign-in")
		e.hint = "begin again, and type the code that is shown then in a browser"
		if !errors.Is(ctx.Err(), context.Canceled) {
			e.kind = mailbox.ErrSignInNeeded
		}
		return Account{}, e
	case errors.Is(err, context.DeadlineExceeded) && !time.Now().Before(d.Expires()):
		return Account{}, deviceError(&Error{Op: "sign-in", OAuth: "expired_token", kind: mailbox.ErrSignInNeeded})
	default:
		return Account{}, deviceError(fromMSAL(ctx, "sign-in", err))
	}
	return d.source.signedIn(ctx, d.session, result, "", d.accept)
}

// String names the attempt without its code.
func (d DeviceAttempt) String() string { return "sign-in by device code" }

// Format writes String whatever the verb.
func (d DeviceAttempt) Format(f fmt.State, _ rune) { writeRedacted(f, d.String()) }

// deviceError adds to an error what is particular to this way in.
func deviceError(e *Error) *Error {
	switch {
	case e.AADSTS == "AADSTS7000218" || e.AADSTS == "AADSTS700025":
		e.hint = "in Entra, App registrations, the application, Authentication: set \"Allow public client flows\" to Yes, without which a device code wants a secret"
	case e.OAuth == "expired_token":
		e.hint = "begin again, and type the code in time"
	case e.OAuth == "authorization_declined" || e.OAuth == "access_denied":
		e.hint = "begin again, and confirm on the page that it is this program that you sign in to"
	case aadsts[e.AADSTS].cure == curePolicy:
		e.hint = curePolicy + "; sign-ins by device code are blocked in many organizations: ask for an exception for this application, or choose another way in (pkce with --paste needs no browser on this machine either)"
	}
	return e
}

// showable reports whether a code can be put on a terminal.
func showable(code string) bool {
	return code != "" && len(code) <= 64 && !strings.ContainsFunc(code, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) })
}

func isHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && showableURL(address)
}

func showableURL(address string) bool {
	return len(address) <= 2048 && !strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' })
}

const (
	// devicePace is how often the server is asked where it does not say
	// (RFC 8628 section 3.2), and how much slower it is asked after a
	// slow_down (section 3.5).
	devicePace = 5 * time.Second
	// maxDevicePace bounds the pauses after failures of the network.
	maxDevicePace = time.Minute
)

// poller is the HTTP client of a sign-in by device code. MSAL would ask from
// 50 ms on and heed neither the server's interval nor its slow_down; so a poll
// of MSAL's lasts here until there is an answer to it.
type poller struct {
	line *line

	mu       sync.Mutex
	interval time.Duration
}

// pace sets the pause between two polls.
func (p *poller) pace(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.interval = min(max(d, 0), maxDevicePace)
	if p.interval == 0 {
		p.interval = devicePace
	}
}

func (p *poller) pause() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.interval
}

// CloseIdleConnections is what MSAL's interface wants besides Do.
func (p *poller) CloseIdleConnections() { p.line.CloseIdleConnections() }

// Do sends a request; one that polls as often as needed.
func (p *poller) Do(req *http.Request) (*http.Response, error) {
	if !isPoll(req) {
		return p.line.Do(req)
	}
	for {
		timer := time.NewTimer(p.pause())
		select {
		case <-req.Context().Done():
			timer.Stop()
			return nil, req.Context().Err()
		case <-timer.C:
		}
		resp, err := p.once(req)
		e := asError(err)
		switch {
		case e == nil:
			return resp, err
		case e.OAuth == "authorization_pending":
		case e.OAuth == "slow_down":
			p.pace(p.pause() + devicePace)
		case req.Context().Err() == nil && (errors.Is(e, mailbox.ErrUnavailable) || errors.Is(e, mailbox.ErrBusy)) && e.OAuth == "":
			// RFC 8628 section 3.5 wants patience with a network that fails.
			p.pace(2 * p.pause())
		default:
			return nil, err
		}
	}
}

func (p *poller) once(req *http.Request) (*http.Response, error) {
	again := req.Clone(req.Context())
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	again.Body = body
	return p.line.Do(again)
}

// isPoll reports whether a request carries a device code.
func isPoll(req *http.Request) bool {
	return req.Method == http.MethodPost && requestForm(req).Get("device_code") != ""
}
