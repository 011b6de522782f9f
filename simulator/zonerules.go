package simulator

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// locationOf makes a Location of the rules in a definition, for clients that
// send their own ("Customized Time Zone"). The rules go through the one door
// that package time has for them: a TZif file (RFC 9636) whose footer is a
// POSIX TZ string. Of several groups of rules the last is taken, which is the
// one in force from then on.
func locationOf(def *wsdl.TimeZoneDefinitionType) (*time.Location, error) {
	if def.Periods == nil || len(def.Periods.Period) == 0 {
		return nil, errors.New("the definition has no periods")
	}
	bias := map[string]time.Duration{}
	for _, p := range def.Periods.Period {
		d, ok := wsdl.ParseDuration(p.Bias)
		if !ok || d.Abs() > 24*time.Hour {
			return nil, fmt.Errorf("the bias %q of a period cannot be used", wsdl.Str(p.Bias))
		}
		bias[wsdl.Str(p.Id)] = d
	}
	standard, _ := wsdl.ParseDuration(def.Periods.Period[0].Bias)
	group := lastGroup(def)
	if group == nil {
		return fixed(standard), nil
	}
	rules, err := dayRules(group, bias)
	if err != nil {
		return nil, err
	}
	switch len(rules) {
	case 0:
		for _, t := range group.Transition {
			if d, ok := bias[leadsTo(t.To)]; ok {
				standard = d
			}
		}
		return fixed(standard), nil
	case 2:
	default:
		return nil, fmt.Errorf("a group of %d changes a year cannot be used", len(rules))
	}
	std, dst := rules[0], rules[1]
	if std.bias < dst.bias { // standard time is the one further west
		std, dst = dst, std
	}
	if std.bias == dst.bias {
		return fixed(std.bias), nil
	}
	return fromPOSIX(fmt.Sprintf("<S>%s<D>%s,%s,%s", posixOffset(std.bias), posixOffset(dst.bias), dst.when, std.when), std.bias)
}

func fixed(bias time.Duration) *time.Location {
	return time.FixedZone("", -int(bias/time.Second))
}

func leadsTo(to *wsdl.TransitionTargetType) string {
	if to == nil {
		return ""
	}
	return wsdl.Str(to.Value)
}

// lastGroup returns the group of rules that the last transition leads to.
func lastGroup(def *wsdl.TimeZoneDefinitionType) *wsdl.TransitionsType {
	if def.TransitionsGroups == nil || len(def.TransitionsGroups.TransitionsGroup) == 0 {
		return nil
	}
	groups := def.TransitionsGroups.TransitionsGroup
	if def.Transitions == nil {
		return groups[len(groups)-1]
	}
	id := ""
	for _, t := range def.Transitions.Transition {
		id = leadsTo(t.To)
	}
	for _, t := range def.Transitions.AbsoluteDateTransition {
		id = leadsTo(t.To)
	}
	for _, g := range groups {
		if wsdl.Str(g.Id) == id {
			return g
		}
	}
	return groups[len(groups)-1]
}

// dayRule is a yearly change to a bias, with its day in POSIX's words.
type dayRule struct {
	bias time.Duration
	when string
}

func dayRules(group *wsdl.TransitionsType, bias map[string]time.Duration) ([]dayRule, error) {
	var rules []dayRule
	add := func(to *wsdl.TransitionTargetType, offset *wsdl.DurationText, when string) error {
		d, known := bias[leadsTo(to)]
		at, ok := wsdl.ParseDuration(offset)
		if !known || !ok {
			return errors.New("a change of the time zone leads to a period that is not defined, or has no time")
		}
		rules = append(rules, dayRule{d, when + "/" + posixOffset(at)})
		return nil
	}
	for _, t := range group.RecurringDayTransition {
		week := int(wsdl.Val(t.Occurrence))
		if week == -1 {
			week = 5
		}
		day, ok := weekdayNumber(wsdl.Str(t.DayOfWeek))
		month := int(wsdl.Val(t.Month))
		if !ok || week < 1 || week > 5 || month < 1 || month > 12 {
			return nil, errors.New("a yearly change of the time zone has no such day")
		}
		if err := add(t.To, t.TimeOffset, fmt.Sprintf("M%d.%d.%d", month, week, day)); err != nil {
			return nil, err
		}
	}
	for _, t := range group.RecurringDateTransition {
		month, day := time.Month(wsdl.Val(t.Month)), int(wsdl.Val(t.Day))
		if month < 1 || month > 12 || day < 1 || day > 31 {
			return nil, errors.New("a yearly change of the time zone has no such day")
		}
		// Jn counts the days of a year without 29 February.
		n := time.Date(2023, month, day, 0, 0, 0, 0, time.UTC).YearDay()
		if err := add(t.To, t.TimeOffset, fmt.Sprintf("J%d", n)); err != nil {
			return nil, err
		}
	}
	return rules, nil
}

func weekdayNumber(name string) (int, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if d.String() == name {
			return int(d), true
		}
	}
	return 0, false
}

// posixOffset writes a duration as "[-]hh:mm:ss".
func posixOffset(d time.Duration) string {
	var b strings.Builder
	if d < 0 {
		b.WriteByte('-')
		d = -d
	}
	fmt.Fprintf(&b, "%02d:%02d:%02d", d/time.Hour, d%time.Hour/time.Minute, d%time.Minute/time.Second)
	return b.String()
}

// fromPOSIX loads a zone of one POSIX TZ string.
func fromPOSIX(tz string, bias time.Duration) (*time.Location, error) {
	var b bytes.Buffer
	block := func() {
		b.WriteString("TZif2")
		b.Write(make([]byte, 15))
		// UT and standard indicators, leap seconds, transitions, types, characters
		for _, n := range []uint32{0, 0, 0, 0, 1, 2} {
			binary.Write(&b, binary.BigEndian, n) // a Buffer does not fail
		}
		binary.Write(&b, binary.BigEndian, int32(-bias/time.Second))
		b.Write([]byte{0, 0}) // not daylight saving time; its name begins at 0
		b.WriteString("S\x00")
	}
	block() // for readers of the first version
	block() // the same again: without transitions the two versions are alike
	b.WriteString("\n" + tz + "\n")
	return time.LoadLocationFromTZData("Customized Time Zone", b.Bytes())
}
