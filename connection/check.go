package connection

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/connection/kerberos"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// Check is the result of one check of Test.
type Check struct {
	// Name is "sign_in", "token", "server" or "mailbox"; "protocol" stands in
	// place of the last two where this version does not speak it.
	Name string `json:"check"`
	OK   bool   `json:"ok"`
	// Detail says what was seen.
	Detail string `json:"detail"`
	// Code and Hint are those of Err.
	Code string `json:"code,omitempty"`
	Hint string `json:"hint,omitempty"`
	// Status is how things stand with the sign-in; of "sign_in" alone, where
	// there is an authentication object.
	Status *Status `json:"status,omitempty"`
	// Err is why the check failed; nil where OK.
	Err error `json:"-"`
}

func passed(name, format string, args ...any) Check {
	return Check{Name: name, OK: true, Detail: fmt.Sprintf(format, args...)}
}

func failed(name string, err error) Check {
	return Check{Name: name, Detail: err.Error(), Code: mailbox.Code(err), Hint: mailbox.Hint(err), Err: err}
}

// Test checks one after the other what must work: the sign-in or login, what
// the token says of itself, whether the server answers, and whether the inbox
// of a mailbox opens. It goes on after a failure where a later check can still
// tell something. An empty address means the account's own mailbox, or else
// the first one that the fence names. The error is the first check's that
// failed.
func (c *Connection) Test(ctx context.Context, address string) ([]Check, error) {
	checks := c.testSignIn(ctx)
	signedIn := checks[0].OK
	if err := c.entry.Profile.supported(); err != nil {
		// There is nothing here that could ask its server.
		checks = append(checks, passed("protocol", "%v", err))
	} else {
		checks = append(checks, c.testServer(ctx))
		if signedIn {
			checks = append(checks, c.testMailbox(ctx, address))
		}
	}
	for _, check := range checks {
		if check.Err != nil {
			return checks, check.Err
		}
	}
	return checks, nil
}

func (c *Connection) testSignIn(ctx context.Context) []Check {
	if login := c.entry.Profile.Login; login != nil {
		return []Check{c.testLogin(ctx, *login)}
	}
	token, err := c.own.signer.tokens.Token(ctx)
	// After the attempt, which may have changed it.
	var known *Status
	if status, statusErr := c.book.Status(ctx, c.entry.Profile.Name); statusErr == nil {
		known = &status
	}
	if err != nil {
		check := failed("sign_in", c.own.explain(err))
		check.Status = known
		return []Check{check}
	}
	detail := "the application has a token"
	if known != nil && known.Username != "" {
		detail = "signed in as " + known.Username
	}
	check := passed("sign_in", "%s, until %s", detail, token.Expires.UTC().Format(time.RFC3339))
	if check.Status = known; known != nil && known.Reason != "" {
		// It ends soon; or the server has said no since, and what is tried
		// here is a token from before.
		check.Detail += "; but " + string(known.State) + ": " + known.Reason
		check.Hint = known.Hint
	}
	return []Check{check, c.testToken(token)}
}

// loginNames are the kinds of login as people call them.
var loginNames = map[LoginKind]string{Basic: "Basic authentication", NTLM: "NTLM", Kerberos: "Kerberos"}

// testLogin gets a ticket where the login is Kerberos'; a password shows its
// worth at the server alone.
func (c *Connection) testLogin(ctx context.Context, login Login) Check {
	const name = "sign_in"
	if c.link.tickets == nil {
		return passed(name, "user %s with %s", login.Username, loginNames[login.Kind])
	}
	spn := login.SPN
	if spn == "" {
		spn = kerberos.ServiceAt(c.own.signer.origin)
	}
	if _, err := c.link.tickets.Token(ctx, kerberos.Target{SPN: spn}); err != nil {
		return failed(name, c.own.explain(err))
	}
	return passed(name, "user %s with Kerberos has a ticket for %s", login.Username, spn)
}

