package simulator

import (
	"slices"
	"strings"
	"testing"

	"github.com/exconn/exconn/wsdl"
)

func TestSendReachesEveryMailbox(t *testing.T) {
	s := start(t, nil)
	m := message("Offer", "ben@contoso.example", "erik@fabrikam.example")
	m.CcRecipients = recipients(person("", "CARLA@contoso.example"))
	m.BccRecipients = recipients(person("", "director@contoso.example"), person("", "ben@contoso.example"))
	anna := actor(t, s, "anna")
	anna.status(anna.send(m), "NoError")

	sent := anna.list(named("sentitems"))
	if len(sent) != 1 {
		t.Fatalf("%d copies in Sent Items", len(sent))
	}
	copied := sent[0].(*wsdl.MessageType)
	if copied.BccRecipients == nil || len(copied.BccRecipients.Mailbox) != 2 {
		t.Error("the sender's copy has lost its Bcc")
	}
	if str(copied, "InternetMessageId") == "" || copied.DateTimeSent == nil || copied.ConversationId == nil || flag(copied, "IsDraft") || !flag(copied, "IsRead") {
		t.Errorf("the sender's copy is incomplete: %+v", copied)
	}
	if n := len(anna.ids(named("drafts"))); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
	for _, who := range []string{"ben", "carla"} {
		inbox := actor(t, s, who).list(named("inbox"))
		if len(inbox) != 1 {
			t.Fatalf("%s has %d messages", who, len(inbox))
		}
		got := inbox[0].(*wsdl.MessageType)
		if got.BccRecipients != nil {
			t.Errorf("%s sees the Bcc", who)
		}
		if str(got, "InternetMessageId") != str(copied, "InternetMessageId") || flag(got, "IsRead") || flag(got, "IsFromMe") {
			t.Errorf("%s got another message: %+v", who, got)
		}
		if address(mailboxOf(got.From)) != "anna@contoso.example" || wsdl.Str(got.From.Mailbox.Name) != "Anna Albrecht" {
			t.Errorf("%s has it from %+v", who, got.From)
		}
		if wsdl.Str(got.ConversationId.Id) == wsdl.Str(copied.ConversationId.Id) {
			t.Error("conversation ids are each mailbox's own")
		}
	}
	director := user(t, s, "director")
	if n := len(director.ids(named("inbox"))); n != 1 {
		t.Errorf("the Bcc recipient has %d messages", n)
	}
}

func TestUnknownRecipientsBounce(t *testing.T) {
	s := start(t, nil)
	anna := actor(t, s, "anna")
	anna.status(anna.send(message("Hello", "nobody@contoso.example", "ben@contoso.example", "hanna.weiss@adatum.example")), "NoError")
	inbox := anna.list(named("inbox"))
	if got := subjects(inbox); !slices.Equal(got, []string{"Undeliverable: Hello"}) {
		t.Fatalf("the sender's inbox holds %q", got)
	}
	if class := str(inbox[0], "ItemClass"); class != "REPORT.IPM.Note.NDR" {
		t.Errorf("its class is %s", class)
	}
	body := wsdl.Str(get[wsdl.BodyContent](inbox[0], "Body").Value)
	if !strings.Contains(body, "nobody@contoso.example") || strings.Contains(body, "ben@") || strings.Contains(body, "hanna") {
		t.Errorf("the report says %s", body)
	}
	if n := len(actor(t, s, "ben").ids(named("inbox"))); n != 1 {
		t.Errorf("the known recipient has %d messages", n)
	}
}

func TestSendIsRefused(t *testing.T) {
	s := start(t, nil)
	foreign := message("x", "ben@contoso.example")
	foreign.From = recipient(person("", "director@contoso.example"))
	anna := actor(t, s, "anna")
	for name, test := range map[string]struct {
		message *wsdl.MessageType
		code    string
	}{
		"nobody":       {message("x"), "ErrorMissingRecipients"},
		"no address":   {message("x", "ben at contoso"), "ErrorInvalidRecipients"},
		"another From": {foreign, "ErrorSendAsDenied"},
	} {
		if got := anna.send(test.message); got.Code != test.code {
			t.Errorf("%s: %s (%s), want %s", name, got.Code, got.Text, test.code)
		}
	}
	if n := len(anna.ids(named("sentitems"))) + len(actor(t, s, "ben").ids(named("inbox"))); n != 0 {
		t.Errorf("%d copies of what was refused", n)
	}
}

