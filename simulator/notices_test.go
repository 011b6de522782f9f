package simulator

import (
	"context"
	"testing"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

func pull(a as, folders ...any) *wsdl.SubscribeResponseMessageType {
	a.t.Helper()
	kinds := new(wsdl.EventTypes)
	for _, k := range []wsdl.EventKind{wsdl.CreatedEvent, wsdl.MovedEvent, wsdl.DeletedEvent, wsdl.ModifiedEvent} {
		kinds.EventType = append(kinds.EventType, wsdl.Ptr(wsdl.EventTypeName(k)))
	}
	r := &wsdl.PullSubscriptionType{EventTypes: kinds, Timeout: &wsdl.Timeout{Value: wsdl.Ptr(wsdl.Int32(10))}}
	if len(folders) == 0 {
		r.SubscribeToAllFolders = wsdl.Ptr(wsdl.Bool(true))
	} else {
		r.FolderIds = &wsdl.FolderIds{FolderIdList: wsdl.FolderIdList{Ids: folders}}
	}
	return call[wsdl.SubscribeResponse](a, &wsdl.Subscribe{PullSubscriptionRequest: r}).ResponseMessages.SubscribeResponseMessage[0]
}

func events(a as, sub *wsdl.SubscribeResponseMessageType) *wsdl.GetEventsResponseMessageType {
	a.t.Helper()
	return call[wsdl.GetEventsResponse](a, &wsdl.GetEvents{SubscriptionId: sub.SubscriptionId, Watermark: sub.Watermark}).ResponseMessages.GetEventsResponseMessage[0]
}

func TestNoticesOfAFolderAlone(t *testing.T) {
	s := start(t, nil)
	anna := user(t, s, "anna")
	drafts, calendar := pull(anna, named("drafts")), pull(anna, named("calendar"))
	id := anna.draft(message("hello", "ben@contoso.example"))
	got := events(anna, drafts).Notification
	if len(got.Events) != 1 || got.Events[0].Kind != wsdl.CreatedEvent || wsdl.Str(got.Events[0].Object.ItemId.Id) != wsdl.Str(id.Id) {
		t.Errorf("of the drafts: %+v", got.Events)
	}
	quiet := events(anna, calendar).Notification
	if len(quiet.Events) != 1 || quiet.Events[0].Kind != wsdl.StatusEvent || wsdl.Str(quiet.Events[0].Status.Watermark) == "" {
		t.Errorf("of the calendar: %+v", quiet.Events)
	}
	anna.remove(id, wsdl.DisposalMoveToDeletedItems, "")
	drafts.Watermark = got.Events[0].Object.Watermark
	moved := events(anna, drafts).Notification.Events
	if len(moved) != 1 || moved[0].Kind != wsdl.MovedEvent || wsdl.Str(moved[0].Moved.OldItemId.Id) != wsdl.Str(id.Id) {
		t.Errorf("after the move: %+v", moved)
	}
}

// Two connections to one subscription would take each other's events, and those
// that the one before took are lost with it: the newer one has all.
func TestNewerStreamHasTheSubscription(t *testing.T) {
	s := start(t, nil)
	anna := user(t, s, "anna")
	r := &wsdl.StreamingSubscriptionType{
		SubscribeToAllFolders: wsdl.Ptr(wsdl.Bool(true)),
		EventTypes:            &wsdl.EventTypes{EventType: []*wsdl.EventTypeName{wsdl.Ptr(wsdl.EventTypeName(wsdl.CreatedEvent))}},
	}
	sub := call[wsdl.SubscribeResponse](anna, &wsdl.Subscribe{StreamingSubscriptionRequest: r}).ResponseMessages.SubscribeResponseMessage[0]
	listen := func() ewsserver.Listener {
		t.Helper()
		who := &session{st: s.state, who: s.state.byAddress["anna@contoso.example"]}
		l, err := who.Listen(t.Context(), []string{wsdl.Str(sub.SubscriptionId)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(l.Close)
		return l
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	older := listen()
	newer := listen()
	anna.draft(message("hello", "ben@contoso.example"))
	if got, err := older.Next(ctx); err == nil {
		t.Errorf("the connection before took %d events", len(got))
	}
	if got, err := newer.Next(ctx); err != nil || len(got) != 1 {
		t.Errorf("the newer one has %d events, error %v", len(got), err)
	}
}

func TestSubscriptionsExpireAndBelongToSomebody(t *testing.T) {
	now := newClock(noon)
	s := start(t, func(o *Options) { o.Now = now.Now })
	anna := user(t, s, "anna")
	sub := pull(anna)
	user(t, s, "ben").status(events(user(t, s, "ben"), sub).Status(), "ErrorSubscriptionAccessDenied")
	now.advance(9 * time.Minute)
	anna.status(events(anna, sub).Status(), "NoError")
	now.advance(9 * time.Minute)
	anna.status(events(anna, sub).Status(), "NoError")
	now.advance(11 * time.Minute)
	anna.status(events(anna, sub).Status(), "ErrorSubscriptionNotFound")
	anna.status(pull(anna, named("inbox"), named("inbox", "ben@contoso.example")).Status(), "ErrorAccessDenied")
	carla := user(t, s, "carla")
	carla.status(pull(carla, named("calendar"), named("calendar", "anna@contoso.example")).Status(), "ErrorInvalidSubscriptionRequest")
	bad := pull(anna)
	bad.Watermark = text("AAAA")
	anna.status(events(anna, bad).Status(), "ErrorInvalidWatermark")
	if f := anna.fault(&wsdl.GetStreamingEvents{SubscriptionIds: &wsdl.SubscriptionIdsType{SubscriptionId: []*wsdl.SubscriptionId{{Value: text("x")}}}}); f.ResponseCode != "ErrorSchemaValidation" {
		t.Errorf("a stream without a time: %v", f)
	}
}
