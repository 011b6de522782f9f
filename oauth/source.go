package oauth

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/exconn/exconn/mailbox"
)

// Source gives an account's tokens for one resource; Client.For makes it. It is
// safe for concurrent use.
type Source struct {
	client *Client
	scopes []string // without the standard ones

	// current is the token in memory; nil where there is none.
	current atomic.Pointer[held]

	// mu guards what follows.
	mu sync.Mutex
	// refused is the value of a token that a server has refused.
	refused string
	// claims are what that server wants of the next one.
	claims string
	// lull ends the time after a failed renewal in which no other is tried
	// while the old token serves.
	lull time.Time
	// failure is the last refusal by the authority; see repeats.
	failure failure
	// renewing and refreshing are the flights under way, or nil.
	renewing, refreshing *flight
}

// held is a token in memory.
type held struct {
	token   Token
	renewAt time.Time
}

// failure is a refusal that would only be repeated: the server does not take
// what this cache of MSAL's holds.
type failure struct {
	tokens []byte
	err    error
	until  time.Time
}

// Token returns an access token that is good for some minutes at least. One
// in memory costs well under a microsecond. Otherwise it reads the Cache and
// asks the server, once for all who wait. Where a renewal fails, or takes its
// time, while the old token is still good, that one is returned; a failure
// writes a warning.
//
// The error Is mailbox.ErrSignInNeeded where nobody has signed in or the
// server refuses what is kept, and mailbox.ErrUnavailable or ErrBusy where the
// same call may work later.
func (s *Source) Token(ctx context.Context) (Token, error) {
	if h := s.current.Load(); h != nil && time.Now().Before(h.renewAt) {
		return h.token, nil
	}
	// A flight that began before an Invalidate may bring the refused token
	// once; the next one does not.
	for range 2 {
		t, err := s.renew(ctx)
		if err != nil || !s.isRefused(t) {
			return t, err
		}
	}
	return Token{}, &Error{Op: "token", reason: "the token was refused, and renewing it brings the same one", kind: mailbox.ErrSignInNeeded}
}

// Invalidate says that a server has refused t with 401 although it has not
// expired. The next Token renews. A token that is not the current one is
// ignored, so that many refusals of one token lead to one renewal.
func (s *Source) Invalidate(t Token) { s.Challenge(t, "") }

// Challenge is Invalidate where the server has said what it wants of the next
// token (see ChallengeClaims): the renewal asks for it. Where only a person can
// give it, that renewal's error Is mailbox.ErrSignInNeeded, and the next
// sign-in asks for it. Claims that are no JSON object count as none.
func (s *Source) Challenge(t Token, claims string) {
	if !validClaims(claims) {
		claims = ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.current.Load()
	if h == nil || t.IsZero() || h.token.Value() != t.Value() {
		return
	}
	s.refused, s.claims = t.Value(), claims
	s.current.Store(nil)
}

// Refresh gets a new token although the old one may still be good, once for all
// who ask at the same time, in other processes too where the Cache is a Locker.
// It is for keeping a sign-in alive, whose refresh token would lapse unused.
// Errors are those of Token; the old token serves on.
func (s *Source) Refresh(ctx context.Context) error {
	if ctx.Err() != nil {
		return ended(ctx, "token", "stopped before asking for a token")
	}
	f := s.join(ctx, true)
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return ended(ctx, "token", "stopped while waiting for a token")
	}
}

func (s *Source) isRefused(t Token) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused != "" && t.Value() == s.refused
}

// doubts returns the value of the token that was refused, and what the server
// wants of the next one.
func (s *Source) doubts() (refused, claims string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused, s.claims
}

// usable returns the token in memory if it has not expired.
func (s *Source) usable() (Token, bool) {
	h := s.current.Load()
	if h == nil || !time.Now().Before(h.token.Expires) {
		return Token{}, false
	}
	return h.token, true
}

func (s *Source) inLull() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Before(s.lull)
}

// set puts h in place of all that is in memory; nil for nothing. The gate must
// be held.
func (s *Source) set(h *held) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused, s.claims, s.lull, s.failure = "", "", time.Time{}, failure{}
	s.current.Store(h)
}

// took ends a renewal: h is the token that it has brought, unless err says why
// there is none.
func (s *Source) took(ctx context.Context, h *held, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.lull = time.Now().Add(lull)
		if old, ok := s.usable(); ok {
			s.client.log.WarnContext(ctx, "the token could not be renewed; the old one still serves",
				"client_id", s.client.cfg.ClientID, "expires", old.Expires, "error", err, "hint", mailbox.Hint(err))
		}
		return
	}
	s.lull = time.Time{}
	if h.token.Value() != s.refused {
		s.refused, s.claims = "", ""
		s.current.Store(h)
	}
}

// String names the source by its scopes.
func (s *Source) String() string {
	if s == nil {
		return "no source"
	}
	return fmt.Sprintf("oauth source of %s for %v", s.client, s.scopes)
}

// Format writes String whatever the verb.
func (s *Source) Format(f fmt.State, _ rune) { writeRedacted(f, s.String()) }

// LogValue is String.
func (s *Source) LogValue() slog.Value { return slog.StringValue(s.String()) }
