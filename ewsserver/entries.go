package ewsserver

import (
	"slices"

	"github.com/exconn/exconn/wsdl"
)

// entry is one entry of a contact's dictionaries of addresses and numbers, as
// an IndexedFieldURI names it: contacts:EmailAddress with EmailAddress1,
// contacts:PhysicalAddress:City with Business ([MS-OXWSCDATA] 2.2.5.8,
// DictionaryURIType).
type entry struct {
	// field is the field of the contact that holds the dictionary.
	field string
	key   string
	// part is the part of a postal address, or "".
	part string
}

// dictionaries are the indexed properties of contacts.
var dictionaries = map[string]entry{
	"contacts:EmailAddress":                    {field: "EmailAddresses"},
	"contacts:PhoneNumber":                     {field: "PhoneNumbers"},
	"contacts:ImAddress":                       {field: "ImAddresses"},
	"contacts:PhysicalAddress:Street":          {field: "PhysicalAddresses", part: "Street"},
	"contacts:PhysicalAddress:City":            {field: "PhysicalAddresses", part: "City"},
	"contacts:PhysicalAddress:State":           {field: "PhysicalAddresses", part: "State"},
	"contacts:PhysicalAddress:CountryOrRegion": {field: "PhysicalAddresses", part: "CountryOrRegion"},
	"contacts:PhysicalAddress:PostalCode":      {field: "PhysicalAddresses", part: "PostalCode"},
}

// entryKeys are the keys of each dictionary.
var entryKeys = map[string]nameSet{
	"EmailAddresses":    set("EmailAddress1", "EmailAddress2", "EmailAddress3"),
	"ImAddresses":       set("ImAddress1", "ImAddress2", "ImAddress3"),
	"PhysicalAddresses": set("Business", "Home", "Other"),
	"PhoneNumbers": set("AssistantPhone", "BusinessFax", "BusinessPhone", "BusinessPhone2", "Callback", "CarPhone", "CompanyMainPhone",
		"HomeFax", "HomePhone", "HomePhone2", "Isdn", "MobilePhone", "OtherFax", "OtherTelephone", "Pager", "PrimaryPhone",
		"RadioPhone", "Telex", "TtyTddPhone", "BusinessMobile", "IPPhone", "Mms", "Msn"),
}

// entryPath reads an IndexedFieldURI; nil where it names no entry.
func entryPath(uri, index string) *entry {
	e, ok := dictionaries[uri]
	if !ok || !entryKeys[e.field][index] {
		return nil
	}
	e.key = index
	return &e
}

// text returns the place of the entry's text in a contact; nil where the
// contact has no such entry.
func (e *entry) text(item any) **wsdl.Text {
	c, ok := item.(*wsdl.ContactItemType)
	if !ok {
		return nil
	}
	switch e.field {
	case "EmailAddresses":
		if i := e.index(c); i >= 0 {
			return &c.EmailAddresses.Entry[i].Value
		}
	case "PhoneNumbers":
		if i := e.index(c); i >= 0 {
			return &c.PhoneNumbers.Entry[i].Value
		}
	case "ImAddresses":
		if i := e.index(c); i >= 0 {
			return &c.ImAddresses.Entry[i].Value
		}
	case "PhysicalAddresses":
		if i := e.index(c); i >= 0 {
			return addressPart(c.PhysicalAddresses.Entry[i], e.part)
		}
	}
	return nil
}

// value returns the entry's text, or nil.
func (e *entry) value(item any) *wsdl.Text {
	if place := e.text(item); place != nil {
		return *place
	}
	return nil
}

// index is the entry's place in its dictionary, or -1.
func (e *entry) index(c *wsdl.ContactItemType) int {
	switch e.field {
	case "EmailAddresses":
		if c.EmailAddresses != nil {
			return slices.IndexFunc(c.EmailAddresses.Entry, func(x *wsdl.EmailAddressEntry) bool { return wsdl.Str(x.Key) == e.key })
		}
	case "PhoneNumbers":
		if c.PhoneNumbers != nil {
			return slices.IndexFunc(c.PhoneNumbers.Entry, func(x *wsdl.PhoneNumberEntry) bool { return wsdl.Str(x.Key) == e.key })
		}
	case "ImAddresses":
		if c.ImAddresses != nil {
			return slices.IndexFunc(c.ImAddresses.Entry, func(x *wsdl.ImAddressEntry) bool { return wsdl.Str(x.Key) == e.key })
		}
	case "PhysicalAddresses":
		if c.PhysicalAddresses != nil {
			return slices.IndexFunc(c.PhysicalAddresses.Entry, func(x *wsdl.PhysicalAddressEntry) bool { return wsdl.Str(x.Key) == e.key })
		}
	}
	return -1
}

