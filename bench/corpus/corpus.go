// Package corpus writes answers as Exchange writes them, of any size and always
// the same, for benchmarks: the prefixes and the order of Exchange, ids of the
// length and look of its own, bodies as Outlook makes them, with their markup
// escaped.
package corpus

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
)

const (
	open = `<?xml version="1.0" encoding="utf-8"?>` +
		`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>` +
		`<h:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="1544" MinorBuildNumber="4" Version="V2017_07_11" ` +
		`xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types" ` +
		`xmlns="http://schemas.microsoft.com/exchange/services/2006/types" ` +
		`xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/></s:Header>` +
		`<s:Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">`
	shut       = `</s:Body></s:Envelope>`
	namespaces = ` xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"` +
		` xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">`
)

// response writes an answer of an operation around its response messages.
func response(operation string, messages func(*bytes.Buffer)) []byte {
	var b bytes.Buffer
	b.WriteString(open + `<m:` + operation + `Response` + namespaces + `<m:ResponseMessages>`)
	messages(&b)
	b.WriteString(`</m:ResponseMessages></m:` + operation + `Response>` + shut)
	return b.Bytes()
}

func message(b *bytes.Buffer, operation string, content func()) {
	b.WriteString(`<m:` + operation + `ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>`)
	content()
	b.WriteString(`</m:` + operation + `ResponseMessage>`)
}

// id makes an identifier of n bytes in base64, the last of which tell one from
// another, as those of one mailbox do.
func id(n, kind, number int) string {
	raw := make([]byte, n)
	s := stream(kind)
	for i := range raw {
		raw[i] = s.byte()
	}
	s = stream(kind<<40 | number)
	for i := n - 22; i < n-6; i++ {
		raw[i] = s.byte()
	}
	binary.BigEndian.PutUint32(raw[n-6:], uint32(number))
	raw[0], raw[1], raw[2] = 0, 3, 0x24 // Exchange's begin with AAMk
	if kind == changeKind {
		raw[0], raw[1], raw[2] = 9, 0, 0 // and its change keys with CQAA
	}
	raw[n-1], raw[n-2] = 0, 0
	return base64.StdEncoding.EncodeToString(raw)
}

// The kinds of identifier.
const (
	itemKind = iota + 1
	folderKind
	conversationKind
	changeKind
	attachmentKind
	bodyKind
	syncKind
)

// ItemID is the id of the message of that number.
func ItemID(number int) string { return id(113, itemKind, number) }

func changeKey(number int) string { return id(28, changeKind, number) }

// AttachmentID is the id of the attachment that GetAttachment answers with.
func AttachmentID() string { return id(140, attachmentKind, 1) }

// stream is a sequence of numbers that look random.
type stream uint64

func (s *stream) next() uint64 {
	x := uint64(*s)*0x9e3779b97f4a7c15 + 0x632be59bd9b4e019
	x ^= x >> 29
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 32
	*s++
	return x
}

func (s *stream) byte() byte { return byte(s.next() >> 24) }

func (s *stream) below(n int) int { return int(s.next() % uint64(n)) }

var (
	people = []string{"Anne Müller", "Bob Example", "Carla O&#xF1;ate", "Dmitri Karel", "Eva Lind &amp; Co", "Farid Aziz", "Grace Hall"}
	topics = []string{"Offer", "Re: Contract", "Invoice", "Fwd: Minutes of the meeting", "Delivery of the order", "Re: Re: Prices &amp; terms", "Visit in spring"}
)

// writeID writes an element with an id and its change key.
func writeID(b *bytes.Buffer, name, id, changeKey string) {
	b.WriteString(`<t:` + name + ` Id="` + id + `"`)
	if changeKey != "" {
		b.WriteString(` ChangeKey="` + changeKey + `"`)
	}
	b.WriteString(`/>`)
}

func writeText(b *bytes.Buffer, name, text string) {
	b.WriteString(`<t:` + name + `>` + text + `</t:` + name + `>`)
}

func writePerson(b *bytes.Buffer, who int) {
	b.WriteString(`<t:Mailbox>`)
	writeText(b, "Name", people[who%len(people)])
	writeText(b, "EmailAddress", "person"+strconv.Itoa(who)+"@example.com")
	writeText(b, "RoutingType", "SMTP")
	writeText(b, "MailboxType", "Mailbox")
	b.WriteString(`</t:Mailbox>`)
}

