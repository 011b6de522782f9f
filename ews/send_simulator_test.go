package ews_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/wsdl"
)

func to(addresses ...string) (list []mailbox.Person) {
	for _, a := range addresses {
		list = append(list, mailbox.Person{Address: a})
	}
	return list
}

func addresses(list []mailbox.Person) (all []string) {
	for _, p := range list {
		all = append(all, p.Address)
	}
	return all
}

// contents reads the attachments of a message, by name.
func (x exchange) contents(m *ews.Mailbox, msg mailbox.Message) map[string]string {
	x.t.Helper()
	all := map[string]string{}
	for _, a := range msg.Attachments {
		var b bytes.Buffer
		if _, err := m.Attachment(x.t.Context(), a.ID, &b); err != nil {
			x.t.Fatal(err)
		}
		all[a.Name] = b.String()
	}
	return all
}

func TestSend(t *testing.T) {
	x := newExchange(t)
	anna, ben := x.of("anna@contoso.example"), x.of("ben@contoso.example")
	out := everything()
	out.From, out.Cc, out.Bcc = nil, to("ben@contoso.example"), to("carla@contoso.example")
	out.To = to("svc-crm@contoso.example")
	sent, err := anna.Send(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if sent.Outcome != mailbox.Confirmed || sent.InternetMessageID == "" || sent.ConversationID == "" || sent.OperationID != "op-1" {
		t.Errorf("sent %+v", sent)
	}
	kept := x.find(anna, mailbox.SentItems, out.Subject)
	if kept.InternetMessageID != sent.InternetMessageID || kept.ConversationID != sent.ConversationID || kept.IsDraft ||
		!slices.Equal(addresses(kept.Bcc), []string{"carla@contoso.example"}) || kept.Importance != mailbox.High {
		t.Errorf("kept in Sent Items: %+v", kept)
	}
	if n := x.count(anna, mailbox.Drafts, out.Subject); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
	for _, m := range []*ews.Mailbox{ben, x.of("carla@contoso.example")} {
		got := x.find(m, mailbox.Inbox, out.Subject)
		if got.InternetMessageID != sent.InternetMessageID || got.From == nil || got.From.Address != "anna@contoso.example" || got.IsRead ||
			!slices.Equal(addresses(got.To), addresses(out.To)) || !slices.Equal(addresses(got.Cc), addresses(out.Cc)) || len(got.Bcc) != 0 ||
			got.Importance != mailbox.High || got.Body.Type != mailbox.HTML || !strings.Contains(got.Body.Content, `cid:logo@1`) {
			t.Errorf("received by %s: %+v", m.Address(), got)
		}
		if files := x.contents(m, got); len(files) != 2 || files["offer.pdf"] != "%PDF-1.7" || files["logo.png"] != "\x89PNG" {
			t.Errorf("received by %s: %d attachments", m.Address(), len(files))
		}
		i := slices.IndexFunc(got.Attachments, func(a mailbox.Attachment) bool { return a.Inline })
		if i < 0 || got.Attachments[i].ContentID != "logo@1" {
			t.Errorf("received by %s: attachments %+v", m.Address(), got.Attachments)
		}
	}
	if got := x.stamp(anna, kept.ID); got != "anna@contoso.example op-1" {
		t.Errorf("the stamp is %q", got)
	}
}

// stamp reads the stamp of an item.
func (x exchange) stamp(m *ews.Mailbox, id string) string {
	x.t.Helper()
	uri := &wsdl.ExtendedFieldURI{PropertySetId: wsdl.NewText(ews.StampSet), PropertyName: wsdl.NewText(ews.StampName), PropertyType: wsdl.Ptr(wsdl.MapiTypeString)}
	resp, err := m.Service().GetItemContext(x.t.Context(), &wsdl.GetItem{
		ItemShape: &wsdl.ItemResponseShape{
			BaseShape:            &wsdl.BaseShape{Value: wsdl.Ptr(wsdl.DefaultShapeNamesIdOnly)},
			AdditionalProperties: &wsdl.AdditionalProperties{ExtendedFieldURI: []*wsdl.ExtendedFieldURI{uri}},
		},
		ItemIds: &wsdl.ItemIdList{Ids: []any{&wsdl.ItemIdType{Id: wsdl.NewText(id)}}},
	})
	if err != nil {
		x.t.Fatal(err)
	}
	items := resp.ResponseMessages.GetItemResponseMessage[0].Items.Items
	if len(items) == 0 {
		x.t.Fatalf("no item %s", id)
	}
	msg := items[0].(*wsdl.MessageType)
	if len(msg.ExtendedProperty) == 0 {
		return ""
	}
	return wsdl.Str(msg.ExtendedProperty[0].Value)
}

// A server that breaks off after it has sent: once, and said to be unknown.
func TestSendBrokenOff(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"reset":     {Operation: "SendItem", Execute: true, Reset: true},
		"504":       {Operation: "SendItem", Execute: true, Status: 504},
		"truncated": {Operation: "SendItem", Truncate: 100},
	} {
		t.Run(name, func(t *testing.T) {
			x := newExchange(t)
			anna := x.of("anna@contoso.example")
			x.Fail(fault)
			sent, err := anna.Send(t.Context(), mailbox.Outgoing{To: to("ben@contoso.example"), Subject: "once", Text: "x", OperationID: "op"})
			if !errors.Is(err, mailbox.ErrOutcomeUnknown) || sent.Outcome != mailbox.Unknown {
				t.Fatalf("got %+v, %v", sent, err)
			}
			got := x.find(x.of("ben@contoso.example"), mailbox.Inbox, "once")
			if got.InternetMessageID != sent.InternetMessageID {
				t.Errorf("received %s, told of %s", got.InternetMessageID, sent.InternetMessageID)
			}
			if kept := x.find(anna, mailbox.SentItems, "once"); x.stamp(anna, kept.ID) != "anna@contoso.example op" {
				t.Error("the copy in Sent Items has lost its stamp, by which it is looked up")
			}
		})
	}
}