// addressPart is the place of a part of a postal address.
func addressPart(a *wsdl.PhysicalAddressEntry, part string) **wsdl.Text {
	switch part {
	case "Street":
		return &a.Street
	case "City":
		return &a.City
	case "State":
		return &a.State
	case "CountryOrRegion":
		return &a.CountryOrRegion
	}
	return &a.PostalCode
}

// set takes the entry over from another contact; it is false where that has
// none.
func (e *entry) set(item, from any) bool {
	value := e.value(from)
	to, ok := item.(*wsdl.ContactItemType)
	source, also := from.(*wsdl.ContactItemType)
	if value == nil || !ok || !also {
		return false
	}
	i := e.index(source)
	if e.part != "" {
		e.setPart(to, value)
		return true
	}
	e.remove(to)
	switch e.field {
	case "EmailAddresses":
		if to.EmailAddresses == nil {
			to.EmailAddresses = new(wsdl.EmailAddressesType)
		}
		to.EmailAddresses.Entry = append(to.EmailAddresses.Entry, clone(source.EmailAddresses.Entry[i]))
	case "PhoneNumbers":
		if to.PhoneNumbers == nil {
			to.PhoneNumbers = new(wsdl.PhoneNumbersType)
		}
		to.PhoneNumbers.Entry = append(to.PhoneNumbers.Entry, clone(source.PhoneNumbers.Entry[i]))
	case "ImAddresses":
		if to.ImAddresses == nil {
			to.ImAddresses = new(wsdl.ImAddressesType)
		}
		to.ImAddresses.Entry = append(to.ImAddresses.Entry, clone(source.ImAddresses.Entry[i]))
	}
	return true
}

// setPart sets one part of a postal address.
func (e *entry) setPart(to *wsdl.ContactItemType, value *wsdl.Text) {
	if e.index(to) < 0 {
		if to.PhysicalAddresses == nil {
			to.PhysicalAddresses = new(wsdl.PhysicalAddressesType)
		}
		to.PhysicalAddresses.Entry = append(to.PhysicalAddresses.Entry, &wsdl.PhysicalAddressEntry{Key: wsdl.Ptr(wsdl.PhysicalAddressKey(e.key))})
	}
	*e.text(to) = clone(value)
}

// remove takes the entry away, and a dictionary with nothing left in it.
func (e *entry) remove(item any) {
	c, ok := item.(*wsdl.ContactItemType)
	if !ok {
		return
	}
	i := e.index(c)
	if i < 0 {
		return
	}
	switch e.field {
	case "EmailAddresses":
		if c.EmailAddresses.Entry = slices.Delete(c.EmailAddresses.Entry, i, i+1); len(c.EmailAddresses.Entry) == 0 {
			c.EmailAddresses = nil
		}
	case "PhoneNumbers":
		if c.PhoneNumbers.Entry = slices.Delete(c.PhoneNumbers.Entry, i, i+1); len(c.PhoneNumbers.Entry) == 0 {
			c.PhoneNumbers = nil
		}
	case "ImAddresses":
		if c.ImAddresses.Entry = slices.Delete(c.ImAddresses.Entry, i, i+1); len(c.ImAddresses.Entry) == 0 {
			c.ImAddresses = nil
		}
	case "PhysicalAddresses":
		a := c.PhysicalAddresses.Entry[i]
		*addressPart(a, e.part) = nil
		if a.Street != nil || a.City != nil || a.State != nil || a.CountryOrRegion != nil || a.PostalCode != nil {
			return
		}
		if c.PhysicalAddresses.Entry = slices.Delete(c.PhysicalAddresses.Entry, i, i+1); len(c.PhysicalAddresses.Entry) == 0 {
			c.PhysicalAddresses = nil
		}
	}
}

// copyTo adds the entry to an answer, which does not have all of the
// dictionary.
func (e *entry) copyTo(result, object any) {
	if to, ok := result.(*wsdl.ContactItemType); ok && e.value(to) == nil {
		e.set(to, object)
	}
}
