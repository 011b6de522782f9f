package ewsserver

import (
	"context"
	"reflect"
	"slices"

	"github.com/exconn/exconn/wsdl"
)

// shape says which properties an answer has.
type shape struct {
	base  wsdl.DefaultShapeNames
	extra []path
	// find is for FindItem and SyncFolderItems, which leave out what Exchange
	// does not keep in a folder's table: bodies, recipients, attachments.
	find                     bool
	mime                     bool
	body, unique, normalized wsdl.BodyTypeResponse
	maxBody                  int // in characters; 0 means all
}

// notFound are the properties that Exchange does not return from FindItem and
// SyncFolderItems ("Get the folder's items" in the EWS guides: bodies,
// recipients, attachments; and what has to be computed from the whole item).
var notFound = set("Body", "TextBody", "UniqueBody", "NormalizedBody", "MimeContent", "Attachments",
	"ToRecipients", "CcRecipients", "BccRecipients", "ReplyTo", "InternetMessageHeaders",
	"RequiredAttendees", "OptionalAttendees", "Resources", "Recurrence", "FirstOccurrence",
	"LastOccurrence", "ModifiedOccurrences", "DeletedOccurrences", "MeetingTimeZone", "Members")

// notAll are the properties that AllProperties leaves out: they are given
// where they are asked for by name.
var notAll = set("MimeContent", "ExtendedProperty", "UniqueBody", "NormalizedBody", "TextBody", "StoreEntryId",
	"DisplayBcc", "ReminderNextTime", "StartWallClock", "EndWallClock")

// The properties of the Default shape ("Property sets and response shapes in
// EWS in Exchange", tables 2 and 3, and the examples of GetItem, which have
// recipients and IsRead besides).
var (
	defaultItem    = set("ItemId", "Subject", "Sensitivity", "Size", "DateTimeSent", "DateTimeCreated", "HasAttachments", "IsAssociated")
	defaultMessage = set("ItemId", "Subject", "Sensitivity", "Body", "Size", "DateTimeSent", "DateTimeCreated", "HasAttachments",
		"IsAssociated", "ToRecipients", "CcRecipients", "IsReadReceiptRequested", "IsDeliveryReceiptRequested", "From", "IsRead",
		"AssociatedCalendarItemId", "IsDelegated", "IsOutOfDate", "HasBeenProcessed", "ResponseType", "MeetingRequestType",
		"IntendedFreeBusyStatus", "Start", "End", "Location", "Organizer", "ProposedStart", "ProposedEnd")
	defaultCalendarItem = set("ItemId", "Subject", "HasAttachments", "IsAssociated", "Start", "End", "LegacyFreeBusyStatus",
		"Location", "CalendarItemType", "Organizer")
	defaultContact = set("ItemId", "HasAttachments", "FileAs", "FileAsMapping", "DisplayName", "GivenName", "MiddleName", "Surname", "Initials",
		"Nickname", "CompleteName", "CompanyName", "EmailAddresses", "PhysicalAddresses", "PhoneNumbers", "ImAddresses", "JobTitle")
	defaultTask             = set("ItemId", "Subject", "HasAttachments", "DueDate", "PercentComplete", "StartDate", "Status")
	defaultDistributionList = set("ItemId", "Subject", "HasAttachments", "DisplayName", "FileAs", "Members")
	defaultFolder           = set("FolderId", "DisplayName", "TotalCount", "ChildFolderCount", "UnreadCount")
)

func readItemShape(s *wsdl.ItemResponseShape, find bool) (*shape, error) {
	if s == nil || s.BaseShape == nil {
		return nil, invalid("ItemShape or its BaseShape is missing.")
	}
	out := &shape{base: wsdl.Val(s.BaseShape.Value), find: find}
	if s.IncludeMimeContent != nil {
		out.mime = bool(wsdl.Val(s.IncludeMimeContent.Value))
	}
	if s.BodyType != nil {
		out.body = wsdl.Val(s.BodyType.Value)
	}
	out.unique, out.normalized = wsdl.BodyTypeResponseBest, wsdl.BodyTypeResponseBest
	if s.UniqueBodyType != nil {
		out.unique = wsdl.Val(s.UniqueBodyType.Value)
	}
	if s.NormalizedBodyType != nil {
		out.normalized = wsdl.Val(s.NormalizedBodyType.Value)
	}
	if s.MaximumBodySize != nil {
		out.maxBody = max(0, int(wsdl.Val(s.MaximumBodySize.Value)))
	}
	if err := out.readExtra(s.AdditionalProperties); err != nil {
		return nil, err
	}
	return out, out.check()
}

