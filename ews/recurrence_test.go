package ews

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

func in(t testing.TB, zone, text string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestParseRecurrence(t *testing.T) {
	// 2026-11-20 is the third Friday of November.
	for _, c := range []struct {
		name, rule, zone, start string
		want                    wsdl.RecurrenceType
		back                    string // what FormatRecurrence makes of it; "" means the rule itself
	}{
		{"every day", "FREQ=DAILY", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{DailyRecurrence: &wsdl.DailyPattern{Interval: number(1)}, NoEndRecurrence: noEnd("2026-11-20")}, ""},
		{"prefix and lower case", "rrule:freq=daily;interval=3;count=5;", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{DailyRecurrence: &wsdl.DailyPattern{Interval: number(3)}, NumberedRecurrence: times("2026-11-20", 5)},
			"FREQ=DAILY;INTERVAL=3;COUNT=5"},
		{"working days said by days", "FREQ=DAILY;BYDAY=FR,MO,TU,WE,TH", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{WeeklyRecurrence: week(1, "Monday Tuesday Wednesday Thursday Friday", "Monday"), NoEndRecurrence: noEnd("2026-11-20")},
			"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
		{"the start's weekday", "FREQ=WEEKLY", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{WeeklyRecurrence: week(1, "Friday", "Monday"), NoEndRecurrence: noEnd("2026-11-20")},
			"FREQ=WEEKLY;BYDAY=FR"},
		{"the start's weekday where it is, not in UTC", "FREQ=WEEKLY", "Pacific/Auckland", "2026-11-21 09:00",
			wsdl.RecurrenceType{WeeklyRecurrence: week(1, "Saturday", "Monday"), NoEndRecurrence: noEnd("2026-11-21")},
			"FREQ=WEEKLY;BYDAY=SA"},
		{"weeks that begin on Sunday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,FR;WKST=SU", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{WeeklyRecurrence: week(2, "Friday Sunday", "Sunday"), NoEndRecurrence: noEnd("2026-11-20")},
			"FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,SU;WKST=SU"},
		{"the start's day", "FREQ=MONTHLY", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{AbsoluteMonthlyRecurrence: &wsdl.AbsoluteMonthlyPattern{Interval: number(1), DayOfMonth: number(20)}, NoEndRecurrence: noEnd("2026-11-20")},
			"FREQ=MONTHLY;BYMONTHDAY=20"},
		{"third Friday", "FREQ=MONTHLY;BYDAY=3FR", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{RelativeMonthlyRecurrence: place(1, "Friday", "Third"), NoEndRecurrence: noEnd("2026-11-20")}, ""},
		{"third Friday by position", "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=3", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{RelativeMonthlyRecurrence: place(1, "Friday", "Third"), NoEndRecurrence: noEnd("2026-11-20")},
			"FREQ=MONTHLY;BYDAY=3FR"},
		{"last working day", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "Europe/Berlin", "2026-11-30 09:00",
			wsdl.RecurrenceType{RelativeMonthlyRecurrence: place(1, "Weekday", "Last"), NoEndRecurrence: noEnd("2026-11-30")}, ""},
		{"first weekend day", "FREQ=MONTHLY;INTERVAL=2;BYDAY=SA,SU;BYSETPOS=1", "Europe/Berlin", "2026-11-01 09:00",
			wsdl.RecurrenceType{RelativeMonthlyRecurrence: place(2, "WeekendDay", "First"), NoEndRecurrence: noEnd("2026-11-01")}, ""},
		{"last day", "FREQ=MONTHLY;BYMONTHDAY=-1", "Europe/Berlin", "2026-11-30 09:00",
			wsdl.RecurrenceType{RelativeMonthlyRecurrence: place(1, "Day", "Last"), NoEndRecurrence: noEnd("2026-11-30")}, ""},
		{"the 31st as Exchange has it", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", "Europe/Berlin", "2026-11-30 09:00",
			wsdl.RecurrenceType{AbsoluteMonthlyRecurrence: &wsdl.AbsoluteMonthlyPattern{Interval: number(1), DayOfMonth: number(31)}, NoEndRecurrence: noEnd("2026-11-30")}, ""},
		{"the start's date each year", "FREQ=YEARLY", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{AbsoluteYearlyRecurrence: &wsdl.AbsoluteYearlyPattern{DayOfMonth: number(20), Month: monthName(time.November)}, NoEndRecurrence: noEnd("2026-11-20")},
			"FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=20"},
		{"the 31st of a long month", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", "Europe/Berlin", "2026-12-31 09:00",
			wsdl.RecurrenceType{AbsoluteYearlyRecurrence: &wsdl.AbsoluteYearlyPattern{DayOfMonth: number(31), Month: monthName(time.December)}, NoEndRecurrence: noEnd("2026-12-31")}, ""},
		{"end of February", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1", "Europe/Berlin", "2027-02-28 09:00",
			wsdl.RecurrenceType{AbsoluteYearlyRecurrence: &wsdl.AbsoluteYearlyPattern{DayOfMonth: number(29), Month: monthName(time.February)}, NoEndRecurrence: noEnd("2027-02-28")}, ""},
		{"fourth Thursday of November", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "America/New_York", "2026-11-26 09:00",
			wsdl.RecurrenceType{RelativeYearlyRecurrence: &wsdl.RelativeYearlyPattern{DaysOfWeek: wsdl.NewText("Thursday"),
				DayOfWeekIndex: wsdl.Ptr(wsdl.DayIndexNameFourth), Month: monthName(time.November)}, NoEndRecurrence: noEnd("2026-11-26")}, ""},

		{"until a start counts", "FREQ=DAILY;UNTIL=20261231T080000Z", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{DailyRecurrence: &wsdl.DailyPattern{Interval: number(1)}, EndDateRecurrence: until("2026-11-20", "2026-12-31")}, ""},
		{"until a second before it does not", "FREQ=DAILY;UNTIL=20261231T075959Z", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{DailyRecurrence: &wsdl.DailyPattern{Interval: number(1)}, EndDateRecurrence: until("2026-11-20", "2026-12-30")},
			"FREQ=DAILY;UNTIL=20261230T080000Z"},
		{"until is another date in Auckland", "FREQ=DAILY;UNTIL=20261231T200000Z", "Pacific/Auckland", "2026-11-20 09:00",
			wsdl.RecurrenceType{DailyRecurrence: &wsdl.DailyPattern{Interval: number(1)}, EndDateRecurrence: until("2026-11-20", "2027-01-01")}, ""},
		{"until is another date in Honolulu", "FREQ=DAILY;UNTIL=20270101T060000Z", "Pacific/Honolulu", "2026-11-20 20:00",
			wsdl.RecurrenceType{DailyRecurrence: &wsdl.DailyPattern{Interval: number(1)}, EndDateRecurrence: until("2026-11-20", "2026-12-31")}, ""},
		{"until in summer time", "FREQ=DAILY;UNTIL=20270701T070000Z", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{DailyRecurrence: &wsdl.DailyPattern{Interval: number(1)}, EndDateRecurrence: until("2026-11-20", "2027-07-01")}, ""},
		{"until a date", "FREQ=DAILY;UNTIL=20261231", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{DailyRecurrence: &wsdl.DailyPattern{Interval: number(1)}, EndDateRecurrence: until("2026-11-20", "2026-12-31")},
			"FREQ=DAILY;UNTIL=20261231T080000Z"},
		{"until in local time", "FREQ=DAILY;UNTIL=20261231T090000", "Europe/Berlin", "2026-11-20 09:00",
			wsdl.RecurrenceType{DailyRecurrence: &wsdl.DailyPattern{Interval: number(1)}, EndDateRecurrence: until("2026-11-20", "2026-12-31")},
			"FREQ=DAILY;UNTIL=20261231T080000Z"},
		{"until a day whose hour the clocks leave out", "FREQ=DAILY;UNTIL=20270328", "Europe/Berlin", "2026-11-20 02:30",
			wsdl.RecurrenceType{DailyRecurrence: &wsdl.DailyPattern{Interval: number(1)}, EndDateRecurrence: until("2026-11-20", "2027-03-28")},
			"FREQ=DAILY;UNTIL=20270328T215959Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := in(t, c.zone, c.start)
			got, err := ParseRecurrence(c.rule, start)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&c.want, got); diff != "" {
				t.Errorf("to Exchange (-want +got):\n%s", diff)
			}
			back, err := FormatRecurrence(got, start, false)
			if err != nil {
				t.Fatal(err)
			}
			want := c.back
			if want == "" {
				want = c.rule
			}
			if back != want {
				t.Errorf("back from Exchange %q, want %q", back, want)
			}
			again, err := ParseRecurrence(back, start)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("to Exchange again (-first +second):\n%s", diff)
			}
		})
	}
}

