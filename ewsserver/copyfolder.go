package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// copyFolder answers CopyFolder ([MS-OXWSFOLD] 3.1.4.1).
func (c *call) copyFolder(ctx context.Context, req *wsdl.CopyFolder) (*wsdl.CopyFolderResponse, error) {
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
		return writer.CopyFolder(ctx, ref, *to)
	})
	if err != nil {
		return nil, err
	}
	return &wsdl.CopyFolderResponse{ResponseMessages: &wsdl.ArrayOfCopyFolderResponseMessages{CopyFolderResponseMessage: messages}}, nil
}
