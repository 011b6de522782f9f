package connection

import (
	"net/url"
	"strings"

	"github.com/exconn/exconn/oauth"
)

// resource returns what tokens for this profile are for, with https and without
// a slash at its end.
//
// At Exchange Online that is the cloud's own resource of the protocol, whatever
// host the EWS URL has: another one can only be a gateway or a test. At an
// Exchange Server it is the EWS URL's host, as hybrid modern authentication and
// AD FS have it where nothing else was registered.
func (p Profile) resource(auth Auth) (string, error) {
	if p.Resource != "" {
		return strings.TrimSuffix(p.Resource, "/"), nil
	}
	hosts := p.hosts(auth)
	switch {
	case p.Protocol == Graph:
		return "https://" + hosts.graph, nil
	case p.Protocol == SMTP && !auth.Method.AppOnly():
		return "https://" + hosts.smtpResource, nil
	case p.Protocol == SMTP:
		return "https://" + hosts.exchange, nil
	case p.ExchangeType != Online:
		return oauth.EWSResource(p.EWSURL)
	}
	if p.cloudOfURL() != "" {
		// One of the worldwide cloud's two names was typed on purpose.
		return oauth.EWSResource(p.EWSURL)
	}
	return "https://" + hosts.exchange, nil
}

// hosts returns the names of the cloud that the profile is in: that of the
// authentication object, or where it names none the one whose Exchange Online
// the EWS URL is.
func (p Profile) hosts(auth Auth) cloudHosts {
	if cloud := p.cloudOfURL(); auth.Cloud == "" && cloud != "" {
		return cloud.hosts()
	}
	return auth.Cloud.hosts()
}

// cloudOfURL returns the cloud whose Exchange Online the EWS URL is, or "".
func (p Profile) cloudOfURL() Cloud {
	u, err := url.Parse(p.EWSURL)
	if err != nil || p.ExchangeType != Online {
		return ""
	}
	return cloudOfHost(u.Hostname())
}

// Scopes returns the scopes that a token is asked for.
func (p Profile) Scopes(auth Auth) ([]string, error) {
	resource, err := p.resource(auth)
	switch {
	case err != nil:
		return nil, err
	case auth.adfs():
		// Identifiers there are compared as they are, and Microsoft's guide to
		// AD FS and Exchange Server writes the server's with a slash at its
		// end.
		resource += "/"
		if p.Resource != "" {
			resource = p.Resource
		}
		return oauth.ADFSScopes(auth.Method, resource), nil
	case p.Protocol == Graph:
		return oauth.GraphScopes(auth.Method, resource), nil
	case p.Protocol == SMTP:
		return oauth.SMTPScopes(auth.Method, resource), nil
	}
	return oauth.EWSScopes(auth.Method, resource), nil
}
