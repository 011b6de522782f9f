package ews_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// crmSet is a property set such as a program makes for itself.
const crmSet = "5d3f2f2e-3c2b-4d5e-8f6a-0123456789ab"

// everyProperty has a property of each type.
func everyProperty() []ews.Property {
	named := func(name string, t ews.PropertyType) ews.Field { return ews.Named(crmSet, name, t) }
	return []ews.Property{
		{Field: named("text", wsdl.MapiTypeString), Value: "a < b & \"c\""},
		{Field: named("truth", wsdl.MapiTypeBoolean), Value: true},
		{Field: named("short", wsdl.MapiTypeShort), Value: int16(-7)},
		{Field: named("whole", wsdl.MapiTypeInteger), Value: int32(4711)},
		{Field: named("long", wsdl.MapiTypeLong), Value: int64(1) << 40},
		{Field: named("money", wsdl.MapiTypeCurrency), Value: int64(129900)},
		{Field: named("real", wsdl.MapiTypeDouble), Value: 2.5},
		{Field: named("small", wsdl.MapiTypeFloat), Value: float32(0.25)},
		{Field: named("days", wsdl.MapiTypeApplicationTime), Value: 46346.5},
		{Field: named("time", wsdl.MapiTypeSystemTime), Value: noon},
		{Field: named("bytes", wsdl.MapiTypeBinary), Value: []byte{0, 1, 254, 255}},
		{Field: named("guid", wsdl.MapiTypeCLSID), Value: crmSet},
		{Field: ews.NamedID(string(wsdl.PropertySetNameCommon), 0x8578, wsdl.MapiTypeInteger), Value: int32(1)},
		{Field: ews.Named(string(wsdl.PropertySetNamePublicStrings), "crm-id", wsdl.MapiTypeString), Value: "C-17"},
		{Field: ews.Tag(0x6601, wsdl.MapiTypeString), Value: "Tagged"},
		{Field: named("texts", wsdl.MapiTypeStringArray), Value: []string{"one", "two"}},
		{Field: named("numbers", wsdl.MapiTypeIntegerArray), Value: []int32{1, 2, 3}},
		{Field: named("times", wsdl.MapiTypeSystemTimeArray), Value: []time.Time{noon, noon.Add(time.Hour)}},
		{Field: named("blobs", wsdl.MapiTypeBinaryArray), Value: [][]byte{{1}, {2, 3}}},
	}
}

func fieldsOf(list []ews.Property) (fields []ews.Field) {
	for _, p := range list {
		fields = append(fields, p.Field)
	}
	return fields
}

func content(s string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
}

