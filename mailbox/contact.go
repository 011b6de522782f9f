package mailbox

import (
	"context"
	"iter"
	"time"
)

// EmailKey is one of the three places for an address that a contact has.
type EmailKey string

// The values of EmailKey.
const (
	Email1 EmailKey = "email1"
	Email2 EmailKey = "email2"
	Email3 EmailKey = "email3"
)

// PhoneKey is one of the places for a number that a contact has.
type PhoneKey string

// The values of PhoneKey.
const (
	PhoneAssistant   PhoneKey = "assistant"
	PhoneBusiness    PhoneKey = "business"
	PhoneBusiness2   PhoneKey = "business2"
	PhoneBusinessFax PhoneKey = "business_fax"
	PhoneCallback    PhoneKey = "callback"
	PhoneCar         PhoneKey = "car"
	PhoneCompany     PhoneKey = "company"
	PhoneHome        PhoneKey = "home"
	PhoneHome2       PhoneKey = "home2"
	PhoneHomeFax     PhoneKey = "home_fax"
	PhoneISDN        PhoneKey = "isdn"
	PhoneMobile      PhoneKey = "mobile"
	PhoneOther       PhoneKey = "other"
	PhoneOtherFax    PhoneKey = "other_fax"
	PhonePager       PhoneKey = "pager"
	PhonePrimary     PhoneKey = "primary"
	PhoneRadio       PhoneKey = "radio"
	PhoneTelex       PhoneKey = "telex"
	PhoneTTY         PhoneKey = "tty"
)

// PhoneKeys lists the places for numbers.
func PhoneKeys() []PhoneKey {
	return []PhoneKey{PhoneAssistant, PhoneBusiness, PhoneBusiness2, PhoneBusinessFax, PhoneCallback, PhoneCar, PhoneCompany,
		PhoneHome, PhoneHome2, PhoneHomeFax, PhoneISDN, PhoneMobile, PhoneOther, PhoneOtherFax, PhonePager, PhonePrimary,
		PhoneRadio, PhoneTelex, PhoneTTY}
}

// AddressKey is one of the three postal addresses that a contact has.
type AddressKey string

// The values of AddressKey.
const (
	AddressBusiness AddressKey = "business"
	AddressHome     AddressKey = "home"
	AddressOther    AddressKey = "other"
)

// IMKey is one of the three places for an instant-messaging address.
type IMKey string

// The values of IMKey.
const (
	IM1 IMKey = "im1"
	IM2 IMKey = "im2"
	IM3 IMKey = "im3"
)

// Address is a postal address.
type Address struct {
	Street     string `json:"street,omitempty"`
	City       string `json:"city,omitempty"`
	State      string `json:"state,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	Country    string `json:"country,omitempty"`
}

// Date is a day without a time and a zone, written 2026-11-20.
type Date string

// DateOf returns the day that t shows.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// In returns the midnight that the day begins with; false where d is no day.
func (d Date) In(loc *time.Location) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateOnly, string(d), loc)
	return t, err == nil
}

// ContactDetails is what a contact says of somebody.
type ContactDetails struct {
	// DisplayName is the name as a whole. FileAs is the name to sort by; where
	// it is left out of a new contact, the server makes it of the others.
	DisplayName string `json:"display_name,omitempty"`
	FileAs      string `json:"file_as,omitempty"`
	Title       string `json:"title,omitempty"`
	GivenName   string `json:"given_name,omitempty"`
	MiddleName  string `json:"middle_name,omitempty"`
	Surname     string `json:"surname,omitempty"`
	// Suffix is what follows the name, such as "Jr.".
	Suffix     string                 `json:"suffix,omitempty"`
	Nickname   string                 `json:"nickname,omitempty"`
	Initials   string                 `json:"initials,omitempty"`
	Company    string                 `json:"company,omitempty"`
	Department string                 `json:"department,omitempty"`
	JobTitle   string                 `json:"job_title,omitempty"`
	Profession string                 `json:"profession,omitempty"`
	Office     string                 `json:"office,omitempty"`
	Manager    string                 `json:"manager,omitempty"`
	Assistant  string                 `json:"assistant,omitempty"`
	Spouse     string                 `json:"spouse,omitempty"`
	Children   []string               `json:"children,omitempty"`
	WebPage    string                 `json:"web_page,omitempty"`
	Emails     map[EmailKey]Person    `json:"emails,omitempty"`
	Phones     map[PhoneKey]string    `json:"phones,omitempty"`
	Addresses  map[AddressKey]Address `json:"addresses,omitempty"`
	IMs        map[IMKey]string       `json:"ims,omitempty"`
	Birthday   Date                   `json:"birthday,omitempty"`
	Wedding    Date                   `json:"wedding,omitempty"`
	Categories []string               `json:"categories,omitempty"`
	// Sensitivity is empty for normal.
	Sensitivity Sensitivity `json:"sensitivity,omitempty"`
}

// Contact is somebody in an address book of the mailbox. Fields that the server
// did not give are zero.
type Contact struct {
	ID        string `json:"id"`
	ChangeKey string `json:"change_key,omitempty"`
	FolderID  string `json:"folder_id,omitempty"`
	ContactDetails
	HasPicture bool `json:"has_picture,omitempty"`
	// Created and Modified tell when the contact was.
	Created  *time.Time `json:"created,omitempty"`
	Modified *time.Time `json:"modified,omitempty"`
	// Body is the notes about the contact.
	Body        *Body        `json:"body,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
}

