"""Extended properties: by name, by id, by tag, of every type."""
from datetime import datetime, timezone
from decimal import Decimal

from checks import check, same
from world import me, message, scratch

from exchangelib import CalendarItem, EWSDateTime, ExtendedProperty, Message
from exchangelib.folders import Folder

OWN_SET = "7d3a5e60-2c1f-4f0e-9a55-3b1a0c9e2d41"


def registered(item_class, *, more_values=(), **attributes):
    """Stores a value in a property and returns what comes back."""
    values = attributes.pop("values")
    kind = type("Property", (ExtendedProperty,), attributes)
    item_class.register("exconn_check", kind)
    try:
        folder = scratch()
        got = []
        for value in values:
            made = message(folder, exconn_check=value)
            got.append(folder.get(id=made.id).exconn_check)
        found = None
        if "Array" not in attributes["property_type"] and attributes["property_type"] != "Binary":
            found = folder.filter(exconn_check=values[-1]).count()
        return got, found
    finally:
        item_class.deregister("exconn_check")


def goes_round(values, searched=True, **attributes):
    got, found = registered(Message, values=values, **attributes)
    same(got, list(values), "what comes back")
    if searched and found is not None:
        same(found, list(values).count(values[-1]), "how many are found by it")


@check()
def text_by_name():
    goes_round(["one", "zwei ü", "<three> & more"], property_set_id=OWN_SET, property_name="Exconn Text", property_type="String")


@check()
def text_by_name_in_public_strings():
    goes_round(["one"], distinguished_property_set_id="PublicStrings", property_name="exconn-public", property_type="String")


@check()
def number_by_id():
    goes_round([42, -7, 0], property_set_id=OWN_SET, property_id=0x8123, property_type="Integer")


@check()
def number_by_tag():
    goes_round([2], property_tag=0x1090, property_type="Integer")


@check()
def text_by_tag():
    goes_round(["a keyword"], property_tag=0x6A01, property_type="String")


@check()
def truth_value():
    goes_round([True, False], property_set_id=OWN_SET, property_name="Exconn Boolean", property_type="Boolean")


@check()
def bytes_come_back():
    goes_round([b"\x00\x01\xff", b"text"], property_set_id=OWN_SET, property_name="Exconn Bytes", property_type="Binary")


@check()
def time_comes_back():
    at = EWSDateTime.from_datetime(datetime(2026, 3, 29, 1, 30, 15, tzinfo=timezone.utc))
    goes_round([at], property_set_id=OWN_SET, property_name="Exconn Time", property_type="SystemTime")


@check()
def long_and_short_numbers():
    goes_round([2**40, -(2**40)], property_set_id=OWN_SET, property_name="Exconn Long", property_type="Long")
    goes_round([32767, -32768], property_set_id=OWN_SET, property_name="Exconn Short", property_type="Short")


@check()
def fractions():
    goes_round([Decimal("1.5"), Decimal("-0.25")], property_set_id=OWN_SET, property_name="Exconn Double", property_type="Double")


@check()
def guid_comes_back():
    goes_round([OWN_SET], property_set_id=OWN_SET, property_name="Exconn Guid", property_type="CLSID")


@check()
def lists_of_text_and_numbers():
    goes_round([["one", "two"], ["three"]], property_set_id=OWN_SET, property_name="Exconn Texts", property_type="StringArray")
    goes_round([[1, 2, 3]], property_set_id=OWN_SET, property_name="Exconn Numbers", property_type="IntegerArray")


@check()
def property_is_changed_and_deleted():
    class Stamp(ExtendedProperty):
        property_set_id = OWN_SET
        property_name = "Exconn Stamp"
        property_type = "String"

    Message.register("exconn_stamp", Stamp)
    try:
        made = message(scratch(), exconn_stamp="before")
        made.exconn_stamp = "after"
        made.save(update_fields=["exconn_stamp"])
        same(made.refresh().exconn_stamp, "after")
        made.exconn_stamp = None
        made.save(update_fields=["exconn_stamp"])
        same(made.refresh().exconn_stamp, None)
    finally:
        Message.deregister("exconn_stamp")


@check()
def messages_are_found_by_existence_of_a_property():
    class Stamp(ExtendedProperty):
        property_set_id = OWN_SET
        property_name = "Exconn Found"
        property_type = "String"

    Message.register("exconn_found", Stamp)
    try:
        folder = scratch()
        message(folder, "with", exconn_found="yes")
        message(folder, "without")
        same(list(folder.filter(exconn_found__exists=True).values_list("subject", flat=True)), ["with"])
        same(list(folder.filter(exconn_found__contains="ye").values_list("subject", flat=True)), ["with"])
        same(
            list(folder.all().order_by("subject").values_list("subject", "exconn_found")),
            [("with", "yes"), ("without", None)],
        )
    finally:
        Message.deregister("exconn_found")


@check()
def size_and_flags_of_a_message_by_tag():
    class Flags(ExtendedProperty):
        property_tag = 0x0E07
        property_type = "Integer"

    class Class(ExtendedProperty):
        property_tag = 0x001A
        property_type = "String"

    Message.register("exconn_flags", Flags)
    Message.register("exconn_class", Class)
    try:
        made = message(scratch(), is_read=True)
        made.refresh()
        same(made.exconn_class, "IPM.Note", "the class")
        same(made.exconn_flags & 1, 1, "read")
        same(made.exconn_flags & 8, 8, "unsent")
    finally:
        Message.deregister("exconn_flags")
        Message.deregister("exconn_class")


@check()
def property_of_a_folder():
    class Comment(ExtendedProperty):
        property_tag = 0x3004
        property_type = "String"

    Folder.register("exconn_comment", Comment)
    try:
        folder = scratch()
        folder.exconn_comment = "for checks"
        folder.save(update_fields=["exconn_comment"])
        same(folder.refresh().exconn_comment, "for checks")
    finally:
        Folder.deregister("exconn_comment")


@check()
def property_of_an_event():
    class Stamp(ExtendedProperty):
        property_set_id = OWN_SET
        property_name = "Exconn Event"
        property_type = "String"

    CalendarItem.register("exconn_event", Stamp)
    try:
        folder = scratch("calendar")
        at = EWSDateTime(2027, 2, 3, 10, 0, tzinfo=me().default_timezone)
        end = EWSDateTime(2027, 2, 3, 11, 0, tzinfo=me().default_timezone)
        made = CalendarItem(folder=folder, subject="stamped", start=at, end=end, exconn_event="id 1").save()
        same(folder.get(id=made.id).exconn_event, "id 1")
        same(folder.filter(exconn_event="id 1").count(), 1, "how many are found by it")
    finally:
        CalendarItem.deregister("exconn_event")
