"""Folders: making, finding, changing and removing them."""
from checks import check, refused, same, true
from world import me, message, messages, scratch, setting, unique

from exchangelib import Mailbox, Message, Q
from exchangelib.errors import (
    ErrorDeleteDistinguishedFolder,
    ErrorFolderExists,
    ErrorFolderNotFound,
    ErrorItemNotFound,
)
from exchangelib.folders import Calendar, Contacts, Inbox, Messages, SingleFolderQuerySet, Tasks
from exchangelib.folders.collections import FolderCollection
from exchangelib.properties import DistinguishedFolderId
from exchangelib.services import CreateFolder


@check()
def distinguished_folders_are_there():
    account = me()
    for folder in (
        account.inbox,
        account.drafts,
        account.sent,
        account.outbox,
        account.trash,
        account.junk,
        account.calendar,
        account.contacts,
        account.tasks,
        account.notes,
        account.journal,
    ):
        true(folder.id and folder.changekey, f"{folder} has an id")
        same(folder.parent.id, account.msg_folder_root.id, f"the parent of {folder.name}")


@check()
def distinguished_folders_have_their_classes():
    account = me()
    same(account.inbox.folder_class, "IPF.Note", "the inbox's class")
    same(account.calendar.folder_class, "IPF.Appointment", "the calendar's class")
    same(account.contacts.folder_class, "IPF.Contact", "the contacts' class")
    same(account.tasks.folder_class, "IPF.Task", "the tasks' class")


@check()
def hierarchy_is_walked_from_the_root():
    account = me()
    account.root.clear_cache()
    found = {f.id: f for f in account.root.walk()}
    for folder in (account.inbox, account.calendar, account.contacts, account.tasks):
        true(folder.id in found, f"{folder.name} is found")
    same(found[account.inbox.id].absolute.split("/")[-1], account.inbox.name, "the end of its path")


@check()
def created_folder_is_found_by_its_name():
    account = me()
    folder = scratch()
    account.root.clear_cache()
    found = account.msg_folder_root / folder.name
    same((found.id, found.name, found.folder_class), (folder.id, folder.name, "IPF.Note"), "the folder")
    same(found.parent.id, account.msg_folder_root.id, "its parent")
    same((found.total_count, found.unread_count, found.child_folder_count), (0, 0, 0), "its counts")


@check()
def created_folders_have_the_kind_of_their_class():
    for kind, folder_type in (("calendar", Calendar), ("contacts", Contacts), ("tasks", Tasks)):
        folder = scratch(kind)
        found = SingleFolderQuerySet(account=me(), folder=me().msg_folder_root).get(name=folder.name)
        same((type(found), found.id), (folder_type, folder.id), f"the folder for {kind}")


@check()
def name_that_is_taken_is_refused():
    folder = scratch()
    refused(ErrorFolderExists, Messages(parent=me().msg_folder_root, name=folder.name).save)


@check()
def folder_is_renamed():
    folder = scratch()
    folder.name = unique("renamed")
    folder.save(update_fields=["name"])
    name = folder.name
    same(folder.refresh().name, name, "the name")


@check()
def folder_is_moved():
    source, target = scratch(), scratch()
    child = Messages(parent=source, name="child").save()
    child.move(to_folder=target)
    child.refresh()
    same(child.parent_folder_id.id, target.id, "the parent")
    me().root.clear_cache()
    same([f.name for f in target.children], ["child"], "the target's children")
    same([f.name for f in source.children], [], "the source's children")


@check()
def deleted_folder_is_gone():
    folder = Messages(parent=scratch(), name="child").save()
    folder_id = folder.id
    folder.delete()
    refused((ErrorFolderNotFound, ErrorItemNotFound), Messages(root=me().root, id=folder_id).refresh)


