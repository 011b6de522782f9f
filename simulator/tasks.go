package simulator

import (
	"context"
	"slices"
	"time"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/mailbox/timezone"
	"github.com/exconn/exconn/wsdl"
)

var _ ewsserver.TaskDeleter = (*session)(nil)

func (s *session) createTask(n ewsserver.NewItem, v *wsdl.TaskType) (any, error) {
	f, err := s.saveFolder(n.Folder, "tasks")
	if err != nil {
		return nil, err
	}
	if f.class != "IPF.Task" {
		return nil, fail(ewsserver.ErrorCannotCreateTaskInNonTaskFolder)
	}
	unset(v, "IsComplete", "IsRecurring", "ChangeCount", "Owner", "DelegationState", "Delegator", "IsTeamTask", "StatusDescription",
		"AssignedTime", "IsAssignmentEditable")
	given := []string{}
	for _, name := range []string{"CompleteDate", "PercentComplete", "Status"} { // the order of the wire
		if !fieldIsNil(v, name) {
			given = append(given, "task:"+name)
		}
	}
	s.st.progress(v, given)
	if err := checkTaskRecurrence(v); err != nil {
		return nil, err
	}
	s.st.completeTask(v, f.mbox)
	it := s.newItem(f, v)
	s.st.takeFiles(it)
	return s.present(f, s.st.add(f, it).value), nil
}

// updateTask applies an update. A series that is completed, or whose present
// task is put on another day, leaves that task behind as one of its own, which
// is what the answer names, and goes on to the next ("UpdateItem operation
// (task)" in the EWS reference).
func (s *session) updateTask(it *item, u ewsserver.ItemUpdate, v *wsdl.TaskType) (any, error) {
	before := it.value.(*wsdl.TaskType)
	s.st.progress(v, u.Fields)
	if err := checkTaskRecurrence(v); err != nil {
		return nil, err
	}
	done := isComplete(v) && !isComplete(before)
	moved := !regenerates(v.Recurrence) && !slices.Contains(u.Fields, "task:Recurrence") &&
		(slices.Contains(u.Fields, "task:StartDate") || slices.Contains(u.Fields, "task:DueDate"))
	if v.Recurrence != nil && before.Recurrence != nil && (done || moved) {
		if next, ok := s.st.nextTask(before); ok {
			alone := shallow(v).(*wsdl.TaskType)
			alone.Recurrence = nil
			s.st.completeTask(alone, it.folder.mbox)
			copied := s.st.add(it.folder, &item{value: alone, files: it.files[:len(it.files):len(it.files)]})
			next.Subject, next.Body = v.Subject, v.Body
			s.st.completeTask(next, it.folder.mbox)
			s.st.change(it, next, wsdl.Updated)
			return s.present(it.folder, copied.value), nil
		}
	}
	s.st.completeTask(v, it.folder.mbox)
	s.st.change(it, v, wsdl.Updated)
	return s.present(it.folder, it.value), nil
}

// DeleteOccurrence implements ewsserver.TaskDeleter.
func (s *session) DeleteOccurrence(_ context.Context, ref ewsserver.ItemRef, how wsdl.Disposal) error {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	t, err := s.findToChange(ref)
	if err != nil {
		return err
	}
	if v, ok := t.item.value.(*wsdl.TaskType); ok && v.Recurrence != nil {
		if next, ok := s.st.nextTask(v); ok {
			s.st.completeTask(next, t.folder.mbox)
			s.st.change(t.item, next, wsdl.Updated)
			return nil
		}
	}
	s.dispose(t, how)
	return nil
}

func isComplete(v *wsdl.TaskType) bool { return wsdl.Val(v.Status) == wsdl.TaskStatusNameCompleted }

func fieldIsNil(v *wsdl.TaskType, name string) bool {
	switch name {
	case "CompleteDate":
		return v.CompleteDate == nil
	case "PercentComplete":
		return v.PercentComplete == nil
	}
	return v.Status == nil
}

