package ews

import (
	"cmp"
	"context"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// UpdateEvent changes the fields that are given, of a single event, an
// occurrence (which becomes an exception of its series) or a whole series, and
// returns the event as the server has it then. Nothing is overwritten that the
// caller has not seen: where the event has changed since ChangeKey, or since it
// was read here, the error Is mailbox.ErrConflict.
//
// Of a meeting, and of an event that becomes one, Notify must be given. An empty
// Recurrence ends a series' repetition; an empty list of attendees takes all of
// them off. A series whose start moves to another date moves whole, as far as
// its rule fits the new date. An OperationID is stamped on the event.
//
// An error that Is mailbox.ErrOutcomeUnknown leaves open whether the change was
// made; the same ChangeKey makes a repetition safe, as it is refused if it was.
func (m *Mailbox) UpdateEvent(ctx context.Context, id string, u mailbox.EventUpdate) (mailbox.Event, error) {
	const operation = "UpdateItem"
	item, err := m.getEvent(ctx, id, itemShape(currentFields...))
	if err != nil {
		return mailbox.Event{}, err
	}
	current := eventOf(item, m.requestZone())
	send, err := m.sendUpdates(u, bool(wsdl.Val(item.IsMeeting)))
	if err != nil {
		return mailbox.Event{}, err
	}
	if err := cmp.Or(
		m.checkReminder(operation, u.ReminderMinutes),
		m.checkAttendees(operation, val(u.Attendees)),
		m.checkRooms(operation, val(u.Rooms)),
	); err != nil {
		return mailbox.Event{}, err
	}
	if u.RemoveReminder && u.ReminderMinutes != nil {
		return mailbox.Event{}, m.invalid(operation, "a reminder is set and removed at once")
	}
	w, err := m.when(item, current, u)
	if err != nil {
		return mailbox.Event{}, err
	}
	updates := new(wsdl.UpdateList)
	setContent(updates, u)
	w.set(updates)
	if len(updates.Updates) == 0 {
		return mailbox.Event{}, m.invalid(operation, "nothing is to be changed")
	}
	if u.OperationID != "" {
		updates.Updates = append(updates.Updates, &wsdl.SetItemFieldType{
			ExtendedFieldURI: stampURI(),
			CalendarItem:     &wsdl.CalendarItemType{ExtendedProperty: []*wsdl.ExtendedPropertyType{m.stamp(u.OperationID)}},
		})
	}
	key := cmp.Or(u.ChangeKey, current.ChangeKey)
	current.ID, current.ChangeKey, err = m.inZone(w.zone).updateEvent(ctx, id, key, updates, send)
	if err != nil {
		return mailbox.Event{}, err
	}
	return m.written(ctx, mailbox.Event{ID: current.ID, ChangeKey: current.ChangeKey}), nil
}

// currentFields is what has to be known of an event before it is changed.
var currentFields = []string{
	"calendar:IsMeeting", "calendar:CalendarItemType", "calendar:Start", "calendar:End", "calendar:IsAllDayEvent",
	"calendar:StartTimeZone", "calendar:Recurrence",
}

// sendUpdates says whom the server tells of the change.
func (m *Mailbox) sendUpdates(u mailbox.EventUpdate, meeting bool) (wsdl.SendUpdates, error) {
	const operation = "UpdateItem"
	switch u.Notify {
	case mailbox.NotifyNone:
		return wsdl.SendUpdatesSendToNone, nil
	case mailbox.NotifyAll:
		return wsdl.SendUpdatesSendToAllAndSaveCopy, nil
	case mailbox.NotifyChanged:
		return wsdl.SendUpdatesSendToChangedAndSaveCopy, nil
	case "":
		if meeting || len(val(u.Attendees))+len(val(u.Rooms)) > 0 {
			return "", m.invalid(operation, "the event is a meeting; say who is told of the change (notify): %q, %q or %q",
				string(mailbox.NotifyNone), string(mailbox.NotifyAll), string(mailbox.NotifyChanged))
		}
		return wsdl.SendUpdatesSendToNone, nil
	}
	return "", m.unknownNotify(operation, u.Notify)
}

// setContent sets what is independent of the time.
func setContent(updates *wsdl.UpdateList, u mailbox.EventUpdate) {
	if u.Subject != nil {
		setField(updates, "item:Subject", &wsdl.CalendarItemType{Subject: text(*u.Subject)})
	}
	if u.Text != nil || u.HTML != nil {
		body := writeBody(val(u.Text), val(u.HTML))
		if body == nil {
			body = &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameText), Value: text("")}
		}
		setField(updates, "item:Body", &wsdl.CalendarItemType{Body: body})
	}
	if u.ReminderMinutes != nil {
		setField(updates, "item:ReminderIsSet", &wsdl.CalendarItemType{ReminderIsSet: flag(true)})
		setField(updates, "item:ReminderMinutesBeforeStart", &wsdl.CalendarItemType{ReminderMinutesBeforeStart: number(*u.ReminderMinutes)})
	}
	if u.RemoveReminder {
		setField(updates, "item:ReminderIsSet", &wsdl.CalendarItemType{ReminderIsSet: flag(false)})
	}
	if u.Location != nil {
		setField(updates, "calendar:Location", &wsdl.CalendarItemType{Location: text(*u.Location)})
	}
	if u.Attendees != nil {
		required, optional := writeAttendees(*u.Attendees)
		if required != nil {
			setField(updates, "calendar:RequiredAttendees", &wsdl.CalendarItemType{RequiredAttendees: required})
		} else {
			deleteField(updates, "calendar:RequiredAttendees")
		}
		if optional != nil {
			setField(updates, "calendar:OptionalAttendees", &wsdl.CalendarItemType{OptionalAttendees: optional})
		} else {
			deleteField(updates, "calendar:OptionalAttendees")
		}
	}
	if u.Rooms != nil {
		if rooms := writeRooms(*u.Rooms); rooms != nil {
			setField(updates, "calendar:Resources", &wsdl.CalendarItemType{Resources: rooms})
		} else {
			deleteField(updates, "calendar:Resources")
		}
	}
}

