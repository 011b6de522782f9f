"""Finding messages: restrictions of every form, order, pages, query strings."""
from datetime import timedelta
from functools import lru_cache

from checks import check, refused, same
from world import me, message, messages, scratch, unique

from exchangelib import Message, Q
from exchangelib.errors import DoesNotExist, MultipleObjectsReturned
from exchangelib.ewsdatetime import UTC_NOW
from exchangelib.folders.collections import FolderCollection


@lru_cache
def fruit():
    """A folder whose messages the checks look for."""
    folder = scratch()
    folder.bulk_create(
        [
            Message(subject="Apple red", body="One Apple", importance="High", categories=["Fruit"], is_read=True),
            Message(subject="apple green", body="Two apples", importance="Low", categories=["Fruit", "Sour"]),
            Message(subject="Banana", body="Three bananas", sensitivity="Private", categories=["Fruit"]),
            Message(subject="Cherry", body="Four cherries", is_read=True, categories=["Sour"]),
            Message(subject="Date palm", body="Five dates"),
        ]
    )
    return folder


def found(*args, **kwargs):
    return sorted(fruit().filter(*args, **kwargs).values_list("subject", flat=True))


@check()
def equal_and_not_equal():
    same(found(subject="Banana"), ["Banana"])
    same(found(subject__not="Banana"), ["Apple red", "Cherry", "Date palm", "apple green"])


@check()
def greater_and_less():
    same(found(subject__gt="Banana", subject__lt="Date palm"), ["Cherry"])
    same(found(subject__gte="Banana", subject__lte="Date palm"), ["Banana", "Cherry", "Date palm"])
    same(found(subject__range=("Banana", "Cherry")), ["Banana", "Cherry"])


@check()
def whole_text_with_and_without_case():
    same(found(subject__exact="Apple red"), ["Apple red"])
    same(found(subject__exact="apple red"), [])
    same(found(subject__iexact="apple RED"), ["Apple red"])


@check()
def parts_of_text_with_and_without_case():
    same(found(subject__contains="pple"), ["Apple red", "apple green"])
    same(found(subject__contains="Apple"), ["Apple red"])
    same(found(subject__icontains="APPLE"), ["Apple red", "apple green"])


@check()
def beginnings_with_and_without_case():
    same(found(subject__startswith="Ap"), ["Apple red"])
    same(found(subject__istartswith="ap"), ["Apple red", "apple green"])


@check()
def one_of_several_values():
    same(found(subject__in=["Banana", "Cherry", "Elder"]), ["Banana", "Cherry"])
    same(found(subject__in=[]), [])


@check()
def existence():
    same(found(categories__exists=True), ["Apple red", "Banana", "Cherry", "apple green"])
    same(found(categories__exists=False), ["Date palm"])


@check()
def both_and_either_and_not():
    same(found(Q(subject="Banana") | Q(subject="Cherry")), ["Banana", "Cherry"])
    same(found(Q(subject__icontains="apple") & Q(importance="High")), ["Apple red"])
    same(found(~Q(subject__icontains="apple")), ["Banana", "Cherry", "Date palm"])
    same(found(~(Q(subject="Banana") | Q(subject="Cherry")), is_read=False), ["Date palm", "apple green"])


@check()
def deep_conditions():
    wanted = (Q(importance="High") | (Q(categories="Sour") & ~Q(is_read=True))) & ~Q(subject="none")
    same(found(wanted), ["Apple red", "apple green"])


@check()
def excluded_ones():
    rest = fruit().exclude(subject__icontains="apple").exclude(subject="Banana")
    same(sorted(rest.values_list("subject", flat=True)), ["Cherry", "Date palm"])


@check()
def truth_values():
    same(found(is_read=True), ["Apple red", "Cherry"])
    same(found(is_read=False), ["Banana", "Date palm", "apple green"])
    same(found(has_attachments=True), [])


@check()
def importance_and_sensitivity():
    same(found(importance="High"), ["Apple red"])
    same(found(importance__in=["High", "Low"]), ["Apple red", "apple green"])
    same(found(sensitivity="Private"), ["Banana"])


@check()
def categories():
    same(found(categories="Sour"), ["Cherry", "apple green"])
    same(found(categories__contains=["Fruit", "Sour"]), ["apple green"])
    same(found(categories__in=["Fruit", "Sour"]), ["Apple red", "Banana", "Cherry", "apple green"])


@check()
def text_of_the_body():
    same(found(body__contains="apples"), ["apple green"])
    same(found(body__icontains="APPLE"), ["Apple red", "apple green"])


