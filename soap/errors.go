package soap

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// Problem says what is wrong with a document.
type Problem string

// The problems that a SyntaxError names.
const (
	Truncated         Problem = "the document ends too early"
	Mismatched        Problem = "an end tag does not match its start tag"
	Malformed         Problem = "malformed markup"
	BadEntity         Problem = "unknown or malformed entity"
	Doctype           Problem = "a document type declaration, which SOAP forbids"
	BadEncoding       Problem = "a character encoding other than UTF-8"
	TooDeep           Problem = "elements nested too deeply"
	TagTooLong        Problem = "a tag is too long"
	TooManyNamespaces Problem = "too many namespace declarations"
	Trailing          Problem = "content after the end of the document"
	Unexpected        Problem = "an element that does not belong here"
	Missing           Problem = "an element is missing"
	BadBase64         Problem = "invalid base64"
)

// SyntaxError is a document that cannot be read. It holds at most a short name
// out of the document, never text.
type SyntaxError struct {
	// Offset is the place in bytes from the beginning of the document. For
	// BadBase64 met by encoding/xml it counts from the beginning of the text.
	Offset  int64
	Problem Problem
	// Name is the element, entity or encoding that is the matter, or "".
	Name string
	// Err is the cause where there is one: io.ErrUnexpectedEOF for Truncated.
	Err error
}

func (e *SyntaxError) Error() string {
	s := "XML: " + string(e.Problem)
	if e.Name != "" {
		s += fmt.Sprintf(" (%s)", shortName(e.Name))
	}
	return fmt.Sprintf("%s, at byte %d", s, e.Offset)
}

// Unwrap returns the cause.
func (e *SyntaxError) Unwrap() error { return e.Err }

func truncated(offset int64) *SyntaxError {
	return &SyntaxError{Offset: offset, Problem: Truncated, Err: io.ErrUnexpectedEOF}
}

// TooLargeError is a request or an answer beyond its bound.
type TooLargeError struct {
	// What is "request", "answer" or "document".
	What string
	// Limit is the bound in bytes.
	Limit int64
	// Size is what would be sent, in bytes, where that is known; or zero.
	Size int64
}

func (e *TooLargeError) Error() string {
	if e.Size > 0 {
		return fmt.Sprintf("the %s of %d bytes is larger than the limit of %d bytes", e.What, e.Size, e.Limit)
	}
	return fmt.Sprintf("the %s is larger than the limit of %d bytes", e.What, e.Limit)
}

// Hint tells what can be done.
func (e *TooLargeError) Hint() string {
	if e.What == "request" {
		return "send less at once; Exchange accepts 64 MiB a request by default, which is a file of about 47 MiB"
	}
	return "ask for less at once (a smaller page, fewer properties), or raise the limit"
}

// UnsupportedTypeError is a Go type that the decoder has no rule for. It is a
// mistake in the program, not in the document.
type UnsupportedTypeError struct {
	Type, Field, Reason string
}

func (e *UnsupportedTypeError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("cannot decode XML into %s: %s", e.Type, e.Reason)
	}
	return fmt.Sprintf("cannot decode XML into %s.%s: %s", e.Type, e.Field, e.Reason)
}

// NotSOAPError is an answer that is something else than a SOAP envelope: a
// sign-in page, an error page, another service.
type NotSOAPError struct {
	Meta
	// RootName is the name of the document's first element, or "" where it
	// was not read as XML.
	RootName string
	// ServerError: the page is ASP.NET's "Server Error in '/EWS'
	// Application", which an overloaded or broken Exchange shows.
	ServerError bool
	// Empty: there was no content at all.
	Empty bool
}

func (e *NotSOAPError) Error() string {
	var s string
	switch {
	case e.ServerError:
		s = "the server shows an ASP.NET error page instead of a SOAP answer"
	case e.Empty:
		s = "the server's answer is empty"
	case e.RootName != "":
		s = fmt.Sprintf("the answer is not SOAP: it begins with <%s>", shortName(e.RootName))
	default:
		s = "the answer is not SOAP"
	}
	return s + e.Meta.describe()
}