func (c *Connection) testToken(token oauth.Token) Check {
	const name = "token"
	rights, err := c.entry.Profile.Rights(*c.entry.Auth, token)
	switch {
	case errors.Is(err, mailbox.ErrUnsupported):
		return passed(name, "the token cannot be looked into, which is no fault in itself: %v", err)
	case err != nil:
		return failed(name, err)
	case rights.Err() != nil:
		return failed(name, rights.Err())
	}
	return passed(name, "%s", rights)
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// testServer asks the EWS URL for anything, without credentials: whatever
// answers shows that name, network, proxy and certificate are right, and how
// the server wants to be signed in to.
func (c *Connection) testServer(ctx context.Context) Check {
	const name = "server"
	endpoint := c.entry.Profile.EWSURL
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, http.NoBody)
	if err != nil {
		return failed(name, err)
	}
	hc := &http.Client{Transport: c.link.transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := hc.Do(req)
	if err != nil {
		var own *TLSError
		if !errors.As(err, &own) {
			var ue *url.Error
			if errors.As(err, &ue) {
				err = ue.Err // which does not name the URL once more
			}
			err = &serverError{problem: fmt.Sprintf("%s cannot be reached: %v", endpoint, err), hint: "check host and port of the EWS URL, the network and the proxy", err: err}
		}
		return failed(name, err)
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	_ = resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return failed(name, &serverError{problem: endpoint + " does not exist on the server (HTTP 404)", hint: "Exchange's EWS URL usually ends in /EWS/Exchange.asmx"})
	case resp.StatusCode >= 500:
		return failed(name, &serverError{problem: fmt.Sprintf("%s answers HTTP %d", endpoint, resp.StatusCode), hint: "try again later, and ask the server's admin if it stays"})
	}
	detail := fmt.Sprintf("%s answers (HTTP %d)", endpoint, resp.StatusCode)
	if ways := offered(resp.Header); ways != "" {
		detail += " and offers " + ways
	}
	return passed(name, "%s", detail)
}

// offered returns the names of the authentication schemes that a server
// offers.
func offered(h http.Header) string {
	var ways []string
	for _, value := range h.Values("Www-Authenticate") {
		scheme, _, _ := strings.Cut(strings.TrimSpace(value), " ")
		// A scheme is a short token (RFC 9110 section 11.1); anything else is
		// not shown.
		odd := strings.ContainsFunc(scheme, func(r rune) bool { return !isAlphanumeric(r) && r != '-' })
		if scheme != "" && len(scheme) < 20 && !odd && !slices.Contains(ways, scheme) {
			ways = append(ways, scheme)
		}
	}
	return strings.Join(ways, ", ")
}

// serverError is a server that does not answer as Exchange does. It Is
// mailbox.ErrUnavailable.
type serverError struct {
	problem, hint string
	err           error
}

func (e *serverError) Error() string        { return e.problem }
func (e *serverError) Hint() string         { return e.hint }
func (e *serverError) Unwrap() error        { return e.err }
func (e *serverError) Is(target error) bool { return target == mailbox.ErrUnavailable }

func (c *Connection) testMailbox(ctx context.Context, address string) Check {
	const name = "mailbox"
	if address == "" {
		own, err := c.OwnAddress(ctx)
		if err != nil {
			return failed(name, err)
		}
		if address = own; address == "" {
			address = c.firstAllowed()
		}
	}
	m, err := c.Mailbox(ctx, address)
	if err != nil {
		return failed(name, err)
	}
	for _, err := range m.Messages(ctx, mailbox.Query{Folder: mailbox.Inbox, Limit: 1}) {
		if err != nil {
			return failed(name, err)
		}
	}
	return passed(name, "the inbox of %s opens (%s)", m.Address(), m.Access())
}

// firstAllowed returns the first address that the fence names, or "".
func (c *Connection) firstAllowed() string {
	for _, e := range c.entry.Profile.AllowMailboxes {
		if !strings.HasPrefix(e, "@") && e != "*" {
			return e
		}
	}
	return ""
}
