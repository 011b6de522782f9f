// Package entra is a pretend Microsoft Entra ID, and beside it a pretend AD FS:
// the authorization servers that tests and the simulator sign in to. A Server
// speaks the v2.0 endpoints with Entra's paths, error codes and token shapes,
// and it is strict: what the real service is known to refuse, it refuses with
// the same AADSTS code, so that a client which passes here has been judged and
// not merely humoured.
//
// The usual steps:
//
//  1. Fill a Directory with tenants, users, resources and applications;
//     NewDirectoryIn has the names of a national cloud.
//  2. New makes a Server over it; serve it over https (it is an http.Handler).
//  3. A client signs in: a browser sees real pages for password, second factor
//     and consent; a test without a browser uses SignIn or SignInDevice, which
//     fill in the same forms.
//  4. The client redeems its code, refreshes, or asks for app-only tokens.
//  5. The pretend Exchange hands the token it is shown to Verify and reads
//     audience, scopes, roles and user from the Claims.
//
// The Directory can be changed while the Server runs: a password reset, a
// disabled user, an expired secret, a withdrawn consent and a policy of
// conditional access (SetPolicy) take effect at once.
//
// An ADFS has the same users, but registrations, paths and error codes of its
// own. It has pages too, for which SignIn and SignInDevice do as well.
//
// Where Entra's behaviour is not documented, or this package has to invent a
// code, the comment beside it says so. It leaves out what no client here uses:
// implicit and hybrid flows, passwords at the token endpoint, tokens on behalf
// of somebody, and all of AD FS but OAuth.
package entra

import (
	"crypto/rsa"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The lifetimes that Entra uses and that nothing here configures.
const (
	codeLifetime    = 10 * time.Minute
	flowLifetime    = 15 * time.Minute // from the first page to the last
	sessionLifetime = 24 * time.Hour
	spaLifetime     = 24 * time.Hour // of a refresh token for a single-page application
	// clockSkew is how far apart the two clocks may be when a client's
	// assertion is judged. Entra allows five minutes.
	clockSkew = 5 * time.Minute
	// maxBody bounds a form, in bytes. An assertion with its certificate chain
	// is the largest thing that is sent.
	maxBody = 64 << 10
)

// Options configures a Server. The zero value is usable.
type Options struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// TokenLifetime is how long access and id tokens live; zero means 1 h.
	TokenLifetime time.Duration
	// RefreshLifetime is how long a refresh token lives unused; zero means
	// 90 days. That of a single-page application is 24 h, whatever is set here.
	RefreshLifetime time.Duration
	// OneTimeRefreshTokens makes each refresh token good for one use. Entra
	// lets the old one live on, so this is for finding clients that redeem the
	// same token twice at once.
	OneTimeRefreshTokens bool
	// RequirePKCE refuses every authorization request without a challenge.
	// Entra asks for one from single-page applications alone.
	RequirePKCE bool
	// SlowDown answers slow_down to a device code that is polled faster than
	// every five seconds, as RFC 8628 has it. Entra only asks for the interval.
	SlowDown bool
	// BaseURL is the address under which the Server is reached, without a
	// slash at its end, such as "https://login.example.test:8443". Empty means
	// https and the host that each request names.
	BaseURL string
	// Issuers is the address in the names of those who sign tokens, such as
	// "https://login.microsoftonline.us"; empty means BaseURL. With another one
	// than the server's own a strict library refuses the discovery document.
	Issuers string
	// SigningKey signs tokens; nil means a new RSA key of 2048 bits, made when
	// it is first needed.
	SigningKey *rsa.PrivateKey
	// Logger gets one line per request that was granted or refused, without
	// passwords, secrets, codes and tokens; nil means no log.
	Logger *slog.Logger
}

// Server is the authorization server. It is an http.Handler, safe for
// concurrent use, and starts no goroutine.
type Server struct {
	dir  *Directory
	opts Options
	key  func() (*signingKey, error)

	mu        sync.Mutex
	flows     expiring[flow]
	codes     expiring[code]
	refresh   expiring[refreshToken]
	sessions  expiring[session]
	devices   expiring[deviceGrant] // by device code
	userCodes expiring[string]      // the device code, by user code
	jtis      expiring[struct{}]
	keeper    Keeper // nil before Restore
}

// New returns a Server over dir. It does no I/O. A nil opts means defaults.
func New(dir *Directory, opts *Options) *Server {
	s := &Server{dir: dir}
	if opts != nil {
		s.opts = *opts
	}
	if s.opts.Now == nil {
		s.opts.Now = time.Now
	}
	if s.opts.TokenLifetime == 0 {
		s.opts.TokenLifetime = time.Hour
	}
	if s.opts.RefreshLifetime == 0 {
		s.opts.RefreshLifetime = 90 * 24 * time.Hour
	}
	if s.opts.Logger == nil {
		s.opts.Logger = slog.New(slog.DiscardHandler)
	}
	s.opts.BaseURL = strings.TrimRight(s.opts.BaseURL, "/")
	given := s.opts.SigningKey
	s.key = sync.OnceValues(func() (*signingKey, error) { return newSigningKey(given) })
	return s
}

