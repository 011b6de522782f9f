package ews_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
)

// The pretend Exchange's clock stands still, a week before Europe's clocks go
// forward.
var calendarNow = time.Date(2026, 3, 16, 7, 0, 0, 0, time.UTC)

// basic signs in with a password.
type basic struct {
	client   *http.Client
	user     string
	password string
}

func (b basic) Do(r *http.Request) (*http.Response, error) {
	r.SetBasicAuth(b.user, b.password)
	return b.client.Do(r)
}

// calendars is a pretend Exchange Server with empty calendars.
type calendars struct {
	*simulator.Simulator
	t *testing.T
}

func newCalendars(t *testing.T) calendars {
	sim, err := simulator.New(&simulator.Options{Seed: 1, Empty: true, Now: func() time.Time { return calendarNow }, Record: keepEnvelopes(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return calendars{sim, t}
}

// as returns a mailbox that user signs in to see.
func (c calendars) as(user, address string, access ews.Access) *ews.Mailbox {
	for _, a := range c.Accounts() {
		if a.Address != user {
			continue
		}
		client := c.HTTPClient()
		c.t.Cleanup(client.CloseIdleConnections)
		return ews.NewClient(basic{client, user, string(a.Password)}, c.EWSURL(simulator.Server), nil).Mailbox(address, access)
	}
	c.t.Fatalf("there is no account %s", user)
	return nil
}

// of returns somebody's mailbox by impersonation.
func (c calendars) of(address string) *ews.Mailbox {
	return c.as("svc-crm@contoso.example", address, ews.Impersonate)
}

// events lists what happens in some weeks.
func (c calendars) events(m *ews.Mailbox) []mailbox.Event {
	c.t.Helper()
	list, err := m.Events(c.t.Context(), mailbox.Calendar, calendarNow, calendarNow.AddDate(0, 0, 60))
	if err != nil {
		c.t.Fatal(err)
	}
	return list
}

// invitations counts the meeting requests in an inbox.
func (c calendars) invitations(m *ews.Mailbox) int {
	c.t.Helper()
	n := 0
	for msg, err := range m.Messages(c.t.Context(), mailbox.Query{}) {
		if err != nil {
			c.t.Fatal(err)
		}
		if strings.HasPrefix(msg.Class, "IPM.Schedule.Meeting.Request") {
			n++
		}
	}
	return n
}

// starts writes the starts of events with their offset from UTC.
func starts(list []mailbox.Event) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.Start.Format("01-02 15:04Z07:00"))
	}
	return out
}

// weekly is a meeting of four Fridays at nine in Berlin, between which the
// clocks go forward.
func weekly() mailbox.NewEvent {
	return mailbox.NewEvent{
		Subject: "Review", Start: time.Date(2026, 3, 20, 8, 0, 0, 0, time.UTC), End: time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC),
		TimeZone: "Europe/Berlin", Location: "Room 1", HTML: "<p>Agenda</p>", ReminderMinutes: ptr(15),
		Recurrence:  "FREQ=WEEKLY;COUNT=4",
		Attendees:   []mailbox.Attendee{{Address: "ben@contoso.example", Required: true}, {Address: "carla@contoso.example"}},
		OperationID: "op-1",
	}
}

var fridays = []string{"03-20 09:00+01:00", "03-27 09:00+01:00", "04-03 09:00+02:00", "04-10 09:00+02:00"}

