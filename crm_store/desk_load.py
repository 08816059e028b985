"""How several staff chats share the customers, and what waits for one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.orm.util import AliasedClass

from crm_store import key_values
from crm_store.desk import BACK_IN_LINE, FOR_ONE, GIVEN, TAKEN_OVER, WOKEN
from crm_store.desk_there import chat_there
from crm_store.lifecycle import Status
from crm_store.models.base import Moment
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer
from crm_store.models.plumbing import ERRANDS, DeskPost, DeskTopic
from crm_store.models.staff import Agent

CALLS = (GIVEN, WOKEN, BACK_IN_LINE, TAKEN_OVER)
Posts = type[DeskPost] | AliasedClass[DeskPost]
_SPENT, _PAUSED = "staff_group_spent:", "staff_group_paused:"


def is_unsent(post: Posts = DeskPost) -> ColumnElement[bool]:
    """Whether it is still to be posted.

    Said beside every other condition: only in these very words does SQLite see that the index of what is unsent will
    do, and does not read all that was ever posted, each second.
    """
    return post.delivery.in_((literal_column("'pending'"), literal_column("'sending'")))


IS_UNSENT = is_unsent()
IS_OVER = Conversation.status.in_((Status.BOT, Status.RESOLVED))
"""Nobody of the staff has to see to the conversation."""


def goes_to(chat: str, chats: Sequence[str], now: Moment) -> ColumnElement[bool]:
    """Whether a post (joined with its conversation) is this chat's among `chats`: it goes where its customer is served,
    but what is for one agent alone into their private chat, if that is among them."""
    private = [one for one in chats if not one.startswith("-")]
    home = served_by(chat, chats, now)
    if not private:
        return home
    own = _chat_of(DeskPost.agent_id)
    return case((DeskPost.kind.in_(FOR_ONE) & own.in_(private), own == chat), else_=home)


def served_by(
    chat: str, chats: Sequence[str], now: Moment, customer_id: Any = DeskPost.customer_id
) -> ColumnElement[bool]:
    """Whether a post (joined with its conversation), or this customer of a conversation, is this chat's among `chats`.

    A customer stays where their first topic is; new ones are dealt out in turn. Who is served by an agent whose
    private chat is among them is served there, and so is who waits for such an agent alone, unless a group has them,
    where all go on seeing what they write. Who waits for anybody in a private chat is in one whose agent is online.
    """
    topic, c = aliased(DeskTopic), Conversation
    first = (
        select(topic.chat)
        .where(topic.customer_id == customer_id, topic.chat.in_(chats))
        .order_by(topic.id)
        .limit(1)
        .scalar_subquery()
    )
    turn = customer_id % len(chats)
    home = case((first.is_not(None), first == chat), else_=turn == list(chats).index(chat))
    private = [one for one in chats if not one.startswith("-")]
    if not private:
        return home
    turns = [n for n, one in enumerate(chats) if one in private]
    is_home_private = case((first.is_not(None), first.in_(private)), else_=turn.in_(turns))
    holder, meant = _chat_of(c.agent_id), _chat_of(c.meant_for_id)
    is_kept = (c.meant_until > now) & is_home_private & meant.in_(private)
    there = chat_there(private, now, customer_id)
    is_waiting = (c.status == Status.QUEUED) & is_home_private & there.is_not(None)
    return case(
        (holder.in_(private), holder == chat),
        (is_kept, meant == chat),
        (is_waiting, there == chat),
        else_=home,
    )


def _chat_of(agent_id: InstrumentedAttribute[int | None]) -> ScalarSelect[str]:
    """An agent's private chat."""
    return select(cast(Agent.telegram_user_id, String)).where(Agent.id == agent_id).scalar_subquery()


async def note_spent(session: AsyncSession, chat: str, moments: Sequence[datetime]) -> None:
    """Keep when the last messages went into this chat: its budget of a minute outlives the process that posts."""
    await _keep(session, _SPENT + chat, moments)


async def note_pause(session: AsyncSession, chat: str, until: datetime, *, now: datetime) -> None:
    """Keep until when the platform asked to leave this chat alone: that outlives the process, too."""
    await _keep(session, _PAUSED + chat, [now, until])


async def spent(session: AsyncSession, chat: str) -> list[datetime]:
    """When the last messages went into this chat, as far as they were noted."""
    return await _kept(session, _SPENT + chat)


async def pause_left(session: AsyncSession, chat: str, *, now: datetime) -> timedelta:
    """How long this chat is still to be left alone; nothing where that is over or was never asked.

    Never longer than was asked for: the clock may have been ahead when that was noted.
    """
    moments = await _kept(session, _PAUSED + chat)
    if len(moments) != 2:
        return timedelta()
    noted_at, until = moments
    return max(timedelta(), min(until - now, until - noted_at))


