package ewsserver_test

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/mail"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

func getItem(shape, ids string) string {
	return `<m:GetItem><m:ItemShape>` + shape + `</m:ItemShape><m:ItemIds>` + ids + `</m:ItemIds></m:GetItem>`
}

func findItem(rest string) string {
	return `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>Default</t:BaseShape></m:ItemShape>` + rest + `</m:FindItem>`
}

const inInbox = `<m:ParentFolderIds><t:DistinguishedFolderId Id="inbox"/></m:ParentFolderIds>`

func TestGetFolderBatch(t *testing.T) {
	t.Parallel()
	call(t, newFake(), `<m:GetFolder><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape></m:FolderShape><m:FolderIds>`+
		`<t:DistinguishedFolderId Id="Calendar"/><t:FolderId Id="nothing"/><t:FolderId Id=""/><t:DistinguishedFolderId Id="inbox"><t:Mailbox><t:EmailAddress></t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>`+
		`<t:FolderId Id="inbox" ChangeKey="f1"/></m:FolderIds></m:GetFolder>`).
		wantCodes(t, "NoError", "ErrorFolderNotFound", "ErrorInvalidIdEmpty", "ErrorMissingInformationEmailAddress", "NoError").
		has(t, "CalendarFolder", "<FolderClass>IPF.Note</FolderClass>", `ResponseClass="Error"`)
}

func TestFindFolder(t *testing.T) {
	t.Parallel()
	find := func(view, restriction, parent string) answered {
		return call(t, newFake(), `<m:FindFolder Traversal="Deep"><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI="folder:DisplayName"/></t:AdditionalProperties></m:FolderShape>`+
			view+restriction+`<m:ParentFolderIds><t:DistinguishedFolderId Id="`+parent+`"/></m:ParentFolderIds></m:FindFolder>`)
	}
	find("", "", "msgfolderroot").wantCodes(t, "NoError").
		has(t, "Inbox", "Calendar", `TotalItemsInView="2"`, `IncludesLastItemInRange="true"`).lacks(t, "TotalCount")
	find(`<m:IndexedPageFolderView MaxEntriesReturned="1" Offset="0" BasePoint="Beginning"/>`, "", "msgfolderroot").wantCodes(t, "NoError").
		has(t, "Inbox", `IndexedPagingOffset="1"`, `IncludesLastItemInRange="false"`).lacks(t, "CalendarFolder")
	find("", `<m:Restriction><t:IsEqualTo><t:FieldURI FieldURI="folder:DisplayName"/><t:FieldURIOrConstant><t:Constant Value="calendar"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction>`, "msgfolderroot").
		wantCodes(t, "NoError").has(t, "CalendarFolder", `TotalItemsInView="1"`)
	find("", "", "nowhere").wantCodes(t, "ErrorFolderNotFound")
}

func TestGetItemShapes(t *testing.T) {
	t.Parallel()
	f := newFake()
	call(t, f, getItem(`<t:BaseShape>IdOnly</t:BaseShape>`, `<t:ItemId Id="m3"/>`)).wantCodes(t, "NoError").
		has(t, `Id="m3"`, `ChangeKey="c1"`).lacks(t, "Subject", "<Body", "Attachment")
	call(t, f, getItem(`<t:BaseShape>Default</t:BaseShape>`, `<t:ItemId Id="m3"/>`)).wantCodes(t, "NoError").
		has(t, "<Subject>Invoice 4711 – März</Subject>", "<IsRead>false</IsRead>", "ToRecipients", `BodyType="HTML"`, "<HasAttachments>true</HasAttachments>").
		lacks(t, "InternetMessageId", "<FileAttachment", "ExtendedProperty")
	call(t, f, getItem(`<t:BaseShape>AllProperties</t:BaseShape>`, `<t:ItemId Id="m3"/>`)).wantCodes(t, "NoError").
		has(t, "<InternetMessageId>&lt;3@fabrikam.example&gt;</InternetMessageId>", "<FileAttachment>", "<DisplayTo>Anna Berg; Ben</DisplayTo>",
			"<DisplayCc>Carla</DisplayCc>", "<Preview>Dear Anna, the invoice &amp; the offer.</Preview>", "<IsInline>true</IsInline>").
		lacks(t, "ExtendedProperty", "MimeContent", "<Content>", "UniqueBody", "TextBody")
	call(t, f, getItem(`<t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI="item:Subject"/><t:FieldURI FieldURI="message:From"/>`+
		`<t:FieldURI FieldURI="item:ResponseObjects"/><t:FieldURI FieldURI="contacts:GivenName"/><t:FieldURI FieldURI="calendar:Start"/>`+
		`<t:ExtendedFieldURI PropertySetId="00020329-0000-0000-C000-000000000046" PropertyName="stamp" PropertyType="String"/>`+
		`<t:ExtendedFieldURI PropertyTag="0x6601" PropertyType="String"/></t:AdditionalProperties>`, `<t:ItemId Id="m3"/>`)).wantCodes(t, "NoError").
		has(t, "Subject>", "erik@fabrikam.example", "<Value>op-3</Value>", `PropertySetId="00020329-0000-0000-C000-000000000046"`).
		lacks(t, "<Body", "DistinguishedPropertySetId", "Start>", "0x6601")
}

