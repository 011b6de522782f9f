package simulator

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

func TestIdsLookLikeExchanges(t *testing.T) {
	st := newState(newClock(noon).Now, 1)
	newWorld(st, 0, 0)
	mb := st.mailboxes[0]
	it := st.add(mb.known("inbox"), &item{value: &wsdl.MessageType{}})
	id, folder := encodeID(it.raw), encodeID(it.folder.raw)
	for _, s := range []string{id, folder} {
		if !strings.HasPrefix(s, "AAMkA") || !strings.HasSuffix(s, "=") {
			t.Errorf("the id %s", s)
		}
	}
	if !strings.HasPrefix(it.key, "CQAAABYAAA") || !strings.HasPrefix(it.folder.key, "AQAAABYAAA") || len(it.key) != 40 {
		t.Errorf("the change keys %s and %s", it.key, it.folder.key)
	}
	at := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)
	master, start := splitOccurrenceID(occurrenceOfID(it.raw, at))
	if master != it.raw || !start.Equal(at) {
		t.Error("the id of an occurrence does not lead back")
	}
	item, tail := splitAttachmentID(attachmentIDOf(it.raw, strings.Repeat("x", fileTail)))
	if item != it.raw || tail != strings.Repeat("x", fileTail) {
		t.Error("the id of an attachment does not lead back")
	}
}

// FuzzIDs hands ids of all sorts to everything that takes one.
func FuzzIDs(f *testing.F) {
	st := newState(newClock(noon).Now, 1)
	newWorld(st, 0, 0)
	s := &session{st: st, who: st.byAddress["anna@contoso.example"]}
	c := meetingAt("x", noon, time.Hour)
	c.Recurrence = &wsdl.RecurrenceType{
		DailyRecurrence: &wsdl.DailyPattern{Interval: wsdl.Ptr(wsdl.Int32(7))}, NoEndRecurrence: &wsdl.NoEndRange{StartDate: wsdl.FormatDate(noon)}}
	created, err := s.Create(f.Context(), ewsserver.NewItem{Item: c, Invitations: wsdl.SendInvitationsSendToNone})
	if err != nil {
		f.Fatal(err)
	}
	master := st.byAddress["anna@contoso.example"].known("calendar").items[0]
	f.Add([]byte(master.raw))
	f.Add([]byte(master.folder.raw))
	f.Add([]byte(occurrenceOfID(master.raw, noon)))
	f.Add([]byte(occurrenceOfID(master.raw, time.Unix(1<<61, 0))))
	f.Add([]byte(occurrenceOfID(master.raw, time.Unix(-1<<62, 0))))
	f.Add([]byte(attachmentIDOf(master.raw, strings.Repeat("x", fileTail))))
	f.Add([]byte(""))
	_, state, err := firstState(s)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(state))
	f.Fuzz(func(t *testing.T, raw []byte) {
		ctx := t.Context()
		for _, id := range []string{base64.StdEncoding.EncodeToString(raw), string(raw)} {
			if it, err := s.Item(ctx, ewsserver.ItemRef{ID: id}); err == nil && str(it, "UID") != str(created, "UID") {
				t.Errorf("the id %q is of an item that is not there", id)
			}
			for _, err := range []error{
				second(s.Item(ctx, ewsserver.ItemRef{MasterOf: id})), second(s.Item(ctx, ewsserver.ItemRef{OccurrenceOf: id, Instance: 1 << 20})),
				second(s.Folder(ctx, ewsserver.FolderRef{ID: id})), second(s.Attachment(ctx, id)),
				second(s.SyncItems(ctx, ewsserver.FolderRef{Distinguished: "calendar"}, id, 1)),
			} {
				if e, ok := err.(*ewsserver.Error); err != nil && (!ok || e.Code == "") {
					t.Errorf("the id %q gives %v, which is no answer of EWS", id, err)
				}
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

func firstState(s *session) (ewsserver.ItemChanges, string, error) {
	c, err := s.SyncItems(context.Background(), ewsserver.FolderRef{Distinguished: "calendar"}, "", 10)
	return c, c.State, err
}
