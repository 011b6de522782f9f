package ews

import (
	"context"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// FolderUpdate changes what is not empty of a folder.
type FolderUpdate struct {
	Name string
	// Class is the container class, such as "IPF.Note.Offers".
	Class string
	// Set writes extended properties, and Remove takes them away.
	Set    []Property
	Remove []Field
}

// RenameFolder gives a folder another name. The well-known folders keep theirs.
func (m *Mailbox) RenameFolder(ctx context.Context, ref mailbox.FolderRef, name string) (mailbox.Folder, error) {
	if strings.TrimSpace(name) == "" {
		return mailbox.Folder{}, m.invalid("UpdateFolder", "the new name is empty")
	}
	return m.UpdateFolder(ctx, ref, FolderUpdate{Name: name})
}

// UpdateFolder changes a folder. The last who writes wins.
func (m *Mailbox) UpdateFolder(ctx context.Context, ref mailbox.FolderRef, u FolderUpdate) (mailbox.Folder, error) {
	if ref == "" {
		return mailbox.Folder{}, m.invalid("UpdateFolder", "the folder is empty")
	}
	updates, err := u.changes()
	if err != nil {
		return mailbox.Folder{}, m.invalid("UpdateFolder", "%v", err)
	}
	if len(updates) == 0 {
		return mailbox.Folder{}, m.invalid("UpdateFolder", "the update changes nothing")
	}
	id, err := m.folderID(ctx, ref, "")
	if err != nil {
		return mailbox.Folder{}, err
	}
	change := &wsdl.FolderChange{Updates: &wsdl.FolderUpdateList{Updates: updates}}
	switch id := id.(type) {
	case *wsdl.DistinguishedFolderId:
		change.DistinguishedFolderId = &wsdl.DistinguishedFolderIdType{Id: id.Id, Mailbox: id.Mailbox}
	case *wsdl.FolderId:
		change.FolderId = &wsdl.FolderIdType{Id: id.Id}
	}
	msg, err := ask[wsdl.FolderInfoResponseMessageType](ctx, m, "UpdateFolder", &wsdl.UpdateFolder{
		FolderChanges: &wsdl.FolderChangesType{FolderChange: []*wsdl.FolderChange{change}},
	})
	if err != nil {
		return mailbox.Folder{}, err
	}
	return m.readFolder(ctx, "UpdateFolder", msg)
}

func (u FolderUpdate) changes() ([]any, error) {
	var list []any
	if u.Name != "" {
		list = append(list, &wsdl.SetFolderFieldType{FieldURI: fieldURI("folder:DisplayName"), Folder: &wsdl.FolderType{DisplayName: wsdl.NewText(u.Name)}})
	}
	if u.Class != "" {
		list = append(list, &wsdl.SetFolderFieldType{FieldURI: fieldURI("folder:FolderClass"), Folder: &wsdl.FolderType{FolderClass: wsdl.NewText(u.Class)}})
	}
	for _, p := range u.Set {
		e, err := p.encode()
		if err != nil {
			return nil, err
		}
		list = append(list, &wsdl.SetFolderFieldType{ExtendedFieldURI: e.ExtendedFieldURI,
			Folder: &wsdl.FolderType{ExtendedProperty: []*wsdl.ExtendedPropertyType{e}}})
	}
	for _, f := range u.Remove {
		if err := f.check(); err != nil {
			return nil, err
		}
		d := new(wsdl.DeleteFolderFieldType)
		d.FieldURI, d.IndexedFieldURI, d.ExtendedFieldURI = f.parts()
		list = append(list, d)
	}
	return list, nil
}
