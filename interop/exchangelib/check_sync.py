"""Synchronization of items and of folders, from nothing and onwards."""
from checks import check, refused, same, true
from world import me, message, messages, scratch

from exchangelib import Message
from exchangelib.errors import ErrorInvalidSyncStateData
from exchangelib.folders import Messages


def changes(folder, **more):
    """The kinds of changes with the subjects, where there are any."""
    more.setdefault("only_fields", ["subject"])
    return [(kind, getattr(item, "subject", None)) for kind, item in folder.sync_items(**more)]


@check()
def first_synchronization_tells_everything():
    folder = scratch()
    messages(folder, 3)
    same(sorted(changes(folder)), [("create", f"Number {i:03}") for i in range(3)])
    true(folder.item_sync_state, "there is a state")


@check()
def nothing_new_is_nothing():
    folder = scratch()
    messages(folder, 3)
    changes(folder)
    same(changes(folder), [])


@check()
def created_changed_and_deleted():
    folder = scratch()
    ids = messages(folder, 3)
    changes(folder)
    new = message(folder, "new")
    first = folder.get(id=ids[0])
    first.subject = "changed"
    first.save(update_fields=["subject"])
    me().bulk_delete([(ids[1], None)])
    got = list(folder.sync_items(only_fields=["subject"]))
    same(
        sorted((kind, item.id if kind != "delete" else item.id) for kind, item in got),
        sorted([("create", new.id), ("update", ids[0]), ("delete", ids[1])]),
    )
    same({i.subject for k, i in got if k != "delete"}, {"new", "changed"}, "the subjects")


@check()
def read_flag_has_a_change_of_its_own():
    folder = scratch()
    made = message(folder, "flag")
    changes(folder)
    made.is_read = True
    made.save(update_fields=["is_read"])
    got = list(folder.sync_items(only_fields=["subject"]))
    same([kind for kind, _ in got], ["read_flag_change"])
    same((got[0][1][0].id, got[0][1][1]), (made.id, True), "which message, and that it was read")


@check()
def moved_away_is_deleted_there_and_created_here():
    source, target = scratch(), scratch()
    made = message(source, "moving")
    changes(source)
    changes(target)
    old = made.id
    made.move(to_folder=target)
    same([(k, i.id) for k, i in source.sync_items(only_fields=["subject"])], [("delete", old)])
    same([(k, i.id) for k, i in target.sync_items(only_fields=["subject"])], [("create", made.id)])


@check()
def created_and_deleted_between_is_not_created():
    folder = scratch()
    changes(folder)
    message(folder, "short-lived").delete()
    true("create" not in [k for k, _ in changes(folder)], "no creation is told")


@check()
def many_changes_come_in_pages():
    folder = scratch()
    messages(folder, 30)
    same(len(changes(folder, max_changes_returned=7)), 30, "the number of changes")
    same(changes(folder, max_changes_returned=7), [])


@check()
def ignored_items_are_left_out():
    folder = scratch()
    ids = messages(folder, 3)
    got = folder.sync_items(only_fields=["subject"], ignore=[Message(id=ids[0], account=me())])
    same(sorted(i.subject for _, i in got), ["Number 001", "Number 002"])


@check()
def synchronization_brings_what_was_asked_for():
    folder = scratch()
    message(folder, "fields", categories=["Red"], importance="High", is_read=True)
    ((_, item),) = folder.sync_items(only_fields=["subject", "categories", "importance", "is_read"])
    same((item.subject, item.categories, item.importance, item.is_read), ("fields", ["Red"], "High", True))


@check()
def synchronization_with_all_fields():
    folder = scratch()
    message(folder, "all", categories=["Red"])
    ((kind, item),) = folder.sync_items()
    same((kind, item.subject, item.categories), ("create", "all", ["Red"]))


@check()
def old_state_tells_the_same_again():
    folder = scratch()
    messages(folder, 1)
    changes(folder)
    state = folder.item_sync_state
    message(folder, "later")
    same(changes(folder, sync_state=state), [("create", "later")])
    same(changes(folder, sync_state=state), [("create", "later")], "the same once more")


@check()
def broken_state_is_refused():
    refused(ErrorInvalidSyncStateData, lambda: list(scratch().sync_items(sync_state="bm90IGEgc3RhdGU=")))


@check()
def hierarchy_from_nothing():
    root = scratch()
    child = Messages(parent=root, name="child").save()
    grandchild = Messages(parent=child, name="grandchild").save()
    got = [(k, f.id, f.name) for k, f in root.sync_hierarchy()]
    same(got, [("create", child.id, "child"), ("create", grandchild.id, "grandchild")])


@check()
def hierarchy_onwards():
    root = scratch()
    one = Messages(parent=root, name="one").save()
    two = Messages(parent=root, name="two").save()
    list(root.sync_hierarchy())
    one.name = "one, renamed"
    one.save(update_fields=["name"])
    two_id = two.id
    two.delete()
    three = Messages(parent=root, name="three").save()
    got = sorted((k, f.id) for k, f in root.sync_hierarchy())
    same(got, sorted([("update", one.id), ("delete", two_id), ("create", three.id)]))
    same(list(root.sync_hierarchy()), [])


@check()
def hierarchy_of_the_whole_mailbox():
    names = {f.name for k, f in me().msg_folder_root.sync_hierarchy() if k == "create"}
    for name in (me().inbox.name, me().calendar.name, me().sent.name):
        true(name in names, f"{name} is told")
