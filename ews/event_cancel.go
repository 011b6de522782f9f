package ews

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// CancelEvent takes an event off the calendar. A meeting of this mailbox is
// cancelled: its attendees are sent a cancellation with the message, plain text,
// and the event goes. Any other event, an appointment or the copy of somebody
// else's meeting, is moved to Deleted Items and nobody is told. The id of a
// series takes off all of it, that of an occurrence that one.
//
// A cancellation bears no stamp, so the event is read first: one that is
// cancelled already is only moved to Deleted Items. That makes a repetition
// after mailbox.ErrOutcomeUnknown harmless; where the first one was carried out,
// it is mailbox.ErrNotFound.
func (m *Mailbox) CancelEvent(ctx context.Context, id, message string) error {
	item, err := m.getEvent(ctx, id, itemShape("calendar:IsMeeting", "calendar:IsCancelled", "calendar:MyResponseType"))
	if err != nil {
		return err
	}
	organizer := bool(wsdl.Val(item.IsMeeting)) && wsdl.Val(item.MyResponseType) == wsdl.ResponseTypeNameOrganizer
	if !organizer || bool(wsdl.Val(item.IsCancelled)) {
		return m.deleteItem(ctx, id, wsdl.DisposalMoveToDeletedItems)
	}
	cancel := &wsdl.CancelCalendarItemType{
		ReferenceItemId: item.ItemId,
		NewBodyContent:  writeBody(message, ""),
	}
	_, err = ask[wsdl.ItemInfoResponseMessageType](ctx, m, "CreateItem", &wsdl.CreateItem{
		MessageDisposition: wsdl.Ptr(wsdl.DispositionSendAndSaveCopy),
		Items:              &wsdl.ItemList{Items: []any{cancel}},
	})
	if err != nil {
		return unknownOutcome(err)
	}
	return nil
}
