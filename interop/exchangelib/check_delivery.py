"""Sending: what the recipient gets, replies, forwards and drafts."""
from checks import check, refused, same, true, until
from world import me, message, messages, other, scratch, setting, third, unique

from exchangelib import FileAttachment, HTMLBody, Mailbox, Message
from exchangelib.errors import ResponseMessageError


def arrived(account, subject):
    """The message of that subject, when it has come."""
    return until(lambda: account.inbox.filter(subject=subject).exists() and account.inbox.get(subject=subject), subject)


def sent(subject, **more):
    """Sends a message to OTHER_USER and returns what arrives there."""
    more.setdefault("to_recipients", [setting("OTHER_USER")])
    Message(account=me(), subject=subject, **more).send_and_save()
    return arrived(other(), subject)


@check()
def message_is_delivered():
    subject = unique("delivered")
    got = sent(
        subject,
        body=HTMLBody("<p>Hello <i>there</i></p>"),
        cc_recipients=[Mailbox(name="Somebody", email_address=setting("THIRD_USER"))],
        importance="High",
        sensitivity="Private",
    )
    same(got.author.email_address.lower(), setting("USER").lower(), "From")
    same(got.sender.email_address.lower(), setting("USER").lower(), "Sender")
    same([m.email_address.lower() for m in got.to_recipients], [setting("OTHER_USER").lower()], "To")
    same([m.email_address.lower() for m in got.cc_recipients], [setting("THIRD_USER").lower()], "Cc")
    true("<i>there</i>" in got.body, f"the markup is kept in {got.body!r}")
    same((got.importance, got.sensitivity), ("High", "Private"), "importance and sensitivity")
    same((got.is_read, got.is_draft), (False, False), "read and draft")
    true(got.message_id.startswith("<") and "@" in got.message_id, f"{got.message_id} is a Message-ID")
    true(got.datetime_received >= got.datetime_sent, "it was received after it was sent")
    true(arrived(third(), subject), "the other recipient has it")


@check()
def copy_is_kept_in_sent_items():
    subject = unique("kept")
    got = sent(subject, body="a copy")
    copy = until(lambda: me().sent.filter(subject=subject).exists() and me().sent.get(subject=subject), "the copy")
    same(copy.message_id, got.message_id, "the Message-ID")
    same(copy.is_draft, False, "draft")
    same(copy.is_read, True, "read")
    same([m.email_address.lower() for m in copy.to_recipients], [setting("OTHER_USER").lower()], "To")


@check()
def no_copy_is_kept_on_request():
    subject = unique("no copy")
    Message(account=me(), subject=subject, body="x", to_recipients=[setting("OTHER_USER")]).send(save_copy=False)
    arrived(other(), subject)
    same(me().sent.filter(subject=subject).count(), 0, "the number of copies")


@check()
def copy_is_kept_in_a_folder_of_ones_own():
    subject, folder = unique("elsewhere"), scratch()
    Message(account=me(), subject=subject, body="x", to_recipients=[setting("OTHER_USER")]).send(copy_to_folder=folder)
    arrived(other(), subject)
    until(lambda: folder.filter(subject=subject).count() == 1, "the copy")
    same(me().sent.filter(subject=subject).count(), 0, "the number of copies in Sent Items")


@check()
def hidden_recipients_stay_hidden():
    subject = unique("hidden")
    got = sent(subject, body="x", bcc_recipients=[setting("THIRD_USER")])
    same(got.bcc_recipients, None, "Bcc, as the recipient in To sees it")
    true(arrived(third(), subject), "the hidden recipient has it")
    copy = me().sent.get(subject=subject)
    same([m.email_address.lower() for m in copy.bcc_recipients], [setting("THIRD_USER").lower()], "Bcc of the copy")


@check()
def attachments_are_delivered():
    subject = unique("attached")
    made = Message(account=me(), folder=me().sent, subject=subject, body="x", to_recipients=[setting("OTHER_USER")])
    made.attach(FileAttachment(name="offer.pdf", content=b"%PDF-1.7 not really", content_type="application/pdf"))
    made.send_and_save()
    got = arrived(other(), subject)
    same([(a.name, a.content) for a in got.attachments], [("offer.pdf", b"%PDF-1.7 not really")])


@check()
def draft_is_sent():
    subject = unique("draft")
    draft = Message(account=me(), folder=me().drafts, subject=subject, body="x", to_recipients=[setting("OTHER_USER")])
    draft.save()
    draft.send()
    arrived(other(), subject)
    until(lambda: me().drafts.filter(subject=subject).count() == 0, "the draft has gone")
    until(lambda: me().sent.filter(subject=subject).count() == 1, "the copy")


@check()
def drafts_are_sent_in_bulk():
    subjects = [unique(f"bulk {i}") for i in range(3)]
    drafts = [Message(subject=s, body="x", to_recipients=[setting("OTHER_USER")]) for s in subjects]
    made = me().bulk_create(me().drafts, drafts)
    same(me().bulk_send(made), [True] * 3, "the answers")
    for subject in subjects:
        arrived(other(), subject)


@check()
def message_without_recipients_is_refused():
    refused(ResponseMessageError, Message(account=me(), subject=unique(), body="x").send_and_save)


@check()
def sending_for_somebody_else_is_refused():
    refused(
        ResponseMessageError,
        Message(
            account=third(),
            subject=unique(),
            body="x",
            author=Mailbox(email_address=setting("OTHER_USER")),
            to_recipients=[setting("USER")],
        ).send_and_save,
    )


@check()
def mail_to_oneself():
    subject = unique("myself")
    Message(account=me(), subject=subject, body="x", to_recipients=[setting("USER")]).send_and_save()
    same(arrived(me(), subject).author.email_address.lower(), setting("USER").lower(), "From")


