package ews

import (
	"context"
	"errors"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// SearchScope says where ResolveNames looks, in order.
type SearchScope = wsdl.NameSearchScope

// NameSearch asks for the people that a name may stand for.
type NameSearch struct {
	// Part is a part of a name or of an address; with "smtp:" before it a
	// whole address.
	Part string
	// Scope is where to look; "" means the mailbox's contacts, then the
	// directory.
	Scope SearchScope
	// Contact asks for what the directory or the contact says of each.
	Contact bool
	// Folder is the folder of contacts to look in; empty means the contacts.
	Folder mailbox.FolderRef
}

// Names are those that a name may stand for.
type Names struct {
	Candidates []mailbox.Candidate
	// More tells that there are more than the server returns, which is 100.
	More bool
}

// ResolveNames returns whom a part of a name or an address may stand for, with
// what is known of them. Nobody is no error.
func (m *Mailbox) ResolveNames(ctx context.Context, part string) ([]mailbox.Candidate, error) {
	names, err := m.SearchNames(ctx, NameSearch{Part: part, Contact: true})
	return names.Candidates, err
}

// SearchNames is ResolveNames with a choice of where to look.
func (m *Mailbox) SearchNames(ctx context.Context, s NameSearch) (Names, error) {
	const operation = "ResolveNames"
	if strings.TrimSpace(s.Part) == "" {
		return Names{}, m.invalid(operation, "the name is empty")
	}
	if s.Scope == "" {
		s.Scope = wsdl.NameSearchScopeContactsActiveDirectory
	}
	req := &wsdl.ResolveNames{
		UnresolvedEntry:       wsdl.NewText(s.Part),
		ReturnFullContactData: flag(s.Contact),
		SearchScope:           wsdl.Ptr(s.Scope),
	}
	if s.Contact {
		// What is returned without it depends on where somebody was found.
		req.ContactDataShape = wsdl.Ptr(wsdl.DefaultShapeNamesAllProperties)
	}
	if s.Folder != "" || m.access == Shared {
		var err error
		if req.ParentFolderIds, err = m.parentFolder(ctx, s.Folder, mailbox.Contacts); err != nil {
			return Names{}, err
		}
	}
	msg, err := ask[wsdl.ResolveNamesResponseMessageType](ctx, m, operation, req)
	var refused *Error
	if errors.As(err, &refused) && refused.ResponseCode == "ErrorNameResolutionNoResults" {
		return Names{}, nil
	}
	if err != nil {
		return Names{}, err
	}
	// Several candidates are a warning, ErrorNameResolutionMultipleResults.
	var names Names
	set := msg.ResolutionSet
	if set == nil {
		return names, nil
	}
	names.More = set.IncludesLastItemInRange != nil && !bool(*set.IncludesLastItemInRange)
	for _, r := range set.Resolution {
		c := mailbox.Candidate{Member: memberOf(r.Mailbox)}
		if r.Contact != nil {
			contact := contactOf(r.Contact)
			c.Contact = &contact
		}
		names.Candidates = append(names.Candidates, c)
	}
	return names, nil
}
