package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	msalcache "github.com/AzureAD/microsoft-authentication-library-for-go/apps/cache"
	msalerrors "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"

	"github.com/exconn/exconn/mailbox"
)

// session stands between MSAL and the kept blob. MSAL asks for its whole cache
// before each step and hands it back after each change; the Cache itself is
// read once before and written once after, by us, so that nothing is kept
// before it has been checked.
type session struct {
	line *line // what that MSAL client's requests go over

	mu  sync.Mutex
	now []byte // MSAL's cache as it is now; empty means none
	new bool   // whether MSAL has changed it
}

func newSession(w *wire) *session { return &session{line: &line{wire: w}} }

// begin makes blob what MSAL sees next.
func (s *session) begin(blob []byte) {
	s.line.reset(false)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now, s.new = blob, false
}

// changed returns MSAL's cache if it has changed since begin, or nil.
func (s *session) changed() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.new {
		return nil
	}
	return s.now
}

// Replace gives MSAL its cache.
func (s *session) Replace(_ context.Context, cache msalcache.Unmarshaler, _ msalcache.ReplaceHints) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	blob := s.now
	if len(blob) == 0 {
		blob = []byte("{}")
	}
	if cache.Unmarshal(blob) != nil {
		// What the decoder says could quote the blob.
		return errUnreadable
	}
	return nil
}

// Export takes MSAL's cache back.
func (s *session) Export(_ context.Context, cache msalcache.Marshaler, _ msalcache.ExportHints) error {
	blob, err := cache.Marshal()
	if err != nil {
		return errors.New("the identity library cannot write its cache")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now, s.new = blob, true
	return nil
}

// errUnreadable: MSAL cannot read the kept blob.
var errUnreadable = errors.New("the kept sign-in cannot be read")

// capabilities are what Entra is told of this client: that it understands
// claims challenges, for which it gets tokens that last a day and are refused
// within minutes of a revocation. AD FS knows neither.
func capabilities(cfg Config) []string {
	if IsADFS(cfg.Authority) {
		return nil
	}
	return []string{"cp1"}
}

// fromMSAL makes an *Error of what MSAL returned. An *Error of ours, made in
// wire, is inside most of them. Of the rest only the first line is used, and
// none of the kind that quotes the server's answer.
func fromMSAL(ctx context.Context, op string, err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		named := *e
		named.Op = op
		return &named
	}
	if ctx.Err() != nil {
		return ended(ctx, op, "stopped while waiting for the sign-in server")
	}
	var unreadableAnswer msalerrors.InvalidJsonErr
	text := err.Error()
	switch {
	case errors.As(err, &unreadableAnswer):
		return &Error{Op: op, kind: mailbox.ErrUnavailable, reason: "the sign-in server's answer lacks what a token answer must have", hint: "check the authority URL"}
	case errors.Is(err, errUnreadable):
		return &Error{Op: op, kind: mailbox.ErrSignInNeeded, reason: errUnreadable.Error(), cause: errUnreadable}
	// The library has no type for the next three. The tests notice if their
	// texts change.
	case text == "no token found":
		return &Error{Op: op, kind: mailbox.ErrSignInNeeded, reason: "the kept sign-in holds nothing to renew from"}
	case strings.Contains(text, "declined scopes"):
		return &Error{Op: op, kind: mailbox.ErrSignInNeeded, reason: "the server granted other permissions than those asked for", hint: cureConsent}
	case strings.Contains(text, "does not match authority"):
		return &Error{Op: op, kind: mailbox.ErrInvalid, reason: "the sign-in server calls itself by another address than the authority URL", hint: "take the authority URL from the server's own openid-configuration (its issuer)"}
	}
	text, _, _ = strings.Cut(text, "\n")
	return &Error{Op: op, kind: mailbox.ErrUnavailable, reason: "the identity library reports: " + tidy(text, maxDescription, nil)}
}

// withoutToken returns MSAL's cache without the access token of that value, so
// that MSAL renews it from what else it has. A cache of a shape that is not
// understood is returned as it is.
func withoutToken(cache []byte, value string) []byte {
	if value == "" || !bytes.Contains(cache, []byte(`"AccessToken"`)) {
		return cache
	}
	var parts map[string]json.RawMessage
	if json.Unmarshal(cache, &parts) != nil {
		return cache
	}
	var tokens map[string]json.RawMessage
	if json.Unmarshal(parts["AccessToken"], &tokens) != nil {
		return cache
	}
	for key, raw := range tokens {
		var token struct {
			Secret string `json:"secret"`
		}
		if json.Unmarshal(raw, &token) == nil && token.Secret == value {
			delete(tokens, key)
		}
	}
	left, err := json.Marshal(tokens)
	if err != nil {
		return cache
	}
	parts["AccessToken"] = left
	out, err := json.Marshal(parts)
	if err != nil {
		return cache
	}
	return out
}
