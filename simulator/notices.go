package simulator

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"slices"

	"github.com/exconn/exconn/wsdl"
)

// notices are what happened in a mailbox, in order, for those who have
// subscribed. A notice's number is its place, from 1. Nothing is kept before
// the first subscription.
//
// Exchange tells of a folder's counts too (a ModifiedEvent of the folder with
// every change in it); the simulator leaves that noise out.
type notices struct {
	watched bool
	list    []notice
}

type notice struct {
	event wsdl.Event
	// folders are those that the event concerns: where the thing is, and
	// where it was.
	folders []*folder
}

func (n *notices) head() uint64 { return uint64(len(n.list)) }

// tell keeps an event and wakes those who listen.
func (st *state) tell(mb *mbox, event wsdl.Event, folders ...*folder) {
	if !mb.notices.watched {
		return
	}
	mb.notices.list = append(mb.notices.list, notice{event, folders})
	st.wake()
}

// wake lets all listeners look whether there is something for them.
func (st *state) wake() {
	if st.news != nil {
		close(st.news)
		st.news = nil
	}
}

// awaken returns a channel that is closed at the next wake.
func (st *state) awaken() <-chan struct{} {
	if st.news == nil {
		st.news = make(chan struct{})
	}
	return st.news
}

// tellItem tells of something that happened to an item where it is.
func (st *state) tellItem(kind wsdl.EventKind, it *item) {
	st.tell(it.folder.mbox, wsdl.Event{Kind: kind, Object: &wsdl.ObjectEventType{
		TimeStamp: wsdl.FormatTime(st.now()), ItemId: it.id(), ParentFolderId: it.folder.id(),
	}}, it.folder)
}

// tellMoved tells that an item is elsewhere now, or that it is a copy: from and
// old are the folder and the id that it had, or that the original has.
func (st *state) tellMoved(kind wsdl.EventKind, it *item, from *folder, old *wsdl.ItemIdType) {
	if from.mbox != it.folder.mbox {
		// In each of the two mailboxes it is only half of a move.
		if kind == wsdl.MovedEvent {
			st.tell(from.mbox, wsdl.Event{Kind: wsdl.DeletedEvent, Object: &wsdl.ObjectEventType{
				TimeStamp: wsdl.FormatTime(st.now()), ItemId: old, ParentFolderId: from.id(),
			}}, from)
		}
		st.tellItem(wsdl.CreatedEvent, it)
		return
	}
	st.tell(it.folder.mbox, wsdl.Event{Kind: kind, Moved: &wsdl.MovedEventType{
		TimeStamp: wsdl.FormatTime(st.now()), ItemId: it.id(), ParentFolderId: it.folder.id(),
		OldItemId: old, OldParentFolderId: from.id(),
	}}, it.folder, from)
}

// tellFolder tells of something that happened to a folder.
func (st *state) tellFolder(kind wsdl.EventKind, f *folder) {
	o := &wsdl.ObjectEventType{TimeStamp: wsdl.FormatTime(st.now()), FolderId: f.id()}
	concerned := []*folder{f}
	if f.parent != nil {
		o.ParentFolderId = f.parent.id()
		concerned = append(concerned, f.parent)
	}
	st.tell(f.mbox, wsdl.Event{Kind: kind, Object: o}, concerned...)
}

// watermark writes how far a client has come, bound to a mailbox and to this
// run of the simulator.
func (st *state) watermark(mb *mbox, number uint64) string {
	b := binary.BigEndian.AppendUint64([]byte("exwm1\x00\x00\x00"), st.epoch+st.runs)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(mb.guid)))
	b = binary.BigEndian.AppendUint64(b, number)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return base64.StdEncoding.EncodeToString(b)
}

const watermarkLength = 8 + 8 + 4 + 8 + 4

// parseWatermark is the opposite of watermark; it is false for one that is not
// of this mailbox and run.
func (st *state) parseWatermark(mb *mbox, text string) (uint64, bool) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) != watermarkLength {
		return 0, false
	}
	number := binary.BigEndian.Uint64(b[20:])
	return number, number <= mb.notices.head() && st.watermark(mb, number) == text
}

// since lists the notices behind a number that a subscription wants, at most
// limit of them, and returns the number that it has then come to.
func (n *notices) since(number uint64, wants func(notice) bool, limit int) (list []wsdl.Event, at []uint64, more bool) {
	for i, each := range n.list[number:] {
		if !wants(each) {
			continue
		}
		if len(list) == limit {
			return list, at, true
		}
		list = append(list, each.event)
		at = append(at, number+uint64(i)+1)
	}
	return list, at, false
}

// withWatermark returns an event that tells how far it brings the client.
func withWatermark(e wsdl.Event, watermark string) wsdl.Event {
	w := wsdl.NewText(watermark)
	switch {
	case e.Moved != nil:
		moved := *e.Moved
		moved.Watermark = w
		e.Moved = &moved
	case e.Status != nil:
		e.Status = &wsdl.StatusEventType{Watermark: w}
	default:
		object := *e.Object
		object.Watermark = w
		e.Object = &object
	}
	return e
}

// wants tells whether a subscription is to a notice.
func (sub *subscription) wants(n notice) bool {
	return slices.Contains(sub.kinds, n.event.Kind) &&
		(sub.folders == nil || slices.ContainsFunc(n.folders, func(f *folder) bool { return sub.folders[f] }))
}
