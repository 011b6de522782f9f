package oauth

import (
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/exconn/exconn/mailbox"
)

const (
	// minPort is the lowest port that the callback page hands over to: those
	// below belong to the system.
	minPort = 1024
	// portTries is how many free ports are tried on both addresses.
	portTries = 16
	// lingerTime is how long Close waits for the browser to load what the last
	// page needs.
	lingerTime = 5 * time.Second
	// shutdownTime is how long answers in progress may take after that.
	shutdownTime = 300 * time.Millisecond
)

// listener is the loopback end of a sign-in: an HTTP server for the one answer
// of one attempt, on 127.0.0.1 and, where there is one, ::1 (RFC 8252 section
// 7.3; browsers resolve localhost to either).
type listener struct {
	port int
	// path is where the answer comes to; the page that is shown for it loads
	// what it needs from beside it.
	path    string
	sockets []net.Listener
	server  *http.Server
	serving sync.WaitGroup
	assets  *assetWatch
}

// listen opens the sockets; serve answers on them. Between the two a browser
// waits in the backlog.
func listen(port int, path string, a *Attempt) (*listener, error) {
	sockets, port, err := bind(port)
	if err != nil {
		return nil, err
	}
	l := &listener{port: port, path: path, sockets: sockets, assets: newAssetWatch()}
	l.server = &http.Server{
		Handler:           l.handler(a),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       10 * time.Second,
		// An answer takes as long as its redemption.
		WriteTimeout:   redeemTimeout + 10*time.Second,
		IdleTimeout:    10 * time.Second,
		MaxHeaderBytes: 64 << 10,
		// What clients do wrong here is nobody's concern, and the server
		// would print addresses with codes in them.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	l.server.SetKeepAlivesEnabled(false)
	return l, nil
}

// bind opens one port on both loopback addresses. A port that another program
// holds on either is not taken: the browser might bring the code to it.
func bind(port int) ([]net.Listener, int, error) {
	six := hasIPv6()
	tries := 1
	if port == 0 {
		tries = portTries
	}
	var last error
	for range tries {
		four, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			last = err
			continue
		}
		got := four.Addr().(*net.TCPAddr).Port
		if got < minPort {
			last = fmt.Errorf("the system offered port %d, which is reserved", got)
			_ = four.Close()
			continue
		}
		if !six {
			return []net.Listener{four}, got, nil
		}
		other, err := net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(got)))
		if err == nil {
			return []net.Listener{four, other}, got, nil
		}
		last = err
		_ = four.Close()
	}
	e := &Error{Op: "sign-in", kind: mailbox.ErrUnavailable, cause: last,
		reason: fmt.Sprintf("cannot listen on the loopback interface for the browser's answer: %v", last),
		hint:   "use --paste"}
	if port != 0 {
		e.hint = fmt.Sprintf("port %d is in use or not allowed; name another one with --listen-port, leave it out, or use --paste", port)
	}
	return nil, 0, e
}

// hasIPv6 reports whether ::1 can be listened on at all.
func hasIPv6() bool {
	s, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	return s.Close() == nil
}

// unusedPort names a port for a redirect that nobody listens to: the browser
// shows that it cannot connect, and the address with the code to copy. The
// range is the one that systems assign from, where no service has its place.
func unusedPort() int { return 49152 + rand.IntN(65536-49152) }

// serve answers until close.
func (l *listener) serve() {
	for _, socket := range l.sockets {
		l.serving.Go(func() {
			// It returns when the listener is closed; any other failure shows
			// as a sign-in that nobody finishes.
			_ = l.server.Serve(socket)
		})
	}
}

// linger waits until a browser has loaded what the last page needs.
func (l *listener) linger() {
	timer := time.NewTimer(lingerTime)
	defer timer.Stop()
	select {
	case <-l.assets.loaded():
	case <-timer.C:
	}
}

// close ends the server and waits for it.
func (l *listener) close() {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if l.server.Shutdown(ctx) != nil {
		// Connections that a browser opened ahead and never used.
		_ = l.server.Close()
	}
	for _, socket := range l.sockets {
		// Those that were never served; the others are closed already.
		_ = socket.Close()
	}
	l.serving.Wait()
}

// handler lets through what a browser may ask for: the answer, by a
// navigation, and the page's two files.
func (l *listener) handler(a *Attempt) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		SetPageHeaders(w.Header(), "'none'")
		switch {
		case !isLoopbackName(r.Host):
			// A name that somebody made to resolve here (DNS rebinding).
			http.Error(w, "this address is for localhost alone", http.StatusMisdirectedRequest)
		case r.Method != http.MethodGet:
			w.Header().Set("Allow", http.MethodGet)
			http.Error(w, "only GET", http.StatusMethodNotAllowed)
		case r.URL.Path == l.path && isNavigation(r):
			a.serveCallback(w, r, l.assets)
		case a.pages.hasAsset(r.URL.Path):
			a.pages.writeAsset(w, r.URL.Path)
			l.assets.served(r.URL.Path)
		default:
			// Favicons, prefetches, scanners.
			http.Error(w, "not found", http.StatusNotFound)
		}
	})
}

// isNavigation reports whether the person went to the address: browsers say
// what a request is for, and one for an image or a frame of another page is
// not the answer. Programs that say nothing pass.
func isNavigation(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "" || dest == "document"
}

// isLoopbackName reports whether a Host header names this machine.
func isLoopbackName(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	} else if len(host) > 2 && host[0] == '[' && host[len(host)-1] == ']' {
		name = host[1 : len(host)-1]
	}
	return name == "localhost" || name == "127.0.0.1" || name == "::1"
}

// contextOf returns the request's context without its end.
func contextOf(r *http.Request) context.Context { return context.WithoutCancel(r.Context()) }

// assetWatch knows which files of the pages that were shown the browser has
// still to load. Nothing is awaited of a program that is no browser.
type assetWatch struct {
	mu sync.Mutex
	// missing is how often each file is still to come: two tabs load it twice.
	missing map[string]int
	all     chan struct{} // closed when nothing is missing
}

func newAssetWatch() *assetWatch {
	all := make(chan struct{})
	close(all)
	return &assetWatch{all: all}
}

// expect awaits the files of one more page.
func (w *assetWatch) expect(names []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(names) == 0 {
		return
	}
	if len(w.missing) == 0 {
		w.missing, w.all = map[string]int{}, make(chan struct{})
	}
	for _, name := range names {
		w.missing[name]++
	}
}

func (w *assetWatch) served(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.missing[name] == 0 {
		return
	}
	if w.missing[name]--; w.missing[name] == 0 {
		delete(w.missing, name)
	}
	if len(w.missing) == 0 {
		close(w.all)
	}
}

func (w *assetWatch) loaded() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all
}
