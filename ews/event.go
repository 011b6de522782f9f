package ews

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// What is asked of a calendar item: FindItem returns the first list. Bodies,
// attendees and recurrences come by GetItem alone, and so does the organizer's
// address: FindItem gives a name at best.
var (
	eventListFields = []string{
		"item:Subject", "item:ReminderIsSet", "item:ReminderMinutesBeforeStart",
		"calendar:Start", "calendar:End", "calendar:IsAllDayEvent", "calendar:Location", "calendar:IsCancelled",
		"calendar:CalendarItemType", "calendar:MyResponseType", "calendar:Organizer", "calendar:UID",
		"calendar:StartTimeZone",
	}
	eventFields = append([]string{
		"item:Body", "calendar:RequiredAttendees", "calendar:OptionalAttendees", "calendar:Resources", "calendar:Recurrence",
		"calendar:ModifiedOccurrences", "calendar:DeletedOccurrences", "calendar:OriginalStart",
	}, eventListFields...)
)

// eventShape asks for the whole of an event.
func eventShape() *wsdl.ItemResponseShape {
	s := itemShape(eventFields...)
	s.BodyType = bestBody()
	return s
}

// eventOf reads a calendar item. request is the zone in which the server takes
// a request to be that says nothing of zones (see wholeDay). What the server
// left out, or what cannot be read, is left empty rather than the event refused.
func eventOf(item *wsdl.CalendarItemType, request *time.Location) mailbox.Event {
	name, loc := readZone(item)
	e := mailbox.Event{
		UID:         wsdl.Str(item.UID),
		Subject:     wsdl.Str(item.Subject),
		TimeZone:    name,
		AllDay:      bool(wsdl.Val(item.IsAllDayEvent)),
		Location:    wsdl.Str(item.Location),
		Organizer:   sender(item.Organizer),
		Type:        eventTypes[wsdl.Val(item.CalendarItemType)],
		MyResponse:  responses[wsdl.Val(item.MyResponseType)],
		IsCancelled: bool(wsdl.Val(item.IsCancelled)),
		Body:        readBody(item.Body),
	}
	if item.ItemId != nil {
		e.ID, e.ChangeKey = wsdl.Str(item.ItemId.Id), wsdl.Str(item.ItemId.ChangeKey)
	}
	e.Start, e.End = eventTimes(item, loc, request)
	e.Attendees = append(readAttendees(item.RequiredAttendees, true), readAttendees(item.OptionalAttendees, false)...)
	e.Rooms = readAttendees(item.Resources, true)
	readExceptions(&e, item, loc, request)
	if bool(wsdl.Val(item.ReminderIsSet)) && item.ReminderMinutesBeforeStart != nil {
		minutes := int(*item.ReminderMinutesBeforeStart)
		e.ReminderMinutes = &minutes
	}
	if item.Recurrence != nil {
		// Without a zone the time of the day is not known on which the last
		// occurrence starts, but its date is.
		if rule, err := FormatRecurrence(item.Recurrence, e.Start, e.AllDay || loc == nil); err == nil {
			e.Recurrence = rule
		}
	}
	return e
}

// eventTimes reads start and end, in the event's zone where that is known and in
// UTC otherwise.
func eventTimes(item *wsdl.CalendarItemType, loc, request *time.Location) (start, end time.Time) {
	if loc == nil {
		loc = time.UTC
	}
	read := func(text *wsdl.DateTimeText) time.Time {
		t, ok := wsdl.ParseTime(text, request)
		switch {
		case !ok:
			return time.Time{}
		case bool(wsdl.Val(item.IsAllDayEvent)):
			return wholeDay(t, loc, request)
		}
		return t.In(loc)
	}
	return read(item.Start), read(item.End)
}

var eventTypes = map[wsdl.CalendarItemKind]mailbox.EventType{
	wsdl.CalendarItemKindSingle:          mailbox.Single,
	wsdl.CalendarItemKindOccurrence:      mailbox.Occurrence,
	wsdl.CalendarItemKindException:       mailbox.Exception,
	wsdl.CalendarItemKindRecurringMaster: mailbox.Master,
}

