package ews_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

func TestEvent(t *testing.T) {
	got, err := newStub(t, calendarOf(meeting)).own().Event(t.Context(), "AAMkEvent=")
	if err != nil {
		t.Fatal(err)
	}
	want := mailbox.Event{
		ID: "AAMkEvent=", ChangeKey: "DwAA1", UID: "040000008200E00074C5B7101A82E008", Subject: "Review",
		Start: berlin(20, 9), End: berlin(20, 10), TimeZone: "Europe/Berlin", Location: "Room 1",
		Organizer: &mailbox.Person{Name: "Anna", Address: "anna@contoso.example"},
		Attendees: []mailbox.Attendee{
			{Name: "Ben", Address: "ben@contoso.example", Required: true, Response: "accept"},
			{Address: "carla@contoso.example", Response: "none"},
		},
		Rooms:      []mailbox.Attendee{{Address: "room1@contoso.example", Required: true}},
		Recurrence: "FREQ=WEEKLY;BYDAY=FR;UNTIL=20261218T080000Z",
		Type:       mailbox.Master, MyResponse: "organizer", ReminderMinutes: ptr(15),
		Body: &mailbox.Body{Type: mailbox.HTML, Content: "<p>Agenda</p>"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if zone := got.Start.Location().String(); zone != "Europe/Berlin" {
		t.Errorf("the start is told in %s", zone)
	}
}

// TestOddEvents: what a server writes oddly or leaves out makes no event
// unreadable.
func TestOddEvents(t *testing.T) {
	id := `<t:ItemId Id="AAMkOdd=" ChangeKey="A"/>`
	for _, c := range []struct {
		name, item string
		want       mailbox.Event
	}{
		{"nothing but an id", ``, mailbox.Event{}},
		{"times that are none", `<t:Start>soon</t:Start><t:End/>`, mailbox.Event{}},
		{"a customised zone", `<t:Start>2026-11-20T08:00:00Z</t:Start><t:End>2026-11-20T09:00:00Z</t:End>` +
			`<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:EndDateRecurrence><t:StartDate>2026-11-20</t:StartDate><t:EndDate>2026-12-18</t:EndDate></t:EndDateRecurrence></t:Recurrence>` +
			`<t:StartTimeZone Id="Customized Time Zone"><t:Periods><t:Period Bias="-PT1H" Name="Standard" Id="s"/></t:Periods></t:StartTimeZone>`,
			mailbox.Event{Start: berlin(20, 9), End: berlin(20, 10), TimeZone: "Customized Time Zone", Recurrence: "FREQ=DAILY;UNTIL=20261218"}},
		{"times without a zone", `<t:Start>2026-11-20T08:00:00</t:Start><t:End>2026-11-20T09:00:00.123456789</t:End>`,
			mailbox.Event{Start: berlin(20, 9), End: berlin(20, 10).Add(123456789)}},
		{"times with an offset", `<t:Start>2026-11-20T09:00:00+01:00</t:Start><t:End>2026-11-20T10:00:00+01:00</t:End>`,
			mailbox.Event{Start: berlin(20, 9), End: berlin(20, 10)}},
		{"a pattern of tasks", `<t:Recurrence><t:DailyRegeneration><t:Interval>1</t:Interval></t:DailyRegeneration></t:Recurrence><t:CalendarItemType>RecurringMaster</t:CalendarItemType>`,
			mailbox.Event{Type: mailbox.Master}},
		{"a reminder that is off", `<t:ReminderIsSet>false</t:ReminderIsSet><t:ReminderMinutesBeforeStart>15</t:ReminderMinutesBeforeStart>`, mailbox.Event{}},
		{"an organizer in Exchange's own form", `<t:Organizer><t:Mailbox><t:Name>Anna</t:Name><t:EmailAddress>/O=CONTOSO/CN=ANNA</t:EmailAddress><t:RoutingType>EX</t:RoutingType></t:Mailbox></t:Organizer>`,
			mailbox.Event{Organizer: &mailbox.Person{Name: "Anna"}}},
		{"words unknown so far", `<t:CalendarItemType>Draft</t:CalendarItemType><t:MyResponseType>Maybe</t:MyResponseType>`, mailbox.Event{}},
		{"a whole day in Auckland", `<t:Start>2026-12-24T11:00:00Z</t:Start><t:End>2026-12-25T11:00:00Z</t:End><t:IsAllDayEvent>true</t:IsAllDayEvent><t:StartTimeZone Id="New Zealand Standard Time"/>`,
			mailbox.Event{AllDay: true, TimeZone: "Pacific/Auckland", Start: time.Date(2026, 12, 24, 11, 0, 0, 0, time.UTC), End: time.Date(2026, 12, 25, 11, 0, 0, 0, time.UTC)}},
		{"a whole day told in UTC", `<t:Start>2026-12-25T00:00:00Z</t:Start><t:End>2026-12-26T00:00:00Z</t:End><t:IsAllDayEvent>true</t:IsAllDayEvent><t:StartTimeZone Id="Pacific Standard Time"/>`,
			mailbox.Event{AllDay: true, TimeZone: "America/Los_Angeles", Start: time.Date(2026, 12, 25, 8, 0, 0, 0, time.UTC), End: time.Date(2026, 12, 26, 8, 0, 0, 0, time.UTC)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStub(t, calendarOf(`<t:CalendarItem>`+id+c.item+`</t:CalendarItem>`))
			got, err := s.own().Event(t.Context(), "AAMkOdd=")
			if err != nil {
				t.Fatal(err)
			}
			c.want.ID, c.want.ChangeKey = "AAMkOdd=", "A"
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEventOfAMessage(t *testing.T) {
	_, err := newStub(t, nil).own().Event(t.Context(), "AAMkOne=")
	if !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), "not an event") {
		t.Errorf("got %v", err)
	}
}

var viewWindow = regexp.MustCompile(`MaxEntriesReturned="(\d+)" StartDate="([^"]*)" EndDate="([^"]*)"`)

// crowded answers views of a calendar with one event an hour, and returns no
// more than limit at once.
func crowded(s func() *stub, limit int) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, operation string) {
		requests := s().taken()
		window := viewWindow.FindStringSubmatch(requests[len(requests)-1].body)
		from, _ := time.Parse(time.RFC3339, window[2])
		to, _ := time.Parse(time.RFC3339, window[3])
		if to.Sub(from) > 732*24*time.Hour {
			respond(w, http.StatusOK, failure(operation, "ErrorCalendarViewRangeTooBig", "The specified view range exceeds the maximum range of two years.", "<m:RootFolder/>"))
			return
		}
		var items strings.Builder
		n := 0
		for at := from.Truncate(time.Hour); at.Before(to); at = at.Add(time.Hour) {
			if !at.Add(time.Hour).After(from) {
				continue
			}
			if n++; n > limit {
				break
			}
			fmt.Fprintf(&items, `<t:CalendarItem><t:ItemId Id="%s"/><t:Start>%s</t:Start><t:End>%s</t:End></t:CalendarItem>`,
				at.Format("20060102T15"), at.Format(time.RFC3339), at.Add(time.Hour).Format(time.RFC3339))
		}
		respond(w, http.StatusOK, success(operation, fmt.Sprintf(
			`<m:RootFolder IncludesLastItemInRange="%v"><t:Items>%s</t:Items></m:RootFolder>`, n <= limit, items.String())))
	}
}

// TestEventsOfACrowdedCalendar: a view that the server cuts off is completed,
// each event once and in order.
func TestEventsOfACrowdedCalendar(t *testing.T) {
	var s *stub
	s = newStub(t, crowded(func() *stub { return s }, 10))
	from := time.Date(2026, 11, 20, 8, 30, 0, 500, time.UTC)
	got, err := s.own().Events(t.Context(), "", from, from.Add(99*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 100 {
		t.Errorf("got %d events, want 100", len(got))
	}
	for i, e := range got {
		if want := from.Truncate(time.Hour).Add(time.Duration(i) * time.Hour); !e.Start.Equal(want) {
			t.Fatalf("event %d starts at %s, want %s", i, e.Start, want)
		}
	}
}

func TestEventsOfYears(t *testing.T) {
	var s *stub
	s = newStub(t, crowded(func() *stub { return s }, 1<<20))
	from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	got, err := s.own().Events(t.Context(), "", from, from.AddDate(3, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != (366+365+365)*24 {
		t.Errorf("got %d events", len(got))
	}
}

// TestEventsThatNeverEnd: a server that always says there is more does not keep
// a client busy for ever.
func TestEventsThatNeverEnd(t *testing.T) {
	var s *stub
	s = newStub(t, crowded(func() *stub { return s }, 0))
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := s.own().Events(t.Context(), "", from, from.AddDate(1, 0, 0))
	if !errors.Is(err, mailbox.ErrUnavailable) || !strings.Contains(err.Error(), "2026-01-01T00:00:00Z") {
		t.Errorf("got %v", err)
	}
	if n := len(s.taken()); n > 40 {
		t.Errorf("it took %d requests to give up", n)
	}
}

func TestEventsOfNoTime(t *testing.T) {
	s := newStub(t, calendarOf(meeting))
	for _, c := range [][2]time.Time{{}, {berlin(20, 9), {}}, {berlin(20, 9), berlin(20, 9)}, {berlin(20, 9), berlin(19, 9)}} {
		if _, err := s.own().Events(t.Context(), "", c[0], c[1]); !errors.Is(err, mailbox.ErrInvalid) {
			t.Errorf("%v: %v", c, err)
		}
	}
	if s.operations() != "" {
		t.Errorf("sent %s", s.operations())
	}
}

func TestCreateEventRefusesWithoutSending(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*mailbox.NewEvent)
		says   string
	}{
		{"no start", func(e *mailbox.NewEvent) { e.Start = time.Time{} }, "start is missing"},
		{"no end", func(e *mailbox.NewEvent) { e.End = time.Time{} }, "end is missing"},
		{"end before start", func(e *mailbox.NewEvent) { e.End = e.Start.Add(-time.Hour) }, "before the start"},
		{"an unknown zone", func(e *mailbox.NewEvent) { e.TimeZone = "Europe/Atlantis" }, "Europe/Atlantis"},
		{"a zone that Exchange has not", func(e *mailbox.NewEvent) { e.TimeZone = "Antarctica/Troll" }, "such as UTC"},
		{"whole day from nine", func(e *mailbox.NewEvent) { e.AllDay = true; e.End = e.Start.Add(24 * time.Hour) }, "09:00 in Europe/Berlin"},
		{"whole day at midnight elsewhere", func(e *mailbox.NewEvent) {
			e.AllDay, e.Start, e.End = true, time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
		}, "01:00 in Europe/Berlin"},
		{"no whole day", func(e *mailbox.NewEvent) {
			e.AllDay, e.Start = true, time.Date(2026, 11, 19, 23, 0, 0, 0, time.UTC)
			e.End = e.Start
		}, "its end is its start"},
		{"an attendee without an address", func(e *mailbox.NewEvent) { e.Attendees = []mailbox.Attendee{{Name: "Ben"}} }, `"Ben"`},
		{"a reminder after the start", func(e *mailbox.NewEvent) { e.ReminderMinutes = ptr(-5) }, "-5"},
		{"an unknown notify", func(e *mailbox.NewEvent) { e.Notify = "some" }, `"some"`},
		{"a rule that Exchange cannot say", func(e *mailbox.NewEvent) { e.Recurrence = "FREQ=HOURLY" }, "FREQ=HOURLY"},
		{"a rule for other days", func(e *mailbox.NewEvent) { e.Recurrence = "FREQ=WEEKLY;BYDAY=MO" }, "Monday 2026-11-23"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStub(t, calendarOf(meeting))
			e := wholeMeeting()
			c.change(&e)
			_, err := s.own().CreateEvent(t.Context(), e)
			if !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want ErrInvalid with %q", err, c.says)
			}
			if s.operations() != "" {
				t.Errorf("sent %s", s.operations())
			}
		})
	}
}

// hangUp ends the connection without an answer, as a broken network does.
func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

// TestCreateEventOnABrokenConnection: whichever answer is lost, the caller
// learns what is certain, and nothing is sent twice.
func TestCreateEventOnABrokenConnection(t *testing.T) {
	lost := func(at, event string) func(http.ResponseWriter, *http.Request, string) {
		fine := calendarOf(event)
		return func(w http.ResponseWriter, r *http.Request, operation string) {
			if operation == at {
				hangUp(w)
				return
			}
			fine(w, r, operation)
		}
	}
	notSent := strings.Replace(meeting, "<t:MeetingRequestWasSent>true", "<t:MeetingRequestWasSent>false", 1)
	for _, c := range []struct {
		name, at, event string
		unknown         bool
		id, operations  string
	}{
		{"creation", "CreateItem", meeting, true, "", "CreateItem"},
		{"invitation that was sent", "UpdateItem", meeting, false, "AAMkEvent=", "CreateItem UpdateItem GetItem GetItem"},
		{"invitation that may come yet", "UpdateItem", notSent, true, "AAMkEvent=", "CreateItem UpdateItem GetItem"},
		{"reading back", "GetItem", meeting, false, "AAMkEvent=", "CreateItem UpdateItem GetItem"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStub(t, lost(c.at, c.event))
			got, err := s.own().CreateEvent(t.Context(), wholeMeeting())
			if errors.Is(err, mailbox.ErrOutcomeUnknown) != c.unknown || (err == nil) == c.unknown {
				t.Errorf("got %v", err)
			}
			if got.ID != c.id {
				t.Errorf("the event's id is %q, want %q", got.ID, c.id)
			}
			if s.operations() != c.operations {
				t.Errorf("sent %s, want %s", s.operations(), c.operations)
			}
		})
	}
}

// TestRefusedInvitation leaves no event behind.
func TestRefusedInvitation(t *testing.T) {
	for _, c := range []struct {
		name, code, deletion string
		kind                 error
		id                   string
	}{
		{"refused", "ErrorSendAsDenied", "", mailbox.ErrAccessDenied, ""},
		{"busy", "ErrorServerBusy", "", mailbox.ErrBusy, ""},
		{"refused, and the event stays", "ErrorSendAsDenied", "ErrorServerBusy", mailbox.ErrAccessDenied, "AAMkEvent="},
	} {
		t.Run(c.name, func(t *testing.T) {
			fine := calendarOf(meeting)
			s := newStub(t, func(w http.ResponseWriter, r *http.Request, operation string) {
				switch {
				case operation == "UpdateItem":
					respond(w, http.StatusOK, failure(operation, c.code, "No.", "<m:Items/>"))
				case operation == "DeleteItem" && c.deletion != "":
					respond(w, http.StatusOK, failure(operation, c.deletion, "No.", ""))
				default:
					fine(w, r, operation)
				}
			})
			got, err := s.own().CreateEvent(t.Context(), wholeMeeting())
			if !errors.Is(err, c.kind) {
				t.Errorf("got %v", err)
			}
			if got.ID != c.id {
				t.Errorf("the event's id is %q, want %q", got.ID, c.id)
			}
			if s.operations() != "CreateItem UpdateItem DeleteItem" {
				t.Errorf("sent %s", s.operations())
			}
		})
	}
}

func TestUpdateEventRefusesWithoutWriting(t *testing.T) {
	occurrence := strings.Replace(meeting, "RecurringMaster", "Occurrence", 1)
	for _, c := range []struct {
		name, event string
		change      mailbox.EventUpdate
		says        string
	}{
		{"a meeting without notify", meeting, mailbox.EventUpdate{Subject: ptr("New")}, "notify"},
		{"attendees without notify", appointment, mailbox.EventUpdate{Attendees: &[]mailbox.Attendee{{Address: "ben@contoso.example"}}}, "notify"},
		{"an unknown notify", meeting, mailbox.EventUpdate{Subject: ptr("New"), Notify: "some"}, `"some"`},
		{"nothing", meeting, mailbox.EventUpdate{Notify: mailbox.NotifyAll}, "nothing"},
		{"nothing but a stamp", meeting, mailbox.EventUpdate{Notify: mailbox.NotifyAll, OperationID: "op"}, "nothing"},
		{"a zone alone", appointment, mailbox.EventUpdate{TimeZone: "Europe/Paris", Subject: ptr("New")}, "goes with"},
		{"an unknown zone", appointment, mailbox.EventUpdate{TimeZone: "Europe/Atlantis", Start: ptr(berlin(20, 9))}, "Europe/Atlantis"},
		{"a start after the end that stays", appointment, mailbox.EventUpdate{Start: ptr(berlin(20, 12))}, "before the start"},
		{"a whole day of an hour", appointment, mailbox.EventUpdate{AllDay: ptr(true)}, "08:00 in UTC"},
		{"an attendee without an address", appointment, mailbox.EventUpdate{Attendees: &[]mailbox.Attendee{{Name: "Ben"}}, Notify: mailbox.NotifyAll}, `"Ben"`},
		{"a reminder after the start", appointment, mailbox.EventUpdate{ReminderMinutes: ptr(-1)}, "-1"},
		{"a rule that Exchange cannot say", appointment, mailbox.EventUpdate{Recurrence: ptr("FREQ=HOURLY")}, "FREQ=HOURLY"},
		{"a rule of one occurrence", occurrence, mailbox.EventUpdate{Recurrence: ptr("FREQ=DAILY"), Notify: mailbox.NotifyAll}, "one of a series"},
		{"a series to another weekday", meeting, mailbox.EventUpdate{Start: ptr(berlin(21, 9)), End: ptr(berlin(21, 10)), Notify: mailbox.NotifyAll}, "Friday 2026-11-27"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStub(t, calendarOf(c.event))
			_, err := s.own().UpdateEvent(t.Context(), "AAMkEvent=", c.change)
			if !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want ErrInvalid with %q", err, c.says)
			}
			if s.operations() != "GetItem" {
				t.Errorf("sent %s", s.operations())
			}
		})
	}
}

