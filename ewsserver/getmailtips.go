package ewsserver

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// MailTipper is what a Session also implements that warns senders.
type MailTipper interface {
	// MailTips returns what a sender is to know of a recipient: everything
	// that the backend knows; this package leaves out what was not asked for.
	// Errors: ErrorAccessDenied (sender is somebody else).
	MailTips(ctx context.Context, sender, recipient string) (*wsdl.MailTipsType, error)
}

// mailTips are the kinds of tips, each with what takes it off an answer.
var mailTips = map[string]func(*wsdl.MailTipsType){
	"OutOfOfficeMessage":  func(t *wsdl.MailTipsType) { t.OutOfOffice = nil },
	"MailboxFullStatus":   func(t *wsdl.MailTipsType) { t.MailboxFull = nil },
	"CustomMailTip":       func(t *wsdl.MailTipsType) { t.CustomMailTip = nil },
	"ExternalMemberCount": func(t *wsdl.MailTipsType) { t.ExternalMemberCount = nil },
	"TotalMemberCount":    func(t *wsdl.MailTipsType) { t.TotalMemberCount = nil },
	"MaxMessageSize":      func(t *wsdl.MailTipsType) { t.MaxMessageSize = nil },
	"DeliveryRestriction": func(t *wsdl.MailTipsType) { t.DeliveryRestricted = nil },
	"ModerationStatus":    func(t *wsdl.MailTipsType) { t.IsModerated = nil },
	"InvalidRecipient":    func(t *wsdl.MailTipsType) { t.InvalidRecipient = nil },
}

// getMailTips answers GetMailTips ([MS-OXWSMTIPS] 3.1.4.1).
func (c *call) getMailTips(ctx context.Context, req *wsdl.GetMailTips) (*wsdl.GetMailTipsResponse, error) {
	tipper, err := ability[MailTipper](c)
	if err != nil {
		return nil, err
	}
	sender := smtpAddress(req.SendingAs)
	wanted := strings.Fields(wsdl.Str(req.MailTipsRequested))
	switch {
	case sender == "":
		return nil, invalid("SendingAs is missing or has no EmailAddress.")
	case req.Recipients == nil || len(req.Recipients.Mailbox) == 0:
		return nil, invalid("Recipients is missing or empty.")
	case len(wanted) == 0:
		// The schema wants the element, but exchangelib leaves it out and is
		// answered all the same (its own tests against Exchange Online).
		wanted = []string{"All"}
	}
	for _, kind := range wanted {
		if kind != "All" && mailTips[kind] == nil {
			return nil, invalid("MailTipsRequested holds %q.", clip(kind))
		}
	}
	list := new(wsdl.MailTipsMessages)
	for _, r := range req.Recipients.Mailbox {
		recipient := strings.TrimSpace(cmp.Or(wsdl.Str(r.EmailAddress), wsdl.Str(r.Address)))
		tips, err := tipper.MailTips(ctx, sender, recipient)
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		if tips != nil {
			only := *tips
			for kind, remove := range mailTips {
				if !slices.Contains(wanted, "All") && !slices.Contains(wanted, kind) {
					remove(&only)
				}
			}
			tips = &only
		}
		list.MailTipsResponseMessageType = append(list.MailTipsResponseMessageType, &wsdl.MailTipsResponseMessageType{
			ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml, MailTips: tips})
	}
	o := success
	return &wsdl.GetMailTipsResponse{ResponseClass: o.class, ResponseCode: o.code, ResponseMessages: list}, nil
}
