package simulator

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/simulator/envelopes"
	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// noon is when the tests take place: a Wednesday.
var noon = time.Date(2026, 11, 18, 11, 0, 0, 0, time.UTC)

// clock is a clock that tests move.
type clock struct{ at atomic.Int64 }

func newClock(t time.Time) *clock {
	c := &clock{}
	c.at.Store(t.UnixNano())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(0, c.at.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.at.Add(int64(d)) }

// start starts a simulator whose time is noon and whose passwords are all
// "secret".
func start(t *testing.T, change func(*Options)) *Simulator {
	t.Helper()
	opts := &Options{Seed: 7, Now: newClock(noon).Now, Empty: true, Password: "secret", Record: keepEnvelopes(t)}
	if change != nil {
		change(opts)
	}
	// Every test is one of the state file too: at its end the file must hold
	// all that the memory does.
	if opts.State == "" {
		opts.State = filepath.Join(t.TempDir(), "state")
	}
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		remembers(t, *opts, dump(t, s.state))
	})
	return s
}

// keepEnvelopes keeps what is sent and answered, to be held against Exchange's
// schema. Some tests send what is not valid.
func keepEnvelopes(t *testing.T) func(Recorded) {
	kept := envelopes.OfTest(t)
	return func(r Recorded) {
		if !r.Spoilt {
			kept.Response(t.Name(), r.Operation, r.Response)
		}
	}
}

// as is somebody who sends requests.
type as struct {
	t        *testing.T
	s        *Simulator
	tenant   Tenant
	user     string // Basic
	password string // empty means the account's own
	bearer   string
	onBehalf string // impersonated
	anchored bool
}

// user signs in to contoso as one of its people.
func user(t *testing.T, s *Simulator, user string) as {
	return as{t: t, s: s, tenant: Server, user: user + "@contoso.example"}
}

// actor impersonates one of contoso's people by the service account.
func actor(t *testing.T, s *Simulator, user string) as {
	return as{t: t, s: s, tenant: Server, user: "svc-crm@contoso.example", onBehalf: user + "@contoso.example"}
}

// post sends a request and returns the HTTP answer.
func (a as) post(request any) *httptest.ResponseRecorder {
	a.t.Helper()
	header := []any{&wsdl.RequestServerVersion{Version: wsdl.Ptr(wsdl.ServerVersionExchange2013_SP1)}}
	if a.onBehalf != "" {
		header = append(header, &wsdl.ExchangeImpersonation{ConnectingSID: &wsdl.ConnectingSIDType{SmtpAddress: text(a.onBehalf)}})
	}
	var body bytes.Buffer
	if err := soap.WriteEnvelope(&body, header, request); err != nil {
		a.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, ewsserver.Path, &body)
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	switch {
	case a.bearer != "":
		r.Header.Set("Authorization", "Bearer "+a.bearer)
	case a.user != "":
		if a.password == "" {
			a.password = string(a.s.Password(a.user))
		}
		r.SetBasicAuth(a.user, a.password)
	}
	if a.anchored {
		r.Header.Set("X-AnchorMailbox", a.onBehalf)
	}
	w := httptest.NewRecorder()
	a.s.Handler(a.tenant).ServeHTTP(w, r)
	return w
}

// fault sends a request that is to fail as a whole, and returns the fault.
func (a as) fault(request any) *soap.Fault {
	a.t.Helper()
	w := a.post(request)
	f := &soap.Fault{}
	_, err := soap.ReadEnvelope(w.Body, nil, nil, func(name xml.Name) (any, error) {
		if !soap.IsFault(name) {
			return nil, fmt.Errorf("the body holds %s, not a fault", name.Local)
		}
		return f, nil
	})
	if err != nil || w.Code != http.StatusInternalServerError {
		a.t.Fatalf("HTTP %d, %v: no fault", w.Code, err)
	}
	return f
}