@check()
def folder_moved_to_deleted_items_is_there():
    folder = Messages(parent=scratch(), name=unique("trashed")).save()
    name = folder.name
    folder.delete(delete_type="MoveToDeletedItems")
    me().root.clear_cache()
    found = me().trash / name
    same(found.parent.id, me().trash.id, "the parent")
    found.delete()


@check()
def distinguished_folder_cannot_be_deleted():
    inbox = Inbox(root=me().root, is_distinguished=True, id=me().inbox.id, changekey=me().inbox.changekey)
    refused(ErrorDeleteDistinguishedFolder, inbox.delete)


@check()
def emptied_folder_keeps_its_children():
    folder = scratch()
    Messages(parent=folder, name="child").save()
    messages(folder, 3)
    folder.empty()
    folder.refresh()
    same((folder.total_count, folder.child_folder_count), (0, 1), "items and children")


@check()
def emptied_folder_loses_its_children_on_request():
    folder = scratch()
    message(Messages(parent=folder, name="child").save())
    folder.empty(delete_sub_folders=True)
    folder.refresh()
    same((folder.total_count, folder.child_folder_count), (0, 0), "items and children")


@check()
def folder_is_wiped():
    folder = scratch()
    message(Messages(parent=folder, name="child").save())
    message(folder)
    me().root.clear_cache()
    (me().msg_folder_root / folder.name).wipe()
    folder.refresh()
    same((folder.total_count, folder.child_folder_count), (0, 0), "items and children")


@check()
def counts_follow_the_content():
    folder = scratch()
    made = folder.bulk_create([Message(subject="a", is_read=True), Message(subject="b"), Message(subject="c")])
    folder.refresh()
    same((folder.total_count, folder.unread_count), (3, 2), "all and unread")
    me().bulk_delete(made[:2])
    folder.refresh()
    same((folder.total_count, folder.unread_count), (1, 1), "all and unread after deletion")


@check()
def tree_shows_what_was_made():
    folder = scratch()
    Messages(parent=Messages(parent=folder, name="child").save(), name="grandchild").save()
    me().root.clear_cache()
    same((me().msg_folder_root / folder.name).tree(), f"{folder.name}\n└── child\n    └── grandchild", "the tree")


@check()
def glob_finds_folders():
    folder = scratch()
    for name in ("alpha", "beta", "alphabet"):
        Messages(parent=folder, name=name).save()
    me().root.clear_cache()
    same(sorted(f.name for f in (me().msg_folder_root / folder.name).glob("alpha*")), ["alpha", "alphabet"])


@check()
def folders_are_filtered_by_the_server():
    folder = scratch()
    for name in ("north", "south", "northwest"):
        Messages(parent=folder, name=name).save()
    collection = FolderCollection(account=me(), folders=[folder])
    found = collection.find_folders(q=Q(name__startswith="north"), depth="Shallow")
    same(sorted(f.name for f in found), ["north", "northwest"])


@check()
def effective_rights_of_ones_own_folder():
    rights = scratch().refresh().effective_rights
    for right in ("create_contents", "create_hierarchy", "delete", "modify", "read"):
        true(right in rights, f"{right} is there")


@check()
def folder_in_an_unknown_place_is_not_found():
    gone = scratch()
    child = Messages(parent=gone, name="child")
    Messages(root=me().root, id=gone.id, changekey=gone.changekey).delete()
    create = CreateFolder(account=me()).get
    refused((ErrorFolderNotFound, ErrorItemNotFound), create, parent_folder=gone, folders=[child])


@check()
def distinguished_folder_without_a_mailbox_is_ones_own():
    own = DistinguishedFolderId(id="inbox")
    (found,) = FolderCollection(account=me(), folders=[own]).resolve()
    same(found.id, me().inbox.id, "the inbox's id")
    theirs = DistinguishedFolderId(id="inbox", mailbox=Mailbox(email_address=setting("USER")))
    (found,) = FolderCollection(account=me(), folders=[theirs]).resolve()
    same(found.id, me().inbox.id, "the inbox's id, with the mailbox named")
