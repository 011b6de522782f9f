"""People who use the gateway: their connections, and the folders that checks
work in."""
import base64
import http.client
import imaplib
import smtplib
import time
import uuid

from gateway import setting

ports = {}

ME, MY_PASSWORD = setting("USER"), setting("PASSWORD")
OTHER, OTHER_PASSWORD = setting("OTHER_USER"), setting("OTHER_PASSWORD")
# Marks all that this run makes, so that runs do not meet.
STAMP = f"exconn-{int(time.time()):x}"

_count = 0
_folders = []


def unique(what="check"):
    """A name that nothing else has."""
    global _count
    _count += 1
    return f"{STAMP} {what} {_count}"


def imap(user=None, password=None):
    """An IMAP connection, signed in as me or as somebody else."""
    connection = imaplib.IMAP4("127.0.0.1", ports["imap"], timeout=60)
    connection.login(user or ME, password or MY_PASSWORD)
    return connection


def other_imap():
    return imap(OTHER, OTHER_PASSWORD)


def smtp(user=None, password=None):
    connection = smtplib.SMTP("127.0.0.1", ports["smtp"], timeout=60)
    connection.login(user or ME, password or MY_PASSWORD)
    return connection


def ok(answer):
    """The data of an answer to an IMAP command, which has to be OK."""
    status, data = answer
    if status != "OK":
        raise AssertionError(f"the answer is {status} {data}")
    return data


def quoted(name):
    return '"' + name + '"'


def scratch(connection=None):
    """A new mail folder, selected where a connection is given."""
    name = unique("folder").replace(" ", "-")
    own = imap()
    ok(own.create(quoted(name)))
    own.logout()
    _folders.append(name)
    if connection is not None:
        ok(connection.select(quoted(name)))
    return name


def tidy():
    """Deletes the folders."""
    connection = imap()
    for name in reversed(_folders):
        connection.delete(quoted(name))
    connection.logout()


class Answer:
    """An HTTP answer."""

    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read().decode()


def dav(method, path, body=None, headers=None, user=None, password=None):
    """A CalDAV or CardDAV request."""
    connection = http.client.HTTPConnection("127.0.0.1", ports["caldav"], timeout=60)
    login = base64.b64encode(f"{user or ME}:{password or MY_PASSWORD}".encode()).decode()
    all_headers = {"Authorization": f"Basic {login}", **(headers or {})}
    try:
        connection.request(method, path, body=None if body is None else body.encode(), headers=all_headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def as_other(method, path, body=None, headers=None):
    return dav(method, path, body, headers, OTHER, OTHER_PASSWORD)


def new_uid():
    return str(uuid.uuid4())
