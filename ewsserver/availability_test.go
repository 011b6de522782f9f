package ewsserver_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// scheduling is a backend that knows when people are free.
type scheduling struct {
	*fake
	from, to time.Time
}

func (s *scheduling) Open(ctx context.Context, c ewsserver.Caller) (ewsserver.Session, error) {
	return s, nil
}

func (s *scheduling) Schedule(_ context.Context, address string, from, to time.Time) (ewsserver.Schedule, error) {
	s.from, s.to = from, to
	out := ewsserver.Schedule{View: wsdl.FreeBusyViewNameDetailed}
	switch address {
	case "closed@contoso.example":
		return out, &ewsserver.Error{Code: ewsserver.ErrorNoFreeBusyAccess}
	case "silent@contoso.example":
		out.View = wsdl.FreeBusyViewNameNone
		return out, nil
	case "coarse@contoso.example":
		out.View = wsdl.FreeBusyViewNameFreeBusy
	}
	for _, b := range []struct {
		from, to int
		status   wsdl.FreeBusyName
	}{{9, 10, wsdl.FreeBusyNameBusy}, {9, 11, wsdl.FreeBusyNameTentative}, {11, 12, wsdl.FreeBusyNameOOF}, {12, 13, wsdl.FreeBusyNameWorkingElsewhere}} {
		day := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
		out.Blocks = append(out.Blocks, ewsserver.Block{Start: day.Add(time.Duration(b.from) * time.Hour), End: day.Add(time.Duration(b.to) * time.Hour),
			Status: b.status, Details: &wsdl.CalendarEventDetailsType{Subject: wsdl.Ptr(wsdl.Text("Secret")), IsMeeting: wsdl.Ptr(wsdl.Bool(false)),
				IsRecurring: wsdl.Ptr(wsdl.Bool(false)), IsException: wsdl.Ptr(wsdl.Bool(false)), IsReminderSet: wsdl.Ptr(wsdl.Bool(false)), IsPrivate: wsdl.Ptr(wsdl.Bool(false))}})
	}
	return out, nil
}

// berlin is a zone as GetUserAvailability describes it.
const berlin = `<t:TimeZone><t:Bias>-60</t:Bias>` +
	`<t:StandardTime><t:Bias>0</t:Bias><t:Time>03:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>10</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime>` +
	`<t:DaylightTime><t:Bias>-60</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone>`

func availabilityOf(zone, address, options string) string {
	return `<m:GetUserAvailabilityRequest>` + zone + `<m:MailboxDataArray><t:MailboxData><t:Email><t:Address>` + address + `</t:Address></t:Email>` +
		`<t:AttendeeType>Required</t:AttendeeType></t:MailboxData></m:MailboxDataArray>` + options + `</m:GetUserAvailabilityRequest>`
}

func viewOf(from, to, interval, view string) string {
	return `<t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>` + from + `</t:StartTime><t:EndTime>` + to + `</t:EndTime></t:TimeWindow>` +
		`<t:MergedFreeBusyIntervalInMinutes>` + interval + `</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>` + view + `</t:RequestedView></t:FreeBusyViewOptions>`
}

// TestAvailabilityHonoursTheZone: times are read and told in the zone of the
// request, in its summer and by its rules.
func TestAvailabilityHonoursTheZone(t *testing.T) {
	s := &scheduling{fake: newFake()}
	call(t, s, availabilityOf(berlin, "ben@contoso.example", viewOf("2026-07-01T10:00:00", "2026-07-01T16:00:00", "60", "DetailedMerged"))).
		has(t, `>021340<`, `2026-07-01T11:00:00<`, `2026-07-01T12:00:00<`, `Secret`, `DetailedMerged`)
	if want := time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC); !s.from.Equal(want) {
		t.Errorf("asked for from %s", s.from)
	}
	call(t, s, availabilityOf(berlin, "ben@contoso.example", viewOf("2026-12-01T10:00:00", "2026-12-01T16:00:00", "60", "MergedOnly")))
	if want := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC); !s.from.Equal(want) {
		t.Errorf("in winter asked for from %s", s.from)
	}
}

