package ewsserver

import (
	"context"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// The bounds of GetUserAvailability ([MS-OXWAVLS] 3.1.4.1, and Exchange's
// defaults).
const (
	maxScheduled       = 100
	maxScheduledWindow = 62 * 24 * time.Hour
	minMergedInterval  = 5
	maxMergedInterval  = 24 * 60
	usualInterval      = 30
)

// planning is a GetUserAvailability on its way.
type planning struct {
	loc       *time.Location
	attendees []attendee
}

// attendee is a mailbox of the request with what was found out about it.
type attendee struct {
	data     *wsdl.MailboxData
	schedule Schedule
	err      error
}

// getUserAvailability answers GetUserAvailability ([MS-OXWAVLS] 3.1.4.1). Times
// of the request and of the answer are in the zone that the request describes.
func (c *call) getUserAvailability(ctx context.Context, req *wsdl.GetUserAvailabilityRequest) (*wsdl.GetUserAvailabilityResponse, error) {
	scheduler, err := ability[Scheduler](c)
	if err != nil {
		return nil, err
	}
	p, err := newPlanning(req, c.zone)
	if err != nil {
		return nil, asFault(err)
	}
	from, to, interval, err := p.window(req.FreeBusyViewOptions)
	if err != nil {
		return nil, asFault(err)
	}
	var s *suggesting
	if req.SuggestionsViewOptions != nil {
		if s, err = p.suggesting(req.SuggestionsViewOptions); err != nil {
			return nil, asFault(err)
		}
	}
	first, last := from, to
	if s != nil && (first.IsZero() || s.from.Before(first)) {
		first = s.from
	}
	if s != nil && s.to.After(last) {
		last = s.to
	}
	for i := range p.attendees {
		a := &p.attendees[i]
		a.schedule, a.err = scheduler.Schedule(ctx, strings.TrimSpace(wsdl.Str(a.data.Email.Address)), first, last)
	}
	answer := new(wsdl.GetUserAvailabilityResponse)
	if req.FreeBusyViewOptions != nil {
		answer.FreeBusyResponseArray = new(wsdl.FreeBusyResponsesType)
		for _, a := range p.attendees {
			o, err := c.outcome(ctx, a.err)
			if err != nil {
				return nil, err
			}
			r := &wsdl.FreeBusyResponseType{ResponseMessage: o.plain(), FreeBusyView: &wsdl.FreeBusyViewData{
				FreeBusyViewType: viewType(wsdl.FreeBusyViewNameNone)}}
			if a.err == nil {
				r.FreeBusyView = p.view(&a.schedule, wsdl.Val(req.FreeBusyViewOptions.RequestedView), from, to, interval)
			}
			answer.FreeBusyResponseArray.FreeBusyResponse = append(answer.FreeBusyResponseArray.FreeBusyResponse, r)
		}
	}
	if s != nil {
		answer.SuggestionsResponse = &wsdl.SuggestionsResponseType{
			ResponseMessage: success.plain(), SuggestionDayResultArray: s.days(p),
		}
	}
	return answer, nil
}

// asFault makes an error one of the request as a whole: the operation has no
// response message for it.
func asFault(err error) error {
	if e, ok := err.(*Error); ok {
		out := *e
		out.Fault = true
		return &out
	}
	return err
}

// newPlanning reads a request. Since Exchange 2010 the zone may come in the
// TimeZoneContext header instead: so the EWS Managed API has it.
func newPlanning(req *wsdl.GetUserAvailabilityRequest, loc *time.Location) (*planning, error) {
	if req.TimeZone == nil && loc == nil {
		return nil, invalid("TimeZone is missing, and the TimeZoneContext header with it.")
	}
	if req.FreeBusyViewOptions == nil && req.SuggestionsViewOptions == nil {
		return nil, &Error{Code: ErrorInvalidFreeBusyViewType, Text: "Neither free/busy times nor suggestions are asked for."}
	}
	if req.TimeZone != nil {
		var err error
		if loc, err = flatLocation(req.TimeZone.Bias, req.TimeZone.StandardTime, req.TimeZone.DaylightTime); err != nil {
			return nil, err
		}
	}
	p := &planning{loc: loc}
	if req.MailboxDataArray != nil {
		for _, data := range req.MailboxDataArray.MailboxData {
			if data.Email == nil || data.AttendeeType == nil {
				return nil, invalid("a MailboxData lacks its Email or its AttendeeType.")
			}
			p.attendees = append(p.attendees, attendee{data: data})
		}
	}
	if len(p.attendees) == 0 || len(p.attendees) > maxScheduled {
		return nil, Errorf(ErrorInvalidRequest, "There must be 1 to %d mailboxes; these are %d.", maxScheduled, len(p.attendees))
	}
	return p, nil
}

// span reads a window of time.
func (p *planning) span(w *wsdl.TimeWindowType) (from, to time.Time, err error) {
	if w == nil {
		return from, to, &Error{Code: ErrorInvalidTimeInterval}
	}
	from, ok := wsdl.ParseTime(w.StartTime, p.loc)
	to, ok2 := wsdl.ParseTime(w.EndTime, p.loc)
	switch {
	case !ok || !ok2 || !from.Before(to):
		return from, to, &Error{Code: ErrorInvalidTimeInterval}
	case to.Sub(from) > maxScheduledWindow:
		return from, to, &Error{Code: ErrorTimeIntervalTooBig}
	}
	return from, to, nil
}

// window reads the options of the free/busy view; zeros where there are none.
func (p *planning) window(o *wsdl.FreeBusyViewOptions) (from, to time.Time, interval time.Duration, err error) {
	if o == nil {
		return
	}
	if from, to, err = p.span(o.TimeWindow); err != nil {
		return
	}
	length := usualInterval
	if o.MergedFreeBusyIntervalInMinutes != nil {
		length = int(*o.MergedFreeBusyIntervalInMinutes)
	}
	interval = time.Duration(length) * time.Minute
	if length < minMergedInterval || length > maxMergedInterval || interval > to.Sub(from) {
		err = &Error{Code: ErrorInvalidMergedFreeBusyInterval}
		return
	}
	switch wsdl.Val(o.RequestedView) {
	case "", wsdl.FreeBusyViewNameMergedOnly, wsdl.FreeBusyViewNameFreeBusy, wsdl.FreeBusyViewNameFreeBusyMerged,
		wsdl.FreeBusyViewNameDetailed, wsdl.FreeBusyViewNameDetailedMerged:
	default:
		err = &Error{Code: ErrorInvalidFreeBusyViewType}
	}
	return
}

func viewType(name wsdl.FreeBusyViewName) *wsdl.FreeBusyViewType {
	return &wsdl.FreeBusyViewType{Value: &name}
}

// view writes a schedule with as much detail as was asked for and is permitted.
func (p *planning) view(s *Schedule, wanted wsdl.FreeBusyViewName, from, to time.Time, interval time.Duration) *wsdl.FreeBusyViewData {
	if wanted == "" {
		wanted = wsdl.FreeBusyViewNameFreeBusy
	}
	if s.View == wsdl.FreeBusyViewNameNone {
		return &wsdl.FreeBusyViewData{FreeBusyViewType: viewType(wsdl.FreeBusyViewNameNone)}
	}
	if s.View != wsdl.FreeBusyViewNameDetailed {
		switch wanted {
		case wsdl.FreeBusyViewNameDetailed:
			wanted = wsdl.FreeBusyViewNameFreeBusy
		case wsdl.FreeBusyViewNameDetailedMerged:
			wanted = wsdl.FreeBusyViewNameFreeBusyMerged
		}
	}
	out := &wsdl.FreeBusyViewData{FreeBusyViewType: viewType(wanted)}
	switch wanted {
	case wsdl.FreeBusyViewNameMergedOnly, wsdl.FreeBusyViewNameFreeBusyMerged, wsdl.FreeBusyViewNameDetailedMerged:
		out.MergedFreeBusy = &wsdl.MergedFreeBusy{Value: wsdl.Ptr(wsdl.Text(s.merged(from, to, interval)))}
	}
	if wanted != wsdl.FreeBusyViewNameMergedOnly {
		detailed := wanted == wsdl.FreeBusyViewNameDetailed || wanted == wsdl.FreeBusyViewNameDetailedMerged
		for _, b := range s.Blocks {
			if !b.Start.Before(to) || !b.End.After(from) {
				continue
			}
			e := &wsdl.CalendarEventType{StartTime: p.local(b.Start), EndTime: p.local(b.End), BusyType: &b.Status}
			if detailed {
				e.CalendarEventDetails = b.Details
			}
			if out.CalendarEventArray == nil {
				out.CalendarEventArray = new(wsdl.CalendarEventArray)
			}
			out.CalendarEventArray.CalendarEvent = append(out.CalendarEventArray.CalendarEvent, e)
		}
	}
	if s.Hours != nil {
		out.WorkingHours = workingHours(s.Hours, from.Year())
	}
	return out
}

// local writes a time in the request's zone, without its offset, as Exchange
// does since 2010.
func (p *planning) local(t time.Time) *wsdl.DateTimeText {
	return wsdl.Ptr(wsdl.DateTimeText(t.In(p.loc).Format("2006-01-02T15:04:05")))
}

func workingHours(h *Hours, year int) *wsdl.WorkingHours {
	var days []string
	for _, d := range h.Days {
		days = append(days, d.String())
	}
	n := func(d time.Duration) *wsdl.Int32 { return wsdl.Ptr(wsdl.Int32(d / time.Minute)) }
	return &wsdl.WorkingHours{
		TimeZone: flatZone(h.Zone, year),
		WorkingPeriodArray: &wsdl.WorkingPeriodsType{WorkingPeriod: []*wsdl.WorkingPeriodType{{
			DayOfWeek: wsdl.Ptr(wsdl.Text(strings.Join(days, " "))), StartTimeInMinutes: n(h.From), EndTimeInMinutes: n(h.To),
		}}},
	}
}
