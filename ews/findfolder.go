package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// folderFields is what a mailbox.Folder needs.
var folderFields = []string{
	"folder:ParentFolderId", "folder:DisplayName", "folder:FolderClass", "folder:TotalCount", "folder:UnreadCount",
}

// folderPage is how many folders are asked for at once.
const folderPage = 1000

// Folders returns every folder below the root of what users see, parents
// before children.
func (m *Mailbox) Folders(ctx context.Context) ([]mailbox.Folder, error) {
	return m.foldersBelow(ctx, string(folderRoot))
}

// ArchiveFolders is Folders for the archive of the mailbox. A mailbox without
// one is mailbox.ErrNotFound.
func (m *Mailbox) ArchiveFolders(ctx context.Context) ([]mailbox.Folder, error) {
	return m.foldersBelow(ctx, string(ArchiveRoot))
}

// foldersBelow returns every folder below a top one, parents before children.
func (m *Mailbox) foldersBelow(ctx context.Context, top string) ([]mailbox.Folder, error) {
	var found []foundFolder
	seen := map[string]bool{}
	for offset := 0; ; {
		msg, meta, err := askTold[wsdl.FindFolderResponseMessageType](ctx, m, "FindFolder", &wsdl.FindFolder{
			Traversal:   wsdl.Ptr(wsdl.FolderTraversalDeep),
			FolderShape: folderShape(folderFields...),
			IndexedPageFolderView: &wsdl.IndexedPageView{
				MaxEntriesReturned: wsdl.Ptr(wsdl.Int32(folderPage)),
				Offset:             wsdl.Ptr(wsdl.Int32(offset)),
				BasePoint:          wsdl.Ptr(wsdl.BasePointNameBeginning),
			},
			ParentFolderIds: &wsdl.FolderIdList{Ids: []any{m.distinguished(top)}},
		})
		if err != nil {
			return nil, err
		}
		root := msg.RootFolder
		if root == nil {
			return nil, m.incomplete("FindFolder", "the list of folders", meta)
		}
		var page []any
		if root.Folders != nil {
			page = root.Folders.Folders
		}
		for _, f := range page {
			ff := folderOf(f)
			// Pages overlap where folders come and go in between.
			if ff.ID != "" && !seen[ff.ID] {
				seen[ff.ID] = true
				found = append(found, ff)
			}
		}
		next, more := nextOffset(offset, len(page), root.IndexedPagingOffset, root.IncludesLastItemInRange)
		if !more {
			return tree(found), nil
		}
		offset = next
	}
}

// nextOffset returns where the next page of a search begins, and false where
// there is none. A page that does not lead on ends the search, whatever the
// server says of more to come.
func nextOffset(offset, got int, next *wsdl.Int32, last *wsdl.Bool) (int, bool) {
	if got == 0 || bool(wsdl.Val(last)) {
		return 0, false
	}
	if n := int(wsdl.Val(next)); n > offset {
		return n, true
	}
	if last == nil {
		// A server that pages says whether a page is the last.
		return 0, false
	}
	return offset + got, true
}

// foundFolder is a folder with its place.
type foundFolder struct {
	mailbox.Folder
	ParentID  string
	ChangeKey string
}

// folderOf reads a folder of any kind.
func folderOf(folder any) foundFolder {
	f := as[wsdl.FolderType](folder)
	ff := foundFolder{Folder: mailbox.Folder{
		Name:   wsdl.Str(f.DisplayName),
		Class:  wsdl.Str(f.FolderClass),
		Total:  int(wsdl.Val(f.TotalCount)),
		Unread: int(wsdl.Val(f.UnreadCount)),
	}}
	if f.FolderId != nil {
		ff.ID, ff.ChangeKey = wsdl.Str(f.FolderId.Id), wsdl.Str(f.FolderId.ChangeKey)
	}
	if f.ParentFolderId != nil {
		ff.ParentID = wsdl.Str(f.ParentFolderId.Id)
	}
	return ff
}

// tree orders folders, parents before children and otherwise as found, and
// gives them their paths. A folder whose parent is not among them is at the
// top.
func tree(found []foundFolder) []mailbox.Folder {
	children := map[string][]int{}
	known := map[string]bool{}
	for _, f := range found {
		known[f.ID] = true
	}
	for i, f := range found {
		parent := f.ParentID
		if !known[parent] || parent == f.ID {
			parent = ""
		}
		children[parent] = append(children[parent], i)
	}
	list := make([]mailbox.Folder, 0, len(found))
	var walk func(parent, path string)
	walk = func(parent, path string) {
		below := children[parent]
		// Taken out, so that a circle, which only a broken server tells of,
		// ends.
		delete(children, parent)
		for _, i := range below {
			f := found[i].Folder
			f.Path = path + f.Name
			list = append(list, f)
			walk(f.ID, f.Path+"/")
		}
	}
	walk("", "")
	return list
}
