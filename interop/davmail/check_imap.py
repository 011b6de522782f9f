"""IMAP: folders and messages."""
import email
import email.policy
import imaplib
import re
import time
from email.message import EmailMessage

from checks import check, eventually, same, true, within
from world import ME, OTHER, imap, ok, quoted, scratch, unique


def message(subject=None, body="Hello\r\nWorld", **headers):
    m = EmailMessage(policy=email.policy.SMTP)
    m["From"] = ME
    m["To"] = OTHER
    m["Subject"] = subject or unique("message")
    m["Date"] = "Tue, 03 Nov 2026 09:15:00 +0100"
    m["Message-ID"] = f"<{unique().replace(' ', '.')}@adatum.example>"
    for name, value in headers.items():
        m[name.replace("_", "-")] = value
    m.set_content(body)
    return m


def append(connection, folder, m, flags="(\\Seen)", when=None):
    ok(connection.append(quoted(folder), flags, when, m.as_bytes()))


def fetch(connection, uid, what="(FLAGS BODY.PEEK[])"):
    """The message and its flags."""
    data = ok(connection.uid("FETCH", uid, what))
    part = next(d for d in data if isinstance(d, tuple))
    flags = re.search(rb"FLAGS \(([^)]*)\)", part[0] + b"".join(d for d in data if isinstance(d, bytes)))
    return email.message_from_bytes(part[1], policy=email.policy.default), set((flags.group(1) if flags else b"").decode().split())


def uids(connection, *criteria):
    return ok(connection.uid("SEARCH", None, *(criteria or ("ALL",))))[0].decode().split()


@check
def login_shows_the_inbox():
    c = imap()
    (count,) = ok(c.select("INBOX"))
    true(int(count) >= 0, "the inbox has a number of messages")
    c.logout()


@check
def wrong_password_is_refused():
    try:
        imap(password="not the password")
    except imaplib.IMAP4.error:
        return
    raise AssertionError("it was accepted")


@check
def folders_are_listed():
    c = imap()
    names = b"\n".join(ok(c.list())).decode()
    for name in ("INBOX", "Drafts", "Sent", "Trash"):
        within(name, names, "the list")
    c.logout()


@check
def folder_is_created_renamed_and_deleted():
    c = imap()
    before, after = unique("before").replace(" ", "-"), unique("after").replace(" ", "-")

    def there():
        names = b"\n".join(ok(c.list())).decode()
        return before in names, after in names

    ok(c.create(quoted(before)))
    same(there(), (True, False), "what is there after the creation")
    ok(c.rename(quoted(before), quoted(after)))
    same(there(), (False, True), "what is there after the change of name")
    ok(c.delete(quoted(after)))
    same(there(), (False, False), "what is there after the deletion")
    c.logout()


@check
def folder_within_a_folder():
    c = imap()
    parent = scratch()
    ok(c.create(quoted(parent + "/child")))
    names = [x for x in ok(c.list('""', quoted(parent + "/%"))) if x]
    same(len(names), 1, "folders beneath the new one")
    within(parent + "/child", names[0].decode(), "the list")
    ok(c.select(quoted(parent + "/child")))
    ok(c.close())
    ok(c.delete(quoted(parent + "/child")))
    c.logout()


@check
def subscriptions_answer():
    c = imap()
    within("INBOX", b"\n".join(ok(c.lsub())).decode(), "the list of subscriptions")
    c.logout()


@check
def status_counts():
    c = imap()
    folder = scratch()
    append(c, folder, message())
    append(c, folder, message(), flags="")
    (line,) = ok(c.status(quoted(folder), "(MESSAGES UNSEEN RECENT UIDNEXT UIDVALIDITY)"))
    within("MESSAGES 2", line.decode(), "the status")
    within("UNSEEN 1", line.decode(), "the status")
    c.logout()


@check
def appended_message_comes_back():
    c = imap()
    folder = scratch(c)
    sent = message(body="Guten Tag,\r\nschöne Grüße – 漢字\r\n", X_Exconn="kept")
    append(c, folder, sent)
    ok(c.select(quoted(folder)))
    (uid,) = uids(c)
    got, flags = fetch(c, uid)
    for name in ("Subject", "Message-ID"):
        same(str(got[name]), str(sent[name]), name)
    for name in ("From", "To"):
        # Exchange adds a display name where there is none.
        same([a.addr_spec for a in got[name].addresses], [a.addr_spec for a in sent[name].addresses], name)
    same(email.utils.parsedate_to_datetime(str(got["Date"])).timestamp(), 1793693700.0, "Date")
    same(got.get_content().replace("\r\n", "\n").strip(), sent.get_content().replace("\r\n", "\n").strip(), "the text")
    true("\\Seen" in flags, "the message is read")
    c.logout()


@check
def appended_attachment_comes_back():
    c = imap()
    folder = scratch(c)
    content = bytes(range(256)) * 400
    sent = message()
    sent.add_attachment(content, maintype="application", subtype="octet-stream", filename="Größe.bin")
    append(c, folder, sent)
    ok(c.select(quoted(folder)))
    got, _ = fetch(c, uids(c)[0])
    (part,) = list(got.iter_attachments())
    same(part.get_filename(), "Größe.bin", "the name")
    true(part.get_content() == content, "the content is the same")
    c.logout()


@check
def html_with_a_picture_comes_back():
    c = imap()
    folder = scratch(c)
    sent = message()
    sent.add_alternative('<html><body><p>Grüße</p><img src="cid:logo@exconn"></body></html>', subtype="html")
    sent.get_payload()[1].add_related(b"\x89PNG not really", "image", "png", cid="<logo@exconn>")
    append(c, folder, sent)
    ok(c.select(quoted(folder)))
    got, _ = fetch(c, uids(c)[0])
    html = got.get_body(("html",)).get_content()
    within("Grüße", html)
    within("cid:logo@exconn", html)
    pictures = [p for p in got.walk() if p.get_content_type() == "image/png"]
    same([p.get_content() for p in pictures], [b"\x89PNG not really"], "the pictures")
    c.logout()


