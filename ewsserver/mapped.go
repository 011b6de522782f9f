package ewsserver

import (
	"strconv"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// mapped are properties that the schema has elements for, by the tag and type
// under which they can be had as extended properties as well ([MS-OXPROPS]).
// Each function returns the value, or false where an object has none.
var mapped = map[string]func(object any) (string, bool){
	"0x0017/Integer": func(o any) (string, bool) { return placeOf(o, "Importance", "Low", "Normal", "High") },
	"0x001a/String":  func(o any) (string, bool) { return textOf(o, "ItemClass") },
	"0x0036/Integer": func(o any) (string, bool) {
		return placeOf(o, "Sensitivity", "Normal", "Personal", "Private", "Confidential")
	},
	"0x0037/String":     func(o any) (string, bool) { return textOf(o, "Subject") },
	"0x0039/SystemTime": func(o any) (string, bool) { return timeText(o, "DateTimeSent") },
	"0x0070/String":     func(o any) (string, bool) { return textOf(o, "ConversationTopic") },
	"0x0e06/SystemTime": func(o any) (string, bool) { return timeText(o, "DateTimeReceived") },
	"0x0e07/Integer":    messageFlags,
	"0x0e08/Integer":    func(o any) (string, bool) { return numberOf(o, "Size") },
	"0x0e1b/Boolean":    hasFiles,
	"0x1035/String":     func(o any) (string, bool) { return textOf(o, "InternetMessageId") },
	"0x1039/String":     func(o any) (string, bool) { return textOf(o, "References") },
	"0x1042/String":     func(o any) (string, bool) { return textOf(o, "InReplyTo") },
	"0x3001/String":     func(o any) (string, bool) { return textOf(o, "DisplayName") },
	"0x3007/SystemTime": func(o any) (string, bool) { return timeText(o, "DateTimeCreated") },
	"0x3008/SystemTime": func(o any) (string, bool) { return timeText(o, "LastModifiedTime") },
	"0x3602/Integer":    func(o any) (string, bool) { return numberOf(o, "TotalCount") },
	"0x3603/Integer":    func(o any) (string, bool) { return numberOf(o, "UnreadCount") },
	"0x1000/String": func(o any) (string, bool) {
		body := convertBody(get[*wsdl.BodyContent](o, "Body"), wsdl.BodyTypeResponseText)
		if body == nil {
			return "", false
		}
		return wsdl.Str(body.Value), true
	},
	"0x1090/Integer": func(o any) (string, bool) {
		if flag := get[*wsdl.FlagType](o, "Flag"); flag != nil {
			return placeOf(flag, "FlagStatus", flagRanks...)
		}
		return "", false
	},
	// PidLidRecurring, by its set ([MS-OXPROPS] 2.216).
	"00062002-0000-0000-c000-000000000046/0x8223/Boolean": func(o any) (string, bool) {
		e, ok := o.(*wsdl.CalendarItemType)
		return strconv.FormatBool(ok && e.Recurrence != nil), ok
	},
	"0x3613/String": func(o any) (string, bool) { return textOf(o, "FolderClass") },
}

// mappedProperty returns what an object tells under a tag, or nil.
func mappedProperty(object any, p path) *wsdl.ExtendedPropertyType {
	read := mapped[strings.TrimPrefix(p.uri, extendedPrefix)]
	if read == nil {
		return nil
	}
	value, ok := read(object)
	if !ok {
		return nil
	}
	return &wsdl.ExtendedPropertyType{ExtendedFieldURI: p.extended, Value: wsdl.Ptr(wsdl.Text(value))}
}

func textOf(object any, field string) (string, bool) {
	text := get[*wsdl.Text](object, field)
	return wsdl.Str(text), text != nil
}

func numberOf(object any, field string) (string, bool) {
	n := get[*wsdl.Int32](object, field)
	return strconv.Itoa(int(wsdl.Val(n))), n != nil
}

func timeText(object any, field string) (string, bool) {
	t := get[*wsdl.DateTimeText](object, field)
	return string(wsdl.Val(t)), t != nil
}

// placeOf returns the place of a word in a list of them.
func placeOf(object any, field string, words ...string) (string, bool) {
	v, ok := slot(object, field)
	if !ok || v.IsNil() {
		return "", false
	}
	for i, word := range words {
		if v.Elem().String() == word {
			return strconv.Itoa(i), true
		}
	}
	return "", false
}

// hasFiles is PidTagHasAttachments.
func hasFiles(object any) (string, bool) {
	if _, item := slot(object, "Attachments"); !item {
		return "", false
	}
	return strconv.FormatBool(attached(object)), true
}

// attached reports whether an item has attachments, those in the text included.
func attached(object any) bool {
	list := get[*wsdl.AttachmentList](object, "Attachments")
	return list != nil && len(list.Attachments) > 0
}

// messageFlags is PidTagMessageFlags ([MS-OXCMSG] 2.2.1.6).
func messageFlags(object any) (string, bool) {
	if !isMessage(object) {
		return "", false
	}
	flags := 0
	for _, each := range []struct {
		bit int
		set bool
	}{
		{0x01, bool(wsdl.Val(get[*wsdl.Bool](object, "IsRead")))},
		{0x02, bool(wsdl.Val(get[*wsdl.Bool](object, "IsUnmodified")))},
		{0x04, bool(wsdl.Val(get[*wsdl.Bool](object, "IsSubmitted")))},
		{0x08, bool(wsdl.Val(get[*wsdl.Bool](object, "IsDraft")))},
		{0x10, attached(object)},
		{0x20, bool(wsdl.Val(get[*wsdl.Bool](object, "IsFromMe")))},
	} {
		if each.set {
			flags |= each.bit
		}
	}
	return strconv.Itoa(flags), true
}
