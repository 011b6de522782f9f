package timezone_test

import (
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox/timezone"
)

// TestYearly holds rules against the zones that they describe, over the hours
// of years that both have.
func TestYearly(t *testing.T) {
	for _, c := range []struct {
		zone               string
		standard, daylight timezone.Change
	}{
		{"Europe/Berlin",
			timezone.Change{Offset: time.Hour, Month: time.October, Week: 5, Weekday: time.Sunday, At: 3 * time.Hour},
			timezone.Change{Offset: 2 * time.Hour, Month: time.March, Week: 5, Weekday: time.Sunday, At: 2 * time.Hour}},
		{"America/New_York",
			timezone.Change{Offset: -5 * time.Hour, Month: time.November, Week: 1, Weekday: time.Sunday, At: 2 * time.Hour},
			timezone.Change{Offset: -4 * time.Hour, Month: time.March, Week: 2, Weekday: time.Sunday, At: 2 * time.Hour}},
		{"Australia/Sydney", // summer lies over the turn of the year
			timezone.Change{Offset: 10 * time.Hour, Month: time.April, Week: 1, Weekday: time.Sunday, At: 3 * time.Hour},
			timezone.Change{Offset: 11 * time.Hour, Month: time.October, Week: 1, Weekday: time.Sunday, At: 2 * time.Hour}},
	} {
		t.Run(c.zone, func(t *testing.T) {
			got, err := timezone.Yearly("Rule", c.standard, c.daylight)
			if err != nil {
				t.Fatal(err)
			}
			want, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			for at := time.Date(2024, 1, 1, 0, 30, 0, 0, time.UTC); at.Year() < 2029; at = at.Add(time.Hour) {
				if g, w := at.In(got).Format("15:04 -0700"), at.In(want).Format("15:04 -0700"); g != w {
					t.Fatalf("at %s it is %s, want %s", at, g, w)
				}
			}
		})
	}
}

func TestYearlyRefusals(t *testing.T) {
	good := timezone.Change{Offset: time.Hour, Month: time.March, Week: 5, Weekday: time.Sunday, At: 2 * time.Hour}
	for name, spoil := range map[string]func(*timezone.Change){
		"month": func(c *timezone.Change) { c.Month = 13 }, "week": func(c *timezone.Change) { c.Week = 0 },
		"weekday": func(c *timezone.Change) { c.Weekday = 7 }, "time": func(c *timezone.Change) { c.At = -time.Hour },
		"offset": func(c *timezone.Change) { c.Offset = 48 * time.Hour },
	} {
		bad := good
		spoil(&bad)
		if loc, err := timezone.Yearly("Rule", good, bad); err == nil {
			t.Errorf("%s: got %v", name, loc)
		}
	}
}
