package mailbox

import (
	"errors"
	"time"
)

// The errors that a caller can act on. A transport's own error answers
// errors.Is for one of them, and says more by the interfaces below.
var (
	// ErrInvalid: the caller's input cannot be used as it is.
	ErrInvalid = errors.New("invalid input")
	// ErrSignInNeeded: there is no usable token or password: none yet,
	// expired, revoked, refused.
	ErrSignInNeeded = errors.New("sign-in needed")
	// ErrAccessDenied: Exchange knows who asks, and refuses.
	ErrAccessDenied = errors.New("access denied")
	// ErrPolicyBlocked: EWS is switched off for the mailbox, tenant or
	// application. It Is ErrAccessDenied too.
	ErrPolicyBlocked = errors.New("blocked by policy")
	// ErrFenced: the connection itself may not act for this mailbox; nothing
	// was sent to the server.
	ErrFenced = errors.New("outside the connection's fence")
	// ErrNotFound: no such mailbox, folder, item or attachment.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the item has changed since it was read.
	ErrConflict = errors.New("conflict")
	// ErrExists: there is a folder of that name, or that delegate, already.
	ErrExists = errors.New("exists already")
	// ErrBusy: the server asks to come again later; see RetryAfter.
	ErrBusy = errors.New("server busy")
	// ErrUnavailable: the server cannot be reached, or does not answer as
	// Exchange does.
	ErrUnavailable = errors.New("unavailable")
	// ErrCursorExpired: the sync state is no longer valid; start afresh.
	ErrCursorExpired = errors.New("cursor expired")
	// ErrOutcomeUnknown: a write may or may not have taken effect.
	ErrOutcomeUnknown = errors.New("outcome unknown")
	// ErrUnsupported: this transport or server version cannot do it.
	ErrUnsupported = errors.New("not supported")
)

// Hint returns what a person can do about err: the first advice found on the
// way down, or "".
func Hint(err error) string {
	var h interface{ Hint() string }
	for e := err; errors.As(e, &h); {
		if s := h.Hint(); s != "" {
			return s
		}
		u, ok := h.(interface{ Unwrap() error })
		if !ok {
			break
		}
		e = u.Unwrap()
	}
	return ""
}

// Code returns the server's own code for err, such as "ErrorAccessDenied" or
// "AADSTS65001", or "".
func Code(err error) string {
	var c interface{ Code() string }
	if errors.As(err, &c) {
		return c.Code()
	}
	return ""
}

// RequestID returns the server's request or correlation id for err, or "".
func RequestID(err error) string {
	var r interface{ RequestID() string }
	if errors.As(err, &r) {
		return r.RequestID()
	}
	return ""
}

// RetryAfter returns how long the server asked to wait. It is false where the
// server named no time; zero is never returned with true, because Exchange
// sends 0 ms when it does not know.
func RetryAfter(err error) (time.Duration, bool) {
	var r interface{ RetryAfter() time.Duration }
	if errors.As(err, &r) {
		if d := r.RetryAfter(); d > 0 {
			return d, true
		}
	}
	return 0, false
}
