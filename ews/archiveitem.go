package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// ArchiveItems moves items of a folder to the archive of the mailbox, into the
// folder of the same path there, which the server makes where it is missing. A
// mailbox without an archive is mailbox.ErrNotFound. The results are as those
// of MoveItems.
func (m *Mailbox) ArchiveItems(ctx context.Context, ids []string, from mailbox.FolderRef) ([]ItemResult, error) {
	if from == "" {
		return nil, m.invalid("ArchiveItem", "the folder of the items is empty")
	}
	folder, err := m.targetFolder(ctx, from, "")
	if err != nil {
		return nil, err
	}
	return writeItems(ctx, m, "ArchiveItem", ids, func(list *wsdl.ItemIdList) *wsdl.ArchiveItem {
		return &wsdl.ArchiveItem{ArchiveSourceFolderId: folder, ItemIds: list}
	})
}
