package timezone

import (
	"errors"
	"testing"
	"time"
)

func TestBothWays(t *testing.T) {
	for _, test := range []struct{ id, windows string }{
		{"Europe/Berlin", "W. Europe Standard Time"},
		{"europe/berlin", "W. Europe Standard Time"},
		{"W. Europe Standard Time", "W. Europe Standard Time"},
		{"w. europe standard time", "W. Europe Standard Time"},
		{"America/New_York", "Eastern Standard Time"},
		{"Asia/Kolkata", "India Standard Time"},
		{"Asia/Calcutta", "India Standard Time"},
		{"Europe/Kyiv", "FLE Standard Time"},
		{"UTC", "UTC"},
		{"Etc/UTC", "UTC"},
	} {
		if got, ok := Windows(test.id); !ok || got != test.windows {
			t.Errorf("Windows(%q) = %q, %v; want %q", test.id, got, ok, test.windows)
		}
	}
	if got, _ := IANA("W. Europe Standard Time"); got != "Europe/Berlin" {
		t.Errorf("W. Europe Standard Time stands for %q", got)
	}
}

func TestIANAIsAsTheDatabaseWritesIt(t *testing.T) {
	for name, want := range map[string]string{
		"India Standard Time": "Asia/Kolkata", "FLE Standard Time": "Europe/Kyiv", "Asia/Calcutta": "Asia/Calcutta",
		"europe/berlin": "Europe/Berlin", "utc": "Etc/UTC", "UTC": "Etc/UTC", "US/Pacific": "US/Pacific",
	} {
		if got, ok := IANA(name); !ok || got != want {
			t.Errorf("IANA(%q) = %q, %v; want %q", name, got, ok, want)
		}
	}
}

func TestEveryWindowsZoneLoads(t *testing.T) {
	if len(Names()) < 130 {
		t.Fatalf("only %d zones", len(Names()))
	}
	for _, name := range Names() {
		zone, ok := IANA(name)
		if !ok {
			t.Errorf("%s has no IANA id", name)
			continue
		}
		if _, err := time.LoadLocation(zone); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if back, _ := Windows(zone); back != name {
			t.Errorf("%s became %s became %s", name, zone, back)
		}
	}
}

func TestUnknownZoneIsNamed(t *testing.T) {
	for _, id := range []string{"Customized Time Zone", "Local", "Nowhere/Land"} {
		var unknown *UnknownError
		if _, err := Location(id); !errors.As(err, &unknown) || unknown.ID != id {
			t.Errorf("Location(%q): %v", id, err)
		}
	}
}
