package ews

import (
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// person reads a mailbox of the wire. It is nil where that says nothing.
// Inside an organisation Exchange gives some addresses in its own form
// (RoutingType EX) in lists; those are no SMTP addresses and left out.
func person(a *wsdl.EmailAddressType) *mailbox.Person {
	if a == nil {
		return nil
	}
	p := &mailbox.Person{Name: wsdl.Str(a.Name), Address: wsdl.Str(a.EmailAddress)}
	if strings.EqualFold(wsdl.Str(a.RoutingType), "EX") && !strings.Contains(p.Address, "@") {
		p.Address = ""
	}
	if *p == (mailbox.Person{}) {
		return nil
	}
	return p
}

// sender reads a single recipient, such as From.
func sender(r *wsdl.RecipientType) *mailbox.Person {
	if r == nil {
		return nil
	}
	return person(r.Mailbox)
}

// people reads a list of recipients.
func people(r *wsdl.RecipientsType) []mailbox.Person {
	if r == nil {
		return nil
	}
	var list []mailbox.Person
	for _, a := range r.Mailbox {
		if p := person(a); p != nil {
			list = append(list, *p)
		}
	}
	return list
}

// emailAddress writes a person.
func emailAddress(p mailbox.Person) *wsdl.EmailAddressType {
	return &wsdl.EmailAddressType{
		Name:         wsdl.NewText(p.Name),
		EmailAddress: wsdl.NewText(strings.TrimSpace(p.Address)),
	}
}

// recipients writes a list; nil for none.
func recipients(list []mailbox.Person) *wsdl.RecipientsType {
	if len(list) == 0 {
		return nil
	}
	r := new(wsdl.RecipientsType)
	for _, p := range list {
		r.Mailbox = append(r.Mailbox, emailAddress(p))
	}
	return r
}

// checkRecipients refuses a recipient without an address: Exchange would look
// the name up and send to whom it finds.
func (m *Mailbox) checkRecipients(operation string, lists ...[]mailbox.Person) error {
	for _, list := range lists {
		for _, p := range list {
			if !strings.Contains(p.Address, "@") {
				return m.invalid(operation, "the recipient %q has no SMTP address", p.String())
			}
		}
	}
	return nil
}
