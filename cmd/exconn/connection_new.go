package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/ews/autodiscover"
	"github.com/exconn/exconn/oauth"
)

func (s system) connectionNew(c *cli.Context) error {
	var d connection.Draft
	defer d.Secrets.Wipe()
	ask := newAsker(s)
	if err := s.fill(c, &d, ask); err != nil {
		return err
	}
	if err := s.discoverEWS(c.Context, &d); err != nil {
		return err
	}
	// Before anything is made: a mistake must not leave a data directory behind.
	if err := d.Validate(); err != nil {
		return err
	}
	dir, err := s.dataDir(c, true)
	if err != nil {
		return err
	}
	for _, notice := range dir.notices {
		s.say("exconn: note: %s", notice)
	}
	entry, err := dir.book.Create(c.Context, d)
	if err != nil {
		return err
	}
	for _, notice := range entry.Profile.Notices() {
		s.say("exconn: note: %s", notice)
	}
	if err := s.printEntry(c, entry); err != nil {
		return err
	}
	s.sayNext(entry)
	return nil
}

// sayNext says what is left to do for a new connection.
func (s system) sayNext(entry connection.Entry) {
	name := entry.Profile.Name
	for _, uri := range entry.RedirectURIs() {
		where := "platform " + redirectPlatforms[entry.Auth.Method]
		if oauth.IsADFS(entry.Auth.AuthorityURL) {
			where = "in AD FS, the application group's " + adfsKinds[entry.Auth.Method]
		}
		s.say("Register this redirect URI with the application, exactly so (%s):\n  %s", where, uri)
	}
	if entry.Auth != nil && entry.Auth.Method == oauth.DeviceCode {
		s.say("In the registration, Authentication, set \"Allow public client flows\" to Yes.")
	}
	switch {
	case entry.Auth != nil && !entry.Auth.Method.AppOnly():
		s.say("Next: exconn connection sign-in --name %s", name)
	case entry.Profile.Protocol != connection.EWS:
		s.say("Next: exconn connection test --name %s", name)
	default:
		s.say("Next: exconn connection test --name %s --mailbox ADDRESS", name)
	}
}

// discoverEWS fills in the EWS URL of an Exchange Server where it was left out
// and the login tells whom to ask about. What was tried is told where nothing
// is found.
func (s system) discoverEWS(ctx context.Context, d *connection.Draft) error {
	if !d.Discoverable() {
		return nil
	}
	s.say("exconn: note: no --ews-url was given; asking Autodiscover for %s", d.Profile.Login.Username)
	found, err := d.DiscoverEWS(ctx)
	var failed *autodiscover.Error
	if errors.As(err, &failed) {
		for _, attempt := range failed.Attempts {
			s.say("exconn: note: tried %s", attempt)
		}
	}
	if err != nil {
		return err
	}
	d.Profile.EWSURL = found.EWSURL
	s.say("exconn: note: the EWS URL is %s (said %s)", found.EWSURL, found.Source)
	return nil
}

// redirectPlatforms are the platforms that redirect URIs are registered for.
// That of a public client, registered as Web, ends in AADSTS7000218; either,
// registered as single-page application, in AADSTS9002327.
//
// At AD FS they belong to an application of one of adfsKinds.
var (
	adfsKinds         = map[oauth.Method]string{oauth.PKCE: "native application", oauth.Web: "server application"}
	redirectPlatforms = map[oauth.Method]string{oauth.PKCE: "Mobile and desktop applications", oauth.Web: "Web"}
)

// fill reads the flags of new and edit into a draft. Those that are not given
// stay what they are, or are asked for by ask, which may be nil.
func (s system) fill(c *cli.Context, d *connection.Draft, ask *asker) error {
	p := &d.Profile
	text := func(flag string, to *string) {
		if c.IsSet(flag) {
			*to = strings.TrimSpace(c.String(flag))
		}
	}
	if p.Name == "" {
		text("name", &p.Name)
		ask.line("Name of the connection", "", &p.Name)
	}
	text("exchange-type", (*string)(&p.ExchangeType))
	if c.IsSet("protocol") {
		d.SetProtocol(connection.Protocol(strings.ToLower(strings.TrimSpace(c.String("protocol")))))
	}
	if p.ExchangeType == "" && p.Protocol == connection.Graph {
		p.ExchangeType = connection.Online // there is no other
	}
	ask.line("Exchange type (online or server)", "online", (*string)(&p.ExchangeType))
	text("ews-url", &p.EWSURL)
	if p.ExchangeType == connection.Server && p.Protocol != connection.SMTP {
		ask.line("EWS URL (Return alone: look for it by Autodiscover)", "", &p.EWSURL)
	}
	s.fillSMTP(c, p)
	text("resource", &p.Resource)
	text("crm-url", &p.CRMURL)
	text("redirect-uri", &p.RedirectURI)
	text("ca-file", &p.CAFile)
	text("proxy", &p.Proxy)
	text("impersonation", (*string)(&p.Impersonation))
	if c.IsSet("max-request-mb") {
		p.MaxRequestMB = c.Int("max-request-mb")
	}
	if c.IsSet("insecure-http") {
		p.InsecureHTTP = c.Bool("insecure-http")
	}
	if c.IsSet("allow-mailbox") {
		p.AllowMailboxes = c.StringSlice("allow-mailbox")
	}
	if err := s.fillAuth(c, d, ask); err != nil {
		return err
	}
	if err := s.fillCare(c, d); err != nil {
		return err
	}
	return ask.failed()
}

