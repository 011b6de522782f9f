package ews

import (
	"context"
	"errors"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// updateMessage applies updates to a message in the version that id names and
// returns its new version. It sends nothing.
func (m *Mailbox) updateMessage(ctx context.Context, id *wsdl.ItemIdType, updates []any) (*wsdl.ItemIdType, error) {
	req := &wsdl.UpdateItem{
		ConflictResolution: wsdl.Ptr(wsdl.ConflictPolicyAutoResolve),
		MessageDisposition: wsdl.Ptr(wsdl.DispositionSaveOnly),
		ItemChanges: &wsdl.ItemChangesType{ItemChange: []*wsdl.ItemChange{{
			ItemId:  id,
			Updates: &wsdl.UpdateList{Updates: updates},
		}}},
	}
	if m.client.suppressesReceipts() {
		req.SuppressReadReceipts = wsdl.Ptr(wsdl.Bool(true))
	}
	msg, meta, err := askTold[wsdl.UpdateItemResponseMessageType](ctx, m, "UpdateItem", req)
	if err != nil {
		return nil, err
	}
	item, err := m.onlyItem("UpdateItem", msg.Items, meta)
	if err != nil {
		return nil, err
	}
	now := as[wsdl.ItemType](item).ItemId
	if now == nil {
		return nil, m.incomplete("UpdateItem", "the id of the item", meta)
	}
	return now, nil
}

// suppressesReceipts reports whether the schema version has the attribute by
// which a program's reading or deleting sends no read receipt in the name of
// the person.
func (c *Client) suppressesReceipts() bool {
	switch c.version {
	case wsdl.ServerVersionExchange2007, wsdl.ServerVersionExchange2007_SP1, wsdl.ServerVersionExchange2009,
		wsdl.ServerVersionExchange2010, wsdl.ServerVersionExchange2010_SP1, wsdl.ServerVersionExchange2010_SP2,
		wsdl.ServerVersionExchange2012, wsdl.ServerVersionExchange2013:
		return false
	}
	return true
}

// MarkRead marks a message as read or unread. Nobody gets a read receipt for
// it, where the schema version is Exchange2013_SP1 or later.
func (m *Mailbox) MarkRead(ctx context.Context, id string, read bool) error {
	err := m.markRead(ctx, id, read)
	if errors.Is(err, mailbox.ErrConflict) {
		// Somebody else changed the item between our two calls. To mark it
		// twice does no harm.
		err = m.markRead(ctx, id, read)
	}
	return err
}

func (m *Mailbox) markRead(ctx context.Context, id string, read bool) error {
	key, err := m.changeKey(ctx, id)
	if err != nil {
		return err
	}
	_, err = m.updateMessage(ctx, itemID(id, key), []any{&wsdl.SetItemFieldType{
		FieldURI: fieldURI("message:IsRead"),
		Message:  &wsdl.MessageType{IsRead: wsdl.Ptr(wsdl.Bool(read))},
	}})
	return err
}
