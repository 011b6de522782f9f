package ewsserver_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// mailbag is a folder to search in.
func mailbag() *fake {
	f := newFake()
	first := message(1, "Angebot für Müller")
	first.Categories = &wsdl.StringsType{String: []*wsdl.Text{wsdl.NewText("Red"), wsdl.NewText("CRM")}}
	first.Importance = wsdl.Ptr(wsdl.ImportanceNameHigh)
	second := message(2, "Invoice 4711")
	second.From = &wsdl.RecipientType{Mailbox: somebody("Zoe Quinn", "zoe@fabrikam.example")}
	second.Body = &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameText), Value: wsdl.NewText("Payment is due. See foobar.")}
	second.ExtendedProperty = append(second.ExtendedProperty, &wsdl.ExtendedPropertyType{
		ExtendedFieldURI: &wsdl.ExtendedFieldURI{PropertyTag: wsdl.NewText("0x1080"), PropertyType: wsdl.Ptr(wsdl.MapiTypeInteger)}, Value: wsdl.NewText("6")})
	third := f.items["inbox"][0].(*wsdl.MessageType) // with a file
	third.DateTimeReceived = at("2026-11-20T08:00:00Z")
	request := &wsdl.MeetingRequestMessageType{ItemId: id("r4", "c1"), Subject: wsdl.NewText("Invitation: review"), ItemClass: wsdl.NewText("IPM.Schedule.Meeting.Request"),
		DateTimeReceived: at("2026-11-04T10:00:00Z"), Size: wsdl.Ptr(wsdl.Int32(2 << 20)), IsRead: wsdl.Ptr(wsdl.Bool(true)),
		From: &wsdl.RecipientType{Mailbox: anna()}, Start: at("2026-12-01T09:00:00Z")}
	f.items["inbox"] = []any{first, second, third, request}
	return f
}

// found returns the ids in an answer, of those that the mailbag has.
func found(a answered) []string {
	out := []string{}
	for _, id := range []string{"m1", "m2", "m3", "r4"} {
		if strings.Contains(a.body, `Id="`+id+`"`) {
			out = append(out, id)
		}
	}
	return out
}

