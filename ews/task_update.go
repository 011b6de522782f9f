package ews

import (
	"cmp"
	"context"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// UpdateTask changes the fields that are given and returns the task as the server
// has it then. Where the task has changed since ChangeKey, or since it was read
// here, the error Is mailbox.ErrConflict. An OperationID is stamped on the task.
//
// To complete a task that recurs, or to put it on another day, makes two of it
// ("UpdateItem operation (task)" in the EWS reference): what is returned is the
// one that was changed, which has an id of its own and recurs no more, while id
// goes on to stand for the next of the series. The last of a series keeps its id.
//
// An error that Is mailbox.ErrOutcomeUnknown leaves open whether the change was
// made; the same ChangeKey makes a repetition safe, as it is refused if it was.
func (m *Mailbox) UpdateTask(ctx context.Context, id string, u mailbox.TaskUpdate) (mailbox.Task, error) {
	key := u.ChangeKey
	var current mailbox.Task
	if u.Start != nil || u.Due != nil || u.Recurrence != nil {
		// What stays has to agree with what changes.
		t, err := m.getTask(ctx, id, itemShape("task:StartDate", "task:DueDate"))
		if err != nil {
			return mailbox.Task{}, err
		}
		current = taskOf(t)
		key = cmp.Or(key, current.ChangeKey)
	}
	c, err := m.taskChanges(u, current)
	if err != nil {
		return mailbox.Task{}, err
	}
	if len(c.list) > 0 && u.OperationID != "" {
		c.add(Field{extended: stampURI()}, &wsdl.TaskType{ExtendedProperty: []*wsdl.ExtendedPropertyType{m.stamp(u.OperationID)}})
	}
	newID, newKey, err := m.updatePersonal(ctx, id, key, c.list)
	if err != nil {
		return mailbox.Task{}, err
	}
	if now, err := m.Task(ctx, newID); err == nil {
		return now, nil
	}
	return mailbox.Task{ID: newID, ChangeKey: newKey}, nil
}

func (m *Mailbox) taskChanges(u mailbox.TaskUpdate, current mailbox.Task) (*changes, error) {
	const operation = "UpdateItem"
	c := &changes{wrap: func(set *wsdl.SetItemFieldType, value any) { set.Task = value.(*wsdl.TaskType) }}
	if u.RemoveReminder && u.Reminder != nil {
		return nil, m.invalid(operation, "a reminder is set and removed at once")
	}
	if u.Regenerates && val(u.Recurrence) == "" {
		return nil, m.invalid(operation, "a task that regenerates has a recurrence, such as FREQ=WEEKLY")
	}
	if u.Status != nil && *u.Status == "" {
		return nil, m.invalid(operation, "the status is empty")
	}
	status, ratio, err := m.taskProgress(operation, u.Status, u.Percent)
	if err := cmp.Or(err, m.checkWork(operation, u.TotalWork, u.ActualWork)); err != nil {
		return nil, err
	}
	if u.Subject != nil {
		c.add(URI("item:Subject"), &wsdl.TaskType{Subject: text(*u.Subject)})
	}
	if err := m.changeTaskWords(c, u); err != nil {
		return nil, err
	}
	if err := m.changeTaskDays(c, u, current); err != nil {
		return nil, err
	}
	if u.Reminder != nil {
		c.add(URI("item:ReminderDueBy"), &wsdl.TaskType{ReminderDueBy: wsdl.FormatTime(*u.Reminder)})
		c.add(URI("item:ReminderIsSet"), &wsdl.TaskType{ReminderIsSet: flag(true)})
	}
	if u.RemoveReminder {
		c.add(URI("item:ReminderIsSet"), &wsdl.TaskType{ReminderIsSet: flag(false)})
	}
	// The status comes last: the last of the two decides.
	if ratio != nil {
		c.add(URI("task:PercentComplete"), &wsdl.TaskType{PercentComplete: ratio})
	}
	if status != nil {
		c.add(URI("task:Status"), &wsdl.TaskType{Status: status})
	}
	return c, nil
}

// changeTaskWords changes texts, lists and numbers.
func (m *Mailbox) changeTaskWords(c *changes, u mailbox.TaskUpdate) error {
	const operation = "UpdateItem"
	if u.Sensitivity != nil {
		s, err := m.updatedSensitivity(*u.Sensitivity)
		if err != nil {
			return err
		}
		c.add(URI("item:Sensitivity"), &wsdl.TaskType{Sensitivity: s})
	}
	if u.Importance != nil {
		i := writeImportance(cmp.Or(*u.Importance, mailbox.Normal))
		if i == nil {
			return m.invalid(operation, "the importance %q is not one", string(*u.Importance))
		}
		c.add(URI("item:Importance"), &wsdl.TaskType{Importance: i})
	}
	if u.Categories != nil {
		changeStrings(c, "item:Categories", *u.Categories, &wsdl.TaskType{Categories: writeStrings(*u.Categories)})
	}
	if u.Contacts != nil {
		changeStrings(c, "task:Contacts", *u.Contacts, &wsdl.TaskType{Contacts: writeStrings(*u.Contacts)})
	}
	if u.Companies != nil {
		changeStrings(c, "task:Companies", *u.Companies, &wsdl.TaskType{Companies: writeStrings(*u.Companies)})
	}
	if u.TotalWork != nil {
		c.add(URI("task:TotalWork"), &wsdl.TaskType{TotalWork: writeNumber(u.TotalWork)})
	}
	if u.ActualWork != nil {
		c.add(URI("task:ActualWork"), &wsdl.TaskType{ActualWork: writeNumber(u.ActualWork)})
	}
	if u.Mileage != nil {
		c.setText(URI("task:Mileage"), *u.Mileage, &wsdl.TaskType{Mileage: text(*u.Mileage)})
	}
	if u.Billing != nil {
		c.setText(URI("task:BillingInformation"), *u.Billing, &wsdl.TaskType{BillingInformation: text(*u.Billing)})
	}
	if body := updatedBody(u.Text, u.HTML); body != nil {
		c.add(URI("item:Body"), &wsdl.TaskType{Body: body})
	}
	return nil
}

// changeTaskDays changes the days and the recurrence, together with what stays.
func (m *Mailbox) changeTaskDays(c *changes, u mailbox.TaskUpdate, current mailbox.Task) error {
	const operation = "UpdateItem"
	start, due := current.Start, current.Due
	if u.Start != nil {
		start = *u.Start
	}
	if u.Due != nil {
		due = *u.Due
	}
	if u.Start != nil || u.Due != nil {
		if err := m.checkTaskDays(operation, start, due); err != nil {
			return err
		}
	}
	if u.Start != nil {
		day, err := writeDay(*u.Start)
		if *u.Start != "" && err != nil {
			return m.invalid(operation, "the start: %v", err)
		}
		c.setText(URI("task:StartDate"), string(*u.Start), &wsdl.TaskType{StartDate: day})
	}
	if u.Due != nil {
		day, err := writeDay(*u.Due)
		if *u.Due != "" && err != nil {
			return m.invalid(operation, "the due day: %v", err)
		}
		c.setText(URI("task:DueDate"), string(*u.Due), &wsdl.TaskType{DueDate: day})
	}
	if u.Recurrence == nil {
		return nil
	}
	if *u.Recurrence == "" {
		c.remove(URI("task:Recurrence"))
		return nil
	}
	r, err := m.taskRecurrence(operation, *u.Recurrence, u.Regenerates, cmp.Or(start, due))
	if err != nil {
		return err
	}
	c.add(URI("task:Recurrence"), &wsdl.TaskType{Recurrence: r})
	return nil
}
