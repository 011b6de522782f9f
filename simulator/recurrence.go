package simulator

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// A day of the calendar is kept as its midnight in UTC, so that adding days is
// safe; only series turns days into points in time.

// lastYear ends every series that has no end of its own. Exchange's own end of
// time is 31 August 4500 ([MS-OXOCAL] 2.2.1.44.1).
const lastYear = 4500

// pattern yields the days of a recurrence in order, from the first one on or
// after start, without an end.
type pattern interface {
	days(start time.Time) iter.Seq[time.Time]
}

// daily is every interval-th day.
type daily struct{ interval int }

func (p daily) days(start time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		for d := start; d.Year() < lastYear && yield(d); d = d.AddDate(0, 0, p.interval) {
		}
	}
}

// weekly is the chosen days of every interval-th week. Which weeks those are
// depends on the day that a week begins with.
type weekly struct {
	interval int
	on       weekdays
	first    time.Weekday
}

func (p weekly) days(start time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		back := (int(start.Weekday()) - int(p.first) + 7) % 7
		for week := start.AddDate(0, 0, -back); week.Year() < lastYear; week = week.AddDate(0, 0, 7*p.interval) {
			for i := range 7 {
				d := week.AddDate(0, 0, i)
				if p.on.has(d.Weekday()) && !d.Before(start) && !yield(d) {
					return
				}
			}
		}
	}
}

// monthly is one day of every interval-th month. A yearly recurrence is one of
// every twelfth month, counted from the month that it names.
type monthly struct {
	interval int
	// month is the month to count from; zero means that of the start.
	month time.Month
	pick  func(year int, month time.Month) time.Time
}

func (p monthly) days(start time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		month := p.month
		if month == 0 {
			month = start.Month()
		}
		first := time.Date(start.Year(), month, 1, 0, 0, 0, 0, time.UTC)
		for m := first; m.Year() < lastYear; m = m.AddDate(0, p.interval, 0) {
			if d := p.pick(m.Year(), m.Month()); !d.Before(start) && !yield(d) {
				return
			}
		}
	}
}

// dayOfMonth picks the n-th day, or the last one of a month that is shorter
// ([MS-OXOCAL] 2.2.1.44.1.3), where iCalendar would leave the month out.
func dayOfMonth(n int) func(int, time.Month) time.Time {
	return func(year int, month time.Month) time.Time {
		return time.Date(year, month, min(n, lastDay(year, month)), 0, 0, 0, 0, time.UTC)
	}
}

// nthOf picks the n-th day of the month that is one of the weekdays; 5 means
// the last.
func nthOf(n int, on weekdays) func(int, time.Month) time.Time {
	return func(year int, month time.Month) time.Time {
		last := lastDay(year, month)
		var found []time.Time
		for i := 1; i <= last; i++ {
			if d := time.Date(year, month, i, 0, 0, 0, 0, time.UTC); on.has(d.Weekday()) {
				found = append(found, d)
			}
		}
		if n == 5 {
			return found[len(found)-1]
		}
		return found[n-1]
	}
}

