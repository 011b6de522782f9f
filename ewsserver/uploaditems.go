package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// uploadItems answers UploadItems ([MS-OXWSBTRF] 3.1.4.2).
func (c *call) uploadItems(ctx context.Context, req *wsdl.UploadItems) (*wsdl.UploadItemsResponse, error) {
	exporter, err := ability[ItemExporter](c)
	if err != nil {
		return nil, err
	}
	if req.Items == nil || len(req.Items.Items) == 0 {
		return nil, invalid("Items is missing or empty.")
	}
	uploads := make([]*wsdl.UploadItemType, len(req.Items.Items))
	for i, each := range req.Items.Items {
		u := each.(*wsdl.UploadItemType)
		switch {
		case u.ParentFolderId == nil:
			return nil, invalid("the ParentFolderId of an item is missing.")
		case u.Data == nil:
			return nil, invalid("the Data of an item is missing.")
		case u.CreateAction == nil:
			return nil, invalid("the CreateAction of an item is missing.")
		}
		switch *u.CreateAction {
		case wsdl.CreateActionNameCreateNew, wsdl.CreateActionNameUpdate, wsdl.CreateActionNameUpdateOrCreate:
		default:
			return nil, invalid("there is no CreateAction %q.", string(*u.CreateAction))
		}
		uploads[i] = u
	}
	messages := new(wsdl.ArrayOfUploadItemsResponseMessages)
	for _, each := range uploads {
		var id *wsdl.ItemIdType
		u, err := readUpload(each)
		if err == nil {
			id, err = exporter.Upload(ctx, u)
		}
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.UploadItemsResponseMessage = append(messages.UploadItemsResponseMessage, &wsdl.UploadItemsResponseMessageType{
			ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml, ItemId: id})
	}
	return &wsdl.UploadItemsResponse{ResponseMessages: messages}, nil
}

// readUpload reads one item. A new one names none to update, and an update
// does.
func readUpload(u *wsdl.UploadItemType) (Upload, error) {
	folder, err := folderRef(&wsdl.FolderId{Id: u.ParentFolderId.Id})
	if err != nil {
		return Upload{}, err
	}
	out := Upload{Folder: folder, Action: *u.CreateAction, Associated: bool(wsdl.Val(u.IsAssociated)), Data: u.Data.Data}
	switch {
	case u.ItemId == nil && out.Action != wsdl.CreateActionNameCreateNew:
		return out, Errorf(ErrorInvalidRequest, "An update needs the ItemId of the item.")
	case u.ItemId != nil && out.Action == wsdl.CreateActionNameCreateNew:
		return out, Errorf(ErrorInvalidRequest, "A new item has no ItemId.")
	case u.ItemId != nil:
		out.Item, err = itemRef(u.ItemId)
	}
	return out, err
}
