package ews

import (
	"context"
	"encoding/base64"
	"io"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Attached is an attachment that was added.
type Attached struct {
	ID string
	// ItemID and ChangeKey are those of the item that has it now.
	ItemID, ChangeKey string
}

// Attach adds a file to an item of whatever kind. The content is streamed:
// memory does not grow with its size. A file that makes a request longer than
// Options.MaxRequest is refused before anything is sent, where its size is
// known; the error is then, as after a refusal by the server, a
// *FileTooLargeError too.
func (m *Mailbox) Attach(ctx context.Context, id string, u mailbox.Upload) (Attached, error) {
	if err := m.checkUploads("CreateAttachment", itemID(id, ""), []mailbox.Upload{u}); err != nil {
		return Attached{}, err
	}
	added, err := m.addAttachment(ctx, id, fileAttachment(u))
	return added, fileTooLarge(err, u.Name, u.Size)
}

// AttachMessage adds a message, made of out, to an item: a message inside a
// message. It is not sent on its own, and has no attachments itself. An empty
// name means the subject.
func (m *Mailbox) AttachMessage(ctx context.Context, itemID, name string, out mailbox.Outgoing) (Attached, error) {
	if len(out.Attachments) > 0 {
		return Attached{}, m.invalid("CreateAttachment", "an attached message cannot have attachments: give it as MIME (AttachMIME)")
	}
	if err := m.checkRecipients("CreateAttachment", out.To, out.Cc, out.Bcc); err != nil {
		return Attached{}, err
	}
	if out.OperationID == "" {
		out.OperationID = newOperationID()
	}
	if name == "" {
		name = out.Subject
	}
	return m.addAttachment(ctx, itemID, &wsdl.ItemAttachmentType{Name: wsdl.NewText(name), Message: m.outgoing(out)})
}

// maxAttachedMIME bounds what AttachMIME holds in memory, in bytes: what
// Exchange takes as one request by default, in base64.
const maxAttachedMIME = 47 << 20

// AttachMIME adds a message that is given as its MIME content, with its own
// attachments, to an item. It is read into memory, 47 MiB at most.
func (m *Mailbox) AttachMIME(ctx context.Context, itemID, name string, message io.Reader) (Attached, error) {
	raw, err := io.ReadAll(io.LimitReader(message, maxAttachedMIME+1))
	if err != nil {
		return Attached{}, err
	}
	if len(raw) > maxAttachedMIME {
		return Attached{}, m.invalid("CreateAttachment", "the message is larger than %d bytes", maxAttachedMIME)
	}
	added, err := m.addAttachment(ctx, itemID, &wsdl.ItemAttachmentType{Name: wsdl.NewText(name), Message: &wsdl.MessageType{
		MimeContent: &wsdl.MimeContentType{
			CharacterSet: wsdl.NewText("UTF-8"),
			Value:        wsdl.Ptr(wsdl.Base64Text(base64.StdEncoding.EncodeToString(raw))),
		},
	}})
	return added, fileTooLarge(err, name, int64(len(raw)))
}

func (m *Mailbox) addAttachment(ctx context.Context, id string, attachment any) (Attached, error) {
	if id == "" {
		return Attached{}, m.invalid("CreateAttachment", "the item id is empty")
	}
	msg, meta, err := askTold[wsdl.AttachmentInfoResponseMessageType](ctx, m, "CreateAttachment", createAttachment(itemID(id, ""), attachment))
	if err != nil {
		return Attached{}, unknownOutcome(err)
	}
	if msg.Attachments == nil || len(msg.Attachments.Attachments) == 0 {
		return Attached{}, withOutcome(m.incomplete("CreateAttachment", "the attachment", meta), true)
	}
	of := as[wsdl.FileAttachmentType](msg.Attachments.Attachments[0]).AttachmentId
	if of == nil || wsdl.Str(of.Id) == "" {
		return Attached{}, withOutcome(m.incomplete("CreateAttachment", "the id of the attachment", meta), true)
	}
	return Attached{ID: wsdl.Str(of.Id), ItemID: wsdl.Str(of.RootItemId), ChangeKey: wsdl.Str(of.RootItemChangeKey)}, nil
}

// AttachedMessage returns the message that is attached to an item, with body,
// recipients and the description of its own attachments, whose ids Attachment
// takes. It has no id of its own. An attached item of another kind is seen as a
// message; a file is mailbox.ErrInvalid. See Attachment for its MIME.
func (m *Mailbox) AttachedMessage(ctx context.Context, attachmentID string) (mailbox.Message, error) {
	if attachmentID == "" {
		return mailbox.Message{}, m.invalid("GetAttachment", "the attachment id is empty")
	}
	msg, meta, err := askTold[wsdl.AttachmentInfoResponseMessageType](ctx, m, "GetAttachment", &wsdl.GetAttachment{
		AttachmentShape: &wsdl.AttachmentResponseShape{BodyType: bestBody(), AdditionalProperties: properties(messageFields)},
		AttachmentIds:   attachmentIDs(attachmentID),
	})
	if err != nil {
		return mailbox.Message{}, err
	}
	if msg.Attachments == nil || len(msg.Attachments.Attachments) == 0 {
		return mailbox.Message{}, m.incomplete("GetAttachment", "the attachment", meta)
	}
	a, ok := msg.Attachments.Attachments[0].(*wsdl.ItemAttachmentType)
	if !ok {
		return mailbox.Message{}, m.invalid("GetAttachment", "the attachment is a file, not a message")
	}
	item := attachedItem(a)
	if item == nil {
		return mailbox.Message{}, m.incomplete("GetAttachment", "the attached item", meta)
	}
	return messageOf(item), nil
}

// attachedItem returns the item of an item attachment, or nil.
func attachedItem(a *wsdl.ItemAttachmentType) any {
	switch {
	case a.Message != nil:
		return a.Message
	case a.Item != nil:
		return a.Item
	case a.CalendarItem != nil:
		return a.CalendarItem
	case a.Contact != nil:
		return a.Contact
	case a.Task != nil:
		return a.Task
	case a.PostItem != nil:
		return a.PostItem
	case a.MeetingRequest != nil:
		return a.MeetingRequest
	case a.MeetingResponse != nil:
		return a.MeetingResponse
	case a.MeetingCancellation != nil:
		return a.MeetingCancellation
	case a.MeetingMessage != nil:
		return a.MeetingMessage
	}
	return nil
}
