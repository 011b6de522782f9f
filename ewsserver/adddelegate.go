package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// addDelegate answers AddDelegate ([MS-OXWSDLGM] 3.1.4.1). The answers do not
// repeat the permissions.
func (c *call) addDelegate(ctx context.Context, req *wsdl.AddDelegate) (*wsdl.AddDelegateResponse, error) {
	keeper, err := ability[DelegateKeeper](c)
	if err != nil {
		return nil, err
	}
	mailbox, err := delegateMailbox(req.Mailbox)
	if err != nil {
		return nil, err
	}
	if req.DelegateUsers == nil || len(req.DelegateUsers.DelegateUser) == 0 {
		return nil, invalid("DelegateUsers is missing or empty.")
	}
	o, err := c.outcome(ctx, setDelivery(ctx, keeper, mailbox, req.DeliverMeetingRequests))
	if err != nil {
		return nil, err
	}
	answer := &wsdl.AddDelegateResponse{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if o != success {
		return answer, nil
	}
	answer.ResponseMessages, err = eachDelegate(ctx, c, req.DelegateUsers.DelegateUser, false, changed, func(change DelegateChange) (*Delegate, error) {
		d, err := keeper.AddDelegate(ctx, mailbox, change)
		if err != nil {
			return nil, err
		}
		return &d, nil
	})
	return answer, err
}
