"""Two records of one person made one, and apart again.

What belonged to the merged record moves to the kept one, and `CustomerMerge.moved` remembers every row that did. The
merged record stays as an empty shell that points to the kept one, so that old ids and external numbers still lead to
the person, and an undone merge has somewhere to return to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store import desk, desk_matter
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.models.all import METADATA
from crm_store.models.casework import ConversationMerge
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer, CustomerMerge, Identity
from crm_store.models.knowledge import Gap
from crm_store.models.plumbing import DeskTopic
from crm_store.orders import refresh_counters

STAYING = {"customer_merge", "customer_score"}
"""The record of merges itself, and figures that the next computation replaces."""
FILLED = ("external_id", "name", "email", "phone", "age", "gender", "address", "language", "referred_by_id")
"""Fields that the kept record takes over where it has none."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge: its number (for undoing it) and how many rows of each table moved."""

    merge_id: int
    rows: dict[str, int]


async def merge(
    session: AsyncSession, *, kept_id: int, merged_id: int, now: datetime, merged_by: str
) -> Merged:
    """Make `merged_id` part of `kept_id`; either may be the older one.

    Raises NotFound; InvalidValue for one record twice; Conflict when one of them was merged into another already.
    """
    if kept_id == merged_id:
        raise InvalidValue(
            "a customer cannot be merged with themselves; name two records", kind="merge_themselves"
        )
    kept, merged = await _locked(session, kept_id, merged_id)
    _refuse_parts_of_others(kept, merged)
    moved: dict[str, Any] = {}
    for column in _columns():
        ids = await _rows_to_move(session, column, kept, merged)
        if ids:
            moved[f"{column.table.name}.{column.name}"] = ids
            await _move(session, column, ids, kept.id)
    before = await _unite(session, kept, merged, now)
    record = CustomerMerge(
        kept_id=kept.id,
        merged_id=merged.id,
        moved={"rows": moved, "fields": before},
        merged_at=now,
        merged_by=merged_by[:128],
    )
    session.add(record)
    await session.flush()
    await refresh_counters(session, {kept.id, merged.id})
    await _redraw(session, kept, "card", now)
    await _redraw(session, kept, "merged", now, text=str(merged.id))
    for customer in (kept, merged):
        await session.refresh(customer)
    return Merged(record.id, {name.split(".")[0]: len(ids) for name, ids in moved.items()})


def _refuse_parts_of_others(*customers: Customer) -> None:
    for customer in customers:
        if customer.merged_into_id is not None:
            raise Conflict(
                f"customer {customer.id} is part of customer {customer.merged_into_id} already; merge that one",
                kind="merged_already",
                number=customer.id,
                into=int(customer.merged_into_id),
            )


async def _unite(session: AsyncSession, kept: Customer, merged: Customer, now: datetime) -> dict[str, Any]:
    """Let `kept` take what it lacks; what it lacked before."""
    before = _fill(kept, merged)
    await session.flush()  # an external id is free before the other record takes it
    _take_over(kept, before)
    if "ban_reason" in before:
        kept.banned_at, kept.banned_until = merged.banned_at, merged.banned_until
    for customer in (kept, merged):
        customer.updated_at, customer.version = now, customer.version + 1
    merged.merged_into_id = kept.id
    return before


async def undo(session: AsyncSession, merge_id: int, *, now: datetime) -> None:
    """Take a merge back: every row that moved and still is where it went returns, and with an address all that was
    said there since; what else came later stays.

    Raises NotFound; Conflict when it was undone already, when the kept record was itself merged since, or when
    conversations of the two are one.
    """
    record = await session.get(CustomerMerge, merge_id, with_for_update=True)
    if record is None:
        raise NotFound(f"there is no merge {merge_id}")
    if record.undone_at is not None:
        raise Conflict(f"merge {merge_id} was undone already", kind="undone_already")
    kept, merged = await _locked(session, record.kept_id, record.merged_id)
    if kept.merged_into_id is not None:
        raise Conflict(
            f"customer {kept.id} was merged into customer {kept.merged_into_id} since; undo that merge first",
            kind="merged_since",
            number=kept.id,
            into=kept.merged_into_id,
        )
    await _refuse_joined(session, kept, record)
    columns = {f"{column.table.name}.{column.name}": column for column in _columns()}
    for name, ids in record.moved["rows"].items():
        await _move(session, columns[name], ids, merged.id, only_from=kept.id)
    await _let_conversations_go(session, kept, merged)
    _give_back(kept, record.moved["fields"])
    if kept.ban_reason is None:
        kept.banned_at = kept.banned_until = None
    await session.flush()
    if record.moved["fields"].get("external_id") and kept.external_id is None:
        merged.external_id = record.moved["fields"]["external_id"][1]
    merged.merged_into_id = None
    record.undone_at = now
    for customer in (kept, merged):
        customer.updated_at, customer.version = now, customer.version + 1
    await session.flush()
    await refresh_counters(session, {kept.id, merged.id})
    for customer in (kept, merged):
        await _redraw(session, customer, "card", now)
        await session.refresh(customer)


async def _redraw(
    session: AsyncSession, customer: Customer, kind: str, now: datetime, *, text: str = ""
) -> None:
    """What stands of them in the staff group is no longer true."""
    conversation = await desk_matter.open_conversation(session, customer.id)
    if conversation is not None:
        await desk.post(session, conversation, kind, now=now, text=text)


