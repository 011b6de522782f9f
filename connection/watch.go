package connection

import (
	"context"
	"iter"

	"github.com/exconn/exconn/mailbox"
)

var _ mailbox.Watcher = (*fenced)(nil)

// Watch tells of changes in the mailbox as they happen.
func (m *fenced) Watch(ctx context.Context, w mailbox.Watch) iter.Seq2[mailbox.Notice, error] {
	return func(yield func(mailbox.Notice, error) bool) {
		for n, err := range m.inner.Watch(ctx, w) {
			n.Err = m.as.explain(n.Err)
			if !yield(n, m.as.explain(err)) {
				return
			}
		}
	}
}
