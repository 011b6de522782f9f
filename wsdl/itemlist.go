package wsdl

import "encoding/xml"

// ItemList holds items in document order: *MessageType, *CalendarItemType,
// *MeetingRequestMessageType, *MeetingResponseMessageType,
// *MeetingCancellationMessageType, *MeetingMessageType, *ContactItemType,
// *DistributionListType, *TaskType, *PostItemType, or *ItemType for those of any
// other kind; in a CreateItem request response objects such as
// *ReplyToItemType too.
type ItemList struct {
	Items []any
}

var itemKinds = newKinds(
	kind{"Item", (*ItemType)(nil)},
	kind{"Message", (*MessageType)(nil)},
	kind{"CalendarItem", (*CalendarItemType)(nil)},
	kind{"MeetingMessage", (*MeetingMessageType)(nil)},
	kind{"MeetingRequest", (*MeetingRequestMessageType)(nil)},
	kind{"MeetingResponse", (*MeetingResponseMessageType)(nil)},
	kind{"MeetingCancellation", (*MeetingCancellationMessageType)(nil)},
	kind{"Contact", (*ContactItemType)(nil)},
	kind{"DistributionList", (*DistributionListType)(nil)},
	kind{"Task", (*TaskType)(nil)},
	kind{"PostItem", (*PostItemType)(nil)},
	// Kinds without a type of their own here are read for what the base has.
	kind{"SharingMessage", (*MessageType)(nil)},
	kind{"RoleMember", (*ItemType)(nil)},
	kind{"Network", (*ItemType)(nil)},
	kind{"Person", (*ItemType)(nil)},
	kind{"ReplyToItem", (*ReplyToItemType)(nil)},
	kind{"ReplyAllToItem", (*ReplyAllToItemType)(nil)},
	kind{"ForwardItem", (*ForwardItemType)(nil)},
	kind{"CancelCalendarItem", (*CancelCalendarItemType)(nil)},
	kind{"AcceptItem", (*AcceptItemType)(nil)},
	kind{"TentativelyAcceptItem", (*TentativelyAcceptItemType)(nil)},
	kind{"DeclineItem", (*DeclineItemType)(nil)},
)

// DecodeChild appends a child and returns it to be filled in.
func (l *ItemList) DecodeChild(name xml.Name) any {
	c := itemKinds.make(name.Local)
	if c != nil {
		l.Items = append(l.Items, c)
	}
	return c
}

// UnmarshalXML keeps the children in document order.
func (l *ItemList) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return unmarshalMixed(d, l)
}

// MarshalXML writes the children in their order.
func (l *ItemList) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	named, err := itemKinds.children("ItemList", l.Items)
	if err != nil {
		return err
	}
	return marshalMixed(e, start, named)
}
