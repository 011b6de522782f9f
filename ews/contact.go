package ews

import (
	"fmt"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// contactText is a property of a contact that is one line of text.
type contactText struct {
	uri    string
	wire   func(*wsdl.ContactItemType) **wsdl.Text
	word   func(*mailbox.ContactDetails) *string
	update func(*mailbox.ContactUpdate) *string
}

var contactTexts = []contactText{
	{"contacts:FileAs", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.FileAs }, func(d *mailbox.ContactDetails) *string { return &d.FileAs }, func(u *mailbox.ContactUpdate) *string { return u.FileAs }},
	{"contacts:DisplayName", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.DisplayName }, func(d *mailbox.ContactDetails) *string { return &d.DisplayName }, func(u *mailbox.ContactUpdate) *string { return u.DisplayName }},
	{"contacts:GivenName", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.GivenName }, func(d *mailbox.ContactDetails) *string { return &d.GivenName }, func(u *mailbox.ContactUpdate) *string { return u.GivenName }},
	{"contacts:Initials", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.Initials }, func(d *mailbox.ContactDetails) *string { return &d.Initials }, func(u *mailbox.ContactUpdate) *string { return u.Initials }},
	{"contacts:MiddleName", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.MiddleName }, func(d *mailbox.ContactDetails) *string { return &d.MiddleName }, func(u *mailbox.ContactUpdate) *string { return u.MiddleName }},
	{"contacts:Nickname", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.Nickname }, func(d *mailbox.ContactDetails) *string { return &d.Nickname }, func(u *mailbox.ContactUpdate) *string { return u.Nickname }},
	{"contacts:CompanyName", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.CompanyName }, func(d *mailbox.ContactDetails) *string { return &d.Company }, func(u *mailbox.ContactUpdate) *string { return u.Company }},
	{"contacts:AssistantName", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.AssistantName }, func(d *mailbox.ContactDetails) *string { return &d.Assistant }, func(u *mailbox.ContactUpdate) *string { return u.Assistant }},
	{"contacts:BusinessHomePage", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.BusinessHomePage }, func(d *mailbox.ContactDetails) *string { return &d.WebPage }, func(u *mailbox.ContactUpdate) *string { return u.WebPage }},
	{"contacts:Department", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.Department }, func(d *mailbox.ContactDetails) *string { return &d.Department }, func(u *mailbox.ContactUpdate) *string { return u.Department }},
	{"contacts:Generation", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.Generation }, func(d *mailbox.ContactDetails) *string { return &d.Suffix }, func(u *mailbox.ContactUpdate) *string { return u.Suffix }},
	{"contacts:JobTitle", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.JobTitle }, func(d *mailbox.ContactDetails) *string { return &d.JobTitle }, func(u *mailbox.ContactUpdate) *string { return u.JobTitle }},
	{"contacts:Manager", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.Manager }, func(d *mailbox.ContactDetails) *string { return &d.Manager }, func(u *mailbox.ContactUpdate) *string { return u.Manager }},
	{"contacts:OfficeLocation", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.OfficeLocation }, func(d *mailbox.ContactDetails) *string { return &d.Office }, func(u *mailbox.ContactUpdate) *string { return u.Office }},
	{"contacts:Profession", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.Profession }, func(d *mailbox.ContactDetails) *string { return &d.Profession }, func(u *mailbox.ContactUpdate) *string { return u.Profession }},
	{"contacts:SpouseName", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.SpouseName }, func(d *mailbox.ContactDetails) *string { return &d.Spouse }, func(u *mailbox.ContactUpdate) *string { return u.Spouse }},
	{"contacts:Surname", func(c *wsdl.ContactItemType) **wsdl.Text { return &c.Surname }, func(d *mailbox.ContactDetails) *string { return &d.Surname }, func(u *mailbox.ContactUpdate) *string { return u.Surname }},
}

// titleField is the title, which Exchange tells in CompleteName and takes by
// its MAPI property alone: PidTagDisplayNamePrefix.
var titleField = Tag(0x3A45, wsdl.MapiTypeString)

// What is asked of a contact; a list of contacts has no body and no
// attachments.
var (
	contactListFields = func() []string {
		fields := []string{
			"item:ParentFolderId", "item:Categories", "item:Sensitivity", "item:DateTimeCreated", "item:LastModifiedTime",
			"contacts:Children", "contacts:EmailAddresses", "contacts:PhoneNumbers", "contacts:PhysicalAddresses",
			"contacts:ImAddresses", "contacts:Birthday", "contacts:WeddingAnniversary", "contacts:HasPicture",
		}
		for _, t := range contactTexts {
			fields = append(fields, t.uri)
		}
		return fields
	}()
	contactFields = append([]string{"item:Body", "item:Attachments"}, contactListFields...)
)

