package ews

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// StreamOptions direct a Stream. The zero value, and nil, mean the defaults.
type StreamOptions struct {
	// Folders and Events are those of Subscribe, for each of the mailboxes.
	Folders []mailbox.FolderRef
	Events  []wsdl.EventKind
	// Minutes is how long the server is to keep a connection open, 1 to 30;
	// zero means 30. Then the next follows.
	Minutes int
	// Heartbeat is how often the server shows that the connection is alive;
	// zero means 45 s, which is Exchange's. After twice that time of silence
	// the connection counts as lost.
	Heartbeat time.Duration
	// Retry is asked after each failure that time may mend: how many there
	// were in a row, and the last. It waits as it sees fit, and returns nil to
	// go on or an error to end with. Nil means to wait by the client's
	// Budget or, where it has none, to end with the failure at once.
	Retry func(ctx context.Context, failures int, err error) error
}

const (
	defaultHeartbeat = 45 * time.Second
	// A connection that ends sooner than this is no success, even where it
	// ends in good order; a few of them in a row are a failure.
	shortLived    = 10 * time.Second
	maxShortLived = 3
	// farewell bounds the time for giving subscriptions back at the end.
	farewell = 5 * time.Second
)

// Stream tells of changes in up to MaxStreamed mailboxes as they happen, over
// one connection at a time. It goes on until ctx is done, the caller stops, or
// a failure that Retry does not wait out; that error then comes last.
//
// Put mailboxes together that live on the same server (Autodiscover's
// GroupingInformation tells them): the connection leads to that of the first.
//
// What it tells are hints. A mailbox.CatchUp comes for each mailbox when it is
// first watched, and after every gap, however short: synchronise then. A
// subscription that the server has lost is made anew, without its watermark. A
// mailbox that cannot be subscribed to is told of as mailbox.Lost, once; it is
// tried again whenever a connection is made, and the others go on.
//
// It runs in the caller's goroutine and starts none.
func (c *Client) Stream(ctx context.Context, mailboxes []*Mailbox, opts *StreamOptions) iter.Seq2[mailbox.Notice, error] {
	return func(yield func(mailbox.Notice, error) bool) {
		s := &streamer{c: c, yield: yield}
		if opts != nil {
			s.opts = *opts
		}
		if err := s.prepare(mailboxes); err != nil {
			yield(mailbox.Notice{}, err)
			return
		}
		defer s.leave(ctx)
		err := s.run(ctx)
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		if !s.stopped {
			yield(mailbox.Notice{}, err)
		}
	}
}

// streamer is a Stream under way.
type streamer struct {
	c        *Client
	opts     StreamOptions
	group    *affinity
	watched  []*watched
	yield    func(mailbox.Notice, error) bool
	stopped  bool // by the caller
	failures int  // in a row
	short    int  // connections in a row that ended soon
}

// watched is a mailbox of a stream.
type watched struct {
	m *Mailbox
	// id is the subscription; "" for none.
	id string
	// lost was told of.
	lost bool
	// current is true while nothing can have been missed.
	current bool
}

func (s *streamer) prepare(mailboxes []*Mailbox) error {
	if len(mailboxes) == 0 || len(mailboxes) > MaxStreamed {
		return &Error{Operation: "GetStreamingEvents", kind: mailbox.ErrInvalid,
			Text: fmt.Sprintf("a stream is of 1 to %d mailboxes, not %d", MaxStreamed, len(mailboxes))}
	}
	if s.opts.Minutes == 0 {
		s.opts.Minutes = 30
	}
	if s.opts.Minutes < 1 || s.opts.Minutes > 30 {
		return mailboxes[0].invalid("GetStreamingEvents", "a connection lasts from 1 to 30 minutes, not %d", s.opts.Minutes)
	}
	if s.opts.Heartbeat <= 0 {
		s.opts.Heartbeat = defaultHeartbeat
	}
	if s.opts.Retry == nil {
		s.opts.Retry = func(ctx context.Context, failures int, err error) error {
			if s.c.budget == nil {
				return err
			}
			return s.c.budget.Pause(ctx, failures, err)
		}
	}
	s.group = &affinity{anchor: mailboxes[0].address}
	for _, m := range mailboxes {
		s.watched = append(s.watched, &watched{m: m.grouped(s.group)})
	}
	return nil
}

// run makes one connection after the other.
func (s *streamer) run(ctx context.Context) error {
	for {
		began := time.Now()
		err := s.subscribe(ctx)
		if err == nil {
			err = s.connect(ctx)
		}
		if s.stopped || ctx.Err() != nil {
			return nil
		}
		if time.Since(began) >= shortLived {
			s.short = 0
		} else if err == nil {
			if s.short++; s.short > maxShortLived {
				err = &Error{Operation: "GetStreamingEvents", Mailbox: s.group.anchor, kind: mailbox.ErrUnavailable,
					Text: "the server ends every connection within moments"}
			}
		}
		if err == nil {
			continue
		}
		if !s.mendable(err) {
			return err
		}
		s.failures++
		// The server that the cookie leads to may be the one that is gone.
		s.group.forget()
		if err := s.opts.Retry(ctx, s.failures, err); err != nil {
			return err
		}
	}
}

// mendable tells whether time may mend a failure.
func (s *streamer) mendable(err error) bool {
	return errors.Is(err, mailbox.ErrBusy) || errors.Is(err, mailbox.ErrUnavailable)
}

