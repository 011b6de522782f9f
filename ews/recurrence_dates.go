package ews

import (
	"slices"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// occursOn tells whether a date fits the pattern, intervals and range apart.
func occursOn(p *wsdl.RecurrenceType, t time.Time) bool {
	switch {
	case p.DailyRecurrence != nil:
		return true
	case p.WeeklyRecurrence != nil:
		days, err := namedDays(wsdl.Str(p.WeeklyRecurrence.DaysOfWeek))
		return err == nil && slices.Contains(days, t.Weekday())
	case p.AbsoluteMonthlyRecurrence != nil:
		return onDay(p.AbsoluteMonthlyRecurrence.DayOfMonth, t)
	case p.RelativeMonthlyRecurrence != nil:
		return onPlace(p.RelativeMonthlyRecurrence.DaysOfWeek, p.RelativeMonthlyRecurrence.DayOfWeekIndex, t)
	case p.AbsoluteYearlyRecurrence != nil:
		return inNamed(p.AbsoluteYearlyRecurrence.Month, t) && onDay(p.AbsoluteYearlyRecurrence.DayOfMonth, t)
	case p.RelativeYearlyRecurrence != nil:
		return inNamed(p.RelativeYearlyRecurrence.Month, t) &&
			onPlace(p.RelativeYearlyRecurrence.DaysOfWeek, p.RelativeYearlyRecurrence.DayOfWeekIndex, t)
	}
	return false
}

// firstOn returns the first date after t that fits the pattern. Every pattern
// has one within a year.
func firstOn(p *wsdl.RecurrenceType, t time.Time) (time.Time, bool) {
	for i := 1; i <= 366; i++ {
		if day := t.AddDate(0, 0, i); occursOn(p, day) {
			return day, true
		}
	}
	return time.Time{}, false
}

func inNamed(name *wsdl.MonthName, t time.Time) bool {
	in, err := month(name)
	return err == nil && in == t.Month()
}

func onDay(dayOfMonth *wsdl.Int32, t time.Time) bool {
	return t.Day() == min(int(wsdl.Val(dayOfMonth)), daysIn(t.Year(), t.Month()))
}

func onPlace(daysOfWeek *wsdl.Text, dayOfWeekIndex *wsdl.DayIndexName, t time.Time) bool {
	names, err := namedDays(wsdl.Str(daysOfWeek))
	if err != nil {
		return false
	}
	n, err := index(dayOfWeekIndex)
	if err != nil {
		return false
	}
	var days []int
	for day := 1; day <= daysIn(t.Year(), t.Month()); day++ {
		weekday := time.Date(t.Year(), t.Month(), day, 0, 0, 0, 0, time.UTC).Weekday()
		if slices.Contains(names, weekday) {
			days = append(days, day)
		}
	}
	if n < 0 {
		return t.Day() == days[len(days)-1]
	}
	return t.Day() == days[n-1]
}
