"""MIME: messages as they travel, in both directions."""
import email
import email.message
import email.policy

from checks import check, same, true
from world import me, message, scratch, unique

from exchangelib import FileAttachment, HTMLBody, Message


def parsed(made):
    """The MIME of a stored message."""
    made.refresh()
    return email.message_from_bytes(made.mime_content, policy=email.policy.default)


@check()
def mime_of_a_stored_message():
    made = message(scratch(), "Grüße aus Köln", body="Äpfel\nund Birnen", to_recipients=["a@adatum.example"])
    got = parsed(made)
    same(got["Subject"], "Grüße aus Köln", "the subject")
    same([a.addr_spec for a in got["To"].addresses], ["a@adatum.example"], "To")
    same(got.get_body(("plain",)).get_content().replace("\r\n", "\n").strip(), "Äpfel\nund Birnen", "the text")


@check()
def mime_has_the_attachments():
    made = Message(folder=scratch(), subject="with a file", body=HTMLBody("<p>See <b>this</b></p>"))
    made.attach(FileAttachment(name="Größe.txt", content=b"content \x00\xff", content_type="text/x-odd"))
    got = parsed(made.save())
    (one,) = got.iter_attachments()
    same((one.get_filename(), one.get_content_type()), ("Größe.txt", "text/x-odd"))
    same(one.get_payload(decode=True), b"content \x00\xff", "the content")
    true("<b>this</b>" in got.get_body(("html",)).get_content(), "the markup is kept")


@check()
def message_made_from_mime():
    wire = email.message.EmailMessage()
    wire["From"] = "Hanna Weiß <hanna@adatum.example>"
    wire["To"] = "Anna <anna@contoso.example>"
    wire["Cc"] = "c@adatum.example"
    wire["Subject"] = "Übertragen – as MIME"
    wire["Message-ID"] = "<" + unique("mime").replace(" ", ".") + "@adatum.example>"
    wire.set_content("plain text\n")
    wire.add_alternative("<html><body><p>rich <b>text</b></p></body></html>", subtype="html")
    wire.add_attachment(b"\x00\x01\x02", maintype="application", subtype="x-bytes", filename="bytes.bin")
    made = Message(folder=scratch(), mime_content=wire.as_bytes()).save()
    got = made.folder.get(id=made.id)
    same(got.subject, "Übertragen – as MIME", "the subject")
    same((got.author.name, got.author.email_address), ("Hanna Weiß", "hanna@adatum.example"), "From")
    same([m.email_address for m in got.to_recipients], ["anna@contoso.example"], "To")
    same([m.email_address for m in got.cc_recipients], ["c@adatum.example"], "Cc")
    same(got.message_id, wire["Message-ID"], "the Message-ID")
    true("<b>text</b>" in got.body, f"the markup is kept in {got.body!r}")
    same([(a.name, a.content) for a in got.attachments], [("bytes.bin", b"\x00\x01\x02")], "the attachments")


@check()
def headers_of_a_message_made_from_mime():
    wire = email.message.EmailMessage()
    wire["From"], wire["To"], wire["Subject"] = "a@adatum.example", "b@adatum.example", "headers"
    wire["X-Exconn-Check"] = "one"
    wire.set_content("text\n")
    made = Message(folder=scratch(), mime_content=wire.as_bytes()).save()
    made.refresh()
    same([h.value for h in made.headers or () if h.name.lower() == "x-exconn-check"], ["one"], "the header")


@check()
def mime_goes_round():
    wire = email.message.EmailMessage()
    wire["From"], wire["To"], wire["Subject"] = "a@adatum.example", "b@adatum.example", "round"
    wire.set_content("The text.\nMore of it.\n")
    first = Message(folder=scratch(), mime_content=wire.as_bytes()).save()
    first.refresh()
    second = Message(folder=scratch(), mime_content=first.mime_content).save()
    second.refresh()
    same((second.subject, second.body, second.author.email_address), (first.subject, first.body, "a@adatum.example"))


@check()
def mime_of_an_attached_message():
    from exchangelib import ItemAttachment

    made = message(scratch(), "outer")
    made.attach(ItemAttachment(name="inner", item=Message(subject="inner", body="inside")))
    (one,) = made.folder.get(id=made.id).attachments
    got = email.message_from_bytes(one.item.mime_content, policy=email.policy.default)
    same(got["Subject"], "inner", "the subject")


@check()
def many_mimes_are_fetched():
    folder = scratch()
    folder.bulk_create([Message(subject=f"mime {i}", body=f"text {i}") for i in range(5)])
    got = list(me().fetch(folder.all(), only_fields=["mime_content"]))
    subjects = sorted(email.message_from_bytes(m.mime_content, policy=email.policy.default)["Subject"] for m in got)
    same(subjects, [f"mime {i}" for i in range(5)])
