package simulator

import (
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"time"
)

// Ids look like Exchange's: base64 of a head, the mailbox's GUID as text, and
// an entry id, so that an id tells which mailbox it belongs to. Nobody but this
// file may look inside. In memory an id is kept as its bytes, in a string.

const (
	idHead       = "\x00\x03\x24\x00"
	conversation = "\x00\x04\x24\x00"
	guidLength   = 36

	folderMark     = "\x00\x2e"
	itemMark       = "\x00\x46"
	occurrenceMark = "\x00\x4e" // an item's id with the original start behind it
	attachmentMark = "\x01\x12\x00\x10"

	folderTail = 46
	itemTail   = 70
	fileTail   = 16
)

// idKind is what an id names.
type idKind int

const (
	malformedID idKind = iota
	folderID
	itemID
	occurrenceID
	attachmentID
)

// encodeID writes an id as it is on the wire.
func encodeID(raw string) string { return base64.StdEncoding.EncodeToString([]byte(raw)) }

// decodeID reads an id from the wire.
func decodeID(id string) (raw string, kind idKind) {
	b, err := base64.StdEncoding.DecodeString(id)
	if err != nil || !strings.HasPrefix(string(b), idHead) || len(b) < len(idHead)+guidLength+2 {
		return "", malformedID
	}
	raw = string(b)
	const start = len(idHead) + guidLength
	mark, rest := raw[start:start+2], len(raw)-start-2-1
	switch {
	case mark == folderMark && rest == folderTail:
		return raw, folderID
	case mark == itemMark && rest == itemTail:
		return raw, itemID
	case mark == occurrenceMark && rest == itemTail+8:
		return raw, occurrenceID
	case (mark == itemMark || mark == occurrenceMark) && rest >= itemTail+len(attachmentMark)+fileTail &&
		raw[len(raw)-fileTail-len(attachmentMark):len(raw)-fileTail] == attachmentMark:
		return raw, attachmentID
	}
	return "", malformedID
}

// newID makes the id of a folder or an item. The last byte is zero, as in
// Exchange's ids, most of which end in "AAA=".
func (st *state) newID(mb *mbox, mark string) string {
	n := itemTail
	if mark == folderMark {
		n = folderTail
	}
	tail := randomBytes(mb.rand, n)
	copy(tail, "\x00\x00\x00\x00\x00")
	if mark == itemMark {
		// The change that comes with the item's arrival.
		numberItemID(tail, mb.changes+1)
	}
	return idHead + mb.guid + mark + string(tail) + "\x00"
}

// random returns bytes that follow from the seed and from what happened
// before.
func (st *state) random(n int) []byte { return randomBytes(st.rand, n) }

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// occurrenceOfID names one occurrence of a recurring item by its original
// start.
func occurrenceOfID(master string, start time.Time) string {
	const at = len(idHead) + guidLength
	return master[:at] + occurrenceMark + master[at+2:] +
		string(binary.BigEndian.AppendUint64(nil, uint64(start.Unix())))
}

// splitOccurrenceID is the opposite of occurrenceOfID.
func splitOccurrenceID(raw string) (master string, start time.Time) {
	const at = len(idHead) + guidLength
	n := len(raw) - 8
	return raw[:at] + itemMark + raw[at+2:n], time.Unix(int64(binary.BigEndian.Uint64([]byte(raw[n:]))), 0).UTC()
}

// attachmentIDOf names an attachment by its item and its own few bytes.
func attachmentIDOf(item, tail string) string { return item + attachmentMark + tail }

// splitAttachmentID is the opposite of attachmentIDOf.
func splitAttachmentID(raw string) (item, tail string) {
	n := len(raw) - fileTail
	return raw[:n-len(attachmentMark)], raw[n:]
}

// conversationID names a conversation within a mailbox.
func conversationID(mb *mbox, guid string) string {
	return encodeID(conversation + mb.guid + "\x00\x10" + guid)
}

// newChangeKey returns a change key that no item has had.
func (st *state) newChangeKey(mb *mbox, kind byte) string {
	mb.changes++
	b := []byte{kind, 0, 0, 0, 0x16, 0, 0, 0}
	b = append(b, mb.replica...)
	b = binary.BigEndian.AppendUint64(b, mb.changes)
	return base64.StdEncoding.EncodeToString(append(b[:24], b[26:]...))
}

// The first byte of a change key tells what it is of.
const (
	folderChange   = 1
	itemChange     = 9
	calendarChange = 15
)

// conversationIn returns the mailbox that a conversation's id names, or nil. It
// is false for the id of something else.
func (st *state) conversationIn(id string) (*mbox, bool) {
	b, err := base64.StdEncoding.DecodeString(id)
	if err != nil || !strings.HasPrefix(string(b), conversation) || len(b) < len(conversation)+guidLength {
		return nil, false
	}
	return st.inside(string(b)), true // both heads have the same length
}
