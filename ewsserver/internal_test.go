package ewsserver

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/wsdl"
)

func TestFieldTable(t *testing.T) {
	t.Parallel()
	for uri, ok := range map[string]bool{
		"item:Subject": true, "item:InternetMessageHeaders": true, "item:Flag": true, "item:Colour": false, "item:Start": false,
		"message:From": true, "message:Subject": false, "message:InternetMessageId": true,
		"calendar:Start": true, "calendar:UID": true, "calendar:IsResponseRequested": true, "calendar:Subject": false, "calendar:IsOrganizer": true,
		"meeting:AssociatedCalendarItemId": true, "meeting:ProposedStart": true, "meeting:UID": false,
		"meetingRequest:MeetingRequestType": true, "meetingRequest:Start": false, "meetingRequest:ChangeHighlights": true,
		"folder:DisplayName": true, "folder:PermissionSet": true, "folder:Subject": false,
		"contacts:GivenName": true, "contacts:Subject": false, "task:Status": true, "task:Colour": false, "distributionlist:Members": true, "distributionlist:Size": false, "item:": false, "Subject": false, "": false, "item:ExtendedProperty": false,
	} {
		if _, err := fieldPath(uri); (err == nil) != ok {
			t.Errorf("%q: %v", uri, err)
		}
	}
	// Every name of the table is a field of some kind of item or folder.
	kinds := []reflect.Type{reflect.TypeFor[wsdl.MessageType](), reflect.TypeFor[wsdl.CalendarItemType](), reflect.TypeFor[wsdl.MeetingRequestMessageType](),
		reflect.TypeFor[wsdl.MeetingResponseMessageType](), reflect.TypeFor[wsdl.ContactItemType](), reflect.TypeFor[wsdl.TaskType](),
		reflect.TypeFor[wsdl.DistributionListType](), reflect.TypeFor[wsdl.FolderType]()}
	for prefix, names := range fieldNames {
		for name := range names {
			there := false
			for _, k := range kinds {
				_, has := k.FieldByName(name)
				there = there || has
			}
			if !there {
				t.Errorf("%s:%s is no field", prefix, name)
			}
		}
	}
	// And every name of a shape, too.
	for _, shape := range []nameSet{notFound, notAll, defaultItem, defaultMessage, defaultCalendarItem, defaultContact, defaultTask, defaultDistributionList, defaultFolder, readOnly, draftOnly, needed} {
		for name := range shape {
			there := false
			for _, k := range kinds {
				_, has := k.FieldByName(name)
				there = there || has
			}
			if !there {
				t.Errorf("%s is no field", name)
			}
		}
	}
}

func TestExtendedKey(t *testing.T) {
	t.Parallel()
	text, str := wsdl.NewText, wsdl.Ptr(wsdl.MapiTypeString)
	common := wsdl.Ptr(wsdl.PropertySetNameCommon)
	n := wsdl.Ptr(wsdl.Int32(0x8503))
	for name, test := range map[string]struct {
		a, b *wsdl.ExtendedFieldURI
		same bool
	}{
		"hexadecimal and decimal": {&wsdl.ExtendedFieldURI{PropertyTag: text("0x1035"), PropertyType: str}, &wsdl.ExtendedFieldURI{PropertyTag: text("4149"), PropertyType: str}, true},
		"other type":              {&wsdl.ExtendedFieldURI{PropertyTag: text("0x1035"), PropertyType: str}, &wsdl.ExtendedFieldURI{PropertyTag: text("0x1035"), PropertyType: wsdl.Ptr(wsdl.MapiTypeBinary)}, false},
		"name and GUID of a set": {&wsdl.ExtendedFieldURI{DistinguishedPropertySetId: common, PropertyId: n, PropertyType: str},
			&wsdl.ExtendedFieldURI{PropertySetId: text("00062008-0000-0000-C000-000000000046"), PropertyId: n, PropertyType: str}, true},
		"id and name": {&wsdl.ExtendedFieldURI{DistinguishedPropertySetId: common, PropertyId: n, PropertyType: str},
			&wsdl.ExtendedFieldURI{DistinguishedPropertySetId: common, PropertyName: text("0x8503"), PropertyType: str}, true},
		"case of a name": {&wsdl.ExtendedFieldURI{DistinguishedPropertySetId: common, PropertyName: text("a"), PropertyType: str},
			&wsdl.ExtendedFieldURI{DistinguishedPropertySetId: common, PropertyName: text("A"), PropertyType: str}, false},
	} {
		a, ok := extendedKey(test.a)
		b, ok2 := extendedKey(test.b)
		if !ok || !ok2 || (a == b) != test.same {
			t.Errorf("%s: %q (%v), %q (%v)", name, a, ok, b, ok2)
		}
	}
	for _, u := range []*wsdl.ExtendedFieldURI{
		{PropertyTag: text("0x1035")}, {PropertyType: str}, {DistinguishedPropertySetId: common, PropertyType: str},
		{PropertyTag: text("0x12345"), PropertyType: str}, {PropertySetId: text("nonsense"), PropertyId: n, PropertyType: str},
		{DistinguishedPropertySetId: common, PropertyId: n, PropertyName: text("x"), PropertyType: str},
	} {
		if key, ok := extendedKey(u); ok {
			t.Errorf("%+v is taken as %q", u, key)
		}
	}
}

