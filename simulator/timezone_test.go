package simulator

import (
	"testing"
	"time"

	"github.com/exconn/exconn/mailbox/timezone"
	"github.com/exconn/exconn/wsdl"
)

// Each definition, read back by its rules alone, has to give the year's offsets
// that Go's own data has.
func TestDefinitionsTellTheYear(t *testing.T) {
	year := noon.Year()
	for _, name := range timezone.Names() {
		z, ok := zoneByID(name, year)
		if !ok {
			t.Errorf("%s: there is no such zone", name)
			continue
		}
		rules := *z.def
		rules.Id = text("Customized Time Zone")
		custom, ok := zoneOf(&rules, year)
		if !ok {
			t.Errorf("%s: the definition cannot be read back", name)
			continue
		}
		if len(changes(z.loc, year)) > 2 {
			continue // more than a definition can say
		}
		for at := time.Date(year, 1, 2, 0, 0, 0, 0, time.UTC); at.Year() == year; at = at.Add(time.Hour) {
			_, want := at.In(z.loc).Zone()
			if _, got := at.In(custom.loc).Zone(); got != want {
				t.Errorf("%s at %s: the offset is %d by its rules, want %d", name, at.Format(time.RFC3339), got, want)
				break
			}
		}
	}
}

func TestDefinitionOfBerlin(t *testing.T) {
	z, ok := zoneByID("Europe/Berlin", 2026)
	if !ok || z.id != "W. Europe Standard Time" || z.name != "(UTC+01:00) Berlin" {
		t.Fatalf("zoneByID gives %q, %q, %v", z.id, z.name, ok)
	}
	if n := len(z.def.Periods.Period); n != 2 {
		t.Fatalf("%d periods", n)
	}
	if bias := wsdl.Str(z.def.Periods.Period[0].Bias); bias != "-PT1H" {
		t.Errorf("the standard bias is %s", bias)
	}
	for i, want := range []struct{ month, occurrence int }{{3, -1}, {10, -1}} {
		r := z.def.TransitionsGroups.TransitionsGroup[0].RecurringDayTransition[i]
		if int(wsdl.Val(r.Month)) != want.month || int(wsdl.Val(r.Occurrence)) != want.occurrence || wsdl.Str(r.DayOfWeek) != "Sunday" {
			t.Errorf("change %d is on %s %d of month %d", i, wsdl.Str(r.DayOfWeek), wsdl.Val(r.Occurrence), wsdl.Val(r.Month))
		}
	}
}

func TestZonesOfClients(t *testing.T) {
	period := func(id, bias string) *wsdl.PeriodType {
		return &wsdl.PeriodType{Id: text(id), Name: text(id), Bias: wsdl.Ptr(wsdl.DurationText(bias))}
	}
	to := func(id string) *wsdl.TransitionTargetType { return &wsdl.TransitionTargetType{Value: text(id)} }
	days := &wsdl.TransitionsType{Id: text("0"),
		RecurringDateTransition: []*wsdl.RecurringDateTransitionType{
			{To: to("D"), TimeOffset: wsdl.FormatDuration(2 * time.Hour), Month: wsdl.Ptr(wsdl.Int32(4)), Day: wsdl.Ptr(wsdl.Int32(10))},
			{To: to("S"), TimeOffset: wsdl.FormatDuration(3 * time.Hour), Month: wsdl.Ptr(wsdl.Int32(9)), Day: wsdl.Ptr(wsdl.Int32(20))},
		}}
	for name, test := range map[string]struct {
		def            *wsdl.TimeZoneDefinitionType
		ok             bool
		winter, summer int // offsets in minutes
	}{
		"one period": {&wsdl.TimeZoneDefinitionType{Id: text("Mine"), Periods: &wsdl.PeriodsType{Period: []*wsdl.PeriodType{period("S", "PT3H30M")}}}, true, -210, -210},
		"days": {&wsdl.TimeZoneDefinitionType{Id: text("Mine"), Periods: &wsdl.PeriodsType{Period: []*wsdl.PeriodType{period("S", "-PT2H"), period("D", "-PT3H")}},
			TransitionsGroups: &wsdl.TransitionsGroupsType{TransitionsGroup: []*wsdl.TransitionsType{days}}}, true, 120, 180},
		"an id decides": {&wsdl.TimeZoneDefinitionType{Id: text("Tokyo Standard Time"), Periods: &wsdl.PeriodsType{Period: []*wsdl.PeriodType{period("S", "PT0S")}}}, true, 540, 540},
		"no rules":      {&wsdl.TimeZoneDefinitionType{Id: text("Mine")}, false, 0, 0},
		"no such period": {&wsdl.TimeZoneDefinitionType{Id: text("Mine"), Periods: &wsdl.PeriodsType{Period: []*wsdl.PeriodType{period("X", "PT0S")}},
			TransitionsGroups: &wsdl.TransitionsGroupsType{TransitionsGroup: []*wsdl.TransitionsType{days}}}, false, 0, 0},
		"a bias of days": {&wsdl.TimeZoneDefinitionType{Id: text("Mine"), Periods: &wsdl.PeriodsType{Period: []*wsdl.PeriodType{period("S", "P3D")}}}, false, 0, 0},
		"nothing":        {nil, false, 0, 0},
	} {
		z, ok := zoneOf(test.def, 2026)
		if ok != test.ok {
			t.Errorf("%s: zoneOf is %v", name, ok)
			continue
		}
		if !ok {
			continue
		}
		for month, want := range map[time.Month]int{time.January: test.winter, time.July: test.summer} {
			if _, got := time.Date(2026, month, 15, 12, 0, 0, 0, time.UTC).In(z.loc).Zone(); got != want*60 {
				t.Errorf("%s: the offset in %s is %d s, want %d", name, month, got, want*60)
			}
		}
	}
}
