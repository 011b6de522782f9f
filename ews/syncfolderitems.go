package ews

import (
	"context"
	"encoding/xml"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// MaxSyncChanges is the most changes that one SyncFolderItems call returns
// ([MS-OXWSSYNC], 3.1.4.2).
const MaxSyncChanges = 512

// SyncItems asks for the changes in a folder.
type SyncItems struct {
	// Folder is the folder; empty means the inbox.
	Folder mailbox.FolderRef
	// State is the state of an earlier answer; empty means from the beginning:
	// every item is then told of as created.
	State string
	// MaxChanges is the page size, 1 to MaxSyncChanges; zero means
	// MaxSyncChanges.
	MaxChanges int
}

// ItemChange is one change to an item.
type ItemChange struct {
	// Kind is wsdl.Created, Updated, Deleted or ReadFlagChange. A created item
	// may be known already, and a deleted one unknown: apply both as they are.
	Kind wsdl.ChangeKind
	ID   string
	// ChangeKey is empty where the server tells none, as for Deleted.
	ChangeKey string
	// IsRead is the new read flag of a ReadFlagChange.
	IsRead bool
}

// ItemChanges is one page of changes, in the order in which they are to be
// applied.
type ItemChanges struct {
	Changes []ItemChange
	// State is what the next call must bring. Keep it with what was applied.
	State string
	// More tells that there are more changes already.
	More bool
}

// syncMessage is a SyncFolderItems response message that keeps the ids of items
// alone: a full sync is of very many, and their empty properties would be most
// of what is made of an answer.
type syncMessage struct {
	wsdl.ResponseMessageType
	SyncState               *wsdl.Text   `xml:"SyncState"`
	IncludesLastItemInRange *wsdl.Bool   `xml:"IncludesLastItemInRange"`
	Changes                 *syncChanges `xml:"Changes"`
}

type syncChanges struct{ list []*syncChange }

// DecodeChild takes the changes in their order.
func (l *syncChanges) DecodeChild(name xml.Name) any {
	switch kind := wsdl.ChangeKind(name.Local); kind {
	case wsdl.Created, wsdl.Updated, wsdl.Deleted, wsdl.ReadFlagChange:
		c := &syncChange{kind: kind}
		l.list = append(l.list, c)
		return c
	}
	return nil
}

// syncChange is a change with the id of its item, which a creation and an
// update wrap into an item of its kind.
type syncChange struct {
	kind wsdl.ChangeKind

	ItemId *wsdl.ItemIdType `xml:"ItemId"`
	IsRead *wsdl.Bool       `xml:"IsRead"`

	Item                *identified `xml:"Item"`
	Message             *identified `xml:"Message"`
	SharingMessage      *identified `xml:"SharingMessage"`
	CalendarItem        *identified `xml:"CalendarItem"`
	Contact             *identified `xml:"Contact"`
	DistributionList    *identified `xml:"DistributionList"`
	MeetingMessage      *identified `xml:"MeetingMessage"`
	MeetingRequest      *identified `xml:"MeetingRequest"`
	MeetingResponse     *identified `xml:"MeetingResponse"`
	MeetingCancellation *identified `xml:"MeetingCancellation"`
	Task                *identified `xml:"Task"`
	PostItem            *identified `xml:"PostItem"`
}

// identified is an item of any kind of which the id matters alone.
type identified struct {
	ItemId *wsdl.ItemIdType `xml:"ItemId"`
}

// id returns the item's id, or nil where its kind is not known here.
func (c *syncChange) id() *wsdl.ItemIdType {
	if c.ItemId != nil {
		return c.ItemId
	}
	for _, item := range [...]*identified{
		c.Message, c.Item, c.CalendarItem, c.Contact, c.Task, c.DistributionList, c.PostItem, c.SharingMessage,
		c.MeetingRequest, c.MeetingResponse, c.MeetingCancellation, c.MeetingMessage,
	} {
		if item != nil {
			return item.ItemId
		}
	}
	return nil
}

// SyncFolderItems returns what has changed in a folder since a state: ids
// alone, since a sync leaves some properties out; GetItem has the rest. A state
// that is no longer valid is mailbox.ErrCursorExpired: begin without one.
func (m *Mailbox) SyncFolderItems(ctx context.Context, s SyncItems) (ItemChanges, error) {
	if s.MaxChanges < 0 || s.MaxChanges > MaxSyncChanges {
		return ItemChanges{}, m.invalid("SyncFolderItems", "the page size %d is not from 1 to %d", s.MaxChanges, MaxSyncChanges)
	}
	if s.MaxChanges == 0 {
		s.MaxChanges = MaxSyncChanges
	}
	folder, err := m.targetFolder(ctx, s.Folder, mailbox.Inbox)
	if err != nil {
		return ItemChanges{}, err
	}
	msg, meta, err := askTold[syncMessage](ctx, m, "SyncFolderItems", &wsdl.SyncFolderItems{
		ItemShape:          itemShape(),
		SyncFolderId:       folder,
		SyncState:          wsdl.NewText(s.State),
		MaxChangesReturned: wsdl.Ptr(wsdl.Int32(s.MaxChanges)),
		SyncScope:          wsdl.Ptr(wsdl.SyncScopeNameNormalItems),
	})
	if err != nil {
		return ItemChanges{}, err
	}
	if wsdl.Str(msg.SyncState) == "" {
		// Without it the next call would begin afresh, for ever.
		return ItemChanges{}, m.incomplete("SyncFolderItems", "the sync state", meta)
	}
	page := ItemChanges{
		State: wsdl.Str(msg.SyncState),
		More:  msg.IncludesLastItemInRange != nil && !bool(*msg.IncludesLastItemInRange),
	}
	if msg.Changes == nil {
		return page, nil
	}
	page.Changes = make([]ItemChange, 0, len(msg.Changes.list))
	for _, c := range msg.Changes.list {
		id := c.id()
		if id == nil || wsdl.Str(id.Id) == "" {
			continue // an item of a kind that this package does not know
		}
		page.Changes = append(page.Changes, ItemChange{
			Kind:      c.kind,
			ID:        wsdl.Str(id.Id),
			ChangeKey: wsdl.Str(id.ChangeKey),
			IsRead:    bool(wsdl.Val(c.IsRead)),
		})
	}
	return page, nil
}
