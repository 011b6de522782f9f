package ews

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// draft is a message that is kept in the Drafts folder.
type draft struct {
	id, changeKey string
	sent          mailbox.Sent
}

// SaveDraft keeps a message in the Drafts folder without sending it. The ID
// that it returns is the draft's. After an error that Is ErrOutcomeUnknown the
// draft may be there, bearing its stamp, and after any other it is not.
func (m *Mailbox) SaveDraft(ctx context.Context, out mailbox.Outgoing) (mailbox.Sent, error) {
	d, err := m.createDraft(ctx, out)
	if err != nil {
		return mailbox.Sent{}, err
	}
	return d.sent, nil
}

// createDraft keeps a message as a draft with its attachments and reads back
// its version and ids. Where that fails it takes the draft away again; where
// that fails too, or the answer that tells of the draft was lost, the error is
// ErrOutcomeUnknown, of the draft.
func (m *Mailbox) createDraft(ctx context.Context, out mailbox.Outgoing) (*draft, error) {
	if err := m.checkRecipients("CreateItem", out.To, out.Cc, out.Bcc); err != nil {
		return nil, err
	}
	if err := m.checkUploads("CreateItem", nil, out.Attachments); err != nil {
		return nil, err
	}
	if out.OperationID == "" {
		out.OperationID = newOperationID()
	}
	return m.keep(ctx, m.outgoing(out), out.OperationID, out.Attachments, nil)
}

// keep creates an item as a draft, lets finish amend it where not nil, adds the
// attachments and reads it back.
func (m *Mailbox) keep(ctx context.Context, item any, operationID string, uploads []mailbox.Upload, finish func(*wsdl.ItemIdType) (*wsdl.ItemIdType, error)) (*draft, error) {
	msg, meta, err := askTold[wsdl.ItemInfoResponseMessageType](ctx, m, "CreateItem", &wsdl.CreateItem{
		MessageDisposition: wsdl.Ptr(wsdl.DispositionSaveOnly),
		SavedItemFolderId:  m.wellKnownTarget(mailbox.Drafts),
		Items:              &wsdl.ItemList{Items: []any{item}},
	})
	if err != nil {
		return nil, unknownOutcome(err)
	}
	created, err := m.onlyItem("CreateItem", msg.Items, meta)
	if err != nil {
		return nil, withOutcome(err, true)
	}
	id := as[wsdl.ItemType](created).ItemId
	if id == nil || wsdl.Str(id.Id) == "" {
		return nil, withOutcome(m.incomplete("CreateItem", "the id of the draft", meta), true)
	}
	d := &draft{id: wsdl.Str(id.Id)}
	if finish != nil {
		if id, err = finish(id); err != nil {
			return nil, m.giveUp(ctx, d.id, err)
		}
	}
	if _, err := m.attach(ctx, id, uploads); err != nil {
		return nil, m.giveUp(ctx, d.id, err)
	}
	if err := m.readBack(ctx, d); err != nil {
		return nil, m.giveUp(ctx, d.id, err)
	}
	d.sent.OperationID = operationID
	return d, nil
}

// readBack fills in what the server made of the draft. The change key must be
// read: adding attachments changes it, and not every server says so there.
func (m *Mailbox) readBack(ctx context.Context, d *draft) error {
	item, err := m.getItem(ctx, d.id, itemShape("message:InternetMessageId", "item:ConversationId"))
	if err != nil {
		return err
	}
	got := messageOf(item)
	if got.ChangeKey == "" {
		return m.incomplete("GetItem", "the change key of the draft")
	}
	d.changeKey = got.ChangeKey
	d.sent = mailbox.Sent{
		ID:                d.id,
		InternetMessageID: got.InternetMessageID,
		ConversationID:    got.ConversationID,
		Outcome:           mailbox.Confirmed,
	}
	return nil
}

// discardTime bounds the removal of a draft that came to nothing.
const discardTime = 10 * time.Second

// giveUp removes a draft that err has kept from being finished, and says in it
// whether the draft is gone.
func (m *Mailbox) giveUp(ctx context.Context, id string, err error) error {
	return withOutcome(err, !m.discard(ctx, id))
}

// discard removes a draft that was not finished, and tells whether it is gone.
// It is a courtesy: where it fails, or the context is done, the draft stays,
// bearing its stamp.
func (m *Mailbox) discard(ctx context.Context, id string) bool {
	if ctx.Err() != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, discardTime)
	defer cancel()
	err := m.deleteItem(ctx, id, wsdl.DisposalHardDelete)
	return err == nil || errors.Is(err, mailbox.ErrNotFound)
}

// outgoing is the message as CreateItem takes it.
func (m *Mailbox) outgoing(out mailbox.Outgoing) *wsdl.MessageType {
	msg := &wsdl.MessageType{
		Subject:           wsdl.NewText(out.Subject),
		Body:              writeBody(out.Text, out.HTML),
		ExtendedProperty:  []*wsdl.ExtendedPropertyType{m.stamp(out.OperationID)},
		ToRecipients:      recipients(out.To),
		CcRecipients:      recipients(out.Cc),
		BccRecipients:     recipients(out.Bcc),
		From:              m.from(out.From),
		InternetMessageId: wsdl.NewText(m.messageID(out.OperationID)),
		Sensitivity:       writeSensitivity(out.Sensitivity),
		Categories:        writeStrings(out.Categories),
		// A message of one's own is not news.
		IsRead: wsdl.Ptr(wsdl.Bool(true)),
	}
	switch mailbox.Importance(strings.ToLower(string(out.Importance))) {
	case mailbox.Low:
		msg.Importance = wsdl.Ptr(wsdl.ImportanceNameLow)
	case mailbox.High:
		msg.Importance = wsdl.Ptr(wsdl.ImportanceNameHigh)
	case mailbox.Normal:
		msg.Importance = wsdl.Ptr(wsdl.ImportanceNameNormal)
	}
	return msg
}

// from is the sender to name: the one given, or a shared mailbox itself, which
// would otherwise send under the name of who signed in.
func (m *Mailbox) from(given *mailbox.Person) *wsdl.RecipientType {
	switch {
	case given != nil && given.Address != "":
		return &wsdl.RecipientType{Mailbox: emailAddress(*given)}
	case m.access == Shared:
		return &wsdl.RecipientType{Mailbox: emailAddress(mailbox.Person{Address: m.address})}
	}
	return nil
}
