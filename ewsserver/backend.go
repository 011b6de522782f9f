package ewsserver

import (
	"context"
	"iter"
	"net/http"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// Backend holds the mailboxes and decides who may do what. The package does
// the rest: SOAP, shapes, restrictions, paging, field updates, batches. All
// methods may be called concurrently.
type Backend interface {
	// Authenticate says who sends a request, from its HTTP header (bearer
	// token, Basic, …); it does not read the body. A refusal is an
	// *AuthError; an *Error becomes a SOAP fault.
	Authenticate(r *http.Request) (Caller, error)
	// Impersonate returns the caller as it acts for the mailbox that the
	// ExchangeImpersonation header names. Exactly one field of sid is set.
	// Errors: ErrorImpersonateUserDenied, ErrorImpersonationFailed,
	// ErrorNonExistentMailbox (an SMTP address that nobody has),
	// ErrorInvalidExchangeImpersonationHeaderData (a name or SID that nobody
	// has), ErrorAccessDenied; an *AuthError where the mailbox is closed to EWS.
	Impersonate(ctx context.Context, c Caller, sid ConnectingSID) (Caller, error)
	// Open returns what the caller can do. It is called once a request, after
	// Impersonate where there is a header. An application without a user and
	// without the header does not come so far. Errors:
	// ErrorNonExistentMailbox, ErrorMailboxStoreUnavailable; *AuthError.
	Open(ctx context.Context, c Caller) (Session, error)
}

// Caller is who sends a request, and for whom it acts.
type Caller struct {
	// Mailbox is the primary SMTP address of the mailbox acted for: the
	// caller's own or, after Impersonate, another's. Empty for an application.
	Mailbox string
	// AppOnly is a token without a user: a request without the
	// ExchangeImpersonation header is refused.
	AppOnly bool
	// Principal is the backend's own knowledge of the caller; this package
	// passes it on.
	Principal any
}

// ConnectingSID names whom to impersonate.
type ConnectingSID struct {
	PrincipalName, SID, PrimarySmtpAddress, SmtpAddress string
}

// Session is what one caller can do. It lives for one request, and its methods
// are called one after the other.
//
// Items travel as the structs of package wsdl: *wsdl.MessageType,
// *wsdl.CalendarItemType, *wsdl.MeetingRequestMessageType,
// *wsdl.MeetingResponseMessageType, *wsdl.MeetingCancellationMessageType,
// *wsdl.MeetingMessageType, *wsdl.ContactItemType, *wsdl.DistributionListType,
// *wsdl.TaskType, or *wsdl.ItemType for any other kind; folders as
// *wsdl.FolderType, *wsdl.CalendarFolderType, *wsdl.ContactsFolderType,
// *wsdl.TasksFolderType or *wsdl.SearchFolderType. They hold all properties
// that the backend knows; this package leaves out what was not asked for. It
// derives these where they are nil: MimeContent, DisplayTo, DisplayCc,
// DisplayBcc, HasAttachments, Preview, TextBody, UniqueBody, NormalizedBody,
// IsAssociated, and the parts of a Body in another format. Body is as stored
// (HTML or text). Attachments are listed with AttachmentId and without
// Content. All times are UTC with a Z.
//
// What a backend returns it never changes afterwards, and this package does
// not change it either; so a backend can hand out what it stores, if it
// replaces an item as a whole when it changes. What a backend is given in
// NewItem, ItemUpdate or AddAttachment becomes its own.
//
// Ids and change keys are the backend's. An id tells its mailbox: where the
// caller has rights to another mailbox, its ids are honoured like his own.
//
// Every method can return, besides what it names: ErrorAccessDenied (the item
// or folder exists, the caller's rights do not suffice; without any right to
// see it, the NotFound code is Exchange's answer), ErrorInvalidIdMalformed (an
// id of no known form), ErrorServerBusy. Any other error of Go becomes
// ErrorInternalServerError, and its text is not sent.
type Session interface {
	// Folder returns a folder. Errors: ErrorFolderNotFound,
	// ErrorNonExistentMailbox (of ref.Mailbox), ErrorCannotUseItemIdForFolderId.
	Folder(ctx context.Context, ref FolderRef) (any, error)
	// Folders returns the folders beneath parent in a stable order, children
	// after their parents: all of them if deep, else the direct ones. Errors
	// as Folder.
	Folders(ctx context.Context, parent FolderRef, deep bool) ([]any, error)

	// Item returns an item with body, recipients and attachments. For an
	// occurrence of a recurring item it is the occurrence. Errors:
	// ErrorItemNotFound, ErrorCannotUseFolderIdForItemId,
	// ErrorCalendarOccurrenceIndexIsOutOfRecurrence,
	// ErrorCalendarOccurrenceIsDeletedFromRecurrence. ref.ChangeKey is not
	// looked at.
	Item(ctx context.Context, ref ItemRef) (any, error)
	// Items goes through the items of a folder in a stable order, the newest
	// first; recurring items once, as their masters. Errors as Folder.
	Items(ctx context.Context, folder FolderRef) iter.Seq2[any, error]
	// CalendarView returns what lies, in part at least, between from
	// (inclusive) and to (exclusive) in a calendar folder, recurring items as
	// their occurrences and exceptions, in order of start. Errors as Folder,
	// and ErrorCalendarFolderIsInvalidForCalendarView.
	CalendarView(ctx context.Context, folder FolderRef, from, to time.Time) ([]*wsdl.CalendarItemType, error)

	// Create stores or sends an item, and returns what was stored or nil
	// where the answer is to name no item (SendOnly, SendAndSaveCopy). Errors:
	// ErrorFolderNotFound, ErrorCannotCreateCalendarItemInNonCalendar,
	// ErrorMissingRecipients, ErrorInvalidRecipients, ErrorSendAsDenied,
	// ErrorCalendarEndDateIsEarlierThanStartDate, ErrorTimeZone,
	// ErrorCalendarInvalidRecurrence, ErrorMessageSizeExceeded,
	// ErrorQuotaExceeded.
	Create(ctx context.Context, n NewItem) (any, error)
	// Update replaces an item by its new self, if it is still the one that
	// was read, and returns it with its new change key. Errors:
	// ErrorItemNotFound, ErrorIrresolvableConflict (u.ReadChangeKey is no
	// longer the current one; this package reads again where the client's
	// policy allows), ErrorPropertyUpdate, and those of Create.
	Update(ctx context.Context, u ItemUpdate) (any, error)
	// Delete removes an item, or an occurrence of one. Cancellations is empty
	// where the item is no calendar item; else it says whom the organizer
	// tells. Errors: ErrorItemNotFound, ErrorCannotDeleteObject.
	Delete(ctx context.Context, ref ItemRef, how wsdl.Disposal, cancellations wsdl.SendInvitations) error
	// Move puts an item into another folder and returns it with its new id.
	// Errors: ErrorItemNotFound, ErrorFolderNotFound, ErrorMoveCopyFailed,
	// ErrorCalendarCannotMoveOrCopyOccurrence.
	Move(ctx context.Context, ref ItemRef, to FolderRef) (any, error)
	// Send submits a stored draft. A copy is kept in saveTo; nil means none.
	// Errors: ErrorItemNotFound, ErrorStaleObject (ref.ChangeKey, which is
	// never empty here, is not the current one), ErrorMissingRecipients,
	// ErrorSendAsDenied, ErrorInvalidItemForOperationSendItem (already
	// submitted, or not of a kind that can be sent).
	Send(ctx context.Context, ref ItemRef, saveTo *FolderRef) error
	// Respond accepts, tentatively accepts or declines a meeting, and returns
	// what that stored: the calendar item, if any is left. Errors:
	// ErrorItemNotFound, ErrorCalendarIsCancelledForAccept (…ForTentative,
	// …ForDecline), ErrorCalendarIsOrganizerForAccept (…),
	// ErrorCalendarMeetingRequestIsOutOfDate,
	// ErrorInvalidItemForOperationAcceptItem (…Tentative, …DeclineItem).
	Respond(ctx context.Context, r MeetingReply) ([]any, error)
	// Cancel cancels a meeting as its organizer, tells the attendees, moves
	// it to Deleted Items and returns it. Body may be nil. Errors:
	// ErrorItemNotFound, ErrorStaleObject, ErrorCalendarIsNotOrganizer,
	// ErrorInvalidItemForOperationCancelItem.
	Cancel(ctx context.Context, ref ItemRef, body *wsdl.BodyContent) (any, error)

	// Attachment returns *wsdl.FileAttachmentType, whose Content can be
	// opened or holds data, or *wsdl.ItemAttachmentType with the item itself.
	// Errors: ErrorInvalidAttachmentId, ErrorItemNotFound (the id is well
	// formed, the attachment is gone).
	Attachment(ctx context.Context, id string) (any, error)
	// AddAttachment adds a *wsdl.FileAttachmentType, whose Content has been
	// read into memory, or a *wsdl.ItemAttachmentType to an item. It returns
	// the attachment's id and the item's, with the new change key. Errors:
	// ErrorItemNotFound, ErrorAttachmentSizeLimitExceeded,
	// ErrorIrresolvableConflict (parent.ChangeKey, where it is not empty, is
	// not the current one).
	AddAttachment(ctx context.Context, parent ItemRef, attachment any) (id string, root *wsdl.ItemIdType, err error)

	// SyncItems returns at most limit changes of a folder since state, which
	// is empty the first time: then every item is a Created change. Errors as
	// Folder, and ErrorInvalidSyncStateData.
	SyncItems(ctx context.Context, folder FolderRef, state string, limit int) (ItemChanges, error)
	// SyncFolders does the same for the folders beneath root, at any depth
	// and without a limit; parents come before their children.
	SyncFolders(ctx context.Context, root FolderRef, state string) (FolderChanges, error)

	// ResolveNames finds people by part of a name or address, best first; an
	// address with "smtp:" before it is a full one. None is no error.
	ResolveNames(ctx context.Context, query string) ([]*wsdl.EmailAddressType, error)
	// TimeZones returns the server's time zones in full.
	TimeZones(ctx context.Context) ([]*wsdl.TimeZoneDefinition, error)
}

// FolderRef names a folder by its id or as a distinguished folder.
type FolderRef struct {
	// ID is a folder id; where it is empty, Distinguished is set.
	ID string
	// Distinguished is a well-known name in lower case, such as "inbox" or
	// "msgfolderroot" ([MS-OXWSCDATA] 2.2.5.10). "root" is the parent of
	// "msgfolderroot".
	Distinguished string
	// Mailbox is the SMTP address of the mailbox that holds the distinguished
	// folder; empty means that of the caller.
	Mailbox string
}

// ItemRef names an item in one of three ways.
type ItemRef struct {
	// ID is the id of an item or of an occurrence.
	ID string
	// ChangeKey is the version that the client knows; empty where it named
	// none.
	ChangeKey string
	// MasterOf is the id of an occurrence whose recurring master is meant.
	MasterOf string
	// OccurrenceOf is the id of a recurring master, and Instance the number
	// of the occurrence that is meant, from 1. Deleted occurrences count.
	OccurrenceOf string
	Instance     int
}

// NewItem is an item to create.
type NewItem struct {
	// Item is a *wsdl.MessageType, *wsdl.CalendarItemType, *wsdl.ContactItemType,
	// *wsdl.DistributionListType, *wsdl.TaskType or *wsdl.ItemType without ids. Its attachments carry their content, read into memory.
	// Naive times have been resolved to UTC, and a calendar item without a
	// StartTimeZone has got that of the request's TimeZoneContext, if any.
	Item any
	// Folder is where to store it; nil means the usual folder of the item's
	// kind (Drafts, Calendar, Contacts, Tasks) or, for a copy of what is sent, Sent Items.
	Folder *FolderRef
	// Disposition is set for a message.
	Disposition wsdl.Disposition
	// Invitations is set for a calendar item.
	Invitations wsdl.SendInvitations
	// ReplyTo is the message that this one answers or forwards, or nil:
	// the conversation goes on.
	ReplyTo *ItemRef
	// Forward is true for a forward of ReplyTo.
	Forward bool
}

// ItemUpdate is a change to an item.
type ItemUpdate struct {
	Ref ItemRef
	// ReadChangeKey is the change key of the item as this package read it
	// before it applied the changes.
	ReadChangeKey string
	// Item is the item with all its properties as they are to be.
	Item any
	// Fields are the paths that were changed, such as "item:Subject"; an
	// extended property is "extended:" and its identity.
	Fields []string
	// Disposition says what becomes of a changed message: SendAndSaveCopy
	// sends a draft.
	Disposition wsdl.Disposition
	// SaveTo is where the copy of a sent draft goes; nil means Sent Items.
	SaveTo *FolderRef
	// Invitations says who is told of a change to a meeting; empty for other
	// items.
	Invitations wsdl.SendUpdates
}

// MeetingReply is an attendee's answer.
type MeetingReply struct {
	// Ref is a meeting request, or the attendee's calendar item.
	Ref ItemRef
	// Response is Accept, Tentative or Decline.
	Response wsdl.ResponseTypeName
	// Body goes to the organizer; nil for none.
	Body *wsdl.BodyContent
	// ProposedStart and ProposedEnd are zero, or another time that the
	// attendee proposes.
	ProposedStart, ProposedEnd time.Time
	// Disposition is SaveOnly where the organizer is not told.
	Disposition wsdl.Disposition
}

// ItemChanges is a page of a folder's changes.
type ItemChanges struct {
	Changes []ItemChange
	// State is where the next page begins.
	State string
	// Last is true where there is nothing more at present.
	Last bool
}

// ItemChange is one change. Deletion and read-flag changes name the item by
// ID and ChangeKey alone; the others hold it.
type ItemChange struct {
	Kind   wsdl.ChangeKind
	Item   any
	ID     wsdl.ItemIdType
	IsRead bool // of a ReadFlagChange
}

// FolderChanges are the changes to folders.
type FolderChanges struct {
	Changes []FolderChange
	State   string
}

// FolderChange is one change to a folder: a deletion names it by ID, the
// others hold it.
type FolderChange struct {
	Kind   wsdl.ChangeKind
	Folder any
	ID     wsdl.FolderIdType
}
