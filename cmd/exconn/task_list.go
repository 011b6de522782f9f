package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) taskList(c *cli.Context) error {
	q := mailbox.TaskQuery{
		Folder: mailbox.FolderRef(c.String("folder")), Open: c.Bool("open"), Category: c.String("category"), Body: c.Bool("body"), Limit: c.Int("limit"),
	}
	var err error
	if q.DueFrom, err = day(c, "due-from"); err != nil {
		return err
	}
	if q.DueTo, err = day(c, "due-to"); err != nil {
		return err
	}
	if q.ModifiedSince, err = parseTime(c, "since", time.Local); err != nil {
		return err
	}
	if q.Limit < 0 {
		return usagef("0 lists all", "--limit %d is negative", q.Limit)
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	return list(s.printer(c), box.Tasks(c.Context, q), []string{"due", "status", "done", "subject", "id"}, func(t mailbox.Task) []any {
		return []any{t.Due, t.Status, percentText(t.Percent), short(t.Subject, 60), t.ID}
	})
}
