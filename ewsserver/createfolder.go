package ewsserver

import (
	"context"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// createFolder answers CreateFolder ([MS-OXWSFOLD] 3.1.4.2).
func (c *call) createFolder(ctx context.Context, req *wsdl.CreateFolder) (*wsdl.CreateFolderResponse, error) {
	writer, err := ability[FolderWriter](c)
	if err != nil {
		return nil, err
	}
	if req.ParentFolderId == nil {
		return nil, invalid("ParentFolderId is missing.")
	}
	if req.Folders == nil || len(req.Folders.Folders) == 0 {
		return nil, invalid("Folders is missing or empty.")
	}
	parent, parentErr := target(req.ParentFolderId)
	messages := new(wsdl.ArrayOfCreateFolderResponseMessages)
	for _, folder := range req.Folders.Folders {
		var created any
		err := parentErr
		if err == nil {
			err = checkNewFolder(folder)
		}
		if err == nil {
			created, err = writer.CreateFolder(ctx, *parent, folder)
		}
		if err == nil {
			created, err = c.cut(ctx, idOnly, created)
		}
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.CreateFolderResponseMessage = append(messages.CreateFolderResponseMessage, o.folders(created))
	}
	return &wsdl.CreateFolderResponse{ResponseMessages: messages}, nil
}

// folderClass returns the class of a kind of folder ([MS-OXOSFLD] 2.2.5).
func folderClass(folder any) string {
	switch folder.(type) {
	case *wsdl.CalendarFolderType:
		return "IPF.Appointment"
	case *wsdl.ContactsFolderType:
		return "IPF.Contact"
	case *wsdl.TasksFolderType:
		return "IPF.Task"
	}
	return "IPF.Note"
}

// checkNewFolder refuses properties that a client cannot give a folder, and
// gives it the class of its kind.
func checkNewFolder(folder any) error {
	if _, search := folder.(*wsdl.SearchFolderType); search {
		return Errorf(ErrorInvalidOperation, "This server keeps no search folders.")
	}
	for _, field := range []string{"FolderId", "ParentFolderId", "EffectiveRights", "TotalCount", "ChildFolderCount", "UnreadCount"} {
		if v, ok := slot(folder, field); ok && !v.IsNil() {
			return fieldError(ErrorInvalidPropertySet, "folder:"+field)
		}
	}
	if strings.TrimSpace(wsdl.Str(get[*wsdl.Text](folder, "DisplayName"))) == "" {
		return Errorf(ErrorFolderSave, "A folder must have a name.")
	}
	class := wsdl.Str(get[*wsdl.Text](folder, "FolderClass"))
	usual := folderClass(folder)
	switch {
	case class == "":
		put(folder, "FolderClass", wsdl.NewText(usual))
	case usual != "IPF.Note" && class != usual && !strings.HasPrefix(class, usual+"."):
		// A CalendarFolder is no folder of tasks.
		return fieldError(ErrorInvalidValueForProperty, "folder:FolderClass")
	}
	return checkExtended(folder)
}

// checkExtended refuses extended properties that are not identified or have a
// value of another type, and gives the values their usual form.
func checkExtended(object any) error {
	for _, e := range get[[]*wsdl.ExtendedPropertyType](object, "ExtendedProperty") {
		if e.ExtendedFieldURI == nil {
			return invalid("an ExtendedProperty has no ExtendedFieldURI.")
		}
		if _, ok := extendedKey(e.ExtendedFieldURI); !ok {
			return invalid("an ExtendedFieldURI does not identify a property.")
		}
		if err := canonical(e); err != nil {
			return err
		}
	}
	return nil
}
