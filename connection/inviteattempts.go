package connection

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"sync"
	"time"
)

const (
	// attemptTime is how long a person may take at the sign-in server.
	attemptTime = 15 * time.Minute
	// attemptsEach is how many sign-ins one invitation may have under way; one
	// more takes the place of the oldest.
	attemptsEach = 5
	// attemptsAll is how many there may be of all invitations. Each holds some
	// tens of kB.
	attemptsAll = 2000
)

// inviteAttempt is a sign-in that an invitation has begun.
type inviteAttempt struct {
	// name is told by the state of the sign-in.
	name       string
	invitation Invitation
	key        string // the invitation's
	signIn     *SignIn
	// again is where the person can begin anew.
	again string

	cookie [sha256.Size]byte // of the cookie's value
	began  time.Time
}

// attemptName names an attempt by the state that its answer carries.
func attemptName(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:12])
}

// inviteAttempts are the sign-ins that wait for their answers.
type inviteAttempts struct {
	now func() time.Time

	mu     sync.Mutex
	closed bool
	byName map[string]*inviteAttempt
	// reserved counts those that are about to begin, by invitation.
	reserved map[string]int
	waiting  int // the sum of reserved
	taken    sync.WaitGroup
}

func newInviteAttempts(now func() time.Time) *inviteAttempts {
	return &inviteAttempts{now: now, byName: map[string]*inviteAttempt{}, reserved: map[string]int{}}
}

// reserve makes room for one more attempt; false where there is none. It is
// followed by add or giveBack.
func (s *inviteAttempts) reserve(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	if s.closed || s.reserved[key] >= attemptsEach || len(s.byName)+s.waiting >= attemptsAll {
		return false
	}
	s.reserved[key]++
	s.waiting++
	return true
}

func (s *inviteAttempts) giveBack(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release(key)
}

func (s *inviteAttempts) release(key string) {
	s.waiting--
	if s.reserved[key]--; s.reserved[key] == 0 {
		delete(s.reserved, key)
	}
}

var errInvitationsClosed = errors.New("the invitations are not answered any more")

// add lets an attempt wait for its answer in the browser that has this cookie.
func (s *inviteAttempts) add(a *inviteAttempt, cookie string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release(a.key)
	if s.closed {
		_ = a.signIn.Close()
		return errInvitationsClosed
	}
	var oldest *inviteAttempt
	n := 0
	for _, other := range s.byName {
		if other.key != a.key {
			continue
		}
		n++
		if oldest == nil || other.began.Before(oldest.began) {
			oldest = other
		}
	}
	if n >= attemptsEach {
		s.drop(oldest)
	}
	a.cookie, a.began = sha256.Sum256([]byte(cookie)), s.now()
	s.byName[a.name] = a
	return nil
}

// The errors of take.
var (
	errNoAttempt    = errors.New("no sign-in waits for this answer")
	errOtherBrowser = errors.New("the sign-in was begun in another browser")
)

// take returns the attempt of an answer, once: nobody else gets it any more.
// done must be called when it has been used. An answer that another browser
// brings leaves the attempt waiting.
func (s *inviteAttempts) take(state string, cookieOf func(name string) string) (a *inviteAttempt, done func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	name := attemptName(state)
	a, ok := s.byName[name]
	if !ok {
		return nil, nil, errNoAttempt
	}
	given := sha256.Sum256([]byte(cookieOf(name)))
	if subtle.ConstantTimeCompare(given[:], a.cookie[:]) != 1 {
		return nil, nil, errOtherBrowser
	}
	delete(s.byName, name)
	s.taken.Add(1)
	return a, func() {
		_ = a.signIn.Close()
		s.taken.Done()
	}, nil
}

// sweep ends the attempts that have taken too long.
func (s *inviteAttempts) sweep() {
	end := s.now().Add(-attemptTime)
	for _, a := range s.byName {
		if !a.began.After(end) {
			s.drop(a)
		}
	}
}

func (s *inviteAttempts) drop(a *inviteAttempt) {
	// It has no listener, so that there is nothing to report.
	_ = a.signIn.Close()
	delete(s.byName, a.name)
}

// close ends all that wait, and waits for those that have their answer.
func (s *inviteAttempts) close() {
	s.mu.Lock()
	s.closed = true
	for _, a := range s.byName {
		s.drop(a)
	}
	s.mu.Unlock()
	s.taken.Wait()
}
