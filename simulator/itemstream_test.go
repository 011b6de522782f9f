package simulator

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// sessionOf is what somebody of contoso can do, without the wire.
func sessionOf(s *Simulator, name string) *session {
	return &session{st: s.state, who: s.state.byAddress[name+"@contoso.example"]}
}

// transfer exports an item and uploads it into a folder.
func transfer(t *testing.T, from, to *session, id string, folder string) *wsdl.ItemIdType {
	t.Helper()
	_, data, err := from.Export(t.Context(), ewsserver.ItemRef{ID: id})
	if err != nil {
		t.Fatal(err)
	}
	made, err := to.Upload(t.Context(), ewsserver.Upload{Folder: ewsserver.FolderRef{Distinguished: folder}, Action: wsdl.CreateActionNameCreateNew, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// content is what an item is, whatever its place: what a stream of it says but
// for who owns it and when it was written last.
func content(t *testing.T, s *session, id string) *streamRecord {
	t.Helper()
	_, data, err := s.Export(t.Context(), ewsserver.ItemRef{ID: id})
	if err != nil {
		t.Fatal(err)
	}
	r := new(streamRecord)
	if err := decode(data[len(streamMark)+32:], r); err != nil {
		t.Fatal(err)
	}
	unset(r.Value, "LastModifiedTime", "LastModifiedName", "DateTimeStamp", "IsOrganizer", "IsMeeting", "IsRecurring", "MyResponseType", "AppointmentState",
		"FirstOccurrence", "LastOccurrence", "ModifiedOccurrences", "DeletedOccurrences")
	return r
}

func TestEveryKindOfItemIsTransferredWhole(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) { o.Empty = false })
	anna, ben := actor(t, s, "anna"), actor(t, s, "ben")
	ben.event(meetingAt("Round", noon.Add(2*day), time.Hour, "anna@contoso.example"), wsdl.SendInvitationsSendToAllAndSaveCopy)
	called := ben.event(meetingAt("Off", noon.Add(3*day), time.Hour, "anna@contoso.example"), wsdl.SendInvitationsSendToAllAndSaveCopy)
	ben.status(ben.remove(called, wsdl.DisposalMoveToDeletedItems, wsdl.SendInvitationsSendToAllAndSaveCopy), "NoError")
	series := meetingAt("Series \x0b <&>", noon.Add(day), time.Hour, "ben@contoso.example")
	series.Recurrence = weeklyOn("Thursday", noon.Add(day), 5)
	id := anna.event(series, wsdl.SendInvitationsSendToAllAndSaveCopy)
	occurrence := func(n int) *wsdl.OccurrenceItemIdType {
		return &wsdl.OccurrenceItemIdType{RecurringMasterId: id.Id, InstanceIndex: wsdl.Ptr(wsdl.Int32(n))}
	}
	anna.status(anna.remove(occurrence(2), wsdl.DisposalMoveToDeletedItems, wsdl.SendInvitationsSendToNone), "NoError")
	third := get[wsdl.ItemIdType](anna.item(occurrence(3)), "ItemId")
	status, _ := anna.update(third, &wsdl.CalendarItemType{Subject: text("Moved"), Location: text("Elsewhere")}, wsdl.SendUpdatesSendToNone, "item:Subject", "calendar:Location")
	anna.status(status, "NoError")
	m := message("Files", "ben@contoso.example")
	m.Attachments = attached(3)
	m.Attachments.Attachments = append(m.Attachments.Attachments, &wsdl.ItemAttachmentType{Name: text("inner"), Message: message("Inner", "carla@contoso.example")})
	anna.draft(m)

	from, to := sessionOf(s, "anna"), sessionOf(s, "ben")
	kinds := map[string]int{}
	var ids []string
	var names []string
	s.state.mu.Lock()
	for _, f := range from.who.all() {
		for _, it := range f.items {
			ids = append(ids, wsdl.Str(it.id().Id))
			kind := reflect.TypeOf(it.value).Elem().Name()
			names = append(names, fmt.Sprintf("%s %q", kind, str(it.value, "Subject")))
			kinds[kind]++
		}
	}
	s.state.mu.Unlock()
	for _, kind := range []string{"MessageType", "CalendarItemType", "MeetingRequestMessageType", "MeetingCancellationMessageType", "ContactItemType", "DistributionListType", "TaskType"} {
		if kinds[kind] == 0 {
			t.Errorf("there is no %s to export: %v", kind, kinds)
		}
	}
	for i, id := range ids {
		made := transfer(t, from, to, id, "drafts")
		if diff := cmp.Diff(content(t, from, id), content(t, to, wsdl.Str(made.Id)), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-exported +uploaded):\n%s", names[i], diff)
		}
	}
	// The copies are items like others: the series has its instances.
	copied := transfer(t, from, to, wsdl.Str(id.Id), "calendar")
	c := ben.item(copied).(*wsdl.CalendarItemType)
	if n := len(c.DeletedOccurrences.DeletedOccurrence); n != 1 {
		t.Errorf("%d deleted occurrences", n)
	}
	if n := len(c.ModifiedOccurrences.Occurrence); n != 1 {
		t.Fatalf("%d modified occurrences", n)
	}
	if moved := ben.item(c.ModifiedOccurrences.Occurrence[0].ItemId).(*wsdl.CalendarItemType); wsdl.Str(moved.Subject) != "Moved" || wsdl.Str(moved.Location) != "Elsewhere" {
		t.Errorf("the exception is %q in %q", wsdl.Str(moved.Subject), wsdl.Str(moved.Location))
	}
}

