package ews

import (
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Task returns one task with notes, attachments and recurrence.
func (m *Mailbox) Task(ctx context.Context, id string) (mailbox.Task, error) {
	t, err := m.getTask(ctx, id, taskShape())
	if err != nil {
		return mailbox.Task{}, err
	}
	return taskOf(t), nil
}

func (m *Mailbox) getTask(ctx context.Context, id string, shape *wsdl.ItemResponseShape) (*wsdl.TaskType, error) {
	item, err := m.getItem(ctx, id, shape)
	if err != nil {
		return nil, err
	}
	t, ok := item.(*wsdl.TaskType)
	if !ok {
		return nil, m.invalid("GetItem", "the item is no task")
	}
	return t, nil
}
