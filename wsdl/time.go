package wsdl

import (
	"strings"
	"time"
)

// FormatTime writes a point in time as xs:dateTime in UTC, to the second, as
// Exchange does.
func FormatTime(t time.Time) *DateTimeText {
	if t.IsZero() {
		return nil
	}
	return Ptr(DateTimeText(t.UTC().Format("2006-01-02T15:04:05Z")))
}

// layouts are the forms of xs:dateTime that servers write: any number of
// fractional digits, with or without a zone.
var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"}

// ParseTime reads an xs:dateTime. One without a zone is taken to be in loc
// (nil means UTC), as the TimeZoneContext header rules. It is false where the
// text is absent or no time.
func ParseTime(text *DateTimeText, loc *time.Location) (time.Time, bool) {
	if text == nil {
		return time.Time{}, false
	}
	if loc == nil {
		loc = time.UTC
	}
	s := strings.TrimSpace(string(*text))
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// FormatDate writes a day as xs:date without a zone.
func FormatDate(t time.Time) *DateText { return Ptr(DateText(t.Format(time.DateOnly))) }

// ParseDate reads an xs:date; a zone behind it ("2026-11-20Z",
// "2026-11-20+01:00"), which Exchange writes and ignores, is passed over. The
// result is midnight in loc (nil means UTC).
func ParseDate(text *DateText, loc *time.Location) (time.Time, bool) {
	if text == nil {
		return time.Time{}, false
	}
	if loc == nil {
		loc = time.UTC
	}
	s := strings.TrimSpace(string(*text))
	if len(s) > len(time.DateOnly) {
		s = s[:len(time.DateOnly)]
	}
	t, err := time.ParseInLocation(time.DateOnly, s, loc)
	return t, err == nil
}
