package simulator

import (
	"testing"

	"github.com/exconn/exconn/wsdl"
)

// A client that is not told the ids of what it attached to a new item attaches
// it once more.
func TestCreateItemNamesItsAttachments(t *testing.T) {
	s := start(t, nil)
	anna := user(t, s, "anna")
	m := message("With attachments", "ben@contoso.example")
	m.Attachments = &wsdl.AttachmentList{Attachments: []any{
		&wsdl.FileAttachmentType{Name: text("one.txt"), Content: &wsdl.Base64Content{Data: []byte("1")}},
		&wsdl.ItemAttachmentType{Name: text("inner"), Message: &wsdl.MessageType{Subject: text("inner")}},
	}}
	answer := call[wsdl.CreateItemResponse](anna, &wsdl.CreateItem{
		MessageDisposition: wsdl.Ptr(wsdl.DispositionSaveOnly), Items: &wsdl.ItemList{Items: []any{m}},
	})
	told, ok := answer.ResponseMessages.CreateItemResponseMessage[0].Items.Items[0].(*wsdl.MessageType)
	if !ok || told.Attachments == nil || len(told.Attachments.Attachments) != 2 {
		t.Fatalf("the answer names no attachments: %+v", told)
	}
	file, isFile := told.Attachments.Attachments[0].(*wsdl.FileAttachmentType)
	inner, isItem := told.Attachments.Attachments[1].(*wsdl.ItemAttachmentType)
	if !isFile || !isItem || file.Name != nil {
		t.Fatalf("the answer names %+v", told.Attachments.Attachments)
	}
	got := call[wsdl.GetAttachmentResponse](anna, &wsdl.GetAttachment{AttachmentIds: &wsdl.AttachmentIdsType{
		AttachmentId: []*wsdl.AttachmentId{{Id: file.AttachmentId.Id}, {Id: inner.AttachmentId.Id}},
	}})
	for i, r := range got.ResponseMessages.GetAttachmentResponseMessage {
		if r.ResponseCode == nil || *r.ResponseCode != "NoError" {
			t.Errorf("attachment %d: %v", i, r.ResponseCode)
		}
	}
}
