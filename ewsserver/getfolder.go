package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// getFolder answers GetFolder ([MS-OXWSFOLD] 3.1.4.6).
func (c *call) getFolder(ctx context.Context, req *wsdl.GetFolder) (*wsdl.GetFolderResponse, error) {
	s, err := readFolderShape(req.FolderShape)
	if err != nil {
		return nil, err
	}
	ids, err := folderIds(req.FolderIds, "FolderIds")
	if err != nil {
		return nil, err
	}
	messages := new(wsdl.ArrayOfGetFolderResponseMessages)
	for _, id := range ids {
		folder, err := c.folder(ctx, s, id)
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.GetFolderResponseMessage = append(messages.GetFolderResponseMessage, o.folders(folder))
	}
	return &wsdl.GetFolderResponse{ResponseMessages: messages}, nil
}

func (c *call) folder(ctx context.Context, s *shape, id any) (any, error) {
	ref, err := folderRef(id)
	if err != nil {
		return nil, err
	}
	folder, err := c.session.Folder(ctx, ref)
	if err != nil {
		return nil, err
	}
	return c.cut(ctx, s, folder)
}
