package ewsserver

import (
	"context"
	"html"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// answer is a reply to an item or a forward of it.
type answer struct {
	object       any
	all, forward bool
}

// reply makes the message that answers or forwards an item, and stores or
// sends it.
func (c *call) reply(ctx context.Context, d wsdl.Disposition, folder *FolderRef, ref ItemRef, a answer) ([]any, error) {
	original, err := c.session.Item(ctx, ref)
	if err != nil {
		return nil, err
	}
	_, calendar := original.(*wsdl.CalendarItemType)
	if !calendar && !isMessage(original) {
		return nil, &Error{Code: ErrorInvalidReferenceItem}
	}
	if draft := get[*wsdl.Bool](original, "IsDraft"); !calendar && bool(wsdl.Val(draft)) {
		return nil, &Error{Code: ErrorInvalidReferenceItem}
	}
	m := c.answering(original, a)
	if a.forward {
		if m.Attachments, err = c.copyAttachments(ctx, original); err != nil {
			return nil, err
		}
	} else if m.Attachments, err = c.copyInline(ctx, original, m.Body); err != nil {
		return nil, err
	}
	created, err := c.session.Create(ctx, NewItem{Item: m, Folder: folder, Disposition: d, ReplyTo: &ref, Forward: a.forward})
	if err != nil {
		return nil, err
	}
	return present([]any{created}), nil
}

// answering writes the message: subject, recipients, thread and body.
func (c *call) answering(original any, a answer) *wsdl.MessageType {
	prefix := "RE: "
	if a.forward {
		prefix = "FW: "
	}
	m := &wsdl.MessageType{
		Subject:                    get[*wsdl.Text](a.object, "Subject"),
		From:                       get[*wsdl.RecipientType](a.object, "From"),
		ToRecipients:               get[*wsdl.RecipientsType](a.object, "ToRecipients"),
		CcRecipients:               get[*wsdl.RecipientsType](a.object, "CcRecipients"),
		BccRecipients:              get[*wsdl.RecipientsType](a.object, "BccRecipients"),
		IsReadReceiptRequested:     get[*wsdl.Bool](a.object, "IsReadReceiptRequested"),
		IsDeliveryReceiptRequested: get[*wsdl.Bool](a.object, "IsDeliveryReceiptRequested"),
		Importance:                 get[*wsdl.ImportanceName](original, "Importance"),
		Sensitivity:                get[*wsdl.SensitivityName](original, "Sensitivity"),
		ConversationTopic:          get[*wsdl.Text](original, "ConversationTopic"),
	}
	topic := bareSubject(wsdl.Str(get[*wsdl.Text](original, "Subject")))
	if m.Subject == nil {
		m.Subject = wsdl.Ptr(wsdl.Text(prefix + topic))
	}
	if m.ConversationTopic == nil {
		m.ConversationTopic = wsdl.NewText(topic)
	}
	if id := wsdl.Str(get[*wsdl.Text](original, "InternetMessageId")); id != "" {
		m.InReplyTo = wsdl.NewText(id)
		m.References = wsdl.NewText(strings.TrimSpace(wsdl.Str(get[*wsdl.Text](original, "References")) + " " + id))
	}
	if !a.forward {
		c.address(m, original, a.all)
	}
	m.Body = quoting(original, get[*wsdl.BodyContent](a.object, "NewBodyContent"), get[*wsdl.BodyContent](a.object, "Body"))
	return m
}

// bareSubject takes prefixes of answers off a subject.
func bareSubject(s string) string {
	for {
		s = strings.TrimSpace(s)
		head, rest, ok := strings.Cut(s, ":")
		if !ok {
			return s
		}
		switch strings.ToLower(head) {
		case "re", "fw", "fwd", "aw", "wg":
			s = rest
		default:
			return s
		}
	}
}

// address adds those who are answered to the recipients that the client
// named. The mailbox itself is left out of an answer to all.
func (c *call) address(m *wsdl.MessageType, original any, all bool) {
	seen := map[string]bool{}
	for _, l := range []*wsdl.RecipientsType{m.ToRecipients, m.CcRecipients, m.BccRecipients} {
		if l != nil {
			for _, p := range l.Mailbox {
				seen[personKey(p)] = true
			}
		}
	}
	add := func(to **wsdl.RecipientsType, p *wsdl.EmailAddressType) {
		key := personKey(p)
		if key == "" || seen[key] {
			return
		}
		seen[key] = true
		if *to == nil {
			*to = new(wsdl.RecipientsType)
		}
		(*to).Mailbox = append((*to).Mailbox, p)
	}
	for _, p := range answered(original) {
		add(&m.ToRecipients, p)
	}
	if !all {
		return
	}
	seen[strings.ToLower(c.caller.Mailbox)] = true
	for field, to := range map[string]**wsdl.RecipientsType{"ToRecipients": &m.ToRecipients, "CcRecipients": &m.CcRecipients} {
		if l := get[*wsdl.RecipientsType](original, field); l != nil {
			for _, p := range l.Mailbox {
				add(to, p)
			}
		}
	}
	for field, to := range map[string]**wsdl.RecipientsType{"RequiredAttendees": &m.ToRecipients, "OptionalAttendees": &m.CcRecipients} {
		if l := get[*wsdl.AttendeesType](original, field); l != nil {
			for _, p := range l.Attendee {
				add(to, p.Mailbox)
			}
		}
	}
}

func personKey(p *wsdl.EmailAddressType) string {
	if p == nil {
		return ""
	}
	return strings.ToLower(wsdl.Str(p.EmailAddress))
}

// answered returns whom an answer goes to.
func answered(original any) []*wsdl.EmailAddressType {
	if l := get[*wsdl.RecipientsType](original, "ReplyTo"); l != nil && len(l.Mailbox) > 0 {
		return l.Mailbox
	}
	for _, field := range []string{"From", "Sender", "Organizer"} {
		if r := get[*wsdl.RecipientType](original, field); r != nil && r.Mailbox != nil {
			return []*wsdl.EmailAddressType{r.Mailbox}
		}
	}
	return nil
}

// quoting writes the new text above the original, in the format of the new
// text, or of the original where there is none. A Body replaces all of it.
func quoting(original any, added, instead *wsdl.BodyContent) *wsdl.BodyContent {
	if instead != nil {
		return instead
	}
	old := get[*wsdl.BodyContent](original, "Body")
	if old == nil {
		old = &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameText)}
	}
	format := wsdl.Val(old.BodyType)
	if added == nil {
		added = &wsdl.BodyContent{BodyType: &format}
	} else {
		format = wsdl.Val(added.BodyType)
	}
	if format == wsdl.BodyTypeNameHTML {
		return quotingHTML(original, wsdl.Str(added.Value), wsdl.Str(convertBody(old, wsdl.BodyTypeResponseHTML).Value))
	}
	var b strings.Builder
	b.WriteString(wsdl.Str(added.Value) + "\r\n\r\n" + strings.Repeat("_", 32) + "\r\n")
	for _, l := range quoteHeader(original) {
		b.WriteString(l.name + ": " + l.value + "\r\n")
	}
	b.WriteString("\r\n" + wsdl.Str(convertBody(old, wsdl.BodyTypeResponseText).Value))
	return &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameText), Value: wsdl.Ptr(wsdl.Text(b.String()))}
}

