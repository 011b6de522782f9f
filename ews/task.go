package ews

import (
	"fmt"
	"math"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

// What is asked of a task. FindItem returns no bodies, attachments and
// recurrences.
var (
	taskListFields = []string{
		"item:ParentFolderId", "item:Subject", "item:Sensitivity", "item:Categories", "item:Importance", "item:DateTimeCreated",
		"item:LastModifiedTime", "item:ReminderIsSet", "item:ReminderDueBy",
		"task:ActualWork", "task:BillingInformation", "task:Companies", "task:CompleteDate", "task:Contacts", "task:DueDate",
		"task:IsComplete", "task:Mileage", "task:Owner", "task:PercentComplete", "task:StartDate", "task:Status", "task:TotalWork",
	}
	taskFields = append([]string{"item:Body", "item:Attachments", "task:Recurrence"}, taskListFields...)
)

func taskShape() *wsdl.ItemResponseShape {
	s := itemShape(taskFields...)
	s.BodyType = bestBody()
	return s
}

var taskStatuses = []struct {
	word mailbox.TaskStatus
	wire wsdl.TaskStatusName
}{
	{mailbox.TaskNotStarted, wsdl.TaskStatusNameNotStarted},
	{mailbox.TaskInProgress, wsdl.TaskStatusNameInProgress},
	{mailbox.TaskCompleted, wsdl.TaskStatusNameCompleted},
	{mailbox.TaskWaiting, wsdl.TaskStatusNameWaitingOnOthers},
	{mailbox.TaskDeferred, wsdl.TaskStatusNameDeferred},
}

// taskOf reads a task. A recurrence that an RRULE cannot say is left out, as for
// events.
func taskOf(t *wsdl.TaskType) mailbox.Task {
	out := mailbox.Task{
		Subject:     wsdl.Str(t.Subject),
		Start:       dateOf(t.StartDate),
		Due:         dateOf(t.DueDate),
		Percent:     float64(wsdl.Val(t.PercentComplete)),
		Complete:    bool(wsdl.Val(t.IsComplete)),
		Completed:   moment(t.CompleteDate),
		Sensitivity: sensitivity(t.Sensitivity),
		Categories:  stringsOf(t.Categories),
		Owner:       wsdl.Str(t.Owner),
		Contacts:    stringsOf(t.Contacts),
		Companies:   stringsOf(t.Companies),
		TotalWork:   readNumber(t.TotalWork),
		ActualWork:  readNumber(t.ActualWork),
		Mileage:     wsdl.Str(t.Mileage),
		Billing:     wsdl.Str(t.BillingInformation),
		Created:     moment(t.DateTimeCreated),
		Modified:    moment(t.LastModifiedTime),
		Body:        readBody(t.Body),
		Attachments: attachments(t.Attachments),
	}
	out.Importance = messageOf(t).Importance
	for _, s := range taskStatuses {
		if s.wire == wsdl.Val(t.Status) {
			out.Status = s.word
		}
	}
	if t.IsComplete == nil {
		out.Complete = out.Status == mailbox.TaskCompleted
	}
	if bool(wsdl.Val(t.ReminderIsSet)) {
		out.Reminder = moment(t.ReminderDueBy)
	}
	out.Recurrence, out.Regenerates = formatTaskRecurrence(t)
	if t.ItemId != nil {
		out.ID, out.ChangeKey = wsdl.Str(t.ItemId.Id), wsdl.Str(t.ItemId.ChangeKey)
	}
	if t.ParentFolderId != nil {
		out.FolderID = wsdl.Str(t.ParentFolderId.Id)
	}
	return out
}

func readNumber(n *wsdl.Int32) *int {
	if n == nil {
		return nil
	}
	i := int(*n)
	return &i
}

// writeDay writes the day of a task: its midnight in UTC, which is how tasks are
// kept ([MS-OXOTASK] 2.2.2.2.4). dateOf reads what other programs make of it.
func writeDay(d mailbox.Date) (*wsdl.DateTimeText, error) {
	t, ok := d.In(time.UTC)
	if !ok {
		return nil, fmt.Errorf("%q is no day; write it as 2026-11-20", string(d))
	}
	return wsdl.FormatTime(t), nil
}

// checkTaskDays refuses days that are none, or in the wrong order.
func (m *Mailbox) checkTaskDays(operation string, start, due mailbox.Date) error {
	for _, d := range []struct {
		what string
		day  mailbox.Date
	}{{"start", start}, {"due day", due}} {
		if d.day == "" {
			continue
		}
		if _, err := writeDay(d.day); err != nil {
			return m.invalid(operation, "the %s: %v", d.what, err)
		}
	}
	if start != "" && due != "" && due < start {
		return m.invalid(operation, "the task is due on %s, before it starts, on %s", string(due), string(start))
	}
	return nil
}

// taskProgress checks a status with a percentage; what is not given follows from
// the other. Exchange would let the one that comes last decide, and change the
// other silently.
func (m *Mailbox) taskProgress(operation string, status *mailbox.TaskStatus, percent *float64) (*wsdl.TaskStatusName, *wsdl.Ratio, error) {
	var wire *wsdl.TaskStatusName
	if status != nil && *status != "" {
		for _, s := range taskStatuses {
			if s.word == *status {
				wire = wsdl.Ptr(s.wire)
			}
		}
		if wire == nil {
			return nil, nil, m.invalid(operation, "the status %q is none of not_started, in_progress, completed, waiting and deferred", string(*status))
		}
	}
	if percent == nil {
		return wire, nil, nil
	}
	if math.IsNaN(*percent) || *percent < 0 || *percent > 100 {
		return nil, nil, m.invalid(operation, "%v is no percentage from 0 to 100", *percent)
	}
	done := *percent == 100
	switch {
	case wire == nil:
	case done != (*wire == wsdl.TaskStatusNameCompleted):
		return nil, nil, m.invalid(operation, "a task is %q and at 100 %% or neither; this one is %q at %v %%", string(mailbox.TaskCompleted), string(*status), *percent)
	case *wire == wsdl.TaskStatusNameNotStarted && *percent > 0:
		return nil, nil, m.invalid(operation, "a task that is %v %% done has been started; its status is %q", *percent, string(*status))
	}
	return wire, wsdl.Ptr(wsdl.Ratio(*percent)), nil
}

// checkWork refuses what is no number of minutes.
func (m *Mailbox) checkWork(operation string, minutes ...*int) error {
	for _, n := range minutes {
		if n != nil && (*n < 0 || *n > math.MaxInt32) {
			return m.invalid(operation, "the work, %d, is not a number of minutes", *n)
		}
	}
	return nil
}

func writeNumber(n *int) *wsdl.Int32 {
	if n == nil {
		return nil
	}
	return number(*n)
}
