package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// moveItem answers MoveItem ([MS-OXWSCORE] 3.1.4.7). The ids of moved items
// are new; they are told unless ReturnNewItemIds is false.
func (c *call) moveItem(ctx context.Context, req *wsdl.MoveItem) (*wsdl.MoveItemResponse, error) {
	ids, err := itemIds(req.ItemIds)
	if err != nil {
		return nil, err
	}
	if req.ToFolderId == nil {
		return nil, invalid("ToFolderId is missing.")
	}
	messages := new(wsdl.ArrayOfMoveItemResponseMessages)
	for _, id := range ids {
		item, err := c.move(ctx, req, id)
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.MoveItemResponseMessage = append(messages.MoveItemResponseMessage, o.items(item))
	}
	return &wsdl.MoveItemResponse{ResponseMessages: messages}, nil
}

func (c *call) move(ctx context.Context, req *wsdl.MoveItem, id any) (any, error) {
	to, err := target(req.ToFolderId)
	if err != nil {
		return nil, err
	}
	ref, err := itemRef(id)
	if err != nil {
		return nil, err
	}
	moved, err := c.session.Move(ctx, ref, *to)
	if err != nil || req.ReturnNewItemIds != nil && !bool(*req.ReturnNewItemIds) {
		return nil, err
	}
	return c.cut(ctx, idOnly, moved)
}
