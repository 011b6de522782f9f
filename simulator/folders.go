package simulator

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

var _ ewsserver.FolderWriter = (*session)(nil)

// CreateFolder implements ewsserver.FolderWriter.
func (s *session) CreateFolder(_ context.Context, parent ewsserver.FolderRef, value any) (any, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	p, err := s.ownable(parent)
	if err != nil {
		return nil, err
	}
	name := str(value, "DisplayName")
	if p.childNamed(name) != nil {
		return nil, fail(ewsserver.ErrorFolderExists)
	}
	f := s.st.newFolder(p.mbox, p, name, str(value, "FolderClass"), "")
	f.properties = extendedOf(value)
	return s.describe(f), nil
}

// UpdateFolder implements ewsserver.FolderWriter.
func (s *session) UpdateFolder(_ context.Context, u ewsserver.FolderUpdate) (any, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	f, err := s.ownable(u.Ref)
	if err != nil {
		return nil, err
	}
	if u.ReadChangeKey != f.key {
		return nil, fail(ewsserver.ErrorIrresolvableConflict)
	}
	name := str(u.Folder, "DisplayName")
	switch {
	case name == f.name:
	case f.known != "":
		return nil, ewsserver.Errorf(ewsserver.ErrorAccessDenied, "A folder that every mailbox has keeps its name.")
	case strings.TrimSpace(name) == "":
		return nil, ewsserver.Errorf(ewsserver.ErrorFolderSave, "A folder must have a name.")
	default:
		if other := f.parent.childNamed(name); other != nil && other != f {
			return nil, fail(ewsserver.ErrorFolderExists)
		}
	}
	if class := str(u.Folder, "FolderClass"); class != f.class && f.known != "" {
		return nil, ewsserver.Errorf(ewsserver.ErrorAccessDenied, "A folder that every mailbox has keeps its class.")
	}
	f.name, f.class, f.properties = name, str(u.Folder, "FolderClass"), extendedOf(u.Folder)
	s.st.touch(f)
	s.st.tellFolder(wsdl.ModifiedEvent, f)
	return s.describe(f), nil
}

// CopyFolder implements ewsserver.FolderWriter.
func (s *session) CopyFolder(_ context.Context, ref, to ewsserver.FolderRef) (any, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	f, err := s.readable(ref)
	if err != nil {
		return nil, err
	}
	parent, err := s.ownable(to)
	if err != nil {
		return nil, err
	}
	switch {
	case f.parent == nil, parent == f, parent.beneath(f):
		return nil, fail(ewsserver.ErrorMoveCopyFailed)
	case parent.childNamed(f.name) != nil:
		return nil, fail(ewsserver.ErrorFolderExists)
	}
	return s.describe(s.st.copyFolder(f, parent)), nil
}

// MoveFolder implements ewsserver.FolderWriter.
func (s *session) MoveFolder(_ context.Context, ref, to ewsserver.FolderRef) (any, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	f, err := s.ownable(ref)
	if err != nil {
		return nil, err
	}
	parent, err := s.ownable(to)
	if err != nil {
		return nil, err
	}
	switch {
	case f.holdsKnown():
		return nil, fail(ewsserver.ErrorMoveDistinguishedFolder)
	case parent == f, parent.beneath(f):
		return nil, fail(ewsserver.ErrorMoveCopyFailed)
	case parent == f.parent:
		return s.describe(f), nil
	case parent.childNamed(f.name) != nil:
		return nil, fail(ewsserver.ErrorFolderExists)
	}
	return s.describe(s.st.moveFolder(f, parent)), nil
}

// DeleteFolder implements ewsserver.FolderWriter.
func (s *session) DeleteFolder(_ context.Context, ref ewsserver.FolderRef, how wsdl.Disposal) error {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	f, err := s.ownable(ref)
	if err != nil {
		return err
	}
	if f.holdsKnown() {
		return fail(ewsserver.ErrorDeleteDistinguishedFolder)
	}
	s.st.disposeFolder(f, how)
	return nil
}

// EmptyFolder implements ewsserver.FolderWriter.
func (s *session) EmptyFolder(_ context.Context, ref ewsserver.FolderRef, how wsdl.Disposal, subfolders bool) error {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	f, err := s.writable(ref)
	if err != nil {
		return err
	}
	switch {
	case f.parent == nil, strings.HasPrefix(f.class, "IPF.Appointment"):
		return fail(ewsserver.ErrorCannotEmptyFolder)
	case subfolders && slices.ContainsFunc(f.children, (*folder).holdsKnown):
		return fail(ewsserver.ErrorDeleteDistinguishedFolder)
	}
	for _, it := range slices.Clone(f.items) {
		s.dispose(target{item: it}, how)
	}
	if subfolders {
		for _, c := range slices.Clone(f.children) {
			s.st.disposeFolder(c, how)
		}
	}
	return nil
}

// ownable finds a folder that the caller may change itself, which takes an
// owner's rights: to fill it, an editor's suffice.
func (s *session) ownable(ref ewsserver.FolderRef) (*folder, error) {
	f, err := s.readable(ref)
	if err != nil {
		return nil, err
	}
	if f.levelOf(s.who) < owner {
		return nil, fail(ewsserver.ErrorAccessDenied)
	}
	return f, nil
}

