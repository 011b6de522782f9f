package main

import (
	"errors"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/store/datadir"
)

func (s system) authInvitations(c *cli.Context) error {
	dir, err := s.dataDir(c, false)
	if errors.Is(err, datadir.ErrNone) {
		s.say("Nobody has been invited yet.")
		return nil
	}
	if err != nil {
		return err
	}
	list, err := dir.book.Invitations(c.Context, strings.TrimSpace(c.String("name")))
	if err != nil {
		return err
	}
	if len(list) == 0 {
		s.say("Nobody has been invited yet: exconn auth invite --user ADDRESS …")
		return nil
	}
	return rows(s.printer(c), list, []string{"user", "authentication", "connection", "state", "invited", "until", "sign-in name"}, func(i connection.Invitation) []any {
		return []any{i.User, i.Auth, i.Connection, string(i.State), moment(&i.Created), moment(&i.Expires), i.SignInName}
	})
}
