package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// deleteFolder answers DeleteFolder ([MS-OXWSFOLD] 3.1.4.3).
func (c *call) deleteFolder(ctx context.Context, req *wsdl.DeleteFolder) (*wsdl.DeleteFolderResponse, error) {
	writer, err := ability[FolderWriter](c)
	if err != nil {
		return nil, err
	}
	if !knownDisposal(req.DeleteType) {
		return nil, invalid("DeleteType is missing or unknown.")
	}
	messages, err := c.forFolders(ctx, req.FolderIds, func(ref FolderRef) error {
		return writer.DeleteFolder(ctx, ref, *req.DeleteType)
	})
	if err != nil {
		return nil, err
	}
	return &wsdl.DeleteFolderResponse{ResponseMessages: &wsdl.ArrayOfDeleteFolderResponseMessages{DeleteFolderResponseMessage: messages}}, nil
}
