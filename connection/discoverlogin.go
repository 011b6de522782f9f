package connection

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/exconn/exconn/connection/kerberos"
	"github.com/exconn/exconn/connection/ntlm"
	"github.com/exconn/exconn/oauth"
)

// discoveryLogin signs in to the hosts that Autodiscover asks, by NTLM or
// Kerberos. Each has a transport of its own: a connection that has signed in to
// one host is of no use to another, and a token for one must not reach another.
// Which hosts may have the credentials is for Autodiscover's allow rule to say.
type discoveryLogin struct {
	base    *http.Transport
	profile Profile
	open    func(base *http.Transport) windowsTransport

	mu    sync.Mutex
	hosts map[string]windowsTransport
}

// newDiscoveryLogin returns nil where the login is another: a header suffices
// for that.
func newDiscoveryLogin(base *http.Transport, p Profile, password oauth.Secret) *discoveryLogin {
	d := &discoveryLogin{base: base, profile: p, hosts: map[string]windowsTransport{}}
	switch p.Login.Kind {
	case NTLM:
		creds := ntlm.NewCredentials(p.Login.Username, string(password))
		d.open = func(base *http.Transport) windowsTransport { return ntlm.NewTransport(base, creds) }
	case Kerberos:
		// One login, so that the KDC is asked for the password's ticket once. A
		// service that the profile names is Exchange's, whose services have one
		// account: its ticket is good at all of its hosts.
		tickets := newTickets(*p.Login, password)
		d.open = func(base *http.Transport) windowsTransport {
			return kerberos.NewTransport(base, tickets, p.Login.SPN)
		}
	default:
		return nil
	}
	return d
}

// RoundTrip implements http.RoundTripper.
func (d *discoveryLogin) RoundTrip(req *http.Request) (*http.Response, error) {
	if lower(req.URL.Scheme) != "https" {
		closeBody(req)
		return nil, &OriginError{Connection: d.profile.Name, Origin: "Autodiscover", Target: originOf(req.URL), plain: true}
	}
	return (&explainTLS{base: d.at(req.URL.Host), profile: d.profile}).RoundTrip(req)
}

// at returns the transport to a host.
func (d *discoveryLogin) at(host string) windowsTransport {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := strings.ToLower(host)
	t := d.hosts[key]
	if t == nil {
		t = d.open(d.base)
		d.hosts[key] = t
	}
	return t
}

// closeIdle closes the connections that no request uses.
func (d *discoveryLogin) closeIdle() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.hosts {
		t.CloseIdleConnections()
	}
}

// Format prints nothing of what it holds.
func (d *discoveryLogin) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("login of Autodiscover")) }

// newTickets returns what gets the Kerberos tickets of a login.
func newTickets(login Login, password oauth.Secret) *kerberos.Login {
	opts := kerberos.Options{Username: login.Username, KeytabFile: login.KeytabFile, CacheFile: login.CredentialCache, ConfigFile: login.Krb5Conf}
	if opts.CacheFile == DefaultCache {
		opts.CacheFile = ""
	}
	return kerberos.NewLogin(opts, string(password))
}
