package connection

import (
	"net/url"
	"strings"

	"github.com/exconn/exconn/oauth"
)

// The paths beneath the address of an InvitationHandler.
const (
	invitePath   = "/invite/"
	callbackPath = "/callback"
)

// ParseInvitationURL returns the address under which people's browsers reach an
// InvitationHandler in the form that links are made of: without a slash at its
// end. It must be https; http is for localhost alone, as the redirect URI is
// beneath it. The error is a FieldErrors of the field "base_url".
func ParseInvitationURL(address string) (string, error) {
	bad := func(problem string) (string, error) {
		return "", FieldErrors{{Field: "base_url", Given: withoutUser(address), Problem: problem + "; give the address at which people's browsers reach the invitations, such as https://crm.example.com/exconn"}}
	}
	u, err := url.Parse(strings.TrimSpace(address))
	switch {
	case address == "":
		return bad("is missing")
	case err != nil || u.Host == "" || u.Hostname() == "":
		return bad("is not a URL")
	case u.User != nil:
		return bad("must not hold a user name or password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return bad("must not have a query or fragment")
	case u.Scheme == "http" && u.Hostname() != "localhost":
		return bad("must be https; http is for http://localhost alone")
	case u.Scheme != "http" && u.Scheme != "https":
		return bad("must begin with https://")
	case strings.Contains(strings.TrimRight(u.Path, "/"), "//") || u.RawPath != "":
		return bad("has a path that is not a plain one")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	base := u.Scheme + "://" + strings.ToLower(u.Host) + u.Path
	if problem := oauth.RedirectURIProblem(base + callbackPath); problem != "" {
		return bad("makes a redirect URI that cannot be registered: " + problem)
	}
	return base, nil
}

// InvitationRedirectURI returns what has to be registered with the application
// for invitations beneath an address that ParseInvitationURL has returned.
func InvitationRedirectURI(base string) string { return base + callbackPath }