// TestRecurringMeeting: a recurring meeting is seen by those invited, changed,
// and cancelled.
func TestRecurringMeeting(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna, ben := c.of("anna@contoso.example"), c.of("ben@contoso.example")

	created, err := anna.CreateEvent(ctx, weekly())
	if err != nil {
		t.Fatal(err)
	}
	if created.Type != mailbox.Master || created.Recurrence != "FREQ=WEEKLY;BYDAY=FR;COUNT=4" || created.TimeZone != "Europe/Berlin" ||
		created.MyResponse != "organizer" || created.Location != "Room 1" || created.Body == nil || !strings.Contains(created.Body.Content, "Agenda") ||
		created.ReminderMinutes == nil || *created.ReminderMinutes != 15 || len(created.Attendees) != 2 {
		t.Errorf("created %+v", created)
	}
	if got := starts(c.events(anna)); !slices.Equal(got, fridays) {
		t.Errorf("in Anna's calendar at %v", got)
	}
	if n := c.invitations(ben); n != 1 {
		t.Errorf("Ben has %d invitations", n)
	}
	seen := c.events(ben)
	if got := starts(seen); !slices.Equal(got, fridays) {
		t.Fatalf("in Ben's calendar at %v", got)
	}
	if e := seen[0]; e.UID != created.UID || e.Subject != "Review" || e.Type != mailbox.Occurrence || e.MyResponse != "none" || e.Organizer == nil {
		t.Errorf("Ben sees %+v", e)
	}
	whole, err := ben.Event(ctx, seen[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if whole.Organizer == nil || whole.Organizer.Address != "anna@contoso.example" || len(whole.Attendees) != 2 ||
		!whole.Attendees[0].Required || whole.Attendees[1].Required {
		t.Errorf("Ben reads %+v", whole)
	}

	changed, err := anna.UpdateEvent(ctx, created.ID, mailbox.EventUpdate{
		Subject: ptr("Review, later"), Start: ptr(created.Start.Add(time.Hour)), End: ptr(created.End.Add(time.Hour)),
		Notify: mailbox.NotifyAll, ChangeKey: created.ChangeKey, OperationID: "op-2",
	})
	if err != nil {
		t.Fatal(err)
	}
	if changed.Subject != "Review, later" || changed.ChangeKey == created.ChangeKey || changed.UID != created.UID {
		t.Errorf("changed %+v", changed)
	}
	if got, want := starts(c.events(ben)), []string{"03-20 10:00+01:00", "03-27 10:00+01:00", "04-03 10:00+02:00", "04-10 10:00+02:00"}; !slices.Equal(got, want) {
		t.Errorf("after the change in Ben's calendar at %v", got)
	}
	if _, err := anna.UpdateEvent(ctx, created.ID, mailbox.EventUpdate{Subject: ptr("Lost"), Notify: mailbox.NotifyAll, ChangeKey: created.ChangeKey}); !errors.Is(err, mailbox.ErrConflict) {
		t.Errorf("a change of what has changed since: %v", err)
	}

	if err := anna.CancelEvent(ctx, created.ID, "No time"); err != nil {
		t.Fatal(err)
	}
	if left := c.events(anna); len(left) != 0 {
		t.Errorf("after the cancellation Anna has %v", starts(left))
	}
	for _, e := range c.events(ben) {
		if !e.IsCancelled {
			t.Errorf("Ben still expects %s", e.Start)
		}
	}
	if err := anna.CancelEvent(ctx, created.ID, "No time"); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("a second cancellation: %v", err)
	}
}

func TestOneOccurrence(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna, ben := c.of("anna@contoso.example"), c.of("ben@contoso.example")
	if _, err := anna.CreateEvent(ctx, weekly()); err != nil {
		t.Fatal(err)
	}
	list := c.events(anna)
	moved, err := anna.UpdateEvent(ctx, list[1].ID, mailbox.EventUpdate{
		Start: ptr(list[1].Start.Add(3 * time.Hour)), End: ptr(list[1].End.Add(3 * time.Hour)), Notify: mailbox.NotifyAll})
	if err != nil {
		t.Fatal(err)
	}
	if moved.Type != mailbox.Exception {
		t.Errorf("the moved occurrence is %q", moved.Type)
	}
	if err := anna.CancelEvent(ctx, list[2].ID, ""); err != nil {
		t.Fatal(err)
	}
	want := []string{"03-20 09:00+01:00", "03-27 12:00+01:00", "04-10 09:00+02:00"}
	if got := starts(c.events(anna)); !slices.Equal(got, want) {
		t.Errorf("in Anna's calendar at %v", got)
	}
	var expected []mailbox.Event
	for _, e := range c.events(ben) {
		if !e.IsCancelled {
			expected = append(expected, e)
		}
	}
	if got := starts(expected); !slices.Equal(got, want) {
		t.Errorf("in Ben's calendar at %v", got)
	}
}

// TestSilence: who is not to be told is not told.
func TestSilence(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna, ben, carla := c.of("anna@contoso.example"), c.of("ben@contoso.example"), c.of("carla@contoso.example")
	e := weekly()
	e.Notify = mailbox.NotifyNone
	created, err := anna.CreateEvent(ctx, e)
	if err != nil {
		t.Fatal(err)
	}
	if n := c.invitations(ben); n != 0 || len(created.Attendees) != 2 {
		t.Errorf("Ben has %d invitations of %+v", n, created)
	}
	// Those who are told then are all that have not been.
	if _, err := anna.UpdateEvent(ctx, created.ID, mailbox.EventUpdate{
		Attendees: &[]mailbox.Attendee{{Address: "carla@contoso.example", Required: true}}, Notify: mailbox.NotifyChanged}); err != nil {
		t.Fatal(err)
	}
	if c.invitations(ben) != 0 || c.invitations(carla) != 1 {
		t.Errorf("Ben has %d invitations, Carla %d", c.invitations(ben), c.invitations(carla))
	}
	if got := starts(c.events(carla)); !slices.Equal(got, fridays) {
		t.Errorf("in Carla's calendar at %v", got)
	}
}

// TestLostAnswers: an invitation whose answer is lost is neither repeated nor
// forgotten.
func TestLostAnswers(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    simulator.Fault
		unknown  bool
		invited  int
		attended int
	}{
		{"the invitation went out", simulator.Fault{Operation: "UpdateItem", Reset: true, Execute: true, Times: 1}, false, 1, 4},
		{"the invitation did not arrive", simulator.Fault{Operation: "UpdateItem", Reset: true, Times: 1}, true, 0, 0},
		{"the event may have been made", simulator.Fault{Operation: "CreateItem", Status: http.StatusGatewayTimeout, Execute: true, Times: 1}, true, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			cal := newCalendars(t)
			anna, ben := cal.of("anna@contoso.example"), cal.of("ben@contoso.example")
			cal.Fail(c.fault)
			created, err := anna.CreateEvent(t.Context(), weekly())
			if errors.Is(err, mailbox.ErrOutcomeUnknown) != c.unknown || (err == nil) == c.unknown {
				t.Errorf("got %v", err)
			}
			if err == nil && len(created.Attendees) != 2 {
				t.Errorf("created %+v", created)
			}
			if n := cal.invitations(ben); n != c.invited {
				t.Errorf("Ben has %d invitations", n)
			}
			if n := len(cal.events(ben)); n != c.attended {
				t.Errorf("Ben has %d events", n)
			}
			// Whatever happened, there is one series.
			if n := len(cal.events(anna)); n != 4 {
				t.Errorf("Anna has %d events", n)
			}
		})
	}
}

