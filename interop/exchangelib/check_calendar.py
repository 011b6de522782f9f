"""Single events: times, zones, all days, views, changes."""
from datetime import timedelta

from checks import check, refused, same, true
from world import ZONE, me, scratch, unique

from exchangelib import UTC, CalendarItem, EWSDate, EWSDateTime, EWSTimeZone, FileAttachment, HTMLBody
from exchangelib.errors import ErrorCalendarEndDateIsEarlierThanStartDate, ErrorItemNotFound


def at(day, hour, minute=0, zone=ZONE, month=2):
    """A time in the year 2027."""
    return EWSDateTime(2027, month, day, hour, minute, tzinfo=zone)


def event(folder, day=3, hour=10, hours=1, **more):
    """A stored event."""
    more.setdefault("subject", "Event")
    more.setdefault("start", at(day, hour))
    more.setdefault("end", more["start"] + timedelta(hours=hours))
    return CalendarItem(folder=folder, **more).save()


@check()
def event_comes_back_as_it_went_in():
    folder = scratch("calendar")
    made = event(
        folder,
        subject="Überprüfung",
        location="Raum 4 & Flur",
        body=HTMLBody("<p>Bring <b>paper</b></p>"),
        categories=["Red"],
        legacy_free_busy_status="OOF",
        sensitivity="Private",
        importance="High",
        reminder_is_set=True,
        reminder_minutes_before_start=45,
    )
    got = folder.get(id=made.id)
    same((got.subject, got.location), ("Überprüfung", "Raum 4 & Flur"))
    same((got.start, got.end), (at(3, 10), at(3, 11)), "start and end")
    same((got._start_timezone, got._end_timezone), (ZONE, ZONE), "the zones")
    true("<b>paper</b>" in got.body, "the markup is kept")
    same((got.categories, got.legacy_free_busy_status), (["Red"], "OOF"))
    same((got.sensitivity, got.importance), ("Private", "High"))
    same((got.reminder_is_set, got.reminder_minutes_before_start), (True, 45), "the reminder")
    same((got.is_all_day, got.is_meeting, got.is_cancelled, got.is_recurring), (False, False, False, False))
    same((got.type, got.my_response_type), ("Single", "Organizer"))
    same(got.item_class, "IPM.Appointment")
    same(got.duration, "PT1H", "the duration")
    true(got.uid, "there is a UID")
    same(got.organizer.email_address.lower(), me().primary_smtp_address.lower(), "the organizer")


@check()
def reminder_is_due_before_the_start():
    folder = scratch("calendar")
    made = event(folder, reminder_is_set=True, reminder_minutes_before_start=30)
    made.refresh()
    same(made.reminder_due_by, at(3, 10), "what the reminder is for")


@check()
def uid_of_ones_own_is_kept():
    folder = scratch("calendar")
    uid = unique("uid").replace(" ", "-") + "@crm.example"
    made = event(folder, uid=uid)
    same(folder.get(id=made.id).uid, uid)


@check()
def event_is_changed():
    folder = scratch("calendar")
    made = event(folder)
    made.subject, made.start, made.end, made.location = "Later", at(4, 14), at(4, 16), "Room 5"
    made.save(update_fields=["subject", "start", "end", "location"])
    got = folder.get(id=made.id)
    same((got.subject, got.start, got.end, got.location), ("Later", at(4, 14), at(4, 16), "Room 5"))
    same(got.duration, "PT2H", "the duration")


@check()
def zones_of_the_whole_world():
    folder = scratch("calendar")
    for name in ("America/New_York", "Asia/Kolkata", "Australia/Sydney", "Pacific/Auckland", "UTC"):
        zone = EWSTimeZone(name)
        made = event(folder, subject=name, start=at(3, 10, zone=zone))
        got = folder.get(id=made.id)
        same(got.start, at(3, 10, zone=zone), f"the start in {name}")
        same(got._start_timezone.ms_id, zone.ms_id, f"the zone of {name}")


@check()
def start_and_end_in_different_zones():
    folder = scratch("calendar")
    boston = EWSTimeZone("America/New_York")
    made = event(folder, start=at(3, 10), end=at(3, 14, zone=boston))
    got = folder.get(id=made.id)
    same((got.start, got.end), (at(3, 10), at(3, 14, zone=boston)))
    same((got._start_timezone.ms_id, got._end_timezone.ms_id), (ZONE.ms_id, boston.ms_id), "the zones")


@check()
def whole_day():
    folder = scratch("calendar")
    made = CalendarItem(
        folder=folder, subject="Holiday", start=EWSDate(2027, 2, 3), end=EWSDate(2027, 2, 3), is_all_day=True
    ).save()
    got = folder.get(id=made.id)
    same((got.start, got.end, got.is_all_day), (EWSDate(2027, 2, 3), EWSDate(2027, 2, 3), True))
    same(got.duration, "P1D", "the duration")


@check()
def several_whole_days_over_the_change_of_the_clock():
    folder = scratch("calendar")
    made = CalendarItem(
        folder=folder, subject="Fair", start=EWSDate(2027, 3, 26), end=EWSDate(2027, 3, 30), is_all_day=True
    ).save()
    got = folder.get(id=made.id)
    same((got.start, got.end), (EWSDate(2027, 3, 26), EWSDate(2027, 3, 30)))


@check()
def whole_day_is_rounded_to_midnight():
    folder = scratch("calendar")
    made = event(folder, is_all_day=True, start=at(3, 10), end=at(3, 11))
    got = folder.get(id=made.id)
    same((got.start, got.end), (EWSDate(2027, 2, 3), EWSDate(2027, 2, 3)))


