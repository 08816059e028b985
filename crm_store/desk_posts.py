"""The outbox towards the staff group: claimed customer by customer, so that what waits for one is posted together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import signals
from crm_store.desk_load import IS_UNSENT, goes_to
from crm_store.desk_turns import BEHIND, NOW, PRESSED, can_go, parameters, turn
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation
from crm_store.models.plumbing import ERRANDS, DeskPost, DeskTopic
from crm_store.signals import Topic

WITH_STAFF = (Status.QUEUED, Status.ASSIGNED, Status.WAITING_CUSTOMER, Status.SNOOZED)
AT_ONCE = 50
LEASE = timedelta(minutes=10)
"""A claim older than this was left behind by a process that died."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Something to post now."""

    id: int
    conversation_id: int
    customer_id: int
    message_id: int | None
    agent_id: int | None
    kind: str
    text: str
    attempts: int
    created_at: datetime
    calls_done: int = 0


CLAIMED = tuple(getattr(DeskPost, name) for name in Claimed.__slots__)


async def claim(
    session: AsyncSession,
    *,
    chat: str,
    now: datetime,
    chats: Sequence[str] = (),
    in_turn: bool = False,
    behind: Collection[int] = (),
    has_spare: bool = True,
) -> list[Claimed]:
    """What is due for the customer who is next, oldest first, marked 'sending'.

    First go the card an agent has just pressed a button of and what did not arrive of an agent's words, then words
    for an agent who is serving somebody, then cards that only have to be redrawn: in a rush of new customers agents
    would see nothing of what they do, and hear nothing more of those they serve. What is left of conversations that
    are over comes last. With `in_turn` the oldest goes first that is of a live one: asked for every few rounds, it
    leaves nobody behind. `chats` are all that share the customers; those of `behind` come after everybody else.
    Where the chat `has_spare` messages this minute, SPARE cards go too.
    """
    query = _due(chat, tuple(chats), in_turn=in_turn, are_behind=bool(behind), has_spare=has_spare)
    claimed = [Claimed(*row) for row in await session.execute(query, parameters(now, behind))]
    if claimed:
        await _mark_sending(session, [post.id for post in claimed], now)
    return claimed


@lru_cache(maxsize=256)
def _due(
    chat: str, chats: tuple[str, ...], *, in_turn: bool, are_behind: bool, has_spare: bool
) -> Select[*tuple[Any, ...]]:
    """What `claim` finds. Made once: to build it costs several times what it costs to run."""
    may_go = can_go(are_behind=are_behind, has_spare=has_spare)
    if len(chats) > 1:
        may_go &= goes_to(chat, chats, NOW)
    p, next_customer = DeskPost, _next_customer(turn(chat), in_turn, are_behind, may_go)
    return (
        select(*CLAIMED)
        .join(Conversation, Conversation.id == p.conversation_id)
        .where(IS_UNSENT, p.delivery == "pending", p.customer_id == next_customer, may_go)
        .order_by(p.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=p)
    )


async def _mark_sending(session: AsyncSession, ids: Sequence[int], now: datetime) -> None:
    await session.execute(
        update(DeskPost)
        .where(DeskPost.id.in_(ids))
        .values(delivery="sending", next_try_at=now + LEASE, attempts=DeskPost.attempts + 1)
        .execution_options(synchronize_session=False)
    )


def _next_customer(
    soon: ColumnElement[int], in_turn: bool, are_behind: bool, may_go: ColumnElement[bool]
) -> ScalarSelect[int]:
    query = (
        select(DeskPost.customer_id)
        .join(Conversation, Conversation.id == DeskPost.conversation_id)
        .where(IS_UNSENT, DeskPost.delivery == "pending", may_go)
        .limit(1)
    )
    if are_behind:
        query = query.order_by(DeskPost.customer_id.in_(BEHIND))
    query = query.order_by(case((soon > 2, soon), else_=0) if in_turn else soon, DeskPost.id)
    return query.correlate(None).scalar_subquery()


async def hurry(session: AsyncSession, conversation_id: int) -> None:
    """An agent did something with this conversation by hand, and waits to see it on its card."""
    p = DeskPost
    await session.execute(
        update(p)
        .where(IS_UNSENT, p.delivery == "pending", p.kind == "card", p.conversation_id == conversation_id)
        .values(text=PRESSED)
        .execution_options(synchronize_session=False)
    )


