package ews

import (
	"errors"
	"fmt"
	"sync"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Versions remembers what each endpoint speaks: the server's version, which it
// tells with every answer, and the schema version that requests ask for. Share
// one between the clients of a process, so that each endpoint has to be asked
// once. Safe for concurrent use.
type Versions struct {
	mu    sync.Mutex
	known map[string]*spoken
}

// NewVersions returns an empty memory.
func NewVersions() *Versions { return &Versions{known: map[string]*spoken{}} }

// of returns what is known of an endpoint. It is shared.
func (v *Versions) of(endpoint string) *spoken {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.known[endpoint]
	if s == nil {
		s = new(spoken)
		v.known[endpoint] = s
	}
	return s
}

// spoken is what is known of one endpoint.
type spoken struct {
	mu     sync.Mutex
	server *ServerVersion
	// highest is the schema version that the server was found to take at
	// most; "" while it has refused none.
	highest wsdl.ServerVersion
}

// release is a release of Exchange by the numbers that ServerVersionInfo tells.
type release struct {
	name                string
	major, minor, build int
	// schema is the newest schema version that it speaks.
	schema wsdl.ServerVersion
}

// The releases that brought operations of this package
// (learn.microsoft.com: Exchange Server build numbers and release dates).
var (
	exchange2007    = release{"Exchange 2007", 8, 0, 0, wsdl.ServerVersionExchange2007}
	exchange2007SP1 = release{"Exchange 2007 SP1", 8, 1, 0, wsdl.ServerVersionExchange2007_SP1}
	exchange2010    = release{"Exchange 2010", 14, 0, 0, wsdl.ServerVersionExchange2010}
	exchange2010SP1 = release{"Exchange 2010 SP1", 14, 1, 0, wsdl.ServerVersionExchange2010_SP1}
	exchange2010SP2 = release{"Exchange 2010 SP2", 14, 2, 0, wsdl.ServerVersionExchange2010_SP2}
	exchange2013    = release{"Exchange 2013", 15, 0, 0, wsdl.ServerVersionExchange2013}
	exchange2013SP1 = release{"Exchange 2013 SP1", 15, 0, 847, wsdl.ServerVersionExchange2013_SP1}
	exchange2016    = release{"Exchange 2016", 15, 1, 0, wsdl.ServerVersionExchange2016}
)

var releases = []release{
	exchange2007, exchange2007SP1, exchange2010, exchange2010SP1, exchange2010SP2, exchange2013, exchange2013SP1, exchange2016,
}

// since says which release had each operation first (the page of the operation
// in Microsoft's EWS reference, "introduced in"). Operations that are not
// listed are as old as EWS.
var since = map[string]release{
	"AddDelegate":             exchange2007SP1,
	"ArchiveItem":             exchange2013,
	"ConvertId":               exchange2007SP1,
	"EmptyFolder":             exchange2010SP1,
	"ExportItems":             exchange2010SP1,
	"FindConversation":        exchange2010SP1,
	"GetConversationItems":    exchange2013,
	"GetDelegate":             exchange2007SP1,
	"GetInboxRules":           exchange2010SP1,
	"GetMailTips":             exchange2010,
	"GetRoomLists":            exchange2010,
	"GetRooms":                exchange2010,
	"GetServerTimeZones":      exchange2010,
	"GetServiceConfiguration": exchange2010,
	"GetStreamingEvents":      exchange2010SP1,
	"MarkAllItemsAsRead":      exchange2013,
	"RemoveDelegate":          exchange2007SP1,
	"UpdateDelegate":          exchange2007SP1,
	"UpdateInboxRules":        exchange2010SP1,
	"UploadItems":             exchange2010SP1,
}

// has tells whether the server is of a release, or a later one.
func (v ServerVersion) has(r release) bool {
	for _, each := range [][2]int{{v.Major, r.major}, {v.Minor, r.minor}, {v.MajorBuild, r.build}} {
		if each[0] != each[1] {
			return each[0] > each[1]
		}
	}
	return true
}

// Release returns the name of the oldest release that the version can be taken
// for, such as "Exchange 2013 SP1"; what came after Exchange 2016 is told as
// that.
func (v ServerVersion) Release() string {
	name := "an Exchange older than 2007"
	for _, r := range releases {
		if v.has(r) {
			name = r.name
		}
	}
	return name
}

// lacks returns an error where the server is known to be older than the
// operation; nothing is sent then.
func (m *Mailbox) lacks(operation string) error {
	first, ok := since[operation]
	server, known := m.client.Server()
	if !ok || !known || server.has(first) {
		return nil
	}
	return &Error{
		Operation: operation, Mailbox: m.address, Access: m.access, kind: mailbox.ErrUnsupported,
		Text: fmt.Sprintf("the server is %s (%s) and has no such operation; it came with %s. Nothing was sent", server.Release(), server, first.name),
	}
}

// schema is the schema version that requests ask for.
func (c *Client) schema() wsdl.ServerVersion {
	c.spoken.mu.Lock()
	defer c.spoken.mu.Unlock()
	if c.spoken.highest != "" && rank(c.spoken.highest) < rank(c.version) {
		return c.spoken.highest
	}
	return c.version
}

// rank orders the schema versions; those of the clouds and of the updates to
// Exchange 2016, such as "V2017_07_11", follow the rest.
func rank(v wsdl.ServerVersion) int {
	for i, known := range []wsdl.ServerVersion{
		wsdl.ServerVersionExchange2007, wsdl.ServerVersionExchange2007_SP1, wsdl.ServerVersionExchange2009,
		wsdl.ServerVersionExchange2010, wsdl.ServerVersionExchange2010_SP1, wsdl.ServerVersionExchange2010_SP2,
		wsdl.ServerVersionExchange2012, wsdl.ServerVersionExchange2013, wsdl.ServerVersionExchange2013_SP1,
		wsdl.ServerVersionExchange2015, wsdl.ServerVersionExchange2016,
	} {
		if v == known {
			return i
		}
	}
	return 100
}

// refusesVersion tells whether a call failed because of the schema version that
// it asked for. Exchange 2010 does not know the names of later ones, and says
// that the request is no valid one.
func (c *Client) refusesVersion(err error, asked wsdl.ServerVersion) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.ResponseCode {
	case "ErrorInvalidServerVersion", "ErrorIncorrectSchemaVersion":
		return true
	case "ErrorSchemaValidation":
		server, known := c.Server()
		return known && rank(server.newest()) < rank(asked)
	}
	return false
}