// ContactQuery selects contacts of one folder, by the name that they are filed
// under. What is zero does not count; a contact must fulfil all the rest.
type ContactQuery struct {
	// Folder is where to look; empty means the contacts.
	Folder FolderRef
	// Name is what a part of the display name, the company or the name to sort
	// by has in it, whatever the case.
	Name string
	// Email is one of the contact's addresses.
	Email string
	// Category is one of the contact's categories.
	Category string
	// ModifiedSince bounds the time of the last change, inclusive.
	ModifiedSince time.Time
	// Body asks for the notes and the attachments too.
	Body bool
	// Limit is the most contacts to return; zero means all.
	Limit int
}

// NewContact is a contact to create.
type NewContact struct {
	// Folder is where to; empty means the contacts.
	Folder FolderRef
	ContactDetails
	// Text and HTML are the notes; HTML goes before text.
	Text, HTML string
	// OperationID identifies this write; see Outgoing.
	OperationID string
}

// AddressUpdate changes the parts of an address that are not nil; "" takes a
// part away.
type AddressUpdate struct {
	Street, City, State, PostalCode, Country *string
}

// ContactUpdate changes the fields that are not nil; "" takes a field away. Of
// the maps the entries that are there are changed: a Person without an address
// and an empty number take the entry away.
type ContactUpdate struct {
	DisplayName, FileAs, Title, GivenName, MiddleName, Surname, Suffix, Nickname, Initials,
	Company, Department, JobTitle, Profession, Office, Manager, Assistant, Spouse, WebPage *string
	Children    *[]string
	Emails      map[EmailKey]Person
	Phones      map[PhoneKey]string
	Addresses   map[AddressKey]AddressUpdate
	IMs         map[IMKey]string
	Birthday    *Date
	Wedding     *Date
	Categories  *[]string
	Sensitivity *Sensitivity
	Text, HTML  *string
	// ChangeKey makes the update fail with ErrConflict when the contact has
	// changed since; empty means the current one is read first.
	ChangeKey   string
	OperationID string
}

// ContactBook keeps contacts. They are moved and deleted by Writer.
type ContactBook interface {
	// Contacts pages through the query. Iteration ends at the first error.
	Contacts(ctx context.Context, q ContactQuery) iter.Seq2[Contact, error]
	// Contact returns one contact with notes and attachments.
	Contact(ctx context.Context, id string) (Contact, error)
	CreateContact(ctx context.Context, n NewContact) (Contact, error)
	UpdateContact(ctx context.Context, id string, u ContactUpdate) (Contact, error)
}
