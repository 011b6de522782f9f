package entra

import (
	"crypto/rsa"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// The lifetimes that AD FS has out of the box.
const (
	// adfsSSO is how long a browser knows who signed in (SsoLifetime), and how
	// long the refresh token of a sign-in lives.
	adfsSSO = 8 * time.Hour
	// adfsDeviceUsage is DeviceUsageWindowInDays: how long a refresh token of
	// somebody lives who is kept signed in.
	adfsDeviceUsage = 14 * 24 * time.Hour
)

// ADFSOptions configures an ADFS. Tenant has to be given.
type ADFSOptions struct {
	// Tenant is the organisation whose users sign in: the id or a domain of a
	// tenant of the Directory.
	Tenant string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// TokenLifetime is how long access and id tokens live; zero means 1 h.
	TokenLifetime time.Duration
	// RefreshLifetime is how long the refresh token of a sign-in lives; zero
	// means 8 h. Its renewals get no refresh token of their own.
	RefreshLifetime time.Duration
	// EnableKMSI lets the users of public clients stay signed in ("keep me
	// signed in", off in AD FS at first): an authorization request with
	// kmsi=true gets a refresh token for 14 days, and so does each renewal.
	EnableKMSI bool
	// BareScopes makes token answers name permissions without the resource, as
	// some in the field have seen it: a client that compares them with what it
	// asked for finds them missing.
	BareScopes bool
	// SlowDown is as in Options.
	SlowDown bool
	// BaseURL is as in Options: without /adfs.
	BaseURL string
	// SigningKey signs tokens; nil means a new RSA key of 2048 bits, made when
	// it is first needed.
	SigningKey *rsa.PrivateKey
	// Logger is as in Options.
	Logger *slog.Logger
}

// ADFS is a pretend Active Directory Federation Services (2019 and later) of
// one organisation: another product than Entra ID, with registrations, paths
// and error numbers of its own, over the same users. Clients know it as the
// authority https://host/adfs.
//
// It has no tenants, no consent and no conditional access. An admin registers
// clients and Web APIs, and permits one to use the other (Permit). Redirect
// URIs are compared letter by letter, the port of localhost included. The
// resource of a request is the parameter resource, or what stands before the
// last slash of a scope, as MSAL writes it; without either it is the pretend
// AD FS itself.
//
// The MSIS numbers are those that Microsoft documents or that were seen in the
// field; where none is known the message has none. It is an http.Handler, safe
// for concurrent use, and starts no goroutine.
type ADFS struct {
	dir  *Directory
	opts ADFSOptions
	key  func() (*signingKey, error)

	mu        sync.Mutex
	clients   map[string]*ADFSClient // by client id, in lower case
	apis      []*WebAPI
	permits   map[permit][]string
	flows     expiring[adfsFlow]
	sessions  expiring[session]
	codes     expiring[adfsCode]
	refresh   expiring[adfsRefresh]
	devices   expiring[adfsDevice]
	userCodes expiring[string] // the device code, by user code
	keeper    Keeper           // nil before Restore
}

// NewADFS returns an ADFS over the users of dir. It does no I/O.
func NewADFS(dir *Directory, opts ADFSOptions) *ADFS {
	a := &ADFS{dir: dir, opts: opts, clients: map[string]*ADFSClient{}, permits: map[permit][]string{}}
	if a.opts.Now == nil {
		a.opts.Now = time.Now
	}
	if a.opts.TokenLifetime == 0 {
		a.opts.TokenLifetime = time.Hour
	}
	if a.opts.RefreshLifetime == 0 {
		a.opts.RefreshLifetime = adfsSSO
	}
	if a.opts.Logger == nil {
		a.opts.Logger = slog.New(slog.DiscardHandler)
	}
	a.opts.BaseURL = strings.TrimRight(a.opts.BaseURL, "/")
	a.apis = []*WebAPI{userinfoAPI()}
	a.key = sync.OnceValues(func() (*signingKey, error) { return newSigningKey(opts.SigningKey) })
	return a
}

// ServeHTTP answers the endpoints under /adfs. As in AD FS a slash at the end
// of a path makes no difference.
func (a *ADFS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := newCall(w, r, "Pretend AD FS", a.opts.BaseURL, a.opts.Now())
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	switch strings.TrimSuffix(strings.ToLower(r.URL.Path), "/") {
	case "/adfs/.well-known/openid-configuration":
		a.openIDConfiguration(c)
	case "/adfs/discovery/keys":
		a.keys(c)
	case "/adfs/oauth2/authorize":
		a.authorize(c)
	case "/adfs/oauth2/token":
		a.token(c)
	case "/adfs/oauth2/devicecode":
		a.deviceCode(c)
	case "/adfs/oauth2/deviceauth":
		a.deviceAuth(c)
	case "/adfs/oauth2/logout":
		a.logout(c)
	case "/adfs/userinfo":
		a.userinfo(c)
	case "/adfs/login":
		a.login(c)
	case "/adfs/confirm":
		a.confirm(c)
	default:
		http.NotFound(w, r)
	}
}

// IsADFS tells whether a path is one of an ADFS, where it shares its host with
// a Server.
func IsADFS(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return strings.EqualFold(first, "adfs")
}

// at is the address of an endpoint.
func (a *ADFS) at(c *call, path string) string { return c.base + "/adfs" + path }

// accessIssuer is who signs access tokens: the federation service's identifier,
// a name with http and no address.
func (a *ADFS) accessIssuer(c *call) string {
	u, err := url.Parse(c.base)
	if err != nil {
		return c.base
	}
	return "http://" + u.Host + "/adfs/services/trust"
}

// account finds a user of the organisation by user principal name, or by name
// in the domain (CONTOSO\anna).
func (a *ADFS) account(name string) (account, bool) {
	t, ok := a.dir.Tenant(a.opts.Tenant)
	if !ok {
		return account{}, false
	}
	if domain, user, found := strings.Cut(name, `\`); found {
		if len(t.Domains) == 0 || !strings.EqualFold(domain, t.Name) && !containsFold(t.Domains, domain) {
			return account{}, false
		}
		name = user + "@" + t.Domains[0]
	}
	acc, ok := a.dir.account(name)
	return acc, ok && acc.Tenant == t.ID
}

// windowsName is a user's name in the domain.
func (a *ADFS) windowsName(u User) string {
	user, _, _ := strings.Cut(u.UPN, "@")
	if t, ok := a.dir.Tenant(a.opts.Tenant); ok {
		return strings.ToUpper(t.Name) + `\` + user
	}
	return user
}
