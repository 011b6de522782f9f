package ewsserver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/simulator/envelopes"
	"github.com/exconn/exconn/wsdl"
)

// fake is a backend with one mailbox, whose items are in a slice. What it is
// given is kept for the tests to look at.
type fake struct {
	authErr, openErr error
	appOnly          bool
	items            map[string][]any // by folder id
	folders          []any
	people           []*wsdl.EmailAddressType
	zones            []*wsdl.TimeZoneDefinition
	files            map[string]any
	itemErr          error

	impersonated ewsserver.ConnectingSID
	created      []ewsserver.NewItem
	updates      []ewsserver.ItemUpdate
	deleted      []string
	cancellation wsdl.SendInvitations
	sentTo       *ewsserver.FolderRef
	replies      []ewsserver.MeetingReply
	cancelled    *wsdl.BodyContent
	added        []any
	syncState    string
	beforeUpdate func()
	from, to     time.Time
	opened       int
}

func (f *fake) Authenticate(*http.Request) (ewsserver.Caller, error) {
	return ewsserver.Caller{Mailbox: "anna@contoso.example", AppOnly: f.appOnly}, f.authErr
}

func (f *fake) Impersonate(_ context.Context, c ewsserver.Caller, sid ewsserver.ConnectingSID) (ewsserver.Caller, error) {
	f.impersonated = sid
	if sid.SmtpAddress == "director@contoso.example" {
		return c, &ewsserver.Error{Code: ewsserver.ErrorImpersonateUserDenied}
	}
	c.AppOnly = false
	return c, nil
}

func (f *fake) Open(context.Context, ewsserver.Caller) (ewsserver.Session, error) {
	f.opened++
	return f, f.openErr
}

func (f *fake) Folder(_ context.Context, ref ewsserver.FolderRef) (any, error) {
	for _, folder := range f.folders {
		var id string
		switch folder := folder.(type) {
		case *wsdl.FolderType:
			id = wsdl.Str(folder.FolderId.Id)
		case *wsdl.CalendarFolderType:
			id = wsdl.Str(folder.FolderId.Id)
		}
		if id == ref.ID || id == ref.Distinguished {
			return folder, nil
		}
	}
	return nil, &ewsserver.Error{Code: ewsserver.ErrorFolderNotFound}
}

func (f *fake) Folders(_ context.Context, parent ewsserver.FolderRef, _ bool) ([]any, error) {
	if parent.Distinguished != "msgfolderroot" {
		return nil, &ewsserver.Error{Code: ewsserver.ErrorFolderNotFound}
	}
	return f.folders, nil
}

func (f *fake) Item(_ context.Context, ref ewsserver.ItemRef) (any, error) {
	if f.itemErr != nil {
		return nil, f.itemErr
	}
	if ref.OccurrenceOf != "" {
		return nil, &ewsserver.Error{Code: ewsserver.ErrorCalendarOccurrenceIndexIsOutOfRecurrence}
	}
	for _, list := range f.items {
		for _, item := range list {
			if wsdl.Str(itemID(item).Id) == ref.ID {
				return item, nil
			}
		}
	}
	return nil, &ewsserver.Error{Code: ewsserver.ErrorItemNotFound}
}

func itemID(item any) *wsdl.ItemIdType {
	switch item := item.(type) {
	case *wsdl.MessageType:
		return item.ItemId
	case *wsdl.CalendarItemType:
		return item.ItemId
	case *wsdl.MeetingRequestMessageType:
		return item.ItemId
	case *wsdl.MeetingResponseMessageType:
		return item.ItemId
	case *wsdl.ContactItemType:
		return item.ItemId
	case *wsdl.DistributionListType:
		return item.ItemId
	case *wsdl.TaskType:
		return item.ItemId
	}
	return new(wsdl.ItemIdType)
}

func (f *fake) Items(_ context.Context, folder ewsserver.FolderRef) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		list, ok := f.items[folder.Distinguished+folder.ID]
		if !ok {
			yield(nil, &ewsserver.Error{Code: ewsserver.ErrorFolderNotFound})
			return
		}
		for _, item := range list {
			if !yield(item, nil) {
				return
			}
		}
	}
}

func (f *fake) CalendarView(_ context.Context, folder ewsserver.FolderRef, from, to time.Time) ([]*wsdl.CalendarItemType, error) {
	f.from, f.to = from, to
	var out []*wsdl.CalendarItemType
	for _, item := range f.items[folder.Distinguished] {
		event, ok := item.(*wsdl.CalendarItemType)
		if !ok {
			return nil, &ewsserver.Error{Code: ewsserver.ErrorCalendarFolderIsInvalidForCalendarView}
		}
		out = append(out, event)
	}
	return out, nil
}