func TestAllDayUntilIsADate(t *testing.T) {
	start := in(t, "Pacific/Auckland", "2026-11-20 00:00")
	r, err := ParseRecurrence("FREQ=DAILY;UNTIL=20261231", start)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := FormatRecurrence(r, start, true); err != nil || got != "FREQ=DAILY;UNTIL=20261231" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestRecurrencesThatExchangeCannotSay(t *testing.T) {
	start := in(t, "Europe/Berlin", "2026-11-20 09:00")
	end := in(t, "Europe/Berlin", "2026-10-31 09:00")
	leap := in(t, "Europe/Berlin", "2028-02-29 09:00")
	for _, c := range []struct {
		rule  string
		start time.Time
		part  string
		says  string
	}{
		{"", start, "", "NAME=VALUE"},
		{"INTERVAL=2", start, "", "FREQ is missing"},
		{"FREQ=SECONDLY", start, "FREQ=SECONDLY", "DAILY, WEEKLY, MONTHLY or YEARLY"},
		{"FREQ=HOURLY;INTERVAL=2", start, "FREQ=HOURLY", "DAILY"},
		{"FREQ=DAILY;FREQ=DAILY", start, "FREQ=DAILY", "twice"},
		{"FREQ=DAILY;BYHOUR=9", start, "BYHOUR=9", "can be told FREQ"},
		{"FREQ=DAILY;BYMINUTE=30", start, "BYMINUTE=30", "can be told"},
		{"FREQ=YEARLY;BYWEEKNO=20", start, "BYWEEKNO=20", "can be told"},
		{"FREQ=YEARLY;BYYEARDAY=100", start, "BYYEARDAY=100", "can be told"},
		{"FREQ=DAILY;COLOUR=RED", start, "COLOUR=RED", "not a part"},
		{"FREQ=DAILY;INTERVAL=0", start, "INTERVAL=0", "from 1"},
		{"FREQ=DAILY;INTERVAL=1000", start, "INTERVAL=1000", "at most 999"},
		{"FREQ=WEEKLY;INTERVAL=100", start, "INTERVAL=100", "at most 99"},
		{"FREQ=MONTHLY;INTERVAL=100", start, "INTERVAL=100", "at most 99"},
		{"FREQ=DAILY;COUNT=-1", start, "COUNT=-1", "from 1"},
		{"FREQ=DAILY;COUNT=3;UNTIL=20261231", start, "UNTIL=20261231", "not both"},
		{"FREQ=DAILY;UNTIL=tomorrow", start, "UNTIL=TOMORROW", "20261231T080000Z"},
		{"FREQ=DAILY;UNTIL=99991231T235959Z", start, "UNTIL=99991231T235959Z", "4499"},
		{"FREQ=DAILY;UNTIL=20261119", start, "UNTIL=20261119", "before the first"},
		{"FREQ=DAILY;INTERVAL=2;BYDAY=MO,FR", start, "BYDAY=MO,FR", "FREQ=WEEKLY"},
		{"FREQ=DAILY;BYMONTH=1", start, "BYMONTH=1", "FREQ=DAILY"},
		{"FREQ=WEEKLY;BYDAY=1FR", start, "BYDAY=1FR", "no meaning"},
		{"FREQ=WEEKLY;BYDAY=XX", start, "BYDAY=XX", "MO, TU"},
		{"FREQ=WEEKLY;WKST=1MO", start, "WKST=1MO", "MO, TU"},
		{"FREQ=WEEKLY;BYMONTHDAY=20", start, "BYMONTHDAY=20", "FREQ=WEEKLY"},
		{"FREQ=MONTHLY;BYMONTHDAY=1,15", start, "BYMONTHDAY=1,15", "an event for each"},
		{"FREQ=MONTHLY;BYMONTHDAY=0", start, "BYMONTHDAY=0", "1 to 31"},
		{"FREQ=MONTHLY;BYMONTHDAY=-2", start, "BYMONTHDAY=-2", "-1, the last"},
		{"FREQ=MONTHLY;BYMONTHDAY=31", end, "BYMONTHDAY=31", "BYMONTHDAY=28,29,30,31;BYSETPOS=-1"},
		{"FREQ=MONTHLY", end, "", "BYMONTHDAY=28,29,30,31;BYSETPOS=-1"},
		{"FREQ=MONTHLY;BYDAY=FR", start, "BYDAY=FR", "FREQ=WEEKLY"},
		{"FREQ=MONTHLY;BYDAY=5FR", start, "BYDAY=5FR", "1 to 4"},
		{"FREQ=MONTHLY;BYDAY=-2FR", start, "BYDAY=-2FR", "last (-1)"},
		{"FREQ=MONTHLY;BYDAY=1MO,3FR", start, "BYDAY=1MO,3FR", "one day"},
		{"FREQ=MONTHLY;BYDAY=MO,FR;BYSETPOS=1", start, "BYDAY=MO,FR", "all seven"},
		{"FREQ=MONTHLY;BYDAY=FR;BYSETPOS=1,3", start, "BYSETPOS=1,3", "one place"},
		{"FREQ=MONTHLY;BYDAY=FR;BYSETPOS=5", start, "BYSETPOS=5", "1 to 4"},
		{"FREQ=MONTHLY;BYDAY=3FR;BYSETPOS=1", start, "BYSETPOS=1", "already"},
		{"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", start, "BYDAY=FR", "combine"},
		{"FREQ=MONTHLY;BYSETPOS=1", start, "BYSETPOS=1", "add one"},
		{"FREQ=MONTHLY;BYMONTHDAY=20,21;BYSETPOS=1", start, "BYSETPOS=1", "28,29,30,31"},
		{"FREQ=MONTHLY;BYMONTH=11;BYMONTHDAY=20", start, "BYMONTH=11", "FREQ=MONTHLY"},
		{"FREQ=YEARLY;INTERVAL=2", start, "INTERVAL=2", "FREQ=MONTHLY;INTERVAL=24"},
		{"FREQ=YEARLY;INTERVAL=20", start, "INTERVAL=20", "every year"},
		{"FREQ=YEARLY;BYMONTH=3,11", start, "BYMONTH=3,11", "one month"},
		{"FREQ=YEARLY;BYMONTH=13", start, "BYMONTH=13", "1 to 12"},
		{"FREQ=YEARLY;BYMONTHDAY=20", start, "BYMONTHDAY=20", "add BYMONTH"},
		{"FREQ=YEARLY;BYDAY=20FR", start, "BYDAY=20FR", "add BYMONTH"},
		{"FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31", start, "BYMONTHDAY=31", "April has no such day"},
		{"FREQ=YEARLY", leap, "", "BYMONTHDAY=28,29;BYSETPOS=-1"},
		{"FREQ=WEEKLY;BYDAY=MO", start, "", "the next one is Monday 2026-11-23"},
		{"FREQ=MONTHLY;BYDAY=1MO", start, "", "the next one is Monday 2026-12-07"},
		{"FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=19", start, "", "the next one is Friday 2027-11-19"},
		{"FREQ=WEEKLY;BYDAY=FR\nEXDATE:20261127", start, "", "more than one line"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			got, err := ParseRecurrence(c.rule, c.start)
			if err == nil {
				t.Fatalf("got %+v, want an error", got)
			}
			var e *RecurrenceError
			if !errors.As(err, &e) || !errors.Is(err, mailbox.ErrInvalid) {
				t.Fatalf("got a %T, which Is not ErrInvalid: %v", err, err)
			}
			if e.Part != c.part || !strings.Contains(e.Text, c.says) {
				t.Errorf("part %q, text %q; want part %q and a text with %q", e.Part, e.Text, c.part, c.says)
			}
		})
	}
}

