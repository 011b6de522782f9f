package ews

import (
	"encoding/xml"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// A rule is written as a whole. So one must know when a rule was not read as a
// whole: elements of a later schema than ours, and values that are no word of
// ours, are noted by name.

// unknownElement takes whatever has no field of its own.
type unknownElement struct{ XMLName xml.Name }

// readRule is wsdl.Rule that notes what it does not know.
type readRule struct {
	RuleId         *wsdl.Text       `xml:"RuleId"`
	DisplayName    *wsdl.Text       `xml:"DisplayName"`
	Priority       *wsdl.Int32      `xml:"Priority"`
	IsEnabled      *wsdl.Bool       `xml:"IsEnabled"`
	IsNotSupported *wsdl.Bool       `xml:"IsNotSupported"`
	IsInError      *wsdl.Bool       `xml:"IsInError"`
	Conditions     *readPredicates  `xml:"Conditions"`
	Exceptions     *readPredicates  `xml:"Exceptions"`
	Actions        *readActions     `xml:"Actions"`
	Unknown        []unknownElement `xml:",any"`
}

type readPredicates struct {
	wsdl.RulePredicatesType
	Unknown []unknownElement `xml:",any"`
}

type readActions struct {
	wsdl.RuleActionsType
	Unknown []unknownElement `xml:",any"`
}

// flaggedFor are the words for FlaggedForAction.
var flaggedFor = map[mailbox.FlaggedFor]wsdl.Text{
	mailbox.ForAny: "Any", mailbox.ForCall: "Call", mailbox.ForNoForwarding: "DoNotForward", mailbox.ForFollowUp: "FollowUp",
	mailbox.ForInformation: "FYI", mailbox.ForForwarding: "Forward", mailbox.ForNoResponse: "NoResponseNecessary",
	mailbox.ForReading: "Read", mailbox.ForReply: "Reply", mailbox.ForReplyToAll: "ReplyToAll", mailbox.ForReview: "Review",
}

// ruleReader turns a rule of the wire into words, and gathers the names of what
// the words cannot say.
type ruleReader struct{ unknown []string }

func (r *ruleReader) doubt(name string) { r.unknown = append(r.unknown, name) }

func (r *ruleReader) doubts(prefix string, list []unknownElement) {
	for _, e := range list {
		r.doubt(prefix + e.XMLName.Local)
	}
}

// ruleOf reads a rule.
func ruleOf(w *readRule) mailbox.Rule {
	var r ruleReader
	rule := mailbox.Rule{
		ID: wsdl.Str(w.RuleId), Name: wsdl.Str(w.DisplayName), Priority: int(wsdl.Val(w.Priority)), Enabled: bool(wsdl.Val(w.IsEnabled)),
		InError: bool(wsdl.Val(w.IsInError)), NotSupported: bool(wsdl.Val(w.IsNotSupported)),
	}
	r.doubts("", w.Unknown)
	if w.Conditions != nil {
		rule.Conditions = r.predicates("Condition:", w.Conditions)
	}
	if w.Exceptions != nil {
		rule.Exceptions = r.predicates("Exception:", w.Exceptions)
	}
	if w.Actions != nil {
		rule.Actions = r.actions(w.Actions)
	}
	rule.Unknown = r.unknown
	return rule
}

func (r *ruleReader) predicates(prefix string, w *readPredicates) mailbox.RulePredicates {
	is := func(b *wsdl.Bool) bool { return bool(wsdl.Val(b)) }
	p := mailbox.RulePredicates{
		From: r.people(prefix+"FromAddresses", w.FromAddresses), SentTo: r.people(prefix+"SentToAddresses", w.SentToAddresses),
		SenderContains: stringsOf(w.ContainsSenderStrings), RecipientContains: stringsOf(w.ContainsRecipientStrings),
		SubjectContains: stringsOf(w.ContainsSubjectStrings), BodyContains: stringsOf(w.ContainsBodyStrings),
		SubjectOrBodyContains: stringsOf(w.ContainsSubjectOrBodyStrings), HeaderContains: stringsOf(w.ContainsHeaderStrings),
		Categories: stringsOf(w.Categories), ItemClasses: stringsOf(w.ItemClasses),
		Classifications: stringsOf(w.MessageClassifications), ConnectedAccounts: stringsOf(w.FromConnectedAccounts),
		Importance: r.importance(prefix+"Importance", w.Importance), Sensitivity: r.sensitivity(prefix+"Sensitivity", w.Sensitivity),
		FlaggedFor: keyOf(flaggedFor, w.FlaggedForAction),
		SentToMe:   is(w.SentToMe), SentOnlyToMe: is(w.SentOnlyToMe), SentCcMe: is(w.SentCcMe), SentToOrCcMe: is(w.SentToOrCcMe), NotSentToMe: is(w.NotSentToMe),
		HasAttachments: is(w.HasAttachments), IsApprovalRequest: is(w.IsApprovalRequest), IsAutomaticForward: is(w.IsAutomaticForward),
		IsAutomaticReply: is(w.IsAutomaticReply), IsEncrypted: is(w.IsEncrypted), IsMeetingRequest: is(w.IsMeetingRequest),
		IsMeetingResponse: is(w.IsMeetingResponse), IsNDR: is(w.IsNDR), IsPermissionControlled: is(w.IsPermissionControlled),
		IsReadReceipt: is(w.IsReadReceipt), IsSigned: is(w.IsSigned), IsVoicemail: is(w.IsVoicemail),
	}
	if w.FlaggedForAction != nil && p.FlaggedFor == "" {
		r.doubt(prefix + "FlaggedForAction")
	}
	if d := w.WithinDateRange; d != nil {
		p.After, p.Before = r.time(prefix, d.StartDateTime), r.time(prefix, d.EndDateTime)
	}
	if s := w.WithinSizeRange; s != nil {
		p.MinKB, p.MaxKB = kilobytes(s.MinimumSize), kilobytes(s.MaximumSize)
	}
	r.doubts(prefix, w.Unknown)
	return p
}

func (r *ruleReader) actions(w *readActions) mailbox.RuleActions {
	const prefix = "Action:"
	a := mailbox.RuleActions{
		MoveTo: r.folder(prefix+"MoveToFolder", w.MoveToFolder), CopyTo: r.folder(prefix+"CopyToFolder", w.CopyToFolder),
		Delete: bool(wsdl.Val(w.Delete)), PermanentDelete: bool(wsdl.Val(w.PermanentDelete)), MarkAsRead: bool(wsdl.Val(w.MarkAsRead)),
		Importance: r.importance(prefix+"MarkImportance", w.MarkImportance), Categories: stringsOf(w.AssignCategories),
		ForwardTo:             r.people(prefix+"ForwardToRecipients", w.ForwardToRecipients),
		ForwardAsAttachmentTo: r.people(prefix+"ForwardAsAttachmentToRecipients", w.ForwardAsAttachmentToRecipients),
		RedirectTo:            r.people(prefix+"RedirectToRecipients", w.RedirectToRecipients),
		SMSAlertTo:            r.people(prefix+"SendSMSAlertToRecipients", w.SendSMSAlertToRecipients),
		Stop:                  bool(wsdl.Val(w.StopProcessingRules)),
	}
	if w.ServerReplyWithMessage != nil {
		a.ReplyWith = wsdl.Str(w.ServerReplyWithMessage.Id)
	}
	r.doubts(prefix, w.Unknown)
	return a
}

// people reads addresses as they are. One that is of another kind than SMTP and
// the directory's, or is no address but a contact's id, is no Person.
func (r *ruleReader) people(field string, list *wsdl.AddressesType) []mailbox.Person {
	if list == nil {
		return nil
	}
	var out []mailbox.Person
	for _, a := range list.Address {
		p := mailbox.Person{Name: wsdl.Str(a.Name), Address: wsdl.Str(a.EmailAddress)}
		routing := wsdl.Str(a.RoutingType)
		switch {
		case p.Address == "",
			!strings.EqualFold(routing, "") && !strings.EqualFold(routing, wsdl.Str(routingType(p.Address))):
			r.doubt(field)
		}
		out = append(out, p)
	}
	return out
}

// routingType is the kind of an address: EX for those of Exchange's own
// directory, else SMTP, but MOBILE for a telephone number.
func routingType(address string) *wsdl.Text {
	switch {
	case len(address) > 3 && strings.EqualFold(address[:3], "/o="):
		return wsdl.NewText("EX")
	case address != "" && strings.Trim(address, "+0123456789 -()") == "":
		return wsdl.NewText("MOBILE")
	}
	return wsdl.NewText("SMTP")
}

func (r *ruleReader) importance(field string, name *wsdl.ImportanceName) mailbox.Importance {
	word := mailbox.Importance(strings.ToLower(wsdl.Str(name)))
	if word != "" && writeImportance(word) == nil {
		r.doubt(field)
	}
	return word
}

// sensitivity differs from that of an item: a rule may look for what is normal.
func (r *ruleReader) sensitivity(field string, name *wsdl.SensitivityName) mailbox.Sensitivity {
	word := mailbox.Sensitivity(strings.ToLower(wsdl.Str(name)))
	if word != "" && writeSensitivity(word) == nil {
		r.doubt(field)
	}
	return word
}

func (r *ruleReader) time(prefix string, t *wsdl.DateTimeText) *time.Time {
	if t == nil {
		return nil
	}
	at, ok := wsdl.ParseTime(t, time.UTC)
	if !ok {
		r.doubt(prefix + "WithinDateRange")
		return nil
	}
	return &at
}

func (r *ruleReader) folder(field string, f *wsdl.RuleFolderType) mailbox.FolderRef {
	switch {
	case f == nil:
	case f.FolderId != nil:
		return mailbox.FolderRef(wsdl.Str(f.FolderId.Id))
	case f.DistinguishedFolderId != nil && f.DistinguishedFolderId.Mailbox == nil:
		return mailbox.FolderRef(wsdl.Str(f.DistinguishedFolderId.Id))
	default:
		r.doubt(field)
	}
	return ""
}

func kilobytes(n *wsdl.Int32) *int {
	if n == nil {
		return nil
	}
	v := int(*n)
	return &v
}
