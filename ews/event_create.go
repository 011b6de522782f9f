package ews

import (
	"cmp"
	"context"
	"errors"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// CreateEvent creates an event in the calendar and returns it as the server has
// it. An error that Is mailbox.ErrInvalid was found before anything was sent,
// but for those of the server itself, which have a Code.
//
// A meeting whose attendees are to be told is made in two steps, so that a
// broken connection cannot lead to two invitations. First an appointment without
// attendees is created, which tells nobody and bears the stamp of the operation;
// then an update with its change key gives it the attendees, and with them the
// invitations go out. (Microsoft documents that way to turn an appointment into
// a meeting; that an update sends first invitations to attendees who were there
// silently before is documented nowhere.) So an event without attendees has
// invited nobody, and one with them has. When no answer to the second step
// arrives, the server is asked whether invitations were sent.
//
// An error that Is mailbox.ErrOutcomeUnknown comes with what is known: with the
// event's ID where it was created and its invitations are uncertain, without
// where even that is. An invitation that the server refuses leaves no event
// behind, unless that cannot be taken back either: then the event comes with the
// error.
func (m *Mailbox) CreateEvent(ctx context.Context, e mailbox.NewEvent) (mailbox.Event, error) {
	item, z, err := m.newEvent(e)
	if err != nil {
		return mailbox.Event{}, err
	}
	m = m.inZone(z)
	invite := len(e.Attendees)+len(e.Rooms) > 0 && e.Notify != mailbox.NotifyNone
	required, optional := writeAttendees(e.Attendees)
	rooms := writeRooms(e.Rooms)
	if !invite {
		item.RequiredAttendees, item.OptionalAttendees, item.Resources = required, optional, rooms
	}
	msg, meta, err := askTold[wsdl.ItemInfoResponseMessageType](ctx, m, "CreateItem", &wsdl.CreateItem{
		SendMeetingInvitations: wsdl.Ptr(wsdl.SendInvitationsSendToNone),
		SavedItemFolderId:      m.wellKnownTarget(mailbox.Calendar),
		Items:                  &wsdl.ItemList{Items: []any{item}},
	})
	if err != nil {
		return mailbox.Event{}, unknownOutcome(err)
	}
	known := eventOf(item, z.loc)
	if known.ID, known.ChangeKey = writtenItem(msg.Items); known.ID == "" {
		return known, withOutcome(m.incomplete("CreateItem", "the id of the event", meta), true)
	}
	if invite {
		if err := m.invite(ctx, &known, required, optional, rooms); err != nil {
			return known, err
		}
	}
	return m.written(ctx, known), nil
}

// newEvent checks an event and writes it as a calendar item without attendees.
func (m *Mailbox) newEvent(e mailbox.NewEvent) (*wsdl.CalendarItemType, zone, error) {
	const operation = "CreateItem"
	switch e.Notify {
	case "", mailbox.NotifyNone, mailbox.NotifyAll, mailbox.NotifyChanged:
	default:
		return nil, zone{}, m.unknownNotify(operation, e.Notify)
	}
	z, err := findZone(e.TimeZone, e.Start)
	if err != nil {
		return nil, z, m.invalid(operation, "%v", err)
	}
	if err := cmp.Or(
		m.checkTimes(operation, e.Start, e.End, e.AllDay, z.loc, cmp.Or(e.TimeZone, "UTC")),
		m.checkAttendees(operation, e.Attendees),
		m.checkRooms(operation, e.Rooms),
		m.checkReminder(operation, e.ReminderMinutes),
	); err != nil {
		return nil, z, err
	}
	item := &wsdl.CalendarItemType{
		Subject:          wsdl.NewText(e.Subject),
		Body:             writeBody(e.Text, e.HTML),
		ReminderIsSet:    flag(e.ReminderMinutes != nil), // or the server sets its default
		ExtendedProperty: []*wsdl.ExtendedPropertyType{m.stamp(cmp.Or(e.OperationID, newOperationID()))},
		Start:            wsdl.FormatTime(e.Start),
		End:              wsdl.FormatTime(e.End),
		IsAllDayEvent:    flag(e.AllDay),
		Location:         wsdl.NewText(e.Location),
		StartTimeZone:    z.definition(),
		EndTimeZone:      z.definition(),
	}
	if e.ReminderMinutes != nil {
		item.ReminderMinutesBeforeStart = number(*e.ReminderMinutes)
	}
	if e.Recurrence != "" {
		if item.Recurrence, err = ParseRecurrence(e.Recurrence, e.Start.In(z.loc)); err != nil {
			return nil, z, err
		}
	}
	return item, z, nil
}

// invite gives a new event its attendees and rooms and sends them the
// invitation.
func (m *Mailbox) invite(ctx context.Context, known *mailbox.Event, required, optional, rooms *wsdl.AttendeesType) error {
	updates := new(wsdl.UpdateList)
	if required != nil {
		setField(updates, "calendar:RequiredAttendees", &wsdl.CalendarItemType{RequiredAttendees: required})
	}
	if optional != nil {
		setField(updates, "calendar:OptionalAttendees", &wsdl.CalendarItemType{OptionalAttendees: optional})
	}
	if rooms != nil {
		setField(updates, "calendar:Resources", &wsdl.CalendarItemType{Resources: rooms})
	}
	id, changeKey, err := m.updateEvent(ctx, known.ID, known.ChangeKey, updates, wsdl.SendUpdatesSendToAllAndSaveCopy)
	switch {
	case err == nil:
		known.ID, known.ChangeKey = id, changeKey
		return nil
	case errors.Is(err, mailbox.ErrOutcomeUnknown):
		if m.invitationSent(ctx, known.ID) {
			return nil
		}
		return err
	}
	// The server refused. The event, of which nobody has been told, goes too:
	// the caller asked for a meeting or nothing.
	if m.deleteItem(ctx, known.ID, wsdl.DisposalHardDelete) == nil {
		*known = mailbox.Event{}
	}
	return err
}

// invitationSent tells whether the server says that invitations have gone out.
func (m *Mailbox) invitationSent(ctx context.Context, id string) bool {
	item, err := m.getEvent(ctx, id, itemShape("calendar:MeetingRequestWasSent"))
	return err == nil && bool(wsdl.Val(item.MeetingRequestWasSent))
}

// written reads an event back after a write that succeeded. If only that fails,
// the write did not: what is known of the event will do.
func (m *Mailbox) written(ctx context.Context, known mailbox.Event) mailbox.Event {
	if e, err := m.Event(ctx, known.ID); err == nil {
		return e
	}
	return known
}

// writtenItem returns the id and change key of the one item of an answer.
func writtenItem(list *wsdl.ItemList) (id, changeKey string) {
	if list == nil || len(list.Items) == 0 {
		return "", ""
	}
	i := as[wsdl.ItemType](list.Items[0])
	if i.ItemId == nil {
		return "", ""
	}
	return wsdl.Str(i.ItemId.Id), wsdl.Str(i.ItemId.ChangeKey)
}

func (m *Mailbox) unknownNotify(operation string, notify mailbox.Notify) error {
	return m.invalid(operation, "who is to be notified is %q; it is %q, %q or %q", string(notify),
		string(mailbox.NotifyNone), string(mailbox.NotifyAll), string(mailbox.NotifyChanged))
}

func flag(b bool) *wsdl.Bool { return wsdl.Ptr(wsdl.Bool(b)) }
