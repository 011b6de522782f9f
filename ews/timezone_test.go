package ews

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox/timezone"
	"github.com/exconn/exconn/wsdl"
)

func TestFindZone(t *testing.T) {
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct{ id, windows, clock string }{
		{"", "UTC", "08:00"},
		{"UTC", "UTC", "08:00"},
		{"Etc/UTC", "UTC", "08:00"},
		{"Europe/Berlin", "W. Europe Standard Time", "09:00"},
		{"europe/berlin", "W. Europe Standard Time", "09:00"},
		{"W. Europe Standard Time", "W. Europe Standard Time", "09:00"},
		{"w. europe standard time", "W. Europe Standard Time", "09:00"},
		{"Asia/Kolkata", "India Standard Time", "13:30"},
		{"Asia/Kathmandu", "Nepal Standard Time", "13:45"},
		{"Pacific/Auckland", "New Zealand Standard Time", "21:00"},
		{"America/St_Johns", "Newfoundland Standard Time", "04:30"},
		// Names that Windows has none for, but whose time it keeps.
		{"US/Pacific", "Pacific Standard Time", "00:00"},
		{"America/Montreal", "Eastern Standard Time", "03:00"},
		{"Asia/Tel_Aviv", "Israel Standard Time", "10:00"},
		{"Australia/LHI", "Lord Howe Standard Time", "19:00"},
	} {
		t.Run(c.id, func(t *testing.T) {
			z, err := findZone(c.id, at)
			if err != nil {
				t.Fatal(err)
			}
			if z.windows != c.windows || at.In(z.loc).Format("15:04") != c.clock {
				t.Errorf("got %q, %s; want %q, %s", z.windows, at.In(z.loc).Format("15:04"), c.windows, c.clock)
			}
		})
	}
}

func TestZonesThatExchangeHasNot(t *testing.T) {
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	var unknown *timezone.UnknownError
	if _, err := findZone("Europe/Atlantis", at); !errors.As(err, &unknown) {
		t.Errorf("Europe/Atlantis: %v", err)
	}
	if _, err := findZone("Local", at); !errors.As(err, &unknown) {
		t.Errorf("Local: %v", err)
	}
	// Two hours forward in summer: no zone of Windows does that.
	var foreign *ForeignZoneError
	if _, err := findZone("Antarctica/Troll", at); !errors.As(err, &foreign) || !strings.Contains(err.Error(), "Antarctica/Troll") {
		t.Errorf("Antarctica/Troll: %v", err)
	}
}

// TestNamedZonesKeepTheirTime: the zone that is read back of a name that was
// written keeps the time of the one that was meant.
func TestNamedZonesKeepTheirTime(t *testing.T) {
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	for _, name := range timezone.Names() {
		z, err := findZone(name, at)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		id, loc := readZone(&wsdl.CalendarItemType{StartTimeZone: z.definition()})
		if loc == nil || !keepSameTime(z.loc, loc, at, at.AddDate(1, 0, 0)) {
			t.Errorf("%s came back as %q", name, id)
		}
	}
}

