package ewsserver

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// addMIME puts the RFC 5322 form of a message into result, and the iCalendar
// form of an event. Kinds that have none (contacts, tasks) get none.
func (c *call) addMIME(ctx context.Context, object, result any) error {
	if m := get[*wsdl.MimeContentType](object, "MimeContent"); m != nil {
		put(result, "MimeContent", m)
		return nil
	}
	if event, ok := object.(*wsdl.CalendarItemType); ok {
		text, err := c.icalendarOf(ctx, event)
		if err != nil {
			return err
		}
		putMIME(result, []byte(text))
		return nil
	}
	if !isMessage(object) {
		return nil
	}
	var b bytes.Buffer
	if err := c.writeMIME(ctx, &b, object); err != nil {
		return err
	}
	putMIME(result, b.Bytes())
	return nil
}

func putMIME(result any, content []byte) {
	put(result, "MimeContent", &wsdl.MimeContentType{
		CharacterSet: wsdl.Ptr(wsdl.Text("UTF-8")),
		Value:        wsdl.Ptr(wsdl.Base64Text(base64.StdEncoding.EncodeToString(content))),
	})
}

// writeMIME writes a message with the content of its attachments.
func (c *call) writeMIME(ctx context.Context, w io.Writer, object any) error {
	var inline, attached []any
	if l := get[*wsdl.AttachmentList](object, "Attachments"); l != nil {
		for _, a := range l.Attachments {
			full, err := c.withContent(ctx, a)
			if err != nil {
				return err
			}
			if f, ok := full.(*wsdl.FileAttachmentType); ok && bool(wsdl.Val(f.IsInline)) && wsdl.Str(f.ContentId) != "" {
				inline = append(inline, full)
			} else {
				attached = append(attached, full)
			}
		}
	}
	root := c.entity(ctx, get[*wsdl.BodyContent](object, "Body"), inline, attached)
	for _, f := range header(object) {
		if err := f.write(w); err != nil {
			return err
		}
	}
	return root.writeRoot(w)
}

// withContent fetches an attachment's content, where an item only lists it.
func (c *call) withContent(ctx context.Context, a any) (any, error) {
	id := get[*wsdl.AttachmentIdType](a, "AttachmentId")
	if id == nil || wsdl.Str(id.Id) == "" {
		return a, nil
	}
	return c.session.Attachment(ctx, wsdl.Str(id.Id))
}

// part is an entity of a MIME message: it has parts, or writes its content.
type part struct {
	header  textproto.MIMEHeader
	subtype string // of a multipart
	parts   []part
	content func(io.Writer) error
}

// entity arranges body and attachments: mixed(related(alternative(text,
// html), inline…), attached…), without the levels that have one part only.
func (c *call) entity(ctx context.Context, body *wsdl.BodyContent, inline, attached []any) part {
	if body == nil {
		body = &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameText)}
	}
	root := textPart("text/plain", wsdl.Str(convertBody(body, wsdl.BodyTypeResponseText).Value))
	if wsdl.Val(body.BodyType) == wsdl.BodyTypeNameHTML {
		root = part{subtype: "alternative", parts: []part{root, textPart("text/html", wsdl.Str(body.Value))}}
	}
	if len(inline) > 0 {
		root = part{subtype: "related", parts: append([]part{root}, c.attachmentParts(ctx, inline, "inline")...)}
	}
	if len(attached) > 0 {
		root = part{subtype: "mixed", parts: append([]part{root}, c.attachmentParts(ctx, attached, "attachment")...)}
	}
	return root
}

func textPart(kind, text string) part {
	return part{
		header: textproto.MIMEHeader{"Content-Type": {kind + `; charset="utf-8"`}, "Content-Transfer-Encoding": {"quoted-printable"}},
		content: func(w io.Writer) error {
			q := quotedprintable.NewWriter(w)
			if _, err := io.WriteString(q, text); err != nil {
				return err
			}
			return q.Close()
		},
	}
}

func (c *call) attachmentParts(ctx context.Context, list []any, disposition string) []part {
	parts := make([]part, len(list))
	for i, a := range list {
		if item, ok := a.(*wsdl.ItemAttachmentType); ok {
			parts[i] = c.itemPart(ctx, item)
		} else {
			parts[i] = filePart(a.(*wsdl.FileAttachmentType), disposition)
		}
	}
	return parts
}

