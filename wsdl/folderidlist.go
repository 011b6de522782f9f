package wsdl

import "encoding/xml"

// FolderIdList holds ids of folders in document order: *FolderId or
// *DistinguishedFolderId.
type FolderIdList struct {
	Ids []any
}

var folderIdKinds = newKinds(
	kind{"FolderId", (*FolderId)(nil)},
	kind{"DistinguishedFolderId", (*DistinguishedFolderId)(nil)},
)

// DecodeChild appends a child and returns it to be filled in.
func (l *FolderIdList) DecodeChild(name xml.Name) any {
	c := folderIdKinds.make(name.Local)
	if c != nil {
		l.Ids = append(l.Ids, c)
	}
	return c
}

// UnmarshalXML keeps the children in document order.
func (l *FolderIdList) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, l)
}

// MarshalXML writes the children in their order.
func (l *FolderIdList) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	named, err := folderIdKinds.children("FolderIdList", l.Ids)
	if err != nil {
		return err
	}
	return marshalMixed(e, start, named)
}
