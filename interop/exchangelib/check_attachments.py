"""Attachments: files, items and pictures in the text."""
import random

from checks import check, refused, same, true
from world import me, message, scratch, unique

from exchangelib import FileAttachment, HTMLBody, ItemAttachment, Message
from exchangelib.errors import ErrorInvalidIdMalformed, ErrorItemNotFound, ResponseMessageError

BYTES = random.Random(7).randbytes(300_000)


def attached(*attachments, **more):
    """A stored message with attachments, read back."""
    made = Message(folder=scratch(), subject=unique(), body=more.pop("body", "Hello"), **more)
    made.attach(list(attachments))
    made.save()
    return made.folder.get(id=made.id)


@check()
def file_comes_back():
    got = attached(FileAttachment(name="Größe.bin", content=BYTES, content_type="application/x-thing"))
    same(got.has_attachments, True, "has attachments")
    (one,) = got.attachments
    same((one.name, one.content_type, one.is_inline), ("Größe.bin", "application/x-thing", False))
    same(one.content, BYTES, "the content")
    true(one.size >= len(BYTES), f"the size {one.size} is that of the content at least")


@check()
def several_files_keep_their_order():
    got = attached(*(FileAttachment(name=f"{i}.txt", content=f"text {i}".encode()) for i in range(4)))
    same([(a.name, a.content) for a in got.attachments], [(f"{i}.txt", f"text {i}".encode()) for i in range(4)])


@check()
def empty_file_comes_back():
    (one,) = attached(FileAttachment(name="empty.txt", content=b"")).attachments
    same((one.name, one.content or b""), ("empty.txt", b""))


@check()
def picture_in_the_text_comes_back():
    got = attached(
        FileAttachment(name="logo.png", content=BYTES[:500], is_inline=True, content_id="logo@here"),
        body=HTMLBody('<html><body><img src="cid:logo@here"></body></html>'),
    )
    (one,) = got.attachments
    same((one.name, one.is_inline, one.content_id, one.content), ("logo.png", True, "logo@here", BYTES[:500]))
    true("cid:logo@here" in got.body, "the text refers to it")


@check()
def file_is_added_later():
    made = message(scratch())
    key = made.changekey
    made.attach(FileAttachment(name="later.txt", content=b"later"))
    true(made.changekey != key, "the change key has changed")
    got = made.folder.get(id=made.id)
    same([(a.name, a.content) for a in got.attachments], [("later.txt", b"later")])
    same(got.has_attachments, True, "has attachments")


@check()
def file_is_removed():
    got = attached(FileAttachment(name="a.txt", content=b"a"), FileAttachment(name="b.txt", content=b"b"))
    got.detach(got.attachments[0])
    got.refresh()
    same([a.name for a in got.attachments], ["b.txt"])
    got.detach(got.attachments[0])
    got.refresh()
    same((got.attachments, got.has_attachments), ([], False))


@check()
def file_is_streamed():
    (one,) = attached(FileAttachment(name="stream.bin", content=BYTES)).attachments
    with one.fp as stream:
        parts = iter(lambda: stream.read(4096), b"")
        same(b"".join(parts), BYTES, "the content")


@check()
def large_file_comes_back():
    content = BYTES * 30
    (one,) = attached(FileAttachment(name="large.bin", content=content)).attachments
    true(one.content == content, "the content is the same")


@check()
def message_is_attached():
    inner = Message(subject="Inner", body="Inside", to_recipients=["a@adatum.example"])
    got = attached(ItemAttachment(name="inner message", item=inner))
    (one,) = got.attachments
    same(type(one).__name__, "ItemAttachment")
    same(one.name, "inner message", "the name")
    same((one.item.subject, str(one.item.body).strip()), ("Inner", "Inside"), "subject and body")
    same([m.email_address for m in one.item.to_recipients], ["a@adatum.example"], "To")


@check()
def message_with_a_file_is_attached():
    inner = Message(subject="Inner", body="Inside")
    inner.attach(FileAttachment(name="deep.txt", content=b"deep"))
    got = attached(ItemAttachment(name="with a file", item=inner))
    (one,) = got.attachments
    (deep,) = one.item.attachments
    same(deep.name, "deep.txt", "the name of the file within")


@check()
def removed_attachment_is_gone():
    got = attached(FileAttachment(name="a.txt", content=b"a"))
    (one,) = got.attachments
    again = FileAttachment(name="a.txt", attachment_id=one.attachment_id, parent_item=got)
    got.detach(one)
    refused((ErrorItemNotFound, ErrorInvalidIdMalformed, ResponseMessageError), lambda: again.content)


@check()
def copy_has_the_attachments():
    got = attached(FileAttachment(name="a.txt", content=b"content"))
    copy_id, _ = got.copy(to_folder=scratch())
    (copy,) = list(me().fetch([(copy_id, None)]))
    same([(a.name, a.content) for a in copy.attachments], [("a.txt", b"content")])


@check()
def messages_with_attachments_are_found():
    folder = scratch()
    message(folder, "without")
    message(folder, "with").attach(FileAttachment(name="needle.txt", content=b"a"))
    same(list(folder.filter(has_attachments=True).values_list("subject", flat=True)), ["with"])
