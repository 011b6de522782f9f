package ews

import (
	"context"
	"strings"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// The kinds of mail tips that can be asked for ([MS-OXWSMTIPS], MailTipTypes).
const (
	MailTipOutOfOffice     = "OutOfOfficeMessage"
	MailTipMailboxFull     = "MailboxFullStatus"
	MailTipCustom          = "CustomMailTip"
	MailTipExternalMembers = "ExternalMemberCount"
	MailTipMembers         = "TotalMemberCount"
	MailTipMaxMessageSize  = "MaxMessageSize"
	MailTipRestriction     = "DeliveryRestriction"
	MailTipModeration      = "ModerationStatus"
	MailTipInvalid         = "InvalidRecipient"
)

// MailTip is what a server tells of a recipient before anything is sent. What
// was not asked for, or what the server does not know, is zero.
type MailTip struct {
	Address string
	// Err is why there is nothing about this recipient; the others' tips hold.
	Err error
	// Pending are the kinds that the server had no time to find out.
	Pending []string
	// OutOfOffice is the automatic reply as HTML, or "".
	OutOfOffice string
	// OutOfOfficeStart and OutOfOfficeEnd bound it where it is scheduled.
	OutOfOfficeStart, OutOfOfficeEnd *time.Time
	MailboxFull                      bool
	// Custom is the tip that an admin wrote, as HTML, or "".
	Custom string
	// Members and ExternalMembers count a group.
	Members, ExternalMembers int
	// MaxMessageSize is in bytes; 0 means no bound.
	MaxMessageSize int
	// Restricted: the sender may not send there.
	Restricted bool
	// Moderated: somebody has to let the message through.
	Moderated bool
	// Invalid: nobody has the address.
	Invalid bool
}

// MailTips asks what a sender should know of recipients ([MS-OXWSMTIPS]), for
// a message from this mailbox. kinds are those of the constants; none means all
// that the server has. The result has an entry for each recipient, in their
// order.
func (m *Mailbox) MailTips(ctx context.Context, recipients []string, kinds ...string) ([]MailTip, error) {
	const operation = "GetMailTips"
	if len(recipients) == 0 {
		return nil, m.invalid(operation, "there are no recipients to tell of")
	}
	list := new(wsdl.RecipientAddresses)
	for _, address := range recipients {
		if !strings.Contains(address, "@") {
			return nil, m.invalid(operation, "the recipient %q has no SMTP address", address)
		}
		list.Mailbox = append(list.Mailbox, &wsdl.Mailbox{EmailAddress: wsdl.NewText(strings.TrimSpace(address)), RoutingType: wsdl.NewText("SMTP")})
	}
	if len(kinds) == 0 {
		kinds = []string{"All"}
	}
	var resp wsdl.GetMailTipsResponse
	meta, err := m.do(ctx, operation, &wsdl.GetMailTips{
		SendingAs:         mailboxAddress(m.address),
		Recipients:        list,
		MailTipsRequested: wsdl.NewText(strings.Join(kinds, " ")),
	}, &resp, nil)
	if err != nil {
		return nil, err
	}
	if st := resp.Status(); !st.OK() {
		return nil, m.refused(operation, st, meta)
	}
	var messages []*wsdl.MailTipsResponseMessageType
	if resp.ResponseMessages != nil {
		messages = resp.ResponseMessages.MailTipsResponseMessageType
	}
	if len(messages) != len(recipients) {
		return nil, m.odd(operation, meta, len(messages), len(recipients))
	}
	tips := make([]MailTip, len(messages))
	for i, msg := range messages {
		tips[i] = readMailTip(recipients[i], msg.MailTips)
		if st := msg.Status(); !st.OK() {
			tips[i].Err = m.refused(operation, st, meta)
		} else if msg.MailTips == nil {
			tips[i].Err = m.incomplete(operation, "the tips for "+recipients[i])
		}
	}
	return tips, nil
}

func readMailTip(address string, t *wsdl.MailTipsType) MailTip {
	tip := MailTip{Address: address}
	if t == nil {
		return tip
	}
	if p := t.PendingMailTips; p != nil {
		tip.Pending = strings.Fields(wsdl.Str(p.Value))
	}
	if o := t.OutOfOffice; o != nil {
		tip.OutOfOffice = replyText(o.ReplyBody)
		if o.Duration != nil {
			tip.OutOfOfficeStart, tip.OutOfOfficeEnd = moment(o.Duration.StartTime), moment(o.Duration.EndTime)
		}
	}
	if t.CustomMailTip != nil {
		tip.Custom = wsdl.Str(t.CustomMailTip.Value)
	}
	if t.MailboxFull != nil {
		tip.MailboxFull = bool(wsdl.Val(t.MailboxFull.Value))
	}
	if t.TotalMemberCount != nil {
		tip.Members = int(wsdl.Val(t.TotalMemberCount.Value))
	}
	if t.ExternalMemberCount != nil {
		tip.ExternalMembers = int(wsdl.Val(t.ExternalMemberCount.Value))
	}
	if t.MaxMessageSize != nil {
		tip.MaxMessageSize = int(wsdl.Val(t.MaxMessageSize.Value))
	}
	if t.DeliveryRestricted != nil {
		tip.Restricted = bool(wsdl.Val(t.DeliveryRestricted.Value))
	}
	if t.IsModerated != nil {
		tip.Moderated = bool(wsdl.Val(t.IsModerated.Value))
	}
	if t.InvalidRecipient != nil {
		tip.Invalid = bool(wsdl.Val(t.InvalidRecipient.Value))
	}
	return tip
}
