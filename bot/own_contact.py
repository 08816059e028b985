"""The phone number of a customer who shared their own contact. Pure."""

from bot.channels.base import Inbound, Kind
from bot.scene import House
from crm_store.batch import Batch, ForStaff, Person
from crm_store.customer_fields import clean_phone
from crm_store.desk_posts import WITH_STAFF
from crm_store.errors import InvalidValue


def own_phone(inbound: Inbound) -> str | None:
    """Their number as customers' numbers are stored; None for somebody else's contact, or one that is no number.

    The platform itself says whose contact it is: whoever's account has the number (Bot API, type Contact). It leaves
    out the plus of what is always an international number.
    """
    contact = inbound.attachment
    if inbound.kind is not Kind.CONTACT or contact is None:
        return None
    if contact.get("type") != "contact" or str(contact.get("user_id")) != inbound.address:
        return None
    try:
        return clean_phone("+" + str(contact.get("phone_number") or "").strip().lstrip("+"))
    except InvalidValue:
        return None


def keep_phone(batch: Batch, person: Person, inbound: Inbound, house: House) -> None:
    """A number the customer shared as their own is theirs from now on, also on the card."""
    phone = own_phone(inbound)
    if phone is None:
        return
    batch.phones.append((person, phone))
    held = person.conversation
    if house.has_desk and held is not None and held.status in WITH_STAFF:
        batch.desk_posts.append(ForStaff(person, held, "card"))