func TestReadZone(t *testing.T) {
	start := func(id, name string) *wsdl.CalendarItemType {
		return &wsdl.CalendarItemType{StartTimeZone: &wsdl.TimeZoneDefinitionType{Id: wsdl.Ptr(wsdl.Text(id)), Name: wsdl.NewText(name)}}
	}
	for _, c := range []struct {
		name  string
		item  *wsdl.CalendarItemType
		want  string
		known bool
	}{
		{"a Windows name", start("W. Europe Standard Time", ""), "Europe/Berlin", true},
		{"in capitals", start("W. EUROPE STANDARD TIME", ""), "Europe/Berlin", true},
		{"UTC", start("UTC", ""), "UTC", true},
		{"UTC of another client", start("tzone://Microsoft/Utc", ""), "UTC", true},
		{"an IANA id", start("America/New_York", ""), "America/New_York", true},
		{"a name without an id", start("", "Tokyo Standard Time"), "Asia/Tokyo", true},
		{"customised", start("Customized Time Zone", "Customized Time Zone"), "Customized Time Zone", false},
		{"localised", start("Mitteleuropäische Zeit", "(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien"), "Mitteleuropäische Zeit", false},
		{"a display name", start("", "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"), "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", false},
		{"custom, but named elsewhere", &wsdl.CalendarItemType{
			StartTimeZone:   &wsdl.TimeZoneDefinitionType{Id: wsdl.NewText("tzone://Microsoft/Custom")},
			StartTimeZoneId: wsdl.NewText("Romance Standard Time"),
		}, "Europe/Paris", true},
		{"the old property alone", &wsdl.CalendarItemType{MeetingTimeZone: &wsdl.MeetingTimeZoneType{TimeZoneName: wsdl.NewText("Eastern Standard Time")}},
			"America/New_York", true},
		{"nothing", &wsdl.CalendarItemType{}, "", false},
		{"emptiness", start("", ""), "", false},
		{"a path", start("../../etc/passwd", ""), "../../etc/passwd", false},
		{"the server's own local time", start("Local", ""), "Local", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			name, loc := readZone(c.item)
			if name != c.want || (loc != nil) != c.known {
				t.Errorf("got %q, %v", name, loc)
			}
		})
	}
}

func TestWholeDay(t *testing.T) {
	for _, c := range []struct{ name, zone, request, given, want string }{
		{"midnight in the event's zone", "Pacific/Auckland", "UTC", "2026-12-24T11:00:00Z", "2026-12-25T00:00:00+13:00"},
		{"midnight in the event's zone, west", "America/New_York", "UTC", "2026-12-25T05:00:00Z", "2026-12-25T00:00:00-05:00"},
		{"the day in UTC", "Pacific/Auckland", "UTC", "2026-12-25T00:00:00Z", "2026-12-25T00:00:00+13:00"},
		{"the day in UTC, west", "America/New_York", "UTC", "2026-12-25T00:00:00Z", "2026-12-25T00:00:00-05:00"},
		{"the day in the request's zone", "Asia/Tokyo", "Europe/Berlin", "2026-12-24T23:00:00Z", "2026-12-25T00:00:00+09:00"},
		{"no midnight at all", "Europe/Berlin", "UTC", "2026-12-25T03:30:00Z", "2026-12-25T04:30:00+01:00"},
		{"a day that begins at one", "America/Santiago", "UTC", "2026-09-06T00:00:00Z", "2026-09-06T01:00:00-03:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			given, err := time.Parse(time.RFC3339, c.given)
			if err != nil {
				t.Fatal(err)
			}
			got := wholeDay(given, location(t, c.zone), location(t, c.request))
			if got.Format(time.RFC3339) != c.want {
				t.Errorf("got %s, want %s", got.Format(time.RFC3339), c.want)
			}
		})
	}
}

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// TestStartOfDay: in every zone and on every day, the first moment of a date is
// of that date, and the moment before it is not.
func TestStartOfDay(t *testing.T) {
	for _, name := range timezone.Names() {
		loc, err := timezone.Location(name)
		if err != nil {
			t.Fatal(err)
		}
		for day := 1; day <= 365; day++ {
			start := startOfDay(2026, time.January, day, loc)
			want := time.Date(2026, time.January, day, 12, 0, 0, 0, time.UTC).Format(time.DateOnly)
			if start.Format(time.DateOnly) != want || start.Add(-time.Second).In(loc).Format(time.DateOnly) >= want {
				t.Errorf("%s: %s begins at %s", name, want, start)
			}
			if !isStartOfDay(start) || isStartOfDay(start.Add(time.Second)) {
				t.Errorf("%s: isStartOfDay is wrong about %s", name, start)
			}
		}
	}
}