@check
def structure_and_envelope():
    c = imap()
    folder = scratch(c)
    sent = message()
    sent.add_attachment(b"attached", maintype="application", subtype="pdf", filename="offer.pdf")
    append(c, folder, sent)
    ok(c.select(quoted(folder)))
    uid = uids(c)[0]
    (line,) = [x for x in ok(c.uid("FETCH", uid, "(UID BODYSTRUCTURE)"))]
    text = (line if isinstance(line, bytes) else b"".join(line)).decode().lower()
    within("application", text, "the structure")
    within("offer.pdf", text, "the structure")
    data = ok(c.uid("FETCH", uid, "(ENVELOPE)"))
    whole = b"".join(b"".join(d) if isinstance(d, tuple) else d for d in data).decode()
    within(str(sent["Subject"]), whole, "the envelope")
    within(str(sent["Message-ID"]), whole, "the envelope")
    c.logout()


@check
def headers_and_parts_alone():
    c = imap()
    folder = scratch(c)
    sent = message(body="only the text")
    append(c, folder, sent)
    ok(c.select(quoted(folder)))
    uid = uids(c)[0]
    header, _ = fetch(c, uid, "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)])")
    same(str(header["Subject"]), str(sent["Subject"]), "Subject")
    same(header["To"], None, "To")
    data = ok(c.uid("FETCH", uid, "(BODY.PEEK[TEXT])"))
    within(b"only the text", next(d for d in data if isinstance(d, tuple))[1], "the part")
    size = ok(c.uid("FETCH", uid, "(RFC822.SIZE)"))[0]
    true(int(re.search(rb"RFC822.SIZE (\d+)", size).group(1)) > 100, "the size is plausible")
    c.logout()


@check
def internal_date_is_kept():
    c = imap()
    folder = scratch(c)
    when = '"03-Nov-2026 08:15:00 +0000"'
    append(c, folder, message(), when=when)
    ok(c.select(quoted(folder)))
    data = ok(c.uid("FETCH", uids(c)[0], "(INTERNALDATE)"))[0]
    same(time.mktime(imaplib.Internaldate2tuple(data)), 1793693700.0, "the date")
    c.logout()


@check
def search_finds():
    c = imap()
    folder = scratch(c)
    first, second = message(body="the word zebra"), message(body="another text")
    append(c, folder, first)
    append(c, folder, second, flags="")
    ok(c.select(quoted(folder)))
    a, b = sorted(uids(c), key=int)
    same(uids(c, "SUBJECT", quoted(str(first["Subject"]))), [a], "found by subject")
    same(uids(c, "UNSEEN"), [b], "found unread")
    same(uids(c, "SEEN"), [a], "found read")
    same(uids(c, "BODY", '"zebra"'), [a], "found by a word of the text")
    same(sorted(uids(c, "FROM", quoted(ME)), key=int), [a, b], "found by sender")
    same(sorted(uids(c, "SINCE", "01-Jan-2020"), key=int), [a, b], "found by date")
    same(uids(c, "NOT", "SEEN"), [b], "found by not being read")
    same(uids(c, "HEADER", "Message-ID", quoted(str(second["Message-ID"]))), [b], "found by Message-ID")
    c.logout()


@check
def message_is_copied():
    c = imap()
    source, target = scratch(), scratch()
    sent = message()
    append(c, source, sent)
    ok(c.select(quoted(source)))
    ok(c.uid("COPY", uids(c)[0], quoted(target)))
    same(len(uids(c)), 1, "messages left")
    ok(c.select(quoted(target)))
    got, _ = fetch(c, uids(c)[0])
    same(str(got["Subject"]), str(sent["Subject"]), "the subject of the copy")
    c.logout()


@check
def message_is_moved():
    c = imap()
    source, target = scratch(), scratch()
    sent = message()
    append(c, source, sent)
    ok(c.select(quoted(source)))
    ok(c.uid("MOVE", uids(c)[0], quoted(target)))
    ok(c.select(quoted(source)))
    same(uids(c), [], "messages left")
    ok(c.select(quoted(target)))
    got, _ = fetch(c, uids(c)[0])
    same(str(got["Subject"]), str(sent["Subject"]), "the subject of what was moved")
    c.logout()


@check
def uids_grow_and_stay():
    c = imap()
    folder = scratch(c)
    for _ in range(3):
        append(c, folder, message())
    ok(c.select(quoted(folder)))
    first = [int(u) for u in uids(c)]
    same(first, sorted(set(first)), "the UIDs")
    append(c, folder, message())
    ok(c.select(quoted(folder)))
    second = [int(u) for u in uids(c)]
    same(second[:3], first, "the UIDs that were there")
    true(second[3] > max(first), "the new UID is the greatest")
    c.logout()


@check
def idle_tells_of_a_new_message():
    c = imap()
    folder = scratch(c)
    tag = c._new_tag().decode()
    c.send(f"{tag} IDLE\r\n".encode())
    within("+", c.readline().decode(), "the answer to IDLE")
    second = imap()
    append(second, folder, message())
    second.logout()
    c.sock.settimeout(120)
    line = eventually("the new message", lambda: (lambda s: s if "EXISTS" in s else None)(c.readline().decode()), 120)
    within("1 EXISTS", line, "what is told")
    c.send(b"DONE\r\n")
    while not c.readline().decode().startswith(tag):
        pass
    c.logout()
