package oauth

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// callbackPath is where the CRM's web server serves the callback page, below
// the CRM's own address.
const callbackPath = "/custompages/oauth/callback.html"

// maxRedirectURI is the most characters that Entra registers.
const maxRedirectURI = 256

// RedirectURIForCRM returns the redirect URI for a CRM at
// https://{server}/{install}: that address with
// /custompages/oauth/callback.html, all in lower case because Entra compares
// paths case-sensitively and people type them as they like. The address must
// be https; http is allowed for localhost alone, as Entra has it.
func RedirectURIForCRM(crmURL string) (string, error) {
	bad := func(format string, args ...any) (string, error) {
		return "", &FieldError{Field: "CRM URL", Problem: fmt.Sprintf(format, args...)}
	}
	u, err := url.Parse(strings.TrimSpace(crmURL))
	switch {
	case err != nil || u.Scheme == "" || u.Host == "":
		return bad("%q is not an address such as https://crm.example.com/crm", crmURL)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return bad("%q is the address of one page; give https://{server}/{install}, without what follows the ? or #", crmURL)
	}
	path := strings.TrimRight(strings.ToLower(u.EscapedPath()), "/")
	path = strings.TrimSuffix(path, callbackPath)
	uri := strings.ToLower(u.Scheme) + "://" + strings.ToLower(u.Host) + path + callbackPath
	if u.User != nil {
		return bad("it must not hold a user name or password")
	}
	if problem := checkRedirectURI(uri); problem != "" {
		return bad("%s", problem)
	}
	return uri, nil
}

// RedirectURIProblem returns why Entra would not register a redirect URI, in
// plain words, or "".
func RedirectURIProblem(uri string) string { return checkRedirectURI(uri) }

// isCallbackPage reports whether a redirect URI is that of our callback page,
// which hands the answer on to the listener.
func isCallbackPage(uri string) bool {
	u, err := url.Parse(uri)
	return err == nil && strings.HasSuffix(u.Path, callbackPath)
}

// loopbackRedirect reports whether a redirect URI leads to this machine, where
// a listener of ours can take the answer, and by which port (0: any) and path,
// which may be empty. Entra ignores the port of localhost when it compares; AD
// FS wants every letter.
func loopbackRedirect(uri string) (port int, path string, ok bool) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "http" || u.Hostname() != "localhost" {
		return 0, "", false
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return 0, "", false
		}
	}
	return port, u.Path, true
}

// checkRedirectURI returns what is wrong with a redirect URI of a page, or "".
func checkRedirectURI(uri string) string {
	u, err := url.Parse(uri)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return fmt.Sprintf("%q is not a URL", uri)
	case u.User != nil:
		return "it must not hold a user name or password"
	case u.Scheme == "http" && u.Hostname() != "localhost":
		return fmt.Sprintf("%q must be https: Entra allows http for localhost alone (and not for 127.0.0.1)", uri)
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Sprintf("%q must begin with https://", uri)
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Sprintf("%q must not have a query or fragment", uri)
	case strings.Contains(u.Host, "*"):
		return fmt.Sprintf("%q must name one host, without *", uri)
	case len(uri) > maxRedirectURI:
		return fmt.Sprintf("it is %d characters long, and Entra registers at most %d", len(uri), maxRedirectURI)
	}
	for _, r := range uri {
		if r <= ' ' || r > '~' {
			return fmt.Sprintf("%q holds a character that Entra does not register; write an international host name in its xn-- form", uri)
		}
	}
	return ""
}
