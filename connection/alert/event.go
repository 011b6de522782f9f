package alert

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Kind says in one word what an event means for whoever gets it.
type Kind string

// The kinds.
const (
	// Failure: the sign-in does not work, and a person has to do something.
	Failure Kind = "failure"
	// Warning: it works, but will not for long.
	Warning Kind = "warning"
	// Recovery: it works again.
	Recovery Kind = "recovery"
	// Test: nothing has happened; somebody tries the delivery.
	Test Kind = "test"
)

// Expiry is something that ends.
type Expiry struct {
	// What ends: "client_secret", "certificate" or "sign_in".
	What string    `json:"what"`
	At   time.Time `json:"at"`
}

// Event is a change of state. It goes to other programs and machines, so it
// holds no secret.
type Event struct {
	// ID is random, and the same in each attempt to deliver the event, so that
	// a receiver can tell a repetition.
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
	Kind Kind      `json:"event"`

	// DataDir is the data directory that the connections are kept in, which
	// tells one installation from another; empty where nobody has said it.
	DataDir string `json:"data_dir,omitempty"`
	// Auth is the authentication object; empty for a connection by user name
	// and password.
	Auth string `json:"auth,omitempty"`
	// User is whose account it is, where an authentication object has several.
	User string `json:"user,omitempty"`
	// Connections are those that are concerned.
	Connections []string `json:"connections,omitempty"`

	OldState string `json:"old_state,omitempty"`
	NewState string `json:"new_state,omitempty"`
	// Since is when the new state was found.
	Since time.Time `json:"since,omitzero"`
	// Reason says why, Code is the server's code for it, and Hint what to do.
	Reason string `json:"reason,omitempty"`
	Code   string `json:"code,omitempty"`
	Hint   string `json:"hint,omitempty"`
	// Expires is what ends, of a Warning.
	Expires *Expiry `json:"expires,omitempty"`
}

// NewID returns an ID: 128 random bits in hexadecimal.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it does not fail (package crypto/rand)
	return hex.EncodeToString(b[:])
}

// Text says the event in one line, for a person.
func (e Event) Text() string {
	var b strings.Builder
	switch e.Kind {
	case Test:
		b.WriteString("this is a test of exconn's alerts; nothing has happened")
	case Recovery:
		fmt.Fprintf(&b, "the sign-in of %s works again", e.subject())
	case Warning:
		fmt.Fprintf(&b, "the sign-in of %s will end soon", e.subject())
	default:
		fmt.Fprintf(&b, "the sign-in of %s does not work (%s)", e.subject(), e.NewState)
	}
	if e.Reason != "" {
		b.WriteString(": " + oneLine(e.Reason))
	}
	if e.Hint != "" {
		b.WriteString("; " + oneLine(e.Hint))
	}
	return b.String()
}

// subject names whose sign-in it is.
func (e Event) subject() string {
	var parts []string
	if e.User != "" {
		parts = append(parts, oneLine(e.User))
	}
	switch len(e.Connections) {
	case 0:
	case 1:
		parts = append(parts, "connection "+e.Connections[0])
	default:
		parts = append(parts, "connections "+strings.Join(e.Connections, ", "))
	}
	if len(e.Connections) == 0 && e.Auth != "" {
		parts = append(parts, "authentication object "+e.Auth)
	}
	if len(parts) == 0 {
		return "a connection"
	}
	return strings.Join(parts, ", ")
}

// MarshalJSON adds Text to the fields.
func (e Event) MarshalJSON() ([]byte, error) {
	type fields Event // without this method
	return json.Marshal(struct {
		fields
		Text string `json:"text"`
	}{fields(e), e.Text()})
}