func TestSendOnBehalf(t *testing.T) {
	s := start(t, nil)
	m := message("For Anna", "carla@contoso.example")
	m.From = recipient(person("", "anna@contoso.example"))
	ben := actor(t, s, "ben")
	ben.status(ben.send(m), "NoError")
	got := actor(t, s, "carla").list(named("inbox"))[0].(*wsdl.MessageType)
	if address(mailboxOf(got.From)) != "anna@contoso.example" || address(mailboxOf(got.Sender)) != "ben@contoso.example" {
		t.Errorf("From %s, Sender %s", address(mailboxOf(got.From)), address(mailboxOf(got.Sender)))
	}
}

func TestDraftBecomesSent(t *testing.T) {
	s := start(t, nil)
	anna := actor(t, s, "anna")
	id := anna.draft(message("Draft", "ben@contoso.example"))
	stale := *id
	update := message("Final", "ben@contoso.example")
	status, id := anna.update(id, update, "", "item:Subject")
	anna.status(status, "NoError")

	send := func(id *wsdl.ItemIdType) wsdl.Status {
		return call[wsdl.SendItemResponse](anna, &wsdl.SendItem{
			SaveItemToFolder: wsdl.Ptr(wsdl.Bool(true)), ItemIds: &wsdl.ItemIdList{Ids: []any{id}},
			SavedItemFolderId: &wsdl.TargetFolderId{DistinguishedFolderId: named("sentitems")},
		}).ResponseMessages.SendItemResponseMessage[0].Status()
	}
	anna.status(send(&stale), "ErrorStaleObject")
	anna.status(send(id), "NoError")
	anna.status(send(id), "ErrorItemNotFound")
	if got := subjects(anna.list(named("sentitems"))); !slices.Equal(got, []string{"Final"}) {
		t.Errorf("Sent Items holds %q", got)
	}
	if n := len(anna.ids(named("drafts"))); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
	sent := anna.ids(named("sentitems"))[0]
	anna.status(send(sent), "ErrorInvalidItemForOperationSendItem")
	if got := subjects(actor(t, s, "ben").list(named("inbox"))); !slices.Equal(got, []string{"Final"}) {
		t.Errorf("ben's inbox holds %q", got)
	}
}

func TestReplyKeepsTheConversation(t *testing.T) {
	s := start(t, nil)
	anna, ben := actor(t, s, "anna"), actor(t, s, "ben")
	anna.status(anna.send(message("Lunch", "ben@contoso.example")), "NoError")
	got := ben.list(named("inbox"))[0].(*wsdl.MessageType)
	answer := ben.create(&wsdl.CreateItem{
		MessageDisposition: wsdl.Ptr(wsdl.DispositionSendAndSaveCopy),
		Items:              &wsdl.ItemList{Items: []any{&wsdl.ReplyToItemType{ReferenceItemId: got.ItemId, NewBodyContent: html("<p>Yes</p>")}}},
	})
	ben.status(answer.Status(), "NoError")
	reply := anna.list(named("inbox"))[0].(*wsdl.MessageType)
	first := anna.list(named("sentitems"))[0].(*wsdl.MessageType)
	if wsdl.Str(reply.ConversationId.Id) != wsdl.Str(first.ConversationId.Id) {
		t.Error("the reply is in another conversation")
	}
	if str(reply, "InReplyTo") != str(first, "InternetMessageId") || !strings.Contains(str(reply, "References"), str(first, "InternetMessageId")) {
		t.Errorf("the reply is to %q, %q", str(reply, "InReplyTo"), str(reply, "References"))
	}
	if str(reply, "ConversationTopic") != "Lunch" || len(wsdl.Str(reply.ConversationIndex)) <= len(wsdl.Str(first.ConversationIndex)) {
		t.Errorf("topic %q, index %s", str(reply, "ConversationTopic"), wsdl.Str(reply.ConversationIndex))
	}
	// A message that only names the other in a header joins too.
	m := message("Re: Lunch", "ben@contoso.example")
	m.References = text(str(reply, "InternetMessageId"))
	anna.status(anna.send(m), "NoError")
	third := anna.list(named("sentitems"))[0].(*wsdl.MessageType)
	if wsdl.Str(third.ConversationId.Id) != wsdl.Str(first.ConversationId.Id) {
		t.Error("a message with References is in another conversation")
	}
}

