"""Does one job with exchangelib, as ../client does it with exconn, and prints
what it has counted as one line of JSON.

usage: exchangelib_job.py ENDPOINT JOB IDS FILE

JOB is list, get, sync, download or upload; IDS is a file with one item id a
line and the attachment's id in the last; FILE is what to upload.

The processor time that is printed is that of the job alone: what Python and the
imports take is left out, in exchangelib's favour.
"""

import json
import resource
import sys

from exchangelib import BASIC, DELEGATE, Account, Build, Configuration, Credentials, Message, Version
from exchangelib.attachments import AttachmentId, FileAttachment
from exchangelib.fields import FieldPath
from exchangelib.folders import Inbox, Root
from exchangelib.properties import ItemId

# What exchangelib takes from a list; for the sender and the message id, which
# exconn takes too, it
# would fetch each item.
FIELDS = (
    "item_class", "subject", "datetime_received", "datetime_sent", "size", "importance", "is_draft",
    "has_attachments", "conversation_id", "is_read",
)
WHOLE = FIELDS + ("author", "message_id", "body", "to_recipients", "cc_recipients")


def connect(endpoint):
    config = Configuration(
        service_endpoint=endpoint,
        credentials=Credentials("anna@example.com", "none"),
        auth_type=BASIC,
        version=Version(build=Build(15, 2, 1544, 4)),
    )
    account = Account("anna@example.com", config=config, autodiscover=False, access_type=DELEGATE)
    root = Root(account=account, id="AAMkroot", changekey="CQAAroot", name="root", folder_class="IPF.Note")
    # What the account would ask the server for at its first use.
    account.__dict__["root"] = root
    inbox = Inbox(root=root, id="AAMkinbox", changekey="CQAAinbox", name="Inbox", folder_class="IPF.Note")
    return account, inbox


def run(job, account, inbox, ids, file):
    if job == "list":
        query = inbox.all().only(*FIELDS)
        query.page_size = 1000
        return sum(1 for _ in query)
    if job == "get":
        count = 0
        fields = [FieldPath(field=Message.get_field_by_fieldname(name)) for name in WHOLE]
        for item in account.fetch(ids=[(i, None) for i in ids[:-1]], folder=inbox, only_fields=fields):
            if not item.body:
                raise ValueError("an item without a body")
            count += 1
        return count
    if job == "sync":
        return sum(1 for _ in inbox.sync_items(only_fields=["id", "changekey"], max_changes_returned=512))
    item = Message(account=account, folder=inbox, id=ids[0], changekey="CQAAAA==")
    item._id = ItemId(ids[0], "CQAAAA==")
    if job == "download":
        attachment = FileAttachment(parent_item=item, attachment_id=AttachmentId(ids[-1]))
        count = 0
        with attachment.fp as fp:
            while piece := fp.read(1 << 16):
                count += len(piece)
        return count
    if job == "upload":
        with open(file, "rb") as f:
            content = f.read()
        item.attach(FileAttachment(name="drawing.bin", content=content))
        return len(content)
    raise SystemExit("no job is called " + job)


def processor():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak():
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])


def main():
    endpoint, job, ids, file = sys.argv[1:]
    with open(ids) as f:
        ids = f.read().split()
    account, inbox = connect(endpoint)
    before = processor()
    count = run(job, account, inbox, ids, file)
    print(json.dumps({"count": count, "peak_kb": peak(), "cpu_ns": int((processor() - before) * 1e9)}))


main()
