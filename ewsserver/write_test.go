package ewsserver_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/exconn/exconn/wsdl"
)

func TestCreateMessage(t *testing.T) {
	t.Parallel()
	f := newFake()
	call(t, f, `<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId><t:DistinguishedFolderId Id="drafts"><t:Mailbox><t:EmailAddress>sales@contoso.example</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId></m:SavedItemFolderId>`+
		`<m:Items><t:Message><t:Subject>Offer</t:Subject><t:Body BodyType="HTML">&lt;b&gt;x&lt;/b&gt;</t:Body>`+
		`<t:Attachments><t:FileAttachment><t:Name>a.txt</t:Name><t:Content>aGVsbG8=</t:Content></t:FileAttachment><t:FileAttachment><t:Name>empty</t:Name></t:FileAttachment></t:Attachments>`+
		`<t:ExtendedProperty><t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="stamp" PropertyType="String"/><t:Value>op</t:Value></t:ExtendedProperty>`+
		`<t:ToRecipients><t:Mailbox><t:EmailAddress>erik@fabrikam.example</t:EmailAddress></t:Mailbox></t:ToRecipients></t:Message></m:Items></m:CreateItem>`).
		wantCodes(t, "NoError").has(t, `Id="new"`).lacks(t, "Subject")
	n := f.created[0]
	m := n.Item.(*wsdl.MessageType)
	if n.Folder == nil || n.Folder.Distinguished != "drafts" || n.Folder.Mailbox != "sales@contoso.example" || n.Disposition != wsdl.DispositionSaveOnly {
		t.Errorf("%+v", n)
	}
	if a := m.Attachments.Attachments[0].(*wsdl.FileAttachmentType); string(a.Content.Data) != "hello" {
		t.Errorf("content %q", a.Content.Data)
	}
	if a := m.Attachments.Attachments[1].(*wsdl.FileAttachmentType); a.Content == nil {
		t.Error("an empty file has no content")
	}
	call(t, f, `<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:Message><t:Subject>Offer</t:Subject></t:Message></m:Items></m:CreateItem>`).
		wantCodes(t, "NoError").lacks(t, "ItemId")
}

func TestCreateRefusals(t *testing.T) {
	t.Parallel()
	for request, code := range map[string]string{
		`<m:CreateItem><m:Items><t:Message/></m:Items></m:CreateItem>`:                                                                                 "ErrorMessageDispositionRequired",
		`<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:CalendarItem/></m:Items></m:CreateItem>`:                                              "ErrorSendMeetingInvitationsRequired",
		`<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:MeetingRequest/></m:Items></m:CreateItem>`:                                            "ErrorInvalidItemForOperationCreateItem",
		`<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:Message><t:ItemId Id="x"/></t:Message></m:Items></m:CreateItem>`:                      "ErrorInvalidPropertySet",
		`<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:Message><t:MimeContent>eA==</t:MimeContent></t:Message></m:Items></m:CreateItem>`:     "ErrorMimeContentInvalid",
		`<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:ReplyToItem/></m:Items></m:CreateItem>`:                                               "ErrorMissingInformationReferenceItemId",
		`<m:CreateItem><m:Items><t:ReplyToItem><t:ReferenceItemId Id="m1"/></t:ReplyToItem></m:Items></m:CreateItem>`:                                  "ErrorMessageDispositionRequired",
		`<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:ReplyToItem><t:ReferenceItemId Id="draft"/></t:ReplyToItem></m:Items></m:CreateItem>`: "ErrorInvalidReferenceItem",
	} {
		f := newFake()
		call(t, f, request).wantCodes(t, code)
		if len(f.created) > 0 {
			t.Errorf("%s: created", request)
		}
	}
	for _, request := range []string{
		`<m:CreateItem MessageDisposition="Later"><m:Items><t:Message/></m:Items></m:CreateItem>`,
		`<m:CreateItem MessageDisposition="SaveOnly"><m:Items/></m:CreateItem>`,
		`<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Start>soon</t:Start></t:CalendarItem></m:Items></m:CreateItem>`,
	} {
		call(t, newFake(), request).wantFault(t, "ErrorSchemaValidation")
	}
}

