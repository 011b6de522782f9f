package ews

import (
	"context"
	"iter"

	"github.com/exconn/exconn/mailbox"
)

var _ mailbox.Watcher = (*Mailbox)(nil)

// Watch tells of changes in this mailbox, over a connection of its own. For
// more mailboxes use Client.Stream, since Exchange admits few connections. A
// Shared mailbox is watched in the folders that are named, by default the
// inbox, Sent Items and the calendar.
func (m *Mailbox) Watch(ctx context.Context, w mailbox.Watch) iter.Seq2[mailbox.Notice, error] {
	folders := w.Folders
	if len(folders) == 0 && m.access == Shared {
		folders = []mailbox.FolderRef{mailbox.Inbox, mailbox.SentItems, mailbox.Calendar}
	}
	return m.client.Stream(ctx, []*Mailbox{m}, &StreamOptions{Folders: folders})
}
