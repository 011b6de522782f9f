package ews

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// DeleteAttachments takes attachments off their items. The results are in the
// order of the ids; ID and ChangeKey are those of the item that lost one.
func (m *Mailbox) DeleteAttachments(ctx context.Context, ids ...string) ([]ItemResult, error) {
	for i, id := range ids {
		if id == "" {
			return nil, m.invalid("DeleteAttachment", "the attachment id %d of %d is empty", i+1, len(ids))
		}
	}
	return inBatches(ids, writeBatch, func(batch []string) ([]ItemResult, error) {
		results, err := askAll[wsdl.DeleteAttachmentResponseMessageType](ctx, m, "DeleteAttachment", &wsdl.DeleteAttachment{
			AttachmentIds: attachmentIDs(batch...),
		}, len(batch))
		out := make([]ItemResult, len(results))
		for i, r := range results {
			if out[i].Err = r.Err; r.Err == nil && r.Message.RootItemId != nil {
				out[i].ID, out[i].ChangeKey = wsdl.Str(r.Message.RootItemId.RootItemId), wsdl.Str(r.Message.RootItemId.RootItemChangeKey)
			}
		}
		return out, unknownOutcome(err)
	})
}

func attachmentIDs(ids ...string) *wsdl.AttachmentIdsType {
	list := new(wsdl.AttachmentIdsType)
	for _, id := range ids {
		list.AttachmentId = append(list.AttachmentId, &wsdl.AttachmentId{Id: wsdl.NewText(id)})
	}
	return list
}