func TestGoldenItems(t *testing.T) {
	subject, importance, sensitivity := ews.URI("item:Subject"), mailbox.High, mailbox.Private
	yes, name := true, "New subject"
	categories, none := []string{"CRM", "Red & blue"}, []string{}
	start, due := noon, noon.Add(48*time.Hour)
	search := func(s ews.Search) func(context.Context, *ews.Mailbox) error {
		return func(ctx context.Context, m *ews.Mailbox) error {
			for _, err := range m.FindItems(ctx, s) {
				if err != nil {
					return err
				}
			}
			return nil
		}
	}
	type do = func(context.Context, *ews.Mailbox) error
	cases := []struct {
		name   string
		access ews.Access
		do     do
	}{
		{"find-all-comparisons", ews.Own, search(ews.Search{
			Restriction: ews.Or(
				ews.And(
					ews.Equal(ews.URI("message:IsRead"), false),
					ews.NotEqual(ews.URI("item:Importance"), "Low"),
					ews.Less(ews.URI("item:Size"), 5000),
					ews.LessOrEqual(ews.URI("item:DateTimeReceived"), noon),
					ews.Greater(ews.URI("item:DateTimeSent"), ews.URI("item:DateTimeCreated")),
					ews.GreaterOrEqual(ews.URI("item:Size"), int64(10)),
				),
				ews.Not(ews.Contains(subject, "invoice", ews.Substring, ews.IgnoreCase)),
				ews.And(ews.Exists(ews.Named(crmSet, "crm-id", wsdl.MapiTypeString)), ews.Excludes(ews.Tag(0x0E07, wsdl.MapiTypeInteger), 9)),
				ews.Equal(ews.Header("X-Campaign"), "autumn"),
				ews.Equal(ews.Indexed("contacts:EmailAddress", "EmailAddress1"), "ben@contoso.example"),
			),
			Sort:   []ews.Order{{Field: subject}, {Field: ews.URI("item:DateTimeReceived"), Descending: true}, {Field: ews.Tag(0x0E07, wsdl.MapiTypeInteger)}},
			Fields: []ews.Field{ews.Named(crmSet, "crm-id", wsdl.MapiTypeString), ews.Header("X-Campaign"), ews.URI("item:Preview"), subject},
			Limit:  50,
		})},
		{"find-query", ews.Shared, search(ews.Search{Folder: mailbox.SentItems, AQS: "subject:invoice"})},
		{"find-associated", ews.Own, search(ews.Search{Folder: ews.ArchiveInbox, Associated: true, Sort: []ews.Order{}})},
		{"find-groups", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			for _, err := range m.FindGroups(ctx, ews.Search{}, ews.Grouping{By: ews.URI("item:Importance"), On: ews.URI("item:DateTimeReceived"), Maximum: true, Descending: true}) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"find-groups-conversations", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			for _, err := range m.FindGroups(ctx, ews.Search{}, ews.Grouping{Conversations: true}) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"get-messages", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.GetMessages(ctx, []string{"AAMkOne="}, fieldsOf(everyProperty())...)
			return err
		}},
		{"update-all", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.UpdateItems(ctx, []ews.ItemUpdate{{ID: "AAMkOne=", ChangeKey: "CK", Subject: &name, IsRead: &yes, Importance: &importance, Sensitivity: &sensitivity,
				Categories: &categories, Flag: &mailbox.Flag{Status: mailbox.Flagged, Start: &start, Due: &due}, Set: everyProperty(),
				Remove: []ews.Field{ews.Named(crmSet, "old", wsdl.MapiTypeString), ews.URI("item:Body")}}})
			return err
		}},
		{"update-clear", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			empty := ""
			_, err := m.UpdateItem(ctx, ews.ItemUpdate{ID: "AAMkOne=", Subject: &empty, Categories: &none, Flag: &mailbox.Flag{Status: mailbox.NotFlagged}})
			return err
		}},
		{"update-complete", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.UpdateItem(ctx, ews.ItemUpdate{ID: "AAMkOne=", ChangeKey: "CK", Flag: &mailbox.Flag{Status: mailbox.FlagComplete, Completed: &due}})
			return err
		}},
		{"move-items", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.MoveItems(ctx, []string{"AAMkOne="}, mailbox.Drafts)
			return err
		}},
		{"copy-items", ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Copy(ctx, "AAMkOne=", mailbox.Drafts)
			return err
		}},
		{"delete-items", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.DeleteItems(ctx, []string{"AAMkOne="}, true)
			return err
		}},
		{"archive-items", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.ArchiveItems(ctx, []string{"AAMkOne="}, mailbox.Inbox)
			return err
		}},
		{"mark-all-read", ews.Own, func(ctx context.Context, m *ews.Mailbox) error { return m.MarkAllRead(ctx, mailbox.Inbox, true) }},
		{"delete-attachments", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.DeleteAttachments(ctx, "AAMkAtt=")
			return err
		}},
		{"attach", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Attach(ctx, "AAMkOne=", file("a.txt", "hello"))
			return err
		}},
		{"attach-message", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.AttachMessage(ctx, "AAMkOne=", "", mailbox.Outgoing{To: to("ben@contoso.example"), Subject: "Inner", HTML: "<p>in</p>",
				Sensitivity: mailbox.Confidential, Categories: categories, OperationID: "op-7"})
			return err
		}},
		{"attach-mime", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.AttachMIME(ctx, "AAMkOne=", "Inner", strings.NewReader("Subject: Inner\r\n\r\nin"))
			return err
		}},
		{"attached-message", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.AttachedMessage(ctx, "AAMkAtt=")
			return err
		}},
		{"import-mime", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.ImportMIME(ctx, ews.Import{Folder: mailbox.SentItems, Open: content("Subject: Old\r\n\r\nold"), Size: 19, Read: true,
				Received: noon, Categories: categories, Properties: everyProperty()[:1], OperationID: "op-8"})
			return err
		}},
		{"import-mime-draft", ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.ImportMIME(ctx, ews.Import{Open: content("Subject: Old\r\n\r\nold"), Draft: true, OperationID: "op-9"})
			return err
		}},
		{"find-conversations", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			for _, err := range m.FindConversations(ctx, ews.Conversations{AQS: "subject:invoice", Limit: 20}) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"conversation-items", ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.GetConversationItems(ctx, ews.ConversationItems{IDs: []string{"AAQkOne="}, Ignore: []mailbox.FolderRef{mailbox.DeletedItems, mailbox.JunkEmail}, Max: 50, Newest: true, Body: true})
			return err
		}},
		{"create-folder", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.CreateFolder(ctx, mailbox.NewFolder{Name: "Offers", Parent: mailbox.Inbox})
			return err
		}},
		{"create-folder-calendar", ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			for _, class := range []string{"IPF.Appointment", "IPF.Contact", "IPF.Task", "IPF.Note.Offers"} {
				if _, err := m.CreateFolder(ctx, mailbox.NewFolder{Name: "Offers", Class: class}); err != nil {
					return err
				}
			}
			return nil
		}},
		{"update-folder", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.UpdateFolder(ctx, projectsPath, ews.FolderUpdate{Name: "Offers", Class: "IPF.Note.Offers", Set: everyProperty()[:1], Remove: []ews.Field{ews.Tag(0x3001, wsdl.MapiTypeString)}})
			return err
		}},
		{"update-folder-known", ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.UpdateFolder(ctx, mailbox.Inbox, ews.FolderUpdate{Set: everyProperty()[:1]})
			return err
		}},
		{"get-folder", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, _, err := m.GetFolder(ctx, mailbox.Inbox, fieldsOf(everyProperty()[:1])...)
			return err
		}},
		{"move-folder", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.MoveFolder(ctx, projectsPath, ews.ArchiveRoot)
			return err
		}},
		{"copy-folder", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.CopyFolder(ctx, projectsPath, mailbox.Drafts)
			return err
		}},
		{"delete-folder", ews.Own, func(ctx context.Context, m *ews.Mailbox) error { return m.DeleteFolder(ctx, projectsPath, false) }},
		{"empty-folder", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return m.EmptyFolder(ctx, mailbox.DeletedItems, true, true)
		}},
		{"folders-archive", ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.ArchiveFolders(ctx)
			return err
		}},
		{"sync-archive", ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.SyncArchiveHierarchy(ctx, "")
			return err
		}},
	}
	var golden []goldenCase
	for _, c := range cases {
		golden = append(golden, goldenCase{name: c.name, do: inMailbox(c.access, c.do), answer: cannedItems})
	}
	runGolden(t, golden)
}

