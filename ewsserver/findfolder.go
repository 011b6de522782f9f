package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// findFolder answers FindFolder ([MS-OXWSFOLD] 3.1.4.5).
func (c *call) findFolder(ctx context.Context, req *wsdl.FindFolder) (*wsdl.FindFolderResponse, error) {
	s, err := readFolderShape(req.FolderShape)
	if err != nil {
		return nil, err
	}
	parents, err := folderIds(req.ParentFolderIds, "ParentFolderIds")
	if err != nil {
		return nil, err
	}
	switch wsdl.Val(req.Traversal) {
	case wsdl.FolderTraversalShallow, wsdl.FolderTraversalDeep, wsdl.FolderTraversalSoftDeleted:
	default:
		return nil, invalid("Traversal is missing or unknown.")
	}
	messages := new(wsdl.ArrayOfFindFolderResponseMessages)
	for _, parent := range parents {
		root, err := c.findFolders(ctx, req, s, parent)
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.FindFolderResponseMessage = append(messages.FindFolderResponseMessage, &wsdl.FindFolderResponseMessageType{
			ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml, RootFolder: root})
	}
	return &wsdl.FindFolderResponse{ResponseMessages: messages}, nil
}

func (c *call) findFolders(ctx context.Context, req *wsdl.FindFolder, s *shape, parent any) (*wsdl.FindFolderRoot, error) {
	ref, err := folderRef(parent)
	if err != nil {
		return nil, err
	}
	wanted, err := c.filter(req.Restriction)
	if err != nil {
		return nil, err
	}
	var folders []any
	if *req.Traversal != wsdl.FolderTraversalSoftDeleted {
		folders, err = c.session.Folders(ctx, ref, *req.Traversal == wsdl.FolderTraversalDeep)
		if err != nil {
			return nil, err
		}
	}
	folders = keep(folders, wanted)
	p, err := pageOf(len(folders), c.MaxPage, req.IndexedPageFolderView, req.FractionalPageFolderView)
	if err != nil {
		return nil, err
	}
	out := new(wsdl.Folders)
	for _, f := range folders[p.from:p.to] {
		shaped, err := c.cut(ctx, s, f)
		if err != nil {
			return nil, err
		}
		out.Folders = append(out.Folders, shaped)
	}
	a := p.attributes()
	return &wsdl.FindFolderRoot{Folders: out, IndexedPagingOffset: a.offset, NumeratorOffset: a.numerator,
		AbsoluteDenominator: a.denominator, IncludesLastItemInRange: a.last, TotalItemsInView: a.total}, nil
}

// keep returns what passes all filters; nil ones pass everything.
func keep(list []any, filters ...filter) []any {
	var out []any
next:
	for _, v := range list {
		for _, f := range filters {
			if f != nil && !f(v) {
				continue next
			}
		}
		out = append(out, v)
	}
	return out
}
