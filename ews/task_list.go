package ews

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// Tasks pages through the tasks of a folder, by the day that they are due, those
// without one first. Iteration ends at the first error. Notes, attachments and
// recurrences come with TaskQuery.Body, and cost a further call for every ten
// tasks.
func (m *Mailbox) Tasks(ctx context.Context, q mailbox.TaskQuery) iter.Seq2[mailbox.Task, error] {
	return func(yield func(mailbox.Task, error) bool) {
		if err := m.tasks(ctx, q, yield); err != nil && !errors.Is(err, errStopped) {
			yield(mailbox.Task{}, err)
		}
	}
}

func (m *Mailbox) tasks(ctx context.Context, q mailbox.TaskQuery, yield func(mailbox.Task, error) bool) error {
	conditions := []Restriction{personalClass("IPM.Task")}
	if q.Open {
		conditions = append(conditions, Equal(URI("task:IsComplete"), false))
	}
	// A task's day is the midnight of some zone: half a day either side of that
	// in UTC is the same day.
	for _, bound := range []struct {
		day   mailbox.Date
		shift time.Duration
		make  func(Field, any) Restriction
	}{{q.DueFrom, -12 * time.Hour, GreaterOrEqual}, {q.DueTo, 12 * time.Hour, Less}} {
		if bound.day == "" {
			continue
		}
		t, ok := bound.day.In(time.UTC)
		if !ok {
			return m.invalid("FindItem", "%q is no day; write it as 2026-11-20", string(bound.day))
		}
		conditions = append(conditions, bound.make(URI("task:DueDate"), t.Add(bound.shift)))
	}
	conditions = append(conditions, personalConditions(q.Category, q.ModifiedSince)...)
	req, err := m.personalSearch(ctx, q.Folder, mailbox.Tasks, "task:DueDate", q.Limit, conditions)
	if err != nil {
		return err
	}
	req.ItemShape = itemShape(taskListFields...)
	read := func(item any) (mailbox.Task, string) {
		t, ok := item.(*wsdl.TaskType)
		if !ok {
			return mailbox.Task{}, ""
		}
		out := taskOf(t)
		return out, out.ID
	}
	return listPersonal(ctx, m, req, q.Limit, wholeShape(q.Body, taskShape), read, yield)
}