@check()
def view_shows_what_lies_in_it():
    folder = scratch("calendar")
    event(folder, day=1, subject="before")
    event(folder, day=3, subject="within")
    event(folder, day=4, hour=23, hours=3, subject="over the end")
    event(folder, day=2, hour=23, hours=2, subject="over the start")
    event(folder, day=5, subject="after")
    got = folder.view(start=at(3, 0), end=at(5, 0)).order_by("start").values_list("subject", flat=True)
    same(list(got), ["over the start", "within", "over the end"])


@check()
def view_leaves_out_what_touches_it():
    folder = scratch("calendar")
    event(folder, day=3, hour=9, subject="ends at its start")
    event(folder, day=3, hour=11, subject="starts at its end")
    got = folder.view(start=at(3, 10), end=at(3, 11)).values_list("subject", flat=True)
    same(list(got), [])


@check()
def view_has_a_limit():
    folder = scratch("calendar")
    for hour in range(8, 13):
        event(folder, hour=hour, subject=f"{hour}")
    got = folder.view(start=at(3, 0), end=at(4, 0), max_items=2).values_list("subject", flat=True)
    same(list(got), ["8", "9"])


@check()
def view_is_searched_by_the_client_and_restrictions_by_the_server():
    folder = scratch("calendar")
    event(folder, subject="one", location="here")
    event(folder, day=9, subject="two", location="there")
    same(list(folder.filter(start__gt=at(5, 0)).values_list("subject", flat=True)), ["two"])
    same(list(folder.filter(start__range=(at(1, 0), at(5, 0))).values_list("subject", flat=True)), ["one"])
    same(list(folder.filter(location="there").values_list("subject", flat=True)), ["two"])
    same(list(folder.all().order_by("-start").values_list("subject", flat=True)), ["two", "one"])


@check()
def end_before_the_start_is_refused():
    folder = scratch("calendar")
    made = event(folder)
    made.start = at(3, 12)
    refused(ErrorCalendarEndDateIsEarlierThanStartDate, made.save, update_fields=["start"])


@check()
def event_has_attachments():
    folder = scratch("calendar")
    made = event(folder)
    made.attach(FileAttachment(name="agenda.txt", content=b"1. Welcome"))
    got = folder.get(id=made.id)
    same([(a.name, a.content) for a in got.attachments], [("agenda.txt", b"1. Welcome")])


@check()
def event_is_moved_and_copied():
    source, target = scratch("calendar"), scratch("calendar")
    made = event(source, subject="moving")
    made.move(to_folder=target)
    same(list(target.all().values_list("subject", "start")), [("moving", at(3, 10))])
    made.copy(to_folder=source)
    same(list(source.all().values_list("subject", "start")), [("moving", at(3, 10))])


@check()
def deleted_event_is_gone():
    folder = scratch("calendar")
    made = event(folder)
    made_id = made.id
    made.delete()
    same([type(g) for g in me().fetch([(made_id, None)])], [ErrorItemNotFound])


@check()
def mime_of_an_event_is_icalendar():
    folder = scratch("calendar")
    made = event(folder, subject="As iCalendar")
    made.refresh()
    text = made.mime_content.decode()
    for line in ("BEGIN:VCALENDAR", "BEGIN:VEVENT", "SUMMARY:As iCalendar", "END:VEVENT"):
        true(line in text, f"{line} is in {text[:300]!r}")


@check()
def events_in_utc_come_back_in_utc():
    folder = scratch("calendar")
    made = event(folder, start=at(3, 10, zone=UTC))
    got = folder.get(id=made.id)
    same((got.start, got._start_timezone), (at(3, 10, zone=UTC), UTC))


@check()
def events_are_created_in_bulk():
    folder = scratch("calendar")
    items = [
        CalendarItem(subject=f"{i}", start=at(3, 8) + timedelta(hours=i), end=at(3, 9) + timedelta(hours=i))
        for i in range(6)
    ]
    same(len(folder.bulk_create(items)), 6)
    got = list(folder.all().order_by("start").values_list("subject", flat=True))
    same(got, [f"{i}" for i in range(6)])


@check()
def zones_of_the_server():
    zones = {z.id: z for z in me().protocol.get_timezones(return_full_timezone_data=True)}
    true(len(zones) > 100, f"{len(zones)} zones are more than a hundred")
    for name in ("W. Europe Standard Time", "Eastern Standard Time", "UTC", "India Standard Time"):
        true(name in zones, f"{name} is there")
    standard, daylight, period = zones["W. Europe Standard Time"].get_std_and_dst(for_year=2027)
    same(period.bias_in_minutes, -60, "the offset")
    same((standard.iso_month, standard.weekday, standard.occurrence), (10, 7, 5), "when winter begins")
    same((daylight.iso_month, daylight.weekday, daylight.occurrence, daylight.bias), (3, 7, 5, -60), "when summer begins")


@check()
def one_zone_of_the_server():
    zones = list(me().protocol.get_timezones(timezones=[EWSTimeZone("America/New_York")]))
    same([z.id for z in zones], ["Eastern Standard Time"])


@check()
def day_of_the_view_is_that_of_the_zone():
    folder = scratch("calendar")
    event(folder, hour=0, hours=24, subject="day")
    same(folder.view(start=at(2, 0), end=at(3, 0)).count(), 0)
    same(folder.view(start=at(3, 0), end=at(3, 1)).count(), 1)
