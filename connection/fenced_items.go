package connection

import (
	"context"
	"io"
	"iter"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// EWSMailbox is what a mailbox offers besides where the connection speaks EWS:
// what has no words in package mailbox. Nothing of it sends, so that the fence
// has nothing to ask beyond the mailbox itself. The raw operations
// (ews.Mailbox.Service) are not offered: nobody could hold a fence against them.
//
//	if box, ok := box.(connection.EWSMailbox); ok {
//		results, err := box.CopyItems(ctx, ids, "Inbox/Projects")
//	}
type EWSMailbox interface {
	Mailbox

	GetFolder(ctx context.Context, ref mailbox.FolderRef, fields ...ews.Field) (mailbox.Folder, []ews.Property, error)
	UpdateFolder(ctx context.Context, ref mailbox.FolderRef, u ews.FolderUpdate) (mailbox.Folder, error)
	ArchiveFolders(ctx context.Context) ([]mailbox.Folder, error)
	SyncFolderHierarchy(ctx context.Context, state string) (ews.FolderChanges, error)
	SyncArchiveHierarchy(ctx context.Context, state string) (ews.FolderChanges, error)

	FindItems(ctx context.Context, s ews.Search) iter.Seq2[ews.FoundItem, error]
	FindGroups(ctx context.Context, s ews.Search, by ews.Grouping) iter.Seq2[ews.Group, error]
	FindConversations(ctx context.Context, q ews.Conversations) iter.Seq2[ews.Conversation, error]
	GetConversationItems(ctx context.Context, q ews.ConversationItems) ([]ews.Thread, error)
	GetMessages(ctx context.Context, ids []string, fields ...ews.Field) ([]ews.MessageResult, error)
	SyncFolderItems(ctx context.Context, s ews.SyncItems) (ews.ItemChanges, error)
	SyncContacts(ctx context.Context, s ews.SyncItems) (ews.ContactChanges, error)
	SyncTasks(ctx context.Context, s ews.SyncItems) (ews.TaskChanges, error)
	MeetingResponse(ctx context.Context, id string) (mailbox.MeetingResponse, error)

	Copy(ctx context.Context, id string, to mailbox.FolderRef) (string, error)
	CopyItems(ctx context.Context, ids []string, to mailbox.FolderRef) ([]ews.ItemResult, error)
	MoveItems(ctx context.Context, ids []string, to mailbox.FolderRef) ([]ews.ItemResult, error)
	ArchiveItems(ctx context.Context, ids []string, from mailbox.FolderRef) ([]ews.ItemResult, error)
	DeleteItems(ctx context.Context, ids []string, permanent bool) ([]ews.ItemResult, error)
	UpdateItems(ctx context.Context, updates []ews.ItemUpdate) ([]ews.ItemResult, error)
	MarkAllRead(ctx context.Context, folder mailbox.FolderRef, read bool) error
	ImportMIME(ctx context.Context, in ews.Import) (mailbox.Sent, error)

	Attach(ctx context.Context, id string, u mailbox.Upload) (ews.Attached, error)
	AttachMIME(ctx context.Context, itemID, name string, message io.Reader) (ews.Attached, error)
	AttachedMessage(ctx context.Context, attachmentID string) (mailbox.Message, error)
	DeleteAttachments(ctx context.Context, ids ...string) ([]ews.ItemResult, error)

	Export(ctx context.Context, id string, w io.Writer) error
	ExportItems(ctx context.Context, ids []string, to func(place int) io.Writer) ([]ews.ItemResult, error)
	UploadItems(ctx context.Context, items []ews.UploadItem) ([]ews.ItemResult, error)

	ServerTimeZones(ctx context.Context, full bool, ids ...string) ([]ews.ServerTimeZone, error)
	ConvertIDs(ctx context.Context, from, to ews.IDFormat, ids ...string) ([]ews.ConvertedID, error)
	MailTips(ctx context.Context, recipients []string, kinds ...string) ([]ews.MailTip, error)
	SearchNames(ctx context.Context, s ews.NameSearch) (ews.Names, error)
}

var _ EWSMailbox = (*fenced)(nil)

// explainedItems explains the errors of single items too.
func (m *fenced) explainedItems(list []ews.ItemResult, err error) ([]ews.ItemResult, error) {
	for i := range list {
		list[i].Err = m.as.explain(list[i].Err)
	}
	return list, m.as.explain(err)
}

func (m *fenced) FindItems(ctx context.Context, s ews.Search) iter.Seq2[ews.FoundItem, error] {
	return explainedAll(m.as, m.inner.FindItems(ctx, s))
}

func (m *fenced) FindGroups(ctx context.Context, s ews.Search, by ews.Grouping) iter.Seq2[ews.Group, error] {
	return explainedAll(m.as, m.inner.FindGroups(ctx, s, by))
}

func (m *fenced) FindConversations(ctx context.Context, q ews.Conversations) iter.Seq2[ews.Conversation, error] {
	return explainedAll(m.as, m.inner.FindConversations(ctx, q))
}

func (m *fenced) GetConversationItems(ctx context.Context, q ews.ConversationItems) ([]ews.Thread, error) {
	v, err := m.inner.GetConversationItems(ctx, q)
	for i := range v {
		v[i].Err = m.as.explain(v[i].Err)
	}
	return explained(m.as, v, err)
}

func (m *fenced) GetMessages(ctx context.Context, ids []string, fields ...ews.Field) ([]ews.MessageResult, error) {
	v, err := m.inner.GetMessages(ctx, ids, fields...)
	for i := range v {
		v[i].Err = m.as.explain(v[i].Err)
	}
	return explained(m.as, v, err)
}

func (m *fenced) SyncFolderItems(ctx context.Context, s ews.SyncItems) (ews.ItemChanges, error) {
	v, err := m.inner.SyncFolderItems(ctx, s)
	return explained(m.as, v, err)
}

func (m *fenced) SyncContacts(ctx context.Context, s ews.SyncItems) (ews.ContactChanges, error) {
	v, err := m.inner.SyncContacts(ctx, s)
	for i := range v.Changes {
		v.Changes[i].Err = m.as.explain(v.Changes[i].Err)
	}
	return explained(m.as, v, err)
}

func (m *fenced) SyncTasks(ctx context.Context, s ews.SyncItems) (ews.TaskChanges, error) {
	v, err := m.inner.SyncTasks(ctx, s)
	for i := range v.Changes {
		v.Changes[i].Err = m.as.explain(v.Changes[i].Err)
	}
	return explained(m.as, v, err)
}

func (m *fenced) MeetingResponse(ctx context.Context, id string) (mailbox.MeetingResponse, error) {
	v, err := m.inner.MeetingResponse(ctx, id)
	return explained(m.as, v, err)
}

func (m *fenced) Copy(ctx context.Context, id string, to mailbox.FolderRef) (string, error) {
	v, err := m.inner.Copy(ctx, id, to)
	return explained(m.as, v, err)
}

func (m *fenced) CopyItems(ctx context.Context, ids []string, to mailbox.FolderRef) ([]ews.ItemResult, error) {
	return m.explainedItems(m.inner.CopyItems(ctx, ids, to))
}

func (m *fenced) MoveItems(ctx context.Context, ids []string, to mailbox.FolderRef) ([]ews.ItemResult, error) {
	return m.explainedItems(m.inner.MoveItems(ctx, ids, to))
}

func (m *fenced) ArchiveItems(ctx context.Context, ids []string, from mailbox.FolderRef) ([]ews.ItemResult, error) {
	return m.explainedItems(m.inner.ArchiveItems(ctx, ids, from))
}

func (m *fenced) DeleteItems(ctx context.Context, ids []string, permanent bool) ([]ews.ItemResult, error) {
	return m.explainedItems(m.inner.DeleteItems(ctx, ids, permanent))
}

func (m *fenced) UpdateItems(ctx context.Context, updates []ews.ItemUpdate) ([]ews.ItemResult, error) {
	return m.explainedItems(m.inner.UpdateItems(ctx, updates))
}

func (m *fenced) MarkAllRead(ctx context.Context, folder mailbox.FolderRef, read bool) error {
	return m.as.explain(m.inner.MarkAllRead(ctx, folder, read))
}

func (m *fenced) ImportMIME(ctx context.Context, in ews.Import) (mailbox.Sent, error) {
	v, err := m.inner.ImportMIME(ctx, in)
	return explained(m.as, v, err)
}

func (m *fenced) Attach(ctx context.Context, id string, u mailbox.Upload) (ews.Attached, error) {
	v, err := m.inner.Attach(ctx, id, u)
	return explained(m.as, v, err)
}

func (m *fenced) AttachMIME(ctx context.Context, itemID, name string, message io.Reader) (ews.Attached, error) {
	v, err := m.inner.AttachMIME(ctx, itemID, name, message)
	return explained(m.as, v, err)
}

func (m *fenced) AttachedMessage(ctx context.Context, attachmentID string) (mailbox.Message, error) {
	v, err := m.inner.AttachedMessage(ctx, attachmentID)
	return explained(m.as, v, err)
}

func (m *fenced) DeleteAttachments(ctx context.Context, ids ...string) ([]ews.ItemResult, error) {
	return m.explainedItems(m.inner.DeleteAttachments(ctx, ids...))
}

func (m *fenced) ConvertIDs(ctx context.Context, from, to ews.IDFormat, ids ...string) ([]ews.ConvertedID, error) {
	v, err := m.inner.ConvertIDs(ctx, from, to, ids...)
	for i := range v {
		v[i].Err = m.as.explain(v[i].Err)
	}
	return explained(m.as, v, err)
}

func (m *fenced) MailTips(ctx context.Context, recipients []string, kinds ...string) ([]ews.MailTip, error) {
	v, err := m.inner.MailTips(ctx, recipients, kinds...)
	for i := range v {
		v[i].Err = m.as.explain(v[i].Err)
	}
	return explained(m.as, v, err)
}

func (m *fenced) SearchNames(ctx context.Context, s ews.NameSearch) (ews.Names, error) {
	v, err := m.inner.SearchNames(ctx, s)
	return explained(m.as, v, err)
}
