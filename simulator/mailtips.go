package simulator

import (
	"context"
	"strings"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

// maxMessage is the most that a message may have, in bytes (Exchange's default
// for a mailbox, 36 MB).
const maxMessage = 36 << 20

// MailTips implements ewsserver.MailTipper.
func (s *session) MailTips(_ context.Context, sender, recipient string) (*wsdl.MailTipsType, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	from, err := s.mailbox(sender)
	if err != nil {
		return nil, err
	}
	if as, onBehalf := from.sendRight(s.who); !as && !onBehalf {
		return nil, fail(ewsserver.ErrorAccessDenied)
	}
	is := func(on bool) *wsdl.Bool { return wsdl.Ptr(wsdl.Bool(on)) }
	number := func(n int) *wsdl.Int32 { return wsdl.Ptr(wsdl.Int32(n)) }
	tips := &wsdl.MailTipsType{
		RecipientAddress:   &wsdl.RecipientAddress{EmailAddress: text(recipient), RoutingType: text("SMTP")},
		PendingMailTips:    &wsdl.PendingMailTips{Value: text("")},
		OutOfOffice:        &wsdl.OutOfOffice{ReplyBody: &wsdl.ReplyBodyType{Message: text("")}},
		MailboxFull:        &wsdl.MailboxFull{Value: is(false)},
		MaxMessageSize:     &wsdl.MaxMessageSize{Value: number(maxMessage)},
		DeliveryRestricted: &wsdl.DeliveryRestricted{Value: is(false)},
		IsModerated:        &wsdl.IsModerated{Value: is(false)},
		InvalidRecipient:   &wsdl.InvalidRecipient{Value: is(false)},
		TotalMemberCount:   &wsdl.TotalMemberCount{Value: number(1)},
	}
	mb := s.st.byAddress[lower(recipient)]
	inside := mb != nil && mb.tenant == s.who.tenant
	outside := 0
	if !inside {
		outside = 1
		_, domain, _ := strings.Cut(lower(recipient), "@")
		tips.InvalidRecipient.Value = is(domain == s.who.tenant.domain)
	}
	tips.ExternalMemberCount = &wsdl.ExternalMemberCount{Value: number(outside)}
	if inside && mb.isAway() {
		settings := mb.away.settings
		tips.OutOfOffice.ReplyBody = &wsdl.ReplyBodyType{Message: text(mb.replyFor(lower(from.address)))}
		if wsdl.Val(settings.OofState) == wsdl.OofStateNameScheduled {
			tips.OutOfOffice.Duration = settings.Duration
		}
	}
	return tips, nil
}