func TestRestrictions(t *testing.T) {
	t.Parallel()
	compare := func(kind, uri, constant string) string {
		return `<t:` + kind + `><t:FieldURI FieldURI="` + uri + `"/><t:FieldURIOrConstant><t:Constant Value="` + constant + `"/></t:FieldURIOrConstant></t:` + kind + `>`
	}
	contains := func(attributes, uri, constant string) string {
		return `<t:Contains ` + attributes + `><t:FieldURI FieldURI="` + uri + `"/><t:Constant Value="` + constant + `"/></t:Contains>`
	}
	const substring = `ContainmentMode="Substring" ContainmentComparison="IgnoreCase"`
	const flags = `<t:ExtendedFieldURI PropertyTag="4224" PropertyType="Integer"/>`
	for restriction, want := range map[string][]string{
		compare("IsEqualTo", "message:IsRead", "true"):                                                                              {"m2", "r4"},
		compare("IsEqualTo", "message:IsRead", "0"):                                                                                 {"m1", "m3"},
		compare("IsNotEqualTo", "message:IsRead", "true"):                                                                           {"m1", "m3"},
		compare("IsEqualTo", "item:Subject", "INVOICE 4711"):                                                                        {"m2"},
		compare("IsGreaterThan", "item:DateTimeReceived", "2026-11-02T10:00:00Z"):                                                   {"m3", "r4"},
		compare("IsGreaterThanOrEqualTo", "item:DateTimeReceived", "2026-11-02T11:00:00+01:00"):                                     {"m2", "m3", "r4"},
		compare("IsLessThan", "item:DateTimeReceived", "2026-11-02T10:00:00Z"):                                                      {"m1"},
		compare("IsLessThanOrEqualTo", "item:Size", "2000"):                                                                         {"m1", "m2"},
		compare("IsEqualTo", "item:ItemClass", "ipm.note"):                                                                          {"m1", "m2", "m3"},
		compare("IsEqualTo", "item:HasAttachments", "true"):                                                                         {"m3"},
		compare("IsEqualTo", "item:Categories", "crm"):                                                                              {"m1"},
		compare("IsEqualTo", "message:From", "zoe@fabrikam.example"):                                                                {"m2"},
		compare("IsEqualTo", "item:Importance", "High"):                                                                             {"m1"},
		compare("IsGreaterThan", "item:Importance", "Normal"):                                                                       {"m1"},
		compare("IsLessThan", "item:Importance", "High"):                                                                            {"m2", "m3"},
		compare("IsGreaterThan", "calendar:Start", "2026-01-01T00:00:00Z"):                                                          {"r4"},
		compare("IsEqualTo", "contacts:GivenName", "Zoe"):                                                                           {},
		contains(substring, "item:Subject", "INV"):                                                                                  {"m2", "m3", "r4"},
		contains(`ContainmentMode="Substring"`, "item:Subject", "INV"):                                                              {},
		contains(`ContainmentMode="Prefixed" ContainmentComparison="Loose"`, "item:Subject", "invoice"):                             {"m2", "m3"},
		contains(`ContainmentMode="ExactPhrase" ContainmentComparison="IgnoreCase"`, "item:Body", "foo"):                            {},
		contains(`ContainmentMode="PrefixOnWords" ContainmentComparison="IgnoreCase"`, "item:Body", "foo"):                          {"m2"},
		contains(`ContainmentMode="Substring" ContainmentComparison="IgnoreCaseAndNonSpacingCharacters"`, "item:Subject", "muller"): {"m1"},
		contains(`ContainmentMode="FullString" ContainmentComparison="IgnoreCase"`, "item:Subject", "invoice 4711"):                 {"m2"},
		contains(substring, "message:From", "zoe"):                                                                                  {"m2"},
		contains(substring, "item:Body", "invoice &amp; the"):                                                                       {"m1", "m3"},
		`<t:Exists><t:FieldURI FieldURI="item:Categories"/></t:Exists>`:                                                             {"m1"},
		`<t:Exists>` + stampGUID + `</t:Exists>`:                                                                                    {"m1", "m2", "m3"},
		`<t:IsEqualTo>` + stamp + `<t:FieldURIOrConstant><t:Constant Value="op-2"/></t:FieldURIOrConstant></t:IsEqualTo>`:           {"m2"},
		`<t:IsGreaterThan>` + flags + `<t:FieldURIOrConstant><t:Constant Value="5"/></t:FieldURIOrConstant></t:IsGreaterThan>`:      {"m2"},
		`<t:Excludes>` + flags + `<t:Bitmask Value="0x1"/></t:Excludes>`:                                                            {"m2"},
		`<t:Excludes>` + flags + `<t:Bitmask Value="4"/></t:Excludes>`:                                                              {},
		`<t:IsEqualTo><t:FieldURI FieldURI="item:DateTimeCreated"/><t:FieldURIOrConstant><t:FieldURI FieldURI="item:DateTimeReceived"/></t:FieldURIOrConstant></t:IsEqualTo>`: {"m1", "m2"},
		`<t:And>` + compare("IsEqualTo", "message:IsRead", "false") + contains(substring, "item:Subject", "invoice") + `</t:And>`:                                             {"m3"},
		`<t:Or>` + compare("IsEqualTo", "item:Subject", "Invoice 4711") + `<t:Not>` + compare("IsEqualTo", "item:ItemClass", "IPM.Note") + `</t:Not></t:Or>`:                  {"m2", "r4"},
	} {
		a := call(t, mailbag(), findItem(`<m:Restriction>`+restriction+`</m:Restriction>`+inInbox)).wantCodes(t, "NoError")
		if got := found(a); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", restriction, got, want)
		}
	}
	for restriction, code := range map[string]string{
		compare("IsEqualTo", "message:IsRead", "perhaps"):                                                          "ErrorInvalidValueForProperty",
		compare("IsLessThan", "item:DateTimeReceived", "tomorrow"):                                                 "ErrorInvalidValueForProperty",
		contains(substring, "item:Size", "1"):                                                                      "ErrorContainsFilterWrongType",
		compare("IsEqualTo", "item:Attachments", "x"):                                                              "ErrorUnsupportedPathForQuery",
		`<t:Excludes><t:FieldURI FieldURI="item:Subject"/><t:Bitmask Value="1"/></t:Excludes>`:                     "ErrorInvalidExcludesRestriction",
		strings.Repeat("<t:Not>", 40) + compare("IsEqualTo", "item:Subject", "x") + strings.Repeat("</t:Not>", 40): "ErrorRestrictionTooComplex",
	} {
		call(t, mailbag(), findItem(`<m:Restriction>`+restriction+`</m:Restriction>`+inInbox)).wantCodes(t, code)
	}
	for _, restriction := range []string{
		"", `<t:Not/>`, compare("IsEqualTo", "item:Colour", "x"), contains(`ContainmentMode="Somewhere"`, "item:Subject", "x"),
		`<t:Exists/>`, `<t:Exists><t:ExtendedFieldURI PropertyTag="0x1" PropertyName="x" PropertyType="String"/></t:Exists>`,
		`<t:Exists><t:ExtendedFieldURI PropertySetId="{00020329-0000-0000-C000-000000000046}" PropertyName="x" PropertyType="String"/></t:Exists>`,
	} {
		call(t, mailbag(), findItem(`<m:Restriction>`+restriction+`</m:Restriction>`+inInbox)).wantFault(t, "ErrorSchemaValidation")
	}
}

