package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) mailList(c *cli.Context) error {
	since, err := parseTime(c, "since", time.Local)
	if err != nil {
		return err
	}
	until, err := parseTime(c, "until", time.Local)
	if err != nil {
		return err
	}
	query := mailbox.Query{
		Folder: mailbox.FolderRef(c.String("folder")), Unread: c.Bool("unread"), Since: since, Until: until,
		AQS: c.String("query"), Body: c.Bool("body"), Limit: c.Int("limit"),
	}
	if query.Limit < 0 {
		return usagef("0 lists all", "--limit %d is negative", query.Limit)
	}
	if query.AQS != "" && (query.Unread || !since.IsZero() || !until.IsZero()) {
		return usagef("say it in the query, such as \"isread:false received>=2026-11-01\"", "--query cannot be combined with --unread, --since or --until")
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()

	p := s.printer(c)
	if p.json { // as they come, so that a pipe can start before the last page
		for message, err := range box.Messages(c.Context, query) {
			if err != nil {
				return err
			}
			if err := p.object(message, nil); err != nil {
				return err
			}
		}
		return nil
	}
	var list []mailbox.Message
	for message, err := range box.Messages(c.Context, query) {
		if err != nil {
			return err
		}
		list = append(list, message)
	}
	return rows(p, list, []string{"received", "", "from", "subject", "id"}, func(m mailbox.Message) []any {
		from := ""
		if m.From != nil {
			from = short(m.From.String(), 40)
		}
		return []any{moment(m.Received), marks(m), from, short(m.Subject, 60), m.ID}
	})
}

// marks shows in a column what else one wants to see of a message: "*" for
// unread, "@" for attachments, "!" for high importance.
func marks(m mailbox.Message) string {
	s := ""
	if !m.IsRead {
		s += "*"
	}
	if m.HasAttachments {
		s += "@"
	}
	if m.Importance == mailbox.High {
		s += "!"
	}
	return s
}
