package simulator

import (
	"context"
	"strings"
)

func (s *seeder) session(mb *mbox) *session { return &session{st: s.st, who: mb} }

// context is for the session's methods, which do not wait for anything.
func (s *seeder) context() context.Context { return context.Background() }

// contact is somebody who writes from outside.
type contact struct{ name, company, domain string }

func (c contact) address() string {
	return strings.ToLower(strings.ReplaceAll(c.name, " ", ".")) + "@" + c.domain
}

var customers = []contact{
	{"Hanna Weiss", "Adatum", "adatum.example"},
	{"Oliver Kent", "Adatum", "adatum.example"},
	{"Priya Raman", "Tailspin", "tailspin.example"},
	{"Marco Bellini", "Tailspin", "tailspin.example"},
	{"Sofia Lindqvist", "Woodgrove", "woodgrove.example"},
	{"Jonas Meyer", "Woodgrove", "woodgrove.example"},
}

// topic is what people write about. The words in braces are filled in.
type topic struct{ subject, body, file string }

var topics = []topic{
	{"Invoice {number}", "<p>Hello,</p><p>please find attached our invoice {number} over <b>{amount}</b>. It is due within 30 days.</p><p>Kind regards<br>{first}, {company}</p>", "Invoice-{number}.pdf"},
	{"Question about offer {number}", "<p>Hello,</p><p>we read your offer {number} with interest. Two points are not clear to us:</p><ul><li>Is the training included?</li><li>From when does the support run?</li></ul><p>Best wishes<br>{first}</p>", ""},
	{"Order {number}", "<p>Good morning,</p><p>we would like to order as offered, at {amount}. The signed order is attached.</p><p>{first}<br>{company}</p>", "Order-{number}.pdf"},
	{"Delivery date for order {number}", "<p>Hello,</p><p>when can we expect the delivery for order {number}? Our warehouse needs three days' notice.</p><p>Thanks<br>{first}</p>", ""},
	{"Minutes of our meeting", "<p>Hello all,</p><p>thank you for the visit. What we agreed:</p><ol><li>{company} sends the list of users by Friday.</li><li>The pilot starts with twelve users.</li><li>We meet again in two weeks.</li></ol><p>{first}</p>", "Minutes.pdf"},
	{"Ticket {number}: import stops half way", "<p>Hi,</p><p>since the weekend our nightly import stops after about half of the records. Nothing was changed on our side. Could somebody have a look?</p><p>{first}, {company}</p>", ""},
	{"Contract renewal", "<p>Dear team,</p><p>our contract ends next quarter. Please send us your terms for two more years, and for one.</p><p>Regards<br>{first}</p>", ""},
	{"Change of address", "<p>Hello,</p><p>{company} is moving. From the first of next month please send everything to Harbour Road 12.</p><p>{first}</p>", ""},
	{"Re-scheduling Thursday", "<p>Hi,</p><p>something has come up on Thursday. Would Friday at ten suit you as well?</p><p>Sorry for the trouble<br>{first}</p>", ""},
	{"Feedback on the demo", "<p>Hello,</p><p>the colleagues liked what they saw, above all the calendar. One wish: could the list of contacts be sorted by company?</p><p>Greetings from {company}<br>{first}</p>", ""},
	{"Payment received: {amount}", "<p>Hello,</p><p>we have transferred {amount} for invoice {number} today.</p><p>Accounting, {company}</p>", ""},
	{"Brochure 2027", "<p>Hello,</p><p>as promised, the first pages of the new brochure. Comments are welcome until Monday.</p><p>{first}</p>", "Brochure-2027.pdf"},
}
