package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

// attendeeTime is one attendee's time as --json prints it: what is known, or why
// nothing is.
type attendeeTime struct {
	mailbox.Schedule
	Error string `json:"error,omitempty"`
	Code  string `json:"code,omitempty"`
}

func (s system) calendarFreeBusy(c *cli.Context) error {
	if err := need(c, "from", "to", "attendee"); err != nil {
		return err
	}
	q := mailbox.AvailabilityQuery{TimeZone: localZone()}
	var err error
	if q.From, err = parseTime(c, "from", time.Local); err != nil {
		return err
	}
	if q.To, err = parseTime(c, "to", time.Local); err != nil {
		return err
	}
	if !q.To.After(q.From) {
		return usagef("--to is the end of the time to look at", "--to %s is not after --from %s", c.String("to"), c.String("from"))
	}
	attendees, err := people(c, "attendee")
	if err != nil {
		return err
	}
	for _, p := range attendees {
		q.Attendees = append(q.Attendees, mailbox.Invited{Address: p.Address})
	}
	q.Slot = min(30*time.Minute, q.To.Sub(q.From)).Truncate(time.Minute)
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	answer, err := box.FreeBusy(c.Context, q)
	if err != nil {
		return err
	}
	return s.printFreeBusy(c, answer.Attendees)
}

// printFreeBusy prints what is known of everybody; the command ends in the
// error of one of whom nothing is.
func (s system) printFreeBusy(c *cli.Context, list []mailbox.Schedule) error {
	var failed error
	known := 0
	p := s.printer(c)
	for _, one := range list {
		line := attendeeTime{Schedule: one}
		if one.Err != nil {
			line.Error, line.Code = one.Err.Error(), mailbox.Code(one.Err)
			failed = one.Err
		} else {
			known++
		}
		if err := p.object(line, func(w io.Writer) { printAttendeeTime(w, line) }); err != nil {
			return err
		}
	}
	if failed != nil && known > 0 {
		return &partlyError{failed}
	}
	return failed
}

func printAttendeeTime(w io.Writer, a attendeeTime) {
	fmt.Fprintln(w, plain(a.Address))
	switch {
	case a.Err != nil:
		fmt.Fprintf(w, "  not known: %s\n", plain(a.Error))
	case a.Detail == mailbox.DetailNone:
		fmt.Fprintln(w, "  tells nothing of its time")
	case len(a.Busy) == 0:
		fmt.Fprintln(w, "  free")
	}
	for _, b := range a.Busy {
		what := strings.TrimSpace(plain(b.Subject) + "  " + plain(b.Location))
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  %s to %s  %-9s  %s", moment(&b.Start), moment(&b.End), b.Status, what), " "))
	}
}
