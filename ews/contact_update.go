package ews

import (
	"context"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// UpdateContact changes the fields that are given and returns the contact as the
// server has it then. Each address and number is changed by itself, so that what
// others keep beside it stays. Where the contact has changed since ChangeKey, or
// since it was read here, the error Is mailbox.ErrConflict. An OperationID is
// stamped on the contact.
func (m *Mailbox) UpdateContact(ctx context.Context, id string, u mailbox.ContactUpdate) (mailbox.Contact, error) {
	c, err := m.contactChanges(u)
	if err != nil {
		return mailbox.Contact{}, err
	}
	if len(c.list) > 0 && u.OperationID != "" {
		c.add(Field{extended: stampURI()}, &wsdl.ContactItemType{ExtendedProperty: []*wsdl.ExtendedPropertyType{m.stamp(u.OperationID)}})
	}
	newID, key, err := m.updatePersonal(ctx, id, u.ChangeKey, c.list)
	if err != nil {
		return mailbox.Contact{}, err
	}
	if now, err := m.Contact(ctx, newID); err == nil {
		return now, nil
	}
	return mailbox.Contact{ID: newID, ChangeKey: key}, nil
}

func (m *Mailbox) contactChanges(u mailbox.ContactUpdate) (*changes, error) {
	const operation = "UpdateItem"
	c := &changes{wrap: func(set *wsdl.SetItemFieldType, value any) { set.Contact = value.(*wsdl.ContactItemType) }}
	if err := m.checkContactKeys(operation, u.Emails, u.Phones, u.IMs); err != nil {
		return nil, err
	}
	for _, t := range contactTexts {
		if s := t.update(&u); s != nil {
			value := new(wsdl.ContactItemType)
			*t.wire(value) = wsdl.NewText(*s)
			c.setText(URI(t.uri), *s, value)
		}
	}
	if u.Title != nil {
		value := new(wsdl.ContactItemType)
		if *u.Title != "" {
			p, err := Property{titleField, *u.Title}.encode()
			if err != nil {
				return nil, m.invalid(operation, "%v", err)
			}
			value.ExtendedProperty = []*wsdl.ExtendedPropertyType{p}
		}
		c.setText(titleField, *u.Title, value)
	}
	if err := m.changeEntries(c, u); err != nil {
		return nil, err
	}
	return c, m.changeDetails(c, u)
}

// changeEntries changes single entries of the dictionaries.
func (m *Mailbox) changeEntries(c *changes, u mailbox.ContactUpdate) error {
	const operation = "UpdateItem"
	for _, k := range emailKeys {
		p, given := u.Emails[k.word]
		if !given {
			continue
		}
		if strings.TrimSpace(p.Address) != "" {
			if err := m.checkContactEmail(operation, k.word, p); err != nil {
				return err
			}
		}
		c.setText(Indexed("contacts:EmailAddress", string(k.wire)), strings.TrimSpace(p.Address), &wsdl.ContactItemType{
			EmailAddresses: &wsdl.EmailAddressesType{Entry: []*wsdl.EmailAddressEntry{contactEntry(k.wire, p)}}})
	}
	for _, k := range phoneKeys {
		if number, given := u.Phones[k.word]; given {
			c.setText(Indexed("contacts:PhoneNumber", string(k.wire)), number, &wsdl.ContactItemType{
				PhoneNumbers: &wsdl.PhoneNumbersType{Entry: []*wsdl.PhoneNumberEntry{{Key: wsdl.Ptr(k.wire), Value: text(number)}}}})
		}
	}
	for _, k := range imKeys {
		if address, given := u.IMs[k.word]; given {
			c.setText(Indexed("contacts:ImAddress", string(k.wire)), address, &wsdl.ContactItemType{
				ImAddresses: &wsdl.ImAddressesType{Entry: []*wsdl.ImAddressEntry{{Key: wsdl.Ptr(k.wire), Value: text(address)}}}})
		}
	}
	for key := range u.Addresses {
		if !knownAddressKey(key) {
			return m.invalid(operation, "a contact has no address %q; it has business, home and other", string(key))
		}
	}
	for _, k := range addressKeys {
		a, given := u.Addresses[k.word]
		if !given {
			continue
		}
		for _, part := range []struct {
			name  string
			value *string
			place func(*wsdl.PhysicalAddressEntry) **wsdl.Text
		}{
			{"Street", a.Street, func(e *wsdl.PhysicalAddressEntry) **wsdl.Text { return &e.Street }},
			{"City", a.City, func(e *wsdl.PhysicalAddressEntry) **wsdl.Text { return &e.City }},
			{"State", a.State, func(e *wsdl.PhysicalAddressEntry) **wsdl.Text { return &e.State }},
			{"CountryOrRegion", a.Country, func(e *wsdl.PhysicalAddressEntry) **wsdl.Text { return &e.CountryOrRegion }},
			{"PostalCode", a.PostalCode, func(e *wsdl.PhysicalAddressEntry) **wsdl.Text { return &e.PostalCode }},
		} {
			if part.value == nil {
				continue
			}
			e := &wsdl.PhysicalAddressEntry{Key: wsdl.Ptr(k.wire)}
			*part.place(e) = text(*part.value)
			c.setText(Indexed("contacts:PhysicalAddress:"+part.name, string(k.wire)), *part.value, &wsdl.ContactItemType{
				PhysicalAddresses: &wsdl.PhysicalAddressesType{Entry: []*wsdl.PhysicalAddressEntry{e}}})
		}
	}
	return nil
}

// changeDetails changes what is no line of text.
func (m *Mailbox) changeDetails(c *changes, u mailbox.ContactUpdate) error {
	const operation = "UpdateItem"
	if u.Children != nil {
		changeStrings(c, "contacts:Children", *u.Children, &wsdl.ContactItemType{Children: writeStrings(*u.Children)})
	}
	if u.Categories != nil {
		changeStrings(c, "item:Categories", *u.Categories, &wsdl.ContactItemType{Categories: writeStrings(*u.Categories)})
	}
	if u.Birthday != nil || u.Wedding != nil {
		days := new(wsdl.ContactItemType)
		if err := m.writeDays(operation, days, mailbox.ContactDetails{Birthday: val(u.Birthday), Wedding: val(u.Wedding)}); err != nil {
			return err
		}
		if u.Birthday != nil {
			c.setText(URI("contacts:Birthday"), string(*u.Birthday), &wsdl.ContactItemType{Birthday: days.Birthday})
		}
		if u.Wedding != nil {
			c.setText(URI("contacts:WeddingAnniversary"), string(*u.Wedding), &wsdl.ContactItemType{WeddingAnniversary: days.WeddingAnniversary})
		}
	}
	if u.Sensitivity != nil {
		s, err := m.updatedSensitivity(*u.Sensitivity)
		if err != nil {
			return err
		}
		c.add(URI("item:Sensitivity"), &wsdl.ContactItemType{Sensitivity: s})
	}
	if body := updatedBody(u.Text, u.HTML); body != nil {
		c.add(URI("item:Body"), &wsdl.ContactItemType{Body: body})
	}
	return nil
}

// changeStrings sets a list, or takes it away where it is empty.
func changeStrings(c *changes, uri string, list []string, value any) {
	if len(list) == 0 {
		c.remove(URI(uri))
		return
	}
	c.add(URI(uri), value)
}

// updatedSensitivity writes a sensitivity for an update; "" is normal.
func (m *Mailbox) updatedSensitivity(s mailbox.Sensitivity) (*wsdl.SensitivityName, error) {
	if s == "" {
		s = mailbox.SensitivityNormal
	}
	out := writeSensitivity(s)
	if out == nil {
		return nil, m.invalid("UpdateItem", "the sensitivity %q is not one", string(s))
	}
	return out, nil
}
