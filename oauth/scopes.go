package oauth

import (
	"fmt"
	"net/url"
	"strings"
)

// ExchangeOnline is the resource that Exchange Online's tokens are for.
const ExchangeOnline = "https://outlook.office365.com"

// AuthorityURL returns the authority of Microsoft's worldwide cloud for an
// account type: "common", "organizations", a tenant id or a domain. National
// clouds and AD FS have authorities of their own.
func AuthorityURL(accountType string) string {
	return "https://login.microsoftonline.com/" + url.PathEscape(strings.TrimSpace(accountType))
}

// EWSScopes returns the scopes for Exchange Web Services at a resource; empty
// means ExchangeOnline. An application in its own right asks for all that it
// has been granted; a person for EWS.AccessAsUser.All and for renewal.
func EWSScopes(method Method, resource string) []string {
	if resource == "" {
		resource = ExchangeOnline
	}
	resource = strings.TrimSuffix(resource, "/")
	if method.AppOnly() {
		return []string{resource + "/.default"}
	}
	return []string{resource + "/EWS.AccessAsUser.All", "offline_access"}
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