// writeMessage writes a message; body is in bytes, zero means that it comes
// from a list, which has neither body nor recipients.
func writeMessage(b *bytes.Buffer, number, body int) {
	s := stream(itemKind<<48 | number)
	b.WriteString(`<t:Message>`)
	writeID(b, "ItemId", ItemID(number), changeKey(number))
	writeID(b, "ParentFolderId", id(90, folderKind, 1), changeKey(1))
	writeText(b, "ItemClass", "IPM.Note")
	writeText(b, "Subject", topics[s.below(len(topics))]+" "+strconv.Itoa(number))
	if body > 0 {
		writeBody(b, number, body)
	}
	received := fmt.Sprintf("2026-%02d-%02dT%02d:%02d:%02dZ", 1+s.below(11), 1+s.below(28), s.below(24), s.below(60), s.below(60))
	writeText(b, "DateTimeReceived", received)
	writeText(b, "Size", strconv.Itoa(4000+s.below(90000)))
	writeText(b, "Importance", "Normal")
	writeText(b, "IsDraft", "false")
	writeText(b, "DateTimeSent", received)
	if number%8 == 0 {
		writeText(b, "Categories", "<t:String>Customer</t:String>")
	}
	writeText(b, "HasAttachments", strconv.FormatBool(number%5 == 0))
	if body == 0 {
		writeText(b, "DisplayTo", people[s.below(len(people))])
	}
	writeID(b, "ConversationId", id(65, conversationKind, number/3), "")
	if body > 0 {
		b.WriteString(`<t:ToRecipients>`)
		for range 1 + s.below(3) {
			writePerson(b, s.below(500))
		}
		b.WriteString(`</t:ToRecipients>`)
		if number%3 == 0 {
			b.WriteString(`<t:CcRecipients>`)
			writePerson(b, s.below(500))
			b.WriteString(`</t:CcRecipients>`)
		}
	}
	b.WriteString(`<t:From>`)
	writePerson(b, s.below(500))
	b.WriteString(`</t:From>`)
	writeText(b, "InternetMessageId", fmt.Sprintf("&lt;%016X%08X@mail%d.example.com&gt;", s.next(), number, s.below(4)))
	writeText(b, "IsRead", strconv.FormatBool(number%4 != 0))
	b.WriteString(`</t:Message>`)
}

// FindItem is a page of n messages, from that offset on, of total.
func FindItem(offset, n, total int) []byte {
	return response("FindItem", func(b *bytes.Buffer) {
		message(b, "FindItem", func() {
			next := min(offset+n, total)
			fmt.Fprintf(b, `<m:RootFolder IndexedPagingOffset="%d" TotalItemsInView="%d" IncludesLastItemInRange="%t"><t:Items>`,
				next, total, next == total)
			for i := offset; i < next; i++ {
				writeMessage(b, i, 0)
			}
			b.WriteString(`</t:Items></m:RootFolder>`)
		})
	})
}

// GetItem holds the n messages from that number on, each with a body of about
// that many bytes.
func GetItem(first, n, body int) []byte {
	return response("GetItem", func(b *bytes.Buffer) {
		for i := first; i < first+n; i++ {
			writeGetItemMessage(b, i, body)
		}
	})
}

// GetItemParts are the pieces of GetItem answers, for a server that is asked
// for any items in any number: what goes before, the response message of each
// item, and what comes after.
func GetItemParts(n, body int) (head []byte, messages [][]byte, tail []byte) {
	const mark = "\x00"
	head, tail, _ = bytes.Cut(response("GetItem", func(b *bytes.Buffer) { b.WriteString(mark) }), []byte(mark))
	for i := range n {
		var b bytes.Buffer
		writeGetItemMessage(&b, i, body)
		messages = append(messages, b.Bytes())
	}
	return head, messages, tail
}

func writeGetItemMessage(b *bytes.Buffer, number, body int) {
	message(b, "GetItem", func() {
		b.WriteString(`<m:Items>`)
		writeMessage(b, number, body)
		b.WriteString(`</m:Items>`)
	})
}

// SyncFolderItems is a page of n created items, ids alone, from that offset on,
// of total.
func SyncFolderItems(offset, n, total int) []byte {
	return response("SyncFolderItems", func(b *bytes.Buffer) {
		message(b, "SyncFolderItems", func() {
			next := min(offset+n, total)
			b.WriteString(`<m:SyncState>` + SyncState(next) + `</m:SyncState>`)
			fmt.Fprintf(b, `<m:IncludesLastItemInRange>%t</m:IncludesLastItemInRange><m:Changes>`, next == total)
			for i := offset; i < next; i++ {
				b.WriteString(`<t:Create><t:Message>`)
				writeID(b, "ItemId", ItemID(i), changeKey(i))
				b.WriteString(`</t:Message></t:Create>`)
			}
			b.WriteString(`</m:Changes>`)
		})
	})
}

// SyncState is the state in which so many items are known.
func SyncState(known int) string { return id(600, syncKind, known) }
