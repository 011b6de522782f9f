package oauth

import (
	"fmt"
	"log/slog"
)

// redacted stands wherever a secret would be printed.
const redacted = "[redacted]"

// Secret is a client secret. It prints as "[redacted]" in every form. Convert
// to string only to use it.
type Secret []byte

// String returns a placeholder.
func (Secret) String() string { return redacted }

// GoString returns a placeholder.
func (Secret) GoString() string { return redacted }

// Format writes a placeholder whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { writeRedacted(f, redacted) }

// LogValue returns a placeholder.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON returns a placeholder, so that a profile which is dumped by
// mistake holds no secret. Whoever stores a Secret converts it first.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText returns a placeholder; see MarshalJSON.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// writeRedacted prints text. A fmt.State keeps no error worth reporting: fmt
// itself drops it.
func writeRedacted(f fmt.State, text string) { _, _ = f.Write([]byte(text)) }
