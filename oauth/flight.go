package oauth

import (
	"context"
	"sync"
	"time"
)

const (
	// renewalTimeout ends a renewal that gets no answer, or not the lock.
	renewalTimeout = 60 * time.Second
	// patience is how long a renewal may take before those who have a good old
	// token go on with it; lockPatience the same while another process has
	// the lock, which says only that it will be a while.
	patience     = 5 * time.Second
	lockPatience = 200 * time.Millisecond
	// lull is how long after a failed renewal the old token serves without
	// another attempt, and how long a refusal stands for the same blob.
	lull = 30 * time.Second
)

// flight is one renewal, in which all who want a token of a Source share.
type flight struct {
	// refresh is set where a good token in the Cache does not end it.
	refresh bool
	// late is closed when the renewal takes its time, done at its end.
	late, done chan struct{}
	once       sync.Once
	token      Token
	err        error
}

// isLate lets go those who can do without.
func (f *flight) isLate() { f.once.Do(func() { close(f.late) }) }

// join returns the flight that is under way, or a new one. It does not end with
// the caller's context: with refresh tokens that are good for one use, an
// answer that nobody reads is a sign-in lost.
func (s *Source) join(ctx context.Context, refresh bool) *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	slot := &s.renewing
	if refresh {
		slot = &s.refreshing
	}
	if *slot != nil {
		return *slot
	}
	f := &flight{refresh: refresh, late: make(chan struct{}), done: make(chan struct{})}
	*slot = f
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewalTimeout)
	go func() {
		defer cancel()
		timer := time.AfterFunc(patience, f.isLate)
		defer timer.Stop()
		f.token, f.err = s.renewNow(ctx, f)
		s.mu.Lock()
		*slot = nil
		s.mu.Unlock()
		close(f.done)
	}()
	return f
}

// renew gets a new token, in one flight for all callers.
func (s *Source) renew(ctx context.Context) (Token, error) {
	old, ok := s.usable()
	if ok && s.inLull() {
		return old, nil
	}
	if ctx.Err() != nil {
		return Token{}, ended(ctx, "token", "stopped before asking for a token")
	}
	f := s.join(ctx, false)
	late := f.late
	for {
		select {
		case <-f.done:
			if f.err == nil {
				return f.token, nil
			}
			// Within the flight the old token may have been refused, so ask
			// again whether it serves.
			if old, ok := s.usable(); ok {
				return old, nil
			}
			return Token{}, f.err
		case <-late:
			if old, ok := s.usable(); ok {
				return old, nil
			}
			late = nil
		case <-ctx.Done():
			return Token{}, ended(ctx, "token", "stopped while waiting for a token")
		}
	}
}

// renewNow is what a flight does.
func (s *Source) renewNow(ctx context.Context, f *flight) (Token, error) {
	c := s.client
	if err := c.enter(ctx, "token"); err != nil {
		return Token{}, err
	}
	defer c.leave()
	if h := s.current.Load(); h != nil && time.Now().Before(h.renewAt) && !f.refresh {
		return h.token, nil // by the flight before, or by a sign-in
	}
	h, err := s.acquire(ctx, f)
	s.took(ctx, h, err)
	if err != nil {
		return Token{}, err
	}
	return h.token, nil
}