// Hint tells what can be done.
func (e *NotSOAPError) Hint() string {
	if e.ServerError {
		return "try again in a few minutes; if it stays, the Exchange admin finds the cause in the server's event log"
	}
	return "check the EWS URL; it usually ends in /EWS/Exchange.asmx, and a proxy or sign-in page before it must let the request through"
}

// RequestID returns the server's request id, or the client's where the server
// gave none.
func (e *NotSOAPError) RequestID() string { return e.Meta.id() }

// RetryAfter returns how long the server asked to wait, or zero.
func (e *NotSOAPError) RetryAfter() time.Duration { return e.Meta.RetryAfter }

// HTTPError is an answer with a status of 300 or more and no SOAP in it.
// Redirects are among them: a POST is not repeated elsewhere unasked.
type HTTPError struct {
	Meta
	// ServerError: the page is ASP.NET's "Server Error in '/EWS'
	// Application".
	ServerError bool
	// RequestBytes is the length of the request that was refused, or as much of
	// it as was sent.
	RequestBytes int64
}

// worthRefusing is how long a request is, in bytes, of which a 404 is more
// likely to mean its length than the URL.
const worthRefusing = 1 << 20

// TooLarge reports whether the server refuses requests of this length: HTTP
// 413 or, from the request filtering of Internet Information Services, whose
// sub-status 13 does not come over the wire, a 404 to a long one.
func (e *HTTPError) TooLarge() bool {
	return e.Status == 413 || e.Status == 404 && e.RequestBytes >= worthRefusing
}

func (e *HTTPError) Error() string {
	s := fmt.Sprintf("the server answered HTTP %d", e.Status)
	if t := statusText(e.Status); t != "" {
		s += " " + t
	}
	if e.ServerError {
		s += ", with an ASP.NET error page"
	}
	if e.PolicyReason != "" {
		s += ": " + clip(e.PolicyReason, 200)
	}
	if e.Diagnostics != "" {
		s += ": " + clip(e.Diagnostics, 300)
	}
	if e.Location != "" {
		s += ", pointing to " + clip(e.Location, 200)
	}
	m := e.Meta
	m.Status = 0 // said already
	return s + m.describe()
}

// ErrorPage reports whether this is Exchange's redirect to its generic error
// page, which it uses when it is overloaded.
func (e *HTTPError) ErrorPage() bool {
	return e.Status >= 300 && e.Status < 400 && strings.Contains(strings.ToLower(e.Location), "genericerrorpage")
}

// Hint tells what can be done, for the statuses whose cause is known.
func (e *HTTPError) Hint() string {
	switch {
	case e.ErrorPage(), e.ServerError:
		return "Exchange is overloaded or being restarted; try again in a few minutes"
	case e.Status >= 300 && e.Status < 400:
		return "check the EWS URL: the server points elsewhere, and requests with mailbox content are not sent on unasked"
	case e.Status == 403 && e.PolicyReason != "":
		return "EWS is switched off here; an Exchange admin finds the settings with Get-OrganizationConfig and Get-CASMailbox (EwsEnabled, EwsApplicationAccessPolicy)"
	case e.Status == 400 || e.Status == 405 || e.Status == 415:
		return "check the EWS URL (https, host, port and path): what answers there takes no EWS requests"
	case e.TooLarge():
		return "the server refuses requests of this size; send a smaller attachment, or let the Exchange admin raise maxAllowedContentLength and maxReceivedMessageSize in the web.config files of EWS"
	case e.Status == 404:
		return "check the EWS URL; it usually ends in /EWS/Exchange.asmx"
	case e.Status == 429 || e.Status == 503:
		return "the server is busy; try again later"
	case e.Status >= 500:
		return "the server, or a proxy in front of it, has failed; try again in a few minutes, and ask its admin if it stays"
	}
	return ""
}

// RequestID returns the server's request id, or the client's where the server
// gave none.
func (e *HTTPError) RequestID() string { return e.Meta.id() }

// RetryAfter returns how long the server asked to wait, or zero.
func (e *HTTPError) RetryAfter() time.Duration { return e.Meta.RetryAfter }

// ResponseError is an answer that could not be read to its end: Err is a
// *SyntaxError, a *TooLargeError, or an error of the writer that was to take
// the content. The server has executed the request.
type ResponseError struct {
	Meta
	Err error
}

