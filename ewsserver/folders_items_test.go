package ewsserver_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// able is a fake with the abilities that not every backend has. It answers
// with the folder "inbox" or the item "m1", and "gone" is not there.
type able struct {
	*fake
	folder  any
	changed ewsserver.FolderUpdate
	how     wsdl.Disposal
	flags   []bool
	races   int
}

func (f *able) Open(context.Context, ewsserver.Caller) (ewsserver.Session, error) { return f, nil }

func gone(id string) error {
	if id == "gone" {
		return &ewsserver.Error{Code: ewsserver.ErrorFolderNotFound}
	}
	return nil
}

func (f *able) CreateFolder(_ context.Context, parent ewsserver.FolderRef, folder any) (any, error) {
	f.folder = folder
	return f.folders[0], gone(parent.ID)
}

func (f *able) UpdateFolder(_ context.Context, u ewsserver.FolderUpdate) (any, error) {
	if f.races > 0 {
		f.races--
		return nil, &ewsserver.Error{Code: ewsserver.ErrorIrresolvableConflict}
	}
	f.changed = u
	return f.folders[0], nil
}

func (f *able) CopyFolder(_ context.Context, ref, _ ewsserver.FolderRef) (any, error) {
	return f.folders[0], gone(ref.ID)
}

func (f *able) MoveFolder(_ context.Context, ref, _ ewsserver.FolderRef) (any, error) {
	return f.folders[0], gone(ref.ID)
}

func (f *able) DeleteFolder(_ context.Context, ref ewsserver.FolderRef, how wsdl.Disposal) error {
	f.how = how
	return gone(ref.ID)
}

func (f *able) EmptyFolder(_ context.Context, ref ewsserver.FolderRef, how wsdl.Disposal, subfolders bool) error {
	f.how, f.flags = how, []bool{subfolders}
	return gone(ref.ID)
}

func (f *able) MarkAllAsRead(_ context.Context, ref ewsserver.FolderRef, read, quiet bool) error {
	f.flags = []bool{read, quiet}
	return gone(ref.ID)
}

func (f *able) Copy(ctx context.Context, ref ewsserver.ItemRef, _ ewsserver.FolderRef) (any, error) {
	return f.Item(ctx, ref)
}

func (f *able) Archive(ctx context.Context, ref ewsserver.ItemRef, _ ewsserver.FolderRef) (any, error) {
	return f.Item(ctx, ref)
}

func (f *able) RemoveAttachment(_ context.Context, id string) (*wsdl.ItemIdType, error) {
	if id == "gone" {
		return nil, &ewsserver.Error{Code: ewsserver.ErrorItemNotFound}
	}
	return &wsdl.ItemIdType{Id: wsdl.NewText("m1"), ChangeKey: wsdl.NewText("c2")}, nil
}

func (f *able) Conversation(_ context.Context, id string) ([]any, error) {
	if id == "gone" {
		return nil, &ewsserver.Error{Code: ewsserver.ErrorItemNotFound}
	}
	talk := func(i, id, answers, at string) *wsdl.MessageType {
		m := message(1, "Talk")
		m.ItemId = &wsdl.ItemIdType{Id: wsdl.NewText(i), ChangeKey: wsdl.NewText("c1")}
		m.InternetMessageId, m.InReplyTo = wsdl.NewText(id), wsdl.NewText(answers)
		m.DateTimeReceived = wsdl.Ptr(wsdl.DateTimeText(at))
		return m
	}
	return []any{
		talk("t1", "<1@x>", "", "2026-11-01T10:00:00Z"),
		talk("t2", "<2@x>", "<1@x>", "2026-11-01T11:00:00Z"),
		talk("t3", "<3@x>", "<1@x>", "2026-11-01T12:00:00Z"),
		talk("t3-copy", "<3@x>", "<1@x>", "2026-11-01T12:00:01Z"),
		talk("t4", "<4@x>", "<2@x>", "2026-11-01T13:00:00Z"),
	}, nil
}

func newAble() *able { return &able{fake: newFake()} }