func TestHTMLToText(t *testing.T) {
	t.Parallel()
	for html, want := range map[string]string{
		"plain":                             "plain",
		"<p>a</p><p>b</p>":                  "a\n\nb",
		"a<br>b<br/>c":                      "a\nb\nc",
		"<div>a</div><div>b</div>":          "a\nb",
		"<div><div><p>a</p></div></div>b":   "a\n\nb",
		"a  \n b\t<b>c</b> d<i>e</i>":       "a b c de",
		"&lt;tag&gt; &amp; &eacute;&#8364;": "<tag> & é€",
		"<head><title>x</title><style>p{}</style></head><body>y</body>":   "y",
		"<script>if (a<b) { }</script>z":                                  "z",
		"a<!-- hidden -- > -->b":                                          "ab",
		"<ul><li>one</li><li>two</li></ul>end":                            "* one\n* two\nend",
		"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>": "a\tb\nc",
		`<a href="https://x.example/?a=1&amp;b=2">here</a>`:               "here<https://x.example/?a=1&b=2>",
		`<a href="https://x.example">https://x.example</a>`:               "https://x.example",
		`<a href="mailto:a@b.example">a@b.example</a>`:                    "a@b.example",
		`<a href="javascript:evil()">x</a>`:                               "x",
		`<img alt="a > b" src=x>`:                                         "[a > b]",
		"<pre>  a\n  b</pre>c":                                            "  a\n  b\n\nc",
		"1 < 2 and 3 > 2":                                                 "1 < 2 and 3 > 2",
		"a<":                                                              "a<",
		"<p>unclosed":                                                     "unclosed",
		"<head>no end, still text":                                        "no end, still text",
		"<p title='x":                                                     "",
		"":                                                                "",
		"a\u00a0b":                                                        "a\u00a0b",
	} {
		if got := strings.ReplaceAll(htmlToText(html), "\r\n", "\n"); got != want {
			t.Errorf("%q: %q, want %q", html, got, want)
		}
	}
}

func TestTextToHTML(t *testing.T) {
	t.Parallel()
	if got, want := textToHTML("a < b\r\nc"), "<html><head></head><body><div>a &lt; b<br>\r\nc</div></body></html>"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzHTMLToText(f *testing.F) {
	for _, s := range []string{"<p>a</p>", "<a href='x'>y</a>", "<!-- x", "<style>", "</", "<p a=\"", "<pre>\n", "&#x110000;", "İ<body"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := htmlToText(s)
		// What is text stays as it is when it is made HTML and back.
		if again := htmlToText(textToHTML(text)); strings.Join(strings.Fields(again), " ") != strings.Join(strings.Fields(text), " ") {
			t.Errorf("%q became %q, and that %q", s, text, again)
		}
		insideBody(s)
	})
}

