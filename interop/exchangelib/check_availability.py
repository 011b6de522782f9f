"""Free and busy times, rooms, out of office, mail tips."""
from datetime import timedelta

from checks import check, same, true, until
from check_calendar import at, event
from world import me, other, setting, unique

from exchangelib import UTC, CalendarItem, EWSDateTime, Message
from exchangelib.settings import OofSettings


def view(*accounts, requested="DetailedMerged", interval=30):
    """What is known of the times on the weekend of 10 and 11 April 2027, on
    which there is nothing else."""
    return list(
        me().protocol.get_free_busy_info(
            accounts=[(a, "Required", False) for a in accounts],
            start=at(10, 0, month=4),
            end=at(12, 0, month=4),
            merged_free_busy_interval=interval,
            requested_view=requested,
        )
    )


@check()
def busy_times_are_told():
    subject = unique("busy")
    made = CalendarItem(
        account=me(), folder=me().calendar, subject=subject, start=at(10, 10, month=4), end=at(10, 11, 30, month=4)
    ).save()
    try:
        (info,) = view(me())
        mine = [e for e in info.calendar_events or [] if e.details and e.details.subject == subject]
        # Times in the answer are those of the zone in the request, without a name.
        same([(e.start.replace(tzinfo=None), e.end.replace(tzinfo=None)) for e in mine],
             [(at(10, 10, month=4).replace(tzinfo=None), at(10, 11, 30, month=4).replace(tzinfo=None))])
        same(mine[0].busy_type, "Busy")
        same(len(info.merged), 96, "the number of half hours")
        same(info.merged[18:25], "0022200", "around the event")
    finally:
        made.delete()


@check()
def kinds_of_busy_are_told_apart():
    made = [
        CalendarItem(
            account=me(), folder=me().calendar, subject=unique(kind), legacy_free_busy_status=kind,
            start=at(11, hour, month=4), end=at(11, hour + 1, month=4),
        ).save()
        for hour, kind in ((9, "Tentative"), (11, "Busy"), (13, "OOF"), (15, "Free"))
    ]  # fmt: skip
    try:
        (info,) = view(me(), interval=60)
        same(info.merged[24 + 9 : 24 + 17], "10203000", "the hours from nine")
    finally:
        for one in made:
            one.delete()


@check()
def times_of_others_are_told_without_details():
    subject = unique("private")
    made = event(other().calendar, subject=subject, start=at(10, 14, month=4), end=at(10, 15, month=4))
    try:
        (info,) = view(setting("OTHER_USER"))
        busy = [e for e in info.calendar_events or [] if e.start.hour == 14]
        same([e.busy_type for e in busy], ["Busy"])
        true(all(not e.details or e.details.subject != subject for e in busy), "the subject is not told")
    finally:
        made.delete()


@check()
def several_people_are_asked_at_once():
    found = view(me(), setting("OTHER_USER"), setting("THIRD_USER"))
    same([len(i.merged) for i in found], [96] * 3)


@check()
def working_hours_are_told():
    (info,) = view(me())
    true(info.working_hours, "there are working hours")
    true(info.working_hours[0].start < info.working_hours[0].end, "they start before they end")
    true(info.working_hours_timezone is not None, "they have a time zone")


@check()
def unknown_mailbox_has_an_error_of_its_own():
    domain = setting("USER").split("@")[1]
    found = view(me(), f"nobody-here@{domain}")
    same([isinstance(i, Exception) for i in found], [False, True])


@check("ROOM_LIST")
def room_lists():
    lists = [r.email_address.lower() for r in me().protocol.get_roomlists()]
    true(setting("ROOM_LIST").lower() in lists, f"{setting('ROOM_LIST')} is one of {lists}")


@check("ROOM_LIST", "ROOM")
def rooms():
    found = {r.email_address.lower(): r for r in me().protocol.get_rooms(setting("ROOM_LIST"))}
    true(setting("ROOM").lower() in found, f"{setting('ROOM')} is one of {sorted(found)}")
    true(found[setting("ROOM").lower()].name, "it has a name")


def with_oof(settings, then):
    """Sets out-of-office, does something, and sets it back."""
    before = me().oof_settings
    me().oof_settings = settings
    try:
        then()
    finally:
        if before.state == OofSettings.SCHEDULED and before.end < EWSDateTime.now(tz=UTC):
            before = OofSettings(state=OofSettings.DISABLED)
        me().oof_settings = before


@check()
def out_of_office_is_set_and_got():
    wanted = OofSettings(
        state=OofSettings.ENABLED,
        external_audience="Known",
        internal_reply="<p>Back on <b>Monday</b></p>",
        external_reply="Away",
    )

    def look():
        got = me().oof_settings
        same((got.state, got.external_audience), ("Enabled", "Known"))
        true("Back on" in got.internal_reply and "Monday" in got.internal_reply, "the reply to colleagues")
        true("Away" in got.external_reply, "the reply to others")

    with_oof(wanted, look)


@check()
def out_of_office_is_scheduled():
    start = EWSDateTime.now(tz=UTC).replace(microsecond=0) + timedelta(days=2)
    wanted = OofSettings(
        state=OofSettings.SCHEDULED, start=start, end=start + timedelta(days=3), internal_reply="in", external_reply="out"
    )

    def look():
        got = me().oof_settings
        same((got.state, got.start, got.end), ("Scheduled", start, start + timedelta(days=3)))

    with_oof(wanted, look)


@check()
def out_of_office_is_disabled():
    def look():
        same(me().oof_settings.state, "Disabled")

    with_oof(OofSettings(state=OofSettings.DISABLED), look)


@check()
def sender_is_told_that_one_is_away():
    text = unique("away")
    subject = unique("are you there")

    def send():
        Message(account=other(), subject=subject, body="?", to_recipients=[setting("USER")]).send()
        until(
            lambda: [m for m in other().inbox.filter(subject__contains=subject) if text in (m.body or "")],
            "the automatic reply",
        )

    with_oof(OofSettings(state=OofSettings.ENABLED, internal_reply=text, external_reply=text), send)


@check()
def mail_tips():
    tips = me().mail_tips
    same(tips.recipient_address.email_address.lower(), setting("USER").lower())
    same((tips.mailbox_full, tips.invalid_recipient), (False, False))
    true(tips.max_message_size is None or tips.max_message_size > 0, "the largest message")


@check()
def mail_tips_tell_of_an_absence():
    text = unique("gone fishing")

    def look():
        true(text in (me().mail_tips.out_of_office.reply_body or ""), "the reply is told")

    with_oof(OofSettings(state=OofSettings.ENABLED, internal_reply=text, external_reply=text), look)
