package ntlm

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/exconn/exconn/connection/channelbinding"
	"github.com/exconn/exconn/connection/internal/legs"
)

// maxIdle is how many signed-in connections are kept where the base transport
// names no number.
const maxIdle = 32

// handshakes is how often one request may try to sign in: a connection may be
// lost between two legs by chance once.
const handshakes = 2

// Transport is an http.RoundTripper that signs in by NTLM. It is safe for
// concurrent use. All its requests must be for one server, to which alone it
// may send the credentials: that is the caller's to see to.
//
// A 401 to the user's name and password is returned as it is. Errors of its own
// are *NotOfferedError, *ChallengeError and *LostConnectionError; with each of
// them the request has not been executed.
type Transport struct {
	base  *http.Transport
	creds Credentials

	mu   sync.Mutex
	idle []*lane // the last used is the last
}

// NewTransport returns a transport that makes its connections as base does: its
// proxy, its TLS, its time limits, by its DialContext (a DialTLSContext is not
// used). The bound on connections is the callers' number at one time;
// MaxIdleConnsPerHost says how many are kept. base itself is not used and stays
// the caller's.
func NewTransport(base *http.Transport, creds Credentials) *Transport {
	return &Transport{base: base, creds: creds}
}

// Format prints whose transport it is, whatever the verb.
func (t *Transport) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "NTLM as %v", t.creds) }

// CloseIdleConnections closes the connections that no request uses.
func (t *Transport) CloseIdleConnections() {
	t.mu.Lock()
	idle := t.idle
	t.idle = nil
	t.mu.Unlock()
	for _, l := range idle {
		l.close()
	}
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	l := t.take()
	whole := legs.Of(req)
	resp, err := t.roundTrip(l, req, whole)
	whole.Close()
	if err != nil {
		t.put(l, false)
		return nil, err
	}
	if resp.Body == http.NoBody {
		t.put(l, true)
		return resp, nil
	}
	resp.Body = &leased{ReadCloser: resp.Body, done: func(whole bool) { t.put(l, whole) }}
	return resp, nil
}

// take returns a lane that nobody else uses: a signed-in one, or a new one.
func (t *Transport) take() *lane {
	t.mu.Lock()
	var stale []*lane
	var found *lane
	for found == nil && len(t.idle) > 0 {
		last := t.idle[len(t.idle)-1]
		t.idle = t.idle[:len(t.idle)-1]
		if last.ready() {
			found = last
		} else {
			stale = append(stale, last)
		}
	}
	t.mu.Unlock()
	for _, l := range stale {
		l.close()
	}
	if found == nil {
		found = newLane(t.base)
	}
	return found
}

// put gives a lane back. Only one whose answer was read to its end, and whose
// connection is the user's, is of further use.
func (t *Transport) put(l *lane, whole bool) {
	most := t.base.MaxIdleConnsPerHost
	if most <= 0 {
		most = maxIdle
	}
	if whole && l.ready() {
		t.mu.Lock()
		if len(t.idle) < most {
			t.idle = append(t.idle, l)
			l = nil
		}
		t.mu.Unlock()
	}
	if l != nil {
		l.signedIn = nil
		l.close()
	}
}

func (t *Transport) roundTrip(l *lane, req *http.Request, whole *legs.Request) (*http.Response, error) {
	// A body that cannot be opened again goes only where it is sure to be
	// read: behind a handshake.
	if l.ready() && whole.Repeatable() {
		direct, err := whole.Whole("")
		if err != nil {
			return nil, err
		}
		resp, err := l.send(direct)
		switch {
		case err == nil && resp.StatusCode != http.StatusUnauthorized:
			return resp, nil
		case err == nil:
			// The server has forgotten who this is, or asks with each request.
			legs.Drain(resp)
		case !errors.Is(err, errConnectionGone):
			return nil, err
		}
	}
	var err error
	for range handshakes {
		var resp *http.Response
		resp, err = t.signIn(l, req, whole)
		if !errors.Is(err, errConnectionGone) {
			return resp, err
		}
		if !whole.Repeatable() {
			break
		}
	}
	return nil, &LostConnectionError{}
}

// signIn does the handshake and with it the request.
func (t *Transport) signIn(l *lane, req *http.Request, whole *legs.Request) (*http.Response, error) {
	l.signedIn = nil
	scheme := schemeNTLM
	resp, err := t.ask(l, whole, scheme)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusUnauthorized {
		names, message := legs.Offered(resp.Header, scheme)
		if message == "" && !names.Has(scheme) && names.Has(schemeNegotiate) {
			scheme = schemeNegotiate
			legs.Drain(resp)
			if resp, err = t.ask(l, whole, scheme); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return t.answer(l, req, whole, scheme, resp)
	case legs.TooBusy(resp.StatusCode):
		return resp, nil
	}
	// It lets everybody in, and has answered a request without its body.
	legs.Drain(resp)
	open, err := whole.Whole("")
	if err != nil {
		return nil, err
	}
	return l.transport.RoundTrip(open)
}

// ask sends the first leg.
func (t *Transport) ask(l *lane, whole *legs.Request, scheme string) (*http.Response, error) {
	return l.transport.RoundTrip(whole.Bare(authorization(scheme, negotiateMessage())))
}

// answer reads the challenge and sends the second leg.
func (t *Transport) answer(l *lane, req *http.Request, whole *legs.Request, scheme string, resp *http.Response) (*http.Response, error) {
	names, message := legs.Offered(resp.Header, scheme)
	legs.Drain(resp)
	if message == "" {
		return nil, &NotOfferedError{Offered: names}
	}
	raw, err := base64.StdEncoding.DecodeString(message)
	if err != nil {
		return nil, &ChallengeError{Problem: "is not base64"}
	}
	c, err := parseChallenge(raw)
	if err != nil {
		return nil, err
	}
	a := answer{
		binding: channelbinding.Of(resp.TLS),
		service: "HTTP/" + req.URL.Hostname(),
		now:     time.Now(),
	}
	_, _ = rand.Read(a.nonce[:]) // never fails
	third, err := authenticateMessage(t.creds, negotiateMessage(), c, a)
	if err != nil {
		return nil, err
	}
	signed, err := whole.Whole(authorization(scheme, third))
	if err != nil {
		return nil, err
	}
	over := l.dialed.Load()
	second, err := l.send(signed)
	if err == nil && second.StatusCode != http.StatusUnauthorized {
		l.signedIn = over
	}
	return second, err
}

// leased is an answer's body, with which its lane becomes free.
type leased struct {
	io.ReadCloser
	once sync.Once
	done func(whole bool)
}

func (b *leased) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.once.Do(func() { b.done(err == io.EOF) })
	}
	return n, err
}

func (b *leased) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(func() { b.done(false) })
	return err
}
