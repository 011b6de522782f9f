package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// GetFolder returns one folder, without its Path, and those of the extended
// properties asked for that it has.
func (m *Mailbox) GetFolder(ctx context.Context, ref mailbox.FolderRef, fields ...Field) (mailbox.Folder, []Property, error) {
	if err := m.checkFields("GetFolder", fields...); err != nil {
		return mailbox.Folder{}, nil, err
	}
	if ref == "" {
		return mailbox.Folder{}, nil, m.invalid("GetFolder", "the folder is empty")
	}
	ids, err := m.parentFolder(ctx, ref, "")
	if err != nil {
		return mailbox.Folder{}, nil, err
	}
	shape := folderShape(folderFields...)
	shape.AdditionalProperties = addFields(shape.AdditionalProperties, fields)
	msg, meta, err := askTold[wsdl.FolderInfoResponseMessageType](ctx, m, "GetFolder", &wsdl.GetFolder{FolderShape: shape, FolderIds: ids})
	if err != nil {
		return mailbox.Folder{}, nil, err
	}
	if msg.Folders == nil || len(msg.Folders.Folders) == 0 {
		return mailbox.Folder{}, nil, m.incomplete("GetFolder", "the folder", meta)
	}
	found := msg.Folders.Folders[0]
	return folderOf(found).Folder, propertiesOf(as[wsdl.FolderType](found).ExtendedProperty, nil, fields), nil
}
