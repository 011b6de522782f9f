package simulator

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

var _ ewsserver.Notifier = (*session)(nil)

// subscription is somebody's wish to be told of changes in a mailbox.
type subscription struct {
	id        string
	who       *mbox // whom it is for
	mbox      *mbox // what it is to, and is charged to
	folders   map[*folder]bool
	kinds     []wsdl.EventKind
	streaming bool
	// timeout is how long it lives without being asked or listened to.
	timeout time.Duration
	expires time.Time
	// listeners are the connections that it has at present.
	listeners int
	// next is the last notice that a stream has given away.
	next uint64
}

const (
	// streamingLifetime is how long a streaming subscription lives without a
	// connection.
	streamingLifetime = 30 * time.Minute
	// maxEvents is the most events of one GetEvents.
	maxEvents = 50
	// maxHanging is Exchange's HangingConnectionLimit, per caller.
	maxHanging = 10
	// idPrefix begins every subscription's id, before it is encoded.
	idPrefix = "exsub1\x00\x00"
)

// Subscribe implements ewsserver.Notifier.
func (s *session) Subscribe(_ context.Context, r ewsserver.Subscription) (id, watermark string, err error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	sub := &subscription{who: s.who, mbox: s.who, kinds: r.Kinds, streaming: r.Streaming, timeout: r.Timeout}
	if r.Streaming {
		sub.timeout = streamingLifetime
	}
	for i, ref := range r.Folders {
		f, err := s.readable(ref)
		if err != nil {
			return "", "", err
		}
		if i == 0 {
			sub.mbox, sub.folders = f.mbox, map[*folder]bool{}
		}
		if f.mbox != sub.mbox {
			return "", "", ewsserver.Errorf(ewsserver.ErrorInvalidSubscriptionRequest, "The folders of one subscription must be of one mailbox.")
		}
		sub.folders[f] = true
	}
	s.st.expireSubscriptions()
	n := 0
	for _, other := range s.st.subscriptions {
		if other.mbox == sub.mbox {
			n++
		}
	}
	if n >= s.st.subscriptionLimit(sub.mbox.tenant) {
		return "", "", ewsserver.Errorf(ewsserver.ErrorExceededSubscriptionCount, "The mailbox has as many subscriptions as it may have (%d).", n)
	}
	sub.mbox.notices.watched = true
	sub.next = sub.mbox.notices.head()
	if r.Watermark != "" {
		number, ok := s.st.parseWatermark(sub.mbox, r.Watermark)
		if !ok {
			return "", "", ewsserver.Errorf(ewsserver.ErrorInvalidWatermark, "The watermark is none of this mailbox.")
		}
		sub.next = number
	}
	sub.id = base64.StdEncoding.EncodeToString([]byte(idPrefix + sub.mbox.guid + hex.EncodeToString(s.st.random(8))))
	sub.touch(s.st)
	s.st.subscriptions[sub.id] = sub
	if !r.Streaming {
		watermark = s.st.watermark(sub.mbox, sub.next)
	}
	return sub.id, watermark, nil
}

// touch puts a subscription's end off.
func (sub *subscription) touch(st *state) { sub.expires = st.now().Add(sub.timeout) }

func (st *state) expireSubscriptions() {
	for id, sub := range st.subscriptions {
		if sub.listeners == 0 && st.now().After(sub.expires) {
			delete(st.subscriptions, id)
		}
	}
}

// subscription finds a subscription of the caller's.
func (s *session) subscription(id string) (*subscription, error) {
	s.st.expireSubscriptions()
	sub := s.st.subscriptions[id]
	switch {
	case sub != nil && sub.who != s.who:
		return nil, ewsserver.Errorf(ewsserver.ErrorSubscriptionAccessDenied, "The subscription is somebody else's.")
	case sub != nil:
		return sub, nil
	}
	if raw, err := base64.StdEncoding.DecodeString(id); err != nil || !strings.HasPrefix(string(raw), idPrefix) {
		return nil, ewsserver.Errorf(ewsserver.ErrorInvalidSubscription, "That is not the id of a subscription.")
	}
	return nil, ewsserver.Errorf(ewsserver.ErrorSubscriptionNotFound, "The subscription was not found; it may have expired.")
}

// Unsubscribe implements ewsserver.Notifier.
func (s *session) Unsubscribe(_ context.Context, id string) error {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	if _, err := s.subscription(id); err != nil {
		return err
	}
	delete(s.st.subscriptions, id)
	s.st.wake()
	return nil
}

// Events implements ewsserver.Notifier.
func (s *session) Events(_ context.Context, id, watermark string) (ewsserver.Events, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	sub, err := s.subscription(id)
	if err != nil {
		return ewsserver.Events{}, err
	}
	if sub.streaming {
		return ewsserver.Events{}, ewsserver.Errorf(ewsserver.ErrorInvalidPullSubscriptionID, "A streaming subscription is not asked by GetEvents.")
	}
	number, ok := s.st.parseWatermark(sub.mbox, watermark)
	if !ok {
		return ewsserver.Events{}, ewsserver.Errorf(ewsserver.ErrorInvalidWatermark, "The watermark is none of this subscription.")
	}
	sub.touch(s.st)
	list, at, more := sub.mbox.notices.since(number, sub.wants, maxEvents)
	out := ewsserver.Events{SubscriptionID: id, Previous: watermark, More: more}
	for i, e := range list {
		out.Events = append(out.Events, withWatermark(e, s.st.watermark(sub.mbox, at[i])))
	}
	if len(list) == 0 {
		// What happened and was not asked for need not be looked at again.
		e := wsdl.Event{Kind: wsdl.StatusEvent, Status: new(wsdl.StatusEventType)}
		out.Events = []wsdl.Event{withWatermark(e, s.st.watermark(sub.mbox, sub.mbox.notices.head()))}
	}
	return out, nil
}

// DropSubscriptions forgets all subscriptions to a mailbox, as an Exchange does
// that fails over to another server; an empty address means all mailboxes. It
// returns how many there were.
func (s *Simulator) DropSubscriptions(address string) int {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	n := 0
	for id, sub := range s.state.subscriptions {
		if address == "" || sub.mbox.is(address) {
			delete(s.state.subscriptions, id)
			n++
		}
	}
	s.state.wake()
	return n
}

// Subscriptions returns how many subscriptions there are to a mailbox.
func (s *Simulator) Subscriptions(address string) int {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	s.state.expireSubscriptions()
	n := 0
	for _, sub := range s.state.subscriptions {
		if sub.mbox.is(address) {
			n++
		}
	}
	return n
}
