package simulator

import (
	"crypto/x509"
	"fmt"
	"slices"

	"github.com/exconn/exconn/simulator/entra"
)

// The permissions that the applications have.
const (
	onlineResource = "https://outlook.office365.com"
	graphResource  = "https://graph.microsoft.com"
	ewsScope       = "EWS.AccessAsUser.All"
	ewsRole        = "full_access_as_app"
)

// The ids are the same in every run, so that a client's configuration need not
// change.
const (
	serverTenantID = "c0117050-0000-4000-8000-000000000001"
	onlineTenantID = "fab21ca0-0000-4000-8000-000000000001"
)

// Application is an app registration in the pretend Entra.
type Application struct {
	Name     string
	ClientID string
	Tenant   Tenant
	// Secret is empty for a public client.
	Secret entra.Secret
}

// Applications are the app registrations that there are.
type Applications struct {
	// Server is a public client for contoso's Exchange Server (hybrid modern
	// authentication).
	Server Application
	// Online is a public client for fabrikam, with a person signed in.
	Online Application
	// AppOnly acts in its own right at fabrikam, by secret or certificate
	// (full_access_as_app).
	AppOnly Application
	// Scoped acts in its own right at fabrikam for fiona alone: its right
	// comes from RBAC for Applications, so that its tokens tell no roles.
	Scoped Application
	// Unlisted has every permission at fabrikam, but is not on the list of
	// applications that EWS is open for. It has a secret and is a public
	// client too.
	Unlisted Application
	// Web is a web application at fabrikam: it has a secret or a certificate,
	// and a person signs in. Its redirect URI is CRMRedirect.
	Web Application
	// ADFS is a public client for contoso's Exchange Server at AD FS, and
	// ADFSWeb a web application there, with a secret or a certificate. Their
	// redirect URI is LoopbackAtADFS; RegisterRedirect adds others.
	ADFS, ADFSWeb Application
}

// CRMRedirect is the redirect URI of the web application at fabrikam, which is
// the address of a CRM that is not there.
const CRMRedirect = "https://crm.fabrikam.example/admin/smtp_oauth_microsoft/token"

// Account is somebody with a mailbox.
type Account struct {
	Address string
	Name    string
	Tenant  Tenant
	// Password is empty for a shared mailbox, to which nobody signs in.
	Password entra.Secret
	// Note says what is special about it.
	Note string
}

// accounts are all mailboxes there are.
var accounts = []Account{
	{Address: "anna@contoso.example", Name: "Anna Albrecht", Tenant: Server},
	{Address: "ben@contoso.example", Name: "Ben Castillo", Tenant: Server},
	{Address: "carla@contoso.example", Name: "Carla Duarte", Tenant: Server},
	{Address: "director@contoso.example", Name: "Edith Lang", Tenant: Server, Note: "outside the scope of impersonation"},
	{Address: "svc-crm@contoso.example", Name: "CRM Service", Tenant: Server, Note: "may impersonate anna, ben and carla (ApplicationImpersonation)"},
	{Address: "erik@fabrikam.example", Name: "Erik Sandberg", Tenant: Online, Note: "has full access to sales@fabrikam.example"},
	{Address: "fiona@fabrikam.example", Name: "Fiona Grey", Tenant: Online},
	{Address: "greta@fabrikam.example", Name: "Greta Holm", Tenant: Online, Note: "EWS is disabled for this mailbox"},
	{Address: "sales@fabrikam.example", Name: "Fabrikam Sales", Tenant: Online, Note: "shared mailbox"},
}

// crmService is the account with ApplicationImpersonation at contoso.
const crmService = "svc-crm@contoso.example"

// shared is the mailbox that nobody signs in to.
const shared = "sales@fabrikam.example"

// applications are all app registrations, without secrets.
var applications = Applications{
	Server:   Application{Name: "CRM at Contoso", ClientID: "c0117050-0000-4000-8000-0000000000a1", Tenant: Server},
	Online:   Application{Name: "CRM at Fabrikam", ClientID: "fab21ca0-0000-4000-8000-0000000000a1", Tenant: Online},
	AppOnly:  Application{Name: "CRM service at Fabrikam", ClientID: "fab21ca0-0000-4000-8000-0000000000a2", Tenant: Online},
	Scoped:   Application{Name: "CRM pilot at Fabrikam", ClientID: "fab21ca0-0000-4000-8000-0000000000a3", Tenant: Online},
	Unlisted: Application{Name: "Old reporting tool", ClientID: "fab21ca0-0000-4000-8000-0000000000a4", Tenant: Online},
	Web:      Application{Name: "CRM web server at Fabrikam", ClientID: "fab21ca0-0000-4000-8000-0000000000a5", Tenant: Online},
	ADFS:     Application{Name: "CRM at Contoso, by AD FS", ClientID: "c0117050-0000-4000-8000-0000000000b1", Tenant: Server},
	ADFSWeb:  Application{Name: "CRM server at Contoso, by AD FS", ClientID: "c0117050-0000-4000-8000-0000000000b2", Tenant: Server},
}

