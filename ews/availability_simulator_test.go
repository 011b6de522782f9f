package ews_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
)

// in is a point in time of March 2026 in Berlin.
func in(day, hour, minute int) time.Time {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err) // the tests' own data
	}
	return time.Date(2026, 3, day, hour, minute, 0, 0, loc)
}

// put makes an appointment.
func (c calendars) put(m *ews.Mailbox, subject string, start, end time.Time) mailbox.Event {
	c.t.Helper()
	e, err := m.CreateEvent(c.t.Context(), mailbox.NewEvent{Subject: subject, Location: "Here", Start: start, End: end, TimeZone: "Europe/Berlin"})
	if err != nil {
		c.t.Fatal(err)
	}
	return e
}

func invited(addresses ...string) []mailbox.Invited {
	var list []mailbox.Invited
	for _, a := range addresses {
		list = append(list, mailbox.Invited{Address: a})
	}
	return list
}

// TestFreeBusy: everybody sees when others are free, those with rights what
// they do, and one unknown address does not hide the rest.
func TestFreeBusy(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna, ben := c.of("anna@contoso.example"), c.of("ben@contoso.example")
	c.put(anna, "Dentist", in(17, 9, 0), in(17, 10, 15))
	c.put(ben, "Lunch", in(17, 12, 0), in(17, 13, 0))
	if _, err := anna.CreateEvent(ctx, review()); err != nil { // on Friday the 20th
		t.Fatal(err)
	}
	got, err := anna.FreeBusy(ctx, mailbox.AvailabilityQuery{
		Attendees: invited("anna@contoso.example", "ben@contoso.example", "nobody@contoso.example", "erik@fabrikam.example"),
		From:      in(17, 8, 0), To: in(17, 14, 0), TimeZone: "Europe/Berlin",
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Attendees) != 4 || got.Suggestions != nil {
		t.Fatalf("got %+v", got)
	}
	own, other := got.Attendees[0], got.Attendees[1]
	free, busy := mailbox.Free, mailbox.Busy
	wantOwn := []mailbox.BusyStatus{free, free, busy, busy, busy, free, free, free, free, free, free, free}
	if own.Err != nil || own.Detail != mailbox.DetailAll || !slices.Equal(own.Slots, wantOwn) {
		t.Errorf("Anna's own time is %+v", own)
	}
	if diff := cmp.Diff([]mailbox.BusyTime{{Start: in(17, 9, 0), End: in(17, 10, 15), Status: busy, Subject: "Dentist", Location: "Here"}}, own.Busy); diff != "" {
		t.Errorf("Anna's own time (-want +got):\n%s", diff)
	}
	if other.Err != nil || other.Detail != mailbox.DetailBusy || !slices.Equal(other.Slots[8:10], []mailbox.BusyStatus{busy, busy}) {
		t.Errorf("Ben's time is %+v", other)
	}
	if diff := cmp.Diff([]mailbox.BusyTime{{Start: in(17, 12, 0), End: in(17, 13, 0), Status: busy}}, other.Busy); diff != "" {
		t.Errorf("Ben's time (-want +got):\n%s", diff)
	}
	h := own.WorkingHours
	if h == nil || h.TimeZone != "Europe/Berlin" || len(h.Periods) != 1 || h.Periods[0].Start != 480 || h.Periods[0].End != 1020 ||
		strings.Join(h.Periods[0].Days, " ") != "Monday Tuesday Wednesday Thursday Friday" {
		t.Errorf("Anna works %+v", h)
	}
	for _, s := range got.Attendees[2:] {
		if !errors.Is(s.Err, mailbox.ErrNotFound) || mailbox.Code(s.Err) != "ErrorMailRecipientNotFound" || s.Slots != nil {
			t.Errorf("%s: %+v", s.Address, s)
		}
	}
}

// TestFreeBusyDetails: the views differ in what they tell.
func TestFreeBusyDetails(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna, carla := c.of("anna@contoso.example"), c.of("carla@contoso.example")
	created, err := anna.CreateEvent(ctx, weekly())
	if err != nil {
		t.Fatal(err)
	}
	second, err := anna.Occurrence(ctx, created.ID, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := anna.UpdateEvent(ctx, second.ID, mailbox.EventUpdate{Location: ptr("Room 2"), Notify: mailbox.NotifyAll}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		detail      mailbox.Detail
		slots, busy int
		subject     string
	}{{mailbox.DetailSlots, 14, 0, ""}, {mailbox.DetailBusy, 14, 2, ""}, {mailbox.DetailAll, 14, 2, "Review"}} {
		// Carla may read Anna's calendar.
		got, err := carla.FreeBusy(ctx, mailbox.AvailabilityQuery{
			Attendees: invited("anna@contoso.example"), From: in(20, 0, 0), To: in(27, 0, 0).AddDate(0, 0, 7), Slot: 24 * time.Hour, Detail: c.detail})
		if err != nil {
			t.Fatal(err)
		}
		s := got.Attendees[0]
		if s.Err != nil || s.Detail != c.detail || len(s.Slots) != c.slots || len(s.Busy) != c.busy {
			t.Errorf("%s: got %+v", c.detail, s)
		}
		if c.busy == 0 {
			continue
		}
		first, second := s.Busy[0], s.Busy[1]
		if first.Subject != c.subject || first.Meeting != (c.subject != "") || first.Recurring != (c.subject != "") || first.Exception ||
			second.Exception != (c.subject != "") || first.Reminder != (c.subject != "") || !first.Start.Equal(created.Start) {
			t.Errorf("%s: %+v and %+v", c.detail, first, second)
		}
	}
}

// TestFreeBusyAcrossTheChangeOfTheClocks: a time is the time that it is,
// whatever zone it is asked for in.
func TestFreeBusyAcrossTheChangeOfTheClocks(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna := c.of("anna@contoso.example")
	// Europe's clocks go forward on the 29th, at two.
	early := c.put(anna, "Early", in(29, 1, 30), in(29, 3, 30))
	late := c.put(anna, "Late", in(30, 9, 0), in(30, 10, 0))
	for _, zone := range []string{"", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland"} {
		got, err := anna.FreeBusy(ctx, mailbox.AvailabilityQuery{
			Attendees: invited("anna@contoso.example"), From: in(28, 12, 0), To: in(31, 12, 0), TimeZone: zone})
		if err != nil {
			t.Fatal(err)
		}
		busy := got.Attendees[0].Busy
		if len(busy) != 2 || !busy[0].Start.Equal(early.Start) || !busy[0].End.Equal(early.End) || !busy[1].Start.Equal(late.Start) {
			t.Errorf("in %q: %+v", zone, busy)
		}
		if name := busy[1].Start.Location().String(); zone != "" && zone != "UTC" && name != zone {
			t.Errorf("in %q told in %s", zone, name)
		}
	}
}

// TestSuggestions: times are suggested at which nobody is busy, in working
// hours, and within what was asked for.
func TestSuggestions(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna, ben := c.of("anna@contoso.example"), c.of("ben@contoso.example")
	c.put(anna, "Morning", in(17, 8, 0), in(17, 12, 0))
	c.put(ben, "Afternoon", in(17, 13, 30), in(17, 16, 0))
	q := mailbox.AvailabilityQuery{
		Attendees: invited("anna@contoso.example", "ben@contoso.example", "nobody@contoso.example"),
		From:      in(17, 6, 0), To: in(17, 22, 0), TimeZone: "Europe/Berlin",
		Suggest: &mailbox.SuggestionQuery{Worst: mailbox.Excellent},
	}
	suggested := func() ([]string, mailbox.SuggestionDay) {
		t.Helper()
		got, err := anna.FreeBusy(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Suggestions) != 1 || !got.Suggestions[0].Day.Equal(in(17, 0, 0)) {
			t.Fatalf("got %+v", got.Suggestions)
		}
		var times []string
		for _, s := range got.Suggestions[0].Suggestions {
			times = append(times, s.Start.Format("15:04"))
		}
		return times, got.Suggestions[0]
	}
	times, day := suggested()
	if want := []string{"12:00", "12:30", "16:00"}; !slices.Equal(times, want) || day.Quality != mailbox.Excellent {
		t.Errorf("suggested are %v of a day that is %s", times, day.Quality)
	}
	unknown, free, busy := mailbox.UnknownBusy, mailbox.Free, mailbox.Busy
	if s := day.Suggestions[0]; !slices.Equal(s.Conflicts, []mailbox.BusyStatus{free, free, unknown}) || !s.WorkTime || s.Quality != mailbox.Excellent ||
		s.End.Sub(s.Start) != time.Hour {
		t.Errorf("the first is %+v", s)
	}

	// Outside working hours, and shorter.
	q.Suggest = &mailbox.SuggestionQuery{Worst: mailbox.Excellent, Duration: 30 * time.Minute, OffHoursPerDay: 2, PerDay: 4}
	times, _ = suggested()
	if want := []string{"06:00", "06:30", "12:00", "12:30"}; !slices.Equal(times, want) {
		t.Errorf("suggested are %v", times)
	}

	// Poor times are told where they are wanted, with whom they do not suit.
	q.Suggest = &mailbox.SuggestionQuery{Worst: mailbox.Poor, From: in(17, 14, 0), To: in(17, 15, 0)}
	times, day = suggested()
	if !slices.Equal(times, []string{"14:00"}) || day.Suggestions[0].Quality != mailbox.Poor || !slices.Equal(day.Suggestions[0].Conflicts, []mailbox.BusyStatus{free, busy, unknown}) {
		t.Errorf("suggested are %+v", day)
	}

	// Whose conflicts do not matter, and a meeting that is to be moved.
	q.Attendees[1].IgnoreConflicts = true
	q.Suggest = &mailbox.SuggestionQuery{Worst: mailbox.Excellent, Duration: 4 * time.Hour, PerDay: 48, Current: in(17, 8, 0)}
	times, _ = suggested()
	if !slices.Contains(times, "08:00") || !slices.Contains(times, "13:00") {
		t.Errorf("suggested are %v", times)
	}
}

func TestFreeBusyRefusals(t *testing.T) {
	good := func() mailbox.AvailabilityQuery {
		return mailbox.AvailabilityQuery{Attendees: invited("ben@contoso.example"), From: in(17, 8, 0), To: in(18, 8, 0), Suggest: &mailbox.SuggestionQuery{}}
	}
	for name, spoil := range map[string]func(*mailbox.AvailabilityQuery){
		"nobody":                 func(q *mailbox.AvailabilityQuery) { q.Attendees = nil },
		"no address":             func(q *mailbox.AvailabilityQuery) { q.Attendees[0].Address = "ben" },
		"no such role":           func(q *mailbox.AvailabilityQuery) { q.Attendees[0].Role = "guest" },
		"no such detail":         func(q *mailbox.AvailabilityQuery) { q.Detail = mailbox.DetailNone },
		"no end":                 func(q *mailbox.AvailabilityQuery) { q.To = time.Time{} },
		"backwards":              func(q *mailbox.AvailabilityQuery) { q.To = q.From },
		"too long":               func(q *mailbox.AvailabilityQuery) { q.To = q.From.AddDate(0, 0, 63) },
		"a slot of seconds":      func(q *mailbox.AvailabilityQuery) { q.Slot = 90 * time.Second * 7 },
		"a short slot":           func(q *mailbox.AvailabilityQuery) { q.Slot = time.Minute },
		"no such zone":           func(q *mailbox.AvailabilityQuery) { q.TimeZone = "Mars/Olympus" },
		"a short meeting":        func(q *mailbox.AvailabilityQuery) { q.Suggest.Duration = time.Minute },
		"too many suggestions":   func(q *mailbox.AvailabilityQuery) { q.Suggest.PerDay = 49 },
		"no such quality":        func(q *mailbox.AvailabilityQuery) { q.Suggest.Worst = "middling" },
		"no such threshold":      func(q *mailbox.AvailabilityQuery) { q.Suggest.GoodBelow = 50 },
		"suggestions outside":    func(q *mailbox.AvailabilityQuery) { q.Suggest.From = q.From.Add(-time.Hour) },
		"suggestions for a host": func(q *mailbox.AvailabilityQuery) { q.Attendees = slices.Repeat(q.Attendees, 101) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, nil)
			q := good()
			spoil(&q)
			if _, err := s.own().FreeBusy(t.Context(), q); !errors.Is(err, mailbox.ErrInvalid) || s.operations() != "" {
				t.Errorf("got %v after %q", err, s.operations())
			}
		})
	}
}

