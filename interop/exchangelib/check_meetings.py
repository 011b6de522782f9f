"""Meetings between mailboxes: invitations, answers, changes, cancellations."""
from checks import check, refused, same, true, until
from check_calendar import at
from check_recurrence import YEARS
from world import me, other, setting, third, unique

from exchangelib import CalendarItem, EWSDateTime
from exchangelib.errors import ResponseMessageError
from exchangelib.items import (
    SEND_ONLY_TO_ALL,
    SEND_ONLY_TO_CHANGED,
    SEND_TO_ALL_AND_SAVE_COPY,
    SEND_TO_NONE,
    MeetingCancellation,
    MeetingRequest,
    MeetingResponse,
)
from exchangelib.properties import Attendee, Mailbox
from exchangelib.recurrence import DailyPattern, Recurrence


def attendee(name):
    return Attendee(mailbox=Mailbox(email_address=setting(name)), response_type="Unknown")


def meeting(subject, send=SEND_TO_ALL_AND_SAVE_COPY, optional=True, **more):
    """A meeting of USER with OTHER_USER and, as one who need not come,
    THIRD_USER."""
    more.setdefault("start", at(3, 10))
    more.setdefault("end", at(3, 11))
    return CalendarItem(
        account=me(),
        folder=me().calendar,
        subject=subject,
        location="Room 4",
        body="What to talk about",
        required_attendees=[attendee("OTHER_USER")],
        optional_attendees=[attendee("THIRD_USER")] if optional else None,
        **more,
    ).save(send_meeting_invitations=send)


def arrived(account, subject, kind):
    """The message of that kind in an inbox, when it has come."""

    def look():
        return [m for m in account.inbox.filter(subject__contains=subject) if isinstance(m, kind)]

    return until(look, f"{kind.__name__} about {subject}")[-1]


def in_calendar(account, subject):
    """The event in somebody's calendar, when it is there."""
    found = until(lambda: list(account.calendar.filter(subject__contains=subject)), f"{subject} in the calendar")
    same(len(found), 1, "the number of events")
    return found[0]


def answer_of(made, address):
    """What the organizer's event knows of an attendee's answer."""
    made.refresh()
    for one in (made.required_attendees or []) + (made.optional_attendees or []):
        if one.mailbox.email_address.lower() == address.lower():
            return one.response_type
    return None


@check()
def invitation_arrives():
    subject = unique("meeting")
    made = meeting(subject)
    got = arrived(other(), subject, MeetingRequest)
    same(got.subject, subject, "the subject")
    same((got.start, got.end, got.location), (at(3, 10), at(3, 11), "Room 4"))
    same(got.author.email_address.lower(), setting("USER").lower(), "From")
    same(got.organizer.email_address.lower(), setting("USER").lower(), "the organizer")
    same([a.mailbox.email_address.lower() for a in got.required_attendees or []], [setting("OTHER_USER").lower()])
    same(got.response_type, "NoResponseReceived", "the answer")
    same(got.is_out_of_date, False, "out of date")
    true("What to talk about" in got.body, "the text")
    made.refresh()
    same((made.is_meeting, made.meeting_request_was_sent), (True, True))
    arrived(third(), subject, MeetingRequest)
    same(in_calendar(other(), subject).uid, made.uid, "the UID in the attendee's calendar")


@check()
def invitation_lies_in_the_calendar_already():
    subject = unique("tentative")
    meeting(subject)
    arrived(other(), subject, MeetingRequest)
    event = in_calendar(other(), subject)
    same(event.my_response_type, "NoResponseReceived", "the answer")
    same(event.legacy_free_busy_status, "Tentative", "free or busy")
    same(event.organizer.email_address.lower(), setting("USER").lower(), "the organizer")


@check()
def copy_of_the_invitation_is_in_sent_items():
    subject = unique("copy")
    meeting(subject)
    until(lambda: me().sent.filter(subject=subject).count() == 1, "the copy")
    subject = unique("no copy")
    meeting(subject, send=SEND_ONLY_TO_ALL)
    arrived(other(), subject, MeetingRequest)
    same(me().sent.filter(subject=subject).count(), 0, "the number of copies")


