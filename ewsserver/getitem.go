package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// getItem answers GetItem ([MS-OXWSCORE] 3.1.4.4).
func (c *call) getItem(ctx context.Context, req *wsdl.GetItem) (*wsdl.GetItemResponse, error) {
	s, err := readItemShape(req.ItemShape, false)
	if err != nil {
		return nil, err
	}
	ids, err := itemIds(req.ItemIds)
	if err != nil {
		return nil, err
	}
	messages := new(wsdl.ArrayOfGetItemResponseMessages)
	for _, id := range ids {
		item, err := c.item(ctx, s, id)
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.GetItemResponseMessage = append(messages.GetItemResponseMessage, o.items(item))
	}
	return &wsdl.GetItemResponse{ResponseMessages: messages}, nil
}

func (c *call) item(ctx context.Context, s *shape, id any) (any, error) {
	ref, err := itemRef(id)
	if err != nil {
		return nil, err
	}
	item, err := c.session.Item(ctx, ref)
	if err != nil {
		return nil, err
	}
	return c.cut(ctx, s, item)
}

// idOnly is the shape of what a write answers with.
var idOnly = &shape{base: wsdl.DefaultShapeNamesIdOnly}