func TestGetItemBodyTypes(t *testing.T) {
	t.Parallel()
	f := newFake()
	shape := func(more string) string {
		return getItem(`<t:BaseShape>IdOnly</t:BaseShape>`+more+`<t:AdditionalProperties><t:FieldURI FieldURI="item:Body"/></t:AdditionalProperties>`, `<t:ItemId Id="m2"/>`)
	}
	call(t, f, shape(`<t:BodyType>Text</t:BodyType>`)).has(t, `BodyType="Text"`, "Dear Anna,&#xD;&#xA;&#xD;&#xA;the invoice &amp; the offer.<")
	call(t, f, shape(`<t:BodyType>Best</t:BodyType>`)).has(t, `BodyType="HTML"`, "&lt;p&gt;Dear Anna,&lt;/p&gt;")
	call(t, f, shape(`<t:MaximumBodySize>5</t:MaximumBodySize><t:BodyType>Text</t:BodyType>`)).has(t, `IsTruncated="true"`, ">Dear <")
	call(t, f, getItem(`<t:BaseShape>IdOnly</t:BaseShape><t:BodyType>HTML</t:BodyType><t:AdditionalProperties><t:FieldURI FieldURI="item:Body"/><t:FieldURI FieldURI="item:TextBody"/></t:AdditionalProperties>`, `<t:ItemId Id="event"/>`)).
		has(t, `BodyType="HTML"`, "&lt;div&gt;Agenda&lt;/div&gt;", `BodyType="Text"`)
}

func TestGetItemBatch(t *testing.T) {
	t.Parallel()
	call(t, newFake(), getItem(`<t:BaseShape>IdOnly</t:BaseShape>`,
		`<t:ItemId Id="m1"/><t:ItemId Id="gone"/><t:OccurrenceItemId RecurringMasterId="event" InstanceIndex="99"/><t:RecurringMasterItemId OccurrenceId=""/><t:ItemId Id="event"/>`)).
		wantCodes(t, "NoError", "ErrorItemNotFound", "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange", "ErrorInvalidIdEmpty", "NoError")
}

func TestMIME(t *testing.T) {
	t.Parallel()
	f := newFake()
	a := call(t, f, getItem(`<t:BaseShape>IdOnly</t:BaseShape><t:IncludeMimeContent>true</t:IncludeMimeContent>`, `<t:ItemId Id="m3"/>`)).wantCodes(t, "NoError")
	_, rest, _ := strings.Cut(a.body, "<MimeContent ")
	_, rest, _ = strings.Cut(rest, ">")
	encoded, _, _ := strings.Cut(rest, "</MimeContent>")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Invoice 4711 – März" {
		t.Errorf("subject %q, %v", subject, err)
	}
	if to, err := m.Header.AddressList("To"); err != nil || len(to) != 2 || to[1].Address != "ben@contoso.example" {
		t.Errorf("to %v, %v", to, err)
	}
	if date, err := m.Header.Date(); err != nil || !date.Equal(time.Date(2026, 11, 3, 9, 59, 0, 0, time.UTC)) {
		t.Errorf("date %v, %v", date, err)
	}
	kinds := leaves(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	want := []string{"text/plain", "text/html", "image/png", "application/pdf"}
	if len(kinds) != len(want) {
		t.Fatalf("parts %v", kinds)
	}
	for i, k := range kinds {
		if k.kind != want[i] {
			t.Errorf("part %d is %s, want %s", i, k.kind, want[i])
		}
	}
	if kinds[3].name != "invoice ü.pdf" || kinds[3].content != "%PDF-1.7 ..." || kinds[2].contentID != "<logo@1>" {
		t.Errorf("attachments %+v", kinds[2:])
	}
	// A calendar item has an iCalendar form.
	call(t, f, getItem(`<t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI="item:MimeContent"/></t:AdditionalProperties>`, `<t:ItemId Id="event"/>`)).
		wantCodes(t, "NoError").has(t, base64.StdEncoding.EncodeToString([]byte("BEGIN:VCALENDAR\r\n"))[:20])
}

