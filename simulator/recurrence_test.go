package simulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"

	"github.com/exconn/exconn/wsdl"
)

var rruleDays = []rrule.Weekday{rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA}

var dayNamesInOrder = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}

// drawn is a recurrence and the same in iCalendar's terms.
type drawn struct {
	ews    *wsdl.RecurrenceType
	oracle rrule.ROption
}

// drawPattern draws one of the six patterns.
func drawPattern(t *rapid.T) drawn {
	n := rapid.IntRange(1, 5).Draw(t, "interval")
	every := wsdl.Ptr(wsdl.Int32(n))
	d := drawn{ews: &wsdl.RecurrenceType{}, oracle: rrule.ROption{Interval: n}}
	day := rapid.IntRange(1, 31).Draw(t, "day of the month")
	month := rapid.IntRange(1, 12).Draw(t, "month")
	index := rapid.IntRange(0, 4).Draw(t, "index")
	weekday := rapid.IntRange(0, 6).Draw(t, "weekday")
	group := rapid.SampledFrom([]string{"", "Day", "Weekday", "WeekendDay"}).Draw(t, "group")
	// A short month's last day stands for a day that it has not.
	absolute := func() {
		for i := 28; i < day; i++ {
			d.oracle.Bymonthday = append(d.oracle.Bymonthday, i)
		}
		if d.oracle.Bymonthday = append(d.oracle.Bymonthday, day); len(d.oracle.Bymonthday) > 1 {
			d.oracle.Bysetpos = []int{-1}
		}
	}
	relative := func() *wsdl.Text {
		name := dayNamesInOrder[weekday]
		d.oracle.Byweekday = []rrule.Weekday{rruleDays[weekday]}
		switch group {
		case "Day":
			name, d.oracle.Byweekday = group, rruleDays
		case "Weekday":
			name, d.oracle.Byweekday = group, rruleDays[1:6]
		case "WeekendDay":
			name, d.oracle.Byweekday = group, []rrule.Weekday{rrule.SU, rrule.SA}
		}
		d.oracle.Bysetpos = []int{index + 1}
		if index == 4 {
			d.oracle.Bysetpos = []int{-1}
		}
		return text(name)
	}
	switch rapid.IntRange(0, 5).Draw(t, "pattern") {
	case 0:
		d.oracle.Freq = rrule.DAILY
		d.ews.DailyRecurrence = &wsdl.DailyPattern{Interval: every}
	case 1:
		d.oracle.Freq = rrule.WEEKLY
		on := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 4, rapid.ID[int]).Draw(t, "weekdays")
		first := rapid.IntRange(0, 6).Draw(t, "first day")
		var names []string
		for _, w := range on {
			names = append(names, dayNamesInOrder[w])
			d.oracle.Byweekday = append(d.oracle.Byweekday, rruleDays[w])
		}
		d.oracle.Wkst = rruleDays[first]
		d.ews.WeeklyRecurrence = &wsdl.WeeklyPattern{Interval: every, DaysOfWeek: text(strings.Join(names, " ")),
			FirstDayOfWeek: wsdl.Ptr(wsdl.DayName(dayNamesInOrder[first]))}
	case 2:
		d.oracle.Freq = rrule.MONTHLY
		absolute()
		d.ews.AbsoluteMonthlyRecurrence = &wsdl.AbsoluteMonthlyPattern{Interval: every, DayOfMonth: wsdl.Ptr(wsdl.Int32(day))}
	case 3:
		d.oracle.Freq = rrule.MONTHLY
		d.ews.RelativeMonthlyRecurrence = &wsdl.RelativeMonthlyPattern{Interval: every, DaysOfWeek: relative(), DayOfWeekIndex: &indexes[index]}
	case 4:
		d.oracle.Freq, d.oracle.Interval = rrule.YEARLY, 1
		d.oracle.Bymonth = []int{month}
		absolute()
		d.ews.AbsoluteYearlyRecurrence = &wsdl.AbsoluteYearlyPattern{DayOfMonth: wsdl.Ptr(wsdl.Int32(day)), Month: wsdl.Ptr(wsdl.MonthName(time.Month(month).String()))}
	case 5:
		d.oracle.Freq, d.oracle.Interval = rrule.YEARLY, 1
		d.oracle.Bymonth = []int{month}
		d.ews.RelativeYearlyRecurrence = &wsdl.RelativeYearlyPattern{DaysOfWeek: relative(), DayOfWeekIndex: &indexes[index], Month: wsdl.Ptr(wsdl.MonthName(time.Month(month).String()))}
	}
	return d
}

