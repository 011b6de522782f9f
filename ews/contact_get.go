package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Contact returns one contact with notes and attachments.
func (m *Mailbox) Contact(ctx context.Context, id string) (mailbox.Contact, error) {
	item, err := m.getItem(ctx, id, wholeContactShape())
	if err != nil {
		return mailbox.Contact{}, err
	}
	c, ok := item.(*wsdl.ContactItemType)
	if !ok {
		return mailbox.Contact{}, m.invalid("GetItem", "the item is no contact")
	}
	return contactOf(c), nil
}
