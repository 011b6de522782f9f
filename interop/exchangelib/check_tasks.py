"""Tasks, and tasks that come again."""
from datetime import date
from decimal import Decimal

from checks import check, same, true
from world import scratch

from exchangelib import EWSDate, FileAttachment, Task
from exchangelib.fields import FRIDAY
from exchangelib.recurrence import (
    DailyPattern,
    DailyRegeneration,
    EndDatePattern,
    NumberedPattern,
    TaskRecurrence,
    WeeklyPattern,
)


def task(folder, **more):
    more.setdefault("subject", "Call Woodgrove")
    return Task(folder=folder, **more).save()


@check()
def task_comes_back_as_it_went_in():
    folder = scratch("tasks")
    plain = dict(
        subject="Call Woodgrove & ask",
        start_date=EWSDate(2027, 2, 3),
        due_date=EWSDate(2027, 2, 10),
        status="InProgress",
        percent_complete=Decimal("40"),
        importance="High",
        sensitivity="Private",
        categories=["Red"],
        companies=["Woodgrove"],
        contacts=["Otto"],
        billing_information="B-17",
        mileage="12 km",
        actual_work=90,
        total_work=240,
    )
    made = task(folder, body="About the renewal", **plain)
    got = folder.get(id=made.id)
    for field, value in plain.items():
        same(getattr(got, field), value, field)
    same(str(got.body).strip(), "About the renewal", "the body")
    same((got.is_complete, got.is_recurring, got.item_class), (False, False, "IPM.Task"))
    true(got.owner, "there is an owner")


@check()
def task_is_updated():
    folder = scratch("tasks")
    made = task(folder, due_date=EWSDate(2027, 2, 10))
    made.subject, made.due_date, made.percent_complete, made.status = "Later", EWSDate(2027, 3, 29), Decimal(10), "InProgress"
    made.save(update_fields=["subject", "due_date", "percent_complete", "status"])
    got = folder.get(id=made.id)
    same((got.subject, got.due_date, got.percent_complete, got.status), ("Later", date(2027, 3, 29), Decimal(10), "InProgress"))


@check()
def task_is_completed():
    folder = scratch("tasks")
    made = task(folder)
    made.refresh()
    made.complete()
    got = folder.get(id=made.id)
    same((got.is_complete, got.status, got.percent_complete), (True, "Completed", Decimal(100)))
    true(got.complete_date, "there is a day of completion")


@check()
def status_follows_the_share():
    folder = scratch("tasks")
    made = task(folder)
    made.percent_complete, made.status = Decimal(100), "Completed"
    made.save(update_fields=["percent_complete"])
    same(folder.get(id=made.id).status, "Completed")


@check()
def tasks_are_found():
    folder = scratch("tasks")
    task(folder, subject="early", due_date=EWSDate(2027, 2, 1))
    task(folder, subject="late", due_date=EWSDate(2027, 3, 1), importance="High")
    same(list(folder.filter(importance="High").values_list("subject", flat=True)), ["late"])
    same(list(folder.filter(due_date__lt=EWSDate(2027, 2, 15)).values_list("subject", flat=True)), ["early"])
    same(list(folder.all().order_by("-due_date").values_list("subject", flat=True)), ["late", "early"])
    same(list(folder.filter(is_complete=True).values_list("subject", flat=True)), [])


@check()
def task_has_attachments():
    folder = scratch("tasks")
    made = task(folder)
    made.attach(FileAttachment(name="notes.txt", content=b"notes"))
    same([(a.name, a.content) for a in folder.get(id=made.id).attachments], [("notes.txt", b"notes")])


@check()
def task_is_moved_copied_and_deleted():
    source, target = scratch("tasks"), scratch("tasks")
    made = task(source)
    made.move(to_folder=target)
    made.copy(to_folder=source)
    made.delete()
    same((source.all().count(), target.all().count()), (1, 0))


@check()
def task_recurs():
    folder = scratch("tasks")
    wanted = TaskRecurrence(
        pattern=WeeklyPattern(interval=1, weekdays=[FRIDAY]),
        boundary=NumberedPattern(start=EWSDate(2027, 2, 5), number=4),
    )
    made = task(folder, due_date=EWSDate(2027, 2, 5), recurrence=wanted)
    got = folder.get(id=made.id)
    same(got.is_recurring, True, "recurring")
    same(got.recurrence.pattern, wanted.pattern, "the pattern")
    same((got.recurrence.boundary.start, got.recurrence.boundary.number), (date(2027, 2, 5), 4), "the range")


@check()
def task_recurs_until_a_day():
    folder = scratch("tasks")
    wanted = TaskRecurrence(
        pattern=DailyPattern(interval=2), boundary=EndDatePattern(start=EWSDate(2027, 2, 5), end=EWSDate(2027, 4, 1))
    )
    got = folder.get(id=task(folder, due_date=EWSDate(2027, 2, 5), recurrence=wanted).id)
    same((got.recurrence.boundary.start, got.recurrence.boundary.end), (date(2027, 2, 5), date(2027, 4, 1)))


@check()
def task_comes_again_after_completion():
    folder = scratch("tasks")
    wanted = TaskRecurrence(
        pattern=DailyRegeneration(interval=3), boundary=NumberedPattern(start=EWSDate(2027, 2, 5), number=4)
    )
    got = folder.get(id=task(folder, due_date=EWSDate(2027, 2, 5), recurrence=wanted).id)
    same(got.recurrence.pattern, wanted.pattern, "the pattern")


@check()
def completed_task_of_a_series_leaves_the_next_one():
    folder = scratch("tasks")
    wanted = TaskRecurrence(
        pattern=WeeklyPattern(interval=1, weekdays=[FRIDAY]),
        boundary=NumberedPattern(start=EWSDate(2027, 2, 5), number=4),
    )
    made = task(folder, start_date=EWSDate(2027, 2, 5), due_date=EWSDate(2027, 2, 5), recurrence=wanted)
    made.refresh()
    made.status, made.percent_complete = "Completed", Decimal(100)
    made.save(update_fields=["status", "percent_complete"])
    got = sorted((t.is_complete, t.is_recurring, t.due_date.isoformat()) for t in folder.all())
    same(got, [(False, True, "2027-02-12"), (True, False, "2027-02-05")])
