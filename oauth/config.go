package oauth

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/exconn/exconn/mailbox"
)

// Method is the way in: how a token is got.
type Method string

// The methods.
const (
	// PKCE: a person signs in by browser; authorization code with PKCE, as a
	// public client (RFC 7636, RFC 8252).
	PKCE Method = "pkce"
	// Web: a person signs in by browser to a confidential web application,
	// which proves itself by a secret or a certificate, and whose redirect URI
	// is as a rule an address of its own server. PKCE goes with it.
	Web Method = "web"
	// DeviceCode: a person signs in by a browser on any machine, with a short
	// code that is shown here (RFC 8628). For servers without a browser.
	DeviceCode Method = "device-code"
	// ClientSecret: the application acts in its own right and proves itself
	// by a secret.
	ClientSecret Method = "client-secret"
	// ClientCertificate: the same, by a certificate.
	ClientCertificate Method = "client-certificate"
)

// Methods lists the methods that New accepts.
func Methods() []Method { return []Method{PKCE, Web, DeviceCode, ClientSecret, ClientCertificate} }

// AppOnly reports whether the method yields tokens of the application itself,
// without a person, so that there is nothing to sign in.
func (m Method) AppOnly() bool { return m == ClientSecret || m == ClientCertificate }

// ByBrowser reports whether a person signs in by a browser that is redirected
// back, so that there is a redirect URI to register.
func (m Method) ByBrowser() bool { return m == PKCE || m == Web }

// Confidential reports whether the application proves itself by a secret or a
// certificate: MSAL's confidential client, in place of the public one.
func (m Method) Confidential() bool { return m == Web || m.AppOnly() }

// TakesSecret and TakesCertificate report whether the application may prove
// itself so. Web takes one of the two, the others that take any need it.
func (m Method) TakesSecret() bool      { return m == Web || m == ClientSecret }
func (m Method) TakesCertificate() bool { return m == Web || m == ClientCertificate }

// names lists methods for people, such as "pkce, web and device-code".
func names(methods []Method) string {
	var b strings.Builder
	for i, m := range methods {
		switch {
		case i == 0:
		case i == len(methods)-1:
			b.WriteString(" and ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(m))
	}
	return b.String()
}

// Config describes one account of one application. It prints without its
// secrets.
type Config struct {
	// Authority is the URL of the tenant's authority without "/v2.0", such as
	// AuthorityURL returns, or "https://host/adfs". https only.
	Authority string
	// ClientID is the application (client) id.
	ClientID string
	Method   Method
	// Secret is the client secret, for ClientSecret and Web.
	Secret Secret
	// Certificate is for ClientCertificate, and for Web in place of a secret.
	Certificate *Certificate
	// RedirectURI is the registered address that the browser comes back to:
	// that of the callback page on another web server (see RedirectURIForCRM),
	// or any other of the application's own. Empty means that the browser is
	// sent to the loopback listener itself, http://localhost:{port}/. PKCE and
	// Web alone use it.
	RedirectURI string
	// Scopes are what the token is for; see EWSScopes. The scopes openid,
	// profile and offline_access are always asked for besides, where a person
	// signs in.
	Scopes []string
	// HTTPClient talks to the authority. Nil means http.DefaultTransport with
	// a time limit of 30 s a request. Its CheckRedirect and Jar are not used:
	// an authority's endpoints do not redirect, and a redirect would carry
	// secrets elsewhere.
	HTTPClient *http.Client
	// Logger gets warnings (a renewal that failed, a cache that cannot be
	// read or written). Nil means none are written.
	Logger *slog.Logger
}

// Format writes the configuration without its secrets, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) {
	writeRedacted(f, fmt.Sprintf("{authority %s, client %s, %s, scopes %v}", c.Authority, c.ClientID, c.Method, c.Scopes))
}

// FieldError says which field of a Config or SignInOptions cannot be used. It
// Is mailbox.ErrInvalid.
type FieldError struct {
	// Field is the field's name, such as "Authority".
	Field string
	// Problem says what is wrong and what is allowed.
	Problem string
}

func (e *FieldError) Error() string { return "oauth: " + e.Field + ": " + e.Problem }

// Is makes the error one of mailbox.ErrInvalid.
func (e *FieldError) Is(target error) bool { return target == mailbox.ErrInvalid }

// validate returns every problem of c, joined.
func (c Config) validate() error {
	var problems []error
	bad := func(field, format string, args ...any) {
		problems = append(problems, &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)})
	}
	if !slices.Contains(Methods(), c.Method) {
		bad("Method", "%q is not known; allowed are %s", c.Method, names(Methods()))
	}
	if problem := checkAuthority(c.Authority, c.Method); problem != "" {
		bad("Authority", "%s", problem)
	}
	switch {
	case c.ClientID == "":
		bad("ClientID", "is missing; it is the \"Application (client) ID\" on the registration's Overview page")
	case strings.ContainsAny(c.ClientID, " \t\r\n"):
		bad("ClientID", "%q holds white space", c.ClientID)
	}
	c.validateProof(bad)
	if c.RedirectURI != "" {
		if problem := checkRedirectURI(c.RedirectURI); problem != "" {
			bad("RedirectURI", "%s", problem)
		}
	}
	if scopes := resourceScopes(c.Scopes); len(scopes) == 0 {
		bad("Scopes", "name no permission; the token would be for nothing")
	} else if c.Method.AppOnly() && (len(scopes) != 1 || !strings.HasSuffix(scopes[0], "/.default")) {
		bad("Scopes", "must be the one scope {resource}/.default for an application in its own right")
	}
	return errors.Join(problems...)
}

