package simulator

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/exconn/exconn/simulator/journal"
	"github.com/exconn/exconn/wsdl"
)

// keeper keeps a state in a journal, record by record: each mailbox, folder,
// item and attachment is one, and so is what is added to a log of changes.
// Whatever was altered under the lock of the state is one commit, written
// before the lock is let go, so that nothing is answered that is not kept.
//
// What follows from the seed is kept only where it was altered.
//
// Something new that a mailbox remembers is a field of mailboxRecord, and a
// call of keep where it changes; something new of a folder or an item likewise.
type keeper struct {
	st      *state
	journal *journal.Journal
	dirty   map[*mbox]*alterations
	// sent and arrived are consignments that were made and that are done.
	sent, arrived []*consignment
	// extra are records besides those of the mailboxes.
	extra []journal.Change
	// failed is why nothing can be kept any more.
	failed atomic.Pointer[error]

	lastFile uint64
	mu       sync.Mutex // of files, which readers change
	files    map[uint64]weak.Pointer[attachment]
}

// alterations are what is to be written of one mailbox.
type alterations struct {
	folders map[string]*folder
	items   map[string]*item
	// gone are items that are no longer there, with the attachments that were
	// kept for them.
	gone map[string]goneItem
	logs map[string]*changeLog // by their folder's id
}

type goneItem struct {
	files []*attachment
	based bool
}

// The shelves of the journal; each mailbox has one besides, by its identity.
const (
	stateShelf = "state"
	filesShelf = "files"
	entraShelf = "entra"
)

// The keys on a mailbox's shelf; a folder's or an item's id is cut to what is
// its own.
const (
	mailboxKey   = "mailbox"
	folderPrefix = "folder "
	itemPrefix   = "item "
	logPrefix    = "log "
	hierarchyKey = "hierarchy " // with a number behind it, as in a log
)

// ownPart is what an id has besides the mailbox's.
func ownPart(raw string) string { return raw[len(idHead)+guidLength:] }

func (mb *mbox) wholeID(own string) string { return idHead + mb.guid + own }

// keep notes that something of a mailbox itself was altered.
func (st *state) keep(mb *mbox) *alterations {
	if mb.making {
		return nil
	}
	mb.altered = true
	if st.keeper == nil {
		return nil
	}
	a := st.keeper.dirty[mb]
	if a == nil {
		a = &alterations{folders: map[string]*folder{}, items: map[string]*item{}, gone: map[string]goneItem{}, logs: map[string]*changeLog{}}
		st.keeper.dirty[mb] = a
	}
	return a
}

// keepFolder notes that a folder was made, altered or removed.
func (st *state) keepFolder(f *folder) {
	if a := st.keep(f.mbox); a != nil {
		a.folders[f.raw] = f
	}
}

// keepItem notes that an item was made or altered.
func (st *state) keepItem(it *item) {
	if a := st.keep(it.folder.mbox); a != nil {
		a.items[it.raw] = it
		a.logs[it.folder.raw] = &it.folder.log
	}
}

// forgetItem notes that an item is no longer there under its id.
func (st *state) forgetItem(it *item) {
	a := st.keep(it.folder.mbox)
	if a == nil {
		return
	}
	delete(a.items, it.raw)
	a.gone[it.raw] = goneItem{it.kept, it.based}
	a.logs[it.folder.raw] = &it.folder.log
	it.kept = nil
}

// flush writes what was altered. The state is locked for writing.
func (k *keeper) flush() {
	if len(k.dirty)+len(k.extra)+len(k.sent)+len(k.arrived) == 0 || k.failed.Load() != nil {
		return
	}
	w := &recordWriter{k: k, changes: k.extra}
	for mb, a := range k.dirty {
		w.mailbox(mb, a)
	}
	w.transit()
	w.files()
	err := w.err
	if err == nil {
		err = k.journal.Commit(w.changes)
	}
	if err != nil {
		k.fail(err)
	}
	clear(k.dirty)
	k.extra = nil
}

// fail makes the state refuse to answer: what it would tell is not kept.
func (k *keeper) fail(err error) {
	err = fmt.Errorf("the state file fails, so that nothing is answered until the simulator is started anew: %w", err)
	k.failed.CompareAndSwap(nil, &err)
}

