package ewsserver

import (
	"context"

	"github.com/exconn/exconn/wsdl"
)

// TaskDeleter is a Session that can delete one task of a series.
type TaskDeleter interface {
	// DeleteOccurrence deletes the task that a recurring one stands for at
	// present: the item goes on to stand for the next, or is deleted where
	// that was the last. Errors: ErrorItemNotFound.
	DeleteOccurrence(ctx context.Context, ref ItemRef, how wsdl.Disposal) error
}

// deleteTask deletes a task: of a recurring one the whole, or what it stands
// for at present ([MS-OXWSTASK] 3.1.4.3).
func (c *call) deleteTask(ctx context.Context, req *wsdl.DeleteItem, ref ItemRef, task *wsdl.TaskType) error {
	switch wsdl.Val(req.AffectedTaskOccurrences) {
	case wsdl.TaskOccurrencesAllOccurrences:
	case wsdl.TaskOccurrencesSpecifiedOccurrenceOnly:
		if task.Recurrence == nil {
			break
		}
		able, err := ability[TaskDeleter](c)
		if err != nil {
			return err
		}
		return able.DeleteOccurrence(ctx, ref, *req.DeleteType)
	default:
		return &Error{Code: ErrorAffectedTaskOccurrencesRequired}
	}
	return c.session.Delete(ctx, ref, *req.DeleteType, "")
}
