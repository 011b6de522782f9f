package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Events are what a pull subscription tells.
type Events struct {
	// Notices may be empty: nothing has happened.
	Notices []mailbox.Notice
	// Watermark is what the next GetEvents brings.
	Watermark string
	// More tells that there is more already.
	More bool
}

// GetEvents asks a pull subscription what has happened since a watermark. An
// error that Is mailbox.ErrCursorExpired means that the subscription or the
// watermark is no longer valid: subscribe again, without the old watermark,
// and synchronise.
func (m *Mailbox) GetEvents(ctx context.Context, s Subscription) (Events, error) {
	msg, err := ask[wsdl.GetEventsResponseMessageType](ctx, m, "GetEvents", &wsdl.GetEvents{
		SubscriptionId: wsdl.NewText(s.ID),
		Watermark:      wsdl.NewText(s.Watermark),
	})
	if err != nil {
		return Events{}, err
	}
	events := Events{Watermark: s.Watermark}
	if msg.Notification == nil {
		return events, nil
	}
	events.More = bool(wsdl.Val(msg.Notification.MoreEvents))
	for _, e := range msg.Notification.Events {
		// Some servers tell no watermark (gromox, observed 2026); the old one
		// then does.
		if w := watermarkOf(e); w != "" {
			events.Watermark = w
		}
		if n, ok := m.notice(e); ok {
			events.Notices = append(events.Notices, n)
		}
	}
	return events, nil
}

func watermarkOf(e wsdl.Event) string {
	switch {
	case e.Moved != nil:
		return wsdl.Str(e.Moved.Watermark)
	case e.Status != nil:
		return wsdl.Str(e.Status.Watermark)
	case e.Object != nil:
		return wsdl.Str(e.Object.Watermark)
	}
	return ""
}

var noticeKinds = map[wsdl.EventKind]mailbox.NoticeKind{
	wsdl.CopiedEvent: mailbox.Copied, wsdl.CreatedEvent: mailbox.Created, wsdl.DeletedEvent: mailbox.Deleted,
	wsdl.ModifiedEvent: mailbox.Modified, wsdl.MovedEvent: mailbox.Moved, wsdl.NewMailEvent: mailbox.NewMail,
	wsdl.FreeBusyChangedEvent: mailbox.Modified,
}

// notice turns an event into a notice; it is false for what tells of nothing
// in the mailbox, such as a heartbeat.
func (m *Mailbox) notice(e wsdl.Event) (mailbox.Notice, bool) {
	n := mailbox.Notice{Mailbox: m.address, Kind: noticeKinds[e.Kind]}
	if n.Kind == "" {
		return n, false
	}
	switch {
	case e.Moved != nil:
		n.At, _ = wsdl.ParseTime(e.Moved.TimeStamp, nil)
		n.ItemID, n.FolderID, n.ParentID = itemIDOf(e.Moved.ItemId), folderIDOf(e.Moved.FolderId), folderIDOf(e.Moved.ParentFolderId)
		n.OldParentID = folderIDOf(e.Moved.OldParentFolderId)
		if n.OldID = itemIDOf(e.Moved.OldItemId); n.OldID == "" {
			n.OldID = folderIDOf(e.Moved.OldFolderId)
		}
	case e.Object != nil:
		n.At, _ = wsdl.ParseTime(e.Object.TimeStamp, nil)
		n.ItemID, n.FolderID, n.ParentID = itemIDOf(e.Object.ItemId), folderIDOf(e.Object.FolderId), folderIDOf(e.Object.ParentFolderId)
	}
	return n, true
}

func itemIDOf(id *wsdl.ItemIdType) string {
	if id == nil {
		return ""
	}
	return wsdl.Str(id.Id)
}

func folderIDOf(id *wsdl.FolderIdType) string {
	if id == nil {
		return ""
	}
	return wsdl.Str(id.Id)
}
