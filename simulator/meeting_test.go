package simulator

import (
	"slices"
	"testing"
	"time"

	"github.com/exconn/exconn/wsdl"
)

func meetingAt(subject string, from time.Time, long time.Duration, required ...string) *wsdl.CalendarItemType {
	c := &wsdl.CalendarItemType{
		Subject: text(subject), Body: html("<p>" + subject + "</p>"), Location: text("Room 1"),
		Start: wsdl.FormatTime(from), End: wsdl.FormatTime(from.Add(long)),
		StartTimeZone: &wsdl.TimeZoneDefinitionType{Id: text("W. Europe Standard Time")},
	}
	if len(required) > 0 {
		c.RequiredAttendees = attendees(required...)
	}
	return c
}

func attendees(list ...string) *wsdl.AttendeesType {
	out := &wsdl.AttendeesType{}
	for _, a := range list {
		out.Attendee = append(out.Attendee, &wsdl.AttendeeType{Mailbox: &wsdl.EmailAddressType{EmailAddress: text(a)}})
	}
	return out
}

func weeklyOn(day string, start time.Time, count int) *wsdl.RecurrenceType {
	return &wsdl.RecurrenceType{
		WeeklyRecurrence:   &wsdl.WeeklyPattern{Interval: wsdl.Ptr(wsdl.Int32(1)), DaysOfWeek: text(day)},
		NumberedRecurrence: &wsdl.NumberedRange{StartDate: wsdl.FormatDate(start), NumberOfOccurrences: wsdl.Ptr(wsdl.Int32(count))},
	}
}

const day = 24 * time.Hour

// first returns the only item of a folder.
func (a as) only(folder *wsdl.DistinguishedFolderId) any {
	a.t.Helper()
	items := a.list(folder)
	if len(items) != 1 {
		a.t.Fatalf("the folder %s holds %q, want one item", wsdl.Str(folder.Id), subjects(items))
	}
	return items[0]
}

func (a as) respond(response any) *wsdl.ItemInfoResponseMessageType {
	a.t.Helper()
	return a.create(&wsdl.CreateItem{MessageDisposition: wsdl.Ptr(wsdl.DispositionSendAndSaveCopy), Items: &wsdl.ItemList{Items: []any{response}}})
}

