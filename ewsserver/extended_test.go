package ewsserver_test

import (
	"fmt"
	"testing"

	"github.com/exconn/exconn/wsdl"
)

// A typed value comes back in the one form that its type has, however the
// client wrote it.
func TestExtendedValuesAreCanonical(t *testing.T) {
	t.Parallel()
	for _, each := range []struct{ kind, given, want string }{
		{"Boolean", "1", "true"},
		{"Boolean", " false ", "false"},
		{"Integer", "+007", "7"},
		{"Short", "-32768", "-32768"},
		{"Long", "1099511627776", "1099511627776"},
		{"Double", "1.50", "1.5"},
		{"SystemTime", "2026-11-21T10:00:00+01:00", "2026-11-21T09:00:00Z"},
		{"CLSID", "7D3A5E60-2C1F-4F0E-9A55-3B1A0C9E2D41", "7d3a5e60-2c1f-4f0e-9a55-3b1a0c9e2d41"},
		{"Binary", "aGVs\nbG8=", "aGVsbG8="},
		{"String", " as it is ", " as it is "},
	} {
		f := newFake()
		call(t, f, create(fmt.Sprintf(`<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="0x6001" PropertyType="%s"/><t:Value>%s</t:Value></t:ExtendedProperty>`,
			each.kind, each.given))).wantCodes(t, "NoError")
		m := f.created[0].Item.(*wsdl.MessageType)
		if got := wsdl.Str(m.ExtendedProperty[0].Value); got != each.want {
			t.Errorf("%s: %q became %q, want %q", each.kind, each.given, got, each.want)
		}
	}
	f := newFake()
	call(t, f, create(`<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="0x6001" PropertyType="IntegerArray"/><t:Values><t:Value>01</t:Value><t:Value>2</t:Value></t:Values></t:ExtendedProperty>`)).
		wantCodes(t, "NoError")
	values := f.created[0].Item.(*wsdl.MessageType).ExtendedProperty[0].Values.Value
	if len(values) != 2 || wsdl.Str(values[0]) != "1" || wsdl.Str(values[1]) != "2" {
		t.Errorf("the list became %v", values)
	}
}

func create(properties string) string {
	return `<m:CreateItem MessageDisposition="SaveOnly"><m:Items><t:Message><t:Subject>x</t:Subject>` + properties + `</t:Message></m:Items></m:CreateItem>`
}

func TestExtendedValuesOfAnotherTypeAreRefused(t *testing.T) {
	t.Parallel()
	for kind, value := range map[string]string{
		"Boolean": "maybe", "Integer": "2147483648", "Short": "40000", "Long": "one", "SystemTime": "soon", "CLSID": "x", "Binary": "*", "Double": "1,5",
	} {
		f := newFake()
		property := fmt.Sprintf(`<t:ExtendedFieldURI PropertyTag="0x6001" PropertyType="%s"/>`, kind)
		stored := `<t:ExtendedProperty>` + property + `<t:Value>` + value + `</t:Value></t:ExtendedProperty>`
		call(t, f, create(stored)).wantCodes(t, "ErrorInvalidExtendedPropertyValue")
		call(t, f, update(resolve, theFirst, `<t:SetItemField>`+property+`<t:Message>`+stored+`</t:Message></t:SetItemField>`)).
			wantCodes(t, "ErrorInvalidExtendedPropertyValue")
		if len(f.created)+len(f.updates) > 0 {
			t.Errorf("%s %q was stored", kind, value)
		}
	}
}

// What is a property of the schema can be had by its tag as well.
func TestPropertiesByTheirTags(t *testing.T) {
	t.Parallel()
	get := `<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>%s</t:AdditionalProperties></m:ItemShape><m:ItemIds><t:ItemId Id="m1"/></m:ItemIds></m:GetItem>`
	for _, each := range []struct{ tag, kind, want string }{
		{"0x001A", "String", "IPM.Note"},
		{"0x37", "String", "Invoice 4710"},
		{"0xe07", "Integer", "0"},
		{"0x0E08", "Integer", "1000"},
		{"0x0E06", "SystemTime", "2026-11-01T10:00:00Z"},
		{"0x1035", "String", "&lt;1@fabrikam.example&gt;"},
		{"0x0017", "Integer", "1"},
		{"0x0E1B", "Boolean", "false"},
	} {
		call(t, newFake(), fmt.Sprintf(get, `<t:ExtendedFieldURI PropertyTag="`+each.tag+`" PropertyType="`+each.kind+`"/>`)).
			wantCodes(t, "NoError").has(t, `PropertyTag="`+each.tag+`"`, "<Value>"+each.want+"</Value>")
	}
	// Of another type it is another property, which the item has not.
	call(t, newFake(), fmt.Sprintf(get, `<t:ExtendedFieldURI PropertyTag="0x001A" PropertyType="Integer"/>`)).
		wantCodes(t, "NoError").lacks(t, "ExtendedProperty")
	call(t, newFake(), `<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:ExtendedFieldURI PropertyTag="0x3613" PropertyType="String"/></t:AdditionalProperties></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="inbox"/></m:FolderIds></m:GetFolder>`).
		wantCodes(t, "NoError").has(t, "<Value>IPF.Note</Value>")
}

// Clients read the state of a failed synchronization, too.
func TestSyncErrorsHaveAState(t *testing.T) {
	t.Parallel()
	call(t, newFake(), `<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="inbox"/></m:SyncFolderId><m:SyncState>garbage</m:SyncState><m:MaxChangesReturned>5</m:MaxChangesReturned></m:SyncFolderItems>`).
		wantCodes(t, "ErrorInvalidSyncStateData").has(t, "<SyncState></SyncState>", "<IncludesLastItemInRange>true<")
	call(t, newFake(), `<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:SyncFolderId><t:DistinguishedFolderId Id="nowhere"/></m:SyncFolderId></m:SyncFolderHierarchy>`).
		has(t, `ResponseClass="Error"`, "<SyncState></SyncState>", "<IncludesLastFolderInRange>true<")
}

// Asked for properties that it does not tell, SyncFolderItems leaves them out;
// exchangelib asks for all by default.
func TestSyncLeavesOutWhatItCannotTell(t *testing.T) {
	t.Parallel()
	call(t, newFake(), `<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI="item:TextBody"/><t:FieldURI FieldURI="item:Subject"/></t:AdditionalProperties></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="inbox"/></m:SyncFolderId><m:MaxChangesReturned>5</m:MaxChangesReturned></m:SyncFolderItems>`).
		wantCodes(t, "NoError").has(t, "<Subject>").lacks(t, "TextBody")
}
