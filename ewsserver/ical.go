package ewsserver

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/exconn/exconn/wsdl"
)

// icalendar is an iCalendar object (RFC 5545) on its way.
type icalendar struct {
	b strings.Builder
}

// line writes a content line, folded at 75 octets and never within a character
// (RFC 5545, 3.1).
func (w *icalendar) line(name, value string) {
	s := name + ":" + value
	for width := 75; len(s) > width; width = 74 {
		n := width
		for !utf8.RuneStart(s[n]) {
			n--
		}
		w.b.WriteString(s[:n] + "\r\n ")
		s = s[n:]
	}
	w.b.WriteString(s + "\r\n")
}

// text writes a text value, unless there is none.
func (w *icalendar) text(name string, value *wsdl.Text) {
	if s := wsdl.Str(value); s != "" {
		w.line(name, icalText(s))
	}
}

var icalEscapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", "")

func icalText(s string) string { return icalEscapes.Replace(s) }

// icalParameter is a parameter's value in quotes, which it cannot hold itself.
func icalParameter(s string) string {
	return `"` + strings.Map(func(r rune) rune {
		if r == '"' || r < ' ' {
			return -1
		}
		return r
	}, s) + `"`
}

const (
	icalUTC  = "20060102T150405Z"
	icalWall = "20060102T150405"
	icalDate = "20060102"
)

// icalZone is how the times of an event are written: in a zone with a name of
// its own, or in UTC.
type icalZone struct {
	id  string
	loc *time.Location
}

func zoneOfEvent(e *wsdl.CalendarItemType) icalZone {
	if loc, ok := Location(e.StartTimeZone); ok && wsdl.Str(e.StartTimeZone.Id) != "" {
		return icalZone{wsdl.Str(e.StartTimeZone.Id), loc}
	}
	return icalZone{loc: time.UTC}
}

// moment writes a date with a time, or a date alone.
func (z icalZone) moment(w *icalendar, name string, t time.Time, allDay bool) {
	switch {
	case allDay:
		w.line(name+";VALUE=DATE", t.In(z.loc).Format(icalDate))
	case z.id == "":
		w.line(name, t.UTC().Format(icalUTC))
	default:
		w.line(name+";TZID="+icalParameter(z.id), t.In(z.loc).Format(icalWall))
	}
}

// describe writes the VTIMEZONE with the rules of one year.
func (z icalZone) describe(w *icalendar, year int) {
	if z.id == "" {
		return
	}
	zone := flatZone(z.loc, year)
	w.line("BEGIN", "VTIMEZONE")
	w.line("TZID", z.id)
	standard, daylight := zone.StandardTime, zone.DaylightTime
	changes := wsdl.Val(standard.Month) != 0 && wsdl.Val(daylight.Month) != 0
	if !changes {
		daylight = standard
	}
	write := func(kind string, from, to *wsdl.ZoneTimeType) {
		w.line("BEGIN", kind)
		clock := strings.ReplaceAll(wsdl.Str(to.Time), ":", "")
		w.line("DTSTART", "16010101T"+clock)
		w.line("TZOFFSETFROM", icalOffset(wsdl.Val(zone.Bias)+wsdl.Val(from.Bias)))
		w.line("TZOFFSETTO", icalOffset(wsdl.Val(zone.Bias)+wsdl.Val(to.Bias)))
		if changes {
			week := int(wsdl.Val(to.DayOrder))
			if week == 5 {
				week = -1 // the last one
			}
			w.line("RRULE", fmt.Sprintf("FREQ=YEARLY;INTERVAL=1;BYDAY=%d%s;BYMONTH=%d", week, icalDay(wsdl.Str(to.DayOfWeek)), wsdl.Val(to.Month)))
		}
		w.line("END", kind)
	}
	write("STANDARD", daylight, standard)
	if changes {
		write("DAYLIGHT", standard, daylight)
	}
	w.line("END", "VTIMEZONE")
}

// icalOffset writes minutes west of Greenwich as an offset.
func icalOffset(west wsdl.Int32) string {
	sign, east := "+", -int(west)
	if east < 0 {
		sign, east = "-", -east
	}
	return fmt.Sprintf("%s%02d%02d", sign, east/60, east%60)
}

// icalDay is MO for Monday.
func icalDay(name string) string {
	if len(name) < 2 {
		return "SU"
	}
	return strings.ToUpper(name[:2])
}

// icalendarOf writes an event with its exceptions as Exchange has it for
// MimeContent: the iCalendar object itself, in no MIME message.
func (c *call) icalendarOf(ctx context.Context, e *wsdl.CalendarItemType) (string, error) {
	w := new(icalendar)
	z := zoneOfEvent(e)
	w.line("BEGIN", "VCALENDAR")
	w.line("METHOD", "PUBLISH")
	w.line("PRODID", "-//exconn//simulator//EN")
	w.line("VERSION", "2.0")
	year := c.Now().Year()
	if start, ok := wsdl.ParseTime(e.Start, time.UTC); ok {
		year = start.Year()
	}
	z.describe(w, year)
	writeEvent(w, z, e, nil)
	if e.ModifiedOccurrences != nil {
		for _, o := range e.ModifiedOccurrences.Occurrence {
			if o.ItemId == nil {
				continue
			}
			item, err := c.session.Item(ctx, ItemRef{ID: wsdl.Str(o.ItemId.Id)})
			if err != nil {
				return "", err
			}
			if exception, ok := item.(*wsdl.CalendarItemType); ok {
				writeEvent(w, z, exception, o.OriginalStart)
			}
		}
	}
	w.line("END", "VCALENDAR")
	return w.b.String(), nil
}