// progress makes Status, PercentComplete and CompleteDate agree: each of them
// decides over those before it ([MS-OXWSTASK] 2.2.4.3, CompleteDate).
func (st *state) progress(v *wsdl.TaskType, fields []string) {
	if v.Status == nil && !slices.Contains(fields, "task:Status") {
		v.Status = wsdl.Ptr(wsdl.TaskStatusNameNotStarted)
	}
	percent := wsdl.Val(v.PercentComplete)
	status := wsdl.Val(v.Status)
	was := status
	for _, name := range fields {
		switch name {
		case "task:CompleteDate":
			if v.CompleteDate != nil {
				status, percent = wsdl.TaskStatusNameCompleted, 100
			} else {
				status, percent = wsdl.TaskStatusNameNotStarted, 0
			}
		case "task:PercentComplete":
			switch percent = wsdl.Val(v.PercentComplete); {
			case percent >= 100:
				status = wsdl.TaskStatusNameCompleted
			case percent <= 0:
				status = wsdl.TaskStatusNameNotStarted
			case status == wsdl.TaskStatusNameCompleted, status == wsdl.TaskStatusNameNotStarted, status == "":
				status = wsdl.TaskStatusNameInProgress
			}
		case "task:Status":
			if status = was; v.Status == nil {
				status = wsdl.TaskStatusNameNotStarted
			}
			switch {
			case status == wsdl.TaskStatusNameCompleted:
				percent = 100
			case status == wsdl.TaskStatusNameNotStarted, percent >= 100:
				percent = 0
			}
		}
	}
	v.Status, v.PercentComplete = wsdl.Ptr(status), wsdl.Ptr(percent)
	switch {
	case status != wsdl.TaskStatusNameCompleted:
		v.CompleteDate = nil
	case v.CompleteDate == nil:
		setTime(v, "CompleteDate", st.now())
	}
}

// completeTask sets what the server alone decides.
func (st *state) completeTask(v *wsdl.TaskType, mb *mbox) {
	setDefault(v, "ItemClass", wsdl.Text("IPM.Task"))
	set(v, "IsComplete", wsdl.Bool(isComplete(v)))
	set(v, "IsRecurring", wsdl.Bool(v.Recurrence != nil))
	if loc, err := timezone.Location(mb.zone); err == nil && v.Recurrence != nil {
		v.Recurrence = datedTaskRecurrence(v.Recurrence, loc)
	}
	set(v, "IsTeamTask", wsdl.Bool(false))
	set(v, "ChangeCount", wsdl.Val(v.ChangeCount)+1)
	set(v, "DelegationState", wsdl.TaskDelegateStateNameNoMatch)
	setDefault(v, "Owner", wsdl.Text(mb.name))
	words := map[wsdl.TaskStatusName]string{
		wsdl.TaskStatusNameNotStarted: "Not Started", wsdl.TaskStatusNameInProgress: "In Progress", wsdl.TaskStatusNameCompleted: "Completed",
		wsdl.TaskStatusNameWaitingOnOthers: "Waiting on someone else", wsdl.TaskStatusNameDeferred: "Deferred",
	}
	v.StatusDescription = wsdl.NewText(words[wsdl.Val(v.Status)])
	if v.ReminderDueBy == nil {
		set(v, "ReminderIsSet", wsdl.Bool(false))
	}
}

// regeneration is what a regenerating pattern adds to the day of completion;
// ok is false for a pattern of dates.
func regeneration(r *wsdl.TaskRecurrenceType) (p *wsdl.RegeneratingPattern, add func(time.Time, int) time.Time, ok bool) {
	days := func(n int) func(time.Time, int) time.Time {
		return func(t time.Time, times int) time.Time { return t.AddDate(0, 0, n*times) }
	}
	months := func(n int) func(time.Time, int) time.Time {
		return func(t time.Time, times int) time.Time {
			first := time.Date(t.Year(), t.Month()+time.Month(n*times), 1, 0, 0, 0, 0, time.UTC)
			return dayOfMonth(t.Day())(first.Year(), first.Month())
		}
	}
	switch {
	case r == nil:
	case r.DailyRegeneration != nil:
		return r.DailyRegeneration, days(1), true
	case r.WeeklyRegeneration != nil:
		return r.WeeklyRegeneration, days(7), true
	case r.MonthlyRegeneration != nil:
		return r.MonthlyRegeneration, months(1), true
	case r.YearlyRegeneration != nil:
		return r.YearlyRegeneration, months(12), true
	}
	return nil, nil, false
}