const (
	someFolders = `<m:FolderIds><t:DistinguishedFolderId Id="inbox"/><t:FolderId Id="gone"/></m:FolderIds>`
	someItems   = `<m:ItemIds><t:ItemId Id="m1"/><t:ItemId Id="gone"/></m:ItemIds>`
	toDrafts    = `<m:ToFolderId><t:DistinguishedFolderId Id="drafts"/></m:ToFolderId>`
	renaming    = `<t:SetFolderField><t:FieldURI FieldURI="folder:DisplayName"/><t:Folder><t:DisplayName>New</t:DisplayName></t:Folder></t:SetFolderField>`
)

func updateFolder(change string) string {
	return `<m:UpdateFolder><m:FolderChanges><t:FolderChange><t:FolderId Id="inbox" ChangeKey="old"/><t:Updates>` + change + `</t:Updates></t:FolderChange></m:FolderChanges></m:UpdateFolder>`
}

func createFolder(folder string) string {
	return `<m:CreateFolder><m:ParentFolderId><t:DistinguishedFolderId Id="inbox"/></m:ParentFolderId><m:Folders>` + folder + `</m:Folders></m:CreateFolder>`
}

// optional are requests of the operations that not every backend has.
var optional = map[string]string{
	"CreateFolder":       createFolder(`<t:Folder><t:DisplayName>New</t:DisplayName></t:Folder>`),
	"UpdateFolder":       updateFolder(renaming),
	"CopyFolder":         `<m:CopyFolder>` + toDrafts + someFolders + `</m:CopyFolder>`,
	"MoveFolder":         `<m:MoveFolder>` + toDrafts + someFolders + `</m:MoveFolder>`,
	"DeleteFolder":       `<m:DeleteFolder DeleteType="SoftDelete">` + someFolders + `</m:DeleteFolder>`,
	"EmptyFolder":        `<m:EmptyFolder DeleteType="HardDelete" DeleteSubFolders="true">` + someFolders + `</m:EmptyFolder>`,
	"MarkAllItemsAsRead": `<m:MarkAllItemsAsRead><m:ReadFlag>true</m:ReadFlag><m:SuppressReadReceipts>false</m:SuppressReadReceipts>` + someFolders + `</m:MarkAllItemsAsRead>`,
	"CopyItem":           `<m:CopyItem>` + toDrafts + someItems + `</m:CopyItem>`,
	"ArchiveItem":        `<m:ArchiveItem><m:ArchiveSourceFolderId><t:DistinguishedFolderId Id="inbox"/></m:ArchiveSourceFolderId>` + someItems + `</m:ArchiveItem>`,
	"DeleteAttachment":   `<m:DeleteAttachment><m:AttachmentIds><t:AttachmentId Id="a1"/><t:AttachmentId Id="gone"/><t:AttachmentId Id=""/></m:AttachmentIds></m:DeleteAttachment>`,
	"GetConversationItems": `<m:GetConversationItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SortOrder>TreeOrderAscending</m:SortOrder><m:Conversations>` +
		`<t:Conversation><t:ConversationId Id="talk"/></t:Conversation><t:Conversation><t:ConversationId Id="gone"/></t:Conversation></m:Conversations></m:GetConversationItems>`,
}

func TestOperationsNotOffered(t *testing.T) {
	t.Parallel()
	for name, request := range optional {
		t.Run(name, func(t *testing.T) { call(t, newFake(), request).wantFault(t, "ErrorInvalidOperation") })
	}
	call(t, newFake(), `<m:FindConversation><m:ParentFolderId><t:DistinguishedFolderId Id="inbox"/></m:ParentFolderId></m:FindConversation>`).wantFault(t, "ErrorInvalidOperation")
}

