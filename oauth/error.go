package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
)

// Error says why a sign-in or a renewal did not work. It Is one of
// mailbox.ErrSignInNeeded (a person, or whoever keeps the secret, must act),
// ErrInvalid (the application or the connection is not set up as it must be),
// ErrBusy and ErrUnavailable (try again later), or of the context's error that
// ended it. Its text holds codes and ids, never a token, code or secret.
type Error struct {
	// Op is what was being done: "sign-in" or "token".
	Op string
	// AADSTS is the server's own code, such as "AADSTS65001" (or "MSIS9615" of
	// AD FS), or "".
	AADSTS string
	// OAuth is the protocol's error, such as "invalid_grant", or "".
	OAuth string
	// Description is the first line of the server's explanation, shortened
	// and with anything like a secret taken out, or "".
	Description string
	// CorrelationID and Timestamp are what Microsoft's support asks for, as
	// the server wrote them.
	CorrelationID, Timestamp string
	// Status is the HTTP status, or 0 where the error came through a browser
	// or not from a server.
	Status int
	// SubError is Entra's word for what may help, such as "basic_action" or
	// "message_only", or "".
	SubError string
	// Claims is what the next sign-in must bring along by the server's wish,
	// as JSON, or "".
	Claims string

	// reason is our own account of it where the server gave none.
	reason string
	hint   string
	kind   error
	cause  error
	retry  time.Duration
	// final ends an attempt that could otherwise be tried again.
	final bool
}

// Error names what was done, the code, the cause and the correlation id.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	code := e.AADSTS
	if code == "" {
		code = e.OAuth
	} else if e.OAuth != "" {
		code += " (" + e.OAuth + ")"
	}
	b.WriteString(code)
	cause := e.Cause()
	if code != "" && cause != "" {
		b.WriteString(": ")
	}
	b.WriteString(cause)
	if e.Status >= 300 && e.AADSTS == "" {
		fmt.Fprintf(&b, " (HTTP %d)", e.Status)
	}
	if e.CorrelationID != "" {
		b.WriteString("; correlation id " + e.CorrelationID)
	}
	return b.String()
}

// Cause returns in one sentence what happened, without codes.
func (e *Error) Cause() string {
	if known, ok := aadsts[e.AADSTS]; ok {
		return known.cause
	}
	if e.reason != "" {
		return e.reason
	}
	if e.Description != "" {
		return e.Description
	}
	if known, ok := subErrors[e.SubError]; ok {
		return known.cause
	}
	if s, ok := oauthErrors[e.OAuth]; ok {
		return s
	}
	return "the server refused without saying why"
}

// Hint returns what a person can do about it, or "".
func (e *Error) Hint() string {
	if e.hint != "" {
		return e.hint
	}
	if known, ok := aadsts[e.AADSTS]; ok {
		return known.cure
	}
	if known, ok := subErrors[e.SubError]; ok {
		return known.cure
	}
	if e.OAuth == "access_denied" {
		return "sign in again and accept the permissions, or ask an admin to consent for the organization"
	}
	if e.kind == mailbox.ErrSignInNeeded {
		return "sign in again: exconn connection sign-in"
	}
	return ""
}

// Code returns the AADSTS code, or else the protocol's error.
func (e *Error) Code() string {
	if e.AADSTS != "" {
		return e.AADSTS
	}
	return e.OAuth
}

// RequestID returns the correlation id.
func (e *Error) RequestID() string { return e.CorrelationID }

// RetryAfter returns how long the server asked to wait, or 0.
func (e *Error) RetryAfter() time.Duration { return e.retry }

// Is makes the error one of the mailbox package's; see Error.
func (e *Error) Is(target error) bool { return target != nil && target == e.kind }

// Unwrap returns the error underneath where there is one that is safe to show:
// of the network, of the Cache, of the context.
func (e *Error) Unwrap() error { return e.cause }

