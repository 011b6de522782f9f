"""Rights, ids and settings."""
from checks import check, same, true
from world import me, message, scratch, setting

from exchangelib.properties import AlternateId


@check()
def ids_are_converted_there_and_back():
    made = message(scratch())
    address = setting("USER")
    for form in ("HexEntryId", "EntryId", "StoreId", "OwaId"):
        (there,) = me().protocol.convert_ids([AlternateId(id=made.id, format="EwsId", mailbox=address)], form)
        same(there.format, form, "the format")
        true(there.id != made.id, f"the {form} is another text")
        (back,) = me().protocol.convert_ids([AlternateId(id=there.id, format=form, mailbox=address)], "EwsId")
        same(back.id, made.id, f"the id, by way of {form}")


@check()
def id_that_is_none_has_an_error_of_its_own():
    made = message(scratch())
    address = setting("USER")
    found = list(
        me().protocol.convert_ids(
            [
                AlternateId(id="bm90IGFuIGlk", format="EwsId", mailbox=address),
                AlternateId(id=made.id, format="EwsId", mailbox=address),
            ],
            "HexEntryId",
        )
    )
    same([isinstance(f, Exception) for f in found], [True, False])


@check()
def ids_of_folders_are_converted():
    address = setting("USER")
    (there,) = me().protocol.convert_ids([AlternateId(id=me().inbox.id, format="EwsId", mailbox=address)], "HexEntryId")
    (back,) = me().protocol.convert_ids([AlternateId(id=there.id, format="HexEntryId", mailbox=address)], "EwsId")
    same(back.id, me().inbox.id)


@check()
def delegates_are_listed():
    for delegate in me().delegates:
        true(delegate.user_id.primary_smtp_address, "a delegate has an address")