func readFolderShape(s *wsdl.FolderResponseShape) (*shape, error) {
	if s == nil || s.BaseShape == nil {
		return nil, invalid("FolderShape or its BaseShape is missing.")
	}
	out := &shape{base: wsdl.Val(s.BaseShape.Value)}
	if err := out.readExtra(s.AdditionalProperties); err != nil {
		return nil, err
	}
	return out, out.check()
}

func (s *shape) readExtra(a *wsdl.AdditionalProperties) error {
	if a == nil {
		return nil
	}
	add := func(p path, err error) error {
		if err != nil {
			return err
		}
		if p.field == "MimeContent" {
			s.mime = true
		}
		s.extra = append(s.extra, p)
		return nil
	}
	for _, f := range a.FieldURI {
		if err := add(readPath(f, nil, nil)); err != nil {
			return err
		}
	}
	for _, f := range a.IndexedFieldURI {
		if err := add(readPath(nil, f, nil)); err != nil {
			return err
		}
	}
	for _, f := range a.ExtendedFieldURI {
		if err := add(readPath(nil, nil, f)); err != nil {
			return err
		}
	}
	return nil
}

func (s *shape) check() error {
	switch s.base {
	case wsdl.DefaultShapeNamesIdOnly, wsdl.DefaultShapeNamesDefault, wsdl.DefaultShapeNamesAllProperties:
	default:
		return invalid("%q is no BaseShape.", clip(string(s.base)))
	}
	for _, b := range []wsdl.BodyTypeResponse{s.body, s.unique, s.normalized} {
		switch b {
		case "", wsdl.BodyTypeResponseBest, wsdl.BodyTypeResponseHTML, wsdl.BodyTypeResponseText:
		default:
			return invalid("%q is no BodyType.", clip(string(b)))
		}
	}
	return nil
}

// searchable refuses what FindItem does not leave out in silence: Exchange
// answers TextBody with an error (observed, Exchange Online 2017).
func (s *shape) searchable() error {
	for _, p := range s.extra {
		if p.field == "TextBody" {
			return fieldError(ErrorInvalidPropertyForOperation, p.uri)
		}
	}
	return nil
}

// has reports whether the shape has a field of an object without its being
// asked for by name.
func (s *shape) has(object any, field string) bool {
	if field == "ItemId" || field == "FolderId" {
		return true
	}
	switch s.base {
	case wsdl.DefaultShapeNamesAllProperties:
		return !notAll[field]
	case wsdl.DefaultShapeNamesDefault:
		return defaults(object)[field]
	}
	return false
}

func defaults(object any) nameSet {
	switch object.(type) {
	case *wsdl.CalendarItemType:
		return defaultCalendarItem
	case *wsdl.ContactItemType:
		return defaultContact
	case *wsdl.TaskType:
		return defaultTask
	case *wsdl.DistributionListType:
		return defaultDistributionList
	case *wsdl.ItemType:
		return defaultItem
	case *wsdl.MessageType, *wsdl.MeetingMessageType, *wsdl.MeetingRequestMessageType, *wsdl.MeetingResponseMessageType, *wsdl.MeetingCancellationMessageType:
		return defaultMessage
	}
	return defaultFolder
}

