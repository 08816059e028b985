"""Customers and their addresses on channels: created, found, changed, searched, deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import kept_answers, stored_files
from crm_store.colleagues import is_customer
from crm_store.customer_fields import clean, international, phone_digits
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.models.customers import Customer, Identity
from crm_store.upserts import insert_into

MAX_PAGE = 200
MAX_QUERY = 128
_FEWEST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Page:
    """Some customers in the order of their ids."""

    customers: list[Customer]
    next_after: int | None
    """What to pass as `after` for the next page; None on the last one."""


async def create(session: AsyncSession, values: Mapping[str, Any], *, now: datetime) -> Customer:
    """The new customer; raises InvalidValue for a field that cannot be stored, Conflict for a taken external id."""
    fields = clean(values)
    await _check_referrer(session, fields, None)
    customer = Customer(**fields, created_at=now, updated_at=now)
    try:
        async with session.begin_nested():
            session.add(customer)
            await session.flush()
    except IntegrityError:
        raise _taken(fields) from None
    return customer


async def get(session: AsyncSession, customer_id: int) -> Customer:
    """The customer's own record, merged into another or not; raises NotFound."""
    customer = await session.get(Customer, customer_id)
    if customer is None:
        raise NotFound(f"there is no customer {customer_id}")
    return customer


async def current(session: AsyncSession, customer_id: int) -> Customer:
    """The record the customer lives in now: their own, or the one they were merged into; raises NotFound."""
    customer = await get(session, customer_id)
    seen = {customer.id}
    while customer.merged_into_id is not None and customer.merged_into_id not in seen:
        seen.add(customer.merged_into_id)
        customer = await get(session, customer.merged_into_id)
    return customer


async def update_fields(
    session: AsyncSession,
    customer_id: int,
    values: Mapping[str, Any],
    *,
    now: datetime,
    version: int | None = None,
) -> Customer:
    """The customer with these fields changed.

    Raises NotFound; Conflict when the record is not at `version` any more (None: whatever it is) or the external
    id is taken; InvalidValue for a field that cannot be stored.
    """
    fields = clean(values)
    await _check_referrer(session, fields, customer_id)
    changing = update(Customer).where(Customer.id == customer_id)
    if version is not None:
        changing = changing.where(Customer.version == version)
    changing = changing.values(**fields, version=Customer.version + 1, updated_at=now).returning(Customer.id)
    try:
        async with session.begin_nested():
            changed = await session.scalar(changing.execution_options(synchronize_session=False))
    except IntegrityError:
        raise _taken(fields) from None
    customer = await session.get(Customer, customer_id, populate_existing=True)
    if customer is None:
        raise NotFound(f"there is no customer {customer_id}")
    if changed is None:
        raise Conflict(
            f"somebody changed customer {customer_id} meanwhile (version {customer.version}, not {version}); "
            "read it again and repeat your change",
            kind="changed_meanwhile",
        )
    return customer


async def remove(session: AsyncSession, customer_id: int) -> None:
    """Delete the customer and all that is theirs, without a tombstone (`privacy.erase_person` leaves one)."""
    await stored_files.forget_people(session, [customer_id])
    await kept_answers.empty(session)
    gone = await session.scalar(delete(Customer).where(Customer.id == customer_id).returning(Customer.id))
    if gone is None:
        raise NotFound(f"there is no customer {customer_id}")


async def find_by_identity(session: AsyncSession, channel: str, address: str) -> Customer | None:
    """Whose address on a channel it is, or None."""
    return await session.scalar(
        select(Customer)
        .join(Identity, Identity.customer_id == Customer.id)
        .where(Identity.channel == channel, Identity.address == address)
    )


async def find_by_external_id(session: AsyncSession, external_id: str) -> Customer | None:
    """Who has this number in the shop's own books, in the record they live in now, or None."""
    customer = await session.scalar(select(Customer).where(Customer.external_id == external_id))
    return None if customer is None else await current(session, customer.id)