func TestFormatRecurrencesFromOtherClients(t *testing.T) {
	start := in(t, "Europe/Berlin", "2026-11-20 09:00")
	for _, c := range []struct {
		name string
		in   *wsdl.RecurrenceType
		want string // "" means an error
	}{
		{"working days by their name", &wsdl.RecurrenceType{WeeklyRecurrence: week(1, "Weekday", "Sunday")}, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;WKST=SU"},
		{"no first day of the week", &wsdl.RecurrenceType{WeeklyRecurrence: &wsdl.WeeklyPattern{Interval: number(2), DaysOfWeek: wsdl.NewText("Friday")}},
			"FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;WKST=SU"},
		{"no interval", &wsdl.RecurrenceType{DailyRecurrence: &wsdl.DailyPattern{}}, "FREQ=DAILY"},
		{"first day of any kind", &wsdl.RecurrenceType{RelativeMonthlyRecurrence: place(1, "Day", "First")}, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=1"},
		{"a day that the month has not", &wsdl.RecurrenceType{AbsoluteYearlyRecurrence: &wsdl.AbsoluteYearlyPattern{DayOfMonth: number(31), Month: monthName(time.June)}},
			"FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=30"},
		{"end date with a zone behind it", &wsdl.RecurrenceType{DailyRecurrence: &wsdl.DailyPattern{}, EndDateRecurrence: until("2026-11-20", "2026-12-31+01:00")},
			"FREQ=DAILY;UNTIL=20261231T080000Z"},
		{"nothing", nil, ""},
		{"no pattern", &wsdl.RecurrenceType{NoEndRecurrence: noEnd("2026-11-20")}, ""},
		{"no day", &wsdl.RecurrenceType{WeeklyRecurrence: week(1, "", "Monday")}, ""},
		{"an unknown day", &wsdl.RecurrenceType{WeeklyRecurrence: week(1, "Freitag", "Monday")}, ""},
		{"an unknown place", &wsdl.RecurrenceType{RelativeMonthlyRecurrence: place(1, "Friday", "Fifth")}, ""},
		{"an unknown month", &wsdl.RecurrenceType{AbsoluteYearlyRecurrence: &wsdl.AbsoluteYearlyPattern{DayOfMonth: number(1)}}, ""},
		{"day 0", &wsdl.RecurrenceType{AbsoluteMonthlyRecurrence: &wsdl.AbsoluteMonthlyPattern{DayOfMonth: number(0)}}, ""},
		{"no end date", &wsdl.RecurrenceType{DailyRecurrence: &wsdl.DailyPattern{}, EndDateRecurrence: &wsdl.EndDateRange{}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := FormatRecurrence(c.in, start, false)
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

// TestExchangeToRRuleAndBack: whatever Exchange can say survives the way to an
// RRULE and back unchanged, and an independent reader of RRULEs finds the dates
// in it that Exchange means.
func TestExchangeToRRuleAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, start := drawRecurrence(t)
		rule, err := FormatRecurrence(r, start, false)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseRecurrence(rule, start)
		if err != nil {
			t.Fatalf("%s: %v", rule, err)
		}
		if diff := cmp.Diff(r, back); diff != "" {
			t.Errorf("%s (-Exchange +back):\n%s", rule, diff)
		}
		if want, got := exchangeDates(r, start), rruleDates(t, rule, start); !slices.Equal(want, got) {
			t.Errorf("%s from %s:\nExchange %v\nRRULE    %v", rule, start, want, got)
		}
	})
}

// TestRRuleToExchange: an RRULE that is taken means the same dates in Exchange,
// and after the way back.
func TestRRuleToExchange(t *testing.T) {
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		rule, start := drawRule(t)
		r, err := ParseRecurrence(rule, start)
		if err != nil {
			if !errors.Is(err, mailbox.ErrInvalid) {
				t.Fatalf("%s: %v is not ErrInvalid", rule, err)
			}
			return
		}
		taken++
		back, err := FormatRecurrence(r, start, false)
		if err != nil {
			t.Fatalf("%s: %v", rule, err)
		}
		want := rruleDates(t, rule, start)
		if got := exchangeDates(r, start); !slices.Equal(want, got) {
			t.Errorf("%s from %s:\nRRULE    %v\nExchange %v", rule, start, want, got)
		}
		if got := rruleDates(t, back, start); !slices.Equal(want, got) {
			t.Errorf("%s came back as %s", rule, back)
		}
	})
	if taken == 0 {
		t.Error("no rule was taken, so nothing was compared")
	}
}

// FuzzParseRecurrence: no text crashes the reader, and what it takes comes back
// from Exchange as a rule that means the same there.
func FuzzParseRecurrence(f *testing.F) {
	for _, rule := range []string{
		"FREQ=DAILY", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,MO;WKST=SU;COUNT=9", "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231T080000Z",
		"FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=20;UNTIL=20301120", "FREQ=YEARLY;BYMONTH=11;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=3",
		"FREQ=HOURLY", "FREQ=WEEKLY;BYDAY=1", ";;=;FREQ", "FREQ=MONTHLY;BYDAY=+3FR",
	} {
		f.Add(rule, int64(1795161600), false)
	}
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, rule string, unix int64, allDay bool) {
		start := time.Unix(unix%(1<<33), 0).In(loc)
		if allDay {
			start = startOfDay(start.Year(), start.Month(), start.Day(), loc)
		}
		r, err := ParseRecurrence(rule, start)
		if err != nil {
			if !errors.Is(err, mailbox.ErrInvalid) {
				t.Fatalf("%q: %v", rule, err)
			}
			return
		}
		text, err := FormatRecurrence(r, start, allDay)
		if err != nil {
			t.Fatalf("%q: %v", rule, err)
		}
		again, err := ParseRecurrence(text, start)
		if err != nil {
			t.Fatalf("%q became %q: %v", rule, text, err)
		}
		if diff := cmp.Diff(r, again); diff != "" {
			t.Errorf("%q became %q (-first +second):\n%s", rule, text, diff)
		}
	})
}

