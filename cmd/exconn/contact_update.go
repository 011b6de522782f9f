package main

import (
	"reflect"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) contactUpdate(c *cli.Context) error {
	if err := need(c, "id"); err != nil {
		return err
	}
	u, err := s.contactFlags(c)
	if err != nil {
		return err
	}
	if len(u.Emails)+len(u.Phones)+len(u.Addresses) == 0 {
		bare := u
		bare.Emails, bare.Phones, bare.Addresses = nil, nil, nil
		if reflect.ValueOf(bare).IsZero() {
			return usagef("see exconn contact update --help", "nothing is to be changed")
		}
	}
	return s.withContacts(c, func(book mailbox.ContactBook) (mailbox.Contact, error) {
		return book.UpdateContact(c.Context, c.String("id"), u)
	})
}
