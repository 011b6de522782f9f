package ewsserver_test

import (
	"testing"

	"github.com/exconn/exconn/wsdl"
)

// personal has a contact, a list and a task in the inbox.
func personal() *fake {
	f := newFake()
	contact := &wsdl.ContactItemType{ItemId: id("contact", "c1"), ItemClass: wsdl.NewText("IPM.Contact"), DisplayName: wsdl.NewText("Nora"), Surname: wsdl.NewText("Quist"),
		EmailAddresses: &wsdl.EmailAddressesType{Entry: []*wsdl.EmailAddressEntry{
			{Key: wsdl.Ptr(wsdl.EmailAddressKeyEmailAddress1), Value: wsdl.NewText("nora@alpine.example")},
			{Key: wsdl.Ptr(wsdl.EmailAddressKeyEmailAddress2), Value: wsdl.NewText("nora@home.example")}}},
		PhysicalAddresses: &wsdl.PhysicalAddressesType{Entry: []*wsdl.PhysicalAddressEntry{
			{Key: wsdl.Ptr(wsdl.PhysicalAddressKeyBusiness), City: wsdl.NewText("Wien"), PostalCode: wsdl.NewText("1010")}}}}
	list := &wsdl.DistributionListType{ItemId: id("list", "c1"), ItemClass: wsdl.NewText("IPM.DistList"), DisplayName: wsdl.NewText("Friends"),
		Members: &wsdl.MembersType{Member: []*wsdl.MemberType{{Mailbox: anna(), Key: wsdl.NewText("k1")}}}}
	task := &wsdl.TaskType{ItemId: id("task", "c1"), ItemClass: wsdl.NewText("IPM.Task"), Subject: wsdl.NewText("Call"),
		DueDate: at("2026-12-01T00:00:00Z"), PercentComplete: wsdl.Ptr(wsdl.Ratio(40)), Status: wsdl.Ptr(wsdl.TaskStatusNameInProgress)}
	f.items["inbox"] = []any{contact, list, task}
	return f
}

const city = `<IndexedFieldURI FieldURI="contacts:PhysicalAddress:City" FieldIndex="Business"/>`

func TestPersonalShapes(t *testing.T) {
	t.Parallel()
	call(t, personal(), findItem(inInbox)).wantCodes(t, "NoError").has(t, "<Contact>", "<DistributionList>", "<Task>")
	call(t, personal(), getItem(`<t:BaseShape>Default</t:BaseShape>`, `<t:ItemId Id="contact"/><t:ItemId Id="list"/><t:ItemId Id="task"/>`)).
		wantCodes(t, "NoError", "NoError", "NoError").has(t, ">nora@home.example<", "<Members>", "<DueDate>2026-12-01", "<Status>InProgress<")
	// One entry asked for is one entry.
	call(t, personal(), getItem(`<t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>`+city+
		`<t:IndexedFieldURI FieldURI="contacts:EmailAddress" FieldIndex="EmailAddress2"/><t:IndexedFieldURI FieldURI="contacts:PhoneNumber" FieldIndex="Pager"/></t:AdditionalProperties>`, `<t:ItemId Id="contact"/>`)).
		wantCodes(t, "NoError").has(t, ">nora@home.example<", "<City>Wien<").lacks(t, "1010", "nora@alpine", "PhoneNumbers")
	call(t, personal(), `<m:SyncFolderItems><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="inbox"/></m:SyncFolderId><m:MaxChangesReturned>100</m:MaxChangesReturned></m:SyncFolderItems>`).
		wantCodes(t, "NoError").has(t, "<Contact>", "<DistributionList>", "<Task>").lacks(t, "<Members>")
}

func TestPersonalRestrictions(t *testing.T) {
	t.Parallel()
	find := func(restriction string) answered {
		return call(t, personal(), `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:Restriction>`+restriction+
			`</m:Restriction>`+inInbox+`</m:FindItem>`)
	}
	find(`<t:IsEqualTo>`+city+`<t:FieldURIOrConstant><t:Constant Value="wien"/></t:FieldURIOrConstant></t:IsEqualTo>`).wantCodes(t, "NoError").has(t, `Id="contact"`).lacks(t, `Id="task"`)
	find(`<t:Exists>`+city+`</t:Exists>`).wantCodes(t, "NoError").has(t, `Id="contact"`).lacks(t, `Id="list"`)
	find(`<t:IsGreaterThan><t:FieldURI FieldURI="task:PercentComplete"/><t:FieldURIOrConstant><t:Constant Value="39.5"/></t:FieldURIOrConstant></t:IsGreaterThan>`).
		wantCodes(t, "NoError").has(t, `Id="task"`).lacks(t, `Id="contact"`)
	find(`<t:IsLessThan><t:FieldURI FieldURI="task:DueDate"/><t:FieldURIOrConstant><t:Constant Value="2026-12-02T00:00:00Z"/></t:FieldURIOrConstant></t:IsLessThan>`).
		wantCodes(t, "NoError").has(t, `Id="task"`)
	for query, want := range map[string]string{"kind:contacts": "contact", "kind:tasks": "task"} {
		call(t, personal(), findItem(inInbox+`<m:QueryString>`+query+`</m:QueryString>`)).wantCodes(t, "NoError").has(t, `Id="`+want+`"`)
	}
}

