package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) calendarRespond(c *cli.Context) error {
	if err := need(c, "id", "response"); err != nil {
		return err
	}
	r := mailbox.MeetingReply{Response: c.String("response"), Message: c.String("message")}
	switch r.Response {
	case mailbox.Accept, mailbox.AcceptTentative, mailbox.Decline:
	default:
		return usagef("use accept, tentative or decline", "--response %q is none of them", r.Response)
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	event, err := box.Respond(c.Context, c.String("id"), r)
	switch {
	case err != nil:
		return err
	case event.ID == "":
		// Declined: the event has left the calendar.
		return s.printer(c).object(done{ID: c.String("id"), Outcome: "declined"}, func(w io.Writer) { fmt.Fprintln(w, "declined") })
	}
	return s.printEvent(c, event)
}