// Naive times are those of the header's zone, which becomes the event's; else
// those of the event's own zone.
func TestCreateCalendarItemTimes(t *testing.T) {
	t.Parallel()
	item := func(inner string) string {
		return `<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Subject>x</t:Subject>` + inner + `</t:CalendarItem></m:Items></m:CreateItem>`
	}
	const naive = `<t:Start>2026-07-01T09:00:00</t:Start><t:End>2026-07-01T10:00:00+02:00</t:End>`
	const berlin = `<t:TimeZoneContext><t:TimeZoneDefinition Id="W. Europe Standard Time"/></t:TimeZoneContext>`
	for name, test := range map[string]struct{ header, item, start, zone string }{
		"header":   {berlin, item(naive), "2026-07-01T07:00:00Z", "W. Europe Standard Time"},
		"own zone": {"", item(naive + `<t:StartTimeZone Id="Tokyo Standard Time"/>`), "2026-07-01T00:00:00Z", "Tokyo Standard Time"},
		"both":     {berlin, item(naive + `<t:StartTimeZone Id="Tokyo Standard Time"/>`), "2026-07-01T07:00:00Z", "Tokyo Standard Time"},
		"neither":  {"", item(naive), "2026-07-01T09:00:00Z", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			callWith(t, f, nil, test.header, test.item).wantCodes(t, "NoError")
			e := f.created[0].Item.(*wsdl.CalendarItemType)
			if wsdl.Str(e.Start) != test.start || wsdl.Str(e.End) != "2026-07-01T08:00:00Z" {
				t.Errorf("from %s to %s", wsdl.Str(e.Start), wsdl.Str(e.End))
			}
			var zone string
			if e.StartTimeZone != nil {
				zone = wsdl.Str(e.StartTimeZone.Id)
			}
			if zone != test.zone {
				t.Errorf("zone %q, want %q", zone, test.zone)
			}
			if f.created[0].Invitations != wsdl.SendInvitationsSendToNone {
				t.Errorf("invitations %q", f.created[0].Invitations)
			}
		})
	}
}

func recipients(r *wsdl.RecipientsType) []string {
	var out []string
	if r != nil {
		for _, m := range r.Mailbox {
			out = append(out, wsdl.Str(m.EmailAddress))
		}
	}
	return out
}

func TestReply(t *testing.T) {
	t.Parallel()
	f := newFake()
	call(t, f, `<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:ReplyAllToItem><t:ReferenceItemId Id="m3" ChangeKey="c1"/>`+
		`<t:NewBodyContent BodyType="HTML">&lt;p&gt;Thanks&lt;/p&gt;</t:NewBodyContent></t:ReplyAllToItem></m:Items></m:CreateItem>`).wantCodes(t, "NoError").has(t, `Id="new"`)
	n := f.created[0]
	m := n.Item.(*wsdl.MessageType)
	if got := wsdl.Str(m.Subject); got != "RE: Invoice 4711 – März" {
		t.Errorf("subject %q", got)
	}
	if got := recipients(m.ToRecipients); !slices.Equal(got, []string{"erik@fabrikam.example", "ben@contoso.example"}) {
		t.Errorf("to %v", got)
	}
	if got := recipients(m.CcRecipients); !slices.Equal(got, []string{"carla@contoso.example"}) {
		t.Errorf("cc %v", got)
	}
	if wsdl.Str(m.InReplyTo) != "<3@fabrikam.example>" || wsdl.Str(m.References) != "<3@fabrikam.example>" {
		t.Errorf("in reply to %q, references %q", wsdl.Str(m.InReplyTo), wsdl.Str(m.References))
	}
	body := wsdl.Str(m.Body.Value)
	if i, j := strings.Index(body, "Thanks"), strings.Index(body, "Dear Anna"); i < 0 || j < i || strings.Count(body, "<body") != 1 {
		t.Errorf("body %q", body)
	}
	if !strings.Contains(body, "<b>From:</b> Erik Lund &lt;erik@fabrikam.example&gt;") {
		t.Errorf("body %q lacks the sender", body)
	}
	if n.ReplyTo == nil || n.ReplyTo.ID != "m3" || n.Forward || m.Attachments != nil {
		t.Errorf("%+v, attachments %v", n, m.Attachments)
	}

	call(t, f, `<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:ReplyToItem><t:Subject>Own</t:Subject><t:ReferenceItemId Id="m2"/>`+
		`<t:NewBodyContent BodyType="Text">Yes</t:NewBodyContent></t:ReplyToItem></m:Items></m:CreateItem>`).wantCodes(t, "NoError")
	m = f.created[1].Item.(*wsdl.MessageType)
	if got := recipients(m.ToRecipients); !slices.Equal(got, []string{"erik@fabrikam.example"}) || m.CcRecipients != nil {
		t.Errorf("to %v, cc %v", got, m.CcRecipients)
	}
	if body := wsdl.Str(m.Body.Value); wsdl.Val(m.Body.BodyType) != wsdl.BodyTypeNameText || !strings.HasPrefix(body, "Yes\r\n") || !strings.Contains(body, "the invoice & the offer.") {
		t.Errorf("body %q", body)
	}
	if got := wsdl.Str(m.Subject); got != "Own" {
		t.Errorf("subject %q", got)
	}
}

