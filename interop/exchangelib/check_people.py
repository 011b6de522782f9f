"""Contacts, distribution lists, and finding people."""
from datetime import date

from checks import check, refused, same, true
from world import me, scratch, setting, unique

from exchangelib import Contact, DistributionList, EWSDate, FileAttachment, Mailbox
from exchangelib.errors import ErrorNameResolutionNoResults, ResponseMessageError
from exchangelib.indexed_properties import EmailAddress, PhoneNumber, PhysicalAddress
from exchangelib.properties import Member


def contact(folder, **more):
    more.setdefault("display_name", "Hanna Weiß")
    return Contact(folder=folder, **more).save()


@check()
def contact_comes_back_as_it_went_in():
    folder = scratch("contacts")
    plain = dict(
        given_name="Hanna",
        middle_name="M.",
        surname="Weiß",
        display_name="Hanna Weiß",
        nickname="Hanni",
        initials="H. M. W.",
        company_name="Adatum & Söhne",
        department="Einkauf",
        job_title="Leiterin",
        manager="Priya Raman",
        office="4.17",
        assistant_name="Otto",
        profession="Ingenieurin",
        spouse_name="Karl",
        generation="II",
        mileage="12 km",
        business_homepage="https://adatum.example/hanna",
        file_as="Weiß, Hanna",
        children=["Anna", "Emil"],
        companies=["Adatum", "Tailspin"],
        categories=["Customer"],
        importance="High",
        postal_address_index="Business",
    )
    made = contact(folder, **plain)
    got = folder.get(id=made.id)
    for field, value in plain.items():
        same(getattr(got, field), value, field)
    same(got.item_class, "IPM.Contact")


@check()
def addresses_and_numbers_come_back():
    folder = scratch("contacts")
    mails = [
        EmailAddress(label="EmailAddress1", email="hanna@adatum.example"),
        EmailAddress(label="EmailAddress3", email="hanna@private.example"),
    ]
    numbers = [
        PhoneNumber(label="BusinessPhone", phone_number="+49 40 5550 10"),
        PhoneNumber(label="MobilePhone", phone_number="+49 170 555 0110"),
        PhoneNumber(label="HomeFax", phone_number="+49 40 5550 99"),
    ]
    places = [
        PhysicalAddress(label="Business", street="Hafenstraße 12", city="Hamburg", country="Germany", zipcode="20457"),
        PhysicalAddress(label="Home", street="Am Deich 1", city="Husum", state="SH"),
    ]
    made = contact(folder, email_addresses=mails, phone_numbers=numbers, physical_addresses=places)
    got = folder.get(id=made.id)
    found = {(m.label, m.email) for m in got.email_addresses if m.email}
    same(found, {(m.label, m.email) for m in mails}, "the addresses")
    found = {(n.label, n.phone_number) for n in got.phone_numbers if n.phone_number}
    same(found, {(n.label, n.phone_number) for n in numbers}, "the numbers")
    shape = lambda a: (a.label, a.street, a.city, a.state, a.country, a.zipcode)  # noqa: E731
    same({shape(a) for a in got.physical_addresses if a.street}, {shape(a) for a in places}, "the places")


@check()
def birthday_is_a_day():
    folder = scratch("contacts")
    made = contact(folder, birthday=EWSDate(1980, 3, 29), wedding_anniversary=EWSDate(2005, 10, 30))
    got = folder.get(id=made.id)
    same((got.birthday, got.wedding_anniversary), (date(1980, 3, 29), date(2005, 10, 30)))


@check()
def contact_is_updated():
    folder = scratch("contacts")
    made = contact(folder, company_name="Before", job_title="Goes")
    made.company_name, made.job_title = "After", None
    made.email_addresses = [EmailAddress(label="EmailAddress1", email="new@adatum.example")]
    made.save(update_fields=["company_name", "job_title", "email_addresses"])
    got = folder.get(id=made.id)
    same((got.company_name, got.job_title), ("After", None))
    same([m.email for m in got.email_addresses if m.email], ["new@adatum.example"])


@check()
def one_number_is_changed_and_one_removed():
    folder = scratch("contacts")
    made = contact(
        folder,
        phone_numbers=[
            PhoneNumber(label="BusinessPhone", phone_number="1"),
            PhoneNumber(label="MobilePhone", phone_number="2"),
        ],
    )
    made.refresh()
    made.phone_numbers = [PhoneNumber(label="BusinessPhone", phone_number="3")]
    made.save(update_fields=["phone_numbers"])
    got = folder.get(id=made.id)
    same([(n.label, n.phone_number) for n in got.phone_numbers if n.phone_number], [("BusinessPhone", "3")])


@check()
def name_for_filing_follows_its_rule():
    folder = scratch("contacts")
    made = contact(folder, given_name="Hanna", surname="Weiß", file_as_mapping="LastCommaFirst")
    same(folder.get(id=made.id).file_as, "Weiß, Hanna")


@check()
def contacts_are_found():
    folder = scratch("contacts")
    contact(folder, display_name="One", company_name="Adatum", given_name="Hanna")
    contact(folder, display_name="Two", company_name="Tailspin", given_name="Priya")
    same(list(folder.filter(company_name="Adatum").values_list("display_name", flat=True)), ["One"])
    same(list(folder.filter(given_name__istartswith="pri").values_list("display_name", flat=True)), ["Two"])
    same(list(folder.all().order_by("-company_name").values_list("display_name", flat=True)), ["Two", "One"])