func TestPersonalUpdates(t *testing.T) {
	t.Parallel()
	f := personal()
	contact := `<t:ItemId Id="contact" ChangeKey="c1"/>`
	address := func(inner string) string {
		return `<t:Contact><t:PhysicalAddresses><t:Entry Key="Business">` + inner + `</t:Entry></t:PhysicalAddresses></t:Contact>`
	}
	call(t, f, update(resolve, contact, `<t:SetItemField>`+city+address(`<t:City>Linz</t:City>`)+`</t:SetItemField>`+
		`<t:DeleteItemField><t:IndexedFieldURI FieldURI="contacts:EmailAddress" FieldIndex="EmailAddress1"/></t:DeleteItemField>`)).wantCodes(t, "NoError")
	c := f.items["inbox"][0].(*wsdl.ContactItemType)
	if e := c.PhysicalAddresses.Entry[0]; wsdl.Str(e.City) != "Linz" || wsdl.Str(e.PostalCode) != "1010" || len(c.EmailAddresses.Entry) != 1 {
		t.Errorf("address %+v, %d e-mail addresses", e, len(c.EmailAddresses.Entry))
	}
	// A change without its value, and an entry of what has none.
	call(t, f, update(resolve, contact, `<t:SetItemField>`+city+address(`<t:State>W</t:State>`)+`</t:SetItemField>`)).
		has(t, "ErrorUpdatePropertyMismatch", `<IndexedFieldURI FieldURI="contacts:PhysicalAddress:City" FieldIndex="Business"`)
	call(t, f, update(resolve, `<t:ItemId Id="task" ChangeKey="c1"/>`, `<t:DeleteItemField>`+city+`</t:DeleteItemField>`)).wantCodes(t, "ErrorInvalidPropertyDelete")
	call(t, f, update(resolve, contact, `<t:AppendToItemField>`+city+address(`<t:City>Linz</t:City>`)+`</t:AppendToItemField>`)).wantCodes(t, "ErrorInvalidPropertyAppend")
	call(t, f, update(resolve, `<t:ItemId Id="task" ChangeKey="c1"/>`, `<t:SetItemField><t:FieldURI FieldURI="task:IsComplete"/><t:Task><t:IsComplete>true</t:IsComplete></t:Task></t:SetItemField>`)).
		wantCodes(t, "ErrorInvalidPropertySet")
	call(t, f, update(resolve, `<t:ItemId Id="list" ChangeKey="c1"/>`, `<t:AppendToItemField><t:FieldURI FieldURI="distributionlist:Members"/>`+
		`<t:DistributionList><t:Members><t:Member><t:Mailbox><t:EmailAddress>ben@contoso.example</t:EmailAddress></t:Mailbox></t:Member></t:Members></t:DistributionList></t:AppendToItemField>`)).wantCodes(t, "NoError")
	if l := f.items["inbox"][1].(*wsdl.DistributionListType); len(l.Members.Member) != 2 {
		t.Errorf("%d members", len(l.Members.Member))
	}
	// A member is taken away by its key, and only so.
	const member = `<t:IndexedFieldURI FieldURI="distributionlist:Members:Member" FieldIndex="k1"/>`
	call(t, f, update(resolve, `<t:ItemId Id="list" ChangeKey="c1"/>`, `<t:DeleteItemField>`+member+`</t:DeleteItemField>`)).wantCodes(t, "NoError")
	if l := f.items["inbox"][1].(*wsdl.DistributionListType); len(l.Members.Member) != 1 || wsdl.Str(l.Members.Member[0].Key) == "k1" {
		t.Errorf("%d members are left", len(l.Members.Member))
	}
	call(t, f, update(resolve, contact, `<t:DeleteItemField>`+member+`</t:DeleteItemField>`)).wantCodes(t, "ErrorInvalidPropertyDelete")
}

// The delete of a task says what it means, and a backend that knows no lists and
// no series says so.
func TestPersonalLimits(t *testing.T) {
	t.Parallel()
	call(t, personal(), `<m:DeleteItem DeleteType="HardDelete"><m:ItemIds><t:ItemId Id="task"/></m:ItemIds></m:DeleteItem>`).wantCodes(t, "ErrorAffectedTaskOccurrencesRequired")
	call(t, personal(), `<m:DeleteItem DeleteType="HardDelete" AffectedTaskOccurrences="SpecifiedOccurrenceOnly"><m:ItemIds><t:ItemId Id="task"/></m:ItemIds></m:DeleteItem>`).wantCodes(t, "NoError")
	call(t, personal(), `<m:ExpandDL><m:Mailbox><t:EmailAddress>team@contoso.example</t:EmailAddress></m:Mailbox></m:ExpandDL>`).has(t, "ErrorInvalidOperation")
}
