package main

import (
	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
)

// connectionTest prints every check, those that failed too; how the command
// ends follows from the first of these.
func (s system) connectionTest(c *cli.Context) error {
	conn, err := s.connect(c)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing is left to write
	checks, failed := conn.Test(c.Context, c.String("mailbox"))
	err = rows(s.printer(c), checks, []string{"check", "ok", "detail"}, func(check connection.Check) []any {
		verdict := "yes"
		if !check.OK {
			verdict = "NO"
		}
		return []any{check.Name, verdict, plain(check.Detail)}
	})
	if failed != nil {
		return failed
	}
	return err
}
