package mailbox

import "context"

// NewFolder is a folder to create.
type NewFolder struct {
	Name string
	// Parent is the folder above; empty means the root of what users see.
	Parent FolderRef
	// Class is the container class, such as "IPF.Appointment"; empty means
	// "IPF.Note", a folder of messages.
	Class string
}

// FolderWriter changes the folders of a mailbox. The folders that it returns
// have no Path: it follows from the parents.
type FolderWriter interface {
	// CreateFolder creates a folder. A folder of that name in that place is
	// ErrExists.
	CreateFolder(ctx context.Context, n NewFolder) (Folder, error)
	RenameFolder(ctx context.Context, ref FolderRef, name string) (Folder, error)
	// MoveFolder puts a folder with all that is in it into another one.
	MoveFolder(ctx context.Context, ref, to FolderRef) (Folder, error)
	// CopyFolder copies a folder with all that is in it.
	CopyFolder(ctx context.Context, ref, to FolderRef) (Folder, error)
	// DeleteFolder moves a folder to Deleted Items or, where permanent,
	// removes it with all that is in it. The well-known folders are ErrInvalid.
	DeleteFolder(ctx context.Context, ref FolderRef, permanent bool) error
	// EmptyFolder does so with what is in a folder, and with its subfolders
	// where subfolders is true.
	EmptyFolder(ctx context.Context, ref FolderRef, permanent, subfolders bool) error
}
