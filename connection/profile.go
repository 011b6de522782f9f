package connection

import (
	"net/url"
	"strings"
	"time"

	"github.com/exconn/exconn/oauth"
)

// ExchangeType says which Exchange a connection is to.
type ExchangeType string

// The Exchange types.
const (
	Online ExchangeType = "online" // Exchange Online (Microsoft 365)
	Server ExchangeType = "server" // Exchange Server on premises
)

// Protocol is how a connection speaks to Exchange.
type Protocol string

// The protocols. This version opens EWS connections alone.
const (
	EWS   Protocol = "ews"
	Graph Protocol = "graph"
	SMTP  Protocol = "smtp"
)

// Impersonation says whether requests carry the ExchangeImpersonation header.
type Impersonation string

// The values of Impersonation.
const (
	// Auto follows the kind of the token or login; see Connection.Mailbox.
	Auto   Impersonation = "auto"
	Always Impersonation = "always"
	Never  Impersonation = "never"
)

// LoginKind is how an Exchange Server account proves itself.
type LoginKind string

// The kinds of login.
const (
	// Basic sends user name and password with each request (RFC 7617).
	Basic LoginKind = "basic"
	// NTLM proves the password to each network connection ([MS-NLMP]).
	NTLM LoginKind = "ntlm"
	// Kerberos proves itself by a ticket of the domain's Kerberos server
	// (RFC 4559).
	Kerberos LoginKind = "kerberos"
)

// LoginKinds returns the kinds of login.
func LoginKinds() []LoginKind { return []LoginKind{Basic, NTLM, Kerberos} }

// DefaultCache is the CredentialCache of whoever runs the program: the one
// that KRB5CCNAME names, or the usual one.
const DefaultCache = "default"

// DefaultEWSURL is the EWS endpoint of Exchange Online.
const DefaultEWSURL = "https://outlook.office365.com/EWS/Exchange.asmx"

// DefaultAccountType admits accounts of any organization.
const DefaultAccountType = "organizations"

// Login is an Exchange Server account. Its password is kept apart, sealed.
type Login struct {
	Kind LoginKind `json:"kind"`
	// Username is an address (UPN) or DOMAIN\user; for Kerberos user@REALM.
	Username string `json:"username"`

	// The rest is for Kerberos alone.

	// KeytabFile holds the user's keys, in place of a password.
	KeytabFile string `json:"keytab_file,omitempty"`
	// CredentialCache is a file that kinit fills, in place of a password; or
	// DefaultCache.
	CredentialCache string `json:"credential_cache,omitempty"`
	// Krb5Conf is the Kerberos configuration. Empty means the system's.
	Krb5Conf string `json:"krb5_conf,omitempty"`
	// SPN is the service that tickets are for. Empty means HTTP/ and the host
	// of EWSURL.
	SPN string `json:"spn,omitempty"`
}

// usesPassword reports whether the login needs a password.
func (l *Login) usesPassword() bool {
	return l != nil && (l.Kind != Kerberos || l.KeytabFile == "" && l.CredentialCache == "")
}

// Profile says which Exchange a connection is to, how it is reached and for
// whom the connection may act. It holds no secrets. Where a field has a
// default, Create fills it in.
type Profile struct {
	// Name is 1 to 64 letters, digits, dots, dashes and underscores; names
	// that differ in case alone are the same.
	Name string `json:"name"`
	// ExchangeType has no default.
	ExchangeType ExchangeType `json:"exchange_type"`
	// Protocol defaults to EWS.
	Protocol Protocol `json:"protocol"`
	// EWSURL defaults to DefaultEWSURL for Online. It is https; http is for
	// this machine alone unless InsecureHTTP is set.
	EWSURL string `json:"ews_url,omitempty"`
	// AuthName is the authentication object. Empty with a Login.
	AuthName string `json:"auth,omitempty"`
	// Login is an account of an Exchange Server, in place of AuthName.
	Login *Login `json:"login,omitempty"`
	// CRMURL is the CRM's address, https://{server}/{install}, where its web
	// server serves the callback page. Empty means that the browser comes
	// back to this machine.
	CRMURL string `json:"crm_url,omitempty"`
	// AllowMailboxes is the fence: the addresses, the domains
	// ("example.com" or "@example.com", without their subdomains) or "*" for
	// which the connection may act. Empty means the signed-in account's own
	// address alone, and is refused where there is no such address.
	AllowMailboxes []string `json:"allow_mailboxes,omitempty"`
	// Impersonation defaults to Auto.
	Impersonation Impersonation `json:"impersonation,omitempty"`
	// CAFile is a PEM file of certificate authorities that are trusted
	// besides the system's. It is read at each Open.
	CAFile string `json:"ca_file,omitempty"`
	// Proxy is the URL of a proxy (http, https, socks5) without user and
	// password. Empty means that of the environment; "none" means none.
	Proxy string `json:"proxy,omitempty"`
	// MaxRequestMB is what the server's limit of a request was set to, in MiB
	// (maxAllowedContentLength and maxReceivedMessageSize). Zero means
	// Exchange's default of 64, into which a file of 47 MiB fits.
	MaxRequestMB int `json:"max_request_mb,omitempty"`
	// InsecureHTTP lets credentials go over plain http to a host that is not
	// this machine.
	InsecureHTTP bool `json:"insecure_http,omitempty"`

	Created time.Time `json:"created,omitzero"`
	Updated time.Time `json:"updated,omitzero"`
}

