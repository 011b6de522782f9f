package timezone

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"
)

// Change is a yearly change of a zone's offset, as Windows keeps it: on the
// n-th weekday of a month.
type Change struct {
	// Offset is that from UTC after the change, positive in the east.
	Offset time.Duration
	Month  time.Month
	// Week is 1 to 5; 5 means the last.
	Week    int
	Weekday time.Weekday
	// At is the time of the day, by the clocks as they are before the change.
	At time.Duration
}

// Yearly returns a zone that changes between standard and daylight saving time
// by the same rule every year, as those are that have no name. Name is for
// people alone.
//
// The rule goes through the one door that package time has for it: a TZif file
// (RFC 9636) whose footer is a POSIX TZ string.
func Yearly(name string, standard, daylight Change) (*time.Location, error) {
	for _, c := range []Change{standard, daylight} {
		if c.Month < 1 || c.Month > 12 || c.Week < 1 || c.Week > 5 || c.Weekday < 0 || c.Weekday > 6 ||
			c.At < 0 || c.At > 24*time.Hour || c.Offset.Abs() > 24*time.Hour {
			return nil, fmt.Errorf("the yearly change of a time zone, in week %d of month %d, has no such day, time or offset", c.Week, c.Month)
		}
	}
	day := func(c Change) string {
		return fmt.Sprintf("M%d.%d.%d/%s", c.Month, c.Week, c.Weekday, posixTime(c.At))
	}
	// POSIX counts offsets westward.
	rule := fmt.Sprintf("<S>%s<D>%s,%s,%s", posixTime(-standard.Offset), posixTime(-daylight.Offset), day(daylight), day(standard))
	return time.LoadLocationFromTZData(name, tzif(rule, standard.Offset))
}

// posixTime writes "[-]hh:mm:ss".
func posixTime(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	return fmt.Sprintf("%s%02d:%02d:%02d", sign, d/time.Hour, d%time.Hour/time.Minute, d%time.Minute/time.Second)
}

// tzif is a file without transitions of its own, in which the rule holds for
// all times.
func tzif(rule string, offset time.Duration) []byte {
	var b bytes.Buffer
	// The block of the first version, and the same again as that of the second:
	// without transitions they are alike.
	for range 2 {
		b.WriteString("TZif2")
		b.Write(make([]byte, 15))
		// Counts: UT indicators, standard indicators, leap seconds,
		// transitions, types, characters of the abbreviations.
		for _, n := range []uint32{0, 0, 0, 0, 1, 2} {
			b.Write(binary.BigEndian.AppendUint32(nil, n))
		}
		b.Write(binary.BigEndian.AppendUint32(nil, uint32(int32(offset/time.Second))))
		b.Write([]byte{0, 0}) // not summer time; its name begins at 0
		b.WriteString("S\x00")
	}
	b.WriteString("\n" + rule + "\n")
	return b.Bytes()
}
