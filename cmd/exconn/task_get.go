package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) taskGet(c *cli.Context) error {
	return s.withTasks(c, func(tasks mailbox.TaskList) (mailbox.Task, error) {
		return tasks.Task(c.Context, c.String("id"))
	}, "id")
}

// withTasks does something in a mailbox's tasks and prints the task.
func (s system) withTasks(c *cli.Context, do func(mailbox.TaskList) (mailbox.Task, error), needed ...string) error {
	if err := need(c, needed...); len(needed) > 0 && err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	task, err := do(box)
	if err != nil {
		return err
	}
	return s.printTask(c, task)
}

func (s system) printTask(c *cli.Context, t mailbox.Task) error {
	return s.printer(c).object(t, func(w io.Writer) {
		recurrence := t.Recurrence
		if t.Regenerates {
			recurrence += " after the one before is completed"
		}
		fields(w, "Subject", t.Subject, "Status", string(t.Status), "Done", percentText(t.Percent), "Start", string(t.Start), "Due", string(t.Due),
			"Completed", moment(t.Completed), "Recurrence", recurrence, "Reminder", moment(t.Reminder), "Importance", string(t.Importance),
			"Sensitivity", string(t.Sensitivity), "Categories", strings.Join(t.Categories, ", "), "Owner", t.Owner, "Id", t.ID)
		if t.Body != nil && strings.TrimSpace(t.Body.Content) != "" {
			fmt.Fprintf(w, "\n%s\n", plainBody(t.Body.Content))
		}
	})
}

func percentText(p float64) string { return strconv.FormatFloat(p, 'f', -1, 64) + " %" }
