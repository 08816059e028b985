"""What a batch needs to know before anybody thinks about it, in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.batch import Address, Batch, Held, Known, OpenRequest, Person
from crm_store.lifecycle import Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from crm_store.models.plumbing import SeenUpdate
from crm_store.models.ratings import Rating, RatingRequest
from crm_store.ratings import OPEN_STATES


async def read(
    session: AsyncSession,
    *,
    now: datetime,
    updates: Sequence[tuple[str, str]],
    addresses: Iterable[Address],
    pressed: Iterable[int],
    edited: Iterable[tuple[str, str]],
) -> Batch:
    """What the store knows of the senders and of what they refer to: at most seven queries."""
    batch = Batch(now)
    await _read_seen(session, batch, updates)
    await _read_people(session, batch, set(addresses))
    await _read_requests(session, batch)
    columns = [getattr(table_of(Message).c, name) for name in Known.__slots__]
    wanted = set(pressed)
    if wanted:
        rows = await session.execute(
            select(*columns).where(Message.id.in_(wanted), Message.author != "customer")
        )
        batch.known = {row[0]: Known(*row) for row in rows}
    places = set(edited)
    if places:
        query = select(*columns, Message.platform_id).where(
            tuple_(Message.lane, Message.platform_id).in_(places), Message.author == "customer"
        )
        for row in await session.execute(query):
            known = Known(*row[:-1])
            batch.edited[known.lane or "", row[-1]] = known
    return batch


async def _read_seen(session: AsyncSession, batch: Batch, updates: Sequence[tuple[str, str]]) -> None:
    by_source: dict[str, list[str]] = {}
    for source, update_id in updates:
        by_source.setdefault(source, []).append(update_id)
    for source, wanted in by_source.items():  # one source per channel: a handful at most
        rows = await session.scalars(
            select(SeenUpdate.update_id).where(SeenUpdate.source == source, SeenUpdate.update_id.in_(wanted))
        )
        batch.seen.update((source, update_id) for update_id in rows)


async def _read_people(session: AsyncSession, batch: Batch, addresses: set[Address]) -> None:
    by_channel: dict[str, list[str]] = {}
    for channel, address in addresses:
        by_channel.setdefault(channel, []).append(address)
    by_identity: dict[int, Person] = {}
    for channel, wanted in by_channel.items():
        i = table_of(Identity).c
        rows = await session.execute(
            select(
                i.channel,
                i.address,
                i.display_name,
                i.username,
                i.language,
                Customer.language,
                i.is_reachable,
                i.id,
                i.customer_id,
            )
            .join(Customer, Customer.id == i.customer_id)
            .where(i.channel == channel, i.address.in_(wanted))
        )
        for row in rows:
            person = Person(*row)
            batch.people[person.channel, person.address] = by_identity[person.identity_id] = person
    if not by_identity:
        return
    c = table_of(Conversation).c
    rows = await session.execute(
        select(
            c.identity_id,
            c.status,
            c.language,
            c.memory,
            c.id,
            c.agent_id,
            c.queued_at,
            c.handoff_reason,
            c.last_message_at,
            c.resolved_at,
        ).where(c.identity_id.in_(by_identity), c.status != Status.RESOLVED)
    )
    for identity_id, status, *rest in rows:
        by_identity[identity_id].conversation = Held(Status(status), *rest)


async def _read_requests(session: AsyncSession, batch: Batch) -> None:
    customers = {p.customer_id: p for p in batch.people.values()}
    if not customers:
        return
    rows = await session.execute(
        select(
            RatingRequest.id,
            RatingRequest.conversation_id,
            RatingRequest.state,
            RatingRequest.expires_at,
            RatingRequest.customer_id,
            Rating.aspect,
        )
        .outerjoin(Rating, Rating.request_id == RatingRequest.id)
        .where(RatingRequest.customer_id.in_(customers), RatingRequest.state.in_(OPEN_STATES))
        .order_by(RatingRequest.id)
    )
    for request_id, conversation_id, state, expires_at, customer_id, aspect in rows:
        for person in batch.people.values():
            if person.customer_id != customer_id:
                continue
            if person.request is None or person.request.id != request_id:
                person.request = OpenRequest(request_id, conversation_id, state, expires_at)
            if aspect is not None:
                person.request.given.add(aspect)
