package ews

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// Options tune a Client. The zero value, and nil, mean the defaults.
type Options struct {
	// UserAgent is the User-Agent header, by which admins allow applications;
	// "" means the default of package soap.
	UserAgent string
	// Trace records every call for support; nil means none.
	Trace soap.Tracer
	// MaxResponse bounds an answer, in bytes; 0 means soap's default. It holds
	// for the answer as it is decoded, attachments included.
	MaxResponse int64
	// MaxRequest bounds a request, in bytes; 0 means soap's default, which is
	// what Exchange accepts by default. A file takes a third more than its
	// size.
	MaxRequest int64
	// Stall is how long a call may stand still, with no byte of the request
	// taken and none of the answer come, until it counts as failed; 0 means
	// soap's default of 5 minutes, less than 0 for ever.
	Stall time.Duration
	// TimeZone is the Windows id of the time zone in which the server reads
	// times that name none (the TimeZoneContext header), such as "W. Europe
	// Standard Time". "" sends no header: this package writes every time in UTC.
	TimeZone string
	// Version is the schema version that is asked for; "" means
	// Exchange2013_SP1, which Exchange 2013 and all later servers speak.
	Version wsdl.ServerVersion
	// Versions remembers what the endpoint speaks, for other clients too; nil
	// means that this one finds it out for itself.
	Versions *Versions
	// Budget, if set, decides when calls are made, and makes those again that
	// are safe to repeat when the server is busy. Nil means that every call is
	// made at once and once, and a busy server is the caller's to deal with.
	Budget *mailbox.Budget
	// Account is whom the server charges the calls to that are not
	// impersonated: the name of who signs in. It matters to the Budget.
	Account string
}

// Client speaks to one EWS endpoint. It is safe for concurrent use.
type Client struct {
	soap    *soap.Client
	version wsdl.ServerVersion
	zone    string
	spoken  *spoken
	budget  *mailbox.Budget
	account string
}

// NewClient returns a client for one EWS endpoint. It does no I/O. The HTTP
// client signs in and must not follow redirects of its own accord to other
// hosts; a nil opts means defaults. Safe for concurrent use.
func NewClient(hc soap.HTTPClient, endpoint string, opts *Options) *Client {
	if opts == nil {
		opts = new(Options)
	}
	c := &Client{
		soap: soap.NewClient(hc, endpoint, &soap.Options{
			UserAgent:   opts.UserAgent,
			MaxResponse: opts.MaxResponse,
			MaxRequest:  opts.MaxRequest,
			Stall:       opts.Stall,
			Trace:       opts.Trace,
		}),
		version: opts.Version,
		zone:    opts.TimeZone,
		spoken:  new(spoken),
		budget:  opts.Budget,
		account: strings.ToLower(opts.Account),
	}
	if opts.Versions != nil {
		c.spoken = opts.Versions.of(endpoint)
	}
	if c.version == "" {
		c.version = wsdl.ServerVersionExchange2013_SP1
	}
	return c
}

// ServerVersion is what a server tells of itself in the ServerVersionInfo
// header ([MS-OXWSCDATA], 2.2.3.10).
type ServerVersion struct {
	Major, Minor, MajorBuild, MinorBuild int
	// Schema is the newest schema that the server speaks, such as
	// "V2017_07_11".
	Schema string
}

// String returns the build number, such as "15.2.1544.4".
func (v ServerVersion) String() string {
	return fmt.Sprintf("%d.%d.%d.%d", v.Major, v.Minor, v.MajorBuild, v.MinorBuild)
}

// Server returns the version of the server that answered last. It is false
// before the first answer.
func (c *Client) Server() (ServerVersion, bool) {
	c.spoken.mu.Lock()
	defer c.spoken.mu.Unlock()
	if c.spoken.server == nil {
		return ServerVersion{}, false
	}
	return *c.spoken.server, true
}

// remember keeps the version that an answer tells.
func (c *Client) remember(info *wsdl.ServerVersionInfo) {
	if info.MajorVersion == nil {
		return
	}
	c.spoken.mu.Lock()
	defer c.spoken.mu.Unlock()
	c.spoken.server = &ServerVersion{
		Major:      int(wsdl.Val(info.MajorVersion)),
		Minor:      int(wsdl.Val(info.MinorVersion)),
		MajorBuild: int(wsdl.Val(info.MajorBuildNumber)),
		MinorBuild: int(wsdl.Val(info.MinorBuildNumber)),
		Schema:     wsdl.Str(info.Version),
	}
}

// headers returns the SOAP headers of a call for m.
func (c *Client) headers(m *Mailbox, version wsdl.ServerVersion) []any {
	h := []any{&wsdl.RequestServerVersion{Version: &version}}
	if m.access == Impersonate {
		h = append(h, &wsdl.ExchangeImpersonation{ConnectingSID: m.connectingSID(version)})
	}
	if zone := cmp.Or(m.zone, c.zone); zone != "" {
		h = append(h, &wsdl.TimeZoneContext{
			TimeZoneDefinition: &wsdl.TimeZoneDefinitionType{Id: wsdl.NewText(zone)},
		})
	}
	return h
}

// responseHeader returns where to decode the headers that matter.
func responseHeader(info *wsdl.ServerVersionInfo) func(xml.Name) any {
	return func(name xml.Name) any {
		if name.Local == "ServerVersionInfo" {
			return info
		}
		return nil
	}
}