func TestMeetingFromInvitationToCancellation(t *testing.T) {
	s := start(t, nil)
	anna, ben := actor(t, s, "anna"), actor(t, s, "ben")
	id := anna.event(meetingAt("Plan", noon.Add(day), time.Hour, "ben@contoso.example"), wsdl.SendInvitationsSendToAllAndSaveCopy)

	mine := anna.item(id).(*wsdl.CalendarItemType)
	if !flag(mine, "IsMeeting") || !flag(mine, "MeetingRequestWasSent") || !flag(mine, "IsOrganizer") ||
		wsdl.Val(mine.MyResponseType) != wsdl.ResponseTypeNameOrganizer || wsdl.Val(mine.AppointmentState) != stateMeeting {
		t.Errorf("the organizer's item: %+v", mine)
	}
	if class := str(anna.only(named("sentitems")), "ItemClass"); class != requestClass {
		t.Errorf("Sent Items holds a %s", class)
	}

	// The invitation, and the attendee's tentative copy.
	request := ben.only(named("inbox")).(*wsdl.MeetingRequestMessageType)
	theirs := ben.only(named("calendar")).(*wsdl.CalendarItemType)
	if wsdl.Val(request.MeetingRequestType) != wsdl.MeetingRequestKindNewMeetingRequest || wsdl.Str(request.AssociatedCalendarItemId.Id) != wsdl.Str(theirs.ItemId.Id) {
		t.Errorf("the request: %+v", request)
	}
	if str(theirs, "UID") != str(mine, "UID") || str(request, "UID") != str(mine, "UID") || str(mine, "UID") == "" {
		t.Error("the UIDs differ")
	}
	if wsdl.Val(theirs.MyResponseType) != wsdl.ResponseTypeNameNoResponseReceived || flag(theirs, "IsOrganizer") ||
		wsdl.Val(theirs.LegacyFreeBusyStatus) != wsdl.FreeBusyNameTentative || address(mailboxOf(theirs.Organizer)) != "anna@contoso.example" ||
		wsdl.Val(theirs.AppointmentState) != stateMeeting|stateReceived {
		t.Errorf("the attendee's copy: %+v", theirs)
	}

	// The answer.
	answer := ben.respond(&wsdl.AcceptItemType{ReferenceItemId: request.ItemId, Body: html("Gladly")})
	ben.status(answer.Status(), "NoError")
	theirs = ben.only(named("calendar")).(*wsdl.CalendarItemType)
	if wsdl.Val(theirs.MyResponseType) != wsdl.ResponseTypeNameAccept || wsdl.Val(theirs.LegacyFreeBusyStatus) != wsdl.FreeBusyNameBusy {
		t.Errorf("the copy after accepting: %+v", theirs)
	}
	if n := len(ben.ids(named("inbox"))); n != 0 {
		t.Errorf("the answered request is still in the inbox")
	}
	response := anna.only(named("inbox")).(*wsdl.MeetingResponseMessageType)
	if str(response, "Subject") != "Accepted: Plan" || str(response, "ItemClass") != "IPM.Schedule.Meeting.Resp.Pos" ||
		wsdl.Val(response.ResponseType) != wsdl.ResponseTypeNameAccept || wsdl.Str(response.ConversationId.Id) == "" {
		t.Errorf("the response: %+v", response)
	}
	mine = anna.item(id).(*wsdl.CalendarItemType)
	if a := mine.RequiredAttendees.Attendee[0]; wsdl.Val(a.ResponseType) != wsdl.ResponseTypeNameAccept || a.LastResponseTime == nil {
		t.Errorf("the organizer's list has %+v", a)
	}

	// Another room is an informational update, and leaves the answer alone.
	c := &wsdl.CalendarItemType{Location: text("Room 2")}
	status, _ := anna.update(mine.ItemId, c, wsdl.SendUpdatesSendToAllAndSaveCopy, "calendar:Location")
	anna.status(status, "NoError")
	request = ben.only(named("inbox")).(*wsdl.MeetingRequestMessageType)
	theirs = ben.only(named("calendar")).(*wsdl.CalendarItemType)
	if wsdl.Val(request.MeetingRequestType) != wsdl.MeetingRequestKindInformationalUpdate || str(theirs, "Location") != "Room 2" ||
		wsdl.Val(theirs.MyResponseType) != wsdl.ResponseTypeNameAccept || wsdl.Val(theirs.AppointmentSequenceNumber) != 0 {
		t.Errorf("after another room: %+v, %+v", request, theirs)
	}

	// Another time asks again.
	mine = anna.item(id).(*wsdl.CalendarItemType)
	c = meetingAt("Plan", noon.Add(2*day), time.Hour)
	status, _ = anna.update(mine.ItemId, c, wsdl.SendUpdatesSendToAllAndSaveCopy, "calendar:Start", "calendar:End")
	anna.status(status, "NoError")
	request = ben.list(named("inbox"))[0].(*wsdl.MeetingRequestMessageType)
	theirs = ben.only(named("calendar")).(*wsdl.CalendarItemType)
	mine = anna.item(id).(*wsdl.CalendarItemType)
	if wsdl.Val(request.MeetingRequestType) != wsdl.MeetingRequestKindFullUpdate || wsdl.Val(theirs.MyResponseType) != wsdl.ResponseTypeNameNoResponseReceived ||
		wsdl.Str(theirs.Start) != wsdl.Str(c.Start) || wsdl.Val(theirs.AppointmentSequenceNumber) != 1 ||
		wsdl.Val(mine.RequiredAttendees.Attendee[0].ResponseType) != wsdl.ResponseTypeNameUnknown {
		t.Errorf("after another time: %+v, %+v", request, theirs)
	}
	stale := ben.list(named("inbox"))[1]
	if !bool(wsdl.Val(get[wsdl.Bool](stale, "IsOutOfDate"))) || bool(wsdl.Val(request.IsOutOfDate)) {
		t.Error("it is not the older request that is out of date")
	}
	answer = ben.respond(&wsdl.AcceptItemType{ReferenceItemId: get[wsdl.ItemIdType](stale, "ItemId")})
	ben.status(answer.Status(), "ErrorCalendarMeetingRequestIsOutOfDate")

	// And it is called off.
	answer = anna.create(&wsdl.CreateItem{Items: &wsdl.ItemList{Items: []any{
		&wsdl.CancelCalendarItemType{ReferenceItemId: mine.ItemId, NewBodyContent: html("Sorry")}}}})
	anna.status(answer.Status(), "NoError")
	if n := len(anna.ids(named("calendar"))); n != 0 {
		t.Error("the organizer still has the meeting")
	}
	notice := ben.list(named("inbox"))[0].(*wsdl.MeetingCancellationMessageType)
	theirs = ben.only(named("calendar")).(*wsdl.CalendarItemType)
	if str(notice, "Subject") != "Canceled: Plan" || str(notice, "ItemClass") != cancelledClass || !flag(theirs, "IsCancelled") ||
		str(theirs, "Subject") != "Canceled: Plan" || wsdl.Val(theirs.AppointmentState) != stateMeeting|stateReceived|stateCancelled {
		t.Errorf("after cancelling: %+v, %+v", notice, theirs)
	}
	answer = ben.respond(&wsdl.DeclineItemType{ReferenceItemId: theirs.ItemId})
	ben.status(answer.Status(), "ErrorCalendarIsCancelledForDecline")
}