func TestSendAs(t *testing.T) {
	x := newExchange(t)
	ben := x.of("ben@contoso.example")
	_, err := ben.Send(t.Context(), mailbox.Outgoing{From: &mailbox.Person{Address: "anna@contoso.example"}, To: to("carla@contoso.example"), Subject: "in her name"})
	if err != nil {
		t.Fatal(err)
	}
	if got := x.find(x.of("carla@contoso.example"), mailbox.Inbox, "in her name"); got.From.Address != "anna@contoso.example" {
		t.Errorf("from %s", got.From)
	}
	_, err = ben.Send(t.Context(), mailbox.Outgoing{From: &mailbox.Person{Address: "carla@contoso.example"}, To: to("anna@contoso.example"), Subject: "forged"})
	if !errors.Is(err, mailbox.ErrAccessDenied) || !strings.Contains(mailbox.Hint(err), "SendAs") {
		t.Errorf("got %v", err)
	}
	if n := x.count(ben, mailbox.Drafts, "forged"); n != 0 {
		t.Errorf("%d drafts are left of what was refused", n)
	}
}

func TestSendFromSharedMailbox(t *testing.T) {
	x := newExchange(t)
	erik := x.online(x.signIn(x.Applications().Online, "erik@fabrikam.example"))
	sales, own := erik.Mailbox("sales@fabrikam.example", ews.Shared), erik.Mailbox("erik@fabrikam.example", ews.Own)
	sent, err := sales.Send(t.Context(), mailbox.Outgoing{To: to("erik@fabrikam.example"), Subject: "from sales", Attachments: []mailbox.Upload{file("a.txt", "a")}})
	if err != nil {
		t.Fatal(err)
	}
	if got := x.find(own, mailbox.Inbox, "from sales"); got.From.Address != "sales@fabrikam.example" || got.InternetMessageID != sent.InternetMessageID {
		t.Errorf("received %+v", got)
	}
	if x.count(sales, mailbox.SentItems, "from sales") != 1 || x.count(own, mailbox.SentItems, "from sales") != 0 {
		t.Error("the copy is not in the Sent Items of the shared mailbox")
	}
	if _, err := own.Send(t.Context(), mailbox.Outgoing{To: to("sales@fabrikam.example"), Subject: "to sales"}); err != nil {
		t.Fatal(err)
	}
	if _, err := sales.Reply(t.Context(), x.find(sales, mailbox.Inbox, "to sales").ID, mailbox.Reply{Text: "Thanks."}); err != nil {
		t.Fatal(err)
	}
	if got := x.find(own, mailbox.Inbox, "RE: to sales"); got.From.Address != "sales@fabrikam.example" {
		t.Errorf("the reply is from %s", got.From)
	}
	folders, err := sales.Folders(t.Context())
	if err != nil || len(folders) == 0 {
		t.Errorf("%d folders, %v", len(folders), err)
	}
	if _, err := sales.SyncFolderItems(t.Context(), ews.SyncItems{Folder: mailbox.SentItems}); err != nil {
		t.Error(err)
	}
}

