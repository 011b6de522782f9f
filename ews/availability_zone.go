package ews

import (
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/mailbox/timezone"
	"github.com/exconn/exconn/wsdl"
)

// GetUserAvailability has a language of its own for time zones, the
// SerializableTimeZone ([MS-OXWAVLS] 3.1.4.1.3.19): biases in minutes, positive
// in the west, and the days on which they change.

// fixedZone writes a zone that has one offset. The changes must be there, and
// change nothing.
func fixedZone(loc *time.Location) *wsdl.TimeZone {
	_, offset := time.Time{}.In(loc).Zone()
	never := func() *wsdl.ZoneTimeType {
		return &wsdl.ZoneTimeType{
			Bias: number(0), Time: wsdl.NewText("00:00:00"), DayOrder: number(0), Month: number(0), DayOfWeek: wsdl.NewText("Sunday"),
		}
	}
	return &wsdl.TimeZone{Bias: number(-offset / 60), StandardTime: never(), DaylightTime: never()}
}

// readWorkingHours reads when somebody works; nil where the server does not
// tell. likely is the zone of the query, and at a time of it.
func readWorkingHours(w *wsdl.WorkingHours, likely *time.Location, at time.Time) *mailbox.WorkingHours {
	if w == nil || w.WorkingPeriodArray == nil {
		return nil
	}
	hours := &mailbox.WorkingHours{Zone: readFlatZone(w.TimeZone)}
	if hours.Zone != nil {
		hours.TimeZone = nameOfZone(hours.Zone, likely, at)
	}
	for _, p := range w.WorkingPeriodArray.WorkingPeriod {
		hours.Periods = append(hours.Periods, mailbox.WorkingPeriod{
			Days:  strings.Fields(wsdl.Str(p.DayOfWeek)),
			Start: int(wsdl.Val(p.StartTimeInMinutes)), End: int(wsdl.Val(p.EndTimeInMinutes)),
		})
	}
	return hours
}

// readFlatZone reads a SerializableTimeZone; nil where it says nothing that can
// be used.
func readFlatZone(z *wsdl.ZoneType) *time.Location {
	if z == nil || z.Bias == nil {
		return nil
	}
	bias := time.Duration(*z.Bias) * time.Minute
	if z.StandardTime == nil || z.DaylightTime == nil || wsdl.Val(z.StandardTime.Month) == 0 || wsdl.Val(z.DaylightTime.Month) == 0 {
		return time.FixedZone("", -int(bias/time.Second))
	}
	standard, ok := readZoneChange(bias, z.StandardTime)
	daylight, ok2 := readZoneChange(bias, z.DaylightTime)
	if !ok || !ok2 {
		return nil
	}
	loc, err := timezone.Yearly("", standard, daylight)
	if err != nil {
		return nil
	}
	return loc
}

func readZoneChange(bias time.Duration, c *wsdl.ZoneTimeType) (timezone.Change, bool) {
	clock, err := time.Parse(time.TimeOnly, strings.TrimSpace(wsdl.Str(c.Time)))
	weekday, known := weekdayOf(wsdl.Str(c.DayOfWeek))
	// With a year, it is one date rather than a rule.
	if err != nil || !known || wsdl.Str(c.Year) != "" {
		return timezone.Change{}, false
	}
	return timezone.Change{
		Offset: -(bias + time.Duration(wsdl.Val(c.Bias))*time.Minute),
		Month:  time.Month(wsdl.Val(c.Month)), Week: int(wsdl.Val(c.DayOrder)), Weekday: weekday,
		At: timeOfDay(clock),
	}, true
}

func weekdayOf(name string) (time.Weekday, bool) {
	for _, w := range weekdays {
		if string(w.name) == strings.TrimSpace(name) {
			return w.day, true
		}
	}
	return 0, false
}

// nameOfZone finds an IANA id that keeps the same time as loc, the likely one
// where it does; or "".
func nameOfZone(loc, likely *time.Location, at time.Time) string {
	for _, known := range []*time.Location{likely, time.UTC} {
		if keepSameTime(loc, known, at.AddDate(-yearsBefore, 0, 0), at.AddDate(yearsAfter, 0, 0)) {
			return known.String()
		}
	}
	windows, ok := sameTime(loc, at)
	if !ok {
		return ""
	}
	id, _ := timezone.IANA(windows)
	return id
}
