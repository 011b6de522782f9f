package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// removeDelegate answers RemoveDelegate ([MS-OXWSDLGM] 3.1.4.3). The answers
// name nobody.
func (c *call) removeDelegate(ctx context.Context, req *wsdl.RemoveDelegate) (*wsdl.RemoveDelegateResponse, error) {
	keeper, err := ability[DelegateKeeper](c)
	if err != nil {
		return nil, err
	}
	mailbox, err := delegateMailbox(req.Mailbox)
	if err != nil {
		return nil, err
	}
	if req.UserIds == nil || len(req.UserIds.UserId) == 0 {
		return nil, invalid("UserIds is missing or empty.")
	}
	// Whether the caller may is asked of the mailbox, before any user.
	_, failed := keeper.MeetingDelivery(ctx, mailbox)
	o, err := c.outcome(ctx, failed)
	if err != nil {
		return nil, err
	}
	answer := &wsdl.RemoveDelegateResponse{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if o != success {
		return answer, nil
	}
	answer.ResponseMessages, err = eachDelegate(ctx, c, req.UserIds.UserId, false, named, func(user UserID) (*Delegate, error) {
		return nil, keeper.RemoveDelegate(ctx, mailbox, user)
	})
	return answer, err
}
