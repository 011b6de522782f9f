package ewsserver

import (
	"fmt"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// writeEvent writes a VEVENT; original is when an exception would have begun.
func writeEvent(w *icalendar, z icalZone, e *wsdl.CalendarItemType, original *wsdl.DateTimeText) {
	allDay := bool(wsdl.Val(e.IsAllDayEvent))
	w.line("BEGIN", "VEVENT")
	w.text("UID", e.UID)
	w.text("SUMMARY", e.Subject)
	w.text("LOCATION", e.Location)
	if body := convertBody(e.Body, wsdl.BodyTypeResponseText); body != nil {
		w.text("DESCRIPTION", body.Value)
	}
	writeMoment(w, z, "DTSTART", e.Start, allDay)
	writeMoment(w, z, "DTEND", e.End, allDay)
	writeMoment(w, z, "RECURRENCE-ID", original, allDay)
	if rule := recurrenceRule(e, z); rule != "" && original == nil {
		w.line("RRULE", rule)
	}
	if e.DeletedOccurrences != nil && original == nil {
		for _, d := range e.DeletedOccurrences.DeletedOccurrence {
			writeMoment(w, z, "EXDATE", d.Start, allDay)
		}
	}
	writePeople(w, e)
	writeStatus(w, e)
	utc := icalZone{loc: time.UTC}
	writeMoment(w, utc, "DTSTAMP", firstTime(e.DateTimeStamp, e.LastModifiedTime), false)
	writeMoment(w, utc, "LAST-MODIFIED", e.LastModifiedTime, false)
	writeMoment(w, utc, "CREATED", e.DateTimeCreated, false)
	if bool(wsdl.Val(e.ReminderIsSet)) {
		w.line("BEGIN", "VALARM")
		w.line("ACTION", "DISPLAY")
		w.line("DESCRIPTION", "REMINDER")
		w.line("TRIGGER;RELATED=START", fmt.Sprintf("-PT%dM", wsdl.Val(e.ReminderMinutesBeforeStart)))
		w.line("END", "VALARM")
	}
	w.line("END", "VEVENT")
}

func firstTime(list ...*wsdl.DateTimeText) *wsdl.DateTimeText {
	for _, t := range list {
		if t != nil {
			return t
		}
	}
	return nil
}

func writeMoment(w *icalendar, z icalZone, name string, at *wsdl.DateTimeText, allDay bool) {
	if t, ok := wsdl.ParseTime(at, time.UTC); ok {
		z.moment(w, name, t, allDay)
	}
}

// writeStatus writes what is said in one word each.
func writeStatus(w *icalendar, e *wsdl.CalendarItemType) {
	class := "PUBLIC"
	switch wsdl.Val(e.Sensitivity) {
	case wsdl.SensitivityNamePrivate, wsdl.SensitivityNamePersonal:
		class = "PRIVATE"
	case wsdl.SensitivityNameConfidential:
		class = "CONFIDENTIAL"
	}
	w.line("CLASS", class)
	priority := 5
	switch wsdl.Val(e.Importance) {
	case wsdl.ImportanceNameHigh:
		priority = 1
	case wsdl.ImportanceNameLow:
		priority = 9
	}
	w.line("PRIORITY", fmt.Sprint(priority))
	busy, transparent := strings.ToUpper(string(wsdl.Val(e.LegacyFreeBusyStatus))), "OPAQUE"
	if wsdl.Val(e.LegacyFreeBusyStatus) == wsdl.FreeBusyNameFree {
		transparent = "TRANSPARENT"
	}
	w.line("TRANSP", transparent)
	status := "CONFIRMED"
	if bool(wsdl.Val(e.IsCancelled)) {
		status = "CANCELLED"
	}
	w.line("STATUS", status)
	w.line("SEQUENCE", fmt.Sprint(wsdl.Val(e.AppointmentSequenceNumber)))
	if busy != "" {
		w.line("X-MICROSOFT-CDO-BUSYSTATUS", busy)
	}
	if e.Categories != nil && len(e.Categories.String) > 0 {
		var names []string
		for _, s := range e.Categories.String {
			names = append(names, icalText(wsdl.Str(s)))
		}
		w.line("CATEGORIES", strings.Join(names, ","))
	}
}

// writePeople writes organizer and attendees; an appointment has neither.
func writePeople(w *icalendar, e *wsdl.CalendarItemType) {
	lists := []struct {
		role string
		list *wsdl.AttendeesType
	}{
		{"ROLE=REQ-PARTICIPANT", e.RequiredAttendees}, {"ROLE=OPT-PARTICIPANT", e.OptionalAttendees},
		{"CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT", e.Resources},
	}
	organized := false
	for _, each := range lists {
		if each.list == nil {
			continue
		}
		for _, a := range each.list.Attendee {
			if a.Mailbox == nil || wsdl.Str(a.Mailbox.EmailAddress) == "" {
				continue
			}
			if !organized && e.Organizer != nil && e.Organizer.Mailbox != nil {
				w.line("ORGANIZER"+commonName(e.Organizer.Mailbox), "MAILTO:"+wsdl.Str(e.Organizer.Mailbox.EmailAddress))
			}
			organized = true
			w.line("ATTENDEE;"+each.role+";PARTSTAT="+participation(a.ResponseType)+";RSVP=TRUE"+commonName(a.Mailbox),
				"MAILTO:"+wsdl.Str(a.Mailbox.EmailAddress))
		}
	}
}

func commonName(m *wsdl.EmailAddressType) string {
	if wsdl.Str(m.Name) == "" {
		return ""
	}
	return ";CN=" + icalParameter(wsdl.Str(m.Name))
}

func participation(r *wsdl.ResponseTypeName) string {
	switch wsdl.Val(r) {
	case wsdl.ResponseTypeNameAccept:
		return "ACCEPTED"
	case wsdl.ResponseTypeNameTentative:
		return "TENTATIVE"
	case wsdl.ResponseTypeNameDecline:
		return "DECLINED"
	}
	return "NEEDS-ACTION"
}
