package ewsserver

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox/timezone"
	"github.com/exconn/exconn/wsdl"
)

// readTimeZone honours the TimeZoneContext header.
func (c *call) readTimeZone(header *wsdl.TimeZoneContext) error {
	if header == nil || header.TimeZoneDefinition == nil {
		return nil
	}
	loc, ok := Location(header.TimeZoneDefinition)
	if !ok {
		return &Error{Code: ErrorTimeZone, Fault: true}
	}
	c.zone, c.zoneDefinition = loc, header.TimeZoneDefinition
	return nil
}

// Location returns the time zone that a definition describes: by its id,
// where that is a Windows or IANA name, else by its periods and transitions,
// of which the last group of recurring ones is taken as the rule for all
// times. It is false where neither is understood.
func Location(def *wsdl.TimeZoneDefinitionType) (*time.Location, bool) {
	if def == nil {
		return nil, false
	}
	if id := wsdl.Str(def.Id); id != "" {
		if loc, err := timezone.Location(id); err == nil {
			return loc, true
		}
	}
	rule, ok := posixRule(def)
	if !ok {
		return nil, false
	}
	loc, err := time.LoadLocationFromTZData(wsdl.Str(def.Id), tzif(rule))
	return loc, err == nil
}

// posixRule writes a definition as a POSIX TZ string, such as
// "<S>-1<D>-2,M3.5.0/2,M10.5.0/3".
func posixRule(def *wsdl.TimeZoneDefinitionType) (string, bool) {
	bias := map[string]time.Duration{}
	if def.Periods == nil {
		return "", false
	}
	for _, p := range def.Periods.Period {
		d, ok := wsdl.ParseDuration(p.Bias)
		if !ok || d < -15*time.Hour || d > 15*time.Hour {
			return "", false
		}
		bias[wsdl.Str(p.Id)] = d
	}
	var group *wsdl.TransitionsType
	if def.TransitionsGroups != nil {
		for _, g := range def.TransitionsGroups.TransitionsGroup {
			group = g
		}
	}
	if group == nil || len(group.RecurringDayTransition) == 0 {
		if len(bias) == 0 {
			return "", false
		}
		only, ok := bias[fixedPeriod(def, group)]
		return "<S>" + posixOffset(only), ok
	}
	if len(group.RecurringDayTransition) != 2 {
		return "", false
	}
	type change struct {
		bias time.Duration
		when string
	}
	var changes [2]change
	for i, t := range group.RecurringDayTransition {
		if t.To == nil {
			return "", false
		}
		b, known := bias[wsdl.Str(t.To.Value)]
		when, ok := posixDay(t)
		if !known || !ok {
			return "", false
		}
		changes[i] = change{b, when}
	}
	// The smaller bias is the one of summer.
	standard, daylight := changes[0], changes[1]
	if standard.bias < daylight.bias {
		standard, daylight = daylight, standard
	}
	return "<S>" + posixOffset(standard.bias) + "<D>" + posixOffset(daylight.bias) + "," + daylight.when + "," + standard.when, true
}

// fixedPeriod returns the id of the one period of a zone without summer time.
func fixedPeriod(def *wsdl.TimeZoneDefinitionType, group *wsdl.TransitionsType) string {
	if group != nil {
		for _, t := range group.Transition {
			if t.To != nil {
				return wsdl.Str(t.To.Value)
			}
		}
	}
	return wsdl.Str(def.Periods.Period[0].Id)
}

// posixOffset writes a bias, which like POSIX's offset is positive in the west.
func posixOffset(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	return fmt.Sprintf("%s%d:%02d:%02d", sign, d/time.Hour, d%time.Hour/time.Minute, d%time.Minute/time.Second)
}

func posixDay(t *wsdl.RecurringDayTransitionType) (string, bool) {
	month, week := int(wsdl.Val(t.Month)), int(wsdl.Val(t.Occurrence))
	if week == -1 {
		week = 5
	}
	day := -1
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.TrimSpace(wsdl.Str(t.DayOfWeek)) == d.String() {
			day = int(d)
		}
	}
	offset, ok := wsdl.ParseDuration(t.TimeOffset)
	if !ok || month < 1 || month > 12 || week < 1 || week > 5 || day < 0 {
		return "", false
	}
	return fmt.Sprintf("M%d.%d.%d/%s", month, week, day, posixOffset(offset)), true
}

// tzif wraps a POSIX rule as a time zone file (RFC 8536) whose only transition
// lies in 1900, so that Go follows the rule ever after.
func tzif(rule string) []byte {
	var b bytes.Buffer
	block := func(times any) {
		b.WriteString("TZif2")
		b.Write(make([]byte, 15))
		// Counts: UT indicators, standard indicators, leap seconds,
		// transitions, types, characters of the abbreviations.
		for _, n := range []uint32{0, 0, 0, 1, 1, 2} {
			b.Write(binary.BigEndian.AppendUint32(nil, n))
		}
		_ = binary.Write(&b, binary.BigEndian, times) // a buffer does not fail
		b.WriteByte(0)                                // the transition is to type 0,
		b.Write([]byte{0, 0, 0, 0, 0, 0})             // which is UTC, not summer time,
		b.WriteString("S\x00")                        // and is called S
	}
	old := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	block(int32(-1 << 31))
	block(old)
	b.WriteString("\n" + rule + "\n")
	return b.Bytes()
}
