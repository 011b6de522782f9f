package connection

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
)

// fenced is a mailbox behind the connection's fence. It refuses to send in the
// name of anyone whom the fence does not admit, and adds to errors what is
// known of the connection.
type fenced struct {
	as    *actor
	fence fence
	inner *ews.Mailbox
}

var _ Mailbox = (*fenced)(nil)

// explained returns a result with its error explained.
func explained[T any](as *actor, v T, err error) (T, error) { return v, as.explain(err) }

// checkSender holds the fence against the sender of a message. Recipients are
// anybody's.
func (m *fenced) checkSender(from *mailbox.Person) error {
	if from == nil || from.Address == "" {
		return nil
	}
	return m.fence.check(from.Address)
}

func (m *fenced) Address() string { return m.inner.Address() }

func (m *fenced) Access() string { return m.inner.Access().String() }

func (m *fenced) Folders(ctx context.Context) ([]mailbox.Folder, error) {
	v, err := m.inner.Folders(ctx)
	return explained(m.as, v, err)
}

func (m *fenced) Messages(ctx context.Context, q mailbox.Query) iter.Seq2[mailbox.Message, error] {
	return func(yield func(mailbox.Message, error) bool) {
		for msg, err := range m.inner.Messages(ctx, q) {
			if !yield(msg, m.as.explain(err)) {
				return
			}
		}
	}
}

func (m *fenced) Message(ctx context.Context, id string) (mailbox.Message, error) {
	v, err := m.inner.Message(ctx, id)
	return explained(m.as, v, err)
}

func (m *fenced) MIME(ctx context.Context, id string, w io.Writer) error {
	return m.as.explain(m.inner.MIME(ctx, id, w))
}

func (m *fenced) Attachment(ctx context.Context, attachmentID string, w io.Writer) (mailbox.Attachment, error) {
	v, err := m.inner.Attachment(ctx, attachmentID, w)
	return explained(m.as, v, err)
}

func (m *fenced) Events(ctx context.Context, folder mailbox.FolderRef, from, to time.Time) ([]mailbox.Event, error) {
	v, err := m.inner.Events(ctx, folder, from, to)
	return explained(m.as, v, err)
}

func (m *fenced) Event(ctx context.Context, id string) (mailbox.Event, error) {
	v, err := m.inner.Event(ctx, id)
	return explained(m.as, v, err)
}

func (m *fenced) Move(ctx context.Context, id string, to mailbox.FolderRef) (string, error) {
	v, err := m.inner.Move(ctx, id, to)
	return explained(m.as, v, err)
}

func (m *fenced) Delete(ctx context.Context, id string, permanent bool) error {
	return m.as.explain(m.inner.Delete(ctx, id, permanent))
}

func (m *fenced) MarkRead(ctx context.Context, id string, read bool) error {
	return m.as.explain(m.inner.MarkRead(ctx, id, read))
}

func (m *fenced) CreateEvent(ctx context.Context, e mailbox.NewEvent) (mailbox.Event, error) {
	v, err := m.inner.CreateEvent(ctx, e)
	return explained(m.as, v, err)
}

func (m *fenced) UpdateEvent(ctx context.Context, id string, u mailbox.EventUpdate) (mailbox.Event, error) {
	v, err := m.inner.UpdateEvent(ctx, id, u)
	return explained(m.as, v, err)
}

func (m *fenced) CancelEvent(ctx context.Context, id, message string) error {
	return m.as.explain(m.inner.CancelEvent(ctx, id, message))
}

func (m *fenced) Send(ctx context.Context, msg mailbox.Outgoing) (mailbox.Sent, error) {
	if err := m.checkSender(msg.From); err != nil {
		return mailbox.Sent{}, err
	}
	v, err := m.inner.Send(ctx, msg)
	return explained(m.as, v, err)
}

func (m *fenced) SaveDraft(ctx context.Context, msg mailbox.Outgoing) (mailbox.Sent, error) {
	if err := m.checkSender(msg.From); err != nil {
		return mailbox.Sent{}, err
	}
	v, err := m.inner.SaveDraft(ctx, msg)
	return explained(m.as, v, err)
}

func (m *fenced) Reply(ctx context.Context, id string, r mailbox.Reply) (mailbox.Sent, error) {
	v, err := m.inner.Reply(ctx, id, r)
	return explained(m.as, v, err)
}

func (m *fenced) Forward(ctx context.Context, id string, r mailbox.Reply) (mailbox.Sent, error) {
	v, err := m.inner.Forward(ctx, id, r)
	return explained(m.as, v, err)
}
