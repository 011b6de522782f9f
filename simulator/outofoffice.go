package simulator

import (
	"context"
	"strings"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// away is a mailbox's automatic replies, and who has had one.
type away struct {
	settings wsdl.OofSettings
	told     map[string]bool
}

// The classes of automatic replies, and of what gets none.
const (
	oofClass    = "IPM.Note.Rules.OofTemplate.Microsoft"
	reportClass = "REPORT."
)

// outOfOffice returns the settings; a mailbox without any has Exchange's
// defaults.
func (mb *mbox) outOfOffice() wsdl.OofSettings {
	if mb.away != nil {
		return mb.away.settings
	}
	from := mb.st.now().Truncate(time.Hour).Add(time.Hour)
	return wsdl.OofSettings{
		OofState: wsdl.Ptr(wsdl.OofStateNameDisabled), ExternalAudience: wsdl.Ptr(wsdl.ExternalAudienceNameAll),
		Duration:      &wsdl.TimeWindowType{StartTime: wsdl.FormatTime(from), EndTime: wsdl.FormatTime(from.Add(24 * time.Hour))},
		InternalReply: &wsdl.ReplyBodyType{Message: text("")}, ExternalReply: &wsdl.ReplyBodyType{Message: text("")},
	}
}

// oofMailbox finds a mailbox whose automatic replies the caller may handle.
func (s *session) oofMailbox(address string) (*mbox, error) {
	mb, err := s.mailbox(address)
	if err != nil {
		return nil, err
	}
	if mb != s.who && !mb.fullAccess[lower(s.who.address)] {
		return nil, fail(ewsserver.ErrorAccessDenied)
	}
	return mb, nil
}

// OofSettings implements ewsserver.AutoReplier.
func (s *session) OofSettings(_ context.Context, address string) (*wsdl.OofSettings, wsdl.ExternalAudienceName, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	mb, err := s.oofMailbox(address)
	if err != nil {
		return nil, "", err
	}
	settings := mb.outOfOffice()
	return &settings, wsdl.ExternalAudienceNameAll, nil
}

// SetOofSettings implements ewsserver.AutoReplier. What is left out stays, as
// far as Exchange keeps it.
func (s *session) SetOofSettings(_ context.Context, address string, settings *wsdl.OofSettings) error {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	mb, err := s.oofMailbox(address)
	if err != nil {
		return err
	}
	next, before := *settings, mb.outOfOffice()
	if next.Duration == nil {
		next.Duration = before.Duration
	}
	if next.InternalReply == nil {
		next.InternalReply = before.InternalReply
	}
	if next.ExternalReply == nil {
		next.ExternalReply = before.ExternalReply
	}
	mb.away = &away{settings: next, told: map[string]bool{}}
	s.st.keep(mb)
	return nil
}

// isAway tells whether automatic replies are sent at present.
func (mb *mbox) isAway() bool {
	if mb.away == nil {
		return false
	}
	s := mb.away.settings
	switch wsdl.Val(s.OofState) {
	case wsdl.OofStateNameEnabled:
		return true
	case wsdl.OofStateNameScheduled:
		from, _ := wsdl.ParseTime(s.Duration.StartTime, nil)
		to, _ := wsdl.ParseTime(s.Duration.EndTime, nil)
		now := mb.st.now()
		return !now.Before(from) && now.Before(to)
	}
	return false
}

// replyFor is the automatic reply for a sender; "" for none.
func (mb *mbox) replyFor(sender string) string {
	s := mb.away.settings
	if other := mb.st.byAddress[sender]; other != nil && other.tenant == mb.tenant {
		return wsdl.Str(s.InternalReply.Message)
	}
	switch wsdl.Val(s.ExternalAudience) {
	case wsdl.ExternalAudienceNameAll:
		return wsdl.Str(s.ExternalReply.Message)
	case wsdl.ExternalAudienceNameKnown:
		if mb.hasContact(sender) {
			return wsdl.Str(s.ExternalReply.Message)
		}
	}
	return ""
}

// autoReply answers a message that has just arrived, where its owner is away:
// once a sender, never what was sent by a program, and only what was addressed
// to the owner.
func (st *state) autoReply(mb *mbox, arrived any) {
	class := str(arrived, "ItemClass")
	from := mailboxOf(get[wsdl.RecipientType](arrived, "From"))
	sender := address(from)
	switch {
	case !mb.isAway(), sender == "", mb.is(sender), mb.away.told[sender]:
		return
	case class == oofClass, strings.HasPrefix(class, reportClass), strings.HasPrefix(class, responseClass), !mb.addressed(arrived):
		return
	}
	reply := mb.replyFor(sender)
	if reply == "" {
		return
	}
	mb.away.told[sender] = true
	st.keep(mb)
	v := &wsdl.MessageType{
		ItemClass: text(oofClass), Subject: text("Automatic reply: " + str(arrived, "Subject")), Body: html(reply),
		From: recipient(mb.person()), Sender: recipient(mb.person()), ToRecipients: recipients(from),
		InReplyTo: get[wsdl.Text](arrived, "InternetMessageId"), References: get[wsdl.Text](arrived, "InternetMessageId"),
	}
	st.converse(mb, v, arrived)
	st.stamp(v, mb)
	if to := st.byAddress[sender]; to != nil { // what goes elsewhere is forgotten
		st.receive(letter{value: v}, to, mb)
	}
}

// addressed tells whether a message names the mailbox as a recipient; a copy
// that came by Bcc does not.
func (mb *mbox) addressed(message any) bool {
	for _, name := range []string{"ToRecipients", "CcRecipients"} {
		if list := get[wsdl.RecipientsType](message, name); list != nil {
			for _, p := range list.Mailbox {
				if mb.is(address(p)) {
					return true
				}
			}
		}
	}
	return false
}

// hasContact tells whether somebody is among the contacts.
func (mb *mbox) hasContact(sender string) bool {
	for _, it := range mb.known("contacts").items {
		list := get[wsdl.EmailAddressesType](it.value, "EmailAddresses")
		if list == nil {
			continue
		}
		for _, e := range list.Entry {
			if lower(wsdl.Str(e.Value)) == sender {
				return true
			}
		}
	}
	return false
}
