package ewsserver

import (
	"context"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// Notifier is a Session that tells of changes as they happen ([MS-OXWSNTIF]):
// Subscribe, Unsubscribe, GetEvents and GetStreamingEvents.
type Notifier interface {
	// Subscribe begins to collect events, and returns the subscription's id
	// and, for a pull subscription, the watermark that GetEvents begins with.
	// Errors: ErrorFolderNotFound, ErrorAccessDenied,
	// ErrorExceededSubscriptionCount, ErrorInvalidWatermark,
	// ErrorInvalidSubscriptionRequest (folders of several mailboxes).
	Subscribe(ctx context.Context, s Subscription) (id, watermark string, err error)
	// Unsubscribe ends a subscription. Errors: ErrorSubscriptionNotFound,
	// ErrorInvalidSubscription (an id of no known form),
	// ErrorSubscriptionAccessDenied.
	Unsubscribe(ctx context.Context, id string) error
	// Events returns what has happened since a watermark, at once. Errors
	// those of Unsubscribe, ErrorExpiredSubscription, ErrorInvalidWatermark,
	// ErrorInvalidPullSubscriptionId (a streaming one).
	Events(ctx context.Context, id, watermark string) (Events, error)
	// Listen connects to streaming subscriptions. Errors: *LostError,
	// ErrorExceededConnectionCount.
	Listen(ctx context.Context, ids []string) (Listener, error)
}

// Listener is a connection to streaming subscriptions. One goroutine uses it.
type Listener interface {
	// Next waits for events, and returns those of all subscriptions that have
	// some. It returns ctx.Err() when ctx is done, and a *LostError when
	// subscriptions are gone. Any other error that is not an *Error breaks
	// the client's connection off.
	Next(ctx context.Context) ([]Events, error)
	// Close ends the connection. The subscriptions live on for a while.
	Close()
}

// Subscription is what a client wants to be told.
type Subscription struct {
	// Folders are all of one mailbox; nil means all folders of the caller's.
	Folders []FolderRef
	// Kinds are the events that are asked for.
	Kinds []wsdl.EventKind
	// Streaming tells the two kinds of subscription apart.
	Streaming bool
	// Timeout is how long a pull subscription lives without GetEvents.
	Timeout time.Duration
	// Watermark is that of an earlier pull subscription, to go on from; or "".
	Watermark string
}

// Events are events of one subscription, in the order in which they happened.
type Events struct {
	SubscriptionID string
	// Previous is the watermark that the client has come to; "" in a stream.
	Previous string
	// More tells that there are more.
	More bool
	// Events always hold one at least: a StatusEvent where nothing happened.
	Events []wsdl.Event
}

func (e Events) notification() wsdl.NotificationType {
	n := wsdl.NotificationType{SubscriptionId: wsdl.NewText(e.SubscriptionID), Events: e.Events}
	if e.Previous != "" {
		n.PreviousWatermark = wsdl.NewText(e.Previous)
	}
	n.MoreEvents = wsdl.Ptr(wsdl.Bool(e.More))
	return n
}

// LostError says that there are no subscriptions of these ids (any more).
type LostError struct {
	Code Code
	IDs  []string
}

func (e *LostError) Error() string { return string(e.Code) + ": " + e.text() }

func (e *LostError) text() string { return "The subscription no longer exists, or never did." }

// The codes of subscriptions.
const (
	ErrorExceededConnectionCount    Code = "ErrorExceededConnectionCount"
	ErrorExceededSubscriptionCount  Code = "ErrorExceededSubscriptionCount"
	ErrorExpiredSubscription        Code = "ErrorExpiredSubscription"
	ErrorInvalidPullSubscriptionID  Code = "ErrorInvalidPullSubscriptionId"
	ErrorInvalidSubscription        Code = "ErrorInvalidSubscription"
	ErrorInvalidSubscriptionRequest Code = "ErrorInvalidSubscriptionRequest"
	ErrorInvalidWatermark           Code = "ErrorInvalidWatermark"
	ErrorSubscriptionAccessDenied   Code = "ErrorSubscriptionAccessDenied"
	ErrorSubscriptionNotFound       Code = "ErrorSubscriptionNotFound"
)