func filePart(f *wsdl.FileAttachmentType, disposition string) part {
	name := wsdl.Str(f.Name)
	kind := cmp.Or(wsdl.Str(f.ContentType), mime.TypeByExtension(filepath.Ext(name)), "application/octet-stream")
	h := textproto.MIMEHeader{
		"Content-Type":              {parameters(kind, "name", name)},
		"Content-Disposition":       {parameters(disposition, "filename", name)},
		"Content-Transfer-Encoding": {"base64"},
	}
	if id := wsdl.Str(f.ContentId); id != "" {
		h.Set("Content-ID", "<"+oneLine(strings.Trim(id, "<>"))+">")
	}
	return part{header: h, content: func(w io.Writer) error { return writeBase64(w, f.Content) }}
}

// itemPart is an attached item: the message itself, where it is one.
func (c *call) itemPart(ctx context.Context, a *wsdl.ItemAttachmentType) part {
	h := textproto.MIMEHeader{
		"Content-Type":        {"message/rfc822"},
		"Content-Disposition": {parameters("attachment", "filename", wsdl.Str(a.Name))},
	}
	item := attachedItem(a)
	return part{header: h, content: func(w io.Writer) error {
		if item == nil {
			return nil
		}
		return c.writeMIME(ctx, w, item)
	}}
}

// attachedItem returns the item of an item attachment, or nil.
func attachedItem(a *wsdl.ItemAttachmentType) any {
	for _, item := range []any{a.Message, a.CalendarItem, a.MeetingRequest, a.MeetingResponse, a.MeetingCancellation, a.MeetingMessage, a.Item} {
		if !absent(item) {
			return item
		}
	}
	return nil
}

// parameters writes a media type or disposition with a parameter; one that
// does not parse is replaced by what is always right.
func parameters(value, name, content string) string {
	base, ps, err := mime.ParseMediaType(value)
	if err != nil {
		base, ps = "application/octet-stream", nil
	}
	if ps == nil {
		ps = map[string]string{}
	}
	if content != "" {
		ps[name] = content
	}
	return cmp.Or(mime.FormatMediaType(base, ps), base)
}

