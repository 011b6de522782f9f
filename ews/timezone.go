package ews

import (
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox/timezone"
	"github.com/exconn/exconn/wsdl"
)

// Exchange knows a time zone by its Windows name, and takes the name alone for
// StartTimeZone, EndTimeZone and TimeZoneContext ([MS-OXWSGTZ]: the
// rules beside it are optional, and Exchange's own client sends them to
// Exchange 2007 alone). Naming it rather than spelling it out also lets the
// server's rules hold when a country changes them, and lets Outlook show it.
//
// What comes back is less orderly: names of a local Windows, names that people
// made up, ids of other software, nothing at all. None of that makes an event
// unreadable, since its times are in UTC.

// zone is the time zone of an event.
type zone struct {
	// windows is the name for Exchange.
	windows string
	loc     *time.Location
}

// findZone looks up an IANA or Windows id; "" is UTC. at is a time of the event:
// an IANA id without a Windows name of its own ("US/Pacific",
// "America/Montreal") is given that of a zone which keeps the same time in the
// years around it.
func findZone(id string, at time.Time) (zone, error) {
	if strings.TrimSpace(id) == "" {
		id = "UTC"
	}
	loc, err := timezone.Location(id)
	name, named := timezone.Windows(id)
	if err != nil && named {
		// An IANA id in other capitals than its own.
		loc, err = timezone.Location(name)
	}
	if err != nil {
		return zone{}, err
	}
	if named {
		return zone{name, loc}, nil
	}
	if name, ok := sameTime(loc, at); ok {
		return zone{name, loc}, nil
	}
	return zone{}, &ForeignZoneError{ID: id}
}

// ForeignZoneError is a time zone whose rules no time zone of Windows, and so
// none of Exchange, has.
type ForeignZoneError struct{ ID string }

func (e *ForeignZoneError) Error() string {
	return "Exchange has no time zone that keeps the time of " + e.ID + ": give the event's times in another zone, such as UTC"
}

// definition names the zone for a StartTimeZone, EndTimeZone or TimeZoneContext.
func (z zone) definition() *wsdl.TimeZoneDefinitionType {
	return &wsdl.TimeZoneDefinitionType{Id: wsdl.NewText(z.windows)}
}

// The years before and after an event over which two zones are compared.
const (
	yearsBefore = 1
	yearsAfter  = 10
)

// sameTime finds the Windows zone that keeps the same time as loc.
func sameTime(loc *time.Location, at time.Time) (string, bool) {
	from, to := at.AddDate(-yearsBefore, 0, 0), at.AddDate(yearsAfter, 0, 0)
	for _, name := range timezone.Names() {
		// Zones without a country are for those who ask for them.
		if strings.HasPrefix(name, "UTC") {
			continue
		}
		if other, err := timezone.Location(name); err == nil && keepSameTime(loc, other, from, to) {
			return name, true
		}
	}
	return "", false
}

// keepSameTime tells whether two zones have one offset from UTC all the time.
func keepSameTime(a, b *time.Location, from, to time.Time) bool {
	for t := from; t.Before(to); {
		_, offsetA := t.In(a).Zone()
		_, offsetB := t.In(b).Zone()
		if offsetA != offsetB {
			return false
		}
		next := to
		for _, loc := range []*time.Location{a, b} {
			if _, end := t.In(loc).ZoneBounds(); !end.IsZero() && end.Before(next) {
				next = end
			}
		}
		// On the last day of a leap year package time may name a bound that
		// has passed (Go 1.26).
		if !next.After(t) {
			next = t.AddDate(0, 0, 1)
		}
		t = next
	}
	return true
}

// readZone finds the zone of an event that the server sent: its name as a caller
// sees it, an IANA id or else the server's own text, and its location, nil where
// the name says nothing.
func readZone(e *wsdl.CalendarItemType) (string, *time.Location) {
	var candidates []string
	if z := e.StartTimeZone; z != nil {
		candidates = append(candidates, wsdl.Str(z.Id), wsdl.Str(z.Name))
	}
	candidates = append(candidates, wsdl.Str(e.StartTimeZoneId))
	if z := e.MeetingTimeZone; z != nil {
		candidates = append(candidates, wsdl.Str(z.TimeZoneName))
	}
	candidates = append(candidates, wsdl.Str(e.TimeZone))

	text := ""
	for _, candidate := range candidates {
		candidate = strings.TrimSpace(candidate)
		if name, loc := knownZone(candidate); loc != nil {
			return name, loc
		}
		if text == "" {
			text = candidate
		}
	}
	return text, nil
}

// utcNames are ways to write UTC that are neither Windows's nor IANA's.
var utcNames = []string{
	"tzone://Microsoft/Utc", "(UTC) Coordinated Universal Time", "Coordinated Universal Time",
}

// knownZone loads a zone by the name that a server gave, with "UTC" for all the
// names of that.
func knownZone(name string) (string, *time.Location) {
	for _, utc := range utcNames {
		if strings.EqualFold(name, utc) {
			return "UTC", time.UTC
		}
	}
	id, ok := timezone.IANA(name)
	if !ok {
		return "", nil
	}
	if id == "Etc/UTC" {
		return "UTC", time.UTC
	}
	loc, err := time.LoadLocation(id)
	if err != nil {
		return "", nil
	}
	return id, loc
}

// startOfDay returns the first moment of a date in loc, which is not midnight
// where the clocks go forward over it.
func startOfDay(year int, month time.Month, day int, loc *time.Location) time.Time {
	t := time.Date(year, month, day, 0, 0, 0, 0, loc)
	// In such a gap Go may answer with the evening before.
	if noon := time.Date(year, month, day, 12, 0, 0, 0, loc); t.Day() != noon.Day() {
		if _, end := t.ZoneBounds(); !end.IsZero() {
			return end.In(loc)
		}
	}
	return t
}

// isStartOfDay tells whether an all-day event may start or end at t.
func isStartOfDay(t time.Time) bool {
	year, month, day := t.Date()
	return t.Equal(startOfDay(year, month, day, t.Location()))
}

// wholeDay puts a time of an all-day event where it belongs, at the start of a
// day in loc. Exchange gives the days of such an event in the zone of the event
// or in that of the request, depending on version and on who made it, and the
// latter is UTC or named by Options.TimeZone. A time that starts no day in
// either is left alone.
func wholeDay(t time.Time, loc, request *time.Location) time.Time {
	if local := t.In(loc); isStartOfDay(local) {
		return local
	}
	if there := t.In(request); isStartOfDay(there) {
		year, month, day := there.Date()
		return startOfDay(year, month, day, loc)
	}
	return t.In(loc)
}

// inZone returns the mailbox with requests that are made in a zone: Exchange
// rounds all-day events to the days of the request's zone, and takes the rest of
// an event's times in it. A zone without a Windows name changes nothing.
func (m *Mailbox) inZone(z zone) *Mailbox {
	if z.windows == "" {
		return m
	}
	there := *m
	there.zone = z.windows
	return &there
}