func TestForward(t *testing.T) {
	t.Parallel()
	f := newFake()
	call(t, f, `<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:ForwardItem><t:ToRecipients><t:Mailbox><t:EmailAddress>zoe@fabrikam.example</t:EmailAddress></t:Mailbox></t:ToRecipients>`+
		`<t:ReferenceItemId Id="m3"/></t:ForwardItem></m:Items></m:CreateItem>`).wantCodes(t, "NoError")
	n := f.created[0]
	m := n.Item.(*wsdl.MessageType)
	if got := recipients(m.ToRecipients); !slices.Equal(got, []string{"zoe@fabrikam.example"}) || !n.Forward || wsdl.Str(m.Subject) != "FW: Invoice 4711 – März" {
		t.Errorf("to %v, %+v", got, n)
	}
	if m.Attachments == nil || len(m.Attachments.Attachments) != 2 {
		t.Fatalf("attachments %v", m.Attachments)
	}
	pdf := m.Attachments.Attachments[0].(*wsdl.FileAttachmentType)
	if pdf.AttachmentId != nil || pdf.Content == nil || wsdl.Str(pdf.Name) != "invoice ü.pdf" {
		t.Errorf("%+v", pdf)
	}
	if original := f.files["pdf"].(*wsdl.FileAttachmentType); original.AttachmentId == nil {
		t.Error("the backend's own attachment was changed")
	}
}

func TestMeetingResponsesAndCancellation(t *testing.T) {
	t.Parallel()
	f := newFake()
	call(t, f, `<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:AcceptItem><t:ReferenceItemId Id="req"/></t:AcceptItem>`+
		`<t:TentativelyAcceptItem><t:ReferenceItemId Id="req"/></t:TentativelyAcceptItem>`+
		`<t:DeclineItem><t:Body BodyType="Text">No</t:Body><t:ReferenceItemId Id="req"/><t:ProposedStart>2026-12-01T10:00:00</t:ProposedStart></t:DeclineItem></m:Items></m:CreateItem>`).
		wantCodes(t, "NoError", "NoError", "NoError").has(t, `Id="event"`)
	want := []wsdl.ResponseTypeName{wsdl.ResponseTypeNameAccept, wsdl.ResponseTypeNameTentative, wsdl.ResponseTypeNameDecline}
	for i, r := range f.replies {
		if r.Response != want[i] || r.Ref.ID != "req" || r.Disposition != wsdl.DispositionSendAndSaveCopy {
			t.Errorf("%+v", r)
		}
	}
	if r := f.replies[2]; wsdl.Str(r.Body.Value) != "No" || r.ProposedStart.Hour() != 10 {
		t.Errorf("%+v", r)
	}
	call(t, f, `<m:CreateItem><m:Items><t:CancelCalendarItem><t:ReferenceItemId Id="event" ChangeKey="c1"/><t:NewBodyContent BodyType="Text">Sorry</t:NewBodyContent></t:CancelCalendarItem></m:Items></m:CreateItem>`).
		wantCodes(t, "NoError").has(t, "CalendarItem", `Id="event"`)
	if f.cancelled == nil || wsdl.Str(f.cancelled.Value) != "Sorry" {
		t.Errorf("body %v", f.cancelled)
	}
}

