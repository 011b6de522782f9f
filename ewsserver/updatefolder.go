package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// updateFolder answers UpdateFolder ([MS-OXWSFOLD] 3.1.4.8). The change key of
// a folder id is not looked at: Exchange takes the last writer's.
func (c *call) updateFolder(ctx context.Context, req *wsdl.UpdateFolder) (*wsdl.UpdateFolderResponse, error) {
	writer, err := ability[FolderWriter](c)
	if err != nil {
		return nil, err
	}
	if req.FolderChanges == nil || len(req.FolderChanges.FolderChange) == 0 {
		return nil, invalid("FolderChanges is missing or empty.")
	}
	messages := new(wsdl.ArrayOfUpdateFolderResponseMessages)
	for _, change := range req.FolderChanges.FolderChange {
		folder, err := c.changeFolder(ctx, writer, change)
		if err == nil {
			folder, err = c.cut(ctx, idOnly, folder)
		}
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.UpdateFolderResponseMessage = append(messages.UpdateFolderResponseMessage, o.folders(folder))
	}
	return &wsdl.UpdateFolderResponse{ResponseMessages: messages}, nil
}

// changeFolder applies the changes to one folder; a lost race is run again.
func (c *call) changeFolder(ctx context.Context, writer FolderWriter, change *wsdl.FolderChange) (any, error) {
	ref, err := changedFolder(change)
	if err != nil {
		return nil, err
	}
	if change.Updates == nil || len(change.Updates.Updates) == 0 {
		return nil, invalid("Updates is missing or empty.")
	}
	for attempt := 1; ; attempt++ {
		u := FolderUpdate{Ref: ref}
		current, err := c.session.Folder(ctx, ref)
		if err != nil {
			return nil, err
		}
		if id := get[*wsdl.FolderIdType](current, "FolderId"); id != nil {
			u.ReadChangeKey = wsdl.Str(id.ChangeKey)
		}
		u.Folder = clone(current)
		for _, each := range change.Updates.Updates {
			p, err := applyToFolder(u.Folder, each)
			if err != nil {
				return nil, err
			}
			u.Fields = append(u.Fields, p.uri)
		}
		updated, err := writer.UpdateFolder(ctx, u)
		if hasCode(err, ErrorIrresolvableConflict) && attempt < maxAttempts {
			continue
		}
		return updated, err
	}
}

// changedFolder reads the id of a FolderChange.
func changedFolder(change *wsdl.FolderChange) (FolderRef, error) {
	switch {
	case change.FolderId != nil:
		return folderRef(&wsdl.FolderId{Id: change.FolderId.Id})
	case change.DistinguishedFolderId != nil:
		return folderRef(&wsdl.DistinguishedFolderId{Id: change.DistinguishedFolderId.Id, Mailbox: change.DistinguishedFolderId.Mailbox})
	}
	return folderRef(nil)
}

// folderFields are the properties of a folder that a client can set, besides
// extended ones.
var folderFields = set("DisplayName", "FolderClass")

// applyToFolder makes one change and returns the path that it is about. Nothing
// of a folder can be appended to.
func applyToFolder(folder, update any) (path, error) {
	switch u := update.(type) {
	case *wsdl.SetFolderFieldType:
		p, err := folderPath(u.FieldURI, u.IndexedFieldURI, u.ExtendedFieldURI, ErrorInvalidPropertySet)
		if err != nil {
			return p, err
		}
		for _, kind := range []string{"Folder", "CalendarFolder", "ContactsFolder", "SearchFolder", "TasksFolder"} {
			if v, ok := slot(u, kind); ok && !v.IsNil() {
				return p, setField(folder, p, v.Interface())
			}
		}
		return p, invalid("a change holds no folder.")
	case *wsdl.DeleteFolderFieldType:
		p, err := folderPath(u.FieldURI, u.IndexedFieldURI, u.ExtendedFieldURI, ErrorInvalidPropertyDelete)
		if err != nil {
			return p, err
		}
		if p.extended == nil {
			return p, fieldError(ErrorInvalidPropertyDelete, p.uri)
		}
		return p, deleteField(folder, p)
	case *wsdl.AppendToFolderFieldType:
		p, err := readPath(u.FieldURI, u.IndexedFieldURI, u.ExtendedFieldURI)
		if err == nil {
			err = fieldError(ErrorInvalidPropertyAppend, p.uri)
		}
		return p, err
	}
	return path{}, invalid("a change is of no known kind.")
}

func folderPath(f *wsdl.FieldURI, i *wsdl.IndexedFieldURI, e *wsdl.ExtendedFieldURI, code Code) (path, error) {
	p, err := readPath(f, i, e)
	if err == nil && p.extended == nil && !folderFields[p.field] {
		err = fieldError(code, p.uri)
	}
	return p, err
}