// when is the time of an event as an update leaves it. What is nil stays.
type when struct {
	zone       zone
	newZone    bool
	start, end *time.Time
	allDay     *bool
	recurrence *wsdl.RecurrenceType
	single     bool // the recurrence is taken away
}

// when works out the new time, and checks it together with what stays.
func (m *Mailbox) when(item *wsdl.CalendarItemType, current mailbox.Event, u mailbox.EventUpdate) (when, error) {
	const operation = "UpdateItem"
	w := when{start: u.Start, end: u.End, allDay: u.AllDay}
	id := cmp.Or(u.TimeZone, current.TimeZone, "UTC")
	start, end, allDay := current.Start, current.End, current.AllDay
	if u.Start != nil {
		start = *u.Start
	}
	if u.End != nil {
		end = *u.End
	}
	if u.AllDay != nil {
		allDay = *u.AllDay
	}
	var err error
	switch w.zone, err = findZone(id, start); {
	case u.TimeZone != "" && u.Start == nil && u.End == nil:
		return w, m.invalid(operation, "a time zone goes with a start or an end")
	case u.TimeZone != "" && err != nil:
		return w, m.invalid(operation, "%v", err)
	case err != nil:
		// The event is in a zone of the server's own, and stays in it.
		w.zone = zone{loc: time.UTC}
	}
	w.newZone = u.TimeZone != ""
	if u.Start != nil || u.End != nil || u.AllDay != nil {
		if err := m.checkTimes(operation, start, end, allDay, w.zone.loc, id); err != nil {
			return w, err
		}
	}
	return w, m.repeat(&w, item, current, start.In(w.zone.loc), u.Recurrence)
}

