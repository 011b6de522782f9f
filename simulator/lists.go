package simulator

import (
	"encoding/base64"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

func (s *session) createList(n ewsserver.NewItem, v *wsdl.DistributionListType) (any, error) {
	f, err := s.saveFolder(n.Folder, "contacts")
	if err != nil {
		return nil, err
	}
	if f.class != "IPF.Contact" {
		return nil, fail(ewsserver.ErrorCannotCreateContactInNonContactFolder)
	}
	if err := s.completeList(v); err != nil {
		return nil, err
	}
	it := s.newItem(f, v)
	s.st.takeFiles(it)
	return s.present(f, s.st.add(f, it).value), nil
}

func (s *session) updateList(it *item, u ewsserver.ItemUpdate, v *wsdl.DistributionListType) (any, error) {
	if err := s.completeList(v); err != nil {
		return nil, err
	}
	s.st.change(it, v, wsdl.Updated)
	return s.present(it.folder, it.value), nil
}

// completeList gives a list its name in all the places, and its members what
// the directory and the contacts know of them ([MS-OXWSDLIST] 2.2.4.1).
func (s *session) completeList(v *wsdl.DistributionListType) error {
	setDefault(v, "ItemClass", wsdl.Text("IPM.DistList"))
	if v.DisplayName == nil {
		v.DisplayName = v.Subject
	}
	v.Subject, v.FileAs = v.DisplayName, v.DisplayName
	v.ContactSource = wsdl.Ptr(wsdl.ContactSourceNameStore)
	if v.Members == nil {
		return nil
	}
	list := new(wsdl.MembersType)
	for _, m := range v.Members.Member {
		member, err := s.member(m.Mailbox)
		if err != nil {
			return err
		}
		list.Member = append(list.Member, &wsdl.MemberType{
			Mailbox: member, Status: wsdl.Ptr(wsdl.MemberStatusNameNormal),
			Key: text(base64.StdEncoding.EncodeToString([]byte(address(member) + wsdl.Str(memberID(member))))),
		})
	}
	v.Members = list
	return nil
}

func memberID(m *wsdl.EmailAddressType) *wsdl.Text {
	if m.ItemId == nil {
		return nil
	}
	return m.ItemId.Id
}

// member is a member as it is kept: a contact or a list of the mailbox by its
// id, anybody else by the address.
func (s *session) member(p *wsdl.EmailAddressType) (*wsdl.EmailAddressType, error) {
	if p == nil {
		return nil, fail(ewsserver.ErrorMissingInformationEmailAddress)
	}
	if p.ItemId != nil {
		t, err := s.find(ewsserver.ItemRef{ID: wsdl.Str(p.ItemId.Id)})
		if err != nil {
			return nil, err
		}
		if found := personal(t.item); found != nil {
			return found, nil
		}
		return nil, fail(ewsserver.ErrorItemNotFound)
	}
	if address(p) == "" {
		return nil, fail(ewsserver.ErrorMissingInformationEmailAddress)
	}
	if g := s.st.groups[address(p)]; g != nil {
		return g.mailbox(), nil
	}
	return s.st.resolve(p), nil
}

// personal is a contact or a list as a recipient; nil for another kind of item,
// and for a contact without an address.
func personal(it *item) *wsdl.EmailAddressType {
	id := &wsdl.ItemIdType{Id: it.id().Id, ChangeKey: it.id().ChangeKey}
	switch v := it.value.(type) {
	case *wsdl.DistributionListType:
		return &wsdl.EmailAddressType{Name: v.DisplayName, RoutingType: text("MAPIPDL"), MailboxType: text("PrivateDL"), ItemId: id}
	case *wsdl.ContactItemType:
		if v.EmailAddresses == nil || len(v.EmailAddresses.Entry) == 0 {
			return nil
		}
		name := v.DisplayName
		if name == nil {
			name = v.EmailAddresses.Entry[0].Value
		}
		return &wsdl.EmailAddressType{Name: name, EmailAddress: v.EmailAddresses.Entry[0].Value, RoutingType: text("SMTP"),
			MailboxType: text("Contact"), ItemId: id}
	}
	return nil
}
