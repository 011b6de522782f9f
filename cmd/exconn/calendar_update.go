package main

import (
	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) calendarUpdate(c *cli.Context) error {
	if err := need(c, "id"); err != nil {
		return err
	}
	var u mailbox.EventUpdate
	for flag, field := range map[string]**string{"subject": &u.Subject, "location": &u.Location, "recurrence": &u.Recurrence} {
		if c.IsSet(flag) {
			value := c.String(flag)
			*field = &value
		}
	}
	start, end, zone, err := times(c)
	if err != nil {
		return err
	}
	if !start.IsZero() {
		u.Start = &start
	}
	if !end.IsZero() {
		u.End = &end
	}
	if c.IsSet("time-zone") || u.Start != nil || u.End != nil {
		u.TimeZone = zone
	}
	if c.IsSet("all-day") {
		allDay := c.Bool("all-day")
		u.AllDay = &allDay
	}
	if c.IsSet("text") || c.IsSet("text-file") {
		text, err := s.textFlag(c, "text")
		if err != nil {
			return err
		}
		u.Text = &text
	}
	if c.IsSet("attendee") || c.IsSet("optional-attendee") {
		list, err := attendees(c)
		if err != nil {
			return err
		}
		u.Attendees = &list
	}
	if c.IsSet("room") {
		list, err := people(c, "room")
		if err != nil {
			return err
		}
		u.Rooms = &list
	}
	if u.ReminderMinutes, err = reminder(c); err != nil {
		return err
	}
	if u.RemoveReminder = c.Bool("no-reminder"); u.RemoveReminder && u.ReminderMinutes != nil {
		return usagef("give one of them", "--reminder and --no-reminder exclude each other")
	}
	u.Notify = mailbox.Notify(c.String("notify"))
	if err := checkNotify(u.Notify); err != nil {
		return err
	}
	if u.Subject == nil && u.Location == nil && u.Recurrence == nil && u.Start == nil && u.End == nil && u.AllDay == nil &&
		u.Text == nil && u.Attendees == nil && u.Rooms == nil && u.ReminderMinutes == nil && !u.RemoveReminder {
		if u.TimeZone != "" {
			return usagef("give --start or --end, or both", "--time-zone goes with a start or an end")
		}
		return usagef("see exconn calendar update --help", "nothing is to be changed")
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	updated, err := box.UpdateEvent(c.Context, c.String("id"), u)
	if err != nil {
		return err
	}
	return s.printEvent(c, updated)
}
