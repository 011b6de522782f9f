package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// updateItem answers UpdateItem ([MS-OXWSCORE] 3.1.4.9).
func (c *call) updateItem(ctx context.Context, req *wsdl.UpdateItem) (*wsdl.UpdateItemResponse, error) {
	if req.ItemChanges == nil || len(req.ItemChanges.ItemChange) == 0 {
		return nil, invalid("ItemChanges is missing or empty.")
	}
	switch wsdl.Val(req.ConflictResolution) {
	case wsdl.ConflictPolicyNeverOverwrite, wsdl.ConflictPolicyAutoResolve, wsdl.ConflictPolicyAlwaysOverwrite:
	default:
		return nil, invalid("ConflictResolution is missing or unknown.")
	}
	if req.MessageDisposition != nil && !knownDisposition(*req.MessageDisposition) {
		return nil, invalid("MessageDisposition is unknown.")
	}
	if req.SendMeetingInvitationsOrCancellations != nil && !knownUpdates(*req.SendMeetingInvitationsOrCancellations) {
		return nil, invalid("SendMeetingInvitationsOrCancellations is unknown.")
	}
	messages := new(wsdl.ArrayOfUpdateItemResponseMessages)
	for _, change := range req.ItemChanges.ItemChange {
		updated, err := c.update(ctx, req, change)
		o, err := c.outcome(ctx, err)
		if err != nil {
			return nil, err
		}
		m := &wsdl.UpdateItemResponseMessageType{ResponseClass: o.class, ResponseCode: o.code, MessageText: o.text, MessageXml: o.xml,
			Items: &wsdl.ItemList{Items: present([]any{updated})}}
		if m.Status().OK() {
			m.ConflictResults = &wsdl.ConflictResultsType{Count: &wsdl.Count{Value: wsdl.Ptr(wsdl.Int32(0))}}
		}
		messages.UpdateItemResponseMessage = append(messages.UpdateItemResponseMessage, m)
	}
	return &wsdl.UpdateItemResponse{ResponseMessages: messages}, nil
}

func knownUpdates(s wsdl.SendUpdates) bool {
	switch s {
	case wsdl.SendUpdatesSendToNone, wsdl.SendUpdatesSendOnlyToAll, wsdl.SendUpdatesSendOnlyToChanged,
		wsdl.SendUpdatesSendToAllAndSaveCopy, wsdl.SendUpdatesSendToChangedAndSaveCopy:
		return true
	}
	return false
}

// maxAttempts is how often a change is applied anew when others change the
// item in between.
const maxAttempts = 5

// update applies the changes to one item. Reading and writing are apart, so
// the backend compares change keys; where the client does not insist on the
// version that it knows, a lost race is run again.
func (c *call) update(ctx context.Context, req *wsdl.UpdateItem, change *wsdl.ItemChange) (any, error) {
	ref, err := changedItem(change)
	if err != nil {
		return nil, err
	}
	if ref.ChangeKey == "" {
		// Exchange wants one whatever the conflict resolution (observed).
		return nil, &Error{Code: ErrorChangeKeyRequiredForWriteOperations}
	}
	if change.Updates == nil || len(change.Updates.Updates) == 0 {
		return nil, invalid("Updates is missing or empty.")
	}
	saveTo, err := target(req.SavedItemFolderId)
	if err != nil {
		return nil, err
	}
	insists := *req.ConflictResolution == wsdl.ConflictPolicyNeverOverwrite
	for attempt := 1; ; attempt++ {
		u, err := c.prepare(ctx, req, ref, change.Updates)
		if err != nil {
			return nil, err
		}
		if insists && u.ReadChangeKey != ref.ChangeKey {
			return nil, &Error{Code: ErrorIrresolvableConflict}
		}
		u.SaveTo = saveTo
		updated, err := c.session.Update(ctx, u)
		if hasCode(err, ErrorIrresolvableConflict) && !insists && attempt < maxAttempts {
			continue
		}
		if err != nil || absent(updated) {
			return nil, err
		}
		return c.cut(ctx, idOnly, updated)
	}
}

// changedItem reads the id of an ItemChange.
func changedItem(change *wsdl.ItemChange) (ItemRef, error) {
	switch {
	case change.ItemId != nil:
		return itemRef(change.ItemId)
	case change.OccurrenceItemId != nil:
		return itemRef(change.OccurrenceItemId)
	case change.RecurringMasterItemId != nil:
		return itemRef(change.RecurringMasterItemId)
	}
	return itemRef(nil)
}

// prepare reads the item and applies the changes to a copy.
func (c *call) prepare(ctx context.Context, req *wsdl.UpdateItem, ref ItemRef, updates *wsdl.UpdateList) (ItemUpdate, error) {
	u := ItemUpdate{Ref: ref}
	current, err := c.session.Item(ctx, ref)
	if err != nil {
		return u, err
	}
	if id := get[*wsdl.ItemIdType](current, "ItemId"); id != nil {
		u.ReadChangeKey = wsdl.Str(id.ChangeKey)
	}
	switch {
	case isMessage(current):
		if req.MessageDisposition == nil {
			return u, &Error{Code: ErrorMessageDispositionRequired}
		}
		u.Disposition = *req.MessageDisposition
	default:
		if _, calendar := current.(*wsdl.CalendarItemType); calendar {
			if req.SendMeetingInvitationsOrCancellations == nil {
				return u, &Error{Code: ErrorSendMeetingInvitationsOrCancellations}
			}
			u.Invitations = *req.SendMeetingInvitationsOrCancellations
		}
	}
	u.Item = clone(current)
	for _, each := range updates.Updates {
		p, err := c.apply(u.Item, each)
		if err != nil {
			return u, err
		}
		u.Fields = append(u.Fields, p.uri)
	}
	return u, nil
}
