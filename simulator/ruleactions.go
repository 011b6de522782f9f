package simulator

import (
	"slices"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// delivery is what the rules of a mailbox make of a message that arrives.
type delivery struct {
	value any
	// home is where it goes; nil for nowhere.
	home *folder
	// copies go into these folders besides.
	copies []*folder
	// sends are what is to be sent, once it is in its place.
	sends []func()
}

// byRules looks at a mailbox's rules in their order. v is the message that is
// about to be stored, and is changed.
//
// As [MS-OXORULE] has it, each rule sees what those before it made of the
// message, a message that several rules move ends as a copy in each of their
// folders, and a message that is removed for good is shown to no further rule.
// Nothing is sent about reports, and each mailbox sends a message on once, so
// that two of them cannot play ball. Alerts by SMS are kept, and not sent.
func (st *state) byRules(mb *mbox, l letter, v any) *delivery {
	d := &delivery{value: v, home: mb.known("inbox")}
	moved := false
	for _, r := range mb.rules {
		t := &ruleTest{mb: mb, value: v, files: l.files, relayed: len(l.through) > 0}
		if !bool(wsdl.Val(r.IsEnabled)) || bool(wsdl.Val(r.IsNotSupported)) || r.Actions == nil || mb.isBroken(r) || !t.applies(r) {
			continue
		}
		a := r.Actions
		mark(v, a)
		if f := mb.ruleFolder(a.CopyToFolder); f != nil {
			d.copies = append(d.copies, f)
		}
		to := mb.ruleFolder(a.MoveToFolder)
		if bool(wsdl.Val(a.Delete)) {
			to = mb.known("deleteditems")
		}
		switch {
		case to == nil:
		case moved:
			d.copies = append(d.copies, to)
		default:
			d.home, moved = to, true
		}
		if !t.isClass("report") && !slices.Contains(l.through, mb) {
			st.relay(mb, l, d, a)
		}
		if bool(wsdl.Val(a.PermanentDelete)) {
			d.home = nil
			break
		}
		if bool(wsdl.Val(a.StopProcessingRules)) {
			break
		}
	}
	return d
}

// mark does to the message what a rule does to it in place.
func mark(v any, a *wsdl.RuleActionsType) {
	if bool(wsdl.Val(a.MarkAsRead)) {
		set(v, "IsRead", wsdl.Bool(true))
	}
	if a.MarkImportance != nil {
		set(v, "Importance", *a.MarkImportance)
	}
	if a.AssignCategories == nil {
		return
	}
	all := new(wsdl.StringsType)
	if had := get[wsdl.StringsType](v, "Categories"); had != nil {
		all.String = slices.Clone(had.String)
	}
	for _, c := range a.AssignCategories.String {
		if !slices.ContainsFunc(all.String, func(had *wsdl.Text) bool { return strings.EqualFold(wsdl.Str(had), wsdl.Str(c)) }) {
			all.String = append(all.String, c)
		}
	}
	*field[wsdl.StringsType](v, "Categories") = all
}

// settle stores a message and its copies where the rules want them.
func (st *state) settle(d *delivery, files []*attachment) *item {
	for _, f := range d.copies {
		st.add(f, &item{value: shallow(d.value), files: files})
	}
	if d.home == nil {
		return nil
	}
	it := st.add(d.home, &item{value: d.value, files: files})
	st.tellItem(wsdl.NewMailEvent, it)
	return it
}

// relay notes what a rule sends: it is sent when the message is in its place.
func (st *state) relay(mb *mbox, l letter, d *delivery, a *wsdl.RuleActionsType) {
	through := append(slices.Clone(l.through), mb)
	// The message as it is at this point, whatever later rules do to it.
	v := shallow(d.value)
	send := func(subject string, to []*wsdl.EmailAddressType, body *wsdl.BodyContent, files []*attachment) {
		d.sends = append(d.sends, func() {
			m := &wsdl.MessageType{Subject: text(subject), Body: body, From: recipient(mb.person()), Sender: recipient(mb.person()), ToRecipients: recipients(to...)}
			st.converse(mb, m, v)
			st.stamp(m, mb)
			st.deliver(letter{value: m, files: files, through: through}, mb)
		})
	}
	subject := "FW: " + str(v, "Subject")
	if to := a.ForwardToRecipients; to != nil {
		send(subject, to.Address, get[wsdl.BodyContent](v, "Body"), l.files)
	}
	if to := a.ForwardAsAttachmentToRecipients; to != nil {
		send(subject, to.Address, nil, []*attachment{st.newAttachment(asAttachment(v))})
	}
	if to := a.RedirectToRecipients; to != nil {
		d.sends = append(d.sends, func() { st.redirect(letter{value: l.value, files: l.files, through: through}, to.Address, mb) })
	}
	if id := a.ServerReplyWithMessage; id != nil {
		from := mailboxOf(get[wsdl.RecipientType](v, "From"))
		if with := mb.template(id); with != nil && from != nil && !mb.is(address(from)) {
			send(str(with.value, "Subject"), []*wsdl.EmailAddressType{from}, get[wsdl.BodyContent](with.value, "Body"), with.files)
		}
	}
}

// redirect brings a letter to others as it came: From and the recipients that
// it names stay.
func (st *state) redirect(l letter, to []*wsdl.EmailAddressType, mb *mbox) {
	var unknown []*wsdl.EmailAddressType
	seen := map[*mbox]bool{}
	for _, p := range st.withMembers(to) {
		other := st.byAddress[address(p)]
		switch {
		case other == nil && !st.reaches(address(p)):
			unknown = append(unknown, p)
		case other != nil && !seen[other]:
			seen[other] = true
			st.receive(l, other, nil)
		}
	}
	if len(unknown) > 0 {
		st.bounce(l.value, unknown, mb)
	}
}

// asAttachment makes an attachment of a message.
func asAttachment(v any) *wsdl.ItemAttachmentType {
	v = shallow(v)
	unset(v, "ItemId", "ParentFolderId", "Attachments", "ConversationId")
	a := &wsdl.ItemAttachmentType{Name: text(str(v, "Subject"))}
	switch v := v.(type) {
	case *wsdl.MessageType:
		a.Message = v
	case *wsdl.MeetingRequestMessageType:
		a.MeetingRequest = v
	case *wsdl.MeetingResponseMessageType:
		a.MeetingResponse = v
	case *wsdl.MeetingCancellationMessageType:
		a.MeetingCancellation = v
	}
	return a
}