// TestAllDay: the days of an event are its days, whichever way the zone lies
// from UTC.
func TestAllDay(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna := c.of("anna@contoso.example")
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata", "Pacific/Kiritimati"} {
		t.Run(zone, func(t *testing.T) {
			loc, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			created, err := anna.CreateEvent(ctx, mailbox.NewEvent{
				Subject: zone, AllDay: true, TimeZone: zone,
				Start: time.Date(2026, 3, 28, 0, 0, 0, 0, loc), End: time.Date(2026, 3, 30, 0, 0, 0, 0, loc),
				Recurrence: "FREQ=WEEKLY;UNTIL=20260404",
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := anna.CancelEvent(ctx, created.ID, ""); err != nil {
					t.Error(err)
				}
			}()
			if created.Recurrence != "FREQ=WEEKLY;BYDAY=SA;UNTIL=20260404" || created.Start.Format("-07:00") != time.Date(2026, 3, 28, 0, 0, 0, 0, loc).Format("-07:00") {
				t.Errorf("created %+v", created)
			}
			list := c.events(anna)
			if len(list) != 2 {
				t.Fatalf("there are %d", len(list))
			}
			for i, e := range list {
				whole, err := anna.Event(ctx, e.ID)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range []mailbox.Event{e, whole} {
					from, to := e.Start.Format(time.DateTime), e.End.Format(time.DateTime)
					wantFrom := time.Date(2026, 3, 28+7*i, 0, 0, 0, 0, loc).Format(time.DateTime)
					wantTo := time.Date(2026, 3, 30+7*i, 0, 0, 0, 0, loc).Format(time.DateTime)
					if !e.AllDay || from != wantFrom || to != wantTo {
						t.Errorf("from %s to %s, want %s to %s", from, to, wantFrom, wantTo)
					}
				}
			}
		})
	}
}