func TestDeclineTakesTheMeetingAway(t *testing.T) {
	s := start(t, nil)
	anna, ben := actor(t, s, "anna"), actor(t, s, "ben")
	id := anna.event(meetingAt("Plan", noon.Add(day), time.Hour, "ben@contoso.example"), wsdl.SendInvitationsSendOnlyToAll)
	if n := len(anna.ids(named("sentitems"))); n != 0 {
		t.Error("SendOnlyToAll keeps no copy")
	}
	request := ben.only(named("inbox"))
	ben.status(ben.respond(&wsdl.DeclineItemType{ReferenceItemId: get[wsdl.ItemIdType](request, "ItemId")}).Status(), "NoError")
	if n := len(ben.ids(named("calendar"))); n != 0 {
		t.Error("the declined meeting is still in the calendar")
	}
	mine := anna.item(id).(*wsdl.CalendarItemType)
	if got := wsdl.Val(mine.RequiredAttendees.Attendee[0].ResponseType); got != wsdl.ResponseTypeNameDecline {
		t.Errorf("the organizer sees %s", got)
	}
	anna.status(anna.respond(&wsdl.AcceptItemType{ReferenceItemId: mine.ItemId}).Status(), "ErrorCalendarIsOrganizerForAccept")
	// Who changes their mind finds the request in Deleted Items.
	for _, it := range ben.list(named("deleteditems")) {
		if r, ok := it.(*wsdl.MeetingRequestMessageType); ok {
			ben.status(ben.respond(&wsdl.TentativelyAcceptItemType{ReferenceItemId: r.ItemId}).Status(), "NoError")
		}
	}
	theirs := ben.only(named("calendar")).(*wsdl.CalendarItemType)
	if wsdl.Val(theirs.MyResponseType) != wsdl.ResponseTypeNameTentative {
		t.Errorf("after changing their mind: %+v", theirs)
	}
}

