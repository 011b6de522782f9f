package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// CopyFolder copies a folder with all that is in it into another one and returns
// the copy. A folder of that name there is mailbox.ErrExists, so that a repeat
// after an unknown outcome does no harm.
func (m *Mailbox) CopyFolder(ctx context.Context, ref, to mailbox.FolderRef) (mailbox.Folder, error) {
	if ref == "" || to == "" {
		return mailbox.Folder{}, m.invalid("CopyFolder", "the folder, or the one to copy it to, is empty")
	}
	ids, err := m.parentFolder(ctx, ref, "")
	if err != nil {
		return mailbox.Folder{}, err
	}
	target, err := m.targetFolder(ctx, to, "")
	if err != nil {
		return mailbox.Folder{}, err
	}
	msg, err := ask[wsdl.FolderInfoResponseMessageType](ctx, m, "CopyFolder", &wsdl.CopyFolder{ToFolderId: target, FolderIds: ids})
	if err != nil {
		return mailbox.Folder{}, unknownOutcome(err)
	}
	return m.readFolder(ctx, "CopyFolder", msg)
}
