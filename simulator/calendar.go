package simulator

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// calendar is what the state knows of a calendar item beside its value.
type calendar struct {
	zone zone
	// series is nil for an item that does not recur.
	series *series
	// exceptions are the instances that are not as the series has them, by the
	// Unix time of their original start.
	exceptions map[int64]*exception
	// invited are the addresses that have got an invitation.
	invited map[string]bool
	// index is the conversation index of messages about the meeting.
	index wsdl.Base64Text
	// sent is the meeting as the attendees were told of it last; nil where
	// they were not.
	sent *wsdl.CalendarItemType
}

// exception is an instance that was changed or deleted.
type exception struct {
	original slot
	deleted  bool
	// value holds the fields named in changed; the others are the master's.
	value   *wsdl.CalendarItemType
	changed map[string]bool
}

// clone copies what a change may touch.
func (c *calendar) clone() *calendar {
	out := &calendar{zone: c.zone, series: c.series, index: c.index, sent: c.sent, exceptions: map[int64]*exception{}, invited: map[string]bool{}}
	for k, e := range c.exceptions {
		out.exceptions[k] = e
	}
	for k := range c.invited {
		out.invited[k] = true
	}
	return out
}

// sorted lists the exceptions in order of their original start.
func (c *calendar) sorted() []*exception {
	list := make([]*exception, 0, len(c.exceptions))
	for _, e := range c.exceptions {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b *exception) int { return a.original.start.Compare(b.original.start) })
	return list
}

// pickZone finds the time zone of a calendar item: by what the item says, else
// UTC. An id that nobody knows, without rules of its own, is an error.
func (st *state) pickZone(def *wsdl.TimeZoneDefinitionType) (zone, error) {
	year := st.now().Year()
	if z, ok := zoneOf(def, year); ok {
		return z, nil
	}
	if def != nil && strings.TrimSpace(wsdl.Str(def.Id)) != "" {
		return zone{}, &ewsserver.Error{Code: ewsserver.ErrorTimeZone,
			Text: fmt.Sprintf("There is no time zone %q, and the definition has no rules.", wsdl.Str(def.Id))}
	}
	z, _ := zoneByID("UTC", year)
	return z, nil
}

// maxDuration bounds a calendar item, as Exchange does.
const maxDuration = 5 * 365 * 24 * time.Hour

// prepareCalendar checks a calendar item, completes its times, and returns what
// is to be known of it. old is nil for a new item; its exceptions survive as
// long as the series stays as it is.
func (st *state) prepareCalendar(c *wsdl.CalendarItemType, before *wsdl.CalendarItemType, old *calendar) (*calendar, error) {
	z, err := st.pickZone(c.StartTimeZone)
	if err != nil {
		return nil, err
	}
	endZone := z
	if c.EndTimeZone != nil {
		if endZone, err = st.pickZone(c.EndTimeZone); err != nil {
			return nil, err
		}
	}
	c.StartTimeZone, c.EndTimeZone = z.def, endZone.def
	c.StartTimeZoneId, c.EndTimeZoneId, c.TimeZone = text(z.id), text(endZone.id), wsdl.NewText(z.name)
	start, end, err := st.times(c, z.loc)
	if err != nil {
		return nil, err
	}
	out := &calendar{zone: z, exceptions: map[int64]*exception{}, invited: map[string]bool{}}
	if c.Recurrence != nil {
		r, err := parseRule(c.Recurrence)
		if err != nil {
			return nil, ewsserver.Errorf(ewsserver.ErrorCalendarInvalidRecurrence, "The recurrence cannot be used: %v.", err)
		}
		from, to := wallOf(start, z.loc), wallOf(end, z.loc)
		out.series = &series{rule: r, clock: from.Sub(dayOf(from)), long: to.Sub(from), loc: z.loc}
		c.Recurrence = datedRecurrence(c.Recurrence, z.loc)
		first, _ := out.series.nth(1)
		start, end = first.start, first.end
	}
	setTime(c, "Start", start)
	setTime(c, "End", end)
	if old != nil {
		kept := old.clone()
		out.invited, out.index, out.sent = kept.invited, kept.index, kept.sent
		if before != nil && sameField(c, before, "Recurrence") && sameField(c, before, "Start") && sameField(c, before, "End") &&
			wsdl.Str(c.StartTimeZoneId) == wsdl.Str(before.StartTimeZoneId) {
			out.exceptions = kept.exceptions
		}
	}
	return out, nil
}

