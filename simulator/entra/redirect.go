package entra

import (
	"fmt"
	"net/url"
	"strings"
)

// Platform is what kind of client a redirect URI belongs to; it decides how the
// client proves itself when it redeems a code.
type Platform string

// The platforms.
const (
	// Public is "Mobile and desktop applications": no secret.
	Public Platform = "public"
	// Web is a server with a secret or a certificate.
	Web Platform = "web"
	// SPA is a script in a browser: no secret, PKCE, and an Origin header.
	SPA Platform = "spa"
)

// Redirect is a redirect URI (a reply URL) of an application.
type Redirect struct {
	URI string
	// Platform is empty for a redirect that was registered without one; see
	// Application.AllowPublicClient.
	Platform Platform
}

// maxRedirect is the longest redirect URI that can be registered, in
// characters.
const maxRedirect = 256

// validate refuses what Entra does not let anybody register.
func (r Redirect) validate() error {
	switch r.Platform {
	case Public, Web, SPA:
	default:
		return fmt.Errorf("redirect URI %s: the platform %q is none of %q, %q, %q", r.URI, r.Platform, Public, Web, SPA)
	}
	u, err := url.Parse(r.URI)
	switch {
	case err != nil:
		return fmt.Errorf("redirect URI: %w", err)
	case len(r.URI) > maxRedirect:
		return fmt.Errorf("redirect URI %s: it is longer than %d characters", r.URI, maxRedirect)
	case u.Scheme == "" || (isHTTP(u) && u.Host == ""):
		return fmt.Errorf("redirect URI %q: it must be absolute", r.URI)
	case u.Fragment != "" || strings.Contains(r.URI, "#"):
		return fmt.Errorf("redirect URI %s: it must not have a fragment", r.URI)
	case u.Scheme == "http" && !isLoopback(u):
		return fmt.Errorf("redirect URI %s: plain http is for localhost only; use https", r.URI)
	case !isHTTP(u) && r.Platform != Public:
		return fmt.Errorf("redirect URI %s: the scheme %s is for mobile and desktop applications only; use https", r.URI, u.Scheme)
	}
	return nil
}

func isHTTP(u *url.URL) bool { return u.Scheme == "https" || u.Scheme == "http" }

// isLoopback: 127.0.0.1 can be registered in the manifest alone, and [::1] not
// at all (Entra's page on reply URLs).
func isLoopback(u *url.URL) bool {
	return u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1"
}

// matches reports whether the URI that a client sent is this one. All is
// compared letter by letter, the case of the path included. Only the port of
// http://localhost is free, because a desktop application takes whatever port
// it gets (RFC 8252 section 7.3).
func (r Redirect) matches(sent string) bool {
	if sent == r.URI {
		return true
	}
	want, err := url.Parse(r.URI)
	if err != nil {
		return false
	}
	got, err := url.Parse(sent)
	if err != nil || strings.Contains(sent, "#") || got.User != nil {
		return false
	}
	if want.Scheme != "http" || got.Scheme != "http" || want.Hostname() != "localhost" || got.Hostname() != "localhost" {
		return false
	}
	return rootPath(got) == rootPath(want) && got.RawQuery == want.RawQuery
}

// rootPath is the path as an HTTP request would carry it (RFC 3986 section
// 6.2.3: an empty path is "/").
func rootPath(u *url.URL) string {
	if p := u.EscapedPath(); p != "" {
		return p
	}
	return "/"
}

// redirect finds the registration of the URI that a client sent.
func (a Application) redirect(sent string) (Redirect, *Error) {
	if sent == "" {
		return Redirect{}, fail(900971, "invalid_request", "The request has no redirect_uri.")
	}
	for _, r := range a.Redirects {
		if r.matches(sent) {
			return r, nil
		}
	}
	if len(a.Redirects) == 0 {
		return Redirect{}, fail(500113, "invalid_request", "No redirect URI is registered for the application '%s'.", a.ClientID)
	}
	known := make([]string, len(a.Redirects))
	for i, r := range a.Redirects {
		known[i] = "'" + r.URI + "'"
	}
	return Redirect{}, fail(50011, "invalid_request", "The request's redirect URI '%s' is not registered for the application '%s'. Registered: %s.", sent, a.ClientID, strings.Join(known, ", "))
}
