package simulator

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/mailbox/timezone"
	"github.com/exconn/exconn/wsdl"
)

// Everybody works from eight to five, Monday to Friday, by their own clocks:
// Exchange's default.
const (
	workBegins = 8 * time.Hour
	workEnds   = 17 * time.Hour
)

var workdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}

// Schedule implements ewsserver.Scheduler. Everybody in an organisation may see
// when the others are free; what they do, those alone who may read the calendar.
func (s *session) Schedule(_ context.Context, address string, from, to time.Time) (ewsserver.Schedule, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	mb := s.st.byAddress[lower(address)]
	if mb == nil || mb.tenant != s.who.tenant {
		return ewsserver.Schedule{}, &ewsserver.Error{Code: ewsserver.ErrorMailRecipientNotFound,
			Text: "Unable to resolve e-mail address " + address + " to a recipient of this organisation."}
	}
	calendar := mb.known("calendar")
	out := ewsserver.Schedule{View: wsdl.FreeBusyViewNameFreeBusy}
	if calendar.levelOf(s.who).canRead() {
		out.View = wsdl.FreeBusyViewNameDetailed
	}
	if loc, err := timezone.Location(mb.zone); err == nil {
		out.Hours = &ewsserver.Hours{Zone: loc, Days: workdays, From: workBegins, To: workEnds}
	}
	for _, it := range calendar.items {
		for _, c := range it.view(from, to) {
			out.Blocks = append(out.Blocks, s.block(calendar, c))
		}
	}
	slices.SortStableFunc(out.Blocks, func(a, b ewsserver.Block) int { return a.Start.Compare(b.Start) })
	return out, nil
}

// block is an event as others are told of it.
func (s *session) block(f *folder, c *wsdl.CalendarItemType) ewsserver.Block {
	b := ewsserver.Block{Status: wsdl.Val(c.LegacyFreeBusyStatus)}
	b.Start, _ = timeOf(c, "Start")
	b.End, _ = timeOf(c, "End")
	raw, _ := decodeID(wsdl.Str(c.ItemId.Id))
	kind := wsdl.Val(c.CalendarItemType)
	b.Details = &wsdl.CalendarEventDetailsType{
		ID: text(strings.ToUpper(hex.EncodeToString([]byte(raw)))), Subject: c.Subject, Location: c.Location,
		IsMeeting: wsdl.Ptr(wsdl.Val(c.IsMeeting)), IsReminderSet: wsdl.Ptr(wsdl.Val(c.ReminderIsSet)),
		IsRecurring: wsdl.Ptr(wsdl.Bool(kind == wsdl.CalendarItemKindOccurrence || kind == wsdl.CalendarItemKindException)),
		IsException: wsdl.Ptr(wsdl.Bool(kind == wsdl.CalendarItemKindException)),
		IsPrivate:   wsdl.Ptr(wsdl.Bool(wsdl.Val(c.Sensitivity) == wsdl.SensitivityNamePrivate)),
	}
	if f.conceals(s.who, c) {
		b.Details.ID, b.Details.Subject, b.Details.Location = nil, nil, nil
	}
	return b
}