var drawnZones = []string{"UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Pacific/Honolulu", "America/St_Johns"}

func drawStart(t *rapid.T) time.Time {
	loc, err := time.LoadLocation(rapid.SampledFrom(drawnZones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	// Nine and five: hours that no change of the clocks leaves out.
	return time.Date(2026, time.January, 1+rapid.IntRange(0, 1500).Draw(t, "day"),
		rapid.SampledFrom([]int{5, 9, 17, 23}).Draw(t, "hour"), 0, 0, 0, loc)
}

// drawRecurrence makes anything that Exchange can say, and its first occurrence.
func drawRecurrence(t *rapid.T) (*wsdl.RecurrenceType, time.Time) {
	start := drawStart(t)
	each := func(limit int) *wsdl.Int32 { return number(rapid.IntRange(1, limit).Draw(t, "interval")) }
	dayName := rapid.SampledFrom([]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Day", "Weekday", "WeekendDay"})
	at := rapid.SampledFrom([]wsdl.DayIndexName{"First", "Second", "Third", "Fourth", "Last"})
	inMonth := rapid.Custom(func(t *rapid.T) time.Month { return time.Month(rapid.IntRange(1, 12).Draw(t, "month")) })

	r := new(wsdl.RecurrenceType)
	switch rapid.IntRange(0, 5).Draw(t, "pattern") {
	case 0:
		r.DailyRecurrence = &wsdl.DailyPattern{Interval: each(40)}
	case 1:
		var days []string
		set := rapid.IntRange(1, 127).Draw(t, "days")
		for i, w := range weekdays {
			if set&(1<<i) != 0 {
				days = append(days, string(w.name))
			}
		}
		first := rapid.SampledFrom(weekdays).Draw(t, "first day").name
		r.WeeklyRecurrence = week(int(*each(9)), strings.Join(days, " "), string(first))
	case 2:
		r.AbsoluteMonthlyRecurrence = &wsdl.AbsoluteMonthlyPattern{Interval: each(14), DayOfMonth: number(rapid.IntRange(1, 31).Draw(t, "day"))}
	case 3:
		r.RelativeMonthlyRecurrence = place(int(*each(14)), dayName.Draw(t, "days"), string(at.Draw(t, "place")))
	case 4:
		in := inMonth.Draw(t, "month")
		r.AbsoluteYearlyRecurrence = &wsdl.AbsoluteYearlyPattern{DayOfMonth: number(rapid.IntRange(1, longest(in)).Draw(t, "day")), Month: monthName(in)}
	case 5:
		r.RelativeYearlyRecurrence = &wsdl.RelativeYearlyPattern{DaysOfWeek: wsdl.NewText(dayName.Draw(t, "days")),
			DayOfWeekIndex: wsdl.Ptr(at.Draw(t, "place")), Month: monthName(inMonth.Draw(t, "month"))}
	}
	if !fits(r, start) {
		for start = start.AddDate(0, 0, 1); !fits(r, start); {
			start = start.AddDate(0, 0, 1)
		}
	}
	date := start.Format(time.DateOnly)
	switch rapid.IntRange(0, 2).Draw(t, "range") {
	case 0:
		r.NoEndRecurrence = noEnd(date)
	case 1:
		r.NumberedRecurrence = times(date, rapid.IntRange(1, 20).Draw(t, "count"))
	case 2:
		r.EndDateRecurrence = until(date, start.AddDate(0, 0, rapid.IntRange(0, 900).Draw(t, "days")).Format(time.DateOnly))
	}
	return r, start
}

// drawRule makes an RRULE, sensible to Exchange or not.
func drawRule(t *rapid.T) (string, time.Time) {
	start := drawStart(t)
	rule := "FREQ=" + rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq")
	add := func(chance int, name string, values ...string) {
		if rapid.IntRange(0, chance).Draw(t, name+"?") == 0 {
			rule += ";" + name + "=" + rapid.SampledFrom(values).Draw(t, name)
		}
	}
	code := codeOf(start.Weekday())
	month, day := start.Format("1"), start.Format("2")
	add(1, "INTERVAL", "1", "2", "3", "12")
	add(2, "BYDAY", code, code, "1"+code, "2"+code, "-1"+code, "MO,TU,WE,TH,FR", "SA,SU", "MO,TU,WE,TH,FR,SA,SU", "MO,"+code, "5"+code)
	add(2, "BYMONTHDAY", day, day, "-1", "28,29,30,31", "28,29", "31", "30", "15,16")
	add(2, "BYMONTH", month, month, "2", "3,9")
	add(2, "BYSETPOS", "1", "2", "-1", "-2", "4")
	add(2, "WKST", "MO", "SU", "WE")
	if rapid.Bool().Draw(t, "ends") {
		add(1, "COUNT", "1", "4", "9")
	} else {
		end := start.AddDate(0, 0, rapid.IntRange(0, 900).Draw(t, "days"))
		add(1, "UNTIL", end.UTC().Format("20060102T150405Z"), end.Add(-time.Second).UTC().Format("20060102T150405Z"),
			end.Add(3*time.Hour).UTC().Format("20060102T150405Z"))
	}
	return rule, start
}

// enough is how many dates are compared of a recurrence, and horizon how far.
const (
	enough  = 40
	horizon = 4000 // days
)

// exchangeDates expands what Exchange was told, day by day, by the meaning that
// Exchange's pages give to each element.
func exchangeDates(r *wsdl.RecurrenceType, start time.Time) []string {
	limit, end := enough, ""
	if n := r.NumberedRecurrence; n != nil {
		limit = min(limit, int(*n.NumberOfOccurrences))
	}
	if e := r.EndDateRecurrence; e != nil {
		end = string(*e.EndDate)
	}
	var dates []string
	for i := 0; i < horizon && len(dates) < limit; i++ {
		day := start.AddDate(0, 0, i)
		date := day.Format(time.DateOnly)
		if end != "" && date > end {
			break
		}
		if fits(r, day) && inStep(r, start, day) {
			dates = append(dates, date)
		}
	}
	return dates
}

func inStep(r *wsdl.RecurrenceType, start, day time.Time) bool {
	months := (day.Year()-start.Year())*12 + int(day.Month()-start.Month())
	switch {
	case r.DailyRecurrence != nil:
		return (dayNumber(day)-dayNumber(start))%int(*r.DailyRecurrence.Interval) == 0
	case r.WeeklyRecurrence != nil:
		weekOf := func(t time.Time) int {
			for string(*r.WeeklyRecurrence.FirstDayOfWeek) != t.Weekday().String() {
				t = t.AddDate(0, 0, -1)
			}
			return dayNumber(t) / 7
		}
		return (weekOf(day)-weekOf(start))%int(*r.WeeklyRecurrence.Interval) == 0
	case r.AbsoluteMonthlyRecurrence != nil:
		return months%int(*r.AbsoluteMonthlyRecurrence.Interval) == 0
	case r.RelativeMonthlyRecurrence != nil:
		return months%int(*r.RelativeMonthlyRecurrence.Interval) == 0
	}
	return true
}

// fits tells whether a day is of the pattern, found by counting through its
// month.
func fits(r *wsdl.RecurrenceType, day time.Time) bool {
	last := day.AddDate(0, 1, -day.Day()).Day()
	onDay := func(n *wsdl.Int32) bool { return day.Day() == int(*n) || int(*n) > last && day.Day() == last }
	named := func(name string, d time.Time) bool {
		weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
		return name == "Day" || name == "Weekday" && !weekend || name == "WeekendDay" && weekend || name == d.Weekday().String()
	}
	onPlace := func(name *wsdl.Text, place *wsdl.DayIndexName) bool {
		if !named(string(*name), day) {
			return false
		}
		before, after := 0, 0
		for n := 1; n <= last; n++ {
			d := day.AddDate(0, 0, n-day.Day())
			if named(string(*name), d) && n < day.Day() {
				before++
			}
			if named(string(*name), d) && n > day.Day() {
				after++
			}
		}
		return map[wsdl.DayIndexName]bool{"First": before == 0, "Second": before == 1, "Third": before == 2, "Fourth": before == 3, "Last": after == 0}[*place]
	}
	inMonth := func(name *wsdl.MonthName) bool { return string(*name) == day.Month().String() }
	switch {
	case r.WeeklyRecurrence != nil:
		return slices.Contains(strings.Fields(string(*r.WeeklyRecurrence.DaysOfWeek)), day.Weekday().String())
	case r.AbsoluteMonthlyRecurrence != nil:
		return onDay(r.AbsoluteMonthlyRecurrence.DayOfMonth)
	case r.RelativeMonthlyRecurrence != nil:
		return onPlace(r.RelativeMonthlyRecurrence.DaysOfWeek, r.RelativeMonthlyRecurrence.DayOfWeekIndex)
	case r.AbsoluteYearlyRecurrence != nil:
		return inMonth(r.AbsoluteYearlyRecurrence.Month) && onDay(r.AbsoluteYearlyRecurrence.DayOfMonth)
	case r.RelativeYearlyRecurrence != nil:
		return inMonth(r.RelativeYearlyRecurrence.Month) && onPlace(r.RelativeYearlyRecurrence.DaysOfWeek, r.RelativeYearlyRecurrence.DayOfWeekIndex)
	}
	return r.DailyRecurrence != nil
}

// rruleDates expands an RRULE with another project's implementation.
func rruleDates(t *rapid.T, rule string, start time.Time) []string {
	option, err := rrule.StrToROptionInLocation(rule, start.Location())
	if err != nil {
		t.Fatalf("%s: %v", rule, err)
	}
	option.Dtstart = start
	r, err := rrule.NewRRule(*option)
	if err != nil {
		t.Fatalf("%s: %v", rule, err)
	}
	var dates []string
	next := r.Iterator()
	for len(dates) < enough {
		when, ok := next()
		if !ok || dayNumber(when) >= dayNumber(start)+horizon {
			break
		}
		dates = append(dates, when.Format(time.DateOnly))
	}
	return dates
}

func noEnd(start string) *wsdl.NoEndRange {
	return &wsdl.NoEndRange{StartDate: wsdl.Ptr(wsdl.DateText(start))}
}

func times(start string, n int) *wsdl.NumberedRange {
	return &wsdl.NumberedRange{StartDate: wsdl.Ptr(wsdl.DateText(start)), NumberOfOccurrences: number(n)}
}

func until(start, end string) *wsdl.EndDateRange {
	return &wsdl.EndDateRange{StartDate: wsdl.Ptr(wsdl.DateText(start)), EndDate: wsdl.Ptr(wsdl.DateText(end))}
}

func week(interval int, days, first string) *wsdl.WeeklyPattern {
	return &wsdl.WeeklyPattern{Interval: number(interval), DaysOfWeek: wsdl.Ptr(wsdl.Text(days)), FirstDayOfWeek: wsdl.Ptr(wsdl.DayName(first))}
}

func place(interval int, days, index string) *wsdl.RelativeMonthlyPattern {
	return &wsdl.RelativeMonthlyPattern{Interval: number(interval), DaysOfWeek: wsdl.NewText(days), DayOfWeekIndex: wsdl.Ptr(wsdl.DayIndexName(index))}
}
