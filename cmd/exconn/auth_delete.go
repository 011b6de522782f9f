package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
)

// deletedAuth is the answer of auth delete.
type deletedAuth struct {
	Name string `json:"name"`
}

func (s system) authDelete(c *cli.Context) error {
	if err := need(c, "name"); err != nil {
		return err
	}
	dir, entry, err := s.authEntry(c)
	if err != nil {
		return err
	}
	name := entry.Auth.Name
	if len(entry.UsedBy) > 0 { // before anybody is asked
		return &connection.InUseError{Auth: name, UsedBy: entry.UsedBy}
	}
	if !c.Bool("yes") {
		if !s.terminal() {
			return usagef("give --yes", "deleting the authentication object %q forgets its sign-ins and secrets", name)
		}
		answer := ""
		newAsker(s).line(fmt.Sprintf("Delete the authentication object %q with its sign-ins and secrets? (yes or no)", name), "no", &answer)
		if !strings.EqualFold(answer, "yes") {
			return usagef("answer yes, or give --yes", "nothing was deleted")
		}
	}
	if err := dir.book.DeleteAuth(c.Context, name); err != nil {
		return err
	}
	return s.printer(c).object(deletedAuth{Name: name}, func(w io.Writer) { fmt.Fprintf(w, "deleted %s\n", name) })
}
