package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// sendItem answers SendItem ([MS-OXWSCORE] 3.1.4.8). The change key must be
// the current one.
func (c *call) sendItem(ctx context.Context, req *wsdl.SendItem) (*wsdl.SendItemResponse, error) {
	ids, err := itemIds(req.ItemIds)
	if err != nil {
		return nil, err
	}
	if req.SaveItemToFolder == nil {
		return nil, invalid("SaveItemToFolder is missing.")
	}
	messages := new(wsdl.ArrayOfSendItemResponseMessages)
	for _, id := range ids {
		o, err := c.outcome(ctx, c.send(ctx, req, id))
		if err != nil {
			return nil, err
		}
		messages.SendItemResponseMessage = append(messages.SendItemResponseMessage, o.plain())
	}
	return &wsdl.SendItemResponse{ResponseMessages: messages}, nil
}

func (c *call) send(ctx context.Context, req *wsdl.SendItem, id any) error {
	saveTo, err := target(req.SavedItemFolderId)
	if err != nil {
		return err
	}
	switch save := bool(*req.SaveItemToFolder); {
	case !save && saveTo != nil:
		return &Error{Code: ErrorInvalidSendItemSaveSettings}
	case save && saveTo == nil:
		saveTo = &FolderRef{Distinguished: "sentitems"}
	}
	ref, err := itemRef(id)
	if err != nil {
		return err
	}
	if ref.ChangeKey == "" {
		return &Error{Code: ErrorChangeKeyRequired}
	}
	err = c.session.Send(ctx, ref, saveTo)
	if saveTo != nil && hasCode(err, ErrorFolderNotFound) {
		return &Error{Code: ErrorSavedItemFolderNotFound}
	}
	return err
}
