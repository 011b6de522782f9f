package ews

import (
	"context"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// AddDelegates makes delegates of people ([MS-OXWSDLGM] 3.1.4.1): they get the
// permissions, and the right to send on the owner's behalf. Name and Err are
// not looked at. What the results tell of permissions may be nothing: Exchange
// does not repeat them.
//
// It may fail for a mailbox that an Outlook synchronises at the same time
// (ews-managed-api#150).
func (m *Mailbox) AddDelegates(ctx context.Context, list []mailbox.Delegate, delivery mailbox.MeetingDelivery) ([]mailbox.Delegate, error) {
	const operation = "AddDelegate"
	if len(list) == 0 {
		return nil, m.invalid(operation, "there is no delegate to add")
	}
	users, addresses := new(wsdl.DelegateUsersType), []string(nil)
	for _, d := range list {
		permissions, err := m.writePermissions(operation, d.Address, d.Permissions)
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, d.Address)
		users.DelegateUser = append(users.DelegateUser, &wsdl.DelegateUser{
			UserId:                         &wsdl.UserIdType{PrimarySmtpAddress: wsdl.NewText(strings.TrimSpace(d.Address))},
			DelegatePermissions:            permissions,
			ReceiveCopiesOfMeetingMessages: wsdl.Ptr(wsdl.Bool(d.ReceivesCopies)),
			ViewPrivateItems:               wsdl.Ptr(wsdl.Bool(d.ViewsPrivate)),
		})
	}
	if err := m.checkDelegates(operation, addresses); err != nil {
		return nil, err
	}
	deliver, err := m.writeDelivery(operation, delivery)
	if err != nil {
		return nil, err
	}
	var resp wsdl.AddDelegateResponse
	meta, err := m.do(ctx, operation, &wsdl.AddDelegate{
		Mailbox: mailboxAddress(m.address), DelegateUsers: users, DeliverMeetingRequests: deliver,
	}, &resp, nil)
	if err != nil {
		return nil, unknownOutcome(err)
	}
	if st := resp.Status(); !st.OK() {
		return nil, unknownOutcome(m.refused(operation, st, meta))
	}
	return m.delegateResults(operation, resp.ResponseMessages, addresses, meta)
}
