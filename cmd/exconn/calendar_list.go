package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) calendarList(c *cli.Context) error {
	from, err := parseTime(c, "from", time.Local)
	if err != nil {
		return err
	}
	if from.IsZero() {
		now := time.Now()
		from = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.Local)
	}
	to, err := parseTime(c, "to", time.Local)
	if err != nil {
		return err
	}
	if to.IsZero() {
		to = from.AddDate(0, 0, 7)
	}
	if !to.After(from) {
		return usagef("--to is the end of the time to list", "--to %s is not after --from %s", to.Format(time.RFC3339), from.Format(time.RFC3339))
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	events, err := box.Events(c.Context, mailbox.FolderRef(c.String("folder")), from, to)
	if err != nil {
		return err
	}
	return rows(s.printer(c), events, []string{"start", "end", "subject", "location", "type", "id"}, func(e mailbox.Event) []any {
		start, end := span(e)
		return []any{start, end, short(e.Subject, 50), short(e.Location, 30), e.Type, e.ID}
	})
}

// span writes start and end for people: days where the event has only days.
func span(e mailbox.Event) (start, end string) {
	if e.AllDay {
		return e.Start.Format(time.DateOnly), e.End.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return moment(&e.Start), moment(&e.End)
}
