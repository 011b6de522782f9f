package main

import (
	"errors"
	"io"
	"io/fs"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

// Flags that several commands share.
var (
	dataDirFlag = &cli.StringFlag{Name: "data-dir", Usage: "`DIR` where connections, tokens and state are kept", EnvVars: []string{"EXCONN_DATA_DIR"}, DefaultText: "exconn in the user's configuration directory"}
	jsonFlag    = &cli.BoolFlag{Name: "json", Usage: "one JSON object a line on stdout, errors as JSON on stderr"}
	traceFlag   = &cli.StringFlag{Name: "trace-dir", Usage: "write every call to the server into `DIR` for support, without tokens, passwords and cookies"}

	connectionFlag = &cli.StringFlag{Name: "connection", Aliases: []string{"c"}, Usage: "`NAME` of the connection; may be left out where there is only one"}
	mailboxFlag    = &cli.StringFlag{Name: "mailbox", Aliases: []string{"m"}, Usage: "`ADDRESS` of the mailbox; the signed-in account's own where left out"}
	folderFlag     = &cli.StringFlag{Name: "folder", Usage: "`NAME|ID`: inbox, drafts, sentitems, deleteditems, calendar, …, a path such as Inbox/Projects, or an id"}
	limitFlag      = &cli.IntFlag{Name: "limit", Usage: "the most `N` to list; 0 is all", Value: 50}
	idFlag         = &cli.StringFlag{Name: "id", Usage: "`ID` of the item"}
)

// local are the flags of every command, and more those of one of them.
func local(more ...cli.Flag) []cli.Flag { return append(more, dataDirFlag, jsonFlag) }

// remote are the flags of every command that acts in a mailbox.
func remote(more ...cli.Flag) []cli.Flag {
	return append(more, connectionFlag, mailboxFlag, dataDirFlag, jsonFlag, traceFlag)
}

// need fails where one of the flags was not given.
func need(c *cli.Context, names ...string) error {
	var missing []string
	for _, name := range names {
		if !c.IsSet(name) || len(c.StringSlice(name)) == 0 && strings.TrimSpace(c.String(name)) == "" {
			missing = append(missing, "--"+name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	verb := "is"
	if len(missing) > 1 {
		verb = "are"
	}
	return usagef("see "+c.Command.HelpName+" --help", "%s %s missing", strings.Join(missing, " and "), verb)
}

// dataDir is where this machine's connections are kept.
func dataDir(c *cli.Context) (string, error) {
	if dir := c.String("data-dir"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", usagef("give --data-dir DIR, or set EXCONN_DATA_DIR", "no place for the data directory: %v", err)
	}
	return filepath.Join(dir, "exconn"), nil
}

// people reads addresses as flags give them: "anna@example.com" or
// "Anna <anna@example.com>", repeatable or comma-separated.
func people(c *cli.Context, flag string) ([]mailbox.Person, error) {
	var list []mailbox.Person
	for _, text := range c.StringSlice(flag) {
		parsed, err := mail.ParseAddressList(text)
		if err != nil {
			return nil, usagef("write it as anna@example.com or \"Anna <anna@example.com>\"", "--%s %q is no address", flag, text)
		}
		for _, a := range parsed {
			list = append(list, mailbox.Person{Name: a.Name, Address: a.Address})
		}
	}
	return list, nil
}

// person reads one address as a flag gives it.
func person(flag, text string) (mailbox.Person, error) {
	a, err := mail.ParseAddress(text)
	if err != nil {
		return mailbox.Person{}, usagef("write it as anna@example.com or \"Anna <anna@example.com>\"", "--%s %q is no address", flag, text)
	}
	return mailbox.Person{Name: a.Name, Address: a.Address}, nil
}

// timeForms are how a time may be written, besides RFC 3339.
var timeForms = []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly}

// parseTime reads a flag's time: RFC 3339, or a date with or without a time of
// day, which is then in the zone given. It is zero where the flag is not set.
func parseTime(c *cli.Context, flag string, zone *time.Location) (time.Time, error) {
	value := strings.TrimSpace(c.String(flag))
	if value == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, value); err == nil {
		return t, nil
	}
	for _, form := range timeForms {
		if t, err := time.ParseInLocation(form, value, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usagef("write it as 2026-11-20, 2026-11-20T09:00 or 2026-11-20T09:00:00+01:00", "--%s %q is no time", flag, value)
}

// textFlag returns the text of --NAME or the content of --NAME-file ("-" is
// standard input).
func (s system) textFlag(c *cli.Context, name string) (string, error) {
	fileFlag := name + "-file"
	if c.IsSet(name) && c.IsSet(fileFlag) {
		return "", usagef("give one of them", "--%s and --%s exclude each other", name, fileFlag)
	}
	if !c.IsSet(fileFlag) {
		return c.String(name), nil
	}
	content, err := s.readFile(c.String(fileFlag), "--"+fileFlag)
	return string(content), err
}

// readFile reads a file that a flag names; "-" is standard input.
func (s system) readFile(name, flag string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(s.in)
	}
	content, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("give the path of a file that exists", "%s: there is no file %s", flag, name)
	case err != nil:
		return nil, usagef("give the path of a file that can be read", "%s: %v", flag, err)
	}
	return content, nil
}