// call sends a request and decodes the answer.
func call[Response any](a as, request any) *Response {
	a.t.Helper()
	w := a.post(request)
	if w.Code != http.StatusOK {
		a.t.Fatalf("HTTP %d: %s", w.Code, w.Body)
	}
	out := new(Response)
	_, err := soap.ReadEnvelope(w.Body, nil, nil, func(name xml.Name) (any, error) {
		if soap.IsFault(name) {
			return nil, fmt.Errorf("a fault: %s", w.Body)
		}
		return out, nil
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

// status fails the test unless a response message has the code.
func (a as) status(got wsdl.Status, want string) {
	a.t.Helper()
	if got.Code != want {
		a.t.Fatalf("the answer is %s (%s), want %s", got.Code, got.Text, want)
	}
}

func shape(base wsdl.DefaultShapeNames, extra ...string) *wsdl.ItemResponseShape {
	s := &wsdl.ItemResponseShape{BaseShape: &wsdl.BaseShape{Value: &base}}
	if len(extra) > 0 {
		s.AdditionalProperties = &wsdl.AdditionalProperties{}
		for _, uri := range extra {
			s.AdditionalProperties.FieldURI = append(s.AdditionalProperties.FieldURI, &wsdl.FieldURI{FieldURI: text(uri)})
		}
	}
	return s
}

func named(name string, mailbox ...string) *wsdl.DistinguishedFolderId {
	id := &wsdl.DistinguishedFolderId{Id: text(name)}
	if len(mailbox) > 0 {
		id.Mailbox = &wsdl.EmailAddressType{EmailAddress: text(mailbox[0])}
	}
	return id
}

// list returns the items of a folder with all their properties.
func (a as) list(folder *wsdl.DistinguishedFolderId) []any {
	a.t.Helper()
	var out []any
	for _, id := range a.ids(folder) {
		out = append(out, a.item(id))
	}
	return out
}

// ids lists the items of a folder.
func (a as) ids(folder *wsdl.DistinguishedFolderId) []*wsdl.ItemIdType {
	a.t.Helper()
	answer := call[wsdl.FindItemResponse](a, &wsdl.FindItem{
		Traversal: wsdl.Ptr(wsdl.ItemTraversalShallow), ItemShape: shape(wsdl.DefaultShapeNamesIdOnly),
		ParentFolderIds: &wsdl.FolderIdList{Ids: []any{folder}},
	}).ResponseMessages.FindItemResponseMessage[0]
	a.status(answer.Status(), "NoError")
	var ids []*wsdl.ItemIdType
	for _, it := range answer.RootFolder.Items.Items {
		ids = append(ids, get[wsdl.ItemIdType](it, "ItemId"))
	}
	return ids
}

// get reads one item, whose id may be of any kind.
func (a as) get(id any) (any, wsdl.Status) {
	a.t.Helper()
	answer := call[wsdl.GetItemResponse](a, &wsdl.GetItem{
		ItemShape: shape(wsdl.DefaultShapeNamesAllProperties, "item:Body", "item:Attachments"), ItemIds: &wsdl.ItemIdList{Ids: []any{id}},
	}).ResponseMessages.GetItemResponseMessage[0]
	if !answer.Status().OK() || len(answer.Items.Items) == 0 {
		return nil, answer.Status()
	}
	return answer.Items.Items[0], answer.Status()
}

// item reads one item that is there.
func (a as) item(id any) any {
	a.t.Helper()
	it, status := a.get(id)
	a.status(status, "NoError")
	return it
}

// create creates an item and returns the answer.
func (a as) create(request *wsdl.CreateItem) *wsdl.ItemInfoResponseMessageType {
	a.t.Helper()
	return call[wsdl.CreateItemResponse](a, request).ResponseMessages.CreateItemResponseMessage[0]
}

// send sends a message.
func (a as) send(m *wsdl.MessageType) wsdl.Status {
	a.t.Helper()
	return a.create(&wsdl.CreateItem{
		MessageDisposition: wsdl.Ptr(wsdl.DispositionSendAndSaveCopy), Items: &wsdl.ItemList{Items: []any{m}},
	}).Status()
}

// draft saves a message and returns its id.
func (a as) draft(m *wsdl.MessageType) *wsdl.ItemIdType {
	a.t.Helper()
	answer := a.create(&wsdl.CreateItem{
		MessageDisposition: wsdl.Ptr(wsdl.DispositionSaveOnly), Items: &wsdl.ItemList{Items: []any{m}},
	})
	a.status(answer.Status(), "NoError")
	return get[wsdl.ItemIdType](answer.Items.Items[0], "ItemId")
}

// event creates an event and returns its id.
func (a as) event(c *wsdl.CalendarItemType, send wsdl.SendInvitations) *wsdl.ItemIdType {
	a.t.Helper()
	answer := a.create(&wsdl.CreateItem{SendMeetingInvitations: &send, Items: &wsdl.ItemList{Items: []any{c}}})
	a.status(answer.Status(), "NoError")
	return get[wsdl.ItemIdType](answer.Items.Items[0], "ItemId")
}

// update changes fields of an item to those of value, and returns the status
// and the item's new id.
func (a as) update(id any, value any, send wsdl.SendUpdates, fields ...string) (wsdl.Status, *wsdl.ItemIdType) {
	a.t.Helper()
	change := &wsdl.ItemChange{Updates: &wsdl.UpdateList{}}
	switch id := id.(type) {
	case *wsdl.ItemIdType:
		change.ItemId = id
	case *wsdl.OccurrenceItemIdType:
		change.OccurrenceItemId = id
	}
	for _, f := range fields {
		set := &wsdl.SetItemFieldType{FieldURI: &wsdl.FieldURI{FieldURI: text(f)}}
		one := shallowEmpty(value)
		copyNamed(one, value, fieldNames([]string{f}))
		switch v := one.(type) {
		case *wsdl.MessageType:
			set.Message = v
		case *wsdl.CalendarItemType:
			set.CalendarItem = v
		}
		change.Updates.Updates = append(change.Updates.Updates, set)
	}
	request := &wsdl.UpdateItem{
		ConflictResolution: wsdl.Ptr(wsdl.ConflictPolicyAutoResolve), MessageDisposition: wsdl.Ptr(wsdl.DispositionSaveOnly),
		ItemChanges: &wsdl.ItemChangesType{ItemChange: []*wsdl.ItemChange{change}},
	}
	if send != "" {
		request.SendMeetingInvitationsOrCancellations = &send
	}
	answer := call[wsdl.UpdateItemResponse](a, request).ResponseMessages.UpdateItemResponseMessage[0]
	if !answer.Status().OK() {
		return answer.Status(), nil
	}
	return answer.Status(), get[wsdl.ItemIdType](answer.Items.Items[0], "ItemId")
}

// remove deletes an item.
func (a as) remove(id any, how wsdl.Disposal, send wsdl.SendInvitations) wsdl.Status {
	a.t.Helper()
	request := &wsdl.DeleteItem{DeleteType: &how, ItemIds: &wsdl.ItemIdList{Ids: []any{id}}}
	if send != "" {
		request.SendMeetingCancellations = &send
	}
	return call[wsdl.DeleteItemResponse](a, request).ResponseMessages.DeleteItemResponseMessage[0].Status()
}

// view expands a calendar.
func (a as) view(folder *wsdl.DistinguishedFolderId, from, to time.Time) []*wsdl.CalendarItemType {
	a.t.Helper()
	answer := call[wsdl.FindItemResponse](a, &wsdl.FindItem{
		Traversal:       wsdl.Ptr(wsdl.ItemTraversalShallow),
		ItemShape:       shape(wsdl.DefaultShapeNamesAllProperties),
		CalendarView:    &wsdl.CalendarViewType{StartDate: wsdl.FormatTime(from), EndDate: wsdl.FormatTime(to)},
		ParentFolderIds: &wsdl.FolderIdList{Ids: []any{folder}},
	}).ResponseMessages.FindItemResponseMessage[0]
	a.status(answer.Status(), "NoError")
	var out []*wsdl.CalendarItemType
	for _, it := range answer.RootFolder.Items.Items {
		out = append(out, it.(*wsdl.CalendarItemType))
	}
	return out
}

func shallowEmpty(v any) any {
	out := shallow(v)
	names := allFields(v)
	for name := range names {
		unset(out, name)
	}
	return out
}

func message(subject string, to ...string) *wsdl.MessageType {
	m := &wsdl.MessageType{Subject: text(subject), Body: html("<p>" + subject + "</p>")}
	var people []*wsdl.EmailAddressType
	for _, a := range to {
		people = append(people, &wsdl.EmailAddressType{EmailAddress: text(a)})
	}
	m.ToRecipients = recipients(people...)
	return m
}

func subjects(items []any) []string {
	var list []string
	for _, it := range items {
		list = append(list, str(it, "Subject"))
	}
	return list
}