async def _keep(session: AsyncSession, key: str, moments: Sequence[datetime]) -> None:
    await key_values.keep(session, key, " ".join(f"{moment.timestamp():.3f}" for moment in moments))


async def _kept(session: AsyncSession, key: str) -> list[datetime]:
    kept = await key_values.known(session, key) or ""
    return [datetime.fromtimestamp(float(part), UTC) for part in kept.split()]


@dataclass(frozen=True, slots=True)
class Failing:
    """Posts that failed and are tried again: how many, since when the first of them waits, and why the last did."""

    count: int
    since: datetime
    error: str


async def failing(session: AsyncSession) -> Failing | None:
    """What could not be posted to the staff's chats so far, None where that is nothing."""
    p = DeskPost
    has_failed = (IS_UNSENT, p.kind.not_in(ERRANDS), p.error.is_not(None))
    count, since = (
        await session.execute(select(func.count(), func.min(p.created_at)).where(*has_failed))
    ).one()
    if not count:
        return None
    last = select(p.error).where(*has_failed).order_by(p.next_try_at.desc(), p.id.desc()).limit(1)
    return Failing(count, since, str(await session.scalar(last)))


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be posted about one customer."""

    customer_id: int
    name: str | None
    status: str
    messages: int
    last_words: str | None
    thread: str | None
    """Their topic, where they have one."""
    card: str | None = None
    """Their card, where it stands in this chat already."""
    last_kind: str | None = None
    """Of the last message: 'text', 'photo', ..."""
    last_attachment: dict[str, Any] | None = None
    agent: str | None = None
    """Who has the conversation."""


@dataclass(frozen=True, slots=True)
class Load:
    """Of how many customers something waits to be posted in a chat."""

    customers: int
    others: int
    """Of them all but those whose posts are being sent at this moment."""
    unplaced: int
    """Of them those with neither topic nor card there."""


MOST_TOLD = 100
_TOLD = ("message", "card", "edit", "unanswered", *CALLS)


async def load(session: AsyncSession, *, chat: str, chats: Sequence[str], now: Moment) -> Load:
    """How many customers of this chat there is something new about."""
    found = _due(chat, chats, now).subquery().c
    unplaced = found.thread.is_(None) & found.card.is_(None)
    counts = (func.count(), func.count(case((found.pending > 0, 1))), func.count(case((unplaced, 1))))
    return Load(*(await session.execute(select(*counts))).one())


async def backlog(
    session: AsyncSession, *, chat: str, chats: Sequence[str], now: datetime, limit: int = MOST_TOLD
) -> list[Backlog]:
    """The same customers, who has waited longest first."""
    found = _due(chat, chats, now).order_by(func.min(DeskPost.id)).limit(limit).subquery()
    c = Conversation
    query = (
        select(
            found.c.customer_id,
            Customer.name,
            c.status,
            found.c.messages,
            Message.text,
            found.c.thread,
            found.c.card,
            Message.kind,
            Message.attachment,
            Agent.name,
        )
        .join(Customer, Customer.id == found.c.customer_id)
        .join(c, c.id == found.c.conversation_id)
        .outerjoin(Message, Message.id == found.c.last)
        .outerjoin(Agent, Agent.id == c.agent_id)
        .order_by(found.c.first)
    )
    return [Backlog(*row) for row in await session.execute(query)]


def _due(chat: str, chats: Sequence[str], now: Moment) -> Select[*tuple[Any, ...]]:
    """Customers with the number of their messages, the last and the first post, their topic and card."""
    p, c = DeskPost, Conversation
    is_pending = p.delivery == "pending"
    due = p.next_try_at.is_(None) | (p.next_try_at <= now) | ~is_pending
    own = goes_to(chat, chats, now) if len(chats) > 1 else p.id == p.id
    return (
        select(
            p.customer_id,
            func.max(p.conversation_id).label("conversation_id"),
            func.count(p.message_id).label("messages"),
            func.max(p.message_id).label("last"),
            func.min(p.id).label("first"),
            func.count(case((is_pending, p.id))).label("pending"),
            func.max(DeskTopic.thread).label("thread"),
            func.max(DeskTopic.card_platform_id).label("card"),
        )
        .join(c, c.id == p.conversation_id)
        .outerjoin(DeskTopic, (DeskTopic.customer_id == p.customer_id) & (DeskTopic.chat == chat))
        .where(IS_UNSENT, p.kind.in_(_TOLD), due, own, ~IS_OVER)
        .where(p.kind.in_(("message", "edit", *CALLS)) | (c.status == Status.QUEUED))
        .group_by(p.customer_id)
    )
