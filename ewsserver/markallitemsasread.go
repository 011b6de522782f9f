package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// ReadMarker is what a Session also implements that marks whole folders.
type ReadMarker interface {
	// MarkAllAsRead marks every item of a folder as read or unread. With
	// quiet nobody gets a read receipt for it. Errors: ErrorFolderNotFound,
	// ErrorAccessDenied.
	MarkAllAsRead(ctx context.Context, folder FolderRef, read, quiet bool) error
}

// markAllItemsAsRead answers MarkAllItemsAsRead ([MS-OXWSCORE] 3.1.4.6).
func (c *call) markAllItemsAsRead(ctx context.Context, req *wsdl.MarkAllItemsAsRead) (*wsdl.MarkAllItemsAsReadResponse, error) {
	marker, err := ability[ReadMarker](c)
	if err != nil {
		return nil, err
	}
	if req.ReadFlag == nil || req.SuppressReadReceipts == nil {
		return nil, invalid("ReadFlag or SuppressReadReceipts is missing.")
	}
	messages, err := c.forFolders(ctx, req.FolderIds, func(ref FolderRef) error {
		return marker.MarkAllAsRead(ctx, ref, bool(*req.ReadFlag), bool(*req.SuppressReadReceipts))
	})
	if err != nil {
		return nil, err
	}
	return &wsdl.MarkAllItemsAsReadResponse{ResponseMessages: &wsdl.ArrayOfMarkAllItemsAsReadResponseMessages{MarkAllItemsAsReadResponseMessage: messages}}, nil
}