// repeat works out the new recurrence.
func (m *Mailbox) repeat(w *when, item *wsdl.CalendarItemType, current mailbox.Event, start time.Time, rule *string) error {
	const operation = "UpdateItem"
	switch {
	case rule != nil && (current.Type == mailbox.Occurrence || current.Type == mailbox.Exception):
		return m.invalid(operation, "the event is one of a series, and has no recurrence of its own; change that of the series")
	case rule != nil && *rule == "":
		w.single = item.Recurrence != nil
		return nil
	case rule == nil:
		// A series' start and the first date of its pattern must agree.
		if item.Recurrence == nil || dayNumber(start) == dayNumber(current.Start) {
			return nil
		}
		same, err := FormatRecurrence(item.Recurrence, current.Start, true)
		if err != nil {
			return m.invalid(operation, "the series cannot move to another date: %v", err)
		}
		rule = &same
	}
	var err error
	w.recurrence, err = ParseRecurrence(*rule, start)
	return err
}

// set writes the changes, the zone first, since the server reads the times in
// it.
func (w *when) set(updates *wsdl.UpdateList) {
	if w.newZone {
		setField(updates, "calendar:StartTimeZone", &wsdl.CalendarItemType{StartTimeZone: w.zone.definition()})
		setField(updates, "calendar:EndTimeZone", &wsdl.CalendarItemType{EndTimeZone: w.zone.definition()})
	}
	if w.start != nil {
		setField(updates, "calendar:Start", &wsdl.CalendarItemType{Start: wsdl.FormatTime(*w.start)})
	}
	if w.end != nil {
		setField(updates, "calendar:End", &wsdl.CalendarItemType{End: wsdl.FormatTime(*w.end)})
	}
	if w.allDay != nil {
		setField(updates, "calendar:IsAllDayEvent", &wsdl.CalendarItemType{IsAllDayEvent: flag(*w.allDay)})
	}
	switch {
	case w.recurrence != nil:
		setField(updates, "calendar:Recurrence", &wsdl.CalendarItemType{Recurrence: w.recurrence})
	case w.single:
		deleteField(updates, "calendar:Recurrence")
	}
}

// updateEvent makes one UpdateItem of an event and returns its id and change
// key. An error after which nobody knows whether the change was made Is
// mailbox.ErrOutcomeUnknown.
func (m *Mailbox) updateEvent(ctx context.Context, id, changeKey string, updates *wsdl.UpdateList, send wsdl.SendUpdates) (newID, newKey string, err error) {
	msg, err := ask[wsdl.UpdateItemResponseMessageType](ctx, m, "UpdateItem", &wsdl.UpdateItem{
		ConflictResolution:                    wsdl.Ptr(wsdl.ConflictPolicyNeverOverwrite),
		MessageDisposition:                    wsdl.Ptr(wsdl.DispositionSaveOnly),
		SendMeetingInvitationsOrCancellations: &send,
		ItemChanges: &wsdl.ItemChangesType{ItemChange: []*wsdl.ItemChange{{
			ItemId:  itemID(id, changeKey),
			Updates: updates,
		}}},
	})
	if err != nil {
		return "", "", unknownOutcome(err)
	}
	if newID, newKey = writtenItem(msg.Items); newID == "" {
		newID = id
	}
	return newID, newKey, nil
}

// setField adds a change of one property.
func setField(updates *wsdl.UpdateList, field string, value *wsdl.CalendarItemType) {
	updates.Updates = append(updates.Updates, &wsdl.SetItemFieldType{FieldURI: fieldURI(field), CalendarItem: value})
}

// deleteField adds the removal of one property.
func deleteField(updates *wsdl.UpdateList, field string) {
	updates.Updates = append(updates.Updates, &wsdl.DeleteItemFieldType{FieldURI: fieldURI(field)})
}

// text is a value that may be empty, where wsdl.NewText would leave it out.
func text(s string) *wsdl.Text { return wsdl.Ptr(wsdl.Text(s)) }

func val[T any](p *T) T { return wsdl.Val(p) }
