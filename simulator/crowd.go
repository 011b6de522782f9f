package simulator

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// crowd is the mailboxes that are there for their number: half of them at each
// organisation. What they hold is made when one of them is opened, and the ones
// that nobody has used for longest are closed again, so that all of them can be
// visited within bounded memory.
type crowd struct {
	// messages is how many messages each of them has at the beginning, and
	// since is when that was.
	messages int
	since    time.Time
	// limit is how many may be open at once.
	limit int

	uses atomic.Uint64
	mu   sync.Mutex // of open, which readers change
	open map[*mbox]bool
}

// crowdItems is about how many items of the crowd may be in memory at once;
// each takes about five kilobytes.
const crowdItems = 60_000

// crowdAddress is the n-th of an organisation's crowd, from 1.
func crowdAddress(n int, t *tenant) string { return fmt.Sprintf("user%05d@%s", n, t.domain) }

// crowdName is not unique, as in any large organisation.
func crowdName(n int) string {
	n *= 7
	return givenNames[n%len(givenNames)] + " " + familyNames[(n/3+n/len(givenNames))%len(familyNames)]
}

var (
	givenNames = []string{"Ada", "Bruno", "Clara", "David", "Elin", "Farid", "Gloria", "Hugo", "Ines", "Jakub", "Karin", "Leo",
		"Maja", "Nils", "Olga", "Pavel", "Quentin", "Rosa", "Samir", "Tilda", "Umar", "Vera", "Wanda", "Xenia", "Yusuf", "Zoe", "Emil", "Lotte", "Ravi"}
	familyNames = []string{"Abel", "Brandt", "Conti", "Dahl", "Eriksen", "Fischer", "Gomez", "Haas", "Ibarra", "Jensen", "Kowal", "Lund",
		"Moreau", "Novak", "Okafor", "Petrov", "Quist", "Rossi", "Schulz", "Tanaka", "Urban", "Vogel", "Wolff", "Young", "Zimmer", "Berg", "Costa",
		"Duarte", "Engel", "Farkas", "Gruber", "Holt", "Iversen", "Janda", "Keller", "Larsen", "Meier"}
)

// gather adds the crowd: mailboxes of them, with so many messages each.
func (st *state) gather(tenants map[Tenant]*tenant, zones map[Tenant]string, mailboxes, messages int) {
	st.crowd.messages = messages
	st.crowd.limit = max(20, crowdItems/max(1, messages+crowdEvents))
	st.crowd.open = map[*mbox]bool{}
	for n := range mailboxes {
		kind := []Tenant{Server, Online}[n%2]
		t, n := tenants[kind], n/2+1
		mb := st.addMailbox(t, crowdName(n), crowdAddress(n, t), zones[kind])
		mb.crowded = true
		if t.impersonators != nil {
			t.impersonators[crmService][lower(mb.address)] = true
		}
	}
}

// use notes that a mailbox is needed, and opens it.
func (st *state) use(mb *mbox) {
	mb.open()
	mb.used.Store(st.crowd.uses.Add(1))
}

// note counts a mailbox that has been opened.
func (c *crowd) note(mb *mbox) {
	if !mb.crowded {
		return
	}
	mb.used.Store(c.uses.Add(1))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[mb] = true
}

// full tells whether more mailboxes are open than may be.
func (c *crowd) full() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open) > c.limit
}

// makeRoom closes mailboxes where more are open than may be.
func (st *state) makeRoom() {
	if st.crowd.full() {
		st.mu.Lock()
		st.thinOut()
		st.mu.Unlock()
	}
}

