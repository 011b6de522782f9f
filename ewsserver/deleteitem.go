package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// deleteItem answers DeleteItem ([MS-OXWSCORE] 3.1.4.3).
func (c *call) deleteItem(ctx context.Context, req *wsdl.DeleteItem) (*wsdl.DeleteItemResponse, error) {
	ids, err := itemIds(req.ItemIds)
	if err != nil {
		return nil, err
	}
	switch wsdl.Val(req.DeleteType) {
	case wsdl.DisposalHardDelete, wsdl.DisposalSoftDelete, wsdl.DisposalMoveToDeletedItems:
	default:
		return nil, invalid("DeleteType is missing or unknown.")
	}
	if req.SendMeetingCancellations != nil && !knownInvitations(*req.SendMeetingCancellations) {
		return nil, invalid("SendMeetingCancellations is unknown.")
	}
	messages := new(wsdl.ArrayOfDeleteItemResponseMessages)
	for _, id := range ids {
		o, err := c.outcome(ctx, c.delete(ctx, req, id))
		if err != nil {
			return nil, err
		}
		messages.DeleteItemResponseMessage = append(messages.DeleteItemResponseMessage, o.plain())
	}
	return &wsdl.DeleteItemResponse{ResponseMessages: messages}, nil
}

func (c *call) delete(ctx context.Context, req *wsdl.DeleteItem, id any) error {
	ref, err := itemRef(id)
	if err != nil {
		return err
	}
	item, err := c.session.Item(ctx, ref)
	if err != nil {
		return err
	}
	var cancellations wsdl.SendInvitations
	if _, calendar := item.(*wsdl.CalendarItemType); calendar {
		if req.SendMeetingCancellations == nil {
			return &Error{Code: ErrorSendMeetingCancellationsRequired}
		}
		cancellations = *req.SendMeetingCancellations
	}
	if task, ok := item.(*wsdl.TaskType); ok {
		return c.deleteTask(ctx, req, ref, task)
	}
	return c.session.Delete(ctx, ref, *req.DeleteType, cancellations)
}

func knownInvitations(s wsdl.SendInvitations) bool {
	switch s {
	case wsdl.SendInvitationsSendToNone, wsdl.SendInvitationsSendOnlyToAll, wsdl.SendInvitationsSendToAllAndSaveCopy:
		return true
	}
	return false
}