// TestFreeBusyOfMany: more than a request takes are asked for by several.
func TestFreeBusyOfMany(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	list := slices.Repeat(invited("ben@contoso.example"), 230)
	list[229].Address = "nobody@contoso.example"
	got, err := c.of("anna@contoso.example").FreeBusy(ctx, mailbox.AvailabilityQuery{Attendees: list, From: in(17, 8, 0), To: in(17, 9, 0)})
	if err != nil || len(got.Attendees) != 230 || got.Attendees[228].Err != nil || got.Attendees[229].Err == nil {
		t.Errorf("got %d, %v", len(got.Attendees), err)
	}
}

// TestOddAvailability: what servers leave out or write otherwise.
func TestOddAvailability(t *testing.T) {
	body := func(inner string) string {
		return envelope(`<m:GetUserAvailabilityResponse><m:FreeBusyResponseArray>` + inner + `</m:FreeBusyResponseArray></m:GetUserAvailabilityResponse>`)
	}
	const ok = `<m:ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:ResponseMessage>`
	query := mailbox.AvailabilityQuery{Attendees: invited("ben@contoso.example"), From: berlin(20, 8), To: berlin(20, 12), TimeZone: "Europe/Berlin"}
	ask := func(t *testing.T, answer string) (mailbox.Availability, error) {
		s := newStub(t, func(w http.ResponseWriter, _ *http.Request, _ string) { respond(w, http.StatusOK, answer) })
		return s.own().FreeBusy(t.Context(), query)
	}
	t.Run("offsets, strange digits and a zone without a name", func(t *testing.T) {
		got, err := ask(t, body(`<m:FreeBusyResponse>`+ok+`<m:FreeBusyView><t:FreeBusyViewType>FreeBusyMerged</t:FreeBusyViewType><t:MergedFreeBusy>0123459</t:MergedFreeBusy>`+
			`<t:CalendarEventArray><t:CalendarEvent><t:StartTime>2026-11-20T09:00:00-01:00</t:StartTime><t:EndTime>2026-11-20T12:00:00.5</t:EndTime><t:BusyType>OOF</t:BusyType></t:CalendarEvent>`+
			`<t:CalendarEvent><t:StartTime>2026-11-20T08:30:00</t:StartTime><t:EndTime>2026-11-20T09:00:00</t:EndTime><t:BusyType>WorkingElsewhere</t:BusyType></t:CalendarEvent></t:CalendarEventArray>`+
			`<t:WorkingHours><t:TimeZone><t:Bias>-345</t:Bias><t:StandardTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime>`+
			`<t:DaylightTime><t:Bias>0</t:Bias><t:Time>00:00:00</t:Time><t:DayOrder>0</t:DayOrder><t:Month>0</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone>`+
			`<t:WorkingPeriodArray><t:WorkingPeriod><t:DayOfWeek>Sunday</t:DayOfWeek><t:StartTimeInMinutes>600</t:StartTimeInMinutes><t:EndTimeInMinutes>660</t:EndTimeInMinutes></t:WorkingPeriod></t:WorkingPeriodArray></t:WorkingHours>`+
			`</m:FreeBusyView></m:FreeBusyResponse>`))
		if err != nil {
			t.Fatal(err)
		}
		s := got.Attendees[0]
		want := []mailbox.BusyStatus{mailbox.Free, mailbox.Tentative, mailbox.Busy, mailbox.Away, mailbox.Elsewhere, mailbox.UnknownBusy, mailbox.UnknownBusy}
		if !slices.Equal(s.Slots, want) {
			t.Errorf("the slots are %v", s.Slots)
		}
		if len(s.Busy) != 2 || s.Busy[0].Status != mailbox.Elsewhere || !s.Busy[0].Start.Equal(berlin(20, 8).Add(30*time.Minute)) ||
			s.Busy[1].Status != mailbox.Away || !s.Busy[1].Start.Equal(berlin(20, 11)) {
			t.Errorf("busy are %+v", s.Busy)
		}
		if s.WorkingHours == nil || s.WorkingHours.TimeZone != "Asia/Kathmandu" {
			t.Errorf("the working hours are %+v", s.WorkingHours)
		}
	})
	for name, c := range map[string]struct {
		answer string
		kind   error
		each   bool
	}{
		"nothing allowed":  {body(`<m:FreeBusyResponse>` + ok + `<m:FreeBusyView><t:FreeBusyViewType>None</t:FreeBusyViewType></m:FreeBusyView></m:FreeBusyResponse>`), nil, true},
		"no access":        {body(`<m:FreeBusyResponse><m:ResponseMessage ResponseClass="Error"><m:ResponseCode>ErrorNoFreeBusyAccess</m:ResponseCode></m:ResponseMessage></m:FreeBusyResponse>`), mailbox.ErrAccessDenied, true},
		"no view":          {body(`<m:FreeBusyResponse>` + ok + `</m:FreeBusyResponse>`), mailbox.ErrUnavailable, true},
		"nobody":           {body(``), mailbox.ErrUnavailable, false},
		"too many answers": {body(strings.Repeat(`<m:FreeBusyResponse>`+ok+`</m:FreeBusyResponse>`, 2)), mailbox.ErrUnavailable, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ask(t, c.answer)
			if c.each {
				if err != nil {
					t.Fatal(err)
				}
				err = got.Attendees[0].Err
			}
			if !errors.Is(err, c.kind) {
				t.Errorf("got %v, want %v", err, c.kind)
			}
		})
	}
}

