package simulator

import (
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"net/http"
	"time"

	"github.com/exconn/exconn/ewsserver"
)

type sabotageKey struct{}

// sabotage is a ResponseWriter between a service and its client that can lose
// or spoil what is written to it.
type sabotage struct {
	http.ResponseWriter
	r *http.Request
	// struck: a fault has befallen the request.
	struck bool
	// fault is nil where everything goes through.
	fault *Fault
	begun bool
	sent  int
	pen   garbler
}

// wrap lets faults befall the requests of a handler that calls strike.
func (f *faults) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := &sabotage{ResponseWriter: w, r: r}
		next.ServeHTTP(s, r.WithContext(context.WithValue(r.Context(), sabotageKey{}, s)))
		if s.fault != nil {
			s.end()
		}
	})
}

// strike lets the fault whose turn it is befall a request. It reports whether
// the request is answered with that; the error is what Exchange is to answer.
// After an effect, again, where it is not nil, says whether whoever has signed
// in is still let in.
func (s *Simulator) strike(w http.ResponseWriter, r *http.Request, v victim, again func() error) (answered bool, err error) {
	fault, strike := s.faults.find(v)
	if fault == nil {
		return false, nil
	}
	s.opts.Logger.DebugContext(r.Context(), "a fault strikes", "number", strike.Number, "fault", strike.Fault, "kind", strike.Kind,
		"service", string(v.service), "operation", v.operation)
	if fault.Effect != nil {
		if err := fault.Effect(s, strike); err != nil {
			s.opts.Logger.WarnContext(r.Context(), "a fault had no effect", "fault", strike.Fault, "kind", strike.Kind, "error", err)
		}
		if again != nil {
			err = again()
		}
	}
	if !wait(r.Context(), fault.Delay) {
		return true, nil
	}
	line, ok := r.Context().Value(sabotageKey{}).(*sabotage)
	if ok {
		line.struck = true
	}
	switch {
	case err != nil:
		return false, err
	case fault.Error != nil:
		return false, fault.Error
	case ok && (fault.replaces() || fault.spoils()):
		r.Header.Del("Accept-Encoding") // bytes are counted, and texts found, as they are
		line.fault = fault
		return false, nil
	case fault.answers():
		fault.answer(w, r)
		return true, nil
	case fault.Reset:
		drop(w, true)
		return true, nil
	}
	return false, nil // it was an effect or a delay alone
}

// struck reports whether a fault has befallen the request of a context.
func struck(ctx context.Context) bool {
	line, ok := ctx.Value(sabotageKey{}).(*sabotage)
	return ok && line.struck
}

// wait is false where the client goes meanwhile.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *sabotage) Header() http.Header {
	if s.fault != nil && s.fault.replaces() {
		return http.Header{} // Exchange's own headers are lost with its answer
	}
	return s.ResponseWriter.Header()
}

func (s *sabotage) WriteHeader(status int) {
	if s.fault != nil && s.fault.replaces() {
		return
	}
	s.begin()
	if !s.stalled() {
		s.ResponseWriter.WriteHeader(status)
	}
}

// begin is the last moment to change the header.
func (s *sabotage) begin() {
	if !s.begun && s.fault != nil && s.fault.ContentType != "" {
		s.ResponseWriter.Header().Set("Content-Type", s.fault.ContentType)
	}
	s.begun = true
}

// stalled tells whether no more is to be sent although the connection stays.
func (s *sabotage) stalled() bool {
	return s.fault != nil && s.fault.Stall && s.sent >= s.fault.Truncate
}

func (s *sabotage) Write(p []byte) (int, error) {
	f := s.fault
	switch {
	case f == nil:
		return s.ResponseWriter.Write(p)
	case f.replaces():
		return len(p), nil
	}
	s.begin()
	content := p
	if f.Garble {
		content = s.pen.garble(p)
	}
	if f.Truncate > 0 || f.Stall {
		content = content[:min(len(content), max(0, f.Truncate-s.sent))]
	}
	if err := s.send(content); err != nil {
		return 0, err
	}
	switch {
	case s.stalled():
		return 0, s.hang()
	case f.Truncate > 0 && s.sent >= f.Truncate:
		return 0, errCut // a stream of events ends with it
	}
	return len(p), nil
}

// send writes all at once, or in drips.
func (s *sabotage) send(p []byte) error {
	piece := len(p)
	if s.fault.Drip > 0 {
		piece = s.fault.Drip
	}
	for len(p) > 0 {
		n, err := s.ResponseWriter.Write(p[:min(piece, len(p))])
		s.sent += n
		if p = p[n:]; err != nil {
			return err
		}
		if s.fault.Drip == 0 {
			continue
		}
		if err := http.NewResponseController(s.ResponseWriter).Flush(); err != nil {
			return err
		}
		if !wait(s.r.Context(), s.fault.Pause) {
			return s.r.Context().Err()
		}
	}
	return nil
}

var (
	errGone = errors.New("the client has gone")
	errCut  = errors.New("a fault cuts the answer off")
)

// hang keeps still until the client goes.
func (s *sabotage) hang() error {
	if s.sent > 0 {
		if err := http.NewResponseController(s.ResponseWriter).Flush(); err != nil {
			return err
		}
	}
	<-s.r.Context().Done()
	return errGone
}

// end is called when the operation was carried out and all of Exchange's own
// answer is written.
func (s *sabotage) end() {
	switch f := s.fault; {
	case f.Stall:
		if s.r.Context().Err() == nil {
			_ = s.hang() // the answer was shorter, and lacks its end all the same
		}
		drop(s.ResponseWriter, false)
	case f.Truncate > 0:
		drop(s.ResponseWriter, false)
	case f.replaces() && f.answers():
		f.answer(s.ResponseWriter, s.r)
	case f.replaces():
		drop(s.ResponseWriter, true)
	}
}

// Unwrap lets http.ResponseController reach the connection.
func (s *sabotage) Unwrap() http.ResponseWriter { return s.ResponseWriter }

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

// refuse answers where the service has no words for an error: a refusal as it
// is, anything else as a failure without an explanation.
func refuse(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if auth := (*ewsserver.AuthError)(nil); errors.As(err, &auth) {
		maps.Copy(w.Header(), canonical(auth.Header))
		status = auth.Status
	}
	w.WriteHeader(status)
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
