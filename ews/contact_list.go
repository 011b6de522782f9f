package ews

import (
	"context"
	"errors"
	"iter"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Contacts pages through the contacts of a folder, by the name to sort by.
// Distribution lists in it are passed over: see DistributionLists. Iteration ends
// at the first error. Notes and attachments cost a further call for every ten
// contacts.
func (m *Mailbox) Contacts(ctx context.Context, q mailbox.ContactQuery) iter.Seq2[mailbox.Contact, error] {
	return func(yield func(mailbox.Contact, error) bool) {
		if err := m.contacts(ctx, q, yield); err != nil && !errors.Is(err, errStopped) {
			yield(mailbox.Contact{}, err)
		}
	}
}

func (m *Mailbox) contacts(ctx context.Context, q mailbox.ContactQuery, yield func(mailbox.Contact, error) bool) error {
	conditions := []Restriction{personalClass("IPM.Contact")}
	if q.Name != "" {
		conditions = append(conditions, Or(
			Contains(URI("contacts:DisplayName"), q.Name, Substring, IgnoreCase),
			Contains(URI("contacts:FileAs"), q.Name, Substring, IgnoreCase),
			Contains(URI("contacts:CompanyName"), q.Name, Substring, IgnoreCase),
		))
	}
	if q.Email != "" {
		var any []Restriction
		for _, k := range emailKeys {
			any = append(any, Equal(Indexed("contacts:EmailAddress", string(k.wire)), q.Email))
		}
		conditions = append(conditions, Or(any...))
	}
	conditions = append(conditions, personalConditions(q.Category, q.ModifiedSince)...)
	req, err := m.personalSearch(ctx, q.Folder, mailbox.Contacts, "contacts:FileAs", q.Limit, conditions)
	if err != nil {
		return err
	}
	req.ItemShape = contactShape(contactListFields)
	read := func(item any) (mailbox.Contact, string) {
		c, ok := item.(*wsdl.ContactItemType)
		if !ok {
			return mailbox.Contact{}, ""
		}
		out := contactOf(c)
		return out, out.ID
	}
	return listPersonal(ctx, m, req, q.Limit, wholeShape(q.Body, wholeContactShape), read, yield)
}
