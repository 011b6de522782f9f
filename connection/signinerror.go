package connection

import (
	"errors"
	"fmt"

	"github.com/exconn/exconn/connection/kerberos"
	"github.com/exconn/exconn/connection/ntlm"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// SignInError says that a connection's sign-in or password is not accepted. It
// wraps the error that says by whom, and Is mailbox.ErrSignInNeeded.
type SignInError struct {
	Connection string
	// User is the user whose own sign-in it is; empty for the connection's.
	User   string
	Err    error
	login  *Login
	method oauth.Method
}

func (e *SignInError) Error() string {
	if e.User != "" {
		return fmt.Sprintf("connection %q, user %s: %v", e.Connection, e.User, e.Err)
	}
	return fmt.Sprintf("connection %q: %v", e.Connection, e.Err)
}

// signInCommand is how a new sign-in begins.
func (e *SignInError) signInCommand() string {
	rest := ""
	if e.User != "" {
		rest = "--user " + e.User
	}
	return command("sign-in", e.Connection, rest)
}

// Unwrap returns the error beneath.
func (e *SignInError) Unwrap() error { return e.Err }

// Is reports true for mailbox.ErrSignInNeeded.
func (e *SignInError) Is(target error) bool { return target == mailbox.ErrSignInNeeded }

// Code returns the identity server's code, or else Exchange's.
func (e *SignInError) Code() string {
	var identity *oauth.Error
	if errors.As(e.Err, &identity) {
		return identity.Code()
	}
	return mailbox.Code(e.Err)
}

// Hint says what to do, by the way in.
func (e *SignInError) Hint() string {
	var identity *oauth.Error
	fromIdentity := errors.As(e.Err, &identity)
	var missing *missingSecretError
	switch {
	case errors.As(e.Err, &missing):
		return "give it again: " + command("edit", e.Connection, missing.flag+" FILE")
	case e.login != nil:
		return e.loginHint()
	case fromIdentity && identity.AADSTS != "" && identity.Hint() != "":
		// The table of AADSTS codes knows best.
		return identity.Hint()
	case fromIdentity && e.method == oauth.ClientSecret:
		return "the application's secret is not accepted: make a new one in the registration, then: " + command("edit", e.Connection, "--client-secret-file FILE")
	case fromIdentity && e.method == oauth.ClientCertificate:
		return "the application's certificate is not accepted: check that it is uploaded to the registration and has not expired, then: " + command("edit", e.Connection, "--certificate-file FILE")
	case fromIdentity:
		return "sign in: " + e.signInCommand()
	case e.method.AppOnly():
		return "Exchange does not accept the application's token: it needs full_access_as_app of Office 365 Exchange Online with an admin's consent, or the role \"Application EWS.AccessAsApp\"; see what the token says with: " + command("test", e.Connection, "")
	}
	return "Exchange does not accept the token: it must be for this server (its audience) and hold EWS.AccessAsUser.All; see what it says with: " + command("test", e.Connection, "") + ", then sign in again: " + e.signInCommand()
}

// loginHint is the hint for an Exchange Server account.
func (e *SignInError) loginHint() string {
	password := command("edit", e.Connection, "--password-file FILE")
	known := windowsHint(e.Err)
	switch {
	case known != "" && e.login.usesPassword() && errors.As(e.Err, new(*kerberos.Error)):
		return known + "; a new password is given with: " + password
	case known != "":
		return known
	case e.login.Kind == NTLM:
		return fmt.Sprintf("Exchange does not accept the password of %s: check the name (anna@example.com or DOMAIN\\anna) and that the account is not locked; give a new password with: %s; "+
			"if name and password are right, NTLM may be forbidden for the account or in the domain, or a proxy that opens TLS is between here and a server with Extended Protection",
			e.login.Username, password)
	case e.login.Kind == Kerberos:
		return fmt.Sprintf("Exchange does not accept the Kerberos ticket of %s: the service's name must be registered for the account that Exchange decrypts tickets with (setspn -Q HTTP/HOST; the alternate service account of all Exchange servers must have the same password), and be the one that tickets are for (%s); "+
			"or a proxy that opens TLS is between here and a server with Extended Protection",
			e.login.Username, command("edit", e.Connection, "--spn HTTP/HOST"))
	}
	return fmt.Sprintf("Exchange does not accept the password of %s, or not Basic authentication: check the name (anna@example.com or DOMAIN\\anna) and that the account is not locked; give a new password with: %s; "+
		"the Exchange admin sees with Get-WebServicesVirtualDirectory whether BasicAuthentication is on",
		e.login.Username, password)
}

// windowsHint returns what an error of NTLM or Kerberos advises, or "".
func windowsHint(err error) string {
	var (
		ticket      *kerberos.Error
		noKerberos  *kerberos.NotOfferedError
		noNTLM      *ntlm.NotOfferedError
		noChallenge *ntlm.ChallengeError
		lost        *ntlm.LostConnectionError
	)
	switch {
	case errors.As(err, &ticket):
		return ticket.Hint()
	case errors.As(err, &noKerberos):
		return noKerberos.Hint()
	case errors.As(err, &noNTLM):
		return noNTLM.Hint()
	case errors.As(err, &noChallenge):
		return noChallenge.Hint()
	case errors.As(err, &lost):
		return lost.Hint()
	}
	return ""
}

// explain adds to an error of a transport what is known of the connection.
func (a *actor) explain(err error) error {
	var already *SignInError
	if err == nil || errors.As(err, &already) {
		return err
	}
	if !errors.Is(err, mailbox.ErrSignInNeeded) {
		return curable(err)
	}
	e := a.signInError(err)
	var identity *oauth.Error
	if errors.As(err, &identity) {
		return e
	}
	// A 401 from Exchange.
	if renewal := a.signer.renewal.Load(); renewal != nil {
		e.Err = fmt.Errorf("%w; and no other token could be got: %w", err, *renewal)
	}
	if e.login != nil {
		a.signer.refused.Store(true)
		a.c.book.noteLogin(a.c.entry.Profile, e)
	}
	return e
}

func (a *actor) signInError(err error) *SignInError {
	e := &SignInError{Connection: a.c.entry.Profile.Name, User: a.user, Err: err, login: a.c.entry.Profile.Login}
	if auth := a.c.entry.Auth; auth != nil {
		e.method = auth.Method
	}
	return e
}