func TestWhoIsTold(t *testing.T) {
	s := start(t, nil)
	anna, ben, carla := actor(t, s, "anna"), actor(t, s, "ben"), actor(t, s, "carla")
	id := anna.event(meetingAt("Plan", noon.Add(day), time.Hour, "ben@contoso.example"), wsdl.SendInvitationsSendToNone)
	if flag(anna.item(id), "MeetingRequestWasSent") || !flag(anna.item(id), "IsMeeting") {
		t.Error("nothing was sent, and it is a meeting")
	}
	if n := len(ben.ids(named("inbox"))) + len(ben.ids(named("calendar"))); n != 0 {
		t.Fatal("ben was told of what was sent to none")
	}
	// The invitation that was put off.
	status, id := anna.update(id, &wsdl.CalendarItemType{Subject: text("Plan A")}, wsdl.SendUpdatesSendToAllAndSaveCopy, "item:Subject")
	anna.status(status, "NoError")
	request := ben.only(named("inbox")).(*wsdl.MeetingRequestMessageType)
	if wsdl.Val(request.MeetingRequestType) != wsdl.MeetingRequestKindNewMeetingRequest || !flag(anna.item(id), "MeetingRequestWasSent") {
		t.Errorf("ben got %+v", request)
	}
	// One more attendee: the other is not told.
	status, id = anna.update(id, &wsdl.CalendarItemType{RequiredAttendees: attendees("ben@contoso.example", "carla@contoso.example")},
		wsdl.SendUpdatesSendToChangedAndSaveCopy, "calendar:RequiredAttendees")
	anna.status(status, "NoError")
	if b, c := len(ben.ids(named("inbox"))), len(carla.ids(named("inbox"))); b != 1 || c != 1 {
		t.Fatalf("ben has %d messages and carla %d", b, c)
	}
	// One less: only he is told.
	status, id = anna.update(id, &wsdl.CalendarItemType{RequiredAttendees: attendees("carla@contoso.example")},
		wsdl.SendUpdatesSendToChangedAndSaveCopy, "calendar:RequiredAttendees")
	anna.status(status, "NoError")
	if _, ok := ben.list(named("inbox"))[0].(*wsdl.MeetingCancellationMessageType); !ok || !flag(ben.only(named("calendar")), "IsCancelled") {
		t.Error("ben was not told that he is no longer invited")
	}
	if n := len(carla.ids(named("inbox"))); n != 1 {
		t.Errorf("carla has %d messages", n)
	}
	// Deleting without a word leaves carla's copy.
	anna.status(anna.remove(id, wsdl.DisposalHardDelete, wsdl.SendInvitationsSendToNone), "NoError")
	if flag(carla.only(named("calendar")), "IsCancelled") || len(carla.ids(named("inbox"))) != 1 {
		t.Error("carla was told")
	}
}

