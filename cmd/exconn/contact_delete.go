package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"
)

func (s system) contactDelete(c *cli.Context) error {
	if err := need(c, "id"); err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	if err := box.Delete(c.Context, c.String("id"), c.Bool("permanent")); err != nil {
		return err
	}
	return s.printDeleted(c)
}

// printDeleted tells what became of a deleted item.
func (s system) printDeleted(c *cli.Context) error {
	outcome := "moved to Deleted Items"
	if c.Bool("permanent") {
		outcome = "removed"
	}
	return s.printer(c).object(done{ID: c.String("id"), Outcome: outcome}, func(w io.Writer) { fmt.Fprintln(w, outcome) })
}