// TestRooms: rooms are found, booked, and answer for themselves.
func TestRooms(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna, ben := c.of("anna@contoso.example"), c.of("ben@contoso.example")
	lists, err := anna.RoomLists(ctx)
	if err != nil || len(lists) != 2 {
		t.Fatalf("the lists are %v, %v", lists, err)
	}
	rooms, err := anna.Rooms(ctx, lists[0].Address)
	if err != nil || len(rooms) != 2 {
		t.Fatalf("the rooms are %v, %v", rooms, err)
	}
	if _, err := anna.Rooms(ctx, "nowhere@contoso.example"); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("an unknown list: %v", err)
	}
	if _, err := anna.Rooms(ctx, "nowhere"); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("no address: %v", err)
	}

	room := rooms[0]
	e := weekly()
	e.Rooms = []mailbox.Person{room}
	booked, err := anna.CreateEvent(ctx, e)
	if err != nil {
		t.Fatal(err)
	}
	if a := c.response(anna, booked.ID, room.Address); a.Response != mailbox.Accept || len(booked.Attendees) != 2 {
		t.Errorf("the room says %+v", a)
	}
	got, err := anna.FreeBusy(ctx, mailbox.AvailabilityQuery{
		Attendees: []mailbox.Invited{{Address: room.Address, Role: mailbox.RoomRole}}, From: in(20, 8, 0), To: in(20, 12, 0), Slot: time.Hour})
	if err != nil || !slices.Equal(got.Attendees[0].Slots, []mailbox.BusyStatus{mailbox.Free, mailbox.Busy, mailbox.Free, mailbox.Free}) {
		t.Errorf("the room's time is %+v, %v", got.Attendees, err)
	}

	// Somebody else wants it for two hours, of which one is taken in the third
	// week.
	late := mailbox.NewEvent{Subject: "Late", TimeZone: "Europe/Berlin", Start: in(27, 9, 30), End: in(27, 11, 30), Rooms: []mailbox.Person{room}, Recurrence: "FREQ=WEEKLY;COUNT=2"}
	refused, err := ben.CreateEvent(ctx, late)
	if err != nil {
		t.Fatal(err)
	}
	if a := c.response(ben, refused.ID, room.Address); a.Response != mailbox.Decline {
		t.Errorf("the room says %+v", a)
	}
	if told := c.messages(ben, answers); len(told) != 1 || !strings.HasPrefix(told[0].Subject, "Declined: Late") {
		t.Errorf("Ben is told %+v", told)
	}
	// Moved to the afternoon it has time.
	start, end := in(27, 14, 0), in(27, 16, 0)
	if _, err := ben.UpdateEvent(ctx, refused.ID, mailbox.EventUpdate{Start: &start, End: &end, Notify: mailbox.NotifyAll}); err != nil {
		t.Fatal(err)
	}
	if a := c.response(ben, refused.ID, room.Address); a.Response != mailbox.Accept {
		t.Errorf("after the move the room says %+v", a)
	}
	// A cancelled meeting gives it back.
	if err := anna.CancelEvent(ctx, booked.ID, ""); err != nil {
		t.Fatal(err)
	}
	again, err := ben.CreateEvent(ctx, mailbox.NewEvent{Subject: "Again", Start: in(20, 9, 0), End: in(20, 10, 0), Rooms: []mailbox.Person{room}})
	if err != nil {
		t.Fatal(err)
	}
	if a := c.response(ben, again.ID, room.Address); a.Response != mailbox.Accept {
		t.Errorf("once it is free the room says %+v", a)
	}
	// Given up.
	without, err := ben.UpdateEvent(ctx, again.ID, mailbox.EventUpdate{Rooms: &[]mailbox.Person{}, Notify: mailbox.NotifyAll})
	if err != nil || len(without.Rooms) != 0 {
		t.Errorf("without the room: %+v, %v", without.Rooms, err)
	}
	if _, err := ben.CreateEvent(ctx, mailbox.NewEvent{Start: start, End: end, Rooms: []mailbox.Person{{Name: "Room 1"}}}); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("a room without an address: %v", err)
	}
}

