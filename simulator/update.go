package simulator

import (
	"context"
	"slices"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// Update implements ewsserver.Session.
func (s *session) Update(_ context.Context, u ewsserver.ItemUpdate) (any, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	t, err := s.findToChange(u.Ref)
	if err != nil {
		return nil, err
	}
	if u.ReadChangeKey != t.key {
		return nil, fail(ewsserver.ErrorIrresolvableConflict)
	}
	c, ok := u.Item.(*wsdl.CalendarItemType)
	switch {
	case ok && t.instance != nil:
		return s.updateInstance(t, u, c)
	case ok:
		return s.updateEvent(t.item, u, c)
	}
	switch v := u.Item.(type) {
	case *wsdl.ContactItemType:
		return s.updateContact(t.item, u, v)
	case *wsdl.DistributionListType:
		return s.updateList(t.item, u, v)
	case *wsdl.TaskType:
		return s.updateTask(t.item, u, v)
	}
	return s.updateMessage(t.item, u)
}

func (s *session) updateMessage(it *item, u ewsserver.ItemUpdate) (any, error) {
	if u.Disposition != "" && u.Disposition != wsdl.DispositionSaveOnly && flag(it.value, "IsDraft") {
		to := s.who.known("sentitems")
		if u.SaveTo != nil {
			var err error
			if to, err = s.creatable(*u.SaveTo); err != nil {
				return nil, err
			}
		}
		if u.Disposition == wsdl.DispositionSendOnly {
			to = nil
		}
		sent, err := s.sendDraft(it, u.Item, to)
		if err != nil {
			return nil, err
		}
		return s.present(it.folder, sent), nil
	}
	kind := wsdl.Updated
	if len(u.Fields) > 0 && !slices.ContainsFunc(u.Fields, func(f string) bool { return f != "message:IsRead" }) {
		kind = wsdl.ReadFlagChange
	}
	if slices.Contains(u.Fields, "item:Subject") && flag(u.Item, "IsDraft") {
		set(u.Item, "ConversationTopic", wsdl.Text(topicOf(str(u.Item, "Subject"))))
	}
	s.st.resolveRecipients(u.Item)
	s.st.change(it, u.Item, kind)
	return s.present(it.folder, it.value), nil
}

func (s *session) updateEvent(it *item, u ewsserver.ItemUpdate, c *wsdl.CalendarItemType) (any, error) {
	before := it.value.(*wsdl.CalendarItemType)
	cal, err := s.st.prepareCalendar(c, before, it.cal)
	if err != nil {
		return nil, err
	}
	if err := checkAttendees(c); err != nil {
		return nil, err
	}
	s.st.resolveAttendees(c)
	it.cal = cal
	plan := planUpdate(it, c, u.Invitations)
	if plan.kind == wsdl.MeetingRequestKindFullUpdate && plan.any() {
		set(c, "AppointmentSequenceNumber", wsdl.Val(c.AppointmentSequenceNumber)+1)
		// Who accepted another time has not answered yet.
		eachAttendee(c, func(a wsdl.AttendeeType) wsdl.AttendeeType {
			a.ResponseType, a.LastResponseTime = wsdl.Ptr(wsdl.ResponseTypeNameUnknown), nil
			a.ProposedStart, a.ProposedEnd = nil, nil
			return a
		})
	}
	if len(plan.fresh)+len(plan.again) > 0 {
		set(c, "MeetingRequestWasSent", wsdl.Bool(true))
	}
	s.st.change(it, c, wsdl.Updated)
	s.announce(it, c, plan)
	return s.present(it.folder, it.value), nil
}

func (s *session) updateInstance(t target, u ewsserver.ItemUpdate, c *wsdl.CalendarItemType) (any, error) {
	names := fieldNames(u.Fields)
	if names["Recurrence"] {
		return nil, ewsserver.Errorf(ewsserver.ErrorPropertyUpdate, "One occurrence cannot have a recurrence of its own.")
	}
	start, end, err := s.st.times(c, t.cal.zone.loc)
	if err != nil {
		return nil, err
	}
	if names["Start"] || names["End"] || names["IsAllDayEvent"] {
		names["Start"], names["End"] = true, true
		setTime(c, "Start", start)
		setTime(c, "End", end)
		if t.crosses(dayOf(wallOf(start, t.cal.zone.loc)).Unix()) {
			return nil, fail(ewsserver.ErrorOccurrenceCrossingBoundary)
		}
	}
	if err := checkAttendees(c); err != nil {
		return nil, err
	}
	s.st.resolveAttendees(c)
	it := t.item
	before := it.occurrence(*t.instance)
	it.except(*t.instance, c, names)
	s.st.change(it, shallow(it.value), wsdl.Updated)
	now := it.occurrence(*t.instance)
	plan := planUpdate(it, now, u.Invitations)
	if sameField(before, now, "Start") && sameField(before, now, "End") {
		plan.kind = wsdl.MeetingRequestKindInformationalUpdate
	} else {
		plan.kind = wsdl.MeetingRequestKindFullUpdate
	}
	s.announce(it, now, plan)
	return s.present(it.folder, it.occurrence(*t.instance)), nil
}

// crosses tells whether an instance moved to a day would lie on or beyond the
// day of a neighbour ([MS-OXOCAL] forbids it).
func (t target) crosses(day int64) bool {
	dayAt := func(index int) (int64, bool) {
		o, ok := t.cal.series.nth(index)
		if !ok {
			return 0, false
		}
		start := o.start
		if e := t.cal.exceptions[o.start.Unix()]; e != nil {
			if e.deleted {
				return 0, false
			}
			if e.changed["Start"] {
				start, _ = timeOf(e.value, "Start")
			}
		}
		return dayOf(wallOf(start, t.cal.zone.loc)).Unix(), true
	}
	if prev, ok := dayAt(t.instance.index - 1); ok && day <= prev {
		return true
	}
	next, ok := dayAt(t.instance.index + 1)
	return ok && day >= next
}

// updatePlan says who is to be told of a change to a meeting.
type updatePlan struct {
	kind     wsdl.MeetingRequestKind
	fresh    []*wsdl.EmailAddressType // invited for the first time
	again    []*wsdl.EmailAddressType // told of the change
	gone     []*wsdl.EmailAddressType // no longer invited
	saveCopy bool
}

func (p updatePlan) any() bool { return len(p.fresh)+len(p.again)+len(p.gone) > 0 }

// planUpdate compares a meeting with what its attendees know.
func planUpdate(it *item, c *wsdl.CalendarItemType, how wsdl.SendUpdates) updatePlan {
	p := updatePlan{kind: wsdl.MeetingRequestKindInformationalUpdate, saveCopy: strings.HasSuffix(string(how), "AndSaveCopy")}
	if how == "" || how == wsdl.SendUpdatesSendToNone || !it.folder.mbox.is(address(mailboxOf(c.Organizer))) {
		return p
	}
	if sent := it.cal.sent; sent == nil || !sameField(sent, c, "Start") || !sameField(sent, c, "End") || !sameField(sent, c, "Recurrence") {
		p.kind = wsdl.MeetingRequestKindFullUpdate
	}
	all := how == wsdl.SendUpdatesSendOnlyToAll || how == wsdl.SendUpdatesSendToAllAndSaveCopy
	now := map[string]bool{}
	for _, a := range mailboxesOf(attendeesOf(c)) {
		now[address(a)] = true
		switch {
		case !it.cal.invited[address(a)]:
			p.fresh = append(p.fresh, a)
		case all:
			p.again = append(p.again, a)
		}
	}
	for a := range it.cal.invited {
		if !now[a] {
			p.gone = append(p.gone, it.folder.mbox.st.resolve(person("", a)))
		}
	}
	slices.SortFunc(p.gone, func(a, b *wsdl.EmailAddressType) int { return strings.Compare(address(a), address(b)) })
	return p
}

// announce carries out a plan.
func (s *session) announce(it *item, c *wsdl.CalendarItemType, p updatePlan) {
	if !p.any() {
		return
	}
	if slotOf(it, c) == nil {
		it.cal.sent = c
	}
	s.st.invite(it, c, wsdl.MeetingRequestKindNewMeetingRequest, p.fresh, p.saveCopy)
	s.st.invite(it, c, p.kind, p.again, p.saveCopy)
	s.st.cancel(it, c, nil, p.gone, p.saveCopy)
	if slotOf(it, c) == nil {
		for _, a := range p.gone {
			delete(it.cal.invited, address(a))
		}
	}
}
