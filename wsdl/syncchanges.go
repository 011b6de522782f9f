package wsdl

import "encoding/xml"

// ChangeKind is what happened to an item or a folder.
type ChangeKind string

// The kinds of change; ReadFlagChange is for items alone.
const (
	Created        ChangeKind = "Create"
	Updated        ChangeKind = "Update"
	Deleted        ChangeKind = "Delete"
	ReadFlagChange ChangeKind = "ReadFlagChange"
)

// SyncItemChange is one change of a SyncFolderItems answer. The field that is
// set follows from Kind.
type SyncItemChange struct {
	Kind     ChangeKind
	Item     *SyncItemType       // Created, Updated
	Delete   *SyncItemDeleteType // Deleted
	ReadFlag *SyncReadFlagType   // ReadFlagChange
}

// SyncItemChanges holds changes in the order in which they are to be applied.
type SyncItemChanges struct {
	Changes []SyncItemChange
}

// DecodeChild appends a change and returns what is to be filled in.
func (l *SyncItemChanges) DecodeChild(name xml.Name) any {
	c := SyncItemChange{Kind: ChangeKind(name.Local)}
	var target any
	switch c.Kind {
	case Created, Updated:
		c.Item = new(SyncItemType)
		target = c.Item
	case Deleted:
		c.Delete = new(SyncItemDeleteType)
		target = c.Delete
	case ReadFlagChange:
		c.ReadFlag = new(SyncReadFlagType)
		target = c.ReadFlag
	default:
		return nil
	}
	l.Changes = append(l.Changes, c)
	return target
}

// UnmarshalXML keeps the changes in document order.
func (l *SyncItemChanges) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, l)
}

// MarshalXML writes the changes in their order.
func (l *SyncItemChanges) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	named := make([]child, len(l.Changes))
	for i, c := range l.Changes {
		named[i].name = string(c.Kind)
		switch c.Kind {
		case Deleted:
			named[i].value = c.Delete
		case ReadFlagChange:
			named[i].value = c.ReadFlag
		default:
			named[i].value = c.Item
		}
	}
	return marshalMixed(e, start, named)
}

// Value returns the item of the change, as in an ItemList, or nil.
func (s *SyncItemType) Value() any {
	switch {
	case s == nil:
		return nil
	case s.Message != nil:
		return s.Message
	case s.CalendarItem != nil:
		return s.CalendarItem
	case s.MeetingRequest != nil:
		return s.MeetingRequest
	case s.MeetingResponse != nil:
		return s.MeetingResponse
	case s.MeetingCancellation != nil:
		return s.MeetingCancellation
	case s.MeetingMessage != nil:
		return s.MeetingMessage
	case s.Contact != nil:
		return s.Contact
	case s.DistributionList != nil:
		return s.DistributionList
	case s.Task != nil:
		return s.Task
	case s.PostItem != nil:
		return s.PostItem
	case s.Item != nil:
		return s.Item
	}
	return nil
}

// SyncFolderChange is one change of a SyncFolderHierarchy answer. The field
// that is set follows from Kind.
type SyncFolderChange struct {
	Kind   ChangeKind
	Folder *SyncFolderType       // Created, Updated
	Delete *SyncFolderDeleteType // Deleted
}

// SyncFolderChanges holds changes in the order in which they are to be applied.
type SyncFolderChanges struct {
	Changes []SyncFolderChange
}

// DecodeChild appends a change and returns what is to be filled in.
func (l *SyncFolderChanges) DecodeChild(name xml.Name) any {
	c := SyncFolderChange{Kind: ChangeKind(name.Local)}
	var target any
	switch c.Kind {
	case Created, Updated:
		c.Folder = new(SyncFolderType)
		target = c.Folder
	case Deleted:
		c.Delete = new(SyncFolderDeleteType)
		target = c.Delete
	default:
		return nil
	}
	l.Changes = append(l.Changes, c)
	return target
}

// UnmarshalXML keeps the changes in document order.
func (l *SyncFolderChanges) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, l)
}

// MarshalXML writes the changes in their order.
func (l *SyncFolderChanges) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	named := make([]child, len(l.Changes))
	for i, c := range l.Changes {
		named[i].name = string(c.Kind)
		if c.Kind == Deleted {
			named[i].value = c.Delete
		} else {
			named[i].value = c.Folder
		}
	}
	return marshalMixed(e, start, named)
}

// Value returns the folder of the change, as in a FolderList, or nil.
func (s *SyncFolderType) Value() any {
	switch {
	case s == nil:
		return nil
	case s.Folder != nil:
		return s.Folder
	case s.CalendarFolder != nil:
		return s.CalendarFolder
	case s.ContactsFolder != nil:
		return s.ContactsFolder
	case s.SearchFolder != nil:
		return s.SearchFolder
	case s.TasksFolder != nil:
		return s.TasksFolder
	}
	return nil
}