@check()
def times():
    now = UTC_NOW()
    same(len(found(datetime_created__gt=now - timedelta(hours=1))), 5)
    same(found(datetime_created__lt=now - timedelta(hours=1)), [])
    same(len(found(last_modified_time__range=(now - timedelta(hours=1), now + timedelta(hours=1)))), 5)


@check()
def sizes():
    folder = scratch()
    message(folder, "small", body="x")
    message(folder, "large", body="x" * 100_000)
    same(list(folder.filter(size__gt=90_000).values_list("subject", flat=True)), ["large"])
    same(list(folder.filter(size__lt=90_000).values_list("subject", flat=True)), ["small"])


@check()
def order():
    subjects = lambda query: list(query.values_list("subject", flat=True))  # noqa: E731
    want = ["Apple red", "apple green", "Banana", "Cherry", "Date palm"]
    up, down = subjects(fruit().all().order_by("subject")), subjects(fruit().all().order_by("-subject"))
    same([s.lower() for s in up], sorted(s.lower() for s in want), "upwards")
    same(down, up[::-1], "downwards")


@check()
def order_by_several():
    got = list(fruit().filter(subject__not="Date palm").order_by("-is_read", "subject").values_list("subject", flat=True))
    same(got, ["Apple red", "Cherry", "apple green", "Banana"])


@check()
def order_by_time():
    folder = scratch()
    for i in range(4):
        message(folder, f"{i}")
    got = list(folder.all().order_by("-datetime_created").values_list("subject", flat=True))
    same(sorted(got), ["0", "1", "2", "3"])
    times = list(folder.all().order_by("datetime_created").values_list("datetime_created", flat=True))
    same(times, sorted(times), "the times")


@check()
def pages_are_put_together():
    folder = scratch()
    messages(folder, 60)
    query = folder.all().order_by("subject").only("subject")
    query.page_size = 7
    same([m.subject for m in query], [f"Number {i:03}" for i in range(60)])


@check()
def slices():
    folder = scratch()
    messages(folder, 20)
    query = folder.all().order_by("subject").only("subject")
    same([m.subject for m in query[5:8]], ["Number 005", "Number 006", "Number 007"])
    same(query[3].subject, "Number 003")
    same([m.subject for m in query[:2]], ["Number 000", "Number 001"])


@check()
def more_than_the_largest_page():
    folder = scratch()
    made = folder.bulk_create([Message(subject=f"{i:04}") for i in range(1_030)])
    same(len(made), 1_030, "the number made")
    same(folder.all().count(), 1_030, "the count")
    same(folder.filter(subject__startswith="0").count(), 1_000, "the count with a restriction")
    subjects = folder.all().order_by("-subject").values_list("subject", flat=True)
    same(list(subjects), [f"{i:04}" for i in reversed(range(1_030))], "the subjects")


@check()
def counting_and_existence():
    same(fruit().all().count(), 5)
    same(fruit().filter(subject="Banana").exists(), True)
    same(fruit().filter(subject="Elder").exists(), False)
    same(fruit().none().count(), 0)


@check()
def one_and_only():
    same(fruit().get(subject="Banana").body.strip(), "Three bananas")
    refused(DoesNotExist, fruit().get, subject="Elder")
    refused(MultipleObjectsReturned, fruit().get, subject__icontains="apple")


@check()
def only_what_was_asked_for():
    got = fruit().all().only("subject").get(subject="Banana")
    same((got.subject, got.body, got.categories), ("Banana", None, None))


@check()
def values_and_lists_of_values():
    same(
        sorted(fruit().filter(is_read=True).values("subject", "importance"), key=lambda v: v["subject"]),
        [{"subject": "Apple red", "importance": "High"}, {"subject": "Cherry", "importance": "Normal"}],
    )
    same(sorted(fruit().filter(is_read=True).values_list("subject", "is_read")), [("Apple red", True), ("Cherry", True)])
    ids = list(fruit().all().values_list("id", flat=True))
    same(len(set(ids)), 5, "the number of ids")


@check()
def several_folders_at_once():
    one, two = scratch(), scratch()
    subject = unique("both")
    message(one, subject)
    message(two, subject)
    both = FolderCollection(account=me(), folders=[one, two])
    same({m.parent_folder_id.id for m in both.filter(subject=subject)}, {one.id, two.id}, "the folders")


@check()
def query_string():
    same(found("subject:banana"), ["Banana"])
    same(found("subject:apple AND importance:high"), ["Apple red"])


@check()
def query_string_without_a_field():
    same(found("cherries"), ["Cherry"])


@check()
def what_the_search_returns_can_be_updated():
    folder = scratch()
    message(folder, "one")
    got = folder.get(subject="one")
    got.subject = "two"
    got.save(update_fields=["subject"])
    same(list(folder.all().values_list("subject", flat=True)), ["two"])
