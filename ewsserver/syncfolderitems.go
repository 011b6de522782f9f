package ewsserver

import (
	"context"
	"errors"

	"github.com/exconn/exconn/wsdl"
)

// syncFolderItems answers SyncFolderItems ([MS-OXWSSYNC] 3.1.4.2). Like
// FindItem it leaves out bodies, recipients and attachments, and TextBody too,
// which FindItem refuses: exchangelib asks it for every property there is.
func (c *call) syncFolderItems(ctx context.Context, req *wsdl.SyncFolderItems) (*wsdl.SyncFolderItemsResponse, error) {
	s, err := readItemShape(req.ItemShape, true)
	if err != nil {
		return nil, err
	}
	if req.SyncFolderId == nil {
		return nil, invalid("SyncFolderId is missing.")
	}
	if n := wsdl.Val(req.MaxChangesReturned); n < 1 || n > 512 {
		return nil, invalid("MaxChangesReturned must lie between 1 and 512.")
	}
	answer, err := c.syncItems(ctx, req, s)
	if hasCode(err, ErrorFolderNotFound) {
		err = &Error{Code: ErrorSyncFolderNotFound}
	}
	o, err := c.outcome(ctx, err)
	if err != nil {
		return nil, err
	}
	if o.code != success.code {
		// Clients read them of a failure, too (the operation's reference page).
		answer.SyncState, answer.IncludesLastItemInRange = wsdl.Ptr(wsdl.Text("")), wsdl.Ptr(wsdl.Bool(true))
	}
	answer.ResponseClass, answer.ResponseCode, answer.MessageText, answer.MessageXml = o.class, o.code, o.text, o.xml
	return &wsdl.SyncFolderItemsResponse{ResponseMessages: &wsdl.ArrayOfSyncFolderItemsResponseMessages{
		SyncFolderItemsResponseMessage: []*wsdl.SyncFolderItemsResponseMessageType{answer}}}, nil
}

func (c *call) syncItems(ctx context.Context, req *wsdl.SyncFolderItems, s *shape) (*wsdl.SyncFolderItemsResponseMessageType, error) {
	answer := new(wsdl.SyncFolderItemsResponseMessageType)
	folder, err := target(req.SyncFolderId)
	if err != nil {
		return answer, err
	}
	changes, err := c.session.SyncItems(ctx, *folder, wsdl.Str(req.SyncState), int(*req.MaxChangesReturned))
	if err != nil {
		return answer, err
	}
	ignored := map[string]bool{}
	if req.Ignore != nil {
		for _, id := range req.Ignore.Ids {
			if ref, err := itemRef(id); err == nil {
				ignored[ref.ID] = true
			}
		}
	}
	list := new(wsdl.SyncItemChanges)
	for _, change := range changes.Changes {
		out, id, err := c.syncItemChange(ctx, s, change)
		if err != nil {
			return answer, err
		}
		if !ignored[id] {
			list.Changes = append(list.Changes, out)
		}
	}
	answer.SyncState = wsdl.Ptr(wsdl.Text(changes.State))
	answer.IncludesLastItemInRange = wsdl.Ptr(wsdl.Bool(changes.Last))
	answer.Changes = list
	return answer, nil
}

// syncItemChange returns a change as it is sent, and the id that it is about.
func (c *call) syncItemChange(ctx context.Context, s *shape, change ItemChange) (wsdl.SyncItemChange, string, error) {
	out := wsdl.SyncItemChange{Kind: change.Kind}
	id := change.ID
	switch change.Kind {
	case wsdl.Deleted:
		out.Delete = &wsdl.SyncItemDeleteType{ItemId: &id}
	case wsdl.ReadFlagChange:
		out.ReadFlag = &wsdl.SyncReadFlagType{ItemId: &id, IsRead: wsdl.Ptr(wsdl.Bool(change.IsRead))}
	default:
		item, err := c.cut(ctx, s, change.Item)
		if err != nil {
			return out, "", err
		}
		if out.Item = syncItem(item); out.Item == nil {
			return out, "", errors.New("a sync change holds no item")
		}
		if itemID := get[*wsdl.ItemIdType](item, "ItemId"); itemID != nil {
			id = *itemID
		}
	}
	return out, wsdl.Str(id.Id), nil
}

// syncItem puts an item under the element of its kind; nil where there is none.
func syncItem(item any) *wsdl.SyncItemType {
	switch item := item.(type) {
	case *wsdl.MessageType:
		return &wsdl.SyncItemType{Message: item}
	case *wsdl.CalendarItemType:
		return &wsdl.SyncItemType{CalendarItem: item}
	case *wsdl.MeetingRequestMessageType:
		return &wsdl.SyncItemType{MeetingRequest: item}
	case *wsdl.MeetingResponseMessageType:
		return &wsdl.SyncItemType{MeetingResponse: item}
	case *wsdl.MeetingCancellationMessageType:
		return &wsdl.SyncItemType{MeetingCancellation: item}
	case *wsdl.MeetingMessageType:
		return &wsdl.SyncItemType{MeetingMessage: item}
	case *wsdl.ContactItemType:
		return &wsdl.SyncItemType{Contact: item}
	case *wsdl.DistributionListType:
		return &wsdl.SyncItemType{DistributionList: item}
	case *wsdl.TaskType:
		return &wsdl.SyncItemType{Task: item}
	case *wsdl.ItemType:
		return &wsdl.SyncItemType{Item: item}
	}
	return nil
}