// cut returns a new item or folder with the shape's properties alone.
func (c *call) cut(ctx context.Context, s *shape, object any) (any, error) {
	from := reflect.ValueOf(object).Elem()
	t := from.Type()
	out := reflect.New(t)
	result := out.Interface()
	asked := func(field string) bool {
		return slices.ContainsFunc(s.extra, func(p path) bool { return p.field == field })
	}
	for i := range t.NumField() {
		field := t.Field(i).Name
		if field == "XMLName" || field == "ExtendedProperty" || field == "MimeContent" {
			continue
		}
		if s.find && notFound[field] || !s.has(object, field) && !asked(field) {
			continue
		}
		out.Elem().Field(i).Set(s.value(object, field, from.Field(i)))
	}
	s.addExtended(object, result)
	if s.mime && !s.find {
		if err := c.addMIME(ctx, object, result); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// value returns a property as it goes into an answer.
func (s *shape) value(object any, field string, stored reflect.Value) reflect.Value {
	var v any
	switch field {
	case "Body":
		v = s.limit(convertBody(get[*wsdl.BodyContent](object, field), s.body))
	case "UniqueBody":
		v = s.limit(convertBody(derivedBody(object, field), s.unique))
	case "NormalizedBody":
		v = s.limit(convertBody(derivedBody(object, field), s.normalized))
	case "TextBody":
		v = s.limit(convertBody(derivedBody(object, field), wsdl.BodyTypeResponseText))
	case "Attachments":
		v = listed(get[*wsdl.AttachmentList](object, field))
	default:
		if stored.IsNil() {
			v = derive(object, field)
		}
	}
	if rv := reflect.ValueOf(v); v != nil && rv.Type() == stored.Type() {
		return rv
	}
	return stored
}

// limit cuts a body to MaximumBodySize.
func (s *shape) limit(b *wsdl.BodyContent) *wsdl.BodyContent {
	if b == nil || s.maxBody == 0 {
		return b
	}
	r := []rune(wsdl.Str(b.Value))
	if len(r) <= s.maxBody {
		return b
	}
	return &wsdl.BodyContent{BodyType: b.BodyType, IsTruncated: wsdl.Ptr(wsdl.Bool(true)), Value: wsdl.Ptr(wsdl.Text(string(r[:s.maxBody])))}
}

// listed leaves the content of attachments out: an item lists them only. An
// item without attachments has no list.
func listed(l *wsdl.AttachmentList) *wsdl.AttachmentList {
	if l == nil || len(l.Attachments) == 0 {
		return nil
	}
	out := new(wsdl.AttachmentList)
	for _, a := range l.Attachments {
		switch a := a.(type) {
		case *wsdl.FileAttachmentType:
			f := *a
			f.Content = nil
			out.Attachments = append(out.Attachments, &f)
		case *wsdl.ItemAttachmentType:
			out.Attachments = append(out.Attachments, describeItem(a))
		}
	}
	return out
}

// describeItem returns an item attachment without its item.
func describeItem(a *wsdl.ItemAttachmentType) *wsdl.ItemAttachmentType {
	return &wsdl.ItemAttachmentType{AttachmentId: a.AttachmentId, Name: a.Name, ContentType: a.ContentType, ContentId: a.ContentId,
		ContentLocation: a.ContentLocation, AttachmentOriginalUrl: a.AttachmentOriginalUrl, Size: a.Size,
		LastModifiedTime: a.LastModifiedTime, IsInline: a.IsInline}
}

// addExtended adds the extended properties and single Internet headers that
// were asked for.
func (s *shape) addExtended(object, result any) {
	var found []*wsdl.ExtendedPropertyType
	var headers []*wsdl.InternetHeaderType
	for _, p := range s.extra {
		switch {
		case p.extended != nil:
			if e := extendedProperty(object, p); e != nil {
				found = append(found, asAsked(e, p))
			}
		case p.header != "":
			if h := internetHeader(object, p.header); h != nil {
				headers = append(headers, h)
			}
		case p.entry != nil:
			p.entry.copyTo(result, object)
		}
	}
	if found != nil {
		put(result, "ExtendedProperty", found)
	}
	if headers != nil && get[*wsdl.InternetHeadersType](result, "InternetMessageHeaders") == nil {
		put(result, "InternetMessageHeaders", &wsdl.InternetHeadersType{InternetMessageHeader: headers})
	}
}
