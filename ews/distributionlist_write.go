package ews

import (
	"cmp"
	"context"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// CreateDistributionList keeps a list of people among the contacts and returns it
// as the server has it. Exchange 2007 cannot. An error that Is
// mailbox.ErrOutcomeUnknown leaves open whether it was created; it bears the stamp
// of the operation.
func (m *Mailbox) CreateDistributionList(ctx context.Context, n mailbox.NewDistributionList) (mailbox.DistributionList, error) {
	const operation = "CreateItem"
	if strings.TrimSpace(n.Name) == "" {
		return mailbox.DistributionList{}, m.invalid(operation, "the name of the list is missing")
	}
	if err := m.checkMembers(operation, n.Members); err != nil {
		return mailbox.DistributionList{}, err
	}
	item := &wsdl.DistributionListType{
		Body:             writeBody(n.Text, ""),
		Categories:       writeStrings(n.Categories),
		ExtendedProperty: []*wsdl.ExtendedPropertyType{m.stamp(cmp.Or(n.OperationID, newOperationID()))},
		DisplayName:      text(n.Name),
	}
	if len(n.Members) > 0 {
		item.Members = writeMembers(n.Members)
	}
	id, key, err := m.createPersonal(ctx, n.Folder, mailbox.Contacts, item)
	if err != nil {
		return mailbox.DistributionList{}, err
	}
	if l, err := m.DistributionList(ctx, id); err == nil {
		return l, nil
	}
	known := distributionListOf(item)
	known.ID, known.ChangeKey = id, key
	return known, nil
}

// UpdateDistributionList changes the fields that are given and returns the list
// as the server has it then. Where the list has changed since ChangeKey, or since
// it was read here, the error Is mailbox.ErrConflict. An OperationID is stamped on
// the list.
func (m *Mailbox) UpdateDistributionList(ctx context.Context, id string, u mailbox.DistributionListUpdate) (mailbox.DistributionList, error) {
	const operation = "UpdateItem"
	c := &changes{wrap: func(set *wsdl.SetItemFieldType, value any) { set.DistributionList = value.(*wsdl.DistributionListType) }}
	switch {
	case u.Members != nil && len(u.Add) > 0:
		return mailbox.DistributionList{}, m.invalid(operation, "members are set and added at once")
	case u.Name != nil && strings.TrimSpace(*u.Name) == "":
		return mailbox.DistributionList{}, m.invalid(operation, "the name of the list is missing")
	}
	if err := cmp.Or(m.checkMembers(operation, val(u.Members)), m.checkMembers(operation, u.Add)); err != nil {
		return mailbox.DistributionList{}, err
	}
	if u.Name != nil {
		c.add(URI("contacts:DisplayName"), &wsdl.DistributionListType{DisplayName: text(*u.Name)})
	}
	switch {
	case u.Members != nil && len(*u.Members) == 0:
		c.remove(URI("distributionlist:Members"))
	case u.Members != nil:
		c.add(URI("distributionlist:Members"), &wsdl.DistributionListType{Members: writeMembers(*u.Members)})
	case len(u.Add) > 0:
		c.list = append(c.list, &wsdl.AppendToItemFieldType{FieldURI: fieldURI("distributionlist:Members"),
			DistributionList: &wsdl.DistributionListType{Members: writeMembers(u.Add)}})
	}
	if u.Categories != nil {
		changeStrings(c, "item:Categories", *u.Categories, &wsdl.DistributionListType{Categories: writeStrings(*u.Categories)})
	}
	if body := updatedBody(u.Text, nil); body != nil {
		c.add(URI("item:Body"), &wsdl.DistributionListType{Body: body})
	}
	if len(c.list) > 0 && u.OperationID != "" {
		c.add(Field{extended: stampURI()}, &wsdl.DistributionListType{ExtendedProperty: []*wsdl.ExtendedPropertyType{m.stamp(u.OperationID)}})
	}
	newID, key, err := m.updatePersonal(ctx, id, u.ChangeKey, c.list)
	if err != nil {
		return mailbox.DistributionList{}, err
	}
	if l, err := m.DistributionList(ctx, newID); err == nil {
		return l, nil
	}
	return mailbox.DistributionList{ID: newID, ChangeKey: key}, nil
}
