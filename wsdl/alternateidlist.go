package wsdl

import "encoding/xml"

// AlternateIdType is an id of something in a mailbox.
type AlternateIdType struct {
	Format    *IdFormat `xml:"Format,attr,omitempty"`
	Id        *Text     `xml:"Id,attr,omitempty"`
	Mailbox   *Text     `xml:"Mailbox,attr,omitempty"`
	IsArchive *Bool     `xml:"IsArchive,attr,omitempty"`
}

// AlternatePublicFolderIdType is the id of a public folder.
type AlternatePublicFolderIdType struct {
	Format   *IdFormat `xml:"Format,attr,omitempty"`
	FolderId *Text     `xml:"FolderId,attr,omitempty"`
}

// AlternatePublicFolderItemIdType is the id of an item in a public folder.
type AlternatePublicFolderItemIdType struct {
	Format   *IdFormat `xml:"Format,attr,omitempty"`
	FolderId *Text     `xml:"FolderId,attr,omitempty"`
	ItemId   *Text     `xml:"ItemId,attr,omitempty"`
}

// AlternateIdList holds ids to convert in document order, which is that of the
// answers: *AlternateIdType, *AlternatePublicFolderIdType or
// *AlternatePublicFolderItemIdType.
type AlternateIdList struct {
	Ids []any
}

var alternateIdKinds = newKinds(
	kind{"AlternateId", (*AlternateIdType)(nil)},
	kind{"AlternatePublicFolderId", (*AlternatePublicFolderIdType)(nil)},
	kind{"AlternatePublicFolderItemId", (*AlternatePublicFolderItemIdType)(nil)},
)

// DecodeChild appends a child and returns it to be filled in.
func (l *AlternateIdList) DecodeChild(name xml.Name) any {
	c := alternateIdKinds.make(name.Local)
	if c != nil {
		l.Ids = append(l.Ids, c)
	}
	return c
}

// UnmarshalXML keeps the children in document order.
func (l *AlternateIdList) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, l)
}

// MarshalXML writes the children in their order.
func (l *AlternateIdList) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	named, err := alternateIdKinds.children("AlternateIdList", l.Ids)
	if err != nil {
		return err
	}
	return marshalMixed(e, start, named)
}