@check()
def nobody_is_told_on_request():
    subject = unique("quiet")
    made = meeting(subject, send=SEND_TO_NONE)
    same(made.refresh().meeting_request_was_sent, False, "sent")
    later = unique("loud")
    meeting(later)
    arrived(other(), later, MeetingRequest)
    same(other().inbox.filter(subject=subject).count(), 0, "the number of invitations")


@check()
def invitation_is_accepted():
    subject = unique("accept")
    made = meeting(subject)
    arrived(other(), subject, MeetingRequest).accept(body="Gladly")
    same(in_calendar(other(), subject).my_response_type, "Accept", "the answer in the own calendar")
    same(in_calendar(other(), subject).legacy_free_busy_status, "Busy", "free or busy")
    got = arrived(me(), subject, MeetingResponse)
    same(got.response_type, "Accept", "the answer")
    same(got.author.email_address.lower(), setting("OTHER_USER").lower(), "From")
    true("Gladly" in (got.body or ""), "the text")
    until(lambda: answer_of(made, setting("OTHER_USER")) == "Accept", "the organizer knows the answer")
    same(answer_of(made, setting("THIRD_USER")) in ("Unknown", "NoResponseReceived"), True, "the other has not answered")


@check()
def invitation_is_accepted_tentatively():
    subject = unique("perhaps")
    made = meeting(subject)
    arrived(other(), subject, MeetingRequest).tentatively_accept()
    same(in_calendar(other(), subject).my_response_type, "Tentative", "the answer in the own calendar")
    same(arrived(me(), subject, MeetingResponse).response_type, "Tentative", "the answer")
    until(lambda: answer_of(made, setting("OTHER_USER")) == "Tentative", "the organizer knows the answer")


@check()
def invitation_is_declined():
    subject = unique("decline")
    made = meeting(subject)
    arrived(third(), subject, MeetingRequest).decline(body="No time")
    same(arrived(me(), subject, MeetingResponse).response_type, "Decline", "the answer")
    same(third().calendar.filter(subject=subject).count(), 0, "what is left in the calendar")
    until(lambda: answer_of(made, setting("THIRD_USER")) == "Decline", "the organizer knows the answer")


@check()
def invitation_is_accepted_from_the_calendar():
    subject = unique("calendar")
    made = meeting(subject)
    arrived(other(), subject, MeetingRequest)
    in_calendar(other(), subject).accept()
    until(lambda: answer_of(made, setting("OTHER_USER")) == "Accept", "the organizer knows the answer")


@check()
def organizer_cannot_accept():
    made = meeting(unique("own"), send=SEND_TO_NONE)
    refused(ResponseMessageError, made.refresh().accept)


@check()
def change_is_told():
    subject = unique("change")
    made = meeting(subject)
    arrived(other(), subject, MeetingRequest)
    made.refresh()
    made.start, made.end, made.location = at(3, 14), at(3, 15), "Room 5"
    made.save(update_fields=["start", "end", "location"], send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)

    def moved():
        event = in_calendar(other(), subject)
        return event.start == at(3, 14) and event

    event = until(moved, "the new time is in the attendee's calendar")
    same((event.end, event.location), (at(3, 15), "Room 5"))
    requests = [m for m in other().inbox.filter(subject__contains=subject) if isinstance(m, MeetingRequest)]
    same(sorted(m.start for m in requests), [at(3, 10), at(3, 14)], "the times of the requests")
    same({m.start: m.is_out_of_date for m in requests}[at(3, 10)], True, "the old one is out of date")


@check()
def change_is_not_told_on_request():
    subject = unique("secret")
    made = meeting(subject)
    arrived(other(), subject, MeetingRequest)
    made.refresh()
    made.location = "Elsewhere"
    made.save(update_fields=["location"], send_meeting_invitations=SEND_TO_NONE)
    same(in_calendar(other(), subject).location, "Room 4", "the place that the attendee knows")


