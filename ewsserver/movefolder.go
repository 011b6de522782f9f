package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// moveFolder answers MoveFolder ([MS-OXWSFOLD] 3.1.4.7).
func (c *call) moveFolder(ctx context.Context, req *wsdl.MoveFolder) (*wsdl.MoveFolderResponse, error) {
	writer, err := ability[FolderWriter](c)
	if err != nil {
		return nil, err
	}
	if req.ToFolderId == nil {
		return nil, invalid("ToFolderId is missing.")
	}
	to, toErr := target(req.ToFolderId)
	messages, err := c.changeFolders(ctx, req.FolderIds, func(ref FolderRef) (any, error) {
		if toErr != nil {
			return nil, toErr
		}
		return writer.MoveFolder(ctx, ref, *to)
	})
	if err != nil {
		return nil, err
	}
	return &wsdl.MoveFolderResponse{ResponseMessages: &wsdl.ArrayOfMoveFolderResponseMessages{MoveFolderResponseMessage: messages}}, nil
}
