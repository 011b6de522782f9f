package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// readRules is wsdl.GetInboxRulesResponse that notes what it does not know.
type readRules struct {
	ResponseClass         *wsdl.ResponseClass  `xml:"ResponseClass,attr"`
	MessageText           *wsdl.Text           `xml:"MessageText"`
	ResponseCode          *wsdl.Text           `xml:"ResponseCode"`
	MessageXml            *wsdl.MessageXmlType `xml:"MessageXml"`
	OutlookRuleBlobExists *wsdl.Bool           `xml:"OutlookRuleBlobExists"`
	InboxRules            *struct {
		Rule []*readRule `xml:"Rule"`
	} `xml:"InboxRules"`
}

func (r *readRules) status() wsdl.Status {
	return (&wsdl.ResponseMessageType{ResponseClass: r.ResponseClass, ResponseCode: r.ResponseCode, MessageText: r.MessageText, MessageXml: r.MessageXml}).Status()
}

// InboxRules returns the mailbox's inbox rules in the order in which they are
// looked at ([MS-OXWSRULES] 3.1.4.1).
func (m *Mailbox) InboxRules(ctx context.Context) (mailbox.Rules, error) {
	const operation = "GetInboxRules"
	var resp readRules
	meta, err := m.do(ctx, operation, &wsdl.GetInboxRules{MailboxSmtpAddress: m.rulesOf()}, &resp, nil)
	if err != nil {
		return mailbox.Rules{}, err
	}
	if status := resp.status(); !status.OK() {
		return mailbox.Rules{}, m.refused(operation, status, meta)
	}
	rules := mailbox.Rules{OutlookBlob: bool(wsdl.Val(resp.OutlookRuleBlobExists))}
	if resp.InboxRules != nil {
		for _, r := range resp.InboxRules.Rule {
			rules.Rules = append(rules.Rules, ruleOf(r))
		}
	}
	return rules, nil
}

// rulesOf names the mailbox where it is not the one that the call is made as.
func (m *Mailbox) rulesOf() *wsdl.Text {
	if m.access != Shared {
		return nil
	}
	return wsdl.NewText(m.address)
}
