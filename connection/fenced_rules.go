package connection

import (
	"context"

	"github.com/exconn/exconn/mailbox"
)

// The rules are those of the mailbox that the fence has admitted. Whom they
// forward to is a recipient, and so anybody: a forward goes out in the name of
// the mailbox itself, and a redirect in that of whoever sent the message.

func (m *fenced) InboxRules(ctx context.Context) (mailbox.Rules, error) {
	v, err := m.inner.InboxRules(ctx)
	return explained(m.as, v, err)
}

func (m *fenced) UpdateInboxRules(ctx context.Context, changes mailbox.RuleChanges) error {
	return m.as.explain(m.inner.UpdateInboxRules(ctx, changes))
}
