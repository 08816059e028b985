"""Where in the queue those stand whose cards are in a staff chat: over all, and among the cards there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import attendance, queue_rules
from crm_store.desk_load import IS_UNSENT, served_by
from crm_store.desk_matter import is_shown
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation
from crm_store.models.plumbing import DeskPost, DeskTopic
from crm_store.models.staff import Agent
from crm_store.queue import IN_ORDER, IS_QUEUED, why_next
from crm_store.queueing import Reason


@dataclass(frozen=True, slots=True)
class WaitingCard:
    """A card in a chat whose customer waits, and what it should tell of that."""

    conversation_id: int
    customer_id: int
    card: str
    place: int
    """In the whole queue, from 1."""
    place_here: int
    """Among the cards in this chat, from 1."""
    why_next: tuple[Reason, ...]
    meant_for: str | None
    meant_for_is_there: bool


async def waiting_cards(
    session: AsyncSession,
    chat: str,
    chats: Sequence[str],
    *,
    now: datetime,
    first: int,
    besides: Collection[str] = (),
) -> list[WaitingCard]:
    """The `first` of this chat, next first; `besides` them these cards, and those of who waits for one agent.

    Not where the card shows another conversation of the customer, nor where it is about to be drawn anyway.
    """
    here = _in_chat(chat, chats, now).subquery().c
    c, p = Conversation, DeskPost
    is_wanted = or_(here.place_here <= first, here.card.in_(list(besides)), c.meant_for_id.is_not(None))
    query = (
        select(c, Agent, here.card, here.place, here.place_here)
        .join(here.place.table, here.id == c.id)
        .outerjoin(Agent, Agent.id == c.meant_for_id)
        .where(is_wanted, is_shown(), ~exists().where(IS_UNSENT, p.customer_id == c.customer_id))
        .order_by(here.place)
    )
    rows = await session.execute(query)
    hours = (await queue_rules.counted_hours(session)).calendars
    return [
        _told(one, meant, card, (place, rank), why_next(one, hours, now), now)
        for one, meant, card, place, rank in rows
    ]


async def place_here(
    session: AsyncSession, conversation: Conversation, chat: str, chats: Sequence[str], *, now: datetime
) -> int | None:
    """Which of the chat's cards is next before it, and so on, from 1; None when it does not wait."""
    if conversation.status != Status.QUEUED:
        return None
    own = (conversation.ranked_at, conversation.queued_at, conversation.id)
    before = _cards(select(func.count()), chat, chats, now)
    before = before.where(tuple_(*IN_ORDER) < tuple_(*map(literal, own)))
    return 1 + int(await session.scalar(before) or 0)


def _in_chat(chat: str, chats: Sequence[str], now: datetime) -> Select[*tuple[Any, ...]]:
    """Everybody who waits and has a card in the chat, with both places."""
    c = Conversation
    everybody = (
        select(c.id, func.row_number().over(order_by=IN_ORDER).label("place"))
        .where(IS_QUEUED)
        .subquery("everybody")
        .c
    )
    columns = (
        c.id,
        everybody.place,
        DeskTopic.card_platform_id.label("card"),
        func.row_number().over(order_by=everybody.place).label("place_here"),
    )
    return _cards(select(*columns), chat, chats, now).join(everybody.place.table, everybody.id == c.id)


def _cards(
    query: Select[*tuple[Any, ...]], chat: str, chats: Sequence[str], now: datetime
) -> Select[*tuple[Any, ...]]:
    """The query, from conversations that wait and whose customers' cards stand in the chat."""
    c, t = Conversation, DeskTopic
    query = query.select_from(c).join(t, (t.customer_id == c.customer_id) & (t.chat == chat))
    query = query.where(IS_QUEUED, t.card_platform_id.is_not(None))
    return query.where(served_by(chat, chats, now, c.customer_id)) if len(chats) > 1 else query


def _told(
    one: Conversation,
    meant: Agent | None,
    card: str,
    places: tuple[int, int],
    why: tuple[Reason, ...],
    now: datetime,
) -> WaitingCard:
    is_there = meant is not None and attendance.is_there(meant, now)
    name = meant.name if meant is not None else None
    return WaitingCard(one.id, one.customer_id, card, *places, why, name, is_there)
