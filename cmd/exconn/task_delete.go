package main

import (
	"github.com/urfave/cli/v2"
)

func (s system) taskDelete(c *cli.Context) error {
	if err := need(c, "id"); err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	if err := box.DeleteTask(c.Context, c.String("id"), c.Bool("next"), c.Bool("permanent")); err != nil {
		return err
	}
	return s.printDeleted(c)
}