async def mark_sent(session: AsyncSession, ids: Sequence[int], *, platform_id: str | None) -> None:
    """These are posted."""
    await session.execute(
        update(DeskPost)
        .where(DeskPost.id.in_(ids))
        .values(delivery="sent", platform_id=platform_id, next_try_at=None, error=None)
        .execution_options(synchronize_session=False)
    )


async def note_calls(session: AsyncSession, ids: Sequence[int]) -> None:
    """One more of the calls that each of these takes was made."""
    if not ids:
        return
    await session.execute(
        update(DeskPost)
        .where(DeskPost.id.in_(ids))
        .values(calls_done=DeskPost.calls_done + 1)
        .execution_options(synchronize_session=False)
    )


async def mark_failed(
    session: AsyncSession, ids: Sequence[int], *, error: str, retry_at: datetime | None
) -> None:
    """These are not: again at `retry_at`, or never. Without an `error` they only wait for something else."""
    await session.execute(
        update(DeskPost)
        .where(DeskPost.id.in_(ids))
        .values(delivery="pending" if retry_at else "dead", error=error[:256] or None, next_try_at=retry_at)
        .execution_options(synchronize_session=False)
    )


async def recover(session: AsyncSession, *, now: datetime, everything: bool, is_errands: bool = False) -> int:
    """Try again what a process left behind: staff may see a post twice, but never miss one."""
    kinds = DeskPost.kind.in_(ERRANDS) if is_errands else DeskPost.kind.not_in(ERRANDS)
    query = update(DeskPost).where(IS_UNSENT, DeskPost.delivery == "sending", kinds)
    if not everything:
        # A lease longer than one given now was given while the clock was ahead.
        query = query.where(or_(DeskPost.next_try_at <= now, DeskPost.next_try_at > now + LEASE))
    found = await session.execute(
        query.values(delivery="pending", next_try_at=None)
        .returning(DeskPost.id)
        .execution_options(synchronize_session=False)
    )
    return len(found.all())


async def put_back(session: AsyncSession, ids: Sequence[int]) -> None:
    """Nobody is about these any more, and how they ended was not written down: they are tried again."""
    await session.execute(
        update(DeskPost)
        .where(DeskPost.id.in_(ids), DeskPost.delivery == "sending")
        .values(delivery="pending", next_try_at=None)
        .execution_options(synchronize_session=False)
    )


async def next_due_at(session: AsyncSession) -> datetime | None:
    """When the next postponed post may go, or None."""
    query = select(func.min(DeskPost.next_try_at)).where(IS_UNSENT, DeskPost.delivery == "pending")
    return await session.scalar(query)


async def unsent(session: AsyncSession) -> int:
    """How many wait."""
    query = select(func.count()).select_from(DeskPost).where(IS_UNSENT)
    return int(await session.scalar(query) or 0)


async def add(
    session: AsyncSession,
    *,
    conversation_id: int,
    customer_id: int,
    kind: str,
    now: datetime,
    message_id: int | None = None,
    agent_id: int | None = None,
    text: str = "",
    platform_id: str | None = None,
    due_at: datetime | None = None,
) -> None:
    """A post about the conversation: waiting (for `due_at`, if given), or (with `platform_id`) already in the group."""
    session.add(
        DeskPost(
            conversation_id=conversation_id,
            customer_id=customer_id,
            kind=kind,
            message_id=message_id,
            agent_id=agent_id,
            text=text,
            delivery="sent" if platform_id else "pending",
            platform_id=platform_id,
            next_try_at=due_at,
            created_at=now,
        )
    )
    await session.flush()
    signals.notify(session, Topic.DESK)


async def catch_up(session: AsyncSession, *, chats: Sequence[str], now: datetime) -> int:
    """Cards for those who are with the staff but in none of these groups yet; how many.

    The group may have been set up, or moved, while they waited.
    """
    in_group = exists().where(
        DeskTopic.customer_id == Conversation.customer_id,
        DeskTopic.chat.in_(chats),
        DeskTopic.card_platform_id.is_not(None),
    )
    on_the_way = exists().where(
        DeskPost.conversation_id == Conversation.id, DeskPost.delivery.in_(("pending", "sending"))
    )
    query = select(Conversation.id, Conversation.customer_id).where(
        Conversation.status.in_(WITH_STAFF), ~in_group, ~on_the_way
    )
    missing = (await session.execute(query.order_by(Conversation.id))).all()
    for conversation_id, customer_id in missing:
        await add(session, conversation_id=conversation_id, customer_id=customer_id, kind="card", now=now)
    return len(missing)
