package wsdl

import "encoding/xml"

// EventKind is what happened to an item or a folder, or that the connection is
// alive.
type EventKind string

// The kinds of event.
const (
	CopiedEvent          EventKind = "CopiedEvent"
	CreatedEvent         EventKind = "CreatedEvent"
	DeletedEvent         EventKind = "DeletedEvent"
	ModifiedEvent        EventKind = "ModifiedEvent"
	MovedEvent           EventKind = "MovedEvent"
	NewMailEvent         EventKind = "NewMailEvent"
	StatusEvent          EventKind = "StatusEvent"
	FreeBusyChangedEvent EventKind = "FreeBusyChangedEvent"
)

// Event is one event of a notification. The field that is set follows from
// Kind.
type Event struct {
	Kind   EventKind
	Moved  *MovedEventType  // CopiedEvent, MovedEvent
	Status *StatusEventType // StatusEvent
	Object *ObjectEventType // the others
}

// NotificationType is what a subscription tells, its events in the order in
// which they happened.
type NotificationType struct {
	SubscriptionId    *Text
	PreviousWatermark *Text
	MoreEvents        *Bool
	Events            []Event
}

// DecodeChild returns the place of a child, or nil for an element that has none.
func (n *NotificationType) DecodeChild(name xml.Name) any {
	switch name.Local {
	case "SubscriptionId":
		n.SubscriptionId = new(Text)
		return n.SubscriptionId
	case "PreviousWatermark":
		n.PreviousWatermark = new(Text)
		return n.PreviousWatermark
	case "MoreEvents":
		n.MoreEvents = new(Bool)
		return n.MoreEvents
	}
	event := Event{Kind: EventKind(name.Local)}
	var target any
	switch event.Kind {
	case CopiedEvent, MovedEvent:
		event.Moved = new(MovedEventType)
		target = event.Moved
	case StatusEvent:
		event.Status = new(StatusEventType)
		target = event.Status
	case CreatedEvent, DeletedEvent, ModifiedEvent, NewMailEvent, FreeBusyChangedEvent:
		event.Object = new(ObjectEventType)
		target = event.Object
	default:
		return nil
	}
	n.Events = append(n.Events, event)
	return target
}

// UnmarshalXML keeps the events in document order.
func (n *NotificationType) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, n)
}

// MarshalXML writes the events in their order.
func (n *NotificationType) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	var named []child
	if n.SubscriptionId != nil {
		named = append(named, child{"SubscriptionId", n.SubscriptionId})
	}
	if n.PreviousWatermark != nil {
		named = append(named, child{"PreviousWatermark", n.PreviousWatermark})
	}
	if n.MoreEvents != nil {
		named = append(named, child{"MoreEvents", n.MoreEvents})
	}
	for _, event := range n.Events {
		c := child{name: string(event.Kind), value: event.Object}
		switch event.Kind {
		case CopiedEvent, MovedEvent:
			c.value = event.Moved
		case StatusEvent:
			c.value = event.Status
		}
		named = append(named, c)
	}
	return marshalMixed(e, start, named)
}

// Notification is a NotificationType in the types namespace, as streams have it.
type Notification struct {
	NotificationType
}

// MarshalXML writes the notification in the types namespace.
func (n *Notification) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	return n.NotificationType.MarshalXML(e, xml.StartElement{Name: xml.Name{Space: TypesNamespace, Local: "Notification"}})
}
