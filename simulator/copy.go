package simulator

import (
	"context"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

var _ ewsserver.ItemCopier = (*session)(nil)

// Copy implements ewsserver.ItemCopier.
func (s *session) Copy(_ context.Context, ref ewsserver.ItemRef, to ewsserver.FolderRef) (any, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	f, err := s.creatable(to)
	if err != nil {
		return nil, err
	}
	t, err := s.find(ref)
	if err != nil {
		return nil, err
	}
	if t.instance != nil {
		return nil, fail(ewsserver.ErrorCalendarCannotMoveOrCopyOccurrence)
	}
	if _, event := t.item.value.(*wsdl.CalendarItemType); event && f.class != "IPF.Appointment" && f != f.mbox.known("deleteditems") {
		return nil, fail(ewsserver.ErrorMoveCopyFailed)
	}
	return s.present(f, s.st.copyItem(t.item, f).value), nil
}

// copyItem puts a copy of an item into a folder. The files in it are shared:
// their content never changes.
func (st *state) copyItem(it *item, to *folder) *item {
	out := &item{value: shallow(it.value), files: it.files[:len(it.files):len(it.files)]}
	if it.cal != nil {
		out.cal = it.cal.clone()
	}
	st.put(to, out)
	st.tellMoved(wsdl.CopiedEvent, out, it.folder, it.id())
	return out
}
