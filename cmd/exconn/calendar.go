package main

import (
	"github.com/urfave/cli/v2"
)

func (s system) calendar() *cli.Command {
	event := []cli.Flag{
		&cli.StringFlag{Name: "subject", Usage: "subject `LINE`"},
		&cli.StringFlag{Name: "start", Usage: "`TIME` of the start: RFC 3339, or 2026-11-20T09:00 in --time-zone"},
		&cli.StringFlag{Name: "end", Usage: "`TIME` of the end; of an all-day event the last day"},
		&cli.StringFlag{Name: "time-zone", Usage: "`ZONE` such as Europe/Berlin, in which a recurring event keeps its time; this machine's where left out"},
		&cli.BoolFlag{Name: "all-day", Usage: "an event of whole days"},
		&cli.StringFlag{Name: "location", Usage: "`WHERE`"},
		&cli.StringFlag{Name: "text", Usage: "the body as plain `TEXT`"},
		&cli.StringFlag{Name: "text-file", Usage: "the body from a plain text `FILE` (- is standard input)"},
		&cli.StringSliceFlag{Name: "attendee", Usage: "required attendee `ADDRESS`, repeatable"},
		&cli.StringSliceFlag{Name: "optional-attendee", Usage: "optional attendee `ADDRESS`, repeatable"},
		&cli.StringSliceFlag{Name: "room", Usage: "book the room or equipment with this `ADDRESS`, repeatable"},
		&cli.IntFlag{Name: "reminder", Usage: "`MINUTES` before the start; none where left out"},
		&cli.StringFlag{Name: "recurrence", Usage: "`RRULE` of RFC 5545, such as FREQ=WEEKLY;BYDAY=MO;COUNT=10"},
		&cli.StringFlag{Name: "notify", Usage: "`none|all|changed`: which attendees are told; a create tells all, an update of a meeting must say"},
	}
	with := func(more ...cli.Flag) []cli.Flag { return remote(append(more, event...)...) }
	return &cli.Command{
		Name:  "calendar",
		Usage: "read and keep calendars",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "what happens between two times, recurring events expanded", Action: s.calendarList, Flags: remote(folderFlag,
				&cli.StringFlag{Name: "from", Usage: "`TIME`: RFC 3339 or a date; today where left out"},
				&cli.StringFlag{Name: "to", Usage: "`TIME`: RFC 3339 or a date; a week after --from where left out"},
			)},
			{Name: "get", Usage: "show an event", Action: s.calendarGet, Flags: remote(idFlag)},
			{Name: "create", Usage: "create an event, and invite attendees", Action: s.calendarCreate, Flags: with()},
			{Name: "update", Usage: "change the parts of an event that are given", Action: s.calendarUpdate, Flags: with(idFlag,
				&cli.BoolFlag{Name: "no-reminder", Usage: "take the reminder away"},
			)},
			{Name: "cancel", Usage: "cancel a meeting, or delete an event", Action: s.calendarCancel, Flags: remote(idFlag,
				&cli.StringFlag{Name: "message", Usage: "`TEXT` for the attendees"},
			)},
			{Name: "respond", Usage: "accept or decline a meeting", Action: s.calendarRespond, Flags: remote(idFlag,
				&cli.StringFlag{Name: "response", Usage: "`accept|tentative|decline`"},
				&cli.StringFlag{Name: "message", Usage: "`TEXT` for the organizer"},
			)},
			{Name: "free-busy", Usage: "when people and rooms are free", Action: s.calendarFreeBusy, Flags: remote(
				&cli.StringFlag{Name: "from", Usage: "`TIME`: RFC 3339 or a date"},
				&cli.StringFlag{Name: "to", Usage: "`TIME`: RFC 3339 or a date"},
				&cli.StringSliceFlag{Name: "attendee", Usage: "`ADDRESS` of a person or room, repeatable"},
			)},
		},
	}
}
