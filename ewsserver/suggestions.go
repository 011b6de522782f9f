package ewsserver

import (
	"slices"
	"time"

	"github.com/exconn/exconn/wsdl"
)

// suggesting is the search for times of a meeting ([MS-OXWAVLS]
// 3.1.4.1.3.24).
type suggesting struct {
	from, to   time.Time
	length     time.Duration
	good       int // percent
	perDay     int
	offHours   int
	worst      int // an index of suggestionQualities
	now, until time.Time
}

// suggestionQualities from the best to the worst.
var suggestionQualities = []wsdl.SuggestionQualityName{
	wsdl.SuggestionQualityNameExcellent, wsdl.SuggestionQualityNameGood, wsdl.SuggestionQualityNameFair, wsdl.SuggestionQualityNamePoor,
}

const (
	excellent = iota
	good
	fair
	poor
)

// suggestionStep is how far suggestions lie apart.
const suggestionStep = 30 * time.Minute

// suggesting reads and checks the options.
func (p *planning) suggesting(o *wsdl.SuggestionsViewOptions) (*suggesting, error) {
	s := &suggesting{}
	var err error
	if s.from, s.to, err = p.span(o.DetailedSuggestionsWindow); err != nil {
		return nil, err
	}
	refuse := func(what string) error {
		return Errorf(ErrorInvalidRequest, "The %s of the suggestions is out of range.", what)
	}
	number := func(n *wsdl.Int32, usual, least, most int, name string) int {
		v := usual
		if n != nil {
			v = int(*n)
		}
		if v < least || v > most {
			err = refuse(name)
		}
		return v
	}
	s.good = number(o.GoodThreshold, 25, 1, 49, "GoodThreshold")
	s.perDay = number(o.MaximumResultsByDay, 10, 0, 48, "MaximumResultsByDay")
	s.offHours = number(o.MaximumNonWorkHourResultsByDay, 0, 0, 48, "MaximumNonWorkHourResultsByDay")
	s.length = time.Duration(number(o.MeetingDurationInMinutes, 60, 30, 1440, "MeetingDurationInMinutes")) * time.Minute
	if err != nil {
		return nil, err
	}
	s.worst = fair
	if o.MinimumSuggestionQuality != nil {
		if s.worst = slices.Index(suggestionQualities, *o.MinimumSuggestionQuality); s.worst < 0 {
			return nil, refuse("MinimumSuggestionQuality")
		}
	}
	if o.CurrentMeetingTime != nil {
		var ok bool
		if s.now, ok = wsdl.ParseTime(o.CurrentMeetingTime, p.loc); !ok {
			return nil, refuse("CurrentMeetingTime")
		}
		s.until = s.now.Add(s.length)
	}
	return s, nil
}

// candidate is a time that could be suggested.
type candidate struct {
	at       time.Time
	quality  int
	workTime bool
	statuses []wsdl.FreeBusyName
}

// days suggests times for each day of the window, by the request's zone.
func (s *suggesting) days(p *planning) *wsdl.SuggestionDaysType {
	out := new(wsdl.SuggestionDaysType)
	first := s.from.In(p.loc)
	for i := 0; ; i++ {
		day := time.Date(first.Year(), first.Month(), first.Day()+i, 0, 0, 0, 0, p.loc)
		if !day.Before(s.to) {
			return out
		}
		next := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, p.loc)
		out.SuggestionDayResult = append(out.SuggestionDayResult, s.day(p, day, next))
	}
}

// day suggests the best times of a day, in order of time. The day's quality is
// that of its best, or poor.
func (s *suggesting) day(p *planning, day, next time.Time) *wsdl.SuggestionDayResult {
	var list []candidate
	for at := day; at.Before(next); at = at.Add(suggestionStep) {
		if at.Before(s.from) || at.Add(s.length).After(s.to) {
			continue
		}
		if c := s.judge(p, at); c.quality <= s.worst {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return a.quality - b.quality })
	var chosen []candidate
	off := 0
	for _, c := range list {
		if len(chosen) == s.perDay {
			break
		}
		if !c.workTime {
			if off == s.offHours {
				continue
			}
			off++
		}
		chosen = append(chosen, c)
	}
	slices.SortFunc(chosen, func(a, b candidate) int { return a.at.Compare(b.at) })
	best := poor
	result := &wsdl.SuggestionDayResult{Date: p.local(day), SuggestionArray: new(wsdl.SuggestionsType)}
	for _, c := range chosen {
		best = min(best, c.quality)
		result.SuggestionArray.Suggestion = append(result.SuggestionArray.Suggestion, c.write(p))
	}
	result.DayQuality = &suggestionQualities[best]
	return result
}

// judge looks how a time suits everybody: excellent where nobody has a
// conflict, good where fewer than the threshold have, fair up to a half. Rooms
// and those whose conflicts are excluded do not count as attendees.
func (s *suggesting) judge(p *planning, at time.Time) candidate {
	end := at.Add(s.length)
	c := candidate{at: at, workTime: true}
	conflicts, attending := 0, 0
	for i := range p.attendees {
		a := &p.attendees[i]
		if a.err != nil {
			c.statuses = append(c.statuses, wsdl.FreeBusyNameNoData)
			continue
		}
		status := s.without(&a.schedule).status(at, end)
		c.statuses = append(c.statuses, status)
		if a.schedule.Hours != nil && !a.schedule.Hours.during(at, end) {
			c.workTime = false
		}
		if bool(wsdl.Val(a.data.ExcludeConflicts)) {
			continue
		}
		attending++
		if weight(status) >= weight(wsdl.FreeBusyNameTentative) {
			conflicts++
		}
	}
	switch percent := 100 * conflicts / max(1, attending); {
	case conflicts == 0:
		c.quality = excellent
	case percent < s.good:
		c.quality = good
	case percent < 50:
		c.quality = fair
	default:
		c.quality = poor
	}
	return c
}

// without leaves out the meeting that is to be moved.
func (s *suggesting) without(schedule *Schedule) *Schedule {
	if s.now.IsZero() {
		return schedule
	}
	out := *schedule
	out.Blocks = slices.DeleteFunc(slices.Clone(schedule.Blocks), func(b Block) bool {
		return b.Start.Equal(s.now) && b.End.Equal(s.until)
	})
	return &out
}

func (c candidate) write(p *planning) *wsdl.SuggestionType {
	list := new(wsdl.ConflictList)
	for _, status := range c.statuses {
		if status == wsdl.FreeBusyNameNoData {
			list.Conflicts = append(list.Conflicts, wsdl.Conflict{Kind: "UnknownAttendeeConflictData", Attendee: new(wsdl.AttendeeConflictType)})
			continue
		}
		list.Conflicts = append(list.Conflicts, wsdl.Conflict{Kind: "IndividualAttendeeConflictData", Attendee: &wsdl.AttendeeConflictType{BusyType: &status}})
	}
	return &wsdl.SuggestionType{
		MeetingTime: p.local(c.at), IsWorkTime: wsdl.Ptr(wsdl.Bool(c.workTime)), SuggestionQuality: &suggestionQualities[c.quality],
		AttendeeConflictDataArray: list,
	}
}
