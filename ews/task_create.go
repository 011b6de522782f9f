package ews

import (
	"cmp"
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// CreateTask creates a task and returns it as the server has it. An error that Is
// mailbox.ErrOutcomeUnknown leaves open whether it was created; it bears the stamp
// of the operation.
func (m *Mailbox) CreateTask(ctx context.Context, n mailbox.NewTask) (mailbox.Task, error) {
	item, err := m.newTask(n)
	if err != nil {
		return mailbox.Task{}, err
	}
	id, key, err := m.createPersonal(ctx, n.Folder, mailbox.Tasks, item)
	if err != nil {
		return mailbox.Task{}, err
	}
	if t, err := m.Task(ctx, id); err == nil {
		return t, nil
	}
	known := taskOf(item)
	known.ID, known.ChangeKey = id, key
	return known, nil
}

// newTask checks a task and writes it.
func (m *Mailbox) newTask(n mailbox.NewTask) (*wsdl.TaskType, error) {
	const operation = "CreateItem"
	percent := &n.Percent
	if n.Percent == 0 && n.Status != "" {
		percent = nil // follows from the status
	}
	status, ratio, err := m.taskProgress(operation, &n.Status, percent)
	if err := cmp.Or(err, m.checkTaskDays(operation, n.Start, n.Due), m.checkWork(operation, n.TotalWork, n.ActualWork)); err != nil {
		return nil, err
	}
	item := &wsdl.TaskType{
		Subject:            wsdl.NewText(n.Subject),
		Sensitivity:        writeSensitivity(n.Sensitivity),
		Body:               writeBody(n.Text, n.HTML),
		Categories:         writeStrings(n.Categories),
		Importance:         writeImportance(n.Importance),
		ReminderIsSet:      flag(n.Reminder != nil),
		ExtendedProperty:   []*wsdl.ExtendedPropertyType{m.stamp(cmp.Or(n.OperationID, newOperationID()))},
		ActualWork:         writeNumber(n.ActualWork),
		BillingInformation: wsdl.NewText(n.Billing),
		Companies:          writeStrings(n.Companies),
		Contacts:           writeStrings(n.Contacts),
		Mileage:            wsdl.NewText(n.Mileage),
		PercentComplete:    ratio,
		Status:             status,
		TotalWork:          writeNumber(n.TotalWork),
	}
	switch {
	case n.Sensitivity != "" && item.Sensitivity == nil:
		return nil, m.invalid(operation, "the sensitivity %q is not one", string(n.Sensitivity))
	case n.Importance != "" && item.Importance == nil:
		return nil, m.invalid(operation, "the importance %q is not one", string(n.Importance))
	case n.Regenerates && n.Recurrence == "":
		return nil, m.invalid(operation, "a task that regenerates has a recurrence, such as FREQ=WEEKLY")
	}
	if n.Reminder != nil {
		item.ReminderDueBy = wsdl.FormatTime(*n.Reminder)
	}
	if n.Start != "" {
		item.StartDate, err = writeDay(n.Start)
	}
	if n.Due != "" {
		item.DueDate, err = writeDay(n.Due)
	}
	if n.Recurrence != "" && err == nil {
		item.Recurrence, err = m.taskRecurrence(operation, n.Recurrence, n.Regenerates, cmp.Or(n.Start, n.Due))
	}
	return item, err
}
