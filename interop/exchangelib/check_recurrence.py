"""Recurring events: every pattern, exceptions, deleted and single occurrences."""
from datetime import timedelta

from checks import check, refused, same, true
from check_calendar import at, event
from world import ZONE, me, scratch

from exchangelib import CalendarItem, EWSDate, EWSDateTime
from exchangelib.errors import (
    ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange,
    ErrorItemNotFound,
    ResponseMessageError,
)
from exchangelib.fields import FIRST, FRIDAY, LAST, MONDAY, SECOND, SUNDAY, THURSDAY, TUESDAY, WEDNESDAY, WEEK_DAY
from exchangelib.items.calendar_item import EXCEPTION, OCCURRENCE, RECURRING_MASTER
from exchangelib.recurrence import (
    AbsoluteMonthlyPattern,
    AbsoluteYearlyPattern,
    DailyPattern,
    EndDatePattern,
    NoEndPattern,
    NumberedPattern,
    Recurrence,
    RelativeMonthlyPattern,
    RelativeYearlyPattern,
    WeeklyPattern,
)

START = EWSDate(2027, 2, 3)  # a Wednesday
YEARS = (EWSDateTime(2027, 1, 1, tzinfo=ZONE), EWSDateTime(2028, 12, 31, tzinfo=ZONE))


def recurring(folder, pattern, number=4, **more):
    """A stored recurring event on 3 February 2027 at ten."""
    return event(folder, recurrence=Recurrence(pattern=pattern, start=START, number=number), subject="Series", **more)


def days(folder, window=YEARS):
    """The days on which the view shows something."""
    return [s.astimezone(ZONE).date().isoformat()[5:] for s in folder.view(*window).order_by("start").values_list("start", flat=True)]


def goes_round(pattern, want):
    folder = scratch("calendar")
    first_day, first_month = int(want[0][3:]), int(want[0][:2])
    start = EWSDateTime(2027, first_month, first_day, 10, tzinfo=ZONE)
    made = CalendarItem(
        folder=folder,
        subject="Series",
        start=start,
        end=start + timedelta(hours=1),
        recurrence=Recurrence(pattern=pattern, start=start.date(), number=len(want)),
    ).save()
    got = folder.get(id=made.id)
    same(got.type, RECURRING_MASTER, "the type")
    same(got.recurrence.pattern, pattern, "the pattern")
    same(got.recurrence.boundary, NumberedPattern(start=start.date(), number=len(want)), "the range")
    same(days(folder), want, "the days")
    same(got.first_occurrence.start, start, "the first occurrence")
    same(got.last_occurrence.start.astimezone(ZONE).date().isoformat()[5:], want[-1], "the last occurrence")


@check()
def daily():
    goes_round(DailyPattern(interval=3), ["02-03", "02-06", "02-09", "02-12"])


@check()
def weekly_on_several_days():
    goes_round(
        WeeklyPattern(interval=2, weekdays=[MONDAY, WEDNESDAY], first_day_of_week=MONDAY),
        ["02-03", "02-15", "02-17", "03-01", "03-03"],
    )


@check()
def weekly_with_another_first_day():
    goes_round(
        WeeklyPattern(interval=2, weekdays=[TUESDAY, SUNDAY], first_day_of_week=SUNDAY),
        ["02-02", "02-14", "02-16", "02-28"],
    )


@check()
def monthly_by_day():
    goes_round(AbsoluteMonthlyPattern(interval=1, day_of_month=31), ["01-31", "02-28", "03-31", "04-30"])


@check()
def monthly_by_weekday():
    goes_round(
        RelativeMonthlyPattern(interval=2, weekday=THURSDAY, week_number=SECOND), ["02-11", "04-08", "06-10", "08-12"]
    )


@check()
def monthly_by_last_workday():
    goes_round(RelativeMonthlyPattern(interval=1, weekday=WEEK_DAY, week_number=LAST), ["01-29", "02-26", "03-31", "04-30"])


@check()
def yearly_by_day():
    goes_round(AbsoluteYearlyPattern(day_of_month=29, month=2), ["02-28", "02-29"])


@check()
def yearly_by_weekday():
    goes_round(RelativeYearlyPattern(weekday=FRIDAY, week_number=FIRST, month=10), ["10-01", "10-06"])


@check()
def until_a_day():
    folder = scratch("calendar")
    made = event(folder, recurrence=Recurrence(pattern=DailyPattern(interval=1), start=START, end=EWSDate(2027, 2, 6)))
    same(folder.get(id=made.id).recurrence.boundary, EndDatePattern(start=START, end=EWSDate(2027, 2, 6)))
    same(days(folder), ["02-03", "02-04", "02-05", "02-06"])


@check()
def without_an_end():
    folder = scratch("calendar")
    made = event(folder, recurrence=Recurrence(pattern=DailyPattern(interval=1), start=START))
    got = folder.get(id=made.id)
    same(got.recurrence.boundary, NoEndPattern(start=START))
    same(got.last_occurrence, None, "the last occurrence")
    same(len(days(folder, (at(3, 0), at(17, 0)))), 14)


