package ews_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// paths returns the paths of the folders that a mailbox has.
func (x exchange) paths(m *ews.Mailbox) (all []string) {
	x.t.Helper()
	folders, err := m.Folders(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	for _, f := range folders {
		all = append(all, f.Path)
	}
	return all
}

// wantPaths compares which of some paths there are.
func (x exchange) wantPaths(m *ews.Mailbox, there []string, gone ...string) {
	x.t.Helper()
	all := x.paths(m)
	for _, p := range there {
		if !slices.Contains(all, p) {
			x.t.Errorf("no folder %s in %v", p, all)
		}
	}
	for _, p := range gone {
		if slices.Contains(all, p) {
			x.t.Errorf("folder %s is in %v", p, all)
		}
	}
}

// wantError compares an error's sentinel and Exchange's code.
func wantError(t *testing.T, err, sentinel error, code string) {
	t.Helper()
	if !errors.Is(err, sentinel) || mailbox.Code(err) != code {
		t.Errorf("got error %v, want %v with code %q", err, sentinel, code)
	}
}

func TestFolderLife(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	ctx := t.Context()
	page, err := anna.SyncFolderHierarchy(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	// changes returns what the hierarchy's sync tells since the last call.
	changes := func() string {
		t.Helper()
		if page, err = anna.SyncFolderHierarchy(ctx, page.State); err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, c := range page.Changes {
			list = append(list, strings.TrimSpace(string(c.Kind)+" "+c.Folder.Name))
		}
		return strings.Join(list, ", ")
	}
	offers, err := anna.CreateFolder(ctx, mailbox.NewFolder{Name: "Offers"})
	if err != nil {
		t.Fatal(err)
	}
	if offers.Name != "Offers" || offers.Class != "IPF.Note" || offers.ID == "" {
		t.Errorf("created %+v", offers)
	}
	won, err := anna.CreateFolder(ctx, mailbox.NewFolder{Name: "Won", Parent: mailbox.FolderRef(offers.ID)})
	if err != nil {
		t.Fatal(err)
	}
	if got := changes(); got != "Create Offers, Create Won" {
		t.Errorf("the sync tells of %s", got)
	}
	_, err = anna.CreateFolder(ctx, mailbox.NewFolder{Name: "offers"})
	wantError(t, err, mailbox.ErrExists, "ErrorFolderExists")
	_, err = anna.CreateFolder(ctx, mailbox.NewFolder{Name: " "})
	wantError(t, err, mailbox.ErrInvalid, "")

	renamed, err := anna.RenameFolder(ctx, "Offers/Won", "Won 2026")
	if err != nil || renamed.ID != won.ID || renamed.Name != "Won 2026" {
		t.Errorf("renamed %+v, %v", renamed, err)
	}
	if got := changes(); got != "Update Won 2026" {
		t.Errorf("the sync tells of %s", got)
	}
	moved, err := anna.MoveFolder(ctx, "Offers/Won 2026", mailbox.Inbox)
	if err != nil || moved.ID != won.ID {
		t.Errorf("moved %+v, %v", moved, err)
	}
	x.wantPaths(anna, []string{"Offers", "Inbox/Won 2026"}, "Offers/Won 2026")
	if got := changes(); got != "Update Won 2026" || page.Changes[0].ParentID == offers.ID {
		t.Errorf("the sync tells of %s in %s", got, page.Changes[0].ParentID)
	}
	_, err = anna.MoveFolder(ctx, mailbox.FolderRef(offers.ID), mailbox.FolderRef(offers.ID))
	wantError(t, err, mailbox.ErrInvalid, "ErrorMoveCopyFailed")
	_, err = anna.MoveFolder(ctx, mailbox.Inbox, mailbox.Drafts)
	wantError(t, err, mailbox.ErrInvalid, "ErrorMoveDistinguishedFolder")
	wantError(t, anna.DeleteFolder(ctx, mailbox.Calendar, true), mailbox.ErrInvalid, "ErrorDeleteDistinguishedFolder")
	wantError(t, anna.EmptyFolder(ctx, mailbox.Calendar, true, false), mailbox.ErrInvalid, "ErrorCannotEmptyFolder")
	_, err = anna.RenameFolder(ctx, mailbox.Inbox, "Incoming")
	wantError(t, err, mailbox.ErrAccessDenied, "ErrorAccessDenied")
	wantError(t, anna.DeleteFolder(ctx, "Nowhere", true), mailbox.ErrNotFound, "")

	// A copy takes along what is in the folder.
	first := x.list(anna, mailbox.Query{Limit: 1})[0]
	if _, err := anna.Copy(ctx, first.ID, "Inbox/Won 2026"); err != nil {
		t.Fatal(err)
	}
	copied, err := anna.CopyFolder(ctx, "Inbox/Won 2026", "Offers")
	if err != nil || copied.ID == won.ID || copied.Total != 1 {
		t.Errorf("copied %+v, %v", copied, err)
	}
	_, err = anna.CopyFolder(ctx, "Inbox/Won 2026", "Offers")
	wantError(t, err, mailbox.ErrExists, "ErrorFolderExists")
	changes()

	// The bin gives a second folder of the same name another one.
	for _, path := range []mailbox.FolderRef{"Inbox/Won 2026", "Offers/Won 2026"} {
		if err := anna.DeleteFolder(ctx, path, false); err != nil {
			t.Fatal(err)
		}
	}
	x.wantPaths(anna, []string{"Deleted Items/Won 2026", "Deleted Items/Won 20261"}, "Inbox/Won 2026", "Offers/Won 2026")
	if err := anna.DeleteFolder(ctx, "Offers", true); err != nil {
		t.Fatal(err)
	}
	if got := changes(); got != "Update Won 2026, Update Won 20261, Delete" || page.Changes[2].Folder.ID != offers.ID {
		t.Errorf("the sync tells of %s", got)
	}
	if err := anna.EmptyFolder(ctx, mailbox.DeletedItems, true, true); err != nil {
		t.Fatal(err)
	}
	x.wantPaths(anna, nil, "Deleted Items/Won 2026", "Deleted Items/Won 20261")
	if n := len(x.list(anna, mailbox.Query{Folder: mailbox.DeletedItems})); n != 0 {
		t.Errorf("%d messages are left in the bin", n)
	}
}

func TestFolderProperties(t *testing.T) {
	x := newExchange(t)
	anna := x.of("anna@contoso.example")
	crm := ews.Named(crmSet, "crm-folder", wsdl.MapiTypeString)
	calendar, err := anna.CreateFolder(t.Context(), mailbox.NewFolder{Name: "Team", Parent: mailbox.Calendar, Class: "IPF.Appointment"})
	if err != nil || calendar.Class != "IPF.Appointment" {
		t.Fatalf("created %+v, %v", calendar, err)
	}
	ref := mailbox.FolderRef(calendar.ID)
	read := func() (string, int) {
		t.Helper()
		f, props, err := anna.GetFolder(t.Context(), ref, crm)
		if err != nil {
			t.Fatal(err)
		}
		if len(props) == 0 {
			return f.Name, 0
		}
		if props[0].Value != "F-1" {
			t.Errorf("the property is %v", props[0].Value)
		}
		return f.Name, len(props)
	}
	if _, err := anna.UpdateFolder(t.Context(), ref, ews.FolderUpdate{Name: "Crew", Set: []ews.Property{{Field: crm, Value: "F-1"}}}); err != nil {
		t.Fatal(err)
	}
	if name, n := read(); name != "Crew" || n != 1 {
		t.Errorf("the folder is %s with %d properties", name, n)
	}
	if _, err := anna.UpdateFolder(t.Context(), ref, ews.FolderUpdate{Remove: []ews.Field{crm}}); err != nil {
		t.Fatal(err)
	}
	if name, n := read(); name != "Crew" || n != 0 {
		t.Errorf("the folder is %s with %d properties", name, n)
	}
	_, err = anna.UpdateFolder(t.Context(), ref, ews.FolderUpdate{})
	wantError(t, err, mailbox.ErrInvalid, "")
	_, err = anna.UpdateFolder(t.Context(), ref, ews.FolderUpdate{Set: []ews.Property{{Field: crm, Value: 7}}})
	wantError(t, err, mailbox.ErrInvalid, "")
}

func TestArchive(t *testing.T) {
	x := newExchange(t)
	anna, ben := x.of("anna@contoso.example"), x.of("ben@contoso.example")
	ctx := t.Context()
	if _, err := anna.CreateFolder(ctx, mailbox.NewFolder{Name: "Old", Parent: mailbox.Inbox}); err != nil {
		t.Fatal(err)
	}
	first := x.list(anna, mailbox.Query{Limit: 1})[0]
	id, err := anna.Move(ctx, first.ID, "Inbox/Old")
	if err != nil {
		t.Fatal(err)
	}
	before, err := anna.SyncArchiveHierarchy(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	results, err := anna.ArchiveItems(ctx, []string{id, id}, "Inbox/Old")
	if err != nil || len(results) != 2 || results[0].Err != nil || results[0].ID == "" {
		t.Fatalf("archived %+v, %v", results, err)
	}
	wantError(t, results[1].Err, mailbox.ErrNotFound, "ErrorItemNotFound")
	got := x.list(anna, mailbox.Query{Folder: "archivemsgfolderroot/Inbox/Old"})
	if len(got) != 1 || got[0].Subject != first.Subject || got[0].ID != results[0].ID {
		t.Errorf("the archive has %+v", got)
	}
	after, err := anna.SyncArchiveHierarchy(ctx, before.State)
	if err != nil || len(after.Changes) != 1 || after.Changes[0].Folder.Name != "Old" {
		t.Errorf("the archive's sync tells of %+v, %v", after.Changes, err)
	}
	folders, err := anna.ArchiveFolders(ctx)
	if err != nil || !slices.ContainsFunc(folders, func(f mailbox.Folder) bool { return f.Path == "Inbox/Old" && f.Total == 1 }) {
		t.Errorf("the archive has the folders %+v, %v", folders, err)
	}
	again, err := anna.ArchiveItems(ctx, []string{results[0].ID}, mailbox.Inbox)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, again[0].Err, mailbox.ErrInvalid, "ErrorCannotArchiveItemsInArchiveMailbox")

	// What is deleted in the archive goes to the archive's bin.
	if err := anna.Delete(ctx, results[0].ID, false); err != nil {
		t.Fatal(err)
	}
	if n := len(x.list(anna, mailbox.Query{Folder: ews.ArchiveDeletedItems})); n != 1 {
		t.Errorf("%d messages are in the archive's bin, want 1", n)
	}
	// A folder that goes to the archive is gone for the mailbox, and new there.
	page, err := anna.SyncFolderHierarchy(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	old, _, err := anna.GetFolder(ctx, "Inbox/Old")
	if err != nil {
		t.Fatal(err)
	}
	if moved, err := anna.MoveFolder(ctx, "Inbox/Old", ews.ArchiveRoot); err != nil || moved.ID == old.ID {
		t.Errorf("moved %+v, %v", moved, err)
	}
	if page, err = anna.SyncFolderHierarchy(ctx, page.State); err != nil || len(page.Changes) != 1 ||
		page.Changes[0].Kind != wsdl.Deleted || page.Changes[0].Folder.ID != old.ID {
		t.Errorf("the sync tells of %+v, %v", page.Changes, err)
	}

	_, err = ben.ArchiveFolders(ctx)
	wantError(t, err, mailbox.ErrNotFound, "ErrorFolderNotFound")
	his := x.list(ben, mailbox.Query{Limit: 1})[0]
	results, err = ben.ArchiveItems(ctx, []string{his.ID}, mailbox.Inbox)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, results[0].Err, mailbox.ErrNotFound, "ErrorArchiveMailboxNotEnabled")
}

func TestSharedFolders(t *testing.T) {
	x := newExchange(t)
	app := x.Applications().Online
	erik := x.online(x.signIn(app, "erik@fabrikam.example"))
	sales := erik.Mailbox("sales@fabrikam.example", ews.Shared)
	ctx := t.Context()
	leads, err := sales.CreateFolder(ctx, mailbox.NewFolder{Name: "Leads", Parent: mailbox.Inbox})
	if err != nil {
		t.Fatal(err)
	}
	x.wantPaths(sales, []string{"Inbox/Leads"})
	x.wantPaths(erik.Mailbox("erik@fabrikam.example", ews.Own), nil, "Inbox/Leads")
	// Fiona may work in the inbox, but not make folders in it.
	fiona := x.online(x.signIn(app, "fiona@fabrikam.example")).Mailbox("sales@fabrikam.example", ews.Shared)
	_, err = fiona.CreateFolder(ctx, mailbox.NewFolder{Name: "Mine", Parent: mailbox.Inbox})
	wantError(t, err, mailbox.ErrAccessDenied, "ErrorAccessDenied")
	if err := sales.DeleteFolder(ctx, mailbox.FolderRef(leads.ID), true); err != nil {
		t.Fatal(err)
	}
	x.wantPaths(sales, nil, "Inbox/Leads")
}
