package kerberos

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/exconn/exconn/connection/channelbinding"
	"github.com/exconn/exconn/connection/internal/legs"
)

const scheme = "Negotiate"

// Transport is an http.RoundTripper that signs each request by Kerberos. It is
// safe for concurrent use. All its requests must be for one server, to which
// alone it may send tokens: that is the caller's to see to.
//
// A token that the server refuses is tried once more, with a new ticket; a 401
// after that is returned as it is. Errors of its own are *NotOfferedError and
// those of its Tickets; in each of them the request's body has not been sent.
type Transport struct {
	base    *http.Transport
	tickets Tickets
	spn     string

	mu sync.Mutex
	// binding is of the certificate that the server showed last.
	binding channelbinding.Token
	asked   bool
}

// NewTransport returns a transport that makes its connections as base does: its
// proxy, its TLS, its time limits, by its DialContext (a DialTLSContext is not
// used). base itself is not used and stays the caller's. An empty spn means
// ServiceAt of the request's URL, whose host is taken as it is written: no name
// server is asked for another.
func NewTransport(base *http.Transport, tickets Tickets, spn string) *Transport {
	return &Transport{base: legs.HTTP1(base), tickets: tickets, spn: spn}
}

// ServiceAt returns the usual principal name of the web server at a URL.
func ServiceAt(u *url.URL) string {
	return "HTTP/" + strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
}

// Format prints what it is, whatever the verb.
func (t *Transport) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "Kerberos as %v", t.tickets) }

// CloseIdleConnections closes the connections that no request uses.
func (t *Transport) CloseIdleConnections() { t.base.CloseIdleConnections() }

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	whole := legs.Of(req)
	defer whole.Close()
	binding, asked := t.known()
	if !asked {
		answer, err := t.ask(whole)
		if answer != nil || err != nil {
			return answer, err
		}
		binding, _ = t.known()
	}
	target := Target{SPN: t.spn, Binding: binding}
	if target.SPN == "" {
		target.SPN = ServiceAt(req.URL)
	}
	token, err := t.tickets.Token(req.Context(), target)
	if err != nil {
		return nil, err
	}
	resp, err := t.send(whole, token)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || !whole.Repeatable() {
		return resp, err
	}
	// The certificate was renewed, or another server behind the same name has
	// another one; or else the ticket is of no more use.
	now, _ := t.known()
	target.Refused = now == target.Binding
	target.Binding = now
	token, err = t.tickets.Token(req.Context(), target)
	if err != nil {
		// The refusal is a definite answer, which this error would hide.
		return resp, nil
	}
	legs.Drain(resp)
	return t.send(whole, token)
}

// known returns the binding of the server's certificate, once it was asked.
func (t *Transport) known() (channelbinding.Token, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.binding, t.asked
}

// learn notes which certificate a response came by.
func (t *Transport) learn(resp *http.Response) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.binding, t.asked = channelbinding.Of(resp.TLS), true
}

// ask asks the server what it offers. A nil answer without an error means: go
// on with the request.
func (t *Transport) ask(whole *legs.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(whole.Bare(""))
	if err != nil {
		return nil, err
	}
	switch {
	case legs.TooBusy(resp.StatusCode):
		return resp, nil
	case resp.StatusCode != http.StatusUnauthorized:
		// It lets everybody in, and has answered a request without its body.
		legs.Drain(resp)
		open, err := whole.Whole("")
		if err != nil {
			return nil, err
		}
		return t.base.RoundTrip(open)
	}
	names, _ := legs.Offered(resp.Header, scheme)
	legs.Drain(resp)
	if !names.Has(scheme) {
		return nil, &NotOfferedError{Offered: names}
	}
	t.learn(resp)
	return nil, nil
}

// send sends the request with a token.
func (t *Transport) send(whole *legs.Request, token []byte) (*http.Response, error) {
	req, err := whole.Whole(scheme + " " + base64.StdEncoding.EncodeToString(token))
	if err != nil {
		return nil, err
	}
	resp, err := t.base.RoundTrip(req)
	if err == nil {
		t.learn(resp)
	}
	return resp, err
}