func lastDay(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// weekdays is a set of days of the week, a bit each.
type weekdays uint8

func (w weekdays) has(d time.Weekday) bool { return w&(1<<d) != 0 }

var dayNames = map[string]weekdays{
	"Sunday": 1 << time.Sunday, "Monday": 1 << time.Monday, "Tuesday": 1 << time.Tuesday,
	"Wednesday": 1 << time.Wednesday, "Thursday": 1 << time.Thursday, "Friday": 1 << time.Friday,
	"Saturday": 1 << time.Saturday,
	"Day":      0x7f, "Weekday": 0x3e, "WeekendDay": 0x41,
}

// parseWeekdays reads a list of day names, "Monday Wednesday".
func parseWeekdays(text string) (weekdays, bool) {
	var w weekdays
	for name := range strings.FieldsSeq(text) {
		bits, ok := dayNames[name]
		if !ok {
			return 0, false
		}
		w |= bits
	}
	return w, w != 0
}

func parseMonth(m *wsdl.MonthName) (time.Month, bool) {
	for month := time.January; month <= time.December; month++ {
		if month.String() == wsdl.Str(m) {
			return month, true
		}
	}
	return 0, false
}

// indexes in the order of their numbers; the last stands for the fifth.
var indexes = []wsdl.DayIndexName{
	wsdl.DayIndexNameFirst, wsdl.DayIndexNameSecond, wsdl.DayIndexNameThird,
	wsdl.DayIndexNameFourth, wsdl.DayIndexNameLast,
}

// parsePattern reads the one pattern that a recurrence holds.
func parsePattern(r *wsdl.RecurrenceType) (pattern, error) {
	relative := func(days *wsdl.Text, index *wsdl.DayIndexName) (func(int, time.Month) time.Time, error) {
		on, ok := parseWeekdays(wsdl.Str(days))
		if !ok {
			return nil, fmt.Errorf("the DaysOfWeek %q are not a day of the week", wsdl.Str(days))
		}
		n := slices.Index(indexes, wsdl.Val(index))
		if n < 0 {
			return nil, fmt.Errorf("the DayOfWeekIndex %q is not First, Second, Third, Fourth or Last", wsdl.Str(index))
		}
		return nthOf(n+1, on), nil
	}
	switch {
	case r.DailyRecurrence != nil:
		n, err := interval(r.DailyRecurrence.Interval, 999)
		return daily{n}, err
	case r.WeeklyRecurrence != nil:
		w := r.WeeklyRecurrence
		n, err := interval(w.Interval, 99)
		if err != nil {
			return nil, err
		}
		on, ok := parseWeekdays(wsdl.Str(w.DaysOfWeek))
		if !ok {
			return nil, fmt.Errorf("the DaysOfWeek %q are not a list of days", wsdl.Str(w.DaysOfWeek))
		}
		p := weekly{interval: n, on: on}
		for d := time.Sunday; d <= time.Saturday; d++ {
			if d.String() == wsdl.Str(w.FirstDayOfWeek) {
				p.first = d
			}
		}
		return p, nil
	case r.AbsoluteMonthlyRecurrence != nil:
		m := r.AbsoluteMonthlyRecurrence
		n, err := interval(m.Interval, 99)
		if err != nil {
			return nil, err
		}
		return absolute(monthly{interval: n}, m.DayOfMonth)
	case r.RelativeMonthlyRecurrence != nil:
		m := r.RelativeMonthlyRecurrence
		n, err := interval(m.Interval, 99)
		if err != nil {
			return nil, err
		}
		pick, err := relative(m.DaysOfWeek, m.DayOfWeekIndex)
		return monthly{interval: n, pick: pick}, err
	case r.AbsoluteYearlyRecurrence != nil:
		y := r.AbsoluteYearlyRecurrence
		month, ok := parseMonth(y.Month)
		if !ok {
			return nil, fmt.Errorf("the month %q is not one", wsdl.Str(y.Month))
		}
		return absolute(monthly{interval: 12, month: month}, y.DayOfMonth)
	case r.RelativeYearlyRecurrence != nil:
		y := r.RelativeYearlyRecurrence
		month, ok := parseMonth(y.Month)
		if !ok {
			return nil, fmt.Errorf("the month %q is not one", wsdl.Str(y.Month))
		}
		pick, err := relative(y.DaysOfWeek, y.DayOfWeekIndex)
		return monthly{interval: 12, month: month, pick: pick}, err
	}
	return nil, fmt.Errorf("the recurrence has no pattern")
}

func interval(n *wsdl.Int32, most int) (int, error) {
	if n == nil || *n < 1 || int(*n) > most {
		return 0, fmt.Errorf("an Interval of %d is not between 1 and %d", wsdl.Val(n), most)
	}
	return int(*n), nil
}

func absolute(p monthly, day *wsdl.Int32) (pattern, error) {
	if day == nil || *day < 1 || *day > 31 {
		return nil, fmt.Errorf("the DayOfMonth %d is not between 1 and 31", wsdl.Val(day))
	}
	p.pick = dayOfMonth(int(*day))
	return p, nil
}

// rule is a pattern with its range.
type rule struct {
	pattern
	start time.Time // the first day that may be one
	until time.Time // the last day that may be one; zero means no end
	count int       // how many there are; zero means no bound
}

// parseRule reads a recurrence. The error says what Exchange refuses as
// ErrorCalendarInvalidRecurrence.
func parseRule(r *wsdl.RecurrenceType) (rule, error) {
	p, err := parsePattern(r)
	if err != nil {
		return rule{}, err
	}
	out := rule{pattern: p}
	var start *wsdl.DateText
	switch {
	case r.NoEndRecurrence != nil:
		start = r.NoEndRecurrence.StartDate
	case r.EndDateRecurrence != nil:
		start = r.EndDateRecurrence.StartDate
		until, ok := wsdl.ParseDate(r.EndDateRecurrence.EndDate, nil)
		if !ok {
			return rule{}, fmt.Errorf("the EndDate %q is not a date", wsdl.Str(r.EndDateRecurrence.EndDate))
		}
		out.until = until
	case r.NumberedRecurrence != nil:
		start = r.NumberedRecurrence.StartDate
		n := wsdl.Val(r.NumberedRecurrence.NumberOfOccurrences)
		if n < 1 || n > 999 {
			return rule{}, fmt.Errorf("the NumberOfOccurrences %d is not between 1 and 999", n)
		}
		out.count = int(n)
	default:
		return rule{}, fmt.Errorf("the recurrence has no range")
	}
	day, ok := wsdl.ParseDate(start, nil)
	if !ok {
		return rule{}, fmt.Errorf("the StartDate %q is not a date", wsdl.Str(start))
	}
	out.start = day
	if !out.until.IsZero() && out.until.Before(day) {
		return rule{}, fmt.Errorf("the EndDate is before the StartDate")
	}
	for range out.days() {
		return out, nil
	}
	return rule{}, fmt.Errorf("no day of the pattern is within the range")
}

// days yields the days of the rule, numbered from 1 as InstanceIndex counts.
func (r rule) days() iter.Seq2[int, time.Time] {
	return func(yield func(int, time.Time) bool) {
		n := 0
		for d := range r.pattern.days(r.start) {
			n++
			if !r.until.IsZero() && d.After(r.until) || r.count > 0 && n > r.count || !yield(n, d) {
				return
			}
		}
	}
}

// series is a rule with a time of day: it yields points in time. The clock on
// the wall stays the same across changes of the offset, both that of the start
// and that of the end ([MS-OXOCAL] StartTimeOffset, EndTimeOffset).
type series struct {
	rule
	clock time.Duration // from midnight to the start
	long  time.Duration // from the start to the end, on the wall
	loc   *time.Location
}

// slot is one instance of a series, before any exception.
type slot struct {
	index      int // from 1
	start, end time.Time
}

func (s series) slot(index int, day time.Time) slot {
	o := slot{index, wallTime(day.Add(s.clock), s.loc), wallTime(day.Add(s.clock+s.long), s.loc)}
	if o.end.Before(o.start) { // the start was moved out of a gap, the end was not
		o.end = o.start.Add(s.long)
	}
	return o
}

// slots yields the instances in order, from the first one that may still go on
// at a time; zero means all.
func (s series) slots(from time.Time) iter.Seq[slot] {
	// Two days are more than any zone and any gap can make of a difference.
	first := wallOf(from, s.loc).Add(-s.clock-s.long).AddDate(0, 0, -2)
	return func(yield func(slot) bool) {
		for n, d := range s.days() {
			if !d.Before(first) && !yield(s.slot(n, d)) {
				return
			}
		}
	}
}

// between yields the instances that overlap from (inclusive) to (exclusive).
func (s series) between(from, to time.Time) iter.Seq[slot] {
	return func(yield func(slot) bool) {
		for o := range s.slots(from) {
			if !o.start.Before(to) {
				return
			}
			if overlaps(o.start, o.end, from, to) && !yield(o) {
				return
			}
		}
	}
}

// at finds the instance that starts at t.
func (s series) at(t time.Time) (slot, bool) {
	for o := range s.slots(t) {
		if o.start.Equal(t) {
			return o, true
		}
		if o.start.After(t) {
			break
		}
	}
	return slot{}, false
}

// nth finds an instance by its number.
func (s series) nth(index int) (slot, bool) {
	for n, d := range s.days() {
		if n == index {
			return s.slot(n, d), true
		}
	}
	return slot{}, false
}

// bounds returns the first instance, and the last one where there is one.
func (s series) bounds() (first slot, last *slot) {
	var lastDay time.Time
	n := 0
	for i, d := range s.days() {
		if i == 1 {
			first = s.slot(i, d)
			if s.until.IsZero() && s.count == 0 {
				return first, nil
			}
		}
		n, lastDay = i, d
	}
	end := s.slot(n, lastDay)
	return first, &end
}

// overlaps tells whether something from start to end happens in a window. What
// takes no time is in the window that begins with it.
func overlaps(start, end, from, to time.Time) bool {
	return start.Before(to) && (end.After(from) || start.Equal(from))
}

// wallTime returns the point in time at which the clocks of loc show what wall
// shows in UTC. A time that a change of the offset leaves out is moved forward
// by the length of the gap; of a time that comes twice, the second is taken,
// which is standard time, as Windows does.
func wallTime(wall time.Time, loc *time.Location) time.Time {
	_, before := wall.Add(-24 * time.Hour).In(loc).Zone()
	_, after := wall.Add(24 * time.Hour).In(loc).Zone()
	late := wall.Add(-time.Duration(after) * time.Second)
	if before == after {
		return late.In(loc)
	}
	shows := func(t time.Time, offset int) bool {
		_, o := t.In(loc).Zone()
		return o == offset
	}
	early := wall.Add(-time.Duration(before) * time.Second)
	switch {
	case shows(late, after):
		return late.In(loc)
	case shows(early, before):
		return early.In(loc)
	}
	// In the gap: the old offset carries the clock past it.
	return early.In(loc)
}

// wallOf is the opposite of wallTime: what the clocks of loc show at t, as a
// time in UTC.
func wallOf(t time.Time, loc *time.Location) time.Time {
	t = t.In(loc)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// dayOf returns the day of a wall time.
func dayOf(wall time.Time) time.Time {
	return time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
}