// newWorld fills the state with the tenants and their mailboxes.
func newWorld(st *state, mailboxes, messages int) map[Tenant]*tenant {
	tenants := map[Tenant]*tenant{
		Server: {kind: Server, id: serverTenantID, name: "contoso", domain: "contoso.example", mailHost: "ex1.contoso.example",
			impersonators: map[string]map[string]bool{crmService: {
				"anna@contoso.example": true, "ben@contoso.example": true, "carla@contoso.example": true}}},
		Online: {kind: Online, id: onlineTenantID, name: "fabrikam", domain: "fabrikam.example", mailHost: "prod.fabrikam.example",
			draftsHaveMessageID: true,
			allowedApps: map[string]bool{
				applications.Online.ClientID: true, applications.AppOnly.ClientID: true, applications.Scoped.ClientID: true, applications.Web.ClientID: true},
			scopedApps: map[string]map[string]bool{applications.Scoped.ClientID: {"fiona@fabrikam.example": true}}},
	}
	zones := map[Tenant]string{Server: "W. Europe Standard Time", Online: "Eastern Standard Time"}
	for _, a := range accounts {
		st.addMailbox(tenants[a.Tenant], a.Name, a.Address, zones[a.Tenant])
	}
	for _, kind := range []Tenant{Server, Online} {
		st.addRooms(tenants[kind], zones[kind])
	}
	st.byAddress["anna@contoso.example"].addAlias("anna.albrecht@contoso.example")
	st.byAddress["greta@fabrikam.example"].ewsDisabled = true
	sales := st.byAddress[shared]
	sales.fullAccess["erik@fabrikam.example"] = true
	sales.sendAs["erik@fabrikam.example"] = true
	// Fiona may look at Erik's calendar and work in Sales' inbox.
	st.byAddress["erik@fabrikam.example"].share("calendar", "fiona@fabrikam.example", reviewer)
	sales.share("inbox", "fiona@fabrikam.example", editor)
	// Ben may answer in Anna's name, Carla may read her calendar.
	anna := st.byAddress["anna@contoso.example"]
	anna.sendOnBehalf["ben@contoso.example"] = true
	anna.share("calendar", "carla@contoso.example", reviewer)
	st.addGroups(tenants)
	// Anna and Erik have archives.
	anna.archived, st.byAddress["erik@fabrikam.example"].archived = true, true
	for _, d := range []string{"adatum.example", "tailspin.example", "woodgrove.example"} {
		st.reachable[d] = true
	}
	st.gather(tenants, zones, mailboxes, messages)
	return tenants
}

