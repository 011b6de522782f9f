package kerberos

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/exconn/exconn/mailbox"
)

// NotOfferedError is a server that asks for a sign-in, but not by Kerberos. It
// Is mailbox.ErrSignInNeeded. No token was sent.
type NotOfferedError struct {
	// Offered are the schemes that it offers.
	Offered []string
}

func (e *NotOfferedError) Error() string {
	if len(e.Offered) == 0 {
		return "the server does not offer Kerberos (HTTP 401 without a scheme)"
	}
	return fmt.Sprintf("the server does not offer Kerberos (Negotiate), but %s", strings.Join(e.Offered, ", "))
}

// Is reports true for mailbox.ErrSignInNeeded.
func (e *NotOfferedError) Is(target error) bool { return target == mailbox.ErrSignInNeeded }

// Hint says what to do.
func (e *NotOfferedError) Hint() string {
	return "the Exchange admin can switch it on (Set-WebServicesVirtualDirectory -WindowsAuthentication $true, and Negotiate among the providers of Windows Authentication in IIS); or use another way in"
}

// kind says what sort of trouble an Error is.
type kind int

const (
	unavailable kind = iota // mailbox.ErrUnavailable
	refused                 // mailbox.ErrSignInNeeded
	invalid                 // mailbox.ErrInvalid
)

// Error is a ticket that could not be had. It Is mailbox.ErrSignInNeeded where
// the KDC or the credential cache has none for this user and service,
// mailbox.ErrInvalid where a file or name cannot be used, and
// mailbox.ErrUnavailable otherwise.
type Error struct {
	// Problem says what is wrong.
	Problem string
	// Err is the error beneath, if there is one.
	Err  error
	code string
	hint string
	kind kind
}

func (e *Error) Error() string { return "Kerberos: " + e.Problem }

// Unwrap returns the error beneath.
func (e *Error) Unwrap() error { return e.Err }

// Code returns the KDC's code, such as "KDC_ERR_PREAUTH_FAILED", or "".
func (e *Error) Code() string { return e.code }

// Hint says what to do.
func (e *Error) Hint() string { return e.hint }

// Is reports true for the sentinel of the sort of trouble.
func (e *Error) Is(target error) bool {
	return target == map[kind]error{unavailable: mailbox.ErrUnavailable, refused: mailbox.ErrSignInNeeded, invalid: mailbox.ErrInvalid}[e.kind]
}

// kdcCode finds the KDC's code in an error of the module, which keeps the text
// alone.
var kdcCode = regexp.MustCompile(`KRB Error: \((\d+)\) (\w+)`)

// The KDC's codes that are explained (RFC 4120 section 7.5.9).
const (
	clientUnknown   = 6
	serviceUnknown  = 7
	policy          = 12
	noCommonEtype   = 14
	clientRevoked   = 18
	passwordExpired = 23
	wrongPassword   = 24
	serviceNotReady = 29
	badIntegrity    = 31
	clockSkew       = 37
	wrongRealm      = 68
)

// failed makes an *Error of what went wrong on the way to a ticket.
func (l *Login) failed(spn string, err error) *Error {
	var already *Error
	if errors.As(err, &already) {
		return already
	}
	text := err.Error()
	e := &Error{Err: err}
	code := 0
	if m := kdcCode.FindStringSubmatch(text); m != nil {
		code, _ = strconv.Atoi(m[1])
		e.code = m[2]
	}
	switch {
	case code != 0:
	case strings.Contains(text, "clock skew"):
		code = clockSkew
	case strings.Contains(text, "password/keytab incorrect"):
		code = wrongPassword
	case strings.Contains(text, "matching key not found in keytab"):
		code = noCommonEtype
	}
	l.explain(e, code, spn)
	switch {
	case e.Problem != "":
	case strings.Contains(text, "sending to a KDC") || strings.Contains(text, "communicat") || strings.Contains(text, "no KDC") || strings.Contains(text, "lookup "):
		e.Problem = fmt.Sprintf("no Kerberos server (KDC) of %s's realm answers: %s", l.who(), clip(text))
		e.hint = "check that the realm is the Active Directory domain's full name, that port 88 (TCP and UDP) of a domain controller can be reached from here, and that DNS (_kerberos._tcp.REALM) or krb5.conf names it"
	default:
		e.Problem = fmt.Sprintf("no ticket for %s as %s: %s", spn, l.who(), clip(text))
		e.hint = "try the same with kinit and kvno " + spn
	}
	return e
}

// explain fills in what is known of a code.
func (l *Login) explain(e *Error, code int, spn string) {
	e.kind = refused
	who := l.who()
	switch code {
	case clientUnknown:
		e.Problem = fmt.Sprintf("the Kerberos server does not know the user %s", who)
		e.hint = "write the account's logon name (sAMAccountName) and the domain's full name, such as svc@EXAMPLE.COM; a mail address or a user principal name with another suffix is not it"
	case serviceUnknown:
		host := spn[strings.LastIndexByte(spn, '/')+1:]
		e.Problem = fmt.Sprintf("the Kerberos server knows no service %s", spn)
		e.hint = fmt.Sprintf("an admin registers it for the account that Exchange runs Kerberos with (the alternate service account): setspn -S %s DOMAIN\\ACCOUNT$; see what there is with setspn -Q HTTP/*; or use a host name in the URL that is registered, in place of %s", spn, host)
	case policy, clientRevoked:
		e.Problem = fmt.Sprintf("the account %s is locked, disabled or expired, or may not sign in now or from here", who)
		e.hint = "the domain's admin can see and lift it, with Get-ADUser -Properties LockedOut,Enabled,AccountExpirationDate and Unlock-ADAccount"
	case passwordExpired:
		e.Problem = fmt.Sprintf("the password of %s has expired", who)
		e.hint = "set a new password in Active Directory, and give it to the connection"
	case wrongPassword, badIntegrity:
		e.Problem = fmt.Sprintf("the password or keytab of %s is wrong", who)
		e.hint = "give the new password; a keytab has to be made anew after each change of the password"
	case noCommonEtype:
		e.Problem = fmt.Sprintf("there is no kind of encryption that the Kerberos server, this client and the keys of %s or of %s have in common", who, spn)
		e.hint = "let both accounts support AES (msDS-SupportedEncryptionTypes), set the user's password anew after that, and make a keytab anew with AES keys"
	case clockSkew:
		e.Problem = "this machine's clock and the Kerberos server's are too far apart (more than 5 minutes, as a rule)"
		e.hint = "set the clock by the domain's time source (chrony, systemd-timesyncd, w32tm)"
	case wrongRealm:
		e.Problem = fmt.Sprintf("the account %s is of another realm", who)
		e.hint = "write the full name of the Active Directory domain that the account is in, after the @"
	case serviceNotReady:
		e.kind, e.Problem = unavailable, "the Kerberos server is not ready"
		e.hint = "try again later"
	default:
		e.kind = unavailable
	}
}

func (l *Login) who() string {
	if l.opts.Username == "" {
		return "the credential cache's user"
	}
	return l.opts.Username
}

// clip bounds a text from outside and takes out what could disturb a terminal.
func clip(s string) string {
	const most = 300
	r := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s))
	if len(r) > most {
		r = append(r[:most], '…')
	}
	return string(r)
}