// Memory does not grow with an attachment: it is encoded on its way out.
func TestAttachmentIsStreamed(t *testing.T) {
	const size = 64 << 20
	f := newFake()
	f.files["big"] = &wsdl.FileAttachmentType{AttachmentId: &wsdl.AttachmentIdType{Id: wsdl.NewText("big")}, Name: wsdl.NewText("big"),
		Content: &wsdl.Base64Content{Size: size, Open: func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zeroes{}, size)), nil }}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	w := &counter{header: http.Header{}}
	ewsserver.NewHandler(f, nil).ServeHTTP(w, post(open+`<soap:Body><m:GetAttachment><m:AttachmentIds><t:AttachmentId Id="big"/></m:AttachmentIds></m:GetAttachment></soap:Body>`+shut))
	runtime.ReadMemStats(&after)
	if w.n < size*4/3 {
		t.Fatalf("%d bytes were written", w.n)
	}
	if spent := after.TotalAlloc - before.TotalAlloc; spent > 16<<20 {
		t.Errorf("%d MiB were allocated for %d MiB of content", spent>>20, size>>20)
	}
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// counter counts what is written.
type counter struct {
	header http.Header
	n      int
}

func (c *counter) Header() http.Header { return c.header }
func (c *counter) WriteHeader(int)     {}
func (c *counter) Write(p []byte) (int, error) {
	c.n += len(p)
	return len(p), nil
}

type leaf struct{ kind, name, contentID, content string }