// TestOutOfOffice: settings are read back, and everybody gets one reply.
func TestOutOfOffice(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna, ben := c.of("anna@contoso.example"), c.of("ben@contoso.example")
	before, err := anna.OutOfOffice(ctx)
	if err != nil || before.State != mailbox.OutOfOfficeOff || before.Allowed != mailbox.AllOutside {
		t.Fatalf("before: %+v, %v", before, err)
	}
	from, to := calendarNow.Add(-time.Hour), calendarNow.Add(48*time.Hour)
	set := mailbox.OutOfOffice{
		State: mailbox.OutOfOfficeScheduled, External: mailbox.AllOutside, Start: &from, End: &to,
		InternalReply: "<p>Back on <b>Wednesday</b> & happy</p>", ExternalReply: "<p>Away</p>",
	}
	if err := anna.SetOutOfOffice(ctx, set); err != nil {
		t.Fatal(err)
	}
	got, err := anna.OutOfOffice(ctx)
	set.Allowed = mailbox.AllOutside
	if diff := cmp.Diff(set, got); err != nil || diff != "" {
		t.Errorf("read back, %v (-want +got):\n%s", err, diff)
	}
	send := func(from *ews.Mailbox, subject string) {
		t.Helper()
		if _, err := from.Send(ctx, mailbox.Outgoing{To: []mailbox.Person{{Address: "anna@contoso.example"}}, Subject: subject, Text: "?"}); err != nil {
			t.Fatal(err)
		}
	}
	send(ben, "First")
	send(ben, "Second")
	replies := c.messages(ben, "IPM.Note.Rules.OofTemplate")
	if len(replies) != 1 || replies[0].Subject != "Automatic reply: First" {
		t.Fatalf("Ben got %+v", replies)
	}
	whole, err := ben.Message(ctx, replies[0].ID)
	if err != nil || whole.From == nil || whole.From.Address != "anna@contoso.example" || !strings.Contains(whole.Body.Content, "Wednesday") {
		t.Errorf("the reply is %+v, %v", whole, err)
	}
	if n := len(c.messages(anna, "IPM.Note.Rules")); n != 0 {
		t.Errorf("Anna got %d replies to her reply", n)
	}
	// Over, and then on again: Ben is told once more.
	over := from.Add(30 * time.Minute)
	set.End = &over
	if err := anna.SetOutOfOffice(ctx, set); err != nil {
		t.Fatal(err)
	}
	send(ben, "Third")
	if err := anna.SetOutOfOffice(ctx, mailbox.OutOfOffice{State: mailbox.OutOfOfficeOn, InternalReply: "Still"}); err != nil {
		t.Fatal(err)
	}
	send(ben, "Fourth")
	var subjects []string
	for _, m := range c.messages(ben, "IPM.Note.Rules.OofTemplate") {
		subjects = append(subjects, m.Subject)
	}
	slices.Sort(subjects)
	if !slices.Equal(subjects, []string{"Automatic reply: First", "Automatic reply: Fourth"}) {
		t.Errorf("Ben got %v", subjects)
	}
	if err := anna.SetOutOfOffice(ctx, mailbox.OutOfOffice{State: mailbox.OutOfOfficeOff}); err != nil {
		t.Fatal(err)
	}
	if got, err := anna.OutOfOffice(ctx); err != nil || got.State != mailbox.OutOfOfficeOff {
		t.Errorf("off: %+v, %v", got, err)
	}
	// Of another's mailbox.
	if _, err := c.as("carla@contoso.example", "anna@contoso.example", ews.Shared).OutOfOffice(ctx); !errors.Is(err, mailbox.ErrAccessDenied) {
		t.Errorf("another's: %v", err)
	}
	if err := c.as("carla@contoso.example", "anna@contoso.example", ews.Shared).SetOutOfOffice(ctx, set); !errors.Is(err, mailbox.ErrAccessDenied) {
		t.Errorf("another's: %v", err)
	}
}