func update(attributes, id, updates string) string {
	return `<m:UpdateItem ` + attributes + `><m:ItemChanges><t:ItemChange>` + id + `<t:Updates>` + updates + `</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`
}

const (
	resolve   = `ConflictResolution="AutoResolve" MessageDisposition="SaveOnly" SendMeetingInvitationsOrCancellations="SendToNone"`
	isRead    = `<t:SetItemField><t:FieldURI FieldURI="message:IsRead"/><t:Message><t:IsRead>true</t:IsRead></t:Message></t:SetItemField>`
	theFirst  = `<t:ItemId Id="m1" ChangeKey="c1"/>`
	theDraft  = `<t:ItemId Id="draft" ChangeKey="c1"/>`
	theEvent  = `<t:ItemId Id="event" ChangeKey="c1"/>`
	stamp     = `<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="stamp" PropertyType="String"/>`
	stampGUID = `<t:ExtendedFieldURI PropertySetId="00020329-0000-0000-C000-000000000046" PropertyName="stamp" PropertyType="String"/>`
)

func TestUpdate(t *testing.T) {
	t.Parallel()
	f := newFake()
	before := f.items["inbox"][2].(*wsdl.MessageType)
	call(t, f, update(resolve, theFirst, isRead+
		`<t:SetItemField>`+stampGUID+`<t:Message><t:ExtendedProperty>`+stamp+`<t:Value>changed</t:Value></t:ExtendedProperty></t:Message></t:SetItemField>`+
		`<t:AppendToItemField><t:FieldURI FieldURI="item:Body"/><t:Message><t:Body BodyType="Text">PS: hi</t:Body></t:Message></t:AppendToItemField>`+
		`<t:DeleteItemField><t:FieldURI FieldURI="item:Categories"/></t:DeleteItemField>`)).
		wantCodes(t, "NoError").has(t, `ChangeKey="c1+"`, "ConflictResults", ">0<")
	after := f.items["inbox"][2].(*wsdl.MessageType)
	if !bool(*after.IsRead) || bool(*before.IsRead) {
		t.Errorf("read: after %v, the backend's own %v", *after.IsRead, *before.IsRead)
	}
	if len(after.ExtendedProperty) != 1 || wsdl.Str(after.ExtendedProperty[0].Value) != "changed" || wsdl.Str(before.ExtendedProperty[0].Value) != "op-1" {
		t.Errorf("stamps %v", after.ExtendedProperty)
	}
	if body := wsdl.Str(after.Body.Value); !strings.Contains(body, "offer.</p><div>PS: hi</div></body>") {
		t.Errorf("body %q", body)
	}
	u := f.updates[0]
	if !slices.Equal(u.Fields[:1], []string{"message:IsRead"}) || !strings.HasPrefix(u.Fields[1], "extended:") || u.Disposition != wsdl.DispositionSaveOnly || u.Invitations != "" {
		t.Errorf("%+v", u)
	}
}

