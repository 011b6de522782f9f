package ews

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// The longest intervals that Exchange takes, by the pages of the elements
// Interval.
const (
	maxDays   = 999
	maxWeeks  = 99
	maxMonths = 99
)

func (r *rule) daily(out *wsdl.RecurrenceType) error {
	if err := r.only("BYDAY"); err != nil {
		return err
	}
	if r.interval > maxDays {
		return r.fault("INTERVAL", fmt.Sprintf("at most %d days", maxDays))
	}
	if len(r.days) == 0 {
		out.DailyRecurrence = &wsdl.DailyPattern{Interval: number(r.interval)}
		return nil
	}
	// "Each day that is a Monday or a Friday" is a week's pattern, as long as
	// no day is left out between.
	if r.interval > 1 {
		return r.fault("BYDAY", "Exchange cannot combine weekdays with an interval of days; use FREQ=WEEKLY")
	}
	return r.weekly(out, time.Time{})
}

func (r *rule) weekly(out *wsdl.RecurrenceType, start time.Time) error {
	if err := r.only("BYDAY", "WKST"); err != nil {
		return err
	}
	if r.interval > maxWeeks {
		return r.fault("INTERVAL", fmt.Sprintf("at most %d weeks", maxWeeks))
	}
	days, err := r.plainDays()
	if err != nil {
		return err
	}
	if len(days) == 0 {
		days = []time.Weekday{start.Weekday()}
	}
	names := ""
	for i, day := range days {
		if i > 0 {
			names += " "
		}
		names += string(nameOfDay(day))
	}
	out.WeeklyRecurrence = &wsdl.WeeklyPattern{
		Interval:   number(r.interval),
		DaysOfWeek: wsdl.NewText(names),
		// Always said, because the two sides' defaults differ.
		FirstDayOfWeek: wsdl.Ptr(nameOfDay(r.weekStart)),
	}
	return nil
}

func (r *rule) monthly(out *wsdl.RecurrenceType, start time.Time) error {
	if err := r.only("BYDAY", "BYMONTHDAY", "BYSETPOS", "WKST"); err != nil {
		return err
	}
	if r.interval > maxMonths {
		return r.fault("INTERVAL", fmt.Sprintf("at most %d months", maxMonths))
	}
	day, names, place, err := r.inMonth(start, 0)
	if err != nil {
		return err
	}
	if day > 0 {
		out.AbsoluteMonthlyRecurrence = &wsdl.AbsoluteMonthlyPattern{Interval: number(r.interval), DayOfMonth: number(day)}
		return nil
	}
	out.RelativeMonthlyRecurrence = &wsdl.RelativeMonthlyPattern{
		Interval: number(r.interval), DaysOfWeek: wsdl.NewText(string(names)), DayOfWeekIndex: &place}
	return nil
}

func (r *rule) yearly(out *wsdl.RecurrenceType, start time.Time) error {
	if err := r.only("BYMONTH", "BYDAY", "BYMONTHDAY", "BYSETPOS", "WKST"); err != nil {
		return err
	}
	if r.interval > 1 {
		text := "Exchange repeats every year or not by years"
		if r.interval*12 <= maxMonths {
			text += "; use FREQ=MONTHLY;INTERVAL=" + strconv.Itoa(r.interval*12)
		}
		return r.fault("INTERVAL", text)
	}
	in := start.Month()
	switch {
	case len(r.months) > 1:
		return r.fault("BYMONTH", "one month; make an event for each of them")
	case len(r.months) == 1:
		in = time.Month(r.months[0])
	case len(r.monthDays) > 0:
		return r.fault("BYMONTHDAY", "without BYMONTH this is a day of every month; add BYMONTH")
	case len(r.days) > 0:
		return r.fault("BYDAY", "without BYMONTH this counts the weeks of the year, which Exchange cannot; add BYMONTH")
	}
	day, names, place, err := r.inMonth(start, in)
	if err != nil {
		return err
	}
	if day > 0 {
		out.AbsoluteYearlyRecurrence = &wsdl.AbsoluteYearlyPattern{DayOfMonth: number(day), Month: monthName(in)}
		return nil
	}
	out.RelativeYearlyRecurrence = &wsdl.RelativeYearlyPattern{
		DaysOfWeek: wsdl.NewText(string(names)), DayOfWeekIndex: &place, Month: monthName(in)}
	return nil
}

