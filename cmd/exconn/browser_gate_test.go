package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// gate is the proxy through which the command reaches Entra and Exchange. Shut,
// it keeps what the command sends until it is opened; broken down, it drops
// every connection.
type gate struct {
	server *httptest.Server

	mu     sync.Mutex
	change *sync.Cond
	closed bool
	broken bool
	held   int // requests that wait
	conns  map[net.Conn]bool
}

func newGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{conns: map[net.Conn]bool{}}
	g.change = sync.NewCond(&g.mu)
	var relaying sync.WaitGroup
	g.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || !g.passes() {
			http.Error(w, "this way is closed", http.StatusBadGateway)
			return
		}
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		here, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			_ = there.Close()
			return
		}
		g.keep(here, there)
		_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
		relaying.Go(func() { g.relay(there, buffered); _ = there.Close() })
		relaying.Go(func() { _, _ = io.Copy(here, there); _ = here.Close() })
	}))
	t.Cleanup(func() {
		g.breakDown()
		g.server.Close()
		relaying.Wait()
	})
	return g
}

func (g *gate) address() string { return g.server.URL }

// relay passes on what the command sends, while the gate is open.
func (g *gate) relay(to io.Writer, from io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && g.passes() {
			_, _ = to.Write(buffer[:n])
		}
		if err != nil {
			return
		}
	}
}

// passes waits until the gate is open; it is false where it has broken down.
func (g *gate) passes() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held++
	for g.closed && !g.broken {
		g.change.Wait()
	}
	g.held--
	return !g.broken
}

func (g *gate) keep(conns ...net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range conns {
		g.conns[c] = true
	}
}

// waiting reports whether something waits at the gate.
func (g *gate) waiting() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.held > 0
}

func (g *gate) shut() { g.set(func() { g.closed = true }) }
func (g *gate) open() { g.set(func() { g.closed = false }) }

func (g *gate) breakDown() {
	g.set(func() {
		g.broken = true
		for c := range g.conns {
			_ = c.Close()
		}
	})
}

func (g *gate) set(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
	g.change.Broadcast()
}