// childNamed finds a direct subfolder by its name, whatever the case.
func (f *folder) childNamed(name string) *folder {
	for _, c := range f.children {
		if strings.EqualFold(c.name, name) {
			return c
		}
	}
	return nil
}

// holdsKnown tells whether a folder, or one beneath it, is one that every
// mailbox has.
func (f *folder) holdsKnown() bool {
	return f.parent == nil || f.known != "" || slices.ContainsFunc(f.children, (*folder).holdsKnown)
}

// top is the folder under which f lies: the root of a mailbox or of its
// archive.
func (f *folder) top() *folder {
	for f.parent != nil {
		f = f.parent
	}
	return f
}

// extendedOf returns the extended properties of a folder that a client set.
func extendedOf(value any) []*wsdl.ExtendedPropertyType {
	return withoutTags(sentProperties(value), commitTag, subfoldersTag)
}

func sentProperties(value any) []*wsdl.ExtendedPropertyType {
	switch f := value.(type) {
	case *wsdl.FolderType:
		return f.ExtendedProperty
	case *wsdl.CalendarFolderType:
		return f.ExtendedProperty
	case *wsdl.ContactsFolderType:
		return f.ExtendedProperty
	case *wsdl.TasksFolderType:
		return f.ExtendedProperty
	}
	return nil
}

// touch gives a changed folder a new change key and logs the change.
func (st *state) touch(f *folder) {
	f.key = st.newChangeKey(f.mbox, folderChange)
	f.mbox.hierarchy.add(wsdl.Updated, f.raw)
	st.keepFolder(f)
}

// tellFolderMoved tells that a folder is elsewhere now, where within its
// mailbox it was in another folder.
func (st *state) tellFolderMoved(f, from *folder) {
	st.tell(f.mbox, wsdl.Event{Kind: wsdl.MovedEvent, Moved: &wsdl.MovedEventType{
		TimeStamp: wsdl.FormatTime(st.now()), FolderId: f.id(), ParentFolderId: f.parent.id(),
		OldFolderId: f.id(), OldParentFolderId: from.id(),
	}}, f, f.parent, from)
}

// copyFolder copies a folder with all that is in it.
func (st *state) copyFolder(f, parent *folder) *folder {
	children := slices.Clone(f.children)
	out := st.newFolder(parent.mbox, parent, f.name, f.class, "")
	out.properties = f.properties
	for _, it := range f.items {
		st.copyItem(it, out)
	}
	for _, c := range children {
		st.copyFolder(c, out)
	}
	return out
}

// moveFolder puts a folder into another one. Within a mailbox it keeps its id;
// in another mailbox, which an archive is as well, it is a new folder, and the
// items in it are new items.
func (st *state) moveFolder(f, parent *folder) *folder {
	if f.top() != parent.top() {
		moved := st.copyFolder(f, parent)
		st.dropFolder(f)
		return moved
	}
	from := f.parent
	from.children = slices.DeleteFunc(from.children, func(c *folder) bool { return c == f })
	f.parent = parent
	parent.children = append(parent.children, f)
	st.keepFolder(from)
	st.keepFolder(parent)
	st.touch(f)
	st.tellFolderMoved(f, from)
	return f
}

// disposeFolder removes a folder in one of the three ways. One that goes to the
// dumpster loses its place: Exchange keeps its items there, not the folder.
func (st *state) disposeFolder(f *folder, how wsdl.Disposal) {
	bin, dumpster := f.bins()
	switch {
	case how == wsdl.DisposalMoveToDeletedItems && !f.beneath(bin):
		// Exchange gives the folder another name where it meets one in the bin
		// (observed: Projects1).
		name := f.name
		for n := 1; bin.childNamed(f.name) != nil; n++ {
			f.name = name + strconv.Itoa(n)
		}
		st.moveFolder(f, bin)
	case how == wsdl.DisposalHardDelete:
		st.dropFolder(f)
	default:
		st.emptyInto(f, dumpster)
		st.dropFolder(f)
	}
}

// emptyInto moves all items of a folder and those beneath it to another.
func (st *state) emptyInto(f, to *folder) {
	for _, it := range slices.Clone(f.items) {
		st.move(it, to)
	}
	for _, c := range f.children {
		st.emptyInto(c, to)
	}
}

// dropFolder removes a folder with all that is in it for good.
func (st *state) dropFolder(f *folder) {
	for _, c := range slices.Clone(f.children) {
		st.dropFolder(c)
	}
	for _, it := range slices.Clone(f.items) {
		st.remove(it)
	}
	f.parent.children = slices.DeleteFunc(f.parent.children, func(c *folder) bool { return c == f })
	delete(f.mbox.folders, f.raw)
	f.mbox.hierarchy.add(wsdl.Deleted, f.raw)
	st.keepFolder(f)
	st.keepFolder(f.parent)
	st.tellFolder(wsdl.DeletedEvent, f)
}

// bins returns where deleted things of the folder's mailbox go, or of its
// archive.
func (f *folder) bins() (bin, dumpster *folder) {
	known := f.mbox.known
	if f.top() == known("archiveroot") {
		return known("archivedeleteditems"), known("archiverecoverableitemsdeletions")
	}
	return known("deleteditems"), known("recoverableitemsdeletions")
}
