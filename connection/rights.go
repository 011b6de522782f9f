package connection

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// Rights is what a token says of itself, held against what a connection's
// protocol needs. It holds no part of the token.
type Rights struct {
	Protocol Protocol `json:"protocol"`
	oauth.Claims
	// Needs names what the protocol needs, as the Entra portal does, such as
	// "Office 365 Exchange Online > EWS.AccessAsUser.All".
	Needs string `json:"needs"`
	// Missing is what the server will refuse the token for, the gravest first.
	Missing []oauth.Gap `json:"missing,omitempty"`
	// Doubts are what the token does not tell of, or what it is not good for
	// while it is for other things; only the server knows.
	Doubts []oauth.Gap `json:"doubts,omitempty"`
	// method is the way in.
	method oauth.Method
}

// Rights looks into a token of an authentication object. A token that cannot be
// looked into gives an error that Is mailbox.ErrUnsupported; it may be good all
// the same.
func (p Profile) Rights(auth Auth, token oauth.Token) (Rights, error) {
	need, err := p.need(auth)
	if err != nil {
		return Rights{}, err
	}
	r := Rights{Protocol: p.Protocol, Needs: need.String(), method: auth.Method}
	if r.Claims, err = oauth.Inspect(token.Value()); err != nil {
		return r, err
	}
	for _, gap := range r.Gaps(need) {
		if gap.Kind == oauth.GapAudience && p.ExchangeType == Server {
			gap.Hint = p.audienceHint(auth, need.Audiences[0])
		}
		if gap.Proven {
			r.Missing = append(r.Missing, gap)
		} else {
			r.Doubts = append(r.Doubts, gap)
		}
	}
	return r, nil
}

// audienceHint says how an Exchange Server's address becomes what tokens are
// for.
func (p Profile) audienceHint(auth Auth, wanted string) string {
	another := "; where it is registered by another address: " + command("edit", p.Name, "--resource URI")
	if auth.adfs() {
		return "the server's identifier must be one of the Web API's in AD FS (" + wanted + "/ by Microsoft's guide)" + another
	}
	return "for hybrid modern authentication " + wanted + " must be a service principal name of Office 365 Exchange Online in the tenant" + another
}

// Err returns what the token lacks as a *RightsError, or nil.
func (r Rights) Err() error {
	if len(r.Missing) == 0 {
		return nil
	}
	return &RightsError{Protocol: r.Protocol, Gap: r.Missing[0]}
}

// String says on one line what the token is for and what it allows.
func (r Rights) String() string {
	kind := "kind unknown"
	if r.Kind != oauth.KindUnknown {
		kind = string(r.Kind)
	}
	audience := r.Audience
	if audience == "" {
		audience = "nobody in particular"
	}
	rights := "scopes " + orNothing(strings.Join(r.Scopes, " "))
	if r.method.AppOnly() {
		rights = "roles " + strings.Join(r.Roles, " ")
		if len(r.Roles) == 0 {
			rights = "no roles"
			if r.Protocol != SMTP {
				rights += " (right where they come from RBAC for Applications)"
			}
		}
	}
	s := fmt.Sprintf("for %s, %s, %s, until %s", audience, kind, rights, r.Expires.UTC().Format(time.RFC3339))
	for _, doubt := range r.Doubts {
		// That there are no roles has been said.
		if !r.method.AppOnly() || len(r.Roles) > 0 {
			s += "; " + doubt.Problem
		}
	}
	return s
}

// RightsError is a token that the server will not take, which no repetition
// mends. It Is mailbox.ErrSignInNeeded.
type RightsError struct {
	Protocol Protocol
	Gap      oauth.Gap
}

func (e *RightsError) Error() string { return e.Gap.Problem }

// Hint says what the admin of the registration does about it.
func (e *RightsError) Hint() string { return e.Gap.Hint }

// Is reports true for mailbox.ErrSignInNeeded.
func (e *RightsError) Is(target error) bool { return target == mailbox.ErrSignInNeeded }

// The APIs' names in the portal.
const (
	exchangeAPI = "Office 365 Exchange Online"
	graphAPI    = "Microsoft Graph"
)

// need says what the connection's protocol wants of a token.
func (p Profile) need(auth Auth) (oauth.Need, error) {
	resource, err := p.resource(auth)
	if err != nil {
		return oauth.Need{}, err
	}
	n := oauth.Need{Use: "EWS", API: exchangeAPI, Kind: oauth.Delegated, Audiences: []string{resource}}
	if auth.Method.AppOnly() {
		n.Kind = oauth.AppOnly
	}
	hosts := p.hosts(auth)
	switch p.Protocol {
	case Graph:
		n.Use, n.API, n.RBAC = "Graph", graphAPI, true
		n.Audiences = append(n.Audiences, oauth.GraphAppID)
		n.Rights = graphRights(n.Kind)
	case SMTP:
		n.Use = "SMTP"
		n.Audiences = append(n.Audiences, hosts.exchangeAudiences()...)
		// Registered under Graph, and asked for at Exchange, as Microsoft's
		// guide to OAuth for SMTP has it.
		n.Listed = graphAPI
		n.Rights = []oauth.Right{{AnyOf: []string{"SMTP.Send"}}}
		if n.Kind == oauth.AppOnly {
			// RBAC for Applications has no role for SMTP.
			n.Listed = exchangeAPI
			n.Rights = []oauth.Right{{AnyOf: []string{"SMTP.SendAsApp"}}}
		}
	default:
		n.RBAC = true
		n.Rights = []oauth.Right{{AnyOf: []string{"EWS.AccessAsUser.All", "full_access_as_user"}}}
		if n.Kind == oauth.AppOnly {
			n.Rights = []oauth.Right{{AnyOf: []string{"full_access_as_app"}}}
		}
		if p.ExchangeType == Online {
			n.Audiences = append(n.Audiences, hosts.exchangeAudiences()...)
			break
		}
		n.Audiences = append(n.Audiences, oauth.ExchangeOnlineAppID)
		n.RBAC = false
		if u, err := url.Parse(p.EWSURL); err == nil {
			n.Use = "EWS at " + u.Hostname()
		}
	}
	if auth.adfs() {
		n.API, n.RBAC = "AD FS Web API", false
		n.Rights = []oauth.Right{{AnyOf: []string{"user_impersonation", "EWS.AccessAsUser.All"}}}
		if n.Kind == oauth.AppOnly {
			// AD FS has no roles of applications; the Web API's access control
			// policy decides.
			n.Rights, n.API = nil, "AD FS Web API"
		}
	}
	return n, nil
}

// graphRights are what Graph serves mail, calendar, contacts and tasks with,
// each by itself.
func graphRights(kind oauth.Kind) []oauth.Right {
	tasks := "Tasks.ReadWrite"
	if kind == oauth.AppOnly {
		tasks += ".All"
	}
	return []oauth.Right{
		{For: "sending mail", AnyOf: []string{"Mail.Send", "Mail.Send.Shared"}},
		{For: "reading and filing mail", AnyOf: []string{"Mail.ReadWrite", "Mail.ReadWrite.Shared"}},
		{For: "calendars", AnyOf: []string{"Calendars.ReadWrite", "Calendars.ReadWrite.Shared"}},
		{For: "contacts", AnyOf: []string{"Contacts.ReadWrite", "Contacts.ReadWrite.Shared"}},
		{For: "tasks", AnyOf: []string{tasks, tasks + ".Shared"}},
	}
}