func (f *fake) Create(_ context.Context, n ewsserver.NewItem) (any, error) {
	f.created = append(f.created, n)
	switch item := n.Item.(type) {
	case *wsdl.MessageType:
		if n.Disposition != wsdl.DispositionSaveOnly {
			return nil, nil
		}
		item.ItemId = id("new", "c1")
	case *wsdl.CalendarItemType:
		item.ItemId = id("new", "c1")
	}
	return n.Item, nil
}

func (f *fake) Update(_ context.Context, u ewsserver.ItemUpdate) (any, error) {
	f.updates = append(f.updates, u)
	if f.beforeUpdate != nil {
		f.beforeUpdate()
	}
	for _, list := range f.items {
		for i, item := range list {
			if wsdl.Str(itemID(item).Id) != u.Ref.ID {
				continue
			}
			if wsdl.Str(itemID(item).ChangeKey) != u.ReadChangeKey {
				return nil, &ewsserver.Error{Code: ewsserver.ErrorIrresolvableConflict}
			}
			itemID(u.Item).ChangeKey = wsdl.NewText(u.ReadChangeKey + "+")
			list[i] = u.Item
			return u.Item, nil
		}
	}
	return nil, &ewsserver.Error{Code: ewsserver.ErrorItemNotFound}
}

func (f *fake) Delete(_ context.Context, ref ewsserver.ItemRef, _ wsdl.Disposal, c wsdl.SendInvitations) error {
	f.deleted = append(f.deleted, ref.ID)
	f.cancellation = c
	return nil
}

func (f *fake) Move(ctx context.Context, ref ewsserver.ItemRef, to ewsserver.FolderRef) (any, error) {
	if to.Distinguished == "nowhere" {
		return nil, &ewsserver.Error{Code: ewsserver.ErrorFolderNotFound}
	}
	if _, err := f.Item(ctx, ref); err != nil {
		return nil, err
	}
	return &wsdl.MessageType{ItemId: id(ref.ID+"-moved", "c9")}, nil
}

func (f *fake) Send(_ context.Context, ref ewsserver.ItemRef, saveTo *ewsserver.FolderRef) error {
	if ref.ChangeKey == "stale" {
		return &ewsserver.Error{Code: ewsserver.ErrorStaleObject}
	}
	f.sentTo = saveTo
	return nil
}

func (f *fake) Respond(_ context.Context, r ewsserver.MeetingReply) ([]any, error) {
	f.replies = append(f.replies, r)
	return []any{&wsdl.CalendarItemType{ItemId: id("event", "c2")}}, nil
}

func (f *fake) Cancel(_ context.Context, ref ewsserver.ItemRef, body *wsdl.BodyContent) (any, error) {
	f.cancelled = body
	return &wsdl.CalendarItemType{ItemId: id(ref.ID, "c3")}, nil
}

func (f *fake) Attachment(_ context.Context, id string) (any, error) {
	if a, ok := f.files[id]; ok {
		return a, nil
	}
	return nil, &ewsserver.Error{Code: ewsserver.ErrorInvalidAttachmentId}
}

func (f *fake) AddAttachment(_ context.Context, parent ewsserver.ItemRef, a any) (string, *wsdl.ItemIdType, error) {
	f.added = append(f.added, a)
	return fmt.Sprintf("att%d", len(f.added)), id(parent.ID, parent.ChangeKey+"+"), nil
}

func (f *fake) SyncItems(_ context.Context, folder ewsserver.FolderRef, state string, limit int) (ewsserver.ItemChanges, error) {
	f.syncState = state
	if state == "garbage" {
		return ewsserver.ItemChanges{}, &ewsserver.Error{Code: ewsserver.ErrorInvalidSyncStateData}
	}
	list, ok := f.items[folder.Distinguished]
	if !ok {
		return ewsserver.ItemChanges{}, &ewsserver.Error{Code: ewsserver.ErrorFolderNotFound}
	}
	changes := ewsserver.ItemChanges{State: "state1", Last: len(list) <= limit}
	for _, item := range list[:min(limit, len(list))] {
		changes.Changes = append(changes.Changes, ewsserver.ItemChange{Kind: wsdl.Created, Item: item})
	}
	changes.Changes = append(changes.Changes,
		ewsserver.ItemChange{Kind: wsdl.ReadFlagChange, ID: *id("m1", "c1"), IsRead: true},
		ewsserver.ItemChange{Kind: wsdl.Deleted, ID: *id("gone", "c1")})
	return changes, nil
}

