package ews

import (
	"context"
	"errors"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Respond accepts, tentatively accepts or declines a meeting of somebody
// else's, by the id of the event, of one occurrence, or of the meeting request,
// and returns the event as it is then. A meeting that was declined leaves the
// calendar: the event is zero. Another time can be proposed with any answer; the
// organizer finds it by MeetingResponse, and among the attendees of the event.
//
// An answer bears no stamp, so the event is read first. One that has the answer
// already is not answered again where there is nothing else to tell, nor where
// MeetingReply.Repeat is set, which makes it safe to repeat after
// mailbox.ErrOutcomeUnknown. Once a decline was carried out, or a meeting
// request has been answered by its own id, a repetition is mailbox.ErrNotFound.
func (m *Mailbox) Respond(ctx context.Context, id string, r mailbox.MeetingReply) (mailbox.Event, error) {
	const operation = "CreateItem"
	if err := m.checkReply(operation, r); err != nil {
		return mailbox.Event{}, err
	}
	ref, event, err := m.invited(ctx, id)
	if err != nil {
		return mailbox.Event{}, err
	}
	if event != nil {
		switch {
		case event.MyResponse == "organizer":
			return mailbox.Event{}, m.invalid(operation, "the meeting is this mailbox's own; attendees answer it")
		case event.IsCancelled:
			return mailbox.Event{}, m.invalid(operation, "the meeting has been cancelled")
		case event.MyResponse == r.Response && (r.Repeat || r.Message == "" && r.ProposedStart.IsZero()):
			return m.Event(ctx, event.ID)
		}
	}
	disposition := wsdl.DispositionSendAndSaveCopy
	if r.Silent {
		disposition = wsdl.DispositionSaveOnly
	}
	msg, err := ask[wsdl.ItemInfoResponseMessageType](ctx, m, operation, &wsdl.CreateItem{
		MessageDisposition: &disposition,
		Items:              &wsdl.ItemList{Items: []any{answerTo(ref, r)}},
	})
	if err != nil {
		return mailbox.Event{}, unknownOutcome(err)
	}
	if r.Response == mailbox.Decline {
		// The answer may name the event where it is now, in Deleted Items.
		return mailbox.Event{}, nil
	}
	return m.answered(ctx, msg.Items, event)
}

// checkReply refuses what is no answer.
func (m *Mailbox) checkReply(operation string, r mailbox.MeetingReply) error {
	switch r.Response {
	case mailbox.Accept, mailbox.AcceptTentative, mailbox.Decline:
	default:
		return m.invalid(operation, "the response is %q; it is %q, %q or %q", r.Response,
			mailbox.Accept, mailbox.AcceptTentative, mailbox.Decline)
	}
	switch {
	case r.ProposedStart.IsZero() != r.ProposedEnd.IsZero():
		return m.invalid(operation, "another time is proposed by its start and its end")
	case r.ProposedEnd.Before(r.ProposedStart):
		return m.invalid(operation, "the proposed end is before the proposed start")
	case r.Silent && (r.Message != "" || !r.ProposedStart.IsZero()):
		return m.invalid(operation, "a silent response tells the organizer nothing, so it takes no message and proposes no time")
	}
	return nil
}

// invited reads what is to be answered: its id and change key, and the event,
// which is nil where only the request is left.
func (m *Mailbox) invited(ctx context.Context, id string) (*wsdl.ItemIdType, *mailbox.Event, error) {
	fields := []string{"calendar:MyResponseType", "calendar:IsCancelled"}
	item, err := m.getItem(ctx, id, itemShape(fields...))
	if err != nil {
		return nil, nil, err
	}
	var request *wsdl.MeetingRequestMessageType
	switch item := item.(type) {
	case *wsdl.CalendarItemType:
		event := eventOf(item, m.requestZone())
		return item.ItemId, &event, nil
	case *wsdl.MeetingRequestMessageType:
		request = item
	default:
		return nil, nil, m.invalid("GetItem", "the item is neither an event nor a meeting request")
	}
	// An event has no such property, so it cannot be asked for at once.
	item, err = m.getItem(ctx, id, itemShape("meeting:AssociatedCalendarItemId"))
	if err != nil {
		return nil, nil, err
	}
	associated := as[wsdl.MeetingRequestMessageType](item).AssociatedCalendarItemId
	if associated == nil || wsdl.Str(associated.Id) == "" {
		return request.ItemId, nil, nil
	}
	event, err := m.getEvent(ctx, wsdl.Str(associated.Id), itemShape(fields...))
	switch {
	case errors.Is(err, mailbox.ErrNotFound):
		return request.ItemId, nil, nil
	case err != nil:
		return nil, nil, err
	}
	read := eventOf(event, m.requestZone())
	return request.ItemId, &read, nil
}

// answerTo is the response object.
func answerTo(ref *wsdl.ItemIdType, r mailbox.MeetingReply) any {
	body := writeBody(r.Message, "")
	start, end := wsdl.FormatTime(r.ProposedStart), wsdl.FormatTime(r.ProposedEnd)
	switch r.Response {
	case mailbox.Accept:
		return &wsdl.AcceptItemType{Body: body, ReferenceItemId: ref, ProposedStart: start, ProposedEnd: end}
	case mailbox.AcceptTentative:
		return &wsdl.TentativelyAcceptItemType{Body: body, ReferenceItemId: ref, ProposedStart: start, ProposedEnd: end}
	}
	return &wsdl.DeclineItemType{Body: body, ReferenceItemId: ref, ProposedStart: start, ProposedEnd: end}
}

// answered returns the event after an answer. Exchange names the calendar item,
// and the request or response beside it; where it names none, the event has kept
// its id, or is gone.
func (m *Mailbox) answered(ctx context.Context, list *wsdl.ItemList, before *mailbox.Event) (mailbox.Event, error) {
	id := ""
	if before != nil {
		id = before.ID
	}
	if list != nil {
		for _, item := range list.Items {
			if event, ok := item.(*wsdl.CalendarItemType); ok && event.ItemId != nil && wsdl.Str(event.ItemId.Id) != "" {
				id = wsdl.Str(event.ItemId.Id)
			}
		}
	}
	if id == "" {
		return mailbox.Event{}, nil
	}
	event, err := m.Event(ctx, id)
	switch {
	case errors.Is(err, mailbox.ErrNotFound):
		return mailbox.Event{}, nil
	case err != nil:
		// The answer was given: what is known will do.
		return mailbox.Event{ID: id}, nil
	}
	return event, nil
}

// MeetingResponse reads an attendee's answer in the organizer's inbox, by the
// id of the message.
func (m *Mailbox) MeetingResponse(ctx context.Context, id string) (mailbox.MeetingResponse, error) {
	shape := itemShape("item:Body", "message:From", "meeting:ResponseType", "meeting:AssociatedCalendarItemId",
		"meeting:ProposedStart", "meeting:ProposedEnd")
	shape.BodyType = bestBody()
	item, err := m.getItem(ctx, id, shape)
	if err != nil {
		return mailbox.MeetingResponse{}, err
	}
	msg, ok := item.(*wsdl.MeetingResponseMessageType)
	if !ok {
		return mailbox.MeetingResponse{}, m.invalid("GetItem", "the item is no answer to a meeting")
	}
	r := mailbox.MeetingResponse{
		From:          sender(msg.From),
		Response:      responses[wsdl.Val(msg.ResponseType)],
		ProposedStart: moment(msg.ProposedStart),
		ProposedEnd:   moment(msg.ProposedEnd),
		Body:          readBody(msg.Body),
	}
	if msg.AssociatedCalendarItemId != nil {
		r.EventID = wsdl.Str(msg.AssociatedCalendarItemId.Id)
	}
	return r, nil
}
