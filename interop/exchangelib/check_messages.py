"""Messages: made, read, changed, moved, copied and deleted, one and many."""
from checks import check, refused, same, true
from world import me, message, messages, scratch, unique

from exchangelib import HTMLBody, Mailbox, Message
from exchangelib.errors import (
    ErrorCannotDeleteObject,
    ErrorInvalidIdMalformed,
    ErrorIrresolvableConflict,
    ErrorItemNotFound,
    ResponseMessageError,
)
from exchangelib.items import ALWAYS_OVERWRITE, NEVER_OVERWRITE, SOFT_DELETE


@check()
def message_comes_back_as_it_went_in():
    made = message(
        scratch(),
        "Grüße & <Umlaute> – 日本",
        body="Eins\nZwei & <drei>",
        to_recipients=[Mailbox(name="Anna A.", email_address="a@adatum.example"), "b@adatum.example"],
        cc_recipients=[Mailbox(email_address="c@adatum.example")],
        bcc_recipients=[Mailbox(email_address="d@adatum.example")],
        reply_to=[Mailbox(email_address="r@adatum.example")],
        importance="High",
        sensitivity="Confidential",
        categories=["Red", "Blue one"],
        is_read_receipt_requested=True,
        is_delivery_receipt_requested=True,
        is_read=True,
        references="<first@adatum.example> <second@adatum.example>",
        in_reply_to="<second@adatum.example>",
    )
    got = made.folder.get(id=made.id)
    same(got.subject, "Grüße & <Umlaute> – 日本", "the subject")
    same(got.body.replace("\r\n", "\n").rstrip("\n"), "Eins\nZwei & <drei>", "the body")
    same(type(got.body).__name__, "Body", "the kind of the body")
    same([m.email_address for m in got.to_recipients], ["a@adatum.example", "b@adatum.example"], "To")
    same(got.to_recipients[0].name, "Anna A.", "the name in To")
    same([m.email_address for m in got.cc_recipients], ["c@adatum.example"], "Cc")
    same([m.email_address for m in got.bcc_recipients], ["d@adatum.example"], "Bcc")
    same([m.email_address for m in got.reply_to], ["r@adatum.example"], "Reply-To")
    same((got.importance, got.sensitivity), ("High", "Confidential"), "importance and sensitivity")
    same(got.categories, ["Red", "Blue one"], "the categories")
    same((got.is_read_receipt_requested, got.is_delivery_receipt_requested), (True, True), "the receipts")
    same(got.is_read, True, "read")
    same(got.references, "<first@adatum.example> <second@adatum.example>", "References")
    same(got.in_reply_to, "<second@adatum.example>", "In-Reply-To")
    same((got.is_draft, got.is_submitted, got.has_attachments), (True, False, False), "the state")
    same(got.item_class, "IPM.Note", "the class")
    same(got.display_to, "Anna A.; b@adatum.example", "DisplayTo")
    same(got.parent_folder_id.id, made.folder.id, "the folder")
    true(got.datetime_created and got.last_modified_time and got.size > 0, "times and size are there")
    true(got.conversation_id, "there is a conversation")


@check()
def html_body_comes_back():
    made = message(scratch(), body=HTMLBody("<html><body><p>Hello <b>you</b> &amp; me</p></body></html>"))
    made.refresh()
    same(type(made.body).__name__, "HTMLBody", "the kind of the body")
    true("<b>you</b> &amp; me" in made.body, f"the markup is kept in {made.body!r}")
    same(made.text_body.strip(), "Hello you & me", "the text")


@check()
def message_is_updated():
    made = message(scratch(), body="before", importance="Low", categories=["Red"])
    key = made.changekey
    made.subject, made.body, made.importance, made.categories = "after", "after too", "High", ["Green", "Blue"]
    made.is_read = True
    made.save()
    true(made.changekey != key, "the change key has changed")
    got = made.folder.get(id=made.id)
    same((got.subject, str(got.body).strip()), ("after", "after too"), "subject and body")
    same((got.importance, got.categories, got.is_read), ("High", ["Green", "Blue"], True))


@check()
def one_field_is_updated():
    made = message(scratch(), "before", body="stays")
    made.subject, made.body = "after", "is not sent"
    made.save(update_fields=["subject"])
    made.refresh()
    same((made.subject, str(made.body).strip()), ("after", "stays"), "subject and body")


@check()
def field_is_deleted():
    made = message(scratch(), categories=["Red"], to_recipients=["a@adatum.example"])
    made.categories, made.to_recipients = None, None
    made.save(update_fields=["categories", "to_recipients"])
    made.refresh()
    same((made.categories, made.to_recipients), (None, None), "categories and To")


@check()
def stale_change_key_is_refused():
    made = message(scratch(), "one")
    stale = made.changekey
    made.subject = "two"
    made.save(update_fields=["subject"])
    made.changekey = stale
    made.subject = "three"
    refused(ErrorIrresolvableConflict, made.save, update_fields=["subject"], conflict_resolution=NEVER_OVERWRITE)
    made.save(update_fields=["subject"], conflict_resolution=ALWAYS_OVERWRITE)
    same(made.refresh().subject, "three", "the subject")


@check()
def message_is_moved():
    source, target = scratch(), scratch()
    made = message(source, "moving")
    made.move(to_folder=target)
    same(source.all().count(), 0, "what is left")
    got = target.get(subject="moving")
    same(got.id, made.id, "the id that the move told")
    same(got.parent_folder_id.id, target.id, "its folder")


