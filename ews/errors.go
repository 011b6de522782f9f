package ews

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// Error is a call that failed. It Is the sentinel errors of package mailbox
// that fit; Hint says what can be done. It holds no token and nothing of a
// message's content.
type Error struct {
	// Operation is the EWS operation, such as "FindItem".
	Operation string
	// Mailbox is the address of the mailbox acted for, and Access how.
	Mailbox string
	Access  Access
	// ResponseCode is Exchange's code, such as "ErrorItemNotFound", or "" where
	// the answer was no answer of EWS.
	ResponseCode string
	// Text is Exchange's explanation, or "".
	Text string
	// HTTPStatus is 0 where there was no answer.
	HTTPStatus int
	// Request is the server's request id, or the client's where the server
	// gave none.
	Request string
	// Server is the front end that answered, or "".
	Server string
	// BackOff is the wait that the server asked for; 0 where it named none,
	// or did not know.
	BackOff time.Duration
	// PolicyReason is why EWS is switched off (the X-EWS-Policy-Reason header).
	PolicyReason string
	// OutcomeUnknown: the write may have taken effect although there is no
	// answer that says so.
	OutcomeUnknown bool
	// Err is the error of package soap or of the context, or nil where the
	// server answered with a response code.
	Err error

	// kind is the sentinel; nil where none fits.
	kind error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Operation)
	if e.Mailbox != "" {
		b.WriteString(" for " + e.Mailbox)
	}
	b.WriteString(": ")
	if e.OutcomeUnknown {
		b.WriteString("the outcome is unknown: ")
	}
	switch {
	case e.ResponseCode != "":
		b.WriteString(e.ResponseCode)
		if e.Text != "" {
			b.WriteString(": " + clip(e.Text, 300))
		}
	case e.Err != nil:
		// The errors of package soap tell the status and ids themselves.
		b.WriteString(e.Err.Error())
		return b.String()
	case e.Text != "":
		b.WriteString(e.Text)
	}
	var parts []string
	if e.HTTPStatus != 0 {
		parts = append(parts, "HTTP "+strconv.Itoa(e.HTTPStatus))
	}
	if e.Request != "" {
		parts = append(parts, "request "+clip(e.Request, 60))
	}
	if e.Server != "" {
		parts = append(parts, "server "+clip(e.Server, 60))
	}
	if len(parts) > 0 {
		b.WriteString(" (" + strings.Join(parts, ", ") + ")")
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is tells which sentinel errors of package mailbox the error is.
func (e *Error) Is(target error) bool {
	switch target {
	case mailbox.ErrOutcomeUnknown:
		return e.OutcomeUnknown
	case mailbox.ErrAccessDenied:
		return e.kind == mailbox.ErrAccessDenied || e.kind == mailbox.ErrPolicyBlocked
	}
	return e.kind != nil && e.kind == target
}

// Code returns Exchange's response code, or "".
func (e *Error) Code() string { return e.ResponseCode }

// RequestID returns the id under which the server's logs know the call.
func (e *Error) RequestID() string { return e.Request }

// RetryAfter returns the wait that the server asked for, or 0 where it named
// none.
func (e *Error) RetryAfter() time.Duration { return e.BackOff }

// invalid is a request that cannot be made as it is; nothing was sent.
func (m *Mailbox) invalid(operation, format string, args ...any) error {
	return &Error{
		Operation: operation, Mailbox: m.address, Access: m.access,
		Text: fmt.Sprintf(format, args...), kind: mailbox.ErrInvalid,
	}
}

// notFound is something that the server was asked for and has not, told by us
// rather than by a response code.
func (m *Mailbox) notFound(operation, format string, args ...any) error {
	return &Error{
		Operation: operation, Mailbox: m.address, Access: m.access,
		Text: fmt.Sprintf(format, args...), kind: mailbox.ErrNotFound,
	}
}

// odd is an answer with another number of response messages than was asked.
func (m *Mailbox) odd(operation string, meta *soap.Meta, got, want int) error {
	e := m.fromMeta(operation, meta)
	e.Text = fmt.Sprintf("the answer has %d response messages where %d were asked for", got, want)
	e.kind = mailbox.ErrUnavailable
	return e
}

// incomplete is a success that lacks what makes it one, such as the id of a
// created item. meta is the answer's, where it is at hand.
func (m *Mailbox) incomplete(operation, what string, meta ...*soap.Meta) error {
	e := &Error{Operation: operation, Mailbox: m.address, Access: m.access}
	if len(meta) > 0 {
		e = m.fromMeta(operation, meta[0])
	}
	e.Text, e.kind = "the server's answer lacks "+what, mailbox.ErrUnavailable
	return e
}

// refused is a response message of class Error.
func (m *Mailbox) refused(operation string, st wsdl.Status, meta *soap.Meta) error {
	e := m.fromMeta(operation, meta)
	e.ResponseCode, e.Text = st.Code, st.Text
	if e.ResponseCode == "" {
		e.ResponseCode = "ErrorInternalServerError"
	}
	// An internal error may wrap the one that matters, a busy server's above
	// all.
	if inner := st.Value("InnerErrorResponseCode"); inner != "" && kindOf(inner) != nil {
		e.ResponseCode = inner
	}
	if ms, err := strconv.ParseInt(strings.TrimSpace(st.Value("BackOffMilliseconds")), 10, 64); err == nil && ms > 0 {
		e.BackOff = max(e.BackOff, time.Duration(ms)*time.Millisecond)
	}
	e.kind = kindOf(e.ResponseCode)
	return e
}

func (m *Mailbox) fromMeta(operation string, meta *soap.Meta) *Error {
	e := &Error{Operation: operation, Mailbox: m.address, Access: m.access}
	if meta != nil {
		e.fill(meta)
	}
	return e
}

func (e *Error) fill(meta *soap.Meta) {
	e.HTTPStatus, e.Server, e.PolicyReason = meta.Status, meta.Server, meta.PolicyReason
	e.BackOff = meta.RetryAfter
	if e.Request = meta.RequestID; e.Request == "" {
		e.Request = meta.ClientRequestID
	}
}

// wrap turns an error of package soap into an *Error.
func (m *Mailbox) wrap(operation string, err error) error {
	e := &Error{Operation: operation, Mailbox: m.address, Access: m.access, Err: err}
	var (
		fault     *soap.Fault
		status    *soap.HTTPError
		notSOAP   *soap.NotSOAPError
		response  *soap.ResponseError
		transport *soap.TransportError
		request   *soap.RequestError
	)
	switch {
	case errors.As(err, &fault):
		e.fill(&fault.Meta)
		e.BackOff = fault.RetryAfter()
		e.ResponseCode = fault.Code()
		if inner := fault.Values["InnerErrorResponseCode"]; inner != "" && kindOf(inner) != nil {
			e.ResponseCode = inner
		}
		if e.Text = fault.Message; e.Text == "" {
			e.Text = fault.FaultString
		}
		if e.kind = kindOf(e.ResponseCode); e.kind == nil {
			e.kind = kindOfStatus(e)
		}
		if wanted, unwanted := e.headerRefusal(); wanted || unwanted {
			// The input is right; the token is not one for it.
			e.kind = mailbox.ErrAccessDenied
		}
	case errors.As(err, &status):
		e.fill(&status.Meta)
		e.kind = kindOfStatus(e)
		if status.ErrorPage() || status.ServerError {
			e.kind = mailbox.ErrBusy
		}
		if status.TooLarge() {
			e.kind = mailbox.ErrInvalid
		}
	case errors.As(err, &notSOAP):
		e.fill(&notSOAP.Meta)
		if e.kind = kindOfStatus(e); e.kind == nil {
			e.kind = mailbox.ErrUnavailable
		}
		if notSOAP.ServerError {
			e.kind = mailbox.ErrBusy
		}
	case errors.As(err, &response):
		e.fill(&response.Meta)
		var sink *soap.SinkError
		if !errors.As(err, &sink) {
			e.kind = mailbox.ErrUnavailable
		}
	case errors.As(err, &transport):
		e.Request = transport.ClientRequestID
		e.kind = transportKind(err)
	case errors.As(err, &request):
		var large *soap.TooLargeError
		if errors.As(err, &large) {
			e.kind = mailbox.ErrInvalid
		}
	default:
		e.kind = transportKind(err)
	}
	return e
}

// transportKind is nil for a done context, which is nobody's fault, and for an
// error that has a meaning of its own, such as that of a token source.
func transportKind(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	for _, own := range []error{
		mailbox.ErrSignInNeeded, mailbox.ErrAccessDenied, mailbox.ErrPolicyBlocked, mailbox.ErrFenced,
		mailbox.ErrInvalid, mailbox.ErrBusy, mailbox.ErrUnavailable,
	} {
		if errors.Is(err, own) {
			return nil
		}
	}
	return mailbox.ErrUnavailable
}

// kindOfStatus is the sentinel for an HTTP status.
func kindOfStatus(e *Error) error {
	switch s := e.HTTPStatus; {
	case s == 401:
		return mailbox.ErrSignInNeeded
	case s == 403 && e.PolicyReason != "":
		return mailbox.ErrPolicyBlocked
	case s == 403:
		return mailbox.ErrAccessDenied
	case s == 429 || s == 503:
		return mailbox.ErrBusy
	case s == 413:
		return mailbox.ErrInvalid
	case s >= 300:
		return mailbox.ErrUnavailable
	}
	return nil
}

// unknownOutcome marks err, the error of a write, as one after which nobody
// knows whether it took effect, where that is so: the request may have reached
// the server, and no answer says that it was refused.
func unknownOutcome(err error) error {
	var e *Error
	if !errors.As(err, &e) || !e.ambiguous() {
		return err
	}
	return withOutcome(err, true)
}

// withOutcome returns err with its outcome unknown, or not.
func withOutcome(err error, unknown bool) error {
	var e *Error
	if !errors.As(err, &e) || e.OutcomeUnknown == unknown {
		return err
	}
	marked := *e
	marked.OutcomeUnknown = unknown
	return &marked
}

// ambiguous reports whether the operation may have taken effect.
func (e *Error) ambiguous() bool {
	switch e.ResponseCode {
	case "":
	case "ErrorInternalServerError", "ErrorInternalServerTransientError", "ErrorTimeoutExpired",
		"ErrorBatchProcessingStopped":
		// These are said of a call that was under way.
		return true
	default:
		return false
	}
	if e.kind == mailbox.ErrInvalid {
		return false
	}
	if e.Err == nil {
		// A success that is not understood, or what was refused here already.
		return e.kind == mailbox.ErrUnavailable && e.HTTPStatus != 0
	}
	var (
		status  *soap.HTTPError
		notSOAP *soap.NotSOAPError
	)
	switch {
	case errors.As(e.Err, &status):
		// A gateway's 502 and 504, and an unexplained 500, may follow a request
		// that was executed. What is refused at the door was not.
		return status.Status >= 500 && status.Status != 503
	case errors.As(e.Err, &notSOAP):
		return notSOAP.Status < 300 || notSOAP.Status >= 500 && notSOAP.Status != 503
	}
	return soap.MayHaveReached(e.Err)
}

// clip bounds a text from the server and takes out what could disturb a
// terminal or a log.
func clip(s string, runes int) string {
	clean := strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' {
			return ' '
		}
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	r := []rune(clean)
	if len(r) > runes {
		return string(r[:runes]) + "…"
	}
	return clean
}
