package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/exconn/exconn/wsdl"
)

// mirror is what a client that follows a folder believes to be in it.
type mirror struct {
	state string
	read  map[string]bool // by id: whether it is read
	// known holds the subjects as they were told last.
	subject map[string]string
}

func newMirror() *mirror { return &mirror{read: map[string]bool{}, subject: map[string]string{}} }

// page takes in one page of changes and tells whether there are more.
func (m *mirror) page(a as, folder *wsdl.DistinguishedFolderId, limit int) (more bool, changes []wsdl.SyncItemChange) {
	a.t.Helper()
	answer := call[wsdl.SyncFolderItemsResponse](a, &wsdl.SyncFolderItems{
		ItemShape: shape(wsdl.DefaultShapeNamesAllProperties), SyncFolderId: &wsdl.TargetFolderId{DistinguishedFolderId: folder},
		SyncState: wsdl.NewText(m.state), MaxChangesReturned: wsdl.Ptr(wsdl.Int32(limit)),
	}).ResponseMessages.SyncFolderItemsResponseMessage[0]
	a.status(answer.Status(), "NoError")
	for _, c := range answer.Changes.Changes {
		switch c.Kind {
		case wsdl.Deleted:
			delete(m.read, wsdl.Str(c.Delete.ItemId.Id))
			delete(m.subject, wsdl.Str(c.Delete.ItemId.Id))
		case wsdl.ReadFlagChange:
			id := wsdl.Str(c.ReadFlag.ItemId.Id)
			if _, known := m.read[id]; !known {
				a.t.Fatalf("the read flag of an item that was never told of")
			}
			m.read[id] = bool(wsdl.Val(c.ReadFlag.IsRead))
		default:
			it := c.Item.Value()
			id := wsdl.Str(get[wsdl.ItemIdType](it, "ItemId").Id)
			if _, known := m.read[id]; !known && c.Kind == wsdl.Updated {
				a.t.Fatalf("an update of an item that was never told of")
			}
			m.read[id], m.subject[id] = flag(it, "IsRead"), str(it, "Subject")
		}
	}
	m.state = wsdl.Str(answer.SyncState)
	return !bool(wsdl.Val(answer.IncludesLastItemInRange)), answer.Changes.Changes
}

func (m *mirror) sync(a as, folder *wsdl.DistinguishedFolderId, limit int) (all []wsdl.SyncItemChange) {
	a.t.Helper()
	for range 1000 {
		more, changes := m.page(a, folder, limit)
		all = append(all, changes...)
		if !more {
			return all
		}
	}
	a.t.Fatal("the changes never end")
	return nil
}

// Whatever happens to a folder, and however the client pages through it
// meanwhile, in the end it knows what a client that starts afresh learns.
func TestSyncConverges(t *testing.T) {
	s := start(t, nil)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		a := actor(t, s, "anna")
		folder := named("inbox")
		st := s.state
		inbox := st.byAddress["anna@contoso.example"].known("inbox")
		st.mu.Lock()
		for _, it := range slices.Clone(inbox.items) {
			st.remove(it)
		}
		st.mu.Unlock()
		follower := newMirror()
		n := 0
		add := func(*rapid.T) {
			n++
			st.mu.Lock()
			defer st.mu.Unlock()
			st.add(inbox, &item{value: &wsdl.MessageType{Subject: text(fmt.Sprintf("%d/%d", round, n)), IsRead: wsdl.Ptr(wsdl.Bool(false))}})
		}
		some := func(rt *rapid.T) *item {
			if len(inbox.items) == 0 {
				return nil
			}
			return inbox.items[rapid.IntRange(0, len(inbox.items)-1).Draw(rt, "which")]
		}
		rt.Repeat(map[string]func(*rapid.T){
			"add": add,
			"read": func(rt *rapid.T) {
				st.mu.Lock()
				defer st.mu.Unlock()
				if it := some(rt); it != nil {
					v := shallow(it.value)
					set(v, "IsRead", wsdl.Bool(rapid.Bool().Draw(rt, "read")))
					st.change(it, v, wsdl.ReadFlagChange)
				}
			},
			"rename": func(rt *rapid.T) {
				st.mu.Lock()
				defer st.mu.Unlock()
				if it := some(rt); it != nil {
					n++
					v := shallow(it.value)
					set(v, "Subject", wsdl.Text(fmt.Sprintf("%d/%d again", round, n)))
					st.change(it, v, wsdl.Updated)
				}
			},
			"remove": func(rt *rapid.T) {
				st.mu.Lock()
				defer st.mu.Unlock()
				if it := some(rt); it != nil {
					st.remove(it)
				}
			},
			"move away and back": func(rt *rapid.T) {
				st.mu.Lock()
				defer st.mu.Unlock()
				if it := some(rt); it != nil {
					st.move(it, inbox.mbox.known("drafts"))
					st.move(it, inbox)
				}
			},
			"page": func(rt *rapid.T) {
				follower.page(a, folder, rapid.IntRange(1, 4).Draw(rt, "limit"))
			},
		})
		follower.sync(a, folder, 3)
		fresh := newMirror()
		fresh.sync(a, folder, 512)
		if !maps.Equal(follower.read, fresh.read) || !maps.Equal(follower.subject, fresh.subject) {
			rt.Fatalf("the follower knows %v, a newcomer %v", follower.subject, fresh.subject)
		}
		if len(fresh.read) != len(inbox.items) {
			rt.Fatalf("a newcomer knows %d of %d items", len(fresh.read), len(inbox.items))
		}
		if more, changes := follower.page(a, folder, 10); more || len(changes) > 0 {
			rt.Fatalf("nothing happened, and there are %d changes", len(changes))
		}
	})
}