func (f *fake) SyncFolders(_ context.Context, root ewsserver.FolderRef, _ string) (ewsserver.FolderChanges, error) {
	changes := ewsserver.FolderChanges{State: "h1"}
	if root.Distinguished != "msgfolderroot" {
		return changes, &ewsserver.Error{Code: ewsserver.ErrorFolderNotFound}
	}
	for _, folder := range f.folders {
		changes.Changes = append(changes.Changes, ewsserver.FolderChange{Kind: wsdl.Created, Folder: folder})
	}
	changes.Changes = append(changes.Changes, ewsserver.FolderChange{Kind: wsdl.Deleted, ID: wsdl.FolderIdType{Id: wsdl.NewText("old")}})
	return changes, nil
}

func (f *fake) ResolveNames(_ context.Context, query string) ([]*wsdl.EmailAddressType, error) {
	var out []*wsdl.EmailAddressType
	for _, p := range f.people {
		if strings.Contains(strings.ToLower(wsdl.Str(p.Name)), strings.ToLower(query)) {
			out = append(out, p)
		}
	}
	return out, nil
}

func (f *fake) TimeZones(context.Context) ([]*wsdl.TimeZoneDefinition, error) { return f.zones, nil }

var errBroken = errors.New("the disk is on fire; token=hunter2")

func id(i, changeKey string) *wsdl.ItemIdType {
	return &wsdl.ItemIdType{Id: wsdl.NewText(i), ChangeKey: wsdl.NewText(changeKey)}
}

func anna() *wsdl.EmailAddressType { return somebody("Anna Berg", "anna@contoso.example") }

func somebody(name, address string) *wsdl.EmailAddressType {
	return &wsdl.EmailAddressType{Name: wsdl.NewText(name), EmailAddress: wsdl.NewText(address), RoutingType: wsdl.NewText("SMTP")}
}

func at(s string) *wsdl.DateTimeText { return wsdl.Ptr(wsdl.DateTimeText(s)) }

// message returns a message that was received.
func message(i int, subject string) *wsdl.MessageType {
	return &wsdl.MessageType{
		ItemId:            id(fmt.Sprintf("m%d", i), "c1"),
		ParentFolderId:    &wsdl.FolderIdType{Id: wsdl.NewText("inbox")},
		ItemClass:         wsdl.NewText("IPM.Note"),
		Subject:           wsdl.NewText(subject),
		Sensitivity:       wsdl.Ptr(wsdl.SensitivityNameNormal),
		Importance:        wsdl.Ptr(wsdl.ImportanceNameNormal),
		Body:              &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameHTML), Value: wsdl.NewText("<html><body><p>Dear Anna,</p><p>the invoice &amp; the offer.</p></body></html>")},
		Size:              wsdl.Ptr(wsdl.Int32(1000 * i)),
		DateTimeReceived:  at(fmt.Sprintf("2026-11-%02dT10:00:00Z", i)),
		DateTimeSent:      at(fmt.Sprintf("2026-11-%02dT09:59:00Z", i)),
		DateTimeCreated:   at(fmt.Sprintf("2026-11-%02dT10:00:00Z", i)),
		InternetMessageId: wsdl.NewText(fmt.Sprintf("<%d@fabrikam.example>", i)),
		From:              &wsdl.RecipientType{Mailbox: somebody("Erik Lund", "erik@fabrikam.example")},
		ToRecipients:      &wsdl.RecipientsType{Mailbox: []*wsdl.EmailAddressType{anna(), somebody("Ben", "ben@contoso.example")}},
		CcRecipients:      &wsdl.RecipientsType{Mailbox: []*wsdl.EmailAddressType{somebody("Carla", "carla@contoso.example")}},
		IsRead:            wsdl.Ptr(wsdl.Bool(i%2 == 0)),
		IsDraft:           wsdl.Ptr(wsdl.Bool(false)),
		ConversationTopic: wsdl.NewText(subject),
		ExtendedProperty: []*wsdl.ExtendedPropertyType{{
			ExtendedFieldURI: &wsdl.ExtendedFieldURI{DistinguishedPropertySetId: wsdl.Ptr(wsdl.PropertySetNamePublicStrings),
				PropertyName: wsdl.NewText("stamp"), PropertyType: wsdl.Ptr(wsdl.MapiTypeString)},
			Value: wsdl.NewText(fmt.Sprintf("op-%d", i)),
		}},
	}
}

