package ews

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// Delete moves the item to Deleted Items or, where permanent, removes it. No
// attendee hears of it where the item is a meeting: see CancelEvent.
func (m *Mailbox) Delete(ctx context.Context, id string, permanent bool) error {
	how := wsdl.DisposalMoveToDeletedItems
	if permanent {
		how = wsdl.DisposalHardDelete
	}
	return m.deleteItem(ctx, id, how)
}

// deleteItem deletes one item, telling nobody.
func (m *Mailbox) deleteItem(ctx context.Context, id string, how wsdl.Disposal) error {
	if id == "" {
		return m.invalid("DeleteItem", "the item id is empty")
	}
	_, err := ask[wsdl.ResponseMessageType](ctx, m, "DeleteItem", m.deletion(how, id))
	return err
}

// deletion is a request that tells nobody. The attributes for meetings and
// tasks are required where an item is one, and ignored otherwise.
func (m *Mailbox) deletion(how wsdl.Disposal, ids ...string) *wsdl.DeleteItem {
	req := &wsdl.DeleteItem{
		DeleteType:               wsdl.Ptr(how),
		SendMeetingCancellations: wsdl.Ptr(wsdl.SendInvitationsSendToNone),
		AffectedTaskOccurrences:  wsdl.Ptr(wsdl.TaskOccurrencesAllOccurrences),
		ItemIds:                  itemIDs(ids...),
	}
	if m.client.suppressesReceipts() {
		req.SuppressReadReceipts = wsdl.Ptr(wsdl.Bool(true))
	}
	return req
}