func TestSeriesAcrossTheChangeOfTheClocks(t *testing.T) {
	s := start(t, nil)
	anna := actor(t, s, "anna")
	// Mondays at 09:00 in Berlin, around 25 October 2026.
	from := time.Date(2026, 10, 12, 7, 0, 0, 0, time.UTC)
	c := meetingAt("Jour fixe", from, time.Hour)
	c.Recurrence = weeklyOn("Monday", from, 4)
	id := anna.event(c, wsdl.SendInvitationsSendToNone)
	master := anna.item(id).(*wsdl.CalendarItemType)
	if wsdl.Val(master.CalendarItemType) != wsdl.CalendarItemKindRecurringMaster || master.FirstOccurrence == nil ||
		wsdl.Str(master.LastOccurrence.Start) != "2026-11-02T08:00:00Z" || wsdl.Str(master.StartTimeZone.Id) != "W. Europe Standard Time" {
		t.Errorf("the master: %+v", master)
	}
	var starts, ids []string
	view := anna.view(named("calendar"), from.AddDate(0, 0, -7), from.AddDate(0, 2, 0))
	for _, o := range view {
		starts = append(starts, wsdl.Str(o.Start))
		ids = append(ids, wsdl.Str(o.ItemId.Id))
		if wsdl.Val(o.CalendarItemType) != wsdl.CalendarItemKindOccurrence || o.Recurrence != nil || !flag(o, "IsRecurring") {
			t.Errorf("an instance: %+v", o)
		}
	}
	if want := []string{"2026-10-12T07:00:00Z", "2026-10-19T07:00:00Z", "2026-10-26T08:00:00Z", "2026-11-02T08:00:00Z"}; !slices.Equal(starts, want) {
		t.Fatalf("instances at %v, want %v", starts, want)
	}
	if slices.Contains(ids, wsdl.Str(id.Id)) || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 4 {
		t.Error("each instance has an id of its own")
	}
	third := anna.item(&wsdl.OccurrenceItemIdType{RecurringMasterId: id.Id, InstanceIndex: wsdl.Ptr(wsdl.Int32(3))}).(*wsdl.CalendarItemType)
	if wsdl.Str(third.ItemId.Id) != ids[2] {
		t.Error("the third instance by number is another one than in the view")
	}
	back := anna.item(&wsdl.RecurringMasterItemIdType{OccurrenceId: third.ItemId.Id}).(*wsdl.CalendarItemType)
	if wsdl.Str(back.ItemId.Id) != wsdl.Str(id.Id) {
		t.Error("the master of the instance is another one")
	}
	_, status := anna.get(&wsdl.OccurrenceItemIdType{RecurringMasterId: id.Id, InstanceIndex: wsdl.Ptr(wsdl.Int32(5))})
	anna.status(status, "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange")

	// One instance moves to Tuesday, another is deleted.
	status, _ = anna.update(&wsdl.ItemIdType{Id: third.ItemId.Id, ChangeKey: third.ItemId.ChangeKey},
		meetingAt("Moved", time.Date(2026, 10, 27, 10, 0, 0, 0, time.UTC), time.Hour), wsdl.SendUpdatesSendToNone,
		"item:Subject", "calendar:Start", "calendar:End")
	anna.status(status, "NoError")
	anna.status(anna.remove(&wsdl.OccurrenceItemIdType{RecurringMasterId: id.Id, InstanceIndex: wsdl.Ptr(wsdl.Int32(1))},
		wsdl.DisposalMoveToDeletedItems, wsdl.SendInvitationsSendToNone), "NoError")
	starts = nil
	for _, o := range anna.view(named("calendar"), from.AddDate(0, 0, -7), from.AddDate(0, 2, 0)) {
		starts = append(starts, wsdl.Str(o.Start)+" "+string(wsdl.Val(o.CalendarItemType))+" "+wsdl.Str(o.Subject))
	}
	if want := []string{"2026-10-19T07:00:00Z Occurrence Jour fixe", "2026-10-27T10:00:00Z Exception Moved", "2026-11-02T08:00:00Z Occurrence Jour fixe"}; !slices.Equal(starts, want) {
		t.Fatalf("the view is %q, want %q", starts, want)
	}
	master = anna.item(id).(*wsdl.CalendarItemType)
	if m := master.ModifiedOccurrences; m == nil || wsdl.Str(m.Occurrence[0].OriginalStart) != "2026-10-26T08:00:00Z" || wsdl.Str(m.Occurrence[0].Start) != "2026-10-27T10:00:00Z" {
		t.Errorf("modified: %+v", m)
	}
	if d := master.DeletedOccurrences; d == nil || wsdl.Str(d.DeletedOccurrence[0].Start) != "2026-10-12T07:00:00Z" {
		t.Errorf("deleted: %+v", d)
	}
	_, status = anna.get(&wsdl.OccurrenceItemIdType{RecurringMasterId: id.Id, InstanceIndex: wsdl.Ptr(wsdl.Int32(1))})
	anna.status(status, "ErrorCalendarOccurrenceIsDeletedFromRecurrence")

	// An instance cannot pass its neighbour.
	second := anna.item(&wsdl.OccurrenceItemIdType{RecurringMasterId: id.Id, InstanceIndex: wsdl.Ptr(wsdl.Int32(2))}).(*wsdl.CalendarItemType)
	status, _ = anna.update(second.ItemId, meetingAt("", time.Date(2026, 10, 28, 10, 0, 0, 0, time.UTC), time.Hour), wsdl.SendUpdatesSendToNone, "calendar:Start", "calendar:End")
	anna.status(status, "ErrorOccurrenceCrossingBoundary")

	// What the exception has not of its own follows the master.
	status, _ = anna.update(master.ItemId, &wsdl.CalendarItemType{Location: text("Room 9")}, wsdl.SendUpdatesSendToNone, "calendar:Location")
	anna.status(status, "NoError")
	exception := anna.view(named("calendar"), time.Date(2026, 10, 27, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 28, 0, 0, 0, 0, time.UTC))
	if len(exception) != 1 || str(exception[0], "Location") != "Room 9" || str(exception[0], "Subject") != "Moved" {
		t.Errorf("the exception is %+v", exception)
	}
	// Another time for all drops what was different.
	master = anna.item(id).(*wsdl.CalendarItemType)
	status, _ = anna.update(master.ItemId, meetingAt("", from.Add(time.Hour), time.Hour), wsdl.SendUpdatesSendToNone, "calendar:Start", "calendar:End")
	anna.status(status, "NoError")
	if n := len(anna.view(named("calendar"), from.AddDate(0, 0, -7), from.AddDate(0, 2, 0))); n != 4 {
		t.Errorf("%d instances after another time for all", n)
	}
}

