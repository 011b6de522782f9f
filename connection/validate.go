package connection

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// given tells which secrets there are, without them.
type given struct{ clientSecret, certificate, password bool }

func (s Secrets) given() given {
	return given{clientSecret: len(s.ClientSecret) > 0, certificate: len(s.Certificate) > 0, password: len(s.Password) > 0}
}

// Validate returns every problem of the profile and its authentication object
// (nil with a Login) as FieldErrors, or nil. Defaults count as filled in. It
// reads no files and does not look at secrets; Create does both.
func (p Profile) Validate(auth *Auth) error {
	var found problems
	if auth != nil {
		full := auth.withDefaults()
		auth = &full
	}
	p = p.withDefaults(auth)
	p.validate(&found, auth)
	if auth != nil {
		auth.validate(&found)
	}
	return found.err()
}

func (p Profile) validate(found *problems, auth *Auth) {
	if problem := nameProblem(p.Name); problem != "" {
		found.add("name", p.Name, "%s", problem)
	}
	oneOf(found, "exchange_type", p.ExchangeType, Online, Server)
	oneOf(found, "protocol", p.Protocol, Protocols()...)
	oneOf(found, "impersonation", p.Impersonation, Auto, Always, Never)
	if p.Protocol == Graph && p.ExchangeType == Server {
		found.add("protocol", string(p.Protocol), "Graph does not reach Exchange Server; use ews")
	}
	p.validateEWSURL(found)
	p.validateSMTP(found, auth)
	p.validateResource(found, auth)
	p.validateProof(found, auth)
	p.validateFence(found, auth)
	p.validateRedirect(found, auth)
	if p.MaxRequestMB < 0 || p.MaxRequestMB > maxRequestMB {
		found.add("max_request_mb", strconv.Itoa(p.MaxRequestMB), "allowed are 1 to %d; 0 is Exchange's default of 64", maxRequestMB)
	}
	if problem := proxyProblem(p.Proxy); problem != "" {
		found.add("proxy", withoutUser(p.Proxy), "%s", problem)
	}
}

// maxRequestMB is the most that IIS can be set to take: its limits are numbers
// of 32 bits, of which one counts bytes.
const maxRequestMB = 2047