// Auth is an authentication object: an application's registration and the way
// in. Its secret or certificate is kept apart, sealed.
type Auth struct {
	Name     string `json:"name"`
	ClientID string `json:"client_id"`
	// AccountType is "common", "organizations", a tenant id or a domain. It
	// defaults to DefaultAccountType where a person signs in.
	AccountType string `json:"account_type,omitempty"`
	// AuthorityURL overrides the computed authority, for AD FS
	// (https://host/adfs), national clouds and tests.
	AuthorityURL string `json:"authority_url,omitempty"`
	// Method defaults to oauth.PKCE.
	Method oauth.Method `json:"method"`

	Created time.Time `json:"created,omitzero"`
	Updated time.Time `json:"updated,omitzero"`
}

// Authority returns the URL of the authority: AuthorityURL, or that of
// Microsoft's worldwide cloud for the account type.
func (a Auth) Authority() string {
	if a.AuthorityURL != "" {
		return strings.TrimRight(a.AuthorityURL, "/")
	}
	if a.AccountType == "" {
		return ""
	}
	return oauth.AuthorityURL(a.AccountType)
}

// Secrets are what is kept sealed beside a profile. An empty one is not given.
type Secrets struct {
	// ClientSecret is for the method client-secret.
	ClientSecret oauth.Secret
	// Certificate is for the method client-certificate: certificate, chain
	// and unencrypted RSA key in PEM.
	Certificate oauth.Secret
	// Password is for a Login.
	Password oauth.Secret
}

// withDefaults returns the profile with its defaults filled in.
func (p Profile) withDefaults() Profile {
	if p.Protocol == "" {
		p.Protocol = EWS
	}
	if p.EWSURL == "" && p.ExchangeType == Online && p.Protocol == EWS {
		p.EWSURL = DefaultEWSURL
	}
	if p.Impersonation == "" {
		p.Impersonation = Auto
	}
	if p.Login != nil && p.Login.Kind == "" {
		login := *p.Login
		login.Kind = Basic
		p.Login = &login
	}
	p.AllowMailboxes = tidyFence(p.AllowMailboxes)
	return p
}

func (a Auth) withDefaults() Auth {
	if a.Method == "" {
		a.Method = oauth.PKCE
	}
	// An application in its own right needs its tenant, which nobody can
	// guess; AD FS has none.
	if a.AccountType == "" && a.AuthorityURL == "" && !a.Method.AppOnly() {
		a.AccountType = DefaultAccountType
	}
	return a
}

// RedirectURI returns the redirect URI that a sign-in sends: the callback page
// at the CRM, or "" for this machine's own listener.
func (p Profile) RedirectURI() (string, error) {
	if p.CRMURL == "" {
		return "", nil
	}
	return oauth.RedirectURIForCRM(p.CRMURL)
}

// LoopbackRedirectURI is what is registered, on the platform "Mobile and
// desktop applications", for sign-ins that come back to this machine. Entra
// ignores the port of localhost.
const LoopbackRedirectURI = "http://localhost"

// cloudHosts are the EWS hosts of Microsoft's clouds, each of which is its own
// resource.
var cloudHosts = map[string]bool{
	"outlook.office365.com":    true,
	"outlook.office.com":       true,
	"outlook.office365.us":     true, // GCC High
	"outlook-dod.office365.us": true, // DoD
	"partner.outlook.cn":       true, // 21Vianet
}

// resource returns what tokens for this profile are for: the EWS host of an
// Exchange Server (hybrid modern authentication, AD FS) or of one of
// Microsoft's clouds. Exchange Online under any other host, which can only be
// a gateway or a test, is still Exchange Online to Entra.
func (p Profile) resource() (string, error) {
	if p.ExchangeType == Online {
		u, err := url.Parse(p.EWSURL)
		if err != nil || !cloudHosts[strings.ToLower(u.Hostname())] {
			return oauth.ExchangeOnline, nil
		}
	}
	return oauth.EWSResource(p.EWSURL)
}

// Scopes returns the scopes that a token is asked for.
func (p Profile) Scopes(method oauth.Method) ([]string, error) {
	resource, err := p.resource()
	if err != nil {
		return nil, err
	}
	return oauth.EWSScopes(method, resource), nil
}

// Notices returns what a person should know about such a connection before
// relying on it. It is meant to be shown once, when the connection is made.
func (p Profile) Notices() []string {
	var notices []string
	if p.ExchangeType == Online && p.Protocol == EWS {
		notices = append(notices,
			"Exchange Online is switching Exchange Web Services off: since 1 October 2026 tenants that have not set EwsEnabled "+
				"lose it as the rollout reaches them, and on 1 April 2027 it ends for all, without exceptions. "+
				"Until then the tenant's admin can keep it for this application: EwsEnabled set to True, and the client id in "+
				"EwsAllowedAppIDs (a change takes up to 24 hours). Exchange Server is not affected. "+
				"Plan the move of this connection to Microsoft Graph.")
	}
	if u, err := url.Parse(p.EWSURL); err == nil && u.Scheme == "http" && !isLoopback(u.Hostname()) {
		notices = append(notices, "The connection uses plain http: passwords, tokens and mail can be read and changed on the way.")
	}
	if p.Proxy == "" || p.Proxy == noProxy {
		return notices
	}
	return append(notices, "All requests of the connection, the sign-in included, go through the proxy "+p.Proxy+".")
}
