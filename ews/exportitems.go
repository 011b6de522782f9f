package ews

import (
	"context"
	"io"

	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// transferBatch is how many items one call exports or uploads at most.
const transferBatch = 20

// exportedItem is a response message whose data goes to a writer of the caller.
type exportedItem struct {
	wsdl.ResponseMessageType
	ItemId *wsdl.ItemIdType `xml:"ItemId"`
	Data   *soap.Binary     `xml:"Data"`
}

// exported is an ExportItems answer that knows which item it is at: the list is
// no pointer, which would be set when all of it has been read.
type exported struct {
	ResponseMessages messageList[exportedItem] `xml:"ResponseMessages"`
}

// at is the place, among those asked, of the item whose message is being read.
func (e *exported) at() int { return len(e.ResponseMessages.list) - 1 }

// ExportItems writes items as the server's own streams ([MS-OXWSBTRF] 3.1.4.1,
// since Exchange 2010 SP1), which hold every property, attachment and
// recipient. What is in a stream is the server's affair: it can be uploaded to
// another mailbox of Exchange, by UploadItems, and nothing else.
//
// to returns the writer for the item of that place in ids. It is called when the
// item's stream begins, and not for an item that is refused; an error of its
// writer ends the call, and nil discards the stream. Memory does not grow with
// the size. The results are in the order of ids, each with its own error; where
// the call as a whole fails, those that were answered for come with the error,
// and of the rest a part may have been written.
func (m *Mailbox) ExportItems(ctx context.Context, ids []string, to func(place int) io.Writer) ([]ItemResult, error) {
	const operation = "ExportItems"
	if err := m.checkIDs(operation, ids); err != nil {
		return nil, err
	}
	done := 0
	return inBatches(ids, transferBatch, func(batch []string) ([]ItemResult, error) {
		results, err := m.export(ctx, operation, batch, func(place int) io.Writer { return to(done + place) })
		done += len(batch)
		return results, err
	})
}

// Export writes one item; see ExportItems. After an error w may hold a part of
// it.
func (m *Mailbox) Export(ctx context.Context, id string, w io.Writer) error {
	results, err := m.ExportItems(ctx, []string{id}, func(int) io.Writer { return w })
	if err != nil {
		return err
	}
	return results[0].Err
}

func (m *Mailbox) export(ctx context.Context, operation string, ids []string, to func(int) io.Writer) ([]ItemResult, error) {
	var out []ItemResult
	err := m.paced(ctx, operation, func(ctx context.Context) error {
		var resp exported
		meta, err := m.send(ctx, operation, &wsdl.ExportItems{ItemIds: itemIDs(ids...)}, &resp, func() io.Writer {
			// More than was asked for is found below.
			if place := resp.at(); place >= 0 && place < len(ids) {
				if w := to(place); w != nil {
					return w
				}
			}
			return io.Discard
		})
		if err != nil {
			return err
		}
		if out, err = m.exportResults(operation, &resp, meta, len(ids)); err != nil {
			return err
		}
		return m.busyIn(len(ids), func(i int) error { return out[i].Err })
	})
	if out != nil {
		return out, nil
	}
	return nil, err
}

func (m *Mailbox) exportResults(operation string, resp *exported, meta *soap.Meta, n int) ([]ItemResult, error) {
	list := resp.ResponseMessages.list
	if len(list) != n {
		if len(list) == 1 && !list[0].Status().OK() {
			return nil, m.refused(operation, list[0].Status(), meta)
		}
		return nil, m.odd(operation, meta, len(list), n)
	}
	out := make([]ItemResult, n)
	for i, msg := range list {
		switch status := msg.Status(); {
		case !status.OK():
			out[i].Err = m.refused(operation, status, meta)
		case msg.Data == nil:
			out[i].Err = m.incomplete(operation, "the item's data")
		case msg.ItemId != nil:
			out[i].ID, out[i].ChangeKey = wsdl.Str(msg.ItemId.Id), wsdl.Str(msg.ItemId.ChangeKey)
		}
	}
	return out, nil
}
