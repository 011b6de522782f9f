package ews

import (
	"context"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Occurrence returns the n-th occurrence of a series, by the series' id,
// counted from 1 ([MS-OXWSCDATA], OccurrenceItemIdType: InstanceIndex). Deleted
// occurrences count, and are mailbox.ErrNotFound; so is a number beyond the
// last. The ID that it returns updates and cancels that occurrence alone.
func (m *Mailbox) Occurrence(ctx context.Context, masterID string, n int) (mailbox.Event, error) {
	switch {
	case masterID == "":
		return mailbox.Event{}, m.invalid("GetItem", "the id of the series is empty")
	case n < 1:
		return mailbox.Event{}, m.invalid("GetItem", "occurrences are counted from 1; this is %d", n)
	}
	return m.eventBy(ctx, &wsdl.OccurrenceItemIdType{RecurringMasterId: wsdl.NewText(masterID), InstanceIndex: number(n)})
}

// Master returns the series that an occurrence or an exception belongs to
// ([MS-OXWSCDATA], RecurringMasterItemIdType).
func (m *Mailbox) Master(ctx context.Context, occurrenceID string) (mailbox.Event, error) {
	if occurrenceID == "" {
		return mailbox.Event{}, m.invalid("GetItem", "the id of the occurrence is empty")
	}
	return m.eventBy(ctx, &wsdl.RecurringMasterItemIdType{OccurrenceId: wsdl.NewText(occurrenceID)})
}

// eventBy reads an event by an id of another kind than its own.
func (m *Mailbox) eventBy(ctx context.Context, id any) (mailbox.Event, error) {
	msg, meta, err := askTold[wsdl.ItemInfoResponseMessageType](ctx, m, "GetItem", &wsdl.GetItem{
		ItemShape: eventShape(),
		ItemIds:   &wsdl.ItemIdList{Ids: []any{id}},
	})
	if err != nil {
		return mailbox.Event{}, err
	}
	item, err := m.onlyItem("GetItem", msg.Items, meta)
	if err != nil {
		return mailbox.Event{}, err
	}
	return eventOf(as[wsdl.CalendarItemType](item), m.requestZone()), nil
}

// readExceptions reads what an occurrence tells of its place in the series, and
// a series of its exceptions.
func readExceptions(e *mailbox.Event, item *wsdl.CalendarItemType, loc, request *time.Location) {
	if loc == nil {
		loc = time.UTC
	}
	read := func(text *wsdl.DateTimeText) time.Time {
		if t, ok := wsdl.ParseTime(text, request); ok {
			return t.In(loc)
		}
		return time.Time{}
	}
	if t := read(item.OriginalStart); !t.IsZero() && e.Type != mailbox.Single && e.Type != mailbox.Master {
		e.OriginalStart = &t
	}
	if list := item.ModifiedOccurrences; list != nil {
		for _, o := range list.Occurrence {
			changed := mailbox.Changed{Start: read(o.Start), End: read(o.End), Original: read(o.OriginalStart)}
			if o.ItemId != nil {
				changed.ID = wsdl.Str(o.ItemId.Id)
			}
			e.Changed = append(e.Changed, changed)
		}
	}
	if list := item.DeletedOccurrences; list != nil {
		for _, o := range list.DeletedOccurrence {
			if t := read(o.Start); !t.IsZero() {
				e.Deleted = append(e.Deleted, t)
			}
		}
	}
}
