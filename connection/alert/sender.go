package alert

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// maxWaiting is how many events may wait for one target.
const maxWaiting = 1000

// backoff is how long each further attempt waits: long enough for a mail relay
// or a chat server to be restarted, short enough for a command that ends
// afterwards.
var backoff = []time.Duration{time.Second, 4 * time.Second, 15 * time.Second}

// Sender delivers events in the background: to each target one after the other,
// in the order of Send. A delivery that fails is tried again three times within
// some 20 seconds; then it is written to the log as lost. A target that has just
// failed so gets one attempt an event until one succeeds, so that a target that
// is gone does not hold many events up. It is safe for concurrent use.
type Sender struct {
	log *slog.Logger

	mu     sync.Mutex
	queues map[string]*queue // by Target.ID
	// idle is closed when nothing is on its way any more; nil while nothing is.
	idle chan struct{}
}

// queue is what waits for one target; its worker runs while it is in
// Sender.queues.
type queue struct {
	target  Target
	waiting []delivery
	stop    context.CancelCauseFunc
}

// delivery is an event on its way to one target.
type delivery struct {
	event Event
	whole *whole
}

// whole is an event on its way to all its targets.
type whole struct {
	then func(delivered bool)
	mu   sync.Mutex
	left int
	lost bool
}

// ended is called once for each target. Where trying again later may help, the
// event counts as lost.
func (w *whole) ended(err error) {
	w.mu.Lock()
	w.left--
	w.lost = w.lost || err != nil && !errors.Is(err, ErrPermanent)
	last, lost := w.left == 0, w.lost
	w.mu.Unlock()
	if last && w.then != nil {
		w.then(!lost)
	}
}

// NewSender returns a Sender that writes what it cannot deliver to log; nil
// means nowhere. It starts nothing.
func NewSender(log *slog.Logger) *Sender {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Sender{log: log, queues: map[string]*queue{}}
}

// Send puts e on its way to each of targets, once to each, and returns at once.
// Flush waits for it. Unless it is nil, then is called when all is over, from
// another goroutine and before Flush returns: with true where each target has
// got the event, or never will, and with false where another Send may help.
func (s *Sender) Send(e Event, then func(delivered bool), targets ...Target) {
	byID := map[string]Target{}
	for _, t := range targets {
		if byID[t.ID()] == nil {
			byID[t.ID()] = t
		}
	}
	w := &whole{then: then, left: len(byID)}
	var full []Target
	s.mu.Lock()
	for id, t := range byID {
		q := s.queues[id]
		switch {
		case q == nil:
			s.begin(id, &queue{target: t, waiting: []delivery{{e, w}}})
		case len(q.waiting) >= maxWaiting:
			full = append(full, t)
		default:
			q.waiting = append(q.waiting, delivery{e, w})
		}
	}
	s.mu.Unlock()
	for _, t := range full {
		s.lost(t, e, errFull)
		w.ended(errFull)
	}
}

var errFull = errors.New("too many alerts wait for it already")

// begin starts a worker. s.mu is held.
func (s *Sender) begin(id string, q *queue) {
	if s.idle == nil {
		s.idle = make(chan struct{})
	}
	ctx, stop := context.WithCancelCause(context.Background())
	q.stop = stop
	s.queues[id] = q
	go s.work(ctx, id, q)
}

// work delivers what waits for one target, until nothing does.
func (s *Sender) work(ctx context.Context, id string, q *queue) {
	broken := false
	for {
		d, ok := s.next(id, q)
		if !ok {
			return
		}
		err := s.deliver(ctx, q.target, d.event, broken)
		broken = err != nil
		if err != nil {
			s.lost(q.target, d.event, err)
		}
		d.whole.ended(err)
	}
}

// next takes an event, or ends the worker.
func (s *Sender) next(id string, q *queue) (delivery, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(q.waiting) > 0 {
		d := q.waiting[0]
		q.waiting = q.waiting[1:]
		return d, true
	}
	q.stop(nil)
	delete(s.queues, id)
	if len(s.queues) == 0 {
		close(s.idle)
		s.idle = nil
	}
	return delivery{}, false
}

// deliver tries until it succeeds or there is no point.
func (s *Sender) deliver(ctx context.Context, t Target, e Event, once bool) error {
	for attempt := 0; ; attempt++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		err := t.Deliver(ctx, e)
		if err == nil || once || attempt == len(backoff) || errors.Is(err, ErrPermanent) {
			return err
		}
		timer := time.NewTimer(backoff[attempt])
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}

// lost writes down what could not be delivered, with what it was about: the log
// is the last place to learn of it.
func (s *Sender) lost(t Target, e Event, err error) {
	s.log.Error("an alert could not be delivered", "to", t.String(), "error", err, "event", string(e.Kind), "text", e.Text())
}

// errStopped is why deliveries end when Flush has waited long enough.
var errStopped = errors.New("the program ended before it could be delivered")

// Flush waits until nothing is on its way. When ctx ends first, it ends the
// deliveries, writes what is lost to the log and returns ctx's error.
func (s *Sender) Flush(ctx context.Context) error {
	s.mu.Lock()
	idle := s.idle
	s.mu.Unlock()
	if idle == nil {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	for _, q := range s.queues {
		q.stop(errStopped)
	}
	s.mu.Unlock()
	<-idle
	return ctx.Err()
}
