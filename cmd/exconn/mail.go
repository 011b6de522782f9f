package main

import (
	"github.com/urfave/cli/v2"
)

func (s system) mail() *cli.Command {
	compose := []cli.Flag{
		&cli.StringSliceFlag{Name: "to", Usage: "recipient `ADDRESS`, repeatable"},
		&cli.StringFlag{Name: "text", Usage: "the body as plain `TEXT`"},
		&cli.StringFlag{Name: "text-file", Usage: "the body from a plain text `FILE` (- is standard input)"},
		&cli.StringSliceFlag{Name: "attach", Usage: "attach `FILE`, repeatable"},
	}
	with := func(more ...cli.Flag) []cli.Flag { return remote(append(more, compose...)...) }
	return &cli.Command{
		Name:  "mail",
		Usage: "read and send mail",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list messages of a folder, newest first", Action: s.mailList, Flags: remote(
				folderFlag, limitFlag,
				&cli.BoolFlag{Name: "unread", Usage: "unread messages only"},
				&cli.StringFlag{Name: "since", Usage: "received at or after `TIME`"},
				&cli.StringFlag{Name: "until", Usage: "received before `TIME`"},
				&cli.StringFlag{Name: "query", Usage: "search by `AQS`, such as subject:invoice; not together with the filters above"},
				&cli.BoolFlag{Name: "body", Usage: "with bodies and recipients"},
			)},
			{Name: "get", Usage: "show a message", Action: s.mailGet, Flags: remote(idFlag,
				&cli.BoolFlag{Name: "mime", Usage: "the raw message (RFC 5322) to stdout"},
			)},
			{Name: "send", Usage: "send a message", Action: s.mailSend, Flags: with(
				&cli.StringSliceFlag{Name: "cc", Usage: "copy to `ADDRESS`, repeatable"},
				&cli.StringSliceFlag{Name: "bcc", Usage: "blind copy to `ADDRESS`, repeatable"},
				&cli.StringFlag{Name: "from", Usage: "send as `ADDRESS`, where the mailbox has the right to"},
				&cli.StringFlag{Name: "subject", Usage: "subject `LINE`"},
				&cli.StringFlag{Name: "html-file", Usage: "the body from an HTML `FILE` (- is standard input)"},
				&cli.StringSliceFlag{Name: "inline", Usage: "an image `FILE` that the HTML shows as cid:NAME, repeatable"},
				&cli.StringFlag{Name: "importance", Usage: "`low|normal|high`", Value: "normal"},
				&cli.BoolFlag{Name: "draft", Usage: "save in Drafts instead of sending"},
			)},
			{Name: "reply", Usage: "answer a message", Action: s.mailReply, Flags: with(idFlag,
				&cli.BoolFlag{Name: "all", Usage: "answer every recipient"},
			)},
			{Name: "forward", Usage: "forward a message", Action: s.mailForward, Flags: with(idFlag)},
			{Name: "move", Usage: "move a message to another folder", Action: s.mailMove, Flags: remote(idFlag,
				&cli.StringFlag{Name: "to-folder", Usage: "`NAME|ID` of the folder"},
			)},
			{Name: "delete", Usage: "delete a message", Action: s.mailDelete, Flags: remote(idFlag,
				&cli.BoolFlag{Name: "permanent", Usage: "remove it instead of moving it to Deleted Items"},
			)},
			{Name: "attachment", Usage: "save attachments as files", Action: s.mailAttachment, Flags: remote(idFlag,
				&cli.StringFlag{Name: "attachment-id", Usage: "`ID` of one attachment; all of them where left out"},
				&cli.StringFlag{Name: "out", Usage: "the `DIR` to save into", Value: "."},
			)},
		},
	}
}