func TestOneInstanceOfAMeetingForEverybody(t *testing.T) {
	s := start(t, nil)
	anna, ben := actor(t, s, "anna"), actor(t, s, "ben")
	from := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	c := meetingAt("Series", from, time.Hour, "ben@contoso.example")
	c.Recurrence = weeklyOn("Monday", from, 5)
	id := anna.event(c, wsdl.SendInvitationsSendToAllAndSaveCopy)
	request := ben.only(named("inbox")).(*wsdl.MeetingRequestMessageType)
	if request.Recurrence == nil || wsdl.Val(request.CalendarItemType) != wsdl.CalendarItemKindRecurringMaster {
		t.Errorf("the request: %+v", request)
	}
	ben.status(ben.respond(&wsdl.AcceptItemType{ReferenceItemId: request.ItemId}).Status(), "NoError")

	second := anna.item(&wsdl.OccurrenceItemIdType{RecurringMasterId: id.Id, InstanceIndex: wsdl.Ptr(wsdl.Int32(2))}).(*wsdl.CalendarItemType)
	status, _ := anna.update(second.ItemId, meetingAt("", from.AddDate(0, 0, 8), time.Hour), wsdl.SendUpdatesSendToAllAndSaveCopy, "calendar:Start", "calendar:End")
	anna.status(status, "NoError")
	anna.status(anna.remove(&wsdl.OccurrenceItemIdType{RecurringMasterId: id.Id, InstanceIndex: wsdl.Ptr(wsdl.Int32(3))},
		wsdl.DisposalMoveToDeletedItems, wsdl.SendInvitationsSendToAllAndSaveCopy), "NoError")

	var got []string
	for _, o := range ben.view(named("calendar"), from, from.AddDate(0, 0, 30)) {
		got = append(got, wsdl.Str(o.Start)[:10]+" "+string(wsdl.Val(o.CalendarItemType))+" "+string(wsdl.Val(o.MyResponseType))+" "+wsdl.Str(o.Subject))
	}
	if want := []string{
		"2026-11-23 Occurrence Accept Series", "2026-12-01 Exception NoResponseReceived Series",
		"2026-12-07 Exception Accept Canceled: Series", "2026-12-14 Occurrence Accept Series", "2026-12-21 Occurrence Accept Series",
	}; !slices.Equal(got, want) {
		t.Errorf("ben's calendar is %q, want %q", got, want)
	}
	inbox := ben.list(named("inbox"))
	if len(inbox) != 2 {
		t.Fatalf("ben's inbox: %q", subjects(inbox))
	}
	update := inbox[1].(*wsdl.MeetingRequestMessageType)
	if wsdl.Val(update.CalendarItemType) != wsdl.CalendarItemKindException || update.RecurrenceId == nil || update.Recurrence != nil {
		t.Errorf("the update of one instance: %+v", update)
	}
	ben.status(ben.respond(&wsdl.DeclineItemType{ReferenceItemId: update.ItemId}).Status(), "NoError")
	if n := len(ben.view(named("calendar"), from, from.AddDate(0, 0, 30))); n != 4 {
		t.Errorf("%d instances after declining one", n)
	}
	if n := len(anna.view(named("calendar"), from, from.AddDate(0, 0, 30))); n != 4 {
		t.Errorf("the organizer has %d instances", n)
	}
}

