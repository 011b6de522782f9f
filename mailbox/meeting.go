package mailbox

import (
	"context"
	"time"
)

// The answers to an invitation.
const (
	Accept          = "accept"
	AcceptTentative = "tentative"
	Decline         = "decline"
)

// MeetingReply answers an invitation.
type MeetingReply struct {
	// Response is Accept, AcceptTentative or Decline.
	Response string
	// Message goes to the organizer, as plain text.
	Message string
	// ProposedStart and ProposedEnd propose another time; both or neither.
	ProposedStart, ProposedEnd time.Time
	// Silent writes the answer into the calendar without telling the
	// organizer.
	Silent bool
	// Repeat says that the same answer may have been given already, by a call
	// whose outcome is unknown: where the calendar has it, nothing is sent.
	Repeat bool
}

// Responder answers invitations.
type Responder interface {
	// Respond answers the meeting with the id of an event, of one occurrence,
	// or of a meeting request, and returns the event as it is then. A meeting
	// that was declined leaves the calendar: the event is zero. An error that
	// Is ErrOutcomeUnknown may be repeated with MeetingReply.Repeat.
	Respond(ctx context.Context, id string, r MeetingReply) (Event, error)
}

// MeetingResponse is an attendee's answer as it reached the organizer's inbox.
type MeetingResponse struct {
	From *Person `json:"from,omitempty"`
	// Response has the values of Attendee.Response.
	Response string `json:"response"`
	// EventID is the id of the organizer's event; empty where it is gone.
	EventID string `json:"event_id,omitempty"`
	// ProposedStart and ProposedEnd are the other time that is proposed, or
	// nil.
	ProposedStart *time.Time `json:"proposed_start,omitempty"`
	ProposedEnd   *time.Time `json:"proposed_end,omitempty"`
	Body          *Body      `json:"body,omitempty"`
}

// Changed is an occurrence of a series that is not as the series has it.
type Changed struct {
	ID    string    `json:"id"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// Original is when it would start by the series.
	Original time.Time `json:"original_start"`
}

// Recurring finds the parts of a recurring event.
type Recurring interface {
	// Occurrence returns the n-th occurrence of a series, counted from 1;
	// those that were deleted count too, and are ErrNotFound.
	Occurrence(ctx context.Context, masterID string, n int) (Event, error)
	// Master returns the series that an occurrence or exception belongs to.
	Master(ctx context.Context, occurrenceID string) (Event, error)
}
