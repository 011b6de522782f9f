package ews

import "github.com/exconn/exconn/wsdl"

// itemShape asks for the ids of items and the named properties, such as
// "item:Subject". Named properties are what every server returns alike: some
// leave parts out of AllProperties (gromox the body, observed 2026).
func itemShape(fields ...string) *wsdl.ItemResponseShape {
	return &wsdl.ItemResponseShape{BaseShape: idOnly(), AdditionalProperties: properties(fields)}
}

// folderShape asks for the ids of folders and the named properties.
func folderShape(fields ...string) *wsdl.FolderResponseShape {
	return &wsdl.FolderResponseShape{BaseShape: idOnly(), AdditionalProperties: properties(fields)}
}

func idOnly() *wsdl.BaseShape {
	return &wsdl.BaseShape{Value: wsdl.Ptr(wsdl.DefaultShapeNamesIdOnly)}
}

// bestBody asks for a body as it is stored: HTML or text.
func bestBody() *wsdl.BodyType {
	return &wsdl.BodyType{Value: wsdl.Ptr(wsdl.BodyTypeResponseBest)}
}

// properties is nil for none: the schema has no empty list.
func properties(fields []string) *wsdl.AdditionalProperties {
	if len(fields) == 0 {
		return nil
	}
	p := new(wsdl.AdditionalProperties)
	for _, f := range fields {
		p.FieldURI = append(p.FieldURI, fieldURI(f))
	}
	return p
}

func fieldURI(name string) *wsdl.FieldURI { return &wsdl.FieldURI{FieldURI: wsdl.NewText(name)} }

// itemIDs is a list of item ids as a request holds them.
func itemIDs(ids ...string) *wsdl.ItemIdList {
	l := new(wsdl.ItemIdList)
	for _, id := range ids {
		l.Ids = append(l.Ids, itemID(id, ""))
	}
	return l
}

// itemID is one item id; an empty changeKey is left out.
func itemID(id, changeKey string) *wsdl.ItemIdType {
	return &wsdl.ItemIdType{Id: wsdl.NewText(id), ChangeKey: wsdl.NewText(changeKey)}
}
