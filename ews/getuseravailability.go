package ews

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// The bounds of a GetUserAvailability.
const (
	// availabilityBatch is the most mailboxes of one request.
	availabilityBatch = 100
	// availabilityDays is the most days of one request; Exchange 2007 has 42.
	availabilityDays = 62

	usualSlot    = 30 * time.Minute
	usualMeeting = time.Hour
)

// FreeBusy asks when people and rooms are free ([MS-OXWAVLS]). What the server
// cannot tell of one attendee is the Err of that one's Schedule. More than a
// hundred are asked for by several requests; suggestions want all in one, so
// that they are refused for more.
func (m *Mailbox) FreeBusy(ctx context.Context, q mailbox.AvailabilityQuery) (mailbox.Availability, error) {
	a, err := m.newAvailability(q)
	if err != nil {
		return mailbox.Availability{}, err
	}
	var out mailbox.Availability
	for batch := range slices.Chunk(q.Attendees, availabilityBatch) {
		if err := a.ask(ctx, batch, &out); err != nil {
			return mailbox.Availability{}, err
		}
	}
	return out, nil
}

// availability is a query that has been checked.
type availability struct {
	m *Mailbox
	q mailbox.AvailabilityQuery
	// loc is the zone of the caller, and wire the one in which the request and
	// its answer write their times. The wire's has one offset, that of loc when
	// the query begins: the operation's times carry no offset, and in the hour
	// that comes twice when clocks are put back they would have two meanings.
	loc, wire *time.Location
	slot      time.Duration
	view      wsdl.FreeBusyViewName
	suggest   *wsdl.SuggestionsViewOptions
	// meeting is the length of what is suggested.
	meeting time.Duration
	// perDay is the most suggestions for a day, offHours those of them outside
	// working hours.
	perDay, offHours int
}

var detailViews = map[mailbox.Detail]wsdl.FreeBusyViewName{
	mailbox.DetailSlots: wsdl.FreeBusyViewNameMergedOnly,
	mailbox.DetailBusy:  wsdl.FreeBusyViewNameFreeBusyMerged,
	mailbox.DetailAll:   wsdl.FreeBusyViewNameDetailedMerged,
}

// viewDetails is what an answer of each view holds.
var viewDetails = map[wsdl.FreeBusyViewName]mailbox.Detail{
	wsdl.FreeBusyViewNameNone:           mailbox.DetailNone,
	wsdl.FreeBusyViewNameMergedOnly:     mailbox.DetailSlots,
	wsdl.FreeBusyViewNameFreeBusy:       mailbox.DetailBusy,
	wsdl.FreeBusyViewNameFreeBusyMerged: mailbox.DetailBusy,
	wsdl.FreeBusyViewNameDetailed:       mailbox.DetailAll,
	wsdl.FreeBusyViewNameDetailedMerged: mailbox.DetailAll,
}

const availabilityOperation = "GetUserAvailability"

func (m *Mailbox) newAvailability(q mailbox.AvailabilityQuery) (*availability, error) {
	const operation = availabilityOperation
	view, ok := detailViews[cmp.Or(q.Detail, mailbox.DetailAll)]
	slot := cmp.Or(q.Slot, usualSlot)
	switch {
	case !ok:
		return nil, m.invalid(operation, "the detail is %q; it is %q, %q or %q", string(q.Detail),
			string(mailbox.DetailSlots), string(mailbox.DetailBusy), string(mailbox.DetailAll))
	case len(q.Attendees) == 0:
		return nil, m.invalid(operation, "there are no attendees whose time is asked for")
	case q.From.IsZero() || q.To.IsZero() || !q.From.Before(q.To):
		return nil, m.invalid(operation, "time is asked for from one point in time to a later one; these are %s and %s",
			q.From.Format(time.RFC3339), q.To.Format(time.RFC3339))
	case q.To.Sub(q.From) > availabilityDays*24*time.Hour:
		return nil, m.invalid(operation, "Exchange tells %d days at once; ask for them in parts", availabilityDays)
	case slot%time.Minute != 0 || slot < 5*time.Minute || slot > 24*time.Hour || slot > q.To.Sub(q.From):
		return nil, m.invalid(operation, "a slot of %s is not of whole minutes, from 5 minutes to 24 hours, within the time asked for", slot)
	}
	z, err := findZone(q.TimeZone, q.From)
	if err != nil {
		return nil, m.invalid(operation, "%v", err)
	}
	_, offset := q.From.In(z.loc).Zone()
	a := &availability{m: m, q: q, loc: z.loc, slot: slot, view: view}
	// Windows counts offsets in minutes.
	a.wire = time.FixedZone("", offset-offset%60)
	for _, at := range q.Attendees {
		if !strings.Contains(at.Address, "@") {
			return nil, m.invalid(operation, "the attendee %q has no SMTP address", at.Address)
		}
		if _, ok := attendeeRoles[at.Role]; !ok {
			return nil, m.invalid(operation, "the attendee %s is %q; it is %q, %q, %q or %q", at.Address, string(at.Role),
				string(mailbox.OrganizerRole), string(mailbox.RequiredRole), string(mailbox.OptionalRole), string(mailbox.RoomRole))
		}
	}
	if q.Suggest != nil {
		if len(q.Attendees) > availabilityBatch {
			return nil, m.invalid(operation, "Exchange suggests times for %d attendees at most; these are %d", availabilityBatch, len(q.Attendees))
		}
		a.suggest, a.meeting, err = a.suggestions(*q.Suggest)
	}
	return a, err
}

