package ewsserver

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox/timezone"
	"github.com/exconn/exconn/wsdl"
)

// icalProperty is a content line (RFC 5545, 3.1).
type icalProperty struct {
	name, value string
	parameters  map[string]string
}

// icalComponent is what lies between BEGIN and END.
type icalComponent struct {
	name       string
	properties []icalProperty
	children   []*icalComponent
}

// maxICalDepth is how deep components may lie in components.
const maxICalDepth = 8

// readICalendar reads the first component of an iCalendar object; nil where
// there is none, or where it does not end.
func readICalendar(raw string) *icalComponent {
	raw = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(raw, "\ufeff"))
	raw = strings.NewReplacer("\n ", "", "\n\t", "").Replace(raw)
	var open []*icalComponent
	for line := range strings.SplitSeq(raw, "\n") {
		p, ok := icalLine(line)
		switch {
		case !ok:
		case p.name == "BEGIN":
			child := &icalComponent{name: strings.ToUpper(p.value)}
			if len(open) >= maxICalDepth {
				return nil
			}
			if len(open) > 0 {
				parent := open[len(open)-1]
				parent.children = append(parent.children, child)
			}
			open = append(open, child)
		case len(open) == 0:
			return nil
		case p.name == "END":
			last := open[len(open)-1]
			if open = open[:len(open)-1]; len(open) == 0 {
				return last
			}
		default:
			last := open[len(open)-1]
			last.properties = append(last.properties, p)
		}
	}
	return nil
}

// icalLine splits a line into name, parameters and value.
func icalLine(line string) (icalProperty, bool) {
	p := icalProperty{parameters: map[string]string{}}
	quoted := false
	colon := strings.IndexFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ':' && !quoted
	})
	if colon <= 0 {
		return p, false
	}
	p.value = line[colon+1:]
	quoted = false
	parts := strings.FieldsFunc(line[:colon], func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ';' && !quoted
	})
	if len(parts) == 0 {
		return p, false
	}
	p.name = strings.ToUpper(parts[0])
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(part, "=")
		p.parameters[strings.ToUpper(name)] = strings.Trim(value, `"`)
	}
	return p, true
}

// get returns the first property of a name; the zero one where there is none.
func (c *icalComponent) get(name string) icalProperty {
	for _, p := range c.properties {
		if p.name == name {
			return p
		}
	}
	return icalProperty{}
}

// text is a text value as it was meant; nil where it is empty.
func (p icalProperty) text() *wsdl.Text {
	return wsdl.NewText(icalUnescapes.Replace(p.value))
}

var icalUnescapes = strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, "\r\n", `\N`, "\r\n")

// zone is that of the TZID parameter; usual where it names none that is known.
func (p icalProperty) zone(usual *time.Location) (string, *time.Location) {
	id := p.parameters["TZID"]
	if windows, ok := timezone.Windows(id); ok {
		id = windows
	}
	if loc, err := timezone.Location(id); id != "" && err == nil {
		return id, loc
	}
	return "", usual
}

// time reads a moment; date is true where it is a day alone.
func (p icalProperty) time(usual *time.Location) (at time.Time, date, ok bool) {
	_, loc := p.zone(usual)
	for layout, in := range map[string]*time.Location{icalUTC: time.UTC, icalWall: loc, icalDate: loc} {
		if at, err := time.ParseInLocation(layout, p.value, in); err == nil {
			return at, layout == icalDate, true
		}
	}
	return time.Time{}, false, false
}

// icalDuration reads such as -PT15M or P1DT2H (RFC 5545, 3.3.6).
func icalDuration(s string) (time.Duration, bool) {
	negative := strings.HasPrefix(s, "-")
	s, ok := strings.CutPrefix(strings.TrimLeft(s, "+-"), "P")
	if !ok {
		return 0, false
	}
	units := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second}
	var sum time.Duration
	number := ""
	for i := range len(s) {
		switch b := s[i]; {
		case b == 'T' && number == "":
		case b >= '0' && b <= '9' && len(number) < 6:
			number += s[i : i+1]
		default:
			n, err := strconv.Atoi(number)
			if err != nil || units[b] == 0 {
				return 0, false
			}
			sum, number = sum+time.Duration(n)*units[b], ""
		}
	}
	if negative {
		sum = -sum
	}
	return sum, number == ""
}

