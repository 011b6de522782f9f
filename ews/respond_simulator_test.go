package ews_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/simulator"
)

// messages lists an inbox by class.
func (c calendars) messages(m *ews.Mailbox, class string) []mailbox.Message {
	c.t.Helper()
	var list []mailbox.Message
	for msg, err := range m.Messages(c.t.Context(), mailbox.Query{}) {
		if err != nil {
			c.t.Fatal(err)
		}
		if strings.HasPrefix(msg.Class, class) {
			list = append(list, msg)
		}
	}
	return list
}

const answers = "IPM.Schedule.Meeting.Resp."

// response returns how somebody stands to an event in the organizer's calendar.
func (c calendars) response(m *ews.Mailbox, id, address string) mailbox.Attendee {
	c.t.Helper()
	e, err := m.Event(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, a := range append(e.Attendees, e.Rooms...) {
		if a.Address == address {
			return a
		}
	}
	c.t.Fatalf("%s is not invited to %q", address, e.Subject)
	return mailbox.Attendee{}
}

// review is a meeting of an hour.
func review() mailbox.NewEvent {
	e := weekly()
	e.Recurrence = ""
	return e
}

func TestRespond(t *testing.T) {
	for _, r := range []struct {
		response, title string
		left            int
	}{
		{mailbox.Accept, "Accepted: ", 1}, {mailbox.AcceptTentative, "Tentative: ", 1}, {mailbox.Decline, "Declined: ", 0},
	} {
		t.Run(r.response, func(t *testing.T) {
			c, ctx := newCalendars(t), t.Context()
			anna, ben := c.of("anna@contoso.example"), c.of("ben@contoso.example")
			created, err := anna.CreateEvent(ctx, review())
			if err != nil {
				t.Fatal(err)
			}
			seen := c.events(ben)
			if len(seen) != 1 {
				t.Fatalf("Ben has %d events", len(seen))
			}
			after, err := ben.Respond(ctx, seen[0].ID, mailbox.MeetingReply{Response: r.response, Message: "So it is"})
			if err != nil {
				t.Fatal(err)
			}
			if r.left == 1 && (after.MyResponse != r.response || after.Subject != "Review") || r.left == 0 && after.ID != "" {
				t.Errorf("Ben has %+v", after)
			}
			if n := len(c.events(ben)); n != r.left {
				t.Errorf("Ben has %d events left", n)
			}
			if a := c.response(anna, created.ID, "ben@contoso.example"); a.Response != r.response {
				t.Errorf("Anna sees %+v", a)
			}
			told := c.messages(anna, answers)
			if len(told) != 1 || told[0].Subject != r.title+"Review" {
				t.Fatalf("Anna is told %+v", told)
			}
			answer, err := anna.MeetingResponse(ctx, told[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			if answer.Response != r.response || answer.EventID != created.ID || answer.From == nil || answer.From.Address != "ben@contoso.example" ||
				answer.Body == nil || !strings.Contains(answer.Body.Content, "So it is") || answer.ProposedStart != nil {
				t.Errorf("the answer is %+v", answer)
			}
		})
	}
}

// TestCounterProposal: the organizer sees the other time that an attendee
// proposes, in the message and in the event, until the meeting is moved.
func TestCounterProposal(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna, ben := c.of("anna@contoso.example"), c.of("ben@contoso.example")
	created, err := anna.CreateEvent(ctx, review())
	if err != nil {
		t.Fatal(err)
	}
	start, end := created.Start.Add(4*time.Hour), created.End.Add(5*time.Hour)
	if _, err := ben.Respond(ctx, c.events(ben)[0].ID, mailbox.MeetingReply{Response: mailbox.AcceptTentative, ProposedStart: start, ProposedEnd: end}); err != nil {
		t.Fatal(err)
	}
	told := c.messages(anna, answers)
	if len(told) != 1 {
		t.Fatalf("Anna is told %+v", told)
	}
	answer, err := anna.MeetingResponse(ctx, told[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if answer.ProposedStart == nil || !answer.ProposedStart.Equal(start) || answer.ProposedEnd == nil || !answer.ProposedEnd.Equal(end) {
		t.Errorf("the answer is %+v", answer)
	}
	if a := c.response(anna, created.ID, "ben@contoso.example"); a.ProposedStart == nil || !a.ProposedStart.Equal(start) || a.ProposedEnd == nil {
		t.Errorf("Anna's event has %+v", a)
	}
	if _, err := anna.UpdateEvent(ctx, created.ID, mailbox.EventUpdate{Start: &start, End: &end, Notify: mailbox.NotifyAll}); err != nil {
		t.Fatal(err)
	}
	if a := c.response(anna, created.ID, "ben@contoso.example"); a.ProposedStart != nil || a.Response != "unknown" {
		t.Errorf("after the move Anna's event has %+v", a)
	}
}

// TestRespondToOneOccurrence: an answer about one is not one about all.
func TestRespondToOneOccurrence(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna, ben := c.of("anna@contoso.example"), c.of("ben@contoso.example")
	if _, err := anna.CreateEvent(ctx, weekly()); err != nil {
		t.Fatal(err)
	}
	seen := c.events(ben)
	if _, err := ben.Respond(ctx, seen[1].ID, mailbox.MeetingReply{Response: mailbox.Accept}); err != nil {
		t.Fatal(err)
	}
	if _, err := ben.Respond(ctx, seen[2].ID, mailbox.MeetingReply{Response: mailbox.Decline}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range c.events(ben) {
		got = append(got, e.Start.Format("01-02 ")+e.MyResponse)
	}
	if want := []string{"03-20 none", "03-27 accept", "04-10 none"}; !slices.Equal(got, want) {
		t.Errorf("Ben has %v", got)
	}
	if n := len(c.messages(anna, answers)); n != 2 {
		t.Errorf("Anna has %d answers", n)
	}
}

// TestRespondToRequest: the id of the message will do, and the request leaves
// the inbox.
func TestRespondToRequest(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna, ben := c.of("anna@contoso.example"), c.of("ben@contoso.example")
	created, err := anna.CreateEvent(ctx, review())
	if err != nil {
		t.Fatal(err)
	}
	requests := c.messages(ben, "IPM.Schedule.Meeting.Request")
	if len(requests) != 1 {
		t.Fatalf("Ben has %d requests", len(requests))
	}
	after, err := ben.Respond(ctx, requests[0].ID, mailbox.MeetingReply{Response: mailbox.Accept})
	if err != nil {
		t.Fatal(err)
	}
	if after.ID != requests[0].EventID || after.MyResponse != mailbox.Accept || c.invitations(ben) != 0 {
		t.Errorf("Ben has %+v, and %d requests", after, c.invitations(ben))
	}
	if a := c.response(anna, created.ID, "ben@contoso.example"); a.Response != mailbox.Accept {
		t.Errorf("Anna sees %+v", a)
	}
	if _, err := ben.Respond(ctx, requests[0].ID, mailbox.MeetingReply{Response: mailbox.Accept}); !errors.Is(err, mailbox.ErrNotFound) {
		t.Errorf("the request a second time: %v", err)
	}
}

// TestRespondSilently writes the answer into one's own calendar alone.
func TestRespondSilently(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna, ben := c.of("anna@contoso.example"), c.of("ben@contoso.example")
	created, err := anna.CreateEvent(ctx, review())
	if err != nil {
		t.Fatal(err)
	}
	after, err := ben.Respond(ctx, c.events(ben)[0].ID, mailbox.MeetingReply{Response: mailbox.Accept, Silent: true})
	if err != nil || after.MyResponse != mailbox.Accept {
		t.Fatalf("Ben has %+v, %v", after, err)
	}
	if a := c.response(anna, created.ID, "ben@contoso.example"); a.Response != "unknown" || len(c.messages(anna, answers)) != 0 {
		t.Errorf("Anna sees %+v", a)
	}
}

// TestLostResponse: an answer whose answer is lost may be repeated, and the
// organizer is told once.
func TestLostResponse(t *testing.T) {
	for name, executed := range map[string]bool{"it arrived": true, "it did not arrive": false} {
		t.Run(name, func(t *testing.T) {
			c, ctx := newCalendars(t), t.Context()
			anna, ben := c.of("anna@contoso.example"), c.of("ben@contoso.example")
			created, err := anna.CreateEvent(ctx, review())
			if err != nil {
				t.Fatal(err)
			}
			id := c.events(ben)[0].ID
			c.Fail(simulator.Fault{Operation: "CreateItem", Reset: true, Execute: executed, Times: 1})
			r := mailbox.MeetingReply{Response: mailbox.Accept, Message: "Yes"}
			if _, err := ben.Respond(ctx, id, r); !errors.Is(err, mailbox.ErrOutcomeUnknown) {
				t.Fatalf("got %v", err)
			}
			r.Repeat = true
			after, err := ben.Respond(ctx, id, r)
			if err != nil || after.MyResponse != mailbox.Accept {
				t.Fatalf("the repetition: %+v, %v", after, err)
			}
			if n := len(c.messages(anna, answers)); n != 1 {
				t.Errorf("Anna has %d answers", n)
			}
			if a := c.response(anna, created.ID, "ben@contoso.example"); a.Response != mailbox.Accept {
				t.Errorf("Anna sees %+v", a)
			}
		})
	}
}

// TestRespondRefusals: nothing is sent of what is no answer.
func TestRespondRefusals(t *testing.T) {
	cancelled := strings.Replace(attended, "<t:IsCancelled>false", "<t:IsCancelled>true", 1)
	message := `<t:Message><t:ItemId Id="AAMkOne=" ChangeKey="CK"/></t:Message>`
	good := mailbox.MeetingReply{Response: mailbox.Accept}
	for _, c := range []struct {
		name, item, says string
		reply            mailbox.MeetingReply
		operations       string
	}{
		{"no such answer", attended, `"maybe"`, mailbox.MeetingReply{Response: "maybe"}, ""},
		{"half a proposal", attended, "start and its end", mailbox.MeetingReply{Response: mailbox.Accept, ProposedStart: berlin(20, 9)}, ""},
		{"a proposal backwards", attended, "before the proposed start", mailbox.MeetingReply{Response: mailbox.Accept, ProposedStart: berlin(20, 9), ProposedEnd: berlin(20, 8)}, ""},
		{"a silent message", attended, "silent", mailbox.MeetingReply{Response: mailbox.Accept, Silent: true, Message: "psst"}, ""},
		{"one's own meeting", meeting, "own", good, "GetItem"},
		{"a cancelled meeting", cancelled, "cancelled", good, "GetItem"},
		{"a message", message, "neither", good, "GetItem"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStub(t, func(w http.ResponseWriter, r *http.Request, operation string) { calendarOf(c.item)(w, r, operation) })
			_, err := s.own().Respond(t.Context(), "AAMkEvent=", c.reply)
			if !errors.Is(err, mailbox.ErrInvalid) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want ErrInvalid with %q", err, c.says)
			}
			if s.operations() != c.operations {
				t.Errorf("sent %s", s.operations())
			}
		})
	}
}

// TestRespondTwice: the same answer without anything else is not sent again.
func TestRespondTwice(t *testing.T) {
	s := newStub(t, calendarOf(strings.Replace(attended, "NoResponseReceived", "Accept", 1)))
	if _, err := s.own().Respond(t.Context(), "AAMkEvent=", mailbox.MeetingReply{Response: mailbox.Accept}); err != nil {
		t.Fatal(err)
	}
	if s.operations() != "GetItem GetItem" {
		t.Errorf("sent %s", s.operations())
	}
	if _, err := s.own().Respond(t.Context(), "AAMkEvent=", mailbox.MeetingReply{Response: mailbox.Accept, Message: "Still"}); err != nil {
		t.Fatal(err)
	}
	if s.operations() != "GetItem GetItem GetItem CreateItem GetItem" {
		t.Errorf("sent %s", s.operations())
	}
}

// TestOccurrencesOfASeries: a series tells its exceptions, and leads to its
// parts and back.
func TestOccurrencesOfASeries(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna := c.of("anna@contoso.example")
	created, err := anna.CreateEvent(ctx, weekly())
	if err != nil {
		t.Fatal(err)
	}
	second, err := anna.Occurrence(ctx, created.ID, 2)
	if err != nil {
		t.Fatal(err)
	}
	if second.Type != mailbox.Occurrence || !second.Start.Equal(created.Start.AddDate(0, 0, 7)) || second.ID != c.events(anna)[1].ID {
		t.Errorf("the second is %+v", second)
	}
	moved, err := anna.UpdateEvent(ctx, second.ID, mailbox.EventUpdate{
		Start: ptr(second.Start.Add(2 * time.Hour)), End: ptr(second.End.Add(2 * time.Hour)), Notify: mailbox.NotifyAll})
	if err != nil {
		t.Fatal(err)
	}
	if moved.Type != mailbox.Exception || moved.OriginalStart == nil || !moved.OriginalStart.Equal(second.Start) {
		t.Errorf("moved %+v", moved)
	}
	third, err := anna.Occurrence(ctx, created.ID, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := anna.CancelEvent(ctx, third.ID, "Holiday"); err != nil {
		t.Fatal(err)
	}
	series, err := anna.Master(ctx, moved.ID)
	if err != nil {
		t.Fatal(err)
	}
	if series.ID != created.ID || series.Type != mailbox.Master || series.OriginalStart != nil {
		t.Errorf("the series is %+v", series)
	}
	if len(series.Changed) != 1 || series.Changed[0].ID != moved.ID || !series.Changed[0].Start.Equal(moved.Start) ||
		!series.Changed[0].End.Equal(moved.End) || !series.Changed[0].Original.Equal(second.Start) {
		t.Errorf("changed are %+v", series.Changed)
	}
	if len(series.Deleted) != 1 || !series.Deleted[0].Equal(third.Start) {
		t.Errorf("deleted are %v", series.Deleted)
	}
	// The series as a whole was not touched by that.
	if got, want := starts(c.events(anna)), []string{"03-20 09:00+01:00", "03-27 11:00+01:00", "04-10 09:00+02:00"}; !slices.Equal(got, want) {
		t.Errorf("left are %v", got)
	}
	for name, do := range map[string]func() error{
		"a deleted one":         func() error { _, err := anna.Occurrence(ctx, created.ID, 3); return err },
		"one beyond the last":   func() error { _, err := anna.Occurrence(ctx, created.ID, 5); return err },
		"the deleted one by id": func() error { _, err := anna.Event(ctx, third.ID); return err },
		"cancelled once more":   func() error { return anna.CancelEvent(ctx, third.ID, "") },
	} {
		if err := do(); !errors.Is(err, mailbox.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, do := range map[string]func() error{
		"the zeroth":    func() error { _, err := anna.Occurrence(ctx, created.ID, 0); return err },
		"no series":     func() error { _, err := anna.Occurrence(ctx, "", 1); return err },
		"no occurrence": func() error { _, err := anna.Master(ctx, ""); return err },
		"a rule for one of them": func() error {
			_, err := anna.UpdateEvent(ctx, moved.ID, mailbox.EventUpdate{Recurrence: ptr("FREQ=DAILY"), Notify: mailbox.NotifyAll})
			return err
		},
	} {
		if err := do(); !errors.Is(err, mailbox.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRemoveReminder takes the reminder away, and leaves the rest.
func TestRemoveReminder(t *testing.T) {
	c, ctx := newCalendars(t), t.Context()
	anna := c.of("anna@contoso.example")
	created, err := anna.CreateEvent(ctx, review())
	if err != nil || created.ReminderMinutes == nil {
		t.Fatalf("created %+v, %v", created, err)
	}
	if _, err := anna.UpdateEvent(ctx, created.ID, mailbox.EventUpdate{RemoveReminder: true, ReminderMinutes: ptr(5), Notify: mailbox.NotifyNone}); !errors.Is(err, mailbox.ErrInvalid) {
		t.Errorf("both at once: %v", err)
	}
	changed, err := anna.UpdateEvent(ctx, created.ID, mailbox.EventUpdate{RemoveReminder: true, Notify: mailbox.NotifyNone})
	if err != nil || changed.ReminderMinutes != nil || changed.Subject != created.Subject {
		t.Errorf("changed %+v, %v", changed, err)
	}
}
