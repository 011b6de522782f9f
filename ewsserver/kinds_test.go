package ewsserver_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/exconn/exconn/wsdl"
)

// everything has an item of every kind in the inbox, and a folder of every
// kind.
func everything() *fake {
	f := newFake()
	response := &wsdl.MeetingResponseMessageType{ItemId: id("resp", "c1"), Subject: wsdl.NewText("Accepted: review"), From: &wsdl.RecipientType{Mailbox: anna()},
		ResponseType: wsdl.Ptr(wsdl.ResponseTypeNameAccept), ProposedStart: at("2026-12-01T09:00:00Z")}
	cancellation := &wsdl.MeetingCancellationMessageType{ItemId: id("canc", "c1"), Subject: wsdl.NewText("Canceled: review")}
	request := &wsdl.MeetingRequestMessageType{ItemId: id("req", "c1"), Subject: wsdl.NewText("review"), MeetingRequestType: wsdl.Ptr(wsdl.MeetingRequestKindNewMeetingRequest),
		Start: at("2026-12-01T09:00:00Z"), AssociatedCalendarItemId: id("event", "c1"), Size: wsdl.Ptr(wsdl.Int32(7000))}
	other := &wsdl.MeetingMessageType{ItemId: id("meet", "c1"), Subject: wsdl.NewText("forwarded")}
	task := &wsdl.ItemType{ItemId: id("task", "c1"), ItemClass: wsdl.NewText("IPM.Task"), Subject: wsdl.NewText("Call Ben")}
	f.items["inbox"] = []any{message(1, "Hello"), event(), request, response, cancellation, other, task}
	folder := func(i string) *wsdl.FolderIdType { return &wsdl.FolderIdType{Id: wsdl.NewText(i)} }
	f.folders = append(f.folders,
		&wsdl.ContactsFolderType{FolderId: folder("contacts"), DisplayName: wsdl.NewText("Contacts")},
		&wsdl.TasksFolderType{FolderId: folder("tasks"), DisplayName: wsdl.NewText("Tasks")},
		&wsdl.SearchFolderType{FolderId: folder("search"), DisplayName: wsdl.NewText("Unread")})
	return f
}

func TestEveryKindOfItem(t *testing.T) {
	t.Parallel()
	elements := []string{"<Message>", "<CalendarItem>", "<MeetingRequest>", "<MeetingResponse>", "<MeetingCancellation>", "<MeetingMessage>", "<Item>"}
	call(t, everything(), findItem(inInbox)).wantCodes(t, "NoError").has(t, elements...).
		has(t, "<MeetingRequestType>NewMeetingRequest</MeetingRequestType>", "<ResponseType>Accept</ResponseType>", `<AssociatedCalendarItemId Id="event"`)
	call(t, everything(), `<m:SyncFolderItems><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="inbox"/></m:SyncFolderId><m:MaxChangesReturned>100</m:MaxChangesReturned></m:SyncFolderItems>`).
		wantCodes(t, "NoError").has(t, elements...)
	folders := []string{"<Folder>", "<CalendarFolder>", "<ContactsFolder>", "<TasksFolder>", "<SearchFolder>"}
	call(t, everything(), `<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape></m:FolderShape></m:SyncFolderHierarchy>`).
		wantCodes(t, "NoError").has(t, folders...)
	for query, want := range map[string]string{"kind:tasks": "task", "kind:calendar": "event", "size:7000": "req", "participants:ben subject:quarterly": "event"} {
		call(t, everything(), findItem(inInbox+`<m:QueryString>`+query+`</m:QueryString>`)).wantCodes(t, "NoError").has(t, `Id="`+want+`"`)
	}
	// Sorting by what only some have puts the others first.
	a := call(t, everything(), findItem(`<m:SortOrder><t:FieldOrder Order="Ascending"><t:FieldURI FieldURI="item:Size"/></t:FieldOrder></m:SortOrder>`+inInbox)).wantCodes(t, "NoError")
	if strings.Index(a.body, `Id="task"`) > strings.Index(a.body, `Id="m1"`) || strings.Index(a.body, `Id="m1"`) > strings.Index(a.body, `Id="req"`) {
		t.Errorf("order: %s", a.body)
	}
}

