package httpauth

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/exconn/exconn/simulator/entra"
)

// Scheme is a way to sign in, as WWW-Authenticate names it.
type Scheme string

// The schemes.
const (
	Negotiate Scheme = "Negotiate"
	NTLM      Scheme = "NTLM"
	Basic     Scheme = "Basic"
)

// Schemes are all schemes, in the order in which IIS offers them.
func Schemes() []Scheme { return []Scheme{Negotiate, NTLM, Basic} }

// ParseScheme reads a scheme's name, in whatever case.
func ParseScheme(name string) (Scheme, error) {
	for _, s := range Schemes() {
		if strings.EqualFold(name, string(s)) {
			return s, nil
		}
	}
	return "", fmt.Errorf("there is no scheme %q; there are %v", name, Schemes())
}

// Account is somebody who can sign in.
type Account struct {
	// Name is what an Identity tells, such as the address.
	Name     string
	Password entra.Secret
}

// Names are those that an NTLM challenge tells of the server.
type Names struct {
	// Domain and Computer are NetBIOS names, the others of DNS.
	Domain, Computer, DNSDomain, DNSComputer string
}

// Options configure an Authenticator.
type Options struct {
	// Schemes are what is offered and taken, in this order. None means that
	// nobody signs in.
	Schemes []Scheme
	// Protection is Extended Protection; empty means ProtectionAllow.
	Protection Protection
	// Accounts finds an account. The domain may be empty, where the user is a
	// user principal name or came without a domain; it may be a NetBIOS name or
	// one of DNS, in whatever case. It must be safe for concurrent use.
	Accounts func(user, domain string) (Account, bool)
	// Keytab, if not nil, has the keys of the server's service, and Negotiate
	// takes Kerberos.
	Keytab *Keytab
	// Realm is what Basic is for, as a browser shows it.
	Realm string
	// Names are told to clients of NTLM.
	Names Names
	// Now is the clock that the timestamps of clients are held against; nil
	// means time.Now, as on the clients. Kerberos goes by time.Now always.
	Now func() time.Time
}

// Authenticator signs people in. It is safe for concurrent use.
type Authenticator struct {
	opts    Options
	binding atomic.Pointer[binding]
}

// New returns an Authenticator. It does no I/O.
func New(opts Options) *Authenticator {
	opts.Schemes = slices.Clone(opts.Schemes)
	if opts.Protection == "" {
		opts.Protection = ProtectionAllow
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Authenticator{opts: opts}
}

// SetCertificate says which certificate the server shows.
func (a *Authenticator) SetCertificate(cert *x509.Certificate) { a.binding.Store(bindingOf(cert)) }

// Identity is who has signed in.
type Identity struct {
	// Name is that of the account.
	Name   string
	Scheme Scheme
	// Mechanism is "Basic", "NTLM" or "Kerberos".
	Mechanism string
}

// Refusal is why nobody has signed in, yet or at all.
type Refusal struct {
	// Reason is for a log. It holds no secrets, but IIS would not tell it.
	Reason string
	// Challenges are the values of WWW-Authenticate, for the answer 401.
	Challenges []string
	// Continues: this is a leg of a handshake, not a refusal of somebody.
	Continues bool
}

// Error returns the reason.
func (r *Refusal) Error() string { return r.Reason }

// refused is a Refusal that Wrap gives the usual challenges.
func refused(format string, args ...any) *Refusal {
	return &Refusal{Reason: fmt.Sprintf(format, args...)}
}

// connection is what is known of a network connection. Its requests come one
// after the other.
type connection struct {
	user      *Identity
	handshake handshake
}

// handshake is one that waits for its client's next leg.
type handshake interface {
	// next takes a token. A reply without an identity is a challenge.
	next(a *Authenticator, r *http.Request, token []byte) step
}

// step is what comes of a token.
type step struct {
	user  *Identity
	reply []byte
	// more says that the handshake goes on.
	more    handshake
	refusal *Refusal
}

type connectionKey struct{}

// ConnContext is for an http.Server's field of that name.
func ConnContext(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, &connection{})
}