func TestUpdateEvent(t *testing.T) {
	t.Parallel()
	f := newFake()
	call(t, f, update(`ConflictResolution="NeverOverwrite" SendMeetingInvitationsOrCancellations="SendToChangedAndSaveCopy"`, theEvent,
		`<t:SetItemField><t:FieldURI FieldURI="calendar:Start"/><t:CalendarItem><t:Start>2026-11-24T09:00:00+01:00</t:Start></t:CalendarItem></t:SetItemField>`+
			`<t:AppendToItemField><t:FieldURI FieldURI="calendar:RequiredAttendees"/><t:CalendarItem><t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>carla@contoso.example</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees></t:CalendarItem></t:AppendToItemField>`)).
		wantCodes(t, "NoError")
	e := f.updates[0].Item.(*wsdl.CalendarItemType)
	if wsdl.Str(e.Start) != "2026-11-24T08:00:00Z" || len(e.RequiredAttendees.Attendee) != 2 {
		t.Errorf("start %s, %d attendees", wsdl.Str(e.Start), len(e.RequiredAttendees.Attendee))
	}
	if f.updates[0].Invitations != wsdl.SendUpdatesSendToChangedAndSaveCopy {
		t.Errorf("invitations %q", f.updates[0].Invitations)
	}
}

func TestUpdateRefusals(t *testing.T) {
	t.Parallel()
	set := func(uri, inner string) string {
		return `<t:SetItemField><t:FieldURI FieldURI="` + uri + `"/>` + inner + `</t:SetItemField>`
	}
	for name, test := range map[string]struct{ request, code string }{
		"no change key":    {update(resolve, `<t:ItemId Id="m1"/>`, isRead), "ErrorChangeKeyRequiredForWriteOperations"},
		"always overwrite": {update(strings.Replace(resolve, "AutoResolve", "AlwaysOverwrite", 1), `<t:ItemId Id="m1"/>`, isRead), "ErrorChangeKeyRequiredForWriteOperations"},
		"stale":            {update(strings.Replace(resolve, "AutoResolve", "NeverOverwrite", 1), `<t:ItemId Id="m1" ChangeKey="c0"/>`, isRead), "ErrorIrresolvableConflict"},
		"not there":        {update(resolve, `<t:ItemId Id="gone" ChangeKey="c0"/>`, isRead), "ErrorItemNotFound"},
		"no disposition":   {update(`ConflictResolution="AutoResolve"`, theFirst, isRead), "ErrorMessageDispositionRequired"},
		"no invitations":   {update(`ConflictResolution="AutoResolve"`, theEvent, set("calendar:Location", `<t:CalendarItem><t:Location>x</t:Location></t:CalendarItem>`)), "ErrorSendMeetingInvitationsOrCancellationsRequired"},
		"read only":        {update(resolve, theFirst, set("item:Size", `<t:Message><t:Size>1</t:Size></t:Message>`)), "ErrorInvalidPropertySet"},
		"sent":             {update(resolve, theFirst, set("message:ToRecipients", `<t:Message><t:ToRecipients/></t:Message>`)), "ErrorInvalidPropertySet"},
		"not of its kind":  {update(resolve, theFirst, set("calendar:Start", `<t:CalendarItem><t:Start>2026-01-01T00:00:00Z</t:Start></t:CalendarItem>`)), "ErrorInvalidPropertySet"},
		"mismatch":         {update(resolve, theFirst, set("item:Subject", `<t:Message><t:IsRead>true</t:IsRead></t:Message>`)), "ErrorUpdatePropertyMismatch"},
		"no stamp":         {update(resolve, theFirst, `<t:SetItemField>`+stamp+`<t:Message/></t:SetItemField>`), "ErrorUpdatePropertyMismatch"},
		"append":           {update(resolve, theFirst, `<t:AppendToItemField><t:FieldURI FieldURI="item:Subject"/><t:Message><t:Subject>x</t:Subject></t:Message></t:AppendToItemField>`), "ErrorInvalidPropertyAppend"},
		"delete needed":    {update(resolve, theEvent, `<t:DeleteItemField><t:FieldURI FieldURI="calendar:Start"/></t:DeleteItemField>`), "ErrorInvalidPropertyDelete"},
		"delete read only": {update(resolve, theFirst, `<t:DeleteItemField><t:FieldURI FieldURI="item:DateTimeReceived"/></t:DeleteItemField>`), "ErrorInvalidPropertyDelete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			call(t, f, test.request).wantCodes(t, test.code)
			if len(f.updates) > 0 {
				t.Error("the backend was asked to update")
			}
		})
	}
	call(t, newFake(), update(`MessageDisposition="SaveOnly"`, theFirst, isRead)).wantFault(t, "ErrorSchemaValidation")
	call(t, newFake(), update(resolve, theFirst, "")).wantFault(t, "ErrorSchemaValidation")
	call(t, newFake(), update(resolve, "", isRead)).wantFault(t, "ErrorSchemaValidation")
}

