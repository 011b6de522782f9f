package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// FolderWriter is what a Session also implements whose folders can be changed.
// Folders travel as in Session. Errors besides those of Session: where a folder
// is to be changed, ErrorFolderNotFound and ErrorAccessDenied.
type FolderWriter interface {
	// CreateFolder adds a folder beneath parent and returns it. It has a
	// DisplayName, a FolderClass and, maybe, extended properties. Errors:
	// ErrorFolderExists (a folder of that name is there), ErrorFolderNotFound
	// (of parent).
	CreateFolder(ctx context.Context, parent FolderRef, folder any) (any, error)
	// UpdateFolder replaces a folder's properties, if it is still the one that
	// was read, and returns it. Errors: ErrorFolderExists,
	// ErrorIrresolvableConflict, ErrorAccessDenied (the name of a folder that
	// every mailbox has).
	UpdateFolder(ctx context.Context, u FolderUpdate) (any, error)
	// CopyFolder copies a folder with all that is in it, and returns the copy.
	// Errors: ErrorFolderExists, ErrorMoveCopyFailed (into itself, or from
	// where copies cannot be made).
	CopyFolder(ctx context.Context, ref, to FolderRef) (any, error)
	// MoveFolder puts a folder into another one and returns it. Errors:
	// ErrorFolderExists, ErrorMoveCopyFailed (into itself),
	// ErrorMoveDistinguishedFolder.
	MoveFolder(ctx context.Context, ref, to FolderRef) (any, error)
	// DeleteFolder removes a folder with all that is in it. Errors:
	// ErrorDeleteDistinguishedFolder.
	DeleteFolder(ctx context.Context, ref FolderRef, how wsdl.Disposal) error
	// EmptyFolder removes what is in a folder, and its subfolders where asked.
	// Errors: ErrorCannotEmptyFolder (a calendar or a search folder),
	// ErrorDeleteDistinguishedFolder (of a subfolder; nothing is removed then).
	EmptyFolder(ctx context.Context, ref FolderRef, how wsdl.Disposal, subfolders bool) error
}

// FolderUpdate is a change to a folder.
type FolderUpdate struct {
	Ref FolderRef
	// ReadChangeKey is the change key of the folder as this package read it
	// before it applied the changes.
	ReadChangeKey string
	// Folder is the folder with all its properties as they are to be.
	Folder any
	// Fields are the paths that were changed, as in ItemUpdate.
	Fields []string
}

// changeFolders runs a change for each folder of a list, each with a response
// message of its own.
func (c *call) changeFolders(ctx context.Context, list *wsdl.FolderIdList, change func(FolderRef) (any, error)) ([]*wsdl.FolderInfoResponseMessageType, error) {
	ids, err := folderIds(list, "FolderIds")
	if err != nil {
		return nil, err
	}
	var messages []*wsdl.FolderInfoResponseMessageType
	for _, id := range ids {
		var folder any
		ref, err := folderRef(id)
		if err == nil {
			folder, err = change(ref)
		}
		if err == nil && !absent(folder) {
			folder, err = c.cut(ctx, idOnly, folder)
		}
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages = append(messages, o.folders(folder))
	}
	return messages, nil
}

// knownDisposal reports whether a DeleteType is one.
func knownDisposal(d *wsdl.Disposal) bool {
	switch wsdl.Val(d) {
	case wsdl.DisposalHardDelete, wsdl.DisposalSoftDelete, wsdl.DisposalMoveToDeletedItems:
		return true
	}
	return false
}

// forFolders runs what answers with no folder for each folder of a list.
func (c *call) forFolders(ctx context.Context, list *wsdl.FolderIdList, do func(FolderRef) error) ([]*wsdl.ResponseMessageType, error) {
	ids, err := folderIds(list, "FolderIds")
	if err != nil {
		return nil, err
	}
	var messages []*wsdl.ResponseMessageType
	for _, id := range ids {
		ref, err := folderRef(id)
		if err == nil {
			err = do(ref)
		}
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages = append(messages, o.plain())
	}
	return messages, nil
}
