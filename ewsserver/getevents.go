package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// getEvents answers GetEvents ([MS-OXWSNTIF] 3.1.4.1), by which a client asks a
// pull subscription.
func (c *call) getEvents(ctx context.Context, req *wsdl.GetEvents) (*wsdl.GetEventsResponse, error) {
	if req.SubscriptionId == nil || req.Watermark == nil {
		return nil, invalid("SubscriptionId and Watermark are both needed.")
	}
	var events Events
	n, err := ability[Notifier](c)
	if err == nil {
		events, err = n.Events(ctx, wsdl.Str(req.SubscriptionId), wsdl.Str(req.Watermark))
	}
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	answer := &wsdl.GetEventsResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml}
	if o.code == success.code {
		answer.Notification = wsdl.Ptr(events.notification())
	}
	return &wsdl.GetEventsResponse{ResponseMessages: &wsdl.ArrayOfGetEventsResponseMessages{
		GetEventsResponseMessage: []*wsdl.GetEventsResponseMessageType{answer}}}, nil
}
