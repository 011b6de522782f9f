package connection

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// signer is the http.RoundTripper that adds the Authorization header, or leaves
// that to the NTLM or Kerberos transport beneath it. In any case it guards the credentials: they go to one origin (scheme, host and port) and
// nowhere else, whatever redirects say, and never over plain http unless the
// profile allows it.
type signer struct {
	base    http.RoundTripper
	origin  *url.URL
	profile Profile
	// login or tokens is set, the other is nil; both are where base signs in by
	// itself.
	login  *basicLogin
	tokens tokenSource

	// refused is set while the book says that the server does not take the
	// login; accepted is called when it does after that.
	refused  atomic.Bool
	accepted func()
	// renewal is why, after the last 401, no other token could be got.
	renewal atomic.Pointer[error]
}

// basicLogin is a user name with its password. The password is inside a
// function, because package fmt, which calls no methods of what lies in
// unexported fields, prints all else: by some verbs through pointers too.
type basicLogin struct {
	username string
	password func() string
}

func newBasicLogin(username string, password oauth.Secret) *basicLogin {
	return &basicLogin{username: username, password: func() string { return string(password) }}
}

func (s *signer) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := s.admit(req.URL); err != nil {
		closeBody(req)
		return nil, err
	}
	if s.tokens == nil {
		return s.byLogin(req)
	}
	token, err := s.tokens.Token(req.Context())
	if err != nil {
		closeBody(req)
		return nil, err
	}
	resp, err := s.base.RoundTrip(withToken(req, token))
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	return s.again(req, token, resp)
}

// byLogin sends a request with user name and password, or as NTLM's or
// Kerberos's transport signs it.
func (s *signer) byLogin(req *http.Request) (*http.Response, error) {
	if s.login != nil {
		req = req.Clone(req.Context())
		// RFC 7617 with UTF-8, which Exchange reads.
		req.SetBasicAuth(s.login.username, s.login.password())
	}
	resp, err := s.base.RoundTrip(req)
	// Other answers than this one may come from before the sign-in.
	if err == nil && resp.StatusCode == http.StatusOK && s.refused.CompareAndSwap(true, false) {
		s.accepted()
	}
	return resp, err
}

// again repeats a request that was refused with 401, once, with a new token:
// one with the claims that the server wants, where it says so (continuous
// access evaluation). Where that is not possible the refusal is returned: it is
// a definite answer, which an error of the second attempt would hide.
func (s *signer) again(req *http.Request, refused oauth.Token, resp *http.Response) (*http.Response, error) {
	if claims, ok := oauth.ChallengeClaims(resp.Header); ok {
		s.tokens.Challenge(refused, claims)
	} else {
		s.tokens.Invalidate(refused)
	}
	token, err := s.tokens.Token(req.Context())
	if err != nil {
		s.renewal.Store(&err)
		return resp, nil
	}
	s.renewal.Store(nil)
	if token.Value() == refused.Value() {
		return resp, nil
	}
	second := withToken(req, token)
	if req.Body != nil && req.Body != http.NoBody {
		if req.GetBody == nil {
			return resp, nil
		}
		if second.Body, err = req.GetBody(); err != nil {
			return resp, nil
		}
	}
	// A short body is read to its end, so that the connection can be used
	// again; the repeat may need no new handshake.
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	_ = resp.Body.Close()
	return s.base.RoundTrip(second)
}

func withToken(req *http.Request, t oauth.Token) *http.Request {
	signed := req.Clone(req.Context())
	signed.Header.Set("Authorization", "Bearer "+t.Value())
	return signed
}

// admit refuses to sign a request for anywhere but the connection's server.
func (s *signer) admit(u *url.URL) error {
	if lower(u.Scheme) != lower(s.origin.Scheme) || lower(u.Hostname()) != lower(s.origin.Hostname()) || portOf(u) != portOf(s.origin) {
		return &OriginError{Connection: s.profile.Name, Origin: originOf(s.origin), Target: originOf(u)}
	}
	if u.Scheme != "https" && !s.profile.InsecureHTTP && !isLoopback(u.Hostname()) {
		return &OriginError{Connection: s.profile.Name, Origin: originOf(s.origin), Target: originOf(u), plain: true}
	}
	return nil
}

func originOf(u *url.URL) string { return u.Scheme + "://" + u.Host }

func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if lower(u.Scheme) == "https" {
		return "443"
	}
	return "80"
}

// closeBody does what a RoundTripper owes a request that it does not send.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// OriginError says that a request was for another server than the
// connection's own, and was not sent. It Is mailbox.ErrUnavailable.
type OriginError struct {
	Connection string
	// Origin is the connection's server, Target the one that was not asked.
	Origin, Target string
	plain          bool
}

func (e *OriginError) Error() string {
	if e.plain {
		return fmt.Sprintf("credentials of the connection %q are not sent over plain http to %s", e.Connection, e.Target)
	}
	return fmt.Sprintf("the connection %q is to %s, and its credentials are not sent to %s", e.Connection, e.Origin, e.Target)
}

// Is reports true for mailbox.ErrUnavailable.
func (e *OriginError) Is(target error) bool { return target == mailbox.ErrUnavailable }

// Hint says what to do.
func (e *OriginError) Hint() string {
	if e.plain {
		return "use an https URL: " + command("edit", e.Connection, "--ews-url URL")
	}
	return "if the server has moved there for good: " + command("edit", e.Connection, "--ews-url URL")
}
