package simulator

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/exconn/exconn/mailbox/timezone"
	"github.com/exconn/exconn/wsdl"
)

// zone is a time zone as a calendar item names it.
type zone struct {
	id   string // the Windows name, or whatever the client called its own rules
	name string // for people
	loc  *time.Location
	def  *wsdl.TimeZoneDefinitionType
}

// zoneByID finds a zone by its Windows name. An IANA id, which some clients
// send, stands for the Windows zone that holds it.
func zoneByID(id string, year int) (zone, bool) {
	name, ok := timezone.Windows(id)
	if !ok {
		return zone{}, false
	}
	loc, err := timezone.Location(name)
	if err != nil {
		return zone{}, false
	}
	return loadZone(name, loc, year), true
}

type zoneKey struct {
	name string
	year int
}

// zones keeps what loadZone has made, because a definition takes a walk through
// the days of several years.
var zones sync.Map // zoneKey to zone

func loadZone(name string, loc *time.Location, year int) zone {
	key := zoneKey{name, year}
	if z, ok := zones.Load(key); ok {
		return z.(zone)
	}
	z := zone{id: name, name: displayName(name, loc, year), loc: loc}
	z.def = define(z, year)
	zones.Store(key, z)
	return z
}

// displayName is what people see: "(UTC+01:00) Berlin". Windows names more
// cities.
func displayName(name string, loc *time.Location, year int) string {
	offset := baseOffset(loc, year)
	sign := "+"
	if offset < 0 {
		sign, offset = "-", -offset
	}
	zoneName := loc.String()
	city := strings.ReplaceAll(zoneName[strings.LastIndexByte(zoneName, '/')+1:], "_", " ")
	if strings.HasPrefix(zoneName, "Etc/") {
		city = name
	}
	if name == "UTC" {
		return "(UTC) Coordinated Universal Time"
	}
	return fmt.Sprintf("(UTC%s%02d:%02d) %s", sign, offset/time.Hour, offset%time.Hour/time.Minute, city)
}

// baseOffset is the zone's standard offset from UTC: the smaller one of the
// year.
func baseOffset(loc *time.Location, year int) time.Duration {
	_, offset := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).In(loc).Zone()
	for _, c := range changes(loc, year) {
		offset = min(offset, c.from, c.to)
	}
	return time.Duration(offset) * time.Second
}

// change is a moment at which a zone's offset from UTC changes.
type change struct {
	at       time.Time // the first moment of the new offset
	from, to int       // seconds east of UTC
}

// wall is what clocks show at the change, were they not changed.
func (c change) wall() time.Time { return c.at.UTC().Add(time.Duration(c.from) * time.Second) }

// changes lists the changes of a zone's offset in a year of UTC.
func changes(loc *time.Location, year int) []change {
	var found []change
	offset := func(t time.Time) int { _, o := t.In(loc).Zone(); return o }
	t, end := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC)
	for t.Before(end) {
		_, next := t.In(loc).ZoneBounds()
		if next.IsZero() || !next.Before(end) {
			break
		}
		if !next.After(t) {
			// On the last day of a leap year package time may name a bound
			// that has passed (Go 1.26).
			t = t.AddDate(0, 0, 1)
			continue
		}
		if before, after := offset(next.Add(-time.Second)), offset(next); before != after {
			found = append(found, change{next.UTC(), before, after})
		}
		t = next.UTC()
	}
	return found
}