// TestAvailabilityViews: no more is told than was asked for and is permitted.
func TestAvailabilityViews(t *testing.T) {
	window := func(view string) string { return viewOf("2026-07-01T00:00:00", "2026-07-02T00:00:00", "60", view) }
	for _, c := range []struct {
		address, view, told string
		merged, events, why bool
	}{
		{"ben", "MergedOnly", "MergedOnly", true, false, false},
		{"ben", "FreeBusy", "FreeBusy", false, true, false},
		{"ben", "FreeBusyMerged", "FreeBusyMerged", true, true, false},
		{"ben", "Detailed", "Detailed", false, true, true},
		{"ben", "DetailedMerged", "DetailedMerged", true, true, true},
		{"coarse", "Detailed", "FreeBusy", false, true, false},
		{"coarse", "DetailedMerged", "FreeBusyMerged", true, true, false},
		{"silent", "DetailedMerged", "None", false, false, false},
	} {
		t.Run(c.address+" "+c.view, func(t *testing.T) {
			got := call(t, &scheduling{fake: newFake()}, availabilityOf(berlin, c.address+"@contoso.example", window(c.view))).has(t, ">"+c.told+"<")
			for text, expected := range map[string]bool{"MergedFreeBusy": c.merged, "CalendarEventArray": c.events, "Secret": c.why} {
				if expected {
					got.has(t, text)
				} else {
					got.lacks(t, text)
				}
			}
		})
	}
	call(t, &scheduling{fake: newFake()}, availabilityOf(berlin, "closed@contoso.example", window("Detailed"))).has(t, "ErrorNoFreeBusyAccess")
}

func TestAvailabilityRefusals(t *testing.T) {
	good := viewOf("2026-07-01T00:00:00", "2026-07-02T00:00:00", "60", "Detailed")
	for name, c := range map[string]struct{ body, code string }{
		"no zone":          {availabilityOf("", "ben@contoso.example", good), "ErrorSchemaValidation"},
		"a broken zone":    {availabilityOf(strings.Replace(berlin, "02:00:00", "noon", 1), "ben@contoso.example", good), "ErrorTimeZone"},
		"no options":       {availabilityOf(berlin, "ben@contoso.example", ""), "ErrorInvalidFreeBusyViewType"},
		"no such view":     {availabilityOf(berlin, "ben@contoso.example", viewOf("2026-07-01T00:00:00", "2026-07-02T00:00:00", "60", "None")), "ErrorInvalidFreeBusyViewType"},
		"backwards":        {availabilityOf(berlin, "ben@contoso.example", viewOf("2026-07-02T00:00:00", "2026-07-01T00:00:00", "60", "Detailed")), "ErrorInvalidTimeInterval"},
		"too long":         {availabilityOf(berlin, "ben@contoso.example", viewOf("2026-07-01T00:00:00", "2026-10-01T00:00:00", "60", "Detailed")), "ErrorTimeIntervalTooBig"},
		"a short interval": {availabilityOf(berlin, "ben@contoso.example", viewOf("2026-07-01T00:00:00", "2026-07-02T00:00:00", "4", "Detailed")), "ErrorInvalidMergedFreeBusyInterval"},
	} {
		t.Run(name, func(t *testing.T) { call(t, &scheduling{fake: newFake()}, c.body).wantFault(t, c.code) })
	}
	// A backend without the ability.
	call(t, newFake(), availabilityOf(berlin, "ben@contoso.example", good)).wantFault(t, "ErrorInvalidOperation")
	call(t, newFake(), `<m:GetRoomLists/>`).wantFault(t, "ErrorInvalidOperation")
	call(t, newFake(), `<m:GetUserOofSettingsRequest><t:Mailbox><t:Address>a@contoso.example</t:Address></t:Mailbox></m:GetUserOofSettingsRequest>`).wantFault(t, "ErrorInvalidOperation")
}

// Managed API clients of Exchange 2010 and later name the zone in the header.
func TestAvailabilityInTheZoneOfTheHeader(t *testing.T) {
	t.Parallel()
	ask := availabilityOf("", "anna@contoso.example", viewOf("2026-07-01T00:00:00", "2026-07-02T00:00:00", "30", "FreeBusy"))
	callWith(t, &scheduling{fake: newFake()}, nil, `<t:TimeZoneContext><t:TimeZoneDefinition Id="W. Europe Standard Time"/></t:TimeZoneContext>`, ask).
		has(t, "<StartTime>2026-07-01T11:00:00</StartTime>")
	call(t, &scheduling{fake: newFake()}, ask).wantFault(t, "ErrorSchemaValidation")
}
