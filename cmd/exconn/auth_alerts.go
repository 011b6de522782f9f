package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
)

func (s system) authAlertsCommand() *cli.Command {
	return &cli.Command{
		Name: "alerts", Usage: "show and change who is told when a sign-in of any connection fails, is about to end or works again",
		Action: s.authAlerts,
		Flags: local(append(slices.Clip(alertFlags),
			&cli.BoolFlag{Name: "test", Usage: "send a test event now to all who are told, those of each connection too"},
		)...),
	}
}

// alertsData is the answer of "auth alerts".
type alertsData struct {
	connection.AlertsShown
	// Told are those whom a test has reached.
	Told []string `json:"told,omitempty"`
}

func (s system) authAlerts(c *cli.Context) error {
	change, err := s.alertChange(c)
	if err != nil {
		return err
	}
	dir, err := s.dataDir(c, false)
	if err != nil {
		return err
	}
	var d alertsData
	if change != nil {
		d.AlertsShown, err = dir.book.ChangeAlerts(c.Context, change)
	} else {
		d.AlertsShown, err = dir.book.Alerts(c.Context)
	}
	if err != nil {
		return err
	}
	var failed error
	if c.Bool("test") {
		d.Told, failed = s.testAlerts(c, dir)
	}
	err = s.printer(c).object(d, func(w io.Writer) {
		text := alertsText(d.AlertsShown)
		if text == "" {
			text = "nobody, besides the log"
		}
		fmt.Fprintf(w, "Told of every connection: %s\n", plain(text))
		for _, who := range d.Told {
			fmt.Fprintf(w, "reached %s\n", plain(who))
		}
	})
	if failed != nil {
		return failed
	}
	return err
}

// testAlerts reaches everybody once. Where some could be reached, a failure of
// others is a part.
func (s system) testAlerts(c *cli.Context, dir *openDir) ([]string, error) {
	entries, err := dir.book.List(c.Context)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Profile.Name)
	}
	told, err := dir.book.TestAlerts(c.Context, names...)
	switch {
	case err != nil && len(told) > 0:
		return told, &partlyError{err}
	case err == nil && len(told) == 0:
		return nil, usagef("name somebody: --on-failure-command or --on-failure-url, here or with a connection", "there is nobody to tell")
	}
	return told, err
}