var attendeeRoles = map[mailbox.AttendeeRole]wsdl.MeetingAttendeeName{
	"":                    wsdl.MeetingAttendeeNameRequired,
	mailbox.OrganizerRole: wsdl.MeetingAttendeeNameOrganizer,
	mailbox.RequiredRole:  wsdl.MeetingAttendeeNameRequired,
	mailbox.OptionalRole:  wsdl.MeetingAttendeeNameOptional,
	mailbox.RoomRole:      wsdl.MeetingAttendeeNameRoom,
}

// ask makes the request for some of the attendees and adds the answer to out.
func (a *availability) ask(ctx context.Context, batch []mailbox.Invited, out *mailbox.Availability) error {
	m := a.m
	req := &wsdl.GetUserAvailabilityRequest{
		TimeZone:         fixedZone(a.wire),
		MailboxDataArray: new(wsdl.MailboxDataArrayType),
		FreeBusyViewOptions: &wsdl.FreeBusyViewOptions{
			TimeWindow:                      a.window(a.q.From, a.q.To),
			MergedFreeBusyIntervalInMinutes: number(int(a.slot / time.Minute)),
			RequestedView:                   &a.view,
		},
		SuggestionsViewOptions: a.suggest,
	}
	for _, at := range batch {
		req.MailboxDataArray.MailboxData = append(req.MailboxDataArray.MailboxData, &wsdl.MailboxData{
			Email:            &wsdl.PlainAddress{Address: wsdl.NewText(strings.TrimSpace(at.Address))},
			AttendeeType:     wsdl.Ptr(attendeeRoles[at.Role]),
			ExcludeConflicts: flag(at.IgnoreConflicts),
		})
	}
	var resp wsdl.GetUserAvailabilityResponse
	meta, err := m.do(ctx, availabilityOperation, req, &resp, nil)
	if err != nil {
		return err
	}
	var list []*wsdl.FreeBusyResponseType
	if resp.FreeBusyResponseArray != nil {
		list = resp.FreeBusyResponseArray.FreeBusyResponse
	}
	if len(list) != len(batch) {
		return m.odd(availabilityOperation, meta, len(list), len(batch))
	}
	for i, r := range list {
		s := mailbox.Schedule{Address: batch[i].Address}
		if r.ResponseMessage != nil && !r.ResponseMessage.Status().OK() {
			s.Err = m.refused(availabilityOperation, r.ResponseMessage.Status(), meta)
		} else if r.FreeBusyView == nil {
			s.Err = m.incomplete(availabilityOperation, "the time of "+batch[i].Address)
		} else {
			a.read(&s, r.FreeBusyView)
		}
		out.Attendees = append(out.Attendees, s)
	}
	if a.suggest == nil {
		return nil
	}
	if resp.SuggestionsResponse == nil {
		return m.incomplete(availabilityOperation, "the suggestions")
	}
	if st := resp.SuggestionsResponse.ResponseMessage; st != nil && !st.Status().OK() {
		return m.refused(availabilityOperation, st.Status(), meta)
	}
	out.Suggestions = a.readSuggestions(resp.SuggestionsResponse.SuggestionDayResultArray)
	return nil
}

