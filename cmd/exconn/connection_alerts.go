package main

import (
	"bytes"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/connection/alert"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
)

// alertFlags say who is told when a sign-in fails, is about to end, or works
// again.
var alertFlags = []cli.Flag{
	&cli.StringFlag{Name: "on-failure-command", Usage: "`COMMAND` to run when the sign-in fails, is about to end or works again, as a JSON list or as words, without a shell; it reads the event as JSON from standard input. Empty for none"},
	&cli.StringFlag{Name: "on-failure-url", Usage: "https `URL` to send that JSON to. Empty for none"},
	&cli.StringFlag{Name: "on-failure-url-file", Usage: "`FILE` that holds that URL, where it is a secret (- is standard input)"},
	&cli.StringFlag{Name: "on-failure-key-file", Usage: "`FILE` that holds a secret; what is sent to the URL is signed with it (header " + alert.SignatureHeader + ": sha256=, HMAC-SHA256 of the body)"},
}

var secretExpiresFlag = &cli.StringFlag{Name: "secret-expires", Usage: "`DATE` on which the client secret ends, as the portal shows it, so that it can be told ahead. Empty where it is not known"}

// alertChange reads alertFlags: nil where none of them is given.
func (s system) alertChange(c *cli.Context) (func(*connection.Alerts), error) {
	var changes []func(*connection.Alerts)
	change := func(f func(*connection.Alerts)) { changes = append(changes, f) }
	if c.IsSet("on-failure-command") {
		var argv []string
		if text := strings.TrimSpace(c.String("on-failure-command")); text != "" {
			var err error
			if argv, err = alert.ParseCommand(text); err != nil {
				return nil, usagef(mailbox.Hint(err), "--on-failure-command: %v", err)
			}
		}
		change(func(a *connection.Alerts) { a.Command = argv })
	}
	if c.IsSet("on-failure-url") && c.IsSet("on-failure-url-file") {
		return nil, usagef("give one of them", "--on-failure-url and --on-failure-url-file exclude each other")
	}
	url := oauth.Secret(strings.TrimSpace(c.String("on-failure-url")))
	if c.IsSet("on-failure-url-file") {
		content, err := s.readFile(c.String("on-failure-url-file"), "--on-failure-url-file")
		if err != nil {
			return nil, err
		}
		url = bytes.TrimSpace(content)
	}
	if c.IsSet("on-failure-url") || c.IsSet("on-failure-url-file") {
		change(func(a *connection.Alerts) {
			if a.URL = url; len(url) == 0 {
				a.Key = nil
			}
		})
	}
	if c.IsSet("on-failure-key-file") {
		key, err := s.alertKey(c)
		if err != nil {
			return nil, err
		}
		change(func(a *connection.Alerts) { a.Key = key })
	}
	if len(changes) == 0 {
		return nil, nil
	}
	return func(a *connection.Alerts) {
		for _, f := range changes {
			f(a)
		}
	}, nil
}

// minAlertKey keeps a key from being guessed from one signed event.
const minAlertKey = 16

func (s system) alertKey(c *cli.Context) (oauth.Secret, error) {
	content, err := s.readFile(c.String("on-failure-key-file"), "--on-failure-key-file")
	if err != nil {
		return nil, err
	}
	key := oauth.Secret(bytes.TrimSpace(content))
	if len(key) < minAlertKey {
		return nil, usagef("make one: openssl rand -hex 32", "--on-failure-key-file: the secret in it is shorter than %d characters", minAlertKey)
	}
	return key, nil
}

// fillCare reads the flags that say who is told, and what ends when.
func (s system) fillCare(c *cli.Context, d *connection.Draft) (err error) {
	if d.ChangeAlerts, err = s.alertChange(c); err != nil {
		return err
	}
	switch {
	case c.IsSet("secret-expires") && (d.Auth == nil || d.Auth.Method != oauth.ClientSecret && d.Auth.Method != oauth.Web):
		return usagef("leave it out", "--secret-expires has a place only where there is a client secret (--auth client-secret or web)")
	case c.IsSet("secret-expires"):
		d.Auth.SecretExpires, err = parseTime(c, "secret-expires", time.UTC)
	case c.IsSet("client-secret-file") && d.Auth != nil:
		d.Auth.SecretExpires = time.Time{} // that was the old one's
	}
	return err
}

// alertsText says for people who is told.
func alertsText(a connection.AlertsShown) string {
	var parts []string
	if len(a.Command) > 0 {
		parts = append(parts, "command "+strings.Join(a.Command, " "))
	}
	if a.URL != "" {
		text := a.URL + " …"
		if a.Signed {
			text += " (signed)"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// endDay writes a date for people.
func endDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
