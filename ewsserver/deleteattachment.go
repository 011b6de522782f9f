package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// AttachmentRemover is what a Session also implements whose attachments can be
// removed.
type AttachmentRemover interface {
	// RemoveAttachment takes an attachment off its item, and returns the
	// item's id with its new change key. Errors: ErrorInvalidAttachmentId,
	// ErrorItemNotFound.
	RemoveAttachment(ctx context.Context, id string) (*wsdl.ItemIdType, error)
}

// deleteAttachment answers DeleteAttachment ([MS-OXWSATT] 3.1.4.2).
func (c *call) deleteAttachment(ctx context.Context, req *wsdl.DeleteAttachment) (*wsdl.DeleteAttachmentResponse, error) {
	remover, err := ability[AttachmentRemover](c)
	if err != nil {
		return nil, err
	}
	if req.AttachmentIds == nil || len(req.AttachmentIds.AttachmentId) == 0 {
		return nil, invalid("AttachmentIds is missing or empty.")
	}
	messages := new(wsdl.ArrayOfDeleteAttachmentResponseMessages)
	for _, id := range req.AttachmentIds.AttachmentId {
		var root *wsdl.ItemIdType
		var err error = &Error{Code: ErrorInvalidIdEmpty}
		if wsdl.Str(id.Id) != "" {
			root, err = remover.RemoveAttachment(ctx, wsdl.Str(id.Id))
		}
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		m := &wsdl.DeleteAttachmentResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
		if root != nil {
			m.RootItemId = &wsdl.RootItemIdType{RootItemId: root.Id, RootItemChangeKey: root.ChangeKey}
		}
		messages.DeleteAttachmentResponseMessage = append(messages.DeleteAttachmentResponseMessage, m)
	}
	return &wsdl.DeleteAttachmentResponse{ResponseMessages: messages}, nil
}
