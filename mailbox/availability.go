package mailbox

import (
	"context"
	"time"
)

// BusyStatus says how somebody's time is taken.
type BusyStatus string

// The values of BusyStatus.
const (
	Free      BusyStatus = "free"
	Tentative BusyStatus = "tentative"
	Busy      BusyStatus = "busy"
	// Away is out of office.
	Away BusyStatus = "away"
	// Elsewhere is working in another place; the time counts as free.
	Elsewhere BusyStatus = "elsewhere"
	// UnknownBusy is time about which the server has no data.
	UnknownBusy BusyStatus = "unknown"
)

// Detail says how much is told of somebody's time.
type Detail string

// The values of Detail; the zero value of a query means DetailAll.
const (
	// DetailSlots asks for equal slots of time alone, each with a status.
	DetailSlots Detail = "slots"
	// DetailBusy asks for the taken times too, without saying by what.
	DetailBusy Detail = "busy"
	// DetailAll asks for subject and place too, where the one who asks may
	// see them.
	DetailAll Detail = "all"
	// DetailNone is an answer without any of it: the one asked for gives
	// nothing away.
	DetailNone Detail = "none"
)

// AttendeeRole is what somebody is to a meeting that is being planned.
type AttendeeRole string

// The values of AttendeeRole; the zero value means RequiredRole.
const (
	OrganizerRole AttendeeRole = "organizer"
	RequiredRole  AttendeeRole = "required"
	OptionalRole  AttendeeRole = "optional"
	// RoomRole is a room or a piece of equipment.
	RoomRole AttendeeRole = "room"
)

// AvailabilityQuery asks when people and rooms are free.
type AvailabilityQuery struct {
	// Attendees are the people and rooms, at least one.
	Attendees []Invited
	// From and To bound the time. Exchange answers for 62 days at most; 42 are
	// what all its versions do.
	From, To time.Time
	// Detail is the most that is wanted; the answer says what there is.
	Detail Detail
	// Slot is the length of the slots, 5 minutes to 24 hours in whole minutes;
	// zero means 30 minutes.
	Slot time.Duration
	// TimeZone is an IANA or Windows id; empty means UTC. Times are told in it,
	// and suggestions are counted by its days.
	TimeZone string
	// Suggest asks for times for a meeting; nil means none.
	Suggest *SuggestionQuery
}

// Invited is somebody whose time is asked for.
type Invited struct {
	Address string
	Role    AttendeeRole
	// IgnoreConflicts lets times be suggested at which this one is busy.
	IgnoreConflicts bool
}

// SuggestionQuery says what meeting a time is looked for.
type SuggestionQuery struct {
	// Duration is the meeting's length in whole minutes, 30 to 1440; zero
	// means an hour.
	Duration time.Duration
	// From and To bound the days that are looked at; zero means those of the
	// query as a whole.
	From, To time.Time
	// PerDay is the most suggestions for a day, 0 to 48; zero means 10.
	PerDay int
	// OffHoursPerDay is how many of them may lie outside working hours.
	OffHoursPerDay int
	// Worst is the worst that is still suggested; empty means Fair.
	Worst Quality
	// GoodBelow is the share of attendees, in percent from 1 to 49, who may
	// have a conflict at a time that is Good; zero means 25.
	GoodBelow int
	// Current is when the meeting is planned now, where it is to be moved: its
	// time is not held against anybody. Zero means that it is a new one.
	Current time.Time
}

// Quality is how well a time suits all.
type Quality string

// The values of Quality, the best first.
const (
	Excellent Quality = "excellent"
	Good      Quality = "good"
	Fair      Quality = "fair"
	Poor      Quality = "poor"
)

// Availability is the answer to an AvailabilityQuery.
type Availability struct {
	// Attendees has an entry for each of the query's, in their order.
	Attendees []Schedule
	// Suggestions has a day each; nil where none were asked for.
	Suggestions []SuggestionDay
}

// Schedule is one attendee's time.
type Schedule struct {
	Address string `json:"address"`
	// Err is why there is nothing about this one; the others' answers hold.
	Err error `json:"-"`
	// Detail is what the server told.
	Detail Detail `json:"detail,omitempty"`
	// Slots are the statuses from the beginning on, one a slot; of several in
	// one slot the busiest.
	Slots []BusyStatus `json:"slots,omitempty"`
	// Busy are the times that are taken, in order of start. Those at the
	// borders are whole, though they reach beyond.
	Busy []BusyTime `json:"busy,omitempty"`
	// WorkingHours is nil where the server does not tell.
	WorkingHours *WorkingHours `json:"working_hours,omitempty"`
}

// BusyTime is a time that is taken. What comes after the status is known at
// DetailAll alone.
type BusyTime struct {
	Start     time.Time  `json:"start"`
	End       time.Time  `json:"end"`
	Status    BusyStatus `json:"status"`
	Subject   string     `json:"subject,omitempty"`
	Location  string     `json:"location,omitempty"`
	Meeting   bool       `json:"meeting,omitempty"`
	Recurring bool       `json:"recurring,omitempty"`
	Exception bool       `json:"exception,omitempty"`
	Reminder  bool       `json:"reminder,omitempty"`
	Private   bool       `json:"private,omitempty"`
}

// WorkingHours is when somebody works.
type WorkingHours struct {
	// Zone is the person's own time zone, of the rules that the server gives;
	// TimeZone is an IANA id that keeps the same time at present, where there
	// is one.
	Zone     *time.Location  `json:"-"`
	TimeZone string          `json:"time_zone,omitempty"`
	Periods  []WorkingPeriod `json:"periods"`
}

// WorkingPeriod is a time that is worked on some days of the week.
type WorkingPeriod struct {
	// Days are the days' names in English, such as "Monday".
	Days []string `json:"days"`
	// Start and End are minutes after midnight, in the person's time zone.
	Start int `json:"start_minutes"`
	End   int `json:"end_minutes"`
}

// SuggestionDay is what is suggested for one day.
type SuggestionDay struct {
	// Day is the day's beginning.
	Day         time.Time    `json:"day"`
	Quality     Quality      `json:"quality"`
	Suggestions []Suggestion `json:"suggestions"`
}

// Suggestion is a time for a meeting.
type Suggestion struct {
	Start   time.Time `json:"start"`
	End     time.Time `json:"end"`
	Quality Quality   `json:"quality"`
	// WorkTime is true where it lies in working hours.
	WorkTime bool `json:"work_time"`
	// Conflicts has the status of each attendee then, in the query's order.
	Conflicts []BusyStatus `json:"conflicts,omitempty"`
}

// Scheduler tells when people and rooms are free.
type Scheduler interface {
	// FreeBusy asks for the time of all attendees. What cannot be told of one
	// is in its Schedule's Err, not in the error.
	FreeBusy(ctx context.Context, q AvailabilityQuery) (Availability, error)
}

// RoomFinder lists the rooms of an organisation.
type RoomFinder interface {
	// RoomLists returns the lists of rooms, such as one for each building.
	RoomLists(ctx context.Context) ([]Person, error)
	// Rooms returns the rooms of the list with that address. A list that is
	// unknown, or empty, is ErrNotFound.
	Rooms(ctx context.Context, list string) ([]Person, error)
}
