package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// DeleteFolder moves a folder to Deleted Items or, where permanent, removes it
// with all that is in it. The well-known folders are mailbox.ErrInvalid.
func (m *Mailbox) DeleteFolder(ctx context.Context, ref mailbox.FolderRef, permanent bool) error {
	if ref == "" {
		return m.invalid("DeleteFolder", "the folder is empty")
	}
	ids, err := m.parentFolder(ctx, ref, "")
	if err != nil {
		return err
	}
	_, err = ask[wsdl.ResponseMessageType](ctx, m, "DeleteFolder", &wsdl.DeleteFolder{DeleteType: disposal(permanent), FolderIds: ids})
	return err
}

func disposal(permanent bool) *wsdl.Disposal {
	if permanent {
		return wsdl.Ptr(wsdl.DisposalHardDelete)
	}
	return wsdl.Ptr(wsdl.DisposalMoveToDeletedItems)
}
