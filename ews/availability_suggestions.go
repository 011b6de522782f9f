package ews

import (
	"cmp"
	"slices"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

var qualities = map[mailbox.Quality]wsdl.SuggestionQualityName{
	mailbox.Excellent: wsdl.SuggestionQualityNameExcellent,
	mailbox.Good:      wsdl.SuggestionQualityNameGood,
	mailbox.Fair:      wsdl.SuggestionQualityNameFair,
	mailbox.Poor:      wsdl.SuggestionQualityNamePoor,
}

// The usual values of a SuggestionQuery.
const (
	usualPerDay    = 10
	mostPerDay     = 48
	usualGoodBelow = 25
)

// suggestions checks and writes what is to be suggested.
func (a *availability) suggestions(s mailbox.SuggestionQuery) (*wsdl.SuggestionsViewOptions, time.Duration, error) {
	const operation = availabilityOperation
	m := a.m
	length := cmp.Or(s.Duration, usualMeeting)
	worst, ok := qualities[cmp.Or(s.Worst, mailbox.Fair)]
	good := cmp.Or(s.GoodBelow, usualGoodBelow)
	from, to := s.From, s.To
	if from.IsZero() {
		from = a.q.From
	}
	if to.IsZero() {
		to = a.q.To
	}
	a.q.Suggest = &mailbox.SuggestionQuery{From: from, To: to}
	switch {
	case !ok:
		return nil, 0, m.invalid(operation, "the worst suggestion is %q; it is %q, %q, %q or %q", string(s.Worst),
			string(mailbox.Excellent), string(mailbox.Good), string(mailbox.Fair), string(mailbox.Poor))
	case length%time.Minute != 0 || length < 30*time.Minute || length > 24*time.Hour:
		return nil, 0, m.invalid(operation, "a meeting of %s is not of whole minutes, from 30 minutes to 24 hours", length)
	case s.PerDay < 0 || s.PerDay > mostPerDay || s.OffHoursPerDay < 0 || s.OffHoursPerDay > mostPerDay:
		return nil, 0, m.invalid(operation, "there are 0 to %d suggestions a day", mostPerDay)
	case good < 1 || good > 49:
		return nil, 0, m.invalid(operation, "a time is good where 1 to 49 percent of the attendees have a conflict, not %d", good)
	case !from.Before(to) || from.Before(a.q.From) || to.After(a.q.To):
		return nil, 0, m.invalid(operation, "times are suggested from %s to %s, which does not lie in the time asked for",
			from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	// Exchange looks at whole days; what lies outside is left out of the
	// answer.
	first, last := from.In(a.wire), to.Add(-time.Second).In(a.wire)
	first = time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, a.wire)
	last = time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, a.wire)
	a.perDay, a.offHours = cmp.Or(s.PerDay, usualPerDay), s.OffHoursPerDay
	perDay, offHours := a.perDay, a.offHours
	if !first.Equal(from) || !last.Equal(to) {
		// What is left out must not take the place of what is wanted.
		perDay = mostPerDay
		if offHours > 0 {
			offHours = mostPerDay
		}
	}
	return &wsdl.SuggestionsViewOptions{
		GoodThreshold:                  number(good),
		MaximumResultsByDay:            number(perDay),
		MaximumNonWorkHourResultsByDay: number(offHours),
		MeetingDurationInMinutes:       number(minutes(length)),
		MinimumSuggestionQuality:       &worst,
		DetailedSuggestionsWindow:      a.window(first, last),
		CurrentMeetingTime:             a.local(s.Current),
	}, length, nil
}

// readSuggestions reads the days of the answer, without times outside what was
// asked for.
func (a *availability) readSuggestions(list *wsdl.SuggestionDaysType) []mailbox.SuggestionDay {
	days := []mailbox.SuggestionDay{}
	if list == nil {
		return days
	}
	for _, r := range list.SuggestionDayResult {
		day := mailbox.SuggestionDay{Quality: keyOf(qualities, r.DayQuality), Suggestions: []mailbox.Suggestion{}}
		if t, ok := wsdl.ParseTime(r.Date, a.wire); ok {
			// It is a date, whatever the zone's offset is on it.
			year, month, date := t.In(a.wire).Date()
			day.Day = startOfDay(year, month, date, a.loc)
		}
		if r.SuggestionArray != nil {
			for _, s := range r.SuggestionArray.Suggestion {
				start := a.time(s.MeetingTime)
				end := start.Add(a.meeting)
				if start.IsZero() || start.Before(a.q.Suggest.From) || end.After(a.q.Suggest.To) {
					continue
				}
				day.Suggestions = append(day.Suggestions, mailbox.Suggestion{
					Start: start, End: end, Quality: keyOf(qualities, s.SuggestionQuality),
					WorkTime: bool(wsdl.Val(s.IsWorkTime)), Conflicts: conflicts(s.AttendeeConflictDataArray),
				})
			}
		}
		day.Suggestions = best(day.Suggestions, a.perDay, a.offHours)
		days = append(days, day)
	}
	return days
}

// best keeps the n best of a day's suggestions, offHours of them outside working
// hours, in order of time.
func best(list []mailbox.Suggestion, n, offHours int) []mailbox.Suggestion {
	rank := []mailbox.Quality{mailbox.Excellent, mailbox.Good, mailbox.Fair, mailbox.Poor}
	slices.SortStableFunc(list, func(x, y mailbox.Suggestion) int {
		return cmp.Or(slices.Index(rank, x.Quality)-slices.Index(rank, y.Quality), x.Start.Compare(y.Start))
	})
	list = slices.DeleteFunc(list, func(s mailbox.Suggestion) bool {
		if !s.WorkTime {
			offHours--
		}
		return !s.WorkTime && offHours < 0
	})
	list = list[:min(len(list), n)]
	slices.SortFunc(list, func(x, y mailbox.Suggestion) int { return x.Start.Compare(y.Start) })
	return list
}

// conflicts reads how each attendee stands to a suggestion. A group stands as
// its members do.
func conflicts(list *wsdl.ConflictList) []mailbox.BusyStatus {
	if list == nil {
		return nil
	}
	var out []mailbox.BusyStatus
	for _, c := range list.Conflicts {
		status := mailbox.UnknownBusy
		switch {
		case c.Group != nil && wsdl.Val(c.Group.NumberOfMembersWithConflict) > 0:
			status = mailbox.Busy
		case c.Group != nil && wsdl.Val(c.Group.NumberOfMembersWithNoData) == 0:
			status = mailbox.Free
		case c.Attendee != nil && c.Attendee.BusyType != nil:
			status = busyStatus(c.Attendee.BusyType)
		}
		out = append(out, status)
	}
	return out
}
