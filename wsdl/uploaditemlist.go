package wsdl

import "encoding/xml"

// UploadItemList holds *UploadItemType.
type UploadItemList struct {
	Items []any
}

var uploadItemKinds = newKinds(
	kind{"Item", (*UploadItemType)(nil)},
)

// DecodeChild appends a child and returns it to be filled in.
func (l *UploadItemList) DecodeChild(name xml.Name) any {
	c := uploadItemKinds.make(name.Local)
	if c != nil {
		l.Items = append(l.Items, c)
	}
	return c
}

// UnmarshalXML keeps the children in document order.
func (l *UploadItemList) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, l)
}

// MarshalXML writes the children in their order.
func (l *UploadItemList) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	named, err := uploadItemKinds.children("UploadItemList", l.Items)
	if err != nil {
		return err
	}
	return marshalMixed(e, start, named)
}
