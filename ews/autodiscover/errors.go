package autodiscover

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/soap"
)

// Error is a search that found no EWS URL. It Is the sentinel error of package
// mailbox that fits what the servers said: ErrNotFound, ErrSignInNeeded,
// ErrAccessDenied, ErrBusy, ErrInvalid, else ErrUnavailable; or the context's
// error alone where the caller gave up.
type Error struct {
	// Address is the one that was asked for.
	Address string
	// Attempts are all steps of the search, in the order in which they began.
	Attempts []Attempt
	// Err is the reason that tells most.
	Err error

	// telling is the attempt that Err is from, or nil.
	telling *Attempt
	kind    error
}

func (e *Error) Error() string {
	s := "Autodiscover found no EWS URL for " + clip(e.Address, 100)
	if e.telling != nil {
		s += ": " + e.telling.String()
	} else {
		s += ": " + e.Err.Error()
	}
	if n := len(e.Attempts); n > 1 {
		s += fmt.Sprintf(" (%d steps were tried)", n)
	}
	return s
}

// Unwrap returns the reason that tells most.
func (e *Error) Unwrap() error { return e.Err }

// Is tells which sentinel error of package mailbox the error is.
func (e *Error) Is(target error) bool { return e.kind != nil && e.kind == target }

// Code returns Autodiscover's own error code, such as "InvalidUser", or "".
func (e *Error) Code() string {
	var s *ServerError
	if errors.As(e.Err, &s) {
		return s.Code
	}
	return ""
}

// RequestID returns the server's id of the request that failed, or "".
func (e *Error) RequestID() string {
	if e.telling != nil {
		return e.telling.RequestID
	}
	return ""
}

// RetryAfter returns how long the server asked to wait, or 0.
func (e *Error) RetryAfter() time.Duration {
	var s *StatusError
	if errors.As(e.Err, &s) {
		return s.RetryAfter
	}
	return 0
}

// byHand is the way out of every failure.
const byHand = "or give the EWS URL yourself: an Exchange admin reads it with Get-WebServicesVirtualDirectory | Format-List ExternalUrl,InternalUrl"

// Hint says what a person can do.
func (e *Error) Hint() string {
	var (
		redirect    *RedirectError
		certificate *tls.CertificateVerificationError
		status      *StatusError
	)
	switch {
	case errors.Is(e.Err, context.Canceled):
		return ""
	case errors.As(e.Err, &redirect) && redirect.Reason == Strange:
		return "if " + clip(redirect.host(), 100) + " belongs to the organisation or its hoster, allow it, " + byHand
	case e.kind == mailbox.ErrInvalid:
		return "check the address: it must be an SMTP address such as anna@example.com"
	case e.kind == mailbox.ErrNotFound:
		return "check the address: Get-Recipient must find a mailbox by it; where the mailbox is elsewhere than the organisation's DNS says, give the EWS URL yourself"
	case errors.As(e.Err, &status) && status.Status == http.StatusUnauthorized && !status.Signed:
		return "the server wants credentials: sign in, " + byHand
	case e.kind == mailbox.ErrSignInNeeded:
		var inner interface{ Hint() string }
		if errors.As(e.Err, &inner) && inner.Hint() != "" {
			return inner.Hint()
		}
		return "the server does not take the credentials: check user name (DOMAIN\\user or address) and password or token, and the way in (it offers: " + offers(status) + "), " + byHand
	case e.kind == mailbox.ErrBusy:
		return "try again in a few minutes"
	case errors.As(e.Err, &certificate):
		return "the server's certificate is not trusted here, or is for another name: give the file of the CA that issued it, " + byHand
	}
	return "check that DNS leads autodiscover." + clip(domainOf(e.Address), 100) + " to the organisation's Exchange, and that a firewall or proxy lets https through, " + byHand
}

func offers(s *StatusError) string {
	if s == nil || len(s.Offers) == 0 {
		return "none is named"
	}
	return strings.Join(s.Offers, ", ")
}

func domainOf(address string) string {
	_, domain, err := split(address)
	if err != nil {
		return "{domain}"
	}
	return domain
}

// StatusError is an answer with an HTTP status that says no.
type StatusError struct {
	Status int
	// Signed: the request carried credentials.
	Signed bool
	// Offers are the ways to sign in that the server names with 401.
	Offers []string
	// RetryAfter is how long the server asks to wait, or 0.
	RetryAfter time.Duration
	// Diagnostics is why a token was refused (x-ms-diagnostics), or "".
	Diagnostics string
	// errorPage: it is Exchange's redirect to its error page, which it uses
	// when it is overloaded.
	errorPage bool
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("HTTP %d", e.Status)
	if t := http.StatusText(e.Status); t != "" {
		s += " " + t
	}
	switch {
	case e.errorPage:
		s += ", to Exchange's error page"
	case e.Status == http.StatusUnauthorized && e.Signed:
		s += ": the credentials were refused"
	case e.Status == http.StatusUnauthorized:
		s += ": credentials are wanted"
	}
	if e.Diagnostics != "" {
		s += ": " + clip(e.Diagnostics, 300)
	}
	return s
}

// Is tells which sentinel error of package mailbox the error is.
func (e *StatusError) Is(target error) bool {
	switch e.Status {
	case http.StatusUnauthorized:
		return target == mailbox.ErrSignInNeeded
	case http.StatusForbidden:
		return target == mailbox.ErrAccessDenied
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return target == mailbox.ErrBusy
	}
	if e.errorPage {
		return target == mailbox.ErrBusy
	}
	return target == mailbox.ErrUnavailable
}

