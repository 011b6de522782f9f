// Package mailbox holds the words that every transport shares: what a message,
// an event, a folder and an attachment are, which operations a mailbox offers,
// and which errors a caller can act on. It does no I/O and imports nothing of
// this module, so that Exchange Web Services, Microsoft Graph and SMTP can sit
// behind the same small interfaces.
package mailbox

import (
	"context"
	"io"
	"iter"
	"time"
)

// Person is a display name with an SMTP address. Either may be empty, but a
// recipient needs the address.
type Person struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"`
}

// String returns "Name <address>", or the address alone where there is no name.
func (p Person) String() string {
	switch {
	case p.Name == "" || p.Name == p.Address:
		return p.Address
	case p.Address == "":
		return p.Name
	}
	return p.Name + " <" + p.Address + ">"
}

// Folder is a folder of a mailbox.
type Folder struct {
	ID string `json:"id"`
	// Name is the display name.
	Name string `json:"name"`
	// Path is the display names from the mailbox root down, joined by "/".
	Path string `json:"path"`
	// Class is the folder's container class, such as "IPF.Note" or
	// "IPF.Appointment" ([MS-OXOSFLD]).
	Class  string `json:"class,omitempty"`
	Total  int    `json:"total"`
	Unread int    `json:"unread"`
}

// FolderRef names a folder in one of three ways: a well-known name (see
// WellKnownFolders, case-insensitive), a path of display names such as
// "Inbox/Projects", or the folder id of the transport.
type FolderRef string

// The well-known folders that every mailbox has.
const (
	Inbox        FolderRef = "inbox"
	Drafts       FolderRef = "drafts"
	SentItems    FolderRef = "sentitems"
	DeletedItems FolderRef = "deleteditems"
	Outbox       FolderRef = "outbox"
	JunkEmail    FolderRef = "junkemail"
	Calendar     FolderRef = "calendar"
	Contacts     FolderRef = "contacts"
	Tasks        FolderRef = "tasks"
)

// WellKnownFolders lists the well-known names that a FolderRef may hold.
func WellKnownFolders() []FolderRef {
	return []FolderRef{Inbox, Drafts, SentItems, DeletedItems, Outbox, JunkEmail, Calendar, Contacts, Tasks}
}

// Body is the text of an item.
type Body struct {
	// Type is "text" or "html".
	Type    string `json:"type"`
	Content string `json:"content"`
}

// The values of Body.Type.
const (
	Text = "text"
	HTML = "html"
)

// Importance is an item's importance; the zero value means normal.
type Importance string

// The values of Importance.
const (
	Low    Importance = "low"
	Normal Importance = "normal"
	High   Importance = "high"
)

// Attachment describes an attachment without its content.
type Attachment struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	ContentType string `json:"content_type,omitempty"`
	// Size is in bytes, as the server reports it: Exchange counts properties
	// too, so that it may exceed the length of the content.
	Size      int64  `json:"size,omitempty"`
	Inline    bool   `json:"inline,omitempty"`
	ContentID string `json:"content_id,omitempty"`
	// Item is true for an attached item (a message inside a message), which
	// has no file content of its own.
	Item bool `json:"item,omitempty"`
}

