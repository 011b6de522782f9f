package connection

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/exconn/exconn/oauth"
)

// validateSMTP checks the fields that SMTP alone has.
func (p Profile) validateSMTP(found *problems, auth *Auth) {
	if p.Protocol != SMTP {
		for _, f := range []struct{ field, given string }{
			{"smtp_host", p.SMTPHost}, {"smtp_security", string(p.SMTPSecurity)}, {"sender", p.Sender},
		} {
			if f.given != "" {
				found.add(f.field, f.given, "is for the protocol smtp alone; leave it out")
			}
		}
		if p.SMTPPort != 0 {
			found.add("smtp_port", strconv.Itoa(p.SMTPPort), "is for the protocol smtp alone; leave it out")
		}
		return
	}
	switch problem := smtpHostProblem(p.SMTPHost); {
	case p.SMTPHost == "" && p.ExchangeType == Server:
		found.add("smtp_host", "", "is missing; for example mail.example.com")
	case p.SMTPHost == "":
		// Whatever the authentication object lacks is told of elsewhere.
	case problem != "":
		found.add("smtp_host", withoutUser(p.SMTPHost), "%s", problem)
	}
	if p.SMTPPort < 1 || p.SMTPPort > 65535 {
		found.add("smtp_port", strconv.Itoa(p.SMTPPort), "allowed are 1 to 65535; Exchange Online takes mail at %d", DefaultSMTPPort)
	}
	oneOf(found, "smtp_security", p.SMTPSecurity, SecurityAuto, SecuritySTARTTLS, SecurityTLS)
	switch problem := addressProblem(p.Sender); {
	case p.Sender == "" && auth != nil && auth.Method.AppOnly():
		found.add("sender", "", "is missing; an application has no address of its own, so say which mailbox it sends from")
	case p.Sender != "" && problem != "":
		found.add("sender", p.Sender, "%s; give an address such as crm@example.com", problem)
	case p.Sender != "" && len(p.AllowMailboxes) > 0 && !(fence{entries: p.AllowMailboxes}).admits(p.Sender):
		found.add("sender", p.Sender, "is not among the mailboxes that the connection may act for (allow_mailboxes)")
	}
}

func smtpHostProblem(host string) string {
	const example = "give the server's name alone, such as smtp.office365.com"
	_, _, err := net.SplitHostPort(host)
	u, parseErr := url.Parse("smtp://" + host)
	switch {
	case strings.Contains(host, "://"):
		return "is a URL; " + example
	case err == nil:
		return "has a port; " + example + ", and the port apart (smtp_port)"
	case parseErr != nil, u.Host != host, host != strings.TrimSpace(host):
		return "is no host name; " + example
	}
	return ""
}

// validateResource checks what tokens are for.
func (p Profile) validateResource(found *problems, auth *Auth) {
	if auth == nil {
		if p.Resource != "" {
			found.add("resource", p.Resource, "is what tokens are for, and the connection uses none; leave it out")
		}
		return
	}
	if auth.adfs() && (p.ExchangeType == Online || p.Protocol != EWS) {
		found.add("authority_url", auth.AuthorityURL, "AD FS signs in to an Exchange Server by EWS alone; Exchange Online and Graph want Microsoft Entra")
	}
	_, known := clouds[auth.Cloud.orGlobal()]
	if cloud := p.cloudOfURL(); known && cloud != "" && cloud != auth.Cloud.orGlobal() && (auth.Cloud != "" || auth.AuthorityURL == "") {
		found.add("ews_url", withoutUser(p.EWSURL), "is of the cloud %s, and the sign-in goes to another; give cloud %s, or leave the URL out", cloud, cloud)
	}
	if p.Resource == "" {
		return
	}
	if p.ExchangeType == Online {
		found.add("resource", p.Resource, "is for an Exchange Server; Exchange Online's and Graph's follow from the cloud and the protocol")
		return
	}
	u, err := url.Parse(p.Resource)
	switch {
	case strings.ContainsFunc(p.Resource, func(r rune) bool { return r <= ' ' || r > '~' }), len(p.Resource) > 512:
		found.add("resource", p.Resource, "holds characters that no identifier of a resource has")
	case err != nil || u.Scheme == "" || u.Host == "" && u.Opaque == "":
		found.add("resource", withoutUser(p.Resource), "is no identifier such as https://mail.example.com or api://…")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		found.add("resource", withoutUser(p.Resource), "must not have a user name, query or fragment")
	case strings.HasSuffix(p.Resource, "/.default"), strings.HasSuffix(p.Resource, "/EWS.AccessAsUser.All"):
		found.add("resource", p.Resource, "is a scope; give what stands before its last slash")
	}
}

// validateRedirect checks where the browser comes back to.
func (p Profile) validateRedirect(found *problems, auth *Auth) {
	const nobody = "nobody signs in by a browser that comes back with this connection; leave it out"
	byBrowser := auth != nil && auth.Method.ByBrowser()
	switch _, err := oauth.RedirectURIForCRM(p.CRMURL); {
	case p.CRMURL == "":
	case !byBrowser:
		found.add("crm_url", withoutUser(p.CRMURL), "%s", nobody)
	case err != nil:
		found.add("crm_url", withoutUser(p.CRMURL), "%s", oauthProblem(err))
	case p.RedirectURI != "":
		found.add("crm_url", withoutUser(p.CRMURL), "is given beside redirect_uri, which says the whole; leave one of them out")
	}
	if p.RedirectURI == "" {
		return
	}
	if !byBrowser {
		found.add("redirect_uri", withoutUser(p.RedirectURI), "%s", nobody)
	} else if problem := oauth.RedirectURIProblem(p.RedirectURI); problem != "" {
		found.add("redirect_uri", withoutUser(p.RedirectURI), "%s", problem)
	}
}
