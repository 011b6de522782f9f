package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Copy puts a copy of an item into a folder and returns the copy's id, which is
// "" where the server does not tell.
func (m *Mailbox) Copy(ctx context.Context, id string, to mailbox.FolderRef) (string, error) {
	results, err := m.CopyItems(ctx, []string{id}, to)
	if err != nil {
		return "", err
	}
	return results[0].ID, results[0].Err
}

// CopyItems puts copies of items into a folder. The results are as those of
// MoveItems, with the ids of the copies. A copy bears no stamp of its own: after
// an unknown outcome look into the folder before it is made again.
func (m *Mailbox) CopyItems(ctx context.Context, ids []string, to mailbox.FolderRef) ([]ItemResult, error) {
	if to == "" {
		return nil, m.invalid("CopyItem", "the folder to copy to is empty")
	}
	folder, err := m.targetFolder(ctx, to, "")
	if err != nil {
		return nil, err
	}
	return writeItems(ctx, m, "CopyItem", ids, func(list *wsdl.ItemIdList) *wsdl.CopyItem {
		return &wsdl.CopyItem{ToFolderId: folder, ItemIds: list, ReturnNewItemIds: wsdl.Ptr(wsdl.Bool(true))}
	})
}
