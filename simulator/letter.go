package simulator

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	escaping "html"
	"slices"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// Letter is a message from somewhere.
type Letter struct {
	// From is the sender's address, here or elsewhere; empty means
	// someone@tailspin.example.
	From string
	// To are the addresses of mailboxes or groups.
	To []string
	// Subject and Text are the content; Text is plain.
	Subject, Text string
}

// Deliver brings a message into the inboxes of those whom it is for, with all
// that comes of it, such as notifications, rules and automatic replies. It
// returns the message's Internet-Message-ID.
func (s *Simulator) Deliver(l Letter) (string, error) {
	from := lower(cmp.Or(l.From, "someone@tailspin.example"))
	_, host, ok := strings.Cut(from, "@")
	if !ok || host == "" {
		return "", fmt.Errorf("simulator: the sender %q is no address", l.From)
	}
	st := s.state
	st.mu.Lock()
	defer st.mu.Unlock()
	var to []*wsdl.EmailAddressType
	for _, a := range l.To {
		if st.byAddress[lower(a)] == nil && st.groups[lower(a)] == nil {
			return "", noMailbox(a)
		}
		to = append(to, person("", a))
	}
	members := st.withMembers(to)
	first := slices.IndexFunc(members, func(p *wsdl.EmailAddressType) bool { return st.byAddress[address(p)] != nil })
	if first < 0 {
		return "", errors.New("simulator: the message is for nobody who has a mailbox here")
	}
	sender := st.byAddress[from]
	author := person("", from)
	if sender != nil {
		author = sender.person()
	}
	paragraph := strings.ReplaceAll(escaping.EscapeString(l.Text), "\n", "<br>")
	v := &wsdl.MessageType{
		InternetMessageId: text("<" + strings.ToUpper(hex.EncodeToString(st.random(20))) + "@" + host + ">"),
		Subject:           text(l.Subject), Body: html("<html><body><p>" + paragraph + "</p></body></html>"),
		From: recipient(author), Sender: recipient(author), ToRecipients: recipients(to...),
	}
	st.stamp(v, st.byAddress[address(members[first])])
	st.deliver(letter{value: v}, sender)
	return str(v, "InternetMessageId"), nil
}
