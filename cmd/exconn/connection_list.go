package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/store/datadir"
)

func (s system) connectionList(c *cli.Context) error {
	dir, err := s.dataDir(c, false)
	if errors.Is(err, datadir.ErrNone) {
		s.say("There are no connections yet. Make one: exconn connection new --name NAME …")
		return nil
	}
	if err != nil {
		return err
	}
	// What cannot be read does not hide the rest.
	entries, unreadable := dir.book.List(c.Context)
	var list []connectionData
	for _, e := range entries {
		list = append(list, dataOf(e))
	}
	err = rows(s.printer(c), list, []string{"name", "type", "protocol", "way in", "server", "state"}, func(d connectionData) []any {
		way := string(d.Method)
		if d.Login != nil {
			way = string(d.Login.Kind)
		}
		return []any{d.Name, d.ExchangeType, d.Protocol, way, serverOf(d.Profile), d.Status.String()}
	})
	return errors.Join(err, unreadable)
}

func (s system) connectionShow(c *cli.Context) error {
	_, entry, err := s.entry(c)
	if err != nil {
		return err
	}
	return s.printEntry(c, entry)
}

func (s system) connectionEdit(c *cli.Context) error {
	dir, entry, err := s.entry(c)
	if err != nil {
		return err
	}
	// Files are read before the transaction, which holds the database.
	probe := draftOf(entry)
	defer probe.Secrets.Wipe()
	if err := s.fill(c, &probe, nil); err != nil {
		return err
	}
	entry, err = dir.book.Update(c.Context, entry.Profile.Name, func(d *connection.Draft) error {
		d.Profile, d.Auth, d.Secrets, d.ChangeAlerts = probe.Profile, probe.Auth, probe.Secrets, probe.ChangeAlerts
		return nil
	})
	if err != nil {
		return err
	}
	return s.printEntry(c, entry)
}

// draftOf copies an entry, so that flags can change it.
func draftOf(e connection.Entry) connection.Draft {
	d := connection.Draft{Profile: e.Profile}
	if e.Auth != nil {
		auth := *e.Auth
		d.Auth = &auth
	}
	if e.Profile.Login != nil {
		login := *e.Profile.Login
		d.Profile.Login = &login
	}
	return d
}

func (s system) connectionDelete(c *cli.Context) error {
	dir, entry, err := s.entry(c)
	var damaged *connection.RecordError
	if err != nil && !errors.As(err, &damaged) {
		return err
	}
	name := entry.Profile.Name
	if name == "" {
		name = c.String("name")
	}
	if !c.Bool("yes") {
		if !s.terminal() {
			return usagef("give --yes", "deleting the connection %q forgets its sign-in and secrets", name)
		}
		answer := ""
		newAsker(s).line(fmt.Sprintf("Delete the connection %q with its sign-in and secrets? (yes or no)", name), "no", &answer)
		if !strings.EqualFold(answer, "yes") {
			return usagef("answer yes, or give --yes", "nothing was deleted")
		}
	}
	done, err := dir.book.Delete(c.Context, name, connection.DeleteOptions{KeepAuth: c.Bool("keep-auth")})
	if err != nil {
		return err
	}
	return s.printer(c).object(done, func(w io.Writer) { fmt.Fprintf(w, "deleted %s\n", done.Name) })
}
