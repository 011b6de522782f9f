package wsdl

import "encoding/xml"

// ItemIdList holds ids of items in document order: *ItemIdType,
// *OccurrenceItemIdType or *RecurringMasterItemIdType.
type ItemIdList struct {
	Ids []any
}

var itemIdKinds = newKinds(
	kind{"ItemId", (*ItemIdType)(nil)},
	kind{"OccurrenceItemId", (*OccurrenceItemIdType)(nil)},
	kind{"RecurringMasterItemId", (*RecurringMasterItemIdType)(nil)},
)

// DecodeChild appends a child and returns it to be filled in.
func (l *ItemIdList) DecodeChild(name xml.Name) any {
	c := itemIdKinds.make(name.Local)
	if c != nil {
		l.Ids = append(l.Ids, c)
	}
	return c
}

// UnmarshalXML keeps the children in document order.
func (l *ItemIdList) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, l)
}

// MarshalXML writes the children in their order.
func (l *ItemIdList) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	named, err := itemIdKinds.children("ItemIdList", l.Ids)
	if err != nil {
		return err
	}
	return marshalMixed(e, start, named)
}
