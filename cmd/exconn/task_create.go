package main

import (
	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) taskCreate(c *cli.Context) error {
	if err := need(c, "subject"); err != nil {
		return err
	}
	u, _, err := s.taskFlags(c)
	if err != nil {
		return err
	}
	n := mailbox.NewTask{
		Folder: mailbox.FolderRef(c.String("folder")), Subject: *u.Subject, Recurrence: c.String("recurrence"), Regenerates: u.Regenerates,
		Importance: mailbox.Importance(c.String("importance")), Status: mailbox.TaskStatus(c.String("status")), Reminder: u.Reminder,
	}
	for field, value := range map[*mailbox.Date]*mailbox.Date{&n.Start: u.Start, &n.Due: u.Due} {
		if value != nil {
			*field = *value
		}
	}
	if u.Percent != nil {
		n.Percent = *u.Percent
	}
	if u.Sensitivity != nil {
		n.Sensitivity = *u.Sensitivity
	}
	if u.Categories != nil {
		n.Categories = *u.Categories
	}
	if u.Text != nil {
		n.Text = *u.Text
	}
	return s.withTasks(c, func(tasks mailbox.TaskList) (mailbox.Task, error) { return tasks.CreateTask(c.Context, n) })
}