func TestOutOfOfficeRefusals(t *testing.T) {
	from, to := in(17, 8, 0), in(18, 8, 0)
	for name, o := range map[string]mailbox.OutOfOffice{
		"no state":         {},
		"no such audience": {State: mailbox.OutOfOfficeOn, External: "friends"},
		"no schedule":      {State: mailbox.OutOfOfficeScheduled},
		"half a schedule":  {State: mailbox.OutOfOfficeOn, Start: &from},
		"backwards":        {State: mailbox.OutOfOfficeScheduled, Start: &to, End: &from},
	} {
		s := newStub(t, nil)
		if err := s.own().SetOutOfOffice(t.Context(), o); !errors.Is(err, mailbox.ErrInvalid) || s.operations() != "" {
			t.Errorf("%s: %v after %q", name, err, s.operations())
		}
	}
}

// TestMailTips: a sender is warned before anything is sent.
func TestMailTips(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna, ben := c.of("anna@contoso.example"), c.of("ben@contoso.example")
	from, to := calendarNow.Add(-time.Hour), calendarNow.Add(time.Hour)
	if err := ben.SetOutOfOffice(ctx, mailbox.OutOfOffice{State: mailbox.OutOfOfficeScheduled, Start: &from, End: &to, InternalReply: "Away"}); err != nil {
		t.Fatal(err)
	}
	recipients := []string{"ben@contoso.example", "nobody@contoso.example", "someone@adatum.example"}
	tips, err := anna.MailTips(ctx, recipients)
	if err != nil || len(tips) != 3 {
		t.Fatalf("got %+v, %v", tips, err)
	}
	if b := tips[0]; b.Err != nil || b.OutOfOffice != "Away" || b.OutOfOfficeStart == nil || !b.OutOfOfficeStart.Equal(from) || b.Invalid || b.MaxMessageSize == 0 || b.ExternalMembers != 0 {
		t.Errorf("Ben: %+v", b)
	}
	if !tips[1].Invalid || tips[2].Invalid || tips[2].ExternalMembers != 1 || tips[2].OutOfOffice != "" {
		t.Errorf("the others: %+v", tips[1:])
	}
	some, err := anna.MailTips(ctx, recipients[:1], ews.MailTipInvalid)
	if err != nil || some[0].OutOfOffice != "" || some[0].MaxMessageSize != 0 {
		t.Errorf("one kind alone: %+v, %v", some, err)
	}
	if _, err := anna.MailTips(ctx, nil); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := anna.MailTips(ctx, []string{"ben"}); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("no address: %v", err)
	}
	denied, err := c.as("carla@contoso.example", "anna@contoso.example", ews.Shared).MailTips(ctx, recipients[:1])
	if err != nil || !errors.Is(denied[0].Err, mailbox.ErrAccessDenied) {
		t.Errorf("as somebody else: %+v, %v", denied, err)
	}
}

// TestAvailabilityCallsFail: a fault is an error of the call.
func TestAvailabilityCallsFail(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna := c.of("anna@contoso.example")
	now := calendarNow
	for name, do := range map[string]func() error{
		"GetUserAvailabilityRequest": func() error {
			_, err := anna.FreeBusy(ctx, mailbox.AvailabilityQuery{Attendees: invited("ben@contoso.example"), From: now, To: now.Add(time.Hour)})
			return err
		},
		"GetRoomLists":              func() error { _, err := anna.RoomLists(ctx); return err },
		"GetRooms":                  func() error { _, err := anna.Rooms(ctx, "rooms-hq@contoso.example"); return err },
		"GetUserOofSettingsRequest": func() error { _, err := anna.OutOfOffice(ctx); return err },
		"SetUserOofSettingsRequest": func() error { return anna.SetOutOfOffice(ctx, mailbox.OutOfOffice{State: mailbox.OutOfOfficeOff}) },
		"GetMailTips":               func() error { _, err := anna.MailTips(ctx, []string{"ben@contoso.example"}); return err },
	} {
		c.Fail(simulator.Fault{Operation: name, Status: http.StatusServiceUnavailable, Times: 1})
		if err := do(); !errors.Is(err, mailbox.ErrBusy) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
