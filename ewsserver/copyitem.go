package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// ItemCopier is what a Session also implements whose items can be copied.
type ItemCopier interface {
	// Copy puts a copy of an item into a folder and returns it. Errors:
	// ErrorItemNotFound, ErrorFolderNotFound, ErrorMoveCopyFailed,
	// ErrorCalendarCannotMoveOrCopyOccurrence.
	Copy(ctx context.Context, ref ItemRef, to FolderRef) (any, error)
}

// copyItem answers CopyItem ([MS-OXWSCORE] 3.1.4.1). The ids of the copies are
// told unless ReturnNewItemIds is false.
func (c *call) copyItem(ctx context.Context, req *wsdl.CopyItem) (*wsdl.CopyItemResponse, error) {
	copier, err := ability[ItemCopier](c)
	if err != nil {
		return nil, err
	}
	ids, err := itemIds(req.ItemIds)
	if err != nil {
		return nil, err
	}
	if req.ToFolderId == nil {
		return nil, invalid("ToFolderId is missing.")
	}
	to, toErr := target(req.ToFolderId)
	messages := new(wsdl.ArrayOfCopyItemResponseMessages)
	for _, id := range ids {
		var copied any
		ref, err := itemRef(id)
		if err == nil {
			err = toErr
		}
		if err == nil {
			copied, err = copier.Copy(ctx, ref, *to)
		}
		if req.ReturnNewItemIds != nil && !bool(*req.ReturnNewItemIds) {
			copied = nil
		}
		if err == nil && !absent(copied) {
			copied, err = c.cut(ctx, idOnly, copied)
		}
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.CopyItemResponseMessage = append(messages.CopyItemResponseMessage, o.items(copied))
	}
	return &wsdl.CopyItemResponse{ResponseMessages: messages}, nil
}