// oauthErrors are the protocol's own errors (RFC 6749 sections 4.1.2.1 and
// 5.2, OpenID Connect Core section 3.1.2.6) in plain words.
var oauthErrors = map[string]string{
	"access_denied":             "access was refused on the sign-in page",
	"authorization_declined":    "the sign-in was declined on the page where the code was typed",
	"bad_verification_code":     "the server does not know the code any more",
	"consent_required":          "the permissions have not been consented to",
	"expired_token":             "the code has expired before anybody signed in with it",
	"interaction_required":      "the server wants the person to take part",
	"invalid_client":            "the server does not accept the application's proof of identity",
	"invalid_grant":             "the server does not accept the code or the kept sign-in any more",
	"invalid_request":           "the server does not understand the request",
	"invalid_resource":          "the resource is not known in the tenant",
	"invalid_scope":             "the server does not know the permissions asked for",
	"login_required":            "the server wants the person to sign in",
	"server_error":              "the server had a fault of its own",
	"temporarily_unavailable":   "the server is too busy",
	"unauthorized_client":       "the application may not sign in this way",
	"unsupported_grant_type":    "the server does not offer this way in",
	"unsupported_response_type": "the server does not offer this way in",
}

// subErrors are Entra's words for what may help, where its code is not in the
// table: those of conditional access, and of a grant that is void.
var subErrors = map[string]known{
	"basic_action":          {cause: "the server wants the person to sign in again, for a second factor for one", cure: cureSignIn},
	"additional_action":     {cause: "the organization wants something of the person or the device that no sign-in settles", cure: curePolicy},
	"message_only":          {cause: "a rule of the organization refuses this, and no sign-in helps", cure: curePolicy},
	"consent_required":      {cause: "the permissions have not been consented to", cure: cureConsent},
	"user_password_expired": {cause: "the account's password has expired", cure: "change the password, then sign in again"},
	"bad_token":             {cause: "the kept sign-in has been revoked", cure: cureSignIn},
	"token_expired":         {cause: "the kept sign-in has expired", cure: cureSignIn},
}

// classify returns which of the mailbox package's errors an answer is.
func classify(status int, oauth, code string) error {
	if known, ok := aadsts[code]; ok {
		return known.kind
	}
	switch oauth {
	case "temporarily_unavailable":
		return mailbox.ErrBusy
	case "server_error":
		return mailbox.ErrUnavailable
	case "invalid_grant", "interaction_required", "login_required", "consent_required", "access_denied", "invalid_client",
		"authorization_declined", "expired_token", "bad_verification_code":
		return mailbox.ErrSignInNeeded
	case "invalid_request", "invalid_scope", "invalid_resource", "unauthorized_client", "unsupported_grant_type", "unsupported_response_type", "invalid_instance":
		return mailbox.ErrInvalid
	}
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return mailbox.ErrBusy
	case status == http.StatusUnauthorized:
		return mailbox.ErrSignInNeeded
	case status == 0 && oauth != "":
		// An error of its own kind, brought by the browser: the person was
		// there, and was refused.
		return mailbox.ErrSignInNeeded
	}
	return mailbox.ErrUnavailable
}

// answerError is the body of a refusal from the token endpoint, as Entra and
// AD FS write it.
type answerError struct {
	Error         string `json:"error"`
	Description   string `json:"error_description"`
	CorrelationID string `json:"correlation_id"`
	Timestamp     string `json:"timestamp"`
	Codes         []int  `json:"error_codes"`
	SubError      string `json:"suberror"`
	Claims        string `json:"claims"`
}

