package oauth

import (
	"fmt"
	"log/slog"
	"time"
)

// Token is an access token. It is a small value that may be copied. Only Value
// gives the token itself; printing, logging or marshalling a Token does not.
type Token struct {
	// Expires is when the server stops accepting the token.
	Expires time.Time
	// value is behind a pointer because fmt follows no pointer inside a
	// struct: even a Token in an unexported field of somebody else's struct,
	// where its Format method cannot be called, prints as an address.
	value *string
}

// NewToken returns a token of a known value, for tests and for callers that
// got one elsewhere.
func NewToken(value string, expires time.Time) Token {
	return Token{Expires: expires, value: &value}
}

// Value returns the token as it goes into an Authorization header, or "" for
// the zero Token.
func (t Token) Value() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// IsZero reports whether t holds no token.
func (t Token) IsZero() bool { return t.value == nil || *t.value == "" }

// String returns when the token expires, and not the token.
func (t Token) String() string {
	if t.IsZero() {
		return "no token"
	}
	return "token until " + t.Expires.UTC().Format(time.RFC3339)
}

// GoString is String.
func (t Token) GoString() string { return t.String() }

// Format writes String whatever the verb.
func (t Token) Format(f fmt.State, _ rune) { writeRedacted(f, t.String()) }

// LogValue is String.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalJSON returns the time of expiry alone.
func (t Token) MarshalJSON() ([]byte, error) {
	return []byte(`{"expires":"` + t.Expires.UTC().Format(time.RFC3339) + `"}`), nil
}
