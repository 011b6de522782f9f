package ews_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/simulator"
)

// breakage is how a proxy spoils a connection.
type breakage int

const (
	byReset breakage = iota // both sides are reset
	byEnd                   // the client sees the end of the stream, and may go on sending
	byStall                 // nothing comes any more, and nothing is closed
)

func (e breakage) String() string { return [...]string{"reset", "half-close", "stall"}[e] }

// proxy is a TCP proxy before a server. It spoils one connection, after so many
// bytes of an answer or of a request have passed since it was told to.
type proxy struct {
	l       net.Listener
	target  string
	running sync.WaitGroup
	ended   chan struct{}

	mu    sync.Mutex
	conns map[net.Conn]bool

	armed   bool
	request bool // count what the client sends
	left    int
	how     breakage
	fired   bool
	passed  []int // since it was armed: how much had passed after each piece
	drip    bool  // pass the bytes one by one
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{l: l, target: target, conns: map[net.Conn]bool{}, ended: make(chan struct{})}
	p.running.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		close(p.ended)
		p.closeAll()
		p.running.Wait()
	})
	return p
}

func (p *proxy) url() string { return "http://" + p.l.Addr().String() + "/EWS/Exchange.asmx" }

// cut spoils the answers, or the requests, after n bytes more.
func (p *proxy) cut(request bool, n int, how breakage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed, p.request, p.left, p.how, p.fired, p.passed = true, request, n, how, false, nil
}

// disarm spoils nothing more, and tells whether anything was.
func (p *proxy) disarm() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = false
	return p.fired
}

// pieces tells how much had passed after each piece, since it was told to cut.
func (p *proxy) pieces() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.passed)
}

func (p *proxy) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *proxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
}

func (p *proxy) accept() {
	for {
		client, err := p.l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			client.Close()
			continue
		}
		p.keep(client)
		p.keep(server)
		p.running.Go(func() {
			var both sync.WaitGroup
			both.Go(func() { p.pass(server, client, client, server, true) })
			p.pass(client, server, client, server, false)
			both.Wait()
			for _, c := range []net.Conn{client, server} {
				c.Close()
				p.mu.Lock()
				delete(p.conns, c)
				p.mu.Unlock()
			}
		})
	}
}

// pass copies what is said one way.
func (p *proxy) pass(to, from, client, server net.Conn, request bool) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		keep, spoil, how := p.take(n, request)
		if !p.write(to, buf[:keep]) {
			break
		}
		if spoil {
			p.spoil(client, server, how)
			return
		}
		if err != nil {
			break
		}
	}
	// The end of one direction is passed on, not that of the other.
	if t, ok := to.(*net.TCPConn); ok {
		_ = t.CloseWrite()
	}
}

func (p *proxy) write(to io.Writer, b []byte) bool {
	p.mu.Lock()
	size := len(b)
	if p.drip {
		size = 1
	}
	p.mu.Unlock()
	for len(b) > 0 {
		piece := b[:min(size, len(b))]
		b = b[len(piece):]
		if _, err := to.Write(piece); err != nil {
			return false
		}
	}
	return true
}

// take tells how many of n bytes may pass, and whether the connection is then
// to be spoilt.
func (p *proxy) take(n int, request bool) (keep int, spoil bool, how breakage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.armed || p.request != request || n == 0 {
		return n, false, 0
	}
	before := 0
	if len(p.passed) > 0 {
		before = p.passed[len(p.passed)-1]
	}
	p.passed = append(p.passed, before+n)
	if n < p.left {
		p.left -= n
		return n, false, 0
	}
	p.armed, p.fired = false, true
	return p.left, true, p.how
}

func (p *proxy) spoil(client, server net.Conn, how breakage) {
	switch how {
	case byReset:
		for _, c := range []net.Conn{client, server} {
			if t, ok := c.(*net.TCPConn); ok {
				_ = t.SetLinger(0)
			}
			c.Close()
		}
	case byEnd:
		if t, ok := client.(*net.TCPConn); ok {
			_ = t.CloseWrite()
		}
		// The server is left to itself, as by a proxy that has lost it.
		server.Close()
	case byStall:
		<-p.ended
	}
}

// spoilt is a simulator behind a proxy that spoils connections.
type spoilt struct {
	exchange
	*proxy

	mu        sync.Mutex
	operation string // the answer to which is to be spoilt
	skip      int
	after     int
	how       breakage
	zipped    bool
}

// newSpoilt starts a simulator, and a proxy before its Exchange Server. They
// speak HTTP without TLS: bytes are counted as HTTP has them.
func newSpoilt(t *testing.T) *spoilt {
	t.Helper()
	s := &spoilt{exchange: newExchangeWith(t, func(o *simulator.Options) { o.Record = nil })}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.operation != "" && strings.HasSuffix(strings.Trim(r.Header.Get("SOAPAction"), `"`), "/"+s.operation) {
			if s.skip--; s.skip < 0 {
				s.proxy.cut(false, s.after, s.how)
				s.operation = ""
			}
		}
		if !s.zipped {
			r.Header.Del("Accept-Encoding")
		}
		s.mu.Unlock()
		s.Handler(simulator.Server).ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.proxy = newProxy(t, server.Listener.Addr().String())
	return s
}

// spoil has the answer to the next call of an operation spoilt after so many
// bytes.
func (s *spoilt) spoil(operation string, after int, how breakage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.operation, s.skip, s.after, s.how = operation, 0, after, how
}

// relent spoils nothing more, and tells whether anything was.
func (s *spoilt) relent() bool {
	s.mu.Lock()
	s.operation = ""
	s.mu.Unlock()
	return s.proxy.disarm()
}

// through returns a mailbox as it is reached through the proxy.
func (s *spoilt) through(address string, opts *ews.Options) *ews.Mailbox {
	client := &http.Client{Transport: &http.Transport{}}
	s.t.Cleanup(client.CloseIdleConnections)
	hc := basic{client, address, string(s.Password(address))}
	return ews.NewClient(hc, s.url(), opts).Mailbox(address, ews.Own)
}

// limit is how long a call of these tests may take at most. None should come
// near it.
const limit = 20 * time.Second
