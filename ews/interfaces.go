package ews

import "github.com/exconn/exconn/mailbox"

// What a Mailbox is to those who do not care how it is reached.
var (
	_ mailbox.Reader  = (*Mailbox)(nil)
	_ mailbox.Writer  = (*Mailbox)(nil)
	_ mailbox.Sender  = (*Mailbox)(nil)
	_ mailbox.Drafter = (*Mailbox)(nil)
	_ mailbox.Replier = (*Mailbox)(nil)
)