func TestInternetHeaders(t *testing.T) {
	t.Parallel()
	f := newFake()
	const header = `<t:IndexedFieldURI FieldURI="item:InternetMessageHeader" FieldIndex="x-crm-id"/>`
	get := getItem(`<t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>`+header+`</t:AdditionalProperties>`, `<t:ItemId Id="draft"/>`)
	call(t, f, get).wantCodes(t, "NoError").lacks(t, "InternetMessageHeader")
	set := func(value, changeKey string) string {
		return update(resolve, `<t:ItemId Id="draft" ChangeKey="`+changeKey+`"/>`, `<t:SetItemField>`+header+
			`<t:Message><t:InternetMessageHeaders><t:InternetMessageHeader HeaderName="X-CRM-Id">`+value+`</t:InternetMessageHeader></t:InternetMessageHeaders></t:Message></t:SetItemField>`)
	}
	call(t, f, set("4711", "c1")).wantCodes(t, "NoError")
	call(t, f, set("4712", "c1+")).wantCodes(t, "NoError")
	call(t, f, get).wantCodes(t, "NoError").has(t, `<InternetMessageHeader HeaderName="X-CRM-Id">4712<`).lacks(t, "4711")
	call(t, f, `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:Restriction><t:Contains ContainmentMode="Prefixed">`+header+
		`<t:Constant Value="47"/></t:Contains></m:Restriction><m:ParentFolderIds><t:DistinguishedFolderId Id="drafts"/></m:ParentFolderIds></m:FindItem>`).
		wantCodes(t, "NoError").has(t, `Id="draft"`)
	call(t, f, update(resolve, `<t:ItemId Id="draft" ChangeKey="x"/>`, `<t:DeleteItemField>`+header+`</t:DeleteItemField><t:DeleteItemField>`+stamp+`</t:DeleteItemField><t:DeleteItemField><t:FieldURI FieldURI="item:Body"/></t:DeleteItemField>`)).
		wantCodes(t, "NoError")
	m := f.items["drafts"][0].(*wsdl.MessageType)
	if len(m.InternetMessageHeaders.InternetMessageHeader) != 0 || len(m.ExtendedProperty) != 0 || m.Body != nil {
		t.Errorf("headers %v, stamps %v, body %v", m.InternetMessageHeaders, m.ExtendedProperty, m.Body)
	}
}

func TestAppend(t *testing.T) {
	t.Parallel()
	f := newFake()
	const carla = `<t:Mailbox><t:EmailAddress>carla@contoso.example</t:EmailAddress></t:Mailbox>`
	appending := func(field string) string {
		return `<t:AppendToItemField><t:FieldURI FieldURI="message:` + field + `"/><t:Message><t:` + field + `>` + carla + `</t:` + field + `></t:Message></t:AppendToItemField>`
	}
	call(t, f, update(resolve, theDraft, appending("ToRecipients")+appending("BccRecipients")+
		`<t:DeleteItemField><t:FieldURI FieldURI="item:Body"/></t:DeleteItemField>`+
		`<t:AppendToItemField><t:FieldURI FieldURI="item:Body"/><t:Message><t:Body BodyType="Text">new</t:Body></t:Message></t:AppendToItemField>`)).wantCodes(t, "NoError")
	m := f.items["drafts"][0].(*wsdl.MessageType)
	if got := recipients(m.ToRecipients); !slices.Equal(got, []string{"anna@contoso.example", "ben@contoso.example", "carla@contoso.example"}) {
		t.Errorf("to %v", got)
	}
	if got := recipients(m.BccRecipients); !slices.Equal(got, []string{"carla@contoso.example"}) || wsdl.Str(m.Body.Value) != "new" {
		t.Errorf("bcc %v, body %q", got, wsdl.Str(m.Body.Value))
	}
}

// A message inside a message is part of the outer one's MIME form, and an
// event can be forwarded and answered too.
func TestAttachedItems(t *testing.T) {
	t.Parallel()
	f := newFake()
	m := message(5, "with a message")
	m.Body = nil
	m.Importance = wsdl.Ptr(wsdl.ImportanceNameHigh)
	m.Attachments = &wsdl.AttachmentList{Attachments: []any{
		&wsdl.ItemAttachmentType{AttachmentId: &wsdl.AttachmentIdType{Id: wsdl.NewText("mail")}, Name: wsdl.NewText("Lunch?")}}}
	f.items["inbox"] = append(f.items["inbox"], m)
	a := call(t, f, getItem(`<t:BaseShape>AllProperties</t:BaseShape><t:IncludeMimeContent>true</t:IncludeMimeContent>`, `<t:ItemId Id="m5"/>`)).wantCodes(t, "NoError").
		has(t, "<ItemAttachment>", "<Name>Lunch?</Name>")
	_, rest, _ := strings.Cut(a.body, "<MimeContent ")
	_, rest, _ = strings.Cut(rest, ">")
	encoded, _, _ := strings.Cut(rest, "<")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Content-Type: message/rfc822", "Message-ID: <2@fabrikam.example>", "Importance: high", "X-MS-Has-Attach: yes"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the message lacks %q:\n%s", want, raw)
		}
	}
	call(t, f, `<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:ForwardItem><t:ReferenceItemId Id="event"/></t:ForwardItem><t:ReplyAllToItem><t:ReferenceItemId Id="event"/></t:ReplyAllToItem><t:ReplyToItem><t:Body BodyType="Text">alone</t:Body><t:ReferenceItemId Id="gone"/></t:ReplyToItem></m:Items></m:CreateItem>`).
		wantCodes(t, "NoError", "NoError", "ErrorItemNotFound")
	forward, reply := f.created[0].Item.(*wsdl.MessageType), f.created[1].Item.(*wsdl.MessageType)
	if wsdl.Str(forward.Subject) != "FW: Quarterly review" || forward.ToRecipients != nil {
		t.Errorf("forward %q to %v", wsdl.Str(forward.Subject), recipients(forward.ToRecipients))
	}
	// The organizer is answered though it is the mailbox itself.
	if got := recipients(reply.ToRecipients); !slices.Equal(got, []string{"anna@contoso.example", "ben@contoso.example"}) {
		t.Errorf("reply to %v", got)
	}
}
