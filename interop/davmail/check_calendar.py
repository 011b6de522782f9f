"""CalDAV: events."""
import re
import time
import xml.etree.ElementTree as ET

from checks import check, same, true, within
from world import ME, OTHER, dav, new_uid, unique

CALENDAR = f"/users/{ME}/calendar/"
NS = {"D": "DAV:", "C": "urn:ietf:params:xml:ns:caldav", "CS": "http://calendarserver.org/ns/"}
BERLIN = "\r\n".join([
    "BEGIN:VTIMEZONE", "TZID:Europe/Berlin",
    "BEGIN:DAYLIGHT", "DTSTART:19810329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "TZNAME:CEST", "END:DAYLIGHT",
    "BEGIN:STANDARD", "DTSTART:19961027T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "TZNAME:CET", "END:STANDARD",
    "END:VTIMEZONE"])


def ical(*events, zone=BERLIN):
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//exconn//interop//EN", zone, *events, "END:VCALENDAR", ""])


def vevent(uid, subject, *lines):
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T080000Z", f"SUMMARY:{subject}", *lines, "END:VEVENT"])


ONE_HOUR = ("DTSTART;TZID=Europe/Berlin:20270112T100000", "DTEND;TZID=Europe/Berlin:20270112T110000")


def put(subject, *lines, more=(), expect=(200, 201)):
    uid = new_uid()
    path = f"{CALENDAR}{uid}.ics"
    answer = dav("PUT", path, ical(vevent(uid, subject, *(lines or ONE_HOUR)), *(m(uid) for m in more)),
                 {"Content-Type": "text/calendar; charset=utf-8", "If-None-Match": "*"})
    true(answer.status in expect, f"PUT is accepted: {answer.status} {answer.body[:300]}")
    return uid, path


def get(path):
    answer = dav("GET", path)
    same(answer.status, 200, "the status")
    return unfold(answer.body)


def unfold(text):
    return re.sub(r"\r?\n[ \t]", "", text)


def fields(text, name):
    """The values of a property in all VEVENTs."""
    inside = "".join(re.findall(r"BEGIN:VEVENT.*?END:VEVENT", text, re.S))
    return re.findall(rf"^{name}(?:;[^:\r\n]*)?:(.*?)\r?$", inside, re.M)


@check
def principal_and_home_are_found():
    answer = dav("PROPFIND", f"/principals/users/{ME}/", '<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop>'
                 '<C:calendar-home-set/><D:displayname/><C:schedule-inbox-URL/></D:prop></D:propfind>', {"Depth": "0"})
    same(answer.status, 207, "the status")
    within(f"/users/{ME}/calendar", answer.body, "the answer")


@check
def calendar_is_described():
    answer = dav("PROPFIND", CALENDAR, '<D:propfind xmlns:D="DAV:" xmlns:CS="http://calendarserver.org/ns/"><D:prop>'
                 '<D:resourcetype/><D:displayname/><CS:getctag/></D:prop></D:propfind>', {"Depth": "0"})
    same(answer.status, 207, "the status")
    tree = ET.fromstring(answer.body)
    true(tree.find(".//C:calendar", NS) is not None, "it is a calendar")
    true(tree.findtext(".//CS:getctag", namespaces=NS), "it has a ctag")


def ctag():
    answer = dav("PROPFIND", CALENDAR, '<D:propfind xmlns:D="DAV:" xmlns:CS="http://calendarserver.org/ns/"><D:prop><CS:getctag/></D:prop></D:propfind>', {"Depth": "0"})
    return ET.fromstring(answer.body).findtext(".//CS:getctag", namespaces=NS)


@check
def ctag_changes_with_the_calendar():
    before = ctag()
    same(ctag(), before, "the ctag of an unchanged calendar")
    _, path = put(unique("ctag"))
    after = ctag()
    true(after != before, "the ctag has changed")
    time.sleep(1.1)  # it is a time in seconds
    dav("DELETE", path)
    true(ctag() != after, "the ctag has changed again")


@check
def event_comes_back():
    subject = unique("event")
    uid, path = put(subject, *ONE_HOUR, "LOCATION:Zimmer 5", "DESCRIPTION:Die Größe\\, und mehr", "CLASS:PRIVATE", "TRANSP:OPAQUE", "PRIORITY:1",
                    "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER:-PT30M", "END:VALARM")
    text = get(path)
    same(fields(text, "UID"), [uid], "UID")
    same(fields(text, "SUMMARY"), [subject], "SUMMARY")
    same(fields(text, "LOCATION"), ["Zimmer 5"], "LOCATION")
    within("Die Größe, und mehr", fields(text, "DESCRIPTION")[0].replace("\\,", ","), "DESCRIPTION")
    same(fields(text, "CLASS"), ["PRIVATE"], "CLASS")
    same(fields(text, "DTSTART"), ["20270112T100000"], "DTSTART")
    same(fields(text, "DTEND"), ["20270112T110000"], "DTEND")
    within("TRIGGER", text, "the event")
    within("-PT30M", text, "the event")


@check
def event_is_changed():
    subject = unique("changed")
    uid, path = put(subject)
    answer = dav("PUT", path, ical(vevent(uid, subject + " twice", "DTSTART;TZID=Europe/Berlin:20270113T140000", "DTEND;TZID=Europe/Berlin:20270113T150000")),
                 {"Content-Type": "text/calendar; charset=utf-8"})
    true(answer.status in (200, 201, 204), f"PUT is accepted: {answer.status}")
    text = get(path)
    same(fields(text, "SUMMARY"), [subject + " twice"], "SUMMARY")
    same(fields(text, "DTSTART"), ["20270113T140000"], "DTSTART")