// failure is why nothing can be answered any more, or nil.
func (k *keeper) failure() error {
	if k == nil {
		return nil
	}
	if err := k.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// recordWriter collects the changes of one commit.
type recordWriter struct {
	k       *keeper
	changes []journal.Change
	// held is how many more items hold an attachment than before.
	held map[*attachment]int
	err  error
}

func (w *recordWriter) put(shelf, key string, record any) {
	b, err := encode(record)
	if err != nil {
		w.err = errors.Join(w.err, fmt.Errorf("keeping %q: %w", key, err))
		return
	}
	w.changes = append(w.changes, journal.Change{Shelf: shelf, Key: key, Value: b})
}

// remove takes a record away. Where the thing would follow from the seed, an
// empty record says that it is gone.
func (w *recordWriter) remove(shelf, key string, based bool) {
	c := journal.Change{Shelf: shelf, Key: key}
	if based {
		c.Value = []byte{}
	}
	w.changes = append(w.changes, c)
}

func (w *recordWriter) mailbox(mb *mbox, a *alterations) {
	w.put(mb.guid, mailboxKey, mb.record())
	for raw, f := range a.folders {
		if mb.folders[raw] != f {
			w.remove(mb.guid, folderPrefix+ownPart(raw), true)
			continue
		}
		w.put(mb.guid, folderPrefix+ownPart(raw), f.record())
	}
	for raw, gone := range a.gone {
		w.remove(mb.guid, itemPrefix+ownPart(raw), gone.based)
		w.hold(gone.files, nil)
	}
	for raw, it := range a.items {
		if mb.items[raw] != it {
			continue
		}
		w.hold(it.kept, it.files)
		it.kept = it.files
		w.put(mb.guid, itemPrefix+ownPart(raw), it.record())
	}
	w.log(mb, hierarchyKey, &mb.hierarchy)
	for raw, l := range a.logs {
		w.log(mb, logPrefix+ownPart(raw), l)
	}
}

// log writes what a log has got since it was written last.
func (w *recordWriter) log(mb *mbox, key string, l *changeLog) {
	if l.kept == len(l.entries) {
		return
	}
	var r logRecord
	for _, e := range l.entries[l.kept:] {
		r.Kinds = append(r.Kinds, string(e.kind))
		r.IDs = append(r.IDs, ownPart(e.id))
	}
	w.put(mb.guid, key+string(binary.BigEndian.AppendUint64(nil, uint64(l.kept))), &r)
	l.kept = len(l.entries)
}

// hold counts attachments that an item lets go and holds from now on.
func (w *recordWriter) hold(before, now []*attachment) {
	if w.held == nil {
		w.held = map[*attachment]int{}
	}
	for _, a := range before {
		w.held[a]--
	}
	for _, a := range now {
		if a.number == 0 {
			w.k.lastFile++
			a.number = w.k.lastFile
		}
		w.held[a]++
	}
}

// files writes the attachments that are held for the first time, and removes
// those that nobody holds any more.
func (w *recordWriter) files() {
	for a, n := range w.held {
		if n == 0 {
			continue
		}
		before := a.holders
		a.holders += n
		key := fileKey(a.number)
		if a.holders <= 0 {
			w.remove(filesShelf, key, false)
			w.remove(filesShelf, key+holdersSuffix, false)
			continue
		}
		if before == 0 {
			w.put(filesShelf, key, &fileRecord{Tail: a.tail, Value: a.value})
			w.k.share(a)
		}
		w.put(filesShelf, key+holdersSuffix, &holdersRecord{N: a.holders})
	}
}

// holdersSuffix is behind the key of the count of an attachment's holders.
const holdersSuffix = " holders"

func fileKey(number uint64) string { return fmt.Sprintf("%016x", number) }

// share lets other mailboxes that hold the attachment find the same one.
func (k *keeper) share(a *attachment) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.files[a.number] = weak.Make(a)
}

// file returns an attachment by its number, the same one as long as anybody
// has it.
func (k *keeper) file(number uint64) (*attachment, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if a := k.files[number].Value(); a != nil {
		return a, nil
	}
	var r fileRecord
	var n holdersRecord
	if err := k.get(filesShelf, fileKey(number), &r); err != nil {
		return nil, err
	}
	if err := k.get(filesShelf, fileKey(number)+holdersSuffix, &n); err != nil {
		return nil, err
	}
	a := &attachment{tail: r.Tail, value: r.Value, number: number, holders: n.N}
	k.files[number] = weak.Make(a)
	return a, nil
}

// get reads a record that must be there.
func (k *keeper) get(shelf, key string, record any) error {
	b, ok, err := k.journal.Get(shelf, key)
	if err == nil && !ok {
		err = errors.New("the record is missing")
	}
	if err == nil {
		err = decode(b, record)
	}
	if err != nil {
		return fmt.Errorf("%s %q: %w", shelf, key, err)
	}
	return nil
}

// logRecord is a part of a log.
type logRecord struct{ Kinds, IDs []string }

// add puts the part behind what there is.
func (r *logRecord) add(mb *mbox, l *changeLog, at uint64) error {
	if at != l.head() || len(r.Kinds) != len(r.IDs) {
		return fmt.Errorf("%w: a part of a log of changes is missing", errRecord)
	}
	for i, kind := range r.Kinds {
		l.add(wsdl.ChangeKind(kind), mb.wholeID(r.IDs[i]))
	}
	l.kept = len(l.entries)
	return nil
}
