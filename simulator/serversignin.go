package simulator

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/simulator/httpauth"
)

// SignInOptions say how contoso's people sign in to their Exchange Server by
// password or by Kerberos. Tokens are taken besides.
type SignInOptions struct {
	// Schemes are offered in this order; nil means all that there are:
	// Negotiate, NTLM, Basic.
	Schemes []httpauth.Scheme
	// ExtendedProtection is whether NTLM and Kerberos must be bound to the TLS
	// connection. Empty means allow, as Microsoft recommends for EWS.
	ExtendedProtection httpauth.Protection
	// KeytabFile has the keys of the server's service (HTTP/host), with which
	// Negotiate takes Kerberos tickets of the service's realm: anna@REALM is
	// anna@contoso.example. Empty means that there is no Kerberos.
	KeytabFile string
}

// newAuthenticator returns what signs in the people of a tenant. It reads the
// keytab. Its errors do not name the package.
func (s *Simulator) newAuthenticator(t *tenant) (*httpauth.Authenticator, error) {
	w := s.opts.SignIn
	opts := httpauth.Options{
		Schemes: s.ServerSchemes(), Protection: w.ExtendedProtection, Realm: t.domain,
		Names: httpauth.Names{
			Domain: strings.ToUpper(t.name), DNSDomain: t.domain,
			Computer: strings.ToUpper(strings.TrimSuffix(t.mailHost, "."+t.domain)), DNSComputer: t.mailHost,
		},
		Accounts: func(user, domain string) (httpauth.Account, bool) { return s.serverAccount(t, user, domain) },
	}
	if w.KeytabFile != "" {
		var err error
		if opts.Keytab, err = httpauth.ReadKeytab(w.KeytabFile); err != nil {
			return nil, err
		}
	}
	return httpauth.New(opts), nil
}

// serverAccount finds an account by its user principal name, or by its name in
// the domain, which may be left out.
func (s *Simulator) serverAccount(t *tenant, user, domain string) (httpauth.Account, bool) {
	upn := user
	if !strings.Contains(user, "@") {
		if domain != "" && !strings.EqualFold(domain, t.name) && !strings.EqualFold(domain, t.domain) {
			return httpauth.Account{}, false
		}
		upn += "@" + t.domain
	}
	u, ok := s.directory.User(upn)
	if !ok || u.Disabled || !strings.EqualFold(u.Tenant, t.id) {
		return httpauth.Account{}, false
	}
	return httpauth.Account{Name: u.UPN, Password: u.Password}, true
}

// signedIn tells who has signed in by password or by Kerberos.
func (b *backend) signedIn(r *http.Request) (principal, error) {
	user, refusal := httpauth.Of(r)
	switch {
	case user != nil:
		return principal{kind: byPassword, account: lower(user.Name)}, nil
	case refusal == nil:
		return principal{}, b.unauthorized("", "no credentials that are accepted here")
	case refusal.Continues:
		h := http.Header{"Www-Authenticate": refusal.Challenges}
		return principal{}, &ewsserver.AuthError{Status: http.StatusUnauthorized, Header: h, Reason: refusal.Reason}
	}
	return principal{}, b.unauthorized("", refusal.Reason)
}

// ExtendedProtection is contoso's Exchange Server's.
func (s *Simulator) ExtendedProtection() httpauth.Protection {
	return cmp.Or(s.opts.SignIn.ExtendedProtection, httpauth.ProtectionAllow)
}

// ServerSchemes are the schemes that contoso's Exchange Server offers besides
// tokens, in their order.
func (s *Simulator) ServerSchemes() []httpauth.Scheme {
	if s.opts.SignIn.Schemes == nil {
		return httpauth.Schemes()
	}
	return slices.Clone(s.opts.SignIn.Schemes)
}
