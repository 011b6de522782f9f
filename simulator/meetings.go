package simulator

import (
	"fmt"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// A meeting is a calendar item in the organizer's mailbox and a copy of it in
// the mailbox of each attendee, all with the same UID. Messages about it travel
// through the inboxes; the copies follow at once, as Exchange's calendar
// attendant keeps them, whether or not anybody opens the messages.

// attendeesOf lists whom a calendar item invites, without the organizer.
func attendeesOf(c *wsdl.CalendarItemType) []*wsdl.AttendeeType {
	organizer := address(mailboxOf(c.Organizer))
	var all []*wsdl.AttendeeType
	for _, list := range []*wsdl.AttendeesType{c.RequiredAttendees, c.OptionalAttendees, c.Resources} {
		if list == nil {
			continue
		}
		for _, a := range list.Attendee {
			if a.Mailbox != nil && address(a.Mailbox) != organizer {
				all = append(all, a)
			}
		}
	}
	return all
}

// peopleOf turns a list of attendees into recipients.
func peopleOf(list *wsdl.AttendeesType) *wsdl.RecipientsType {
	if list == nil {
		return nil
	}
	var all []*wsdl.EmailAddressType
	for _, a := range list.Attendee {
		all = append(all, a.Mailbox)
	}
	return recipients(all...)
}

// eachAttendee replaces the attendees of a calendar item by what change makes
// of them.
func eachAttendee(c *wsdl.CalendarItemType, change func(wsdl.AttendeeType) wsdl.AttendeeType) {
	for _, list := range []**wsdl.AttendeesType{&c.RequiredAttendees, &c.OptionalAttendees, &c.Resources} {
		if *list == nil {
			continue
		}
		out := &wsdl.AttendeesType{}
		for _, a := range (*list).Attendee {
			if a.Mailbox == nil {
				continue
			}
			next := change(*a)
			out.Attendee = append(out.Attendee, &next)
		}
		*list = out
	}
}

// resolveAttendees completes names, and the responses that are missing.
func (st *state) resolveAttendees(c *wsdl.CalendarItemType) {
	eachAttendee(c, func(a wsdl.AttendeeType) wsdl.AttendeeType {
		a.Mailbox = st.resolve(a.Mailbox)
		if a.ResponseType == nil {
			a.ResponseType = wsdl.Ptr(wsdl.ResponseTypeNameUnknown)
		}
		return a
	})
}

// meetingClass are the item classes of messages about meetings.
const (
	requestClass   = "IPM.Schedule.Meeting.Request"
	cancelledClass = "IPM.Schedule.Meeting.Canceled"
	responseClass  = "IPM.Schedule.Meeting.Resp."

	cancelledPrefix = "Canceled: "
)

// when describes the time of a meeting for people.
func when(c *wsdl.CalendarItemType, z zone) string {
	start, _ := timeOf(c, "Start")
	end, _ := timeOf(c, "End")
	return fmt.Sprintf("%s to %s (%s)", start.In(z.loc).Format("Monday, 2 January 2006 15:04"), end.In(z.loc).Format("15:04"), z.name)
}

// meetingMessage makes a message about a calendar item of the organizer's:
// fields that both have are the same. to is empty for everybody.
func (st *state) meetingMessage(v any, it *item, c *wsdl.CalendarItemType, to []*wsdl.EmailAddressType) any {
	mb := it.folder.mbox
	copyFields(v, c)
	unset(v, "ItemId", "ParentFolderId", "ReminderIsSet", "ReminderDueBy", "ReminderNextTime", "InReplyTo",
		"DateTimeReceived", "DateTimeCreated", "Attachments", "FirstOccurrence", "LastOccurrence",
		"ModifiedOccurrences", "DeletedOccurrences", "Categories")
	set(v, "From", wsdl.RecipientType{Mailbox: mb.person()})
	set(v, "Sender", wsdl.RecipientType{Mailbox: mb.person()})
	set(v, "IsOrganizer", wsdl.Bool(false))
	set(v, "IsDelegated", wsdl.Bool(false))
	set(v, "IsOutOfDate", wsdl.Bool(false))
	set(v, "HasBeenProcessed", wsdl.Bool(true))
	set(v, "ResponseType", wsdl.ResponseTypeNameNoResponseReceived)
	if len(to) > 0 {
		*field[wsdl.RecipientsType](v, "ToRecipients") = recipients(to...)
	} else {
		*field[wsdl.RecipientsType](v, "ToRecipients") = peopleOf(c.RequiredAttendees)
		*field[wsdl.RecipientsType](v, "CcRecipients") = peopleOf(c.OptionalAttendees)
		*field[wsdl.RecipientsType](v, "BccRecipients") = peopleOf(c.Resources)
	}
	if b := get[wsdl.BodyContent](v, "Body"); b == nil {
		*field[wsdl.BodyContent](v, "Body") = html("")
	}
	if it.cal.index == "" {
		it.cal.index = st.newIndex()
	}
	set(v, "ConversationIndex", it.cal.index)
	st.stamp(v, mb)
	return v
}

// invite sends a meeting request about c, which is the item's value or one of
// its instances, to the addresses in to.
func (st *state) invite(it *item, c *wsdl.CalendarItemType, kind wsdl.MeetingRequestKind, to []*wsdl.EmailAddressType, saveCopy bool) {
	if len(to) == 0 {
		return
	}
	mb := it.folder.mbox
	v := st.meetingMessage(&wsdl.MeetingRequestMessageType{}, it, c, to).(*wsdl.MeetingRequestMessageType)
	v.ItemClass = text(requestClass)
	v.MeetingRequestType = wsdl.Ptr(kind)
	v.IntendedFreeBusyStatus = c.LegacyFreeBusyStatus
	v.LegacyFreeBusyStatus = wsdl.Ptr(wsdl.FreeBusyNameTentative)
	v.MyResponseType = wsdl.Ptr(wsdl.ResponseTypeNameNoResponseReceived)
	v.MeetingRequestWasSent = wsdl.Ptr(wsdl.Bool(true))
	v.AppointmentState = wsdl.Ptr(wsdl.Int32(stateMeeting | stateReceived))
	v.When = text(when(c, it.cal.zone))
	if saveCopy {
		st.saveSent(v, it, c)
	}
	st.post(v, it.files, mb, func(attendee *mbox, message *item) {
		copied := st.copyMeeting(it, c, attendee, kind)
		request := shallow(message.value).(*wsdl.MeetingRequestMessageType)
		request.AssociatedCalendarItemId = copied
		request.IsResponseRequested = c.IsResponseRequested
		st.store(message, request)
		if attendee.room && kind != wsdl.MeetingRequestKindInformationalUpdate {
			st.book(attendee, message)
		}
	})
	for _, p := range to {
		it.cal.invited[address(p)] = true
	}
}

// saveSent keeps a copy of a meeting message in Sent Items.
func (st *state) saveSent(v any, it *item, c *wsdl.CalendarItemType) {
	sent := shallow(v)
	*field[wsdl.RecipientsType](sent, "ToRecipients") = peopleOf(c.RequiredAttendees)
	*field[wsdl.RecipientsType](sent, "CcRecipients") = peopleOf(c.OptionalAttendees)
	st.resolveRecipients(sent)
	*field[wsdl.ItemIdType](sent, "AssociatedCalendarItemId") = it.id()
	st.add(it.folder.mbox.known("sentitems"), &item{value: sent, files: it.files})
}

// post delivers a meeting message, and calls back for each mailbox that got it.
func (st *state) post(v any, files []*attachment, sender *mbox, received func(*mbox, *item)) {
	seen := map[*mbox]bool{sender: true}
	var unknown []*wsdl.EmailAddressType
	for _, p := range recipientsOf(v) {
		mb := st.byAddress[address(p)]
		switch {
		case mb == nil && !st.reaches(address(p)):
			unknown = append(unknown, p)
		case mb != nil && !seen[mb]:
			seen[mb] = true
			if it := st.receive(letter{value: v, files: files}, mb, sender); it != nil {
				received(mb, it)
				st.toDelegates(mb, it)
			}
		}
	}
	if len(unknown) > 0 {
		st.bounce(v, unknown, sender)
	}
}

// findEvent finds a calendar item by its UID. What lies in Deleted Items does
// not count.
func (mb *mbox) findEvent(uid string) *item {
	for _, it := range mb.known("calendar").items {
		if str(it.value, "UID") == uid {
			return it
		}
	}
	for _, f := range mb.all() {
		if f.class != "IPF.Appointment" {
			continue
		}
		for _, it := range f.items {
			if str(it.value, "UID") == uid {
				return it
			}
		}
	}
	return nil
}

// Fields of a calendar item that are the attendee's own; the organizer's
// updates leave them alone.
var attendeesOwn = map[string]bool{
	"ItemId": true, "ParentFolderId": true, "MyResponseType": true, "LegacyFreeBusyStatus": true,
	"ReminderIsSet": true, "ReminderMinutesBeforeStart": true, "ReminderDueBy": true, "ReminderNextTime": true,
	"Categories": true, "Sensitivity": true, "AppointmentReplyTime": true, "DateTimeCreated": true,
	"DateTimeReceived": true, "Flag": true, "LastModifiedName": true, "IsOrganizer": true,
}

// copyMeeting brings an attendee's copy of a meeting up to date, or makes it,
// and returns its id. c is the organizer's value, or that of one instance.
func (st *state) copyMeeting(it *item, c *wsdl.CalendarItemType, attendee *mbox, kind wsdl.MeetingRequestKind) *wsdl.ItemIdType {
	value := shallow(c).(*wsdl.CalendarItemType)
	eachAttendee(value, func(a wsdl.AttendeeType) wsdl.AttendeeType {
		a.ResponseType, a.LastResponseTime = wsdl.Ptr(wsdl.ResponseTypeNameUnknown), nil
		a.ProposedStart, a.ProposedEnd = nil, nil
		return a
	})
	value.MeetingRequestWasSent = wsdl.Ptr(wsdl.Bool(false))
	value.AppointmentReplyTime = nil
	value.MyResponseType = wsdl.Ptr(wsdl.ResponseTypeNameNoResponseReceived)
	value.LegacyFreeBusyStatus = wsdl.Ptr(wsdl.FreeBusyNameTentative)

	old := attendee.findEvent(wsdl.Str(c.UID))
	reset := kind != wsdl.MeetingRequestKindInformationalUpdate
	if instance := slotOf(it, c); instance != nil {
		if old == nil || old.cal.series == nil {
			// The attendee is invited to this one instance alone.
			return st.addCopy(it, value, attendee, &calendar{zone: it.cal.zone}).id()
		}
		fields := allFields(value)
		for name := range attendeesOwn {
			if !reset || name != "MyResponseType" && name != "LegacyFreeBusyStatus" {
				delete(fields, name)
			}
		}
		for _, name := range []string{"CalendarItemType", "IsRecurring", "OriginalStart", "RecurrenceId"} {
			delete(fields, name)
		}
		old.except(*instance, value, fields)
		st.change(old, shallow(old.value), wsdl.Updated)
		return old.occurrenceID(instance.start)
	}
	if old == nil {
		return st.addCopy(it, value, attendee, it.cal.clone()).id()
	}
	own := map[string]bool{}
	for name := range attendeesOwn {
		own[name] = !reset || name != "MyResponseType" && name != "LegacyFreeBusyStatus" && name != "AppointmentReplyTime"
		if !own[name] {
			delete(own, name)
		}
	}
	copyNamed(value, old.value, own)
	cal := it.cal.clone()
	if old.cal.series != nil && cal.series != nil && sameField(old.value, c, "Start") {
		cal.exceptions = old.cal.clone().exceptions
		for k, e := range it.cal.exceptions {
			if e.deleted {
				cal.exceptions[k] = e
			}
		}
	}
	old.cal, old.files = cal, it.files
	st.change(old, value, wsdl.Updated)
	return old.id()
}

// addCopy puts a new copy of a meeting into an attendee's calendar.
func (st *state) addCopy(it *item, value *wsdl.CalendarItemType, attendee *mbox, cal *calendar) *item {
	unset(value, "ItemId", "ParentFolderId", "DateTimeCreated", "DateTimeReceived", "LastModifiedName", "Categories")
	return st.add(attendee.known("calendar"), &item{value: value, files: it.files, cal: cal})
}

// slotOf returns the instance of the item that c is the value of, or nil where
// c is the item itself.
func slotOf(it *item, c *wsdl.CalendarItemType) *slot {
	if it.cal.series == nil || c.OriginalStart == nil {
		return nil
	}
	start, _ := timeOf(c, "OriginalStart")
	if s, ok := it.cal.series.at(start); ok {
		return &s
	}
	return nil
}

// cancel tells the addresses in to that c, the item's value or one of its
// instances, does not take place.
func (st *state) cancel(it *item, c *wsdl.CalendarItemType, body *wsdl.BodyContent, to []*wsdl.EmailAddressType, saveCopy bool) {
	if len(to) == 0 {
		return
	}
	mb := it.folder.mbox
	v := st.meetingMessage(&wsdl.MeetingCancellationMessageType{}, it, c, to).(*wsdl.MeetingCancellationMessageType)
	v.ItemClass = text(cancelledClass)
	v.Subject = text(cancelled(wsdl.Str(c.Subject)))
	v.ResponseType = nil
	v.CalendarItemType = text(wsdl.Str(c.CalendarItemType))
	if body != nil {
		v.Body = body
	}
	if saveCopy {
		st.saveSent(v, it, c)
	}
	instance := slotOf(it, c)
	st.post(v, nil, mb, func(attendee *mbox, message *item) {
		copied := attendee.findEvent(wsdl.Str(c.UID))
		if copied == nil {
			return
		}
		var id *wsdl.ItemIdType
		if instance != nil && copied.cal.series != nil {
			value := copied.occurrence(*instance)
			markCancelled(value)
			copied.except(*instance, value, map[string]bool{"Subject": true, "IsCancelled": true, "LegacyFreeBusyStatus": true, "AppointmentState": true})
			st.change(copied, shallow(copied.value), wsdl.Updated)
			id = copied.occurrenceID(instance.start)
		} else {
			value := shallow(copied.value).(*wsdl.CalendarItemType)
			markCancelled(value)
			st.change(copied, value, wsdl.Updated)
			id = copied.id()
		}
		notice := shallow(message.value).(*wsdl.MeetingCancellationMessageType)
		notice.AssociatedCalendarItemId = id
		st.store(message, notice)
	})
}

func cancelled(subject string) string {
	return cancelledPrefix + strings.TrimPrefix(subject, cancelledPrefix)
}

// markCancelled makes a calendar item one that does not take place.
func markCancelled(c *wsdl.CalendarItemType) {
	c.Subject = text(cancelled(wsdl.Str(c.Subject)))
	c.IsCancelled = wsdl.Ptr(wsdl.Bool(true))
	c.LegacyFreeBusyStatus = wsdl.Ptr(wsdl.FreeBusyNameFree)
	c.AppointmentState = wsdl.Ptr(wsdl.Val(c.AppointmentState) | stateCancelled)
}

// mailboxes returns the people behind attendees.
func mailboxesOf(list []*wsdl.AttendeeType) []*wsdl.EmailAddressType {
	var all []*wsdl.EmailAddressType
	for _, a := range list {
		all = append(all, a.Mailbox)
	}
	return all
}
