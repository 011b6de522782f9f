package simulator

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// letter is something on its way: a message or a meeting message.
type letter struct {
	value any
	files []*attachment
	// through are the mailboxes whose rules have sent it on: each does so once.
	through []*mbox
}

// authorize sets From and Sender of a message that actor sends out of a mailbox
// of owner's, and checks the right to do so: From is the owner, unless the
// message names somebody else.
func (st *state) authorize(value any, actor, owner *mbox) error {
	from := mailboxOf(get[wsdl.RecipientType](value, "From"))
	principal := owner
	if from != nil && address(from) != "" {
		if principal = st.byAddress[address(from)]; principal == nil {
			return &ewsserver.Error{Code: ewsserver.ErrorSendAsDenied,
				Text: "The account has no right to send as " + wsdl.Str(from.EmailAddress) + "."}
		}
	}
	as, onBehalf := principal.sendRight(actor)
	switch {
	case as:
		set(value, "Sender", wsdl.RecipientType{Mailbox: principal.person()})
	case onBehalf:
		set(value, "Sender", wsdl.RecipientType{Mailbox: actor.person()})
	default:
		return &ewsserver.Error{Code: ewsserver.ErrorSendAsDenied,
			Text: "The account " + actor.address + " has no right to send as " + principal.address + "."}
	}
	set(value, "From", wsdl.RecipientType{Mailbox: principal.person()})
	return nil
}

// recipientsOf lists everybody whom a message is for.
func recipientsOf(value any) []*wsdl.EmailAddressType {
	var all []*wsdl.EmailAddressType
	for _, name := range []string{"ToRecipients", "CcRecipients", "BccRecipients"} {
		if list := get[wsdl.RecipientsType](value, name); list != nil {
			all = append(all, list.Mailbox...)
		}
	}
	return all
}

// checkRecipients refuses a message that is for nobody, or for an address that
// is none.
func checkRecipients(value any) error {
	all := recipientsOf(value)
	if len(all) == 0 {
		return &ewsserver.Error{Code: ewsserver.ErrorMissingRecipients}
	}
	for _, p := range all {
		a := address(p)
		if name, domain, ok := strings.Cut(a, "@"); !ok || name == "" || domain == "" || strings.ContainsAny(a, " <>") {
			return &ewsserver.Error{Code: ewsserver.ErrorInvalidRecipients,
				Text: fmt.Sprintf("%q is not an address.", wsdl.Str(p.EmailAddress))}
		}
	}
	return nil
}

// resolveRecipients gives every recipient in the lists a name and a routing
// type, as the directory has them.
func (st *state) resolveRecipients(value any) {
	for _, name := range []string{"ToRecipients", "CcRecipients", "BccRecipients", "ReplyTo"} {
		list := get[wsdl.RecipientsType](value, name)
		if list == nil {
			continue
		}
		out := &wsdl.RecipientsType{}
		for _, p := range list.Mailbox {
			out.Mailbox = append(out.Mailbox, st.resolve(p))
		}
		*field[wsdl.RecipientsType](value, name) = out
	}
}

func (st *state) resolve(p *wsdl.EmailAddressType) *wsdl.EmailAddressType {
	out := *p
	if mb := st.byAddress[address(p)]; mb != nil && wsdl.Str(out.Name) == "" {
		out.Name = text(mb.name)
	}
	if wsdl.Str(out.Name) == "" {
		out.Name = out.EmailAddress
	}
	out.RoutingType = text("SMTP")
	if out.MailboxType == nil {
		kind := "OneOff"
		if st.byAddress[address(p)] != nil {
			kind = "Mailbox"
		}
		out.MailboxType = text(kind)
	}
	return &out
}

// newMessageID makes an Internet-Message-ID.
func (st *state) newMessageID(mb *mbox) string {
	return fmt.Sprintf("<%s@%s>", strings.ToUpper(hex.EncodeToString(st.random(20))), mb.tenant.mailHost)
}

// stamp gives a message what a sent one has.
func (st *state) stamp(value any, mb *mbox) {
	now := st.now()
	setTime(value, "DateTimeSent", now)
	setTime(value, "DateTimeReceived", now)
	setDefault(value, "InternetMessageId", wsdl.Text(st.newMessageID(mb)))
	st.resolveRecipients(value)
	st.converse(mb, value, nil)
	for name, on := range map[string]bool{"IsDraft": false, "IsSubmitted": false, "IsRead": true, "IsFromMe": true, "IsUnmodified": true} {
		set(value, name, wsdl.Bool(on))
	}
}

// deliver brings a stamped letter to everybody whom it names, each mailbox
// once, and tells the sender of those whom nobody knows.
func (st *state) deliver(l letter, sender *mbox) {
	if st.tooMany(l.value) && sender != nil {
		st.bounceFor(l.value, recipientsOf(l.value), sender, "550 5.5.3 RESOLVER.ADR.RecipLimit; the message is for too many recipients")
		return
	}
	seen := map[*mbox]bool{}
	var unknown []*wsdl.EmailAddressType
	for _, p := range st.withMembers(recipientsOf(l.value)) {
		mb := st.byAddress[address(p)]
		switch {
		case mb == nil && !st.reaches(address(p)):
			unknown = append(unknown, p)
		case mb != nil && !seen[mb]:
			seen[mb] = true
			st.receive(l, mb, sender)
		}
	}
	if len(unknown) > 0 {
		st.bounce(l.value, unknown, sender)
	}
}

