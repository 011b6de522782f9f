package simulator

import (
	"context"
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Fault is something that goes wrong with EWS requests. What it matches comes
// first, what it does then; the zero value of a field means any, or none.
type Fault struct {
	Tenant Tenant
	// Operation is a name such as "FindItem".
	Operation string
	// Mailbox is the address in the X-AnchorMailbox header.
	Mailbox string
	// Skip lets that many matching requests pass first.
	Skip int
	// Times is how many requests it then befalls; zero means all of them.
	Times int

	// Delay comes before everything else. It ends early when the client goes.
	Delay time.Duration
	// Status, Header and Body answer instead of Exchange; with a Body or a
	// Header, Status 0 is 200.
	Status int
	Header http.Header
	Body   []byte
	// Repeat sends Body again and again until the client goes: an answer
	// without an end.
	Repeat bool
	// Truncate cuts Exchange's own answer after so many bytes and closes the
	// connection.
	Truncate int
	// Reset resets the connection instead of answering.
	Reset bool
	// Execute lets Exchange carry the operation out before its answer is
	// replaced or the connection reset, so that the client cannot know.
	// A truncated answer is always one of an operation that was carried out.
	Execute bool
}

func (f *Fault) matches(t Tenant, operation string, r *http.Request) bool {
	return (f.Tenant == "" || f.Tenant == t) &&
		(f.Operation == "" || f.Operation == operation) &&
		(f.Mailbox == "" || strings.EqualFold(f.Mailbox, r.Header.Get("X-AnchorMailbox")))
}

func (f *Fault) answers() bool { return f.Status != 0 || f.Body != nil || f.Header != nil }

// faults are the faults in force.
type faults struct {
	mu   sync.Mutex
	list []*activeFault
}

type activeFault struct {
	Fault
	seen int
}

// Fail puts a fault in force, after those that are already. The function that
// it returns takes it out again.
func (s *Simulator) Fail(f Fault) (remove func()) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	r := &activeFault{Fault: f}
	s.faults.list = append(s.faults.list, r)
	return func() {
		s.faults.mu.Lock()
		defer s.faults.mu.Unlock()
		for i, other := range s.faults.list {
			if other == r {
				s.faults.list = append(s.faults.list[:i:i], s.faults.list[i+1:]...)
				return
			}
		}
	}
}

// find returns the first fault that befalls a request, or nil.
func (f *faults) find(t Tenant, operation string, r *http.Request) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.list {
		if !rule.matches(t, operation, r) {
			continue
		}
		rule.seen++
		if rule.seen > rule.Skip && (rule.Times == 0 || rule.seen <= rule.Skip+rule.Times) {
			found := rule.Fault
			return &found
		}
	}
	return nil
}

type sabotageKey struct{}

// sabotage is a ResponseWriter that can lose what is written to it.
type sabotage struct {
	http.ResponseWriter
	fault *Fault // nil lets everything through
	sent  int
	lost  bool
}

func (s *sabotage) Header() http.Header {
	if s.fault != nil && s.fault.Truncate == 0 {
		return http.Header{} // Exchange's own headers are lost with its answer
	}
	return s.ResponseWriter.Header()
}

func (s *sabotage) WriteHeader(status int) {
	if s.fault == nil || s.fault.Truncate > 0 {
		s.ResponseWriter.WriteHeader(status)
	}
}

func (s *sabotage) Write(p []byte) (int, error) {
	if s.fault == nil {
		return s.ResponseWriter.Write(p)
	}
	if keep := min(len(p), s.fault.Truncate-s.sent); keep > 0 && !s.lost {
		if _, err := s.ResponseWriter.Write(p[:keep]); err != nil {
			return 0, err
		}
		s.sent += keep
	}
	s.lost = s.lost || s.sent >= s.fault.Truncate
	return len(p), nil
}

// Unwrap lets http.ResponseController reach the connection.
func (s *sabotage) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// wrap prepares a tenant's handler for faults.
func (f *faults) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := &sabotage{ResponseWriter: w}
		next.ServeHTTP(s, r.WithContext(context.WithValue(r.Context(), sabotageKey{}, s)))
		if s.fault == nil {
			return
		}
		// The operation was carried out; its answer goes wrong now.
		if s.fault.answers() {
			s.fault.answer(w, r)
		} else {
			drop(w, s.fault.Truncate == 0)
		}
	})
}

// intercept is called by ewsserver when the operation is known.
func (f *faults) intercept(t Tenant) func(http.ResponseWriter, *http.Request, string) bool {
	return func(w http.ResponseWriter, r *http.Request, operation string) bool {
		fault := f.find(t, operation, r)
		if fault == nil {
			return false
		}
		if fault.Delay > 0 {
			select {
			case <-time.After(fault.Delay):
			case <-r.Context().Done():
				return true
			}
		}
		switch s, ok := r.Context().Value(sabotageKey{}).(*sabotage); {
		case ok && (fault.Truncate > 0 || fault.Execute && (fault.answers() || fault.Reset)):
			r.Header.Del("Accept-Encoding") // bytes are counted as they are
			s.fault = fault
			return false
		case fault.answers():
			fault.answer(w, r)
			return true
		case fault.Reset:
			drop(w, true)
			return true
		}
		return false // it was a delay alone
	}
}

// answer sends what the fault has instead of Exchange's answer.
func (f *Fault) answer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	maps.Copy(w.Header(), canonical(f.Header))
	if f.Status != 0 {
		w.WriteHeader(f.Status)
	}
	for {
		if _, err := w.Write(f.Body); err != nil || !f.Repeat || len(f.Body) == 0 || r.Context().Err() != nil {
			return
		}
	}
}

func canonical(h http.Header) http.Header {
	out := http.Header{}
	for name, values := range h {
		for _, v := range values {
			out.Add(name, v)
		}
	}
	return out
}

// drop closes the connection in the midst of an answer, or resets it.
func drop(w http.ResponseWriter, reset bool) {
	control := http.NewResponseController(w)
	if !reset {
		_ = control.Flush() // a writer that cannot flush has sent everything
	}
	conn, _, err := control.Hijack()
	if err != nil {
		// A test's recorder has no connection: an empty answer is all it can see.
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if reset {
		abort(conn)
	}
	conn.Close()
}

// abort makes closing a connection a reset: the peer gets an error and no
// orderly end.
func abort(conn net.Conn) {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	if t, ok := conn.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // without it the close is an orderly one, no worse
	}
}
