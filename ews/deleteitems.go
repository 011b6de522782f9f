package ews

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// DeleteItems moves items to Deleted Items or, where permanent, removes them.
// No attendee hears of it. The results are in the order of the ids and hold no
// more than the error of each; where the call as a whole fails, they are those
// of the items that were answered for.
func (m *Mailbox) DeleteItems(ctx context.Context, ids []string, permanent bool) ([]ItemResult, error) {
	if err := m.checkIDs("DeleteItem", ids); err != nil {
		return nil, err
	}
	how := wsdl.DisposalMoveToDeletedItems
	if permanent {
		how = wsdl.DisposalHardDelete
	}
	return inBatches(ids, writeBatch, func(batch []string) ([]ItemResult, error) {
		results, err := askAll[wsdl.ResponseMessageType](ctx, m, "DeleteItem", m.deletion(how, batch...), len(batch))
		out := make([]ItemResult, len(results))
		for i, r := range results {
			out[i].Err = r.Err
		}
		return out, unknownOutcome(err)
	})
}