// drawRange adds one of the three ranges.
func drawRange(t *rapid.T, d drawn, start time.Time) drawn {
	date := wsdl.FormatDate(start)
	switch rapid.IntRange(0, 2).Draw(t, "range") {
	case 0:
		d.ews.NoEndRecurrence = &wsdl.NoEndRange{StartDate: date}
	case 1:
		until := start.AddDate(0, 0, rapid.IntRange(400, 3000).Draw(t, "until"))
		d.ews.EndDateRecurrence = &wsdl.EndDateRange{StartDate: date, EndDate: wsdl.FormatDate(until)}
		d.oracle.Until = until
	case 2:
		n := rapid.IntRange(1, 120).Draw(t, "count")
		d.ews.NumberedRecurrence = &wsdl.NumberedRange{StartDate: date, NumberOfOccurrences: wsdl.Ptr(wsdl.Int32(n))}
		d.oracle.Count = n
	}
	return d
}

// The oracle works on days in UTC, so that it has no part in the changes of
// the clocks, which it sees otherwise than Exchange.
func TestDaysAgreeWithICalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 1500).Draw(t, "start"))
		d := drawRange(t, drawPattern(t), start)
		r, err := parseRule(d.ews)
		if err != nil {
			t.Fatal(err)
		}
		d.oracle.Dtstart = start
		oracle, err := rrule.NewRRule(d.oracle)
		if err != nil {
			t.Fatal(err)
		}
		next := oracle.Iterator()
		n := 0
		for i, day := range r.days() {
			want, ok := next()
			if !ok {
				t.Fatalf("instance %d on %s is one too many", i, day.Format(time.DateOnly))
			}
			if n++; !day.Equal(want) || i != n {
				t.Fatalf("instance %d is on %s, want number %d on %s", i, day.Format(time.DateOnly), n, want.Format(time.DateOnly))
			}
			if n == 60 {
				return
			}
		}
		if want, ok := next(); ok {
			t.Fatalf("only %d instances: %s is missing", n, want.Format(time.DateOnly))
		}
	})
}

// Wall-clock times stay what they are in the zone, unless the clocks leave them
// out.
func TestSlotsKeepTheWallClock(t *testing.T) {
	zones := []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "America/Santiago", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 700).Draw(t, "start"))
		r, err := parseRule(drawRange(t, drawPattern(t), start).ews)
		if err != nil {
			t.Fatal(err)
		}
		clock := time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "minute")) * time.Minute
		s := series{rule: r, clock: clock, long: time.Duration(rapid.IntRange(0, 48*60).Draw(t, "length")) * time.Minute, loc: loc}
		last := time.Time{}
		for o := range s.slots(time.Time{}) {
			if o.index > 50 {
				break
			}
			wall := wallOf(o.start, loc)
			want := s.dayNumber(t, o.index).Add(clock)
			if gap := wall.Sub(want); gap != 0 && (gap < 0 || gap > time.Hour || !inGap(want, loc)) {
				t.Fatalf("instance %d is at %s, want %s", o.index, wall, want)
			}
			if o.end.Before(o.start) || o.start.Before(last) {
				t.Fatalf("instance %d lies backwards: %s to %s after %s", o.index, o.start, o.end, last)
			}
			last = o.start
			if found, ok := s.at(o.start); !ok || found != o {
				t.Fatalf("at(%s) = %v, %v", o.start, found, ok)
			}
		}
	})
}

func (s series) dayNumber(t *rapid.T, index int) time.Time {
	for n, d := range s.days() {
		if n == index {
			return d
		}
	}
	t.Fatalf("there is no instance %d", index)
	return time.Time{}
}

// inGap tells whether no moment has this wall time.
func inGap(wall time.Time, loc *time.Location) bool {
	for h := -26; h <= 26; h++ {
		for _, m := range []int{0, 30, 15, 45} {
			at := wall.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute)
			if wallOf(at, loc).Equal(wall) {
				return false
			}
		}
	}
	return true
}

func TestWallTimeWhereTheClocksChange(t *testing.T) {
	for _, test := range []struct{ zone, wall, want string }{
		{"Europe/Berlin", "2026-03-29 01:59", "2026-03-29T00:59:00Z"},
		{"Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:30:00Z"}, // there is none: 03:30
		{"Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25 02:30", "2026-10-25T01:30:00Z"}, // twice: standard time
		{"Europe/Berlin", "2026-10-25 01:30", "2026-10-24T23:30:00Z"},
		{"Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z"},
		{"America/New_York", "2026-03-08 02:15", "2026-03-08T07:15:00Z"}, // 03:15
		{"America/New_York", "2026-11-01 01:15", "2026-11-01T06:15:00Z"}, // standard time
		{"Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:45:00Z"},
		{"Asia/Kolkata", "2026-06-01 00:00", "2026-05-31T18:30:00Z"},
	} {
		loc, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		wall, err := time.Parse("2006-01-02 15:04", test.wall)
		if err != nil {
			t.Fatal(err)
		}
		if got := wallTime(wall, loc).UTC().Format(time.RFC3339); got != test.want {
			t.Errorf("%s in %s is %s, want %s", test.wall, test.zone, got, test.want)
		}
	}
}