func TestEventsThatAreRefused(t *testing.T) {
	s := start(t, nil)
	anna := actor(t, s, "anna")
	backwards := meetingAt("x", noon, time.Hour)
	backwards.End = wsdl.FormatTime(noon.Add(-time.Hour))
	unknown := meetingAt("x", noon, time.Hour)
	unknown.StartTimeZone.Id = text("Middle Earth Standard Time")
	never := meetingAt("x", noon, time.Hour)
	never.Recurrence = weeklyOn("Someday", noon, 3)
	for name, test := range map[string]struct {
		event *wsdl.CalendarItemType
		to    string
		code  string
	}{
		"end before start": {backwards, "calendar", "ErrorCalendarEndDateIsEarlierThanStartDate"},
		"unknown zone":     {unknown, "calendar", "ErrorTimeZone"},
		"no such day":      {never, "calendar", "ErrorCalendarInvalidRecurrence"},
		"too long":         {meetingAt("x", noon, 6*365*day), "calendar", "ErrorCalendarDurationIsTooLong"},
		"not a calendar":   {meetingAt("x", noon, time.Hour), "inbox", "ErrorCannotCreateCalendarItemInNonCalendarFolder"},
		"no address":       {meetingAt("x", noon, time.Hour, "ben"), "calendar", "ErrorInvalidRecipients"},
	} {
		answer := anna.create(&wsdl.CreateItem{SendMeetingInvitations: wsdl.Ptr(wsdl.SendInvitationsSendToAllAndSaveCopy),
			SavedItemFolderId: &wsdl.TargetFolderId{DistinguishedFolderId: named(test.to)}, Items: &wsdl.ItemList{Items: []any{test.event}}})
		if got := answer.Status(); got.Code != test.code {
			t.Errorf("%s: %s (%s), want %s", name, got.Code, got.Text, test.code)
		}
	}
	if n := len(anna.ids(named("calendar"))); n != 0 {
		t.Errorf("%d events were stored", n)
	}
}

func TestZonesAndAllDayEvents(t *testing.T) {
	s := start(t, nil)
	anna := actor(t, s, "anna")
	allDay := meetingAt("Fair", time.Date(2026, 10, 25, 5, 0, 0, 0, time.UTC), time.Hour)
	allDay.IsAllDayEvent = wsdl.Ptr(wsdl.Bool(true))
	got := anna.item(anna.event(allDay, wsdl.SendInvitationsSendToNone)).(*wsdl.CalendarItemType)
	// The day on which the clocks change has 25 hours.
	if wsdl.Str(got.Start) != "2026-10-24T22:00:00Z" || wsdl.Str(got.End) != "2026-10-25T23:00:00Z" || wsdl.Str(got.Duration) != "P1DT1H" {
		t.Errorf("all day: %s to %s, %s", wsdl.Str(got.Start), wsdl.Str(got.End), wsdl.Str(got.Duration))
	}
	noZone := meetingAt("UTC", noon, time.Hour)
	noZone.StartTimeZone = nil
	got = anna.item(anna.event(noZone, wsdl.SendInvitationsSendToNone)).(*wsdl.CalendarItemType)
	if wsdl.Str(got.StartTimeZone.Id) != "UTC" {
		t.Errorf("an event without a zone is in %s", wsdl.Str(got.StartTimeZone.Id))
	}
	empty := meetingAt("Empty", noon, time.Hour)
	empty.StartTimeZone = &wsdl.TimeZoneDefinitionType{Id: text("")}
	got = anna.item(anna.event(empty, wsdl.SendInvitationsSendToNone)).(*wsdl.CalendarItemType)
	if wsdl.Str(got.StartTimeZone.Id) != "UTC" {
		t.Errorf("an event with an empty zone is in %s", wsdl.Str(got.StartTimeZone.Id))
	}
}

func TestServerTimeZones(t *testing.T) {
	s := start(t, nil)
	answer := call[wsdl.GetServerTimeZonesResponse](actor(t, s, "anna"), &wsdl.GetServerTimeZones{ReturnFullTimeZoneData: wsdl.Ptr(wsdl.Bool(true))}).
		ResponseMessages.GetServerTimeZonesResponseMessage[0]
	if n := len(answer.TimeZoneDefinitions.TimeZoneDefinition); n < 130 {
		t.Errorf("only %d zones", n)
	}
}