// parseRefusal makes an Error of an HTTP answer that is not a success. secrets
// are what the request carried.
func parseRefusal(status int, header http.Header, body []byte, secrets []string) *Error {
	e := &Error{Status: status}
	var answer answerError
	if json.Unmarshal(body, &answer) == nil && answer.Error != "" {
		e.fill(answer.Error, answer.Description, secrets)
		if e.AADSTS == "" && len(answer.Codes) > 0 {
			e.AADSTS = "AADSTS" + strconv.Itoa(answer.Codes[0])
		}
		if answer.CorrelationID != "" {
			e.CorrelationID = tidy(answer.CorrelationID, 64, nil)
		}
		if oauthErrorPattern.MatchString(answer.SubError) {
			e.SubError = answer.SubError
		}
		if validClaims(answer.Claims) {
			e.Claims = answer.Claims
		}
		if answer.Timestamp != "" {
			e.Timestamp = tidy(answer.Timestamp, 64, nil)
		}
	} else {
		e.reason = "the answer is not one of a sign-in server"
		e.hint = "check the authority URL, and whether a proxy answers in the server's place"
		if status >= 500 || status == http.StatusTooManyRequests {
			e.reason, e.hint = "the sign-in server cannot serve at the moment", "try again in a few minutes"
		}
	}
	e.kind = classify(status, e.OAuth, e.AADSTS)
	if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil && seconds > 0 && seconds < 24*60*60 {
		e.retry = time.Duration(seconds) * time.Second
	}
	return e
}

// refusalFromBrowser makes an Error of what the authorize endpoint sent back
// by way of the browser.
func refusalFromBrowser(oauthError, description string) *Error {
	e := &Error{Op: "sign-in"}
	e.fill(oauthError, description, nil)
	e.kind = classify(0, e.OAuth, e.AADSTS)
	return e
}

var (
	codePattern        = regexp.MustCompile(`^\s*((?:AADSTS|AADB2C|MSIS)\d{2,9})\b:?\s*`)
	correlationPattern = regexp.MustCompile(`Correlation ID:\s*([0-9A-Za-z-]{8,64})`)
	timestampPattern   = regexp.MustCompile(`Timestamp:\s*([0-9T:Z .-]{10,40})`)
	trailerPattern     = regexp.MustCompile(`\s*(?:Trace ID|Correlation ID|Timestamp):`)
	oauthErrorPattern  = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)
	// longRun is what a token or code looks like. A dot is not counted in, so
	// that a long host name is no secret; a token's parts are long enough.
	longRun = regexp.MustCompile(`[A-Za-z0-9_~+=%-]{40,}`)
)

// maxDescription is how much of the server's explanation is kept, in bytes.
const maxDescription = 300

// fill reads the protocol's error and the explanation, in which Entra also
// writes its own code and the ids.
func (e *Error) fill(oauthError, description string, secrets []string) {
	if len(description) > 8<<10 {
		description = description[:8<<10]
	}
	if oauthErrorPattern.MatchString(oauthError) {
		e.OAuth = oauthError
	} else {
		e.OAuth = "unknown_error"
	}
	if m := correlationPattern.FindStringSubmatch(description); m != nil {
		e.CorrelationID = m[1]
	}
	if m := timestampPattern.FindStringSubmatch(description); m != nil {
		e.Timestamp = strings.TrimSpace(m[1])
	}
	if m := codePattern.FindStringSubmatch(description); m != nil {
		e.AADSTS = m[1]
		description = description[len(m[0]):]
	}
	if i := trailerPattern.FindStringIndex(description); i != nil {
		description = description[:i[0]]
	}
	if i := strings.IndexAny(strings.TrimSpace(description), "\r\n"); i >= 0 {
		description = strings.TrimSpace(description)[:i]
	}
	e.Description = tidy(description, maxDescription, secrets)
}

// tidy makes a server's text fit to be shown: no secrets, nothing that looks
// like one, no control characters, at most limit bytes.
func tidy(s string, limit int, secrets []string) string {
	for _, secret := range secrets {
		s = strings.ReplaceAll(s, secret, redacted)
	}
	s = longRun.ReplaceAllString(s, redacted)
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.TrimSpace(s)
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}

// ended returns an Error for a context that is over; it Is also the context's
// own error.
func ended(ctx context.Context, op, reason string) *Error {
	err := &Error{Op: op, reason: reason + ": " + ctx.Err().Error(), kind: mailbox.ErrUnavailable, cause: context.Cause(ctx)}
	if errors.Is(ctx.Err(), context.Canceled) {
		err.kind = nil
	}
	return err
}