@check
def event_is_deleted():
    _, path = put(unique("deleted"))
    true(dav("DELETE", path).status in (200, 204), "DELETE is accepted")
    same(dav("GET", path).status, 404, "the status afterwards")


@check
def event_of_all_day():
    _, path = put(unique("day"), "DTSTART;VALUE=DATE:20270201", "DTEND;VALUE=DATE:20270203")
    text = get(path)
    same(fields(text, "DTSTART"), ["20270201"], "DTSTART")
    same(fields(text, "DTEND"), ["20270203"], "DTEND")


@check
def recurrence_comes_back():
    _, path = put(unique("weekly"), "DTSTART;TZID=Europe/Berlin:20270301T090000", "DTEND;TZID=Europe/Berlin:20270301T100000", "RRULE:FREQ=WEEKLY;COUNT=10;BYDAY=MO,WE")
    text = get(path)
    (rule,) = fields(text, "RRULE")
    parts = dict(p.split("=") for p in rule.split(";"))
    same((parts["FREQ"], parts["COUNT"], sorted(parts["BYDAY"].split(","))), ("WEEKLY", "10", ["MO", "WE"]), "RRULE")
    same(fields(text, "DTSTART"), ["20270301T090000"], "DTSTART")


@check
def monthly_recurrence_comes_back():
    _, path = put(unique("monthly"), "DTSTART;TZID=Europe/Berlin:20270326T090000", "DTEND;TZID=Europe/Berlin:20270326T100000", "RRULE:FREQ=MONTHLY;UNTIL=20271231T080000Z;BYDAY=-1FR")
    (rule,) = fields(get(path), "RRULE")
    within("FREQ=MONTHLY", rule, "RRULE")
    within("BYDAY=-1FR", rule, "RRULE")
    within("UNTIL=202712", rule, "RRULE")


@check
def exception_comes_back():
    subject = unique("exception")

    def exception(uid):
        return vevent(uid, subject + " moved", "RECURRENCE-ID;TZID=Europe/Berlin:20270303T090000",
                      "DTSTART;TZID=Europe/Berlin:20270303T130000", "DTEND;TZID=Europe/Berlin:20270303T140000")

    _, path = put(subject, "DTSTART;TZID=Europe/Berlin:20270301T090000", "DTEND;TZID=Europe/Berlin:20270301T100000", "RRULE:FREQ=DAILY;COUNT=5", more=(exception,))
    text = get(path)
    same(len(fields(text, "RECURRENCE-ID")), 1, "exceptions")
    within("20270303T130000", " ".join(fields(text, "DTSTART")), "the times")


@check
def deleted_occurrence_comes_back():
    _, path = put(unique("exdate"), "DTSTART;TZID=Europe/Berlin:20270301T090000", "DTEND;TZID=Europe/Berlin:20270301T100000", "RRULE:FREQ=DAILY;COUNT=5",
                  "EXDATE;TZID=Europe/Berlin:20270302T090000")
    dates = fields(get(path), "EXDATE")
    same(len(dates), 1, "deleted occurrences")
    within("20270302", dates[0], "EXDATE")


@check
def report_finds_by_time():
    inside, _ = put(unique("inside"), "DTSTART;TZID=Europe/Berlin:20270520T090000", "DTEND;TZID=Europe/Berlin:20270520T100000")
    outside, _ = put(unique("outside"), "DTSTART;TZID=Europe/Berlin:20270620T090000", "DTEND;TZID=Europe/Berlin:20270620T100000")
    answer = dav("REPORT", CALENDAR, '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop>'
                 '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="20270501T000000Z" end="20270601T000000Z"/>'
                 '</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>', {"Depth": "1"})
    same(answer.status, 207, "the status")
    # DavMail may name an event in another way than the one who stored it.
    within("UID:" + inside, unfold(answer.body), "the answer")
    true("UID:" + outside not in unfold(answer.body), "the other event is not in it")


@check
def multiget_brings_several():
    made = [put(unique("multi")) for _ in range(3)]
    hrefs = "".join(f"<D:href>{path}</D:href>" for _, path in made)
    answer = dav("REPORT", CALENDAR, '<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop>'
                 + hrefs + "</C:calendar-multiget>", {"Depth": "1"})
    same(answer.status, 207, "the status")
    for uid, _ in made:
        within("UID:" + uid, unfold(answer.body), "the answer")


@check
def task_comes_back():
    uid = new_uid()
    path = f"{CALENDAR}{uid}.ics"
    subject = unique("task")
    todo = "\r\n".join(["BEGIN:VTODO", f"UID:{uid}", "DTSTAMP:20261101T080000Z", f"SUMMARY:{subject}", "DUE;VALUE=DATE:20270305", "PRIORITY:1", "STATUS:IN-PROCESS", "PERCENT-COMPLETE:25", "END:VTODO"])
    answer = dav("PUT", path, ical(todo, zone="").replace("\r\n\r\n", "\r\n"), {"Content-Type": "text/calendar; charset=utf-8"})
    true(answer.status in (200, 201, 204), f"PUT is accepted: {answer.status} {answer.body[:300]}")
    text = get(path)
    within("SUMMARY:" + subject, text, "the task")
    within("STATUS:IN-PROCESS", text, "the task")
    within("PERCENT-COMPLETE:25", text, "the task")
    within("20270305", text, "the task")
    dav("DELETE", path)


@check
def calendar_of_somebody_else_is_refused():
    answer = dav("PROPFIND", f"/users/{OTHER}/tasks/", '<D:propfind xmlns:D="DAV:"><D:prop><D:displayname/></D:prop></D:propfind>', {"Depth": "0"})
    true(answer.status >= 400, f"the status {answer.status} is a refusal")
