package simulator

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// mailboxRecord is what a file keeps of a mailbox itself.
type mailboxRecord struct {
	Changes                          uint64
	EWSDisabled                      bool
	LostStates                       uint64
	Away                             *wsdl.OofSettings
	Told                             map[string]bool
	Rules                            []*wsdl.RuleType
	OutlookRules                     bool
	FullAccess, SendAs, SendOnBehalf map[string]bool
	Delegates                        []delegateRecord
	Delivery                         wsdl.DeliverMeetingRequestsName
}

type delegateRecord struct {
	Address                      string
	ReceivesCopies, ViewsPrivate bool
	Without                      wsdl.DelegatePermissionsType
}

func (mb *mbox) record() *mailboxRecord {
	r := &mailboxRecord{
		Changes: mb.changes, EWSDisabled: mb.ewsDisabled, Rules: mb.rules, OutlookRules: mb.outlookRules,
		FullAccess: mb.fullAccess, SendAs: mb.sendAs, SendOnBehalf: mb.sendOnBehalf, Delivery: mb.delivery,
		LostStates: mb.lostStates,
	}
	if mb.away != nil {
		r.Away, r.Told = &mb.away.settings, mb.away.told
	}
	for _, d := range mb.delegates {
		r.Delegates = append(r.Delegates, delegateRecord{d.address, d.receivesCopies, d.viewsPrivate, d.without})
	}
	return r
}

// apply is the opposite of record.
func (r *mailboxRecord) apply(mb *mbox) {
	mb.changes, mb.ewsDisabled, mb.rules, mb.outlookRules = r.Changes, r.EWSDisabled, r.Rules, r.OutlookRules
	mb.fullAccess, mb.sendAs, mb.sendOnBehalf = orEmpty(r.FullAccess), orEmpty(r.SendAs), orEmpty(r.SendOnBehalf)
	mb.delivery, mb.lostStates, mb.altered = r.Delivery, r.LostStates, true
	if r.Away != nil {
		mb.away = &away{settings: *r.Away, told: orEmpty(r.Told)}
	}
	mb.delegates = nil
	for _, d := range r.Delegates {
		mb.delegates = append(mb.delegates, &delegate{d.Address, d.ReceivesCopies, d.ViewsPrivate, d.Without})
	}
}

func orEmpty(m map[string]bool) map[string]bool {
	if m == nil {
		return map[string]bool{}
	}
	return m
}

// folderRecord is what a file keeps of a folder. Other folders are named by
// what is their own in their ids.
type folderRecord struct {
	Key, Name, Class, Known, Parent string
	Children                        []string
	Rights                          map[string]level
	Properties                      []*wsdl.ExtendedPropertyType
}

func (f *folder) record() *folderRecord {
	r := &folderRecord{Key: f.key, Name: f.name, Class: f.class, Known: f.known, Rights: f.rights, Properties: f.properties}
	if f.parent != nil {
		r.Parent = ownPart(f.parent.raw)
	}
	for _, c := range f.children {
		r.Children = append(r.Children, ownPart(c.raw))
	}
	return r
}

// itemRecord is what a file keeps of an item.
type itemRecord struct {
	Folder, Key, Creator string
	Value                any
	Files                []uint64
	Calendar             *calendarRecord
}

// fileRecord is what a file keeps of an attachment, and holdersRecord how many
// items hold it.
type fileRecord struct {
	Tail  string
	Value any
}

type holdersRecord struct{ N int }

// calendarRecord is what a file keeps of a calendar item beside its value, from
// which the rest follows.
type calendarRecord struct {
	Exceptions []exceptionRecord
	Invited    map[string]bool
	Index      wsdl.Base64Text
	Sent       *wsdl.CalendarItemType
}

type exceptionRecord struct {
	Index      int
	Start, End time.Time
	Deleted    bool
	Value      *wsdl.CalendarItemType
	Changed    map[string]bool
}

func (it *item) record() *itemRecord {
	r := &itemRecord{Folder: ownPart(it.folder.raw), Key: it.key, Creator: it.creator, Value: it.value}
	for _, a := range it.files {
		r.Files = append(r.Files, a.number)
	}
	if it.cal != nil {
		r.Calendar = &calendarRecord{Invited: it.cal.invited, Index: it.cal.index, Sent: it.cal.sent}
		for _, e := range it.cal.sorted() {
			r.Calendar.Exceptions = append(r.Calendar.Exceptions,
				exceptionRecord{e.original.index, e.original.start, e.original.end, e.deleted, e.value, e.changed})
		}
	}
	return r
}

