package ews

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// writeBatch is how many items one call changes at most: a batch is cut after a
// minute.
const writeBatch = 100

// ItemResult is what became of one item of a batch.
type ItemResult struct {
	// ID and ChangeKey are the item's, as they are now: a moved, copied or
	// archived item has a new ID, which is "" where the server does not tell.
	ID, ChangeKey string
	// Err is why this item was refused, or nil. The others are not touched
	// by it.
	Err error
}

// inBatches runs a write for a list, some of it at a time. Where a call as a
// whole fails it stops: the results are then those of the items that were
// answered for, in their order, and what became of the batch after them the
// error tells.
func inBatches[In any, Out any](list []In, size int, do func([]In) ([]Out, error)) ([]Out, error) {
	all := make([]Out, 0, len(list))
	for len(list) > 0 {
		batch := list[:min(len(list), size)]
		list = list[len(batch):]
		results, err := do(batch)
		all = append(all, results...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// itemResults reads the answers of a write that names an item each.
func itemResults(results []result[wsdl.ItemInfoResponseMessageType]) []ItemResult {
	out := make([]ItemResult, len(results))
	for i, r := range results {
		if out[i].Err = r.Err; r.Err != nil {
			continue
		}
		if l := r.Message.Items; l != nil && len(l.Items) > 0 {
			out[i].ID, out[i].ChangeKey = idOf(l.Items[0])
		}
	}
	return out
}

// idOf returns the id and change key of an item of any kind.
func idOf(item any) (id, changeKey string) {
	if of := as[wsdl.ItemType](item).ItemId; of != nil {
		return wsdl.Str(of.Id), wsdl.Str(of.ChangeKey)
	}
	return "", ""
}

// checkIDs refuses a list with an empty id, before anything is sent.
func (m *Mailbox) checkIDs(operation string, ids []string) error {
	for i, id := range ids {
		if id == "" {
			return m.invalid(operation, "the item id %d of %d is empty", i+1, len(ids))
		}
	}
	return nil
}

// writeItems is a batch whose answers name an item each.
func writeItems[Req any](ctx context.Context, m *Mailbox, operation string, ids []string, request func(*wsdl.ItemIdList) *Req) ([]ItemResult, error) {
	if err := m.checkIDs(operation, ids); err != nil {
		return nil, err
	}
	return inBatches(ids, writeBatch, func(batch []string) ([]ItemResult, error) {
		results, err := askAll[wsdl.ItemInfoResponseMessageType](ctx, m, operation, request(itemIDs(batch...)), len(batch))
		return itemResults(results), unknownOutcome(err)
	})
}
