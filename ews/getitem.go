package ews

import (
	"context"
	"errors"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// getBatch is how many whole items are asked for at once, as Microsoft
// advises: a batch is cut after a minute.
const getBatch = 10

// getItem returns one item with the properties of shape.
func (m *Mailbox) getItem(ctx context.Context, id string, shape *wsdl.ItemResponseShape) (any, error) {
	if id == "" {
		return nil, m.invalid("GetItem", "the item id is empty")
	}
	msg, meta, err := askTold[wsdl.ItemInfoResponseMessageType](ctx, m, "GetItem", &wsdl.GetItem{
		ItemShape: shape,
		ItemIds:   itemIDs(id),
	})
	if err != nil {
		return nil, err
	}
	return m.onlyItem("GetItem", msg.Items, meta)
}

// onlyItem returns the item of an answer that must have one.
func (m *Mailbox) onlyItem(operation string, l *wsdl.ItemList, meta *soap.Meta) (any, error) {
	if l == nil || len(l.Items) == 0 {
		return nil, m.incomplete(operation, "the item", meta)
	}
	return l.Items[0], nil
}

// itemResult is one item of a batch, or why there is none.
type itemResult struct {
	Item any
	Err  error
}

// getItems returns the items of the ids, in batches, with the properties of
// shape. The error of one item is in its result.
func (m *Mailbox) getItems(ctx context.Context, ids []string, shape *wsdl.ItemResponseShape) ([]itemResult, error) {
	all := make([]itemResult, 0, len(ids))
	for len(ids) > 0 {
		batch := ids[:min(len(ids), getBatch)]
		ids = ids[len(batch):]
		results, err := askAll[wsdl.ItemInfoResponseMessageType](ctx, m, "GetItem", &wsdl.GetItem{
			ItemShape: shape,
			ItemIds:   itemIDs(batch...),
		}, len(batch))
		if err != nil {
			return nil, err
		}
		for _, r := range results {
			one := itemResult{Err: r.Err}
			if one.Err == nil {
				one.Item, one.Err = m.onlyItem("GetItem", r.Message.Items, r.Meta)
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// Message returns one message with body, recipients and attachments. The body
// is what the mailbox keeps, HTML or text.
func (m *Mailbox) Message(ctx context.Context, id string) (mailbox.Message, error) {
	item, err := m.getItem(ctx, id, messageShape())
	if err != nil {
		return mailbox.Message{}, err
	}
	return messageOf(item), nil
}

// complete returns the messages with bodies, recipients and attachments.
// Those that have gone meanwhile are left out. One that the server cannot
// render is returned as the list has it: a broken item must not end the list.
func (m *Mailbox) complete(ctx context.Context, page []mailbox.Message) ([]mailbox.Message, error) {
	ids := make([]string, len(page))
	for i, msg := range page {
		ids[i] = msg.ID
	}
	results, err := m.getItems(ctx, ids, messageShape())
	if err != nil {
		return nil, err
	}
	whole := make([]mailbox.Message, 0, len(page))
	for i, r := range results {
		switch {
		case r.Err == nil:
			whole = append(whole, messageOf(r.Item))
		case errors.Is(r.Err, mailbox.ErrNotFound):
		case brokenItem(r.Err):
			whole = append(whole, page[i])
		default:
			return nil, r.Err
		}
	}
	return whole, nil
}

// brokenItem reports whether the item itself is the matter, and not the
// mailbox or the server.
func brokenItem(err error) bool {
	switch mailbox.Code(err) {
	case "ErrorItemCorrupt", "ErrorCorruptData", "ErrorContentConversionFailed", "ErrorMimeContentConversionFailed",
		"ErrorPropertyUpdate", "ErrorUnsupportedMimeConversion":
		return true
	}
	return false
}

// changeKey returns the current change key of an item, which every write to it
// must bring.
func (m *Mailbox) changeKey(ctx context.Context, id string) (string, error) {
	item, err := m.getItem(ctx, id, itemShape())
	if err != nil {
		return "", err
	}
	i := as[wsdl.ItemType](item)
	if i.ItemId == nil || wsdl.Str(i.ItemId.ChangeKey) == "" {
		return "", m.incomplete("GetItem", "the change key")
	}
	return wsdl.Str(i.ItemId.ChangeKey), nil
}