// Message is a mail item, or a meeting request, response or cancellation seen
// as one. Fields that the server did not give are zero.
type Message struct {
	ID                string     `json:"id"`
	ChangeKey         string     `json:"change_key,omitempty"`
	FolderID          string     `json:"folder_id,omitempty"`
	Class             string     `json:"class,omitempty"` // such as "IPM.Note" or "IPM.Schedule.Meeting.Request"
	Subject           string     `json:"subject"`
	From              *Person    `json:"from,omitempty"`
	To                []Person   `json:"to,omitempty"`
	Cc                []Person   `json:"cc,omitempty"`
	Bcc               []Person   `json:"bcc,omitempty"`
	Sent              *time.Time `json:"sent,omitempty"`
	Received          *time.Time `json:"received,omitempty"`
	IsRead            bool       `json:"is_read"`
	IsDraft           bool       `json:"is_draft"`
	HasAttachments    bool       `json:"has_attachments"`
	Importance        Importance `json:"importance,omitempty"`
	Size              int64      `json:"size,omitempty"` // in bytes
	InternetMessageID string     `json:"internet_message_id,omitempty"`
	ConversationID    string     `json:"conversation_id,omitempty"`
	// EventID is the id of the calendar item that a meeting request belongs to.
	EventID     string       `json:"event_id,omitempty"`
	Body        *Body        `json:"body,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	// Sensitivity is empty for normal, and Flag nil where there is none.
	Sensitivity Sensitivity `json:"sensitivity,omitempty"`
	Categories  []string    `json:"categories,omitempty"`
	Flag        *Flag       `json:"flag,omitempty"`
}

// Query selects messages of one folder, newest first.
type Query struct {
	// Folder is where to look; empty means the inbox.
	Folder FolderRef
	Unread bool
	// Since and Until bound the time received: Since inclusive, Until
	// exclusive. Zero means unbounded.
	Since, Until time.Time
	// AQS is a query in the Advanced Query Syntax that the server evaluates,
	// such as `subject:invoice`. It cannot be combined with Unread, Since or
	// Until on Exchange, so
	// a transport refuses the combination with ErrInvalid.
	AQS string
	// Body asks for bodies, recipients and attachment descriptions too.
	Body bool
	// Limit is the most messages to return; zero means all.
	Limit int
}

// Upload is a file on its way to the server.
type Upload struct {
	Name string
	// ContentType is a media type; empty means that it follows from the name.
	ContentType string
	// Inline marks an image that the HTML body shows by "cid:" and ContentID.
	Inline    bool
	ContentID string
	// Size is in bytes; negative means unknown.
	Size int64
	// Open returns the content from its beginning. It may be called again
	// when a request has to be repeated (401, redirect).
	Open func() (io.ReadCloser, error)
}

// Outgoing is a message to send or to keep as a draft.
type Outgoing struct {
	// From is the sender where it is not the mailbox itself (send-as or
	// on-behalf rights are the server's to judge).
	From        *Person
	To, Cc, Bcc []Person
	Subject     string
	// Text and HTML are the body; where both are given HTML is sent, because
	// Exchange keeps one body and derives the other.
	Text, HTML  string
	Importance  Importance
	Sensitivity Sensitivity
	Categories  []string
	Attachments []Upload
	// OperationID identifies this write. A transport stamps what it creates
	// with it, so that a repeat of the same operation can be recognised.
	// Empty means that the transport makes one.
	OperationID string
}

// Reply is an answer to, or a forward of, a message.
type Reply struct {
	// All answers every recipient; it has no meaning for a forward.
	All bool
	// To adds recipients; a forward needs at least one.
	To          []Person
	Text, HTML  string
	Attachments []Upload
	OperationID string
}

// Outcome tells what is known of a send.
type Outcome string

// The values of Outcome.
const (
	// Confirmed: the server accepted the message.
	Confirmed Outcome = "confirmed"
	// Unknown: the request may or may not have taken effect. It must not be
	// repeated without looking; see ErrOutcomeUnknown.
	Unknown Outcome = "unknown"
)

// Sent is the result of a send.
type Sent struct {
	// ID is the item id of the draft or, where it is known, of the copy in
	// Sent Items.
	ID                string  `json:"id,omitempty"`
	InternetMessageID string  `json:"internet_message_id,omitempty"`
	ConversationID    string  `json:"conversation_id,omitempty"`
	Outcome           Outcome `json:"outcome"`
	OperationID       string  `json:"operation_id,omitempty"`
}

// Attendee is somebody invited to an event.
type Attendee struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address"`
	// Required is false for an optional attendee.
	Required bool `json:"required"`
	// Response is "accept", "tentative", "decline", "none", "organizer" or
	// "unknown".
	Response string `json:"response,omitempty"`
	// ProposedStart and ProposedEnd are another time that the attendee
	// proposes, or nil.
	ProposedStart *time.Time `json:"proposed_start,omitempty"`
	ProposedEnd   *time.Time `json:"proposed_end,omitempty"`
}

// EventType tells a single event from the parts of a recurring one.
type EventType string

// The values of EventType.
const (
	Single     EventType = "single"
	Occurrence EventType = "occurrence"
	Exception  EventType = "exception"
	Master     EventType = "master"
)

