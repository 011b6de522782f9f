package autodiscover

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Way is a way to ask.
type Way string

// The ways to ask.
const (
	// SOAP is GetUserSettings at …/autodiscover.svc ([MS-OXWSADISC]).
	SOAP Way = "SOAP"
	// POX is plain old XML at …/autodiscover.xml ([MS-OXDSCLI]).
	POX Way = "POX"
	// JSON is Autodiscover version 2 at …/autodiscover.json.
	JSON Way = "JSON"
	// HTTPRedirect is the unauthenticated GET that may point to an https URL.
	HTTPRedirect Way = "HTTP redirect"
	// SRV is the DNS record _autodiscover._tcp.
	SRV Way = "DNS SRV"
)

// Attempt is one step of a search and what came of it.
type Attempt struct {
	Way Way
	// URL was asked; for SRV it is the name of the record. It has no query.
	URL string
	// Address is the one that was asked about.
	Address string
	// Signed: the request carried credentials, because the server asked for
	// them.
	Signed bool
	// Status is the HTTP status, or 0 where there was no answer.
	Status int
	// RequestID is the server's request id, or "".
	RequestID string
	// Redirect is the URL or address that the server pointed to, or "".
	Redirect string
	// Found: the answer names an EWS URL.
	Found bool
	// Err is why the step led nowhere; nil with Found or a Redirect that was
	// followed.
	Err error
	// Took is how long it lasted.
	Took time.Duration
}

// String tells the attempt in one line.
func (a Attempt) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", a.Way, a.URL)
	if a.Signed {
		b.WriteString(" (signed in)")
	}
	b.WriteString(": ")
	switch {
	case a.Found:
		b.WriteString("found")
	case errors.Is(a.Err, context.Canceled):
		b.WriteString("called off")
	case a.Err != nil:
		b.WriteString(a.Err.Error())
	case a.Redirect != "":
		b.WriteString("points to " + clip(a.Redirect, 200))
	default:
		b.WriteString("nothing")
	}
	return b.String()
}

// report collects the attempts of a search, which go on side by side.
type report struct {
	mu  sync.Mutex
	all []*step
}

// step is an attempt under way.
type step struct {
	report *report
	start  time.Time
	a      Attempt
	done   bool
}

// begin starts an attempt. Only the goroutine that began it changes it, until
// end.
func (r *report) begin(way Way, where, address string) *step {
	s := &step{report: r, start: time.Now(), a: Attempt{Way: way, URL: where, Address: address}}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, s)
	return s
}

func (s *step) end(err error) {
	s.report.mu.Lock()
	defer s.report.mu.Unlock()
	s.a.Err, s.a.Took, s.done = err, time.Since(s.start), true
}

// attempts returns those that have ended.
func (r *report) attempts() []Attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Attempt
	for _, s := range r.all {
		if s.done {
			all = append(all, s.a)
		}
	}
	return all
}

// shown is a URL without query, fragment and credentials.
func shown(u *url.URL) string {
	c := *u
	c.User, c.RawQuery, c.Fragment, c.RawFragment, c.ForceQuery = nil, "", "", "", false
	return c.String()
}

// clip bounds a text from a server and takes out what could disturb a terminal
// or a log.
func clip(s string, runes int) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0:
			return -1
		}
		return r
	}, s)
	if r := []rune(clean); len(r) > runes {
		return string(r[:runes]) + "…"
	}
	return clean
}
