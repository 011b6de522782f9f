package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// updateDelegate answers UpdateDelegate ([MS-OXWSDLGM] 3.1.4.4). A request may
// change the delivery of meeting requests alone.
func (c *call) updateDelegate(ctx context.Context, req *wsdl.UpdateDelegate) (*wsdl.UpdateDelegateResponse, error) {
	keeper, err := ability[DelegateKeeper](c)
	if err != nil {
		return nil, err
	}
	mailbox, err := delegateMailbox(req.Mailbox)
	if err != nil {
		return nil, err
	}
	o, err := c.outcome(ctx, setDelivery(ctx, keeper, mailbox, req.DeliverMeetingRequests))
	if err != nil {
		return nil, err
	}
	answer := &wsdl.UpdateDelegateResponse{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if o != success || req.DelegateUsers == nil {
		return answer, nil
	}
	answer.ResponseMessages, err = eachDelegate(ctx, c, req.DelegateUsers.DelegateUser, false, changed, func(change DelegateChange) (*Delegate, error) {
		d, err := keeper.UpdateDelegate(ctx, mailbox, change)
		if err != nil {
			return nil, err
		}
		return &d, nil
	})
	return answer, err
}
