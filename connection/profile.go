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

// The protocols. This version opens mailboxes by EWS alone; for the others it
// signs in, keeps the tokens and checks them.
const (
	EWS   Protocol = "ews"
	Graph Protocol = "graph"
	SMTP  Protocol = "smtp"
)

// Protocols returns the protocols.
func Protocols() []Protocol { return []Protocol{EWS, Graph, SMTP} }

// Security is how a connection to an SMTP server is protected. None of its
// values lets a token or a message go unprotected.
type Security string

// The values of Security.
const (
	// SecurityAuto is TLS from the start at port 465 and STARTTLS at others.
	SecurityAuto Security = "auto"
	// SecuritySTARTTLS requires STARTTLS (RFC 3207).
	SecuritySTARTTLS Security = "starttls"
	// SecurityTLS is TLS from the start (RFC 8314); at port 587, where guides
	// write "TLS" and mean STARTTLS, it requires that.
	SecurityTLS Security = "tls"
)

// DefaultSMTPPort is that of message submission (RFC 6409).
const DefaultSMTPPort = 587

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
	// EWSURL defaults to that of Exchange Online in the cloud of the
	// authentication object. It is https; http is for this machine alone
	// unless InsecureHTTP is set.
	EWSURL string `json:"ews_url,omitempty"`
	// SMTPHost is the server that takes mail, with the protocol smtp. It
	// defaults to that of Exchange Online.
	SMTPHost string `json:"smtp_host,omitempty"`
	// SMTPPort defaults to DefaultSMTPPort, SMTPSecurity to SecurityAuto.
	SMTPPort     int      `json:"smtp_port,omitempty"`
	SMTPSecurity Security `json:"smtp_security,omitempty"`
	// Sender is the address that mail is sent from, with the protocol smtp.
	// An application in its own right needs it; otherwise it defaults to
	// whoever has signed in.
	Sender string `json:"sender,omitempty"`
	// Resource is what tokens are for, where it is not what follows from the
	// protocol: the service principal name under which an Exchange Server is
	// known to Entra, or its identifier at AD FS. Empty means the EWS URL's
	// host, or that of the cloud.
	Resource string `json:"resource,omitempty"`
	// AuthName is the authentication object. Empty with a Login.
	AuthName string `json:"auth,omitempty"`
	// Login is an account of an Exchange Server, in place of AuthName.
	Login *Login `json:"login,omitempty"`
	// CRMURL is the CRM's address, https://{server}/{install}, where its web
	// server serves the callback page. Empty means that the browser comes
	// back to this machine.
	CRMURL string `json:"crm_url,omitempty"`
	// RedirectURI is the registered redirect URI, whole, for the method web:
	// an address of the CRM such as
	// https://crm.example.com/admin/smtp_oauth_microsoft/token. It is used as
	// it was written: Entra compares paths case-sensitively. Empty means
	// CRMURL's, or this machine.
	RedirectURI string `json:"redirect_uri,omitempty"`
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
	// Cloud is where the tenant is. Empty means Global.
	Cloud Cloud `json:"cloud,omitempty"`
	// AuthorityURL overrides the computed authority, for AD FS
	// (https://host/adfs) and tests.
	AuthorityURL string `json:"authority_url,omitempty"`
	// Method defaults to oauth.PKCE.
	Method oauth.Method `json:"method"`
	// SecretExpires is when the client secret ends, as the portal shows it: no
	// server tells. Zero means that it is not known. It is of this secret: give
	// a new one with its own, or with zero.
	SecretExpires time.Time `json:"secret_expires,omitzero"`
	// CertificateExpires is read from the certificate when that is kept.
	CertificateExpires time.Time `json:"certificate_expires,omitzero"`

	Created time.Time `json:"created,omitzero"`
	Updated time.Time `json:"updated,omitzero"`
}

// Authority returns the URL of the authority: AuthorityURL, or that of the
// cloud for the account type.
func (a Auth) Authority() string {
	if a.AuthorityURL != "" {
		return strings.TrimRight(a.AuthorityURL, "/")
	}
	if a.AccountType == "" {
		return ""
	}
	return oauth.AuthorityAt(a.Cloud.hosts().login, a.AccountType)
}

