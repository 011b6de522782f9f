package simulator

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/url"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// Ids in other forms. What an id has of its own is the entry id at its end:
//
//	EwsId        0 3 length GUID-of-the-mailbox 0 length entry-id
//	EwsLegacyId  0 0 length address-of-the-mailbox 0 length entry-id
//	EntryId      entry-id, HexEntryId the same in hexadecimal
//	StoreId      length entry-id type, OwaId the same, escaped for a URL
//
// Lengths are two bytes, the low one first, but that of a StoreId, which is
// one. All but HexEntryId are base64. Those without a mailbox need the one that
// the client names. Attachments and conversations have no ids in other forms.

const (
	entryAt    = len(idHead) + guidLength + 3 // where the entry id of an EwsId begins
	entryMark  = 0
	legacyHead = "\x00\x00"

	// The types of a StoreId, as in a change key.
	storeFolder, storeItem, storeOccurrence = 1, 9, 16
)

var _ ewsserver.IDConverter = (*session)(nil)

// ConvertID implements ewsserver.IDConverter.
func (s *session) ConvertID(_ context.Context, id ewsserver.AlternateID, to wsdl.IdFormat) (ewsserver.AlternateID, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	raw, err := s.canonical(id)
	if err != nil {
		return ewsserver.AlternateID{}, err
	}
	out := ewsserver.AlternateID{Format: to, Mailbox: id.Mailbox}
	if mb := s.st.inside(raw); mb != nil && mb.tenant == s.who.tenant {
		out.Mailbox = mb.address
		out.Archive = s.st.archived(raw)
	}
	if out.ID, err = writeID(raw, to, out.Mailbox); err != nil {
		return ewsserver.AlternateID{}, err
	}
	return out, nil
}

// canonical returns the bytes of the EwsId of an id in any form.
func (s *session) canonical(id ewsserver.AlternateID) (string, error) {
	malformed := fail(ewsserver.ErrorInvalidIdMalformed)
	if id.Format == wsdl.IdFormatEwsId {
		raw, kind := decodeID(id.ID)
		switch kind {
		case folderID, itemID, occurrenceID:
			return raw, nil
		}
		if b, err := base64.StdEncoding.DecodeString(id.ID); err == nil && strings.HasPrefix(string(b), legacyHead) {
			return "", fail(ewsserver.ErrorInvalidIdMalformedEwsLegacyIdFormat)
		}
		return "", malformed
	}
	entry, address, ok := readID(id)
	if !ok {
		return "", malformed
	}
	mb, err := s.mailbox(address)
	if err != nil {
		return "", err
	}
	raw := idHead + mb.guid + string(binary.LittleEndian.AppendUint16([]byte{entryMark}, uint16(len(entry)))) + entry
	if _, kind := decodeID(encodeID(raw)); kind == malformedID || kind == attachmentID {
		return "", malformed
	}
	return raw, nil
}

// readID returns the entry id in an id of any form but EwsId, and the address
// of its mailbox.
func readID(id ewsserver.AlternateID) (entry, address string, ok bool) {
	var b []byte
	var err error
	switch id.Format {
	case wsdl.IdFormatHexEntryId:
		b, err = hex.DecodeString(id.ID)
	case wsdl.IdFormatOwaId:
		var plain string
		if plain, err = url.PathUnescape(id.ID); err == nil {
			b, err = base64.StdEncoding.DecodeString(plain)
		}
	default:
		b, err = base64.StdEncoding.DecodeString(id.ID)
	}
	if err != nil {
		return "", "", false
	}
	switch id.Format {
	case wsdl.IdFormatEwsLegacyId:
		rest, found := strings.CutPrefix(string(b), legacyHead)
		if !found {
			return "", "", false
		}
		if address, rest, found = cutSized(rest); !found || !strings.HasPrefix(rest, string(rune(entryMark))) {
			return "", "", false
		}
		entry, rest, found = cutSized(rest[1:])
		return entry, address, found && rest == ""
	case wsdl.IdFormatStoreId, wsdl.IdFormatOwaId:
		if len(b) < 2 || len(b) != int(b[0])+2 {
			return "", "", false
		}
		return string(b[1 : len(b)-1]), id.Mailbox, true
	}
	return string(b), id.Mailbox, true
}

// cutSized takes a text off the front that has its length before it.
func cutSized(s string) (text, rest string, ok bool) {
	if len(s) < 2 {
		return "", "", false
	}
	n := int(binary.LittleEndian.Uint16([]byte(s)))
	if s = s[2:]; len(s) < n {
		return "", "", false
	}
	return s[:n], s[n:], true
}

// writeID writes the bytes of an EwsId in a form.
func writeID(raw string, to wsdl.IdFormat, address string) (string, error) {
	_, kind := decodeID(encodeID(raw))
	entry := raw[entryAt:]
	switch to {
	case wsdl.IdFormatEwsId:
		return encodeID(raw), nil
	case wsdl.IdFormatEwsLegacyId:
		b := binary.LittleEndian.AppendUint16([]byte(legacyHead), uint16(len(address)))
		return encodeID(string(b) + address + raw[len(idHead)+guidLength:]), nil
	case wsdl.IdFormatStoreId, wsdl.IdFormatOwaId:
		types := map[idKind]byte{folderID: storeFolder, itemID: storeItem, occurrenceID: storeOccurrence}
		id := encodeID(string([]byte{byte(len(entry))}) + entry + string([]byte{types[kind]}))
		if to == wsdl.IdFormatOwaId {
			id = url.QueryEscape(id)
		}
		return id, nil
	}
	if kind == occurrenceID {
		return "", ewsserver.Errorf(ewsserver.ErrorUnsupportedTypeForConversion, "An occurrence has no entry id: its series has.")
	}
	if to == wsdl.IdFormatHexEntryId {
		return strings.ToUpper(hex.EncodeToString([]byte(entry))), nil
	}
	return encodeID(entry), nil
}

// archived tells whether an id is of something in an archive.
func (st *state) archived(raw string) bool {
	f := st.folder(raw)
	if it := st.item(raw); it != nil {
		f = it.folder
	}
	return f != nil && f.top() == f.mbox.known("archiveroot")
}