func (e *ResponseError) Error() string {
	return "reading the answer: " + e.Err.Error() + e.Meta.describe()
}

// Unwrap returns the cause.
func (e *ResponseError) Unwrap() error { return e.Err }

// Hint tells what can be done, by the cause where that knows better.
func (e *ResponseError) Hint() string {
	var own interface{ Hint() string }
	if errors.As(e.Err, &own) {
		return own.Hint()
	}
	if errors.Is(e.Err, io.ErrUnexpectedEOF) {
		return "the answer was cut short; try again, and if it stays look at the proxy or load balancer in between"
	}
	var syntax *SyntaxError
	if errors.As(e.Err, &syntax) {
		return "check the EWS URL, and whether something in between changes the answers; a trace shows what came"
	}
	return ""
}

// RequestID returns the server's request id, or the client's where the server
// gave none.
func (e *ResponseError) RequestID() string { return e.Meta.id() }

// RetryAfter returns how long the server asked to wait, or zero.
func (e *ResponseError) RetryAfter() time.Duration { return e.Meta.RetryAfter }

// TransportError is a failure of the connection, or of what the HTTP client
// does before it (signing in). A done context is one too: errors.Is finds
// context.Canceled and context.DeadlineExceeded.
type TransportError struct {
	// Host is the endpoint's host and port.
	Host string
	// Sent: some of the request may have reached the server. Where it is
	// false, nothing has happened there and a repeat is safe.
	Sent bool
	// ClientRequestID is the id that the request carried.
	ClientRequestID string
	Err             error
}

func (e *TransportError) Error() string {
	if e.Sent {
		return fmt.Sprintf("talking to %s: %v", e.Host, e.Err)
	}
	return fmt.Sprintf("reaching %s: %v", e.Host, e.Err)
}

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// Hint tells what can be done, for the causes that an admin can mend.
func (e *TransportError) Hint() string {
	var (
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		lookup  *net.DNSError
	)
	switch {
	case errors.As(e.Err, &unknown):
		return "the server's certificate is from an authority that this machine does not know; give the authority's certificate as the connection's CA file"
	case errors.As(e.Err, &host):
		return "the server's certificate is for another host; use the name in the certificate in the EWS URL"
	case errors.As(e.Err, &invalid) && invalid.Reason == x509.Expired:
		return "the server's certificate is not valid today; check this machine's clock, then the certificate"
	case errors.As(e.Err, &lookup) && lookup.IsNotFound:
		return "no such host; check the EWS URL and this machine's name server"
	case errors.Is(e.Err, http.ErrSchemeMismatch):
		return "the server does not speak TLS at this port; check the EWS URL"
	case errors.Is(e.Err, context.Canceled), errors.Is(e.Err, context.DeadlineExceeded):
		return ""
	case e.Sent:
		return "the connection broke; try again, and if it stays look at the proxy or firewall in between"
	}
	return "check host and port of the EWS URL, the network and the proxy"
}

// RequestID returns the client's request id: there is no answer that could
// have brought the server's.
func (e *TransportError) RequestID() string { return e.ClientRequestID }

// RetryAfter returns zero: nobody asked for a time.
func (e *TransportError) RetryAfter() time.Duration { return 0 }

// MayHaveReached reports whether the request that ended in err may have been
// executed by the server. It is false only where that is certain.
func MayHaveReached(err error) bool {
	if err == nil {
		return true
	}
	var te *TransportError
	if errors.As(err, &te) {
		return te.Sent
	}
	var re *RequestError
	return !errors.As(err, &re)
}

// RequestError is a request that could not be written; nothing was sent.
type RequestError struct {
	Operation string
	Err       error
}

func (e *RequestError) Error() string {
	return fmt.Sprintf("writing the %s request: %v", e.Operation, e.Err)
}

// Unwrap returns the cause.
func (e *RequestError) Unwrap() error { return e.Err }

// shortName makes a name out of a document fit for an error text.
func shortName(s string) string { return clip(s, 40) }

// clip bounds a string from outside and takes out what could disturb a
// terminal or a log.
func clip(s string, runes int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == runes {
			b.WriteString("…")
			break
		}
		if !unicode.IsPrint(r) {
			r = '?'
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
