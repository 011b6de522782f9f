package ewsserver_test

import (
	"testing"

	"github.com/exconn/exconn/wsdl"
)

// Gateways change the subject, the body and the flag by their tags; the elements
// have to change with them.
func TestElementsAreWrittenByTag(t *testing.T) {
	t.Parallel()
	tag := func(tag, kind string) string {
		return `<t:ExtendedFieldURI PropertyTag="` + tag + `" PropertyType="` + kind + `"/>`
	}
	set := func(uri, value string) string {
		return `<t:SetItemField>` + uri + `<t:Message><t:ExtendedProperty>` + uri + `<t:Value>` + value + `</t:Value></t:ExtendedProperty></t:Message></t:SetItemField>`
	}
	f := newFake()
	call(t, f, update(resolve, `<t:ItemId Id="draft" ChangeKey="c1"/>`,
		set(tag("0x37", "String"), "by tag")+set(tag("0x1090", "Integer"), "2")+set(tag("0x17", "Integer"), "2"))).wantCodes(t, "NoError")
	u := f.updates[len(f.updates)-1]
	m := u.Item.(*wsdl.MessageType)
	if wsdl.Str(m.Subject) != "by tag" || wsdl.Val(m.Importance) != wsdl.ImportanceNameHigh || m.Flag == nil || wsdl.Val(m.Flag.FlagStatus) != wsdl.FlagStatusNameFlagged {
		t.Errorf("subject %s, importance %s, flag %+v", wsdl.Str(m.Subject), wsdl.Val(m.Importance), m.Flag)
	}
	if u.Fields[0] != "item:Subject" {
		t.Errorf("the backend is told of %q", u.Fields)
	}
	call(t, f, update(resolve, `<t:ItemId Id="draft" ChangeKey="c2"/>`, set(tag("0x17", "Integer"), "9"))).wantCodes(t, "ErrorUpdatePropertyMismatch")
	call(t, f, getItem(`<t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>`+tag("0x1090", "Integer")+`</t:AdditionalProperties>`, `<t:ItemId Id="draft"/>`)).
		wantCodes(t, "NoError").has(t, "<Value>2</Value>")
}
