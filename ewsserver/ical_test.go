package ewsserver

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// Every pattern that Exchange has comes back from iCalendar as it went in.
func TestRecurrencesThroughICalendar(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	z := icalZone{"W. Europe Standard Time", berlin}
	start := time.Date(2027, 3, 1, 9, 0, 0, 0, berlin)
	for _, rule := range []string{
		"FREQ=DAILY;INTERVAL=3;COUNT=5",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=MO;COUNT=10",
		"FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=3",
		"FREQ=MONTHLY;INTERVAL=1;BYDAY=-1FR;UNTIL=20271231T080000Z",
		"FREQ=MONTHLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2",
		"FREQ=YEARLY;INTERVAL=1;BYMONTHDAY=3;BYMONTH=5",
		"FREQ=YEARLY;INTERVAL=1;BYDAY=2TU;BYMONTH=9;COUNT=3",
	} {
		r, ok := recurrenceOf(rule, start)
		if !ok {
			t.Errorf("%s is refused", rule)
			continue
		}
		if got := recurrenceRule(&wsdl.CalendarItemType{Start: wsdl.FormatTime(start), Recurrence: r}, z); got != rule {
			t.Errorf("%s comes back as %s", rule, got)
		}
	}
	for _, rule := range []string{"", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=9", "FREQ=MONTHLY;BYDAY=1MO,2TU", "FREQ=MONTHLY;BYDAY=7MO", "FREQ=WEEKLY;BYDAY=X"} {
		if _, ok := recurrenceOf(rule, start); ok {
			t.Errorf("%q is accepted", rule)
		}
	}
}

func given(lines ...string) *wsdl.CalendarItemType {
	content := strings.Join(append(append([]string{"BEGIN:VCALENDAR", "VERSION:2.0"}, lines...), "END:VCALENDAR", ""), "\r\n")
	return &wsdl.CalendarItemType{MimeContent: &wsdl.MimeContentType{
		Value: wsdl.Ptr(wsdl.Base64Text(base64.StdEncoding.EncodeToString([]byte(content))))}}
}

func TestEventFromICalendar(t *testing.T) {
	t.Parallel()
	e, changes, err := takeICalendar(given("BEGIN:VEVENT", "UID:u1", `SUMMARY:Größe\, und`, " mehr", "DTSTART;TZID=Europe/Berlin:20270301T090000",
		"DURATION:PT1H30M", "CLASS:PRIVATE", "PRIORITY:1", "RRULE:FREQ=DAILY;COUNT=5", "EXDATE;TZID=Europe/Berlin:20270302T090000",
		"ORGANIZER:mailto:anna@contoso.example", "ATTENDEE:mailto:ANNA@contoso.example", `ATTENDEE;CN="Castillo: Ben";ROLE=OPT-PARTICIPANT:MAILTO:ben@contoso.example`,
		"BEGIN:VALARM", "TRIGGER:-PT30M", "END:VALARM", "END:VEVENT",
		"BEGIN:VEVENT", "UID:u1", "RECURRENCE-ID:20270303T080000Z", "DTSTART:20270303T120000Z", "DTEND:20270303T130000Z", "END:VEVENT"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if wsdl.Str(e.Subject) != "Größe, undmehr" || wsdl.Str(e.StartTimeZone.Id) != "W. Europe Standard Time" ||
		wsdl.Str(e.Start) != "2027-03-01T08:00:00Z" || wsdl.Str(e.End) != "2027-03-01T09:30:00Z" {
		t.Errorf("subject %s, zone %s, from %s to %s", wsdl.Str(e.Subject), wsdl.Str(e.StartTimeZone.Id), wsdl.Str(e.Start), wsdl.Str(e.End))
	}
	if wsdl.Val(e.Sensitivity) != wsdl.SensitivityNamePrivate || wsdl.Val(e.Importance) != wsdl.ImportanceNameHigh || wsdl.Val(e.ReminderMinutesBeforeStart) != 30 {
		t.Errorf("status %+v", e)
	}
	if e.RequiredAttendees != nil || e.OptionalAttendees == nil || wsdl.Str(e.OptionalAttendees.Attendee[0].Mailbox.Name) != "Castillo: Ben" {
		t.Errorf("attendees %+v, %+v", e.RequiredAttendees, e.OptionalAttendees)
	}
	if len(changes) != 2 || changes[0].event != nil || !changes[1].original.Equal(time.Date(2027, 3, 3, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("changes %+v", changes)
	}
	for name, bad := range map[string]*wsdl.CalendarItemType{
		"no event": given("X:y"), "no start": given("BEGIN:VEVENT", "UID:u", "END:VEVENT"),
		"no end of the object": given("BEGIN:VEVENT"), "no recurrence": given("BEGIN:VEVENT", "DTSTART:20270301T090000Z", "RRULE:FREQ=HOURLY", "END:VEVENT"),
	} {
		if _, _, err := takeICalendar(bad, nil); !hasCode(err, ErrorMimeContentInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLongLinesAreFolded(t *testing.T) {
	t.Parallel()
	w := new(icalendar)
	w.line("SUMMARY", strings.Repeat("ä", 100))
	for line := range strings.SplitSeq(w.b.String(), "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\ufffd") {
			t.Errorf("%d octets: %s", len(line), line)
		}
	}
	if c := readICalendar("BEGIN:VEVENT\r\n" + w.b.String() + "END:VEVENT\r\n"); c == nil || c.get("SUMMARY").value != strings.Repeat("ä", 100) {
		t.Error("the line does not come back")
	}
}

func FuzzICalendar(f *testing.F) {
	f.Add("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20270301T090000Z\r\nRRULE:FREQ=DAILY;COUNT=5\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
	f.Add("BEGIN:VEVENT\nATTENDEE;CN=\"a;b:c\":mailto:x@y\n z\nEND:VEVENT\n")
	f.Fuzz(func(t *testing.T, content string) {
		item := &wsdl.CalendarItemType{MimeContent: &wsdl.MimeContentType{Value: wsdl.Ptr(wsdl.Base64Text(base64.StdEncoding.EncodeToString([]byte(content))))}}
		e, _, err := takeICalendar(item, nil)
		if err == nil && (e.Start == nil || e.End == nil) {
			t.Error("an event without times was accepted")
		}
	})
}