// contactShape asks for a contact, the whole of it or what a list has.
func contactShape(fields []string) *wsdl.ItemResponseShape {
	s := itemShape(fields...)
	s.AdditionalProperties = addFields(s.AdditionalProperties, []Field{titleField})
	return s
}

func wholeContactShape() *wsdl.ItemResponseShape {
	s := contactShape(contactFields)
	s.BodyType = bestBody()
	return s
}

// emailKeys and the others are the places of a contact as the wire names them,
// in the order of the wire.
var (
	emailKeys = []struct {
		word mailbox.EmailKey
		wire wsdl.EmailAddressKey
	}{
		{mailbox.Email1, wsdl.EmailAddressKeyEmailAddress1}, {mailbox.Email2, wsdl.EmailAddressKeyEmailAddress2}, {mailbox.Email3, wsdl.EmailAddressKeyEmailAddress3},
	}
	phoneKeys = []struct {
		word mailbox.PhoneKey
		wire wsdl.PhoneNumberKey
	}{
		{mailbox.PhoneAssistant, wsdl.PhoneNumberKeyAssistantPhone}, {mailbox.PhoneBusinessFax, wsdl.PhoneNumberKeyBusinessFax},
		{mailbox.PhoneBusiness, wsdl.PhoneNumberKeyBusinessPhone}, {mailbox.PhoneBusiness2, wsdl.PhoneNumberKeyBusinessPhone2},
		{mailbox.PhoneCallback, wsdl.PhoneNumberKeyCallback}, {mailbox.PhoneCar, wsdl.PhoneNumberKeyCarPhone},
		{mailbox.PhoneCompany, wsdl.PhoneNumberKeyCompanyMainPhone}, {mailbox.PhoneHomeFax, wsdl.PhoneNumberKeyHomeFax},
		{mailbox.PhoneHome, wsdl.PhoneNumberKeyHomePhone}, {mailbox.PhoneHome2, wsdl.PhoneNumberKeyHomePhone2},
		{mailbox.PhoneISDN, wsdl.PhoneNumberKeyIsdn}, {mailbox.PhoneMobile, wsdl.PhoneNumberKeyMobilePhone},
		{mailbox.PhoneOtherFax, wsdl.PhoneNumberKeyOtherFax}, {mailbox.PhoneOther, wsdl.PhoneNumberKeyOtherTelephone},
		{mailbox.PhonePager, wsdl.PhoneNumberKeyPager}, {mailbox.PhonePrimary, wsdl.PhoneNumberKeyPrimaryPhone},
		{mailbox.PhoneRadio, wsdl.PhoneNumberKeyRadioPhone}, {mailbox.PhoneTelex, wsdl.PhoneNumberKeyTelex},
		{mailbox.PhoneTTY, wsdl.PhoneNumberKeyTtyTddPhone},
	}
	addressKeys = []struct {
		word mailbox.AddressKey
		wire wsdl.PhysicalAddressKey
	}{
		{mailbox.AddressHome, wsdl.PhysicalAddressKeyHome}, {mailbox.AddressBusiness, wsdl.PhysicalAddressKeyBusiness}, {mailbox.AddressOther, wsdl.PhysicalAddressKeyOther},
	}
	imKeys = []struct {
		word mailbox.IMKey
		wire wsdl.ImAddressKey
	}{
		{mailbox.IM1, wsdl.ImAddressKeyImAddress1}, {mailbox.IM2, wsdl.ImAddressKeyImAddress2}, {mailbox.IM3, wsdl.ImAddressKeyImAddress3},
	}
)

// contactOf reads a contact.
func contactOf(c *wsdl.ContactItemType) mailbox.Contact {
	out := mailbox.Contact{
		HasPicture:  bool(wsdl.Val(c.HasPicture)),
		Created:     moment(c.DateTimeCreated),
		Modified:    moment(c.LastModifiedTime),
		Body:        readBody(c.Body),
		Attachments: attachments(c.Attachments),
	}
	if c.ItemId != nil {
		out.ID, out.ChangeKey = wsdl.Str(c.ItemId.Id), wsdl.Str(c.ItemId.ChangeKey)
	}
	if c.ParentFolderId != nil {
		out.FolderID = wsdl.Str(c.ParentFolderId.Id)
	}
	d := &out.ContactDetails
	for _, t := range contactTexts {
		*t.word(d) = wsdl.Str(*t.wire(c))
	}
	for _, p := range propertiesOf(c.ExtendedProperty, nil, []Field{titleField}) {
		d.Title, _ = p.Value.(string)
	}
	if d.Title == "" && c.CompleteName != nil {
		d.Title = wsdl.Str(c.CompleteName.Title)
	}
	d.Children, d.Categories, d.Sensitivity = stringsOf(c.Children), stringsOf(c.Categories), sensitivity(c.Sensitivity)
	d.Birthday, d.Wedding = dateOf(c.Birthday), dateOf(c.WeddingAnniversary)
	readEntries(d, c)
	return out
}

