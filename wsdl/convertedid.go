package wsdl

import "encoding/xml"

const xsiNamespace = "http://www.w3.org/2001/XMLSchema-instance"

// ConvertedId is the answer of ConvertId for an id of a mailbox. Exchange tells
// its kind by xsi:type, without which the attributes are not valid.
type ConvertedId struct {
	Format    *IdFormat `xml:"Format,attr,omitempty"`
	Id        *Text     `xml:"Id,attr,omitempty"`
	Mailbox   *Text     `xml:"Mailbox,attr,omitempty"`
	IsArchive *Bool     `xml:"IsArchive,attr,omitempty"`
}

// MarshalXML adds the xsi:type.
func (c *ConvertedId) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	type plain ConvertedId
	start.Attr = append(start.Attr,
		xml.Attr{Name: xml.Name{Local: "xmlns:t"}, Value: TypesNamespace},
		xml.Attr{Name: xml.Name{Space: xsiNamespace, Local: "type"}, Value: "t:AlternateIdType"})
	return e.EncodeElement((*plain)(c), start)
}