async def for_identity(
    session: AsyncSession,
    channel: str,
    address: str,
    *,
    now: datetime,
    display_name: str | None = None,
    username: str | None = None,
    language: str | None = None,
) -> tuple[Customer, Identity]:
    """Whose address on a channel it is; both the customer and the address are new when nobody has it."""
    known = select(Identity).where(Identity.channel == channel, Identity.address == address)
    identity = await session.scalar(known)
    if identity is None:
        customer = await create(session, {"name": (display_name or "")[:256]}, now=now)
        values: dict[str, Any] = {"channel": channel, "address": address, "customer_id": customer.id}
        values |= {
            "display_name": display_name and display_name[:256],
            "username": username,
            "language": language,
        }
        added = await session.scalar(
            insert_into(session, Identity)
            .values(**values, is_reachable=True, created_at=now, last_seen_at=now)
            .on_conflict_do_nothing(index_elements=["channel", "address"])
            .returning(Identity.id)
        )
        if added is None:  # another process met the same person in this moment
            await session.delete(customer)
            await session.flush()
        identity = (await session.scalars(known)).one()
    return await get(session, identity.customer_id), identity


async def identities(session: AsyncSession, customer_ids: list[int]) -> dict[int, list[Identity]]:
    """The addresses of each of these customers, oldest first."""
    found: dict[int, list[Identity]] = {customer_id: [] for customer_id in customer_ids}
    rows = select(Identity).where(Identity.customer_id.in_(customer_ids)).order_by(Identity.id)
    for identity in await session.scalars(rows):
        found[identity.customer_id].append(identity)
    return found


async def page(session: AsyncSession, *, query: str | None = None, after: int = 0, limit: int = 50) -> Page:
    """Customers whose id is above `after`; with a query those that `matching` finds.

    Merged records and the staff's own are left out.
    """
    limit = max(1, min(limit, MAX_PAGE))
    wanted: Select[Customer] = select(Customer).where(Customer.id > after, *_living())
    if query is not None and query.strip():
        wanted = wanted.where(matching(query))
    rows = list(await session.scalars(wanted.order_by(Customer.id).limit(limit + 1)))
    return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def matching(query: str) -> ColumnElement[bool]:
    """Whether a customer's name, e-mail, phone, external id or an address on a channel contains the words asked for.

    Capital letters do not matter, nor do the signs between a phone number's digits.
    """
    words = query.strip()[:MAX_QUERY]
    texts = (Customer.name, Customer.email, Customer.external_id, Customer.phone)
    addresses = (Identity.address, Identity.username, Identity.display_name)
    ways: list[ColumnElement[bool]] = [
        column.ilike(pattern, escape="\\") for pattern in _patterns(words) for column in texts
    ]
    at = [
        column.ilike(pattern, escape="\\")
        for pattern in _patterns(words.removeprefix("@"))
        for column in addresses
    ]
    ways.append(exists().where(Identity.customer_id == Customer.id, or_(*at)))
    digits = phone_digits(words)
    if sum(sign.isdigit() for sign in digits) >= _FEWEST_DIGITS and digits.lstrip("+").isdigit():
        ways += [Customer.phone.contains(one, autoescape=True) for one in {digits, international(digits)}]
    return or_(*ways)


def _patterns(words: str) -> list[str]:
    # SQLite's LIKE knows the capitals of A to Z only, so the other letters are tried in each of their usual forms.
    forms = [words] if words.isascii() else sorted({words, words.lower(), words.upper(), words.title()})
    escaped = (form.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for form in forms)
    return [f"%{form}%" for form in escaped]


async def count(session: AsyncSession) -> int:
    """How many customers there are, merged records and the staff's own left out."""
    return await session.scalar(select(func.count(Customer.id)).where(*_living())) or 0


def _living() -> tuple[ColumnElement[bool], ...]:
    return Customer.merged_into_id.is_(None), is_customer(Customer.id)


async def _check_referrer(session: AsyncSession, fields: Mapping[str, Any], customer_id: int | None) -> None:
    referrer = fields.get("referred_by_id")
    if referrer is None:
        return
    if referrer == customer_id:
        raise InvalidValue("nobody can have referred themselves; name another customer in 'referred_by_id'")
    if await session.get(Customer, referrer) is None:
        raise InvalidValue(f"'referred_by_id' names customer {referrer}, whom there is not")


def _taken(fields: Mapping[str, Any]) -> Conflict:
    wanted = str(fields.get("external_id"))
    return Conflict(f"the external id '{wanted}' is taken by another customer", kind="taken", value=wanted)
