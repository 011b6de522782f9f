package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
)

// MessageResult is one message of a batch, or why there is none.
type MessageResult struct {
	mailbox.Message
	// Properties are those of the fields asked for that the item has.
	Properties []Property
	// Item is the item as package wsdl has it.
	Item any
	Err  error
}

// GetMessages returns messages with bodies, recipients and attachments, and
// more fields by name, in the order of the ids. It asks for ten at a time, as
// Microsoft advises. The error of one is in its result.
func (m *Mailbox) GetMessages(ctx context.Context, ids []string, fields ...Field) ([]MessageResult, error) {
	if err := m.checkIDs("GetItem", ids); err != nil {
		return nil, err
	}
	if err := m.checkFields("GetItem", fields...); err != nil {
		return nil, err
	}
	shape := messageShape()
	shape.AdditionalProperties = addFields(shape.AdditionalProperties, unlisted(fields))
	results, err := m.getItems(ctx, ids, shape)
	if err != nil {
		return nil, err
	}
	out := make([]MessageResult, len(results))
	for i, r := range results {
		if out[i].Err = r.Err; r.Err == nil {
			found := foundItem(r.Item, fields)
			out[i].Message, out[i].Properties, out[i].Item = found.Message, found.Properties, r.Item
		}
	}
	return out, nil
}
