"""A person's rights: all that is kept of them, erasing them, no profiling; and what is deleted by its age.

An erasure removes the rows and leaves a tombstone, so that a restored backup is cleaned again. Older backups still
hold the person: make a new one after an erasure and let the old ones go (`FRONTDESK_BACKUP_KEEP`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk_erasing, kept_answers, search_index, stored_files
from crm_store.engine import Store
from crm_store.errors import NotFound, StoreUnusable
from crm_store.kept_answers import Wish
from crm_store.lifecycle import Status
from crm_store.models.all import METADATA
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer, Erasure, Identity
from crm_store.models.plumbing import ParkedUpdate, Timer
from crm_store.models.ratings import Rating, RatingRequest
from crm_store.models.scores import CustomerScore
from crm_store.models.staff import AuditEntry
from crm_store.personal_data import CONVERSATION_TIMERS, HIDDEN, PERSONAL, RATING_TIMERS, belongs

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure removed."""

    customer_ids: tuple[int, ...]
    """The person's records: the one asked for and those merged with it."""
    rows: dict[str, int]
    """Table name to the number of rows that went."""
    files: tuple[str, ...] = ()
    """Keys of the files that are to be removed from the folder (`Files.remove`) once this is committed."""


async def records_of(session: AsyncSession, customer_id: int) -> list[int]:
    """The ids of all records of the person, who may have been merged out of several; raises NotFound."""
    first = await session.scalar(select(Customer.id).where(Customer.id == customer_id))
    if first is None:
        raise NotFound(f"there is no customer {customer_id}")
    found: set[int] = {first}
    newest = {first}
    while newest:
        rows = await session.execute(
            select(Customer.id, Customer.merged_into_id).where(
                or_(Customer.id.in_(newest), Customer.merged_into_id.in_(newest))
            )
        )
        newest = {each for row in rows for each in row if each is not None} - found
        found |= newest
    return sorted(found)


async def export_person(session: AsyncSession, customer_id: int, *, now: datetime) -> dict[str, Any]:
    """Everything kept of the person, ready for JSON: table name to its rows, oldest first. Raises NotFound."""
    persons = await records_of(session, customer_id)
    tables: dict[str, list[dict[str, Any]]] = {}
    for name in PERSONAL:
        table = METADATA.tables[name]
        rows = await session.execute(
            select(table).where(belongs(name, persons)).order_by(*table.primary_key.columns)
        )
        hidden = HIDDEN.get(name, frozenset())
        tables[name] = [
            {key: _plain(value) for key, value in row.items() if key not in hidden} for row in rows.mappings()
        ]
    parked = await _parked_of(session, persons)
    tables["parked_update"] = [
        {"id": row.id, "body": row.body, "parked_at": _plain(row.parked_at)} for row in parked
    ]
    tables["stored_file"] = [
        {"key": row.key, "name": row.name, "size": row.size, "created_at": _plain(row.created_at)}
        for row in await stored_files.of_people(session, persons)
    ]
    return {"customer_ids": persons, "exported_at": now.isoformat(), "tables": tables}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


async def erase_person(
    session: AsyncSession, customer_id: int, *, now: datetime, erased_by: str, wish: Wish | None = None
) -> Erased:
    """Delete every row of the person and leave a tombstone; raises NotFound.

    On disk the words are gone once `scrub` ran after the commit. The answer to the `wish` that asked for it is kept.
    """
    return await _erase(session, await records_of(session, customer_id), now, erased_by, wish)


async def erase_again(session: AsyncSession, erased: Mapping[int, datetime], *, erased_by: str) -> int:
    """Erase who comes back with a restored backup; how many did. `erased` is customer id to time of erasure."""
    known = await tombstones(session)
    for customer_id, erased_at in sorted(erased.items()):
        if customer_id not in known:
            # Exactly these records: a merge that the backup still holds may have been undone since.
            await _erase(session, [customer_id], erased_at, erased_by)
    return len(erased.keys() - known.keys())


async def _erase(
    session: AsyncSession, persons: list[int], now: datetime, erased_by: str, wish: Wish | None = None
) -> Erased:
    await session.flush()
    gone: dict[str, int] = {}
    parked = [row.id for row in await _parked_of(session, persons)]
    await desk_erasing.leave(session, persons)
    await _empty_audit(session, persons)
    await kept_answers.empty(session, but=wish)
    files = await stored_files.forget_people(session, persons)
    # From the leaves to the root, and all by name: nothing depends on what the database cascades.
    turns = {table.name: turn for turn, table in enumerate(METADATA.sorted_tables)}
    for name in sorted(PERSONAL, key=lambda each: (each != "timer", -turns[each])):
        done = await session.execute(delete(METADATA.tables[name]).where(belongs(name, persons)))
        gone[name] = cast("CursorResult[Any]", done).rowcount
    await search_index.forget_for_good(session)
    await session.execute(delete(ParkedUpdate).where(ParkedUpdate.id.in_(parked)))
    gone |= {"parked_update": len(parked), "stored_file": len(files)}
    tombs = [{"customer_id": each, "erased_at": now, "erased_by": erased_by[:128]} for each in persons]
    await session.execute(insert(Erasure), tombs)
    session.expunge_all()  # what was read before is out of date
    return Erased(tuple(persons), {name: count for name, count in gone.items() if count}, tuple(files))


