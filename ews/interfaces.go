package ews

import "github.com/exconn/exconn/mailbox"

// What a Mailbox is to those who do not care how it is reached.
var (
	_ mailbox.Reader  = (*Mailbox)(nil)
	_ mailbox.Writer  = (*Mailbox)(nil)
	_ mailbox.Sender  = (*Mailbox)(nil)
	_ mailbox.Drafter = (*Mailbox)(nil)
	_ mailbox.Replier = (*Mailbox)(nil)

	_ mailbox.Responder   = (*Mailbox)(nil)
	_ mailbox.Recurring   = (*Mailbox)(nil)
	_ mailbox.Scheduler   = (*Mailbox)(nil)
	_ mailbox.RoomFinder  = (*Mailbox)(nil)
	_ mailbox.AutoReplier = (*Mailbox)(nil)

	_ mailbox.DelegateKeeper = (*Mailbox)(nil)
	_ mailbox.FolderWriter   = (*Mailbox)(nil)
	_ mailbox.RuleKeeper     = (*Mailbox)(nil)

	_ mailbox.ContactBook       = (*Mailbox)(nil)
	_ mailbox.Directory         = (*Mailbox)(nil)
	_ mailbox.DistributionLists = (*Mailbox)(nil)
	_ mailbox.TaskList          = (*Mailbox)(nil)
)