func leaves(t *testing.T, contentType, encoding string, r io.Reader) []leaf {
	t.Helper()
	kind, ps, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("%q: %v", contentType, err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		if encoding == "base64" {
			r = base64.NewDecoder(base64.StdEncoding, r)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return []leaf{{kind: kind, name: ps["name"], content: string(content)}}
	}
	var out []leaf
	for m := multipart.NewReader(r, ps["boundary"]); ; {
		p, err := m.NextPart()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		inner := leaves(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
		inner[0].contentID = p.Header.Get("Content-ID")
		out = append(out, inner...)
	}
}

func TestFindItem(t *testing.T) {
	t.Parallel()
	f := newFake()
	call(t, f, findItem(inInbox)).wantCodes(t, "NoError").
		has(t, `TotalItemsInView="3"`, `IncludesLastItemInRange="true"`, `IndexedPagingOffset="3"`, "<IsRead>").
		lacks(t, "<Body", "ToRecipients", "Attachments>\n")
	// What Exchange keeps out of FindItem stays out even where it is asked for.
	call(t, f, `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI="item:Body"/><t:FieldURI FieldURI="item:MimeContent"/></t:AdditionalProperties></m:ItemShape>`+inInbox+`</m:FindItem>`).
		wantCodes(t, "NoError").has(t, "Preview", "DisplayTo").lacks(t, "<Body", "<Attachments", "MimeContent", "ToRecipients")
	call(t, f, `<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI="item:TextBody"/></t:AdditionalProperties></m:ItemShape>`+inInbox+`</m:FindItem>`).
		wantCodes(t, "ErrorInvalidPropertyForOperation").has(t, `FieldURI="item:TextBody"`)
	call(t, f, findItem(`<m:ParentFolderIds><t:DistinguishedFolderId Id="nowhere"/><t:DistinguishedFolderId Id="inbox"/></m:ParentFolderIds>`)).
		wantCodes(t, "ErrorFolderNotFound", "NoError")
	call(t, f, strings.Replace(findItem(inInbox), "Shallow", "Associated", 1)).wantCodes(t, "NoError").has(t, `TotalItemsInView="0"`)
}

func TestFindItemPaging(t *testing.T) {
	t.Parallel()
	for view, want := range map[string]struct {
		ids   []string
		attrs []string
	}{
		`<m:IndexedPageItemView MaxEntriesReturned="2" Offset="0" BasePoint="Beginning"/>`: {[]string{"m3", "m2"}, []string{`IndexedPagingOffset="2"`, `IncludesLastItemInRange="false"`}},
		`<m:IndexedPageItemView MaxEntriesReturned="2" Offset="2" BasePoint="Beginning"/>`: {[]string{"m1"}, []string{`IndexedPagingOffset="3"`, `IncludesLastItemInRange="true"`}},
		`<m:IndexedPageItemView MaxEntriesReturned="2" Offset="9" BasePoint="Beginning"/>`: {nil, []string{`IndexedPagingOffset="3"`, `IncludesLastItemInRange="true"`, `TotalItemsInView="3"`}},
		`<m:IndexedPageItemView MaxEntriesReturned="2" Offset="0" BasePoint="End"/>`:       {[]string{"m2", "m1"}, []string{`IndexedPagingOffset="2"`, `IncludesLastItemInRange="false"`}},
		`<m:IndexedPageItemView MaxEntriesReturned="2" Offset="2" BasePoint="End"/>`:       {[]string{"m3"}, []string{`IndexedPagingOffset="3"`, `IncludesLastItemInRange="true"`}},
		`<m:FractionalPageItemView MaxEntriesReturned="2" Numerator="1" Denominator="3"/>`: {[]string{"m2", "m1"}, []string{`NumeratorOffset="3"`, `AbsoluteDenominator="3"`, `IncludesLastItemInRange="true"`}},
	} {
		a := call(t, newFake(), findItem(view+inInbox)).wantCodes(t, "NoError").has(t, want.attrs...)
		for _, id := range []string{"m1", "m2", "m3"} {
			has := strings.Contains(a.body, `Id="`+id+`"`)
			wanted := strings.Contains(" "+strings.Join(want.ids, " ")+" ", " "+id+" ")
			if has != wanted {
				t.Errorf("%s: %s present: %v", view, id, has)
			}
		}
	}
	for view, code := range map[string]string{
		`<m:IndexedPageItemView MaxEntriesReturned="0" Offset="0" BasePoint="Beginning"/>`:  "ErrorInvalidPagingMaxRows",
		`<m:IndexedPageItemView MaxEntriesReturned="1" Offset="-1" BasePoint="Beginning"/>`: "ErrorInvalidIndexedPagingParameters",
		`<m:FractionalPageItemView Numerator="2" Denominator="1"/>`:                         "ErrorInvalidFractionalPagingParameters",
		`<m:FractionalPageItemView Numerator="1" Denominator="0"/>`:                         "ErrorInvalidFractionalPagingParameters",
	} {
		call(t, newFake(), findItem(view+inInbox)).wantCodes(t, code)
	}
	call(t, newFake(), findItem(`<m:IndexedPageItemView MaxEntriesReturned="1"/>`+inInbox)).wantFault(t, "ErrorSchemaValidation")
}

// A server has page sizes of its own, smaller ones for a filtered view.
func TestFindItemCaps(t *testing.T) {
	t.Parallel()
	opts := &ewsserver.Options{MaxPage: 2, MaxFilteredPage: 1}
	callWith(t, newFake(), opts, "", findItem(`<m:IndexedPageItemView MaxEntriesReturned="500" Offset="0" BasePoint="Beginning"/>`+inInbox)).
		wantCodes(t, "NoError").has(t, `IndexedPagingOffset="2"`, `IncludesLastItemInRange="false"`)
	callWith(t, newFake(), opts, "", findItem(inInbox+`<m:QueryString>subject:invoice</m:QueryString>`)).
		wantCodes(t, "NoError").has(t, `IndexedPagingOffset="1"`, `TotalItemsInView="2"`, `IncludesLastItemInRange="false"`)
}

func TestFindItemSort(t *testing.T) {
	t.Parallel()
	order := func(by string) string {
		return findItem(`<m:SortOrder>` + by + `</m:SortOrder>` + inInbox)
	}
	inOrder := func(a answered, ids ...string) {
		t.Helper()
		last := -1
		for _, id := range ids {
			i := strings.Index(a.body, `Id="`+id+`"`)
			if i < last {
				t.Errorf("%s comes too early, want %v", id, ids)
			}
			last = i
		}
	}
	inOrder(call(t, newFake(), order(`<t:FieldOrder Order="Ascending"><t:FieldURI FieldURI="item:DateTimeReceived"/></t:FieldOrder>`)).wantCodes(t, "NoError"), "m1", "m2", "m3")
	inOrder(call(t, newFake(), order(`<t:FieldOrder Order="Descending"><t:FieldURI FieldURI="message:IsRead"/></t:FieldOrder><t:FieldOrder Order="Ascending"><t:FieldURI FieldURI="item:Size"/></t:FieldOrder>`)).wantCodes(t, "NoError"), "m2", "m1", "m3")
	inOrder(call(t, newFake(), order(`<t:FieldOrder Order="Ascending"><t:FieldURI FieldURI="item:Subject"/></t:FieldOrder>`)).wantCodes(t, "NoError"), "m1", "m3", "m2")
	call(t, newFake(), order(`<t:FieldOrder Order="Ascending"><t:FieldURI FieldURI="item:Body"/></t:FieldOrder>`)).wantCodes(t, "ErrorUnsupportedPathForSortGroup").
		has(t, `FieldURI="item:Body"`)
}

func TestCalendarView(t *testing.T) {
	t.Parallel()
	const inCalendar = `<m:ParentFolderIds><t:DistinguishedFolderId Id="calendar"/></m:ParentFolderIds>`
	f := newFake()
	call(t, f, findItem(`<m:CalendarView StartDate="2026-11-23T00:00:00+01:00" EndDate="2026-11-30T00:00:00Z"/>`+inCalendar)).wantCodes(t, "NoError").
		has(t, "<CalendarItem>", "<Start>2026-11-23T09:00:00Z</Start>", "<Location>Room 4</Location>", "<CalendarItemType>Single</CalendarItemType>",
			`TotalItemsInView="1"`, `IncludesLastItemInRange="true"`).lacks(t, "RequiredAttendees", "IndexedPagingOffset")
	if want := time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC); !f.from.Equal(want) {
		t.Errorf("from %v, want %v", f.from, want)
	}
	// Naive times are those of the TimeZoneContext header.
	callWith(t, f, nil, `<t:TimeZoneContext><t:TimeZoneDefinition Id="Tokyo Standard Time"/></t:TimeZoneContext>`,
		findItem(`<m:CalendarView StartDate="2026-11-23T00:00:00" EndDate="2026-11-30T00:00:00"/>`+inCalendar)).wantCodes(t, "NoError")
	if want := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC); !f.from.Equal(want) {
		t.Errorf("from %v, want %v", f.from, want)
	}
	for view, code := range map[string]string{
		`<m:CalendarView StartDate="2026-11-30T00:00:00Z" EndDate="2026-11-23T00:00:00Z"/>`:                                                                                          "ErrorCalendarEndDateIsEarlierThanStartDate",
		`<m:CalendarView StartDate="2020-11-30T00:00:00Z" EndDate="2026-11-23T00:00:00Z"/>`:                                                                                          "ErrorCalendarViewRangeTooBig",
		`<m:CalendarView MaxEntriesReturned="0" StartDate="2026-11-01T00:00:00Z" EndDate="2026-11-23T00:00:00Z"/>`:                                                                   "ErrorInvalidPagingMaxRows",
		`<m:CalendarView StartDate="2026-11-01T00:00:00Z" EndDate="2026-11-23T00:00:00Z"/><m:Restriction><t:Exists><t:FieldURI FieldURI="item:Subject"/></t:Exists></m:Restriction>`: "ErrorInvalidRequest",
	} {
		call(t, newFake(), findItem(view+inCalendar)).wantCodes(t, code)
	}
	call(t, newFake(), findItem(`<m:CalendarView StartDate="yesterday" EndDate="2026-11-23T00:00:00Z"/>`+inCalendar)).wantFault(t, "ErrorSchemaValidation")
	call(t, newFake(), findItem(`<m:CalendarView StartDate="2026-11-01T00:00:00Z" EndDate="2026-11-23T00:00:00Z"/>`+inInbox)).wantCodes(t, "ErrorCalendarFolderIsInvalidForCalendarView")
}

