package main

import (
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) contact() *cli.Command {
	var keys []string
	for _, k := range mailbox.PhoneKeys() {
		keys = append(keys, string(k))
	}
	details := []cli.Flag{
		&cli.StringFlag{Name: "display-name", Usage: "the `NAME` as a whole; made of the others where left out"},
		&cli.StringFlag{Name: "file-as", Usage: "the `NAME` to sort by; made of the others where left out"},
		&cli.StringFlag{Name: "title", Usage: "`TITLE` before the name"},
		&cli.StringFlag{Name: "given-name", Usage: "given `NAME`"},
		&cli.StringFlag{Name: "middle-name", Usage: "middle `NAME`"},
		&cli.StringFlag{Name: "surname", Usage: "`NAME` of the family"},
		&cli.StringFlag{Name: "company", Usage: "`NAME` of the company"},
		&cli.StringFlag{Name: "department", Usage: "`NAME` of the department"},
		&cli.StringFlag{Name: "job-title", Usage: "`WORDS` such as Head of purchasing"},
		&cli.StringFlag{Name: "web-page", Usage: "`URL`"},
		&cli.StringSliceFlag{Name: "email", Usage: "`ADDRESS` or email2=ADDRESS, at most three, repeatable"},
		&cli.StringSliceFlag{Name: "phone", Usage: "`KIND=NUMBER`, repeatable; a kind is one of " + strings.Join(keys, ", ")},
		&cli.StringSliceFlag{Name: "address", Usage: "`KIND.PART=TEXT` such as business.city=Hamburg, repeatable; a kind is business, home or other, a part street, city, state, postal_code or country"},
		&cli.StringFlag{Name: "birthday", Usage: "`DATE` such as 1980-05-17"},
		&cli.StringSliceFlag{Name: "category", Usage: "category `NAME`, repeatable"},
		&cli.StringFlag{Name: "sensitivity", Usage: "`normal|personal|private|confidential`"},
		&cli.StringFlag{Name: "text", Usage: "notes as plain `TEXT`"},
		&cli.StringFlag{Name: "text-file", Usage: "notes from a plain text `FILE` (- is standard input)"},
	}
	with := func(more ...cli.Flag) []cli.Flag { return remote(append(more, details...)...) }
	return &cli.Command{
		Name:  "contact",
		Usage: "read and keep contacts",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list the contacts of a folder, by name", Action: s.contactList, Flags: remote(folderFlag, limitFlag,
				&cli.StringFlag{Name: "search", Usage: "`TEXT` that the name or the company has in it"},
				&cli.StringFlag{Name: "email", Usage: "with this e-mail `ADDRESS`"},
				&cli.StringFlag{Name: "category", Usage: "of the category `NAME`"},
				&cli.StringFlag{Name: "since", Usage: "changed at or after `TIME`"},
				&cli.BoolFlag{Name: "body", Usage: "with notes"},
			)},
			{Name: "get", Usage: "show a contact", Action: s.contactGet, Flags: remote(idFlag)},
			{Name: "create", Usage: "create a contact", Action: s.contactCreate, Flags: with(folderFlag)},
			{Name: "update", Usage: "change the parts of a contact that are given; empty takes a part away", Action: s.contactUpdate, Flags: with(idFlag)},
			{Name: "delete", Usage: "delete a contact", Action: s.contactDelete, Flags: remote(idFlag,
				&cli.BoolFlag{Name: "permanent", Usage: "remove it instead of moving it to Deleted Items"},
			)},
		},
	}
}

// contactFlags are the changes that the flags ask for.
func (s system) contactFlags(c *cli.Context) (mailbox.ContactUpdate, error) {
	var u mailbox.ContactUpdate
	for flag, field := range map[string]**string{
		"display-name": &u.DisplayName, "file-as": &u.FileAs, "title": &u.Title, "given-name": &u.GivenName, "middle-name": &u.MiddleName,
		"surname": &u.Surname, "company": &u.Company, "department": &u.Department, "job-title": &u.JobTitle, "web-page": &u.WebPage,
	} {
		if c.IsSet(flag) {
			value := c.String(flag)
			*field = &value
		}
	}
	if c.IsSet("birthday") {
		day, err := day(c, "birthday")
		if err != nil {
			return u, err
		}
		u.Birthday = &day
	}
	if c.IsSet("category") {
		u.Categories = words(c, "category")
	}
	if c.IsSet("sensitivity") {
		value, err := sensitivityFlag(c)
		if err != nil {
			return u, err
		}
		u.Sensitivity = &value
	}
	if c.IsSet("text") || c.IsSet("text-file") {
		text, err := s.textFlag(c, "text")
		if err != nil {
			return u, err
		}
		u.Text = &text
	}
	var err error
	if u.Emails, err = contactEmails(c); err != nil {
		return u, err
	}
	if u.Phones, err = contactPhones(c); err != nil {
		return u, err
	}
	u.Addresses, err = contactAddresses(c)
	return u, err
}

