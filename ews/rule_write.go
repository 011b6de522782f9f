package ews

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// ruleWriter turns rules into those of the wire. The first thing that cannot be
// written stays in err; after it nothing more is done.
type ruleWriter struct {
	m *Mailbox
	// find finds a folder.
	find func(mailbox.FolderRef) (*wsdl.TargetFolderId, error)
	err  error
}

// writeRule turns a rule into one of the wire. A path of a folder costs a
// listing of the folders.
func (m *Mailbox) writeRule(ctx context.Context, rule mailbox.Rule) (*wsdl.RuleType, error) {
	w := &ruleWriter{m: m, find: func(ref mailbox.FolderRef) (*wsdl.TargetFolderId, error) { return m.targetFolder(ctx, ref, "") }}
	out := &wsdl.RuleType{
		RuleId: wsdl.NewText(rule.ID), DisplayName: wsdl.Ptr(wsdl.Text(rule.Name)),
		Priority: wsdl.Ptr(wsdl.Int32(rule.Priority)), IsEnabled: wsdl.Ptr(wsdl.Bool(rule.Enabled)),
		Conditions: w.predicates("the conditions", rule.Conditions), Exceptions: w.predicates("the exceptions", rule.Exceptions),
		Actions: w.actions(rule.Actions),
	}
	switch {
	case strings.TrimSpace(rule.Name) == "":
		w.fail("the rule has no name")
	case rule.Priority < 1 || rule.Priority > math.MaxInt32:
		w.fail("the priority is %d; it is 1 for the rule that is looked at first, and 2 and so on for those after it", rule.Priority)
	case w.err == nil && *out.Actions == (wsdl.RuleActionsType{}):
		w.fail("the rule has no action")
	}
	if w.err != nil {
		return nil, w.err
	}
	return out, nil
}

func (w *ruleWriter) fail(format string, args ...any) {
	if w.err == nil {
		w.err = w.m.invalid("UpdateInboxRules", format, args...)
	}
}

// yes writes what holds; what does not is left out, as Exchange takes it.
func yes(b bool) *wsdl.Bool {
	if !b {
		return nil
	}
	return wsdl.Ptr(wsdl.Bool(true))
}

func (w *ruleWriter) predicates(of string, p mailbox.RulePredicates) *wsdl.RulePredicatesType {
	out := &wsdl.RulePredicatesType{
		Categories: w.texts(of, p.Categories), ContainsBodyStrings: w.texts(of, p.BodyContains), ContainsHeaderStrings: w.texts(of, p.HeaderContains),
		ContainsRecipientStrings: w.texts(of, p.RecipientContains), ContainsSenderStrings: w.texts(of, p.SenderContains),
		ContainsSubjectOrBodyStrings: w.texts(of, p.SubjectOrBodyContains), ContainsSubjectStrings: w.texts(of, p.SubjectContains),
		FromAddresses: w.people(of, p.From), FromConnectedAccounts: w.texts(of, p.ConnectedAccounts),
		HasAttachments: yes(p.HasAttachments), Importance: w.importance(of, p.Importance),
		IsApprovalRequest: yes(p.IsApprovalRequest), IsAutomaticForward: yes(p.IsAutomaticForward), IsAutomaticReply: yes(p.IsAutomaticReply),
		IsEncrypted: yes(p.IsEncrypted), IsMeetingRequest: yes(p.IsMeetingRequest), IsMeetingResponse: yes(p.IsMeetingResponse),
		IsNDR: yes(p.IsNDR), IsPermissionControlled: yes(p.IsPermissionControlled), IsReadReceipt: yes(p.IsReadReceipt),
		IsSigned: yes(p.IsSigned), IsVoicemail: yes(p.IsVoicemail),
		ItemClasses: w.texts(of, p.ItemClasses), MessageClassifications: w.texts(of, p.Classifications),
		NotSentToMe: yes(p.NotSentToMe), SentCcMe: yes(p.SentCcMe), SentOnlyToMe: yes(p.SentOnlyToMe),
		SentToAddresses: w.people(of, p.SentTo), SentToMe: yes(p.SentToMe), SentToOrCcMe: yes(p.SentToOrCcMe),
		Sensitivity: w.sensitivity(of, p.Sensitivity), WithinDateRange: w.dates(of, p.After, p.Before), WithinSizeRange: w.sizes(of, p.MinKB, p.MaxKB),
	}
	if p.FlaggedFor != "" {
		word, ok := flaggedFor[p.FlaggedFor]
		if !ok {
			w.fail("%s have the unknown flag %q", of, string(p.FlaggedFor))
		}
		out.FlaggedForAction = &word
	}
	if *out == (wsdl.RulePredicatesType{}) {
		return nil
	}
	return out
}

