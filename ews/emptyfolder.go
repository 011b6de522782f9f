package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// EmptyFolder moves what is in a folder to Deleted Items or, where permanent,
// removes it, and does so with its subfolders where subfolders is true. A
// calendar cannot be emptied: that is mailbox.ErrInvalid.
func (m *Mailbox) EmptyFolder(ctx context.Context, ref mailbox.FolderRef, permanent, subfolders bool) error {
	if ref == "" {
		return m.invalid("EmptyFolder", "the folder is empty")
	}
	ids, err := m.parentFolder(ctx, ref, "")
	if err != nil {
		return err
	}
	_, err = ask[wsdl.ResponseMessageType](ctx, m, "EmptyFolder", &wsdl.EmptyFolder{
		DeleteType: disposal(permanent), DeleteSubFolders: wsdl.Ptr(wsdl.Bool(subfolders)), FolderIds: ids,
	})
	return err
}
