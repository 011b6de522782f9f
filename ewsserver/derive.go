package ewsserver

import (
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// derive computes a property that the backend left out from the others, or
// returns nil.
func derive(object any, field string) any {
	switch field {
	case "DisplayTo":
		return display(object, "ToRecipients", "RequiredAttendees")
	case "DisplayCc":
		return display(object, "CcRecipients", "OptionalAttendees")
	case "DisplayBcc":
		return display(object, "BccRecipients", "Resources")
	case "HasAttachments":
		return wsdl.Ptr(wsdl.Bool(hasAttachments(object)))
	case "IsAssociated":
		return wsdl.Ptr(wsdl.Bool(false))
	case "Preview":
		return preview(object)
	}
	return nil
}

// display joins the names of recipients or attendees, as Outlook shows them.
func display(object any, recipients, attendees string) *wsdl.Text {
	var names []string
	add := func(m *wsdl.EmailAddressType) {
		if m == nil {
			return
		}
		name := wsdl.Str(m.Name)
		if name == "" {
			name = wsdl.Str(m.EmailAddress)
		}
		names = append(names, name)
	}
	if r := get[*wsdl.RecipientsType](object, recipients); r != nil {
		for _, m := range r.Mailbox {
			add(m)
		}
	} else if a := get[*wsdl.AttendeesType](object, attendees); a != nil {
		for _, each := range a.Attendee {
			add(each.Mailbox)
		}
	}
	if names == nil {
		return nil
	}
	return wsdl.Ptr(wsdl.Text(strings.Join(names, "; ")))
}

// hasAttachments ignores inline images, as Exchange does.
func hasAttachments(object any) bool {
	l := get[*wsdl.AttachmentList](object, "Attachments")
	if l == nil {
		return false
	}
	for _, a := range l.Attachments {
		f, file := a.(*wsdl.FileAttachmentType)
		if !file || !bool(wsdl.Val(f.IsInline)) {
			return true
		}
	}
	return false
}

// previewLength is how many characters of the body Exchange shows (observed:
// 255).
const previewLength = 255

func preview(object any) *wsdl.Text {
	body := get[*wsdl.BodyContent](object, "Body")
	if body == nil {
		return nil
	}
	text := strings.Join(strings.Fields(wsdl.Str(convertBody(body, wsdl.BodyTypeResponseText).Value)), " ")
	if r := []rune(text); len(r) > previewLength {
		text = string(r[:previewLength])
	}
	return wsdl.NewText(text)
}

// derivedBody returns UniqueBody, NormalizedBody or TextBody as it is stored,
// or the body in their stead: this package does not tell what is quoted.
func derivedBody(object any, field string) *wsdl.BodyContent {
	if b := get[*wsdl.BodyContent](object, field); b != nil {
		return b
	}
	return get[*wsdl.BodyContent](object, "Body")
}

// internetHeader returns the first header of that name, or nil.
func internetHeader(object any, name string) *wsdl.InternetHeaderType {
	h := get[*wsdl.InternetHeadersType](object, "InternetMessageHeaders")
	if h == nil {
		return nil
	}
	for _, each := range h.InternetMessageHeader {
		if strings.EqualFold(wsdl.Str(each.HeaderName), name) {
			return each
		}
	}
	return nil
}

// value returns a property for restrictions and sort orders: what is stored,
// or derived from it; nil where there is nothing.
func value(object any, p path) any {
	switch {
	case p.extended != nil:
		if e := extendedProperty(object, p); e != nil {
			return e
		}
		return nil
	case p.header != "":
		if h := internetHeader(object, p.header); h != nil {
			return h.Value
		}
		return nil
	case p.entry != nil:
		if text := p.entry.value(object); text != nil {
			return text
		}
		return nil
	}
	v, ok := slot(object, p.field)
	if !ok {
		return nil
	}
	if v.IsNil() {
		if d := derive(object, p.field); !absent(d) {
			return d
		}
		return nil
	}
	return v.Interface()
}