@check()
def new_attendee_alone_is_told():
    subject = unique("joins")
    made = meeting(subject, optional=False)
    arrived(other(), subject, MeetingRequest)
    made.refresh()
    made.optional_attendees = [attendee("THIRD_USER")]
    made.save(update_fields=["optional_attendees"], send_meeting_invitations=SEND_ONLY_TO_CHANGED)
    arrived(third(), subject, MeetingRequest)
    requests = [m for m in other().inbox.filter(subject__contains=subject) if isinstance(m, MeetingRequest)]
    same(len(requests), 1, "the requests that the other has")


@check()
def meeting_is_cancelled():
    subject = unique("cancel")
    made = meeting(subject)
    arrived(other(), subject, MeetingRequest).accept()
    until(lambda: answer_of(made, setting("OTHER_USER")) == "Accept", "the organizer knows the answer")
    made.refresh()
    made.cancel(new_body="It is off")
    got = arrived(other(), subject, MeetingCancellation)
    true(subject in got.subject, "the subject names it")
    true("It is off" in (got.body or ""), "the text")
    same(me().calendar.filter(subject__contains=subject).count(), 0, "what is left in the organizer's calendar")
    until(lambda: in_calendar(other(), subject).is_cancelled, "the attendee's event is cancelled")


@check()
def deletion_tells_the_attendees():
    subject = unique("deleted")
    made = meeting(subject)
    arrived(other(), subject, MeetingRequest)
    made.refresh()
    made.delete(send_meeting_cancellations=SEND_TO_ALL_AND_SAVE_COPY)
    arrived(other(), subject, MeetingCancellation)


@check()
def attendee_cannot_cancel():
    subject = unique("not mine")
    meeting(subject)
    arrived(other(), subject, MeetingRequest)
    refused(ResponseMessageError, in_calendar(other(), subject).cancel)


@check()
def series_is_accepted_as_a_whole():
    subject = unique("series")
    start = EWSDateTime(2027, 4, 5, 10, tzinfo=me().default_timezone)
    end = EWSDateTime(2027, 4, 5, 11, tzinfo=me().default_timezone)
    made = meeting(
        subject, start=start, end=end, recurrence=Recurrence(pattern=DailyPattern(interval=1), start=start.date(), number=3)
    )
    arrived(other(), subject, MeetingRequest).accept()
    mine = [e for e in other().calendar.view(*YEARS) if e.subject == subject]
    same([e.my_response_type for e in mine], ["Accept"] * 3)
    until(lambda: answer_of(made, setting("OTHER_USER")) == "Accept", "the organizer knows the answer")


@check()
def one_occurrence_is_cancelled():
    subject = unique("one off")
    start = EWSDateTime(2027, 5, 3, 10, tzinfo=me().default_timezone)
    end = EWSDateTime(2027, 5, 3, 11, tzinfo=me().default_timezone)
    made = meeting(
        subject, start=start, end=end, recurrence=Recurrence(pattern=DailyPattern(interval=1), start=start.date(), number=3)
    )
    arrived(other(), subject, MeetingRequest).accept()
    made.occurrence(index=2).refresh().delete(send_meeting_cancellations=SEND_TO_ALL_AND_SAVE_COPY)
    arrived(other(), subject, MeetingCancellation)
    left = [e for e in me().calendar.view(*YEARS) if e.subject == subject]
    same(len(left), 2, "what is left in the organizer's calendar")


@check("ROOM")
def room_accepts_by_itself():
    subject = unique("room")
    made = CalendarItem(
        account=me(),
        folder=me().calendar,
        subject=subject,
        start=at(22, 10, month=3),
        end=at(22, 11, month=3),
        resources=[attendee("ROOM")],
    ).save(send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)

    def booked():
        made.refresh()
        return [a.response_type for a in made.resources or []] == ["Accept"]

    until(booked, "the room has accepted")
    made.cancel()
