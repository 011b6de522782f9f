// Package legs holds what sign-ins of several legs share: requests whose body
// may have to be sent again, the schemes of a 401, and transports that keep to
// HTTP/1.1, because Windows authentication does not work over HTTP/2.
package legs

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
)

// maxAnswer bounds the body of a 401 that is read so that its connection can
// be used further, in bytes. IIS sends 1 to 6 KiB.
const maxAnswer = 256 << 10

// Drain reads a short body to its end, so that its connection can be used
// further, and closes it.
func Drain(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	_ = resp.Body.Close()
}

// HTTP1 returns a copy of base that speaks HTTP/1.1 and dials by its
// DialContext, which is never nil.
func HTTP1(base *http.Transport) *http.Transport {
	t := base.Clone()
	t.DialTLSContext = nil
	if t.DialContext == nil {
		t.DialContext = new(net.Dialer).DialContext
	}
	t.ForceAttemptHTTP2 = false
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	if t.TLSClientConfig != nil {
		// The copy of a transport that has been used asks for h2 here.
		t.TLSClientConfig.NextProtos = nil
	}
	return t
}

// Request is a request that may have to be sent more than once. It is not safe
// for concurrent use.
type Request struct {
	of *http.Request
	// used says that the body which came with the request was handed on, to
	// be closed by whoever got it.
	used bool
}

// Of returns a request for repeated sending. Close it.
func Of(req *http.Request) *Request { return &Request{of: req} }

// Repeatable reports whether the body can be opened again.
func (r *Request) Repeatable() bool { return r.empty() || r.of.GetBody != nil }

func (r *Request) empty() bool { return r.of.Body == nil || r.of.Body == http.NoBody }

// Whole returns a copy of the request with its body from the beginning and with
// an Authorization header; an empty value leaves that out.
func (r *Request) Whole(authorization string) (*http.Request, error) {
	req := r.of.Clone(r.of.Context())
	req.Header.Del("Authorization")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	if r.empty() {
		return req, nil
	}
	if !r.used {
		r.used = true
		return req, nil
	}
	var err error
	if req.Body, err = r.of.GetBody(); err != nil {
		return nil, fmt.Errorf("the request's body cannot be opened again: %w", err)
	}
	return req, nil
}

// Bare returns a copy of the request without its body, which asks the server
// for nothing but how it wants to be signed in to.
func (r *Request) Bare(authorization string) *http.Request {
	req := r.of.Clone(r.of.Context())
	req.Body, req.GetBody, req.ContentLength = http.NoBody, nil, 0
	req.TransferEncoding, req.Trailer, req.Close = nil, nil, false
	req.Header.Del("Expect")
	req.Header.Del("Authorization")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	// It has no effect on the server, so net/http may repeat it; a key without
	// a value tells it so and is not sent.
	req.Header["Idempotency-Key"] = nil
	return req
}

// Close closes the body that came with the request, where it was never sent.
func (r *Request) Close() {
	if !r.used && r.of.Body != nil {
		_ = r.of.Body.Close()
	}
}

// Schemes are what a 401 offers, in the order of its header.
type Schemes []string

// Has reports whether a scheme is among them.
func (s Schemes) Has(scheme string) bool {
	return slices.ContainsFunc(s, func(name string) bool { return strings.EqualFold(name, scheme) })
}

// Offered returns the schemes of a 401, and what comes with the one named, or
// "".
func Offered(h http.Header, scheme string) (names Schemes, message string) {
	for _, value := range h.Values("Www-Authenticate") {
		// Parameters in quotes may hold commas; what they are cut into is no
		// scheme that anybody looks for.
		for part := range strings.SplitSeq(value, ",") {
			name, rest, _ := strings.Cut(strings.TrimSpace(part), " ")
			if !shown(name) {
				continue
			}
			if !names.Has(name) {
				names = append(names, name)
			}
			if strings.EqualFold(name, scheme) && rest != "" {
				message = strings.TrimSpace(rest)
			}
		}
	}
	return names, message
}

// shown keeps what is shown of a server's header short and plain.
func shown(s string) bool {
	return s != "" && len(s) < 20 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	})
}

// TooBusy reports whether a status says that the server, or what is before it,
// does not get to the question of who asks.
func TooBusy(status int) bool {
	return status == http.StatusTooManyRequests || status > http.StatusNotImplemented
}