func TestLocation(t *testing.T) {
	t.Parallel()
	day := func(to string, month, occurrence int, offset time.Duration) *wsdl.RecurringDayTransitionType {
		return &wsdl.RecurringDayTransitionType{To: &wsdl.TransitionTargetType{Value: wsdl.NewText(to), Kind: wsdl.Ptr(wsdl.TransitionKindPeriod)},
			TimeOffset: wsdl.FormatDuration(offset), Month: wsdl.Ptr(wsdl.Int32(month)), DayOfWeek: wsdl.NewText("Sunday"), Occurrence: wsdl.Ptr(wsdl.Int32(occurrence))}
	}
	period := func(id string, bias time.Duration) *wsdl.PeriodType {
		return &wsdl.PeriodType{Id: wsdl.NewText(id), Name: wsdl.NewText(id), Bias: wsdl.FormatDuration(bias)}
	}
	// The rules of Berlin and of Adelaide, under a name that nobody knows.
	zone := func(periods []*wsdl.PeriodType, days ...*wsdl.RecurringDayTransitionType) *wsdl.TimeZoneDefinitionType {
		return &wsdl.TimeZoneDefinitionType{Id: wsdl.NewText("Customized Time Zone"), Periods: &wsdl.PeriodsType{Period: periods},
			TransitionsGroups: &wsdl.TransitionsGroupsType{TransitionsGroup: []*wsdl.TransitionsType{{Id: wsdl.NewText("0"), RecurringDayTransition: days}}}}
	}
	for name, def := range map[string]*wsdl.TimeZoneDefinitionType{
		"Europe/Berlin": zone([]*wsdl.PeriodType{period("std", -time.Hour), period("dst", -2*time.Hour)}, day("dst", 3, -1, 2*time.Hour), day("std", 10, -1, 3*time.Hour)),
		"Australia/Adelaide": zone([]*wsdl.PeriodType{period("std", -9*time.Hour-30*time.Minute), period("dst", -10*time.Hour-30*time.Minute)},
			day("std", 4, 1, 3*time.Hour), day("dst", 10, 1, 2*time.Hour)),
		"Asia/Kolkata":     {Periods: &wsdl.PeriodsType{Period: []*wsdl.PeriodType{period("std", -5*time.Hour-30*time.Minute)}}},
		"America/New_York": {Id: wsdl.NewText("Eastern Standard Time")},
	} {
		got, ok := Location(def)
		want, err := time.LoadLocation(name)
		if !ok || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
			continue
		}
		for when := time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC); when.Year() < 2028; when = when.Add(time.Hour) {
			_, a := when.In(got).Zone()
			if _, b := when.In(want).Zone(); a != b {
				t.Fatalf("%s at %v: %d s, want %d s", name, when, a, b)
			}
		}
	}
	for name, def := range map[string]*wsdl.TimeZoneDefinitionType{
		"nil": nil, "empty": {}, "unknown": {Id: wsdl.NewText("Atlantis")},
		"no such period": zone([]*wsdl.PeriodType{period("std", 0)}, day("dst", 3, 1, 0), day("std", 10, 1, 0)),
		"month 13":       zone([]*wsdl.PeriodType{period("std", 0), period("dst", -time.Hour)}, day("dst", 13, 1, 0), day("std", 10, 1, 0)),
		"wild bias":      {Periods: &wsdl.PeriodsType{Period: []*wsdl.PeriodType{period("std", 99*time.Hour)}}},
	} {
		if loc, ok := Location(def); ok {
			t.Errorf("%s: %v", name, loc)
		}
	}
}

func TestBareSubject(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"x": "x", "RE: x": "x", "Re: FW: AW:x": "x", "Report: x": "Report: x", "re:": "", " a:b ": "a:b"} {
		if got := bareSubject(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestCloneIsDeep(t *testing.T) {
	t.Parallel()
	content := &wsdl.Base64Content{Data: []byte("x")}
	m := &wsdl.MessageType{
		Subject:      wsdl.NewText("a"),
		ToRecipients: &wsdl.RecipientsType{Mailbox: []*wsdl.EmailAddressType{{Name: wsdl.NewText("b")}}},
		Attachments:  &wsdl.AttachmentList{Attachments: []any{&wsdl.FileAttachmentType{Name: wsdl.NewText("c"), Content: content}}},
	}
	copied := clone[any](m).(*wsdl.MessageType)
	*copied.Subject = "x"
	*copied.ToRecipients.Mailbox[0].Name = "x"
	file := copied.Attachments.Attachments[0].(*wsdl.FileAttachmentType)
	*file.Name = "x"
	if *m.Subject != "a" || *m.ToRecipients.Mailbox[0].Name != "b" || *m.Attachments.Attachments[0].(*wsdl.FileAttachmentType).Name != "c" {
		t.Errorf("the original changed: %v", m)
	}
	if file.Content != content {
		t.Error("file content was copied")
	}
}

func TestHeaderInjection(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	c := &call{}
	m := &wsdl.MessageType{Subject: wsdl.NewText("x\r\nBcc: evil@x.example"), InternetMessageId: wsdl.NewText("<a>\r\nX-Evil: 1"),
		Body: &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameText), Value: wsdl.NewText("body")}}
	if err := c.writeMIME(t.Context(), &b, m); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(b.String(), "\r\n") {
		if strings.HasPrefix(line, "Bcc") || strings.HasPrefix(line, "X-Evil") {
			t.Errorf("a property became a header: %q", line)
		}
	}
}
