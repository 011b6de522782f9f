package ntlm

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/exconn/exconn/connection/internal/legs"
)

// lane is an http.Transport with one network connection at most, so that it is
// known which connection a request goes by. It serves one request at a time.
type lane struct {
	transport *http.Transport
	// dialed is the connection that was made last.
	dialed atomic.Pointer[conn]
	// sealed refuses new connections.
	sealed atomic.Bool
	// signedIn is the connection that is the user's, or nil. It belongs to
	// whoever holds the lane.
	signedIn *conn
}

// errConnectionGone is that a request was for a connection which is no more.
// Nothing was sent, or nothing that may not be sent again.
var errConnectionGone = errors.New("the network connection is gone")

func newLane(base *http.Transport) *lane {
	l := &lane{transport: legs.HTTP1(base)}
	l.transport.MaxConnsPerHost, l.transport.MaxIdleConns, l.transport.MaxIdleConnsPerHost = 1, 1, 1
	l.transport.DisableKeepAlives = false
	dial := l.transport.DialContext
	l.transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if l.sealed.Load() {
			return nil, errConnectionGone
		}
		nc, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: nc}
		l.dialed.Store(c)
		return c, nil
	}
	return l
}

// ready reports whether the lane's connection is signed in and open, as far as
// is known.
func (l *lane) ready() bool { return l.signedIn != nil && l.signedIn.open() }

// send sends a request over the connection that there is, and over no other:
// without it the error is errConnectionGone.
func (l *lane) send(req *http.Request) (*http.Response, error) {
	l.sealed.Store(true)
	defer l.sealed.Store(false)
	return l.transport.RoundTrip(req)
}

// close closes the connection, when it is idle.
func (l *lane) close() { l.transport.CloseIdleConnections() }

// conn is a network connection that knows whether it was closed: net/http
// closes an idle one as soon as the server does.
type conn struct {
	net.Conn
	closed atomic.Bool
}

func (c *conn) Close() error {
	c.closed.Store(true)
	return c.Conn.Close()
}

func (c *conn) open() bool { return !c.closed.Load() }
