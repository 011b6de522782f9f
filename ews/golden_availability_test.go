package ews_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// attended is a meeting that somebody else organizes.
var attended = strings.Replace(strings.Replace(meeting, "<t:MyResponseType>Organizer", "<t:MyResponseType>NoResponseReceived", 1),
	"anna@contoso.example", "dora@contoso.example", 1)

// request is the invitation to it.
const request = `<t:MeetingRequest><t:ItemId Id="AAMkRequest=" ChangeKey="CwAA1"/>` +
	`<t:AssociatedCalendarItemId Id="AAMkEvent=" ChangeKey="DwAA1"/><t:MyResponseType>NoResponseReceived</t:MyResponseType></t:MeetingRequest>`

// invitationOf answers about a meeting request first, and then about its event.
func invitationOf(event string) func(http.ResponseWriter, *http.Request, string) {
	asked := 0
	about := calendarOf(event)
	return func(w http.ResponseWriter, r *http.Request, operation string) {
		if asked++; operation == "GetItem" && asked <= 2 {
			respond(w, http.StatusOK, success(operation, `<m:Items>`+request+`</m:Items>`))
			return
		}
		about(w, r, operation)
	}
}

// wholeAvailability sets everything that can be asked for.
func wholeAvailability() mailbox.AvailabilityQuery {
	return mailbox.AvailabilityQuery{
		Attendees: []mailbox.Invited{
			{Address: "anna@contoso.example", Role: mailbox.OrganizerRole},
			{Address: "ben@contoso.example"},
			{Address: "carla@contoso.example", Role: mailbox.OptionalRole, IgnoreConflicts: true},
			{Address: "room1@contoso.example", Role: mailbox.RoomRole},
		},
		From: berlin(20, 8), To: berlin(21, 18), Slot: 15 * time.Minute, TimeZone: "Europe/Berlin",
		Suggest: &mailbox.SuggestionQuery{
			Duration: 45 * time.Minute, From: berlin(20, 9), To: berlin(21, 17), PerDay: 5, OffHoursPerDay: 2,
			Worst: mailbox.Good, GoodBelow: 40, Current: berlin(20, 10),
		},
	}
}