// On a draft, recipients can be changed.
func TestUpdateDraft(t *testing.T) {
	t.Parallel()
	f := newFake()
	call(t, f, update(resolve, theDraft, `<t:SetItemField><t:FieldURI FieldURI="message:ToRecipients"/><t:Message><t:ToRecipients><t:Mailbox><t:EmailAddress>x@y.example</t:EmailAddress></t:Mailbox></t:ToRecipients></t:Message></t:SetItemField>`)).
		wantCodes(t, "NoError")
	if got := recipients(f.items["drafts"][0].(*wsdl.MessageType).ToRecipients); !slices.Equal(got, []string{"x@y.example"}) {
		t.Errorf("to %v", got)
	}
}

// Somebody changes the item between reading and writing: the change is made
// anew unless the client insists on its version.
func TestUpdateLostRace(t *testing.T) {
	t.Parallel()
	race := func(f *fake) {
		f.beforeUpdate = func() {
			f.beforeUpdate = nil
			m := *f.items["inbox"][2].(*wsdl.MessageType)
			m.ItemId = id("m1", "c2")
			m.Subject = wsdl.NewText("changed meanwhile")
			f.items["inbox"][2] = &m
		}
	}
	f := newFake()
	race(f)
	const twice = `<t:SetItemField><t:FieldURI FieldURI="item:Body"/><t:Message><t:Body BodyType="Text">a</t:Body></t:Message></t:SetItemField>` +
		`<t:AppendToItemField><t:FieldURI FieldURI="item:Body"/><t:Message><t:Body BodyType="Text">b</t:Body></t:Message></t:AppendToItemField>`
	call(t, f, update(resolve, theFirst, isRead+twice)).wantCodes(t, "NoError").has(t, `ChangeKey="c2+"`)
	m := f.items["inbox"][2].(*wsdl.MessageType)
	if wsdl.Str(m.Subject) != "changed meanwhile" || !bool(*m.IsRead) || wsdl.Str(m.Body.Value) != "ab" {
		t.Errorf("subject %q, read %v, body %q", wsdl.Str(m.Subject), *m.IsRead, wsdl.Str(m.Body.Value))
	}
	f = newFake()
	race(f)
	call(t, f, update(strings.Replace(resolve, "AutoResolve", "NeverOverwrite", 1), theFirst, isRead)).wantCodes(t, "ErrorIrresolvableConflict")
}

func TestDelete(t *testing.T) {
	t.Parallel()
	f := newFake()
	call(t, f, `<m:DeleteItem DeleteType="MoveToDeletedItems"><m:ItemIds><t:ItemId Id="m1"/><t:ItemId Id="event"/><t:ItemId Id="gone"/></m:ItemIds></m:DeleteItem>`).
		wantCodes(t, "NoError", "ErrorSendMeetingCancellationsRequired", "ErrorItemNotFound")
	call(t, f, `<m:DeleteItem DeleteType="HardDelete" SendMeetingCancellations="SendToAllAndSaveCopy"><m:ItemIds><t:ItemId Id="event"/></m:ItemIds></m:DeleteItem>`).wantCodes(t, "NoError")
	if !slices.Equal(f.deleted, []string{"m1", "event"}) || f.cancellation != wsdl.SendInvitationsSendToAllAndSaveCopy {
		t.Errorf("deleted %v, cancellations %q", f.deleted, f.cancellation)
	}
	call(t, f, `<m:DeleteItem><m:ItemIds><t:ItemId Id="m1"/></m:ItemIds></m:DeleteItem>`).wantFault(t, "ErrorSchemaValidation")
}

