package ews

import (
	"context"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

var (
	listListFields  = []string{"item:ParentFolderId", "item:Categories", "item:LastModifiedTime", "contacts:DisplayName"}
	listWholeFields = append([]string{"item:Body", "distributionlist:Members"}, listListFields...)
)

// memberKinds are what an address belongs to, as the wire names it
// ([MS-OXWSCDATA] 2.2.5.20, MailboxTypeType).
var memberKinds = []struct {
	word mailbox.MemberKind
	wire string
}{
	{mailbox.MemberMailbox, "Mailbox"},
	{mailbox.MemberMailbox, "GroupMailbox"},
	{mailbox.MemberList, "PublicDL"},
	{mailbox.MemberPrivateList, "PrivateDL"},
	{mailbox.MemberContact, "Contact"},
	{mailbox.MemberOneOff, "OneOff"},
	{mailbox.MemberPublicFolder, "PublicFolder"},
}

// memberOf reads a member.
func memberOf(a *wsdl.EmailAddressType) mailbox.Member {
	if a == nil {
		return mailbox.Member{}
	}
	m := mailbox.Member{Name: wsdl.Str(a.Name), Address: wsdl.Str(a.EmailAddress), Kind: mailbox.MemberKind(wsdl.Str(a.MailboxType))}
	if p := person(a); p != nil {
		m.Address = p.Address
	}
	for _, k := range memberKinds {
		if strings.EqualFold(k.wire, wsdl.Str(a.MailboxType)) {
			m.Kind = k.word
		}
	}
	if a.ItemId != nil {
		m.ID = wsdl.Str(a.ItemId.Id)
	}
	return m
}

// writeMember writes a member: by its id where it has one, else by its address.
func writeMember(m mailbox.Member) *wsdl.MemberType {
	a := &wsdl.EmailAddressType{Name: wsdl.NewText(m.Name)}
	if m.ID != "" {
		a.MailboxType = text("Contact")
		if m.Kind == mailbox.MemberPrivateList {
			a.MailboxType = text("PrivateDL")
		}
		a.ItemId = itemID(m.ID, "")
	} else {
		a.EmailAddress = text(strings.TrimSpace(m.Address))
		a.RoutingType = text("SMTP")
	}
	return &wsdl.MemberType{Mailbox: a}
}

func writeMembers(list []mailbox.Member) *wsdl.MembersType {
	out := new(wsdl.MembersType)
	for _, m := range list {
		out.Member = append(out.Member, writeMember(m))
	}
	return out
}

// checkMembers refuses a member that nothing names.
func (m *Mailbox) checkMembers(operation string, list []mailbox.Member) error {
	for _, each := range list {
		if each.ID == "" && !strings.Contains(each.Address, "@") {
			return m.invalid(operation, "the member %q has neither an SMTP address nor an id", mailbox.Person{Name: each.Name, Address: each.Address}.String())
		}
	}
	return nil
}

func distributionListOf(l *wsdl.DistributionListType) mailbox.DistributionList {
	out := mailbox.DistributionList{
		Name: wsdl.Str(l.DisplayName), Categories: stringsOf(l.Categories), Modified: moment(l.LastModifiedTime), Body: readBody(l.Body),
	}
	if l.ItemId != nil {
		out.ID, out.ChangeKey = wsdl.Str(l.ItemId.Id), wsdl.Str(l.ItemId.ChangeKey)
	}
	if l.ParentFolderId != nil {
		out.FolderID = wsdl.Str(l.ParentFolderId.Id)
	}
	if l.Members != nil {
		for _, each := range l.Members.Member {
			out.Members = append(out.Members, memberOf(each.Mailbox))
		}
	}
	return out
}

// DistributionList returns one list of the contacts with its members.
func (m *Mailbox) DistributionList(ctx context.Context, id string) (mailbox.DistributionList, error) {
	item, err := m.getItem(ctx, id, listShape())
	if err != nil {
		return mailbox.DistributionList{}, err
	}
	l, ok := item.(*wsdl.DistributionListType)
	if !ok {
		return mailbox.DistributionList{}, m.invalid("GetItem", "the item is no distribution list")
	}
	return distributionListOf(l), nil
}

func listShape() *wsdl.ItemResponseShape {
	s := itemShape(listWholeFields...)
	s.BodyType = bestBody()
	return s
}
