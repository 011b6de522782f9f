package ewsserver

import (
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox/timezone"
	"github.com/exconn/exconn/wsdl"
)

// flatLocation reads a SerializableTimeZone ([MS-OXWAVLS] 3.1.4.1.3.19): a bias
// in minutes, positive in the west, and two days of the year on which a further
// bias begins. Where one of them names no month, there is no change.
func flatLocation(bias *wsdl.Int32, standard, daylight *wsdl.ZoneTimeType) (*time.Location, error) {
	refused := &Error{Code: ErrorTimeZone}
	if bias == nil || standard == nil || daylight == nil || *bias < -1440 || *bias > 1440 {
		return nil, refused
	}
	west := func(t *wsdl.ZoneTimeType) time.Duration {
		return time.Duration(*bias+wsdl.Val(t.Bias)) * time.Minute
	}
	if wsdl.Val(standard.Month) == 0 || wsdl.Val(daylight.Month) == 0 {
		return time.FixedZone("", -int(west(standard)/time.Second)), nil
	}
	var changes [2]timezone.Change
	for i, t := range []*wsdl.ZoneTimeType{standard, daylight} {
		at, err := time.Parse(time.TimeOnly, strings.TrimSpace(wsdl.Str(t.Time)))
		if err != nil {
			return nil, refused
		}
		c := timezone.Change{Offset: -west(t), Month: time.Month(wsdl.Val(t.Month)), Week: int(wsdl.Val(t.DayOrder)), Weekday: -1,
			At: time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second}
		for d := time.Sunday; d <= time.Saturday; d++ {
			if d.String() == strings.TrimSpace(wsdl.Str(t.DayOfWeek)) {
				c.Weekday = d
			}
		}
		changes[i] = c
	}
	loc, err := timezone.Yearly("", changes[0], changes[1])
	if err != nil {
		return nil, refused
	}
	return loc, nil
}

// flatZone writes a zone by the changes that its offset has in a year. A zone
// with other than two has the offset of that year's beginning.
func flatZone(loc *time.Location, year int) *wsdl.ZoneType {
	n := func(i int) *wsdl.Int32 { return wsdl.Ptr(wsdl.Int32(i)) }
	first := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	_, offset := first.In(loc).Zone()
	none := func() *wsdl.ZoneTimeType {
		return &wsdl.ZoneTimeType{Bias: n(0), Time: wsdl.Ptr(wsdl.Text("00:00:00")), DayOrder: n(0), Month: n(0), DayOfWeek: wsdl.Ptr(wsdl.Text("Sunday"))}
	}
	zone := &wsdl.ZoneType{Bias: n(-offset / 60), StandardTime: none(), DaylightTime: none()}
	type change struct {
		wall     time.Time // what clocks show, were they not changed
		from, to int
	}
	var changes []change
	for t := first; ; {
		_, next := t.In(loc).ZoneBounds()
		if next.IsZero() || next.UTC().Year() > year {
			break
		}
		if !next.After(t) {
			// On the last day of a leap year package time may name a bound
			// that has passed (Go 1.26).
			t = t.AddDate(0, 0, 1)
			continue
		}
		t = next.UTC()
		_, before := t.Add(-time.Second).In(loc).Zone()
		_, after := t.In(loc).Zone()
		if before != after {
			changes = append(changes, change{t.Add(time.Duration(before) * time.Second), before, after})
		}
	}
	if len(changes) != 2 {
		return zone
	}
	standard := min(changes[0].to, changes[1].to)
	zone.Bias = n(-standard / 60)
	for _, c := range changes {
		week := (c.wall.Day()-1)/7 + 1
		if c.wall.AddDate(0, 0, 7).Month() != c.wall.Month() {
			week = 5
		}
		t := &wsdl.ZoneTimeType{
			Bias: n(-(c.to - standard) / 60), Time: wsdl.Ptr(wsdl.Text(c.wall.Format(time.TimeOnly))), DayOrder: n(week),
			Month: n(int(c.wall.Month())), DayOfWeek: wsdl.Ptr(wsdl.Text(c.wall.Weekday().String())),
		}
		if c.to == standard {
			zone.StandardTime = t
		} else {
			zone.DaylightTime = t
		}
	}
	return zone
}