func quotingHTML(original any, added, old string) *wsdl.BodyContent {
	var q strings.Builder
	q.WriteString("<hr><div>")
	for _, l := range quoteHeader(original) {
		q.WriteString("<b>" + l.name + ":</b> " + html.EscapeString(l.value) + "<br>\r\n")
	}
	q.WriteString("</div><br>\r\n<div>" + insideBody(old) + "</div>")
	text := added
	// The quotation belongs before the end of the client's own document.
	if i := strings.LastIndex(asciiLower(added), "</body"); i >= 0 {
		text = added[:i] + q.String() + added[i:]
	} else {
		text = "<html><body>" + insideBody(added) + q.String() + "</body></html>"
	}
	return &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameHTML), Value: wsdl.Ptr(wsdl.Text(text))}
}

// insideBody returns what lies between a document's body tags, or all of it.
func insideBody(document string) string {
	lower := asciiLower(document)
	from := strings.Index(lower, "<body")
	if from < 0 {
		return document
	}
	from += tagEnd(document[from:]) + 1
	if from > len(document) {
		return ""
	}
	if to := strings.LastIndex(lower, "</body"); to >= from {
		return document[from:to]
	}
	return document[from:]
}

// quoteHeader lists the lines above a quotation.
func quoteHeader(original any) []field {
	var list []field
	add := func(name, value string) {
		if value != "" {
			list = append(list, field{name, value})
		}
	}
	for _, p := range answered(original) {
		add("From", person(p))
		break
	}
	for _, name := range []string{"DateTimeSent", "Start"} {
		if t, ok := wsdl.ParseTime(get[*wsdl.DateTimeText](original, name), nil); ok {
			add("Sent", t.UTC().Format("Monday, January 2, 2006 3:04 PM MST"))
			break
		}
	}
	to, _ := derive(original, "DisplayTo").(*wsdl.Text)
	cc, _ := derive(original, "DisplayCc").(*wsdl.Text)
	add("To", wsdl.Str(to))
	add("Cc", wsdl.Str(cc))
	add("Subject", wsdl.Str(get[*wsdl.Text](original, "Subject")))
	return list
}

func person(p *wsdl.EmailAddressType) string {
	name, addr := wsdl.Str(p.Name), wsdl.Str(p.EmailAddress)
	if name == "" || name == addr {
		return addr
	}
	return name + " <" + addr + ">"
}

// copyAttachments returns the original's attachments with their content, for
// a forward.
func (c *call) copyAttachments(ctx context.Context, original any) (*wsdl.AttachmentList, error) {
	return c.copyWhere(ctx, original, func(any) bool { return true })
}

// copyInline returns the images that a quotation still shows.
func (c *call) copyInline(ctx context.Context, original any, body *wsdl.BodyContent) (*wsdl.AttachmentList, error) {
	text := wsdl.Str(body.Value)
	return c.copyWhere(ctx, original, func(a any) bool {
		f, ok := a.(*wsdl.FileAttachmentType)
		id := strings.Trim(wsdl.Str(get[*wsdl.Text](a, "ContentId")), "<>")
		return ok && bool(wsdl.Val(f.IsInline)) && id != "" && strings.Contains(text, "cid:"+id)
	})
}

func (c *call) copyWhere(ctx context.Context, original any, wanted func(any) bool) (*wsdl.AttachmentList, error) {
	l := get[*wsdl.AttachmentList](original, "Attachments")
	if l == nil {
		return nil, nil
	}
	out := new(wsdl.AttachmentList)
	for _, a := range l.Attachments {
		if !wanted(a) {
			continue
		}
		full, err := c.withContent(ctx, a)
		if err != nil {
			return nil, err
		}
		full = clone(full)
		put(full, "AttachmentId", (*wsdl.AttachmentIdType)(nil))
		out.Attachments = append(out.Attachments, full)
	}
	if len(out.Attachments) == 0 {
		return nil, nil
	}
	return out, nil
}
