package simulator

import (
	"cmp"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// Delays say what takes its time after a send was answered, as at Exchange,
// where transport does the rest. Each delay is drawn anew, by the seed, from
// nothing to the one given. Zero means at once. Meeting messages and reports
// are not delayed.
type Delays struct {
	// Delivery is until a message arrives.
	Delivery time.Duration
	// SentItems is until the copy is in Sent Items. Until then a draft that was
	// sent stays where it was, as submitted.
	SentItems time.Duration
	// Resend lets a draft be sent again while it is submitted, so that the
	// message arrives twice; else that is refused with
	// ErrorInvalidItemForOperationSendItem. What Exchange does is not
	// documented.
	Resend bool
}

// transit is what is under way.
type transit struct {
	delays Delays
	rand   *rand.Rand
	queue  []*consignment // by the time at which they are due
	last   uint64
	// due is when the first of them is due, in nanoseconds since 1970, or zero,
	// for those who have no lock.
	due   atomic.Int64
	timer *time.Timer
}

// consignment is a letter on its way, or a copy on its way into a folder.
type consignment struct {
	number uint64
	due    time.Time
	value  any
	files  []*attachment
	// sender is who sends a letter; nil for a copy.
	sender *mbox
	// folder is where a copy goes, and draft the item that it takes the place
	// of; both by their ids, and empty for none.
	folder, draft string
}

// consignmentRecord is what a file keeps of it; a mailbox by its identity.
type consignmentRecord struct {
	Due                   time.Time
	Value                 any
	Files                 []uint64
	Sender, Folder, Draft string
}

// transitPrefix is before the numbers of consignments among the keys of the
// state's shelf.
const transitPrefix = "transit "

func (c *consignment) key() string {
	return transitPrefix + string(binary.BigEndian.AppendUint64(nil, c.number))
}

func (c *consignment) record() *consignmentRecord {
	r := &consignmentRecord{Due: c.due, Value: c.value, Folder: c.folder, Draft: c.draft}
	for _, a := range c.files {
		r.Files = append(r.Files, a.number)
	}
	if c.sender != nil {
		r.Sender = c.sender.guid
	}
	return r
}

// delay makes what is sent from now on take its time.
func (st *state) delay(d Delays) {
	st.transit.delays = d
	st.transit.rand = rand.New(rand.NewPCG(st.origin, 0x7472616e73697400+st.runs))
	st.mu.due = func() bool {
		due := st.transit.due.Load()
		return due != 0 && st.now().UnixNano() >= due
	}
	st.mu.arrive = st.arrivals
	st.schedule()
}

// after draws a delay of at most so much.
func (t *transit) after(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return time.Duration(t.rand.Int64N(int64(most) + 1))
}

// dispatch delivers a letter, or lets it take its time.
func (st *state) dispatch(l letter, sender *mbox) {
	if st.transit.delays.Delivery <= 0 {
		st.deliver(l, sender)
		return
	}
	st.enqueue(&consignment{
		due: st.now().Add(st.transit.after(st.transit.delays.Delivery)), value: l.value, files: l.files, sender: sender,
	})
}

// copyLater lets the copy of what was sent take its time, in a folder or, where
// that is nil, nowhere. draft is nil, or what was sent, which then stays until
// the copy is there.
func (st *state) copyLater(to *folder, value any, files []*attachment, draft *item) {
	c := &consignment{due: st.now().Add(st.transit.after(st.transit.delays.SentItems)), value: value, files: files}
	if to != nil {
		c.folder = to.raw
	}
	if draft != nil {
		c.draft = draft.raw
		v := shallow(draft.value)
		set(v, "IsSubmitted", wsdl.Bool(true))
		st.change(draft, v, wsdl.Updated)
	}
	st.enqueue(c)
}

func (st *state) enqueue(c *consignment) {
	t := &st.transit
	t.last++
	c.number = t.last
	t.queue = append(t.queue, c)
	if st.keeper != nil {
		st.keeper.sent = append(st.keeper.sent, c)
	}
	st.schedule()
}

// schedule notes when something is due next, and sees to it that somebody looks
// then, for those who wait for news.
func (st *state) schedule() {
	t := &st.transit
	slices.SortStableFunc(t.queue, func(a, b *consignment) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.number, b.number)) })
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
	if len(t.queue) == 0 {
		t.due.Store(0)
		return
	}
	first := t.queue[0].due
	t.due.Store(first.UnixNano())
	t.timer = time.AfterFunc(max(0, first.Sub(st.now())), st.mu.catchUp)
}

// arrivals does what is due. The state is locked for writing.
func (st *state) arrivals() {
	t, done := &st.transit, false
	for len(t.queue) > 0 && !st.now().Before(t.queue[0].due) {
		c := t.queue[0]
		t.queue, done = t.queue[1:], true
		if st.keeper != nil {
			st.keeper.arrived = append(st.keeper.arrived, c)
		}
		st.arrived(c)
	}
	if done {
		st.schedule()
	}
}

func (st *state) arrived(c *consignment) {
	if c.sender != nil {
		st.deliver(letter{value: c.value, files: c.files}, c.sender)
		return
	}
	if draft := st.item(c.draft); draft != nil {
		st.remove(draft)
	}
	if f := st.folder(c.folder); f != nil {
		st.add(f, &item{value: shallow(c.value), files: c.files})
	}
}

// stop lets nothing arrive any more. Nobody may be at work in the state.
func (st *state) stop() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.mu.due, st.mu.arrive = nil, nil
	if st.transit.timer != nil {
		st.transit.timer.Stop()
		st.transit.timer = nil
	}
}

// submittable refuses a draft that is on its way already.
func (st *state) submittable(it *item) error {
	if flag(it.value, "IsSubmitted") && !st.transit.delays.Resend {
		return ewsserver.Errorf(ewsserver.ErrorInvalidItemForOperationSendItem, "The message was submitted already and is on its way.")
	}
	return nil
}

// transit writes what was sent and what has arrived.
func (w *recordWriter) transit() {
	for _, c := range w.k.sent {
		w.hold(nil, c.files)
		w.put(stateShelf, c.key(), c.record())
	}
	for _, c := range w.k.arrived {
		w.hold(c.files, nil)
		w.remove(stateShelf, c.key(), false)
	}
	w.k.sent, w.k.arrived = nil, nil
}

// restoreTransit takes up what was under way.
func (k *keeper) restoreTransit() error {
	t := &k.st.transit
	return k.journal.Shelf(stateShelf, transitPrefix, func(key string, value []byte) error {
		var r consignmentRecord
		if err := decode(value, &r); err != nil {
			return err
		}
		number := strings.TrimPrefix(key, transitPrefix)
		if len(number) != 8 || r.Value == nil {
			return errRecord
		}
		c := &consignment{number: binary.BigEndian.Uint64([]byte(number)), due: r.Due, value: r.Value,
			sender: k.st.guids[r.Sender], folder: r.Folder, draft: r.Draft}
		for _, n := range r.Files {
			a, err := k.file(n)
			if err != nil {
				return err
			}
			c.files = append(c.files, a)
		}
		t.last = max(t.last, c.number)
		t.queue = append(t.queue, c)
		return nil
	})
}