func TestSyncTellsOneWordPerItem(t *testing.T) {
	s := start(t, nil)
	anna := actor(t, s, "anna")
	folder := named("drafts")
	m := newMirror()
	kept := anna.draft(message("kept"))
	m.sync(anna, folder, 10)

	status, kept := anna.update(kept, &wsdl.MessageType{IsRead: wsdl.Ptr(wsdl.Bool(false))}, "", "message:IsRead")
	anna.status(status, "NoError")
	gone := anna.draft(message("gone"))
	anna.status(anna.remove(gone, wsdl.DisposalHardDelete, ""), "NoError")
	fresh := anna.draft(message("fresh"))
	status, _ = anna.update(fresh, message("fresher"), "", "item:Subject")
	anna.status(status, "NoError")

	var kinds []string
	for _, c := range m.sync(anna, folder, 10) {
		kinds = append(kinds, string(c.Kind))
	}
	if want := []string{"ReadFlagChange", "Create"}; !slices.Equal(kinds, want) {
		t.Errorf("the changes are %v, want %v", kinds, want)
	}
	status, _ = anna.update(kept, message("renamed"), "", "item:Subject")
	anna.status(status, "NoError")
	changes := m.sync(anna, folder, 10)
	if len(changes) != 1 || changes[0].Kind != wsdl.Updated {
		t.Errorf("the changes are %+v", changes)
	}
}

func TestSyncStatesThatAreNone(t *testing.T) {
	s := start(t, nil)
	anna := actor(t, s, "anna")
	inbox, drafts := newMirror(), newMirror()
	anna.draft(message("x"))
	inbox.sync(anna, named("inbox"), 10)
	drafts.sync(anna, named("drafts"), 10)
	other := start(t, func(o *Options) { o.Now = newClock(noon.Add(day)).Now })
	for name, test := range map[string]struct {
		on    as
		state string
	}{
		"garbage":              {anna, "H4sIAAAA"},
		"of another folder":    {anna, inbox.state},
		"of another simulator": {actor(t, other, "anna"), drafts.state},
		"in lower case":        {anna, strings.ToLower(drafts.state)},
	} {
		answer := call[wsdl.SyncFolderItemsResponse](test.on, &wsdl.SyncFolderItems{
			ItemShape: shape(wsdl.DefaultShapeNamesIdOnly), SyncFolderId: &wsdl.TargetFolderId{DistinguishedFolderId: named("drafts")},
			SyncState: text(test.state), MaxChangesReturned: wsdl.Ptr(wsdl.Int32(10)),
		}).ResponseMessages.SyncFolderItemsResponseMessage[0]
		if got := answer.Status().Code; got != "ErrorInvalidSyncStateData" {
			t.Errorf("a state %s: %s", name, got)
		}
	}
}

func TestSyncOfFolders(t *testing.T) {
	s := start(t, nil)
	anna := actor(t, s, "anna")
	sync := func(state string) *wsdl.SyncFolderHierarchyResponseMessageType {
		base := wsdl.DefaultShapeNamesAllProperties
		answer := call[wsdl.SyncFolderHierarchyResponse](anna, &wsdl.SyncFolderHierarchy{
			FolderShape:  &wsdl.FolderResponseShape{BaseShape: &wsdl.BaseShape{Value: &base}},
			SyncFolderId: &wsdl.TargetFolderId{DistinguishedFolderId: named("msgfolderroot")}, SyncState: wsdl.NewText(state),
		}).ResponseMessages.SyncFolderHierarchyResponseMessage[0]
		anna.status(answer.Status(), "NoError")
		return answer
	}
	first := sync("")
	var names []string
	for _, c := range first.Changes.Changes {
		names = append(names, str(c.Folder.Value(), "DisplayName"))
	}
	if !slices.Contains(names, "Inbox") || !slices.Contains(names, "Calendar") || slices.Contains(names, "Deletions") {
		t.Errorf("the folders are %q", names)
	}
	if again := sync(wsdl.Str(first.SyncState)); len(again.Changes.Changes) != 0 {
		t.Errorf("nothing happened, and there are %d changes", len(again.Changes.Changes))
	}
	st := s.state
	st.mu.Lock()
	mb := st.byAddress["anna@contoso.example"]
	st.newFolder(mb, mb.known("inbox"), "New", "IPF.Note", "")
	st.mu.Unlock()
	again := sync(wsdl.Str(first.SyncState))
	if len(again.Changes.Changes) != 1 || str(again.Changes.Changes[0].Folder.Value(), "DisplayName") != "New" {
		t.Errorf("the changes are %+v", again.Changes.Changes)
	}
}
