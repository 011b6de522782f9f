package ewsserver

import (
	"reflect"
	"slices"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// readOnly are the properties that the server alone decides.
var readOnly = set("ItemId", "ParentFolderId", "MimeContent", "Attachments", "DateTimeReceived", "Size", "IsSubmitted",
	"IsDraft", "IsFromMe", "IsResend", "IsUnmodified", "DateTimeSent", "DateTimeCreated", "DisplayCc", "DisplayTo", "DisplayBcc",
	"HasAttachments", "EffectiveRights", "LastModifiedName", "LastModifiedTime", "IsAssociated", "WebClientReadFormQueryString",
	"WebClientEditFormQueryString", "ConversationId", "UniqueBody", "NormalizedBody", "TextBody", "StoreEntryId", "InstanceKey",
	"Preview", "ConversationIndex", "ConversationTopic", "ReceivedBy", "ReceivedRepresenting", "AssociatedCalendarItemId",
	"IsDelegated", "IsOutOfDate", "HasBeenProcessed", "ResponseType", "OriginalStart", "When", "IsCancelled", "IsRecurring",
	"IsMeeting", "MeetingRequestWasSent", "CalendarItemType", "MyResponseType", "Organizer", "ConflictingMeetingCount",
	"AdjacentMeetingCount", "Duration", "TimeZone", "AppointmentReplyTime", "AppointmentSequenceNumber", "AppointmentState",
	"FirstOccurrence", "LastOccurrence", "ModifiedOccurrences", "DeletedOccurrences", "IsOrganizer", "UID", "RecurrenceId",
	"DateTimeStamp", "MeetingRequestType", "IntendedFreeBusyStatus",
	// Of contacts, lists and tasks ([MS-OXWSCONT] 2.2.4.2, [MS-OXWSTASK] 2.2.4.3).
	"CompleteName", "ContactSource", "HasPicture", "Alias", "Notes", "AssignedTime", "ChangeCount", "DelegationState", "Delegator",
	"IsAssignmentEditable", "IsComplete", "IsTeamTask", "Owner", "StatusDescription")

// draftOnly are the properties of a message that are settled once it is sent.
var draftOnly = set("ToRecipients", "CcRecipients", "BccRecipients", "From", "Sender", "ReplyTo", "InternetMessageId",
	"References", "IsReadReceiptRequested", "IsDeliveryReceiptRequested", "IsResponseRequested")

// needed are the properties that an item cannot be without.
var needed = set("ItemClass", "Start", "End", "IsRead", "Sensitivity", "Importance", "StartTimeZone", "EndTimeZone", "IsAllDayEvent")

// apply makes one change and returns the path that it is about.
func (c *call) apply(item, update any) (path, error) {
	switch u := update.(type) {
	case *wsdl.SetItemFieldType:
		p, from, err := c.change(item, u.FieldURI, u.IndexedFieldURI, u.ExtendedFieldURI, ErrorInvalidPropertySet, u)
		if err != nil {
			return p, err
		}
		return p, setField(item, p, from)
	case *wsdl.AppendToItemFieldType:
		p, from, err := c.change(item, u.FieldURI, u.IndexedFieldURI, u.ExtendedFieldURI, ErrorInvalidPropertyAppend, u)
		if err != nil {
			return p, err
		}
		return p, appendField(item, p, from)
	case *wsdl.DeleteItemFieldType:
		p, err := readPath(u.FieldURI, u.IndexedFieldURI, u.ExtendedFieldURI)
		if err == nil {
			p, err = byElement(p, nil)
		}
		if err == nil {
			err = writable(item, p, ErrorInvalidPropertyDelete)
		}
		if err != nil {
			return p, err
		}
		return p, deleteField(item, p)
	}
	return path{}, invalid("a change is of no known kind.")
}

// change reads the path of a change and the item in it that holds the value.
func (c *call) change(item any, f *wsdl.FieldURI, i *wsdl.IndexedFieldURI, e *wsdl.ExtendedFieldURI, code Code, update any) (path, any, error) {
	p, err := readPath(f, i, e)
	if err != nil {
		return p, nil, err
	}
	for _, kind := range []string{"Message", "CalendarItem", "Item", "MeetingMessage", "MeetingRequest", "MeetingResponse", "MeetingCancellation",
		"Contact", "Task", "DistributionList"} {
		if v, ok := slot(update, kind); ok && !v.IsNil() {
			from := v.Interface()
			if p, err = byElement(p, from); err != nil {
				return p, nil, err
			}
			if err := writable(item, p, code); err != nil {
				return p, nil, err
			}
			return p, from, c.resolveTimes(from)
		}
	}
	return p, nil, invalid("a change holds no item.")
}

// writable checks that a property can be changed at all.
func writable(item any, p path, code Code) error {
	if p.extended != nil || p.header != "" {
		return nil
	}
	if p.entry != nil {
		if _, contact := item.(*wsdl.ContactItemType); !contact {
			return fieldError(code, p.uri)
		}
		return nil
	}
	if p.member != "" {
		// A member is taken away by its key; others come by appending.
		if _, list := item.(*wsdl.DistributionListType); !list || code != ErrorInvalidPropertyDelete {
			return fieldError(code, p.uri)
		}
		return nil
	}
	if _, has := slot(item, p.field); !has || readOnly[p.field] || strings.HasPrefix(p.uri, "folder:") {
		return fieldError(code, p.uri)
	}
	if draftOnly[p.field] && isMessage(item) && !bool(wsdl.Val(get[*wsdl.Bool](item, "IsDraft"))) {
		return fieldError(code, p.uri)
	}
	return nil
}

func setField(item any, p path, from any) error {
	switch {
	case p.extended != nil:
		e := storedProperty(from, p)
		if e == nil {
			return fieldError(ErrorUpdatePropertyMismatch, p.uri)
		}
		if err := canonical(e); err != nil {
			return err
		}
		removeExtended(item, p)
		put(item, "ExtendedProperty", append(get[[]*wsdl.ExtendedPropertyType](item, "ExtendedProperty"), e))
		return nil
	case p.header != "":
		h := internetHeader(from, p.header)
		if h == nil {
			return fieldError(ErrorUpdatePropertyMismatch, p.uri)
		}
		setHeader(item, p.header, h)
		return nil
	case p.entry != nil:
		if !p.entry.set(item, from) {
			return fieldError(ErrorUpdatePropertyMismatch, p.uri)
		}
		return nil
	}
	value, ok := slot(from, p.field)
	to, _ := slot(item, p.field)
	if !ok || value.IsNil() || value.Type() != to.Type() {
		return fieldError(ErrorUpdatePropertyMismatch, p.uri)
	}
	// A copy, since a lost race applies the same changes again.
	to.Set(deepCopy(value))
	return nil
}

func deleteField(item any, p path) error {
	switch {
	case p.extended != nil:
		removeExtended(item, p)
		return nil
	case p.header != "":
		setHeader(item, p.header, nil)
		return nil
	case p.entry != nil:
		p.entry.remove(item)
		return nil
	case p.member != "":
		removeMember(item, p.member)
		return nil
	}
	if needed[p.field] {
		return fieldError(ErrorInvalidPropertyDelete, p.uri)
	}
	to, _ := slot(item, p.field)
	to.Set(reflect.Zero(to.Type()))
	return nil
}

// appendField adds to bodies and to lists of people; Exchange knows no other
// properties that can be appended to.
func appendField(item any, p path, from any) error {
	if p.extended != nil || p.header != "" || p.entry != nil {
		return fieldError(ErrorInvalidPropertyAppend, p.uri)
	}
	value, ok := slot(from, p.field)
	to, _ := slot(item, p.field)
	if !ok || value.IsNil() || value.Type() != to.Type() {
		return fieldError(ErrorUpdatePropertyMismatch, p.uri)
	}
	switch more := value.Interface().(type) {
	case *wsdl.BodyContent:
		if to.IsNil() {
			to.Set(deepCopy(value))
			return nil
		}
		body := to.Interface().(*wsdl.BodyContent)
		format := wsdl.BodyTypeResponse(wsdl.Val(body.BodyType))
		body.Value = wsdl.Ptr(wsdl.Text(appendBody(body, convertBody(more, format))))
		return nil
	case *wsdl.RecipientsType:
		if !to.IsNil() {
			old := to.Interface().(*wsdl.RecipientsType)
			more = &wsdl.RecipientsType{Mailbox: append(old.Mailbox, more.Mailbox...)}
		}
		to.Set(reflect.ValueOf(more))
		return nil
	case *wsdl.AttendeesType:
		if !to.IsNil() {
			old := to.Interface().(*wsdl.AttendeesType)
			more = &wsdl.AttendeesType{Attendee: append(old.Attendee, more.Attendee...)}
		}
		to.Set(reflect.ValueOf(more))
		return nil
	case *wsdl.MembersType:
		if !to.IsNil() {
			old := to.Interface().(*wsdl.MembersType)
			more = &wsdl.MembersType{Member: append(old.Member, more.Member...)}
		}
		to.Set(reflect.ValueOf(more))
		return nil
	}
	return fieldError(ErrorInvalidPropertyAppend, p.uri)
}

// appendBody joins two bodies of the same format.
func appendBody(old, more *wsdl.BodyContent) string {
	text, added := wsdl.Str(old.Value), wsdl.Str(more.Value)
	if wsdl.Val(old.BodyType) != wsdl.BodyTypeNameHTML {
		return text + added
	}
	added = insideBody(added)
	if i := strings.LastIndex(asciiLower(text), "</body"); i >= 0 {
		return text[:i] + added + text[i:]
	}
	return text + added
}

func removeExtended(item any, p path) {
	list := get[[]*wsdl.ExtendedPropertyType](item, "ExtendedProperty")
	list = slices.DeleteFunc(list, func(e *wsdl.ExtendedPropertyType) bool {
		if e == nil || e.ExtendedFieldURI == nil {
			return false
		}
		key, ok := extendedKey(e.ExtendedFieldURI)
		return ok && extendedPrefix+key == p.uri
	})
	put(item, "ExtendedProperty", list)
}

// removeMember takes the member with a key out of a list; one that is not there
// is no error, as with every property.
func removeMember(item any, key string) {
	members := get[*wsdl.MembersType](item, "Members")
	if members == nil {
		return
	}
	members.Member = slices.DeleteFunc(members.Member, func(m *wsdl.MemberType) bool { return wsdl.Str(m.Key) == key })
}

// setHeader replaces the headers of a name; nil removes them.
func setHeader(item any, name string, h *wsdl.InternetHeaderType) {
	headers := get[*wsdl.InternetHeadersType](item, "InternetMessageHeaders")
	if headers == nil {
		headers = new(wsdl.InternetHeadersType)
	}
	headers.InternetMessageHeader = slices.DeleteFunc(headers.InternetMessageHeader, func(e *wsdl.InternetHeaderType) bool {
		return strings.EqualFold(wsdl.Str(e.HeaderName), name)
	})
	if h != nil {
		headers.InternetMessageHeader = append(headers.InternetMessageHeader, h)
	}
	put(item, "InternetMessageHeaders", headers)
}
