package ewsserver

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// recurrenceOf reads an RRULE (RFC 5545, 3.3.10) as one of the patterns that
// Exchange has; false where it has none for it.
func recurrenceOf(rule string, start time.Time) (*wsdl.RecurrenceType, bool) {
	parts := map[string]string{}
	for part := range strings.SplitSeq(rule, ";") {
		name, value, _ := strings.Cut(part, "=")
		parts[strings.ToUpper(name)] = strings.ToUpper(value)
	}
	number := func(name string, usual int) *wsdl.Int32 {
		n, err := strconv.Atoi(parts[name])
		if err != nil {
			n = usual
		}
		return wsdl.Ptr(wsdl.Int32(n))
	}
	for _, name := range []string{"BYHOUR", "BYMINUTE", "BYSECOND", "BYYEARDAY", "BYWEEKNO"} {
		if parts[name] != "" {
			return nil, false
		}
	}
	r := new(wsdl.RecurrenceType)
	interval := number("INTERVAL", 1)
	days, place, ok := icalByDay(parts["BYDAY"], parts["BYSETPOS"])
	if !ok {
		return nil, false
	}
	month := start.Month()
	if n := *number("BYMONTH", int(month)); n >= 1 && n <= 12 {
		month = time.Month(n)
	}
	monthName := wsdl.MonthName(month.String())
	switch frequency := parts["FREQ"]; {
	case frequency == "DAILY" && days == "":
		r.DailyRecurrence = &wsdl.DailyPattern{Interval: interval}
	case frequency == "DAILY", frequency == "WEEKLY":
		if days == "" {
			days = start.Weekday().String()
		}
		r.WeeklyRecurrence = &wsdl.WeeklyPattern{Interval: interval, DaysOfWeek: wsdl.NewText(days)}
		if first, ok := icalWeekday(parts["WKST"]); ok {
			r.WeeklyRecurrence.FirstDayOfWeek = wsdl.Ptr(wsdl.DayName(first.String()))
		}
	case frequency == "MONTHLY" && days != "":
		r.RelativeMonthlyRecurrence = &wsdl.RelativeMonthlyPattern{Interval: interval, DaysOfWeek: wsdl.NewText(days), DayOfWeekIndex: place}
	case frequency == "MONTHLY":
		r.AbsoluteMonthlyRecurrence = &wsdl.AbsoluteMonthlyPattern{Interval: interval, DayOfMonth: number("BYMONTHDAY", start.Day())}
	case frequency == "YEARLY" && days != "":
		r.RelativeYearlyRecurrence = &wsdl.RelativeYearlyPattern{DaysOfWeek: wsdl.NewText(days), DayOfWeekIndex: place, Month: &monthName}
	case frequency == "YEARLY":
		r.AbsoluteYearlyRecurrence = &wsdl.AbsoluteYearlyPattern{DayOfMonth: number("BYMONTHDAY", start.Day()), Month: &monthName}
	default:
		return nil, false
	}
	first := wsdl.FormatDate(start)
	switch until := (icalProperty{value: parts["UNTIL"]}); {
	case parts["COUNT"] != "":
		r.NumberedRecurrence = &wsdl.NumberedRange{StartDate: first, NumberOfOccurrences: number("COUNT", 0)}
	case until.value != "":
		last, day, ok := until.time(start.Location())
		if !ok {
			return nil, false
		}
		if !day {
			last = last.In(start.Location())
		}
		r.EndDateRecurrence = &wsdl.EndDateRange{StartDate: first, EndDate: wsdl.FormatDate(last)}
	default:
		r.NoEndRecurrence = &wsdl.NoEndRange{StartDate: first}
	}
	return r, true
}

func icalWeekday(letters string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if icalDay(d.String()) == letters {
			return d, true
		}
	}
	return 0, false
}

// icalByDay reads BYDAY with the places of the days, which may come in BYSETPOS:
// 2TU is the second Tuesday. False where the days have different places.
func icalByDay(list, position string) (days string, place *wsdl.DayIndexName, ok bool) {
	if list == "" {
		return "", nil, true
	}
	var names, letters []string
	for each := range strings.SplitSeq(list, ",") {
		if len(each) < 2 {
			return "", nil, false
		}
		n, two := each[:len(each)-2], each[len(each)-2:]
		day, known := icalWeekday(two)
		if !known || n != "" && position != "" && n != position {
			return "", nil, false
		}
		if n != "" {
			position = n
		}
		names, letters = append(names, day.String()), append(letters, two)
	}
	days = strings.Join(names, " ")
	slices.Sort(letters)
	for group, members := range icalDayGroups {
		all := strings.Split(members, ",")
		slices.Sort(all)
		if position != "" && slices.Equal(all, letters) {
			days = group
		}
	}
	at, err := strconv.Atoi(strings.TrimPrefix(position, "+"))
	if position == "" || err != nil {
		at = 1
	}
	for name, n := range icalPlaces {
		if n == at {
			return days, &name, true
		}
	}
	return "", nil, false
}
