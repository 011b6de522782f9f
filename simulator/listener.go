package simulator

import (
	"context"
	"errors"
	"slices"

	"github.com/exconn/exconn/ewsserver"
)

// listener is a connection to streaming subscriptions.
type listener struct {
	st     *state
	who    *mbox
	ids    []string
	broken bool
}

// Listen implements ewsserver.Notifier. An impersonating caller connects to
// the subscriptions of others in his group too, so that here all of the
// organisation are taken.
func (s *session) Listen(_ context.Context, ids []string) (ewsserver.Listener, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	s.st.expireSubscriptions()
	if lost := s.st.lost(ids, s.who.tenant); lost != nil {
		return nil, lost
	}
	open := 0
	for other := range s.st.listeners {
		// A client that listens anew has lost the connection before, though
		// that may not have been noticed here: what were told there now would
		// be lost.
		if slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(other.ids, id) }) {
			other.broken = true
			continue
		}
		if other.who == s.who {
			open++
		}
	}
	s.st.wake()
	if open >= s.st.streamLimit() {
		return nil, ewsserver.Errorf(ewsserver.ErrorExceededConnectionCount, "There are %d open streams already.", open)
	}
	for _, id := range ids {
		s.st.subscriptions[id].listeners++
	}
	l := &listener{st: s.st, who: s.who, ids: ids}
	s.st.listeners[l] = true
	return l, nil
}

// lost returns an error that names the ids that are none of a streaming
// subscription, or nil.
func (st *state) lost(ids []string, t *tenant) error {
	var gone []string
	for _, id := range ids {
		if sub := st.subscriptions[id]; sub == nil || !sub.streaming || sub.mbox.tenant != t {
			gone = append(gone, id)
		}
	}
	if gone == nil {
		return nil
	}
	return &ewsserver.LostError{Code: ewsserver.ErrorSubscriptionNotFound, IDs: gone}
}

var errBroken = errors.New("the simulator was told to break its streams")

// Next implements ewsserver.Listener.
func (l *listener) Next(ctx context.Context) ([]ewsserver.Events, error) {
	for {
		events, news, err := l.look()
		if err != nil || len(events) > 0 {
			return events, err
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// look takes what there is, or returns a channel to wait for more.
func (l *listener) look() ([]ewsserver.Events, <-chan struct{}, error) {
	l.st.mu.Lock()
	defer l.st.mu.Unlock()
	if l.broken {
		return nil, nil, errBroken
	}
	if err := l.st.lost(l.ids, l.who.tenant); err != nil {
		return nil, nil, err
	}
	var events []ewsserver.Events
	for _, id := range l.ids {
		sub := l.st.subscriptions[id]
		n := &sub.mbox.notices
		list, _, _ := n.since(sub.next, sub.wants, len(n.list))
		sub.next = n.head()
		if len(list) > 0 {
			events = append(events, ewsserver.Events{SubscriptionID: id, Events: list})
		}
	}
	return events, l.st.awaken(), nil
}

// Close implements ewsserver.Listener.
func (l *listener) Close() {
	l.st.mu.Lock()
	defer l.st.mu.Unlock()
	delete(l.st.listeners, l)
	for _, id := range l.ids {
		if sub := l.st.subscriptions[id]; sub != nil {
			sub.listeners--
			sub.touch(l.st)
		}
	}
}

// BreakStreams breaks all open streams of events off, without their last word,
// as a restarted load balancer does. The subscriptions live on.
func (s *Simulator) BreakStreams() {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	for l := range s.state.listeners {
		l.broken = true
	}
	s.state.wake()
}
