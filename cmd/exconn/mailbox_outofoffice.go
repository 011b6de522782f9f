package main

import (
	"html"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) mailboxOutOfOffice() *cli.Command {
	return &cli.Command{
		Name:  "out-of-office",
		Usage: "automatic replies while the owner is away",
		Subcommands: []*cli.Command{
			{Name: "get", Usage: "show the automatic replies", Action: s.outOfOfficeGet, Flags: remote()},
			{Name: "set", Usage: "change the parts of the automatic replies that are given", Action: s.outOfOfficeSet, Flags: remote(
				&cli.StringFlag{Name: "state", Usage: "`off|on|scheduled`: scheduled is on between --start and --end"},
				&cli.StringFlag{Name: "start", Usage: "`TIME` from which on replies are sent: RFC 3339, a date, or 2026-12-24T12:00 in this machine's zone"},
				&cli.StringFlag{Name: "end", Usage: "`TIME` from which on they are not"},
				&cli.StringFlag{Name: "external", Usage: "who outside the organisation gets a reply: `none|known|all`, where known are those among the contacts"},
				&cli.StringFlag{Name: "internal-reply", Usage: "plain `TEXT` for people of the organisation"},
				&cli.StringFlag{Name: "internal-reply-file", Usage: "the same from a `FILE`, HTML where its name ends in .html (- is plain text from standard input)"},
				&cli.StringFlag{Name: "external-reply", Usage: "plain `TEXT` for people outside"},
				&cli.StringFlag{Name: "external-reply-file", Usage: "the same from a `FILE`, HTML where its name ends in .html"},
			)},
		},
	}
}

func (s system) outOfOfficeGet(c *cli.Context) error {
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	settings, err := box.OutOfOffice(c.Context)
	if err != nil {
		return err
	}
	return s.printOutOfOffice(c, settings)
}

// outOfOfficeSet reads the settings first, because Exchange takes them as a
// whole: what no flag names stays as it is.
func (s system) outOfOfficeSet(c *cli.Context) error {
	change, err := s.outOfOfficeFlags(c)
	if err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	settings, err := box.OutOfOffice(c.Context)
	if err != nil {
		return err
	}
	if err := change(&settings); err != nil {
		return err
	}
	if err := box.SetOutOfOffice(c.Context, settings); err != nil {
		return err
	}
	// What the server made of it: it may round times and clean the HTML.
	if settings, err = box.OutOfOffice(c.Context); err != nil {
		return err
	}
	return s.printOutOfOffice(c, settings)
}

// outOfOfficeFlags reads the flags before the mailbox is opened, and returns
// what they change.
func (s system) outOfOfficeFlags(c *cli.Context) (func(*mailbox.OutOfOffice) error, error) {
	given := false
	for _, flag := range []string{"state", "start", "end", "external", "internal-reply", "internal-reply-file", "external-reply", "external-reply-file"} {
		given = given || c.IsSet(flag)
	}
	if !given {
		return nil, usagef("see "+c.Command.HelpName+" --help", "nothing is to be changed")
	}
	state, err := oneOf(c, "state", mailbox.OutOfOfficeOff, mailbox.OutOfOfficeOn, mailbox.OutOfOfficeScheduled)
	if err != nil {
		return nil, err
	}
	external, err := oneOf(c, "external", mailbox.NobodyOutside, mailbox.ContactsOutside, mailbox.AllOutside)
	if err != nil {
		return nil, err
	}
	start, err := parseTime(c, "start", time.Local)
	if err != nil {
		return nil, err
	}
	end, err := parseTime(c, "end", time.Local)
	if err != nil {
		return nil, err
	}
	if !start.IsZero() && !end.IsZero() && !end.After(start) {
		return nil, usagef("--end is when the last reply is sent", "--end %s is not after --start %s", c.String("end"), c.String("start"))
	}
	if (!start.IsZero() || !end.IsZero()) && state != "" && state != mailbox.OutOfOfficeScheduled {
		return nil, usagef("leave --state out, or make it scheduled", "--start and --end have no meaning with --state %s", state)
	}
	internal, err := s.replyFlag(c, "internal-reply")
	if err != nil {
		return nil, err
	}
	outside, err := s.replyFlag(c, "external-reply")
	if err != nil {
		return nil, err
	}
	return func(o *mailbox.OutOfOffice) error {
		if state != "" {
			o.State = state
		}
		if external != "" {
			o.External = external
		}
		if !start.IsZero() {
			o.State, o.Start = mailbox.OutOfOfficeScheduled, &start
		}
		if !end.IsZero() {
			o.State, o.End = mailbox.OutOfOfficeScheduled, &end
		}
		if internal != nil {
			o.InternalReply = *internal
		}
		if outside != nil {
			o.ExternalReply = *outside
		}
		return completeOutOfOffice(*o)
	}, nil
}

