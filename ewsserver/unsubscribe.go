package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// unsubscribe answers Unsubscribe ([MS-OXWSNTIF] 3.1.4.5).
func (c *call) unsubscribe(ctx context.Context, req *wsdl.Unsubscribe) (*wsdl.UnsubscribeResponse, error) {
	if req.SubscriptionId == nil {
		return nil, invalid("SubscriptionId is missing.")
	}
	n, err := ability[Notifier](c)
	if err == nil {
		err = n.Unsubscribe(ctx, wsdl.Str(req.SubscriptionId))
	}
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	return &wsdl.UnsubscribeResponse{ResponseMessages: &wsdl.ArrayOfUnsubscribeResponseMessages{
		UnsubscribeResponseMessage: []*wsdl.ResponseMessageType{o.plain()}}}, nil
}
