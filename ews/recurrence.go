package ews

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// A recurrence is written in two languages: the RRULE of RFC 5545, 3.3.10,
// which the callers of this package use, and Exchange's RecurrenceType
// ([MS-OXWSCDATA]), one pattern and one range. Exchange can say less.
// What both can say goes back and forth without loss; the rest is refused
// rather than bent into something near it.
//
// The two differ in one habit that is easily missed. "Each month on the 31st"
// passes over the short months in an RRULE, and falls on their last day in
// Exchange ([MS-OXOCAL], 2.2.1.44.1). So BYMONTHDAY=29, 30 or 31 has no
// equivalent there; what Exchange means by it is written
// BYMONTHDAY=28,29,30,31;BYSETPOS=-1.

// RecurrenceError is an RRULE that Exchange cannot be told. It Is
// mailbox.ErrInvalid.
type RecurrenceError struct {
	Rule string // as it was given
	Part string // the part at fault, such as "BYHOUR=9"
	Text string // why, and what is allowed
}

func (e *RecurrenceError) Error() string {
	if e.Part == "" {
		return fmt.Sprintf("recurrence %q: %s", e.Rule, e.Text)
	}
	return fmt.Sprintf("recurrence %q: %s: %s", e.Rule, e.Part, e.Text)
}

// Is tells that this is the caller's to mend.
func (e *RecurrenceError) Is(target error) bool { return target == mailbox.ErrInvalid }

// Hint shows what a rule looks like.
func (e *RecurrenceError) Hint() string {
	return "write it as in RFC 5545, such as FREQ=WEEKLY;BYDAY=MO;COUNT=10 or FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231"
}

// ParseRecurrence turns an RRULE, with or without the "RRULE:" before it, into
// what Exchange understands. start is the start of the first occurrence, in the
// time zone of the event: what the rule leaves out (the weekday, the day of the
// month) follows from it, UNTIL is read in its zone, and it has to be a date of
// the rule itself, because RFC 5545 leaves open what happens otherwise and
// Exchange would move the event. The error is a *RecurrenceError.
func ParseRecurrence(rrule string, start time.Time) (*wsdl.RecurrenceType, error) {
	r, err := parseRule(rrule)
	if err != nil {
		return nil, err
	}
	out := new(wsdl.RecurrenceType)
	switch r.freq {
	case "DAILY":
		err = r.daily(out)
	case "WEEKLY":
		err = r.weekly(out, start)
	case "MONTHLY":
		err = r.monthly(out, start)
	case "YEARLY":
		err = r.yearly(out, start)
	default:
		err = r.fault("FREQ", "Exchange repeats by days, weeks, months or years: DAILY, WEEKLY, MONTHLY or YEARLY")
	}
	if err != nil {
		return nil, err
	}
	if err := r.setRange(out, start); err != nil {
		return nil, err
	}
	if !occursOn(out, start) {
		text := "the start, " + start.Format("Monday 2006-01-02") + ", is not one of its dates"
		if first, ok := firstOn(out, start); ok {
			text += "; the next one is " + first.Format("Monday 2006-01-02")
		}
		return nil, r.fault("", text+": give the first occurrence as the start")
	}
	return out, nil
}

// FormatRecurrence turns Exchange's recurrence into an RRULE without the
// "RRULE:" before it. start is the start of the event in its time zone; allDay
// makes UNTIL a date rather than a point in time. A recurrence without a pattern,
// or with one that RFC 5545 cannot say, is an error.
func FormatRecurrence(recurrence *wsdl.RecurrenceType, start time.Time, allDay bool) (string, error) {
	r, err := readPattern(recurrence)
	if err != nil {
		return "", err
	}
	if n := recurrence.NumberedRecurrence; n != nil {
		r.count = int(wsdl.Val(n.NumberOfOccurrences))
	}
	if e := recurrence.EndDateRecurrence; e != nil {
		end, ok := wsdl.ParseDate(e.EndDate, start.Location())
		if !ok {
			return "", fmt.Errorf("the recurrence's end date %q is no date", wsdl.Str(e.EndDate))
		}
		r.until = formatUntil(end, start, allDay)
	}
	return r.String(), nil
}

// lastYear is the last year of which Exchange has all days ([MS-OXOCAL],
// 2.2.1.44.1, EndDate).
const lastYear = 4499

// setRange sets how long the recurrence goes on.
func (r *rule) setRange(out *wsdl.RecurrenceType, start time.Time) error {
	first := wsdl.FormatDate(start)
	switch {
	case r.count > 0 && r.until != "":
		return r.fault("UNTIL", "a rule has COUNT or UNTIL, not both")
	case r.count > 0:
		out.NumberedRecurrence = &wsdl.NumberedRange{StartDate: first, NumberOfOccurrences: wsdl.Ptr(wsdl.Int32(r.count))}
	case r.until != "":
		end, ok := parseUntil(r.until, start)
		if !ok {
			return r.fault("UNTIL", "neither a date (20261231) nor a point in time (20261231T080000Z)")
		}
		if end.Year() > lastYear {
			return r.fault("UNTIL", "Exchange's calendar ends in "+strconv.Itoa(lastYear)+"; a rule without UNTIL goes on for ever")
		}
		if dayNumber(end) < dayNumber(start) {
			return r.fault("UNTIL", "before the first occurrence, on "+start.Format(time.DateOnly))
		}
		out.EndDateRecurrence = &wsdl.EndDateRange{StartDate: first, EndDate: wsdl.FormatDate(end)}
	default:
		out.NoEndRecurrence = &wsdl.NoEndRange{StartDate: first}
	}
	return nil
}