// completeOutOfOffice refuses settings that would send an empty reply, or that
// lack a bound, in the words of the flags.
func completeOutOfOffice(o mailbox.OutOfOffice) error {
	if o.State == mailbox.OutOfOfficeOff {
		return nil
	}
	scheduled := o.State == mailbox.OutOfOfficeScheduled
	switch {
	case scheduled && o.Start == nil:
		return usagef("give --start TIME", "there is no time from which on replies are to be sent")
	case scheduled && o.End == nil:
		return usagef("give --end TIME", "there is no time at which replies are to end")
	case scheduled && !o.End.After(*o.Start):
		return usagef("give --start and --end", "the end, %s, is not after the start, %s", moment(o.End), moment(o.Start))
	case o.InternalReply == "":
		return usagef("give --internal-reply TEXT", "there is no reply for people of the organisation")
	case o.External != mailbox.NobodyOutside && o.External != "" && o.ExternalReply == "":
		return usagef("give --external-reply TEXT, or --external none", "there is no reply for people outside")
	}
	return nil
}

// replyFlag returns a reply as HTML, which is what Exchange keeps, or nil where
// neither flag is set.
func (s system) replyFlag(c *cli.Context, name string) (*string, error) {
	if !c.IsSet(name) && !c.IsSet(name+"-file") {
		return nil, nil
	}
	text, err := s.textFlag(c, name)
	if err != nil {
		return nil, err
	}
	if file := strings.ToLower(c.String(name + "-file")); !strings.HasSuffix(file, ".html") && !strings.HasSuffix(file, ".htm") {
		text = htmlOf(text)
	}
	return &text, nil
}

// htmlOf writes plain text as HTML, with its line breaks.
func htmlOf(text string) string {
	text = strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if text == "" {
		return ""
	}
	return "<html><body>" + strings.ReplaceAll(html.EscapeString(text), "\n", "<br>\r\n") + "</body></html>"
}

func (s system) printOutOfOffice(c *cli.Context, o mailbox.OutOfOffice) error {
	return s.printer(c).object(o, func(w io.Writer) {
		start, end := "", ""
		if o.State == mailbox.OutOfOfficeScheduled {
			start, end = moment(o.Start), moment(o.End)
		}
		fields(w, "State", string(o.State), "Start", start, "End", end, "External", string(o.External),
			"Allowed", string(o.Allowed), "Internal reply", o.InternalReply, "External reply", o.ExternalReply)
	})
}

// oneOf returns the value of a flag that takes some words alone, and "" where
// it is not set.
func oneOf[Word ~string](c *cli.Context, flag string, words ...Word) (Word, error) {
	if !c.IsSet(flag) {
		return "", nil
	}
	value := Word(strings.ToLower(strings.TrimSpace(c.String(flag))))
	var names []string
	for _, word := range words {
		if word == value {
			return value, nil
		}
		names = append(names, string(word))
	}
	last := len(names) - 1
	return "", usagef("use "+strings.Join(names[:last], ", ")+" or "+names[last], "--%s %q is none", flag, c.String(flag))
}
