package simulator

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/ewsserver/autodiscover"
)

// withAutodiscover puts a tenant's Autodiscover beside its EWS, at the same
// host.
func (s *Simulator) withAutodiscover(b *backend, opts *ewsserver.Options, ews http.Handler) http.Handler {
	discovery := autodiscover.NewHandler(
		&directory{backend: b, ewsURL: func() string { return s.EWSURL(b.tenant.kind) }},
		&autodiscover.Options{
			Version: opts.Version, ServerName: opts.ServerName, Logger: s.opts.Logger,
			Intercept: s.interceptAutodiscover(b),
		})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path := r.URL.Path; len(path) >= len(autodiscover.Path) && strings.EqualFold(path[:len(autodiscover.Path)], autodiscover.Path) {
			discovery.ServeHTTP(w, r)
			return
		}
		ews.ServeHTTP(w, r)
	})
}

// directory is a tenant's as Autodiscover sees it.
type directory struct {
	*backend
	ewsURL func() string
}

// Authenticate implements autodiscover.Directory. The policies that switch EWS
// off do not concern Autodiscover; rights by RBAC for Applications do not reach
// it.
func (d *directory) Authenticate(r *http.Request) (ewsserver.Caller, error) {
	p, err := d.identify(r)
	if err != nil {
		return ewsserver.Caller{}, err
	}
	d.st.mu.RLock()
	defer d.st.mu.RUnlock()
	if p.kind == byApp && d.tenant.scopedApps[p.app] != nil {
		return ewsserver.Caller{}, d.unauthorized(
			`2000008;reason="The token contains no permissions, or permissions can not be understood.";error_category="invalid_grant"`, "token without permissions")
	}
	return ewsserver.Caller{Mailbox: p.account, AppOnly: p.kind == byApp, Principal: p}, nil
}

// User implements autodiscover.Directory. Whoever has signed in may ask about
// everybody, as at Exchange, where people look for the mailboxes that are
// shared with them.
func (d *directory) User(_ context.Context, _ ewsserver.Caller, address string) (autodiscover.User, error) {
	d.st.mu.RLock()
	mb := d.st.byAddress[lower(address)]
	d.st.mu.RUnlock()
	if mb == nil || mb.tenant != d.tenant {
		return autodiscover.User{}, autodiscover.ErrUnknownUser
	}
	const group = "ou=Exchange Administrative Group (FYDIBOHF23SPDLT)"
	alias, _, _ := strings.Cut(mb.address, "@")
	organisation := "/o=" + d.tenant.name + "/" + group
	return autodiscover.User{
		DisplayName: mb.name, SMTPAddress: mb.address,
		UserDN:         fmt.Sprintf("%s/cn=Recipients/cn=%s", organisation, alias),
		MailboxDN:      organisation + "/cn=Configuration/cn=Servers/cn=EX1/cn=Microsoft Private MDB",
		DeploymentID:   d.tenant.id,
		ExternalEWSURL: d.ewsURL(), InternalEWSURL: d.ewsURL(), Server: d.tenant.mailHost,
	}, nil
}
