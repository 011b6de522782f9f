package simulator

import (
	"context"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// reply is how an attendee can answer.
type reply struct {
	prefix, class                 string
	busy                          wsdl.FreeBusyName
	cancelled, organizer, invalid ewsserver.Code
}

var replies = map[wsdl.ResponseTypeName]reply{
	wsdl.ResponseTypeNameAccept: {"Accepted: ", "Pos", wsdl.FreeBusyNameBusy,
		ewsserver.ErrorCalendarIsCancelledForAccept, ewsserver.ErrorCalendarIsOrganizerForAccept, ewsserver.ErrorInvalidItemForOperationAcceptItem},
	wsdl.ResponseTypeNameTentative: {"Tentative: ", "Tent", wsdl.FreeBusyNameTentative,
		ewsserver.ErrorCalendarIsCancelledForTentative, ewsserver.ErrorCalendarIsOrganizerForTentative, ewsserver.ErrorInvalidItemForOperationTentative},
	wsdl.ResponseTypeNameDecline: {"Declined: ", "Neg", wsdl.FreeBusyNameFree,
		ewsserver.ErrorCalendarIsCancelledForDecline, ewsserver.ErrorCalendarIsOrganizerForDecline, ewsserver.ErrorInvalidItemForOperationDeclineItem},
}

// Respond implements ewsserver.Session.
func (s *session) Respond(_ context.Context, r ewsserver.MeetingReply) ([]any, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	return s.respondTo(r)
}

func (s *session) respondTo(r ewsserver.MeetingReply) ([]any, error) {
	kind, ok := replies[r.Response]
	if !ok {
		return nil, fail(ewsserver.ErrorInvalidRequest)
	}
	t, err := s.findToChange(r.Ref)
	if err != nil {
		return nil, err
	}
	request, isRequest := t.item.value.(*wsdl.MeetingRequestMessageType)
	event := t
	if isRequest {
		if event, err = s.eventOf(t.item, request); err != nil {
			return nil, err
		}
	}
	c, ok := event.current().(*wsdl.CalendarItemType)
	switch {
	case !ok || !bool(wsdl.Val(c.IsMeeting)):
		return nil, fail(kind.invalid)
	case bool(wsdl.Val(c.IsOrganizer)):
		return nil, fail(kind.organizer)
	case bool(wsdl.Val(c.IsCancelled)):
		return nil, fail(kind.cancelled)
	}
	s.applyReply(event, kind, r)
	var saved *item
	if r.Disposition != wsdl.DispositionSaveOnly {
		saved = s.sendReply(event, kind, r)
	}
	if isRequest {
		// A request that was answered leaves the inbox, as in Outlook.
		s.st.move(t.item, t.folder.mbox.known("deleteditems"))
	}
	if r.Response == wsdl.ResponseTypeNameDecline {
		s.dispose(event, wsdl.DisposalMoveToDeletedItems)
		event = target{item: event.item}
	}
	// The answer names all that was stored: the event, which after a refusal is
	// the one in Deleted Items, the request there, and the copy of what was sent
	// (the EWS Managed API's CalendarActionResults).
	stored := []any{event.current()}
	if isRequest {
		stored = append(stored, t.item.value)
	}
	if saved != nil {
		stored = append(stored, saved.value)
	}
	return stored, nil
}

// eventOf finds the attendee's copy of the meeting that a request is about, or
// makes it again where it was deleted.
func (s *session) eventOf(message *item, request *wsdl.MeetingRequestMessageType) (target, error) {
	mb, err := s.principalOf(message)
	if err != nil {
		return target{}, err
	}
	it := mb.findEvent(wsdl.Str(request.UID))
	if it == nil {
		value := &wsdl.CalendarItemType{}
		copyFields(value, request)
		unset(value, "ItemId", "ParentFolderId", "DateTimeCreated", "DateTimeReceived", "ItemClass", "OriginalStart", "RecurrenceId")
		cal, err := s.st.prepareCalendar(value, nil, nil)
		if err != nil {
			return target{}, err
		}
		it = s.st.add(mb.known("calendar"), &item{value: value, files: message.files, cal: cal})
	}
	if wsdl.Val(request.AppointmentSequenceNumber) < wsdl.Val(get[wsdl.Int32](it.value, "AppointmentSequenceNumber")) {
		return target{}, fail(ewsserver.ErrorCalendarMeetingRequestIsOutOfDate)
	}
	if start, ok := timeOf(request, "OriginalStart"); ok && it.cal.series != nil && request.RecurrenceId != nil {
		if o, ok := it.cal.series.at(start); ok {
			return it.instance(o)
		}
	}
	return target{item: it}, nil
}

// applyReply writes the answer into the attendee's copy.
func (s *session) applyReply(t target, kind reply, r ewsserver.MeetingReply) {
	c := shallow(t.current()).(*wsdl.CalendarItemType)
	c.MyResponseType = wsdl.Ptr(r.Response)
	c.LegacyFreeBusyStatus = wsdl.Ptr(kind.busy)
	setTime(c, "AppointmentReplyTime", s.st.now())
	if t.instance != nil {
		t.except(*t.instance, c, map[string]bool{"MyResponseType": true, "LegacyFreeBusyStatus": true, "AppointmentReplyTime": true})
		c = shallow(t.item.value).(*wsdl.CalendarItemType)
	}
	s.st.change(t.item, c, wsdl.Updated)
}

// sendReply tells the organizer, and notes the answer in his calendar. It
// returns the sender's copy, or nil where none is kept.
func (s *session) sendReply(t target, kind reply, r ewsserver.MeetingReply) *item {
	mb, c := t.folder.mbox, t.current().(*wsdl.CalendarItemType)
	v := &wsdl.MeetingResponseMessageType{}
	copyFields(v, c)
	unset(v, "ItemId", "ParentFolderId", "ReminderIsSet", "ReminderDueBy", "ReminderNextTime", "DateTimeReceived",
		"DateTimeCreated", "Attachments", "Categories")
	v.ItemClass = text(responseClass + kind.class)
	v.Subject = text(kind.prefix + wsdl.Str(c.Subject))
	v.Body = html("")
	if r.Body != nil {
		v.Body = r.Body
	}
	v.From, v.Sender = recipient(mb.person()), recipient(s.who.person())
	v.ToRecipients = recipients(c.Organizer.Mailbox)
	v.ResponseType = wsdl.Ptr(r.Response)
	v.CalendarItemType = text(wsdl.Str(c.CalendarItemType))
	v.IsOrganizer, v.IsDelegated = wsdl.Ptr(wsdl.Bool(false)), wsdl.Ptr(wsdl.Bool(false))
	v.IsOutOfDate, v.HasBeenProcessed = wsdl.Ptr(wsdl.Bool(false)), wsdl.Ptr(wsdl.Bool(true))
	setTime(v, "ProposedStart", r.ProposedStart)
	setTime(v, "ProposedEnd", r.ProposedEnd)
	if t.cal.index != "" {
		set(v, "ConversationIndex", s.st.replyIndex(t.cal.index))
	}
	s.st.stamp(v, mb)
	var saved *item
	if r.Disposition == wsdl.DispositionSendAndSaveCopy {
		saved = s.st.add(mb.known("sentitems"), &item{value: shallow(v)})
	}
	s.st.post(v, nil, mb, func(organizer *mbox, message *item) {
		it := organizer.findEvent(wsdl.Str(c.UID))
		if it == nil {
			return
		}
		if t.instance == nil {
			s.noteReply(it, mb, r)
		}
		response := shallow(message.value).(*wsdl.MeetingResponseMessageType)
		response.AssociatedCalendarItemId = it.id()
		s.st.store(message, response)
	})
	return saved
}

// noteReply writes an attendee's answer into the organizer's list. An answer to
// one instance alone is in the message only.
func (s *session) noteReply(it *item, attendee *mbox, r ewsserver.MeetingReply) {
	value := shallow(it.value).(*wsdl.CalendarItemType)
	eachAttendee(value, func(a wsdl.AttendeeType) wsdl.AttendeeType {
		if attendee.is(address(a.Mailbox)) {
			a.ResponseType, a.LastResponseTime = wsdl.Ptr(r.Response), wsdl.FormatTime(s.st.now())
			a.ProposedStart, a.ProposedEnd = wsdl.FormatTime(r.ProposedStart), wsdl.FormatTime(r.ProposedEnd)
		}
		return a
	})
	s.st.change(it, value, wsdl.Updated)
}
