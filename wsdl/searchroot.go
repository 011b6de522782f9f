package wsdl

import "encoding/xml"

// Items is the list of a search's RootFolder, which is in the types namespace
// where the lists of other answers are in the messages namespace.
type Items struct {
	ItemList
}

// MarshalXML writes the list in the types namespace.
func (l *Items) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	return l.ItemList.MarshalXML(e, xml.StartElement{Name: xml.Name{Space: TypesNamespace, Local: "Items"}})
}

// Folders is the list of a folder search's RootFolder, in the types namespace.
type Folders struct {
	FolderList
}

// MarshalXML writes the list in the types namespace.
func (l *Folders) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	return l.FolderList.MarshalXML(e, xml.StartElement{Name: xml.Name{Space: TypesNamespace, Local: "Folders"}})
}

// FolderIds is a list of folder ids in the types namespace, as subscriptions
// have it.
type FolderIds struct {
	FolderIdList
}

// MarshalXML writes the list in the types namespace.
func (l *FolderIds) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	return l.FolderIdList.MarshalXML(e, xml.StartElement{Name: xml.Name{Space: TypesNamespace, Local: "FolderIds"}})
}
