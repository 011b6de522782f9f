package entra

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// redacted stands for a secret wherever one would be printed.
const redacted = "[redacted]"

// Secret is a password or a client secret. It prints itself nowhere: not by
// fmt, log/slog or encoding/json. Convert it with string(secret) to use it.
type Secret string

// String returns a placeholder.
func (Secret) String() string { return redacted }

// GoString returns a placeholder.
func (Secret) GoString() string { return redacted }

// Format writes a placeholder, whatever the verb.
func (Secret) Format(f fmt.State, _ rune) {
	// A fmt.State never fails to write.
	_, _ = io.WriteString(f, redacted)
}

// LogValue returns a placeholder.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON returns a placeholder, so that a Directory's contents can be
// shown but not restored from what was shown.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// is compares in a time that does not depend on where the two differ.
func (s Secret) is(guess string) bool {
	return subtle.ConstantTimeCompare([]byte(s), []byte(guess)) == 1
}

// newToken returns an unguessable string of letters and digits (at least 130
// random bits), for codes, refresh tokens, cookies and form tokens.
func newToken() string { return rand.Text() + rand.Text() }

// newUUID returns a random (version 4) UUID in its usual spelling.
func newUUID() string {
	var b [16]byte
	// rand.Read never returns an error: it ends the program instead.
	_, _ = rand.Read(b[:])
	return formatUUID(b, 4)
}

// formatUUID writes 16 bytes as a UUID of a version (RFC 9562).
func formatUUID(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// isUUID reports whether s is a UUID of any version, in its usual spelling.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		switch i {
		case 8, 13, 18, 23:
			if r != '-' {
				return false
			}
		default:
			if !strings.ContainsRune("0123456789abcdefABCDEF", r) {
				return false
			}
		}
	}
	return true
}
