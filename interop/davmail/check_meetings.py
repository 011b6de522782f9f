"""CalDAV: invitations between two people, and free/busy."""
import re
import time

from checks import check, eventually, same, true, within
from check_calendar import fields, get, ical, put, unfold, vevent
from world import ME, OTHER, as_other, dav, new_uid, unique

THEIR_CALENDAR = f"/users/{OTHER}/calendar/"


def invitation():
    """An event of mine with the other one invited; its path, UID and subject."""
    subject = unique("meeting")
    uid, path = put(subject, "DTSTART;TZID=Europe/Berlin:20270414T100000", "DTEND;TZID=Europe/Berlin:20270414T110000",
                    f"ORGANIZER;CN=Me:mailto:{ME}",
                    f"ATTENDEE;CN=Me;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:{ME}",
                    f"ATTENDEE;CN=Other;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;ROLE=REQ-PARTICIPANT:mailto:{OTHER}")
    return path, uid, subject


def their_event(subject):
    """The path and the text of the attendee's event, once it is there."""
    answer = as_other("REPORT", THEIR_CALENDAR, '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop>'
                      '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="20270401T000000Z" end="20270501T000000Z"/>'
                      '</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>', {"Depth": "1"})
    same(answer.status, 207, "the status")
    for response in re.findall(r"<D:response>.*?</D:response>", answer.body, re.S):
        text = unfold(response)
        if f"SUMMARY:{subject}" in text:
            return re.search(r"<D:href>(.*?)</D:href>", response).group(1), text
    return None


@check
def invitation_reaches_the_attendee():
    _, uid, subject = invitation()
    _, text = eventually("the event", lambda: their_event(subject))
    within(f"mailto:{ME}", fields(text, "ORGANIZER")[0].lower(), "ORGANIZER")
    within("20270414T100000", fields(text, "DTSTART")[0], "DTSTART")
    same(fields(text, "UID"), [uid], "UID")


@check
def acceptance_reaches_the_organizer():
    path, uid, subject = invitation()
    href, _ = eventually("the event", lambda: their_event(subject))
    text = unfold(as_other("GET", href).body)
    accepted = re.sub(rf"(ATTENDEE[^\r\n]*?)PARTSTAT=[A-Z-]+([^\r\n]*{re.escape(OTHER)})", r"\1PARTSTAT=ACCEPTED\2", text, flags=re.I)
    true(accepted != text, "the attendee's event shows a state to change")
    answer = as_other("PUT", href, accepted, {"Content-Type": "text/calendar; charset=utf-8"})
    true(answer.status in (200, 201, 204), f"PUT is accepted: {answer.status} {answer.body[:300]}")

    def accepted_by_them():
        lines = [line for line in get(path).splitlines() if line.startswith("ATTENDEE") and OTHER in line]
        return lines and "PARTSTAT=ACCEPTED" in lines[0]

    eventually("the answer", accepted_by_them)


@check
def cancellation_takes_it_away():
    path, _, subject = invitation()
    eventually("the event", lambda: their_event(subject))
    true(dav("DELETE", path).status in (200, 204), "DELETE is accepted")
    same(dav("GET", path).status, 404, "the organizer's event")

    def cancelled():
        found = their_event(subject)
        return not found or "CANCELLED" in found[1] or "Canceled" in found[1]

    eventually("the cancellation", cancelled)


@check
def free_busy_is_told():
    put(unique("busy"), "DTSTART:20270424T130000Z", "DTEND:20270424T143000Z", "TRANSP:OPAQUE")
    request = "\r\n".join([
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//exconn//interop//EN", "METHOD:REQUEST", "BEGIN:VFREEBUSY", f"UID:{new_uid()}",
        "DTSTAMP:20261101T080000Z", f"ORGANIZER:mailto:{OTHER}", "DTSTART:20270424T000000Z", "DTEND:20270425T000000Z",
        f"ATTENDEE:mailto:{ME}", "END:VFREEBUSY", "END:VCALENDAR", ""])
    answer = as_other("POST", f"/users/{OTHER}/outbox/", request, {"Content-Type": "text/calendar; charset=utf-8", "Originator": f"mailto:{OTHER}", "Recipient": f"mailto:{ME}"})
    same(answer.status, 200, "the status")
    within("20270424T130000Z/20270424T143000Z", unfold(answer.body), "the answer")
