package ews

import (
	"context"
	"errors"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Send sends the message and keeps a copy in Sent Items. It is done in steps: a
// draft with a stamp (see StampName), its attachments, and the sending of that
// very version of it.
//
// An error that Is ErrOutcomeUnknown comes with what is known in Sent; the
// draft is then left where it is, or where the server took it. After any other
// error nothing was sent, and the draft is removed as far as that is possible.
// Nothing is repeated.
func (m *Mailbox) Send(ctx context.Context, out mailbox.Outgoing) (mailbox.Sent, error) {
	if len(out.To)+len(out.Cc)+len(out.Bcc) == 0 {
		return mailbox.Sent{}, m.invalid("SendItem", "the message has no recipient")
	}
	d, err := m.createDraft(ctx, out)
	if err != nil {
		// Whatever became of the draft, it was not sent.
		return mailbox.Sent{}, withOutcome(err, false)
	}
	return m.sendDraft(ctx, d)
}

// sendDraft sends the draft in the version that d names: another one would not
// be what the caller gave.
func (m *Mailbox) sendDraft(ctx context.Context, d *draft) (mailbox.Sent, error) {
	_, err := ask[wsdl.ResponseMessageType](ctx, m, "SendItem", &wsdl.SendItem{
		SaveItemToFolder:  wsdl.Ptr(wsdl.Bool(true)),
		ItemIds:           &wsdl.ItemIdList{Ids: []any{itemID(d.id, d.changeKey)}},
		SavedItemFolderId: m.wellKnownTarget(mailbox.SentItems),
	})
	if err == nil {
		return d.sent, nil
	}
	err = unknownOutcome(err)
	if errors.Is(err, mailbox.ErrOutcomeUnknown) {
		d.sent.Outcome = mailbox.Unknown
		return d.sent, err
	}
	m.discard(ctx, d.id)
	return mailbox.Sent{}, err
}
