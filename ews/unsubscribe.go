package ews

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// Unsubscribe ends a subscription. One that is not there any more is
// mailbox.ErrCursorExpired.
func (m *Mailbox) Unsubscribe(ctx context.Context, id string) error {
	_, err := ask[wsdl.ResponseMessageType](ctx, m, "Unsubscribe", &wsdl.Unsubscribe{SubscriptionId: wsdl.NewText(id)})
	return err
}
