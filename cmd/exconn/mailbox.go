package main

import "github.com/urfave/cli/v2"

// mailbox groups the settings of a mailbox that its owner keeps in Outlook.
func (s system) mailbox() *cli.Command {
	return &cli.Command{
		Name:  "mailbox",
		Usage: "settings of a mailbox: automatic replies, delegates, rules",
		Subcommands: []*cli.Command{
			s.mailboxOutOfOffice(),
			s.mailboxDelegates(),
			s.mailboxRules(),
		},
	}
}
