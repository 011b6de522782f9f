package ews

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// rule is an RRULE as it is written, before anything is read into it.
type rule struct {
	text      string            // as given, for errors
	parts     map[string]string // as given, for errors
	freq      string
	interval  int
	count     int // 0: not given
	until     string
	days      []ruleDay
	monthDays []int
	months    []int
	setPos    []int
	weekStart time.Weekday
}

// ruleDay is an element of BYDAY; n is 0 where no number stands before the day.
type ruleDay struct {
	n   int
	day time.Weekday
}

// ruleParts are the parts that can be said to Exchange, for errors.
const ruleParts = "Exchange can be told FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and WKST"

// fault makes the error for one part of the rule.
func (r *rule) fault(part, text string) error {
	if value, ok := r.parts[part]; ok {
		part += "=" + value
	}
	return &RecurrenceError{Rule: r.text, Part: part, Text: text}
}

// parseRule reads an RRULE by its grammar (RFC 5545, 3.3.10).
func parseRule(text string) (*rule, error) {
	r := &rule{text: text, parts: map[string]string{}, interval: 1, weekStart: time.Monday}
	body := strings.ToUpper(strings.TrimSpace(text))
	body = strings.TrimSuffix(strings.TrimPrefix(body, "RRULE:"), ";")
	if strings.ContainsAny(body, "\r\n") {
		return nil, r.fault("", "more than one line; give the RRULE alone")
	}
	for part := range strings.SplitSeq(body, ";") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || value == "" {
			return nil, r.fault(part, "not of the form NAME=VALUE")
		}
		if _, twice := r.parts[name]; twice {
			return nil, r.fault(name, "given twice")
		}
		r.parts[name] = value
		if err := r.set(name, value); err != nil {
			return nil, err
		}
	}
	if r.freq == "" {
		return nil, r.fault("", "FREQ is missing: DAILY, WEEKLY, MONTHLY or YEARLY")
	}
	return r, nil
}

func (r *rule) set(name, value string) error {
	ok := true
	switch name {
	case "FREQ":
		r.freq = value
	case "INTERVAL":
		if r.interval, ok = whole(value, 1, 1<<30); !ok {
			return r.fault(name, "not a number from 1")
		}
	case "COUNT":
		if r.count, ok = whole(value, 1, 1<<30); !ok {
			return r.fault(name, "not a number from 1")
		}
	case "UNTIL":
		r.until = value
	case "BYDAY":
		for element := range strings.SplitSeq(value, ",") {
			day, ok := parseRuleDay(element)
			if !ok {
				return r.fault(name, element+" is no day; days are MO, TU, WE, TH, FR, SA and SU, with a number before them for a place in the month, such as -1FR")
			}
			r.days = append(r.days, day)
		}
	case "BYMONTHDAY":
		if r.monthDays, ok = numbers(value, 31); !ok {
			return r.fault(name, "days of a month are 1 to 31, or -1 to -31 from its end")
		}
	case "BYMONTH":
		if r.months, ok = numbers(value, 12); !ok || slices.Min(r.months) < 1 {
			return r.fault(name, "months are 1 to 12")
		}
	case "BYSETPOS":
		if r.setPos, ok = numbers(value, 366); !ok {
			return r.fault(name, "places are 1 to 366, or -1 to -366 from the end")
		}
	case "WKST":
		day, ok := parseRuleDay(value)
		if !ok || day.n != 0 {
			return r.fault(name, "the first day of the week is MO, TU, WE, TH, FR, SA or SU")
		}
		r.weekStart = day.day
	case "BYSECOND", "BYMINUTE", "BYHOUR", "BYYEARDAY", "BYWEEKNO":
		return r.fault(name, ruleParts)
	default:
		return r.fault(name, "not a part of an RRULE; "+ruleParts)
	}
	return nil
}

// whole reads digits as a number between low and high.
func whole(text string, low, high int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= low && n <= high && text[0] != '+'
}

// numbers reads a list of numbers from -limit to limit without 0, and sorts it.
func numbers(text string, limit int) ([]int, bool) {
	var list []int
	for element := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(element)
		if err != nil || n == 0 || n < -limit || n > limit {
			return nil, false
		}
		list = append(list, n)
	}
	slices.Sort(list)
	return slices.Compact(list), true
}

// parseRuleDay reads "MO", "1MO" or "-1FR".
func parseRuleDay(text string) (ruleDay, bool) {
	if len(text) < 2 {
		return ruleDay{}, false
	}
	place, code := text[:len(text)-2], text[len(text)-2:]
	for _, w := range weekdays {
		if w.code != code {
			continue
		}
		if place == "" {
			return ruleDay{day: w.day}, true
		}
		n, err := strconv.Atoi(place)
		return ruleDay{n: n, day: w.day}, err == nil && n != 0 && n >= -53 && n <= 53
	}
	return ruleDay{}, false
}

// String writes the rule with its parts in one order.
func (r *rule) String() string {
	out := "FREQ=" + r.freq
	add := func(name, value string) {
		if value != "" {
			out += ";" + name + "=" + value
		}
	}
	if r.interval > 1 {
		add("INTERVAL", strconv.Itoa(r.interval))
	}
	add("BYMONTH", join(r.months))
	add("BYMONTHDAY", join(r.monthDays))
	var days []string
	for _, d := range r.days {
		code := codeOf(d.day)
		if d.n != 0 {
			code = strconv.Itoa(d.n) + code
		}
		days = append(days, code)
	}
	add("BYDAY", strings.Join(days, ","))
	add("BYSETPOS", join(r.setPos))
	if r.weekStart != time.Monday {
		add("WKST", codeOf(r.weekStart))
	}
	if r.count > 0 {
		add("COUNT", strconv.Itoa(r.count))
	}
	add("UNTIL", r.until)
	return out
}

func codeOf(day time.Weekday) string { return strings.ToUpper(day.String()[:2]) }