// thinOut closes the mailboxes that have not been used for longest, down to
// three quarters of what may be open. Those with changes that are in no file,
// and those that somebody watches, stay. The state is locked for writing.
func (st *state) thinOut() {
	c := &st.crowd
	var idle []*mbox
	c.mu.Lock()
	defer c.mu.Unlock()
	for mb := range c.open {
		if (!mb.altered || st.keeper != nil) && !mb.notices.watched {
			idle = append(idle, mb)
		}
	}
	slices.SortFunc(idle, func(a, b *mbox) int { return cmp.Compare(a.used.Load(), b.used.Load()) })
	for _, mb := range idle[:max(0, len(idle)-c.limit*3/4)] {
		mb.close()
		delete(c.open, mb)
	}
}

// crowdEvents is how many items that are no messages each mailbox has.
const crowdEvents = 6

// fill makes what a mailbox of the crowd holds at the beginning.
func (c *crowd) fill(mb *mbox) {
	f := &filler{mb: mb, st: mb.st, rand: mb.rand, since: c.since}
	inbox := mb.distinguished["inbox"]
	projects := mb.st.newFolder(mb, inbox, "Projects", "IPF.Note", "")
	for i := range c.messages {
		// From the oldest to the newest, within the last sixty days.
		age := time.Duration(c.messages-i) * 60 * 24 * time.Hour / time.Duration(c.messages+1)
		at := c.since.Add(-age).Truncate(time.Second)
		topic, who := topics[f.rand.IntN(len(topics))], customers[f.rand.IntN(len(customers))]
		n := composeNote(f.rand, topic, who)
		switch {
		case i%5 == 3:
			f.sent(mb.distinguished["sentitems"], n, who, at)
		case i%7 == 6:
			f.received(projects, n, person(who.name, who.address()), at, true)
		case i%11 == 10:
			other := 1 + f.rand.IntN(max(1, (len(mb.st.mailboxes)-firstOfCrowd(mb.st))/2))
			f.received(inbox, n, person(crowdName(other), crowdAddress(other, mb.tenant)), at, age > 72*time.Hour)
		default:
			f.received(inbox, n, person(who.name, who.address()), at, age > 72*time.Hour)
		}
	}
	f.calendar()
	mb.when = time.Time{}
}

func firstOfCrowd(st *state) int {
	for i, mb := range st.mailboxes {
		if mb.crowded {
			return i
		}
	}
	return len(st.mailboxes)
}

// filler fills one mailbox.
type filler struct {
	mb    *mbox
	st    *state
	rand  *rand.Rand
	since time.Time
}

// message is what sent and received messages have in common.
func (f *filler) message(n note, at time.Time, id, host string) (*wsdl.MessageType, []*attachment) {
	v := &wsdl.MessageType{
		Subject: text(n.subject), Body: page(n.body), ConversationTopic: text(topicOf(n.subject)),
		ConversationIndex: wsdl.Ptr(newIndexAt(at, randomBytes(f.rand, 16))), InternetMessageId: text("<" + id + "@" + host + ">"),
		DateTimeSent: wsdl.FormatTime(at), DateTimeReceived: wsdl.FormatTime(at), DateTimeCreated: wsdl.FormatTime(at),
		IsUnmodified: wsdl.Ptr(wsdl.Bool(true)),
	}
	var files []*attachment
	for _, file := range n.documents {
		files = append(files, &attachment{tail: string(randomBytes(f.rand, fileTail)), value: &wsdl.FileAttachmentType{
			Name: text(file.name), ContentType: text("application/pdf"), IsInline: wsdl.Ptr(wsdl.Bool(false)),
			LastModifiedTime: wsdl.FormatTime(at), Content: &soap.Binary{Data: document(file.name, file.line)},
		}})
	}
	return v, files
}

func (f *filler) received(to *folder, n note, from *wsdl.EmailAddressType, at time.Time, read bool) {
	_, domain, _ := strings.Cut(address(from), "@")
	v, files := f.message(n, at, fmt.Sprintf("%x", randomBytes(f.rand, 12)), "mail."+domain)
	me := recipient(f.mb.person())
	v.From, v.Sender, v.ToRecipients, v.ReceivedBy, v.ReceivedRepresenting = recipient(from), recipient(from), recipients(f.mb.person()), me, me
	v.IsRead, v.IsFromMe = wsdl.Ptr(wsdl.Bool(read)), wsdl.Ptr(wsdl.Bool(false))
	v.InternetMessageHeaders = headersOf(v)
	f.put(to, v, files, at)
}

