package ews

import (
	"context"
	"encoding/xml"
	"io"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// attachmentContent is an attachment of a GetAttachment answer whose content
// goes to the writer of the call: that of a file, or the MIME content of an
// attached item of whatever kind.
type attachmentContent struct {
	isItem       bool
	AttachmentId *wsdl.AttachmentIdType `xml:"AttachmentId"`
	Name         *wsdl.Text             `xml:"Name"`
	ContentType  *wsdl.Text             `xml:"ContentType"`
	ContentId    *wsdl.Text             `xml:"ContentId"`
	Size         *wsdl.Int32            `xml:"Size"`
	IsInline     *wsdl.Bool             `xml:"IsInline"`
	Content      *soap.Binary           `xml:"Content"`
	Item         *mimeItem              `xml:"Item"`
	Message      *mimeItem              `xml:"Message"`
	CalendarItem *mimeItem              `xml:"CalendarItem"`
	Contact      *mimeItem              `xml:"Contact"`
	Task         *mimeItem              `xml:"Task"`
	PostItem     *mimeItem              `xml:"PostItem"`
	Meeting      *mimeItem              `xml:"MeetingMessage"`
	Request      *mimeItem              `xml:"MeetingRequest"`
	Response     *mimeItem              `xml:"MeetingResponse"`
	Cancellation *mimeItem              `xml:"MeetingCancellation"`
}

// content returns the content that came, or nil.
func (a *attachmentContent) content() *soap.Binary {
	if a.Content != nil {
		return a.Content
	}
	for _, item := range []*mimeItem{
		a.Message, a.Item, a.CalendarItem, a.Contact, a.Task, a.PostItem,
		a.Meeting, a.Request, a.Response, a.Cancellation,
	} {
		if item != nil && item.MimeContent != nil {
			return item.MimeContent
		}
	}
	return nil
}

func (a *attachmentContent) describe() mailbox.Attachment {
	att := mailbox.Attachment{
		Name:        wsdl.Str(a.Name),
		ContentType: wsdl.Str(a.ContentType),
		Size:        int64(wsdl.Val(a.Size)),
		Inline:      bool(wsdl.Val(a.IsInline)),
		ContentID:   wsdl.Str(a.ContentId),
		Item:        a.isItem,
	}
	if a.AttachmentId != nil {
		att.ID = wsdl.Str(a.AttachmentId.Id)
	}
	return att
}

type attachmentContents struct{ list []*attachmentContent }

// DecodeChild takes files and items; links to files elsewhere
// (ReferenceAttachment) have no content here.
func (l *attachmentContents) DecodeChild(name xml.Name) any {
	if name.Local != "FileAttachment" && name.Local != "ItemAttachment" {
		return nil
	}
	a := &attachmentContent{isItem: name.Local == "ItemAttachment"}
	l.list = append(l.list, a)
	return a
}

// attachmentMessage is a GetAttachment response message whose content is not
// kept.
type attachmentMessage struct {
	wsdl.ResponseMessageType
	Attachments *attachmentContents `xml:"Attachments"`
}

// Attachment writes the content of an attachment to w as it arrives; memory
// does not grow with its size. An attached item is written as its MIME. After
// an error w may hold a part of the content.
func (m *Mailbox) Attachment(ctx context.Context, attachmentID string, w io.Writer) (mailbox.Attachment, error) {
	if attachmentID == "" {
		return mailbox.Attachment{}, m.invalid("GetAttachment", "the attachment id is empty")
	}
	req := &wsdl.GetAttachment{
		AttachmentShape: &wsdl.AttachmentResponseShape{
			IncludeMimeContent: &wsdl.IncludeMimeContent{Value: wsdl.Ptr(wsdl.Bool(true))},
		},
		AttachmentIds: &wsdl.AttachmentIdsType{
			AttachmentId: []*wsdl.AttachmentId{{Id: wsdl.NewText(attachmentID)}},
		},
	}
	results, err := askBinary[attachmentMessage](ctx, m, "GetAttachment", req, 1, func() io.Writer { return w })
	if err != nil {
		return mailbox.Attachment{}, err
	}
	if results[0].Err != nil {
		return mailbox.Attachment{}, results[0].Err
	}
	list := results[0].Message.Attachments
	if list == nil || len(list.list) == 0 {
		return mailbox.Attachment{}, m.incomplete("GetAttachment", "the attachment; it may be a link to a file that is kept elsewhere", results[0].Meta)
	}
	a := list.list[0]
	if a.content() == nil && (a.isItem || wsdl.Val(a.Size) > 0) {
		return a.describe(), m.incomplete("GetAttachment", "the attachment's content", results[0].Meta)
	}
	att := a.describe()
	if att.ID == "" {
		att.ID = attachmentID
	}
	return att, nil
}
