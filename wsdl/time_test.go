package wsdl

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2026-11-20T08:00:00Z":           "2026-11-20T08:00:00Z",
		"2026-11-20T08:00:00":            "2026-11-20T07:00:00Z", // naive: in the zone of the request
		"2026-11-20T08:00:00+05:30":      "2026-11-20T02:30:00Z",
		"2026-11-20T08:00:00.123456789Z": "2026-11-20T08:00:00.123456789Z",
		" 2026-11-20T08:00:00Z\n":        "2026-11-20T08:00:00Z",
	} {
		got, ok := ParseTime(NewDateTime(text), berlin)
		if !ok || got.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%q is read as %v, %v; want %s", text, got.UTC(), ok, want)
		}
	}
	for _, text := range []string{"", "20.11.2026", "2026-11-20"} {
		if _, ok := ParseTime(NewDateTime(text), nil); ok {
			t.Errorf("%q passes for a time", text)
		}
	}
	if _, ok := ParseTime(nil, nil); ok {
		t.Error("an absent time was read")
	}
}

// NewDateTime is for this test alone: the package writes times by FormatTime.
func NewDateTime(s string) *DateTimeText { return Ptr(DateTimeText(s)) }

func TestParseDatePassesOverTheZone(t *testing.T) {
	for _, text := range []string{"2026-11-20", "2026-11-20Z", "2026-11-20+01:00", "2026-11-20-08:00"} {
		got, ok := ParseDate(Ptr(DateText(text)), nil)
		if !ok || got.Format(time.DateOnly) != "2026-11-20" {
			t.Errorf("%q is read as %v, %v", text, got, ok)
		}
	}
}

func TestDurationBothWays(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"PT0S": 0, "PT1H": time.Hour, "-PT1H": -time.Hour, "PT5H30M": 5*time.Hour + 30*time.Minute, "PT12S": 12 * time.Second,
		"P1D": 24 * time.Hour, "P2DT30M": 48*time.Hour + 30*time.Minute, "-P1DT1H": -25 * time.Hour,
	} {
		if got, ok := ParseDuration(Ptr(DurationText(text))); !ok || got != want {
			t.Errorf("%s is read as %v, %v", text, got, ok)
		}
		if got := Str(FormatDuration(want)); got != text {
			t.Errorf("%v is written as %s, want %s", want, got, text)
		}
	}
	for text, want := range map[string]time.Duration{"P1DT2H": 26 * time.Hour, "-PT300M": -5 * time.Hour, "PT0.5S": time.Second / 2} {
		if got, ok := ParseDuration(Ptr(DurationText(text))); !ok || got != want {
			t.Errorf("%s is read as %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "P", "P1Y", "P1M", "1H", "PTxS", "PT1"} {
		if got, ok := ParseDuration(Ptr(DurationText(text))); ok && text != "P" {
			t.Errorf("%q passes for %v", text, got)
		}
	}
}