func event() *wsdl.CalendarItemType {
	return &wsdl.CalendarItemType{
		ItemId:        id("event", "c1"),
		Subject:       wsdl.NewText("Quarterly review"),
		Start:         at("2026-11-23T09:00:00Z"),
		End:           at("2026-11-23T10:00:00Z"),
		Location:      wsdl.NewText("Room 4"),
		UID:           wsdl.NewText("040000008200E00074C5B7101A82E008"),
		Organizer:     &wsdl.RecipientType{Mailbox: anna()},
		Body:          &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameText), Value: wsdl.NewText("Agenda")},
		IsMeeting:     wsdl.Ptr(wsdl.Bool(true)),
		ReminderIsSet: wsdl.Ptr(wsdl.Bool(false)),
		RequiredAttendees: &wsdl.AttendeesType{Attendee: []*wsdl.AttendeeType{
			{Mailbox: somebody("Ben", "ben@contoso.example")}}},
		CalendarItemType: wsdl.Ptr(wsdl.CalendarItemKindSingle),
	}
}

func newFake() *fake {
	count := func(i int) *wsdl.Int32 { return wsdl.Ptr(wsdl.Int32(i)) }
	withFiles := message(3, "Invoice 4711 – März")
	withFiles.Attachments = &wsdl.AttachmentList{Attachments: []any{
		&wsdl.FileAttachmentType{AttachmentId: &wsdl.AttachmentIdType{Id: wsdl.NewText("pdf")}, Name: wsdl.NewText("invoice ü.pdf"),
			ContentType: wsdl.NewText("application/pdf"), Size: count(12), IsInline: wsdl.Ptr(wsdl.Bool(false))},
		&wsdl.FileAttachmentType{AttachmentId: &wsdl.AttachmentIdType{Id: wsdl.NewText("logo")}, Name: wsdl.NewText("logo.png"),
			ContentType: wsdl.NewText("image/png"), ContentId: wsdl.NewText("logo@1"), Size: count(4), IsInline: wsdl.Ptr(wsdl.Bool(true))},
	}}
	draft := message(4, "Draft")
	draft.ItemId = id("draft", "c1")
	draft.IsDraft = wsdl.Ptr(wsdl.Bool(true))
	return &fake{
		folders: []any{
			&wsdl.FolderType{FolderId: &wsdl.FolderIdType{Id: wsdl.NewText("inbox"), ChangeKey: wsdl.NewText("f1")}, FolderClass: wsdl.NewText("IPF.Note"),
				DisplayName: wsdl.NewText("Inbox"), TotalCount: count(3), ChildFolderCount: count(0), UnreadCount: count(2),
				ParentFolderId: &wsdl.FolderIdType{Id: wsdl.NewText("root")}},
			&wsdl.CalendarFolderType{FolderId: &wsdl.FolderIdType{Id: wsdl.NewText("calendar"), ChangeKey: wsdl.NewText("f2")},
				FolderClass: wsdl.NewText("IPF.Appointment"), DisplayName: wsdl.NewText("Calendar"), TotalCount: count(1), ChildFolderCount: count(0)},
		},
		items: map[string][]any{
			"inbox":    {withFiles, message(2, "Lunch?"), message(1, "Invoice 4710")},
			"drafts":   {draft},
			"calendar": {event()},
		},
		people: []*wsdl.EmailAddressType{anna(), somebody("Anna Cole", "acole@contoso.example"), somebody("Ben", "ben@contoso.example")},
		zones: []*wsdl.TimeZoneDefinition{
			{Id: wsdl.NewText("UTC"), Name: wsdl.NewText("(UTC) Coordinated Universal Time"), Periods: &wsdl.PeriodsType{Period: []*wsdl.PeriodType{
				{Bias: wsdl.FormatDuration(0), Name: wsdl.NewText("Standard"), Id: wsdl.NewText("std")}}}},
			{Id: wsdl.NewText("Tokyo Standard Time"), Name: wsdl.NewText("Tokyo"), Periods: &wsdl.PeriodsType{Period: []*wsdl.PeriodType{
				{Bias: wsdl.FormatDuration(-9 * time.Hour), Name: wsdl.NewText("Standard"), Id: wsdl.NewText("std")}}}},
		},
		files: map[string]any{
			"pdf": &wsdl.FileAttachmentType{AttachmentId: &wsdl.AttachmentIdType{Id: wsdl.NewText("pdf")}, Name: wsdl.NewText("invoice ü.pdf"),
				ContentType: wsdl.NewText("application/pdf"), Size: count(12), Content: &wsdl.Base64Content{
					Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("%PDF-1.7 ...")), nil }, Size: 12}},
			"logo": &wsdl.FileAttachmentType{AttachmentId: &wsdl.AttachmentIdType{Id: wsdl.NewText("logo")}, Name: wsdl.NewText("logo.png"),
				ContentType: wsdl.NewText("image/png"), ContentId: wsdl.NewText("logo@1"), IsInline: wsdl.Ptr(wsdl.Bool(true)),
				Content: &wsdl.Base64Content{Data: []byte("\x89PNG")}},
			"mail": &wsdl.ItemAttachmentType{AttachmentId: &wsdl.AttachmentIdType{Id: wsdl.NewText("mail")}, Name: wsdl.NewText("Lunch?"),
				Message: message(2, "Lunch?")},
		},
	}
}