func TestQueryStrings(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC) }
	for query, want := range map[string][]string{
		"":                                 {"m1", "m2", "m3", "r4"},
		"invoice":                          {"m1", "m2", "m3"}, // in the body of m1 and m3
		"nvoice":                           {},
		"subject:invoice":                  {"m2", "m3"},
		"Subject:INV*":                     {"m2", "m3", "r4"},
		"subject:invoice from:zoe":         {"m2"},
		"subject:invoice OR kind:meetings": {"m2", "m3", "r4"},
		"subject:invoice AND NOT from:zoe": {"m3"},
		"subject:(invoice 4711)":           {"m2", "m3"},
		"subject:(angebot OR review)":      {"m1", "r4"},
		"-invoice":                         {"r4"},
		`"payment is due"`:                 {"m2"},
		`"payment is du"`:                  {},
		"muller":                           {"m1"},
		"hasattachment:true":               {"m3"},
		"hasattachments:no":                {"m1", "m2", "r4"},
		"attachment:invoice":               {"m3"},
		"kind:email":                       {"m1", "m2", "m3", "r4"},
		"kind:meetings":                    {"r4"},
		"isread:yes":                       {"m2", "r4"},
		"importance:high":                  {"m1"},
		"category:crm":                     {"m1"},
		"to:ben":                           {"m1", "m2", "m3"},
		"cc:carla@contoso.example":         {"m1", "m2", "m3"},
		"participants:quinn":               {"m2"},
		"received:today":                   {"m3"},
		"received:2026-11-02":              {"m2"},
		"received:11/2/2026":               {"m2"},
		"received:>2026-11-02":             {"m3", "r4"},
		"received:>=2026-11-02":            {"m2", "m3", "r4"},
		"received:<=2026-11-02":            {"m1", "m2"},
		"received:<2026-11-02":             {"m1"},
		"received:2026-11-01..2026-11-02":  {"m1", "m2"},
		`received:"this week"`:             {"m3"},
		`received:"this month"`:            {"m1", "m2", "m3", "r4"},
		"received:yesterday":               {},
		"received:someday":                 {},
		"size:>1mb":                        {"r4"},
		"size:1kb..3kb":                    {"m2", "m3"},
		"(subject:invoice from:zoe) OR (-isread:yes -\"the offer": {"m2"},
		"subject:":   {"m1", "m2", "m3", "r4"},
		")))":        {"m1", "m2", "m3", "r4"},
		"colour:red": {},
	} {
		a := callWith(t, mailbag(), &ewsserver.Options{Now: now}, "", findItem(inInbox+`<m:QueryString>`+strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(query)+`</m:QueryString>`)).wantCodes(t, "NoError")
		if got := found(a); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	call(t, mailbag(), findItem(`<m:Restriction><t:Exists><t:FieldURI FieldURI="item:Subject"/></t:Exists></m:Restriction>`+inInbox+`<m:QueryString>x</m:QueryString>`)).
		wantCodes(t, "ErrorInvalidRequest")
	call(t, mailbag(), findItem(inInbox+`<m:QueryString>`+strings.Repeat("(", 100)+`</m:QueryString>`)).wantCodes(t, "ErrorRestrictionTooComplex")
	call(t, mailbag(), findItem(inInbox+`<m:QueryString>`+strings.Repeat("NOT ", 100)+`x</m:QueryString>`)).wantCodes(t, "ErrorRestrictionTooComplex")
}
