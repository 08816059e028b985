"""How far agents have read, on whichever device, and who writes at this moment. Session first; nothing commits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import signals
from crm_store.lifecycle import HELD_BY_PERSON, Status
from crm_store.models.base import table_of
from crm_store.models.casework import DeskMark
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Identity
from crm_store.models.staff import Agent
from crm_store.signals import Topic
from crm_store.typing_signs import shortened
from crm_store.upserts import insert_into

TYPING_LASTS = timedelta(seconds=12)
"""Whoever goes on writing says so again before."""

_ENDED = (
    update(table_of(DeskMark))
    .where(DeskMark.conversation_id == bindparam("of"), DeskMark.agent_id == bindparam("agent"))
    .where(DeskMark.typing_at.is_not(None))
    .values(typing_at=None)
)


async def _put(session: AsyncSession, rows: list[dict[str, Any]], changed: Mapping[str, Any]) -> None:
    added = insert_into(session, DeskMark).values(rows)
    values = {name: change(added.excluded) for name, change in changed.items()}
    await session.execute(
        added.on_conflict_do_update(index_elements=["conversation_id", "agent_id"], set_=values)
    )


async def note_seen(session: AsyncSession, agent_id: int, seen: Mapping[int, int]) -> None:
    """The agent has read these conversations up to these messages; what was read once stays read."""
    wanted = select(Conversation.id).where(Conversation.id.in_(sorted(seen)))
    known = sorted(await session.scalars(wanted))
    rows = [{"conversation_id": each, "agent_id": agent_id, "seen_message_id": seen[each]} for each in known]
    if not rows:
        return
    own = DeskMark.seen_message_id

    def later(added: Any) -> Any:
        return case((added.seen_message_id > own, added.seen_message_id), else_=own)

    await _put(session, rows, {"seen_message_id": later})


async def seen_by(session: AsyncSession, agent_id: int, conversations: Iterable[int]) -> dict[int, int]:
    """The last message the agent has read, for those of these conversations they opened."""
    query = select(DeskMark.conversation_id, DeskMark.seen_message_id).where(
        DeskMark.agent_id == agent_id, DeskMark.conversation_id.in_(sorted(conversations))
    )
    return {conversation: message for conversation, message in await session.execute(query)}  # noqa: C416


@dataclass(frozen=True, slots=True)
class Reached:
    """The customer an agent writes to: their lane, and what they know the agent as (empty: they were told no name)."""

    lane: str
    name: str


async def note_typing(
    session: AsyncSession, agent_id: int, conversation_id: int, *, is_typing: bool, now: datetime
) -> Reached | None:
    """The agent is writing in this conversation now, or no longer; others are told when that begins or ends.

    The customer, where this agent's reply would reach them.
    """
    query = select(Conversation, Identity.channel, Identity.address).join(Identity)
    found = (await session.execute(query.where(Conversation.id == conversation_id))).one_or_none()
    if found is None:
        return None
    mine = (DeskMark.conversation_id == conversation_id) & (DeskMark.agent_id == agent_id)
    before = await session.scalar(select(DeskMark.typing_at).where(mine))
    was_typing = before is not None and before > now - TYPING_LASTS
    at = now if is_typing else None
    row = {"conversation_id": conversation_id, "agent_id": agent_id, "seen_message_id": 0, "typing_at": at}
    await _put(session, [row], {"typing_at": lambda added: added.typing_at})
    if is_typing != was_typing:
        signals.notify(session, Topic.CONVERSATIONS)
    conversation, channel, address = found
    is_others = conversation.status in HELD_BY_PERSON and conversation.agent_id != agent_id
    if is_others or conversation.status == Status.RESOLVED:
        return None
    is_known = conversation.status in HELD_BY_PERSON  # who holds it was named when they joined
    name = await session.scalar(select(Agent.public_name).where(Agent.id == agent_id))
    return Reached(f"{channel}:{address}", shortened(name) if name and is_known else "")


async def end_typing(session: AsyncSession, agent_id: int, conversation_id: int) -> None:
    """The agent has said what they were writing; whoever tells of that lets others hear of it."""
    await session.execute(_ENDED, {"agent": agent_id, "of": conversation_id})


async def typing_in(
    session: AsyncSession, conversation_id: int, *, besides: int | None, now: datetime
) -> list[str]:
    """The names of others who are writing in it at this moment."""
    query = (
        select(Agent.name)
        .join(DeskMark, DeskMark.agent_id == Agent.id)
        .where(
            DeskMark.conversation_id == conversation_id,
            DeskMark.typing_at > now - TYPING_LASTS,
            DeskMark.agent_id.is_distinct_from(besides),
        )
        .order_by(func.lower(Agent.name))
    )
    return list(await session.scalars(query))