// Event is a calendar item.
type Event struct {
	ID        string    `json:"id"`
	ChangeKey string    `json:"change_key,omitempty"`
	UID       string    `json:"uid,omitempty"`
	Subject   string    `json:"subject"`
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`
	// TimeZone is an IANA id, or the server's own id where it maps to none.
	TimeZone  string     `json:"time_zone,omitempty"`
	AllDay    bool       `json:"all_day"`
	Location  string     `json:"location,omitempty"`
	Organizer *Person    `json:"organizer,omitempty"`
	Attendees []Attendee `json:"attendees,omitempty"`
	// Rooms are the rooms and equipment that are booked for it.
	Rooms []Attendee `json:"rooms,omitempty"`
	// Recurrence is an RFC 5545 RRULE value without the "RRULE:" prefix.
	Recurrence string    `json:"recurrence,omitempty"`
	Type       EventType `json:"type,omitempty"`
	// OriginalStart is when an occurrence or exception starts by its series.
	OriginalStart *time.Time `json:"original_start,omitempty"`
	// Changed and Deleted are a series' exceptions: the occurrences that are
	// not as the series has them, and the original starts of those that were
	// deleted.
	Changed []Changed   `json:"changed,omitempty"`
	Deleted []time.Time `json:"deleted,omitempty"`
	// MyResponse has the values of Attendee.Response.
	MyResponse      string `json:"my_response,omitempty"`
	IsCancelled     bool   `json:"is_cancelled"`
	ReminderMinutes *int   `json:"reminder_minutes,omitempty"`
	Body            *Body  `json:"body,omitempty"`
}

// Notify says who is told of a change to an event.
type Notify string

// The values of Notify; the zero value means NotifyAll for a create with
// attendees and is refused with ErrInvalid for an update of a meeting.
const (
	NotifyNone    Notify = "none"
	NotifyAll     Notify = "all"
	NotifyChanged Notify = "changed"
)

// NewEvent is an event to create.
type NewEvent struct {
	Subject    string
	Start, End time.Time
	// TimeZone is an IANA or Windows id; empty means UTC. A recurring event
	// keeps its wall-clock time in this zone.
	TimeZone string
	// AllDay events start and end at midnight in TimeZone.
	AllDay     bool
	Location   string
	Text, HTML string
	Attendees  []Attendee
	// Rooms are rooms and equipment to book.
	Rooms []Person
	// ReminderMinutes before the start; nil means no reminder.
	ReminderMinutes *int
	// Recurrence is an RFC 5545 RRULE value.
	Recurrence  string
	Notify      Notify
	OperationID string
}

// EventUpdate changes the fields that are not nil.
type EventUpdate struct {
	Subject    *string
	Start, End *time.Time
	// TimeZone goes with Start and End.
	TimeZone        string
	AllDay          *bool
	Location        *string
	Text, HTML      *string
	Attendees       *[]Attendee
	Rooms           *[]Person
	ReminderMinutes *int
	// RemoveReminder takes the reminder away; it excludes ReminderMinutes.
	RemoveReminder bool
	Recurrence     *string
	Notify         Notify
	// ChangeKey makes the update fail with ErrConflict when the event has
	// changed since; empty means the current one is read first.
	ChangeKey   string
	OperationID string
}

// Reader reads a mailbox. Errors are those of this package's sentinels.
type Reader interface {
	// Folders returns every folder of the mailbox, parents before children.
	Folders(ctx context.Context) ([]Folder, error)
	// Messages pages through the query. Iteration ends at the first error.
	Messages(ctx context.Context, q Query) iter.Seq2[Message, error]
	// Message returns one message with body, recipients and attachments.
	Message(ctx context.Context, id string) (Message, error)
	// MIME writes the raw RFC 5322 message to w.
	MIME(ctx context.Context, id string, w io.Writer) error
	// Attachment writes the content of an attachment to w as it arrives;
	// memory does not grow with its size.
	Attachment(ctx context.Context, attachmentID string, w io.Writer) (Attachment, error)
	// Events returns what happens between from and to with recurring events
	// expanded by the server, in order of start.
	Events(ctx context.Context, folder FolderRef, from, to time.Time) ([]Event, error)
	// Event returns one event with body and attendees.
	Event(ctx context.Context, id string) (Event, error)
}

// Writer changes a mailbox.
type Writer interface {
	// Move puts the item into a folder and returns its new id.
	Move(ctx context.Context, id string, to FolderRef) (newID string, err error)
	// Delete moves the item to Deleted Items or, where permanent, removes it.
	Delete(ctx context.Context, id string, permanent bool) error
	MarkRead(ctx context.Context, id string, read bool) error
	CreateEvent(ctx context.Context, e NewEvent) (Event, error)
	UpdateEvent(ctx context.Context, id string, u EventUpdate) (Event, error)
	// CancelEvent deletes the event and, where it is a meeting of this
	// mailbox, sends its attendees a cancellation with the message.
	CancelEvent(ctx context.Context, id, message string) error
}

// Sender sends mail.
type Sender interface {
	// Send sends the message and keeps a copy in Sent Items. An error that
	// Is ErrOutcomeUnknown comes with what is known in Sent.
	Send(ctx context.Context, m Outgoing) (Sent, error)
}

// Drafter keeps messages without sending them.
type Drafter interface {
	SaveDraft(ctx context.Context, m Outgoing) (Sent, error)
}

// Replier answers and forwards messages.
type Replier interface {
	Reply(ctx context.Context, id string, r Reply) (Sent, error)
	Forward(ctx context.Context, id string, r Reply) (Sent, error)
}
