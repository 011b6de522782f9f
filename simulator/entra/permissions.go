package entra

import (
	"fmt"
	"slices"
)

// The permissions that mail programs and CRMs ask for, as the portal offers
// them. A name that is not among them does not exist here.
var (
	exchangeScopes = []string{
		"EWS.AccessAsUser.All", "SMTP.Send", "IMAP.AccessAsUser.All", "POP.AccessAsUser.All",
	}
	exchangeRoles = []string{
		"full_access_as_app", "SMTP.SendAsApp", "IMAP.AccessAsApp", "POP.AccessAsApp", "Exchange.ManageAsApp",
	}
	graphScopes = []string{
		"User.Read", "User.ReadBasic.All", "User.Read.All", "People.Read", "Place.Read.All", "Group.Read.All",
		"Mail.Read", "Mail.ReadBasic", "Mail.ReadWrite", "Mail.Send", "Mail.Read.Shared", "Mail.ReadWrite.Shared", "Mail.Send.Shared",
		"Calendars.Read", "Calendars.ReadWrite", "Calendars.Read.Shared", "Calendars.ReadWrite.Shared",
		"Contacts.Read", "Contacts.ReadWrite", "Contacts.Read.Shared", "Contacts.ReadWrite.Shared",
		"Tasks.Read", "Tasks.ReadWrite", "Tasks.Read.Shared", "Tasks.ReadWrite.Shared",
		"MailboxSettings.Read", "MailboxSettings.ReadWrite", "EWS.AccessAsUser.All",
		"SMTP.Send", "IMAP.AccessAsUser.All", "POP.AccessAsUser.All",
	}
	graphRoles = []string{
		"User.Read.All", "User.ReadBasic.All", "People.Read.All", "Place.Read.All", "Group.Read.All",
		"Mail.Read", "Mail.ReadBasic.All", "Mail.ReadWrite", "Mail.Send",
		"Calendars.Read", "Calendars.ReadWrite", "Contacts.Read", "Contacts.ReadWrite",
		"Tasks.Read.All", "Tasks.ReadWrite.All", "MailboxSettings.Read", "MailboxSettings.ReadWrite",
	}
	// mailProtocols are the permissions that the portal shows under Microsoft
	// Graph, while the servers want tokens for Exchange Online.
	mailProtocols = []string{"SMTP.Send", "IMAP.AccessAsUser.All", "POP.AccessAsUser.All"}
)

func (r Resource) hasScope(name string) bool { return r.Scopes == nil || containsFold(r.Scopes, name) }

func (r Resource) hasRole(name string) bool { return r.Roles == nil || containsFold(r.Roles, name) }

// counts tells whether a permission that is registered for a resource is one
// for the resource wanted. Microsoft's page on OAuth for SMTP, IMAP and POP has
// it registered under Graph and asked for at https://outlook.office.com.
func (p Permission) counts(registered, wanted Resource) bool {
	return registered.AppID == wanted.AppID ||
		registered.AppID == GraphAppID && wanted.AppID == ExchangeOnlineAppID && containsFold(mailProtocols, p.Scope)
}

// checkPermissions refuses permissions that the portal has no line for. The
// caller holds the mutex.
func (d *Directory) checkPermissions(a Application) error {
	for _, p := range a.Delegated {
		r, ok := d.findResource("", p.Resource)
		if !ok {
			return noResource(p.Resource)
		}
		if !r.hasScope(p.Scope) {
			return fmt.Errorf("the resource %s has no delegated permission %q", r.Name, p.Scope)
		}
	}
	for _, p := range a.AppRoles {
		r, ok := d.findResource("", p.Resource)
		if !ok {
			return noResource(p.Resource)
		}
		if !r.hasRole(p.Role) {
			return fmt.Errorf("the resource %s has no application permission %q", r.Name, p.Role)
		}
	}
	return nil
}

func noResource(identifier string) error {
	return fmt.Errorf("there is no resource %q; add it first", identifier)
}

// asksFor tells whether a request is for a registered permission of r.
func (s *Server) asksFor(req authRequest, p Permission, r Resource) bool {
	if slices.Contains(req.keys, grantKey(r.AppID, p.Scope)) {
		return true
	}
	exchange, ok := s.dir.resource("", ExchangeOnlineAppID)
	return ok && p.counts(r, exchange) && slices.Contains(req.keys, grantKey(ExchangeOnlineAppID, p.Scope))
}