// inMonth reads which day of a month is meant: a day of the month (day > 0), or
// a place among certain weekdays. in is the month, or 0 for every month.
func (r *rule) inMonth(start time.Time, in time.Month) (day int, names wsdl.DayName, place wsdl.DayIndexName, err error) {
	switch {
	case len(r.days) > 0 && len(r.monthDays) > 0:
		return 0, "", "", r.fault("BYDAY", "Exchange cannot combine weekdays with BYMONTHDAY")
	case len(r.days) > 0:
		names, place, err = r.relativeDay()
		return 0, names, place, err
	}
	days := r.monthDays
	switch {
	case len(days) == 0 && len(r.setPos) > 0:
		return 0, "", "", r.fault("BYSETPOS", "it counts the days of BYDAY or BYMONTHDAY; add one of them")
	case len(days) == 0:
		day, err = r.certainDay("", start.Day(), in)
		return day, "", "", err
	case len(days) == 1 && len(r.setPos) == 0 && days[0] == -1:
		return 0, wsdl.DayNameDay, wsdl.DayIndexNameLast, nil
	case len(days) == 1 && len(r.setPos) == 0 && days[0] < 0:
		return 0, "", "", r.fault("BYMONTHDAY", "of the days from a month's end Exchange knows -1, the last")
	case len(days) == 1 && len(r.setPos) == 0:
		day, err = r.certainDay("BYMONTHDAY", days[0], in)
		return day, "", "", err
	}
	// "The 31st, or the last day of a shorter month".
	last := days[len(days)-1]
	if slices.Equal(days, upTo(last)) && slices.Equal(r.setPos, []int{-1}) && last <= longest(in) {
		return last, "", "", nil
	}
	if len(r.setPos) == 0 {
		return 0, "", "", r.fault("BYMONTHDAY", "one day of the month; make an event for each of them")
	}
	return 0, "", "", r.fault("BYSETPOS", "with BYMONTHDAY Exchange can only be told the like of BYMONTHDAY=28,29,30,31;BYSETPOS=-1")
}

// certainDay returns the day where every month has it, since Exchange and
// RFC 5545 differ on the months that do not.
func (r *rule) certainDay(part string, day int, in time.Month) (int, error) {
	if day <= shortest(in) {
		return day, nil
	}
	if day > longest(in) {
		return 0, r.fault(part, in.String()+" has no such day")
	}
	return 0, r.fault(part, fmt.Sprintf("not every time has a day %d: an RRULE leaves those out, and Exchange takes the last day of the month; "+
		"to have that, say BYMONTHDAY=%s;BYSETPOS=-1", day, join(upTo(day))))
}

// shortest and longest return how many days the month has at least and at most;
// 0 stands for any month.
func shortest(in time.Month) int {
	if in == 0 {
		return 28
	}
	return daysIn(2001, in)
}

func longest(in time.Month) int {
	if in == 0 {
		return 31
	}
	return daysIn(2000, in)
}

