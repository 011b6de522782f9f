package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// MoveItems puts items into a folder. The results are in the order of the ids,
// each with the item's new id; the error of one is in its result. Where the
// call as a whole fails, the results are those of the items that were answered
// for; an error that Is mailbox.ErrOutcomeUnknown leaves open what became of the
// next ones.
func (m *Mailbox) MoveItems(ctx context.Context, ids []string, to mailbox.FolderRef) ([]ItemResult, error) {
	if to == "" {
		return nil, m.invalid("MoveItem", "the folder to move to is empty")
	}
	folder, err := m.targetFolder(ctx, to, "")
	if err != nil {
		return nil, err
	}
	return writeItems(ctx, m, "MoveItem", ids, func(list *wsdl.ItemIdList) *wsdl.MoveItem {
		return &wsdl.MoveItem{ToFolderId: folder, ItemIds: list, ReturnNewItemIds: wsdl.Ptr(wsdl.Bool(true))}
	})
}