// fillDirectory makes the pretend Entra's tenants, users and applications.
// serverResource is the audience of tokens for the Exchange Server, localOnline
// the address at which the pretend Exchange Online really is.
func (s *Simulator) fillDirectory(serverResource, localOnline string) error {
	for _, t := range s.tenants {
		if _, err := s.directory.AddTenant(entra.Tenant{ID: t.id, Name: t.name, Domains: []string{t.domain}}); err != nil {
			return err
		}
	}
	for i, a := range s.accounts {
		if a.Address == shared {
			continue
		}
		s.accounts[i].Password = s.secret(a.Address)
		if err := s.addUser(a.Tenant, a.Address, a.Name); err != nil {
			return err
		}
	}
	for _, mb := range s.state.mailboxes {
		if mb.crowded {
			if err := s.addUser(mb.tenant.kind, mb.address, mb.name); err != nil {
				return err
			}
		}
	}
	for _, r := range []entra.Resource{
		{AppID: entra.ExchangeOnlineAppID, Tenant: serverTenantID, Identifiers: s.serverResources(serverResource)},
		{AppID: entra.ExchangeOnlineAppID, Tenant: onlineTenantID, Identifiers: []string{localOnline}},
	} {
		if _, err := s.directory.AddResource(r); err != nil {
			return err
		}
	}
	loopback := []entra.Redirect{{URI: "http://localhost", Platform: entra.Public}}
	online, graph := s.opts.Cloud.Exchange()[0], s.opts.Cloud.Graph()
	ews := []entra.Permission{{Resource: online, Scope: ewsScope}, {Resource: online, Scope: "SMTP.Send"}}
	for _, name := range []string{"Mail.ReadWrite", "Mail.Send", "Calendars.ReadWrite", "Contacts.ReadWrite", "Tasks.ReadWrite"} {
		ews = append(ews, entra.Permission{Resource: graph, Scope: name})
	}
	role := []entra.AppRole{{Resource: online, Role: ewsRole}, {Resource: online, Role: "SMTP.SendAsApp"}}
	for _, name := range []string{"Mail.ReadWrite", "Mail.Send", "Calendars.ReadWrite", "Contacts.ReadWrite", "Tasks.ReadWrite.All"} {
		role = append(role, entra.AppRole{Resource: graph, Role: name})
	}
	for app, reg := range map[*Application]entra.Application{
		&s.apps.Server:   {Redirects: loopback, AllowPublicClient: true, Delegated: []entra.Permission{{Resource: serverResource, Scope: ewsScope}}},
		&s.apps.Online:   {Redirects: loopback, AllowPublicClient: true, Delegated: ews},
		&s.apps.AppOnly:  {Secrets: s.secretFor(&s.apps.AppOnly), AppRoles: role, AdminConsented: true},
		&s.apps.Scoped:   {Secrets: s.secretFor(&s.apps.Scoped), AdminConsented: true},
		&s.apps.Web:      {Secrets: s.secretFor(&s.apps.Web), Redirects: []entra.Redirect{{URI: CRMRedirect, Platform: entra.Web}}, Delegated: ews},
		&s.apps.Unlisted: {Secrets: s.secretFor(&s.apps.Unlisted), Redirects: loopback, Delegated: ews, AppRoles: role, AdminConsented: true},
	} {
		reg.ClientID, reg.Name, reg.Tenant = app.ClientID, app.Name, s.tenants[app.Tenant].id
		if _, err := s.directory.AddApplication(reg); err != nil {
			return err
		}
	}
	return s.fillADFS(serverResource)
}

func (s *Simulator) addUser(t Tenant, address, name string) error {
	_, err := s.directory.AddUser(entra.User{ID: s.objectID(address), Tenant: s.tenants[t].id, UPN: address, Name: name, Password: s.secret(address)})
	return err
}

func (s *Simulator) secretFor(app *Application) []entra.ClientSecret {
	app.Secret = s.secret(app.ClientID)
	return []entra.ClientSecret{{Value: app.Secret}}
}

// serverResources are the audiences of tokens for the Exchange Server.
func (s *Simulator) serverResources(server string) []string {
	if s.opts.ExternalHost == "" {
		return []string{server}
	}
	return []string{server, "https://" + s.opts.ExternalHost}
}

// Accounts lists the mailboxes with their passwords, but for the many that
// Options.Mailboxes adds (CrowdAddress).
func (s *Simulator) Accounts() []Account { return slices.Clone(s.accounts) }

// Password returns the password of an account; empty for an unknown address.
func (s *Simulator) Password(address string) entra.Secret {
	for _, a := range s.accounts {
		if lower(a.Address) == lower(address) {
			return a.Password
		}
	}
	if mb := s.state.byAddress[lower(address)]; mb != nil && mb.crowded {
		return s.secret(mb.address)
	}
	return ""
}

// Applications returns the app registrations with their secrets.
func (s *Simulator) Applications() Applications { return s.apps }

// RegisterRedirect registers the address of a CRM's callback page for the two
// public clients, and for the applications at AD FS, as an admin does.
func (s *Simulator) RegisterRedirect(uri string) error {
	for _, app := range []Application{s.apps.Server, s.apps.Online} {
		if err := s.directory.AddRedirect(app.ClientID, entra.Redirect{URI: uri, Platform: entra.Public}); err != nil {
			return fmt.Errorf("registering a redirect: %w", err)
		}
	}
	for _, app := range []Application{s.apps.ADFS, s.apps.ADFSWeb} {
		if err := s.adfs.AddRedirect(app.ClientID, uri); err != nil {
			return fmt.Errorf("registering a redirect at AD FS: %w", err)
		}
	}
	return nil
}

// AddCertificate registers a certificate for the applications that act in
// their own right, and for the web applications.
func (s *Simulator) AddCertificate(cert *x509.Certificate) error {
	for _, app := range []Application{s.apps.AppOnly, s.apps.Scoped, s.apps.Web} {
		if err := s.directory.AddCertificate(app.ClientID, cert); err != nil {
			return fmt.Errorf("registering a certificate: %w", err)
		}
	}
	if err := s.adfs.AddCertificate(s.apps.ADFSWeb.ClientID, cert); err != nil {
		return fmt.Errorf("registering a certificate at AD FS: %w", err)
	}
	return nil
}