func TestSync(t *testing.T) {
	t.Parallel()
	sync := func(f *fake, folder, state, rest string) answered {
		return call(t, f, `<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="`+folder+`"/></m:SyncFolderId>`+
			`<m:SyncState>`+state+`</m:SyncState>`+rest+`</m:SyncFolderItems>`)
	}
	f := newFake()
	sync(f, "inbox", "", "<m:MaxChangesReturned>2</m:MaxChangesReturned>").wantCodes(t, "NoError").
		has(t, "SyncState>state1<", "IncludesLastItemInRange>false<", `Id="m3"`, `Id="m2"`, "ReadFlagChange>", "<IsRead>true</IsRead>", "Delete>", `Id="gone"`)
	sync(f, "inbox", "s0", `<m:Ignore><t:ItemId Id="m2"/></m:Ignore><m:MaxChangesReturned>512</m:MaxChangesReturned>`).wantCodes(t, "NoError").lacks(t, `Id="m2"`)
	if f.syncState != "s0" {
		t.Errorf("state %q", f.syncState)
	}
	sync(f, "inbox", "garbage", "<m:MaxChangesReturned>1</m:MaxChangesReturned>").wantCodes(t, "ErrorInvalidSyncStateData")
	sync(f, "nowhere", "", "<m:MaxChangesReturned>1</m:MaxChangesReturned>").wantCodes(t, "ErrorSyncFolderNotFound")
	sync(f, "inbox", "", "<m:MaxChangesReturned>513</m:MaxChangesReturned>").wantFault(t, "ErrorSchemaValidation")
	sync(f, "inbox", "", "").wantFault(t, "ErrorSchemaValidation")

	const shape = `<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape>`
	call(t, f, shape+`</m:SyncFolderHierarchy>`).wantCodes(t, "NoError").
		has(t, "SyncState>h1<", "IncludesLastFolderInRange>true<", "<CalendarFolder>", "<DisplayName>Inbox</DisplayName>", "Delete>")
	call(t, f, shape+`<m:SyncFolderId><t:FolderId Id="x"/></m:SyncFolderId></m:SyncFolderHierarchy>`).wantCodes(t, "ErrorSyncFolderNotFound")
}