func TestOptionalOperations(t *testing.T) {
	t.Parallel()
	f := newAble()
	do := func(name string) answered { return call(t, f, optional[name]) }
	do("CreateFolder").wantCodes(t, "NoError").has(t, `<FolderId`)
	if c, ok := f.folder.(*wsdl.FolderType); !ok || wsdl.Str(c.FolderClass) != "IPF.Note" {
		t.Errorf("created %+v", f.folder)
	}
	for _, name := range []string{"CopyFolder", "MoveFolder"} {
		do(name).wantCodes(t, "NoError", "ErrorFolderNotFound").has(t, `Id="inbox"`)
	}
	do("DeleteFolder").wantCodes(t, "NoError", "ErrorFolderNotFound")
	if f.how != wsdl.DisposalSoftDelete {
		t.Errorf("deleted by %s", f.how)
	}
	do("EmptyFolder").wantCodes(t, "NoError", "ErrorFolderNotFound")
	if f.how != wsdl.DisposalHardDelete || !f.flags[0] {
		t.Errorf("emptied by %s, subfolders %v", f.how, f.flags)
	}
	do("MarkAllItemsAsRead").wantCodes(t, "NoError", "ErrorFolderNotFound")
	if !f.flags[0] || f.flags[1] {
		t.Errorf("marked with %v", f.flags)
	}
	for _, name := range []string{"CopyItem", "ArchiveItem"} {
		do(name).wantCodes(t, "NoError", "ErrorItemNotFound").has(t, `Id="m1"`)
	}
	call(t, f, strings.Replace(optional["CopyItem"], "</m:CopyItem>", "<m:ReturnNewItemIds>false</m:ReturnNewItemIds></m:CopyItem>", 1)).
		wantCodes(t, "NoError", "ErrorItemNotFound").lacks(t, "ItemId")
	do("DeleteAttachment").wantCodes(t, "NoError", "ErrorItemNotFound", "ErrorInvalidIdEmpty").has(t, `RootItemId="m1"`, `RootItemChangeKey="c2"`)
}

func TestUpdateFolder(t *testing.T) {
	t.Parallel()
	f := newAble()
	f.races = 1
	call(t, f, updateFolder(renaming)).wantCodes(t, "NoError")
	if got, _ := f.changed.Folder.(*wsdl.FolderType); got == nil || wsdl.Str(got.DisplayName) != "New" || f.changed.ReadChangeKey == "" || len(f.changed.Fields) != 1 {
		t.Errorf("changed %+v", f.changed)
	}
	set := func(field, folder string) string {
		return updateFolder(`<t:SetFolderField><t:FieldURI FieldURI="` + field + `"/>` + folder + `</t:SetFolderField>`)
	}
	for request, want := range map[string]string{
		set("folder:UnreadCount", `<t:Folder><t:UnreadCount>1</t:UnreadCount></t:Folder>`):                                           "ErrorInvalidPropertySet",
		set("folder:DisplayName", `<t:Folder><t:FolderClass>x</t:FolderClass></t:Folder>`):                                           "ErrorUpdatePropertyMismatch",
		updateFolder(`<t:DeleteFolderField><t:FieldURI FieldURI="folder:DisplayName"/></t:DeleteFolderField>`):                       "ErrorInvalidPropertyDelete",
		updateFolder(`<t:AppendToFolderField><t:FieldURI FieldURI="folder:DisplayName"/><t:Folder/></t:AppendToFolderField>`):        "ErrorInvalidPropertyAppend",
		strings.Replace(updateFolder(renaming), `Id="inbox"`, `Id=""`, 1):                                                            "ErrorInvalidIdEmpty",
		strings.Replace(updateFolder(renaming), `Id="inbox"`, `Id="none"`, 1):                                                        "ErrorFolderNotFound",
		createFolder(`<t:Folder><t:DisplayName> </t:DisplayName></t:Folder>`):                                                        "ErrorFolderSave",
		createFolder(`<t:Folder><t:DisplayName>x</t:DisplayName><t:TotalCount>1</t:TotalCount></t:Folder>`):                          "ErrorInvalidPropertySet",
		createFolder(`<t:CalendarFolder><t:FolderClass>IPF.Task</t:FolderClass><t:DisplayName>x</t:DisplayName></t:CalendarFolder>`): "ErrorInvalidValueForProperty",
		createFolder(`<t:SearchFolder><t:DisplayName>x</t:DisplayName></t:SearchFolder>`):                                            "ErrorInvalidOperation",
	} {
		call(t, newAble(), request).wantCodes(t, want)
	}
	for _, request := range []string{
		updateFolder(""), updateFolder(`<t:SetFolderField><t:FieldURI FieldURI="folder:DisplayName"/></t:SetFolderField>`),
		`<m:CreateFolder/>`, `<m:UpdateFolder/>`, `<m:CopyFolder/>`, `<m:MoveFolder>` + toDrafts + `</m:MoveFolder>`, `<m:DeleteFolder/>`,
		`<m:EmptyFolder DeleteType="HardDelete">` + someFolders + `</m:EmptyFolder>`, `<m:MarkAllItemsAsRead/>`, `<m:CopyItem/>`, `<m:ArchiveItem/>`,
		`<m:DeleteAttachment/>`, `<m:FindConversation/>`, `<m:GetConversationItems/>`,
	} {
		call(t, newAble(), request).wantFault(t, "ErrorSchemaValidation")
	}
}

