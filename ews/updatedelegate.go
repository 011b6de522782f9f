package ews

import (
	"context"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// UpdateDelegates changes delegates ([MS-OXWSDLGM] 3.1.4.4). What is empty or
// nil in an update stays as it is. An empty list changes the delivery alone, and
// has no results.
func (m *Mailbox) UpdateDelegates(ctx context.Context, list []mailbox.DelegateUpdate, delivery mailbox.MeetingDelivery) ([]mailbox.Delegate, error) {
	const operation = "UpdateDelegate"
	if len(list) == 0 && delivery == "" {
		return nil, m.invalid(operation, "there is nothing to change: neither a delegate nor the delivery of meeting requests")
	}
	var users *wsdl.DelegateUsersType
	var addresses []string
	for _, u := range list {
		permissions, err := m.writePermissions(operation, u.Address, u.Permissions)
		if err != nil {
			return nil, err
		}
		if users == nil {
			users = new(wsdl.DelegateUsersType)
		}
		addresses = append(addresses, u.Address)
		users.DelegateUser = append(users.DelegateUser, &wsdl.DelegateUser{
			UserId:                         &wsdl.UserIdType{PrimarySmtpAddress: wsdl.NewText(strings.TrimSpace(u.Address))},
			DelegatePermissions:            permissions,
			ReceiveCopiesOfMeetingMessages: wireBool(u.ReceivesCopies),
			ViewPrivateItems:               wireBool(u.ViewsPrivate),
		})
	}
	if err := m.checkDelegates(operation, addresses); err != nil {
		return nil, err
	}
	deliver, err := m.writeDelivery(operation, delivery)
	if err != nil {
		return nil, err
	}
	var resp wsdl.UpdateDelegateResponse
	meta, err := m.do(ctx, operation, &wsdl.UpdateDelegate{
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

// wireBool writes an optional truth value.
func wireBool(b *bool) *wsdl.Bool {
	if b == nil {
		return nil
	}
	return wsdl.Ptr(wsdl.Bool(*b))
}
