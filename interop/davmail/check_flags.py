"""IMAP flags, and what they do."""
from checks import check, same, true
from check_imap import append, fetch, message, uids
from world import imap, ok, quoted, scratch


def stored(flags=""):
    """A connection with a folder of one message, and its UID."""
    c = imap()
    folder = scratch(c)
    append(c, folder, message(), flags=flags)
    ok(c.select(quoted(folder)))
    return c, folder, uids(c)[0]


def flags_of(c, folder, uid):
    ok(c.select(quoted(folder)))
    return fetch(c, uid)[1]


@check
def read_and_unread():
    c, folder, uid = stored()
    true("\\Seen" not in flags_of(c, folder, uid), "the message is unread")
    ok(c.uid("STORE", uid, "+FLAGS", "(\\Seen)"))
    true("\\Seen" in flags_of(c, folder, uid), "the message is read")
    ok(c.uid("STORE", uid, "-FLAGS", "(\\Seen)"))
    true("\\Seen" not in flags_of(c, folder, uid), "the message is unread again")
    c.logout()


@check
def flagged():
    c, folder, uid = stored()
    ok(c.uid("STORE", uid, "+FLAGS", "(\\Flagged)"))
    true("\\Flagged" in flags_of(c, folder, uid), "the message is flagged")
    same(uids(c, "FLAGGED"), [uid], "found flagged")
    ok(c.uid("STORE", uid, "-FLAGS", "(\\Flagged)"))
    true("\\Flagged" not in flags_of(c, folder, uid), "the message is not flagged any more")
    c.logout()


@check
def answered_and_forwarded():
    c, folder, uid = stored()
    ok(c.uid("STORE", uid, "+FLAGS", "(\\Answered)"))
    true("\\Answered" in flags_of(c, folder, uid), "the message is answered")
    c.logout()
    c, folder, uid = stored()
    ok(c.uid("STORE", uid, "+FLAGS", "($Forwarded)"))
    true("$Forwarded" in flags_of(c, folder, uid), "the message is forwarded")
    c.logout()


@check
def keyword_is_a_category():
    c, folder, uid = stored()
    ok(c.uid("STORE", uid, "+FLAGS", "(customer)"))
    true("customer" in flags_of(c, folder, uid), "the message has the keyword")
    same(uids(c, "KEYWORD", "customer"), [uid], "found by keyword")
    c.logout()


@check
def draft_is_a_draft():
    c, folder, uid = stored("(\\Draft \\Seen)")
    true("\\Draft" in flags_of(c, folder, uid), "the message is a draft")
    c.logout()


@check
def appended_flags_are_kept():
    c, folder, uid = stored("(\\Seen \\Flagged)")
    flags = flags_of(c, folder, uid)
    true({"\\Seen", "\\Flagged"} <= flags, f"the flags {flags} hold both")
    c.logout()


@check
def deleted_message_goes_with_expunge():
    c, folder, uid = stored()
    append(c, folder, message())
    ok(c.select(quoted(folder)))
    ok(c.uid("STORE", uid, "+FLAGS", "(\\Deleted)"))
    true("\\Deleted" in fetch(c, uid)[1], "the message is marked")
    same(len(uids(c)), 2, "messages before")
    ok(c.expunge())
    left = uids(c)
    same(len(left), 1, "messages after")
    true(uid not in left, "the other one is left")
    c.logout()
