package wsdl

import "encoding/xml"

// AttachmentList holds attachments in document order: *FileAttachmentType,
// *ItemAttachmentType or *ReferenceAttachmentType (a link).
type AttachmentList struct {
	Attachments []any
}

var attachmentKinds = newKinds(
	kind{"FileAttachment", (*FileAttachmentType)(nil)},
	kind{"ItemAttachment", (*ItemAttachmentType)(nil)},
	kind{"ReferenceAttachment", (*ReferenceAttachmentType)(nil)},
)

// DecodeChild appends a child and returns it to be filled in.
func (l *AttachmentList) DecodeChild(name xml.Name) any {
	c := attachmentKinds.make(name.Local)
	if c != nil {
		l.Attachments = append(l.Attachments, c)
	}
	return c
}

// UnmarshalXML keeps the children in document order.
func (l *AttachmentList) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, l)
}

// MarshalXML writes the children in their order.
func (l *AttachmentList) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	named, err := attachmentKinds.children("AttachmentList", l.Attachments)
	if err != nil {
		return err
	}
	return marshalMixed(e, start, named)
}
