package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Subscribe says what a subscription is to tell of.
type Subscribe struct {
	// Folders are the folders that it is to, without their subfolders. Empty
	// means all folders of the mailbox, which is not possible for a Shared one:
	// "all" are then those of the account that signs in.
	Folders []mailbox.FolderRef
	// Events are the kinds of event; empty means all but FreeBusyChangedEvent.
	Events []wsdl.EventKind
	// Minutes is how long a pull subscription lives without GetEvents, 1 to
	// 1440; zero means 30.
	Minutes int
	// Watermark lets a pull subscription go on from where another had come;
	// empty means from now on.
	Watermark string
}

// Subscription is a subscription as the server knows it.
type Subscription struct {
	ID string
	// Watermark is what the first GetEvents begins with; empty for a
	// streaming subscription.
	Watermark string
}

var usualEvents = []wsdl.EventKind{
	wsdl.CopiedEvent, wsdl.CreatedEvent, wsdl.DeletedEvent, wsdl.ModifiedEvent, wsdl.MovedEvent, wsdl.NewMailEvent,
}

// SubscribePull makes a subscription that GetEvents asks.
func (m *Mailbox) SubscribePull(ctx context.Context, s Subscribe) (Subscription, error) {
	if s.Minutes < 0 || s.Minutes > 1440 {
		return Subscription{}, m.invalid("Subscribe", "a pull subscription lives from 1 to 1440 minutes, not %d", s.Minutes)
	}
	if s.Minutes == 0 {
		s.Minutes = 30
	}
	folders, types, all, err := m.subscribed(ctx, s)
	if err != nil {
		return Subscription{}, err
	}
	request := &wsdl.PullSubscriptionType{
		FolderIds: folders, EventTypes: types, SubscribeToAllFolders: all,
		Timeout: &wsdl.Timeout{Value: wsdl.Ptr(wsdl.Int32(s.Minutes))},
	}
	if s.Watermark != "" {
		request.Watermark = &wsdl.Watermark{Value: wsdl.NewText(s.Watermark)}
	}
	sub, err := m.subscribe(ctx, &wsdl.Subscribe{PullSubscriptionRequest: request})
	if err == nil && sub.Watermark == "" {
		return Subscription{}, m.incomplete("Subscribe", "the watermark")
	}
	return sub, err
}

// SubscribeStreaming makes a subscription for GetStreamingEvents. Where nobody
// listens to it, it ends after half an hour.
func (m *Mailbox) SubscribeStreaming(ctx context.Context, s Subscribe) (Subscription, error) {
	if s.Watermark != "" {
		return Subscription{}, m.invalid("Subscribe", "a streaming subscription takes no watermark")
	}
	folders, types, all, err := m.subscribed(ctx, s)
	if err != nil {
		return Subscription{}, err
	}
	return m.subscribe(ctx, &wsdl.Subscribe{StreamingSubscriptionRequest: &wsdl.StreamingSubscriptionType{
		FolderIds: folders, EventTypes: types, SubscribeToAllFolders: all,
	}})
}

// subscribed returns what both kinds of subscription have.
func (m *Mailbox) subscribed(ctx context.Context, s Subscribe) (*wsdl.FolderIds, *wsdl.EventTypes, *wsdl.Bool, error) {
	kinds := s.Events
	if len(kinds) == 0 {
		kinds = usualEvents
	}
	types := new(wsdl.EventTypes)
	for _, k := range kinds {
		types.EventType = append(types.EventType, wsdl.Ptr(wsdl.EventTypeName(k)))
	}
	if len(s.Folders) == 0 {
		if m.access == Shared {
			return nil, nil, nil, m.invalid("Subscribe", "name the folders of a shared mailbox to subscribe to; there is no subscription to all of them")
		}
		return nil, types, wsdl.Ptr(wsdl.Bool(true)), nil
	}
	folders := new(wsdl.FolderIds)
	for _, ref := range s.Folders {
		id, err := m.folderID(ctx, ref, mailbox.Inbox)
		if err != nil {
			return nil, nil, nil, err
		}
		folders.Ids = append(folders.Ids, id)
	}
	return folders, types, nil, nil
}

func (m *Mailbox) subscribe(ctx context.Context, request *wsdl.Subscribe) (Subscription, error) {
	msg, meta, err := askTold[wsdl.SubscribeResponseMessageType](ctx, m, "Subscribe", request)
	if err != nil {
		return Subscription{}, err
	}
	if wsdl.Str(msg.SubscriptionId) == "" {
		return Subscription{}, m.incomplete("Subscribe", "the subscription's id", meta)
	}
	return Subscription{ID: wsdl.Str(msg.SubscriptionId), Watermark: wsdl.Str(msg.Watermark)}, nil
}
