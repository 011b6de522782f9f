package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// createAttachment answers CreateAttachment ([MS-OXWSATT] 3.1.4.1). Each
// attachment is added on its own; the last answer has the parent's newest
// change key.
func (c *call) createAttachment(ctx context.Context, req *wsdl.CreateAttachment) (*wsdl.CreateAttachmentResponse, error) {
	if req.ParentItemId == nil {
		return nil, invalid("ParentItemId is missing.")
	}
	if req.Attachments == nil || len(req.Attachments.Attachments) == 0 {
		return nil, invalid("Attachments is missing or empty.")
	}
	parent, parentErr := itemRef(req.ParentItemId)
	messages := new(wsdl.ArrayOfCreateAttachmentResponseMessages)
	for _, attachment := range req.Attachments.Attachments {
		var created any
		err := parentErr
		if err == nil {
			var root *wsdl.ItemIdType
			if created, root, err = c.addAttachment(ctx, parent, attachment); err == nil && root != nil {
				parent.ChangeKey = wsdl.Str(root.ChangeKey)
			}
		}
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.CreateAttachmentResponseMessage = append(messages.CreateAttachmentResponseMessage, o.attachments(created))
	}
	return &wsdl.CreateAttachmentResponse{ResponseMessages: messages}, nil
}

func (c *call) addAttachment(ctx context.Context, parent ItemRef, attachment any) (any, *wsdl.ItemIdType, error) {
	if err := c.resolveTimes(attachment); err != nil {
		return nil, nil, err
	}
	if f, ok := attachment.(*wsdl.FileAttachmentType); ok && f.Content == nil {
		f.Content = new(wsdl.Base64Content)
	}
	item, isItem := attachment.(*wsdl.ItemAttachmentType)
	if isItem && attachedItem(item) == nil {
		return nil, nil, invalid("an ItemAttachment holds no item.")
	}
	if isItem {
		if err := takeAttachedMIME(item); err != nil {
			return nil, nil, err
		}
	}
	id, root, err := c.session.AddAttachment(ctx, parent, attachment)
	if err != nil {
		return nil, nil, err
	}
	attachmentID := &wsdl.AttachmentIdType{Id: wsdl.Ptr(wsdl.Text(id))}
	if root != nil {
		attachmentID.RootItemId, attachmentID.RootItemChangeKey = root.Id, root.ChangeKey
	}
	if isItem {
		return &wsdl.ItemAttachmentType{AttachmentId: attachmentID}, root, nil
	}
	return &wsdl.FileAttachmentType{AttachmentId: attachmentID}, root, nil
}
