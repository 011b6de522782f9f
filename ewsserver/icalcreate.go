package ewsserver

import (
	"context"
	"encoding/base64"
	"reflect"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// icalChange is what an iCalendar object says about one occurrence of the event
// that it describes: another time and content, or that it does not take place.
type icalChange struct {
	original time.Time
	event    *wsdl.CalendarItemType // nil for a deleted one
}

// takeICalendar makes of an event that a client gave as an iCalendar object in
// MimeContent one that has properties: those of the object, and over them those
// that the client named besides. usual is the zone of times that tell none.
func takeICalendar(given *wsdl.CalendarItemType, usual *time.Location) (*wsdl.CalendarItemType, []icalChange, error) {
	refused := Errorf(ErrorMimeContentInvalid, "The MIME content is no iCalendar object with an event.")
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(wsdl.Str(given.MimeContent.Value)), ""))
	if err != nil {
		return nil, nil, Errorf(ErrorMimeContentInvalid, "The MIME content is not base64.")
	}
	if usual == nil {
		usual = time.UTC
	}
	calendar := readICalendar(string(raw))
	if calendar == nil || calendar.name != "VCALENDAR" {
		return nil, nil, refused
	}
	var parsed *wsdl.CalendarItemType
	var changes []icalChange
	for _, v := range calendar.children {
		if v.name != "VEVENT" {
			continue
		}
		e, ok := icalEvent(v, usual)
		if !ok {
			return nil, nil, refused
		}
		original, _, isException := v.get("RECURRENCE-ID").time(usual)
		switch {
		case isException:
			changes = append(changes, icalChange{original, e})
			continue
		case parsed != nil:
			return nil, nil, refused
		}
		parsed = e
		for _, p := range v.properties {
			if p.name != "EXDATE" {
				continue
			}
			for value := range strings.SplitSeq(p.value, ",") {
				one := p
				one.value = value
				if at, _, ok := one.time(usual); ok {
					changes = append(changes, icalChange{original: at})
				}
			}
		}
	}
	if parsed == nil {
		return nil, nil, refused
	}
	from, to := reflect.ValueOf(given).Elem(), reflect.ValueOf(parsed).Elem()
	for i := range from.NumField() {
		if f := from.Field(i); from.Type().Field(i).Name != "MimeContent" && !f.IsZero() {
			to.Field(i).Set(f)
		}
	}
	return parsed, changes, nil
}

// icalEvent reads a VEVENT; false where its times or its recurrence are none.
func icalEvent(v *icalComponent, usual *time.Location) (*wsdl.CalendarItemType, bool) {
	e := &wsdl.CalendarItemType{
		UID: v.get("UID").text(), Subject: v.get("SUMMARY").text(), Location: v.get("LOCATION").text(),
	}
	if description := v.get("DESCRIPTION").text(); description != nil {
		e.Body = &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameText), Value: description}
	}
	start, day, ok := v.get("DTSTART").time(usual)
	if !ok {
		return nil, false
	}
	end, _, ok := v.get("DTEND").time(usual)
	if !ok {
		// RFC 5545, 3.6.1: a duration instead, or a day, or a moment.
		end = start
		if d, ok := icalDuration(v.get("DURATION").value); ok {
			end = start.Add(d)
		} else if day {
			end = start.AddDate(0, 0, 1)
		}
	}
	id, loc := v.get("DTSTART").zone(usual)
	if id != "" {
		e.StartTimeZone = &wsdl.TimeZoneDefinitionType{Id: wsdl.NewText(id)}
	}
	e.Start, e.End = wsdl.FormatTime(start), wsdl.FormatTime(end)
	if day || strings.EqualFold(v.get("X-MICROSOFT-CDO-ALLDAYEVENT").value, "TRUE") {
		e.IsAllDayEvent = wsdl.Ptr(wsdl.Bool(true))
	}
	if rule := v.get("RRULE").value; rule != "" {
		if e.Recurrence, ok = recurrenceOf(rule, start.In(loc)); !ok {
			return nil, false
		}
	}
	icalPeople(v, e)
	icalStatus(v, e)
	return e, true
}

// amend makes the exceptions of an event that has just been created. Nobody is
// told of them: they belong to what was sent.
func (c *call) amend(ctx context.Context, created any, changes []icalChange) error {
	master, ok := created.(*wsdl.CalendarItemType)
	if !ok || master.ParentFolderId == nil || len(changes) == 0 {
		return nil
	}
	folder := FolderRef{ID: wsdl.Str(master.ParentFolderId.Id)}
	for _, change := range changes {
		found, err := c.session.CalendarView(ctx, folder, change.original, change.original.Add(time.Second))
		if err != nil {
			return err
		}
		for _, o := range found {
			at, ok := wsdl.ParseTime(o.OriginalStart, time.UTC)
			if !ok || !at.Equal(change.original) || wsdl.Str(o.UID) != wsdl.Str(master.UID) || o.ItemId == nil {
				continue
			}
			if err := c.amendOccurrence(ctx, o, change.event); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *call) amendOccurrence(ctx context.Context, o, as *wsdl.CalendarItemType) error {
	ref := ItemRef{ID: wsdl.Str(o.ItemId.Id)}
	if as == nil {
		return c.session.Delete(ctx, ref, wsdl.DisposalHardDelete, wsdl.SendInvitationsSendToNone)
	}
	u := ItemUpdate{Ref: ref, ReadChangeKey: wsdl.Str(o.ItemId.ChangeKey), Invitations: wsdl.SendUpdatesSendToNone}
	changed := clone(any(o)).(*wsdl.CalendarItemType)
	for _, each := range []struct{ uri, field string }{
		{"calendar:Start", "Start"}, {"calendar:End", "End"}, {"item:Subject", "Subject"}, {"calendar:Location", "Location"}, {"item:Body", "Body"},
	} {
		from, _ := slot(as, each.field)
		to, _ := slot(changed, each.field)
		if from.IsNil() {
			continue
		}
		to.Set(from)
		u.Fields = append(u.Fields, each.uri)
	}
	u.Item = changed
	_, err := c.session.Update(ctx, u)
	return err
}
