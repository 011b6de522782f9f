package wsdl

import "encoding/xml"

// UpdateList holds the changes to one item in the order in which they apply:
// *SetItemFieldType, *AppendToItemFieldType or *DeleteItemFieldType.
type UpdateList struct {
	Updates []any
}

var updateKinds = newKinds(
	kind{"SetItemField", (*SetItemFieldType)(nil)},
	kind{"AppendToItemField", (*AppendToItemFieldType)(nil)},
	kind{"DeleteItemField", (*DeleteItemFieldType)(nil)},
)

// DecodeChild appends a child and returns it to be filled in.
func (l *UpdateList) DecodeChild(name xml.Name) any {
	c := updateKinds.make(name.Local)
	if c != nil {
		l.Updates = append(l.Updates, c)
	}
	return c
}

// UnmarshalXML keeps the children in document order.
func (l *UpdateList) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, l)
}

// MarshalXML writes the children in their order.
func (l *UpdateList) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	named, err := updateKinds.children("UpdateList", l.Updates)
	if err != nil {
		return err
	}
	return marshalMixed(e, start, named)
}
