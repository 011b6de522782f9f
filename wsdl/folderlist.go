package wsdl

import "encoding/xml"

// FolderList holds folders in document order: *FolderType, *CalendarFolderType,
// *ContactsFolderType, *SearchFolderType or *TasksFolderType.
type FolderList struct {
	Folders []any
}

var folderKinds = newKinds(
	kind{"Folder", (*FolderType)(nil)},
	kind{"CalendarFolder", (*CalendarFolderType)(nil)},
	kind{"ContactsFolder", (*ContactsFolderType)(nil)},
	kind{"SearchFolder", (*SearchFolderType)(nil)},
	kind{"TasksFolder", (*TasksFolderType)(nil)},
)

// DecodeChild appends a child and returns it to be filled in.
func (l *FolderList) DecodeChild(name xml.Name) any {
	c := folderKinds.make(name.Local)
	if c != nil {
		l.Folders = append(l.Folders, c)
	}
	return c
}

// UnmarshalXML keeps the children in document order.
func (l *FolderList) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, l)
}

// MarshalXML writes the children in their order.
func (l *FolderList) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	named, err := folderKinds.children("FolderList", l.Folders)
	if err != nil {
		return err
	}
	return marshalMixed(e, start, named)
}