// adfs reports whether the authority is an AD FS.
func (a Auth) adfs() bool { return oauth.IsADFS(a.AuthorityURL) }

// Secrets are what is kept sealed beside a profile. An empty one is not given.
type Secrets struct {
	// ClientSecret is for the method client-secret, and for web.
	ClientSecret oauth.Secret
	// Certificate is for the method client-certificate, and for web in place
	// of a secret: certificate, chain and RSA key, in PEM or as PKCS #12
	// (PFX). It is kept as PEM, with the key unencrypted, like all secrets
	// sealed by the store.
	Certificate oauth.Secret
	// CertificatePassword opens Certificate where its key is encrypted. It is
	// not kept.
	CertificatePassword oauth.Secret
	// Password is for a Login.
	Password oauth.Secret
}

// withDefaults returns the profile with its defaults filled in. Those that
// follow from the authentication object's cloud stay open while it is nil.
func (p Profile) withDefaults(auth *Auth) Profile {
	if p.Protocol == "" {
		p.Protocol = EWS
	}
	if p.ExchangeType == "" && p.Protocol != EWS && p.Login == nil {
		// Who is asked for a mail server or for Graph is not asked which
		// Exchange that is.
		p.ExchangeType = Online
	}
	if p.ExchangeType == Online && auth != nil {
		hosts := auth.Cloud.hosts()
		if p.EWSURL == "" && p.Protocol == EWS {
			p.EWSURL = hosts.ewsURL()
		}
		if p.SMTPHost == "" && p.Protocol == SMTP {
			p.SMTPHost = hosts.smtp
		}
	}
	if p.Protocol == SMTP && p.SMTPPort == 0 {
		p.SMTPPort = DefaultSMTPPort
	}
	if p.Protocol == SMTP && p.SMTPSecurity == "" {
		p.SMTPSecurity = SecurityAuto
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
	// What there is not does not end.
	if a.Method != oauth.ClientSecret && a.Method != oauth.Web {
		a.SecretExpires = time.Time{}
	}
	if a.Method != oauth.ClientCertificate && a.Method != oauth.Web {
		a.CertificateExpires = time.Time{}
	}
	return a
}

// Redirect returns the redirect URI that a sign-in sends: RedirectURI as it
// is, the callback page at the CRM, or "" for this machine's own listener.
func (p Profile) Redirect(auth Auth) (string, error) {
	switch {
	case p.RedirectURI != "":
		return p.RedirectURI, nil
	case p.CRMURL != "":
		return oauth.RedirectURIForCRM(p.CRMURL)
	case auth.adfs():
		return LoopbackAtADFS, nil
	}
	return "", nil
}

// LoopbackRedirectURI is what is registered, on the platform "Mobile and
// desktop applications", for sign-ins that come back to this machine. Entra
// ignores the port of localhost.
const LoopbackRedirectURI = "http://localhost"

// LoopbackAtADFS is what is registered at AD FS, which compares redirect URIs
// letter by letter, the port included.
const LoopbackAtADFS = "http://localhost:8400/"

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
	if p.ExchangeType == Online && p.Protocol == SMTP {
		notices = append(notices,
			"Exchange Online takes mail by SMTP only where the sender's mailbox allows it: Set-CASMailbox -Identity ADDRESS -SmtpClientAuthenticationDisabled $false. "+
				"An application in its own right also needs its service principal in Exchange (New-ServicePrincipal, with the Object ID from Enterprise applications, "+
				"not the one from App registrations) and full access to the mailbox (Add-MailboxPermission).")
	}
	if u, err := url.Parse(p.EWSURL); err == nil && u.Scheme == "http" && !isLoopback(u.Hostname()) {
		notices = append(notices, "The connection uses plain http: passwords, tokens and mail can be read and changed on the way.")
	}
	if p.Proxy == "" || p.Proxy == noProxy {
		return notices
	}
	return append(notices, "All requests of the connection, the sign-in included, go through the proxy "+p.Proxy+".")
}
