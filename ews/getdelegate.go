package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Delegates returns the mailbox's delegates with these addresses, or all where
// none is named, with their permissions ([MS-OXWSDLGM] 3.1.4.2).
//
// Of a mailbox without delegates Exchange answers no list, and from build
// 15.1.1220 on no delivery either (ews-managed-api#121).
func (m *Mailbox) Delegates(ctx context.Context, addresses ...string) (mailbox.Delegates, error) {
	const operation = "GetDelegate"
	if err := m.checkDelegates(operation, addresses); err != nil {
		return mailbox.Delegates{}, err
	}
	var resp wsdl.GetDelegateResponse
	meta, err := m.do(ctx, operation, &wsdl.GetDelegate{
		Mailbox: mailboxAddress(m.address), UserIds: userIDs(addresses), IncludePermissions: wsdl.Ptr(wsdl.Bool(true)),
	}, &resp, nil)
	if err != nil {
		return mailbox.Delegates{}, err
	}
	if st := resp.Status(); !st.OK() {
		return mailbox.Delegates{}, m.refused(operation, st, meta)
	}
	list, err := m.delegateResults(operation, resp.ResponseMessages, addresses, meta)
	if err != nil {
		return mailbox.Delegates{}, err
	}
	return mailbox.Delegates{Delegates: list, Delivery: keyOf(meetingDeliveries, resp.DeliverMeetingRequests)}, nil
}
