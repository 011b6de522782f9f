package simulator

import (
	"fmt"
	"net/http"

	"github.com/exconn/exconn/simulator/entra"
)

// FederationOptions are about contoso's AD FS, which is there always, beside
// Entra and with the same people: its Exchange Server takes the tokens of both.
type FederationOptions struct {
	// Default makes the Exchange Server name AD FS to those who come without
	// credentials, as an admin does with Set-AuthServer
	// -IsDefaultAuthorizationEndpoint, and not Entra.
	Default bool
	// EnableKMSI and BareScopes are passed on to entra.ADFSOptions.
	EnableKMSI, BareScopes bool
}

// LoopbackAtADFS is the redirect URI of the applications at AD FS, which
// compares the port too.
const LoopbackAtADFS = "http://localhost:8400/"

// login is what answers at the address of the sign-in: Entra, and AD FS below
// /adfs.
func (s *Simulator) login() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if entra.IsADFS(r.URL.Path) {
			s.adfs.ServeHTTP(w, r)
			return
		}
		s.entra.ServeHTTP(w, r)
	})
}

// ADFS is contoso's AD FS, for tests that change its registrations.
func (s *Simulator) ADFS() *entra.ADFS { return s.adfs }

// ADFSURL is the authority of contoso's AD FS. It is known after Start.
func (s *Simulator) ADFSURL() string { return s.Authority("adfs") }

// authorizeURL is where a tenant's Exchange sends people to sign in.
func (s *Simulator) authorizeURL(t Tenant) string {
	if t == Server && s.opts.Federation.Default {
		return s.ADFSURL() + "/oauth2/authorize"
	}
	return s.AuthorityURL(t) + "/oauth2/v2.0/authorize"
}

// fillADFS registers the Exchange Server with AD FS, as Microsoft's guide has
// it, and the clients that may use it. The guide ends the server's identifier
// with a slash; without one it is registered too, as admins do whose programs
// leave it out.
func (s *Simulator) fillADFS(serverResource string) error {
	api := entra.WebAPI{Name: "Exchange Server", Issues: []string{"user_impersonation"}}
	for _, resource := range s.serverResources(serverResource) {
		api.Identifiers = append(api.Identifiers, resource+"/", resource)
	}
	if err := s.adfs.AddWebAPI(api); err != nil {
		return err
	}
	s.apps.ADFSWeb.Secret = s.secret(s.apps.ADFSWeb.ClientID)
	for _, cl := range []entra.ADFSClient{
		{ClientID: s.apps.ADFS.ClientID, Name: s.apps.ADFS.Name, Redirects: []string{LoopbackAtADFS}},
		{ClientID: s.apps.ADFSWeb.ClientID, Name: s.apps.ADFSWeb.Name, Server: true, Redirects: []string{LoopbackAtADFS}, Secrets: []entra.Secret{s.apps.ADFSWeb.Secret}},
	} {
		if _, err := s.adfs.AddClient(cl); err != nil {
			return err
		}
		if err := s.adfs.Permit(cl.ClientID, serverResource, "openid", "profile", "email", "user_impersonation", ewsScope); err != nil {
			return fmt.Errorf("AD FS: %w", err)
		}
	}
	return nil
}
