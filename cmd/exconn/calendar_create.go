package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/mailbox/timezone"
)

func (s system) calendarCreate(c *cli.Context) error {
	if err := need(c, "subject", "start"); err != nil {
		return err
	}
	e := mailbox.NewEvent{
		Subject: c.String("subject"), AllDay: c.Bool("all-day"), Location: c.String("location"),
		Recurrence: c.String("recurrence"), Notify: mailbox.Notify(c.String("notify")),
	}
	var err error
	if e.Start, e.End, e.TimeZone, err = times(c); err != nil {
		return err
	}
	if e.End.IsZero() {
		e.End = e.Start.Add(30 * time.Minute)
		if e.AllDay {
			e.End = e.Start.AddDate(0, 0, 1)
		}
	}
	if e.Text, err = s.textFlag(c, "text"); err != nil {
		return err
	}
	if e.Attendees, err = attendees(c); err != nil {
		return err
	}
	if e.Rooms, err = people(c, "room"); err != nil {
		return err
	}
	if e.ReminderMinutes, err = reminder(c); err != nil {
		return err
	}
	if err := checkNotify(e.Notify); err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	created, err := box.CreateEvent(c.Context, e)
	if err != nil {
		return err
	}
	return s.printEvent(c, created)
}

// times reads --start, --end and --time-zone. The end of an all-day event is
// given as its last day, and returned as the midnight after it.
func times(c *cli.Context) (start, end time.Time, zone string, err error) {
	location := time.Local
	if zone = c.String("time-zone"); zone != "" {
		if location, err = timezone.Location(zone); err != nil {
			return start, end, zone, usagef("such as Europe/Berlin or W. Europe Standard Time", "--time-zone: %v", err)
		}
	}
	if zone == "" {
		zone = localZone()
	}
	if start, err = parseTime(c, "start", location); err != nil {
		return start, end, zone, err
	}
	if end, err = parseTime(c, "end", location); err != nil {
		return start, end, zone, err
	}
	if c.Bool("all-day") {
		for flag, t := range map[string]time.Time{"start": start, "end": end} {
			if !t.IsZero() && !isMidnight(t.In(location)) {
				return start, end, zone, usagef("give dates alone, such as 2026-11-20; the end is the last day", "--%s %s is no whole day", flag, c.String(flag))
			}
		}
		if !end.IsZero() {
			end = end.AddDate(0, 0, 1)
		}
	}
	if !start.IsZero() && !end.IsZero() && !end.After(start) {
		return start, end, zone, usagef("give --end a later time, or a date with it", "--end %s is not after --start %s", c.String("end"), c.String("start"))
	}
	return start, end, zone, nil
}

func isMidnight(t time.Time) bool {
	h, m, s := t.Clock()
	return h == 0 && m == 0 && s == 0 && t.Nanosecond() == 0
}

// localZone is this machine's zone by its IANA id, or UTC where the machine
// does not name it.
func localZone() string {
	if name := time.Local.String(); name != "Local" {
		if _, ok := timezone.IANA(name); ok {
			return name
		}
	}
	if name := systemZone(); name != "" {
		return name
	}
	return "UTC"
}

func attendees(c *cli.Context) ([]mailbox.Attendee, error) {
	var list []mailbox.Attendee
	for _, flag := range []string{"attendee", "optional-attendee"} {
		invited, err := people(c, flag)
		if err != nil {
			return nil, err
		}
		for _, p := range invited {
			list = append(list, mailbox.Attendee{Name: p.Name, Address: p.Address, Required: flag == "attendee"})
		}
	}
	return list, nil
}

func reminder(c *cli.Context) (*int, error) {
	if !c.IsSet("reminder") {
		return nil, nil
	}
	minutes := c.Int("reminder")
	if minutes < 0 {
		return nil, usagef("give the minutes before the start, 0 or more", "--reminder %d is negative", minutes)
	}
	return &minutes, nil
}

func checkNotify(n mailbox.Notify) error {
	switch n {
	case "", mailbox.NotifyNone, mailbox.NotifyAll, mailbox.NotifyChanged:
		return nil
	}
	return usagef("use none, all or changed", "--notify %q is none of them", n)
}