// writeRoot writes the headers of the body and the body.
func (p part) writeRoot(w io.Writer) error {
	h := p.header
	var m *multipart.Writer
	if p.subtype != "" {
		m = multipart.NewWriter(w)
		h = p.multipartHeader(m)
	}
	for _, name := range sortedKeys(h) {
		if _, err := fmt.Fprintf(w, "%s: %s\r\n", name, h.Get(name)); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(w, "MIME-Version: 1.0\r\n\r\n"); err != nil {
		return err
	}
	if m == nil {
		return p.content(w)
	}
	return p.writeParts(m)
}

func (p part) multipartHeader(m *multipart.Writer) textproto.MIMEHeader {
	return textproto.MIMEHeader{"Content-Type": {fmt.Sprintf("multipart/%s; boundary=%q", p.subtype, m.Boundary())}}
}

func (p part) writeParts(m *multipart.Writer) error {
	for _, child := range p.parts {
		var err error
		if child.subtype == "" {
			var w io.Writer
			if w, err = m.CreatePart(child.header); err == nil {
				err = child.content(w)
			}
		} else {
			// The boundary stands in the header, before there is a writer
			// for the inner parts.
			inner := multipart.NewWriter(io.Discard)
			var w io.Writer
			if w, err = m.CreatePart(child.multipartHeader(inner)); err == nil {
				nested := multipart.NewWriter(w)
				if err = nested.SetBoundary(inner.Boundary()); err == nil {
					err = child.writeParts(nested)
				}
			}
		}
		if err != nil {
			return err
		}
	}
	return m.Close()
}

// field is one header field.
type field struct{ name, value string }

// write folds a field between words at 76 characters.
func (f field) write(w io.Writer) error {
	var b strings.Builder
	b.WriteString(f.name + ":")
	column := b.Len()
	for word := range strings.SplitSeq(f.value, " ") {
		if column+1+len(word) > 76 && column > len(f.name)+1 {
			b.WriteString("\r\n")
			column = 0
		}
		b.WriteString(" " + word)
		column += 1 + len(word)
	}
	b.WriteString("\r\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// header lists the fields that a message's properties make.
func header(object any) []field {
	var list []field
	add := func(name, value string) {
		if value = oneLine(value); value != "" {
			list = append(list, field{name, value})
		}
	}
	add("From", address(get[*wsdl.RecipientType](object, "From")))
	if sender := address(get[*wsdl.RecipientType](object, "Sender")); len(list) == 0 || sender != list[0].value {
		add("Sender", sender)
	}
	add("To", addresses(get[*wsdl.RecipientsType](object, "ToRecipients")))
	add("Cc", addresses(get[*wsdl.RecipientsType](object, "CcRecipients")))
	add("Bcc", addresses(get[*wsdl.RecipientsType](object, "BccRecipients")))
	add("Reply-To", addresses(get[*wsdl.RecipientsType](object, "ReplyTo")))
	add("Subject", mime.QEncoding.Encode("utf-8", wsdl.Str(get[*wsdl.Text](object, "Subject"))))
	for _, name := range []string{"DateTimeSent", "DateTimeReceived", "DateTimeCreated"} {
		if t, ok := wsdl.ParseTime(get[*wsdl.DateTimeText](object, name), nil); ok {
			add("Date", t.UTC().Format(time.RFC1123Z))
			break
		}
	}
	add("Message-ID", wsdl.Str(get[*wsdl.Text](object, "InternetMessageId")))
	add("In-Reply-To", wsdl.Str(get[*wsdl.Text](object, "InReplyTo")))
	add("References", wsdl.Str(get[*wsdl.Text](object, "References")))
	add("Thread-Topic", mime.QEncoding.Encode("utf-8", wsdl.Str(get[*wsdl.Text](object, "ConversationTopic"))))
	add("Thread-Index", wsdl.Str(get[*wsdl.Base64Text](object, "ConversationIndex")))
	switch wsdl.Val(get[*wsdl.ImportanceName](object, "Importance")) {
	case wsdl.ImportanceNameHigh:
		add("Importance", "high")
		add("X-Priority", "1")
	case wsdl.ImportanceNameLow:
		add("Importance", "low")
		add("X-Priority", "5")
	}
	switch wsdl.Val(get[*wsdl.SensitivityName](object, "Sensitivity")) {
	case wsdl.SensitivityNamePersonal:
		add("Sensitivity", "personal")
	case wsdl.SensitivityNamePrivate:
		add("Sensitivity", "private")
	case wsdl.SensitivityNameConfidential:
		add("Sensitivity", "company-confidential")
	}
	if hasAttachments(object) {
		add("X-MS-Has-Attach", "yes")
	}
	return list
}

// oneLine keeps a property from becoming header fields of its own.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == 0 {
			return ' '
		}
		return r
	}, s)
}

func address(r *wsdl.RecipientType) string {
	if r == nil || r.Mailbox == nil {
		return ""
	}
	name, addr := wsdl.Str(r.Mailbox.Name), wsdl.Str(r.Mailbox.EmailAddress)
	if addr == "" {
		return ""
	}
	return (&mail.Address{Name: name, Address: addr}).String()
}

func addresses(r *wsdl.RecipientsType) string {
	if r == nil {
		return ""
	}
	var list []string
	for _, m := range r.Mailbox {
		if a := address(&wsdl.RecipientType{Mailbox: m}); a != "" {
			list = append(list, a)
		}
	}
	return strings.Join(list, ", ")
}

// writeBase64 writes content in lines of 76 characters (RFC 2045, 6.8).
func writeBase64(w io.Writer, content *wsdl.Base64Content) error {
	if content == nil {
		return nil
	}
	r, err := open(content)
	if err != nil {
		return err
	}
	defer r.Close()
	line := make([]byte, 57)
	for {
		n, err := io.ReadFull(r, line)
		if n > 0 {
			if _, err := io.WriteString(w, base64.StdEncoding.EncodeToString(line[:n])+"\r\n"); err != nil {
				return err
			}
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return nil
		default:
			return err
		}
	}
}

// open opens a file's content.
func open(content *wsdl.Base64Content) (io.ReadCloser, error) {
	if content.Open != nil {
		return content.Open()
	}
	return io.NopCloser(bytes.NewReader(content.Data)), nil
}

func sortedKeys(h textproto.MIMEHeader) []string {
	keys := make([]string, 0, len(h))
	for k := range h {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// isMessage reports whether an item is a message or a meeting message.
func isMessage(object any) bool {
	switch object.(type) {
	case *wsdl.MessageType, *wsdl.MeetingMessageType, *wsdl.MeetingRequestMessageType, *wsdl.MeetingResponseMessageType, *wsdl.MeetingCancellationMessageType:
		return true
	}
	return false
}
