package simulator

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"slices"

	"github.com/exconn/exconn/wsdl"
)

// changeLog remembers every change to the things of one folder, in order, so
// that a client can ask what happened since it looked last. A change's number
// is its place in the log, from 1.
type changeLog struct {
	entries []logEntry
	// kept is how many of them follow from the seed or are in a file.
	kept int
}

type logEntry struct {
	kind wsdl.ChangeKind
	id   string
}

func (l *changeLog) add(kind wsdl.ChangeKind, id string) {
	l.entries = append(l.entries, logEntry{kind, id})
}

func (l *changeLog) head() uint64 { return uint64(len(l.entries)) }

// syncState is how far a client has come. It is complete up to base; while it
// pages through the changes between base and head, done is the last one that it
// has been given.
//
// The head is fixed while paging, so that the kind of each change (was the item
// there at base or not?) cannot depend on what happens meanwhile.
type syncState struct {
	base, done, head uint64
	// given is when it was given out, in seconds since 1970.
	given uint64
}

// coalesced is all that happened to one thing, in one word.
type coalesced struct {
	kind wsdl.ChangeKind
	id   string
	seq  uint64 // of its last change
}

// since lists what happened in (s.base, s.head] and has not been given yet,
// in order of the last change: what was created and is gone again is left out,
// and several changes are one.
func (l *changeLog) since(s syncState) []coalesced {
	at := map[string]int{}
	var list []coalesced
	for i, e := range l.entries[s.base:s.head] {
		seq := s.base + uint64(i) + 1
		j, known := at[e.id]
		if !known {
			at[e.id] = len(list)
			list = append(list, coalesced{e.kind, e.id, seq})
			continue
		}
		c := &list[j]
		c.seq = seq
		switch {
		case c.kind == "":
			c.kind = e.kind // created anew under the same id
		case e.kind == wsdl.Deleted && c.kind == wsdl.Created:
			c.kind = ""
		case e.kind == wsdl.Deleted:
			c.kind = wsdl.Deleted
		case e.kind == wsdl.Updated && c.kind == wsdl.ReadFlagChange:
			c.kind = wsdl.Updated
		}
	}
	list = slices.DeleteFunc(list, func(c coalesced) bool { return c.kind == "" || c.seq <= s.done })
	slices.SortFunc(list, func(a, b coalesced) int { return int(a.seq) - int(b.seq) })
	return list
}

// begin fixes the head where a page starts a new round.
func (l *changeLog) begin(s syncState) syncState {
	if s.done >= s.head {
		return syncState{base: s.head, done: s.head, head: l.head()}
	}
	return s
}

// token writes a sync state for the client. It is bound to one folder and to
// the epoch of its log.
func (s syncState) token(epoch uint64, folder string) *wsdl.Text {
	b := []byte("exsync1\x00")
	b = binary.BigEndian.AppendUint64(b, epoch)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(folder)))
	for _, n := range []uint64{s.base, s.done, s.head, s.given} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return text(base64.StdEncoding.EncodeToString(b))
}

// syncEpoch is what sync states of a mailbox are bound to.
func (mb *mbox) syncEpoch() uint64 { return mb.st.epoch + mb.lostStates }

const tokenLength = 8 + 8 + 4 + 4*8 + 4

// parseToken reads a sync state; "" is the beginning. It is false for one that
// is not of this log.
func (l *changeLog) parseToken(token string, epoch uint64, folder string) (syncState, bool) {
	if token == "" {
		return syncState{}, true
	}
	b, err := base64.StdEncoding.DecodeString(token)
	if err != nil || len(b) != tokenLength {
		return syncState{}, false
	}
	s := syncState{
		base: binary.BigEndian.Uint64(b[20:]), done: binary.BigEndian.Uint64(b[28:]), head: binary.BigEndian.Uint64(b[36:]),
		given: binary.BigEndian.Uint64(b[44:]),
	}
	if s.base > s.done || s.done > s.head || s.head > l.head() || wsdl.Str(s.token(epoch, folder)) != token {
		return syncState{}, false
	}
	return s, true
}
