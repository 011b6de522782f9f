package wsdl

import "encoding/xml"

// Conflict is how one attendee stands to a suggested time. The field that is
// set follows from Kind.
type Conflict struct {
	// Kind is the element's name, such as "IndividualAttendeeConflictData".
	Kind     string
	Attendee *AttendeeConflictType
	Group    *GroupConflictType // GroupAttendeeConflictData
}

const groupConflict = "GroupAttendeeConflictData"

// ConflictList holds conflicts in the order of the attendees.
type ConflictList struct {
	Conflicts []Conflict
}

// DecodeChild appends a conflict and returns what is to be filled in.
func (l *ConflictList) DecodeChild(name xml.Name) any {
	c := Conflict{Kind: name.Local}
	var target any
	switch c.Kind {
	case groupConflict:
		c.Group = new(GroupConflictType)
		target = c.Group
	case "UnknownAttendeeConflictData", "IndividualAttendeeConflictData", "TooBigGroupAttendeeConflictData":
		c.Attendee = new(AttendeeConflictType)
		target = c.Attendee
	default:
		return nil
	}
	l.Conflicts = append(l.Conflicts, c)
	return target
}

// UnmarshalXML keeps the conflicts in document order.
func (l *ConflictList) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, l)
}

// MarshalXML writes the conflicts in their order.
func (l *ConflictList) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	named := make([]child, len(l.Conflicts))
	for i, c := range l.Conflicts {
		named[i] = child{c.Kind, c.Attendee}
		if c.Kind == groupConflict {
			named[i].value = c.Group
		}
	}
	return marshalMixed(e, start, named)
}
