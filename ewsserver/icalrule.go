package ewsserver

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// icalPlaces are the numbers of DayOfWeekIndex in BYDAY.
var icalPlaces = map[wsdl.DayIndexName]int{
	wsdl.DayIndexNameFirst: 1, wsdl.DayIndexNameSecond: 2, wsdl.DayIndexNameThird: 3, wsdl.DayIndexNameFourth: 4, wsdl.DayIndexNameLast: -1,
}

// icalDayGroups are the days that stand for several.
var icalDayGroups = map[string]string{"Day": "MO,TU,WE,TH,FR,SA,SU", "Weekday": "MO,TU,WE,TH,FR", "WeekendDay": "SA,SU"}

// recurrenceRule writes a recurrence as an RRULE (RFC 5545, 3.3.10); empty
// where there is none.
func recurrenceRule(e *wsdl.CalendarItemType, z icalZone) string {
	r := e.Recurrence
	if r == nil {
		return ""
	}
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	every := func(frequency string, interval *wsdl.Int32) {
		add("FREQ=%s;INTERVAL=%d", frequency, max(1, wsdl.Val(interval)))
	}
	switch {
	case r.DailyRecurrence != nil:
		every("DAILY", r.DailyRecurrence.Interval)
	case r.WeeklyRecurrence != nil:
		every("WEEKLY", r.WeeklyRecurrence.Interval)
		add("BYDAY=%s", icalDays(r.WeeklyRecurrence.DaysOfWeek))
		if first := wsdl.Val(r.WeeklyRecurrence.FirstDayOfWeek); first != "" {
			add("WKST=%s", icalDay(string(first)))
		}
	case r.AbsoluteMonthlyRecurrence != nil:
		every("MONTHLY", r.AbsoluteMonthlyRecurrence.Interval)
		add("BYMONTHDAY=%d", wsdl.Val(r.AbsoluteMonthlyRecurrence.DayOfMonth))
	case r.RelativeMonthlyRecurrence != nil:
		every("MONTHLY", r.RelativeMonthlyRecurrence.Interval)
		add("%s", icalPlace(r.RelativeMonthlyRecurrence.DaysOfWeek, r.RelativeMonthlyRecurrence.DayOfWeekIndex))
	case r.AbsoluteYearlyRecurrence != nil:
		every("YEARLY", nil)
		add("BYMONTHDAY=%d;BYMONTH=%d", wsdl.Val(r.AbsoluteYearlyRecurrence.DayOfMonth), icalMonth(r.AbsoluteYearlyRecurrence.Month))
	case r.RelativeYearlyRecurrence != nil:
		every("YEARLY", nil)
		add("%s;BYMONTH=%d", icalPlace(r.RelativeYearlyRecurrence.DaysOfWeek, r.RelativeYearlyRecurrence.DayOfWeekIndex),
			icalMonth(r.RelativeYearlyRecurrence.Month))
	default:
		return ""
	}
	switch {
	case r.NumberedRecurrence != nil:
		add("COUNT=%d", wsdl.Val(r.NumberedRecurrence.NumberOfOccurrences))
	case r.EndDateRecurrence != nil:
		if until := icalUntil(e, r.EndDateRecurrence.EndDate, z); until != "" {
			add("UNTIL=%s", until)
		}
	}
	return strings.Join(parts, ";")
}

// icalUntil is the start of an occurrence on the last day, in UTC as the RFC
// wants it, or that day of an event of all day.
func icalUntil(e *wsdl.CalendarItemType, last *wsdl.DateText, z icalZone) string {
	day, ok := wsdl.ParseDate(last, z.loc)
	if !ok {
		return ""
	}
	if bool(wsdl.Val(e.IsAllDayEvent)) {
		return day.Format(icalDate)
	}
	start, ok := wsdl.ParseTime(e.Start, time.UTC)
	if !ok {
		return ""
	}
	start = start.In(z.loc)
	return time.Date(day.Year(), day.Month(), day.Day(), start.Hour(), start.Minute(), start.Second(), 0, z.loc).UTC().Format(icalUTC)
}

// icalDays writes days of the week, each by two letters.
func icalDays(days *wsdl.Text) string {
	var out []string
	for _, name := range strings.Fields(wsdl.Str(days)) {
		if group, ok := icalDayGroups[name]; ok {
			return group
		}
		out = append(out, icalDay(name))
	}
	return strings.Join(out, ",")
}

// icalPlace writes such as the last Friday, or the second weekday.
func icalPlace(days *wsdl.Text, index *wsdl.DayIndexName) string {
	place := icalPlaces[wsdl.Val(index)]
	if names := strings.Fields(wsdl.Str(days)); len(names) == 1 && icalDayGroups[names[0]] == "" {
		return fmt.Sprintf("BYDAY=%d%s", place, icalDay(names[0]))
	}
	return fmt.Sprintf("BYDAY=%s;BYSETPOS=%d", icalDays(days), place)
}

func icalMonth(name *wsdl.MonthName) int {
	months := []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	return slices.Index(months, string(wsdl.Val(name))) + 1
}