func daysIn(year int, in time.Month) int {
	return time.Date(year, in+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// upTo returns 28 to day, the days that the end of a month may fall on.
func upTo(day int) []int {
	var days []int
	for d := 28; d <= day; d++ {
		days = append(days, d)
	}
	return days
}

// relativeDay reads a place among weekdays: BYDAY=-1FR, or BYDAY=MO,TU,WE,TH,FR
// with BYSETPOS=-1.
func (r *rule) relativeDay() (wsdl.DayName, wsdl.DayIndexName, error) {
	var n int
	var days []time.Weekday
	switch {
	case len(r.days) == 1 && r.days[0].n != 0:
		if len(r.setPos) > 0 {
			return "", "", r.fault("BYSETPOS", "the place stands before the day already")
		}
		n, days = r.days[0].n, []time.Weekday{r.days[0].day}
	case slices.ContainsFunc(r.days, func(d ruleDay) bool { return d.n != 0 }):
		return "", "", r.fault("BYDAY", "one day with a number before it; make an event for each of them")
	case len(r.setPos) == 0:
		return "", "", r.fault("BYDAY", "every such day of a month is FREQ=WEEKLY; for one of them add BYSETPOS, or a number as in 1MO")
	case len(r.setPos) > 1:
		return "", "", r.fault("BYSETPOS", "one place; make an event for each of them")
	default:
		n = r.setPos[0]
		var err error
		if days, err = r.plainDays(); err != nil {
			return "", "", err
		}
	}
	name, ok := nameOfDays(days)
	if !ok {
		return "", "", r.fault("BYDAY", "Exchange counts one weekday, MO,TU,WE,TH,FR, SA,SU, or all seven")
	}
	for _, i := range dayIndexes {
		if i.n == n {
			return name, i.name, nil
		}
	}
	part := "BYSETPOS"
	if len(r.setPos) == 0 {
		part = "BYDAY"
	}
	return "", "", r.fault(part, "Exchange knows the first to the fourth such day of a month (1 to 4) and the last (-1)")
}

// plainDays returns the weekdays of BYDAY, Monday first, and refuses numbers
// before them.
func (r *rule) plainDays() ([]time.Weekday, error) {
	var set [7]bool
	for _, d := range r.days {
		if d.n != 0 {
			return nil, r.fault("BYDAY", "a number before the day has no meaning in FREQ="+r.freq)
		}
		set[d.day] = true
	}
	return inOrder(set), nil
}

// only refuses the parts that this frequency cannot have. WKST says nothing
// where weeks are not counted, and is passed over there.
func (r *rule) only(allowed ...string) error {
	for _, name := range []string{"BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS"} {
		if _, given := r.parts[name]; given && !slices.Contains(allowed, name) {
			return r.fault(name, "Exchange cannot have it in FREQ="+r.freq)
		}
	}
	return nil
}

// readPattern reads Exchange's pattern as a rule without its range.
func readPattern(recurrence *wsdl.RecurrenceType) (*rule, error) {
	if recurrence == nil {
		return nil, errors.New("the event has no recurrence")
	}
	r := &rule{interval: 1, weekStart: time.Monday}
	switch p := recurrence; {
	case p.DailyRecurrence != nil:
		r.freq, r.interval = "DAILY", interval(p.DailyRecurrence.Interval)
		return r, nil
	case p.WeeklyRecurrence != nil:
		r.freq, r.interval = "WEEKLY", interval(p.WeeklyRecurrence.Interval)
		return r, r.readWeek(p.WeeklyRecurrence)
	case p.AbsoluteMonthlyRecurrence != nil:
		r.freq, r.interval = "MONTHLY", interval(p.AbsoluteMonthlyRecurrence.Interval)
		return r, r.readDay(p.AbsoluteMonthlyRecurrence.DayOfMonth, 0)
	case p.RelativeMonthlyRecurrence != nil:
		r.freq, r.interval = "MONTHLY", interval(p.RelativeMonthlyRecurrence.Interval)
		return r, r.readPlace(p.RelativeMonthlyRecurrence.DaysOfWeek, p.RelativeMonthlyRecurrence.DayOfWeekIndex)
	case p.AbsoluteYearlyRecurrence != nil:
		r.freq = "YEARLY"
		in, err := month(p.AbsoluteYearlyRecurrence.Month)
		if err != nil {
			return nil, err
		}
		r.months = []int{int(in)}
		return r, r.readDay(p.AbsoluteYearlyRecurrence.DayOfMonth, in)
	case p.RelativeYearlyRecurrence != nil:
		r.freq = "YEARLY"
		in, err := month(p.RelativeYearlyRecurrence.Month)
		if err != nil {
			return nil, err
		}
		r.months = []int{int(in)}
		return r, r.readPlace(p.RelativeYearlyRecurrence.DaysOfWeek, p.RelativeYearlyRecurrence.DayOfWeekIndex)
	}
	return nil, errors.New("the recurrence has no pattern that calendars know")
}

func (r *rule) readWeek(p *wsdl.WeeklyPattern) error {
	days, err := namedDays(wsdl.Str(p.DaysOfWeek))
	if err != nil {
		return err
	}
	for _, day := range days {
		r.days = append(r.days, ruleDay{day: day})
	}
	if p.FirstDayOfWeek == nil {
		// A week begins on Sunday unless something else is said ([MS-OXOCAL],
		// 2.2.1.44.1, FirstDOW), which is of no account when none is left out.
		if r.interval > 1 {
			r.weekStart = time.Sunday
		}
		return nil
	}
	first, err := namedDays(wsdl.Str(p.FirstDayOfWeek))
	if err != nil {
		return err
	}
	r.weekStart = first[0]
	return nil
}

func (r *rule) readDay(dayOfMonth *wsdl.Int32, in time.Month) error {
	day := min(int(wsdl.Val(dayOfMonth)), longest(in))
	if day < 1 {
		return fmt.Errorf("the recurrence names the day %d of a month", day)
	}
	r.monthDays = []int{day}
	if day > shortest(in) {
		r.monthDays, r.setPos = upTo(day), []int{-1}
	}
	return nil
}

func (r *rule) readPlace(daysOfWeek *wsdl.Text, dayOfWeekIndex *wsdl.DayIndexName) error {
	days, err := namedDays(wsdl.Str(daysOfWeek))
	if err != nil {
		return err
	}
	n, err := index(dayOfWeekIndex)
	if err != nil {
		return err
	}
	switch {
	case len(days) == 7 && n == -1:
		r.monthDays = []int{-1}
	case len(days) == 1:
		r.days = []ruleDay{{n: n, day: days[0]}}
	default:
		for _, day := range days {
			r.days = append(r.days, ruleDay{day: day})
		}
		r.setPos = []int{n}
	}
	return nil
}
