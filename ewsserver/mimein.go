package ewsserver

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"mime"
	"net/mail"
	"reflect"
	"strings"

	"github.com/jhillyerd/enmime/v2"

	"github.com/exconn/exconn/wsdl"
)

// takeMIME makes of an item that a client gave as MIME content one that has
// properties: those of the content, and over them those that the client named
// besides. Only messages can be given so.
func takeMIME(item any) (any, error) {
	content := get[*wsdl.MimeContentType](item, "MimeContent")
	if content == nil {
		return item, nil
	}
	given, ok := item.(*wsdl.MessageType)
	if !ok {
		return nil, &Error{Code: ErrorUnsupportedMimeConversion}
	}
	// Lines are allowed in xs:base64Binary.
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(wsdl.Str(content.Value)), ""))
	if err != nil {
		return nil, Errorf(ErrorMimeContentInvalid, "The MIME content is not base64.")
	}
	parsed, err := parseMIME(raw, 0)
	if err != nil {
		return nil, err
	}
	from, to := reflect.ValueOf(given).Elem(), reflect.ValueOf(parsed).Elem()
	for i := range from.NumField() {
		if f := from.Field(i); from.Type().Field(i).Name != "MimeContent" && !f.IsZero() {
			to.Field(i).Set(f)
		}
	}
	return parsed, nil
}

// takeAttachedMIME does the same for the item of an item attachment.
func takeAttachedMIME(a *wsdl.ItemAttachmentType) error {
	switch {
	case a.Message != nil:
		item, err := takeMIME(a.Message)
		if err != nil {
			return err
		}
		a.Message = item.(*wsdl.MessageType)
	case a.Item != nil && a.Item.MimeContent != nil:
		// Of an item that tells no more than its MIME content, that tells
		// what it is.
		item, err := takeMIME(&wsdl.MessageType{MimeContent: a.Item.MimeContent, Subject: a.Item.Subject, ItemClass: a.Item.ItemClass})
		if err != nil {
			return err
		}
		a.Item, a.Message = nil, item.(*wsdl.MessageType)
	}
	return nil
}

// maxAttachedDepth is how deep messages may lie in messages.
const maxAttachedDepth = 10

// parseMIME reads an RFC 5322 message. What it cannot read of one that has a
// header it leaves out, as mail programs do.
func parseMIME(raw []byte, depth int) (*wsdl.MessageType, error) {
	if depth > maxAttachedDepth {
		return nil, Errorf(ErrorMimeContentInvalid, "Messages are attached to messages too deeply.")
	}
	env, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil || len(env.GetHeaderKeys()) == 0 {
		return nil, Errorf(ErrorMimeContentInvalid, "The MIME content is no message.")
	}
	m := &wsdl.MessageType{
		ItemClass:         wsdl.NewText("IPM.Note"),
		Subject:           wsdl.NewText(env.GetHeader("Subject")),
		From:              firstPerson(env, "From"),
		Sender:            firstPerson(env, "Sender"),
		ToRecipients:      everyone(env, "To"),
		CcRecipients:      everyone(env, "Cc"),
		BccRecipients:     everyone(env, "Bcc"),
		ReplyTo:           everyone(env, "Reply-To"),
		InternetMessageId: wsdl.NewText(strings.TrimSpace(env.GetHeader("Message-ID"))),
		InReplyTo:         wsdl.NewText(strings.TrimSpace(env.GetHeader("In-Reply-To"))),
		References:        wsdl.NewText(strings.Join(strings.Fields(env.GetHeader("References")), " ")),
		ConversationTopic: wsdl.NewText(env.GetHeader("Thread-Topic")),
	}
	if m.Sender == nil {
		m.Sender = m.From
	}
	if t, err := env.Date(); err == nil {
		m.DateTimeSent = wsdl.FormatTime(t)
	}
	if index := strings.Join(strings.Fields(env.GetHeader("Thread-Index")), ""); index != "" {
		if _, err := base64.StdEncoding.DecodeString(index); err == nil {
			m.ConversationIndex = wsdl.Ptr(wsdl.Base64Text(index))
		}
	}
	m.Importance, m.Sensitivity = importanceOf(env), sensitivityOf(env)
	m.Body = bodyOf(env)
	m.InternetMessageHeaders = headersOf(env)
	if env.Root != nil {
		if m.Attachments, err = attachmentsOf(env.Root, depth); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func bodyOf(env *enmime.Envelope) *wsdl.BodyContent {
	isHTML := env.Root != nil && env.Root.DepthMatchFirst(func(p *enmime.Part) bool {
		return p.ContentType == "text/html" && p.Disposition != "attachment"
	}) != nil
	if isHTML {
		return &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameHTML), Value: wsdl.NewText(wireLines(env.HTML))}
	}
	return &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameText), Value: wsdl.NewText(wireLines(env.Text))}
}