func TestIdsAndChangeKeys(t *testing.T) {
	s := start(t, nil)
	anna := actor(t, s, "anna")
	id := anna.draft(message("Draft"))
	status, changed := anna.update(id, message("Changed"), "", "item:Subject")
	anna.status(status, "NoError")
	if wsdl.Str(changed.Id) != wsdl.Str(id.Id) || wsdl.Str(changed.ChangeKey) == wsdl.Str(id.ChangeKey) {
		t.Error("an update keeps the id and changes the change key")
	}
	status, _ = anna.update(&wsdl.ItemIdType{Id: id.Id}, message("Again"), "", "item:Subject")
	anna.status(status, "ErrorChangeKeyRequiredForWriteOperations")

	moved := call[wsdl.MoveItemResponse](anna, &wsdl.MoveItem{
		ToFolderId: &wsdl.TargetFolderId{DistinguishedFolderId: named("inbox")}, ItemIds: &wsdl.ItemIdList{Ids: []any{changed}},
	}).ResponseMessages.MoveItemResponseMessage[0]
	anna.status(moved.Status(), "NoError")
	now := get[wsdl.ItemIdType](moved.Items.Items[0], "ItemId")
	if wsdl.Str(now.Id) == wsdl.Str(id.Id) {
		t.Error("a move keeps the id")
	}
	_, status = anna.get(id)
	anna.status(status, "ErrorItemNotFound")
	_, status = anna.get(&wsdl.ItemIdType{Id: text("AAMk")})
	anna.status(status, "ErrorInvalidIdMalformed")

	anna.status(anna.remove(now, wsdl.DisposalMoveToDeletedItems, ""), "NoError")
	if got := subjects(anna.list(named("deleteditems"))); !slices.Equal(got, []string{"Changed"}) {
		t.Errorf("Deleted Items holds %q", got)
	}
	anna.status(anna.remove(anna.ids(named("deleteditems"))[0], wsdl.DisposalHardDelete, ""), "NoError")
	if n := len(anna.ids(named("deleteditems"))); n != 0 {
		t.Errorf("%d items are left", n)
	}
}

func TestAttachments(t *testing.T) {
	s := start(t, nil)
	anna := actor(t, s, "anna")
	content := []byte("the content of a file\x00\x01")
	m := message("With a file", "ben@contoso.example")
	m.Attachments = &wsdl.AttachmentList{Attachments: []any{s.state.newFile("first.txt", "text/plain", content).value}}
	id := anna.draft(m)
	added := call[wsdl.CreateAttachmentResponse](anna, &wsdl.CreateAttachment{ParentItemId: id,
		Attachments: &wsdl.AttachmentList{Attachments: []any{s.state.newInline("dot.png", "image/png", "dot", content).value}}}).
		ResponseMessages.CreateAttachmentResponseMessage[0]
	anna.status(added.Status(), "NoError")
	root := get[wsdl.AttachmentIdType](added.Attachments.Attachments[0], "AttachmentId")
	if wsdl.Str(root.RootItemId) != wsdl.Str(id.Id) || wsdl.Str(root.RootItemChangeKey) == wsdl.Str(id.ChangeKey) {
		t.Errorf("the attachment's root is %+v", root)
	}
	it := anna.item(id).(*wsdl.MessageType)
	if len(it.Attachments.Attachments) != 2 || !flag(it, "HasAttachments") {
		t.Fatalf("attachments: %+v", it.Attachments)
	}
	file := it.Attachments.Attachments[0].(*wsdl.FileAttachmentType)
	if file.Content != nil {
		t.Error("a list of attachments has contents")
	}
	got := call[wsdl.GetAttachmentResponse](anna, &wsdl.GetAttachment{
		AttachmentIds: &wsdl.AttachmentIdsType{AttachmentId: []*wsdl.AttachmentId{{Id: file.AttachmentId.Id}}},
	}).ResponseMessages.GetAttachmentResponseMessage[0]
	anna.status(got.Status(), "NoError")
	if data := got.Attachments.Attachments[0].(*wsdl.FileAttachmentType).Content.Data; string(data) != string(content) {
		t.Errorf("the content is %q", data)
	}
	missing := call[wsdl.GetAttachmentResponse](anna, &wsdl.GetAttachment{
		AttachmentIds: &wsdl.AttachmentIdsType{AttachmentId: []*wsdl.AttachmentId{{Id: id.Id}}},
	}).ResponseMessages.GetAttachmentResponseMessage[0]
	anna.status(missing.Status(), "ErrorInvalidAttachmentId")
}
