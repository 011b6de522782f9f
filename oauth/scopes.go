package oauth

import (
	"fmt"
	"net/url"
	"strings"
)

// The resources of Microsoft's worldwide cloud. National clouds have their own.
const (
	// ExchangeOnline is the resource that Exchange Online's tokens are for.
	ExchangeOnline = "https://outlook.office365.com"
	// ExchangeSMTP is the resource under which Microsoft's guides ask for a
	// person's permission to send by SMTP. Its tokens are good for
	// ExchangeOnline too.
	ExchangeSMTP = "https://outlook.office.com"
	// MicrosoftGraph is the resource of Graph.
	MicrosoftGraph = "https://graph.microsoft.com"
)

// GlobalLogin is the host of the authorities of Microsoft's worldwide cloud.
const GlobalLogin = "login.microsoftonline.com"

// AuthorityURL returns the authority of Microsoft's worldwide cloud for an
// account type: "common", "organizations", a tenant id or a domain. See
// AuthorityAt for national clouds; AD FS has authorities of its own.
func AuthorityURL(accountType string) string { return AuthorityAt(GlobalLogin, accountType) }

// AuthorityAt is AuthorityURL at a national cloud's host.
func AuthorityAt(host, accountType string) string {
	return "https://" + host + "/" + url.PathEscape(strings.TrimSpace(accountType))
}

// GraphPermissions are the delegated permissions with which Graph serves mail,
// calendar, contacts and tasks of the one who signs in.
func GraphPermissions() []string {
	return []string{"Mail.ReadWrite", "Mail.Send", "Calendars.ReadWrite", "Contacts.ReadWrite", "Tasks.ReadWrite"}
}

// EWSScopes returns the scopes for Exchange Web Services at a resource; empty
// means ExchangeOnline. An application in its own right asks for all that it
// has been granted; a person for EWS.AccessAsUser.All and for renewal.
func EWSScopes(method Method, resource string) []string {
	return Scopes(method, first(resource, ExchangeOnline), "EWS.AccessAsUser.All")
}

// SMTPScopes returns the scopes for sending by SMTP. An empty resource means
// ExchangeSMTP for a person and ExchangeOnline for an application, as
// Microsoft's guides have it.
func SMTPScopes(method Method, resource string) []string {
	if method.AppOnly() {
		return Scopes(method, first(resource, ExchangeOnline))
	}
	return Scopes(method, first(resource, ExchangeSMTP), "SMTP.Send")
}

// GraphScopes returns the scopes for GraphPermissions at a resource; empty
// means MicrosoftGraph.
func GraphScopes(method Method, resource string) []string {
	return Scopes(method, first(resource, MicrosoftGraph), GraphPermissions()...)
}

// ADFSScopes returns the scopes for a resource that AD FS knows: its identifier
// as it is registered there, to the last slash. AD FS (2019 and later) reads the
// resource from the scope, before the last slash; user_impersonation is its
// permission for acting as the one who signs in.
func ADFSScopes(method Method, resource string) []string {
	if method.AppOnly() {
		return []string{resource + "/.default"}
	}
	return []string{resource + "/user_impersonation", "offline_access"}
}

// Scopes returns the scopes for permissions of a resource: these and renewal
// where a person signs in, or all that has been granted where an application
// acts in its own right.
func Scopes(method Method, resource string, permissions ...string) []string {
	resource = strings.TrimSuffix(resource, "/")
	if method.AppOnly() {
		return []string{resource + "/.default"}
	}
	var scopes []string
	for _, p := range permissions {
		scopes = append(scopes, resource+"/"+p)
	}
	return append(scopes, "offline_access")
}

// EWSResource returns the resource for an EWS URL: its host with https, as
// Exchange Online and hybrid modern authentication have it, where the external
// EWS host is the token's audience. A port other than 443 stays.
func EWSResource(ewsURL string) (string, error) {
	u, err := url.Parse(ewsURL)
	if err != nil || u.Hostname() == "" {
		return "", &FieldError{Field: "EWS URL", Problem: fmt.Sprintf("%q is not a URL such as https://mail.example.com/EWS/Exchange.asmx", ewsURL)}
	}
	return "https://" + strings.ToLower(strings.TrimSuffix(u.Host, ":443")), nil
}
