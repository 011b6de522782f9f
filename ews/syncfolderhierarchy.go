package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// FolderChange is one change to a folder.
type FolderChange struct {
	// Kind is wsdl.Created, Updated or Deleted.
	Kind wsdl.ChangeKind
	// Folder holds the ID alone where Kind is Deleted; Path is always empty,
	// since it follows from the parents.
	Folder mailbox.Folder
	// ParentID is the id of the folder above.
	ParentID string
}

// FolderChanges is one page of changes, in the order in which they are to be
// applied.
type FolderChanges struct {
	Changes []FolderChange
	// State is what the next call must bring. Keep it with what was applied.
	State string
	// More tells that there are more changes already.
	More bool
}

// SyncFolderHierarchy returns what has changed among the folders that users
// see since a state; an empty state means from the beginning. A state that is
// no longer valid is mailbox.ErrCursorExpired.
func (m *Mailbox) SyncFolderHierarchy(ctx context.Context, state string) (FolderChanges, error) {
	return m.syncHierarchy(ctx, string(folderRoot), state)
}

// SyncArchiveHierarchy is SyncFolderHierarchy for the archive of the mailbox,
// with states of its own. A mailbox without one is mailbox.ErrNotFound.
func (m *Mailbox) SyncArchiveHierarchy(ctx context.Context, state string) (FolderChanges, error) {
	return m.syncHierarchy(ctx, string(ArchiveRoot), state)
}

func (m *Mailbox) syncHierarchy(ctx context.Context, root, state string) (FolderChanges, error) {
	msg, meta, err := askTold[wsdl.SyncFolderHierarchyResponseMessageType](ctx, m, "SyncFolderHierarchy", &wsdl.SyncFolderHierarchy{
		FolderShape:  folderShape(folderFields...),
		SyncFolderId: &wsdl.TargetFolderId{DistinguishedFolderId: m.distinguished(root)},
		SyncState:    wsdl.NewText(state),
	})
	if err != nil {
		return FolderChanges{}, err
	}
	if wsdl.Str(msg.SyncState) == "" {
		return FolderChanges{}, m.incomplete("SyncFolderHierarchy", "the sync state", meta)
	}
	page := FolderChanges{
		State: wsdl.Str(msg.SyncState),
		More:  msg.IncludesLastFolderInRange != nil && !bool(*msg.IncludesLastFolderInRange),
	}
	if msg.Changes == nil {
		return page, nil
	}
	for _, c := range msg.Changes.Changes {
		change := FolderChange{Kind: c.Kind}
		if c.Delete != nil {
			if c.Delete.FolderId != nil {
				change.Folder.ID = wsdl.Str(c.Delete.FolderId.Id)
			}
		} else {
			f := folderOf(c.Folder.Value())
			change.Folder, change.ParentID = f.Folder, f.ParentID
		}
		if change.Folder.ID != "" {
			page.Changes = append(page.Changes, change)
		}
	}
	return page, nil
}