async def _refuse_joined(session: AsyncSession, kept: Customer, record: CustomerMerge) -> None:
    """Raises Conflict where words from both sides stand in one conversation: nobody could say whose it is."""
    going = set(record.moved["rows"].get("identity.customer_id", ()))
    into, gone = aliased(Conversation), aliased(Conversation)
    query = (
        select(ConversationMerge, into.identity_id, gone.identity_id)
        .join(into, into.id == ConversationMerge.kept_id)
        .join(gone, gone.id == ConversationMerge.merged_id)
        .where(into.customer_id == kept.id, ConversationMerge.undone_at.is_(None))
        .order_by(ConversationMerge.id)
    )
    for joined, present, other in (await session.execute(query)).all():
        own = joined.moved.get("identity_id", present)
        if (own in going) != (other in going):
            raise Conflict(
                f"conversation {joined.merged_id} was merged into {joined.kept_id} since; take them apart first",
                kind="conversations_joined",
                number=joined.merged_id,
                into=joined.kept_id,
            )


async def _let_conversations_go(session: AsyncSession, kept: Customer, merged: Customer) -> None:
    """Conversations at an address that went back are of who writes from there, and so is all that belongs to them."""
    theirs = select(Identity.id).where(Identity.customer_id == merged.id)
    moving = update(Conversation).where(
        Conversation.customer_id == kept.id, Conversation.identity_id.in_(theirs)
    )
    await session.execute(moving.values(customer_id=merged.id).execution_options(synchronize_session=False))
    conversations = select(Conversation.id).where(Conversation.customer_id == merged.id)
    gaps = select(Gap.id).where(Gap.conversation_id.in_(conversations))
    for column in _columns():
        table = column.table
        for name, owned in (("conversation_id", conversations), ("gap_id", gaps)):
            if name in table.c:
                along = update(table).where(column == kept.id, table.c[name].in_(owned))
                await session.execute(along.values({column: merged.id}))


async def merges_of(session: AsyncSession, customer_id: int) -> list[CustomerMerge]:
    """The merges the record took part in, the newest first."""
    either = (CustomerMerge.kept_id == customer_id) | (CustomerMerge.merged_id == customer_id)
    return list(await session.scalars(select(CustomerMerge).where(either).order_by(CustomerMerge.id.desc())))


async def _locked(session: AsyncSession, kept_id: int, merged_id: int) -> tuple[Customer, Customer]:
    """Both records, locked in the order of their ids, so that two merges at once cannot block each other."""
    rows = await session.scalars(
        select(Customer)
        .where(Customer.id.in_((kept_id, merged_id)))
        .order_by(Customer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {customer.id: customer for customer in rows}
    for customer_id in (kept_id, merged_id):
        if customer_id not in found:
            raise NotFound(f"there is no customer {customer_id}")
    return found[kept_id], found[merged_id]


def _columns() -> Iterator[Column[Any]]:
    """Every column that refers to a customer and moves with them."""
    customer = METADATA.tables["customer"]
    for table in METADATA.sorted_tables:
        for key in table.foreign_keys:
            own_pointer = table is customer and key.parent.name == "merged_into_id"
            if key.column.table is customer and table.name not in STAYING and not own_pointer:
                yield key.parent


async def _rows_to_move(
    session: AsyncSession, column: Column[Any], kept: Customer, merged: Customer
) -> list[int]:
    table = column.table
    wanted = select(table.c.id).where(column == merged.id).order_by(table.c.id)
    if table.name == DeskTopic.__tablename__:  # a customer has one topic in a staff group: the kept one's
        wanted = wanted.where(table.c.chat.not_in(select(table.c.chat).where(column == kept.id)))
    if table.name == Customer.__tablename__:  # nobody has referred themselves
        wanted = wanted.where(table.c.id != kept.id)
    return [int(each) for each in await session.scalars(wanted)]


async def _move(
    session: AsyncSession, column: Column[Any], ids: list[int], to: int, *, only_from: int | None = None
) -> None:
    for start in range(0, len(ids), _AT_ONCE):
        moving = update(column.table).where(column.table.c.id.in_(ids[start : start + _AT_ONCE]))
        if only_from is not None:
            moving = moving.where(column == only_from)
        await session.execute(moving.values({column: to}))


def _fill(kept: Customer, merged: Customer) -> dict[str, list[Any]]:
    """Which fields of the kept record change: name to [before, after]."""
    changes: dict[str, list[Any]] = {}
    for name in FILLED:
        value = getattr(merged, name)
        if (
            getattr(kept, name) is None
            and value is not None
            and not (name == "referred_by_id" and value == kept.id)
        ):
            changes[name] = [None, value]
    if kept.profiling_allowed and not merged.profiling_allowed:  # an objection holds for the whole person
        changes["profiling_allowed"] = [True, False]
    if kept.banned_at is None and merged.banned_at is not None:  # so does a ban
        changes |= {
            name: [None, getattr(merged, name)] for name in ("banned_by", "ban_reason", "ban_is_shadow")
        }
    attributes = {**merged.attributes, **kept.attributes}
    if attributes != kept.attributes:
        changes["attributes"] = [kept.attributes, attributes]
    if "external_id" in changes:
        merged.external_id = None
    return changes


def _take_over(kept: Customer, changes: dict[str, list[Any]]) -> None:
    for name, (_, after) in changes.items():
        setattr(kept, name, after)


def _give_back(kept: Customer, changes: dict[str, list[Any]]) -> None:
    """Undo the changes that nobody has changed since."""
    for name, (before, after) in changes.items():
        if getattr(kept, name) == after and name != "profiling_allowed":
            setattr(kept, name, before)
