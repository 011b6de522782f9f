package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// getDelegate answers GetDelegate ([MS-OXWSDLGM] 3.1.4.2). A mailbox without
// delegates has no list in the answer.
func (c *call) getDelegate(ctx context.Context, req *wsdl.GetDelegate) (*wsdl.GetDelegateResponse, error) {
	keeper, err := ability[DelegateKeeper](c)
	if err != nil {
		return nil, err
	}
	mailbox, err := delegateMailbox(req.Mailbox)
	if err != nil {
		return nil, err
	}
	if req.IncludePermissions == nil {
		return nil, invalid("IncludePermissions is missing.")
	}
	permissions := bool(*req.IncludePermissions)
	delivery, failed := keeper.MeetingDelivery(ctx, mailbox)
	var list []Delegate
	if failed == nil && req.UserIds == nil {
		list, failed = keeper.Delegates(ctx, mailbox)
	}
	o, err := c.outcome(ctx, failed)
	if err != nil {
		return nil, err
	}
	answer := &wsdl.GetDelegateResponse{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if failed != nil {
		return answer, nil
	}
	answer.DeliverMeetingRequests = &delivery
	if req.UserIds != nil {
		answer.ResponseMessages, err = eachDelegate(ctx, c, req.UserIds.UserId, permissions, named, func(user UserID) (*Delegate, error) {
			d, err := keeper.Delegate(ctx, mailbox, user)
			if err != nil {
				return nil, err
			}
			return &d, nil
		})
		return answer, err
	}
	for i := range list {
		if answer.ResponseMessages == nil {
			answer.ResponseMessages = new(wsdl.DelegateUserMessages)
		}
		answer.ResponseMessages.DelegateUserResponseMessageType = append(
			answer.ResponseMessages.DelegateUserResponseMessageType, success.delegateMessage(&list[i], permissions))
	}
	return answer, nil
}
