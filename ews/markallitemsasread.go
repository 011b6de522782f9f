package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// MarkAllRead marks every message of a folder as read or unread. Nobody gets a
// read receipt for it.
func (m *Mailbox) MarkAllRead(ctx context.Context, folder mailbox.FolderRef, read bool) error {
	if folder == "" {
		return m.invalid("MarkAllItemsAsRead", "the folder is empty")
	}
	list, err := m.parentFolder(ctx, folder, "")
	if err != nil {
		return err
	}
	_, err = ask[wsdl.ResponseMessageType](ctx, m, "MarkAllItemsAsRead", &wsdl.MarkAllItemsAsRead{
		ReadFlag: wsdl.Ptr(wsdl.Bool(read)), SuppressReadReceipts: wsdl.Ptr(wsdl.Bool(true)), FolderIds: list,
	})
	return err
}
