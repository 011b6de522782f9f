package ewsserver

import (
	"context"

	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// ItemExporter is what a Session also implements that turns items into streams
// of bytes and back. What is in the streams is the backend's own affair.
type ItemExporter interface {
	// Export returns an item as a stream, and the item's id. Errors:
	// ErrorItemNotFound, ErrorCannotUseFolderIdForItemId.
	Export(ctx context.Context, ref ItemRef) (*wsdl.ItemIdType, []byte, error)
	// Upload makes an item of a stream, and returns its id. Errors:
	// ErrorCorruptData (the stream is none of this backend's),
	// ErrorParentFolderNotFound, ErrorItemNotFound, ErrorIrresolvableConflict.
	Upload(ctx context.Context, u Upload) (*wsdl.ItemIdType, error)
}

// Upload is an item that was exported, and what is to become of it.
type Upload struct {
	Folder FolderRef
	Action wsdl.CreateActionName
	// Item is the one to update; of CreateActionNameCreateNew it is empty.
	Item ItemRef
	// Associated makes a hidden item of the folder.
	Associated bool
	Data       []byte
}

// exportItems answers ExportItems ([MS-OXWSBTRF] 3.1.4.1). The stream is
// written in pieces.
func (c *call) exportItems(ctx context.Context, req *wsdl.ExportItems) (*wsdl.ExportItemsResponse, error) {
	exporter, err := ability[ItemExporter](c)
	if err != nil {
		return nil, err
	}
	ids, err := itemIds(req.ItemIds)
	if err != nil {
		return nil, err
	}
	messages := new(wsdl.ArrayOfExportItemsResponseMessages)
	for _, id := range ids {
		var (
			exported *wsdl.ItemIdType
			data     []byte
		)
		ref, err := itemRef(id)
		if err == nil {
			exported, data, err = exporter.Export(ctx, ref)
		}
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		message := &wsdl.ExportItemsResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
		if data != nil {
			message.ItemId, message.Data = exported, &soap.Binary{Data: data}
		}
		messages.ExportItemsResponseMessage = append(messages.ExportItemsResponseMessage, message)
	}
	return &wsdl.ExportItemsResponse{ResponseMessages: messages}, nil
}
