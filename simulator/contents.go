package simulator

import (
	"cmp"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// contents are the folders and items of a mailbox. They are made when the
// mailbox is opened: what follows from the seed first, then what a file keeps
// of later changes. So ten thousand mailboxes cost little until somebody looks
// into them, and those that nobody has used for long can be closed again.
//
// What is made from the seed depends on the seed, the mailbox's address and the
// time of the beginning alone, not on what was opened before.
type contents struct {
	opening sync.Mutex
	opened  atomic.Bool
	// used tells when the mailbox was opened or signed in to last, by the
	// state's count of such uses.
	used atomic.Uint64
	// making is set while the mailbox is filled with what follows from the
	// seed or is in the file already.
	making bool
	// altered is set where something differs from what follows from the seed.
	altered bool

	folders       map[string]*folder // by the bytes of their ids
	items         map[string]*item   // likewise
	distinguished map[string]*folder // by name
	hierarchy     changeLog
	// changes counts all changes, for change keys.
	changes uint64
	rand    *rand.Rand
	// when is set while the mailbox is filled with a past.
	when time.Time
}

// randomness is a source of random numbers of a mailbox's own. Number 0 is for
// its identity, 1 for what follows from the seed, and each run has a further
// one.
func (mb *mbox) randomness(number uint64) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(lower(mb.address)))
	return rand.New(rand.NewPCG(mb.st.origin, h.Sum64()+number))
}

// known finds one of the folders that every mailbox has, by its distinguished
// name, or nil.
func (mb *mbox) known(name string) *folder {
	mb.open()
	return mb.distinguished[name]
}

// all are the folders of a mailbox by their ids.
func (mb *mbox) all() map[string]*folder {
	mb.open()
	return mb.folders
}

// inside returns the mailbox that an id of a folder or an item lies in, or nil.
func (st *state) inside(raw string) *mbox {
	const end = len(idHead) + guidLength
	if len(raw) < end {
		return nil
	}
	mb := st.guids[raw[len(idHead):end]]
	if mb != nil {
		mb.open()
	}
	return mb
}

// folder finds a folder by the bytes of its id, or nil.
func (st *state) folder(raw string) *folder {
	if mb := st.inside(raw); mb != nil {
		return mb.folders[raw]
	}
	return nil
}

// item finds an item by the bytes of its id, or nil.
func (st *state) item(raw string) *item {
	if mb := st.inside(raw); mb != nil {
		return mb.items[raw]
	}
	return nil
}

// open fills a mailbox, where that was not done yet. It may be called by those
// who only read the state.
func (mb *mbox) open() {
	if mb.opened.Load() {
		return
	}
	mb.opening.Lock()
	defer mb.opening.Unlock()
	if mb.opened.Load() {
		return
	}
	st := mb.st
	mb.folders, mb.items, mb.distinguished = map[string]*folder{}, map[string]*item{}, map[string]*folder{}
	mb.hierarchy = changeLog{}
	later, changes := mb.rand, mb.changes
	mb.making, mb.changes, mb.rand = true, 0, mb.randomness(1)
	st.makeFolders(mb)
	if mb.crowded {
		st.crowd.fill(mb)
	}
	mb.hierarchy.kept = len(mb.hierarchy.entries)
	for _, f := range mb.folders {
		f.log.kept = len(f.log.entries)
	}
	if mb.rand = later; later == nil {
		mb.rand = mb.randomness(2 + st.runs)
	}
	mb.changes = max(mb.changes, changes)
	if st.keeper != nil {
		st.keeper.restore(mb)
	}
	mb.making = false
	st.crowd.note(mb)
	mb.opened.Store(true)
}

// makeFolders makes the folders that a mailbox has from the beginning.
func (st *state) makeFolders(mb *mbox) {
	st.newFolder(mb, nil, "", "", "root")
	for _, d := range distinguished {
		st.newFolder(mb, mb.distinguished[d.parent], d.display, d.class, d.name)
	}
	if mb.archived {
		st.addArchive(mb)
	}
	for name, rights := range mb.shares {
		maps.Copy(mb.distinguished[name].rights, rights)
	}
}

// share gives somebody a right to a folder, from the beginning.
func (mb *mbox) share(folder, with string, l level) {
	if mb.shares == nil {
		mb.shares = map[string]map[string]level{}
	}
	if mb.shares[folder] == nil {
		mb.shares[folder] = map[string]level{}
	}
	mb.shares[folder][with] = l
}

// now is the time in a mailbox: while it is filled, that of what is put there.
func (mb *mbox) now() time.Time {
	if !mb.when.IsZero() {
		return mb.when
	}
	return mb.st.now()
}

// close forgets what is in a mailbox: it is made again when it is needed.
// Nobody may be at work in it.
func (mb *mbox) close() {
	mb.folders, mb.items, mb.distinguished = nil, nil, nil
	mb.hierarchy = changeLog{}
	mb.opened.Store(false)
}

// arrange puts the items of a folder into the order in which they came, which
// the log tells.
func (f *folder) arrange() {
	at := map[string]int{}
	for i, e := range f.log.entries {
		if e.kind == wsdl.Created {
			at[e.id] = i
		}
	}
	slices.SortFunc(f.items, func(a, b *item) int { return cmp.Compare(at[a.raw], at[b.raw]) })
}