// newest is the newest schema version that a server of these numbers speaks.
func (v ServerVersion) newest() wsdl.ServerVersion {
	newest := wsdl.ServerVersionExchange2007
	for _, r := range releases {
		if v.has(r) {
			newest = r.schema
		}
	}
	return newest
}

// stepDown goes to an older schema version, for all calls from now on, after
// the server has refused one. It is false where there is no older one.
func (c *Client) stepDown(refused wsdl.ServerVersion) bool {
	server, known := c.Server()
	next := wsdl.ServerVersion("")
	switch r := rank(refused); {
	case known && rank(server.newest()) < r:
		next = server.newest()
	case r > rank(wsdl.ServerVersionExchange2013_SP1):
		next = wsdl.ServerVersionExchange2013_SP1
	case r > rank(wsdl.ServerVersionExchange2010_SP2):
		// Exchange 2013 without its service pack speaks it too.
		next = wsdl.ServerVersionExchange2010_SP2
	case r > rank(wsdl.ServerVersionExchange2007_SP1):
		next = wsdl.ServerVersionExchange2007_SP1
	default:
		return false
	}
	c.spoken.mu.Lock()
	defer c.spoken.mu.Unlock()
	if c.spoken.highest == "" || rank(next) < rank(c.spoken.highest) {
		c.spoken.highest = next
	}
	return true
}