func TestMove(t *testing.T) {
	t.Parallel()
	move := func(to, rest string) answered {
		return call(t, newFake(), `<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id="`+to+`"/></m:ToFolderId><m:ItemIds><t:ItemId Id="m1"/><t:ItemId Id="gone"/></m:ItemIds>`+rest+`</m:MoveItem>`)
	}
	move("drafts", "").wantCodes(t, "NoError", "ErrorItemNotFound").has(t, `Id="m1-moved"`)
	move("drafts", "<m:ReturnNewItemIds>false</m:ReturnNewItemIds>").wantCodes(t, "NoError", "ErrorItemNotFound").lacks(t, "ItemId")
	move("nowhere", "").wantCodes(t, "ErrorFolderNotFound", "ErrorFolderNotFound")
}

func TestSend(t *testing.T) {
	t.Parallel()
	f := newFake()
	call(t, f, `<m:SendItem SaveItemToFolder="true"><m:ItemIds><t:ItemId Id="draft" ChangeKey="c1"/><t:ItemId Id="draft"/><t:ItemId Id="draft" ChangeKey="stale"/></m:ItemIds></m:SendItem>`).
		wantCodes(t, "NoError", "ErrorChangeKeyRequired", "ErrorStaleObject")
	if f.sentTo == nil || f.sentTo.Distinguished != "sentitems" {
		t.Errorf("copy to %+v", f.sentTo)
	}
	call(t, f, `<m:SendItem SaveItemToFolder="false"><m:ItemIds><t:ItemId Id="draft" ChangeKey="c1"/></m:ItemIds></m:SendItem>`).wantCodes(t, "NoError")
	if f.sentTo != nil {
		t.Errorf("copy to %+v", f.sentTo)
	}
	call(t, f, `<m:SendItem SaveItemToFolder="false"><m:ItemIds><t:ItemId Id="draft" ChangeKey="c1"/></m:ItemIds><m:SavedItemFolderId><t:DistinguishedFolderId Id="sentitems"/></m:SavedItemFolderId></m:SendItem>`).
		wantCodes(t, "ErrorInvalidSendItemSaveSettings")
}

func TestCreateAttachment(t *testing.T) {
	t.Parallel()
	f := newFake()
	content := strings.Repeat("0123456789", 10_000)
	call(t, f, `<m:CreateAttachment><m:ParentItemId Id="draft" ChangeKey="c1"/><m:Attachments>`+
		`<t:FileAttachment><t:Name>a.txt</t:Name><t:Content>`+base64.StdEncoding.EncodeToString([]byte(content))+`</t:Content></t:FileAttachment>`+
		`<t:ItemAttachment><t:Name>note</t:Name><t:Message><t:Subject>inner</t:Subject></t:Message></t:ItemAttachment></m:Attachments></m:CreateAttachment>`).
		wantCodes(t, "NoError", "NoError").has(t, `Id="att1"`, `RootItemId="draft"`, `RootItemChangeKey="c1++"`, "ItemAttachment").lacks(t, "Content", "inner")
	if got := f.added[0].(*wsdl.FileAttachmentType).Content.Data; string(got) != content {
		t.Errorf("%d bytes of content", len(got))
	}
	call(t, f, `<m:CreateAttachment><m:ParentItemId Id=""/><m:Attachments><t:FileAttachment><t:Name>a</t:Name></t:FileAttachment></m:Attachments></m:CreateAttachment>`).
		wantCodes(t, "ErrorInvalidIdEmpty")
	call(t, f, `<m:CreateAttachment><m:ParentItemId Id="draft"/><m:Attachments><t:ItemAttachment><t:Name>a</t:Name></t:ItemAttachment></m:Attachments></m:CreateAttachment>`).
		wantFault(t, "ErrorSchemaValidation")
}
