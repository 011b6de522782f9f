package ews

import (
	"cmp"
	"context"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// CreateContact creates a contact and returns it as the server has it. Where no
// display name is given it is made of the others, and the server makes the name
// to sort by. An error that Is mailbox.ErrOutcomeUnknown leaves open whether the
// contact was created; it bears the stamp of the operation.
func (m *Mailbox) CreateContact(ctx context.Context, n mailbox.NewContact) (mailbox.Contact, error) {
	item, err := m.newContact(n)
	if err != nil {
		return mailbox.Contact{}, err
	}
	id, key, err := m.createPersonal(ctx, n.Folder, mailbox.Contacts, item)
	if err != nil {
		return mailbox.Contact{}, err
	}
	if c, err := m.Contact(ctx, id); err == nil {
		return c, nil
	}
	// It was created; only to read it back failed.
	known := contactOf(item)
	known.ID, known.ChangeKey = id, key
	return known, nil
}

// newContact checks a contact and writes it.
func (m *Mailbox) newContact(n mailbox.NewContact) (*wsdl.ContactItemType, error) {
	const operation = "CreateItem"
	d := n.ContactDetails
	if err := m.checkContactKeys(operation, d.Emails, d.Phones, d.IMs); err != nil {
		return nil, err
	}
	if d.DisplayName == "" {
		d.DisplayName = strings.Join(strings.Fields(d.GivenName+" "+d.MiddleName+" "+d.Surname), " ")
	}
	item := &wsdl.ContactItemType{
		Sensitivity:      writeSensitivity(d.Sensitivity),
		Body:             writeBody(n.Text, n.HTML),
		Categories:       writeStrings(d.Categories),
		ExtendedProperty: []*wsdl.ExtendedPropertyType{m.stamp(cmp.Or(n.OperationID, newOperationID()))},
		Children:         writeStrings(d.Children),
	}
	if d.Sensitivity != "" && item.Sensitivity == nil {
		return nil, m.invalid(operation, "the sensitivity %q is not one", string(d.Sensitivity))
	}
	for _, t := range contactTexts {
		*t.wire(item) = wsdl.NewText(*t.word(&d))
	}
	if d.FileAs == "" {
		item.FileAsMapping = wsdl.Ptr(wsdl.FileAsMappingNameLastCommaFirst)
		if d.GivenName == "" && d.Surname == "" {
			item.FileAsMapping = wsdl.Ptr(wsdl.FileAsMappingNameDisplayName)
			if d.DisplayName == "" {
				item.FileAsMapping = wsdl.Ptr(wsdl.FileAsMappingNameCompany)
			}
		}
	}
	if d.Title != "" {
		p, err := Property{titleField, d.Title}.encode()
		if err != nil {
			return nil, m.invalid(operation, "%v", err)
		}
		item.ExtendedProperty = append(item.ExtendedProperty, p)
	}
	if err := m.writeDays(operation, item, d); err != nil {
		return nil, err
	}
	return item, m.writeEntries(operation, item, d)
}

// writeDays writes the birthday and the wedding day.
func (m *Mailbox) writeDays(operation string, item *wsdl.ContactItemType, d mailbox.ContactDetails) error {
	var err error
	if d.Birthday != "" {
		if item.Birthday, err = anniversary(d.Birthday); err != nil {
			return m.invalid(operation, "the birthday: %v", err)
		}
	}
	if d.Wedding != "" {
		if item.WeddingAnniversary, err = anniversary(d.Wedding); err != nil {
			return m.invalid(operation, "the wedding day: %v", err)
		}
	}
	return nil
}

// writeEntries writes the dictionaries.
func (m *Mailbox) writeEntries(operation string, item *wsdl.ContactItemType, d mailbox.ContactDetails) error {
	for _, k := range emailKeys {
		p := d.Emails[k.word]
		if p == (mailbox.Person{}) {
			continue
		}
		if err := m.checkContactEmail(operation, k.word, p); err != nil {
			return err
		}
		if item.EmailAddresses == nil {
			item.EmailAddresses = new(wsdl.EmailAddressesType)
		}
		item.EmailAddresses.Entry = append(item.EmailAddresses.Entry, contactEntry(k.wire, p))
	}
	for _, k := range addressKeys {
		a := d.Addresses[k.word]
		if a == (mailbox.Address{}) {
			continue
		}
		if item.PhysicalAddresses == nil {
			item.PhysicalAddresses = new(wsdl.PhysicalAddressesType)
		}
		item.PhysicalAddresses.Entry = append(item.PhysicalAddresses.Entry, &wsdl.PhysicalAddressEntry{
			Key: wsdl.Ptr(k.wire), Street: wsdl.NewText(a.Street), City: wsdl.NewText(a.City), State: wsdl.NewText(a.State),
			CountryOrRegion: wsdl.NewText(a.Country), PostalCode: wsdl.NewText(a.PostalCode),
		})
	}
	for key := range d.Addresses {
		if !knownAddressKey(key) {
			return m.invalid(operation, "a contact has no address %q; it has business, home and other", string(key))
		}
	}
	for _, k := range phoneKeys {
		if number := d.Phones[k.word]; number != "" {
			if item.PhoneNumbers == nil {
				item.PhoneNumbers = new(wsdl.PhoneNumbersType)
			}
			item.PhoneNumbers.Entry = append(item.PhoneNumbers.Entry, &wsdl.PhoneNumberEntry{Key: wsdl.Ptr(k.wire), Value: text(number)})
		}
	}
	for _, k := range imKeys {
		if address := d.IMs[k.word]; address != "" {
			if item.ImAddresses == nil {
				item.ImAddresses = new(wsdl.ImAddressesType)
			}
			item.ImAddresses.Entry = append(item.ImAddresses.Entry, &wsdl.ImAddressEntry{Key: wsdl.Ptr(k.wire), Value: text(address)})
		}
	}
	return nil
}

// checkContactKeys refuses places that a contact does not have.
func (m *Mailbox) checkContactKeys(operation string, emails map[mailbox.EmailKey]mailbox.Person, phones map[mailbox.PhoneKey]string, ims map[mailbox.IMKey]string) error {
	for key := range emails {
		if key != mailbox.Email1 && key != mailbox.Email2 && key != mailbox.Email3 {
			return m.invalid(operation, "a contact has no address %q; it has email1, email2 and email3", string(key))
		}
	}
	for key := range ims {
		if key != mailbox.IM1 && key != mailbox.IM2 && key != mailbox.IM3 {
			return m.invalid(operation, "a contact has no address %q; it has im1, im2 and im3", string(key))
		}
	}
	for key := range phones {
		known := false
		for _, k := range phoneKeys {
			known = known || k.word == key
		}
		if !known {
			return m.invalid(operation, "a contact has no number %q", string(key))
		}
	}
	return nil
}

func knownAddressKey(key mailbox.AddressKey) bool {
	return key == mailbox.AddressBusiness || key == mailbox.AddressHome || key == mailbox.AddressOther
}

func (m *Mailbox) checkContactEmail(operation string, key mailbox.EmailKey, p mailbox.Person) error {
	if !strings.Contains(p.Address, "@") {
		return m.invalid(operation, "%s, %q, has no SMTP address", string(key), p.String())
	}
	return nil
}
