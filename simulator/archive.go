package simulator

import (
	"context"
	"strings"

	"github.com/exconn/exconn/ewsserver"
)

// archiveFolders lists the folders that every archive has, parents first. An
// archive is a mailbox of its own to Exchange; here it is a second tree of
// folders of the same mailbox.
var archiveFolders = []struct{ name, parent, display, class string }{
	{"archivemsgfolderroot", "archiveroot", "Top of Information Store", "IPF.Note"},
	{"archiveinbox", "archivemsgfolderroot", "Inbox", "IPF.Note"},
	{"archivedeleteditems", "archivemsgfolderroot", "Deleted Items", "IPF.Note"},
	{"archiverecoverableitemsroot", "archiveroot", "Recoverable Items", ""},
	{"archiverecoverableitemsdeletions", "archiverecoverableitemsroot", "Deletions", ""},
}

// addArchive gives a mailbox an archive.
func (st *state) addArchive(mb *mbox) {
	st.newFolder(mb, nil, "", "", "archiveroot")
	for _, d := range archiveFolders {
		st.newFolder(mb, mb.distinguished[d.parent], d.display, d.class, d.name)
	}
}

var _ ewsserver.Archiver = (*session)(nil)

// Archive implements ewsserver.Archiver.
func (s *session) Archive(_ context.Context, ref ewsserver.ItemRef, source ewsserver.FolderRef) (any, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	from, err := s.readable(source)
	if err != nil {
		return nil, err
	}
	t, err := s.findToChange(ref)
	if err != nil {
		return nil, err
	}
	root := from.mbox.known("archivemsgfolderroot")
	switch {
	case root == nil || t.folder.mbox != from.mbox:
		return nil, fail(ewsserver.ErrorArchiveMailboxNotEnabled)
	case t.folder.top() == root.top():
		return nil, fail(ewsserver.ErrorCannotArchiveItemsInArchiveMailbox)
	case t.instance != nil, !strings.HasPrefix(from.class, "IPF.Note"):
		return nil, fail(ewsserver.ErrorCannotArchiveCalendarContactTaskFolder)
	}
	to := s.st.archivePath(from, root)
	s.st.move(t.item, to)
	return s.present(to, t.item.value), nil
}

// archivePath returns the folder of the archive that has the same place there,
// and makes what is missing on the way.
func (st *state) archivePath(from, root *folder) *folder {
	if from.parent == nil || from.known == "msgfolderroot" {
		return root
	}
	parent := st.archivePath(from.parent, root)
	if f := parent.childNamed(from.name); f != nil {
		return f
	}
	return st.newFolder(root.mbox, parent, from.name, from.class, "")
}
