package ews

import (
	"context"
	"encoding/xml"
	"io"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// Import is a message to put into a mailbox as it is, given as MIME.
type Import struct {
	// Folder is where to put it; empty means the inbox.
	Folder mailbox.FolderRef
	// Open returns the RFC 5322 message from its beginning. It may be called
	// again when the request has to be repeated (401, redirect).
	Open func() (io.ReadCloser, error)
	// Size is in bytes; zero or less means unknown.
	Size int64
	// Draft keeps it as a draft, which can be edited and sent.
	Draft bool
	Read  bool
	// Received is when it was received; zero means now.
	Received time.Time
	// Categories and Properties are set besides.
	Categories []string
	Properties []Property
	// OperationID identifies this write: the item bears a stamp with it. Empty
	// means that one is made.
	OperationID string
}

// The property tags of a message that is put into a mailbox rather than sent
// ([MS-OXCMSG] 2.2.1.6, [MS-OXOMSG] 2.2.3.9).
const (
	tagMessageFlags        = 0x0E07
	tagMessageDeliveryTime = 0x0E06

	messageFlagRead   = 1
	messageFlagUnsent = 8
)

// importedMessage is a message whose MIME content is streamed. Its elements are
// in the order of the schema.
type importedMessage struct {
	MimeContent      *soap.Binary                 `xml:"MimeContent"`
	Categories       *wsdl.StringsType            `xml:"Categories,omitempty"`
	ExtendedProperty []*wsdl.ExtendedPropertyType `xml:"ExtendedProperty,omitempty"`
	IsRead           *wsdl.Bool                   `xml:"IsRead,omitempty"`
}

// importedItems is the list with the one message in it.
type importedItems struct{ message *importedMessage }

// MarshalXML writes the message in the types namespace.
func (l importedItems) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	if err := e.EncodeElement(l.message, xml.StartElement{Name: xml.Name{Space: wsdl.TypesNamespace, Local: "Message"}}); err != nil {
		return err
	}
	return e.EncodeToken(start.End())
}

// createImported is wsdl.CreateItem for importedItems.
type createImported struct {
	XMLName            xml.Name             `xml:"http://schemas.microsoft.com/exchange/services/2006/messages CreateItem"`
	SavedItemFolderId  *wsdl.TargetFolderId `xml:"SavedItemFolderId,omitempty"`
	Items              importedItems        `xml:"Items"`
	MessageDisposition *wsdl.Disposition    `xml:"MessageDisposition,attr,omitempty"`
}

// ImportMIME puts a message into a folder without sending it: mail that came or
// went elsewhere, or a draft. The content is streamed; memory does not grow with
// its size. Exchange keeps the properties that it reads from the content, and
// makes MIME anew of them when it is asked for it. The result has the new
// item's ID.
func (m *Mailbox) ImportMIME(ctx context.Context, in Import) (mailbox.Sent, error) {
	if in.Open == nil {
		return mailbox.Sent{}, m.invalid("CreateItem", "the message has no content: its Open is nil")
	}
	extended, err := encodeProperties(in.Properties)
	if err != nil {
		return mailbox.Sent{}, m.invalid("CreateItem", "%v", err)
	}
	folder, err := m.targetFolder(ctx, in.Folder, mailbox.Inbox)
	if err != nil {
		return mailbox.Sent{}, err
	}
	if in.OperationID == "" {
		in.OperationID = newOperationID()
	}
	own := []Property{{Tag(tagMessageFlags, wsdl.MapiTypeInteger), importFlags(in)}}
	if !in.Received.IsZero() {
		own = append(own, Property{Tag(tagMessageDeliveryTime, wsdl.MapiTypeSystemTime), in.Received})
	}
	more, err := encodeProperties(own)
	if err != nil {
		return mailbox.Sent{}, m.invalid("CreateItem", "%v", err)
	}
	extended = append(append([]*wsdl.ExtendedPropertyType{m.stamp(in.OperationID)}, more...), extended...)
	req := &createImported{
		MessageDisposition: wsdl.Ptr(wsdl.DispositionSaveOnly),
		SavedItemFolderId:  folder,
		Items: importedItems{&importedMessage{
			MimeContent:      &soap.Binary{Open: in.Open, Size: in.Size},
			Categories:       writeStrings(in.Categories),
			ExtendedProperty: extended,
			IsRead:           wsdl.Ptr(wsdl.Bool(in.Read)),
		}},
	}
	msg, meta, err := askTold[wsdl.ItemInfoResponseMessageType](ctx, m, "CreateItem", req)
	if err != nil {
		return mailbox.Sent{OperationID: in.OperationID}, fileTooLarge(unknownOutcome(err), "", knownSize(in.Size))
	}
	item, err := m.onlyItem("CreateItem", msg.Items, meta)
	if err != nil {
		return mailbox.Sent{OperationID: in.OperationID}, withOutcome(err, true)
	}
	id, _ := idOf(item)
	if id == "" {
		return mailbox.Sent{OperationID: in.OperationID}, withOutcome(m.incomplete("CreateItem", "the id of the message", meta), true)
	}
	return mailbox.Sent{ID: id, Outcome: mailbox.Confirmed, OperationID: in.OperationID}, nil
}

// knownSize is the size of a message, of which zero is none.
func knownSize(size int64) int64 {
	if size <= 0 {
		return -1
	}
	return size
}

func importFlags(in Import) int {
	flags := 0
	if in.Read {
		flags |= messageFlagRead
	}
	if in.Draft {
		flags |= messageFlagUnsent
	}
	return flags
}