@check()
def clock_on_the_wall_stays_over_the_change_of_the_clock():
    folder = scratch("calendar")
    start = EWSDateTime(2027, 3, 27, 10, tzinfo=ZONE)
    event(folder, start=start, recurrence=Recurrence(pattern=DailyPattern(interval=1), start=start.date(), number=3))
    got = list(folder.view(*YEARS).order_by("start").values_list("start", flat=True))
    same([s.astimezone(ZONE).hour for s in got], [10, 10, 10])


@check()
def occurrences_of_the_view_know_their_series():
    folder = scratch("calendar")
    made = recurring(folder, DailyPattern(interval=1))
    got = list(folder.view(*YEARS).order_by("start"))
    same([o.type for o in got], [OCCURRENCE] * 4)
    same(len({o.id for o in got}), 4, "the number of ids")
    same({o.uid for o in got}, {made.refresh().uid}, "the UIDs")
    same(got[2].recurring_master().refresh().id, made.id, "the series of an occurrence")


@check()
def occurrence_by_its_number():
    folder = scratch("calendar")
    made = recurring(folder, DailyPattern(interval=1))
    third = made.occurrence(index=3).refresh()
    same((third.type, third.start), (OCCURRENCE, at(5, 10)))


@check()
def number_beyond_the_series_is_refused():
    made = recurring(scratch("calendar"), DailyPattern(interval=1))
    refused(ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange, made.occurrence(index=9).refresh)


@check()
def changed_occurrence_is_an_exception():
    folder = scratch("calendar")
    made = recurring(folder, DailyPattern(interval=1))
    second = made.occurrence(index=2).refresh()
    second.subject, second.start, second.end = "Moved", at(4, 15), at(4, 16)
    second.save(update_fields=["subject", "start", "end"])
    got = list(folder.view(*YEARS).order_by("start").values_list("subject", "type", "start"))
    same(
        got,
        [
            ("Series", OCCURRENCE, at(3, 10)),
            ("Moved", EXCEPTION, at(4, 15)),
            ("Series", OCCURRENCE, at(5, 10)),
            ("Series", OCCURRENCE, at(6, 10)),
        ],
    )
    (modified,) = made.refresh().modified_occurrences
    same((modified.start, modified.end, modified.original_start), (at(4, 15), at(4, 16), at(4, 10)))
    second.refresh()
    same((second.type, second.original_start), (EXCEPTION, at(4, 10)))


@check()
def deleted_occurrence_is_left_out():
    folder = scratch("calendar")
    made = recurring(folder, DailyPattern(interval=1))
    made.occurrence(index=2).refresh().delete()
    same(days(folder), ["02-03", "02-05", "02-06"])
    (deleted,) = made.refresh().deleted_occurrences
    same(deleted.start, at(4, 10), "what was deleted")
    refused(ResponseMessageError, made.occurrence(index=2).refresh)
    same(made.occurrence(index=3).refresh().start, at(5, 10), "the third, counted as before")


@check()
def occurrence_is_deleted_by_its_number():
    folder = scratch("calendar")
    made = recurring(folder, DailyPattern(interval=1))
    made.occurrence(index=4).delete()
    same(days(folder), ["02-03", "02-04", "02-05"])


@check()
def changed_series_changes_its_occurrences():
    folder = scratch("calendar")
    made = recurring(folder, DailyPattern(interval=1))
    made.refresh()
    made.subject, made.location = "Renamed", "Room 6"
    made.save(update_fields=["subject", "location"])
    got = list(folder.view(*YEARS).values_list("subject", "location"))
    same(got, [("Renamed", "Room 6")] * 4)


@check()
def changed_pattern_moves_the_occurrences():
    folder = scratch("calendar")
    made = recurring(folder, DailyPattern(interval=1))
    made.refresh()
    made.recurrence = Recurrence(pattern=DailyPattern(interval=7), start=START, number=3)
    made.save(update_fields=["recurrence"])
    same(days(folder), ["02-03", "02-10", "02-17"])


@check()
def single_event_becomes_a_series():
    folder = scratch("calendar")
    made = event(folder)
    made.recurrence = Recurrence(pattern=DailyPattern(interval=1), start=START, number=2)
    made.save(update_fields=["recurrence"])
    same(made.refresh().type, RECURRING_MASTER)
    same(days(folder), ["02-03", "02-04"])


@check()
def series_is_deleted_as_a_whole():
    folder = scratch("calendar")
    made = recurring(folder, DailyPattern(interval=1))
    occurrence = made.occurrence(index=2).refresh()
    made.delete()
    same(days(folder), [])
    same([type(g) for g in me().fetch([(occurrence.id, None)])], [ErrorItemNotFound])


@check()
def series_appears_once_in_a_search():
    folder = scratch("calendar")
    recurring(folder, DailyPattern(interval=1))
    same(list(folder.all().values_list("type", flat=True)), [RECURRING_MASTER])


@check()
def whole_days_recur():
    folder = scratch("calendar")
    CalendarItem(
        folder=folder,
        subject="Every week",
        start=START,
        end=START,
        is_all_day=True,
        recurrence=Recurrence(
            pattern=WeeklyPattern(interval=1, weekdays=[WEDNESDAY]), start=START, number=10
        ),
    ).save()
    got = list(folder.view(*YEARS).order_by("start"))
    same([o.start for o in got], [START + timedelta(weeks=i) for i in range(10)])
    true(all(o.is_all_day for o in got), "all are whole days")