async def _parked_of(session: AsyncSession, persons: Collection[int]) -> list[ParkedUpdate]:
    rows = await session.execute(
        select(Identity.channel, Identity.address).where(Identity.customer_id.in_(persons))
    )
    places = {tuple(row) for row in rows}
    parked = await session.scalars(select(ParkedUpdate).order_by(ParkedUpdate.id))
    return [
        row
        for row in parked
        if (row.body.get("channel"), row.body.get("address")) in places
        or row.body.get("customer_id") in persons
    ]


async def _empty_audit(session: AsyncSession, persons: Collection[int]) -> None:
    conversations = await session.scalars(
        select(Conversation.id).where(Conversation.customer_id.in_(persons))
    )
    named = [("customer", each) for each in persons] + [("conversation", each) for each in conversations]
    subjects = [f"{kind}{sign}{number}" for kind, number in named for sign in ":/ "]
    for start in range(0, len(subjects), MOST_AT_ONCE):
        some = subjects[start : start + MOST_AT_ONCE]
        await session.execute(update(AuditEntry).where(AuditEntry.subject.in_(some)).values(detail={}))


async def scrub(store: Store) -> None:
    """Make what was deleted unreadable in the database's files too. For the process that owns an SQLite file.

    SQLite: secure_delete has overwritten the pages, and the log that still held them is emptied. PostgreSQL:
    VACUUM frees the dead rows; its own log and its backups age by their own rules.
    """
    if not store.is_sqlite:
        engine = store.writer.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text("VACUUM"))
        return
    async with store.writer.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        cursor = await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # not possible inside a transaction
        busy = (await cursor.fetchone())[0]
        await cursor.close()
    if busy:
        raise StoreUnusable("somebody still reads the state before the erasure; try again in a moment")


async def allow_profiling(session: AsyncSession, customer_id: int, *, allowed: bool, now: datetime) -> None:
    """Write down the person's wish; who objects (Art. 21 GDPR) loses their scores at once. Raises NotFound."""
    await session.flush()
    persons = await records_of(session, customer_id)
    await session.execute(
        update(Customer)
        .where(Customer.id.in_(persons), Customer.profiling_allowed != allowed)
        .values(profiling_allowed=allowed, updated_at=now, version=Customer.version + 1)
        .execution_options(synchronize_session=False)
    )
    if not allowed:
        await session.execute(delete(CustomerScore).where(CustomerScore.customer_id.in_(persons)))
    session.expunge_all()  # what was read before is out of date


async def count_resolved(session: AsyncSession, *, before: datetime) -> int:
    """How many conversations were resolved before then: those that `delete_resolved` would delete."""
    old = select(func.count()).where(
        Conversation.status == Status.RESOLVED, Conversation.resolved_at < before
    )
    return await session.scalar(old) or 0


async def delete_resolved(session: AsyncSession, *, before: datetime, limit: int = MOST_AT_ONCE) -> int:
    """Delete conversations resolved before then, the oldest first; how many went: `limit` means there may be more.

    Their ratings stay as numbers without a conversation, so that satisfaction keeps its history. What requests were
    answered is kept no longer than conversations are.
    """
    await kept_answers.empty(session, before=before)
    old = (
        select(Conversation.id)
        .where(Conversation.status == Status.RESOLVED, Conversation.resolved_at < before)
        .order_by(Conversation.resolved_at)
        .limit(limit)
    )
    await session.flush()
    going = list(await session.scalars(old))
    if not going:
        return 0
    await session.execute(
        update(Rating)
        .where(Rating.conversation_id.in_(going))
        .values(conversation_id=None, request_id=None)
        .execution_options(synchronize_session=False)
    )
    await stored_files.forget_conversations(session, going)
    requests = select(RatingRequest.id).where(RatingRequest.conversation_id.in_(going))
    for kinds, subjects in ((CONVERSATION_TIMERS, going), (RATING_TIMERS, requests)):
        await session.execute(delete(Timer).where(Timer.kind.in_(kinds), Timer.subject_id.in_(subjects)))
    await session.execute(
        delete(Conversation).where(Conversation.id.in_(going)).execution_options(synchronize_session=False)
    )
    session.expunge_all()  # what was read before is out of date
    return len(going)


async def tombstones(session: AsyncSession) -> dict[int, datetime]:
    """The ids of erased customers and when each was erased."""
    rows = await session.execute(select(Erasure.customer_id, Erasure.erased_at))
    return {int(row[0]): row[1] for row in rows}
