package connection

import (
	"context"

	"github.com/exconn/exconn/mailbox"
)

// The fence is about the mailbox acted for: who becomes a delegate of it is
// anybody's, as recipients are.

// explainedDelegates explains the errors of single delegates too.
func (m *fenced) explainedDelegates(list []mailbox.Delegate, err error) ([]mailbox.Delegate, error) {
	for i := range list {
		list[i].Err = m.as.explain(list[i].Err)
	}
	return explained(m.as, list, err)
}

func (m *fenced) Delegates(ctx context.Context, addresses ...string) (mailbox.Delegates, error) {
	v, err := m.inner.Delegates(ctx, addresses...)
	v.Delegates, err = m.explainedDelegates(v.Delegates, err)
	return v, err
}

func (m *fenced) AddDelegates(ctx context.Context, list []mailbox.Delegate, delivery mailbox.MeetingDelivery) ([]mailbox.Delegate, error) {
	return m.explainedDelegates(m.inner.AddDelegates(ctx, list, delivery))
}

func (m *fenced) UpdateDelegates(ctx context.Context, list []mailbox.DelegateUpdate, delivery mailbox.MeetingDelivery) ([]mailbox.Delegate, error) {
	return m.explainedDelegates(m.inner.UpdateDelegates(ctx, list, delivery))
}

func (m *fenced) RemoveDelegates(ctx context.Context, addresses ...string) ([]mailbox.Delegate, error) {
	return m.explainedDelegates(m.inner.RemoveDelegates(ctx, addresses...))
}
