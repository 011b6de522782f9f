package ews

import (
	"context"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Reply answers a message, its sender or everybody, and keeps a copy in Sent
// Items. The steps and errors are those of Send.
func (m *Mailbox) Reply(ctx context.Context, id string, r mailbox.Reply) (mailbox.Sent, error) {
	return m.respond(ctx, id, r, func(ref *wsdl.ItemIdType, body *wsdl.BodyContent) any {
		if r.All {
			return &wsdl.ReplyAllToItemType{From: m.from(nil), ReferenceItemId: ref, NewBodyContent: body}
		}
		return &wsdl.ReplyToItemType{From: m.from(nil), ReferenceItemId: ref, NewBodyContent: body}
	})
}

// Forward sends a message on, with its attachments, and keeps a copy in Sent
// Items. The steps and errors are those of Send.
func (m *Mailbox) Forward(ctx context.Context, id string, r mailbox.Reply) (mailbox.Sent, error) {
	if len(r.To) == 0 {
		return mailbox.Sent{}, m.invalid("CreateItem", "a forward needs at least one recipient")
	}
	return m.respond(ctx, id, r, func(ref *wsdl.ItemIdType, body *wsdl.BodyContent) any {
		return &wsdl.ForwardItemType{From: m.from(nil), ReferenceItemId: ref, NewBodyContent: body}
	})
}

// respond makes a draft of a response object, which takes no extended property
// and whose recipients the server fills in, then adds the stamp and the
// recipients, then sends.
func (m *Mailbox) respond(ctx context.Context, id string, r mailbox.Reply, object func(ref *wsdl.ItemIdType, body *wsdl.BodyContent) any) (mailbox.Sent, error) {
	if err := m.checkRecipients("CreateItem", r.To); err != nil {
		return mailbox.Sent{}, err
	}
	if err := m.checkUploads("CreateItem", nil, r.Attachments); err != nil {
		return mailbox.Sent{}, err
	}
	if r.OperationID == "" {
		r.OperationID = newOperationID()
	}
	key, err := m.changeKey(ctx, id)
	if err != nil {
		return mailbox.Sent{}, err
	}
	body := writeBody(r.Text, r.HTML)
	if body == nil {
		// The schema has no response object without one.
		body = &wsdl.BodyContent{BodyType: wsdl.Ptr(wsdl.BodyTypeNameText), Value: wsdl.Ptr(wsdl.Text(""))}
	}
	item := object(itemID(id, key), body)
	d, err := m.keep(ctx, item, r.OperationID, r.Attachments, func(id *wsdl.ItemIdType) (*wsdl.ItemIdType, error) {
		return m.stampResponse(ctx, wsdl.Str(id.Id), r)
	})
	if err != nil {
		return mailbox.Sent{}, withOutcome(err, false)
	}
	return m.sendDraft(ctx, d)
}

// stampResponse sets on the draft of a reply or forward what its response
// object could not: the stamp, a Message-ID of ours where the server has given
// none, and further recipients.
func (m *Mailbox) stampResponse(ctx context.Context, id string, r mailbox.Reply) (*wsdl.ItemIdType, error) {
	item, err := m.getItem(ctx, id, itemShape("message:ToRecipients", "message:InternetMessageId"))
	if err != nil {
		return nil, err
	}
	now := messageOf(item)
	updates := []any{&wsdl.SetItemFieldType{
		ExtendedFieldURI: stampURI(),
		Message:          &wsdl.MessageType{ExtendedProperty: []*wsdl.ExtendedPropertyType{m.stamp(r.OperationID)}},
	}}
	if now.InternetMessageID == "" {
		updates = append(updates, &wsdl.SetItemFieldType{
			FieldURI: fieldURI("message:InternetMessageId"),
			Message:  &wsdl.MessageType{InternetMessageId: wsdl.NewText(m.messageID(r.OperationID))},
		})
	}
	if to := merge(now.To, r.To); len(to) > len(now.To) {
		updates = append(updates, &wsdl.SetItemFieldType{
			FieldURI: fieldURI("message:ToRecipients"),
			Message:  &wsdl.MessageType{ToRecipients: recipients(to)},
		})
	}
	return m.updateMessage(ctx, itemID(id, now.ChangeKey), updates)
}

// merge returns the people of both lists, nobody twice.
func merge(list, more []mailbox.Person) []mailbox.Person {
	all := append([]mailbox.Person(nil), list...)
	for _, p := range more {
		known := false
		for _, q := range all {
			known = known || strings.EqualFold(p.Address, q.Address)
		}
		if !known {
			all = append(all, p)
		}
	}
	return all
}
