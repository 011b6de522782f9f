package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Move puts the item into a folder and returns its new id: in Exchange an item
// has another id in another folder. The id is "" where the server does not
// tell, as after a move to another mailbox.
func (m *Mailbox) Move(ctx context.Context, id string, to mailbox.FolderRef) (string, error) {
	switch {
	case id == "":
		return "", m.invalid("MoveItem", "the item id is empty")
	case to == "":
		return "", m.invalid("MoveItem", "the folder to move to is empty")
	}
	folder, err := m.targetFolder(ctx, to, "")
	if err != nil {
		return "", err
	}
	msg, err := ask[wsdl.ItemInfoResponseMessageType](ctx, m, "MoveItem", &wsdl.MoveItem{
		ToFolderId:       folder,
		ItemIds:          itemIDs(id),
		ReturnNewItemIds: wsdl.Ptr(wsdl.Bool(true)),
	})
	if err != nil {
		return "", err
	}
	if msg.Items == nil || len(msg.Items.Items) == 0 {
		return "", nil
	}
	moved := as[wsdl.ItemType](msg.Items.Items[0]).ItemId
	if moved == nil {
		return "", nil
	}
	return wsdl.Str(moved.Id), nil
}