// nameProblem keeps names fit for a command line, a file name and a record key.
func nameProblem(name string) string {
	const allowed = "allowed are 1 to 64 letters a to z, digits, dots, dashes and underscores, beginning with a letter or digit"
	if name == "" {
		return "is missing; " + allowed
	}
	bad := strings.ContainsFunc(name, func(r rune) bool { return !isAlphanumeric(r) && r != '.' && r != '-' && r != '_' })
	if bad || len(name) > 64 || !isAlphanumeric(rune(name[0])) {
		return allowed
	}
	return ""
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func (p Profile) validateEWSURL(found *problems) {
	if p.Protocol != EWS {
		if p.EWSURL != "" {
			found.add("ews_url", withoutUser(p.EWSURL), "has no meaning with the protocol %s; leave it out", p.Protocol)
		}
		return
	}
	if p.EWSURL == "" {
		if p.ExchangeType == Server {
			found.add("ews_url", "", "is missing; for example https://mail.example.com/EWS/Exchange.asmx")
		}
		return
	}
	if problem := p.ewsURLProblem(); problem != "" {
		found.add("ews_url", withoutUser(p.EWSURL), "%s", problem)
	}
}

func (p Profile) ewsURLProblem() string {
	const example = "for example https://mail.example.com/EWS/Exchange.asmx"
	u, err := url.Parse(p.EWSURL)
	if err != nil {
		return "is not a URL; " + example
	}
	if problem := hostProblem(u); problem != "" {
		return problem + "; " + example
	}
	switch {
	case u.Scheme == "http" && !p.InsecureHTTP && !isLoopback(u.Hostname()):
		return "must begin with https://, because passwords, tokens and mail would cross the network in the clear; plain http is for this machine alone, or where it is explicitly allowed"
	case u.Scheme != "http" && u.Scheme != "https":
		return "must begin with https://; " + example
	case u.User != nil:
		return "must not contain a user name or password; " + example
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "must not have a query or fragment; " + example
	case u.Path == "" || u.Path == "/":
		return fmt.Sprintf("has no path; Exchange's is usually %s", (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/EWS/Exchange.asmx"}))
	}
	return ""
}

func hostProblem(u *url.URL) string {
	port := u.Port()
	switch {
	case u.Hostname() == "":
		return "has no host"
	case strings.HasSuffix(u.Host, ":"), port != "" && (len(port) > 5 || port > "65535" && len(port) == 5 || strings.Trim(port, "0") == ""):
		return "has no proper port"
	}
	return ""
}

// isLoopback reports whether a host is this machine, by name or address,
// without asking a name server: what a server says about a name must not
// decide whether credentials go over plain http.
func isLoopback(host string) bool {
	host = lower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// validateProof checks what the connection proves itself with.
func (p Profile) validateProof(found *problems, auth *Auth) {
	switch {
	case p.Login != nil && (auth != nil || p.AuthName != ""):
		found.add("username", p.Login.Username, "a connection has either a user name and password or an authentication object (client_id), not both")
	case p.Login != nil && p.Protocol == SMTP:
		found.add("username", p.Login.Username, "this version signs in to SMTP by OAuth alone; give client_id to sign in")
	case p.Login != nil && p.ExchangeType == Online:
		found.add("username", p.Login.Username, "Exchange Online does not accept user name and password; give client_id to sign in")
	case p.Login != nil:
		p.Login.validate(found)
	case auth == nil && p.ExchangeType == Server:
		found.add("client_id", "", "is missing, and so is username: an Exchange Server is entered by one of the two")
	case auth == nil:
		found.add("client_id", "", "is missing; it is the \"Application (client) ID\" on the registration's Overview page")
	}
}

func (p Profile) validateFence(found *problems, auth *Auth) {
	for _, e := range p.AllowMailboxes {
		problem := ""
		switch {
		case e == "*":
		case strings.HasPrefix(e, "@"):
			problem = domainProblem(e[1:])
		default:
			problem = addressProblem(e)
		}
		if problem != "" {
			found.add("allow_mailboxes", e, "%s; allowed are addresses (anna@example.com), domains (example.com) and *", problem)
		}
	}
	if len(p.AllowMailboxes) > 0 {
		return
	}
	const say = "say which mailboxes the connection may act for: addresses (anna@example.com), domains (example.com) or *"
	switch {
	case p.Protocol == SMTP && p.Sender != "":
		// It sends as that one.
	case auth != nil && auth.Method.AppOnly():
		found.add("allow_mailboxes", "", "is missing; an application has no mailbox of its own, so %s", say)
	case p.Login != nil && addressProblem(p.Login.Username) != "":
		found.add("allow_mailboxes", "", "is missing; the user name is no mail address, so %s", say)
	}
}

func (a Auth) validate(found *problems) {
	if problem := nameProblem(a.Name); problem != "" {
		found.add("auth", a.Name, "%s", problem)
	}
	oneOf(found, "method", a.Method, oauth.Methods()...)
	if a.Cloud != "" {
		oneOf(found, "cloud", a.Cloud, Clouds()...)
	}
	if a.ClientID == "" {
		found.add("client_id", "", "is missing; it is the \"Application (client) ID\" on the registration's Overview page")
	} else if len(a.ClientID) > 256 || strings.ContainsFunc(a.ClientID, func(r rune) bool { return r <= ' ' || r > '~' }) {
		found.add("client_id", "", "contains white space or characters that no client id has")
	}
	a.validateAuthority(found)
}

func (a Auth) validateAuthority(found *problems) {
	several := slices.Contains([]string{"common", "organizations"}, lower(a.AccountType))
	switch {
	case a.AccountType == "" && a.AuthorityURL == "":
		found.add("account_type", "", "is missing; the method %s needs the tenant id or a domain of the tenant, because the application acts in its own right in one tenant", a.Method)
	case lower(a.AccountType) == "consumers":
		found.add("account_type", a.AccountType, "personal accounts have no Exchange mailbox; allowed are common, organizations, a tenant id or a domain")
	case a.AccountType != "" && !several && (strings.ContainsAny(a.AccountType, "/?#@: ") || domainProblem(a.AccountType) != ""):
		found.add("account_type", a.AccountType, "allowed are common, organizations, a tenant id or a domain")
	case several && a.Method.AppOnly() && a.AuthorityURL == "":
		found.add("account_type", a.AccountType, "the method %s needs the tenant id or a domain of the tenant, because the application acts in its own right in one tenant", a.Method)
	}
	if a.AuthorityURL == "" {
		return
	}
	if a.adfs() && a.AccountType != "" {
		found.add("account_type", a.AccountType, "AD FS has no account types; leave it out")
	}
	if a.adfs() && a.Cloud != "" {
		found.add("cloud", string(a.Cloud), "AD FS is in no cloud of Microsoft's; leave it out")
	}
	if problem := a.authorityProblem(); problem != "" {
		found.add("authority_url", withoutUser(a.AuthorityURL), "%s", problem)
	}
}

func (a Auth) authorityProblem() string {
	const example = "for example https://login.microsoftonline.com/{tenant} or https://host/adfs"
	u, err := url.Parse(a.AuthorityURL)
	if err != nil {
		return "is not a URL; " + example
	}
	if problem := hostProblem(u); problem != "" {
		return problem + "; " + example
	}
	tenant := strings.Trim(u.Path, "/")
	switch {
	case u.Scheme != "https":
		return "must begin with https://; " + example
	case u.User != nil:
		return "must not contain a user name or password"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "must not have a query or fragment; " + example
	case tenant == "":
		return "lacks the tenant; " + example
	case strings.Contains(tenant, "/"):
		return "must end with the tenant, without /v2.0 or /oauth2; " + example
	case a.Method.AppOnly() && slices.Contains([]string{"common", "organizations", "consumers"}, lower(tenant)):
		return fmt.Sprintf("names no tenant, and the method %s needs its id or a domain in place of %q", a.Method, tenant)
	}
	return ""
}

// validateSecrets checks that the secrets which the way in needs are there,
// and no others.
func validateSecrets(found *problems, p Profile, a *Auth, g given) {
	if (p.Login == nil) == (a == nil) {
		// Which way in is meant has to be settled first.
		return
	}
	var method oauth.Method
	way := "user name and password"
	if a != nil {
		method, way = a.Method, "the method "+string(a.Method)
	}
	check := func(field string, needed, have bool) {
		switch {
		case needed && !have:
			found.add(field, "", "is missing; %s needs it", way)
		case !needed && have:
			found.add(field, "", "is given, but %s has no use for it; leave it out", way)
		}
	}
	if method == oauth.Web {
		if !g.clientSecret && !g.certificate {
			found.add("client_secret", "", "is missing, and so is certificate; the method web needs one of the two")
		}
		if g.clientSecret && g.certificate {
			found.add("certificate", "", "is given beside client_secret; one of the two is enough")
		}
	} else {
		check("client_secret", method == oauth.ClientSecret, g.clientSecret)
		check("certificate", method == oauth.ClientCertificate, g.certificate)
	}
	if p.Login.usesPassword() && p.Login.Kind == Kerberos {
		way = "Kerberos without keytab_file and credential_cache"
	} else if p.Login != nil && p.Login.Kind == Kerberos {
		way = "Kerberos with a keytab or credential cache"
	}
	check("password", p.Login.usesPassword(), g.password)
}

// noProxy is the Proxy of a profile that goes around the environment's proxy.
const noProxy = "none"

func proxyProblem(proxy string) string {
	if proxy == "" || proxy == noProxy {
		return ""
	}
	const allowed = "allowed are http://host:port, https://host:port, socks5://host:port and none"
	u, err := url.Parse(proxy)
	if err != nil {
		return "is not a URL; " + allowed
	}
	switch {
	case u.User != nil:
		return "must not contain a user name or password, because profiles are kept and shown in the clear; let the proxy admit this machine"
	case !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme), hostProblem(u) != "", u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "":
		return allowed
	}
	return ""
}

// withoutUser returns what was given fit to be shown: a password that somebody
// put into a URL stays out, even where the URL is malformed.
func withoutUser(raw string) string {
	at := strings.LastIndexByte(raw, '@')
	if at < 0 {
		return raw
	}
	scheme, _, _ := strings.Cut(raw[:at], "//")
	if len(scheme) == at {
		return "…" + raw[at:]
	}
	return scheme + "//…" + raw[at:]
}

// oauthProblem returns the problem that package oauth has found, without its
// own name of the field.
func oauthProblem(err error) string {
	var fe *oauth.FieldError
	if errors.As(err, &fe) {
		return fe.Problem
	}
	return err.Error()
}

// supported refuses to open mailboxes by what this version only signs in for.
func (p Profile) supported() error {
	if p.Protocol != EWS {
		return &UnsupportedError{Protocol: p.Protocol}
	}
	return nil
}

// UnsupportedError says that a connection is asked for what this version cannot
// do by its protocol. It Is mailbox.ErrUnsupported.
type UnsupportedError struct{ Protocol Protocol }

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("this version signs in for %s and checks the token; sending and reading by it come later", protocolNames[e.Protocol])
}

// Is reports true for mailbox.ErrUnsupported.
func (e *UnsupportedError) Is(target error) bool { return target == mailbox.ErrUnsupported }

// Hint says what can be used instead.
func (e *UnsupportedError) Hint() string {
	return "for mailboxes make a connection with --protocol ews; it can share the registration by --auth-name"
}

// protocolNames are the protocols as people write them.
var protocolNames = map[Protocol]string{EWS: "EWS", SMTP: "SMTP", Graph: "Graph"}

// hostOf returns the host of a URL with its port, for messages.
func hostOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return net.JoinHostPort(u.Hostname(), port)
	}
	return u.Hostname()
}