// declarations of Exchange's namespaces stand at every other element, and are
// in the way of comparing.
var declarations = regexp.MustCompile(` xmlns="http://schemas.microsoft.com/exchange/services/2006/[a-z]+"`)

// answered is what came back.
type answered struct {
	status int
	header http.Header
	body   string
}

// do sends a request to a handler over the backend.
func do(t *testing.T, f ewsserver.Backend, opts *ewsserver.Options, r *http.Request) answered {
	t.Helper()
	w := httptest.NewRecorder()
	ewsserver.NewHandler(f, opts).ServeHTTP(w, r)
	a := answered{w.Code, w.Header(), declarations.ReplaceAllString(w.Body.String(), "")}
	envelopes.OfTest(t).Response(t.Name(), "answer", w.Body.Bytes())
	return a
}

const (
	open = `<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">`
	shut = `</soap:Envelope>`
)

// call posts a request in the style of most clients: prefixes t and m.
func call(t *testing.T, f ewsserver.Backend, body string) answered {
	t.Helper()
	return callWith(t, f, nil, `<t:RequestServerVersion Version="Exchange2013_SP1"/>`, body)
}

func callWith(t *testing.T, f ewsserver.Backend, opts *ewsserver.Options, header, body string) answered {
	t.Helper()
	return do(t, f, opts, post(open+"<soap:Header>"+header+"</soap:Header><soap:Body>"+body+"</soap:Body>"+shut))
}

func post(envelope string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "https://ex.contoso.example/EWS/Exchange.asmx", bytes.NewReader([]byte(envelope)))
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	return r
}

// has fails unless the answer contains all of the texts.
func (a answered) has(t *testing.T, texts ...string) answered {
	t.Helper()
	for _, s := range texts {
		if !strings.Contains(a.body, s) {
			t.Errorf("the answer lacks %q:\n%s", s, a.body)
		}
	}
	return a
}

func (a answered) lacks(t *testing.T, texts ...string) answered {
	t.Helper()
	for _, s := range texts {
		if strings.Contains(a.body, s) {
			t.Errorf("the answer has %q:\n%s", s, a.body)
		}
	}
	return a
}

// codes returns the response codes in their order.
func (a answered) codes() []string {
	var out []string
	for _, s := range strings.Split(a.body, "ResponseCode")[1:] {
		if i := strings.IndexByte(s, '>'); i >= 0 && !strings.HasPrefix(s, ">\n") {
			if code, _, ok := strings.Cut(s[i+1:], "</"); ok && code != "" && !strings.Contains(code, "<") {
				out = append(out, code)
			}
		}
	}
	return out
}

func (a answered) wantCodes(t *testing.T, want ...string) answered {
	t.Helper()
	if a.status != http.StatusOK {
		t.Errorf("HTTP %d, want 200", a.status)
	}
	if got := a.codes(); !slices.Equal(got, want) {
		t.Errorf("response codes %v, want %v:\n%s", got, want, a.body)
	}
	return a
}

func (a answered) wantFault(t *testing.T, code string) answered {
	t.Helper()
	if a.status != http.StatusInternalServerError {
		t.Errorf("HTTP %d, want 500", a.status)
	}
	return a.has(t, ":Fault>", ">a:"+code+"</faultcode>", ">"+code+"</e:ResponseCode>")
}
