"""Links that bring a customer to another channel: a token made for them joins the address that sends it.

An address that is new becomes the customer's. One that already is another customer's stays with them, and the used
link is kept as evidence (see `duplicates`). Only the hash of a token is stored.
"""

import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import customers
from crm_store.batch import OpenLink, Person
from crm_store.models.base import table_of
from crm_store.models.customers import Customer, CustomerLink
from crm_store.sign_in import digest

LASTS = timedelta(hours=24)
MARK = "c_"
"""How a token begins, which tells it from a campaign's name."""
# Telegram takes at most 64 of A-Z a-z 0-9 _ - as the payload of /start (core.telegram.org/bots/features).
TOKEN = re.compile(rf"{MARK}[A-Za-z0-9_-]{{43}}")
_LINK = table_of(CustomerLink)


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link and its token, which is shown only now."""

    token: str = field(repr=False)
    expires_at: datetime


async def create(session: AsyncSession, customer_id: int, *, now: datetime, created_by: str) -> NewLink:
    """A new link for the record the customer lives in now; raises NotFound. Their expired ones go."""
    customer = await customers.current(session, customer_id)
    expired = CustomerLink.used_at.is_(None) & (CustomerLink.expires_at <= now)
    await session.execute(delete(CustomerLink).where(CustomerLink.customer_id == customer.id, expired))
    made = NewLink(MARK + secrets.token_urlsafe(32), now + LASTS)
    session.add(
        CustomerLink(
            customer_id=customer.id,
            token_hash=digest(made.token),
            created_by=created_by[:128],
            created_at=now,
            expires_at=made.expires_at,
        )
    )
    await session.flush()
    return made


def telegram_url(bot_name: str, token: str = "") -> str:
    """What opens the bot in Telegram and presses its Start button with this token."""
    return f"https://t.me/{bot_name}" + (f"?start={token}" if token else "")


def find(connection: Connection, hashes: Collection[str], now: datetime) -> dict[str, OpenLink]:
    """The links among these that still work, by the hash of their token; locked, so that each is used once."""
    if not hashes:
        return {}
    rows = connection.execute(
        select(_LINK.c.token_hash, _LINK.c.id, _LINK.c.customer_id, Customer.language)
        .join(Customer, Customer.id == _LINK.c.customer_id)
        .where(_LINK.c.token_hash.in_(hashes), _LINK.c.used_at.is_(None), _LINK.c.expires_at > now)
        .order_by(_LINK.c.id)
        .with_for_update(of=_LINK)
    )
    return {token_hash: OpenLink(*rest) for token_hash, *rest in rows}


def mark_used(connection: Connection, used: Sequence[tuple[OpenLink, Person]], now: datetime) -> None:
    """Write down who used these links; the people have their rows by now."""
    if used:
        connection.execute(
            update(_LINK)
            .where(_LINK.c.id == bindparam("b_id"))
            .values(used_at=now, used_by_id=bindparam("b_customer")),
            [{"b_id": link.id, "b_customer": person.customer_id} for link, person in used],
        )
