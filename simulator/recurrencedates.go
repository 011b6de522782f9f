package simulator

import (
	"time"

	"github.com/exconn/exconn/wsdl"
)

// datedRecurrence returns a recurrence whose dates are written as Exchange
// writes them, with the offset that the zone has at midnight of that day. They
// are days all the same: readers ignore the offset, and some, such as
// exchangelib, know a date from a time by it.
func datedRecurrence(r *wsdl.RecurrenceType, loc *time.Location) *wsdl.RecurrenceType {
	out := *r
	out.NoEndRecurrence, out.EndDateRecurrence, out.NumberedRecurrence = datedRange(r.NoEndRecurrence, r.EndDateRecurrence, r.NumberedRecurrence, loc)
	return &out
}

// datedTaskRecurrence does the same for a task's.
func datedTaskRecurrence(r *wsdl.TaskRecurrenceType, loc *time.Location) *wsdl.TaskRecurrenceType {
	out := *r
	out.NoEndRecurrence, out.EndDateRecurrence, out.NumberedRecurrence = datedRange(r.NoEndRecurrence, r.EndDateRecurrence, r.NumberedRecurrence, loc)
	return &out
}

func datedRange(none *wsdl.NoEndRange, until *wsdl.EndDateRange, counted *wsdl.NumberedRange, loc *time.Location) (*wsdl.NoEndRange, *wsdl.EndDateRange, *wsdl.NumberedRange) {
	if none != nil {
		none = &wsdl.NoEndRange{StartDate: datedIn(none.StartDate, loc)}
	}
	if until != nil {
		until = &wsdl.EndDateRange{StartDate: datedIn(until.StartDate, loc), EndDate: datedIn(until.EndDate, loc)}
	}
	if counted != nil {
		counted = &wsdl.NumberedRange{StartDate: datedIn(counted.StartDate, loc), NumberOfOccurrences: counted.NumberOfOccurrences}
	}
	return none, until, counted
}

func datedIn(date *wsdl.DateText, loc *time.Location) *wsdl.DateText {
	day, ok := wsdl.ParseDate(date, loc)
	if !ok {
		return date
	}
	return wsdl.Ptr(wsdl.DateText(day.Format("2006-01-02Z07:00")))
}
