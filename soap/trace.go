package soap

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Tracer is told of every call of a Client. It must be safe for concurrent use.
type Tracer interface {
	// Begin starts the trace of one call.
	Begin(operation string) Trace
}

// Trace takes one call down. Its methods may be called by several goroutines,
// and writes may come after End: an HTTP client can still be sending when the
// answer is there.
type Trace interface {
	// Request is called each time that sending begins, for a repeat after a
	// 401 too. It returns a writer for the bytes of the body, or nil.
	Request() io.Writer
	// Response returns a writer for the bytes of the answer's body after
	// decompression, or nil.
	Response() io.Writer
	// End is told the rest.
	End(*Summary)
}

// Summary is what a trace says of a call besides its bodies. Tokens, passwords
// and cookies are already left out of it.
type Summary struct {
	Operation string
	Method    string
	// URL is without credentials and query.
	URL            string
	RequestHeader  http.Header
	Status         int // zero without an answer
	Proto          string
	ResponseHeader http.Header
	Start          time.Time
	Duration       time.Duration
	RequestBytes   int64
	ResponseBytes  int64 // after decompression
	Stats          Stats
	Err            error
}

type noTrace struct{}

func (noTrace) Request() io.Writer  { return nil }
func (noTrace) Response() io.Writer { return nil }
func (noTrace) End(*Summary)        {}

// leftOut stands for what a trace does not show.
const leftOut = "(left out)"

// shownHeader is a header as a trace shows it. Of challenges and credentials
// the scheme stays, because support asks for it first.
func shownHeader(h http.Header) http.Header {
	shown := make(http.Header, len(h))
	for name, values := range h {
		if !Redacted(name) {
			shown[name] = values
			if name == "Location" {
				shown[name] = []string{shownLocation(h.Get(name))}
			}
			continue
		}
		for _, v := range values {
			shown[name] = append(shown[name], redactedValue(name, v))
		}
	}
	return shown
}

func redactedValue(name, value string) string {
	switch name {
	case "Authorization", "Proxy-Authorization", "Www-Authenticate", "Proxy-Authenticate":
		scheme, rest, _ := strings.Cut(value, " ")
		for _, known := range []string{"Basic", "Bearer", "NTLM", "Negotiate", "Digest"} {
			if strings.EqualFold(scheme, known) {
				if rest == "" {
					return known
				}
				return known + " " + leftOut
			}
		}
	}
	return leftOut
}

func shownLocation(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return leftOut
	}
	return shownURL(u)
}

// shownURL is a URL without what may be secret in it.
func shownURL(u *url.URL) string {
	c := *u
	c.User, c.Fragment, c.RawFragment = nil, "", ""
	query := c.RawQuery != ""
	c.RawQuery = ""
	s := c.String()
	if query {
		s += "?" + leftOut
	}
	return s
}
