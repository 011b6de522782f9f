package connection

import (
	"context"
	"iter"

	"github.com/exconn/exconn/mailbox"
)

// Contacts, lists and tasks are the mailbox's own; whom they name is anybody's.

// explainedAll explains the errors of a list.
func explainedAll[T any](as *actor, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range seq {
			if !yield(v, as.explain(err)) {
				return
			}
		}
	}
}

func (m *fenced) Contacts(ctx context.Context, q mailbox.ContactQuery) iter.Seq2[mailbox.Contact, error] {
	return explainedAll(m.as, m.inner.Contacts(ctx, q))
}

func (m *fenced) Contact(ctx context.Context, id string) (mailbox.Contact, error) {
	v, err := m.inner.Contact(ctx, id)
	return explained(m.as, v, err)
}

func (m *fenced) CreateContact(ctx context.Context, n mailbox.NewContact) (mailbox.Contact, error) {
	v, err := m.inner.CreateContact(ctx, n)
	return explained(m.as, v, err)
}

func (m *fenced) UpdateContact(ctx context.Context, id string, u mailbox.ContactUpdate) (mailbox.Contact, error) {
	v, err := m.inner.UpdateContact(ctx, id, u)
	return explained(m.as, v, err)
}

func (m *fenced) Tasks(ctx context.Context, q mailbox.TaskQuery) iter.Seq2[mailbox.Task, error] {
	return explainedAll(m.as, m.inner.Tasks(ctx, q))
}

func (m *fenced) Task(ctx context.Context, id string) (mailbox.Task, error) {
	v, err := m.inner.Task(ctx, id)
	return explained(m.as, v, err)
}

func (m *fenced) CreateTask(ctx context.Context, n mailbox.NewTask) (mailbox.Task, error) {
	v, err := m.inner.CreateTask(ctx, n)
	return explained(m.as, v, err)
}

func (m *fenced) UpdateTask(ctx context.Context, id string, u mailbox.TaskUpdate) (mailbox.Task, error) {
	v, err := m.inner.UpdateTask(ctx, id, u)
	return explained(m.as, v, err)
}

func (m *fenced) DeleteTask(ctx context.Context, id string, next, permanent bool) error {
	return m.as.explain(m.inner.DeleteTask(ctx, id, next, permanent))
}

func (m *fenced) DistributionLists(ctx context.Context, folder mailbox.FolderRef) iter.Seq2[mailbox.DistributionList, error] {
	return explainedAll(m.as, m.inner.DistributionLists(ctx, folder))
}

func (m *fenced) DistributionList(ctx context.Context, id string) (mailbox.DistributionList, error) {
	v, err := m.inner.DistributionList(ctx, id)
	return explained(m.as, v, err)
}

func (m *fenced) CreateDistributionList(ctx context.Context, n mailbox.NewDistributionList) (mailbox.DistributionList, error) {
	v, err := m.inner.CreateDistributionList(ctx, n)
	return explained(m.as, v, err)
}

func (m *fenced) UpdateDistributionList(ctx context.Context, id string, u mailbox.DistributionListUpdate) (mailbox.DistributionList, error) {
	v, err := m.inner.UpdateDistributionList(ctx, id, u)
	return explained(m.as, v, err)
}

func (m *fenced) ResolveNames(ctx context.Context, part string) ([]mailbox.Candidate, error) {
	v, err := m.inner.ResolveNames(ctx, part)
	return explained(m.as, v, err)
}

func (m *fenced) ExpandList(ctx context.Context, list mailbox.Member) ([]mailbox.Member, error) {
	v, err := m.inner.ExpandList(ctx, list)
	return explained(m.as, v, err)
}
