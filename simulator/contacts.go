package simulator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

func (s *session) createContact(n ewsserver.NewItem, v *wsdl.ContactItemType) (any, error) {
	f, err := s.saveFolder(n.Folder, "contacts")
	if err != nil {
		return nil, err
	}
	if f.class != "IPF.Contact" {
		return nil, fail(ewsserver.ErrorCannotCreateContactInNonContactFolder)
	}
	unset(v, "ContactSource", "HasPicture", "CompleteName", "Alias", "Notes")
	s.st.completeContact(v, nil)
	it := s.newItem(f, v)
	s.st.takeFiles(it)
	return s.present(f, s.st.add(f, it).value), nil
}

func (s *session) updateContact(it *item, u ewsserver.ItemUpdate, v *wsdl.ContactItemType) (any, error) {
	s.st.completeContact(v, u.Fields)
	s.st.change(it, v, wsdl.Updated)
	return s.present(it.folder, it.value), nil
}

// titleTag is PidTagDisplayNamePrefix ([MS-OXPROPS] 2.683), the title, which EWS
// itself can only read.
const titleTag = 0x3A45

// completeContact works out what follows from other properties: the subject,
// the name to sort by, and the complete name, which are read-only or follow
// ([MS-OXWSCONT] 2.2.4.2). changed are the fields that an update sets.
func (st *state) completeContact(v *wsdl.ContactItemType, changed []string) {
	setDefault(v, "ItemClass", wsdl.Text("IPM.Contact"))
	if v.DisplayName != nil && (v.Subject == nil || slices.Contains(changed, "contacts:DisplayName") && !slices.Contains(changed, "item:Subject")) {
		v.Subject = text(wsdl.Str(v.DisplayName))
	}
	if v.FileAsMapping != nil && !slices.Contains(changed, "contacts:FileAs") && (v.FileAs == nil || changed != nil) {
		if name, ok := fileAs(v); ok {
			v.FileAs = text(name)
		}
	}
	dropEmpty(v)
	for _, e := range entriesOf(v.EmailAddresses) {
		p := st.resolve(&wsdl.EmailAddressType{Name: e.Name, EmailAddress: e.Value})
		e.Name, e.RoutingType, e.MailboxType = p.Name, p.RoutingType, p.MailboxType
	}
	v.ContactSource = wsdl.Ptr(wsdl.ContactSourceNameStore)
	v.CompleteName = &wsdl.CompleteNameType{
		Title: wsdl.NewText(tagText(v.ExtendedProperty, titleTag)), FirstName: v.GivenName, MiddleName: v.MiddleName, LastName: v.Surname,
		Suffix: v.Generation, Initials: v.Initials, FullName: v.DisplayName, Nickname: v.Nickname,
	}
	if *v.CompleteName == (wsdl.CompleteNameType{}) {
		v.CompleteName = nil
	}
}

// pictured reports whether one of a contact's files is its picture.
func (it *item) pictured() bool {
	return slices.ContainsFunc(it.files, func(a *attachment) bool {
		f, file := a.value.(*wsdl.FileAttachmentType)
		return file && bool(wsdl.Val(f.IsContactPhoto))
	})
}

// entriesOf copies the entries, since the ones that are stored never change.
func entriesOf(list *wsdl.EmailAddressesType) []*wsdl.EmailAddressEntry {
	if list == nil {
		return nil
	}
	for i, e := range list.Entry {
		copied := *e
		list.Entry[i] = &copied
	}
	return list.Entry
}

// dropEmpty leaves out entries without a value, which a client sends for those
// that it does not want.
func dropEmpty(v *wsdl.ContactItemType) {
	if l := v.EmailAddresses; l != nil {
		l.Entry = slices.DeleteFunc(l.Entry, func(e *wsdl.EmailAddressEntry) bool { return wsdl.Str(e.Value) == "" })
	}
	if l := v.PhoneNumbers; l != nil {
		l.Entry = slices.DeleteFunc(l.Entry, func(e *wsdl.PhoneNumberEntry) bool { return wsdl.Str(e.Value) == "" })
	}
	if l := v.ImAddresses; l != nil {
		l.Entry = slices.DeleteFunc(l.Entry, func(e *wsdl.ImAddressEntry) bool { return wsdl.Str(e.Value) == "" })
	}
}

// tagText is the value of a property that is named by its tag, or "".
func tagText(list []*wsdl.ExtendedPropertyType, tag uint64) string {
	for _, p := range list {
		if p.ExtendedFieldURI == nil || p.ExtendedFieldURI.PropertyTag == nil {
			continue
		}
		if n, err := strconv.ParseUint(wsdl.Str(p.ExtendedFieldURI.PropertyTag), 0, 16); err == nil && n == tag {
			return wsdl.Str(p.Value)
		}
	}
	return ""
}

// fileAs makes the name to sort by of the others; false where the mapping
// leaves it alone ([MS-OXWSCONT] 2.2.5.3).
func fileAs(v *wsdl.ContactItemType) (string, bool) {
	first, last, company := wsdl.Str(v.GivenName), wsdl.Str(v.Surname), wsdl.Str(v.CompanyName)
	join := func(sep string, parts ...string) string {
		return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), sep)
	}
	lastComma := join(", ", last, join(" ", first, wsdl.Str(v.MiddleName)))
	switch *v.FileAsMapping {
	case wsdl.FileAsMappingNameLastCommaFirst:
		return lastComma, true
	case wsdl.FileAsMappingNameFirstSpaceLast:
		return join(" ", first, wsdl.Str(v.MiddleName), last), true
	case wsdl.FileAsMappingNameCompany:
		return company, true
	case wsdl.FileAsMappingNameLastCommaFirstCompany:
		return join("\r\n", lastComma, company), true
	case wsdl.FileAsMappingNameCompanyLastCommaFirst:
		return join("\r\n", company, lastComma), true
	case wsdl.FileAsMappingNameLastSpaceFirst:
		return join(" ", last, first), true
	case wsdl.FileAsMappingNameDisplayName:
		return wsdl.Str(v.DisplayName), true
	case wsdl.FileAsMappingNameFirstName:
		return first, true
	case wsdl.FileAsMappingNameLastName:
		return last, true
	case wsdl.FileAsMappingNameEmpty:
		return "", true
	}
	return "", false
}
