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
	// Name is "sign_in", "token", "server" or "mailbox".
	Name string `json:"check"`
	OK   bool   `json:"ok"`
	// Detail says what was seen.
	Detail string `json:"detail"`
	// Code and Hint are those of Err.
	Code string `json:"code,omitempty"`
	Hint string `json:"hint,omitempty"`
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
	checks = append(checks, c.testServer(ctx))
	if signedIn {
		checks = append(checks, c.testMailbox(ctx, address))
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
	token, err := c.signer.tokens.Token(ctx)
	if err != nil {
		return []Check{failed("sign_in", c.explain(err))}
	}
	detail := "the application has a token"
	if status, err := c.book.Status(ctx, c.entry.Profile.Name); err == nil && status.Username != "" {
		detail = "signed in as " + status.Username
	}
	return []Check{
		passed("sign_in", "%s, until %s", detail, token.Expires.UTC().Format(time.RFC3339)),
		c.testToken(token),
	}
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
		spn = kerberos.ServiceAt(c.signer.origin)
	}
	if _, err := c.link.tickets.Token(ctx, kerberos.Target{SPN: spn}); err != nil {
		return failed(name, c.explain(err))
	}
	return passed(name, "user %s with Kerberos has a ticket for %s", login.Username, spn)
}

// exchangeAppID is Office 365 Exchange Online, which some tokens name as their
// audience in place of its URL.
const exchangeAppID = "00000002-0000-0ff1-ce00-000000000000"

func (c *Connection) testToken(token oauth.Token) Check {
	claims, err := oauth.Inspect(token.Value())
	if err != nil {
		return passed("token", "the token cannot be looked into, which is no fault in itself: %v", err)
	}
	bad := func(hint, format string, args ...any) Check {
		return failed("token", &tokenError{problem: fmt.Sprintf(format, args...), hint: hint})
	}
	resource, err := c.entry.Profile.resource()
	if err != nil {
		return failed("token", err)
	}
	audience := strings.TrimRight(claims.Audience, "/")
	if !strings.EqualFold(audience, resource) && audience != exchangeAppID {
		return bad("in the registration, the permission must be one of Office 365 Exchange Online (for Exchange Server: of the server's own URL), not of another API",
			"the token is for %s, not for %s", orNothing(claims.Audience), resource)
	}
	rights := "scopes " + orNothing(strings.Join(claims.Scopes, " "))
	wanted := oauth.Delegated
	if c.entry.Auth.Method.AppOnly() {
		wanted = oauth.AppOnly
		rights = "roles " + strings.Join(claims.Roles, " ")
		if len(claims.Roles) == 0 {
			rights = "no roles (right where they come from RBAC for Applications)"
		}
	}
	if claims.Kind != wanted && claims.Kind != oauth.KindUnknown {
		return bad("", "the token is %s, although the method %s yields %s ones", claims.Kind, c.entry.Auth.Method, wanted)
	}
	if wanted == oauth.Delegated && len(claims.Scopes) > 0 && !slices.Contains(claims.Scopes, "EWS.AccessAsUser.All") {
		return bad("give the registration the delegated permission EWS.AccessAsUser.All of Office 365 Exchange Online, with consent, and sign in again: "+command("sign-in", c.entry.Profile.Name, ""),
			"the token has not the scope EWS.AccessAsUser.All (%s)", rights)
	}
	kind := "kind unknown"
	if claims.Kind != oauth.KindUnknown {
		kind = string(claims.Kind)
	}
	return passed("token", "for %s, %s, %s, until %s", claims.Audience, kind, rights, claims.Expires.UTC().Format(time.RFC3339))
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// tokenError is a token that cannot work. It Is mailbox.ErrSignInNeeded: no
// retry mends it.
type tokenError struct{ problem, hint string }

func (e *tokenError) Error() string        { return e.problem }
func (e *tokenError) Hint() string         { return e.hint }
func (e *tokenError) Is(target error) bool { return target == mailbox.ErrSignInNeeded }

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