// restore makes what a calendar item is known by, beside its value.
func (r *calendarRecord) restore(st *state, value any) (*calendar, error) {
	c, ok := value.(*wsdl.CalendarItemType)
	if !ok {
		return nil, fmt.Errorf("%w: it is no event", errRecord)
	}
	cal, err := st.prepareCalendar(shallow(c).(*wsdl.CalendarItemType), nil, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errRecord, err)
	}
	cal.invited, cal.index, cal.sent = orEmpty(r.Invited), r.Index, r.Sent
	for _, e := range r.Exceptions {
		cal.exceptions[e.Start.Unix()] = &exception{original: slot{e.Index, e.Start, e.End}, deleted: e.Deleted, value: e.Value, changed: orEmpty(e.Changed)}
	}
	return cal, nil
}

// restore fills a mailbox with what the file keeps of it. What follows from the
// seed is there already.
func (k *keeper) restore(mb *mbox) {
	if !mb.altered {
		return
	}
	if err := k.restoreFolders(mb); err != nil {
		k.fail(fmt.Errorf("mailbox %s: %w", mb.address, err))
		return
	}
	if err := k.restoreItems(mb); err != nil {
		k.fail(fmt.Errorf("mailbox %s: %w", mb.address, err))
	}
}

func (k *keeper) restoreFolders(mb *mbox) error {
	records := map[string]*folderRecord{}
	err := k.journal.Shelf(mb.guid, folderPrefix, func(key string, value []byte) error {
		raw := mb.wholeID(key[len(folderPrefix):])
		if len(value) == 0 {
			delete(mb.folders, raw)
			return nil
		}
		r := new(folderRecord)
		if err := decode(value, r); err != nil {
			return err
		}
		records[raw] = r
		f := mb.folders[raw]
		if f == nil {
			f = &folder{mbox: mb, raw: raw, known: r.Known}
			mb.folders[raw] = f
		}
		if r.Known != "" {
			mb.distinguished[r.Known] = f
		}
		f.key, f.name, f.class, f.properties, f.rights = r.Key, r.Name, r.Class, r.Properties, r.Rights
		if f.rights == nil {
			f.rights = map[string]level{}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for raw, r := range records {
		f := mb.folders[raw]
		f.parent, f.children = nil, nil
		if r.Parent != "" {
			f.parent = mb.folders[mb.wholeID(r.Parent)]
		}
		for _, own := range r.Children {
			child := mb.folders[mb.wholeID(own)]
			if child == nil {
				return fmt.Errorf("%w: a folder is missing in %s", errRecord, f.name)
			}
			f.children = append(f.children, child)
		}
	}
	return k.restoreLog(mb, hierarchyKey, &mb.hierarchy)
}

func (k *keeper) restoreLog(mb *mbox, prefix string, l *changeLog) error {
	return k.journal.Shelf(mb.guid, prefix, func(key string, value []byte) error {
		var r logRecord
		if err := decode(value, &r); err != nil {
			return err
		}
		at, ok := numberBehind(key, prefix)
		if !ok {
			return fmt.Errorf("%w: a log without a place", errRecord)
		}
		return r.add(mb, l, at)
	})
}

// numberBehind reads the number at the end of a key.
func numberBehind(key, prefix string) (uint64, bool) {
	if len(key) != len(prefix)+8 {
		return 0, false
	}
	n := uint64(0)
	for _, c := range []byte(key[len(prefix):]) {
		n = n<<8 | uint64(c)
	}
	return n, true
}

func (k *keeper) restoreItems(mb *mbox) error {
	err := k.journal.Shelf(mb.guid, itemPrefix, func(key string, value []byte) error {
		raw := mb.wholeID(key[len(itemPrefix):])
		if len(value) == 0 {
			delete(mb.items, raw)
			return nil
		}
		var r itemRecord
		if err := decode(value, &r); err != nil {
			return err
		}
		it := &item{folder: mb.folders[mb.wholeID(r.Folder)], raw: raw, key: r.Key, value: r.Value, creator: r.Creator}
		if it.folder == nil || it.value == nil {
			return fmt.Errorf("%w: an item without a folder or a value", errRecord)
		}
		if old := mb.items[raw]; old != nil {
			it.based = old.based
		}
		for _, number := range r.Files {
			a, err := k.file(number)
			if err != nil {
				return err
			}
			it.files = append(it.files, a)
		}
		it.kept = it.files
		if r.Calendar != nil {
			var err error
			if it.cal, err = r.Calendar.restore(k.st, it.value); err != nil {
				return err
			}
		}
		mb.items[raw] = it
		return nil
	})
	if err != nil {
		return err
	}
	for _, f := range mb.folders {
		f.items = nil
		if err := k.restoreLog(mb, logPrefix+ownPart(f.raw), &f.log); err != nil {
			return err
		}
	}
	for _, it := range slices.Collect(maps.Values(mb.items)) {
		it.folder.items = append(it.folder.items, it)
	}
	for _, f := range mb.folders {
		f.arrange()
	}
	return nil
}