func TestConversationOrder(t *testing.T) {
	t.Parallel()
	for order, want := range map[string]string{
		"TreeOrderAscending":  "t1 t2 t4 t3 t3-copy",
		"TreeOrderDescending": "t3 t3-copy t4 t2 t1",
		"DateOrderAscending":  "t1 t2 t3 t3-copy t4",
		"DateOrderDescending": "t4 t3 t3-copy t2 t1",
	} {
		a := call(t, newAble(), strings.Replace(optional["GetConversationItems"], "TreeOrderAscending", order, 1)).wantCodes(t, "NoError", "ErrorItemNotFound")
		var got []string
		for _, part := range strings.Split(a.body, `<ItemId `)[1:] {
			_, rest, _ := strings.Cut(part, `Id="`)
			id, _, _ := strings.Cut(rest, `"`)
			got = append(got, id)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", order, got, want)
		}
	}
}

func TestGrouping(t *testing.T) {
	t.Parallel()
	by := func(grouping string) answered { return call(t, newFake(), findItem(grouping+inInbox)) }
	by(`<m:GroupBy Order="Ascending"><t:FieldURI FieldURI="message:IsRead"/><t:AggregateOn Aggregate="Maximum"><t:FieldURI FieldURI="item:DateTimeReceived"/></t:AggregateOn></m:GroupBy>`).
		wantCodes(t, "NoError").has(t, "<GroupIndex>false</GroupIndex>", "<GroupedItems>")
	by(`<m:DistinguishedGroupBy Order="Descending"><t:StandardGroupBy>ConversationTopic</t:StandardGroupBy></m:DistinguishedGroupBy>`).wantCodes(t, "NoError").has(t, "<GroupIndex")
	by(`<m:GroupBy Order="Ascending"><t:FieldURI FieldURI="item:Body"/><t:AggregateOn Aggregate="Maximum"><t:FieldURI FieldURI="item:Size"/></t:AggregateOn></m:GroupBy>`).
		wantCodes(t, "ErrorUnsupportedPathForSortGroup")
	by(`<m:GroupBy Order="Ascending"><t:FieldURI FieldURI="item:Size"/></m:GroupBy>`).wantFault(t, "ErrorSchemaValidation")
	by(`<m:DistinguishedGroupBy Order="Descending"><t:StandardGroupBy>Size</t:StandardGroupBy></m:DistinguishedGroupBy>`).wantFault(t, "ErrorSchemaValidation")
}

func TestMIMEOfOtherKinds(t *testing.T) {
	t.Parallel()
	mime := base64.StdEncoding.EncodeToString([]byte("Subject: x\r\n\r\nx"))
	create := func(item string) answered {
		return call(t, newFake(), `<m:CreateItem MessageDisposition="SaveOnly" SendMeetingInvitations="SendToNone"><m:Items>`+item+`</m:Items></m:CreateItem>`)
	}
	create(`<t:CalendarItem><t:MimeContent>`+mime+`</t:MimeContent><t:Start>2026-11-01T10:00:00Z</t:Start><t:End>2026-11-01T11:00:00Z</t:End></t:CalendarItem>`).wantCodes(t, "ErrorMimeContentInvalid")
	create(`<t:Message><t:MimeContent>*</t:MimeContent></t:Message>`).wantCodes(t, "ErrorMimeContentInvalid")
	f := newFake()
	call(t, f, `<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:Message><t:MimeContent>`+mime+`</t:MimeContent><t:Subject>given</t:Subject></t:Message></m:Items></m:CreateItem>`).wantCodes(t, "NoError")
	got := f.created[0].Item.(*wsdl.MessageType)
	if wsdl.Str(got.Subject) != "given" || got.MimeContent != nil || strings.TrimSpace(wsdl.Str(got.Body.Value)) != "x" {
		t.Errorf("created %+v", got)
	}
}
