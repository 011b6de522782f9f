package simulator

import (
	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// toDelegates brings a meeting message that has just come to the owner of a
// mailbox to the delegates who receive copies, and does with the owner's own
// what the mailbox's delivery says. Private meetings concern the owner alone
// ([MS-OXODLGT], the delegate rule).
func (st *state) toDelegates(mb *mbox, arrived *item) {
	delivery := mb.deliverRequests()
	if delivery == wsdl.DeliverMeetingRequestsNameNoForward || isPrivate(arrived.value) {
		return
	}
	forwarded := false
	for _, d := range mb.delegates {
		who := st.byAddress[d.address]
		if !d.receivesCopies || who == nil {
			continue
		}
		forwarded = true
		v := shallow(arrived.value)
		unset(v, "ItemId", "ParentFolderId", "LastModifiedName", "DateTimeCreated")
		set(v, "IsDelegated", wsdl.Bool(true))
		set(v, "ReceivedBy", wsdl.RecipientType{Mailbox: who.person()})
		st.tellItem(wsdl.NewMailEvent, st.add(who.known("inbox"), &item{value: v, files: arrived.files}))
	}
	if !forwarded {
		return
	}
	switch delivery {
	case wsdl.DeliverMeetingRequestsNameDelegatesOnly:
		st.move(arrived, mb.known("deleteditems"))
	case wsdl.DeliverMeetingRequestsNameDelegatesAndSendInformationToMe:
		if request, ok := shallow(arrived.value).(*wsdl.MeetingRequestMessageType); ok {
			request.MeetingRequestType = wsdl.Ptr(wsdl.MeetingRequestKindPrincipalWantsCopy)
			st.change(arrived, request, wsdl.Updated)
		}
	}
}

// principalOf returns the mailbox whose calendar a meeting message is about:
// that of the owner whose delegate received it, or the one it lies in. A
// delegate needs an editor's rights in the owner's calendar to answer.
func (s *session) principalOf(message *item) (*mbox, error) {
	if !flag(message.value, "IsDelegated") {
		return message.folder.mbox, nil
	}
	principal := s.st.byAddress[address(mailboxOf(get[wsdl.RecipientType](message.value, "ReceivedRepresenting")))]
	if principal == nil {
		return message.folder.mbox, nil
	}
	return principal, mayWrite(principal.known("calendar"), s.who, ewsserver.ErrorItemNotFound)
}

func isPrivate(value any) bool {
	sensitivity := get[wsdl.SensitivityName](value, "Sensitivity")
	return sensitivity != nil && *sensitivity == wsdl.SensitivityNamePrivate
}

// conceals tells whether an item of this value is kept from the caller: what is
// marked as private is the owner's, and that of delegates who may see it.
func (f *folder) conceals(who *mbox, value any) bool {
	return isPrivate(value) && !f.mbox.showsPrivate(f, who)
}

func (mb *mbox) showsPrivate(f *folder, who *mbox) bool {
	d := mb.delegateOf(who)
	return f.levelOf(who) == owner || d != nil && d.viewsPrivate
}
