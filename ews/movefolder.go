package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// MoveFolder puts a folder with all that is in it into another one and returns
// it: within a mailbox its id stays, in another one, which an archive is as
// well, it is new. The well-known folders are mailbox.ErrInvalid.
func (m *Mailbox) MoveFolder(ctx context.Context, ref, to mailbox.FolderRef) (mailbox.Folder, error) {
	if ref == "" || to == "" {
		return mailbox.Folder{}, m.invalid("MoveFolder", "the folder, or the one to move it to, is empty")
	}
	ids, err := m.parentFolder(ctx, ref, "")
	if err != nil {
		return mailbox.Folder{}, err
	}
	target, err := m.targetFolder(ctx, to, "")
	if err != nil {
		return mailbox.Folder{}, err
	}
	msg, err := ask[wsdl.FolderInfoResponseMessageType](ctx, m, "MoveFolder", &wsdl.MoveFolder{ToFolderId: target, FolderIds: ids})
	if err != nil {
		return mailbox.Folder{}, unknownOutcome(err)
	}
	return m.readFolder(ctx, "MoveFolder", msg)
}
