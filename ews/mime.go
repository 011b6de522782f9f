package ews

import (
	"context"
	"encoding/xml"
	"io"

	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// mimeItems reads the MIME content of items of any kind straight into the
// writer of the call: the generated types would keep it in memory.
type mimeItems struct{ list []*mimeItem }

type mimeItem struct {
	MimeContent *soap.Binary `xml:"MimeContent"`
}

// DecodeChild takes an item of any kind.
func (l *mimeItems) DecodeChild(xml.Name) any {
	item := new(mimeItem)
	l.list = append(l.list, item)
	return item
}

// mimeMessage is a GetItem response message whose items are mimeItems.
type mimeMessage struct {
	wsdl.ResponseMessageType
	Items *mimeItems `xml:"Items"`
}

// MIME writes the raw RFC 5322 message to w as it arrives; memory does not
// grow with its size.
func (m *Mailbox) MIME(ctx context.Context, id string, w io.Writer) error {
	if id == "" {
		return m.invalid("GetItem", "the item id is empty")
	}
	shape := itemShape()
	shape.IncludeMimeContent = &wsdl.IncludeMimeContent{Value: wsdl.Ptr(wsdl.Bool(true))}
	results, err := askBinary[mimeMessage](ctx, m, "GetItem", &wsdl.GetItem{ItemShape: shape, ItemIds: itemIDs(id)}, 1,
		func() io.Writer { return w })
	if err != nil {
		return err
	}
	if results[0].Err != nil {
		return results[0].Err
	}
	msg := results[0].Message
	if msg.Items == nil || len(msg.Items.list) == 0 || msg.Items.list[0].MimeContent == nil {
		return m.incomplete("GetItem", "the MIME content", results[0].Meta)
	}
	return nil
}