// TestMovedSeries: a series that moves to another date takes its pattern with
// it, and one that moves within its day does not touch it.
func TestMovedSeries(t *testing.T) {
	for _, c := range []struct {
		name       string
		start, end time.Time
		contains   string
	}{
		{"a week later", berlin(27, 9), berlin(27, 10), "<StartDate>2026-11-27</StartDate><EndDate>2026-12-18</EndDate>"},
		{"an hour later", berlin(20, 10), berlin(20, 11), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStub(t, calendarOf(meeting))
			if _, err := s.own().UpdateEvent(t.Context(), "AAMkEvent=", mailbox.EventUpdate{Start: &c.start, End: &c.end, Notify: mailbox.NotifyAll}); err != nil {
				t.Fatal(err)
			}
			body := s.taken()[1].body
			if has := strings.Contains(body, "calendar:Recurrence"); has != (c.contains != "") || !strings.Contains(body, c.contains) {
				t.Errorf("the update is\n%s", body)
			}
		})
	}
}

// TestUpdateOfAnEventInAnUnknownZone leaves the zone alone.
func TestUpdateOfAnEventInAnUnknownZone(t *testing.T) {
	s := newStub(t, calendarOf(strings.Replace(appointment, `Id="UTC"`, `Id="Customized Time Zone"`, 1)))
	if _, err := s.own().UpdateEvent(t.Context(), "AAMkEvent=", mailbox.EventUpdate{Start: ptr(berlin(20, 9).Add(time.Minute))}); err != nil {
		t.Fatal(err)
	}
	if body := s.taken()[1].body; strings.Contains(body, "TimeZone") || !strings.Contains(body, "<Start>2026-11-20T08:01:00Z</Start>") {
		t.Errorf("the update is\n%s", body)
	}
}

func TestUpdateEventErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter, operation string)
		kind   error
	}{
		{"changed meanwhile", func(w http.ResponseWriter, operation string) {
			respond(w, http.StatusOK, failure(operation, "ErrorIrresolvableConflict", "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.", "<m:Items/>"))
		}, mailbox.ErrConflict},
		{"no answer", func(w http.ResponseWriter, _ string) { hangUp(w) }, mailbox.ErrOutcomeUnknown},
		{"a gateway's time-out", func(w http.ResponseWriter, _ string) { http.Error(w, "", http.StatusGatewayTimeout) }, mailbox.ErrOutcomeUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			fine := calendarOf(meeting)
			s := newStub(t, func(w http.ResponseWriter, r *http.Request, operation string) {
				if operation == "UpdateItem" {
					c.answer(w, operation)
					return
				}
				fine(w, r, operation)
			})
			_, err := s.own().UpdateEvent(t.Context(), "AAMkEvent=", mailbox.EventUpdate{Subject: ptr("New"), Notify: mailbox.NotifyAll})
			if !errors.Is(err, c.kind) {
				t.Errorf("got %v, want %v", err, c.kind)
			}
			if s.operations() != "GetItem UpdateItem" {
				t.Errorf("sent %s", s.operations())
			}
		})
	}
}