// icalPeople reads ORGANIZER and ATTENDEE. The organizer himself, whom some
// programs list as an attendee too, is left out.
func icalPeople(v *icalComponent, e *wsdl.CalendarItemType) {
	mailto := func(p icalProperty) string {
		if len(p.value) > 7 && strings.EqualFold(p.value[:7], "mailto:") {
			return p.value[7:]
		}
		return ""
	}
	organizer := mailto(v.get("ORGANIZER"))
	add := func(to **wsdl.AttendeesType, a *wsdl.AttendeeType) {
		if *to == nil {
			*to = new(wsdl.AttendeesType)
		}
		(*to).Attendee = append((*to).Attendee, a)
	}
	for _, p := range v.properties {
		address := mailto(p)
		if p.name != "ATTENDEE" || address == "" || strings.EqualFold(address, organizer) {
			continue
		}
		a := &wsdl.AttendeeType{Mailbox: &wsdl.EmailAddressType{Name: wsdl.NewText(p.parameters["CN"]), EmailAddress: wsdl.NewText(address)}}
		kind, role := strings.ToUpper(p.parameters["CUTYPE"]), strings.ToUpper(p.parameters["ROLE"])
		switch {
		case kind == "RESOURCE", kind == "ROOM":
			add(&e.Resources, a)
		case role == "OPT-PARTICIPANT":
			add(&e.OptionalAttendees, a)
		default:
			add(&e.RequiredAttendees, a)
		}
	}
}

// icalStatus reads what is said in one word each.
func icalStatus(v *icalComponent, e *wsdl.CalendarItemType) {
	switch strings.ToUpper(v.get("CLASS").value) {
	case "PRIVATE":
		e.Sensitivity = wsdl.Ptr(wsdl.SensitivityNamePrivate)
	case "CONFIDENTIAL":
		e.Sensitivity = wsdl.Ptr(wsdl.SensitivityNameConfidential)
	}
	if n, err := strconv.Atoi(v.get("PRIORITY").value); err == nil && n > 0 {
		importance := wsdl.ImportanceNameNormal
		switch {
		case n < 5:
			importance = wsdl.ImportanceNameHigh
		case n > 5:
			importance = wsdl.ImportanceNameLow
		}
		e.Importance = &importance
	}
	busy := wsdl.FreeBusyNameBusy
	if strings.EqualFold(v.get("TRANSP").value, "TRANSPARENT") {
		busy = wsdl.FreeBusyNameFree
	}
	for _, name := range []wsdl.FreeBusyName{wsdl.FreeBusyNameFree, wsdl.FreeBusyNameTentative, wsdl.FreeBusyNameBusy, wsdl.FreeBusyNameOOF} {
		if strings.EqualFold(v.get("X-MICROSOFT-CDO-BUSYSTATUS").value, string(name)) {
			busy = name
		}
	}
	e.LegacyFreeBusyStatus = &busy
	if names := v.get("CATEGORIES").value; names != "" {
		e.Categories = new(wsdl.StringsType)
		for name := range strings.SplitSeq(names, ",") {
			e.Categories.String = append(e.Categories.String, wsdl.NewText(icalUnescapes.Replace(name)))
		}
	}
	e.ReminderIsSet = wsdl.Ptr(wsdl.Bool(false))
	if i := slices.IndexFunc(v.children, func(c *icalComponent) bool { return c.name == "VALARM" }); i >= 0 {
		if before, ok := icalDuration(v.children[i].get("TRIGGER").value); ok && before <= 0 {
			e.ReminderIsSet = wsdl.Ptr(wsdl.Bool(true))
			e.ReminderMinutesBeforeStart = wsdl.Ptr(wsdl.Int32(-before / time.Minute))
		}
	}
}
