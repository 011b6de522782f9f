package ews

import (
	"context"
	"errors"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// ItemUpdate changes what is not nil of one item, of whatever kind. It sends
// nothing: for meetings see UpdateEvent.
type ItemUpdate struct {
	ID string
	// ChangeKey makes the update fail with mailbox.ErrConflict where the item
	// has changed since. Empty means that the current one is read first.
	ChangeKey string

	Subject     *string
	IsRead      *bool
	Importance  *mailbox.Importance
	Sensitivity *mailbox.Sensitivity
	// Categories replaces all categories; an empty list takes them off.
	Categories *[]string
	// Flag sets the flag; one whose status is NotFlagged takes it off.
	Flag *mailbox.Flag
	// Set writes extended properties, and Remove takes them away.
	Set    []Property
	Remove []Field
}

// UpdateItems changes items, each on its own: the error of one is in its
// result. Where the call as a whole fails, the results are those of the items
// that were answered for; an error that Is mailbox.ErrOutcomeUnknown leaves open
// what became of the next ones.
func (m *Mailbox) UpdateItems(ctx context.Context, updates []ItemUpdate) ([]ItemResult, error) {
	kinds := make([][]any, len(updates))
	for i, u := range updates {
		if u.ID == "" {
			return nil, m.invalid("UpdateItem", "the item id %d of %d is empty", i+1, len(updates))
		}
		changes, err := u.changes()
		if err != nil {
			return nil, m.invalid("UpdateItem", "%v", err)
		}
		kinds[i] = changes
	}
	at := 0
	return inBatches(updates, writeBatch, func(batch []ItemUpdate) ([]ItemResult, error) {
		changes := kinds[at : at+len(batch)]
		at += len(batch)
		return m.updateBatch(ctx, batch, changes)
	})
}

// UpdateItem changes one item and returns its new change key.
func (m *Mailbox) UpdateItem(ctx context.Context, u ItemUpdate) (changeKey string, err error) {
	results, err := m.UpdateItems(ctx, []ItemUpdate{u})
	if err != nil {
		return "", err
	}
	return results[0].ChangeKey, results[0].Err
}

func (m *Mailbox) updateBatch(ctx context.Context, batch []ItemUpdate, changes [][]any) ([]ItemResult, error) {
	keys, err := m.currentKeys(ctx, batch)
	if err != nil {
		return nil, err
	}
	out := make([]ItemResult, len(batch))
	req := &wsdl.UpdateItem{
		// With the change keys that were read just now Exchange may merge what
		// came in between. One that the caller brings is a condition.
		ConflictResolution:                    wsdl.Ptr(wsdl.ConflictPolicyAutoResolve),
		MessageDisposition:                    wsdl.Ptr(wsdl.DispositionSaveOnly),
		SendMeetingInvitationsOrCancellations: wsdl.Ptr(wsdl.SendUpdatesSendToNone),
		ItemChanges:                           new(wsdl.ItemChangesType),
	}
	if m.client.suppressesReceipts() {
		req.SuppressReadReceipts = wsdl.Ptr(wsdl.Bool(true))
	}
	var places []int
	for i, u := range batch {
		if u.ChangeKey != "" {
			req.ConflictResolution = wsdl.Ptr(wsdl.ConflictPolicyNeverOverwrite)
		}
		if out[i].Err = keys[i].Err; keys[i].Err == nil {
			places = append(places, i)
			req.ItemChanges.ItemChange = append(req.ItemChanges.ItemChange, &wsdl.ItemChange{
				ItemId: itemID(u.ID, keys[i].ChangeKey), Updates: &wsdl.UpdateList{Updates: changes[i]}})
		}
	}
	if len(places) == 0 {
		return out, nil
	}
	results, err := askAll[wsdl.UpdateItemResponseMessageType](ctx, m, "UpdateItem", req, len(places))
	if err != nil {
		return nil, unknownOutcome(err)
	}
	for n, r := range results {
		i := places[n]
		if out[i].Err = r.Err; r.Err == nil && r.Message.Items != nil && len(r.Message.Items.Items) > 0 {
			out[i].ID, out[i].ChangeKey = idOf(r.Message.Items.Items[0])
		}
	}
	return out, nil
}

// currentKeys returns the change key for each update: the caller's, or the
// current one.
func (m *Mailbox) currentKeys(ctx context.Context, batch []ItemUpdate) ([]ItemResult, error) {
	out := make([]ItemResult, len(batch))
	var ids []string
	var places []int
	for i, u := range batch {
		if out[i].ChangeKey = u.ChangeKey; u.ChangeKey == "" {
			ids, places = append(ids, u.ID), append(places, i)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	results, err := askAll[wsdl.ItemInfoResponseMessageType](ctx, m, "GetItem", &wsdl.GetItem{ItemShape: itemShape(), ItemIds: itemIDs(ids...)}, len(ids))
	if err != nil {
		return nil, err
	}
	for n, r := range itemResults(results) {
		out[places[n]] = r
	}
	return out, nil
}

// changes are the update as the wire has it, one change a property.
func (u ItemUpdate) changes() ([]any, error) {
	var list []any
	// An Item can hold what every kind of item has, whatever kind this is.
	set := func(uri string, i *wsdl.ItemType) {
		list = append(list, &wsdl.SetItemFieldType{FieldURI: fieldURI(uri), Item: i})
	}
	remove := func(uri string) { list = append(list, &wsdl.DeleteItemFieldType{FieldURI: fieldURI(uri)}) }
	switch {
	case u.Subject == nil:
	case *u.Subject == "":
		remove("item:Subject")
	default:
		set("item:Subject", &wsdl.ItemType{Subject: wsdl.NewText(*u.Subject)})
	}
	if u.IsRead != nil {
		list = append(list, &wsdl.SetItemFieldType{FieldURI: fieldURI("message:IsRead"),
			Message: &wsdl.MessageType{IsRead: wsdl.Ptr(wsdl.Bool(*u.IsRead))}})
	}
	if u.Importance != nil {
		i := writeImportance(*u.Importance)
		if i == nil {
			return nil, errors.New("the importance is not low, normal or high")
		}
		set("item:Importance", &wsdl.ItemType{Importance: i})
	}
	if u.Sensitivity != nil {
		s := writeSensitivity(*u.Sensitivity)
		if s == nil {
			return nil, errors.New("the sensitivity is not normal, personal, private or confidential")
		}
		set("item:Sensitivity", &wsdl.ItemType{Sensitivity: s})
	}
	switch {
	case u.Categories == nil:
	case len(*u.Categories) == 0:
		remove("item:Categories")
	default:
		set("item:Categories", &wsdl.ItemType{Categories: writeStrings(*u.Categories)})
	}
	if u.Flag != nil {
		f := writeFlag(*u.Flag)
		switch {
		case f == nil:
			return nil, errors.New("the flag's status is not none, flagged or complete")
		case (u.Flag.Start == nil) != (u.Flag.Due == nil):
			return nil, errors.New("a flag has a start and a due date, or neither")
		case u.Flag.Start != nil && u.Flag.Status != mailbox.Flagged:
			return nil, errors.New("a flag that is not set has no start and due date")
		case u.Flag.Completed != nil && u.Flag.Status != mailbox.FlagComplete:
			return nil, errors.New("a flag that is not complete has no date of completion")
		}
		set("item:Flag", &wsdl.ItemType{Flag: f})
	}
	for _, p := range u.Set {
		e, err := p.encode()
		if err != nil {
			return nil, err
		}
		list = append(list, &wsdl.SetItemFieldType{ExtendedFieldURI: e.ExtendedFieldURI,
			Item: &wsdl.ItemType{ExtendedProperty: []*wsdl.ExtendedPropertyType{e}}})
	}
	for _, f := range u.Remove {
		if err := f.check(); err != nil {
			return nil, err
		}
		d := new(wsdl.DeleteItemFieldType)
		d.FieldURI, d.IndexedFieldURI, d.ExtendedFieldURI = f.parts()
		list = append(list, d)
	}
	if len(list) == 0 {
		return nil, errors.New("an update changes nothing")
	}
	return list, nil
}