// times returns start and end: those of an all-day event from midnight to
// midnight, those that are missing as Exchange fills them in.
func (st *state) times(c *wsdl.CalendarItemType, loc *time.Location) (start, end time.Time, err error) {
	start, ok := wsdl.ParseTime(c.Start, loc)
	if !ok {
		start = st.now().Truncate(30 * time.Minute).Add(30 * time.Minute)
	}
	end, ok = wsdl.ParseTime(c.End, loc)
	if !ok {
		end = start.Add(30 * time.Minute)
	}
	switch {
	case end.Before(start):
		return start, end, &ewsserver.Error{Code: ewsserver.ErrorCalendarEndDateIsEarlierThanStartDate}
	case end.Sub(start) > maxDuration:
		return start, end, &ewsserver.Error{Code: ewsserver.ErrorCalendarDurationIsTooLong}
	}
	if wsdl.Val(c.IsAllDayEvent) {
		from, to := dayOf(wallOf(start, loc)), wallOf(end, loc)
		if !to.Equal(dayOf(to)) {
			to = dayOf(to).AddDate(0, 0, 1)
		}
		if !to.After(from) {
			to = from.AddDate(0, 0, 1)
		}
		start, end = wallTime(from, loc), wallTime(to, loc)
	}
	return start, end, nil
}

// The bits of AppointmentState ([MS-OXOCAL] 2.2.1.10).
const (
	stateMeeting   = 1
	stateReceived  = 2
	stateCancelled = 4
)

// completeCalendar fills in what follows from the rest.
func (it *item) completeCalendar(c *wsdl.CalendarItemType) {
	st, mb := it.folder.mbox.st, it.folder.mbox
	setDefault(c, "ItemClass", wsdl.Text("IPM.Appointment"))
	if c.UID == nil {
		c.UID = text(st.newUID())
	}
	if c.Organizer == nil {
		c.Organizer = recipient(mb.person())
	}
	isOrganizer := mb.is(address(c.Organizer.Mailbox))
	isMeeting := c.RequiredAttendees != nil || c.OptionalAttendees != nil || c.Resources != nil || !isOrganizer
	set(c, "IsOrganizer", wsdl.Bool(isOrganizer))
	set(c, "IsMeeting", wsdl.Bool(isMeeting))
	setDefault(c, "IsAllDayEvent", wsdl.Bool(false))
	setDefault(c, "IsCancelled", wsdl.Bool(false))
	setDefault(c, "MeetingRequestWasSent", wsdl.Bool(false))
	setDefault(c, "IsResponseRequested", wsdl.Bool(true))
	setDefault(c, "AllowNewTimeProposal", wsdl.Bool(true))
	setDefault(c, "IsOnlineMeeting", wsdl.Bool(false))
	setDefault(c, "AppointmentSequenceNumber", wsdl.Int32(0))
	if isOrganizer {
		set(c, "MyResponseType", wsdl.ResponseTypeNameOrganizer)
	} else {
		setDefault(c, "MyResponseType", wsdl.ResponseTypeNameNoResponseReceived)
	}
	state := 0
	if isMeeting {
		state |= stateMeeting
	}
	if !isOrganizer {
		state |= stateReceived
	}
	if wsdl.Val(c.IsCancelled) {
		state |= stateCancelled
	}
	set(c, "AppointmentState", wsdl.Int32(state))
	if wsdl.Val(c.IsAllDayEvent) {
		setDefault(c, "LegacyFreeBusyStatus", wsdl.FreeBusyNameFree)
	}
	setDefault(c, "LegacyFreeBusyStatus", wsdl.FreeBusyNameBusy)
	setDefault(c, "ReminderMinutesBeforeStart", wsdl.Int32(15))
	setTime(c, "DateTimeStamp", mb.now())
	completeTimes(c)
	it.completeSeries(c)
}