// TestRulesExpanded: the occurrences that the server shows are those that
// another reader of RRULEs finds, summer time and leap years included.
func TestRulesExpanded(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna := c.of("anna@contoso.example")
	for _, rule := range []struct{ rule, zone, start string }{
		{"FREQ=DAILY;INTERVAL=3", "Europe/Berlin", "2026-03-20 09:00"},
		{"FREQ=DAILY;UNTIL=20260402T070000Z", "Europe/Berlin", "2026-03-20 09:00"},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=MO", "America/New_York", "2026-03-16 23:30"},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU", "America/New_York", "2026-03-16 23:30"},
		{"FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", "Pacific/Auckland", "2026-03-31 08:00"},
		{"FREQ=MONTHLY;BYDAY=-1FR", "Europe/London", "2026-03-27 08:00"},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=7", "Asia/Kolkata", "2026-03-31 08:00"},
		{"FREQ=YEARLY;BYMONTH=3;BYDAY=3MO", "Europe/Berlin", "2026-03-16 09:00"},
		{"FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=17", "America/St_Johns", "2026-03-17 09:00"},
	} {
		t.Run(rule.rule, func(t *testing.T) {
			loc, err := time.LoadLocation(rule.zone)
			if err != nil {
				t.Fatal(err)
			}
			start, err := time.ParseInLocation("2006-01-02 15:04", rule.start, loc)
			if err != nil {
				t.Fatal(err)
			}
			created, err := anna.CreateEvent(ctx, mailbox.NewEvent{Subject: rule.rule, Start: start, End: start.Add(30 * time.Minute), TimeZone: rule.zone, Recurrence: rule.rule})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := anna.CancelEvent(ctx, created.ID, ""); err != nil {
					t.Error(err)
				}
			}()
			from, to := start.AddDate(0, 0, -1), start.AddDate(2, 1, 0).Add(-time.Hour)
			list, err := anna.Events(ctx, "", from, to)
			if err != nil {
				t.Fatal(err)
			}
			var got, want []string
			for _, e := range list {
				got = append(got, e.Start.UTC().Format(time.RFC3339))
			}
			for _, text := range []string{rule.rule, created.Recurrence} {
				option, err := rrule.StrToROptionInLocation(text, loc)
				if err != nil {
					t.Fatal(err)
				}
				option.Dtstart = start
				r, err := rrule.NewRRule(*option)
				if err != nil {
					t.Fatal(err)
				}
				want = nil
				for _, at := range r.Between(from, to, true) {
					want = append(want, at.UTC().Format(time.RFC3339))
				}
				if !slices.Equal(got, want) {
					t.Errorf("by %s\ngot  %v\nwant %v", text, got, want)
				}
			}
		})
	}
}

// TestSharedCalendar: who may read somebody's calendar reads it without
// impersonation, and may not write to it.
func TestSharedCalendar(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	if _, err := c.of("anna@contoso.example").CreateEvent(ctx, weekly()); err != nil {
		t.Fatal(err)
	}
	shared := c.as("carla@contoso.example", "anna@contoso.example", ews.Shared)
	if got := starts(c.events(shared)); !slices.Equal(got, fridays) {
		t.Errorf("Carla sees %v", got)
	}
	e := weekly()
	e.Attendees = nil
	if _, err := shared.CreateEvent(ctx, e); !errors.Is(err, mailbox.ErrAccessDenied) {
		t.Errorf("Carla writes to it: %v", err)
	}
	own := c.as("carla@contoso.example", "carla@contoso.example", ews.Own)
	created, err := own.CreateEvent(ctx, e)
	if err != nil {
		t.Fatal(err)
	}
	if created.Organizer == nil || created.Organizer.Address != "carla@contoso.example" {
		t.Errorf("Carla's own is %+v", created)
	}
}
