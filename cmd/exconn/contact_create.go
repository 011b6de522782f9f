package main

import (
	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) contactCreate(c *cli.Context) error {
	u, err := s.contactFlags(c)
	if err != nil {
		return err
	}
	val := func(p *string) string {
		if p == nil {
			return ""
		}
		return *p
	}
	n := mailbox.NewContact{
		Folder: mailbox.FolderRef(c.String("folder")),
		ContactDetails: mailbox.ContactDetails{
			DisplayName: val(u.DisplayName), FileAs: val(u.FileAs), Title: val(u.Title), GivenName: val(u.GivenName), MiddleName: val(u.MiddleName),
			Surname: val(u.Surname), Company: val(u.Company), Department: val(u.Department), JobTitle: val(u.JobTitle), WebPage: val(u.WebPage),
			Emails: u.Emails, Phones: u.Phones, Addresses: map[mailbox.AddressKey]mailbox.Address{},
		},
		Text: val(u.Text),
	}
	for key, a := range u.Addresses {
		n.Addresses[key] = mailbox.Address{Street: val(a.Street), City: val(a.City), State: val(a.State), PostalCode: val(a.PostalCode), Country: val(a.Country)}
	}
	if u.Birthday != nil {
		n.Birthday = *u.Birthday
	}
	if u.Categories != nil {
		n.Categories = *u.Categories
	}
	if u.Sensitivity != nil {
		n.Sensitivity = *u.Sensitivity
	}
	if n.DisplayName == "" && n.GivenName == "" && n.Surname == "" && n.Company == "" && n.FileAs == "" {
		return usagef("give --given-name and --surname, --display-name or --company", "the contact has no name")
	}
	return s.withContacts(c, func(book mailbox.ContactBook) (mailbox.Contact, error) { return book.CreateContact(c.Context, n) })
}