// completeTimes fills in what follows from start and end.
func completeTimes(c *wsdl.CalendarItemType) {
	start, _ := timeOf(c, "Start")
	end, _ := timeOf(c, "End")
	c.Duration = text(string(*wsdl.FormatDuration(end.Sub(start))))
	if wsdl.Val(c.ReminderIsSet) {
		c.ReminderDueBy = c.Start
		setTime(c, "ReminderNextTime", start.Add(-time.Duration(wsdl.Val(c.ReminderMinutesBeforeStart))*time.Minute))
	} else {
		c.ReminderDueBy, c.ReminderNextTime = nil, nil
	}
}

// completeSeries fills in what a recurring master tells of its instances.
func (it *item) completeSeries(c *wsdl.CalendarItemType) {
	c.FirstOccurrence, c.LastOccurrence, c.ModifiedOccurrences, c.DeletedOccurrences = nil, nil, nil, nil
	set(c, "IsRecurring", wsdl.Bool(false))
	if it.cal == nil || it.cal.series == nil {
		set(c, "CalendarItemType", wsdl.CalendarItemKindSingle)
		return
	}
	set(c, "CalendarItemType", wsdl.CalendarItemKindRecurringMaster)
	// Exchange says so of an attendee's master, and by a fault of its own that
	// its documentation owns up to not of the organizer's.
	set(c, "IsRecurring", wsdl.Bool(bool(wsdl.Val(c.IsMeeting)) && !it.folder.mbox.is(address(mailboxOf(c.Organizer)))))
	first, last := it.cal.series.bounds()
	c.FirstOccurrence = it.occurrenceInfo(first)
	if last != nil {
		c.LastOccurrence = it.occurrenceInfo(*last)
	}
	for _, e := range it.cal.sorted() {
		if e.deleted {
			if c.DeletedOccurrences == nil {
				c.DeletedOccurrences = &wsdl.DeletedOccurrencesType{}
			}
			c.DeletedOccurrences.DeletedOccurrence = append(c.DeletedOccurrences.DeletedOccurrence,
				&wsdl.DeletedOccurrenceType{Start: wsdl.FormatTime(e.original.start)})
			continue
		}
		if c.ModifiedOccurrences == nil {
			c.ModifiedOccurrences = &wsdl.OccurrencesType{}
		}
		c.ModifiedOccurrences.Occurrence = append(c.ModifiedOccurrences.Occurrence, it.occurrenceInfo(e.original))
	}
}

// occurrenceInfo describes an instance as the master lists it.
func (it *item) occurrenceInfo(s slot) *wsdl.OccurrenceInfoType {
	info := &wsdl.OccurrenceInfoType{
		ItemId: it.occurrenceID(s.start), Start: wsdl.FormatTime(s.start), End: wsdl.FormatTime(s.end),
		OriginalStart: wsdl.FormatTime(s.start),
	}
	if e := it.cal.exceptions[s.start.Unix()]; e != nil && !e.deleted {
		if e.changed["Start"] {
			info.Start = e.value.Start
		}
		if e.changed["End"] {
			info.End = e.value.End
		}
	}
	return info
}

// occurrenceID names an instance by its original start.
func (it *item) occurrenceID(start time.Time) *wsdl.ItemIdType {
	return &wsdl.ItemIdType{Id: text(encodeID(occurrenceOfID(it.raw, start))), ChangeKey: text(it.key)}
}