type outcomeKey struct{}

type outcome struct {
	user    *Identity
	refusal *Refusal
}

// Of returns who has signed in with a request that came through Wrap, or why
// nobody has. Both are nil for a request that did not, and for one by a scheme
// that is not of this package, such as Bearer.
func Of(r *http.Request) (*Identity, *Refusal) {
	o, _ := r.Context().Value(outcomeKey{}).(outcome)
	return o.user, o.refusal
}

// maxBody is how much of a request's body is read and thrown away in the midst
// of a handshake, in bytes, so that its connection stays.
const maxBody = 64 << 20

// Wrap returns a handler before next that finds out who sends each request.
func (a *Authenticator) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o := a.authenticate(w.Header(), r)
		if o.refusal != nil {
			if o.refusal.Challenges == nil {
				o.refusal.Challenges = a.Challenges()
			}
			if o.refusal.Continues {
				// A client that ends its handshake over another connection has
				// to begin anew.
				_, _ = io.CopyN(io.Discard, r.Body, maxBody)
			}
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), outcomeKey{}, o)))
	})
}

// Challenges are the values of WWW-Authenticate for somebody unknown.
func (a *Authenticator) Challenges() []string {
	var all []string
	for _, s := range a.opts.Schemes {
		if s == Basic {
			all = append(all, fmt.Sprintf(`Basic realm="%s"`, a.opts.Realm))
			continue
		}
		all = append(all, string(s))
	}
	return all
}

// authenticate finds out who sends a request, and writes what the client is
// told with a success.
func (a *Authenticator) authenticate(header http.Header, r *http.Request) outcome {
	conn, _ := r.Context().Value(connectionKey{}).(*connection)
	if conn == nil {
		conn = &connection{} // which ends with the request
	}
	value := r.Header.Get("Authorization")
	if value == "" {
		if conn.user != nil && r.ProtoMajor == 1 {
			return outcome{user: conn.user}
		}
		return outcome{refusal: refused("no credentials")}
	}
	waiting := conn.handshake
	conn.user, conn.handshake = nil, nil
	name, text, _ := strings.Cut(value, " ")
	scheme, err := ParseScheme(name)
	if err != nil {
		return outcome{}
	}
	if !slices.Contains(a.opts.Schemes, scheme) {
		return outcome{refusal: refused("%s is not offered here", scheme)}
	}
	if scheme == Basic {
		user, refusal := a.basic(r)
		return outcome{user, refusal}
	}
	if r.ProtoMajor != 1 {
		return outcome{refusal: refused("%s does not work over HTTP/%d", scheme, r.ProtoMajor)}
	}
	s := a.token(r, scheme, strings.TrimSpace(text), waiting)
	challenge := string(scheme)
	if s.reply != nil {
		challenge += " " + encode(s.reply)
	}
	switch {
	case s.refusal != nil:
		return outcome{refusal: s.refusal}
	case s.user == nil:
		conn.handshake = s.more
		return outcome{refusal: &Refusal{Reason: "the handshake goes on", Challenges: []string{challenge}, Continues: true}}
	}
	s.user.Scheme = scheme
	if s.user.Mechanism == mechanismNTLM {
		conn.user = s.user
		header.Set("Persistent-Auth", "true") // [MS-N2HT] 3.2.5
	}
	if s.reply != nil {
		header.Set("WWW-Authenticate", challenge)
	}
	return outcome{user: s.user}
}

// token takes a token of NTLM or Negotiate.
func (a *Authenticator) token(r *http.Request, scheme Scheme, text string, waiting handshake) step {
	token, err := decode(text)
	switch {
	case err != nil:
		return step{refusal: refused("what comes with %s is not base64", scheme)}
	case len(token) == 0:
		return step{refusal: refused("nothing comes with %s", scheme)}
	case isNTLM(token):
		return a.rawNTLM(r, token, waiting)
	case scheme == NTLM:
		return step{refusal: refused("what comes with NTLM is no message of it")}
	}
	return a.spnego(r, token, waiting)
}