@check()
def contacts_are_found_by_an_address():
    folder = scratch("contacts")
    contact(folder, display_name="One", email_addresses=[EmailAddress(label="EmailAddress1", email="one@adatum.example")])
    contact(folder, display_name="Two")
    found = folder.filter(email_addresses__EmailAddress1="one@adatum.example")
    same(list(found.values_list("display_name", flat=True)), ["One"])


@check()
def single_fields_of_lists_are_fetched():
    folder = scratch("contacts")
    contact(
        folder,
        phone_numbers=[PhoneNumber(label="BusinessPhone", phone_number="123")],
        physical_addresses=[PhysicalAddress(label="Home", city="Husum", street="Deich")],
    )
    got = list(folder.all().values_list("phone_numbers__BusinessPhone", "physical_addresses__Home__city"))
    same(got, [("123", "Husum")])


@check()
def picture_of_a_contact():
    folder = scratch("contacts")
    made = contact(folder)
    made.attach(FileAttachment(name="ContactPicture.jpg", content=b"\xff\xd8\xff", is_contact_photo=True))
    got = folder.get(id=made.id)
    same(got.has_picture, True, "has a picture")
    same([a.name for a in got.attachments], ["ContactPicture.jpg"])


@check()
def contact_is_moved_copied_and_deleted():
    source, target = scratch("contacts"), scratch("contacts")
    made = contact(source, given_name="Hanna")
    made.move(to_folder=target)
    made.copy(to_folder=source)
    same((source.all().count(), target.all().count()), (1, 1))
    made.delete()
    same((source.all().count(), target.all().count()), (1, 0))


@check()
def distribution_list_comes_back():
    folder = scratch("contacts")
    made = DistributionList(
        folder=folder,
        display_name="Customers",
        members=[
            Member(mailbox=Mailbox(name="Hanna", email_address="hanna@adatum.example", mailbox_type="OneOff")),
            Member(mailbox=Mailbox(name="Priya", email_address="priya@tailspin.example", mailbox_type="OneOff")),
        ],
    ).save()
    got = folder.get(id=made.id)
    same((got.display_name, got.item_class), ("Customers", "IPM.DistList"))
    same([m.mailbox.email_address for m in got.members], ["hanna@adatum.example", "priya@tailspin.example"])


@check()
def members_are_changed():
    folder = scratch("contacts")
    member = lambda address: Member(mailbox=Mailbox(email_address=address, mailbox_type="OneOff"))  # noqa: E731
    made = DistributionList(folder=folder, display_name="List", members=[member("a@adatum.example")]).save()
    made.members = [member("b@adatum.example"), member("c@adatum.example")]
    made.save(update_fields=["members"])
    got = folder.get(id=made.id)
    same([m.mailbox.email_address for m in got.members], ["b@adatum.example", "c@adatum.example"])


@check()
def names_are_resolved_in_the_directory():
    found = me().protocol.resolve_names([setting("OTHER_USER")])
    same([m.email_address.lower() for m in found], [setting("OTHER_USER").lower()])
    same(found[0].mailbox_type, "Mailbox")


@check()
def parts_of_names_are_resolved():
    local = setting("OTHER_USER").split("@")[0]
    found = [m.email_address.lower() for m in me().protocol.resolve_names([local[:3]]) if isinstance(m, Mailbox)]
    true(setting("OTHER_USER").lower() in found, f"{setting('OTHER_USER')} is one of {found}")


@check()
def resolved_names_come_with_their_contacts():
    found = me().protocol.resolve_names([setting("OTHER_USER")], return_full_contact_data=True)
    mailbox, details = found[0]
    same(mailbox.email_address.lower(), setting("OTHER_USER").lower())
    true(details is None or details.display_name, "the contact has a name")


@check()
def names_are_resolved_in_ones_own_contacts():
    name = unique("Zacharias").replace(" ", "")
    made = Contact(
        account=me(),
        folder=me().contacts,
        display_name=name,
        given_name=name,
        email_addresses=[EmailAddress(label="EmailAddress1", email="zach@adatum.example")],
    ).save()
    try:
        found = me().protocol.resolve_names([name], parent_folders=[me().contacts], search_scope="Contacts")
        same([m.email_address for m in found], ["zach@adatum.example"])
    finally:
        made.delete()


@check()
def unknown_names_give_an_error():
    found = me().protocol.resolve_names([unique("nobody").replace(" ", "")])
    same([type(f) for f in found], [ErrorNameResolutionNoResults])


@check("GROUP", "GROUP_MEMBER")
def group_is_expanded():
    found = [m.email_address.lower() for m in me().protocol.expand_dl(setting("GROUP"))]
    true(setting("GROUP_MEMBER").lower() in found, f"{setting('GROUP_MEMBER')} is one of {found}")


@check()
def group_that_is_none_is_refused():
    domain = setting("USER").split("@")[1]
    refused(ResponseMessageError, me().protocol.expand_dl, f"no-such-group@{domain}")