// window writes a span of time in the request's zone.
func (a *availability) window(from, to time.Time) *wsdl.TimeWindowType {
	return &wsdl.TimeWindowType{StartTime: a.local(from), EndTime: a.local(to)}
}

// local writes a time without an offset, in the request's zone.
func (a *availability) local(t time.Time) *wsdl.DateTimeText {
	if t.IsZero() {
		return nil
	}
	return wsdl.Ptr(wsdl.DateTimeText(t.In(a.wire).Format("2006-01-02T15:04:05")))
}

// time reads a time of the answer. Newer servers write no offset, which means
// the request's zone; older ones write one.
func (a *availability) time(text *wsdl.DateTimeText) time.Time {
	t, ok := wsdl.ParseTime(text, a.wire)
	if !ok {
		return time.Time{}
	}
	return t.In(a.loc)
}

// read reads what is told of one attendee.
func (a *availability) read(s *mailbox.Schedule, view *wsdl.FreeBusyViewData) {
	s.Detail = mailbox.DetailNone
	if view.FreeBusyViewType != nil {
		s.Detail = cmp.Or(viewDetails[wsdl.Val(view.FreeBusyViewType.Value)], mailbox.DetailNone)
	}
	if view.MergedFreeBusy != nil {
		for _, digit := range strings.TrimSpace(wsdl.Str(view.MergedFreeBusy.Value)) {
			s.Slots = append(s.Slots, a.m.client.slotStatus(digit))
		}
	}
	if view.CalendarEventArray != nil {
		for _, e := range view.CalendarEventArray.CalendarEvent {
			s.Busy = append(s.Busy, a.busy(e))
		}
		slices.SortStableFunc(s.Busy, func(x, y mailbox.BusyTime) int { return x.Start.Compare(y.Start) })
	}
	s.WorkingHours = readWorkingHours(view.WorkingHours, a.loc, a.q.From)
}

func (a *availability) busy(e *wsdl.CalendarEventType) mailbox.BusyTime {
	b := mailbox.BusyTime{Start: a.time(e.StartTime), End: a.time(e.EndTime), Status: busyStatus(e.BusyType)}
	if d := e.CalendarEventDetails; d != nil {
		b.Subject, b.Location = wsdl.Str(d.Subject), wsdl.Str(d.Location)
		b.Meeting, b.Recurring = bool(wsdl.Val(d.IsMeeting)), bool(wsdl.Val(d.IsRecurring))
		b.Exception, b.Reminder = bool(wsdl.Val(d.IsException)), bool(wsdl.Val(d.IsReminderSet))
		b.Private = bool(wsdl.Val(d.IsPrivate))
	}
	return b
}

func busyStatus(name *wsdl.FreeBusyName) mailbox.BusyStatus {
	switch wsdl.Val(name) {
	case wsdl.FreeBusyNameFree:
		return mailbox.Free
	case wsdl.FreeBusyNameTentative:
		return mailbox.Tentative
	case wsdl.FreeBusyNameBusy:
		return mailbox.Busy
	case wsdl.FreeBusyNameOOF:
		return mailbox.Away
	case wsdl.FreeBusyNameWorkingElsewhere:
		return mailbox.Elsewhere
	}
	return mailbox.UnknownBusy
}

// slotStatus reads a digit of MergedFreeBusy. 4 means "no data" to Exchange 2010
// and its elders, and in the page that documents it; since Exchange 2013 it is
// WorkingElsewhere, and "no data" is 5, as in its list of statuses.
func (c *Client) slotStatus(digit rune) mailbox.BusyStatus {
	switch digit {
	case '0':
		return mailbox.Free
	case '1':
		return mailbox.Tentative
	case '2':
		return mailbox.Busy
	case '3':
		return mailbox.Away
	case '4':
		if v, ok := c.Server(); ok && v.Major >= 15 {
			return mailbox.Elsewhere
		}
	}
	return mailbox.UnknownBusy
}

// minutes is a length in minutes as the wire has it.
func minutes(d time.Duration) int { return int(math.Round(d.Minutes())) }