// readEntries reads the dictionaries. Entries without a value are told by some
// servers for every place there is.
func readEntries(d *mailbox.ContactDetails, c *wsdl.ContactItemType) {
	if c.EmailAddresses != nil {
		for _, e := range c.EmailAddresses.Entry {
			for _, k := range emailKeys {
				if p := contactEmail(e); k.wire == wsdl.Val(e.Key) && p.Address != "" {
					put(&d.Emails, k.word, p)
				}
			}
		}
	}
	if c.PhoneNumbers != nil {
		for _, e := range c.PhoneNumbers.Entry {
			for _, k := range phoneKeys {
				if k.wire == wsdl.Val(e.Key) && wsdl.Str(e.Value) != "" {
					put(&d.Phones, k.word, wsdl.Str(e.Value))
				}
			}
		}
	}
	if c.PhysicalAddresses != nil {
		for _, e := range c.PhysicalAddresses.Entry {
			a := mailbox.Address{Street: wsdl.Str(e.Street), City: wsdl.Str(e.City), State: wsdl.Str(e.State),
				PostalCode: wsdl.Str(e.PostalCode), Country: wsdl.Str(e.CountryOrRegion)}
			for _, k := range addressKeys {
				if k.wire == wsdl.Val(e.Key) && a != (mailbox.Address{}) {
					put(&d.Addresses, k.word, a)
				}
			}
		}
	}
	if c.ImAddresses != nil {
		for _, e := range c.ImAddresses.Entry {
			for _, k := range imKeys {
				if k.wire == wsdl.Val(e.Key) && wsdl.Str(e.Value) != "" {
					put(&d.IMs, k.word, wsdl.Str(e.Value))
				}
			}
		}
	}
}

func put[K comparable, V any](m *map[K]V, key K, value V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = value
}

// contactEmail reads an address. The directory writes its kind before it; one
// of Exchange's own form is no SMTP address.
func contactEmail(e *wsdl.EmailAddressEntry) mailbox.Person {
	p := mailbox.Person{Name: wsdl.Str(e.Name), Address: wsdl.Str(e.Value)}
	if len(p.Address) > 5 && strings.EqualFold(p.Address[:5], "smtp:") {
		p.Address = p.Address[5:]
	}
	if strings.EqualFold(wsdl.Str(e.RoutingType), "EX") && !strings.Contains(p.Address, "@") {
		p.Address = ""
	}
	if p.Name == p.Address {
		p.Name = ""
	}
	return p
}

// dateOf reads a day that the wire has as a point in time. Programs write the
// midnight of their own zone, or 11:59 UTC: the day that is nearest to either is
// the one that was meant, in every zone from UTC-11:59 to UTC+12.
func dateOf(text *wsdl.DateTimeText) mailbox.Date {
	t, ok := wsdl.ParseTime(text, nil)
	if !ok {
		return ""
	}
	return mailbox.DateOf(t.UTC().Add(12 * time.Hour))
}

// anniversary writes a day of somebody's life as Outlook does, so that it is the
// same day in nearly every zone.
func anniversary(d mailbox.Date) (*wsdl.DateTimeText, error) {
	t, ok := d.In(time.UTC)
	if !ok {
		return nil, fmt.Errorf("%q is no day; write it as 1980-05-17", string(d))
	}
	return wsdl.FormatTime(t.Add(11*time.Hour + 59*time.Minute)), nil
}

// contactEntry writes one e-mail address.
func contactEntry(key wsdl.EmailAddressKey, p mailbox.Person) *wsdl.EmailAddressEntry {
	e := &wsdl.EmailAddressEntry{Key: wsdl.Ptr(key), Name: wsdl.NewText(p.Name), Value: text(strings.TrimSpace(p.Address))}
	if p.Name != "" {
		e.RoutingType = text("SMTP")
	}
	return e
}
