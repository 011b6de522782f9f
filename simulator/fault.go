package simulator

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/exconn/exconn/ewsserver"
)

// Service is what faults can befall.
type Service string

// The services.
const (
	EWS          Service = "ews"
	Autodiscover Service = "autodiscover"
	// Token is Entra's token endpoint.
	Token Service = "token"
	// AnyService is all of them.
	AnyService Service = "any"
)

// Fault is something that goes wrong with requests. What it matches comes
// first, then how often it strikes, then what it does; the zero value of a field
// means any, or none. A request of EWS or Autodiscover has signed in before it
// is matched; one of Autodiscover by JSON need not.
//
// A request is struck by one fault at most, the first that matches it and whose
// turn it is.
type Fault struct {
	// Name and Kind are for the lists of faults and strikes. Kind is the word
	// that a script has for it.
	Name, Kind string

	// Service is the service; empty means EWS.
	Service Service
	// Tenant is whose Exchange is asked or, at the token endpoint, in whose
	// name the client signs in; there it may be neither.
	Tenant Tenant
	// Operation is a name such as "FindItem"; of Autodiscover "GetUserSettings"
	// (SOAP), "POX" or "JSON"; of the token endpoint the grant type, such as
	// "refresh_token".
	Operation string
	// Mailbox is the address of who is impersonated, or else that in the
	// X-AnchorMailbox header, or else that of who signed in.
	Mailbox string
	// Account is the address of who signed in, or the client id of the
	// application.
	Account string
	// UserAgent is a part of the User-Agent header, in any case.
	UserAgent string

	// Skip lets that many matching requests pass first.
	Skip int
	// Share is the part of those that come then that it befalls, above 0 and
	// below 1; zero means all. Which ones is decided by the seed and by the
	// order in which matching requests come, so that a run can be repeated.
	Share float64
	// Times is after how many strikes it ends; zero means never.
	Times int

	// Effect changes the world before anything else. Alone it lets the request
	// go on, and meet the world as it is then.
	Effect Effect
	// Delay comes next. It ends early when the client goes.
	Delay time.Duration
	// Error is what Exchange answers instead of carrying the operation out: an
	// *ewsserver.Error in each response message or, with Fault, as a SOAP
	// fault, which are of EWS alone; an *ewsserver.AuthError as plain HTTP.
	Error error
	// Status, Header and Body answer instead of Exchange; with a Body or a
	// Header, Status 0 is 200.
	Status int
	Header http.Header
	Body   []byte
	// Repeat sends Body again and again until the client goes: an answer
	// without an end.
	Repeat bool
	// Reset resets the connection instead of answering.
	Reset bool
	// Execute lets Exchange carry the operation out before its answer is
	// replaced or the connection reset, so that the client cannot know. It is
	// so with all that follows.
	Execute bool

	// Truncate cuts Exchange's own answer after so many bytes and closes the
	// connection.
	Truncate int
	// Stall keeps the connection, after Truncate bytes, silent and open until
	// the client goes.
	Stall bool
	// Drip sends the answer in pieces of so many bytes, with Pause between two.
	Drip  int
	Pause time.Duration
	// Garble puts characters that XML forbids into the texts of the answer, as
	// references and as they are.
	Garble bool
	// ContentType replaces that of the answer.
	ContentType string
}

// Effect changes the world when a fault strikes.
type Effect func(*Simulator, Strike) error

// Strike is a request that a fault has befallen.
type Strike struct {
	// Number counts all strikes, from 1.
	Number int `json:"number"`
	// Fault is the fault's id in Faults.
	Fault     int     `json:"fault"`
	Name      string  `json:"name,omitempty"`
	Kind      string  `json:"kind,omitempty"`
	Service   Service `json:"service"`
	Tenant    Tenant  `json:"tenant,omitempty"`
	Operation string  `json:"operation,omitempty"`
	// Mailbox and Account are as in Fault; empty where the request does not
	// tell.
	Mailbox string `json:"mailbox,omitempty"`
	Account string `json:"account,omitempty"`
}

// victim is a request that faults can befall.
type victim struct {
	service   Service
	tenant    Tenant
	operation string
	mailbox   string
	// account and app are who signed in; either may be empty.
	account, app string
	agent        string
}

// victimOf is a request to a tenant's Exchange.
func victimOf(r *http.Request, tenant Tenant, service Service, operation string) victim {
	return victim{
		service: service, tenant: tenant, operation: operation,
		mailbox: r.Header.Get("X-AnchorMailbox"), agent: r.UserAgent(),
	}
}

// by adds who signed in.
func (v victim) by(c ewsserver.Caller) victim {
	if p, ok := c.Principal.(principal); ok {
		v.account, v.app = p.account, p.app
	}
	return v
}

func (f *Fault) matches(v victim) bool {
	service := cmp.Or(f.Service, EWS)
	return (service == AnyService || service == v.service) &&
		(f.Tenant == "" || f.Tenant == v.tenant) &&
		(f.Operation == "" || strings.EqualFold(f.Operation, v.operation)) &&
		(f.Mailbox == "" || strings.EqualFold(f.Mailbox, v.mailbox)) &&
		(f.Account == "" || strings.EqualFold(f.Account, v.account) || strings.EqualFold(f.Account, v.app)) &&
		(f.UserAgent == "" || strings.Contains(strings.ToLower(v.agent), strings.ToLower(f.UserAgent)))
}

// answers tells whether the fault has an answer of its own.
func (f *Fault) answers() bool { return f.Status != 0 || f.Body != nil || f.Header != nil }

// spoils tells whether the fault does something to Exchange's own answer.
func (f *Fault) spoils() bool {
	return f.Truncate > 0 || f.Stall || f.Drip > 0 || f.Garble || f.ContentType != ""
}

// replaces tells whether nothing of Exchange's own answer is sent, although the
// operation is carried out.
func (f *Fault) replaces() bool { return f.Execute && (f.answers() || f.Reset) }