func TestGoldenAvailabilityRequests(t *testing.T) {
	free := func(q mailbox.AvailabilityQuery) func(context.Context, *ews.Mailbox) error {
		return func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.FreeBusy(ctx, q)
			return err
		}
	}
	answers := func(r mailbox.MeetingReply) func(context.Context, *ews.Mailbox) error {
		return func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Respond(ctx, "AAMkEvent=", r)
			return err
		}
	}
	available := func(schedules int) func(http.ResponseWriter, *http.Request, string) {
		return func(w http.ResponseWriter, _ *http.Request, _ string) {
			respond(w, http.StatusOK, envelope(`<m:GetUserAvailabilityResponse><m:FreeBusyResponseArray>`+
				strings.Repeat(`<m:FreeBusyResponse><m:ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:ResponseMessage>`+
					`<m:FreeBusyView><t:FreeBusyViewType>MergedOnly</t:FreeBusyViewType></m:FreeBusyView></m:FreeBusyResponse>`, schedules)+
				`</m:FreeBusyResponseArray><m:SuggestionsResponse><m:ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:ResponseMessage>`+
				`<m:SuggestionDayResultArray/></m:SuggestionsResponse></m:GetUserAvailabilityResponse>`))
		}
	}
	done := func(element, inner string) func(http.ResponseWriter, *http.Request, string) {
		return func(w http.ResponseWriter, _ *http.Request, _ string) {
			respond(w, http.StatusOK, envelope(`<m:`+element+` ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>`+inner+`</m:`+element+`>`))
		}
	}
	oof := func(inner string) func(http.ResponseWriter, *http.Request, string) {
		return func(w http.ResponseWriter, _ *http.Request, operation string) {
			respond(w, http.StatusOK, envelope(`<m:`+operation+`Response><m:ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:ResponseMessage>`+
				inner+`</m:`+operation+`Response>`))
		}
	}
	withRooms := wholeMeeting()
	withRooms.Attendees, withRooms.Recurrence = nil, ""
	withRooms.Rooms = []mailbox.Person{{Name: "Room 1", Address: "room1@contoso.example"}, {Address: "ROOM1@contoso.example"}, {Address: "beamer@contoso.example"}}
	bookedSilently := withRooms
	bookedSilently.Notify = mailbox.NotifyNone
	one := []mailbox.Invited{{Address: "ben@contoso.example"}}
	runGolden(t, []goldenCase{
		{name: "free-busy", answer: available(4), do: inMailbox(ews.Impersonate, free(wholeAvailability()))},
		{name: "free-busy-slots", answer: available(1), do: inMailbox(ews.Own, free(mailbox.AvailabilityQuery{
			Attendees: one, From: berlin(20, 8), To: berlin(21, 8), Detail: mailbox.DetailSlots}))},
		{name: "free-busy-times", answer: available(1), do: inMailbox(ews.Own, free(mailbox.AvailabilityQuery{
			// In the west, and in the hour that comes twice.
			Attendees: one, From: time.Date(2026, 11, 1, 5, 30, 0, 0, time.UTC), To: time.Date(2026, 11, 2, 5, 30, 0, 0, time.UTC),
			Detail: mailbox.DetailBusy, TimeZone: "America/New_York"}))},
		{name: "room-lists", answer: done("GetRoomListsResponse", "<m:RoomLists/>"), do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.RoomLists(ctx)
			return err
		})},
		{name: "rooms", answer: done("GetRoomsResponse", ""), do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Rooms(ctx, "rooms@contoso.example")
			return err
		})},
		{name: "out-of-office", answer: oof(`<t:OofSettings><t:OofState>Disabled</t:OofState></t:OofSettings>`), do: inMailbox(ews.Impersonate, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.OutOfOffice(ctx)
			return err
		})},
		{name: "out-of-office-set", answer: oof(""), do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return m.SetOutOfOffice(ctx, mailbox.OutOfOffice{
				State: mailbox.OutOfOfficeScheduled, External: mailbox.ContactsOutside, Start: ptr(berlin(20, 9)), End: ptr(berlin(27, 9)),
				InternalReply: "<p>Away & back on Friday</p>", ExternalReply: "<p>Away</p>",
			})
		})},
		{name: "out-of-office-off", answer: oof(""), do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return m.SetOutOfOffice(ctx, mailbox.OutOfOffice{State: mailbox.OutOfOfficeOff})
		})},
		{name: "mail-tips", answer: done("GetMailTipsResponse", `<m:ResponseMessages>`+strings.Repeat(
			`<m:MailTipsResponseMessageType ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:MailTips/></m:MailTipsResponseMessageType>`, 2)+
			`</m:ResponseMessages>`), do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.MailTips(ctx, []string{"ben@contoso.example", "carla@contoso.example"}, ews.MailTipOutOfOffice, ews.MailTipInvalid)
			return err
		})},
		{name: "respond-accept", answer: calendarOf(attended), do: inMailbox(ews.Own, answers(mailbox.MeetingReply{Response: mailbox.Accept, Message: "Gladly & soon"}))},
		{name: "respond-tentative", answer: calendarOf(attended), do: inMailbox(ews.Impersonate, answers(mailbox.MeetingReply{
			Response: mailbox.AcceptTentative, ProposedStart: berlin(20, 14), ProposedEnd: berlin(20, 15)}))},
		{name: "respond-silent", answer: calendarOf(attended), do: inMailbox(ews.Own, answers(mailbox.MeetingReply{Response: mailbox.Accept, Silent: true}))},
		{name: "respond-decline", answer: invitationOf(attended), do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Respond(ctx, "AAMkRequest=", mailbox.MeetingReply{Response: mailbox.Decline, Message: "No"})
			return err
		})},
		{name: "occurrence", answer: calendarOf(meeting), do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Occurrence(ctx, "AAMkEvent=", 3)
			return err
		})},
		{name: "master", answer: calendarOf(meeting), do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.Master(ctx, "AAMkOccurrence=")
			return err
		})},
		{name: "event-create-rooms", answer: calendarOf(meeting), do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.CreateEvent(ctx, withRooms)
			return err
		})},
		{name: "event-create-rooms-silent", answer: calendarOf(meeting), do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.CreateEvent(ctx, bookedSilently)
			return err
		})},
		{name: "event-update-rooms", answer: calendarOf(meeting), do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.UpdateEvent(ctx, "AAMkEvent=", mailbox.EventUpdate{
				Rooms: &[]mailbox.Person{{Address: "room2@contoso.example"}}, RemoveReminder: true, Notify: mailbox.NotifyChanged})
			return err
		})},
		{name: "event-update-no-rooms", answer: calendarOf(meeting), do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.UpdateEvent(ctx, "AAMkEvent=", mailbox.EventUpdate{Rooms: &[]mailbox.Person{}, Notify: mailbox.NotifyAll})
			return err
		})},
	})
}