func TestRecurrencesThatAreNone(t *testing.T) {
	date := wsdl.FormatDate(noon)
	daily := func(n int) *wsdl.DailyPattern { return &wsdl.DailyPattern{Interval: wsdl.Ptr(wsdl.Int32(n))} }
	endless := &wsdl.NoEndRange{StartDate: date}
	for name, r := range map[string]*wsdl.RecurrenceType{
		"no pattern":    {NoEndRecurrence: endless},
		"no range":      {DailyRecurrence: daily(1)},
		"no interval":   {DailyRecurrence: daily(0), NoEndRecurrence: endless},
		"interval 1000": {DailyRecurrence: daily(1000), NoEndRecurrence: endless},
		"no weekdays":   {WeeklyRecurrence: &wsdl.WeeklyPattern{Interval: wsdl.Ptr(wsdl.Int32(1))}, NoEndRecurrence: endless},
		"day 32":        {AbsoluteMonthlyRecurrence: &wsdl.AbsoluteMonthlyPattern{Interval: wsdl.Ptr(wsdl.Int32(1)), DayOfMonth: wsdl.Ptr(wsdl.Int32(32))}, NoEndRecurrence: endless},
		"no such month": {AbsoluteYearlyRecurrence: &wsdl.AbsoluteYearlyPattern{DayOfMonth: wsdl.Ptr(wsdl.Int32(1)), Month: wsdl.Ptr(wsdl.MonthName("Brumaire"))}, NoEndRecurrence: endless},
		"no index":      {RelativeMonthlyRecurrence: &wsdl.RelativeMonthlyPattern{Interval: wsdl.Ptr(wsdl.Int32(1)), DaysOfWeek: text("Monday")}, NoEndRecurrence: endless},
		"count 0":       {DailyRecurrence: daily(1), NumberedRecurrence: &wsdl.NumberedRange{StartDate: date, NumberOfOccurrences: wsdl.Ptr(wsdl.Int32(0))}},
		"ends first":    {DailyRecurrence: daily(1), EndDateRecurrence: &wsdl.EndDateRange{StartDate: date, EndDate: wsdl.FormatDate(noon.AddDate(0, 0, -1))}},
		"never":         {AbsoluteMonthlyRecurrence: &wsdl.AbsoluteMonthlyPattern{Interval: wsdl.Ptr(wsdl.Int32(1)), DayOfMonth: wsdl.Ptr(wsdl.Int32(1))}, EndDateRecurrence: &wsdl.EndDateRange{StartDate: date, EndDate: date}},
		"no start":      {DailyRecurrence: daily(1), NoEndRecurrence: &wsdl.NoEndRange{}},
	} {
		if _, err := parseRule(r); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}

func TestBounds(t *testing.T) {
	r, err := parseRule(&wsdl.RecurrenceType{
		RelativeMonthlyRecurrence: &wsdl.RelativeMonthlyPattern{Interval: wsdl.Ptr(wsdl.Int32(1)), DaysOfWeek: text("Weekday"), DayOfWeekIndex: wsdl.Ptr(wsdl.DayIndexNameLast)},
		NumberedRecurrence:        &wsdl.NumberedRange{StartDate: wsdl.FormatDate(noon), NumberOfOccurrences: wsdl.Ptr(wsdl.Int32(3))},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := series{rule: r, clock: 9 * time.Hour, long: time.Hour, loc: time.UTC}
	var days []string
	for o := range s.slots(time.Time{}) {
		days = append(days, o.start.Format(time.DateOnly))
	}
	if want := []string{"2026-11-30", "2026-12-31", "2027-01-29"}; !slices.Equal(days, want) {
		t.Errorf("the last weekdays are %v, want %v", days, want)
	}
	first, last := s.bounds()
	if got := fmt.Sprintf("%s %s %d", first.start.Format(time.DateOnly), last.start.Format(time.DateOnly), last.index); got != "2026-11-30 2027-01-29 3" {
		t.Errorf("bounds are %s", got)
	}
}