func TestSaveDraft(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	out := everything()
	out.Subject = "unfinished"
	saved, err := anna.SaveDraft(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	got := x.find(anna, mailbox.Drafts, "unfinished")
	if got.ID != saved.ID || !got.IsDraft || got.InternetMessageID != saved.InternetMessageID || len(got.Attachments) != 2 || !slices.Equal(addresses(got.Bcc), addresses(out.Bcc)) {
		t.Errorf("saved %+v", got)
	}
	if n := x.count(x.of("ben@contoso.example"), mailbox.Inbox, "unfinished"); n != 0 {
		t.Error("a draft was sent")
	}
}

func TestReplyAndForward(t *testing.T) {
	x := newExchange(t)
	ctx := t.Context()
	anna, ben, carla := x.of("anna@contoso.example"), x.of("ben@contoso.example"), x.of("carla@contoso.example")
	if _, err := anna.Send(ctx, mailbox.Outgoing{
		To: to("ben@contoso.example"), Cc: to("carla@contoso.example"), Subject: "Riddle 17", HTML: "<p>How many?</p>",
		Attachments: []mailbox.Upload{file("figures.txt", "1 2 3")},
	}); err != nil {
		t.Fatal(err)
	}
	question := x.find(ben, mailbox.Inbox, "Riddle 17")

	sent, err := ben.Reply(ctx, question.ID, mailbox.Reply{HTML: "<p>Seven.</p>", Attachments: []mailbox.Upload{file("seven.txt", "7")}, OperationID: "op-7"})
	if err != nil {
		t.Fatal(err)
	}
	got := x.find(anna, mailbox.Inbox, "Riddle 17")
	if got.InternetMessageID != sent.InternetMessageID || sent.InternetMessageID == "" || got.ConversationID == "" || !strings.HasPrefix(got.Subject, "RE:") || !slices.Equal(addresses(got.To), []string{"anna@contoso.example"}) ||
		!strings.Contains(got.Body.Content, "Seven.") || !strings.Contains(got.Body.Content, "How many?") {
		t.Errorf("replied %+v to %+v", got, question)
	}
	if files := x.contents(anna, got); len(files) != 1 || files["seven.txt"] != "7" {
		t.Errorf("the reply has %d attachments", len(files))
	}
	if n := x.count(carla, mailbox.Inbox, "RE: Riddle 17"); n != 0 {
		t.Error("a reply to the sender went to others")
	}
	if kept := x.find(ben, mailbox.SentItems, "RE: Riddle 17"); x.stamp(ben, kept.ID) != "ben@contoso.example op-7" || kept.ConversationID != sent.ConversationID {
		t.Errorf("kept %+v", kept)
	}

	if _, err := ben.Reply(ctx, question.ID, mailbox.Reply{All: true, Text: "To all.", To: to("svc-crm@contoso.example", "carla@contoso.example")}); err != nil {
		t.Fatal(err)
	}
	if got := x.find(carla, mailbox.Inbox, "RE: Riddle 17"); !slices.Contains(addresses(got.To), "svc-crm@contoso.example") || !slices.Contains(addresses(got.To), "anna@contoso.example") {
		t.Errorf("to all: %v", got.To)
	}

	if _, err := ben.Forward(ctx, question.ID, mailbox.Reply{To: to("carla@contoso.example"), Text: "See below."}); err != nil {
		t.Fatal(err)
	}
	got = x.find(carla, mailbox.Inbox, "FW: Riddle 17")
	if files := x.contents(carla, got); files["figures.txt"] != "1 2 3" || !strings.Contains(got.Body.Content, "See below.") {
		t.Errorf("forwarded %+v", got)
	}
	if _, err := ben.Forward(ctx, question.ID, mailbox.Reply{}); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("a forward to nobody: %v", err)
	}
	if _, err := ben.Reply(ctx, "AAMkNone=", mailbox.Reply{}); !errors.Is(err, mailbox.ErrNotFound) && !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("a reply to nothing: %v", err)
	}
	if n := x.count(ben, mailbox.Drafts, "Riddle 17"); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
}

func TestMoveDeleteMark(t *testing.T) {
	x := newExchange(t)
	ctx := t.Context()
	anna := x.of("anna@contoso.example")
	all := x.list(anna, mailbox.Query{})
	msg := all[0]

	for _, read := range []bool{!msg.IsRead, msg.IsRead} {
		if err := anna.MarkRead(ctx, msg.ID, read); err != nil {
			t.Fatal(err)
		}
		if got, err := anna.Message(ctx, msg.ID); err != nil || got.IsRead != read {
			t.Errorf("marked %t: %t, %v", read, got.IsRead, err)
		}
	}

	moved, err := anna.Move(ctx, msg.ID, "Inbox/Projects")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := anna.Message(ctx, moved); err != nil || got.Subject != msg.Subject || got.FolderID == msg.FolderID {
		t.Errorf("moved %+v, %v", got, err)
	}
	if _, err := anna.Message(ctx, msg.ID); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("by its old id: %v", err)
	}
	if _, err := anna.Move(ctx, moved, "Inbox/Nowhere"); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("moved nowhere: %v", err)
	}

	if err := anna.Delete(ctx, moved, false); err != nil {
		t.Fatal(err)
	}
	thrown := x.list(anna, mailbox.Query{Folder: mailbox.DeletedItems})
	if len(thrown) != 1 || thrown[0].Subject != msg.Subject {
		t.Fatalf("%d deleted items", len(thrown))
	}
	if err := anna.Delete(ctx, thrown[0].ID, true); err != nil {
		t.Fatal(err)
	}
	if left := x.list(anna, mailbox.Query{Folder: mailbox.DeletedItems}); len(left) != 0 {
		t.Errorf("%d deleted items are left", len(left))
	}
	if err := anna.Delete(ctx, thrown[0].ID, true); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	if n := len(x.list(anna, mailbox.Query{})); n != len(all)-1 {
		t.Errorf("%d messages of %d are left", n, len(all))
	}
}
