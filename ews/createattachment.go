package ews

import (
	"context"
	"mime"
	"path"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// attach adds the uploads to a draft one by one, each in a call of its own, so
// that the server's limit of a request is that of a file. It returns the
// draft's change key thereafter, or "" where the server does not tell.
func (m *Mailbox) attach(ctx context.Context, draft *wsdl.ItemIdType, uploads []mailbox.Upload) (string, error) {
	changeKey := wsdl.Str(draft.ChangeKey)
	for _, u := range uploads {
		request := createAttachment(itemID(wsdl.Str(draft.Id), changeKey), fileAttachment(u))
		msg, err := ask[wsdl.AttachmentInfoResponseMessageType](ctx, m, "CreateAttachment", request)
		if err != nil {
			return "", fileTooLarge(err, u.Name, u.Size)
		}
		changeKey = ""
		if msg.Attachments != nil && len(msg.Attachments.Attachments) > 0 {
			a := as[wsdl.FileAttachmentType](msg.Attachments.Attachments[0])
			if a.AttachmentId != nil {
				changeKey = wsdl.Str(a.AttachmentId.RootItemChangeKey)
			}
		}
	}
	return changeKey, nil
}

// createAttachment asks to add one attachment to an item.
func createAttachment(parent *wsdl.ItemIdType, attachment any) *wsdl.CreateAttachment {
	return &wsdl.CreateAttachment{
		ParentItemId: parent,
		Attachments:  &wsdl.AttachmentList{Attachments: []any{attachment}},
	}
}

func fileAttachment(u mailbox.Upload) *wsdl.FileAttachmentType {
	a := &wsdl.FileAttachmentType{
		Name:        wsdl.NewText(u.Name),
		ContentType: wsdl.NewText(contentType(u)),
		ContentId:   wsdl.NewText(strings.Trim(u.ContentID, "<>")),
		Content:     &wsdl.Base64Content{Open: u.Open, Size: u.Size},
	}
	if u.Inline {
		a.IsInline = wsdl.Ptr(wsdl.Bool(true))
	}
	return a
}

// contentType is the upload's own, or what its name tells.
func contentType(u mailbox.Upload) string {
	if u.ContentType != "" {
		return u.ContentType
	}
	if t := mime.TypeByExtension(path.Ext(u.Name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// checkUploads refuses uploads that cannot be sent, before anything is. A nil
// parent is an item that is yet to be created.
func (m *Mailbox) checkUploads(operation string, parent *wsdl.ItemIdType, uploads []mailbox.Upload) error {
	for i, u := range uploads {
		switch {
		case u.Name == "":
			return m.invalid(operation, "attachment %d has no name", i+1)
		case u.Open == nil:
			return m.invalid(operation, "the attachment %q has no content: its Open is nil", u.Name)
		case u.Inline && u.ContentID == "":
			return m.invalid(operation, "the inline image %q has no ContentID, by which the HTML body would show it", u.Name)
		}
		if err := m.checkSize(parent, u); err != nil {
			return err
		}
	}
	return nil
}