// occurrence makes the value of one instance out of the master and what the
// instance has of its own.
func (it *item) occurrence(s slot) *wsdl.CalendarItemType {
	c := shallow(it.value).(*wsdl.CalendarItemType)
	c.Recurrence, c.FirstOccurrence, c.LastOccurrence, c.ModifiedOccurrences, c.DeletedOccurrences = nil, nil, nil, nil, nil
	c.ItemId = it.occurrenceID(s.start)
	setTime(c, "Start", s.start)
	setTime(c, "End", s.end)
	setTime(c, "OriginalStart", s.start)
	setTime(c, "RecurrenceId", s.start)
	set(c, "IsRecurring", wsdl.Bool(true))
	set(c, "CalendarItemType", wsdl.CalendarItemKindOccurrence)
	if e := it.cal.exceptions[s.start.Unix()]; e != nil {
		copyNamed(c, e.value, e.changed)
		set(c, "CalendarItemType", wsdl.CalendarItemKindException)
	}
	completeTimes(c)
	return c
}

// view returns what of an item lies in a window: itself, or its instances.
func (it *item) view(from, to time.Time) []*wsdl.CalendarItemType {
	var found []*wsdl.CalendarItemType
	keep := func(c *wsdl.CalendarItemType) {
		start, _ := timeOf(c, "Start")
		end, _ := timeOf(c, "End")
		if overlaps(start, end, from, to) {
			found = append(found, c)
		}
	}
	if it.cal == nil || it.cal.series == nil {
		if c, ok := it.value.(*wsdl.CalendarItemType); ok {
			keep(c)
		}
		return found
	}
	for s := range it.cal.series.between(from, to) {
		if it.cal.exceptions[s.start.Unix()] == nil {
			keep(it.occurrence(s))
		}
	}
	// An exception may lie far from its place in the series.
	for _, e := range it.cal.exceptions {
		if !e.deleted {
			keep(it.occurrence(e.original))
		}
	}
	return found
}

// except notes that an instance has the fields named of its own. The item's
// value is not stored anew by this.
func (it *item) except(s slot, value *wsdl.CalendarItemType, fields map[string]bool) {
	cal := it.cal.clone()
	e := &exception{original: s, value: value, changed: map[string]bool{}}
	if old := cal.exceptions[s.start.Unix()]; old != nil && !old.deleted {
		e.value = shallow(old.value).(*wsdl.CalendarItemType)
		copyNamed(e.value, value, fields)
		for name := range old.changed {
			e.changed[name] = true
		}
	}
	for name := range fields {
		e.changed[name] = true
	}
	cal.exceptions[s.start.Unix()] = e
	it.cal = cal
}

// drop deletes an instance.
func (it *item) drop(s slot) {
	it.cal = it.cal.clone()
	it.cal.exceptions[s.start.Unix()] = &exception{original: s, deleted: true}
}

// newUID makes an event's identity in Exchange's form ([MS-OXOCAL] 2.2.1.27).
func (st *state) newUID() string { return uidAt(st.now(), st.random(16)) }

func uidAt(now time.Time, own []byte) string {
	const filetimeEpoch = 116444736000000000 // 1601 to 1970 in units of 100 ns
	ticks := uint64(now.UnixNano()/100 + filetimeEpoch)
	b := make([]byte, 0, 56)
	b = append(b, 0x04, 0, 0, 0, 0x82, 0, 0xE0, 0, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 0x08)
	b = append(b, 0, 0, 0, 0) // no date of an instance
	for i := range 8 {
		b = append(b, byte(ticks>>(8*i)))
	}
	b = append(b, make([]byte, 8)...)
	b = append(b, 16, 0, 0, 0)
	b = append(b, own...)
	return strings.ToUpper(hex.EncodeToString(b))
}

// fieldNames turns the paths of an update into names of struct fields.
func fieldNames(paths []string) map[string]bool {
	names := map[string]bool{}
	for _, p := range paths {
		prefix, name, _ := strings.Cut(p, ":")
		if prefix == "extended" {
			name = "ExtendedProperty"
		}
		name, _, _ = strings.Cut(name, ":") // an indexed field has its index behind it
		names[name] = true
	}
	return names
}

// allFields names every field that is set in a value.
func allFields(v any) map[string]bool {
	names := map[string]bool{}
	s := reflect.ValueOf(v).Elem()
	for i := range s.NumField() {
		if !s.Field(i).IsZero() {
			names[s.Type().Field(i).Name] = true
		}
	}
	return names
}
