"""Records that may be one person, with the reasons; somebody decides, nothing is ever merged by itself."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.models.customers import Customer, CustomerLink, Identity

MOST = 200


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two records that look like one person; `first_id` is the older one."""

    first_id: int
    second_id: int
    reasons: tuple[str, ...]
    """Of 'opened the other's link', 'same e-mail', 'same phone', 'same name and address', 'same user name'; the
    strongest first."""


async def proposals(
    session: AsyncSession, *, customer_id: int | None = None, limit: int = 50
) -> list[Proposal]:
    """Pairs of records, those with the most and strongest reasons first; of one customer when asked.

    Where many share one value each is paired with the oldest only, so that a reception's number that a hundred
    records hold gives a hundred pairs, not five thousand.
    """
    limit = max(1, min(limit, MOST))
    found: dict[tuple[int, int], list[str]] = {}
    for pair in await _pairs_by_link(session, customer_id, limit):
        found.setdefault(pair, []).append(_OPENED_LINK)
    for reason, key in _RULES.items():
        for pair in await _pairs(session, key, customer_id, limit):
            found.setdefault(pair, []).append(reason)
    for pair in await _pairs_by_username(session, customer_id, limit):
        found.setdefault(pair, []).append("same user name")
    ranked = sorted(found.items(), key=lambda each: (-_weight(each[1]), each[0]))
    return [Proposal(*pair, tuple(reasons)) for pair, reasons in ranked[:limit]]


async def names(session: AsyncSession, customer_ids: Collection[int]) -> dict[int, str | None]:
    """What these records are called, those that are part of another as well."""
    rows = await session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(customer_ids)))
    return {number: name for number, name in rows}  # noqa: C416


def _weight(reasons: Iterable[str]) -> int:
    return sum(_WEIGHTS[reason] for reason in reasons)


_OPENED_LINK = "opened the other's link"
_WEIGHTS = {
    _OPENED_LINK: 5,
    "same e-mail": 4,
    "same phone": 3,
    "same name and address": 2,
    "same user name": 1,
}

_RULES: dict[str, tuple[Any, ...]] = {
    "same e-mail": (func.lower(Customer.email),),
    "same phone": (Customer.phone,),
    "same name and address": (func.lower(Customer.name), func.lower(Customer.address)),
}


async def _pairs(
    session: AsyncSession, key: tuple[Any, ...], customer_id: int | None, limit: int
) -> list[tuple[int, int]]:
    """The oldest record of each value that several have, with each of the others."""
    living = Customer.merged_into_id.is_(None)
    values = [part.label(f"part{n}") for n, part in enumerate(key)]
    filled = [part.is_not(None) & (part != "") for part in key]
    shared = (
        select(*values, func.min(Customer.id).label("first_id"))
        .where(living, *filled)
        .group_by(*key)
        .having(func.count() > 1)
        .subquery()
    )
    same = [part == shared.c[f"part{n}"] for n, part in enumerate(key)]
    pairs = (
        select(shared.c.first_id, Customer.id)
        .join(shared, and_(*same))
        .where(living, Customer.id > shared.c.first_id)
        .order_by(shared.c.first_id, Customer.id)
        .limit(limit)
    )
    if customer_id is not None:
        pairs = pairs.where((shared.c.first_id == customer_id) | (Customer.id == customer_id))
    return [(int(first), int(second)) for first, second in await session.execute(pairs)]


async def _pairs_by_link(session: AsyncSession, customer_id: int | None, limit: int) -> list[tuple[int, int]]:
    """Customers one of whom opened a link that was made for the other."""
    made_for, opened_by = aliased(Customer), aliased(Customer)
    is_older = made_for.id < opened_by.id
    first_id = case((is_older, made_for.id), else_=opened_by.id)
    second_id = case((is_older, opened_by.id), else_=made_for.id)
    pairs = (
        select(first_id, second_id)
        .select_from(CustomerLink)
        .join(made_for, made_for.id == CustomerLink.customer_id)
        .join(opened_by, opened_by.id == CustomerLink.used_by_id)
        .where(made_for.id != opened_by.id)
        .where(made_for.merged_into_id.is_(None), opened_by.merged_into_id.is_(None))
        .distinct()
        .order_by(first_id, second_id)
        .limit(limit)
    )
    if customer_id is not None:
        pairs = pairs.where((made_for.id == customer_id) | (opened_by.id == customer_id))
    return [(int(first), int(second)) for first, second in await session.execute(pairs)]


async def _pairs_by_username(
    session: AsyncSession, customer_id: int | None, limit: int
) -> list[tuple[int, int]]:
    """Customers who go by the same user name on two channels."""
    name = func.lower(Identity.username)
    shared = (
        select(name.label("name"), func.min(Identity.customer_id).label("first_id"))
        .join(Customer, Customer.id == Identity.customer_id)
        .where(Identity.username != "", Customer.merged_into_id.is_(None))
        .group_by(name)
        .having(func.count(Identity.channel.distinct()) > 1)
        .subquery()
    )
    pairs = (
        select(shared.c.first_id, Identity.customer_id)
        .join(shared, name == shared.c.name)
        .join(Customer, Customer.id == Identity.customer_id)
        .where(Identity.customer_id > shared.c.first_id, Customer.merged_into_id.is_(None))
        .distinct()
        .order_by(shared.c.first_id, Identity.customer_id)
        .limit(limit)
    )
    if customer_id is not None:
        pairs = pairs.where((shared.c.first_id == customer_id) | (Identity.customer_id == customer_id))
    return [(int(first), int(second)) for first, second in await session.execute(pairs)]
