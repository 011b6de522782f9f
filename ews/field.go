package ews

import (
	"fmt"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// Field names a property of an item or a folder: to search, to sort, to read or
// to write. Make one with URI, Indexed, Header, Named, NamedID or Tag.
type Field struct {
	uri, index string
	extended   *wsdl.ExtendedFieldURI
}

// URI names a property of the EWS schema, such as "item:Subject" or
// "message:IsRead" ([MS-OXWSCDATA] 2.2.5.37).
func URI(name string) Field { return Field{uri: name} }

// Indexed names one entry of a property that is a dictionary, such as
// "contacts:EmailAddress" and "EmailAddress1".
func Indexed(uri, index string) Field { return Field{uri: uri, index: index} }

// Header names a field of the Internet message header, such as "X-Campaign".
func Header(name string) Field { return Indexed("item:InternetMessageHeader", name) }

// PropertyType is the type of an extended property, such as
// wsdl.MapiTypeString or wsdl.MapiTypeIntegerArray ([MS-OXWSXPROP] 2.1.7).
type PropertyType = wsdl.MapiType

// Named names an extended property by its property set and its name. The set
// is a GUID, or the name of one that Exchange knows, such as
// wsdl.PropertySetNamePublicStrings.
func Named(set, name string, t PropertyType) Field {
	u := inSet(set, t)
	u.PropertyName = wsdl.NewText(name)
	return Field{extended: u}
}

// NamedID names an extended property by its property set and its number there
// (the dispid).
func NamedID(set string, id int, t PropertyType) Field {
	u := inSet(set, t)
	u.PropertyId = wsdl.Ptr(wsdl.Int32(id))
	return Field{extended: u}
}

// Tag names an extended property by its MAPI tag without the type, such as
// 0x0E06 for PidTagMessageDeliveryTime. Tags from 0x8000 mean something else in
// each mailbox, and Exchange refuses them: name such properties by their set.
func Tag(tag uint16, t PropertyType) Field {
	return Field{extended: &wsdl.ExtendedFieldURI{PropertyTag: wsdl.NewText(fmt.Sprintf("0x%04X", tag)), PropertyType: &t}}
}

func inSet(set string, t PropertyType) *wsdl.ExtendedFieldURI {
	u := &wsdl.ExtendedFieldURI{PropertyType: &t}
	if isGUID(set) {
		u.PropertySetId = wsdl.NewText(strings.Trim(set, "{}"))
	} else {
		name := wsdl.PropertySetName(set)
		u.DistinguishedPropertySetId = &name
	}
	return u
}

func isGUID(s string) bool { return strings.Count(s, "-") == 4 && len(strings.Trim(s, "{}")) == 36 }

// String returns the field as an error names it.
func (f Field) String() string {
	switch {
	case f.extended == nil && f.index != "":
		return f.uri + "/" + f.index
	case f.extended == nil:
		return f.uri
	case f.extended.PropertyTag != nil:
		return wsdl.Str(f.extended.PropertyTag)
	}
	set := wsdl.Str(f.extended.PropertySetId) + wsdl.Str(f.extended.DistinguishedPropertySetId)
	if f.extended.PropertyId != nil {
		return fmt.Sprintf("%s/0x%X", set, *f.extended.PropertyId)
	}
	return set + "/" + wsdl.Str(f.extended.PropertyName)
}

// check refuses a field that names nothing.
func (f Field) check() error {
	e := f.extended
	switch {
	case e == nil && f.uri == "":
		return fmt.Errorf("a field is empty: name one with URI, Header, Named, NamedID or Tag")
	case e == nil:
		return nil
	case wsdl.Str(e.PropertyType) == "":
		return fmt.Errorf("the property %s has no type", f)
	case e.PropertyTag != nil:
		return nil
	case e.PropertyId == nil && wsdl.Str(e.PropertyName) == "":
		return fmt.Errorf("the property %s has no name", f)
	case e.PropertySetId == nil && wsdl.Str(e.DistinguishedPropertySetId) == "":
		return fmt.Errorf("the property %s has no property set", f)
	}
	return nil
}

// parts returns the one of the three elements that names the field.
func (f Field) parts() (*wsdl.FieldURI, *wsdl.IndexedFieldURI, *wsdl.ExtendedFieldURI) {
	switch {
	case f.extended != nil:
		return nil, nil, f.extended
	case f.index != "":
		return nil, &wsdl.IndexedFieldURI{FieldURI: wsdl.NewText(f.uri), FieldIndex: wsdl.NewText(f.index)}, nil
	}
	return fieldURI(f.uri), nil, nil
}

// is reports whether an answer's property is the one that f names.
func (f Field) is(u *wsdl.ExtendedFieldURI) bool {
	e := f.extended
	if e == nil || u == nil || wsdl.Val(e.PropertyType) != wsdl.Val(u.PropertyType) {
		return false
	}
	if e.PropertyTag != nil || u.PropertyTag != nil {
		return sameTag(wsdl.Str(e.PropertyTag), wsdl.Str(u.PropertyTag))
	}
	sameSet := strings.EqualFold(wsdl.Str(e.PropertySetId), wsdl.Str(u.PropertySetId)) &&
		wsdl.Val(e.DistinguishedPropertySetId) == wsdl.Val(u.DistinguishedPropertySetId)
	return sameSet && wsdl.Str(e.PropertyName) == wsdl.Str(u.PropertyName) && wsdl.Val(e.PropertyId) == wsdl.Val(u.PropertyId)
}

// sameTag compares tags, which servers write in any case and with or without
// leading zeros.
func sameTag(a, b string) bool {
	plain := func(s string) string { return strings.TrimLeft(strings.ToLower(strings.TrimSpace(s)), "0x") }
	return a != "" && b != "" && plain(a) == plain(b)
}

// addFields adds fields to what is asked for.
func addFields(p *wsdl.AdditionalProperties, fields []Field) *wsdl.AdditionalProperties {
	if len(fields) > 0 && p == nil {
		p = new(wsdl.AdditionalProperties)
	}
	for _, f := range fields {
		uri, indexed, extended := f.parts()
		switch {
		case uri != nil:
			p.FieldURI = append(p.FieldURI, uri)
		case indexed != nil:
			p.IndexedFieldURI = append(p.IndexedFieldURI, indexed)
		default:
			p.ExtendedFieldURI = append(p.ExtendedFieldURI, extended)
		}
	}
	return p
}

// checkFields refuses fields that name nothing, before anything is sent.
func (m *Mailbox) checkFields(operation string, fields ...Field) error {
	for _, f := range fields {
		if err := f.check(); err != nil {
			return m.invalid(operation, "%v", err)
		}
	}
	return nil
}