// ServerError is an error that the Autodiscover service itself reports.
type ServerError struct {
	// Code is "InvalidUser" and the like by SOAP and JSON, a number by POX.
	Code string
	Text string
}

func (e *ServerError) Error() string {
	s := "the service reports error " + clip(e.Code, 60)
	if e.Code == "" {
		s = "the service reports an error"
	}
	if e.Text != "" {
		s += ": " + clip(e.Text, 300)
	}
	return s
}

// unknownUser tells whether the service says that nobody has the address.
func (e *ServerError) unknownUser() bool {
	switch e.Code {
	// 500 is POX's "The email address can't be found." ([MS-OXDSCLI]).
	case "InvalidUser", "500", "UserNotFound", "MailboxNotFound":
		return true
	}
	return false
}

// Is tells which sentinel error of package mailbox the error is.
func (e *ServerError) Is(target error) bool {
	switch {
	case e.unknownUser():
		return target == mailbox.ErrNotFound
	case e.Code == "ServerBusy":
		return target == mailbox.ErrBusy
	}
	return target == mailbox.ErrUnavailable
}

// RefusedRedirect is why a redirect was not followed.
type RefusedRedirect string

// The reasons not to follow a redirect.
const (
	// NotHTTPS: it leads to no https URL.
	NotHTTPS RefusedRedirect = "it is no https URL"
	// Strange: the allow rule does not know the host.
	Strange RefusedRedirect = "the host is not one that may be given the address and the credentials"
	// Loop: it leads to where the search has been.
	Loop RefusedRedirect = "the search has been there"
	// TooMany: the search has followed MaxRedirects already.
	TooMany RefusedRedirect = "too many redirects"
	// BadTarget: it is neither a URL nor an address.
	BadTarget RefusedRedirect = "it is neither a URL nor an address"
)

// RedirectError is a redirect that was not followed.
type RedirectError struct {
	// Target is the URL, without query, or the address.
	Target string
	Reason RefusedRedirect
}

func (e *RedirectError) Error() string {
	return "points to " + clip(e.Target, 200) + ", which was not followed: " + string(e.Reason)
}

func (e *RedirectError) host() string {
	_, rest, ok := strings.Cut(e.Target, "://")
	if !ok {
		return e.Target
	}
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// Is reports true for mailbox.ErrUnavailable.
func (e *RedirectError) Is(target error) bool { return target == mailbox.ErrUnavailable }

// AnswerError is an answer that is none of Autodiscover's.
type AnswerError struct {
	// What says what is wrong with it.
	What string
	// Err is the decoder's error, or nil.
	Err error
}

func (e *AnswerError) Error() string {
	if e.Err != nil {
		return e.What + ": " + e.Err.Error()
	}
	return e.What
}

// Unwrap returns the decoder's error.
func (e *AnswerError) Unwrap() error { return e.Err }

// Is reports true for mailbox.ErrUnavailable.
func (e *AnswerError) Is(target error) bool { return target == mailbox.ErrUnavailable }

var errNoURL = &AnswerError{What: "the answer names no https URL of EWS"}

// fail makes the error of a search without result.
func (r *search) fail(ctx context.Context) error {
	e := &Error{Address: r.asked, Attempts: r.report.attempts()}
	if cause := ctx.Err(); cause != nil {
		e.Err = cause
		return e
	}
	best := -1
	for i, a := range e.Attempts {
		if a.Err == nil || errors.Is(a.Err, context.Canceled) {
			continue
		}
		if rank := telling(a.Err); rank > best {
			best, e.telling, e.Err = rank, &e.Attempts[i], a.Err
		}
	}
	if e.Err == nil {
		e.Err = &AnswerError{What: "no server answered"}
	}
	for _, kind := range []error{mailbox.ErrNotFound, mailbox.ErrSignInNeeded, mailbox.ErrAccessDenied, mailbox.ErrBusy} {
		if errors.Is(e.Err, kind) {
			e.kind = kind
			return e
		}
	}
	e.kind = mailbox.ErrUnavailable
	return e
}

// telling ranks errors by how much they say of the mailbox: a service that
// speaks before a server that asks who is there, and hosts that there are not
// last, because one of the usual hosts mostly is not.
func telling(err error) int {
	var (
		server      *ServerError
		status      *StatusError
		redirect    *RedirectError
		answer      *AnswerError
		fault       *soap.Fault
		certificate *tls.CertificateVerificationError
		lookup      *net.DNSError
	)
	switch {
	case errors.As(err, &server) && server.unknownUser():
		return 100
	case errors.As(err, &status) && status.Status == http.StatusUnauthorized && status.Signed:
		return 90
	case errors.As(err, &server), errors.As(err, &fault):
		return 85
	case errors.As(err, &redirect):
		return 80
	case errors.Is(err, mailbox.ErrSignInNeeded) && !errors.As(err, &status):
		// Whoever signs could not.
		return 75
	case errors.As(err, &status) && status.Is(mailbox.ErrBusy):
		return 70
	case errors.As(err, &status) && status.Status == http.StatusUnauthorized:
		return 60
	case errors.As(err, &status) && status.Status == http.StatusForbidden:
		return 50
	case errors.As(err, &answer):
		return 45
	case errors.Is(err, context.DeadlineExceeded):
		return 40
	case errors.As(err, &certificate):
		return 35
	case errors.As(err, &status):
		return 30
	case errors.As(err, &lookup):
		return 0
	}
	return 20
}
