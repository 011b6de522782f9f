package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"
)

func (s system) calendarCancel(c *cli.Context) error {
	if err := need(c, "id"); err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	if err := box.CancelEvent(c.Context, c.String("id"), c.String("message")); err != nil {
		return err
	}
	return s.printer(c).object(done{ID: c.String("id"), Outcome: "cancelled"}, func(w io.Writer) { fmt.Fprintln(w, "cancelled") })
}
