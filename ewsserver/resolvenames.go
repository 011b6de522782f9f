package ewsserver

import (
	"context"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// maxResolutions is how many people Exchange names at most.
const maxResolutions = 100

// resolveNames answers ResolveNames ([MS-OXWSRSLNM] 3.1.4.1). One person is a
// success, several are a warning, nobody is an error.
func (c *call) resolveNames(ctx context.Context, req *wsdl.ResolveNames) (*wsdl.ResolveNamesResponse, error) {
	query := strings.TrimSpace(wsdl.Str(req.UnresolvedEntry))
	if query == "" {
		return nil, invalid("UnresolvedEntry is missing or empty.")
	}
	people, err := c.resolutions(ctx, req, query)
	if err == nil && len(people) == 0 {
		err = &Error{Code: ErrorNameResolutionNoResults}
	}
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	answer := &wsdl.ResolveNamesResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if total := len(people); total > 0 {
		people = people[:min(total, maxResolutions)]
		set := &wsdl.ResolutionSetType{
			TotalItemsInView:        wsdl.Ptr(wsdl.Int32(len(people))),
			IncludesLastItemInRange: wsdl.Ptr(wsdl.Bool(len(people) == total)),
		}
		set.Resolution = people
		answer.ResolutionSet = set
		if total > 1 {
			answer.ResponseClass = wsdl.Ptr(wsdl.ResponseClassWarning)
			answer.ResponseCode = wsdl.Ptr(wsdl.Text(ErrorNameResolutionMultipleResults))
			answer.MessageText = wsdl.Ptr(wsdl.Text(texts[ErrorNameResolutionMultipleResults]))
		}
	}
	return &wsdl.ResolveNamesResponse{ResponseMessages: &wsdl.ArrayOfResolveNamesResponseMessages{
		ResolveNamesResponseMessage: []*wsdl.ResolveNamesResponseMessageType{answer}}}, nil
}

// NameQuery asks for the people that a name may stand for.
type NameQuery struct {
	// Text is part of a name or of an address; one with "smtp:" before it is
	// a full address.
	Text string
	// Directory and Contacts say where to look, in the order in which the
	// answer is to be; DirectoryFirst tells which is first where both are.
	Directory, Contacts, DirectoryFirst bool
	// Folder is the contacts folder to look in; nil means the caller's own.
	Folder *FolderRef
}

// NameResolver is a Session that tells more of people than their addresses.
type NameResolver interface {
	// Resolve finds people, best first. Contact, where it is set, is all that
	// is known; this package leaves out what was not asked for. Errors:
	// ErrorFolderNotFound (of q.Folder).
	Resolve(ctx context.Context, q NameQuery) ([]*wsdl.Resolution, error)
}

// resolutions asks the session, with what it knows of people or without.
func (c *call) resolutions(ctx context.Context, req *wsdl.ResolveNames, text string) ([]*wsdl.Resolution, error) {
	q := NameQuery{Text: text}
	switch scope := wsdl.Val(req.SearchScope); scope {
	case wsdl.NameSearchScopeActiveDirectory:
		q.Directory = true
	case wsdl.NameSearchScopeActiveDirectoryContacts, "":
		q.Directory, q.Contacts, q.DirectoryFirst = true, true, true
	case wsdl.NameSearchScopeContacts:
		q.Contacts = true
	case wsdl.NameSearchScopeContactsActiveDirectory:
		q.Directory, q.Contacts = true, true
	default:
		return nil, invalid("%q is no SearchScope.", clip(string(scope)))
	}
	if req.ParentFolderIds != nil && len(req.ParentFolderIds.Ids) > 0 {
		if len(req.ParentFolderIds.Ids) > 1 {
			return nil, invalid("ParentFolderIds names more than one folder.")
		}
		ref, err := folderRef(req.ParentFolderIds.Ids[0])
		if err != nil {
			return nil, err
		}
		q.Folder = &ref
	}
	able, ok := c.session.(NameResolver)
	if !ok {
		people, err := c.session.ResolveNames(ctx, text)
		var list []*wsdl.Resolution
		for _, p := range people {
			list = append(list, &wsdl.Resolution{Mailbox: p})
		}
		return list, err
	}
	found, err := able.Resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	s := &shape{base: wsdl.DefaultShapeNamesDefault}
	if req.ContactDataShape != nil {
		s.base = *req.ContactDataShape
		if err := s.check(); err != nil {
			return nil, err
		}
	}
	list := make([]*wsdl.Resolution, 0, len(found))
	for _, r := range found {
		out := &wsdl.Resolution{Mailbox: r.Mailbox}
		if r.Contact != nil && bool(wsdl.Val(req.ReturnFullContactData)) {
			cut, err := c.cut(ctx, s, r.Contact)
			if err != nil {
				return nil, err
			}
			out.Contact = cut.(*wsdl.ContactItemType)
		}
		list = append(list, out)
	}
	return list, nil
}
