package ews

import (
	"context"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

var _ mailbox.FolderWriter = (*Mailbox)(nil)

// CreateFolder creates a folder. One of that name in that place is
// mailbox.ErrExists, so that a repeat after an unknown outcome does no harm.
func (m *Mailbox) CreateFolder(ctx context.Context, n mailbox.NewFolder) (mailbox.Folder, error) {
	if strings.TrimSpace(n.Name) == "" {
		return mailbox.Folder{}, m.invalid("CreateFolder", "the folder has no name")
	}
	parent, err := m.targetFolder(ctx, n.Parent, folderRoot)
	if err != nil {
		return mailbox.Folder{}, err
	}
	msg, err := ask[wsdl.FolderInfoResponseMessageType](ctx, m, "CreateFolder", &wsdl.CreateFolder{
		ParentFolderId: parent,
		Folders:        &wsdl.FolderList{Folders: []any{newFolder(n)}},
	})
	if err != nil {
		return mailbox.Folder{}, unknownOutcome(err)
	}
	return m.readFolder(ctx, "CreateFolder", msg)
}

// newFolder is a folder in the kind that its class wants: Exchange takes no
// calendar that is given as a plain Folder.
func newFolder(n mailbox.NewFolder) any {
	name, class := wsdl.NewText(n.Name), wsdl.NewText(n.Class)
	switch kind, _, _ := strings.Cut(strings.TrimPrefix(n.Class, "IPF."), "."); {
	case !strings.HasPrefix(n.Class, "IPF."):
	case kind == "Appointment":
		return &wsdl.CalendarFolderType{FolderClass: class, DisplayName: name}
	case kind == "Contact":
		return &wsdl.ContactsFolderType{FolderClass: class, DisplayName: name}
	case kind == "Task":
		return &wsdl.TasksFolderType{FolderClass: class, DisplayName: name}
	}
	return &wsdl.FolderType{FolderClass: class, DisplayName: name}
}

// readFolder returns the folder that a write names, as it is now. A write tells
// the id alone.
func (m *Mailbox) readFolder(ctx context.Context, operation string, msg *wsdl.FolderInfoResponseMessageType) (mailbox.Folder, error) {
	if msg.Folders == nil || len(msg.Folders.Folders) == 0 {
		return mailbox.Folder{}, m.incomplete(operation, "the folder")
	}
	id := folderOf(msg.Folders.Folders[0]).ID
	if id == "" {
		return mailbox.Folder{}, m.incomplete(operation, "the id of the folder")
	}
	folder, _, err := m.GetFolder(ctx, mailbox.FolderRef(id))
	return folder, err
}
