package ews

import (
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// taskRecurrence turns a rule into what Exchange understands for a task. A task
// that regenerates has a frequency, an interval and an end alone. first is the
// day of the first task.
func (m *Mailbox) taskRecurrence(operation, rrule string, regenerates bool, first mailbox.Date) (*wsdl.TaskRecurrenceType, error) {
	start, ok := first.In(time.UTC)
	if !ok {
		return nil, m.invalid(operation, "a task that recurs has a start or a due day")
	}
	if !regenerates {
		r, err := ParseRecurrence(rrule, start)
		if err != nil {
			return nil, err
		}
		return as[wsdl.TaskRecurrenceType](r), nil
	}
	r, err := parseRule(rrule)
	if err != nil {
		return nil, err
	}
	if err := r.only(); err != nil {
		return nil, &RecurrenceError{Rule: rrule, Text: "a task that regenerates has FREQ, INTERVAL, COUNT and UNTIL alone"}
	}
	ends := new(wsdl.RecurrenceType)
	if err := r.setRange(ends, start); err != nil {
		return nil, err
	}
	out := as[wsdl.TaskRecurrenceType](ends)
	pattern := &wsdl.RegeneratingPattern{Interval: number(r.interval)}
	limit := maxMonths
	switch r.freq {
	case "DAILY":
		out.DailyRegeneration, limit = pattern, maxDays
	case "WEEKLY":
		out.WeeklyRegeneration, limit = pattern, maxWeeks
	case "MONTHLY":
		out.MonthlyRegeneration = pattern
	case "YEARLY":
		out.YearlyRegeneration = pattern
	default:
		return nil, r.fault("FREQ", "Exchange repeats by days, weeks, months or years: DAILY, WEEKLY, MONTHLY or YEARLY")
	}
	if r.interval > limit {
		return nil, r.fault("INTERVAL", "too long for Exchange")
	}
	return out, nil
}

// formatTaskRecurrence is the way back; "" where there is no recurrence, or one
// that a rule cannot say.
func formatTaskRecurrence(t *wsdl.TaskType) (rrule string, regenerates bool) {
	r := t.Recurrence
	if r == nil {
		return "", false
	}
	plain := as[wsdl.RecurrenceType](r)
	regenerating := &rule{interval: 1, weekStart: time.Monday}
	for _, p := range []struct {
		freq    string
		pattern *wsdl.RegeneratingPattern
	}{{"DAILY", r.DailyRegeneration}, {"WEEKLY", r.WeeklyRegeneration}, {"MONTHLY", r.MonthlyRegeneration}, {"YEARLY", r.YearlyRegeneration}} {
		if p.pattern != nil {
			regenerating.freq, regenerating.interval = p.freq, interval(p.pattern.Interval)
		}
	}
	if regenerating.freq == "" {
		start, ok := recurrenceStart(plain)
		if !ok {
			return "", false
		}
		text, err := FormatRecurrence(plain, start, true)
		if err != nil {
			return "", false
		}
		return text, false
	}
	if n := r.NumberedRecurrence; n != nil {
		regenerating.count = int(wsdl.Val(n.NumberOfOccurrences))
	}
	if e := r.EndDateRecurrence; e != nil {
		end, ok := wsdl.ParseDate(e.EndDate, nil)
		if !ok {
			return "", false
		}
		regenerating.until = formatUntil(end, end, true)
	}
	return regenerating.String(), true
}

// recurrenceStart is the day that a range begins with.
func recurrenceStart(r *wsdl.RecurrenceType) (time.Time, bool) {
	switch {
	case r.NoEndRecurrence != nil:
		return wsdl.ParseDate(r.NoEndRecurrence.StartDate, nil)
	case r.EndDateRecurrence != nil:
		return wsdl.ParseDate(r.EndDateRecurrence.StartDate, nil)
	case r.NumberedRecurrence != nil:
		return wsdl.ParseDate(r.NumberedRecurrence.StartDate, nil)
	}
	return time.Time{}, false
}