@check("GROUP", "GROUP_MEMBER")
def mail_to_a_group():
    subject = unique("group")
    Message(account=me(), subject=subject, body="x", to_recipients=[setting("GROUP")]).send_and_save()
    got = arrived(third() if setting("GROUP_MEMBER") == setting("THIRD_USER") else other(), subject)
    same([m.email_address.lower() for m in got.to_recipients], [setting("GROUP").lower()], "To")


@check()
def reply():
    subject = unique("question")
    got = sent(subject, body="What time?")
    got.reply(subject="RE: " + subject, body="At noon.")
    answer = arrived(me(), "RE: " + subject)
    same(answer.author.email_address.lower(), setting("OTHER_USER").lower(), "From")
    true("At noon." in answer.body and "What time?" in answer.body, "both texts are there")
    same(answer.in_reply_to, got.message_id, "In-Reply-To")
    true(got.message_id in answer.references, "References name the question")
    same(answer.conversation_topic, subject, "the topic")
    copy = until(lambda: me().sent.filter(subject=subject).exists() and me().sent.get(subject=subject), "the copy")
    same(answer.conversation_id.id, copy.conversation_id.id, "the conversation")


@check()
def reply_to_all():
    subject = unique("all")
    got = sent(subject, body="Who comes?", to_recipients=[setting("OTHER_USER"), setting("THIRD_USER")])
    got.reply_all(subject="RE: " + subject, body="I do.")
    for account in (me(), third()):
        true("I do." in arrived(account, "RE: " + subject).body, "the answer is there")


@check()
def forward():
    subject = unique("news")
    got = sent(subject, body="Good news.")
    got.attach(FileAttachment(name="more.txt", content=b"more"))
    got.forward(subject="FW: " + subject, body="Look:", to_recipients=[setting("THIRD_USER")])
    there = arrived(third(), "FW: " + subject)
    true("Look:" in there.body and "Good news." in there.body, "both texts are there")
    same([a.name for a in there.attachments], ["more.txt"], "the attachments")
    same(there.author.email_address.lower(), setting("OTHER_USER").lower(), "From")


@check()
def reply_is_saved_as_a_draft_first():
    subject = unique("draft reply")
    got = sent(subject, body="Question")
    draft = got.create_reply(subject="RE: " + subject, body="Answer").save(other().drafts)
    stored = other().drafts.get(id=draft.id)
    same((stored.subject, stored.is_draft), ("RE: " + subject, True))
    same([m.email_address.lower() for m in stored.to_recipients], [setting("USER").lower()], "To")
    stored.subject = "RE: changed " + subject
    stored.save(update_fields=["subject"])
    stored.send()
    true("Answer" in arrived(me(), "RE: changed " + subject).body, "the text is there")


@check()
def delivered_message_can_be_marked_and_moved():
    subject = unique("work")
    got = sent(subject, body="x")
    got.is_read, got.categories = True, ["Done"]
    got.save(update_fields=["is_read", "categories"])
    same((got.refresh().is_read, got.categories), (True, ["Done"]))
    folder = scratch(parent=other().msg_folder_root)
    got.move(to_folder=folder)
    same(folder.get(subject=subject).is_read, True, "read")


@check()
def unread_count_of_the_inbox_follows():
    other().inbox.refresh()
    before = other().inbox.unread_count
    got = sent(unique("unread"), body="x")
    same(other().inbox.refresh().unread_count, before + 1, "the unread ones")
    got.is_read = True
    got.save(update_fields=["is_read"])
    same(other().inbox.refresh().unread_count, before, "the unread ones, after it was read")


@check("ARCHIVE")
def messages_are_archived():
    folder = scratch()
    messages(folder, 2)
    answers = folder.all().archive(to_folder=folder)
    same(len(answers), 2, "the number of answers")
    same(folder.all().count(), 0, "what is left")
    found = [f for f in me().archive_msg_folder_root.walk() if f.name == folder.name]
    same([f.all().count() for f in found], [2], "what is in the archive")


@check()
def whole_folder_is_exported_and_uploaded():
    folder, target = scratch(), scratch()
    messages(folder, 2, categories=["Red"])
    data = me().export(folder.all())
    true(all(isinstance(d, str) and d for d in data), f"{[type(d).__name__ for d in data]} are data")
    same(len(me().upload([(target, d) for d in data])), 2, "the number uploaded")
    same(
        sorted(target.all().values_list("subject", "categories")),
        [("Number 000", ["Red"]), ("Number 001", ["Red"])],
    )


@check()
def headers_of_a_delivered_message():
    got = sent(unique("headers"), body="x")
    names = {h.name.lower() for h in got.headers}
    for name in ("from", "to", "subject", "date", "message-id"):
        true(name in names, f"{name} is one of {sorted(names)}")


@check()
def message_is_read_over_mime_as_it_was_sent():
    import email
    import email.policy

    subject = unique("MIME ü")
    got = sent(subject, body="Zeile eins\nZeile zwei")
    wire = email.message_from_bytes(got.mime_content, policy=email.policy.default)
    same(wire["Subject"], subject, "the subject")
    same(wire["Message-ID"], got.message_id, "the Message-ID")


@check()
def stored_copy_cannot_be_sent_to_others_by_its_old_change_key():
    draft = message(me().drafts, unique("stale"), to_recipients=[setting("OTHER_USER")])
    stale = draft.changekey
    draft.subject += " changed"
    draft.save(update_fields=["subject"])
    draft.changekey = stale
    refused(ResponseMessageError, draft.send)
    draft.delete()
