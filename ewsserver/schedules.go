package ewsserver

import (
	"context"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// Scheduler is what a Session also implements that knows when people and rooms
// are free. This package does the rest of GetUserAvailability: time zones,
// merged views, suggestions.
type Scheduler interface {
	// Schedule returns what a mailbox has, in part at least, between from and
	// to. Errors: ErrorMailRecipientNotFound (nobody has the address),
	// ErrorNoFreeBusyAccess.
	Schedule(ctx context.Context, address string, from, to time.Time) (Schedule, error)
}

// Schedule is somebody's time, as far as the caller may know it.
type Schedule struct {
	// View is the most that the caller may be told: Detailed, FreeBusy or
	// None.
	View wsdl.FreeBusyViewName
	// Blocks are in order of their start.
	Blocks []Block
	// Hours may be nil.
	Hours *Hours
}

// Block is a time that an event takes, free ones included.
type Block struct {
	Start, End time.Time
	Status     wsdl.FreeBusyName
	// Details are told where View is Detailed.
	Details *wsdl.CalendarEventDetailsType
}

// Hours are working hours.
type Hours struct {
	Zone *time.Location
	Days []time.Weekday
	// From and To are times of the day.
	From, To time.Duration
}

// during tells whether a span of time lies in working hours. One that reaches
// into another day does not.
func (h *Hours) during(from, to time.Time) bool {
	from, to = from.In(h.Zone), to.In(h.Zone)
	midnight := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)
	clock := func(t time.Time) time.Duration {
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC).Sub(midnight)
	}
	if clock(from) < h.From || clock(to) > h.To {
		return false
	}
	for _, d := range h.Days {
		if d == from.Weekday() {
			return true
		}
	}
	return false
}

// status returns the status that weighs most between two times. Working
// elsewhere weighs little: the person can be met.
func (s *Schedule) status(from, to time.Time) wsdl.FreeBusyName {
	worst := wsdl.FreeBusyNameFree
	for _, b := range s.Blocks {
		if b.Start.Before(to) && b.End.After(from) && weight(b.Status) > weight(worst) {
			worst = b.Status
		}
	}
	return worst
}

// weight orders statuses, the free first.
func weight(status wsdl.FreeBusyName) int {
	switch status {
	case wsdl.FreeBusyNameFree:
		return 0
	case wsdl.FreeBusyNameWorkingElsewhere:
		return 1
	case wsdl.FreeBusyNameTentative:
		return 2
	case wsdl.FreeBusyNameBusy:
		return 3
	case wsdl.FreeBusyNameOOF:
		return 4
	}
	return 5
}

// digit is how a status is written in a merged view: by its place in
// LegacyFreeBusyType ([MS-OXWSCDATA]).
func digit(status wsdl.FreeBusyName) byte {
	switch status {
	case wsdl.FreeBusyNameFree:
		return '0'
	case wsdl.FreeBusyNameTentative:
		return '1'
	case wsdl.FreeBusyNameBusy:
		return '2'
	case wsdl.FreeBusyNameOOF:
		return '3'
	case wsdl.FreeBusyNameWorkingElsewhere:
		return '4'
	}
	return '5'
}

// merged writes a digit for each interval of a window.
func (s *Schedule) merged(from, to time.Time, interval time.Duration) string {
	var digits []byte
	for ; from.Before(to); from = from.Add(interval) {
		end := from.Add(interval)
		if end.After(to) {
			end = to
		}
		digits = append(digits, digit(s.status(from, end)))
	}
	return string(digits)
}
