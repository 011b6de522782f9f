package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// createItem answers CreateItem ([MS-OXWSCORE] 3.1.4.2): items, and the
// response objects that answer or cancel other items (responseobjects.go).
func (c *call) createItem(ctx context.Context, req *wsdl.CreateItem) (*wsdl.CreateItemResponse, error) {
	if req.Items == nil || len(req.Items.Items) == 0 {
		return nil, invalid("Items is missing or empty.")
	}
	if req.MessageDisposition != nil && !knownDisposition(*req.MessageDisposition) {
		return nil, invalid("MessageDisposition is unknown.")
	}
	if req.SendMeetingInvitations != nil && !knownInvitations(*req.SendMeetingInvitations) {
		return nil, invalid("SendMeetingInvitations is unknown.")
	}
	messages := new(wsdl.ArrayOfCreateItemResponseMessages)
	for _, item := range req.Items.Items {
		attached := get[*wsdl.AttachmentList](item, "Attachments") != nil
		created, err := c.create(ctx, req, item)
		var ids []any
		for i := 0; err == nil && i < len(created); i++ {
			var id any
			if id, err = c.cut(ctx, idOnly, created[i]); err == nil {
				if attached {
					nameAttachments(id, created[i])
				}
				ids = append(ids, id)
			}
		}
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		messages.CreateItemResponseMessage = append(messages.CreateItemResponseMessage, o.items(ids...))
	}
	return &wsdl.CreateItemResponse{ResponseMessages: messages}, nil
}

func knownDisposition(d wsdl.Disposition) bool {
	switch d {
	case wsdl.DispositionSaveOnly, wsdl.DispositionSendOnly, wsdl.DispositionSendAndSaveCopy:
		return true
	}
	return false
}

// create makes one item and returns what the answer is to name.
func (c *call) create(ctx context.Context, req *wsdl.CreateItem, item any) ([]any, error) {
	var changes []icalChange
	if event, ok := item.(*wsdl.CalendarItemType); ok && event.MimeContent != nil {
		var err error
		if item, changes, err = takeICalendar(event, c.zone); err != nil {
			return nil, err
		}
	}
	if err := c.resolveTimes(item); err != nil {
		return nil, err
	}
	folder, err := target(req.SavedItemFolderId)
	if err != nil {
		return nil, err
	}
	n := NewItem{Item: item, Folder: folder}
	switch item := item.(type) {
	case *wsdl.MessageType:
		if req.MessageDisposition == nil {
			return nil, &Error{Code: ErrorMessageDispositionRequired}
		}
		n.Disposition = *req.MessageDisposition
	case *wsdl.CalendarItemType:
		if req.SendMeetingInvitations == nil {
			return nil, &Error{Code: ErrorSendMeetingInvitationsRequired}
		}
		n.Invitations = *req.SendMeetingInvitations
		if item.StartTimeZone == nil {
			item.StartTimeZone = c.zoneDefinition
		}
	case *wsdl.ItemType, *wsdl.ContactItemType, *wsdl.TaskType, *wsdl.DistributionListType:
	case *wsdl.MeetingMessageType, *wsdl.MeetingRequestMessageType, *wsdl.MeetingResponseMessageType, *wsdl.MeetingCancellationMessageType:
		return nil, &Error{Code: ErrorInvalidItemForOperationCreateItem}
	default:
		return c.respond(ctx, req, folder, item)
	}
	if err := checkNew(item); err != nil {
		return nil, err
	}
	if n.Item, err = takeMIME(item); err != nil {
		return nil, err
	}
	created, err := c.session.Create(ctx, n)
	if err == nil {
		err = c.amend(ctx, created, changes)
	}
	if err != nil {
		return nil, err
	}
	return present([]any{created}), nil
}

// checkNew refuses properties that a client cannot give an item, and fills in
// the content of empty files.
func checkNew(item any) error {
	for _, field := range []string{"ItemId", "ParentFolderId", "ConversationId", "EffectiveRights"} {
		if v, ok := slot(item, field); ok && !v.IsNil() {
			return fieldError(ErrorInvalidPropertySet, "item:"+field)
		}
	}
	if err := checkExtended(item); err != nil {
		return err
	}
	takeTagged(item)
	if l := get[*wsdl.AttachmentList](item, "Attachments"); l != nil {
		for _, a := range l.Attachments {
			switch a := a.(type) {
			case *wsdl.FileAttachmentType:
				if a.Content == nil {
					a.Content = new(wsdl.Base64Content)
				}
			case *wsdl.ItemAttachmentType:
				if err := takeAttachedMIME(a); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