func TestResolveNames(t *testing.T) {
	t.Parallel()
	resolve := func(s string) answered {
		return call(t, newFake(), `<m:ResolveNames ReturnFullContactData="false"><m:UnresolvedEntry>`+s+`</m:UnresolvedEntry></m:ResolveNames>`)
	}
	resolve("ben").wantCodes(t, "NoError").has(t, "ben@contoso.example", `TotalItemsInView="1"`)
	resolve("anna").wantCodes(t, "ErrorNameResolutionMultipleResults").has(t, `ResponseClass="Warning"`, "acole@contoso.example")
	resolve("zoe").wantCodes(t, "ErrorNameResolutionNoResults").has(t, `ResponseClass="Error"`).lacks(t, "ResolutionSet")
	resolve(" ").wantFault(t, "ErrorSchemaValidation")
}

func TestGetServerTimeZones(t *testing.T) {
	t.Parallel()
	call(t, newFake(), `<m:GetServerTimeZones ReturnFullTimeZoneData="true"/>`).wantCodes(t, "NoError").has(t, `Id="UTC"`, `Bias="-PT9H"`)
	call(t, newFake(), `<m:GetServerTimeZones ReturnFullTimeZoneData="false"><m:Ids><t:Id>Tokyo Standard Time</t:Id><t:Id>Atlantis</t:Id></m:Ids></m:GetServerTimeZones>`).
		wantCodes(t, "NoError").has(t, `Id="Tokyo Standard Time"`).lacks(t, `Id="UTC"`, "Bias")
}

func TestGetAttachment(t *testing.T) {
	t.Parallel()
	get := func(shape, ids string) answered {
		return call(t, newFake(), `<m:GetAttachment>`+shape+`<m:AttachmentIds>`+ids+`</m:AttachmentIds></m:GetAttachment>`)
	}
	get("", `<t:AttachmentId Id="pdf"/><t:AttachmentId Id="none"/><t:AttachmentId Id="logo"/>`).
		wantCodes(t, "NoError", "ErrorInvalidAttachmentId", "NoError").
		has(t, base64.StdEncoding.EncodeToString([]byte("%PDF-1.7 ...")), base64.StdEncoding.EncodeToString([]byte("\x89PNG")), "<Name>invoice ü.pdf</Name>")
	get("", `<t:AttachmentId Id="mail"/>`).wantCodes(t, "NoError").has(t, "<ItemAttachment>", "<Subject>Lunch?</Subject>", "ToRecipients").lacks(t, "MimeContent")
	get(`<m:AttachmentShape><t:IncludeMimeContent>true</t:IncludeMimeContent><t:BodyType>Text</t:BodyType></m:AttachmentShape>`, `<t:AttachmentId Id="mail"/>`).
		wantCodes(t, "NoError").has(t, "MimeContent", `BodyType="Text"`)
}
