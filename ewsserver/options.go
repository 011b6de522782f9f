package ewsserver

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// Options direct a Handler. The zero value means the defaults.
type Options struct {
	// Version is what ServerVersionInfo tells. The zero value means
	// ExchangeServerSE.
	Version Version
	// ServerName is told in X-FEServer and X-CalculatedBETarget. Empty means
	// "EXCONN".
	ServerName string
	// MaxRequest is the most bytes that a request may have; more is answered
	// with HTTP 404 where the request announces its length, as by the server
	// that Exchange runs in, and with 413 where it does not. Zero means 64 MiB,
	// Exchange's default.
	MaxRequest int64
	// MaxPage is the most entries of one FindItem or FindFolder answer. Zero
	// means 1,000.
	MaxPage int
	// MaxFilteredPage is the same where there is a restriction or a query
	// string. Zero means 250.
	MaxFilteredPage int
	// Heartbeat is how often a quiet stream of events shows that it is alive.
	// Zero means 45 seconds.
	Heartbeat time.Duration
	// StreamMinute is how long a minute of a stream's ConnectionTimeout lasts;
	// tests shorten it. Zero means a minute.
	StreamMinute time.Duration
	// Now tells the time, for queries such as "received:today". Nil means
	// time.Now.
	Now func() time.Time
	// Logger hears of the backend's failures. Nil means none is told.
	Logger *slog.Logger
	// Intercept, if set, is called when a request has been read and its
	// operation is known, before anything is done. Where it returns true it
	// has answered itself. An error is what the request is answered with
	// instead of being carried out: an *Error stands in each of the response
	// messages or, with Fault, is a SOAP fault; an *AuthError is plain HTTP.
	Intercept func(w http.ResponseWriter, r *http.Request, in Incoming) (answered bool, err error)
	// Observe, if set, is given every SOAP request that was read and what was
	// answered, whole in memory. It is called before the answer is complete
	// for the client; for a stream of events once for each envelope. The
	// context is the request's.
	Observe func(context.Context, Exchange)
}

// Version is a server version. Schema is the newest schema that it speaks.
type Version struct {
	Major, Minor, Build, Revision int
	Schema                        wsdl.ServerVersion
}

// The versions of late 2026.
var (
	// ExchangeServerSE is Exchange Server Subscription Edition.
	ExchangeServerSE = Version{15, 2, 2562, 37, wsdl.ServerVersionV2017_07_11}
	// ExchangeOnline is Exchange Online.
	ExchangeOnline = Version{15, 20, 9412, 17, wsdl.ServerVersionV2018_01_08}
)

// Exchange is one request and its answer.
type Exchange struct {
	// Operation is the name of the body's element, or "" where it could not
	// be read.
	Operation string
	Request   []byte
	// Cut: the client broke off, and Request is what came before that.
	Cut      bool
	Status   int
	Response []byte
}

func (o *Options) withDefaults() Options {
	var v Options
	if o != nil {
		v = *o
	}
	if v.Version == (Version{}) {
		v.Version = ExchangeServerSE
	}
	if v.ServerName == "" {
		v.ServerName = "EXCONN"
	}
	if v.MaxRequest == 0 {
		v.MaxRequest = 64 << 20
	}
	if v.MaxPage == 0 {
		v.MaxPage = 1000
	}
	if v.MaxFilteredPage == 0 {
		v.MaxFilteredPage = 250
	}
	if v.Heartbeat == 0 {
		v.Heartbeat = 45 * time.Second
	}
	if v.StreamMinute == 0 {
		v.StreamMinute = time.Minute
	}
	if v.Now == nil {
		v.Now = time.Now
	}
	if v.Logger == nil {
		v.Logger = slog.New(slog.DiscardHandler)
	}
	return v
}

func (v Version) info() *wsdl.ServerVersionInfo {
	n := func(i int) *wsdl.Int32 { return wsdl.Ptr(wsdl.Int32(i)) }
	return &wsdl.ServerVersionInfo{
		MajorVersion: n(v.Major), MinorVersion: n(v.Minor),
		MajorBuildNumber: n(v.Build), MinorBuildNumber: n(v.Revision),
		Version: wsdl.Ptr(wsdl.Text(v.Schema)),
	}
}