var responses = map[wsdl.ResponseTypeName]string{
	wsdl.ResponseTypeNameAccept:             "accept",
	wsdl.ResponseTypeNameTentative:          "tentative",
	wsdl.ResponseTypeNameDecline:            "decline",
	wsdl.ResponseTypeNameNoResponseReceived: "none",
	wsdl.ResponseTypeNameOrganizer:          "organizer",
	wsdl.ResponseTypeNameUnknown:            "unknown",
}

// readAttendees reads one list of attendees. Rooms and equipment have a list of
// their own: an attendee who was one would come back as a second invitation of
// the room.
func readAttendees(list *wsdl.AttendeesType, required bool) []mailbox.Attendee {
	if list == nil {
		return nil
	}
	var out []mailbox.Attendee
	for _, a := range list.Attendee {
		if p := person(a.Mailbox); p != nil {
			out = append(out, mailbox.Attendee{
				Name: p.Name, Address: p.Address, Required: required, Response: responses[wsdl.Val(a.ResponseType)],
				ProposedStart: moment(a.ProposedStart), ProposedEnd: moment(a.ProposedEnd),
			})
		}
	}
	return out
}

// writeAttendees splits attendees into the two lists of Exchange; nil for none.
// Who is named twice is invited once, and required where one of the two says so.
func writeAttendees(list []mailbox.Attendee) (required, optional *wsdl.AttendeesType) {
	add := func(to **wsdl.AttendeesType, a mailbox.Attendee) {
		if *to == nil {
			*to = new(wsdl.AttendeesType)
		}
		(*to).Attendee = append((*to).Attendee, &wsdl.AttendeeType{
			Mailbox: emailAddress(mailbox.Person{Name: a.Name, Address: a.Address}),
		})
	}
	seen := map[string]bool{}
	ordered := slices.Clone(list)
	slices.SortStableFunc(ordered, func(a, b mailbox.Attendee) int {
		switch {
		case a.Required && !b.Required:
			return -1
		case b.Required && !a.Required:
			return 1
		}
		return 0
	})
	for _, a := range ordered {
		address := strings.ToLower(strings.TrimSpace(a.Address))
		if seen[address] {
			continue
		}
		seen[address] = true
		if a.Required {
			add(&required, a)
		} else {
			add(&optional, a)
		}
	}
	return required, optional
}

// checkAttendees refuses an attendee without an address: Exchange would look the
// name up and invite whom it finds.
func (m *Mailbox) checkAttendees(operation string, list []mailbox.Attendee) error {
	for _, a := range list {
		if !strings.Contains(a.Address, "@") {
			return m.invalid(operation, "the attendee %q has no SMTP address", mailbox.Person{Name: a.Name, Address: a.Address}.String())
		}
	}
	return nil
}

// checkTimes refuses times that make no event. loc is the event's zone, in which
// an all-day event has to begin and end with a day; id names it to the caller.
func (m *Mailbox) checkTimes(operation string, start, end time.Time, allDay bool, loc *time.Location, id string) error {
	switch {
	case start.IsZero():
		return m.invalid(operation, "the start is missing")
	case end.IsZero():
		return m.invalid(operation, "the end is missing")
	case end.Before(start):
		return m.invalid(operation, "the end, %s, is before the start, %s", end.Format(time.RFC3339), start.Format(time.RFC3339))
	case !allDay:
		return nil
	}
	if !start.Before(end) {
		return m.invalid(operation, "an all-day event ends at the start of the day after its last; its end is its start, %s", start.Format(time.RFC3339))
	}
	for _, t := range []struct {
		what string
		at   time.Time
	}{{"start", start}, {"end", end}} {
		if local := t.at.In(loc); !isStartOfDay(local) {
			return m.invalid(operation, "the %s of an all-day event is midnight in its time zone; %s is %s in %s",
				t.what, t.at.Format(time.RFC3339), local.Format("15:04"), id)
		}
	}
	return nil
}

// checkReminder refuses what is no number of minutes before the start.
func (m *Mailbox) checkReminder(operation string, minutes *int) error {
	if minutes != nil && (*minutes < 0 || *minutes > math.MaxInt32) {
		return m.invalid(operation, "the reminder, %d, is not a number of minutes before the start", *minutes)
	}
	return nil
}

// requestZone is the zone in which the server reads times that name none.
func (m *Mailbox) requestZone() *time.Location {
	if _, loc := knownZone(cmp.Or(m.zone, m.client.zone)); loc != nil {
		return loc
	}
	return time.UTC
}
