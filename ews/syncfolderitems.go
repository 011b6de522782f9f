package ews

import (
	"context"

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
	msg, err := ask[wsdl.SyncFolderItemsResponseMessageType](ctx, m, "SyncFolderItems", &wsdl.SyncFolderItems{
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
		return ItemChanges{}, m.incomplete("SyncFolderItems", "the sync state")
	}
	page := ItemChanges{
		State: wsdl.Str(msg.SyncState),
		More:  msg.IncludesLastItemInRange != nil && !bool(*msg.IncludesLastItemInRange),
	}
	if msg.Changes == nil {
		return page, nil
	}
	for _, c := range msg.Changes.Changes {
		change := ItemChange{Kind: c.Kind}
		var id *wsdl.ItemIdType
		switch {
		case c.Delete != nil:
			id = c.Delete.ItemId
		case c.ReadFlag != nil:
			id, change.IsRead = c.ReadFlag.ItemId, bool(wsdl.Val(c.ReadFlag.IsRead))
		default:
			id = as[wsdl.ItemType](c.Item.Value()).ItemId
		}
		if id == nil || wsdl.Str(id.Id) == "" {
			continue // an item of a kind that this package does not know
		}
		change.ID, change.ChangeKey = wsdl.Str(id.Id), wsdl.Str(id.ChangeKey)
		page.Changes = append(page.Changes, change)
	}
	return page, nil
}
