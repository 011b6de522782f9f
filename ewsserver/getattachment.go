package ewsserver

import (
	"bytes"
	"context"
	"encoding/base64"

	"github.com/exconn/exconn/wsdl"
)

// getAttachment answers GetAttachment ([MS-OXWSATT] 3.1.4.3). File content is
// written as it is read, not gathered.
func (c *call) getAttachment(ctx context.Context, req *wsdl.GetAttachment) (*wsdl.GetAttachmentResponse, error) {
	s, err := readAttachmentShape(req.AttachmentShape)
	if err != nil {
		return nil, err
	}
	if req.AttachmentIds == nil || len(req.AttachmentIds.AttachmentId) == 0 {
		return nil, invalid("AttachmentIds is missing or empty.")
	}
	messages := new(wsdl.ArrayOfGetAttachmentResponseMessages)
	for _, id := range req.AttachmentIds.AttachmentId {
		attachment, err := c.attachment(ctx, s, id)
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.GetAttachmentResponseMessage = append(messages.GetAttachmentResponseMessage, o.attachments(attachment))
	}
	return &wsdl.GetAttachmentResponse{ResponseMessages: messages}, nil
}

// readAttachmentShape reads the shape of attached items: all properties, and
// more by name.
func readAttachmentShape(a *wsdl.AttachmentResponseShape) (*shape, error) {
	s := &shape{base: wsdl.DefaultShapeNamesAllProperties, unique: wsdl.BodyTypeResponseBest, normalized: wsdl.BodyTypeResponseBest}
	if a == nil {
		return s, nil
	}
	if a.IncludeMimeContent != nil {
		s.mime = bool(wsdl.Val(a.IncludeMimeContent.Value))
	}
	if a.BodyType != nil {
		s.body = wsdl.Val(a.BodyType.Value)
	}
	if err := s.readExtra(a.AdditionalProperties); err != nil {
		return nil, err
	}
	return s, s.check()
}

func (c *call) attachment(ctx context.Context, s *shape, id *wsdl.AttachmentId) (any, error) {
	if wsdl.Str(id.Id) == "" {
		return nil, &Error{Code: ErrorInvalidIdEmpty}
	}
	found, err := c.session.Attachment(ctx, wsdl.Str(id.Id))
	if err != nil {
		return nil, err
	}
	a, isItem := found.(*wsdl.ItemAttachmentType)
	if !isItem {
		return found, nil
	}
	return c.itemAttachment(ctx, s, a)
}

// itemAttachment cuts the attached item to its shape. Its MIME form is made of
// the content that lies in it.
func (c *call) itemAttachment(ctx context.Context, s *shape, a *wsdl.ItemAttachmentType) (any, error) {
	item := attachedItem(a)
	if item == nil {
		return a, nil
	}
	plain := *s
	plain.mime = false
	shaped, err := c.cut(ctx, &plain, item)
	if err != nil {
		return nil, err
	}
	if s.mime && isMessage(item) {
		var b bytes.Buffer
		if err := c.writeMIME(ctx, &b, item); err != nil {
			return nil, err
		}
		put(shaped, "MimeContent", &wsdl.MimeContentType{
			CharacterSet: wsdl.Ptr(wsdl.Text("UTF-8")),
			Value:        wsdl.Ptr(wsdl.Base64Text(base64.StdEncoding.EncodeToString(b.Bytes()))),
		})
	}
	out := describeItem(a)
	switch shaped := shaped.(type) {
	case *wsdl.MessageType:
		out.Message = shaped
	case *wsdl.CalendarItemType:
		out.CalendarItem = shaped
	case *wsdl.MeetingRequestMessageType:
		out.MeetingRequest = shaped
	case *wsdl.MeetingResponseMessageType:
		out.MeetingResponse = shaped
	case *wsdl.MeetingCancellationMessageType:
		out.MeetingCancellation = shaped
	case *wsdl.MeetingMessageType:
		out.MeetingMessage = shaped
	case *wsdl.ContactItemType:
		out.Contact = shaped
	case *wsdl.TaskType:
		out.Task = shaped
	case *wsdl.ItemType:
		out.Item = shaped
	}
	return out, nil
}