// wireLines ends lines as mail does on its way (RFC 5322, 2.1), so that a body
// is the same whichever line ends a program gave it.
func wireLines(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
}

func importanceOf(env *enmime.Envelope) *wsdl.ImportanceName {
	switch level := strings.ToLower(strings.TrimSpace(cmp.Or(env.GetHeader("Importance"), env.GetHeader("X-Priority")))); {
	case level == "high", strings.HasPrefix(level, "1"), strings.HasPrefix(level, "2"):
		return wsdl.Ptr(wsdl.ImportanceNameHigh)
	case level == "low", strings.HasPrefix(level, "4"), strings.HasPrefix(level, "5"):
		return wsdl.Ptr(wsdl.ImportanceNameLow)
	}
	return wsdl.Ptr(wsdl.ImportanceNameNormal)
}

// sensitivityOf reads the field of RFC 4021, 2.1.56.
func sensitivityOf(env *enmime.Envelope) *wsdl.SensitivityName {
	switch strings.ToLower(strings.TrimSpace(env.GetHeader("Sensitivity"))) {
	case "personal":
		return wsdl.Ptr(wsdl.SensitivityNamePersonal)
	case "private":
		return wsdl.Ptr(wsdl.SensitivityNamePrivate)
	case "company-confidential":
		return wsdl.Ptr(wsdl.SensitivityNameConfidential)
	}
	return wsdl.Ptr(wsdl.SensitivityNameNormal)
}

// headersOf keeps the fields as they came, but for what the parts have.
func headersOf(env *enmime.Envelope) *wsdl.InternetHeadersType {
	out := new(wsdl.InternetHeadersType)
	for _, key := range env.GetHeaderKeys() {
		for _, value := range env.GetHeaderValues(key) {
			out.InternetMessageHeader = append(out.InternetMessageHeader, &wsdl.InternetHeaderType{
				HeaderName: wsdl.NewText(key), Value: wsdl.Ptr(wsdl.Text(value))})
		}
	}
	return out
}

func everyone(env *enmime.Envelope, key string) *wsdl.RecipientsType {
	list, err := env.AddressList(key)
	if err != nil || len(list) == 0 {
		return nil
	}
	out := new(wsdl.RecipientsType)
	for _, a := range list {
		out.Mailbox = append(out.Mailbox, mailboxOf(a))
	}
	return out
}

func firstPerson(env *enmime.Envelope, key string) *wsdl.RecipientType {
	list, err := env.AddressList(key)
	if err != nil || len(list) == 0 {
		return nil
	}
	return &wsdl.RecipientType{Mailbox: mailboxOf(list[0])}
}

func mailboxOf(a *mail.Address) *wsdl.EmailAddressType {
	return &wsdl.EmailAddressType{Name: wsdl.NewText(cmp.Or(a.Name, a.Address)), EmailAddress: wsdl.NewText(a.Address),
		RoutingType: wsdl.NewText("SMTP")}
}

// attachmentsOf lists the parts that are no body: files, and messages within
// the message.
func attachmentsOf(root *enmime.Part, depth int) (*wsdl.AttachmentList, error) {
	out := new(wsdl.AttachmentList)
	for _, p := range root.DepthMatchAll(isAttachment) {
		name := p.FileName
		if p.ContentType == "message/rfc822" {
			inner, err := parseMIME(p.Content, depth+1)
			if err != nil {
				return nil, err
			}
			out.Attachments = append(out.Attachments, &wsdl.ItemAttachmentType{
				Name: wsdl.NewText(cmp.Or(wsdl.Str(inner.Subject), name, "message")), Message: inner})
			continue
		}
		f := &wsdl.FileAttachmentType{
			Name: wsdl.NewText(cmp.Or(name, unnamed(p))), ContentType: wsdl.NewText(p.ContentType),
			ContentId: wsdl.NewText(strings.Trim(p.ContentID, "<>")), Content: &wsdl.Base64Content{Data: p.Content},
		}
		if p.ContentID != "" && p.Disposition != "attachment" {
			f.IsInline = wsdl.Ptr(wsdl.Bool(true))
		}
		out.Attachments = append(out.Attachments, f)
	}
	if len(out.Attachments) == 0 {
		return nil, nil
	}
	return out, nil
}

func isAttachment(p *enmime.Part) bool {
	switch {
	case strings.HasPrefix(p.ContentType, "multipart/"):
		return false
	case p.ContentType == "" || p.ContentType == "text/plain" || p.ContentType == "text/html":
		return p.Disposition == "attachment"
	}
	return true
}

// unnamed makes a name for a part that has none.
func unnamed(p *enmime.Part) string {
	if ext, err := mime.ExtensionsByType(p.ContentType); err == nil && len(ext) > 0 {
		return "attachment" + ext[0]
	}
	return "attachment"
}
