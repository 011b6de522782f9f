package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

// done is the answer of a command that changes an item.
type done struct {
	ID      string `json:"id"`
	Outcome string `json:"outcome"`
}

func (s system) mailMove(c *cli.Context) error {
	if err := need(c, "id", "to-folder"); err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	id, err := box.Move(c.Context, c.String("id"), mailbox.FolderRef(c.String("to-folder")))
	if err != nil {
		return err
	}
	return s.printer(c).object(done{ID: id, Outcome: "moved"}, func(w io.Writer) {
		fmt.Fprintf(w, "moved; its id is now %s\n", id)
	})
}

func (s system) mailDelete(c *cli.Context) error {
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
	outcome := "moved to Deleted Items"
	if c.Bool("permanent") {
		outcome = "removed"
	}
	return s.printer(c).object(done{ID: c.String("id"), Outcome: outcome}, func(w io.Writer) { fmt.Fprintln(w, outcome) })
}