func TestCancelEvent(t *testing.T) {
	for _, c := range []struct{ name, event, operations, contains string }{
		{"a meeting of one's own", meeting, "GetItem CreateItem", "<NewBodyContent BodyType=\"Text\">Sorry</NewBodyContent>"},
		{"one that is cancelled already", strings.Replace(meeting, "<t:IsCancelled>false", "<t:IsCancelled>true", 1), "GetItem DeleteItem", `SendMeetingCancellations="SendToNone"`},
		{"somebody else's", strings.Replace(meeting, "<t:MyResponseType>Organizer", "<t:MyResponseType>Accept", 1), "GetItem DeleteItem", `SendMeetingCancellations="SendToNone"`},
		{"an appointment", appointment, "GetItem DeleteItem", `DeleteType="MoveToDeletedItems"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStub(t, calendarOf(c.event))
			if err := s.own().CancelEvent(t.Context(), "AAMkEvent=", "Sorry"); err != nil {
				t.Fatal(err)
			}
			if s.operations() != c.operations {
				t.Errorf("sent %s, want %s", s.operations(), c.operations)
			}
			if body := s.taken()[1].body; !strings.Contains(body, c.contains) {
				t.Errorf("the request lacks %s:\n%s", c.contains, body)
			}
		})
	}
}

func TestCancelEventWithoutAnAnswer(t *testing.T) {
	fine := calendarOf(meeting)
	s := newStub(t, func(w http.ResponseWriter, r *http.Request, operation string) {
		if operation == "CreateItem" {
			hangUp(w)
			return
		}
		fine(w, r, operation)
	})
	if err := s.own().CancelEvent(t.Context(), "AAMkEvent=", ""); !errors.Is(err, mailbox.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
}

// TestCalendarCallsStop: a context that is done ends a call without a request.
func TestCalendarCallsStop(t *testing.T) {
	s := newStub(t, calendarOf(meeting))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := s.ews(nil).Mailbox("anna@contoso.example", ews.Impersonate)
	_, events := m.Events(ctx, "", berlin(20, 9), berlin(21, 9))
	_, event := m.Event(ctx, "AAMkEvent=")
	_, created := m.CreateEvent(ctx, wholeMeeting())
	_, updated := m.UpdateEvent(ctx, "AAMkEvent=", mailbox.EventUpdate{Subject: ptr("New")})
	for name, err := range map[string]error{"Events": events, "Event": event, "CreateEvent": created, "UpdateEvent": updated, "CancelEvent": m.CancelEvent(ctx, "AAMkEvent=", "")} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s.operations() != "" {
		t.Errorf("sent %s", s.operations())
	}
}
