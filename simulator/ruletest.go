package simulator

import (
	stdhtml "html"
	"slices"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// ruleTest holds the conditions of rules against a message that arrives.
//
// These can be kept but never hold, because nothing here has what they ask for:
// FlaggedForAction, FromConnectedAccounts, MessageClassifications and
// IsPermissionControlled.
type ruleTest struct {
	mb    *mbox
	value any
	files []*attachment
	// relayed: a rule of another mailbox has forwarded it.
	relayed bool
}

// applies tells whether a rule is for the message: all conditions hold, and
// none of the exceptions.
func (t *ruleTest) applies(r *wsdl.RuleType) bool {
	return !slices.Contains(t.results(r.Conditions), false) && !slices.Contains(t.results(r.Exceptions), true)
}

// results has an entry for each predicate that is set.
func (t *ruleTest) results(p *wsdl.RulePredicatesType) []bool {
	if p == nil {
		return nil
	}
	var out []bool
	texts := func(list *wsdl.StringsType, holds func(string) bool) {
		if list != nil {
			out = append(out, slices.ContainsFunc(list.String, func(s *wsdl.Text) bool { return holds(strings.ToLower(wsdl.Str(s))) }))
		}
	}
	yes := func(asked *wsdl.Bool, holds func() bool) {
		if bool(wsdl.Val(asked)) {
			out = append(out, holds())
		}
	}
	texts(p.Categories, t.hasCategory)
	texts(p.ContainsBodyStrings, func(s string) bool { return strings.Contains(t.body(), s) })
	texts(p.ContainsHeaderStrings, func(s string) bool { return strings.Contains(t.headers(), s) })
	texts(p.ContainsRecipientStrings, func(s string) bool { return names(t.recipients("ToRecipients", "CcRecipients"), s) })
	texts(p.ContainsSenderStrings, func(s string) bool { return names(t.senders(), s) })
	texts(p.ContainsSubjectOrBodyStrings, func(s string) bool { return strings.Contains(t.subject(), s) || strings.Contains(t.body(), s) })
	texts(p.ContainsSubjectStrings, func(s string) bool { return strings.Contains(t.subject(), s) })
	texts(p.ItemClasses, t.isClass)
	texts(p.FromConnectedAccounts, never)
	texts(p.MessageClassifications, never)
	t.addresses(&out, p.FromAddresses, t.senders())
	t.addresses(&out, p.SentToAddresses, t.recipients("ToRecipients", "CcRecipients"))

	yes(p.HasAttachments, (&item{value: t.value, files: t.files}).hasFiles)
	yes(p.IsApprovalRequest, t.class("ipm.note.microsoft.approval.request"))
	yes(p.IsAutomaticForward, func() bool { return t.relayed })
	yes(p.IsAutomaticReply, t.class("ipm.note.rules.ooftemplate", "ipm.note.rules.replytemplate"))
	yes(p.IsEncrypted, func() bool { return t.isClass("ipm.note.smime") && !t.isClass("ipm.note.smime.multipartsigned") })
	yes(p.IsMeetingRequest, t.class(requestClass))
	yes(p.IsMeetingResponse, func() bool { return strings.HasPrefix(str(t.value, "ItemClass"), responseClass) })
	yes(p.IsNDR, t.class("report.ipm.note.ndr"))
	yes(p.IsPermissionControlled, func() bool { return false })
	yes(p.IsReadReceipt, t.class("report.ipm.note.ipnrn"))
	yes(p.IsSigned, t.class("ipm.note.smime.multipartsigned"))
	yes(p.IsVoicemail, t.class("ipm.note.microsoft.voicemail"))

	to, cc := t.mine("ToRecipients"), t.mine("CcRecipients")
	yes(p.SentToMe, func() bool { return to })
	yes(p.SentCcMe, func() bool { return cc })
	yes(p.SentToOrCcMe, func() bool { return to || cc })
	yes(p.NotSentToMe, func() bool { return !to })
	yes(p.SentOnlyToMe, func() bool { return to && len(t.recipients("ToRecipients", "CcRecipients")) == 1 })

	if p.FlaggedForAction != nil {
		out = append(out, false)
	}
	if p.Importance != nil {
		is := get[wsdl.ImportanceName](t.value, "Importance")
		out = append(out, is != nil && *is == *p.Importance || is == nil && *p.Importance == wsdl.ImportanceNameNormal)
	}
	if p.Sensitivity != nil {
		is := get[wsdl.SensitivityName](t.value, "Sensitivity")
		out = append(out, is != nil && *is == *p.Sensitivity || is == nil && *p.Sensitivity == wsdl.SensitivityNameNormal)
	}
	if d := p.WithinDateRange; d != nil {
		out = append(out, t.within(d))
	}
	if s := p.WithinSizeRange; s != nil {
		kilobytes := wsdl.Int32((&item{value: t.value, files: t.files}).size() / 1024)
		out = append(out, kilobytes >= wsdl.Val(s.MinimumSize) && (s.MaximumSize == nil || kilobytes <= *s.MaximumSize))
	}
	return out
}

func never(string) bool { return false }

func (t *ruleTest) subject() string { return strings.ToLower(str(t.value, "Subject")) }

// body is the text of the body, without the tags of HTML.
func (t *ruleTest) body() string {
	b := get[wsdl.BodyContent](t.value, "Body")
	if b == nil {
		return ""
	}
	content := wsdl.Str(b.Value)
	if wsdl.Val(b.BodyType) != wsdl.BodyTypeNameHTML {
		return strings.ToLower(content)
	}
	var plain strings.Builder
	for content != "" {
		before, rest, _ := strings.Cut(content, "<")
		plain.WriteString(before)
		_, content, _ = strings.Cut(rest, ">")
	}
	return strings.ToLower(stdhtml.UnescapeString(plain.String()))
}

func (t *ruleTest) headers() string {
	list := get[wsdl.InternetHeadersType](t.value, "InternetMessageHeaders")
	if list == nil {
		return ""
	}
	var all strings.Builder
	for _, h := range list.InternetMessageHeader {
		all.WriteString(wsdl.Str(h.HeaderName) + ": " + wsdl.Str(h.Value) + "\n")
	}
	return strings.ToLower(all.String())
}

func (t *ruleTest) senders() []*wsdl.EmailAddressType {
	if from := mailboxOf(get[wsdl.RecipientType](t.value, "From")); from != nil {
		return []*wsdl.EmailAddressType{from}
	}
	return nil
}

func (t *ruleTest) recipients(lists ...string) []*wsdl.EmailAddressType {
	var all []*wsdl.EmailAddressType
	for _, name := range lists {
		if list := get[wsdl.RecipientsType](t.value, name); list != nil {
			all = append(all, list.Mailbox...)
		}
	}
	return all
}

// mine tells whether the mailbox is in a list of recipients.
func (t *ruleTest) mine(list string) bool {
	return slices.ContainsFunc(t.recipients(list), func(p *wsdl.EmailAddressType) bool { return t.mb.is(address(p)) })
}

// names tells whether a text is in the name or the address of somebody.
func names(people []*wsdl.EmailAddressType, s string) bool {
	return slices.ContainsFunc(people, func(p *wsdl.EmailAddressType) bool {
		return strings.Contains(strings.ToLower(wsdl.Str(p.Name)), s) || strings.Contains(address(p), s)
	})
}

// addresses adds whether one of the addresses, or another of the same mailbox,
// is among the people.
func (t *ruleTest) addresses(out *[]bool, list *wsdl.AddressesType, people []*wsdl.EmailAddressType) {
	if list == nil {
		return
	}
	*out = append(*out, slices.ContainsFunc(list.Address, func(wanted *wsdl.EmailAddressType) bool {
		return slices.ContainsFunc(people, func(p *wsdl.EmailAddressType) bool {
			mb := t.mb.st.byAddress[address(p)]
			return address(p) == address(wanted) || mb != nil && mb.is(address(wanted))
		})
	}))
}

func (t *ruleTest) hasCategory(s string) bool {
	list := get[wsdl.StringsType](t.value, "Categories")
	return list != nil && slices.ContainsFunc(list.String, func(c *wsdl.Text) bool { return strings.EqualFold(wsdl.Str(c), s) })
}

// isClass tells whether the message is of a class or one beneath it.
func (t *ruleTest) isClass(class string) bool {
	is := strings.ToLower(str(t.value, "ItemClass"))
	if is == "" {
		is = "ipm.note"
	}
	class = strings.ToLower(class)
	return is == class || strings.HasPrefix(is, class+".")
}

func (t *ruleTest) class(classes ...string) func() bool {
	return func() bool { return slices.ContainsFunc(classes, t.isClass) }
}

func (t *ruleTest) within(d *wsdl.DateRangeType) bool {
	at, ok := timeOf(t.value, "DateTimeReceived")
	if from, set := wsdl.ParseTime(d.StartDateTime, nil); set && at.Before(from) {
		return false
	}
	if to, set := wsdl.ParseTime(d.EndDateTime, nil); set && at.After(to) {
		return false
	}
	return ok
}
