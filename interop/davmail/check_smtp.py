"""SMTP: what is sent arrives in the other mailbox."""
import smtplib

from checks import check, eventually, same, true, within
from check_imap import fetch, message, uids
from world import ME, MY_PASSWORD, OTHER, imap, ok, other_imap, quoted, smtp, unique


def arrived(connection, subject, folder="INBOX"):
    """The message of that subject, once it is there."""

    def look():
        ok(connection.select(quoted(folder)))
        found = uids(connection, "SUBJECT", quoted(subject))
        return found[0] if found else None

    return fetch(connection, eventually("the message", look))


@check
def wrong_password_is_refused():
    c = smtplib.SMTP("127.0.0.1", smtp_port(), timeout=60)
    try:
        c.login(ME, "not " + MY_PASSWORD)
    except smtplib.SMTPAuthenticationError:
        return
    finally:
        c.close()
    raise AssertionError("it was accepted")


def smtp_port():
    from world import ports

    return ports["smtp"]


@check
def message_is_delivered():
    sent = message(body="Hello Ben,\r\nsee you – schöne Grüße\r\n")
    with smtp() as c:
        c.send_message(sent, ME, [OTHER])
    theirs = other_imap()
    got, flags = arrived(theirs, str(sent["Subject"]))
    within(ME, str(got["From"]), "From")
    within(OTHER, str(got["To"]), "To")
    same(str(got["Message-ID"]), str(sent["Message-ID"]), "Message-ID")
    within("schöne Grüße", got.get_body(("plain", "html")).get_content())
    true("\\Seen" not in flags, "it is unread")
    theirs.logout()


@check
def copy_is_kept():
    sent = message()
    with smtp() as c:
        c.send_message(sent, ME, [OTHER])
    mine = imap()
    got, flags = arrived(mine, str(sent["Subject"]), "Sent")
    same(str(got["Message-ID"]), str(sent["Message-ID"]), "Message-ID")
    true("\\Seen" in flags, "it is read")
    mine.logout()


@check
def attachment_is_delivered():
    content = bytes(range(256)) * 300
    sent = message(body="with a file")
    sent.add_attachment(content, maintype="application", subtype="octet-stream", filename="Größe.bin")
    with smtp() as c:
        c.send_message(sent, ME, [OTHER])
    theirs = other_imap()
    got, _ = arrived(theirs, str(sent["Subject"]))
    (part,) = list(got.iter_attachments())
    same(part.get_filename(), "Größe.bin", "the name")
    true(part.get_content() == content, "the content is the same")
    theirs.logout()


@check
def blind_copy_is_delivered_unseen():
    sent = message(subject=unique("blind"))
    del sent["To"]
    sent["To"] = ME
    with smtp() as c:
        c.send_message(sent, ME, [ME, OTHER])
    theirs = other_imap()
    got, _ = arrived(theirs, str(sent["Subject"]))
    true(OTHER not in str(got["To"]) + str(got["Cc"] or "") + str(got["Bcc"] or ""), "nobody sees the blind recipient")
    theirs.logout()
    mine = imap()
    arrived(mine, str(sent["Subject"]))
    mine.logout()


@check
def reply_is_in_the_thread():
    sent = message()
    with smtp() as c:
        c.send_message(sent, ME, [OTHER])
    theirs = other_imap()
    got, _ = arrived(theirs, str(sent["Subject"]))
    theirs.logout()
    answer = message(subject="Re: " + str(sent["Subject"]), In_Reply_To=str(got["Message-ID"]), References=str(got["Message-ID"]))
    del answer["From"], answer["To"]
    answer["From"], answer["To"] = OTHER, ME
    from world import OTHER_PASSWORD

    with smtp(OTHER, OTHER_PASSWORD) as c:
        c.send_message(answer, OTHER, [ME])
    mine = imap()
    back, _ = arrived(mine, str(answer["Subject"]))
    same(str(back["In-Reply-To"]), str(sent["Message-ID"]), "In-Reply-To")
    mine.logout()
