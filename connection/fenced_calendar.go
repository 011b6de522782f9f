package connection

import (
	"context"

	"github.com/exconn/exconn/mailbox"
)

// Answering, and asking when people are free, concern others than the fence
// admits: attendees are anybody's, as recipients are.

func (m *fenced) Respond(ctx context.Context, id string, r mailbox.MeetingReply) (mailbox.Event, error) {
	v, err := m.inner.Respond(ctx, id, r)
	return explained(m.as, v, err)
}

func (m *fenced) Occurrence(ctx context.Context, masterID string, n int) (mailbox.Event, error) {
	v, err := m.inner.Occurrence(ctx, masterID, n)
	return explained(m.as, v, err)
}

func (m *fenced) Master(ctx context.Context, occurrenceID string) (mailbox.Event, error) {
	v, err := m.inner.Master(ctx, occurrenceID)
	return explained(m.as, v, err)
}

func (m *fenced) FreeBusy(ctx context.Context, q mailbox.AvailabilityQuery) (mailbox.Availability, error) {
	v, err := m.inner.FreeBusy(ctx, q)
	for i := range v.Attendees {
		v.Attendees[i].Err = m.as.explain(v.Attendees[i].Err)
	}
	return explained(m.as, v, err)
}

func (m *fenced) RoomLists(ctx context.Context) ([]mailbox.Person, error) {
	v, err := m.inner.RoomLists(ctx)
	return explained(m.as, v, err)
}

func (m *fenced) Rooms(ctx context.Context, list string) ([]mailbox.Person, error) {
	v, err := m.inner.Rooms(ctx, list)
	return explained(m.as, v, err)
}

func (m *fenced) OutOfOffice(ctx context.Context) (mailbox.OutOfOffice, error) {
	v, err := m.inner.OutOfOffice(ctx)
	return explained(m.as, v, err)
}

func (m *fenced) SetOutOfOffice(ctx context.Context, o mailbox.OutOfOffice) error {
	return m.as.explain(m.inner.SetOutOfOffice(ctx, o))
}
