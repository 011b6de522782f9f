package ews

import (
	"context"
	"io"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// UploadAction says what an upload is for.
type UploadAction string

// The values of UploadAction.
const (
	// UploadNew makes a new item. It is the default.
	UploadNew UploadAction = "new"
	// UploadUpdate overwrites the item that ItemID names, in Folder.
	UploadUpdate UploadAction = "update"
	// UploadUpdateOrNew makes a new item where there is none with ItemID in
	// Folder.
	UploadUpdateOrNew UploadAction = "update_or_new"
)

var createActions = map[UploadAction]wsdl.CreateActionName{
	"": wsdl.CreateActionNameCreateNew, UploadNew: wsdl.CreateActionNameCreateNew,
	UploadUpdate: wsdl.CreateActionNameUpdate, UploadUpdateOrNew: wsdl.CreateActionNameUpdateOrCreate,
}

// UploadItem is an exported item, and what is to become of it.
type UploadItem struct {
	// Folder is where it goes; empty means the inbox.
	Folder mailbox.FolderRef
	Action UploadAction
	// ItemID is the item to update; it is left empty with UploadNew. Where
	// ChangeKey is set and the item has changed since, it is a conflict.
	ItemID, ChangeKey string
	// Associated makes it a hidden item of the folder, such as Outlook keeps
	// its settings in.
	Associated bool
	// Open returns the stream from its beginning. It may be called again when
	// the request has to be repeated (401, redirect).
	Open func() (io.ReadCloser, error)
	// Size is in bytes; zero or less means unknown.
	Size int64
}

// UploadItems makes items of what ExportItems has written ([MS-OXWSBTRF]
// 3.1.4.2, since Exchange 2010 SP1), in this mailbox or another of Exchange. A
// path of a folder, or a name, costs a call to find its id.
//
// The results are in the order of items, each with its own error; those of
// CorruptData are mailbox.ErrInvalid: the stream is damaged, or of another kind
// of server. Memory does not grow with the size; the server bounds a request,
// at 25 MB of data by default.
//
// Nothing in an upload tells a repetition from a new item: where the outcome is
// unknown, an upload with UploadNew may have made the item.
func (m *Mailbox) UploadItems(ctx context.Context, items []UploadItem) ([]ItemResult, error) {
	const operation = "UploadItems"
	if err := m.checkUploadItems(operation, items); err != nil {
		return nil, err
	}
	folders := map[mailbox.FolderRef]*wsdl.FolderIdType{}
	for _, u := range items {
		if folders[u.Folder] != nil {
			continue
		}
		id, err := m.plainFolderID(ctx, u.Folder)
		if err != nil {
			return nil, err
		}
		folders[u.Folder] = id
	}
	return inBatches(items, transferBatch, func(batch []UploadItem) ([]ItemResult, error) {
		list := new(wsdl.UploadItemList)
		for _, u := range batch {
			item := &wsdl.UploadItemType{
				ParentFolderId: folders[u.Folder], CreateAction: wsdl.Ptr(createActions[u.Action]),
				Data: &wsdl.Base64Content{Open: u.Open, Size: u.Size},
			}
			if u.ItemID != "" {
				item.ItemId = itemID(u.ItemID, u.ChangeKey)
			}
			if u.Associated {
				item.IsAssociated = wsdl.Ptr(wsdl.Bool(true))
			}
			list.Items = append(list.Items, item)
		}
		results, err := askAll[wsdl.UploadItemsResponseMessageType](ctx, m, operation, &wsdl.UploadItems{Items: list}, len(batch))
		if err != nil {
			return nil, unknownOutcome(err)
		}
		out := make([]ItemResult, len(results))
		for i, r := range results {
			switch {
			case r.Err != nil:
				out[i].Err = unknownOutcome(r.Err)
			case r.Message.ItemId != nil:
				out[i].ID, out[i].ChangeKey = wsdl.Str(r.Message.ItemId.Id), wsdl.Str(r.Message.ItemId.ChangeKey)
			}
		}
		return out, nil
	})
}

// checkUploadItems refuses what cannot be sent, before anything is.
func (m *Mailbox) checkUploadItems(operation string, items []UploadItem) error {
	for i, u := range items {
		action, known := createActions[u.Action]
		isNew := action == wsdl.CreateActionNameCreateNew
		switch {
		case !known:
			return m.invalid(operation, "item %d of %d has the unknown action %q", i+1, len(items), string(u.Action))
		case u.Open == nil:
			return m.invalid(operation, "item %d of %d has no content: its Open is nil", i+1, len(items))
		case isNew && u.ItemID != "":
			return m.invalid(operation, "item %d of %d is new and has an id", i+1, len(items))
		case !isNew && u.ItemID == "":
			return m.invalid(operation, "item %d of %d is an update and has no id", i+1, len(items))
		}
	}
	return nil
}

// plainFolderID is the id of a folder, for the elements that take no name.
func (m *Mailbox) plainFolderID(ctx context.Context, ref mailbox.FolderRef) (*wsdl.FolderIdType, error) {
	target, err := m.targetFolder(ctx, ref, mailbox.Inbox)
	if err != nil {
		return nil, err
	}
	if id := target.FolderId; id != nil {
		return &wsdl.FolderIdType{Id: id.Id}, nil
	}
	folder, _, err := m.GetFolder(ctx, mailbox.FolderRef(wsdl.Str(target.DistinguishedFolderId.Id)))
	if err != nil {
		return nil, err
	}
	return &wsdl.FolderIdType{Id: wsdl.NewText(folder.ID)}, nil
}
