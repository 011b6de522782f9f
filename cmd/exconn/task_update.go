package main

import (
	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) taskUpdate(c *cli.Context) error {
	if err := need(c, "id"); err != nil {
		return err
	}
	u, any, err := s.taskFlags(c)
	if err != nil {
		return err
	}
	if !any {
		return usagef("see exconn task update --help", "nothing is to be changed")
	}
	return s.withTasks(c, func(tasks mailbox.TaskList) (mailbox.Task, error) {
		return tasks.UpdateTask(c.Context, c.String("id"), u)
	})
}