@check()
def message_is_copied():
    source, target = scratch(), scratch()
    made = message(source, "copying", body="the same", categories=["Red"])
    copy_id, _ = made.copy(to_folder=target)
    true(copy_id != made.id, "the copy has an id of its own")
    got = target.get(id=copy_id)
    same((got.subject, str(got.body).strip(), got.categories), ("copying", "the same", ["Red"]))
    same(source.all().count(), 1, "what is left")


@check()
def deleted_message_is_gone():
    made = message(scratch())
    folder, item_id = made.folder, made.id
    made.delete()
    same([type(m).__name__ for m in me().fetch([(item_id, None)])], ["ErrorItemNotFound"], "what a fetch gives")
    same(folder.all().count(), 0, "what is left")


@check()
def trashed_message_is_in_deleted_items():
    subject = unique("trashed")
    message(scratch(), subject).move_to_trash()
    found = me().trash.get(subject=subject)
    same(found.subject, subject, "the subject")
    found.delete()


@check()
def softly_deleted_message_is_recoverable():
    subject = unique("soft")
    made = message(scratch(), subject)
    folder = made.folder
    made.soft_delete()
    same(folder.all().count(), 0, "what is left")
    found = me().recoverable_items_deletions.get(subject=subject)
    found.move(to_folder=folder)
    same([m.subject for m in folder.all()], [subject], "what is back")


@check()
def deleting_twice_is_refused():
    made = message(scratch())
    again = Message(account=me(), id=made.id, changekey=made.changekey)
    made.delete()
    refused((ErrorItemNotFound, ErrorCannotDeleteObject), again.delete)


@check()
def malformed_id_is_refused():
    same(
        [type(m).__name__ for m in me().fetch([("bm90IGFuIGlk", None)])],
        [ErrorInvalidIdMalformed.__name__],
        "what a fetch gives",
    )


@check()
def messages_are_created_in_bulk():
    folder = scratch()
    made = folder.bulk_create([Message(subject=f"bulk {i}", body=f"body {i}") for i in range(25)])
    same(len({m.id for m in made}), 25, "the number of ids")
    got = list(me().fetch(made, only_fields=["subject", "body"]))
    same([m.subject for m in got], [f"bulk {i}" for i in range(25)], "the subjects, in order")
    same([str(m.body).strip() for m in got], [f"body {i}" for i in range(25)], "the bodies")


@check()
def messages_are_created_in_chunks():
    folder = scratch()
    made = me().bulk_create(folder, [Message(subject=f"chunk {i}") for i in range(7)], chunk_size=3)
    same(len(made), 7, "the number of answers")
    same(folder.all().count(), 7, "the number of messages")


@check()
def messages_are_updated_in_bulk():
    folder = scratch()
    messages(folder, 5)
    items = list(folder.all().only("id", "changekey", "subject"))
    for item in items:
        item.subject += " changed"
        item.is_read = True
    answers = me().bulk_update([(item, ("subject", "is_read")) for item in items])
    same([a[0] for a in answers], [i.id for i in items], "the ids, in order")
    same(
        sorted(folder.all().values_list("subject", "is_read")),
        [(f"Number {i:03} changed", True) for i in range(5)],
    )


@check()
def messages_are_deleted_in_bulk_and_each_has_an_answer():
    folder = scratch()
    ids = messages(folder, 3)
    me().bulk_delete([(ids[1], None)])
    answers = me().bulk_delete([(i, None) for i in ids])
    same([a is True for a in answers], [True, False, True], "the answers")
    true(isinstance(answers[1], ErrorItemNotFound), f"{answers[1]!r} is ErrorItemNotFound")


@check()
def messages_are_softly_deleted_in_bulk():
    folder = scratch()
    messages(folder, 3)
    same(folder.all().delete(delete_type=SOFT_DELETE), [True] * 3, "the answers")
    same(folder.all().count(), 0, "what is left")


@check()
def messages_are_moved_and_copied_in_bulk():
    source, target = scratch(), scratch()
    messages(source, 4)
    copied = source.all().copy(to_folder=target)
    same(len(copied), 4, "the number of copies")
    moved = source.filter(subject__in=["Number 000", "Number 001"]).move(to_folder=target)
    same(len(moved), 2, "the number moved")
    same((source.all().count(), target.all().count()), (2, 6), "what is where")


@check()
def bulk_fetch_tells_errors_in_their_places():
    folder = scratch()
    ids = messages(folder, 3)
    me().bulk_delete([(ids[1], None)])
    got = list(me().fetch([(i, None) for i in ids], only_fields=["subject"]))
    same([isinstance(g, ResponseMessageError) for g in got], [False, True, False], "which are errors")
    same([got[0].subject, got[2].subject], ["Number 000", "Number 002"], "the others")


@check()
def drafts_are_where_they_were_saved():
    subject = unique("draft")
    made = Message(account=me(), folder=me().drafts, subject=subject).save()
    same(me().drafts.filter(subject=subject).count(), 1, "the number of drafts")
    made.delete()


@check()
def long_body_is_whole():
    text = "".join(f"Line {i} with some words in it.\n" for i in range(40_000))
    made = message(scratch(), body=text)
    same(made.refresh().body.replace("\r\n", "\n").rstrip("\n"), text.rstrip("\n"), "the body")


@check()
def empty_fields_are_absent():
    made = Message(folder=scratch()).save()
    made.refresh()
    same((made.subject, made.to_recipients, made.categories, made.attachments), (None, None, None, []))
