package simulator

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// Item implements ewsserver.Session.
func (s *session) Item(_ context.Context, ref ewsserver.ItemRef) (any, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	t, err := s.find(ref)
	if err != nil {
		return nil, err
	}
	return s.present(t.folder, t.current()), nil
}

// Items implements ewsserver.Session. It goes through the folder as it was at
// the first step.
func (s *session) Items(_ context.Context, ref ewsserver.FolderRef) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		s.st.mu.RLock()
		f, err := s.readable(ref)
		var values []any
		if err == nil {
			for _, it := range slices.Backward(f.items) {
				if !f.conceals(s.who, it.value) {
					values = append(values, it.value)
				}
			}
		}
		s.st.mu.RUnlock()
		if err != nil {
			yield(nil, err)
			return
		}
		for _, v := range values {
			s.st.mu.RLock()
			v = s.present(f, v)
			s.st.mu.RUnlock()
			if !yield(v, nil) {
				return
			}
		}
	}
}

// CalendarView implements ewsserver.Session.
func (s *session) CalendarView(_ context.Context, ref ewsserver.FolderRef, from, to time.Time) ([]*wsdl.CalendarItemType, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	f, err := s.readable(ref)
	if err != nil {
		return nil, err
	}
	if f.class != "IPF.Appointment" {
		return nil, fail(ewsserver.ErrorCalendarFolderIsInvalidForCalendarView)
	}
	var found []*wsdl.CalendarItemType
	for _, it := range f.items {
		for _, c := range it.view(from, to) {
			if !f.conceals(s.who, c) {
				found = append(found, s.present(f, c).(*wsdl.CalendarItemType))
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *wsdl.CalendarItemType) int {
		at, _ := timeOf(a, "Start")
		bt, _ := timeOf(b, "Start")
		return at.Compare(bt)
	})
	return found, nil
}

// Attachment implements ewsserver.Session.
func (s *session) Attachment(_ context.Context, id string) (any, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	raw, kind := decodeID(id)
	if kind != attachmentID {
		return nil, fail(ewsserver.ErrorInvalidAttachmentId)
	}
	itemRaw, tail := splitAttachmentID(raw)
	t, err := s.find(ewsserver.ItemRef{ID: encodeID(itemRaw)})
	if err != nil {
		return nil, err
	}
	for _, a := range t.files {
		if a.tail == tail {
			return a.full(t.item), nil
		}
	}
	return nil, fail(ewsserver.ErrorItemNotFound)
}

// SyncItems implements ewsserver.Session.
func (s *session) SyncItems(_ context.Context, ref ewsserver.FolderRef, state string, limit int) (ewsserver.ItemChanges, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	f, err := s.readable(ref)
	if err != nil {
		return ewsserver.ItemChanges{}, err
	}
	at, ok := f.log.parseToken(state, f.mbox.syncEpoch(), f.raw)
	if !ok || state != "" && s.st.expired(at) {
		return ewsserver.ItemChanges{}, fail(ewsserver.ErrorInvalidSyncStateData)
	}
	at = f.log.begin(at)
	var out ewsserver.ItemChanges
	for _, c := range f.log.since(at) {
		if len(out.Changes) == limit {
			break
		}
		at.done = c.seq
		it := s.st.item(c.id)
		if it == nil {
			// What is gone by now is told as deleted, in this round or the next.
			if c.kind == wsdl.Deleted {
				out.Changes = append(out.Changes, ewsserver.ItemChange{Kind: c.kind, ID: wsdl.ItemIdType{Id: text(encodeID(c.id))}})
			}
			continue
		}
		if f.conceals(s.who, it.value) {
			continue
		}
		change := ewsserver.ItemChange{Kind: c.kind, ID: *it.id()}
		if c.kind == wsdl.ReadFlagChange {
			change.IsRead = flag(it.value, "IsRead")
		} else {
			change.Item = s.present(f, it.value)
		}
		out.Changes = append(out.Changes, change)
	}
	if len(f.log.since(at)) == 0 {
		at.done = at.head
	}
	out.Last = at.done == f.log.head()
	at.given = uint64(s.st.now().Unix())
	out.State = wsdl.Str(at.token(f.mbox.syncEpoch(), f.raw))
	return out, nil
}

// SyncFolders implements ewsserver.Session.
func (s *session) SyncFolders(_ context.Context, root ewsserver.FolderRef, state string) (ewsserver.FolderChanges, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	f, err := s.readable(root)
	if err != nil {
		return ewsserver.FolderChanges{}, err
	}
	log := &f.mbox.hierarchy
	at, ok := log.parseToken(state, f.mbox.syncEpoch(), f.raw)
	if !ok || state != "" && s.st.expired(at) {
		return ewsserver.FolderChanges{}, fail(ewsserver.ErrorInvalidSyncStateData)
	}
	at = log.begin(at)
	var out ewsserver.FolderChanges
	for _, c := range log.since(at) {
		change := ewsserver.FolderChange{Kind: c.kind, ID: wsdl.FolderIdType{Id: text(encodeID(c.id))}}
		if c.kind != wsdl.Deleted {
			found := s.st.folder(c.id)
			if found == nil || !found.beneath(f) || !found.levelOf(s.who).canRead() {
				continue
			}
			change.ID, change.Folder = *found.id(), s.describe(found)
		}
		out.Changes = append(out.Changes, change)
	}
	at.done = at.head
	at.given = uint64(s.st.now().Unix())
	out.State = wsdl.Str(at.token(f.mbox.syncEpoch(), f.raw))
	return out, nil
}
