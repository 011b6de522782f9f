package simulator

import (
	"testing"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// The days of a recurrence are told with the offset of the zone on that day,
// whatever the client wrote behind them.
func TestRecurrenceDatesHaveOffsets(t *testing.T) {
	s := start(t, nil)
	anna := actor(t, s, "anna")
	winter := time.Date(2026, 12, 4, 9, 0, 0, 0, time.UTC)
	c := meetingAt("Weekly", winter, time.Hour)
	c.Recurrence = &wsdl.RecurrenceType{
		WeeklyRecurrence:  &wsdl.WeeklyPattern{Interval: wsdl.Ptr(wsdl.Int32(1)), DaysOfWeek: text("Friday")},
		EndDateRecurrence: &wsdl.EndDateRange{StartDate: wsdl.Ptr(wsdl.DateText("2026-12-04Z")), EndDate: wsdl.Ptr(wsdl.DateText("2027-05-07"))},
	}
	got := anna.item(anna.event(c, wsdl.SendInvitationsSendToNone)).(*wsdl.CalendarItemType).Recurrence.EndDateRecurrence
	if wsdl.Str(got.StartDate) != "2026-12-04+01:00" || wsdl.Str(got.EndDate) != "2027-05-07+02:00" {
		t.Errorf("from %s to %s", wsdl.Str(got.StartDate), wsdl.Str(got.EndDate))
	}
	task := &wsdl.TaskType{Subject: text("Figures"), Recurrence: &wsdl.TaskRecurrenceType{
		DailyRecurrence: &wsdl.DailyPattern{Interval: wsdl.Ptr(wsdl.Int32(1))},
		NoEndRecurrence: &wsdl.NoEndRange{StartDate: wsdl.FormatDate(winter)},
	}}
	made := anna.create(&wsdl.CreateItem{Items: &wsdl.ItemList{Items: []any{task}}})
	anna.status(made.Status(), "NoError")
	id := get[wsdl.ItemIdType](made.Items.Items[0], "ItemId")
	if start := anna.item(id).(*wsdl.TaskType).Recurrence.NoEndRecurrence.StartDate; wsdl.Str(start) != "2026-12-04+01:00" {
		t.Errorf("the task begins on %s", wsdl.Str(start))
	}
}

func TestContactPicture(t *testing.T) {
	s := start(t, nil)
	anna := actor(t, s, "anna")
	made := anna.create(&wsdl.CreateItem{Items: &wsdl.ItemList{Items: []any{&wsdl.ContactItemType{DisplayName: text("Hanna")}}}})
	anna.status(made.Status(), "NoError")
	id := get[wsdl.ItemIdType](made.Items.Items[0], "ItemId")
	for _, photo := range []bool{false, true} {
		if c := anna.item(id).(*wsdl.ContactItemType); bool(wsdl.Val(c.HasPicture)) {
			t.Error("there is a picture before it was attached")
		}
		added := call[wsdl.CreateAttachmentResponse](anna, &wsdl.CreateAttachment{ParentItemId: id, Attachments: &wsdl.AttachmentList{Attachments: []any{
			&wsdl.FileAttachmentType{Name: text("a.jpg"), Content: &wsdl.Base64Content{Data: []byte{0xff}}, IsContactPhoto: wsdl.Ptr(wsdl.Bool(photo))}}}})
		anna.status(added.ResponseMessages.CreateAttachmentResponseMessage[0].Status(), "NoError")
		id.ChangeKey = nil
	}
	if c := anna.item(id).(*wsdl.ContactItemType); !bool(wsdl.Val(c.HasPicture)) {
		t.Error("there is no picture")
	}
}
