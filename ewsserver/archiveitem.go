package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// Archiver is what a Session also implements whose mailboxes can have an
// archive.
type Archiver interface {
	// Archive moves an item to the archive of its mailbox, into the folder
	// that has the path there which source has in the mailbox, and returns it
	// with its new id. Errors: ErrorItemNotFound, ErrorFolderNotFound (of
	// source), ErrorArchiveMailboxNotEnabled,
	// ErrorCannotArchiveItemsInArchiveMailbox,
	// ErrorCannotArchiveCalendarContactTaskFolder.
	Archive(ctx context.Context, ref ItemRef, source FolderRef) (any, error)
}

// archiveItem answers ArchiveItem ([MS-OXWSARCH] 3.1.4.1).
func (c *call) archiveItem(ctx context.Context, req *wsdl.ArchiveItem) (*wsdl.ArchiveItemResponse, error) {
	archiver, err := ability[Archiver](c)
	if err != nil {
		return nil, err
	}
	ids, err := itemIds(req.ItemIds)
	if err != nil {
		return nil, err
	}
	if req.ArchiveSourceFolderId == nil {
		return nil, invalid("ArchiveSourceFolderId is missing.")
	}
	source, sourceErr := target(req.ArchiveSourceFolderId)
	messages := new(wsdl.ArrayOfArchiveItemResponseMessages)
	for _, id := range ids {
		var archived any
		ref, err := itemRef(id)
		if err == nil {
			err = sourceErr
		}
		if err == nil {
			archived, err = archiver.Archive(ctx, ref, *source)
		}
		if err == nil {
			archived, err = c.cut(ctx, idOnly, archived)
		}
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.ArchiveItemResponseMessage = append(messages.ArchiveItemResponseMessage, o.items(archived))
	}
	return &wsdl.ArchiveItemResponse{ResponseMessages: messages}, nil
}
