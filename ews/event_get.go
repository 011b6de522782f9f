package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Event returns one event with body, attendees and recurrence, by the id of a
// single event, an occurrence, an exception or a recurring master. Its times are
// in its time zone where that is known, and in UTC otherwise.
func (m *Mailbox) Event(ctx context.Context, id string) (mailbox.Event, error) {
	item, err := m.getEvent(ctx, id, eventShape())
	if err != nil {
		return mailbox.Event{}, err
	}
	return eventOf(item, m.requestZone()), nil
}

// getEvent reads a calendar item.
func (m *Mailbox) getEvent(ctx context.Context, id string, shape *wsdl.ItemResponseShape) (*wsdl.CalendarItemType, error) {
	item, err := m.getItem(ctx, id, shape)
	if err != nil {
		return nil, err
	}
	event, ok := item.(*wsdl.CalendarItemType)
	if !ok {
		return nil, m.invalid("GetItem", "the item is not an event; a meeting request names its event in event_id")
	}
	return event, nil
}
