"""The mailboxes that the checks are made in, and what is made there."""
import atexit
import functools
import os
import tempfile
import uuid

from checks import PREFIX, Missing


def setting(name):
    """A variable of the run, without its prefix."""
    value = os.environ.get(PREFIX + name)
    if not value:
        raise Missing(PREFIX + name)
    return value


if os.environ.get(PREFIX + "CA"):
    # The library that exchangelib speaks HTTP with takes its CA from here.
    os.environ["REQUESTS_CA_BUNDLE"] = setting("CA")
if os.environ.get(PREFIX + "DIR"):
    # What exchangelib remembers from run to run stays in here.
    tempfile.tempdir = setting("DIR")

from exchangelib import (  # noqa: E402 (the CA comes first)
    BASIC,
    DELEGATE,
    IMPERSONATION,
    Account,
    Configuration,
    Credentials,
    EWSTimeZone,
    FailFast,
    Message,
)
from exchangelib.folders import Calendar, Contacts, Messages, Tasks  # noqa: E402

ZONE = EWSTimeZone("Europe/Berlin")


def configuration(user, password, auth_type=BASIC, url=None, **more):
    """How to reach the server as somebody who has a password."""
    return Configuration(
        service_endpoint=url or setting("URL"),
        credentials=Credentials(user, password),
        auth_type=auth_type,
        retry_policy=FailFast(),
        # One for a stream, and more for what happens meanwhile.
        max_connections=4,
        **more,
    )


@functools.lru_cache
def owner(name):
    """The mailbox of one of the people: "", "OTHER_" or "THIRD_"."""
    return Account(
        setting(name + "USER"),
        config=configuration(setting(name + "USER"), setting(name + "PASSWORD")),
        access_type=DELEGATE,
        default_timezone=ZONE,
    )


def me():
    return owner("")


def other():
    return owner("OTHER_")


def third():
    return owner("THIRD_")


def impersonating(address):
    """Somebody's mailbox by the service account."""
    return Account(
        address,
        config=configuration(setting("SERVICE_USER"), setting("SERVICE_PASSWORD")),
        access_type=IMPERSONATION,
        default_timezone=ZONE,
    )


def unique(text="exconn"):
    """A name that nothing else has."""
    return f"{text} {uuid.uuid4().hex[:12]}"


_KINDS = {"mail": Messages, "calendar": Calendar, "contacts": Contacts, "tasks": Tasks}
_CLASSES = {"mail": "IPF.Note", "calendar": "IPF.Appointment", "contacts": "IPF.Contact", "tasks": "IPF.Task"}


def scratch(kind="mail", parent=None):
    """A new folder that is removed in the end. It does not hold what other
    checks made."""
    parent = parent or me().msg_folder_root
    folder = _KINDS[kind](parent=parent, name=unique(kind), folder_class=_CLASSES[kind]).save()
    atexit.register(_remove, folder)
    return folder


def _remove(folder):
    try:
        if folder.id:
            folder.delete()
    except Exception:  # the check itself may have removed it
        pass


def message(folder, subject=None, **more):
    """A stored message."""
    more.setdefault("body", "Hello")
    return Message(folder=folder, subject=subject or unique(), **more).save()


def messages(folder, count, **more):
    """Stored messages whose subjects end in 000, 001 and so on."""
    made = folder.bulk_create([Message(subject=f"Number {i:03}", body=f"Body {i}", **more) for i in range(count)])
    return [m.id for m in made]
