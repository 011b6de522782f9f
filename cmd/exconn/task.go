package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) task() *cli.Command {
	details := []cli.Flag{
		&cli.StringFlag{Name: "subject", Usage: "subject `LINE`"},
		&cli.StringFlag{Name: "start", Usage: "`DATE` to begin on, such as 2026-11-20"},
		&cli.StringFlag{Name: "due", Usage: "`DATE` that it is due on"},
		&cli.StringFlag{Name: "status", Usage: "`not_started|in_progress|completed|waiting|deferred`"},
		&cli.StringFlag{Name: "percent", Usage: "how much is done, `0-100`; 100 completes it"},
		&cli.StringFlag{Name: "recurrence", Usage: "`RRULE` of RFC 5545, such as FREQ=WEEKLY;BYDAY=MO;COUNT=10"},
		&cli.BoolFlag{Name: "regenerates", Usage: "the next is due so long after the one before was completed, as in FREQ=DAILY;INTERVAL=10"},
		&cli.StringFlag{Name: "importance", Usage: "`low|normal|high`"},
		&cli.StringFlag{Name: "sensitivity", Usage: "`normal|personal|private|confidential`"},
		&cli.StringSliceFlag{Name: "category", Usage: "category `NAME`, repeatable"},
		&cli.StringFlag{Name: "reminder", Usage: "`TIME` to remind at; none where left out"},
		&cli.StringFlag{Name: "text", Usage: "notes as plain `TEXT`"},
		&cli.StringFlag{Name: "text-file", Usage: "notes from a plain text `FILE` (- is standard input)"},
	}
	with := func(more ...cli.Flag) []cli.Flag { return remote(append(more, details...)...) }
	return &cli.Command{
		Name:  "task",
		Usage: "read and keep tasks",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list the tasks of a folder, by the day that they are due", Action: s.taskList, Flags: remote(folderFlag, limitFlag,
				&cli.BoolFlag{Name: "open", Usage: "those alone that are not complete"},
				&cli.StringFlag{Name: "due-from", Usage: "due on or after `DATE`"},
				&cli.StringFlag{Name: "due-to", Usage: "due on or before `DATE`"},
				&cli.StringFlag{Name: "category", Usage: "of the category `NAME`"},
				&cli.StringFlag{Name: "since", Usage: "changed at or after `TIME`"},
				&cli.BoolFlag{Name: "body", Usage: "with notes and recurrences"},
			)},
			{Name: "get", Usage: "show a task", Action: s.taskGet, Flags: remote(idFlag)},
			{Name: "create", Usage: "create a task", Action: s.taskCreate, Flags: with(folderFlag)},
			{Name: "update", Usage: "change the parts of a task that are given; empty takes a part away", Action: s.taskUpdate, Flags: with(idFlag)},
			{Name: "delete", Usage: "delete a task, or a whole series", Action: s.taskDelete, Flags: remote(idFlag,
				&cli.BoolFlag{Name: "next", Usage: "of a series the present one alone"},
				&cli.BoolFlag{Name: "permanent", Usage: "remove it instead of moving it to Deleted Items"},
			)},
		},
	}
}

// taskFlags are the changes that the flags ask for; any tells whether there are
// some.
func (s system) taskFlags(c *cli.Context) (u mailbox.TaskUpdate, any bool, err error) {
	for _, flag := range []string{"subject", "start", "due", "status", "percent", "recurrence", "importance", "sensitivity", "category", "reminder", "text", "text-file"} {
		any = any || c.IsSet(flag)
	}
	for flag, field := range map[string]**string{"subject": &u.Subject, "recurrence": &u.Recurrence} {
		if c.IsSet(flag) {
			value := c.String(flag)
			*field = &value
		}
	}
	u.Regenerates = c.Bool("regenerates")
	for flag, field := range map[string]**mailbox.Date{"start": &u.Start, "due": &u.Due} {
		if c.IsSet(flag) {
			d, err := day(c, flag)
			if err != nil {
				return u, any, err
			}
			*field = &d
		}
	}
	if c.IsSet("status") {
		status := mailbox.TaskStatus(c.String("status"))
		u.Status = &status
	}
	if c.IsSet("percent") {
		percent, err := strconv.ParseFloat(strings.TrimSuffix(c.String("percent"), "%"), 64)
		if err != nil {
			return u, any, usagef("give a number from 0 to 100", "--percent %q is no number", c.String("percent"))
		}
		u.Percent = &percent
	}
	if c.IsSet("importance") {
		importance := mailbox.Importance(c.String("importance"))
		u.Importance = &importance
	}
	if c.IsSet("sensitivity") {
		value, err := sensitivityFlag(c)
		if err != nil {
			return u, any, err
		}
		u.Sensitivity = &value
	}
	if c.IsSet("category") {
		u.Categories = words(c, "category")
	}
	if c.IsSet("reminder") {
		at, err := parseTime(c, "reminder", time.Local)
		if err != nil {
			return u, any, err
		}
		u.Reminder = &at
		if at.IsZero() {
			u.Reminder, u.RemoveReminder = nil, true
		}
	}
	if c.IsSet("text") || c.IsSet("text-file") {
		text, err := s.textFlag(c, "text")
		if err != nil {
			return u, any, err
		}
		u.Text = &text
	}
	return u, any, nil
}