// reaches tells whether an address elsewhere can be sent to.
func (st *state) reaches(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	return st.reachable[domain]
}

// receive puts a copy of a letter into a mailbox's inbox, or where the
// mailbox's rules want it. It is nil where they want it nowhere.
func (st *state) receive(l letter, mb *mbox, sender *mbox) *item {
	v := shallow(l.value)
	unset(v, "ItemId", "ParentFolderId", "BccRecipients", "LastModifiedName", "DateTimeCreated", "Categories", "Flag")
	set(v, "IsRead", wsdl.Bool(false))
	set(v, "IsFromMe", wsdl.Bool(mb == sender))
	setTime(v, "DateTimeReceived", st.now())
	set(v, "ReceivedBy", wsdl.RecipientType{Mailbox: mb.person()})
	set(v, "ReceivedRepresenting", wsdl.RecipientType{Mailbox: mb.person()})
	*field[wsdl.InternetHeadersType](v, "InternetMessageHeaders") = headersOf(v)
	d := st.byRules(mb, l, v)
	it := st.settle(d, l.files)
	st.autoReply(mb, v)
	for _, send := range d.sends {
		send()
	}
	return it
}

// headersOf makes the few headers that people look at.
func headersOf(value any) *wsdl.InternetHeadersType {
	h := &wsdl.InternetHeadersType{}
	add := func(name, content string) {
		if content != "" {
			h.InternetMessageHeader = append(h.InternetMessageHeader, &wsdl.InternetHeaderType{HeaderName: text(name), Value: text(content)})
		}
	}
	list := func(name string) string {
		var all []string
		if r := get[wsdl.RecipientsType](value, name); r != nil {
			for _, p := range r.Mailbox {
				all = append(all, fmt.Sprintf("%s <%s>", wsdl.Str(p.Name), wsdl.Str(p.EmailAddress)))
			}
		}
		return strings.Join(all, ", ")
	}
	if from := mailboxOf(get[wsdl.RecipientType](value, "From")); from != nil {
		add("From", fmt.Sprintf("%s <%s>", wsdl.Str(from.Name), wsdl.Str(from.EmailAddress)))
	}
	add("To", list("ToRecipients"))
	add("Cc", list("CcRecipients"))
	add("Subject", str(value, "Subject"))
	if sent, ok := timeOf(value, "DateTimeSent"); ok {
		add("Date", sent.Format(time.RFC1123Z))
	}
	add("Message-ID", str(value, "InternetMessageId"))
	add("In-Reply-To", str(value, "InReplyTo"))
	add("References", str(value, "References"))
	add("Thread-Topic", str(value, "ConversationTopic"))
	add("Thread-Index", wsdl.Str(get[wsdl.Base64Text](value, "ConversationIndex")))
	add("MIME-Version", "1.0")
	return h
}

// bounce puts a non-delivery report into the sender's inbox ([RFC 3464]).
func (st *state) bounce(value any, unknown []*wsdl.EmailAddressType, sender *mbox) {
	st.bounceFor(value, unknown, sender, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; nobody has this address")
}

// bounceFor is bounce with a reason, which begins with SMTP's codes.
func (st *state) bounceFor(value any, unknown []*wsdl.EmailAddressType, sender *mbox, reason string) {
	var names strings.Builder
	for _, p := range unknown {
		fmt.Fprintf(&names, "<li>%s: %s</li>", wsdl.Str(p.EmailAddress), reason)
	}
	v := &wsdl.MessageType{
		ItemClass: text("REPORT.IPM.Note.NDR"),
		Subject:   text("Undeliverable: " + str(value, "Subject")),
		Body: html("<html><body><p>Your message could not be delivered to these recipients:</p><ul>" +
			names.String() + "</ul></body></html>"),
		From:         recipient(person("Microsoft Outlook", "postmaster@"+sender.tenant.domain)),
		ToRecipients: recipients(sender.person()),
		InReplyTo:    get[wsdl.Text](value, "InternetMessageId"),
		References:   get[wsdl.Text](value, "InternetMessageId"),
	}
	v.Sender = v.From
	st.converse(sender, v, value)
	st.stamp(v, sender)
	st.receive(letter{value: v}, sender, nil)
}

// submit sends a message of actor's out of a mailbox of owner's. It returns
// what is to be kept as the copy. Nothing happens where there is an error.
func (st *state) submit(value any, files []*attachment, actor, owner *mbox) (any, error) {
	value = shallow(value)
	if err := st.authorize(value, actor, owner); err != nil {
		return nil, err
	}
	if err := checkRecipients(value); err != nil {
		return nil, err
	}
	if err := st.checkSize(value, files); err != nil {
		return nil, err
	}
	st.stamp(value, owner)
	st.dispatch(letter{value: value, files: files}, actor)
	return value, nil
}