// fillSMTP reads the flags of SMTP, in whatever case guides write their values.
func (s system) fillSMTP(c *cli.Context, p *connection.Profile) {
	if c.IsSet("smtp-host") {
		p.SMTPHost = strings.ToLower(strings.TrimSpace(c.String("smtp-host")))
	}
	if c.IsSet("smtp-port") {
		p.SMTPPort = c.Int("smtp-port")
	}
	if c.IsSet("smtp-security") {
		p.SMTPSecurity = connection.Security(strings.ToLower(strings.TrimSpace(c.String("smtp-security"))))
	}
	if c.IsSet("sender") {
		p.Sender = strings.TrimSpace(c.String("sender"))
	}
}

// fillAuth reads the flags that say how the connection proves itself.
func (s system) fillAuth(c *cli.Context, d *connection.Draft, ask *asker) error {
	if c.IsSet("auth-name") {
		for _, own := range append(append([]string{"auth"}, registrationFlags...), loginFlags...) {
			if c.IsSet(own) {
				return usagef("leave --"+own+" out, or change the shared one by the connection that made it", "--auth-name takes an authentication object as it is, so --%s has no place", own)
			}
		}
		d.Auth, d.Profile.Login, d.Profile.AuthName = nil, nil, c.String("auth-name")
		return nil
	}
	way := c.String("auth")
	if way == "" && c.IsSet("username") && d.Profile.Login == nil {
		way = string(connection.Basic)
	}
	if way == "" && d.Auth == nil && d.Profile.Login == nil {
		ask.line("Way in (pkce, web, device-code, client-secret, client-certificate; for an Exchange Server account basic, ntlm or kerberos)", string(oauth.PKCE), &way)
		if way == "" {
			way = string(oauth.PKCE)
		}
	}
	switch {
	case slices.Contains(connection.LoginKinds(), connection.LoginKind(way)):
		setLogin(d, connection.LoginKind(way))
	case way != "":
		if d.Auth == nil {
			d.Auth = &connection.Auth{}
		}
		d.Auth.Method, d.Profile.Login = oauth.Method(way), nil
	}
	if d.Profile.Login != nil {
		return s.fillLogin(c, d, ask)
	}
	return s.fillRegistration(c, d, ask)
}

// secret reads a secret from the file that a flag names, or asks for it.
func (s system) secret(c *cli.Context, flag, question string, to *oauth.Secret, ask *asker) error {
	if c.IsSet(flag) {
		content, err := s.readFile(c.String(flag), "--"+flag)
		*to = content
		return err
	}
	ask.secret(question, to)
	return nil
}

// asker asks a person for what is missing. A nil asker, or one without a
// terminal, asks nothing.
type asker struct {
	s     system
	lines *bufio.Reader
	err   error
}

func newAsker(s system) *asker {
	if !s.terminal() {
		return nil
	}
	return &asker{s: s, lines: bufio.NewReader(s.in)}
}

// line asks for a value that is still empty; usual is what Return alone means.
func (a *asker) line(question, usual string, value *string) {
	if a == nil || a.err != nil || *value != "" {
		return
	}
	if usual != "" {
		question += " [" + usual + "]"
	}
	fmt.Fprintf(a.s.err, "%s: ", question)
	text, err := a.lines.ReadString('\n')
	if err != nil && text == "" {
		a.err = usagef("give it by a flag", "no answer: %v", err)
		return
	}
	if *value = strings.TrimSpace(text); *value == "" {
		*value = usual
	}
}

