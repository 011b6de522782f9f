package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) calendarGet(c *cli.Context) error {
	if err := need(c, "id"); err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	event, err := box.Event(c.Context, c.String("id"))
	if err != nil {
		return err
	}
	return s.printEvent(c, event)
}

func (s system) printEvent(c *cli.Context, e mailbox.Event) error {
	return s.printer(c).object(e, func(w io.Writer) {
		start, end := span(e)
		organizer, reminder, cancelled := "", "", ""
		if e.Organizer != nil {
			organizer = e.Organizer.String()
		}
		if e.ReminderMinutes != nil {
			reminder = strconv.Itoa(*e.ReminderMinutes) + " minutes before"
		}
		if e.IsCancelled {
			cancelled = "yes"
		}
		fields(w, "Subject", e.Subject, "Start", start, "End", end, "Time zone", e.TimeZone, "Location", e.Location,
			"Organizer", organizer, "My response", e.MyResponse, "Recurrence", e.Recurrence, "Reminder", reminder,
			"Cancelled", cancelled, "UID", e.UID, "Id", e.ID)
		for _, a := range e.Attendees {
			kind := "Optional"
			if a.Required {
				kind = "Required"
			}
			fmt.Fprintf(w, "%s: %s (%s)\n", kind, plain(mailbox.Person{Name: a.Name, Address: a.Address}.String()), a.Response)
		}
		for _, r := range e.Rooms {
			fmt.Fprintf(w, "Room: %s (%s)\n", plain(mailbox.Person{Name: r.Name, Address: r.Address}.String()), r.Response)
		}
		if e.Body != nil && e.Body.Content != "" {
			fmt.Fprintf(w, "\n%s\n", plainBody(e.Body.Content))
		}
	})
}
