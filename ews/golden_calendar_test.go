package ews_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// ptr returns a pointer to v.
func ptr[T any](v T) *T { return &v }

// berlin is 09:00 of that day of November 2026 in Berlin, and later hours.
func berlin(day, hour int) time.Time {
	return time.Date(2026, 11, day, hour-1, 0, 0, 0, time.UTC)
}

// meeting is a calendar item of the stub, a weekly meeting that the mailbox
// organizes.
const meeting = `<t:CalendarItem><t:ItemId Id="AAMkEvent=" ChangeKey="DwAA1"/><t:Subject>Review</t:Subject>` +
	`<t:Body BodyType="HTML">&lt;p&gt;Agenda&lt;/p&gt;</t:Body>` +
	`<t:ReminderIsSet>true</t:ReminderIsSet><t:ReminderMinutesBeforeStart>15</t:ReminderMinutesBeforeStart>` +
	`<t:UID>040000008200E00074C5B7101A82E008</t:UID>` +
	`<t:Start>2026-11-20T08:00:00Z</t:Start><t:End>2026-11-20T09:00:00Z</t:End><t:IsAllDayEvent>false</t:IsAllDayEvent>` +
	`<t:Location>Room 1</t:Location><t:IsMeeting>true</t:IsMeeting><t:IsCancelled>false</t:IsCancelled>` +
	`<t:MeetingRequestWasSent>true</t:MeetingRequestWasSent><t:CalendarItemType>RecurringMaster</t:CalendarItemType>` +
	`<t:MyResponseType>Organizer</t:MyResponseType>` +
	`<t:Organizer><t:Mailbox><t:Name>Anna</t:Name><t:EmailAddress>anna@contoso.example</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Mailbox></t:Organizer>` +
	`<t:RequiredAttendees><t:Attendee><t:Mailbox><t:Name>Ben</t:Name><t:EmailAddress>ben@contoso.example</t:EmailAddress></t:Mailbox><t:ResponseType>Accept</t:ResponseType></t:Attendee></t:RequiredAttendees>` +
	`<t:OptionalAttendees><t:Attendee><t:Mailbox><t:EmailAddress>carla@contoso.example</t:EmailAddress></t:Mailbox><t:ResponseType>NoResponseReceived</t:ResponseType></t:Attendee></t:OptionalAttendees>` +
	`<t:Resources><t:Attendee><t:Mailbox><t:EmailAddress>room1@contoso.example</t:EmailAddress></t:Mailbox></t:Attendee></t:Resources>` +
	`<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Friday</t:DaysOfWeek><t:FirstDayOfWeek>Monday</t:FirstDayOfWeek></t:WeeklyRecurrence>` +
	`<t:EndDateRecurrence><t:StartDate>2026-11-20+01:00</t:StartDate><t:EndDate>2026-12-18+01:00</t:EndDate></t:EndDateRecurrence></t:Recurrence>` +
	`<t:StartTimeZone Id="W. Europe Standard Time" Name="(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"/></t:CalendarItem>`

// appointment is one that nobody else has been invited to.
const appointment = `<t:CalendarItem><t:ItemId Id="AAMkEvent=" ChangeKey="DwAA1"/><t:Subject>Dentist</t:Subject>` +
	`<t:Start>2026-11-20T08:00:00Z</t:Start><t:End>2026-11-20T09:00:00Z</t:End><t:IsMeeting>false</t:IsMeeting>` +
	`<t:CalendarItemType>Single</t:CalendarItemType><t:MyResponseType>Organizer</t:MyResponseType>` +
	`<t:StartTimeZone Id="UTC"/></t:CalendarItem>`

// calendarOf answers every operation about one event.
func calendarOf(event string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, operation string) {
		switch operation {
		case "FindItem":
			respond(w, http.StatusOK, success(operation, `<m:RootFolder TotalItemsInView="1" IncludesLastItemInRange="true"><t:Items>`+event+`</t:Items></m:RootFolder>`))
		case "GetItem":
			respond(w, http.StatusOK, success(operation, `<m:Items>`+event+`</m:Items>`))
		case "CreateItem":
			respond(w, http.StatusOK, success(operation, `<m:Items><t:CalendarItem><t:ItemId Id="AAMkEvent=" ChangeKey="DwAA1"/></t:CalendarItem></m:Items>`))
		case "UpdateItem":
			respond(w, http.StatusOK, success(operation, `<m:Items><t:CalendarItem><t:ItemId Id="AAMkEvent=" ChangeKey="DwAA2"/></t:CalendarItem></m:Items><m:ConflictResults><t:Count>0</t:Count></m:ConflictResults>`))
		default:
			respond(w, http.StatusOK, canned(operation))
		}
	}
}

