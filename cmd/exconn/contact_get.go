package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) contactGet(c *cli.Context) error {
	return s.withContacts(c, func(book mailbox.ContactBook) (mailbox.Contact, error) {
		return book.Contact(c.Context, c.String("id"))
	}, "id")
}

// withContacts does something in a mailbox's contacts and prints the contact.
func (s system) withContacts(c *cli.Context, do func(mailbox.ContactBook) (mailbox.Contact, error), needed ...string) error {
	if err := need(c, needed...); len(needed) > 0 && err != nil {
		return err
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	contact, err := do(box)
	if err != nil {
		return err
	}
	return s.printContact(c, contact)
}

func (s system) printContact(c *cli.Context, contact mailbox.Contact) error {
	return s.printer(c).object(contact, func(w io.Writer) {
		fields(w, "Name", contactName(contact), "File as", contact.FileAs, "Company", contact.Company, "Department", contact.Department,
			"Job title", contact.JobTitle, "Web page", contact.WebPage, "Birthday", string(contact.Birthday),
			"Categories", strings.Join(contact.Categories, ", "), "Sensitivity", string(contact.Sensitivity), "Id", contact.ID)
		for _, key := range []mailbox.EmailKey{mailbox.Email1, mailbox.Email2, mailbox.Email3} {
			if p, ok := contact.Emails[key]; ok {
				fmt.Fprintf(w, "%s: %s\n", key, plain(p.String()))
			}
		}
		for _, key := range mailbox.PhoneKeys() {
			if number, ok := contact.Phones[key]; ok {
				fmt.Fprintf(w, "%s: %s\n", key, plain(number))
			}
		}
		for _, key := range []mailbox.AddressKey{mailbox.AddressBusiness, mailbox.AddressHome, mailbox.AddressOther} {
			if a, ok := contact.Addresses[key]; ok {
				fmt.Fprintf(w, "%s: %s\n", key, plain(strings.Join(strings.Fields(a.Street+" "+a.PostalCode+" "+a.City+" "+a.State+" "+a.Country), " ")))
			}
		}
		if contact.Body != nil && strings.TrimSpace(contact.Body.Content) != "" {
			fmt.Fprintf(w, "\n%s\n", plainBody(contact.Body.Content))
		}
	})
}
