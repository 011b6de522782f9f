package mailbox

import (
	"context"
	"time"
)

// OutOfOfficeState says whether automatic replies are sent.
type OutOfOfficeState string

// The values of OutOfOfficeState.
const (
	OutOfOfficeOff       OutOfOfficeState = "off"
	OutOfOfficeOn        OutOfOfficeState = "on"
	OutOfOfficeScheduled OutOfOfficeState = "scheduled" // between Start and End
)

// Audience says who outside the organisation gets an automatic reply.
type Audience string

// The values of Audience.
const (
	NobodyOutside   Audience = "none"
	ContactsOutside Audience = "known" // those among the contacts
	AllOutside      Audience = "all"
)

// OutOfOffice is what a mailbox answers while its owner is away. Everybody gets
// one automatic reply, not one for each message.
type OutOfOffice struct {
	State OutOfOfficeState `json:"state"`
	// External is who outside gets a reply; empty means NobodyOutside.
	External Audience `json:"external"`
	// Start and End bound the time where State is OutOfOfficeScheduled; a
	// server may keep them in other states too.
	Start *time.Time `json:"start,omitempty"`
	End   *time.Time `json:"end,omitempty"`
	// InternalReply is the HTML that people of the organisation get, and
	// ExternalReply that of those outside.
	InternalReply string `json:"internal_reply"`
	ExternalReply string `json:"external_reply"`
	// Allowed is the most that the organisation permits of External; it is
	// read only.
	Allowed Audience `json:"allowed_external,omitempty"`
}

// AutoReplier gets and sets automatic replies.
type AutoReplier interface {
	OutOfOffice(ctx context.Context) (OutOfOffice, error)
	// SetOutOfOffice replaces the settings as a whole. Who has had a reply
	// already gets one again.
	SetOutOfOffice(ctx context.Context, o OutOfOffice) error
}