// parseUntil returns the last date on which an occurrence may start. UNTIL is a
// point in time, where an occurrence that starts at it still counts; Exchange
// knows the date alone.
func parseUntil(text string, start time.Time) (time.Time, bool) {
	loc := start.Location()
	if day, err := time.ParseInLocation("20060102", text, loc); err == nil {
		return day, true
	}
	var until time.Time
	var err error
	if utc, ok := strings.CutSuffix(text, "Z"); ok {
		until, err = time.Parse("20060102T150405", utc)
	} else {
		until, err = time.ParseInLocation("20060102T150405", text, loc)
	}
	if err != nil {
		return time.Time{}, false
	}
	until = until.In(loc)
	if timeOfDay(until) < timeOfDay(start) {
		return until.AddDate(0, 0, -1), true
	}
	return until, true
}

// formatUntil is the way back: the start of an occurrence on the last date, in
// UTC as RFC 5545 wants it of events in a time zone.
func formatUntil(end, start time.Time, allDay bool) string {
	if allDay {
		return end.Format("20060102")
	}
	hour, minute, second := start.Clock()
	until := time.Date(end.Year(), end.Month(), end.Day(), hour, minute, second, 0, start.Location())
	if timeOfDay(until) != timeOfDay(start) {
		// The clocks go forward over that very hour; any later time of the day
		// says the same.
		until = time.Date(end.Year(), end.Month(), end.Day(), 23, 59, 59, 0, start.Location())
	}
	return until.UTC().Format("20060102T150405Z")
}

func timeOfDay(t time.Time) time.Duration {
	hour, minute, second := t.Clock()
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
}

// dayNumber counts days, for comparing dates whatever the time of day.
func dayNumber(t time.Time) int {
	year, month, day := t.Date()
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// weekdays are the days of a week as Exchange and RFC 5545 write them, Monday
// first.
var weekdays = []struct {
	day  time.Weekday
	name wsdl.DayName
	code string
}{
	{time.Monday, wsdl.DayNameMonday, "MO"},
	{time.Tuesday, wsdl.DayNameTuesday, "TU"},
	{time.Wednesday, wsdl.DayNameWednesday, "WE"},
	{time.Thursday, wsdl.DayNameThursday, "TH"},
	{time.Friday, wsdl.DayNameFriday, "FR"},
	{time.Saturday, wsdl.DayNameSaturday, "SA"},
	{time.Sunday, wsdl.DayNameSunday, "SU"},
}

// dayGroups are Exchange's names for several days at once.
var dayGroups = []struct {
	name wsdl.DayName
	days []time.Weekday
}{
	{wsdl.DayNameDay, []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}},
	{wsdl.DayNameWeekday, []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}},
	{wsdl.DayNameWeekendDay, []time.Weekday{time.Saturday, time.Sunday}},
}

// dayIndexes are the places in a month that Exchange knows.
var dayIndexes = []struct {
	n    int
	name wsdl.DayIndexName
}{
	{1, wsdl.DayIndexNameFirst},
	{2, wsdl.DayIndexNameSecond},
	{3, wsdl.DayIndexNameThird},
	{4, wsdl.DayIndexNameFourth},
	{-1, wsdl.DayIndexNameLast},
}

// namedDays returns the weekdays, Monday first, that an element such as
// "Monday Friday" or "Weekday" holds.
func namedDays(text string) ([]time.Weekday, error) {
	var set [7]bool
	for _, word := range strings.Fields(text) {
		name, known := wsdl.DayName(word), false
		for _, w := range weekdays {
			if w.name == name {
				set[w.day], known = true, true
			}
		}
		for _, g := range dayGroups {
			if g.name == name {
				known = true
				for _, day := range g.days {
					set[day] = true
				}
			}
		}
		if !known {
			return nil, fmt.Errorf("the recurrence names the day %q", word)
		}
	}
	days := inOrder(set)
	if len(days) == 0 {
		return nil, fmt.Errorf("the recurrence names no day of the week")
	}
	return days, nil
}

// inOrder lists a set of weekdays, Monday first.
func inOrder(set [7]bool) []time.Weekday {
	var days []time.Weekday
	for _, w := range weekdays {
		if set[w.day] {
			days = append(days, w.day)
		}
	}
	return days
}

// nameOfDays returns Exchange's one word for a set of weekdays, where it has
// one.
func nameOfDays(days []time.Weekday) (wsdl.DayName, bool) {
	for _, g := range dayGroups {
		if slices.Equal(g.days, days) {
			return g.name, true
		}
	}
	if len(days) == 1 {
		return nameOfDay(days[0]), true
	}
	return "", false
}

func nameOfDay(day time.Weekday) wsdl.DayName { return wsdl.DayName(day.String()) }

// month reads Exchange's name of a month.
func month(name *wsdl.MonthName) (time.Month, error) {
	for m := time.January; m <= time.December; m++ {
		if m.String() == wsdl.Str(name) {
			return m, nil
		}
	}
	return 0, fmt.Errorf("the recurrence names the month %q", wsdl.Str(name))
}

func monthName(m time.Month) *wsdl.MonthName { return wsdl.Ptr(wsdl.MonthName(m.String())) }

// index reads a place in a month.
func index(name *wsdl.DayIndexName) (int, error) {
	for _, i := range dayIndexes {
		if i.name == wsdl.Val(name) {
			return i.n, nil
		}
	}
	return 0, fmt.Errorf("the recurrence names the place %q in a month", wsdl.Str(name))
}

// interval reads an interval; absence means 1.
func interval(n *wsdl.Int32) int { return max(1, int(wsdl.Val(n))) }

func number(n int) *wsdl.Int32 { return wsdl.Ptr(wsdl.Int32(n)) }

func join(numbers []int) string {
	text := make([]string, len(numbers))
	for i, n := range numbers {
		text[i] = strconv.Itoa(n)
	}
	return strings.Join(text, ",")
}