// validateProof checks what the application proves itself with.
func (c Config) validateProof(bad func(field, format string, args ...any)) {
	secret, certificate := len(c.Secret) > 0, c.Certificate != nil
	switch {
	case c.Method == Web && !secret && !certificate:
		bad("Secret", "is missing, and so is Certificate: the method web needs one of the two")
	case c.Method == Web && secret && certificate:
		bad("Certificate", "is given beside Secret; one of the two is enough")
	case c.Method == ClientSecret && !secret:
		bad("Secret", "is missing, and the method client-secret needs it")
	case c.Method == ClientCertificate && !certificate:
		bad("Certificate", "is missing, and the method client-certificate needs it")
	}
	if len(bytes.TrimSpace(c.Secret)) != len(c.Secret) {
		bad("Secret", "begins or ends with white space, as no secret does: leave out the end of its line")
	}
	if secret && !c.Method.TakesSecret() {
		bad("Secret", "is given, but the method is %s: leave it out, or choose client-secret or web", c.Method)
	}
	if certificate && !c.Method.TakesCertificate() {
		bad("Certificate", "is given, but the method is %s: leave it out, or choose client-certificate or web", c.Method)
	}
}

// checkAuthority returns what is wrong with an authority URL, or "".
func checkAuthority(authority string, method Method) string {
	if authority == "" {
		return "is missing; for example https://login.microsoftonline.com/{tenant}"
	}
	u, err := url.Parse(authority)
	switch {
	case err != nil || u.Host == "":
		return fmt.Sprintf("%q is not a URL; for example https://login.microsoftonline.com/{tenant}", authority)
	case u.User != nil:
		return "must not hold a user name or password"
	case u.Scheme != "https":
		return fmt.Sprintf("%q must begin with https://", authority)
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Sprintf("%q must not have a query or fragment", authority)
	}
	tenant := strings.Trim(u.Path, "/")
	switch {
	case tenant == "":
		return fmt.Sprintf("%q lacks the tenant; for example https://login.microsoftonline.com/{tenant}, or https://host/adfs", authority)
	case strings.Contains(tenant, "/"):
		return fmt.Sprintf("%q must end with the tenant, without /v2.0 or /oauth2", authority)
	case method.AppOnly() && slices.Contains([]string{"common", "organizations", "consumers"}, strings.ToLower(tenant)):
		return fmt.Sprintf("%q names no tenant, and an application in its own right needs its tenant id or a domain in place of %q", authority, tenant)
	}
	return ""
}

// IsADFS reports whether an authority is an AD FS and not Entra: its path is
// /adfs, which no tenant is called.
func IsADFS(authority string) bool {
	u, err := url.Parse(authority)
	return err == nil && strings.EqualFold(strings.Trim(u.Path, "/"), "adfs")
}

// standardScopes are those that the protocol itself defines. MSAL adds them to
// what it asks for and must not be given them: it would take their absence
// from the answer for a refusal.
var standardScopes = []string{"openid", "profile", "offline_access"}

// resourceScopes returns scopes without the standard ones.
func resourceScopes(scopes []string) []string {
	var out []string
	for _, s := range scopes {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(standardScopes, s) {
			out = append(out, s)
		}
	}
	return out
}
