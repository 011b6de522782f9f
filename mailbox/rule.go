package mailbox

import (
	"context"
	"time"
)

// Rule is something that the server does with a message on its arrival in the
// inbox. It is written as a whole: what is left out of it is taken away.
type Rule struct {
	// ID is the server's; a new rule has none.
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
	// Priority is the rule's place, from 1, which is looked at first. A new
	// rule goes before the one that has this place, and the others move on; a
	// number past the end is the last place.
	Priority int  `json:"priority"`
	Enabled  bool `json:"enabled"`
	// InError tells that the rule does not work as it stands: a folder of it is
	// gone, for instance. It is read only.
	InError bool `json:"in_error,omitempty"`
	// NotSupported tells that the rule has parts which this protocol cannot
	// carry, and Unknown names those which came and are not known here. Such a
	// rule can be deleted; to write it would lose them, and is refused. They are
	// read only.
	NotSupported bool     `json:"not_supported,omitempty"`
	Unknown      []string `json:"unknown,omitempty"`
	// Conditions must all hold for the rule to apply; no condition means every
	// message. One of Exceptions that holds keeps it from applying.
	Conditions RulePredicates `json:"conditions,omitzero"`
	Exceptions RulePredicates `json:"exceptions,omitzero"`
	Actions    RuleActions    `json:"actions"`
}

// RulePredicates say which messages are meant. Of a list one entry suffices;
// texts are looked for without regard to capitals.
//
// Addresses are SMTP addresses, or begin with "/o=" where the server gives them
// in the form of its own directory.
type RulePredicates struct {
	From                  []Person `json:"from,omitempty"`
	SentTo                []Person `json:"sent_to,omitempty"`
	SenderContains        []string `json:"sender_contains,omitempty"`
	RecipientContains     []string `json:"recipient_contains,omitempty"`
	SubjectContains       []string `json:"subject_contains,omitempty"`
	BodyContains          []string `json:"body_contains,omitempty"`
	SubjectOrBodyContains []string `json:"subject_or_body_contains,omitempty"`
	// HeaderContains looks in the Internet headers.
	HeaderContains []string `json:"header_contains,omitempty"`
	Categories     []string `json:"categories,omitempty"`
	// ItemClasses are such as "IPM.Note".
	ItemClasses []string `json:"item_classes,omitempty"`
	// Classifications are the ids of message classifications, and
	// ConnectedAccounts those of accounts from which mail is fetched.
	Classifications   []string `json:"classifications,omitempty"`
	ConnectedAccounts []string `json:"connected_accounts,omitempty"`

	Importance  Importance  `json:"importance,omitempty"`
	Sensitivity Sensitivity `json:"sensitivity,omitempty"`
	FlaggedFor  FlaggedFor  `json:"flagged_for,omitempty"`
	// After and Before bound the time of arrival.
	After  *time.Time `json:"after,omitempty"`
	Before *time.Time `json:"before,omitempty"`
	// MinKB and MaxKB bound the size, in units of 1024 bytes, from 0.
	MinKB *int `json:"min_kb,omitempty"`
	MaxKB *int `json:"max_kb,omitempty"`

	// The mailbox among the recipients.
	SentToMe     bool `json:"sent_to_me,omitempty"`
	SentOnlyToMe bool `json:"sent_only_to_me,omitempty"`
	SentCcMe     bool `json:"sent_cc_me,omitempty"`
	SentToOrCcMe bool `json:"sent_to_or_cc_me,omitempty"`
	NotSentToMe  bool `json:"not_sent_to_me,omitempty"`

	// What the message is.
	HasAttachments         bool `json:"has_attachments,omitempty"`
	IsApprovalRequest      bool `json:"is_approval_request,omitempty"`
	IsAutomaticForward     bool `json:"is_automatic_forward,omitempty"`
	IsAutomaticReply       bool `json:"is_automatic_reply,omitempty"`
	IsEncrypted            bool `json:"is_encrypted,omitempty"`
	IsMeetingRequest       bool `json:"is_meeting_request,omitempty"`
	IsMeetingResponse      bool `json:"is_meeting_response,omitempty"`
	IsNDR                  bool `json:"is_ndr,omitempty"`
	IsPermissionControlled bool `json:"is_permission_controlled,omitempty"`
	IsReadReceipt          bool `json:"is_read_receipt,omitempty"`
	IsSigned               bool `json:"is_signed,omitempty"`
	IsVoicemail            bool `json:"is_voicemail,omitempty"`
}