func TestUploadedItems(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	anna := actor(t, s, "anna")
	id := anna.draft(message("First", "ben@contoso.example"))
	event := anna.event(meetingAt("Plan", noon.Add(day), time.Hour), wsdl.SendInvitationsSendToNone)
	export := func(id *wsdl.ItemIdType) *wsdl.ExportItemsResponseMessageType {
		t.Helper()
		return call[wsdl.ExportItemsResponse](anna, &wsdl.ExportItems{ItemIds: &wsdl.ItemIdList{Ids: []any{id}}}).ResponseMessages.ExportItemsResponseMessage[0]
	}
	exported := export(id)
	anna.status(exported.Status(), "NoError")
	folder := func(name string) *wsdl.FolderIdType {
		t.Helper()
		answer := call[wsdl.GetFolderResponse](anna, &wsdl.GetFolder{FolderShape: &wsdl.FolderResponseShape{BaseShape: &wsdl.BaseShape{Value: wsdl.Ptr(wsdl.DefaultShapeNamesIdOnly)}},
			FolderIds: &wsdl.FolderIdList{Ids: []any{named(name)}}})
		return answer.ResponseMessages.GetFolderResponseMessage[0].Folders.Folders[0].(*wsdl.FolderType).FolderId
	}
	drafts, inbox := folder("drafts"), folder("inbox")
	upload := func(u *wsdl.UploadItemType, want string) *wsdl.ItemIdType {
		t.Helper()
		if u.Data == nil {
			u.Data = exported.Data
		}
		if u.ParentFolderId == nil {
			u.ParentFolderId = drafts
		}
		answer := call[wsdl.UploadItemsResponse](anna, &wsdl.UploadItems{Items: &wsdl.UploadItemList{Items: []any{u}}}).ResponseMessages.UploadItemsResponseMessage[0]
		anna.status(answer.Status(), want)
		return answer.ItemId
	}
	update, either, fresh := wsdl.Ptr(wsdl.CreateActionNameUpdate), wsdl.Ptr(wsdl.CreateActionNameUpdateOrCreate), wsdl.Ptr(wsdl.CreateActionNameCreateNew)

	// An update brings back what was exported.
	status, changed := anna.update(id, &wsdl.MessageType{Subject: text("Second")}, "", "item:Subject")
	anna.status(status, "NoError")
	upload(&wsdl.UploadItemType{CreateAction: update, ItemId: id}, "ErrorIrresolvableConflict")
	back := upload(&wsdl.UploadItemType{CreateAction: update, ItemId: changed}, "NoError")
	if wsdl.Str(back.Id) != wsdl.Str(id.Id) || str(anna.item(back), "Subject") != "First" {
		t.Errorf("updated: %q", str(anna.item(back), "Subject"))
	}
	upload(&wsdl.UploadItemType{CreateAction: update, ItemId: &wsdl.ItemIdType{Id: id.Id}, ParentFolderId: inbox}, "ErrorItemNotFound")
	upload(&wsdl.UploadItemType{CreateAction: update, ItemId: event, ParentFolderId: folder("drafts")}, "ErrorItemNotFound")
	made := upload(&wsdl.UploadItemType{CreateAction: either, ItemId: &wsdl.ItemIdType{Id: id.Id}, ParentFolderId: inbox}, "NoError")
	if wsdl.Str(made.Id) == wsdl.Str(id.Id) || len(anna.list(named("inbox"))) != 1 || len(anna.list(named("drafts"))) != 1 {
		t.Errorf("%d in the inbox, %d drafts", len(anna.list(named("inbox"))), len(anna.list(named("drafts"))))
	}
	again := upload(&wsdl.UploadItemType{CreateAction: either, ItemId: &wsdl.ItemIdType{Id: made.Id}, ParentFolderId: inbox}, "NoError")
	if wsdl.Str(again.Id) != wsdl.Str(made.Id) || len(anna.list(named("inbox"))) != 1 {
		t.Errorf("another item: %d in the inbox", len(anna.list(named("inbox"))))
	}
	// A message is no event.
	upload(&wsdl.UploadItemType{CreateAction: update, ItemId: &wsdl.ItemIdType{Id: made.Id}, ParentFolderId: inbox, Data: export(event).Data}, "ErrorObjectTypeChanged")

	// Damage of every kind.
	data := exported.Data.Data
	for name, damaged := range map[string][]byte{
		"empty": {}, "cut": data[:len(data)-1], "cut to its mark": data[:len(streamMark)], "longer": append(append([]byte(nil), data...), 0), "Outlook's": []byte("\x03\x00\x00\x00"),
		"one bit": func() []byte { b := append([]byte(nil), data...); b[len(b)/2] ^= 1; return b }(),
	} {
		if got := upload(&wsdl.UploadItemType{CreateAction: fresh, Data: &wsdl.Base64Content{Data: damaged}}, "ErrorCorruptData"); got != nil {
			t.Errorf("%s: it became an item", name)
		}
	}
	upload(&wsdl.UploadItemType{CreateAction: fresh, ParentFolderId: &wsdl.FolderIdType{Id: text(encodeID(idHead + s.state.byAddress["anna@contoso.example"].guid + folderMark + string(make([]byte, folderTail+1))))}}, "ErrorParentFolderNotFound")
	upload(&wsdl.UploadItemType{CreateAction: fresh, IsAssociated: on}, "ErrorInvalidRequest")
	gone := export(&wsdl.ItemIdType{Id: text("AAMk")})
	anna.status(gone.Status(), "ErrorInvalidIdMalformed")
	if gone.Data != nil {
		t.Error("there is data of nothing")
	}
}

func FuzzItemStream(f *testing.F) {
	st := newState(func() time.Time { return noon }, 1)
	for _, v := range []any{&wsdl.MessageType{Subject: text("Hello")}, meetingAt("Plan", noon, time.Hour)} {
		r := streamRecord{Value: v, Files: attached(1).Attachments}
		if c, ok := v.(*wsdl.CalendarItemType); ok {
			r.Calendar = &calendarRecord{Sent: c, Exceptions: []exceptionRecord{{Index: 1, Start: noon, End: noon, Value: c, Changed: map[string]bool{"Subject": true}}}}
		}
		content, err := encode(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		it, err := st.readStreamRecord(content)
		if err == nil && it.value == nil {
			t.Error("an item without a value")
		}
	})
}