func regenerates(r *wsdl.TaskRecurrenceType) bool {
	_, _, ok := regeneration(r)
	return ok
}

// datesOf reads a pattern of dates as calendars have it.
func datesOf(r *wsdl.TaskRecurrenceType) (rule, error) {
	out := new(wsdl.RecurrenceType)
	copyFields(out, r)
	return parseRule(out)
}

// checkTaskRecurrence refuses a recurrence that means nothing.
func checkTaskRecurrence(v *wsdl.TaskType) error {
	if v.Recurrence == nil {
		return nil
	}
	r := v.Recurrence
	p, _, ok := regeneration(r)
	if ok {
		// The range is checked as that of some days is.
		r = &wsdl.TaskRecurrenceType{DailyRecurrence: &wsdl.DailyPattern{Interval: p.Interval},
			NoEndRecurrence: r.NoEndRecurrence, EndDateRecurrence: r.EndDateRecurrence, NumberedRecurrence: r.NumberedRecurrence}
	}
	dates, err := datesOf(r)
	if err != nil {
		return ewsserver.Errorf(ewsserver.ErrorCalendarInvalidRecurrence, "%v.", err)
	}
	if v.StartDate == nil && v.DueDate == nil {
		for _, day := range dates.days() {
			setTime(v, "DueDate", day)
			break
		}
	}
	return nil
}

// nextTask is what a recurring task becomes when the present one is done or
// left out; false where that was the last.
func (st *state) nextTask(v *wsdl.TaskType) (*wsdl.TaskType, bool) {
	present, ok := timeOf(v, "StartDate")
	if !ok {
		if present, ok = timeOf(v, "DueDate"); !ok {
			return nil, false
		}
	}
	next := shallow(v).(*wsdl.TaskType)
	today := taskDay(present)
	day, ok := st.nextDay(next, today)
	if !ok {
		return nil, false
	}
	ahead := day.Sub(today)
	for _, name := range []string{"StartDate", "DueDate", "ReminderDueBy"} {
		if t, ok := timeOf(v, name); ok {
			setTime(next, name, t.Add(ahead))
		}
	}
	next.Status, next.PercentComplete = wsdl.Ptr(wsdl.TaskStatusNameNotStarted), wsdl.Ptr(wsdl.Ratio(0))
	next.CompleteDate, next.ActualWork = nil, nil
	return next, true
}

// nextDay finds the day of the next task; a regenerating one has one fewer to
// come then.
func (st *state) nextDay(next *wsdl.TaskType, today time.Time) (time.Time, bool) {
	r := next.Recurrence
	p, add, ok := regeneration(r)
	if !ok {
		dates, err := datesOf(r)
		if err != nil {
			return time.Time{}, false
		}
		for _, day := range dates.days() {
			if day.After(today) {
				return day, true
			}
		}
		return time.Time{}, false
	}
	day := add(dayOf(st.now().UTC()), int(wsdl.Val(p.Interval)))
	switch {
	case r.NumberedRecurrence != nil:
		left := wsdl.Val(r.NumberedRecurrence.NumberOfOccurrences) - 1
		if left < 1 {
			return day, false
		}
		fewer := *r
		fewer.NumberedRecurrence = &wsdl.NumberedRange{StartDate: wsdl.FormatDate(day), NumberOfOccurrences: wsdl.Ptr(left)}
		next.Recurrence = &fewer
	case r.EndDateRecurrence != nil:
		if end, ok := wsdl.ParseDate(r.EndDateRecurrence.EndDate, nil); ok && day.After(end) {
			return day, false
		}
	}
	return day, true
}

// taskDay is the day that a task's time stands for, which is a midnight in the
// owner's time zone.
func taskDay(t time.Time) time.Time { return dayOf(t.UTC().Add(12 * time.Hour)) }
