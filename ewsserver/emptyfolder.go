package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// emptyFolder answers EmptyFolder ([MS-OXWSFOLD] 3.1.4.4).
func (c *call) emptyFolder(ctx context.Context, req *wsdl.EmptyFolder) (*wsdl.EmptyFolderResponse, error) {
	writer, err := ability[FolderWriter](c)
	if err != nil {
		return nil, err
	}
	switch {
	case !knownDisposal(req.DeleteType):
		return nil, invalid("DeleteType is missing or unknown.")
	case req.DeleteSubFolders == nil:
		return nil, invalid("DeleteSubFolders is missing.")
	}
	messages, err := c.forFolders(ctx, req.FolderIds, func(ref FolderRef) error {
		return writer.EmptyFolder(ctx, ref, *req.DeleteType, bool(*req.DeleteSubFolders))
	})
	if err != nil {
		return nil, err
	}
	return &wsdl.EmptyFolderResponse{ResponseMessages: &wsdl.ArrayOfEmptyFolderResponseMessages{EmptyFolderResponseMessage: messages}}, nil
}