func (f *filler) sent(to *folder, n note, who contact, at time.Time) {
	v, files := f.message(n, at, fmt.Sprintf("%X", randomBytes(f.rand, 20)), f.mb.tenant.mailHost)
	me := recipient(f.mb.person())
	v.From, v.Sender, v.ToRecipients = me, me, recipients(person(who.name, who.address()))
	v.IsRead, v.IsFromMe = wsdl.Ptr(wsdl.Bool(true)), wsdl.Ptr(wsdl.Bool(true))
	f.put(to, v, files, at)
}

func (f *filler) put(to *folder, v any, files []*attachment, at time.Time) *item {
	f.mb.when = at
	it := &item{value: v, files: files}
	f.st.put(to, it)
	return it
}

// calendar makes a few appointments around the beginning, contacts and a task.
func (f *filler) calendar() {
	day := f.since.UTC().Truncate(24 * time.Hour)
	for i, subject := range []string{"Visit to Adatum", "Review with Tailspin", "Call with Woodgrove"} {
		start := day.AddDate(0, 0, 2*i-1).Add(time.Duration(9+f.rand.IntN(7)) * time.Hour)
		c := &wsdl.CalendarItemType{
			Subject: text(subject), Body: page("<p>" + subject + "</p>"), Start: wsdl.FormatTime(start), End: wsdl.FormatTime(start.Add(time.Hour)),
			UID: text(uidAt(f.since, randomBytes(f.rand, 16))), ReminderIsSet: wsdl.Ptr(wsdl.Bool(true)),
		}
		if z, ok := zoneByID(f.mb.zone, f.since.Year()); ok {
			c.StartTimeZone = z.def
		}
		cal, err := f.st.prepareCalendar(c, nil, nil)
		if err != nil {
			continue // a time and a zone of ours are good
		}
		f.mb.when = f.since.AddDate(0, 0, -10)
		f.st.put(f.mb.distinguished["calendar"], &item{value: c, cal: cal})
	}
	for i := range 2 {
		who := customers[(f.mb.number+i)%len(customers)]
		c := &wsdl.ContactItemType{DisplayName: text(who.name), CompanyName: text(who.company),
			FileAsMapping: wsdl.Ptr(wsdl.FileAsMappingNameLastCommaFirst),
			EmailAddresses: &wsdl.EmailAddressesType{Entry: []*wsdl.EmailAddressEntry{
				{Key: wsdl.Ptr(wsdl.EmailAddressKeyEmailAddress1), Value: text(who.address())}}}}
		f.st.completeContact(c, nil)
		f.put(f.mb.distinguished["contacts"], c, nil, f.since.AddDate(0, 0, -25))
	}
	t := &wsdl.TaskType{Subject: text("Prepare the next visit"), DueDate: wsdl.FormatTime(day.AddDate(0, 0, 5))}
	f.st.progress(t, nil)
	f.st.completeTask(t, f.mb)
	f.put(f.mb.distinguished["tasks"], t, nil, f.since.AddDate(0, 0, -7))
}

// CrowdSize is how many mailboxes the crowd of a tenant has: those that
// Options.Mailboxes adds.
func (s *Simulator) CrowdSize(t Tenant) int {
	n := s.beginning.Mailboxes / 2
	if t == Server {
		n += s.beginning.Mailboxes % 2
	}
	return n
}

// CrowdAddress is the address of the n-th of them, from 1. Password knows the
// passwords.
func (s *Simulator) CrowdAddress(t Tenant, n int) string { return crowdAddress(n, s.tenants[t]) }
