package oauth

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	msalcache "github.com/AzureAD/microsoft-authentication-library-for-go/apps/cache"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	msalerrors "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/exconn/exconn/mailbox"
)

// session stands between MSAL and the kept blob. MSAL asks for its whole cache
// before each step and hands it back after each change; the Cache itself is
// read once before and written once after, by us, so that nothing is kept
// before it has been checked.
type session struct {
	mu  sync.Mutex
	now []byte // MSAL's cache as it is now; empty means none
	new bool   // whether MSAL has changed it
}

// begin makes blob what MSAL sees next.
func (s *session) begin(blob []byte) {
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

// newPublic returns an MSAL client for a person's sign-in. It does no I/O.
//
// Instance discovery is off: the authority is named by an admin and not by a
// server, MSAL checks its issuer either way, and the extra request to
// Microsoft's worldwide cloud would fail in national clouds, with AD FS and
// behind proxies.
func newPublic(cfg Config, w *wire, s *session) (public.Client, error) {
	return public.New(cfg.ClientID,
		public.WithAuthority(cfg.Authority),
		public.WithHTTPClient(w),
		public.WithInstanceDiscovery(false),
		public.WithCache(s))
}

// newConfidential returns an MSAL client for the application's own right. It
// does no I/O.
func newConfidential(cfg Config, w *wire, s *session) (confidential.Client, error) {
	var cred confidential.Credential
	var err error
	if cfg.Method == ClientSecret {
		cred, err = confidential.NewCredFromSecret(string(cfg.Secret))
	} else {
		cred, err = confidential.NewCredFromCert(append([]*x509.Certificate(nil), cfg.Certificate.chain...), cfg.Certificate.key)
	}
	if err != nil {
		return confidential.Client{}, err
	}
	return confidential.New(cfg.Authority, cfg.ClientID, cred,
		confidential.WithHTTPClient(w),
		confidential.WithInstanceDiscovery(false),
		confidential.WithCache(s))
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
