package ewsserver

import (
	"strconv"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// comparator splits "<=x" into its operator and the rest; "=" where there is
// none.
func comparator(v string) (op, rest string) {
	for _, op := range []string{">=", "<=", "<>", ">", "<", "="} {
		if rest, ok := strings.CutPrefix(v, op); ok {
			return op, rest
		}
	}
	return "=", v
}

// nothing passes nothing: a query that is not understood finds nothing.
func nothing(any) bool { return false }

// timeIn compares a time with a day, a span of days or a name such as "today".
// Days are those of the request's time zone.
func (c *call) timeIn(field, v string) filter {
	op, rest := comparator(v)
	from, to, ok := c.span(rest)
	if !ok {
		return nothing
	}
	return func(o any) bool {
		t, ok := wsdl.ParseTime(get[*wsdl.DateTimeText](o, field), c.zone)
		if !ok {
			return false
		}
		switch op {
		case ">":
			return !t.Before(to)
		case ">=":
			return !t.Before(from)
		case "<":
			return t.Before(from)
		case "<=":
			return t.Before(to)
		case "<>":
			return t.Before(from) || !t.Before(to)
		}
		return !t.Before(from) && t.Before(to)
	}
}

// span returns the time between from (inclusive) and to (exclusive) that a
// text means.
func (c *call) span(v string) (from, to time.Time, ok bool) {
	loc := c.zone
	if loc == nil {
		loc = time.UTC
	}
	now := c.Now().In(loc)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, loc)
	monday := today.AddDate(0, 0, -int(today.Weekday()+6)%7)
	month := today.AddDate(0, 0, 1-today.Day())
	switch strings.ReplaceAll(v, " ", "") {
	case "today":
		return today, today.AddDate(0, 0, 1), true
	case "yesterday":
		return today.AddDate(0, 0, -1), today, true
	case "thisweek":
		return monday, monday.AddDate(0, 0, 7), true
	case "lastweek":
		return monday.AddDate(0, 0, -7), monday, true
	case "thismonth":
		return month, month.AddDate(0, 1, 0), true
	case "lastmonth":
		return month.AddDate(0, -1, 0), month, true
	case "thisyear":
		year := time.Date(now.Year(), 1, 1, 0, 0, 0, 0, loc)
		return year, year.AddDate(1, 0, 0), true
	}
	if a, b, isRange := strings.Cut(v, ".."); isRange {
		from, _, ok := day(a, loc)
		_, to, ok2 := day(b, loc)
		return from, to, ok && ok2
	}
	return day(v, loc)
}

// day reads a date, or a point in time, which is a span of a second. Dates
// with slashes are American, as Exchange reads them for English.
func day(v string, loc *time.Location) (from, to time.Time, ok bool) {
	for _, layout := range []string{"2006-01-02", "1/2/2006"} {
		if t, err := time.ParseInLocation(layout, v, loc); err == nil {
			return t, t.AddDate(0, 0, 1), true
		}
	}
	t, ok := wsdl.ParseTime(wsdl.Ptr(wsdl.DateTimeText(strings.ToUpper(v))), loc)
	return t, t.Add(time.Second), ok
}

// sizeIn compares the size with a number of bytes, kb or mb, or a range.
func sizeIn(v string) filter {
	op, rest := comparator(v)
	low, high, isRange := strings.Cut(rest, "..")
	if !isRange {
		high = low
	}
	from, ok := bytesOf(low)
	to, ok2 := bytesOf(high)
	if !ok || !ok2 {
		return nothing
	}
	return func(o any) bool {
		size := int64(wsdl.Val(get[*wsdl.Int32](o, "Size")))
		switch op {
		case ">":
			return size > from
		case ">=":
			return size >= from
		case "<":
			return size < from
		case "<=":
			return size <= from
		case "<>":
			return size < from || size > to
		}
		return size >= from && size <= to
	}
}

func bytesOf(v string) (int64, bool) {
	unit := int64(1)
	switch {
	case strings.HasSuffix(v, "kb"):
		v, unit = v[:len(v)-2], 1<<10
	case strings.HasSuffix(v, "mb"):
		v, unit = v[:len(v)-2], 1<<20
	}
	n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 32)
	return n * unit, err == nil && n >= 0
}
