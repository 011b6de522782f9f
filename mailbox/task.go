package mailbox

import (
	"context"
	"iter"
	"time"
)

// TaskStatus is how far a task is.
type TaskStatus string

// The values of TaskStatus.
const (
	TaskNotStarted TaskStatus = "not_started"
	TaskInProgress TaskStatus = "in_progress"
	TaskCompleted  TaskStatus = "completed"
	TaskWaiting    TaskStatus = "waiting"
	TaskDeferred   TaskStatus = "deferred"
)

// Task is something to do. Fields that the server did not give are zero.
type Task struct {
	ID        string `json:"id"`
	ChangeKey string `json:"change_key,omitempty"`
	FolderID  string `json:"folder_id,omitempty"`
	Subject   string `json:"subject"`
	// Start and Due are days: a task has no time of day.
	Start  Date       `json:"start,omitempty"`
	Due    Date       `json:"due,omitempty"`
	Status TaskStatus `json:"status,omitempty"`
	// Percent is how much of the work is done, 0 to 100.
	Percent  float64 `json:"percent"`
	Complete bool    `json:"complete"`
	// Completed is when it was completed; nil for one that is not.
	Completed *time.Time `json:"completed,omitempty"`
	// Recurrence is an RFC 5545 RRULE value without the "RRULE:" prefix. The
	// task stands for the next of its series.
	Recurrence string `json:"recurrence,omitempty"`
	// Regenerates says that the next task falls due so long after the one
	// before was completed, rather than on the dates of the rule, which has
	// FREQ, INTERVAL and an end alone.
	Regenerates bool       `json:"regenerates,omitempty"`
	Importance  Importance `json:"importance,omitempty"`
	// Sensitivity is empty for normal.
	Sensitivity Sensitivity `json:"sensitivity,omitempty"`
	Categories  []string    `json:"categories,omitempty"`
	// Owner is whose task it is, by name; Contacts and Companies are whom it
	// is about.
	Owner     string   `json:"owner,omitempty"`
	Contacts  []string `json:"contacts,omitempty"`
	Companies []string `json:"companies,omitempty"`
	// TotalWork and ActualWork are in minutes.
	TotalWork  *int   `json:"total_work,omitempty"`
	ActualWork *int   `json:"actual_work,omitempty"`
	Mileage    string `json:"mileage,omitempty"`
	Billing    string `json:"billing,omitempty"`
	// Reminder is when the owner is reminded; nil for not at all.
	Reminder    *time.Time   `json:"reminder,omitempty"`
	Created     *time.Time   `json:"created,omitempty"`
	Modified    *time.Time   `json:"modified,omitempty"`
	Body        *Body        `json:"body,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
}

// TaskQuery selects tasks of one folder, by the day that they are due. What is
// zero does not count; a task must fulfil all the rest.
type TaskQuery struct {
	// Folder is where to look; empty means the tasks.
	Folder FolderRef
	// Open leaves out what is complete.
	Open bool
	// DueFrom and DueTo bound the day that a task is due, both inclusive. A
	// task without one is left out.
	DueFrom, DueTo Date
	// Category is one of the task's categories.
	Category string
	// ModifiedSince bounds the time of the last change, inclusive.
	ModifiedSince time.Time
	// Body asks for the notes and the attachments too.
	Body bool
	// Limit is the most tasks to return; zero means all.
	Limit int
}

// NewTask is a task to create.
type NewTask struct {
	// Folder is where to; empty means the tasks.
	Folder     FolderRef
	Subject    string
	Start, Due Date
	// Status and Percent go together: TaskCompleted is 100 and the other way
	// round. An empty Status follows from Percent.
	Status  TaskStatus
	Percent float64
	// Recurrence is an RRULE value; Regenerates is as in Task. A task that
	// recurs has a Start or a Due.
	Recurrence            string
	Regenerates           bool
	Importance            Importance
	Sensitivity           Sensitivity
	Categories            []string
	Contacts, Companies   []string
	TotalWork, ActualWork *int
	Mileage, Billing      string
	// Reminder is when to remind; nil means not at all.
	Reminder *time.Time
	// Text and HTML are the notes; HTML goes before text.
	Text, HTML string
	// OperationID identifies this write; see Outgoing.
	OperationID string
}

// TaskUpdate changes the fields that are not nil; "" takes a field away.
type TaskUpdate struct {
	Subject    *string
	Start, Due *Date
	Status     *TaskStatus
	Percent    *float64
	Recurrence *string
	// Regenerates goes with Recurrence.
	Regenerates           bool
	Importance            *Importance
	Sensitivity           *Sensitivity
	Categories            *[]string
	Contacts, Companies   *[]string
	TotalWork, ActualWork *int
	Mileage, Billing      *string
	Reminder              *time.Time
	// RemoveReminder takes the reminder away; it excludes Reminder.
	RemoveReminder bool
	Text, HTML     *string
	// ChangeKey makes the update fail with ErrConflict when the task has
	// changed since; empty means the current one is read first.
	ChangeKey   string
	OperationID string
}

// TaskList keeps tasks. They are moved by Writer.
type TaskList interface {
	// Tasks pages through the query. Iteration ends at the first error.
	Tasks(ctx context.Context, q TaskQuery) iter.Seq2[Task, error]
	// Task returns one task with notes and attachments.
	Task(ctx context.Context, id string) (Task, error)
	CreateTask(ctx context.Context, n NewTask) (Task, error)
	// UpdateTask returns the task as it is then. To complete a task that
	// recurs makes two of it: what is returned is the one that was completed,
	// with an id of its own, while id goes on to stand for the next.
	UpdateTask(ctx context.Context, id string, u TaskUpdate) (Task, error)
	// DeleteTask deletes a task as Writer.Delete does. Of one that recurs it
	// deletes the whole series or, with next, the current one alone: id then
	// stands for the next.
	DeleteTask(ctx context.Context, id string, next, permanent bool) error
}
