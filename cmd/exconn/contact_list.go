package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) contactList(c *cli.Context) error {
	q := mailbox.ContactQuery{
		Folder: mailbox.FolderRef(c.String("folder")), Name: c.String("search"), Email: c.String("email"), Category: c.String("category"),
		Body: c.Bool("body"), Limit: c.Int("limit"),
	}
	var err error
	if q.ModifiedSince, err = parseTime(c, "since", time.Local); err != nil {
		return err
	}
	if q.Limit < 0 {
		return usagef("0 lists all", "--limit %d is negative", q.Limit)
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	return list(s.printer(c), box.Contacts(c.Context, q), []string{"name", "company", "email", "phone", "id"}, func(contact mailbox.Contact) []any {
		return []any{short(contactName(contact), 40), short(contact.Company, 30), plain(contact.Emails[mailbox.Email1].Address), short(contactPhone(contact), 25), contact.ID}
	})
}

func contactName(c mailbox.Contact) string {
	if c.DisplayName != "" {
		return c.DisplayName
	}
	return c.FileAs
}

// contactPhone is the number to call first.
func contactPhone(c mailbox.Contact) string {
	for _, key := range append([]mailbox.PhoneKey{mailbox.PhoneMobile, mailbox.PhoneBusiness, mailbox.PhonePrimary}, mailbox.PhoneKeys()...) {
		if number := c.Phones[key]; number != "" {
			return number
		}
	}
	return ""
}