const projectsPath mailbox.FolderRef = "Posteingang/Projects"

// cannedItems is canned with the operations of this file.
func cannedItems(w http.ResponseWriter, _ *http.Request, operation string) {
	answer := canned(operation)
	switch operation {
	case "CreateFolder", "UpdateFolder", "CopyFolder", "MoveFolder":
		answer = success(operation, `<m:Folders><t:Folder><t:FolderId Id="`+projectsID+`" ChangeKey="B"/></t:Folder></m:Folders>`)
	case "DeleteFolder", "EmptyFolder", "MarkAllItemsAsRead":
		answer = success(operation, "")
	case "DeleteAttachment":
		answer = success(operation, `<m:RootItemId RootItemId="AAMkOne=" RootItemChangeKey="CK2"/>`)
	case "GetAttachment":
		answer = success(operation, `<m:Attachments><t:ItemAttachment><t:AttachmentId Id="AAMkAtt="/><t:Name>Inner</t:Name><t:Message><t:Subject>Inner</t:Subject></t:Message></t:ItemAttachment></m:Attachments>`)
	case "FindConversation":
		answer = envelope(`<m:FindConversationResponse ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Conversations/></m:FindConversationResponse>`)
	case "GetConversationItems":
		answer = success(operation, `<m:Conversation><t:ConversationId Id="AAQkOne="/></m:Conversation>`)
	}
	respond(w, http.StatusOK, answer)
}
