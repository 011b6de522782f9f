package connection

import (
	"context"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// Folders are the mailbox's own: the fence has admitted it.

func (m *fenced) CreateFolder(ctx context.Context, n mailbox.NewFolder) (mailbox.Folder, error) {
	v, err := m.inner.CreateFolder(ctx, n)
	return explained(m.as, v, err)
}

func (m *fenced) RenameFolder(ctx context.Context, ref mailbox.FolderRef, name string) (mailbox.Folder, error) {
	v, err := m.inner.RenameFolder(ctx, ref, name)
	return explained(m.as, v, err)
}

func (m *fenced) MoveFolder(ctx context.Context, ref, to mailbox.FolderRef) (mailbox.Folder, error) {
	v, err := m.inner.MoveFolder(ctx, ref, to)
	return explained(m.as, v, err)
}

func (m *fenced) CopyFolder(ctx context.Context, ref, to mailbox.FolderRef) (mailbox.Folder, error) {
	v, err := m.inner.CopyFolder(ctx, ref, to)
	return explained(m.as, v, err)
}

func (m *fenced) DeleteFolder(ctx context.Context, ref mailbox.FolderRef, permanent bool) error {
	return m.as.explain(m.inner.DeleteFolder(ctx, ref, permanent))
}

func (m *fenced) EmptyFolder(ctx context.Context, ref mailbox.FolderRef, permanent, subfolders bool) error {
	return m.as.explain(m.inner.EmptyFolder(ctx, ref, permanent, subfolders))
}

func (m *fenced) GetFolder(ctx context.Context, ref mailbox.FolderRef, fields ...ews.Field) (mailbox.Folder, []ews.Property, error) {
	folder, properties, err := m.inner.GetFolder(ctx, ref, fields...)
	return folder, properties, m.as.explain(err)
}

func (m *fenced) UpdateFolder(ctx context.Context, ref mailbox.FolderRef, u ews.FolderUpdate) (mailbox.Folder, error) {
	v, err := m.inner.UpdateFolder(ctx, ref, u)
	return explained(m.as, v, err)
}

func (m *fenced) ArchiveFolders(ctx context.Context) ([]mailbox.Folder, error) {
	v, err := m.inner.ArchiveFolders(ctx)
	return explained(m.as, v, err)
}

func (m *fenced) SyncFolderHierarchy(ctx context.Context, state string) (ews.FolderChanges, error) {
	v, err := m.inner.SyncFolderHierarchy(ctx, state)
	return explained(m.as, v, err)
}

func (m *fenced) SyncArchiveHierarchy(ctx context.Context, state string) (ews.FolderChanges, error) {
	v, err := m.inner.SyncArchiveHierarchy(ctx, state)
	return explained(m.as, v, err)
}