// wholeMeeting sets everything that a new event has.
func wholeMeeting() mailbox.NewEvent {
	return mailbox.NewEvent{
		Subject: "Review <1>", Start: berlin(20, 9), End: berlin(20, 10), TimeZone: "Europe/Berlin",
		Location: "Room 1", Text: "plain", HTML: "<p>Agenda & more</p>",
		Attendees: []mailbox.Attendee{
			{Address: "carla@contoso.example"},
			{Name: "Ben", Address: "ben@contoso.example", Required: true},
			{Address: "BEN@contoso.example"},
		},
		ReminderMinutes: ptr(15), Recurrence: "FREQ=WEEKLY;BYDAY=MO,FR;COUNT=10", OperationID: "op-7",
	}
}

func TestGoldenCalendarRequests(t *testing.T) {
	create := func(e mailbox.NewEvent) func(context.Context, *ews.Mailbox) error {
		return func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.CreateEvent(ctx, e)
			return err
		}
	}
	change := func(u mailbox.EventUpdate) func(context.Context, *ews.Mailbox) error {
		return func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.UpdateEvent(ctx, "AAMkEvent=", u)
			return err
		}
	}
	pattern := func(rule, start string) func(context.Context, *ews.Mailbox) error {
		day, err := time.Parse(time.DateOnly, start)
		if err != nil {
			t.Fatal(err)
		}
		return create(mailbox.NewEvent{Subject: "Pattern", Start: day, End: day.Add(time.Hour), Recurrence: rule, OperationID: "op-8"})
	}
	silent := wholeMeeting()
	silent.Notify, silent.ReminderMinutes, silent.HTML = mailbox.NotifyNone, nil, ""
	cases := []goldenCase{
		{name: "events", do: inMailbox(ews.Impersonate, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Events(ctx, "", berlin(16, 1), berlin(23, 1))
			return err
		})},
		{name: "events-shared", do: inMailbox(ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Events(ctx, mailbox.Calendar, berlin(16, 1), berlin(23, 1))
			return err
		})},
		{name: "event", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Event(ctx, "AAMkEvent=")
			return err
		})},
		{name: "event-create", do: inMailbox(ews.Own, create(wholeMeeting()))},
		{name: "event-create-silent", do: inMailbox(ews.Shared, create(silent))},
		{name: "event-create-all-day", opts: &ews.Options{TimeZone: "UTC"}, do: inMailbox(ews.Impersonate, create(mailbox.NewEvent{
			Subject: "Holiday", AllDay: true, TimeZone: "Pacific/Auckland", OperationID: "op-9",
			Start: time.Date(2026, 12, 24, 11, 0, 0, 0, time.UTC), End: time.Date(2026, 12, 26, 11, 0, 0, 0, time.UTC),
		}))},
		{name: "event-create-daily", do: inMailbox(ews.Own, pattern("FREQ=DAILY;INTERVAL=2;UNTIL=20261231", "2026-11-20"))},
		{name: "event-create-monthly", do: inMailbox(ews.Own, pattern("FREQ=MONTHLY;BYMONTHDAY=20", "2026-11-20"))},
		{name: "event-create-monthly-place", do: inMailbox(ews.Own, pattern("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-11-30"))},
		{name: "event-create-yearly", do: inMailbox(ews.Own, pattern("FREQ=YEARLY", "2026-11-20"))},
		{name: "event-create-yearly-place", do: inMailbox(ews.Own, pattern("FREQ=YEARLY;BYMONTH=11;BYDAY=3FR", "2026-11-20"))},
		{name: "event-update", do: inMailbox(ews.Own, change(mailbox.EventUpdate{
			Subject: ptr("Review 2"), Start: ptr(berlin(27, 10)), End: ptr(berlin(27, 11)), TimeZone: "Europe/Berlin", AllDay: ptr(false),
			Location: ptr("Room 2"), HTML: ptr("<p>New</p>"), ReminderMinutes: ptr(0), Recurrence: ptr("FREQ=WEEKLY;INTERVAL=2"),
			Attendees: &[]mailbox.Attendee{{Address: "dora@contoso.example", Required: true}, {Address: "emil@contoso.example"}},
			Notify:    mailbox.NotifyChanged, ChangeKey: "DwAA0", OperationID: "op-10",
		}))},
		{name: "event-update-clear", do: inMailbox(ews.Own, change(mailbox.EventUpdate{
			Subject: ptr(""), Location: ptr(""), Text: ptr(""), Recurrence: ptr(""), Attendees: &[]mailbox.Attendee{}, Notify: mailbox.NotifyAll,
		}))},
		{name: "event-update-silent", do: inMailbox(ews.Own, change(mailbox.EventUpdate{Start: ptr(berlin(20, 8)), Notify: mailbox.NotifyNone}))},
		{name: "event-cancel", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return m.CancelEvent(ctx, "AAMkEvent=", "Sorry & bye")
		})},
		{name: "event-cancel-appointment", do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return m.CancelEvent(ctx, "AAMkEvent=", "")
		}), answer: calendarOf(appointment)},
	}
	for i := range cases {
		if cases[i].answer == nil {
			cases[i].answer = calendarOf(meeting)
		}
	}
	runGolden(t, cases)
}