// define describes a zone by the rule of a year: one period where the offset
// does not change, two and the days of their changes where it does. A zone with
// more changes in the year than two (Morocco's Ramadan) is described by the
// first two; Windows too has one rule a year at most.
func define(z zone, year int) *wsdl.TimeZoneDefinitionType {
	found := changes(z.loc, year)
	base := baseOffset(z.loc, year)
	text := func(s string) *wsdl.Text { return wsdl.Ptr(wsdl.Text(s)) }
	periodID := func(name string) string { return fmt.Sprintf("trule:Microsoft/Registry/%s/%d-%s", z.id, year, name) }
	period := func(name string, offset time.Duration) *wsdl.PeriodType {
		return &wsdl.PeriodType{Bias: wsdl.FormatDuration(-offset), Name: text(name), Id: text(periodID(name))}
	}
	to := func(kind wsdl.TransitionKind, id string) *wsdl.TransitionTargetType {
		return &wsdl.TransitionTargetType{Value: text(id), Kind: wsdl.Ptr(kind)}
	}
	def := &wsdl.TimeZoneDefinitionType{Id: text(z.id), Name: text(z.name)}
	def.Periods = &wsdl.PeriodsType{Period: []*wsdl.PeriodType{period("Standard", base)}}
	group := &wsdl.TransitionsType{Id: text("0")}
	if len(found) < 2 {
		group.Transition = []*wsdl.TransitionType{{To: to(wsdl.TransitionKindPeriod, periodID("Standard"))}}
	} else {
		for _, c := range found[:2] {
			name := "Standard"
			if time.Duration(c.to)*time.Second != base {
				name = "Daylight"
				def.Periods.Period = append(def.Periods.Period, period(name, time.Duration(c.to)*time.Second))
			}
			wall := c.wall()
			group.RecurringDayTransition = append(group.RecurringDayTransition, &wsdl.RecurringDayTransitionType{
				To:         to(wsdl.TransitionKindPeriod, periodID(name)),
				TimeOffset: wsdl.FormatDuration(wall.Sub(dayOf(wall))),
				Month:      wsdl.Ptr(wsdl.Int32(wall.Month())),
				DayOfWeek:  text(wall.Weekday().String()),
				Occurrence: wsdl.Ptr(wsdl.Int32(occurrenceOf(z.loc, wall, year))),
			})
		}
	}
	def.TransitionsGroups = &wsdl.TransitionsGroupsType{TransitionsGroup: []*wsdl.TransitionsType{group}}
	def.Transitions = &wsdl.TransitionsType{Transition: []*wsdl.TransitionType{{To: to(wsdl.TransitionKindGroup, "0")}}}
	return def
}

// occurrenceOf tells which of its weekdays in the month the day of a change is:
// 1 to 4, or -1 for the last. A day that is both the fourth and the last one is
// told by the other years around.
func occurrenceOf(loc *time.Location, wall time.Time, year int) int {
	n := (wall.Day()-1)/7 + 1
	if wall.Day()+7 <= lastDay(wall.Year(), wall.Month()) {
		return n
	}
	for y := year - 5; y <= year+5; y++ {
		for _, c := range changes(loc, y) {
			other := c.wall()
			if other.Month() != wall.Month() || other.Weekday() != wall.Weekday() {
				continue
			}
			if other.Day()+7 <= lastDay(other.Year(), other.Month()) {
				return min(n, 4) // not the last one that year
			}
		}
	}
	return -1
}

// zoneOf finds the zone that a definition describes. An id that is known
// decides; rules with another id are followed as they are given. It is false
// where there is neither.
func zoneOf(def *wsdl.TimeZoneDefinitionType, year int) (zone, bool) {
	if def == nil {
		return zone{}, false
	}
	id := strings.TrimSpace(wsdl.Str(def.Id))
	if z, ok := zoneByID(id, year); ok && id != "" {
		return z, true
	}
	loc, err := locationOf(def)
	if err != nil {
		return zone{}, false
	}
	return zone{id: id, name: wsdl.Str(def.Name), loc: loc, def: def}, true
}

// serverTimeZones lists every zone that the server knows.
func serverTimeZones(year int) []*wsdl.TimeZoneDefinitionType {
	var defs []*wsdl.TimeZoneDefinitionType
	for _, id := range timezone.Names() {
		if z, ok := zoneByID(id, year); ok {
			defs = append(defs, z.def)
		}
	}
	return defs
}
