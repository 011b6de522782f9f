package wsdl

import "encoding/xml"

// FolderUpdateList holds the changes to one folder in the order in which they
// apply: *SetFolderFieldType, *AppendToFolderFieldType or *DeleteFolderFieldType.
type FolderUpdateList struct {
	Updates []any
}

var folderUpdateKinds = newKinds(
	kind{"SetFolderField", (*SetFolderFieldType)(nil)},
	kind{"AppendToFolderField", (*AppendToFolderFieldType)(nil)},
	kind{"DeleteFolderField", (*DeleteFolderFieldType)(nil)},
)

// DecodeChild appends a child and returns it to be filled in.
func (l *FolderUpdateList) DecodeChild(name xml.Name) any {
	c := folderUpdateKinds.make(name.Local)
	if c != nil {
		l.Updates = append(l.Updates, c)
	}
	return c
}

// UnmarshalXML keeps the children in document order.
func (l *FolderUpdateList) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, l)
}

// MarshalXML writes the children in their order.
func (l *FolderUpdateList) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	named, err := folderUpdateKinds.children("FolderUpdateList", l.Updates)
	if err != nil {
		return err
	}
	return marshalMixed(e, start, named)
}
