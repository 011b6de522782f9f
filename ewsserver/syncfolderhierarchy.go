package ewsserver

import (
	"context"
	"errors"

	"github.com/exconn/exconn/wsdl"
)

// syncFolderHierarchy answers SyncFolderHierarchy ([MS-OXWSSYNC] 3.1.4.1). It
// has no page size: all changes come at once.
func (c *call) syncFolderHierarchy(ctx context.Context, req *wsdl.SyncFolderHierarchy) (*wsdl.SyncFolderHierarchyResponse, error) {
	s, err := readFolderShape(req.FolderShape)
	if err != nil {
		return nil, err
	}
	answer, err := c.syncFolders(ctx, req, s)
	if hasCode(err, ErrorFolderNotFound) {
		err = &Error{Code: ErrorSyncFolderNotFound}
	}
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	if o.code != success.code {
		// Clients read them of a failure, too (the operation's reference page).
		answer.SyncState, answer.IncludesLastFolderInRange = wsdl.Ptr(wsdl.Text("")), wsdl.Ptr(wsdl.Bool(true))
	}
	answer.ResponseClass, answer.ResponseCode, answer.MessageText, answer.MessageXml = o.class, o.code, o.text, o.xml
	return &wsdl.SyncFolderHierarchyResponse{ResponseMessages: &wsdl.ArrayOfSyncFolderHierarchyResponseMessages{
		SyncFolderHierarchyResponseMessage: []*wsdl.SyncFolderHierarchyResponseMessageType{answer}}}, nil
}

func (c *call) syncFolders(ctx context.Context, req *wsdl.SyncFolderHierarchy, s *shape) (*wsdl.SyncFolderHierarchyResponseMessageType, error) {
	answer := new(wsdl.SyncFolderHierarchyResponseMessageType)
	root := &FolderRef{Distinguished: "msgfolderroot"}
	if req.SyncFolderId != nil {
		var err error
		if root, err = target(req.SyncFolderId); err != nil {
			return answer, err
		}
	}
	changes, err := c.session.SyncFolders(ctx, *root, wsdl.Str(req.SyncState))
	if err != nil {
		return answer, err
	}
	list := new(wsdl.SyncFolderChanges)
	for _, change := range changes.Changes {
		out := wsdl.SyncFolderChange{Kind: change.Kind}
		if change.Kind == wsdl.Deleted {
			id := change.ID
			out.Delete = &wsdl.SyncFolderDeleteType{FolderId: &id}
		} else {
			folder, err := c.cut(ctx, s, change.Folder)
			if err != nil {
				return answer, err
			}
			if out.Folder = syncFolder(folder); out.Folder == nil {
				return answer, errors.New("a sync change holds no folder")
			}
		}
		list.Changes = append(list.Changes, out)
	}
	answer.SyncState = wsdl.Ptr(wsdl.Text(changes.State))
	answer.IncludesLastFolderInRange = wsdl.Ptr(wsdl.Bool(true))
	answer.Changes = list
	return answer, nil
}

// syncFolder puts a folder under the element of its kind; nil where there is
// none.
func syncFolder(folder any) *wsdl.SyncFolderType {
	switch folder := folder.(type) {
	case *wsdl.FolderType:
		return &wsdl.SyncFolderType{Folder: folder}
	case *wsdl.CalendarFolderType:
		return &wsdl.SyncFolderType{CalendarFolder: folder}
	case *wsdl.ContactsFolderType:
		return &wsdl.SyncFolderType{ContactsFolder: folder}
	case *wsdl.TasksFolderType:
		return &wsdl.SyncFolderType{TasksFolder: folder}
	case *wsdl.SearchFolderType:
		return &wsdl.SyncFolderType{SearchFolder: folder}
	}
	return nil
}