// contactEmails reads --email: those without a place take the places in order.
func contactEmails(c *cli.Context) (map[mailbox.EmailKey]mailbox.Person, error) {
	places := []mailbox.EmailKey{mailbox.Email1, mailbox.Email2, mailbox.Email3}
	list := map[mailbox.EmailKey]mailbox.Person{}
	for _, value := range c.StringSlice("email") {
		place := mailbox.EmailKey("")
		if name, rest, ok := strings.Cut(value, "="); ok && !strings.Contains(name, "@") {
			place, value = mailbox.EmailKey(name), rest
		}
		for _, free := range places {
			if _, taken := list[free]; place == "" && !taken {
				place = free
			}
		}
		known := false
		for _, p := range places {
			known = known || p == place
		}
		if !known {
			return nil, usagef("a contact has three: email1, email2 and email3", "--email %q has no place", value)
		}
		if strings.TrimSpace(value) == "" {
			list[place] = mailbox.Person{}
			continue
		}
		p, err := person("email", value)
		if err != nil {
			return nil, err
		}
		list[place] = p
	}
	return list, nil
}

func contactPhones(c *cli.Context) (map[mailbox.PhoneKey]string, error) {
	list := map[mailbox.PhoneKey]string{}
	for _, value := range c.StringSlice("phone") {
		kind, number, ok := strings.Cut(value, "=")
		known := false
		for _, k := range mailbox.PhoneKeys() {
			known = known || k == mailbox.PhoneKey(kind)
		}
		if !ok || !known {
			return nil, usagef("write it as mobile=+49170123; the kinds are in exconn contact create --help", "--phone %q is no KIND=NUMBER", value)
		}
		list[mailbox.PhoneKey(kind)] = number
	}
	return list, nil
}

func contactAddresses(c *cli.Context) (map[mailbox.AddressKey]mailbox.AddressUpdate, error) {
	list := map[mailbox.AddressKey]mailbox.AddressUpdate{}
	for _, value := range c.StringSlice("address") {
		name, text, ok := strings.Cut(value, "=")
		kind, part, also := strings.Cut(name, ".")
		key := mailbox.AddressKey(kind)
		a := list[key]
		place, known := map[string]**string{"street": &a.Street, "city": &a.City, "state": &a.State, "postal_code": &a.PostalCode, "country": &a.Country}[part]
		if !ok || !also || !known || key != mailbox.AddressBusiness && key != mailbox.AddressHome && key != mailbox.AddressOther {
			return nil, usagef("write it as business.city=Hamburg", "--address %q is no KIND.PART=TEXT", value)
		}
		*place = &text
		list[key] = a
	}
	return list, nil
}

// day reads a flag that is a date; "" is none.
func day(c *cli.Context, flag string) (mailbox.Date, error) {
	d := mailbox.Date(strings.TrimSpace(c.String(flag)))
	if _, ok := d.In(time.UTC); d != "" && !ok {
		return "", usagef("write it as 2026-11-20", "--%s %q is no date", flag, c.String(flag))
	}
	return d, nil
}

// words reads a repeatable flag; one empty value is none.
func words(c *cli.Context, flag string) *[]string {
	list := []string{}
	for _, w := range c.StringSlice(flag) {
		if strings.TrimSpace(w) != "" {
			list = append(list, w)
		}
	}
	return &list
}

func sensitivityFlag(c *cli.Context) (mailbox.Sensitivity, error) {
	switch s := mailbox.Sensitivity(c.String("sensitivity")); s {
	case "", mailbox.SensitivityNormal, mailbox.Personal, mailbox.Private, mailbox.Confidential:
		return s, nil
	}
	return "", usagef("use normal, personal, private or confidential", "--sensitivity %q is none of them", c.String("sensitivity"))
}
