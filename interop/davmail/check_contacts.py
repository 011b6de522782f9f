"""CardDAV: contacts."""
import re

from checks import check, same, true, within
from world import ME, dav, new_uid, unique

CONTACTS = f"/users/{ME}/contacts/"


def vcard(uid, name, *lines):
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:Zoë {name}", f"N:{name};Zoë;;;", *lines, "END:VCARD", ""])


def put(name, *lines):
    uid = new_uid()
    path = f"{CONTACTS}{uid}.vcf"
    answer = dav("PUT", path, vcard(uid, name, *lines), {"Content-Type": "text/vcard; charset=utf-8", "If-None-Match": "*"})
    true(answer.status in (200, 201), f"PUT is accepted: {answer.status} {answer.body[:300]}")
    return uid, path


def get(path):
    answer = dav("GET", path)
    same(answer.status, 200, "the status")
    return re.sub(r"\r?\n[ \t]", "", answer.body)


@check
def contacts_are_described():
    answer = dav("PROPFIND", CONTACTS, '<D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/><D:getetag/></D:prop></D:propfind>', {"Depth": "0"})
    same(answer.status, 207, "the status")
    within("addressbook", answer.body, "the answer")


@check
def contact_comes_back():
    name = unique("Müller")
    _, path = put(name, "EMAIL;TYPE=WORK:zoe@adatum.example", "TEL;TYPE=WORK:+49 30 1234", "TEL;TYPE=CELL:+49 170 5678", "ORG:Adatum;Purchasing",
                  "TITLE:Head of purchasing", "ADR;TYPE=WORK:;;Long Street 1;Köln;;50667;Germany", "BDAY:1985-05-17", "NOTE:a note")
    text = get(path)
    within(f"FN:Zoë {name}", text, "the contact")
    for part in ("zoe@adatum.example", "+49 30 1234", "+49 170 5678", "Adatum", "Head of purchasing", "Long Street 1", "Köln", "1985-05-17", "a note"):
        within(part, text, "the contact")
    dav("DELETE", path)


@check
def contact_is_changed():
    name = unique("Schmidt")
    uid, path = put(name, "EMAIL;TYPE=WORK:one@adatum.example")
    answer = dav("PUT", path, vcard(uid, name, "EMAIL;TYPE=WORK:two@adatum.example", "TITLE:Director"), {"Content-Type": "text/vcard; charset=utf-8"})
    true(answer.status in (200, 201, 204), f"PUT is accepted: {answer.status}")
    text = get(path)
    within("two@adatum.example", text, "the contact")
    true("one@adatum.example" not in text, "the old address is gone")
    within("Director", text, "the contact")
    dav("DELETE", path)


@check
def contact_is_found_and_deleted():
    name = unique("Weber")
    uid, path = put(name)
    listing = dav("PROPFIND", CONTACTS, '<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>', {"Depth": "1"})
    same(listing.status, 207, "the status")
    within(uid, listing.body, "the list")
    true(dav("DELETE", path).status in (200, 204), "DELETE is accepted")
    same(dav("GET", path).status, 404, "the status afterwards")