// subscribe subscribes to the mailboxes that are not subscribed to. The error
// is one that concerns them all.
func (s *streamer) subscribe(ctx context.Context) error {
	var last error
	any := false
	for _, w := range s.watched {
		if w.id == "" {
			sub, err := w.m.SubscribeStreaming(ctx, Subscribe{Folders: s.opts.Folders, Events: s.opts.Events})
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil && s.general(err):
				return err
			case err != nil:
				last = err
				if !s.lose(w, err) {
					return errStopped
				}
				continue
			}
			w.id, w.lost, w.current = sub.ID, false, false
		}
		any = true
	}
	if !any {
		return last
	}
	return nil
}

// general tells whether a failure to subscribe to one mailbox is one of all.
func (s *streamer) general(err error) bool {
	var e *Error
	if errors.As(err, &e) && e.kind == mailbox.ErrBusy && e.BusyScope() == mailbox.MailboxScope {
		return false
	}
	return s.mendable(err) || errors.Is(err, mailbox.ErrSignInNeeded) || errors.Is(err, mailbox.ErrUnsupported)
}

// lose tells of a mailbox that is not watched, once.
func (s *streamer) lose(w *watched, err error) bool {
	if w.lost {
		return true
	}
	w.lost = true
	return s.tell(mailbox.Notice{Mailbox: w.m.address, Kind: mailbox.Lost, Err: err})
}

func (s *streamer) tell(n mailbox.Notice) bool {
	if !s.yield(n, nil) {
		s.stopped = true
	}
	return !s.stopped
}

// connect listens until the connection ends; nil means that another can be
// made at once.
func (s *streamer) connect(ctx context.Context) error {
	byID := map[string]*watched{}
	var ids []string
	var speaker *Mailbox
	for _, w := range s.watched {
		if w.id == "" {
			continue
		}
		if speaker == nil {
			speaker = w.m
		}
		byID[w.id] = w
		ids = append(ids, w.id)
	}
	conn, err := speaker.getStreamingEvents(ctx, ids, s.opts.Minutes, 2*s.opts.Heartbeat)
	if err != nil {
		return s.forget(err, byID)
	}
	defer conn.close()
	// From now on a gap is possible whenever the connection ends.
	defer func() {
		for _, w := range byID {
			w.current = false
		}
	}()
	for {
		messages, err := conn.next()
		if err == io.EOF {
			return nil
		}
		lost, closed := false, false
		for _, msg := range messages {
			lost = s.drop(msg.ErrorSubscriptionIds, byID) || lost
			closed = closed || wsdl.Val(msg.ConnectionStatus) == wsdl.ConnectionStateClosed
			if !s.pass(msg, byID, err == nil) {
				return errStopped
			}
		}
		switch {
		case err != nil && lost:
			// That is mended by subscribing again.
			return nil
		case err != nil:
			return s.forget(err, byID)
		case lost || closed:
			return nil
		}
	}
}

// pass tells of what a message holds, and of the gap before it. A message that
// is no refusal shows that the connection stands.
func (s *streamer) pass(msg *wsdl.GetStreamingEventsResponseMessageType, byID map[string]*watched, stands bool) bool {
	if stands {
		s.failures = 0
		for _, w := range s.watched {
			if byID[w.id] == w && !w.current {
				w.current = true
				if !s.tell(mailbox.Notice{Mailbox: w.m.address, Kind: mailbox.CatchUp}) {
					return false
				}
			}
		}
	}
	if msg.Notifications == nil {
		return true
	}
	for _, n := range msg.Notifications.Notification {
		w := byID[wsdl.Str(n.SubscriptionId)]
		if w == nil {
			continue
		}
		for _, e := range n.Events {
			if told, ok := w.m.notice(e); ok && !s.tell(told) {
				return false
			}
		}
	}
	return true
}

// drop forgets the subscriptions that the server has not (any more).
func (s *streamer) drop(ids *wsdl.SubscriptionIdsType, byID map[string]*watched) bool {
	if ids == nil {
		return false
	}
	dropped := false
	for _, id := range ids.SubscriptionId {
		if w := byID[wsdl.Str(id.Value)]; w != nil {
			w.id, w.current, dropped = "", false, true
		}
	}
	return dropped
}

// forget forgets all subscriptions of a connection where its failure is about
// them; it then needs no waiting.
func (s *streamer) forget(err error, byID map[string]*watched) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.ResponseCode {
	case "ErrorInvalidSubscription", "ErrorSubscriptionNotFound", "ErrorExpiredSubscription", "ErrorInvalidWatermark",
		// The subscriptions are on another server than the one that answered.
		"ErrorProxyRequestNotAllowed":
		for _, w := range byID {
			w.id, w.current = "", false
		}
		s.group.forget()
		return nil
	}
	return err
}

// leave gives the subscriptions back, which a mailbox may have only so many of.
// What does not succeed in time expires by itself.
func (s *streamer) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	for _, w := range s.watched {
		if w.id == "" {
			continue
		}
		err := w.m.Unsubscribe(ctx, w.id)
		if errors.Is(err, mailbox.ErrUnavailable) || errors.Is(err, mailbox.ErrSignInNeeded) || ctx.Err() != nil {
			return // the others would fare no better
		}
	}
}
