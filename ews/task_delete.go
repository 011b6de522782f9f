package ews

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// DeleteTask moves a task to Deleted Items or, where permanent, removes it. Of a
// task that recurs it deletes the whole series or, with next, what it stands for
// at present: the id goes on to stand for the next.
func (m *Mailbox) DeleteTask(ctx context.Context, id string, next, permanent bool) error {
	if id == "" {
		return m.invalid("DeleteItem", "the item id is empty")
	}
	req := &wsdl.DeleteItem{
		DeleteType:               wsdl.Ptr(wsdl.DisposalMoveToDeletedItems),
		SendMeetingCancellations: wsdl.Ptr(wsdl.SendInvitationsSendToNone),
		AffectedTaskOccurrences:  wsdl.Ptr(wsdl.TaskOccurrencesAllOccurrences),
		ItemIds:                  itemIDs(id),
	}
	if permanent {
		req.DeleteType = wsdl.Ptr(wsdl.DisposalHardDelete)
	}
	if next {
		req.AffectedTaskOccurrences = wsdl.Ptr(wsdl.TaskOccurrencesSpecifiedOccurrenceOnly)
	}
	_, err := ask[wsdl.ResponseMessageType](ctx, m, "DeleteItem", req)
	if next {
		// To repeat it would delete another one.
		err = unknownOutcome(err)
	}
	return err
}