// secret asks without showing what is typed.
func (a *asker) secret(question string, value *oauth.Secret) {
	if a == nil || a.err != nil || len(*value) > 0 {
		return
	}
	file, ok := a.s.in.(interface{ Fd() uintptr })
	if !ok {
		return
	}
	fmt.Fprintf(a.s.err, "%s: ", question)
	text, err := term.ReadPassword(int(file.Fd()))
	fmt.Fprintln(a.s.err)
	if err != nil {
		a.err = usagef("give it by a file", "no answer: %v", err)
	}
	*value = text
}

func (a *asker) failed() error {
	if a == nil {
		return nil
	}
	return a.err
}

// connectionData is a connection as --json writes it.
type connectionData struct {
	connection.Profile
	Method       oauth.Method      `json:"auth_method,omitempty"`
	ClientID     string            `json:"client_id,omitempty"`
	AccountType  string            `json:"account_type,omitempty"`
	AuthorityURL string            `json:"authority_url,omitempty"`
	Cloud        connection.Cloud  `json:"cloud,omitempty"`
	Scopes       []string          `json:"scopes,omitempty"`
	RedirectURIs []string          `json:"redirect_uris,omitempty"`
	Status       connection.Status `json:"status"`

	SecretExpires      time.Time              `json:"secret_expires,omitzero"`
	CertificateExpires time.Time              `json:"certificate_expires,omitzero"`
	OnFailure          connection.AlertsShown `json:"on_failure,omitzero"`
}

func dataOf(e connection.Entry) connectionData {
	d := connectionData{Profile: e.Profile, AuthorityURL: e.Authority(), Scopes: e.Scopes(), RedirectURIs: e.RedirectURIs(), Status: e.Status, OnFailure: e.Alerts}
	if e.Auth != nil {
		d.Method, d.ClientID, d.AccountType, d.Cloud = e.Auth.Method, e.Auth.ClientID, e.Auth.AccountType, e.Auth.Cloud
		d.SecretExpires, d.CertificateExpires = e.Auth.SecretExpires, e.Auth.CertificateExpires
	}
	return d
}

func (s system) printEntry(c *cli.Context, e connection.Entry) error {
	d := dataOf(e)
	return s.printer(c).object(d, func(w io.Writer) {
		var login connection.Login
		by := ""
		if d.Login != nil {
			login = *d.Login
			by = string(login.Kind) + " as " + login.Username
		}
		fields(w, "Name", d.Name, "Exchange type", string(d.ExchangeType), "Protocol", string(d.Protocol), "EWS URL", d.EWSURL,
			"SMTP server", smtpServer(d.Profile), "Sender", d.Sender,
			"Way in", string(d.Method), "Login", by, "Client ID", d.ClientID, "Account type", d.AccountType,
			"Cloud", string(d.Cloud), "Authority URL", d.AuthorityURL, "Scopes", strings.Join(d.Scopes, " "), "Redirect URIs", strings.Join(d.RedirectURIs, " "),
			"Authentication", d.AuthName, "May act for", mayActFor(d.Profile), "Impersonation", impersonation(d.Profile),
			"Keytab file", login.KeytabFile, "Credential cache", login.CredentialCache, "krb5.conf", login.Krb5Conf, "Service", login.SPN,
			"CA file", d.CAFile, "Proxy", d.Proxy, "Largest request", mebibytes(d.MaxRequestMB),
			"Secret ends", endDay(d.SecretExpires), "Certificate ends", endDay(d.CertificateExpires), "Told of failures", alertsText(d.OnFailure),
			"State", d.Status.String(), "Since", moment(&d.Status.Since), "What to do", d.Status.Hint)
	})
}

// serverOf is where a connection's requests go; Graph has one address for all.
func serverOf(p connection.Profile) string {
	if p.SMTPHost != "" {
		return fmt.Sprintf("%s:%d", p.SMTPHost, p.SMTPPort)
	}
	return p.EWSURL
}

// smtpServer is "" where the protocol is another.
func smtpServer(p connection.Profile) string {
	if p.SMTPHost == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d (%s)", p.SMTPHost, p.SMTPPort, p.SMTPSecurity)
}

// mebibytes is "" for 0, which is the server's default.
func mebibytes(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n) + " MiB"
}

func mayActFor(p connection.Profile) string {
	switch {
	case len(p.AllowMailboxes) > 0:
		return strings.Join(p.AllowMailboxes, ", ")
	case p.Sender != "":
		return p.Sender
	}
	return "the signed-in account alone"
}

// impersonation is "" where the protocol knows none.
func impersonation(p connection.Profile) string {
	if p.Protocol != connection.EWS {
		return ""
	}
	return string(p.Impersonation)
}