// FlaggedFor is what a message's flag asks its recipient to do.
type FlaggedFor string

// The values of FlaggedFor.
const (
	ForAny          FlaggedFor = "any"
	ForCall         FlaggedFor = "call"
	ForNoForwarding FlaggedFor = "do_not_forward"
	ForFollowUp     FlaggedFor = "follow_up"
	ForInformation  FlaggedFor = "fyi"
	ForForwarding   FlaggedFor = "forward"
	ForNoResponse   FlaggedFor = "no_response_necessary"
	ForReading      FlaggedFor = "read"
	ForReply        FlaggedFor = "reply"
	ForReplyToAll   FlaggedFor = "reply_to_all"
	ForReview       FlaggedFor = "review"
)

// RuleActions say what is done with a message. There is one at least.
type RuleActions struct {
	// MoveTo and CopyTo are folders; what the server tells are ids.
	MoveTo FolderRef `json:"move_to,omitempty"`
	CopyTo FolderRef `json:"copy_to,omitempty"`
	// Delete moves it to Deleted Items, PermanentDelete removes it.
	Delete          bool       `json:"delete,omitempty"`
	PermanentDelete bool       `json:"permanent_delete,omitempty"`
	MarkAsRead      bool       `json:"mark_as_read,omitempty"`
	Importance      Importance `json:"importance,omitempty"`
	Categories      []string   `json:"categories,omitempty"`
	// ForwardTo sends it on in the mailbox's name, RedirectTo as it came, in
	// the name of its sender.
	ForwardTo             []Person `json:"forward_to,omitempty"`
	ForwardAsAttachmentTo []Person `json:"forward_as_attachment_to,omitempty"`
	RedirectTo            []Person `json:"redirect_to,omitempty"`
	// SMSAlertTo holds telephone numbers as addresses.
	SMSAlertTo []Person `json:"sms_alert_to,omitempty"`
	// ReplyWith is the item id of a message template that is sent as a reply.
	ReplyWith string `json:"reply_with,omitempty"`
	// Stop ends the processing: the rules after this one are not looked at.
	Stop bool `json:"stop,omitempty"`
}

// Rules are all inbox rules of a mailbox, in the order of their priority.
type Rules struct {
	Rules []Rule `json:"rules"`
	// OutlookBlob tells that Outlook has kept rules of its own in the mailbox,
	// in a form that only it reads: those that it turned off, and those that it
	// carries out itself. See RuleChanges.RemoveOutlookBlob.
	OutlookBlob bool `json:"outlook_blob,omitempty"`
}

// RuleOperation is one change to the rules.
type RuleOperation struct {
	Kind RuleOperationKind `json:"kind"`
	// Rule is the new rule, or the new self of the one that its ID names; of a
	// deletion, the ID alone counts.
	Rule Rule `json:"rule"`
}

// RuleOperationKind says what a RuleOperation does.
type RuleOperationKind string

// The values of RuleOperationKind.
const (
	CreateRule RuleOperationKind = "create"
	SetRule    RuleOperationKind = "set"
	DeleteRule RuleOperationKind = "delete"
)

// RuleChanges are changes that are made together: all of them, or none.
type RuleChanges struct {
	Operations []RuleOperation
	// RemoveOutlookBlob lets the server throw away the rules that Outlook keeps
	// for itself. Where there are such rules it refuses every change without
	// this, because Outlook would write its own over them. The owner of the
	// mailbox then loses the rules that were turned off or for Outlook alone.
	RemoveOutlookBlob bool
}

// RuleProblem is one reason why a change to the rules was refused.
type RuleProblem struct {
	// Operation is the place of the change, from 0.
	Operation int `json:"operation"`
	// Field is the server's name for what is wrong, such as
	// "Action:MoveToFolder".
	Field string `json:"field"`
	// Code is the server's, such as "FolderDoesNotExist".
	Code string `json:"code"`
	Text string `json:"text,omitempty"`
	// Value is what the field had.
	Value string `json:"value,omitempty"`
}

// RuleKeeper gets and sets inbox rules.
type RuleKeeper interface {
	InboxRules(ctx context.Context) (Rules, error)
	// UpdateInboxRules makes changes. ErrInvalid: the server found them wrong;
	// a method RuleProblems() []RuleProblem of the error says why. ErrConflict:
	// Outlook keeps rules that the server would have to remove. ErrUnsupported:
	// a rule that is to be set has parts that would be lost. ErrNotFound: there
	// is no rule with that ID.
	UpdateInboxRules(ctx context.Context, changes RuleChanges) error
}
