package simulator

import (
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// state is all mailboxes of all tenants. Everything in it is guarded by mu;
// the methods of state, mbox, folder and item expect it to be held.
//
// The wsdl structs of items are never changed once they are stored: a change
// stores a new one, so that what was handed out stays as it was.
type state struct {
	mu     guard
	now    func() time.Time
	origin uint64 // the seed
	rand   *mathrand.Rand
	// epoch tells this state's sync states from another's, and runs counts
	// how often it was taken out of its file.
	epoch, runs uint64
	mailboxes   []*mbox
	byAddress   map[string]*mbox  // all addresses, in lower case
	guids       map[string]*mbox  // by their identity, which their ids hold
	groups      map[string]*group // by address, like mailboxes
	// crowd is the many mailboxes whose contents are generated when they are
	// first looked into.
	crowd   crowd
	limits  Limits
	transit transit
	// keeper writes what changes into a file; without a file it is nil.
	keeper *keeper
	// subscriptions are those who want to be told of changes, by id, and
	// listeners the open streams. news is closed when there is something new;
	// nil while nobody waits.
	subscriptions map[string]*subscription
	listeners     map[*listener]bool
	news          chan struct{}
	// reachable are the domains elsewhere that mail can be sent to; what is
	// sent there is accepted and forgotten.
	reachable map[string]bool
}

func newState(now func() time.Time, seed uint64) *state {
	st := &state{
		now: now, rand: mathrand.New(mathrand.NewPCG(seed, 0x65786368616e6765)),
		origin: seed, epoch: uint64(now().UnixNano()),
		byAddress: map[string]*mbox{}, guids: map[string]*mbox{}, groups: map[string]*group{},
		reachable: map[string]bool{}, subscriptions: map[string]*subscription{}, listeners: map[*listener]bool{},
	}
	st.crowd.since = now()
	return st
}

// mbox is a mailbox.
type mbox struct {
	st      *state
	guid    string // the mailbox's identity, which renaming does not change
	replica string // 16 bytes in the change keys of its items
	name    string
	address string   // primary
	aliases []string // others
	tenant  *tenant
	// zone is the Windows name of the owner's time zone.
	zone string
	// ewsDisabled closes the mailbox to EWS (Set-CASMailbox -EwsEnabled).
	ewsDisabled bool
	// lostStates counts how often the mailbox's sync states were lost.
	lostStates uint64
	// number is its place among all mailboxes.
	number int
	// crowded is one of the crowd, and archived one with an archive.
	crowded, archived bool
	// shares are rights to its folders from the beginning: by the folder's
	// distinguished name, and by address.
	shares map[string]map[string]level
	contents
	notices notices
	// room marks a room: it answers invitations itself.
	room bool
	// away is nil where automatic replies were never set.
	away *away
	// rules are the inbox rules in the order in which they are looked at, and
	// outlookRules tells that Outlook keeps some of its own.
	rules        []*wsdl.RuleType
	outlookRules bool
	// fullAccess and sendAs hold the addresses of others with these rights.
	fullAccess, sendAs, sendOnBehalf map[string]bool
	// delegates act for the owner; delivery is where invitations go, and empty
	// where nobody has said.
	delegates []*delegate
	delivery  wsdl.DeliverMeetingRequestsName
}

// folder is a folder of a mailbox.
type folder struct {
	mbox     *mbox
	raw      string // its id
	key      string
	name     string
	class    string
	known    string // its distinguished name, if it has one
	parent   *folder
	children []*folder
	items    []*item // oldest first
	log      changeLog
	rights   map[string]level // what others may do, by address
	// properties are the extended ones that clients set.
	properties []*wsdl.ExtendedPropertyType
	// changed is when its items changed last, as far as is remembered.
	changed time.Time
}

// item is anything in a folder.
type item struct {
	folder *folder
	raw    string
	key    string
	value  any
	files  []*attachment
	cal    *calendar // of a calendar item
	// kept are the attachments that a file holds for it, and based tells that
	// the item follows from the seed.
	kept  []*attachment
	based bool
	// creator is the address of somebody else than the owner who has created
	// it; empty otherwise.
	creator string
}

// attachment is a file or an item within an item. Its content is never
// changed, so that copies of an item share it.
type attachment struct {
	tail  string
	value any // *wsdl.FileAttachmentType or *wsdl.ItemAttachmentType, with content and without id
	// number names it in a file, zero where it is in none yet, and holders is
	// how many items hold it there.
	number  uint64
	holders int
}

// distinguished lists the folders that every mailbox has, parents first.
var distinguished = []struct{ name, parent, display, class string }{
	{"msgfolderroot", "root", "Top of Information Store", "IPF.Note"},
	{"inbox", "msgfolderroot", "Inbox", "IPF.Note"},
	{"drafts", "msgfolderroot", "Drafts", "IPF.Note"},
	{"sentitems", "msgfolderroot", "Sent Items", "IPF.Note"},
	{"deleteditems", "msgfolderroot", "Deleted Items", "IPF.Note"},
	{"outbox", "msgfolderroot", "Outbox", "IPF.Note"},
	{"junkemail", "msgfolderroot", "Junk Email", "IPF.Note"},
	{"calendar", "msgfolderroot", "Calendar", "IPF.Appointment"},
	{"contacts", "msgfolderroot", "Contacts", "IPF.Contact"},
	{"tasks", "msgfolderroot", "Tasks", "IPF.Task"},
	{"notes", "msgfolderroot", "Notes", "IPF.StickyNote"},
	{"journal", "msgfolderroot", "Journal", "IPF.Journal"},
	{"recoverableitemsroot", "root", "Recoverable Items", ""},
	{"recoverableitemsdeletions", "recoverableitemsroot", "Deletions", ""},
}

// addMailbox adds a mailbox. Its folders are made when it is opened.
func (st *state) addMailbox(t *tenant, name, address, zone string) *mbox {
	mb := &mbox{
		st: st, name: name, address: address, tenant: t, zone: zone, number: len(st.mailboxes),
		fullAccess: map[string]bool{}, sendAs: map[string]bool{}, sendOnBehalf: map[string]bool{},
	}
	own := mb.randomness(0)
	id := hex.EncodeToString(randomBytes(own, 16))
	mb.guid = fmt.Sprintf("%s-%s-4%s-a%s-%s", id[:8], id[8:12], id[13:16], id[17:20], id[20:])
	mb.replica = string(randomBytes(own, 16))
	st.mailboxes = append(st.mailboxes, mb)
	st.byAddress[lower(address)] = mb
	st.guids[mb.guid] = mb
	return mb
}

// addAlias gives a mailbox one more address.
func (mb *mbox) addAlias(address string) {
	mb.aliases = append(mb.aliases, address)
	mb.st.byAddress[lower(address)] = mb
}

// person is the owner as a recipient.
func (mb *mbox) person() *wsdl.EmailAddressType { return person(mb.name, mb.address) }

func (mb *mbox) is(address string) bool { return mb.st.byAddress[lower(address)] == mb }

// newFolder adds a folder.
func (st *state) newFolder(mb *mbox, parent *folder, name, class, known string) *folder {
	f := &folder{
		mbox: mb, raw: st.newID(mb, folderMark), key: st.newChangeKey(mb, folderChange),
		name: name, class: class, known: known, parent: parent, rights: map[string]level{},
	}
	mb.folders[f.raw] = f
	if known != "" {
		mb.distinguished[known] = f
	}
	if parent != nil {
		parent.children = append(parent.children, f)
		st.keepFolder(parent)
	}
	st.keepFolder(f)
	mb.hierarchy.add(wsdl.Created, f.raw)
	st.tellFolder(wsdl.CreatedEvent, f)
	return f
}

// child finds a direct subfolder by its name.
func (f *folder) child(name string) *folder {
	for _, c := range f.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// beneath tells whether f lies under root, at any depth.
func (f *folder) beneath(root *folder) bool {
	for p := f.parent; p != nil; p = p.parent {
		if p == root {
			return true
		}
	}
	return false
}

// unread counts the unread items.
func (f *folder) unread() int {
	n := 0
	for _, it := range f.items {
		if isRead := get[wsdl.Bool](it.value, "IsRead"); isRead != nil && !bool(*isRead) {
			n++
		}
	}
	return n
}

// add puts a new item into a folder. The item's value is completed and stored.
func (st *state) add(f *folder, it *item) *item {
	st.put(f, it)
	st.tellItem(wsdl.CreatedEvent, it)
	return it
}

// put is add without the news of it.
func (st *state) put(f *folder, it *item) {
	it.folder, it.raw, it.based = f, st.newID(f.mbox, itemMark), f.mbox.making
	f.items = append(f.items, it)
	f.mbox.items[it.raw] = it
	st.store(it, it.value)
	f.log.add(wsdl.Created, it.raw)
}

// change stores a new value for an item and logs it.
func (st *state) change(it *item, value any, kind wsdl.ChangeKind) {
	st.store(it, value)
	it.folder.log.add(kind, it.raw)
	st.tellItem(wsdl.ModifiedEvent, it)
}

// remove takes an item away for good.
func (st *state) remove(it *item) {
	st.take(it)
	st.tellItem(wsdl.DeletedEvent, it)
}

// take is remove without the news of it.
func (st *state) take(it *item) {
	f := it.folder
	f.items = slices.DeleteFunc(f.items, func(other *item) bool { return other == it })
	delete(f.mbox.items, it.raw)
	f.log.add(wsdl.Deleted, it.raw)
	f.changed = f.mbox.now()
	st.forgetItem(it)
}

// move takes an item to another folder, where it has a new id.
func (st *state) move(it *item, to *folder) {
	from, old := it.folder, it.id()
	st.take(it)
	it.value = shallow(it.value)
	st.put(to, it)
	st.tellMoved(wsdl.MovedEvent, it, from, old)
}

// store completes a value and makes it the item's. The value must not be
// shared with anybody yet.
func (st *state) store(it *item, value any) {
	mb := it.folder.mbox
	now := mb.now()
	kind := byte(itemChange)
	if c, ok := value.(*wsdl.CalendarItemType); ok {
		kind = calendarChange
		it.completeCalendar(c)
	}
	it.key = st.newChangeKey(mb, kind)
	it.value = value
	st.keepItem(it)
	*field[wsdl.ItemIdType](value, "ItemId") = it.id()
	*field[wsdl.FolderIdType](value, "ParentFolderId") = it.folder.id()
	setDefault(value, "ItemClass", wsdl.Text("IPM.Note"))
	setDefault(value, "Importance", wsdl.ImportanceNameNormal)
	setDefault(value, "Sensitivity", wsdl.SensitivityNameNormal)
	for _, name := range []string{"IsDraft", "IsSubmitted", "IsFromMe", "IsResend", "IsUnmodified", "ReminderIsSet", "IsAssociated"} {
		setDefault(value, name, wsdl.Bool(false))
	}
	setDefault(value, "Culture", wsdl.Text("en-US"))
	if get[wsdl.DateTimeText](value, "DateTimeCreated") == nil {
		setTime(value, "DateTimeCreated", now)
	}
	if get[wsdl.DateTimeText](value, "DateTimeReceived") == nil {
		setTime(value, "DateTimeReceived", now)
	}
	if index := get[wsdl.Base64Text](value, "ConversationIndex"); index != nil {
		set(value, "ConversationId", wsdl.ItemIdType{Id: text(conversationID(mb, threadOf(*index)))})
	}
	setTime(value, "LastModifiedTime", now)
	setDefault(value, "LastModifiedName", wsdl.Text(mb.name))
	*field[wsdl.EffectiveRightsType](value, "EffectiveRights") = owner.effective()
	set(value, "Size", wsdl.Int32(it.size()))
	set(value, "HasAttachments", wsdl.Bool(it.hasFiles()))
	if c, ok := value.(*wsdl.ContactItemType); ok {
		c.HasPicture = wsdl.Ptr(wsdl.Bool(it.pictured()))
	}
	*field[wsdl.AttachmentList](value, "Attachments") = it.attachments()
	it.numbered(value)
	it.folder.changed = now
}

// id is the item's id and change key, as it travels.
func (it *item) id() *wsdl.ItemIdType {
	return &wsdl.ItemIdType{Id: text(encodeID(it.raw)), ChangeKey: text(it.key)}
}

// id is the folder's id and change key, as it travels.
func (f *folder) id() *wsdl.FolderIdType {
	return &wsdl.FolderIdType{Id: text(encodeID(f.raw)), ChangeKey: text(f.key)}
}

// size is an estimate in bytes: Exchange counts properties too.
func (it *item) size() int {
	n := 1800 + 2*len(str(it.value, "Subject"))
	if b := get[wsdl.BodyContent](it.value, "Body"); b != nil {
		n += len(wsdl.Str(b.Value))
	}
	for _, a := range it.files {
		n += int(a.size())
	}
	return n
}

// hasFiles tells whether there is an attachment that people see as one: inline
// images do not count.
func (it *item) hasFiles() bool {
	return slices.ContainsFunc(it.files, func(a *attachment) bool { return !flag(a.value, "IsInline") })
}

func (it *item) attachments() *wsdl.AttachmentList {
	if len(it.files) == 0 {
		return nil
	}
	list := &wsdl.AttachmentList{}
	for _, a := range it.files {
		list.Attachments = append(list.Attachments, a.listed(it))
	}
	return list
}
