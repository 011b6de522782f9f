package wsdl

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// FormatDuration writes an xs:duration of days, hours, minutes and seconds as
// Exchange does: "PT0S", "PT1H30M", "P1D", "-PT1H". Fractions of a second are
// dropped.
func FormatDuration(d time.Duration) *DurationText {
	var b strings.Builder
	if d < 0 {
		b.WriteByte('-')
		d = -d
	}
	b.WriteString("P")
	days, h, m, s := d/(24*time.Hour), d%(24*time.Hour)/time.Hour, d%time.Hour/time.Minute, d%time.Minute/time.Second
	if days > 0 {
		fmt.Fprintf(&b, "%dD", days)
		if d%(24*time.Hour) < time.Second {
			return Ptr(DurationText(b.String()))
		}
	}
	b.WriteString("T")
	if h > 0 {
		fmt.Fprintf(&b, "%dH", h)
	}
	if m > 0 {
		fmt.Fprintf(&b, "%dM", m)
	}
	if s > 0 || days == 0 && h == 0 && m == 0 {
		fmt.Fprintf(&b, "%dS", s)
	}
	return Ptr(DurationText(b.String()))
}

// ParseDuration reads an xs:duration of days and smaller units; years and
// months have no fixed length and are refused. It is false where the text is
// absent or no such duration.
func ParseDuration(text *DurationText) (time.Duration, bool) {
	if text == nil {
		return 0, false
	}
	s := strings.TrimSpace(string(*text))
	sign := time.Duration(1)
	if rest, negative := strings.CutPrefix(s, "-"); negative {
		sign, s = -1, rest
	}
	s, ok := strings.CutPrefix(s, "P")
	if !ok || s == "" {
		return 0, false
	}
	units := map[byte]time.Duration{'D': 24 * time.Hour}
	var total time.Duration
	for s != "" {
		if s[0] == 'T' {
			units = map[byte]time.Duration{'H': time.Hour, 'M': time.Minute, 'S': time.Second}
			s = s[1:]
			continue
		}
		end := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		if end <= 0 {
			return 0, false
		}
		n, err := strconv.ParseFloat(s[:end], 64)
		unit, known := units[s[end]]
		if err != nil || !known {
			return 0, false
		}
		total += time.Duration(n * float64(unit))
		s = s[end+1:]
	}
	return sign * total, true
}
