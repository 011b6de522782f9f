package ews

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// A calendar view has no pages: it answers with all of a window of time, up to a
// limit. What is cut off is found by looking at smaller windows.
const (
	// viewLimit is the most events that a server returns at once.
	viewLimit = 1000
	// viewSpan is how long a window may be. Exchange refuses one of more than
	// two years (ErrorCalendarViewRangeTooBig).
	viewSpan = 366 * 24 * time.Hour
	// viewMinimum is the longest window that is not divided any more; the halves
	// of longer ones are shorter, though they overlap by a second.
	viewMinimum = 8 * time.Second
)

// Events returns what happens between from and to, recurring events expanded by
// the server, in order of start. An event is among them when any part of it lies
// in between. Times are as in Event. Bodies, attendees, recurrences and the
// organizer's address are not in the list: see Event. An empty folder is the
// calendar.
func (m *Mailbox) Events(ctx context.Context, folder mailbox.FolderRef, from, to time.Time) ([]mailbox.Event, error) {
	if from.IsZero() || to.IsZero() || !from.Before(to) {
		return nil, m.invalid("FindItem", "events are listed from one point in time to a later one; these are %s and %s",
			from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	parent, err := m.parentFolder(ctx, folder, mailbox.Calendar)
	if err != nil {
		return nil, err
	}
	// The wire has whole seconds.
	from, to = from.Truncate(time.Second), to.Add(time.Second-1).Truncate(time.Second)
	v := view{mailbox: m, folder: parent, zone: m.requestZone(), seen: map[string]bool{}}
	for start := from; start.Before(to); start = start.Add(viewSpan) {
		end := start.Add(viewSpan)
		if end.After(to) {
			end = to
		}
		if err := v.window(ctx, start, end); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(v.events, func(a, b mailbox.Event) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), cmp.Compare(a.Subject, b.Subject))
	})
	return v.events, nil
}

// view gathers the events of several windows.
type view struct {
	mailbox *Mailbox
	folder  *wsdl.FolderIdList
	zone    *time.Location
	events  []mailbox.Event
	seen    map[string]bool // ids: an event that lies in two windows is in both answers
}

// window gathers the events of one window, by halves where it holds more than
// the server returns.
func (v *view) window(ctx context.Context, from, to time.Time) error {
	msg, err := ask[wsdl.FindItemResponseMessageType](ctx, v.mailbox, "FindItem", &wsdl.FindItem{
		Traversal: wsdl.Ptr(wsdl.ItemTraversalShallow),
		ItemShape: itemShape(eventListFields...),
		CalendarView: &wsdl.CalendarViewType{
			MaxEntriesReturned: wsdl.Ptr(wsdl.Int32(viewLimit)),
			StartDate:          wsdl.FormatTime(from),
			EndDate:            wsdl.FormatTime(to),
		},
		ParentFolderIds: v.folder,
	})
	if err != nil {
		return err
	}
	root := msg.RootFolder
	if root == nil {
		return v.mailbox.incomplete("FindItem", "the list of events")
	}
	var items []any
	if root.Items != nil {
		items = root.Items.Items
	}
	cut := root.IncludesLastItemInRange != nil && !bool(*root.IncludesLastItemInRange) || len(items) >= viewLimit
	if cut {
		if to.Sub(from) <= viewMinimum {
			return v.mailbox.incomplete("FindItem", "some events around "+from.UTC().Format(time.RFC3339)+
				": there are more at once than it returns")
		}
		half := from.Add(to.Sub(from) / 2).Truncate(time.Second)
		if err := v.window(ctx, from, half); err != nil {
			return err
		}
		// An event without length at the very border would be in neither half.
		return v.window(ctx, half.Add(-time.Second), to)
	}
	for _, item := range items {
		item, ok := item.(*wsdl.CalendarItemType)
		if !ok {
			continue
		}
		e := eventOf(item, v.zone)
		if e.ID == "" || v.seen[e.ID] {
			continue
		}
		v.seen[e.ID] = true
		v.events = append(v.events, e)
	}
	return nil
}