func (w *ruleWriter) actions(a mailbox.RuleActions) *wsdl.RuleActionsType {
	const of = "the actions"
	out := &wsdl.RuleActionsType{
		AssignCategories: w.texts(of, a.Categories), CopyToFolder: w.folder(a.CopyTo), Delete: yes(a.Delete),
		ForwardAsAttachmentToRecipients: w.people(of, a.ForwardAsAttachmentTo), ForwardToRecipients: w.people(of, a.ForwardTo),
		MarkImportance: w.importance(of, a.Importance), MarkAsRead: yes(a.MarkAsRead), MoveToFolder: w.folder(a.MoveTo),
		PermanentDelete: yes(a.PermanentDelete), RedirectToRecipients: w.people(of, a.RedirectTo),
		SendSMSAlertToRecipients: w.people(of, a.SMSAlertTo), StopProcessingRules: yes(a.Stop),
	}
	if a.ReplyWith != "" {
		out.ServerReplyWithMessage = &wsdl.ItemIdType{Id: wsdl.NewText(a.ReplyWith)}
	}
	return out
}

// texts refuses an empty text, which every message would contain.
func (w *ruleWriter) texts(of string, list []string) *wsdl.StringsType {
	for _, text := range list {
		if text == "" {
			w.fail("%s hold an empty text", of)
		}
	}
	return writeStrings(list)
}

func (w *ruleWriter) people(of string, list []mailbox.Person) *wsdl.AddressesType {
	if len(list) == 0 {
		return nil
	}
	out := new(wsdl.AddressesType)
	for _, p := range list {
		routing := routingType(p.Address)
		if wsdl.Str(routing) == "SMTP" && !strings.Contains(p.Address, "@") {
			w.fail("%s name %q, which has no address", of, p.String())
		}
		a := emailAddress(p)
		a.RoutingType = routing
		out.Address = append(out.Address, a)
	}
	return out
}

func (w *ruleWriter) importance(of string, word mailbox.Importance) *wsdl.ImportanceName {
	name := writeImportance(word)
	if name == nil && word != "" {
		w.fail("%s have the unknown importance %q", of, string(word))
	}
	return name
}

func (w *ruleWriter) sensitivity(of string, word mailbox.Sensitivity) *wsdl.SensitivityName {
	name := writeSensitivity(word)
	if name == nil && word != "" {
		w.fail("%s have the unknown sensitivity %q", of, string(word))
	}
	return name
}

func (w *ruleWriter) dates(of string, after, before *time.Time) *wsdl.DateRangeType {
	if after == nil && before == nil {
		return nil
	}
	if after != nil && before != nil && !after.Before(*before) {
		w.fail("%s end a range of time, %s, before it begins, %s", of, before.Format(time.RFC3339), after.Format(time.RFC3339))
	}
	return &wsdl.DateRangeType{StartDateTime: wsdl.FormatTime(val(after)), EndDateTime: wsdl.FormatTime(val(before))}
}

func (w *ruleWriter) sizes(of string, low, high *int) *wsdl.SizeRangeType {
	if low == nil && high == nil {
		return nil
	}
	write := func(n *int) *wsdl.Int32 {
		switch {
		case n == nil:
			return nil
		case *n < 0 || *n > math.MaxInt32:
			w.fail("%s have a size of %d kilobytes", of, *n)
			return nil
		}
		return wsdl.Ptr(wsdl.Int32(*n))
	}
	if low != nil && high != nil && *low > *high {
		w.fail("%s have a least size, %d kilobytes, above the greatest, %d", of, *low, *high)
	}
	return &wsdl.SizeRangeType{MinimumSize: write(low), MaximumSize: write(high)}
}

func (w *ruleWriter) folder(ref mailbox.FolderRef) *wsdl.RuleFolderType {
	if ref == "" || w.err != nil {
		return nil
	}
	target, err := w.find(ref)
	if err != nil {
		w.err = fmt.Errorf("the folder of a rule: %w", err)
		return nil
	}
	out := new(wsdl.RuleFolderType)
	if id := target.FolderId; id != nil {
		out.FolderId = &wsdl.FolderIdType{Id: id.Id}
	}
	if id := target.DistinguishedFolderId; id != nil {
		out.DistinguishedFolderId = &wsdl.DistinguishedFolderIdType{Id: id.Id, Mailbox: id.Mailbox}
	}
	return out
}