// realm is the first part of a request's path: who may sign in there.
type realm struct {
	// name is how the path is written in the answers: the tenant's id,
	// "organizations" or "common".
	name string
	// tenant is nil where every tenant is welcome.
	tenant *Tenant
}

// tenantID returns the tenant's id, or "" where every tenant is welcome.
func (rm realm) tenantID() string {
	if rm.tenant == nil {
		return ""
	}
	return rm.tenant.ID
}

// realm finds the tenant that a path names by its id or one of its domains.
func (s *Server) realm(name string) (realm, *Error) {
	switch lower := strings.ToLower(name); lower {
	case "common", "organizations":
		return realm{name: lower}, nil
	case "consumers":
		return realm{}, fail(9002332, "invalid_request", "Only work and school accounts can sign in here; /consumers is for personal ones. Use a tenant or /organizations.")
	}
	t, ok := s.dir.Tenant(name)
	if !ok && !isUUID(name) && !strings.Contains(name, ".") {
		return realm{}, fail(900023, "invalid_request", "The tenant '%s' is neither an id nor a domain.", name)
	}
	if !ok {
		return realm{}, fail(90002, "invalid_request", "There is no tenant '%s'. Check its id or domain.", name)
	}
	return realm{name: t.ID, tenant: &t}, nil
}

// ServeHTTP answers the endpoints under /{tenant}, where tenant is an id, a
// domain, "organizations" or "common".
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.newCall(w, r)
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)

	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case first == "common" && rest == "discovery/instance":
		s.instanceDiscovery(c)
		return
	case r.URL.Path == userinfoPath:
		s.userinfo(c)
		return
	}
	serve, machine := s.route(rest)
	if serve == nil {
		http.NotFound(w, r)
		return
	}
	rm, e := s.realm(first)
	if e != nil {
		s.refuse(c, machine, e)
		return
	}
	c.realm = rm
	serve(c)
}

// route returns the handler of a path below the tenant, and whether a program
// (and not a person) waits for its answer.
func (s *Server) route(path string) (serve func(*call), machine bool) {
	switch path {
	case "v2.0/.well-known/openid-configuration":
		return s.openIDConfiguration, true
	case "discovery/v2.0/keys":
		return s.keys, true
	case "oauth2/v2.0/token":
		return s.token, true
	case "oauth2/v2.0/authorize":
		return s.authorize, false
	case "oauth2/v2.0/logout":
		return s.logout, false
	case "oauth2/v2.0/devicecode":
		return s.deviceCode, true
	case "oauth2/deviceauth":
		return s.deviceAuth, false
	case "v2.0/adminconsent", "adminconsent":
		return s.adminConsent, false
	case "login":
		return s.login, false
	case "factor":
		return s.factor, false
	case "consent":
		return s.consent, false
	}
	return nil, false
}

// refuse answers with an error: JSON for a program, a page for a person.
func (s *Server) refuse(c *call, machine bool, e *Error) {
	if machine {
		s.errorJSON(c, e)
	} else {
		s.errorPage(c, e)
	}
}

// call is one request with what its answers share.
type call struct {
	w http.ResponseWriter
	r *http.Request
	// base is the address of the server, such as "https://host:8443".
	base string
	// issuers is the address in the names of those who sign; mostly base.
	issuers string
	brand   string
	realm   realm
	now     time.Time
	// trace and correlation go into every error; the client chooses the second.
	trace, correlation string
}

func (s *Server) newCall(w http.ResponseWriter, r *http.Request) *call {
	c := newCall(w, r, "Pretend Entra ID", s.opts.BaseURL, s.opts.Now())
	if c.issuers = s.opts.Issuers; c.issuers == "" {
		c.issuers = c.base
	}
	return c
}

// newCall begins to answer a request. An empty base means the host that the
// request names.
func newCall(w http.ResponseWriter, r *http.Request, brand, base string, now time.Time) *call {
	c := &call{w: w, r: r, brand: brand, base: base, now: now.UTC(), trace: newUUID()}
	if c.base == "" {
		// A server behind a proxy that ends TLS sees plain http, but no client
		// reaches it so.
		c.base = "https://" + r.Host
	}
	c.correlation = r.Header.Get("client-request-id")
	if c.correlation == "" {
		c.correlation = r.URL.Query().Get("client-request-id")
	}
	if !isUUID(c.correlation) {
		c.correlation = newUUID()
	}
	h := w.Header()
	h.Set("x-ms-request-id", c.trace)
	h.Set("client-request-id", c.correlation)
	h.Set("Cache-Control", "no-store, no-cache")
	h.Set("Pragma", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	return c
}

// issuer is who signs id tokens for a tenant.
func (c *call) issuer(tenantID string) string { return c.issuers + "/" + tenantID + "/v2.0" }
