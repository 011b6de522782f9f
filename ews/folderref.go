package ews

import (
	"context"
	"errors"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// wellKnown returns the distinguished folder id that ref names, or "". Spaces
// and case do not matter, so that "Sent Items" is found in a mailbox of any
// language.
func wellKnown(ref mailbox.FolderRef) string {
	if name := strings.ToLower(string(ref)); otherNames[name] {
		return name
	}
	name := strings.ToLower(strings.ReplaceAll(string(ref), " ", ""))
	for _, known := range mailbox.WellKnownFolders() {
		if name == string(known) {
			return name
		}
	}
	return ""
}

// isFolderID guesses whether ref is an id: those of Exchange are base64 of
// some ninety bytes and more. What it does not know for one is looked for among
// the ids of the mailbox too (see folderByPath).
func isFolderID(ref mailbox.FolderRef) bool {
	s := strings.TrimRight(string(ref), "=")
	first, _, _ := strings.Cut(s, "/")
	if len(s) < 60 || wellKnown(mailbox.FolderRef(first)) != "" {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("+/-_", r))
	}) < 0
}

// distinguished names a folder that every mailbox has. For a shared mailbox it
// tells whose: without that the server takes the caller's own.
func (m *Mailbox) distinguished(name string) *wsdl.DistinguishedFolderId {
	id := &wsdl.DistinguishedFolderId{Id: wsdl.NewText(name)}
	if m.access == Shared {
		id.Mailbox = &wsdl.EmailAddressType{EmailAddress: wsdl.NewText(m.address)}
	}
	return id
}

// folderID turns a reference into what a list of folder ids takes: a
// *wsdl.DistinguishedFolderId or a *wsdl.FolderId. A path costs a listing of
// the folders. An empty ref means otherwise.
func (m *Mailbox) folderID(ctx context.Context, ref, otherwise mailbox.FolderRef) (any, error) {
	if ref == "" {
		ref = otherwise
	}
	if name := wellKnown(ref); name != "" {
		return m.distinguished(name), nil
	}
	if isFolderID(ref) {
		return &wsdl.FolderId{Id: wsdl.NewText(string(ref))}, nil
	}
	id, err := m.folderByPath(ctx, ref)
	if err != nil {
		return nil, err
	}
	return &wsdl.FolderId{Id: wsdl.NewText(id)}, nil
}

// targetFolder is folderID for the elements that take one folder.
func (m *Mailbox) targetFolder(ctx context.Context, ref, otherwise mailbox.FolderRef) (*wsdl.TargetFolderId, error) {
	id, err := m.folderID(ctx, ref, otherwise)
	if err != nil {
		return nil, err
	}
	t := new(wsdl.TargetFolderId)
	switch id := id.(type) {
	case *wsdl.DistinguishedFolderId:
		t.DistinguishedFolderId = id
	case *wsdl.FolderId:
		t.FolderId = id
	}
	return t, nil
}

// wellKnownTarget is targetFolder for a folder that every mailbox has.
func (m *Mailbox) wellKnownTarget(name mailbox.FolderRef) *wsdl.TargetFolderId {
	return &wsdl.TargetFolderId{DistinguishedFolderId: m.distinguished(string(name))}
}

// parentFolder is folderID as a search takes it.
func (m *Mailbox) parentFolder(ctx context.Context, ref, otherwise mailbox.FolderRef) (*wsdl.FolderIdList, error) {
	id, err := m.folderID(ctx, ref, otherwise)
	if err != nil {
		return nil, err
	}
	return &wsdl.FolderIdList{Ids: []any{id}}, nil
}

// folderByPath finds a folder by its display names from the root down, or by
// an id that does not look like Exchange's. The first name may be a well-known
// one, which is the folder whatever the mailbox's language calls it.
func (m *Mailbox) folderByPath(ctx context.Context, ref mailbox.FolderRef) (string, error) {
	path := strings.Trim(string(ref), "/")
	first, rest, ok := strings.Cut(path, "/")
	root := string(folderRoot)
	if name := wellKnown(mailbox.FolderRef(first)); ok && otherNames[name] {
		// The folders of an archive, and beneath other roots.
		root, path, ok = name, rest, false
	}
	folders, err := m.foldersBelow(ctx, root)
	if err != nil {
		return "", err
	}
	if ok && wellKnown(mailbox.FolderRef(first)) != "" {
		name, err := m.wellKnownPath(ctx, folders, mailbox.FolderRef(first))
		switch {
		case err == nil:
			path = name + "/" + rest
		case !errors.Is(err, mailbox.ErrNotFound):
			return "", err
		}
	}
	var found string
	for _, f := range folders {
		switch {
		case f.ID == string(ref), f.Path == path:
			return f.ID, nil
		case found == "" && strings.EqualFold(f.Path, path):
			found = f.ID
		}
	}
	if found == "" {
		return "", m.notFound("FindFolder", "there is no folder %q in the mailbox", string(ref))
	}
	return found, nil
}

// wellKnownPath returns the path of a well-known folder as the mailbox calls
// it.
func (m *Mailbox) wellKnownPath(ctx context.Context, folders []mailbox.Folder, ref mailbox.FolderRef) (string, error) {
	msg, err := ask[wsdl.FolderInfoResponseMessageType](ctx, m, "GetFolder", &wsdl.GetFolder{
		FolderShape: folderShape(),
		FolderIds:   &wsdl.FolderIdList{Ids: []any{m.distinguished(wellKnown(ref))}},
	})
	if err != nil {
		return "", err
	}
	if msg.Folders != nil && len(msg.Folders.Folders) > 0 {
		id := folderOf(msg.Folders.Folders[0]).ID
		for _, f := range folders {
			if f.ID == id {
				return f.Path, nil
			}
		}
	}
	return "", m.notFound("GetFolder", "there is no folder %q in the mailbox", string(ref))
}
