package ewsserver

import (
	"context"
	"slices"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// subscribe answers Subscribe ([MS-OXWSNTIF] 3.1.4.4) for pull and streaming
// subscriptions.
func (c *call) subscribe(ctx context.Context, req *wsdl.Subscribe) (*wsdl.SubscribeResponse, error) {
	s, err := readSubscription(req)
	if err != nil {
		return nil, err
	}
	answer := new(wsdl.SubscribeResponseMessageType)
	id, watermark, err := c.begin(ctx, s)
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	answer.ResponseClass, answer.ResponseCode, answer.MessageText, answer.MessageXml = o.class, o.code, o.text, o.xml
	answer.SubscriptionId, answer.Watermark = wsdl.NewText(id), wsdl.NewText(watermark)
	return &wsdl.SubscribeResponse{ResponseMessages: &wsdl.ArrayOfSubscribeResponseMessages{
		SubscribeResponseMessage: []*wsdl.SubscribeResponseMessageType{answer}}}, nil
}

// subscriptionRequest is a Subscription as it stands in the request.
type subscriptionRequest struct {
	Subscription
	folders *wsdl.FolderIds
	all     bool
}

func (c *call) begin(ctx context.Context, r subscriptionRequest) (id, watermark string, err error) {
	n, err := ability[Notifier](c)
	if err != nil {
		return "", "", err
	}
	named := r.folders != nil && len(r.folders.Ids) > 0
	if named == r.all {
		return "", "", Errorf(ErrorInvalidSubscriptionRequest, "A subscription names folders, or is to all folders of the mailbox; one of the two.")
	}
	if named {
		for _, folder := range r.folders.Ids {
			ref, err := folderRef(folder)
			if err != nil {
				return "", "", err
			}
			r.Folders = append(r.Folders, ref)
		}
	}
	return n.Subscribe(ctx, r.Subscription)
}

// readSubscription holds the request against the schema.
func readSubscription(req *wsdl.Subscribe) (subscriptionRequest, error) {
	var r subscriptionRequest
	var types *wsdl.EventTypes
	switch pull, streaming := req.PullSubscriptionRequest, req.StreamingSubscriptionRequest; {
	case pull != nil:
		r.folders, types, r.all = pull.FolderIds, pull.EventTypes, bool(wsdl.Val(pull.SubscribeToAllFolders))
		if pull.Watermark != nil {
			r.Watermark = wsdl.Str(pull.Watermark.Value)
		}
		if pull.Timeout == nil || wsdl.Val(pull.Timeout.Value) < 1 || wsdl.Val(pull.Timeout.Value) > 1440 {
			return r, invalid("Timeout must lie between 1 and 1440.")
		}
		r.Timeout = time.Duration(wsdl.Val(pull.Timeout.Value)) * time.Minute
	case streaming != nil:
		r.folders, types, r.all = streaming.FolderIds, streaming.EventTypes, bool(wsdl.Val(streaming.SubscribeToAllFolders))
		r.Streaming = true
	default:
		return r, invalid("the subscription request is missing, or of a kind that this server has not.")
	}
	if types == nil || len(types.EventType) == 0 {
		return r, invalid("EventTypes is missing or empty.")
	}
	for _, t := range types.EventType {
		kind := wsdl.EventKind(wsdl.Val(t))
		if !slices.Contains(eventKinds, kind) {
			return r, invalid("%q is no event type.", clip(string(kind)))
		}
		r.Kinds = append(r.Kinds, kind)
	}
	return r, nil
}

// eventKinds are what a client can ask for; the status comes by itself.
var eventKinds = []wsdl.EventKind{
	wsdl.CopiedEvent, wsdl.CreatedEvent, wsdl.DeletedEvent, wsdl.ModifiedEvent, wsdl.MovedEvent,
	wsdl.NewMailEvent, wsdl.FreeBusyChangedEvent,
}
